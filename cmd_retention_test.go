package main

import (
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/store"
)

// The commands say how the sweeps stand and confirm the clock, once.
func TestRetentionStatusAndConfirmCommands(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		dir, now := t.TempDir(), time.Now().UTC().Truncate(time.Second)
		org := kyc.Org{Meta: kyc.Meta{ID: kyc.NewID(now), Rev: 1, CreatedAt: now, UpdatedAt: now}, Name: "Acme"}
		org.Tenant.Org = org.ID
		live := kyc.Tenant{Org: org.ID, Env: kyc.Live}
		s := kyc.RetentionState{Meta: kyc.Meta{ID: kyc.RetentionStateID(live), Tenant: live, Rev: 1, CreatedAt: now, UpdatedAt: now}, TrustedAt: now.Add(-1000 * time.Hour), SeenAt: now, HeldAt: now,
			Observed: 4 * time.Hour, Damaged: []kyc.DamagedRow{{Kind: "session", ID: kyc.NewID(now), Since: now}}}
		stored := stored(t, dir, database)
		stored(func(db *store.DB) error { return db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org, &s}}) })
		run := func(want int, says string, args ...string) {
			t.Helper()
			code, out, complaint := call(t, append([]string{"retention", args[0], "--data", dir, "--database", database, "--org", "acme"}, args[1:]...)...)
			if code != want || !strings.Contains(out+complaint, says) {
				t.Errorf("%v: exit %d, want %d\n%s%s", args, code, want, out, complaint)
			}
		}
		run(0, "goes on after 20h0m0s", "status", "--env", "live")
		run(0, "damaged     session "+string(s.Damaged[0].ID), "status", "--env", "live")
		run(0, `"waits":true`, "status", "--env", "live", "--json")
		run(0, "last sweep  never", "status", "--env", "sandbox")
		run(exitUsage, "clock", "confirm", "--env", "live")
		run(exitError, "clock says", "confirm", "--env", "live", "--clock", now.Add(-2*time.Hour).Format(time.RFC3339))
		run(exitError, "no sweep waits", "confirm", "--env", "sandbox", "--clock", now.Format(time.RFC3339))
		run(0, "goes on", "confirm", "--env", "live", "--clock", now.Format(time.RFC3339))
		run(exitError, "no sweep waits", "confirm", "--env", "live", "--clock", now.Format(time.RFC3339))
		run(0, `"waits":false`, "status", "--env", "live", "--json")
		stored(func(db *store.DB) error {
			events, _, err := db.Events(t.Context(), live, kyc.EventFilter{Action: "retention.confirm"}, kyc.Page{})
			if err != nil || len(events) != 1 || events[0].Actor.ID != "cli" {
				t.Errorf("%+v, %v", events, err)
			}
			return nil
		})
	})
}

// stored opens the store of a command for the time of a function.
func stored(t *testing.T, dir, database string) func(func(*store.DB) error) {
	return func(f func(*store.DB) error) {
		t.Helper()
		if err := withStore(t.Context(), &Globals{Data: dir, Database: database}, func(db *store.DB, _ *access.Office) error { return f(db) }); err != nil {
			t.Fatal(err)
		}
	}
}

// The command makes a withheld session readable again, once, for a reason that
// the audit chain keeps.
func TestRetentionRestoreCommand(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		dir, now := t.TempDir(), time.Now()
		stored := stored(t, dir, database)
		meta := func(org kyc.ID, env kyc.Env) kyc.Meta {
			return kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: org, Env: env}, Rev: 1, CreatedAt: now, UpdatedAt: now}
		}
		org := kyc.Org{Name: "Acme"}
		org.Meta = meta("", "")
		org.Tenant.Org = org.ID
		person := kyc.Subject{Meta: meta(org.ID, kyc.Live), Kind: "individual", Status: kyc.SubjectApproved}
		s := kyc.Session{Meta: meta(org.ID, kyc.Live), Surface: kyc.SurfaceGraph, SubjectID: person.ID, Status: kyc.SessionApproved, CompletedAt: now, WithheldAt: now,
			Private: kyc.SessionData{Fields: map[string]any{"last_name": "Hals"}}}
		stored(func(db *store.DB) error {
			return db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org, &person, &s}})
		})

		restore := func(want int, says string, args ...string) {
			t.Helper()
			code, out, complaint := call(t, append([]string{"retention", "restore", "--data", dir, "--database", database, "--org", "acme"}, args...)...)
			if code != want || !strings.Contains(out+complaint, says) {
				t.Errorf("%v: exit %d, want %d\n%s%s", args, code, want, out, complaint)
			}
		}
		text := kyc.Dress("session", s.ID)
		restore(exitUsage, "is no session id", "nonsense", "--reason", "x")
		restore(exitUsage, "reason", text)
		restore(exitError, "not_found", text, "--reason", "x", "--env", "sandbox")
		restore(exitError, "cannot be restored", text, "--reason", " ")
		restore(0, "legal hold", text, "--reason", "the days were wrong")
		restore(exitError, "does not withhold", text, "--reason", "again")
		stored(func(db *store.DB) error {
			got, err := db.Session(t.Context(), s.Tenant, s.ID)
			if err != nil || !got.LegalHold || got.Keeping() != kyc.KeptReadable || got.Private.Fields["last_name"] != "Hals" {
				t.Errorf("%+v, %v", got, err)
			}
			events, _, err := db.Events(t.Context(), s.Tenant, kyc.EventFilter{Object: "session", ObjectID: s.ID, Action: "session.restore"}, kyc.Page{})
			if err != nil || len(events) != 1 || events[0].Reason != "the days were wrong" || events[0].Actor.ID != "cli" {
				t.Errorf("%+v, %v", events, err)
			}
			return nil
		})
	})
}
