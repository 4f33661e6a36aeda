package backtest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/session"
	"bonafide/store"
	"bonafide/store/sqlite"
)

// checks answers by what the session's fields say, and counts.
type checks struct{ asked atomic.Int64 }

func (c *checks) Run(_ context.Context, r kyc.CheckRequest) kyc.Answer {
	c.asked.Add(1)
	a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "test"}
	switch r.Policy {
	case "lists":
		if n, ok := r.Fields["score"].(json.Number); ok {
			f, _ := n.Float64()
			a.Score = &f
		}
	case "papers":
		a.Fields = []kyc.Field{{Name: "document_type", Value: fmt.Sprint(r.Fields["paper"]), Source: "test", Confidence: 1}}
	}
	return a
}

// evidence tells questions apart as check.Menu does; nothing is worked out anew.
type evidence struct{}

func (evidence) Question(r kyc.CheckRequest) (config, known string) {
	b, _ := json.Marshal(map[string]any{"c": r.Checks, "e": r.Extracted})
	return r.Policy + string(r.Config), string(b)
}

func (evidence) Again(kyc.CheckRequest) (kyc.Answer, bool) { return kyc.Answer{}, false }

func (evidence) Rejudge(_ kyc.CheckRequest, _ kyc.Answer, _ kyc.CheckRequest) (kyc.Answer, bool) {
	return kyc.Answer{}, false
}

type bundle struct {
	dir      string
	db       *store.DB
	engine   *engine.Engine
	checks   *checks
	machine  *Machine
	tenant   kyc.Tenant
	workflow kyc.ID
	by       kyc.Actor
	stored   chan kyc.Run
	n        int
	deps     Deps
}

// listGraph sends whom the lists know better than the threshold to a person.
const listGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"papers"},
 "papers":{"type":"policy","policy":"papers","on_pass":"lists","on_fail":"no","on_error":"look"},
 "lists":{"type":"policy","policy":"lists","on_pass":"known","on_fail":"no","on_error":"look"},
 "known":{"type":"conditional","routes":[{"conditions":[{"field":"checks.lists.score","operator":">=","value":0.8}],"next":"look"}],"default":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"no"},
 "look":{"type":"terminal","outcome":"needs_review","reason_code":"look"}}}`

var clock = kyc.ClockFunc(func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) })

func setup(t testing.TB, versions ...string) *bundle {
	t.Helper()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{dir: dir, db: db, checks: &checks{}, stored: make(chan kyc.Run, 4096), by: kyc.Actor{Kind: kyc.ActorUser, ID: "u"}}
	now := clock.Now()
	org := &kyc.Org{Meta: kyc.Meta{ID: kyc.NewID(now)}, Name: "Test"}
	org.Tenant = kyc.Tenant{Org: org.ID}
	org.Touch(now)
	b.tenant = kyc.Tenant{Org: org.ID, Env: kyc.Live}
	b.engine = engine.New(engine.Deps{Store: db, Checks: b.checks, Clock: clock, Hooks: engine.Hooks{Stored: func(run kyc.Run) { b.stored <- run }}})
	b.engine.Start(t.Context())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		b.engine.Stop(ctx)
		_ = db.Close()
	})
	b.workflow = kyc.NewID(now)
	w := &kyc.Workflow{Meta: kyc.Meta{ID: b.workflow, Tenant: b.tenant}, Surface: kyc.SurfaceGraph, Name: "W", Status: kyc.WorkflowPublished, Published: 1, Latest: len(versions)}
	w.Touch(now)
	put := []kyc.Object{org, w}
	for i, graph := range versions {
		v := &kyc.WorkflowVersion{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: b.tenant}, WorkflowID: b.workflow, Number: i + 1, Name: "W", Format: session.FormatGraph, Valid: true,
			Source: json.RawMessage(`{"graph":` + graph + `}`)}
		v.Touch(now)
		put = append(put, v)
	}
	if err := db.Commit(t.Context(), &kyc.Change{Put: put}); err != nil {
		t.Fatal(err)
	}
	flows := session.NewWorkflows(session.WorkflowsDeps{Store: db, Clock: clock})
	b.deps = Deps{Store: db, Clock: clock, Graphs: b.engine, Evidence: evidence{}, Compile: flows.Compiled, Owner: "one"}
	b.machine = New(b.deps)
	return b
}

// person is a session that ran.
type person struct {
	score   float64
	paper   string
	country string
}

// ran lets sessions run on the first version and gives them in that order.
func (b *bundle) ran(t testing.TB, people ...person) []kyc.Session {
	t.Helper()
	v, err := b.db.Version(t.Context(), b.tenant, b.workflow, 1)
	if err != nil {
		t.Fatal(err)
	}
	g, err := b.deps.Compile(t.Context(), b.tenant, v)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]kyc.Session, 0, len(people))
	for _, p := range people {
		now := clock.Now()
		b.n++
		subject := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: b.tenant}, Kind: "individual", Status: kyc.SubjectPending}
		subject.Touch(now)
		s := &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: b.tenant}, Surface: kyc.SurfaceGraph, SubjectID: subject.ID, WorkflowID: b.workflow, Status: kyc.SessionCreated,
			Country: p.country, TokenHash: fmt.Sprintf("%064d", b.n),
			Private: kyc.SessionData{Fields: map[string]any{"score": json.Number(fmt.Sprint(p.score)), "paper": p.paper, "last_name": "Vermeer"}}}
		s.Touch(now)
		if _, err := b.engine.Begin(t.Context(), engine.BeginRequest{Session: s, Graph: g, Version: 1, Arm: "stable", Settings: &kyc.Settings{}, With: kyc.Change{Put: []kyc.Object{subject, s}}}); err != nil {
			t.Fatal(err)
		}
		for run := range b.stored {
			if run.SessionID == s.ID {
				break
			}
		}
		got, err := b.db.Session(t.Context(), b.tenant, s.ID)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, got)
	}
	return out
}

// decided is what a reviewer makes of a session.
func (b *bundle) decided(t testing.TB, s *kyc.Session, to kyc.SessionStatus) {
	t.Helper()
	move := s.Move
	if s.Status == kyc.SessionApproved || s.Status == kyc.SessionRejected {
		move = s.Overrule
	}
	now := clock.Now()
	if err := move(to, now); err != nil {
		t.Fatal(err)
	}
	s.Touch(now)
	if err := b.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{s}}); err != nil {
		t.Fatal(err)
	}
}

func edited(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(listGraph) }

// together runs functions at the same time.
func together(fs ...func()) {
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(f)
	}
	wg.Wait()
}
