package main

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// The administrator's way and the operator's way to help somebody who lost the
// second factor: audited, everybody signed in as them is out, others are not.
func TestALostSecondFactorIsResetByOthers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		s := startServer(t, database)
		org, err := s.app.access.CreateOrg(t.Context(), "House of factors", kyc.SystemActor("test"))
		if err != nil {
			t.Fatal(err)
		}
		const password = "a long enough password"
		add := func(name, role string) (kyc.User, *browserOf) {
			u, err := s.app.access.CreateUser(t.Context(), access.UserRequest{Org: org.ID, Email: name + "@factor.example", Role: role, Password: password, By: kyc.SystemActor("test")})
			if err != nil {
				t.Fatal(err)
			}
			b := s.browser(t)
			b.page("/console/sign-in", url.Values{"email": {u.Email}, "password": {password}})
			return u, b
		}
		boss, desk := add("boss", "admin")
		ada, window := add("ada", "reviewer")
		_, other := add("eve", "reviewer")
		now := time.Now()
		lose := func(u kyc.User) {
			f := kyc.SecondFactor{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: org.ID, Env: kyc.Live}}, UserID: u.ID, ConfirmedAt: now, Secret: []byte("twenty bytes of secret")}
			f.Touch(now)
			if err := s.app.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&f}, Events: []kyc.Event{{ID: kyc.NewID(now), Tenant: f.Tenant, At: now, Action: "test", Object: "user", ObjectID: u.ID, Actor: kyc.SystemActor("test")}}}); err != nil {
				t.Fatal(err)
			}
		}
		lose(ada)
		lose(boss)
		asked := func() bool {
			_, at, _ := s.browser(t).page("/console/sign-in", url.Values{"email": {ada.Email}, "password": {password}})
			return at == "/console/code"
		}
		if !asked() {
			t.Fatal("no second factor is asked for")
		}
		if code, _, _ := other.page("/console/team/"+kyc.Dress("user", ada.ID)+"/factor", url.Values{}); code != http.StatusForbidden || !asked() {
			t.Errorf("a reviewer resets: %d", code)
		}
		if _, _, page := desk.page("/console/team/"+kyc.Dress("user", boss.ID)+"/factor", url.Values{}); !strings.Contains(page, "turn your own second factor off") {
			t.Error("an open window of the admin takes away their own second factor")
		}
		if _, at, page := desk.page("/console/team/"+kyc.Dress("user", ada.ID)+"/factor", url.Values{}); at != "/console/team" || !strings.Contains(page, "has no second factor now") {
			t.Errorf("the admin resets, and is at %s", at)
		}
		if _, at, _ := window.page("/console/account", nil); at != "/console/sign-in" {
			t.Errorf("who was signed in as her is at %s", at)
		}
		if _, at, _ := other.page("/console/account", nil); at != "/console/account" {
			t.Errorf("another person is at %s", at)
		}
		if asked() {
			t.Error("the second factor is still asked for")
		}
		events, _, err := s.app.db.Events(t.Context(), kyc.Tenant{Org: org.ID, Env: kyc.Live}, kyc.EventFilter{Action: "user.second_factor_reset"}, kyc.Page{Limit: 9})
		if err != nil || len(events) != 1 || events[0].Actor.ID != string(boss.ID) || events[0].ObjectID != ada.ID {
			t.Errorf("audit: %+v, %v", events, err)
		}
	})
}

