package backtest

import (
	"database/sql"
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
)

// found is what a backtest found, without when and by whom.
func found(b kyc.Backtest) string {
	raw, _ := json.Marshal(map[string]any{"tally": b.Tally, "items": b.Items, "done": b.Done, "status": b.Status, "definition": b.Definition})
	return string(raw)
}

func TestBacktestCountsWhatWouldChange(t *testing.T) {
	t.Parallel()
	b := setup(t, listGraph, edited(`0.8`, `0.5`), edited(`"yes":{`, `"face":{"type":"policy","policy":"face","on_pass":"yes","on_fail":"no","on_error":"look"},"yes":{`, `"default":"yes"`, `"default":"face"`))
	people := b.ran(t, person{0.1, "passport", "NL"}, person{0.6, "passport", "NL"}, person{0.7, "id_card", "DE"}, person{0.9, "id_card", ""}, person{0.95, "Ada's own", "DE"})
	b.decided(t, &people[1], kyc.SessionRejected) // approved by the machine, rejected by a person
	b.decided(t, &people[3], kyc.SessionApproved) // in review, approved by a person
	asked := b.checks.asked.Load()
	events := func() int {
		_, n, err := b.db.Events(t.Context(), b.tenant, kyc.EventFilter{}, kyc.Page{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := events()
	got, err := b.machine.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 2})
	if err != nil {
		t.Fatal(err)
	}
	y := got.Tally
	if got.Status != kyc.BacktestCompleted || got.Done != 5 || y.Sessions != 5 || y.Replayed != 5 || y.Changed != 2 || y.Same != 3 || y.Unknown+y.Unreadable+y.Rerouted != 0 {
		t.Errorf("%s %+v", got.Status, y)
	}
	type counts = map[kyc.Outcome]map[kyc.Outcome]int
	if want := (counts{kyc.Approved: {kyc.Approved: 1, kyc.NeedsReview: 2}, kyc.NeedsReview: {kyc.NeedsReview: 2}}); !reflect.DeepEqual(y.Matrix, want) {
		t.Errorf("the matrix is %v", y.Matrix)
	}
	if want := (counts{kyc.Rejected: {kyc.NeedsReview: 1}, kyc.Approved: {kyc.NeedsReview: 1}}); !reflect.DeepEqual(y.Reviewed, want) {
		t.Errorf("against reviewers: %v", y.Reviewed)
	}
	if want := (counts{kyc.Rejected: {kyc.Approved: 1}, kyc.Approved: {kyc.NeedsReview: 1}}); !reflect.DeepEqual(y.Before, want) {
		t.Errorf("before, against reviewers: %v", y.Before)
	}
	segments := map[string]string{}
	for property, values := range y.Segments {
		for value, s := range values {
			raw, _ := json.Marshal(s)
			segments[property+" "+value] = string(raw)
		}
	}
	for name, want := range map[string]string{
		"country NL":             `{"sessions":2,"changed":1,"unknown":0,"old":{"approved":2},"new":{"approved":1,"needs_review":1}}`,
		"country unknown":        `{"sessions":1,"changed":0,"unknown":0,"old":{"needs_review":1},"new":{"needs_review":1}}`,
		"document_type passport": `{"sessions":2,"changed":1,"unknown":0,"old":{"approved":2},"new":{"approved":1,"needs_review":1}}`,
		"document_type other":    `{"sessions":1,"changed":0,"unknown":0,"old":{"needs_review":1},"new":{"needs_review":1}}`,
		"version 1":              `{"sessions":5,"changed":2,"unknown":0,"old":{"approved":3,"needs_review":2},"new":{"approved":1,"needs_review":4}}`,
	} {
		if segments[name] != want {
			t.Errorf("%s: %s", name, segments[name])
		}
	}
	if len(segments) != 8 || segments["arm stable"] == "" {
		t.Errorf("the segments are %v", segments)
	}
	// Every one that changed, the newest first, with the node where the ways part.
	if len(got.Items) != 2 || got.Items[0].SessionID != people[2].ID || got.Items[1].SessionID != people[1].ID {
		t.Fatalf("the items are %+v", got.Items)
	}
	i := got.Items[1]
	if i.Old != kyc.Approved || i.New != kyc.NeedsReview || i.Node != "known" || i.Reviewer != kyc.Rejected || strings.Join(i.Path, " ") != "start papers lists known look" ||
		strings.Join(i.OldPath, " ") != "start papers lists known _locked_watchlist_screening yes" {
		t.Errorf("%+v", i)
	}
	// Nobody was asked, nothing of the sessions changed, and the chain has one
	// entry more.
	if b.checks.asked.Load() != asked {
		t.Error("a check was asked")
	}
	if n := events() - before; n != 1 {
		t.Errorf("%d events", n)
	}
	for _, p := range people {
		if now, err := b.db.Session(t.Context(), b.tenant, p.ID); err != nil || now.Rev != p.Rev {
			t.Errorf("a session changed: %+v, %v", now.Meta, err)
		}
	}
	read, err := b.machine.Read(t.Context(), b.tenant, b.workflow, got.ID)
	if err != nil || found(read) != found(got) {
		t.Errorf("reading gives %s\nnot %s (%v)", found(read), found(got), err)
	}
	if again, err := b.machine.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Draft: got.Draft}); err != nil || found(again) != found(got) {
		t.Errorf("the same call gives %s\nnot %s (%v)", found(again), found(got), err)
	}
	// A check that those sessions never ran: not known, and never an approval.
	unknown, err := b.machine.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 3, Sessions: []kyc.ID{people[0].ID, people[4].ID, people[0].ID}})
	if err != nil || unknown.Tally.Sessions != 2 || unknown.Tally.Unknown != 1 || unknown.Tally.Same != 1 || len(unknown.Items) != 1 ||
		!reflect.DeepEqual(unknown.Tally.Why, []kyc.BacktestWhy{{Reason: "check_not_recorded", Node: "face", Policy: "face", Sessions: 1}}) ||
		unknown.Items[0].New != kyc.NotKnown || unknown.Items[0].Node != "face" || unknown.Items[0].Policy != "face" {
		t.Errorf("%+v\n%+v (%v)", unknown.Tally, unknown.Items, err)
	}
	// Compared with another version instead of what happened.
	control, err := b.machine.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 1, Control: 2, Last: 3})
	if want := (counts{kyc.NeedsReview: {kyc.NeedsReview: 2, kyc.Approved: 1}}); err != nil || control.Tally.Sessions != 3 || !reflect.DeepEqual(control.Tally.Matrix, want) {
		t.Errorf("%+v (%v)", control.Tally, err)
	}
}

