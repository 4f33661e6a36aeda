package inquiry

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/sqlite"
)

// bench is the machine on a real SQLite store, with lists that a test fills.
type bench struct {
	*Machine
	t     *testing.T
	ctx   context.Context
	db    *store.DB
	live  kyc.Tenant
	by    kyc.Actor
	mu    sync.Mutex
	now   time.Time
	lists []kyc.ListVersion
	// answers are by policy; what is not there passes on all lists.
	answers map[string]kyc.Answer
	asked   []kyc.CheckRequest
	may     map[string]bool // by name: whom a change may mean; nil: everybody
	between func()          // runs before the next commit: somebody else's move
}

func (b *bench) Now() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now }

func (b *bench) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

type inTheMiddle struct {
	*store.DB
	b *bench
}

func (s inTheMiddle) Commit(ctx context.Context, c *kyc.Change) error {
	s.b.mu.Lock()
	between := s.b.between
	s.b.between = nil
	s.b.mu.Unlock()
	if between != nil {
		between()
	}
	return s.DB.Commit(ctx, c)
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, ctx: t.Context(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), by: kyc.Actor{Kind: kyc.ActorKey, ID: "key"}, answers: map[string]kyc.Answer{},
		lists: []kyc.ListVersion{{List: "ofac_sdn", Version: "v1", Status: kyc.StatusOK}, {List: "un", Version: "v1", Status: kyc.StatusOK}}}
	var err error
	if b.db, err = sqlite.Open(b.ctx, sqlite.Options{Dir: t.TempDir(), Sync: "normal", Clock: b, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.db.Close() })
	org := &kyc.Org{Name: "Acme"}
	org.ID = kyc.NewID(b.now)
	org.Tenant = kyc.Tenant{Org: org.ID}
	org.Touch(b.now)
	if err := b.db.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{org}}); err != nil {
		t.Fatal(err)
	}
	b.live = kyc.Tenant{Org: org.ID, Env: kyc.Live}
	b.Machine = New(Deps{Store: inTheMiddle{b.db, b}, Clock: b, Examine: b.examine, Lists: b.current,
		MayMean: func(_ context.Context, p Party, _, _ string) bool { return b.may == nil || b.may[p.Name] },
		News: func(_ kyc.Object, what string, _ map[string]any) (string, json.RawMessage) {
			return what, json.RawMessage("{}")
		}})
	return b
}

func (b *bench) current() []kyc.ListVersion {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lists)
}

func (b *bench) examine(_ context.Context, r kyc.CheckRequest) kyc.Answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, r)
	if a, ok := b.answers[r.Policy]; ok {
		if a.Lists == nil {
			a.Lists = slices.Clone(b.lists)
		}
		return a
	}
	return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Lists: slices.Clone(b.lists)}
}

// found makes the lists answer with hits.
func (b *bench) found(hits ...kyc.Hit) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Fail, Hits: hits, Reasons: []kyc.Reason{{Code: "possible_match", Severity: "critical"}}}
	if len(hits) == 0 {
		a = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass}
	}
	b.answers["watchlist_screening"] = a
}

func hit(entry string) kyc.Hit {
	return kyc.Hit{List: "un", EntryID: entry, Name: "Zoltavius", Score: 0.9}
}

func (b *bench) ask(q Question) kyc.Inquiry {
	b.t.Helper()
	if q.Types == nil {
		q.Types = []kyc.InquiryType{kyc.InquirySanction}
	}
	if q.Who.LastName == "" {
		q.Who.FirstName, q.Who.LastName = "Zelda", "Ormolu"
	}
	got, err := b.Ask(b.ctx, b.live, b.by, q)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

// told counts what customers were told by name.
func (b *bench) told() map[string]int {
	b.t.Helper()
	events, _, err := b.db.Events(b.ctx, b.live, kyc.EventFilter{Object: object}, kyc.Page{Limit: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string]int{}
	for _, e := range events {
		if e.Webhook != "" {
			out[e.Webhook]++
		}
	}
	return out
}

// work sweeps and does what the sweep left; it answers how many were asked.
func (b *bench) work() int {
	b.t.Helper()
	var jobs []kyc.Job
	b.db.OnCommit(func(c *kyc.Change) {
		b.mu.Lock()
		defer b.mu.Unlock()
		jobs = append(jobs, c.Jobs...)
	})
	if _, err := b.Sweep(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	left := slices.Clone(jobs)
	before := len(b.asked)
	b.mu.Unlock()
	for _, j := range left {
		if err := b.againJob(b.ctx, j); err != nil {
			b.t.Fatal(err)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked) - before
}