func TestTheOperatorResetsASecondFactor(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		g := &Globals{Data: t.TempDir(), Database: database, Sync: "normal"}
		flags := []string{"--data", g.Data, "--database", database, "--org", "House", "--email", "ada@factor.example"}
		var ada kyc.User
		with := func(f func(a *access.Office, commit func(kyc.Change))) {
			t.Helper()
			clock := kyc.SystemClock()
			db, err := openStore(t.Context(), g, clock, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			f(access.NewOffice(db, clock), func(c kyc.Change) {
				if err := db.Commit(t.Context(), &c); err != nil {
					t.Fatal(err)
				}
			})
		}
		with(func(a *access.Office, commit func(kyc.Change)) {
			org, err := a.CreateOrg(t.Context(), "House", kyc.SystemActor("test"))
			if err != nil {
				t.Fatal(err)
			}
			if ada, err = a.CreateUser(t.Context(), access.UserRequest{Org: org.ID, Email: "ada@factor.example", Role: "admin", Password: "a long enough password"}); err != nil {
				t.Fatal(err)
			}
			now := time.Now()
			f := kyc.SecondFactor{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: org.ID, Env: kyc.Live}}, UserID: ada.ID, ConfirmedAt: now, Secret: []byte("twenty bytes of secret")}
			f.Touch(now)
			commit(kyc.Change{Put: []kyc.Object{&f}})
		})
		for i, want := range []int{0, 1} { // the second time there is none
			if code, out, complaint := call(t, append([]string{"user", "reset-factor"}, flags...)...); code != want {
				t.Errorf("time %d: exit %d %s%s", i, code, out, complaint)
			}
		}
		if code, _, complaint := call(t, append([]string{"user", "unbind"}, flags...)...); code != 0 {
			t.Errorf("unbind: exit %d %s", code, complaint)
		}
		for _, wrong := range [][]string{{"--org", "House", "--email", "nobody@factor.example"}, {"--org", "Nowhere", "--email", "ada@factor.example"}} {
			if code, _, complaint := call(t, append([]string{"user", "reset-factor", "--data", g.Data, "--database", database}, wrong...)...); code != 1 || strings.Count(complaint, "\n") != 1 {
				t.Errorf("%v: exit %d %q", wrong, code, complaint)
			}
		}
		with(func(a *access.Office, _ func(kyc.Change)) {
			if has, err := a.HasFactor(t.Context(), ada.Tenant.Org, ada.ID); has || err != nil {
				t.Errorf("has one still: %v, %v", has, err)
			}
			if u, err := a.UserByEmail(t.Context(), ada.Email); err != nil || u.Epoch != 1 {
				t.Errorf("epoch %d, %v", u.Epoch, err)
			}
		})
		if code, out, _ := call(t, "audit", "verify", "--data", g.Data, "--database", database); code != 0 {
			t.Errorf("audit verify: %s", out)
		}
	})
}

// Two admins who lock each other out, or take each other's role, at the same
// time: whoever comes second is told, and somebody stays in charge.
func TestTwoAdminsNeverRemoveEachOther(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		clock := kyc.SystemClock()
		db, err := openStore(t.Context(), &Globals{Data: t.TempDir(), Database: database, Sync: "normal"}, clock, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		office := access.NewOffice(db, clock)
		org, err := office.CreateOrg(t.Context(), "House of two", kyc.SystemActor("test"))
		if err != nil {
			t.Fatal(err)
		}
		var pair [2]kyc.User
		for i, name := range []string{"ada", "eve"} {
			if pair[i], err = office.CreateUser(t.Context(), access.UserRequest{Org: org.ID, Email: name + "@two.example", Role: "admin", Password: "a long enough password"}); err != nil {
				t.Fatal(err)
			}
		}
		for round := range 20 {
			var wg sync.WaitGroup
			var failed [2]error
			for i := range pair {
				wg.Go(func() {
					by, other := kyc.Actor{Kind: kyc.ActorUser, ID: string(pair[i].ID)}, pair[1-i].ID
					if (round+i)%2 == 0 {
						_, failed[i] = office.DismissUser(t.Context(), org.ID, other, by)
					} else {
						_, failed[i] = office.SetRole(t.Context(), org.ID, other, "reviewer", by)
					}
				})
			}
			wg.Wait()
			all, err := office.Users(t.Context(), org.ID)
			if err != nil {
				t.Fatal(err)
			}
			admins := 0
			for _, u := range all {
				if u.Role == "admin" && u.DisabledAt.IsZero() {
					admins++
				}
			}
			if admins != 1 {
				t.Fatalf("round %d: %d admins are left (%v, %v)", round, admins, failed[0], failed[1])
			}
			for _, err := range failed {
				if err != nil && !kyc.IsCode(err, "last_admin") && !kyc.IsCode(err, "concurrent_change") {
					t.Errorf("round %d: %v", round, err)
				}
			}
			for _, u := range pair {
				if _, err := office.EnableUser(t.Context(), org.ID, u.ID, kyc.SystemActor("test")); err != nil {
					t.Fatal(err)
				}
				if _, err := office.SetRole(t.Context(), org.ID, u.ID, "admin", kyc.SystemActor("test")); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
