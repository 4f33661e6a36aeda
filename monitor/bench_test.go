package monitor

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
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
	t      *testing.T
	ctx    context.Context
	db     *store.DB
	live   kyc.Tenant
	by     kyc.Actor
	mu     sync.Mutex
	now    time.Time
	lists  []kyc.ListVersion
	hits   map[string][]kyc.Hit // by name, number or address
	asked  []kyc.CheckRequest
	events []kyc.Event
	jobs   []kyc.Job
	crowd  *room
	// passedOver is a list that holds nothing for any question.
	passedOver string
	updates    map[string]Update // by list and version before
	// between, when set, runs before the next commit: somebody else's move.
	between func()
}

// Commit lets a test come between a decision and its commit.
func (b *bench) Commit(ctx context.Context, c *kyc.Change) error {
	b.mu.Lock()
	between := b.between
	b.between = nil
	b.mu.Unlock()
	if between != nil {
		between()
	}
	return b.db.Commit(ctx, c)
}

// inTheMiddle is the store with the bench's Commit.
type inTheMiddle struct {
	*store.DB
	b *bench
}

func (s inTheMiddle) Commit(ctx context.Context, c *kyc.Change) error { return s.b.Commit(ctx, c) }

func (b *bench) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, ctx: t.Context(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), by: kyc.Actor{Kind: kyc.ActorKey, ID: "key"}, hits: map[string][]kyc.Hit{},
		lists: []kyc.ListVersion{{List: "ofac_sdn", Version: "v1", Status: kyc.StatusOK, Entries: 9}, {List: "un", Version: "v1", Status: kyc.StatusOK, Entries: 9}}}
	var err error
	if b.db, err = sqlite.Open(b.ctx, sqlite.Options{Dir: t.TempDir(), Sync: "normal", Clock: b, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.db.Close() })
	b.db.OnCommit(func(c *kyc.Change) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.events, b.jobs = append(b.events, c.Events...), append(b.jobs, c.Jobs...)
	})
	org := &kyc.Org{Name: "Acme"}
	org.ID = kyc.NewID(b.now)
	org.Tenant = kyc.Tenant{Org: org.ID}
	b.live = kyc.Tenant{Org: org.ID, Env: kyc.Live}
	b.put(org)
	b.crowd = &room{parties: map[Heard]Question{}}
	b.Machine = b.machine()
	b.db.OnCommit(b.Machine.Committed)
	return b
}

// machine makes one node of the program on the bench's store.
func (b *bench) machine() *Machine {
	return New(Deps{Store: inTheMiddle{b.db, b}, Clock: b, Examine: b.examine, Lists: b.versions, Update: b.update, Crowd: b.crowd, Build: "test",
		News: func(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
			raw, err := json.Marshal(extra)
			if err != nil {
				b.t.Error(err)
			}
			return "kyc." + what, raw
		}})
}

func (b *bench) versions() []kyc.ListVersion {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lists)
}

func (b *bench) update(list, from string) (Update, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, ok := b.updates[list+" "+from]
	return u, ok
}

// changes puts another version of a list in force, with the names that its
// changed entries touch, by entry.
func (b *bench) changes(at int, to string, changed map[string]string, removed ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := &b.lists[at]
	u := Update{List: l.List, From: l.Version, To: to, Changed: slices.Sorted(maps.Keys(changed)), Removed: removed}
	u.Touches = func(q Question) bool {
		return slices.ContainsFunc(slices.Collect(maps.Values(changed)), func(name string) bool { return q.Name == name || q.Document == name })
	}
	if b.updates == nil {
		b.updates = map[string]Update{}
	}
	b.updates[l.List+" "+l.Version] = u
	l.Version = to
}

// asking forgets who was asked for so far and counts them from now on.
func (b *bench) asking() func() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = nil
	return func() int {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.asked)
	}
}

// room is a Crowd.
type room struct {
	mu      sync.Mutex
	parties map[Heard]Question
}

func (c *room) Put(t kyc.Tenant, watch, party kyc.ID, q Question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parties[Heard{t, watch, party}] = q
}

func (c *room) Remove(t kyc.Tenant, watch, party kyc.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.parties, Heard{t, watch, party})
}

func (c *room) Drop(t kyc.Tenant, watch kyc.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.parties, func(h Heard, _ Question) bool { return h.Tenant == t && h.Watch == watch })
}