func TestBacktestDoesNotReadTheErased(t *testing.T) {
	t.Parallel()
	b := setup(t, listGraph, edited(`0.8`, `0.05`))
	people := b.ran(t, person{0.1, "passport", "NL"}, person{0.1, "passport", "NL"}, person{0.1, "passport", "NL"}, person{0.1, "passport", "NL"})
	erased := people[0]
	erased.RedactedAt = clock.Now()
	erased.Touch(clock.Now())
	if err := b.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&erased}, Erase: []kyc.ID{people[0].SubjectID}, Events: []kyc.Event{{ID: kyc.NewID(clock.Now()), Tenant: b.tenant, At: clock.Now(), Actor: b.by,
		Action: "subject.redact", Object: "subject", ObjectID: people[0].SubjectID}}}); err != nil {
		t.Fatal(err)
	}
	redacted, withheld := people[1], people[2]
	redacted.RedactedAt, withheld.WithheldAt = clock.Now(), clock.Now()
	redacted.Touch(clock.Now())
	withheld.Touch(clock.Now())
	if err := b.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&redacted, &withheld}}); err != nil {
		t.Fatal(err)
	}
	got, err := b.machine.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 2})
	if err != nil || got.Tally.Unreadable != 3 || got.Tally.Replayed != 1 || got.Tally.Changed != 1 || got.Tally.Segments[ByCountry]["NL"].Sessions != 1 ||
		!reflect.DeepEqual(got.Tally.Why, []kyc.BacktestWhy{{Reason: Erased, Sessions: 2}, {Reason: Withheld, Sessions: 1}}) {
		t.Errorf("%+v (%v)", got.Tally, err)
	}
	for n, i := range got.Items[1:] {
		if want := []string{Withheld, Erased, Erased}[n]; !i.Unreadable() || i.Reason != want || i.Old != "" || i.Path != nil {
			t.Errorf("%+v", i)
		}
	}
}

