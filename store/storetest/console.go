package storetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

// consoleSessions says that a sign-in is found by the hash of its token alone,
// notes its use without a revision, and is swept when it is over.
func consoleSessions(t *testing.T, b *bench) {
	now := b.clock.Now()
	s := &kyc.ConsoleSession{Meta: b.meta(), UserID: b.id(), At: kyc.Sandbox, TokenHash: "h1", Mark: "m", SeenAt: now, EndsAt: now.Add(time.Hour)}
	s.Tenant.Env = ""
	other := &kyc.ConsoleSession{Meta: b.meta(), UserID: b.id(), At: kyc.Live, TokenHash: "h2", SeenAt: now, EndsAt: now.Add(time.Minute)}
	other.Tenant.Env = ""
	b.put(t, s, other)
	same(t, "session", must[kyc.ConsoleSession](t)(b.ConsoleSession(b.ctx, "h1")), s)
	_, err := b.ConsoleSession(b.ctx, "h3")
	want(t, err, "not_found")
	later := now.Add(5 * time.Minute)
	if err := b.SetConsoleSeen(b.ctx, s.ID, later); err != nil {
		t.Fatal(err)
	}
	if err := b.SetConsoleSeen(b.ctx, s.ID, now); err != nil {
		t.Fatal(err)
	}
	got := must[kyc.ConsoleSession](t)(b.ConsoleSession(b.ctx, "h1"))
	if !got.SeenAt.Equal(later) || got.Rev != s.Rev {
		t.Errorf("seen at %v, revision %d", got.SeenAt, got.Rev)
	}
	of := must[[]kyc.ConsoleSession](t)(b.ConsoleSessionsOf(b.ctx, b.tenant.Org, s.UserID))
	if len(of) != 1 || of[0].ID != s.ID {
		t.Errorf("%d sessions of the user", len(of))
	}
	if of := must[[]kyc.ConsoleSession](t)(b.ConsoleSessionsOf(b.ctx, b.id(), s.UserID)); len(of) != 0 {
		t.Error("another organisation sees who is signed in")
	}
	if _, err := b.Sweep(b.ctx, now.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	_, err = b.ConsoleSession(b.ctx, "h2")
	want(t, err, "not_found")
	b.commit(t, kyc.Change{Remove: []kyc.Object{s}, Events: []kyc.Event{b.event("user.sign_out")}})
	_, err = b.ConsoleSession(b.ctx, "h1")
	want(t, err, "not_found")
}

// secondFactors says that the secret comes back, is not stored in the clear and
// that a person has one factor.
func secondFactors(t *testing.T, b *bench) {
	f := &kyc.SecondFactor{Meta: b.meta(), UserID: b.id(), Secret: []byte("twenty bytes of secret"), LastStep: 7, Recovery: []string{"a", "b"}}
	b.put(t, f)
	same(t, "factor", must[kyc.SecondFactor](t)(b.SecondFactorOf(b.ctx, b.tenant.Org, f.UserID)), f)
	double := &kyc.SecondFactor{Meta: b.meta(), UserID: f.UserID, Secret: []byte("x")}
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{double}, Events: []kyc.Event{b.event("x")}}), "second_factor_exists")
	_, err := b.SecondFactorOf(b.ctx, b.id(), f.UserID)
	want(t, err, "not_found")
	// Two of the same code: the one that comes second finds another revision.
	first := must[kyc.SecondFactor](t)(b.SecondFactorOf(b.ctx, b.tenant.Org, f.UserID))
	second := first
	first.LastStep, second.LastStep = 8, 8
	first.Touch(b.clock.Now())
	b.put(t, &first)
	second.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&second}}), "concurrent_change")
}

// peopleInCharge says that of two changes of people that were made with the same
// look at the organisation one fails whole, so that no two admins remove each
// other (access.Office.SetRole, DismissUser).
func peopleInCharge(t *testing.T, b *bench) {
	house := kyc.Org{Meta: b.meta(), Name: "House of two"}
	house.ID, house.Tenant.Env = b.tenant.Org, ""
	b.put(t, &house)
	var pair []*kyc.User
	for _, email := range []string{"ada@two.example", "eve@two.example"} {
		u := &kyc.User{Meta: b.meta(), Email: email, Role: "admin", PasswordHash: "x", External: &kyc.ExternalID{Issuer: "https://login.example", Subject: email}}
		u.Tenant.Env = ""
		pair = append(pair, u)
	}
	b.put(t, pair[0], pair[1])
	same(t, "user", must[kyc.User](t)(b.User(b.ctx, b.tenant.Org, pair[1].ID)), pair[1])
	var wg sync.WaitGroup
	failed := make([]error, 2)
	for i, u := range pair {
		x, org := *u, house
		wg.Go(func() {
			x.Role, x.Epoch = "reviewer", x.Epoch+1
			x.Touch(b.clock.Now())
			org.Touch(b.clock.Now())
			failed[i] = b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&x, &org}, Events: []kyc.Event{b.event("user.role")}})
		})
	}
	wg.Wait()
	if failed[0] == nil {
		failed[0], failed[1] = failed[1], failed[0]
		pair[0], pair[1] = pair[1], pair[0]
	}
	want(t, failed[0], "concurrent_change")
	if failed[1] != nil {
		t.Fatal(failed[1])
	}
	left, gone := must[kyc.User](t)(b.User(b.ctx, b.tenant.Org, pair[0].ID)), must[kyc.User](t)(b.User(b.ctx, b.tenant.Org, pair[1].ID))
	if left.Role != "admin" || left.Epoch != 0 || gone.Role != "reviewer" || gone.Epoch != 1 {
		t.Errorf("after it: %s of epoch %d and %s of epoch %d", left.Role, left.Epoch, gone.Role, gone.Epoch)
	}
}

