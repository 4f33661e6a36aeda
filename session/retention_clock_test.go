package session

import (
	"testing"
	"time"

	"bonafide/kyc"
)

func TestLookAtTheClock(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	type step struct {
		on      time.Duration // how far the clock goes on
		times   int
		trusted bool // after the last of them
		news    string
	}
	for name, steps := range map[string][]step{
		"every minute":             {{time.Minute, 100, true, ""}},
		"off for a night":          {{14 * time.Hour, 1, true, ""}, {time.Minute, 5, true, ""}},
		"exactly as far as it may": {{24 * time.Hour, 1, true, ""}},
		"back by years":            {{-10000 * time.Hour, 1, true, ""}, {time.Minute, 3, true, ""}},
		"a jump": {{1000 * time.Hour, 1, false, actHold}, {time.Minute, 24*60 - 1, false, ""},
			{time.Minute, 1, true, actGoOn}, {time.Minute, 1, true, ""}},
		"a jump that is taken back":             {{1000 * time.Hour, 1, false, actHold}, {time.Minute, 10, false, ""}, {-1000 * time.Hour, 1, true, actGoOn}},
		"looks that are far apart count little": {{1000 * time.Hour, 1, false, actHold}, {23 * time.Hour, 100, false, ""}},
		"looks at once count nothing":           {{1000 * time.Hour, 1, false, actHold}, {0, 5000, false, ""}},
		"a second jump begins anew":             {{1000 * time.Hour, 1, false, actHold}, {time.Minute, 24*60 - 1, false, ""}, {1000 * time.Hour, 1, false, actHold}, {time.Minute, 24*60 - 1, false, ""}, {time.Minute, 1, true, actGoOn}},
		"only running time is gathered":         {{1000 * time.Hour, 1, false, actHold}, {time.Minute, 700, false, ""}, {12 * time.Hour, 1, false, ""}, {time.Minute, 700, false, ""}, {time.Minute, 38, true, actGoOn}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, now := kyc.RetentionState{TrustedAt: start, SeenAt: start}, start
			for i, x := range steps {
				var trusted bool
				var news string
				for range x.times {
					now = now.Add(x.on)
					trusted, news = look(&s, now, clockStep)
				}
				if trusted != x.trusted || news != x.news || trusted == !s.HeldAt.IsZero() || !s.SeenAt.Equal(now) || trusted && !s.TrustedAt.Equal(now) {
					t.Fatalf("step %d: %t %q, want %t %q; %+v", i, trusted, news, x.trusted, x.news, s)
				}
			}
		})
	}
}

// A clock that jumps destroys nothing until somebody confirms it, it comes back,
// or it has gone on for a day of running time.
func TestSweepWaitsForAClockThatJumped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed, b.sessions.d.ClockStep = nobody, clockStep
	w := b.published(t, b.live, "KYC")
	old, young := b.over(t, w, "o", kyc.SessionApproved, 40), b.over(t, w, "y", kyc.SessionApproved, 1)
	b.rules(t, kyc.Retention{Days: 30, SensitiveDays: 20, Auto: true})
	b.sweep(t, Swept{Destroyed: 1, People: 1})
	b.kept(t, "old", old, kyc.KeptNot)

	right := *b.now
	*b.now = right.Add(365 * day)
	b.sweep(t, Swept{Waiting: 1})
	b.sweep(t, Swept{Waiting: 1})
	b.kept(t, "under a clock that jumped", young, kyc.KeptReadable)
	how, err := b.sessions.RetentionSweep(t.Context(), b.live)
	about := func(a, b time.Time) bool { return a.Sub(b).Abs() < time.Second } // each look at the clock puts it forward
	if err != nil || !about(how.HeldAt, *b.now) || !about(how.LastAt, right) || how.Left > clockWait || how.Left < clockWait-time.Second || !about(how.Clock, *b.now) {
		t.Errorf("%+v, %v", how, err)
	}
	if e := b.store.Log[len(b.store.Log)-1]; e.Action != actHold || e.Actor != byRetention() || e.Tenant != b.live {
		t.Errorf("the audit chain says %+v", e)
	}
	held := len(b.store.Log)
	b.sweep(t, Swept{Waiting: 1})
	if len(b.store.Log) != held {
		t.Error("it is said each time")
	}
	// It comes back: nothing was lost, and nothing waits.
	*b.now = right.Add(time.Minute)
	b.sweep(t, Swept{})
	b.kept(t, "young", young, kyc.KeptReadable)
	if how, err := b.sessions.RetentionSweep(t.Context(), b.live); err != nil || !how.HeldAt.IsZero() || how.Left != 0 {
		t.Errorf("%+v, %v", how, err)
	}
	if err := b.sessions.ConfirmClock(t.Context(), b.live, b.key, *b.now); !kyc.IsCode(err, "not_held") {
		t.Errorf("confirmed though nothing waits: %v", err)
	}

	// The server was off for as long, and somebody says so.
	*b.now = right.Add(365 * day)
	b.sweep(t, Swept{Waiting: 1})
	if err := b.sessions.ConfirmClock(t.Context(), b.live, b.key, right); !kyc.IsCode(err, "clock_differs") {
		t.Errorf("a clock that somebody else has otherwise: %v", err)
	}
	b.sweep(t, Swept{Waiting: 1})
	if err := b.sessions.ConfirmClock(t.Context(), b.live, b.key, b.now.Add(59*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if e := b.store.Log[len(b.store.Log)-1]; e.Action != actConfirm || e.Actor != b.key {
		t.Errorf("the audit chain says %+v", e)
	}
	b.sweep(t, Swept{Destroyed: 1, People: 1})
	b.kept(t, "young, a year later", young, kyc.KeptNot)

	// Nobody says anything: after a day of running it goes on.
	third := b.over(t, w, "t", kyc.SessionApproved, 1)
	*b.now = b.now.Add(100 * day)
	for range 24 * 60 {
		b.sweep(t, Swept{Waiting: 1})
		*b.now = b.now.Add(time.Minute)
	}
	b.kept(t, "before the day is over", third, kyc.KeptReadable)
	b.sweep(t, Swept{Destroyed: 1, People: 1})
}

// A tenant that has no rules for a while is not held when it has some again, and
// one that never swept is judged by what happened last.
func TestSweepBeginsWithWhatHappenedLast(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed, b.sessions.d.ClockStep = nobody, clockStep
	w := b.published(t, b.live, "KYC")
	rules := kyc.Retention{Days: 30, Auto: true}
	b.rules(t, rules)
	b.sweep(t, Swept{})
	b.rules(t, kyc.Retention{})
	b.sweep(t, Swept{})
	*b.now = b.now.Add(365 * day)
	b.over(t, w, "o", kyc.SessionApproved, 40)
	b.rules(t, rules)
	b.sweep(t, Swept{Destroyed: 1, People: 1})

	quiet := newBench(t)
	quiet.sessions.d.Needed, quiet.sessions.d.ClockStep = nobody, clockStep
	s := quiet.over(t, quiet.published(t, quiet.live, "KYC"), "o", kyc.SessionApproved, 1)
	quiet.rules(t, rules)
	*quiet.now = quiet.now.Add(365 * day) // before the first sweep
	quiet.sweep(t, Swept{Waiting: 1})
	quiet.kept(t, "never swept", s, kyc.KeptReadable)
}