func (c *room) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.parties)
}

func (c *room) Touched(u Update) (out []Heard, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for h, q := range c.parties {
		if u.Touches(q) {
			out = append(out, h)
		}
	}
	return out, true
}

// names are who is in the crowd, sorted.
func (c *room) names() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, q := range c.parties {
		out = append(out, q.Name)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (b *bench) put(objects ...kyc.Object) {
	b.t.Helper()
	for _, o := range objects {
		o.Head().Touch(b.Now())
	}
	if err := b.db.Commit(b.ctx, &kyc.Change{Put: objects}); err != nil {
		b.t.Fatal(err)
	}
}

// examine answers as the checks do: from the lists that the config names.
func (b *bench) examine(_ context.Context, r kyc.CheckRequest) kyc.Answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, r)
	var c struct {
		Lists   []string         `json:"lists"`
		Parties []map[string]any `json:"parties"`
	}
	if err := json.Unmarshal(r.Config, &c); err != nil {
		return kyc.Failed(kyc.StatusError, "config_invalid", "unreadable")
	}
	a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass}
	for _, l := range b.lists {
		if len(c.Lists) > 0 && !slices.Contains(c.Lists, l.List) || l.List == b.passedOver {
			continue
		}
		a.Lists = append(a.Lists, l)
		if badness(l.Status) > badness(a.Status) {
			a.Status = l.Status
		}
	}
	wanted := ""
	switch {
	case r.Policy == policyWallet:
		if w, ok := r.Fields["wallet"].(string); ok {
			wanted = w
			a.Details = map[string]any{"wallets": []any{map[string]any{"address": w, "network": "BTC", "address_valid": w != "broken"}}, "networks_not_covered": []any{}}
			if w == "uncovered" {
				a.Details["networks_not_covered"] = []any{"BTC"}
			}
		}
	case c.Parties != nil:
		wanted, _ = r.Fields["name"].(string)
	default:
		wanted, _ = r.Fields["document_number"].(string)
	}
	for _, h := range b.hits[wanted] {
		if slices.ContainsFunc(a.Lists, func(l kyc.ListVersion) bool { return l.List == h.List && l.Status != kyc.StatusNotConfigured }) {
			a.Hits, a.Verdict = append(a.Hits, h), kyc.Fail
		}
	}
	return a
}

func hit(list, entry, name string, score float64) kyc.Hit {
	return kyc.Hit{List: list, EntryID: entry, Type: "person", Name: name, MatchedName: name, Score: score, Version: "v1"}
}

func (b *bench) watchOf(n NewWatch) Counted {
	b.t.Helper()
	w, err := b.CreateWatch(b.ctx, b.live, b.by, n)
	if err != nil {
		b.t.Fatal(err)
	}
	return w
}

func (b *bench) run(id kyc.ID) kyc.MonitorRun {
	b.t.Helper()
	b.advance(time.Second)
	r, err := b.Run(b.ctx, b.live, b.by, id, TriggerRequest)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// one is the only party of a watchlist.
func (b *bench) one(id kyc.ID) kyc.Watched {
	b.t.Helper()
	all, err := b.db.WatchedAfter(b.ctx, b.live, id, "", 10)
	if err != nil || len(all) != 1 {
		b.t.Fatalf("%d parties, %v", len(all), err)
	}
	return all[0]
}

// told are the webhooks so far, oldest first.
func (b *bench) told() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, e := range b.events {
		if e.Webhook != "" && strings.Contains(e.Webhook, "watchlist") {
			out = append(out, e.Webhook)
		}
	}
	return out
}

// work does the jobs of a kind that were left so far.
func (b *bench) work(kind string) {
	b.t.Helper()
	b.mu.Lock()
	jobs := b.jobs
	b.jobs = nil
	b.mu.Unlock()
	for _, j := range jobs {
		if j.Kind == kind {
			if err := b.Jobs()[kind](b.ctx, j); err != nil {
				b.t.Fatal(err)
			}
		}
	}
}

func wantCode(t *testing.T, err error, kind kyc.Kind, code string) *kyc.Error {
	t.Helper()
	if err == nil || kyc.KindOf(err) != kind || !kyc.IsCode(err, code) {
		t.Fatalf("got %v, want %s", err, code)
	}
	return kyc.AsError(err)
}