// One record that a bad disk changed is counted apart. It must not keep a backtest
// running for ever: two of these, and an organisation could begin no other.
func TestBacktestGoesOnBehindADamagedRecord(t *testing.T) {
	t.Parallel()
	b := setup(t, listGraph, edited(`0.8`, `0.05`))
	people := b.ran(t, person{0.1, "passport", "NL"}, person{0.1, "passport", "NL"}, person{0.1, "passport", "NL"})
	raw, err := sql.Open("sqlite", filepath.Join(b.dir, "bonafide.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if done, err := raw.ExecContext(t.Context(), `UPDATE run_input SET secret = substr(secret, 1, length(secret) - 1) || x'00' WHERE seq = 1 AND run_id = ?`, string(people[1].RunID)); err != nil {
		t.Fatal(err)
	} else if n, err := done.RowsAffected(); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	got, err := b.machine.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 2})
	if err != nil || got.Status != kyc.BacktestCompleted || got.Tally.Replayed != 2 || got.Tally.Changed != 2 || !reflect.DeepEqual(got.Tally.Why, []kyc.BacktestWhy{{Reason: Broken, Sessions: 1}}) {
		t.Errorf("%s %+v (%v)", got.Status, got.Tally, err)
	}
}

// Whoever does it, in whatever pieces, finds the same, and nothing twice.
func TestBacktestGoesOnElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t, listGraph, edited(`0.8`, `0.5`))
	var people []person
	for i := range 12 {
		people = append(people, person{float64(i) / 12, "passport", "NL"})
	}
	b.ran(t, people...)
	whole, err := b.machine.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 2})
	if err != nil || whole.Status != kyc.BacktestCompleted || whole.Tally.Changed == 0 {
		t.Fatalf("%+v (%v)", whole, err)
	}
	deps := b.deps
	deps.Patience, deps.Page = -time.Second, 5
	hasty := New(deps)
	part, err := hasty.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 2})
	if err != nil || part.Status != kyc.BacktestRunning || part.Done == 0 || part.Done == 12 || part.Owner != "" || part.DueAt.IsZero() {
		t.Fatalf("%+v (%v)", part, err)
	}
	j := jobOf(&part)
	if err := hasty.goOnJob(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	if got, err := b.machine.Read(t.Context(), b.tenant, b.workflow, part.ID); err != nil || found(got) != found(whole) {
		t.Errorf("in two pieces: %s\nwant %s (%v)", found(got), found(whole), err)
	}
	if err := hasty.goOnJob(t.Context(), j); err != nil { // the job comes twice
		t.Error(err)
	}

	// A process that died: its lease ends, the sweep leaves a job, and two
	// nodes take it at the same time.
	dead, err := hasty.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 2})
	if err != nil {
		t.Fatal(err)
	}
	dead.Owner, dead.DueAt = "gone", clock.Now().Add(time.Hour)
	dead.Touch(clock.Now())
	if err := b.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&dead}}); err != nil {
		t.Fatal(err)
	}
	if n, err := hasty.Sweep(t.Context()); err != nil || n != 0 {
		t.Errorf("the sweep takes what somebody holds: %d, %v", n, err)
	}
	if err := hasty.goOnJob(t.Context(), jobOf(&dead)); err == nil { // it waits for the lease
		t.Error("a job takes what somebody holds")
	}
	dead.DueAt = clock.Now().Add(-time.Second)
	dead.Touch(clock.Now())
	if err := b.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&dead}}); err != nil {
		t.Fatal(err)
	}
	if n, err := hasty.Sweep(t.Context()); err != nil || n != 1 {
		t.Errorf("the sweep finds %d, %v", n, err)
	}
	other := deps
	other.Owner = "two"
	errs := make([]error, 2)
	together(func() { errs[0] = hasty.goOnJob(t.Context(), jobOf(&dead)) }, func() { errs[1] = New(other).goOnJob(t.Context(), jobOf(&dead)) })
	got, err := b.machine.Read(t.Context(), b.tenant, b.workflow, dead.ID)
	if err != nil || found(got) != found(whole) {
		t.Errorf("after a death: %s\nwant %s (%v, %v)", found(got), found(whole), err, errs)
	}
}

func TestBacktestFailsWithItsDefinition(t *testing.T) {
	t.Parallel()
	b := setup(t, listGraph)
	b.ran(t, person{0.1, "passport", "NL"})
	deps := b.deps
	deps.Patience = -time.Second
	hasty := New(deps)
	hasty.slots <- struct{}{}
	hasty.slots <- struct{}{} // nobody can be waited for
	got, err := hasty.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 1})
	if err != nil || got.Status != kyc.BacktestRunning || got.Done != 0 {
		t.Fatalf("%+v (%v)", got, err)
	}
	got.Definition = "sha256:none"
	got.Touch(clock.Now())
	if err := b.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&got}}); err != nil {
		t.Fatal(err)
	}
	if err := hasty.goOnJob(t.Context(), jobOf(&got)); err != nil {
		t.Fatal(err)
	}
	if got, err = b.machine.Read(t.Context(), b.tenant, b.workflow, got.ID); err != nil || got.Status != kyc.BacktestFailed || got.Reason == "" || !got.DueAt.IsZero() {
		t.Errorf("%+v (%v)", got, err)
	}
}

func TestBacktestSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	b := setup(t, listGraph, `{"entry":"start","nodes":{"start":{"type":"start","next":"nowhere"}}}`)
	people := b.ran(t, person{0.1, "passport", "NL"})
	now := clock.Now()
	many := make([]kyc.ID, MaxSessions+1)
	for name, c := range map[string]struct {
		request Request
		want    string
	}{
		"no candidate":        {Request{}, "/version version_or_draft"},
		"two candidates":      {Request{Version: 1, Draft: people[0].ID}, "/version version_or_draft"},
		"all at once":         {Request{Version: -1, Control: -1, Last: 1001, From: now, To: now, Sessions: many}, "/control_version out_of_range, /last out_of_range, /sessions sessions_or_last, /sessions too_many, /to range_empty, /version out_of_range"},
		"foreign sessions":    {Request{Version: 1, Sessions: []kyc.ID{kyc.NewID(now), people[0].ID, kyc.NewID(now)}}, "/sessions/0 session_not_found, /sessions/2 session_not_found"},
		"an invalid draft":    {Request{Version: 2}, "invalid_workflow"},
		"an unknown version":  {Request{Version: 9}, "not_found"},
		"an unknown control":  {Request{Version: 1, Control: 9}, "not_found"},
		"an unknown draft":    {Request{Draft: kyc.NewID(now)}, "not_found"},
		"an unknown workflow": {Request{Workflow: kyc.NewID(now), Version: 1}, "not_found"},
	} {
		if c.request.Workflow == "" {
			c.request.Workflow = b.workflow
		}
		_, err := b.machine.Start(t.Context(), b.tenant, b.by, c.request)
		var e *kyc.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := e.Code
		if e.Code == "invalid_backtest" {
			var all []string
			for _, p := range e.Problems {
				all = append(all, p.Path+" "+p.Code)
			}
			slices.Sort(all)
			got = strings.Join(all, ", ")
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	other := kyc.Tenant{Org: b.tenant.Org, Env: kyc.Sandbox}
	if _, err := b.machine.Start(t.Context(), other, b.by, Request{Workflow: b.workflow, Version: 1}); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("the other environment: %v", err)
	}
}

func TestBacktestsAreFew(t *testing.T) {
	t.Parallel()
	b := setup(t, listGraph)
	var first kyc.ID
	for i := range Kept + 2 {
		got, err := b.machine.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 1})
		if err != nil || got.Status != kyc.BacktestCompleted || got.Tally.Sessions != 0 {
			t.Fatalf("%+v (%v)", got, err)
		}
		if i == 0 {
			first = got.ID
		}
	}
	list, n, err := b.machine.List(t.Context(), b.tenant, b.workflow, kyc.Page{})
	if err != nil || n != Kept || len(list) != Kept {
		t.Errorf("%d are kept (%v)", n, err)
	}
	if _, err := b.machine.Read(t.Context(), b.tenant, b.workflow, first); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("the oldest: %v", err)
	}
	deps := b.deps
	// Two nodes that remove the same old one do not get into each other's way.
	both := func() {
		if _, err := New(deps).Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 1}); err != nil && !kyc.IsCode(err, "too_many_backtests") {
			t.Error(err)
		}
	}
	for range 10 {
		together(both, both)
	}
	deps.Patience = -time.Second
	var begun, refused atomic.Int64
	ask := func() {
		// Another process each time: they share nothing but the store.
		m := New(deps)
		m.slots <- struct{}{}
		m.slots <- struct{}{}
		switch _, err := m.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 1}); {
		case err == nil:
			begun.Add(1)
		case kyc.IsCode(err, "too_many_backtests"):
			refused.Add(1)
		default:
			t.Error(err)
		}
	}
	together(slices.Repeat([]func(){ask}, 12)...)
	if begun.Load() != MaxRunning || refused.Load() != 12-MaxRunning {
		t.Errorf("of twelve at once %d begin and %d are refused", begun.Load(), refused.Load())
	}
}