// signInTries says that no count is lost between two who try at once.
func signInTries(t *testing.T, b *bench) {
	name := must[string](t)(b.TriesName(b.ctx, "account", "Ada@Example.org"))
	if again := must[string](t)(b.TriesName(b.ctx, "account", "ada@example.org")); again != name || strings.Contains(name, "example") { // no hex digits make that word by chance
		t.Errorf("names %q and %q", name, again)
	}
	if other := must[string](t)(b.TriesName(b.ctx, "address", "ada@example.org")); other == name {
		t.Error("an account and an address share a count")
	}
	none := must[kyc.SignInTries](t)(b.SignInTries(b.ctx, name))
	if none.Failed != 0 || !none.At.IsZero() {
		t.Errorf("tries of nobody: %+v", none)
	}
	one := kyc.SignInTries{Name: name, Failed: 1, At: b.clock.Now()}
	if err := b.CountSignIn(b.ctx, none, one); err != nil {
		t.Fatal(err)
	}
	want(t, b.CountSignIn(b.ctx, none, one), "concurrent_change")
	same(t, "tries", must[kyc.SignInTries](t)(b.SignInTries(b.ctx, name)), one)
	two := kyc.SignInTries{Name: name, Failed: 2, At: b.clock.Now().Add(time.Second)}
	if err := b.CountSignIn(b.ctx, one, two); err != nil {
		t.Fatal(err)
	}
	want(t, b.CountSignIn(b.ctx, one, two), "concurrent_change")
	if _, err := b.Sweep(b.ctx, b.clock.Now().Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if gone := must[kyc.SignInTries](t)(b.SignInTries(b.ctx, name)); gone.Failed != 0 {
		t.Errorf("after a day: %+v", gone)
	}
}

// waitingCases says that the queue is ordered by urgency and that its filters
// keep what they say.
func waitingCases(t *testing.T, b *bench) {
	start := b.clock.Now()
	for i, c := range []kyc.Case{
		{Status: kyc.CaseOpen, Queue: "q", EnteredReviewAt: start.Add(-2 * time.Hour), ReasonCode: "hit"},
		{Status: kyc.CaseOpen, Queue: "q", Priority: 5, EnteredReviewAt: start.Add(-time.Hour), SLAHours: 0.5},
		{Status: kyc.CaseInReview, Queue: "r", AssignedTo: "u", EnteredReviewAt: start.Add(-25 * time.Hour)},
		{Status: kyc.CaseSecond, Queue: "q", EnteredReviewAt: start.Add(-3 * time.Hour), SLAHours: 4},
		{Status: kyc.CaseApproved, Queue: "q", EnteredReviewAt: start.Add(-90 * time.Hour)},
	} {
		c.Meta, c.Sequence = b.meta(), int64(i)
		b.put(t, &c)
	}
	for name, c := range map[string]struct {
		filter kyc.WaitingFilter
		want   string
	}{
		"all":        {kyc.WaitingFilter{}, "[1 2 3 0]"},
		"unassigned": {kyc.WaitingFilter{Unassigned: true}, "[1 3 0]"},
		"mine":       {kyc.WaitingFilter{AssignedTo: "u"}, "[2]"},
		"second":     {kyc.WaitingFilter{Status: []kyc.CaseStatus{kyc.CaseSecond}}, "[3]"},
		"queue":      {kyc.WaitingFilter{Queue: "r"}, "[2]"},
		"reason":     {kyc.WaitingFilter{ReasonCode: "hit"}, "[0]"},
		"overdue":    {kyc.WaitingFilter{DueBefore: start}, "[1 2]"},
		"none":       {kyc.WaitingFilter{Queue: "none"}, "[]"},
	} {
		order := []int64{}
		for offset := 0; ; offset++ {
			page, total, err := b.WaitingCases(b.ctx, b.tenant, c.filter, kyc.Page{Limit: 1, Offset: offset})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				if total != len(order) {
					t.Errorf("%s: total %d of %d", name, total, len(order))
				}
				break
			}
			order = append(order, page[0].Sequence)
		}
		if fmt.Sprint(order) != c.want {
			t.Errorf("%s: %v, want %s", name, order, c.want)
		}
	}
	if n := must[int](t)(b.WaitingCount(b.ctx, b.tenant, kyc.WaitingFilter{CountTo: 3})); n != 3 {
		t.Errorf("a count that ends at three gives %d", n)
	}
	if n := must[int](t)(b.WaitingCount(b.ctx, kyc.Tenant{Org: b.tenant.Org, Env: kyc.Sandbox}, kyc.WaitingFilter{})); n != 0 {
		t.Errorf("%d cases reach the other environment", n)
	}
}
