package main

import (
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/session"
)

// BenchmarkRetention measures, with 20,000 sessions of an organisation on
// SQLite, a sweep that finds nothing, the counts that the settings page shows,
// and the sessions a second that each pass goes through.
func BenchmarkRetention(b *testing.B) {
	const sessions = 20000
	a, _, _, _ := crowdedOffice(b, sessions, 0)
	orgs, err := a.access.Orgs(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	t := kyc.Tenant{Org: orgs[0].ID, Env: kyc.Live}
	put := func(r kyc.Retention) {
		b.Helper()
		s := kyc.DefaultSettings()
		s.Retention = r
		if _, err := a.access.SetSettings(b.Context(), t, s, kyc.SystemActor("test")); err != nil {
			b.Fatal(err)
		}
	}
	put(kyc.Retention{Days: 3000, SensitiveDays: 2000, Auto: true})
	b.Run("nothing due", func(b *testing.B) {
		for b.Loop() {
			if got, err := a.sessions.SweepTenant(b.Context(), t); err != nil || got != (session.Swept{}) {
				b.Fatal(got, err)
			}
		}
	})
	b.Run("count all", func(b *testing.B) {
		for b.Loop() {
			if got, err := a.sessions.RetentionDue(b.Context(), t, kyc.Retention{Days: 1, Auto: true}); err != nil || got.Destroy < sessions*9/10 {
				b.Fatal(got, err)
			}
		}
	})
	for _, pass := range []struct {
		name  string
		rules kyc.Retention
	}{{"withhold", kyc.Retention{Days: 3000, SensitiveDays: 2, Auto: true}}, {"destroy", kyc.Retention{Days: 2, Auto: true}}} {
		b.Run(pass.name, func(b *testing.B) {
			n := 0
			begun := time.Now()
			for b.Loop() {
				put(pass.rules)
				got, err := a.sessions.SweepTenant(b.Context(), t)
				if err != nil {
					b.Fatal(err)
				}
				if n += got.Withheld + got.Destroyed; got.Withheld+got.Destroyed == 0 {
					break
				}
			}
			b.ReportMetric(float64(n)/time.Since(begun).Seconds(), "sessions/s")
		})
	}
}
