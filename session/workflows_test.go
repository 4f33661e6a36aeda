package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"bonafide/flow"
	"bonafide/kyc"
)

func TestADraftMayBeInvalidButIsNotPublished(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	broken := strings.Replace(smallGraph, `"on_pass":"aml"`, `"on_pass":"nowhere"`, 1)
	broken = strings.Replace(broken, `"entry":"start"`, `"entry":"missing"`, 1)
	st, err := b.workflows.Create(ctx, b.live, b.key, Draft{Name: "broken", Document: Document{Graph: json.RawMessage(broken)}})
	if err != nil || st.Version.Valid || len(st.Report.Errors) < 2 || st.Version.Hash == "" {
		t.Fatalf("%+v %v", st, err)
	}
	_, _, err = b.workflows.Publish(ctx, b.live, b.key, st.Workflow.ID, 0, Publication{})
	wantCode(t, err, kyc.Invalid, "invalid_workflow")
	var e *kyc.Error
	if !errors.As(err, &e) || len(e.Problems) < 2 || !strings.HasPrefix(e.Problems[0].Path, "/graph/") {
		t.Errorf("%v", err)
	}
	read, err := b.workflows.Read(ctx, b.live, st.Workflow.ID, 0)
	if err != nil || len(read.Report.Errors) < 2 {
		t.Errorf("the draft does not tell its problems: %+v %v", read.Report, err)
	}
}

func TestEachEditIsAVersionAndPublishingSwitches(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.live, "KYC")
	_, _, err := b.workflows.Publish(ctx, b.live, b.key, w.ID, 0, Publication{})
	wantCode(t, err, kyc.Conflict, "nothing_to_publish")
	changed := strings.Replace(smallGraph, `"on_fail":"review"},`, `"on_fail":"review","timeout_seconds":9},`, 1)
	st, err := b.workflows.Edit(ctx, b.live, b.key, w.ID, w.Rev, Change{Graph: json.RawMessage(changed)})
	if err != nil || st.Version.Number != 2 || st.Workflow.Published != 1 {
		t.Fatalf("%+v %v", st, err)
	}
	_, err = b.workflows.Edit(ctx, b.live, b.key, w.ID, w.Rev, Change{})
	wantCode(t, err, kyc.PreconditionFailed, "etag_mismatch")
	drafts, err := b.workflows.Drafts(ctx, b.live, w.ID)
	if err != nil || len(drafts) != 1 || drafts[0].Number != 2 {
		t.Errorf("%+v %v", drafts, err)
	}
	from, to, _, err := b.workflows.Diff(ctx, b.live, w.ID, drafts[0].ID)
	if err != nil || from != 1 || to != 2 {
		t.Errorf("%d %d %v", from, to, err)
	}
	quarter := 25
	st, _, err = b.workflows.Publish(ctx, b.live, b.key, w.ID, 0, Publication{Percentage: &quarter, Note: "try"})
	if err != nil || st.Workflow.Rollout == nil || st.Workflow.Rollout.Previous != 1 || st.Version.ChangeNote != "try" {
		t.Fatalf("%+v %v", st, err)
	}
	salt := st.Workflow.Rollout.Salt
	if st, err = b.workflows.SetRollout(ctx, b.live, b.key, w.ID, 0, shareOf(50)); err != nil || st.Workflow.Rollout.Salt != salt {
		t.Errorf("%+v %v", st.Workflow.Rollout, err)
	}
	if st, err = b.workflows.SetRollout(ctx, b.live, b.key, w.ID, 0, shareOf(100)); err != nil || st.Workflow.Rollout != nil || st.Workflow.Published != 2 {
		t.Errorf("%+v %v", st.Workflow, err)
	}
	st, err = b.workflows.Rollback(ctx, b.live, b.key, w.ID, 0, Return{Note: "bad idea"})
	if err != nil || st.Version.Number != 3 || st.Workflow.Published != 3 {
		t.Fatalf("%+v %v", st, err)
	}
	one, _ := b.store.Version(ctx, b.live, w.ID, 1)
	if st.Version.Hash != one.Hash || string(st.Version.Source) != string(one.Source) {
		t.Error("the rolled back version differs from the old one")
	}
	if got := b.heard(w.ID); !slices.Equal(got, []string{"workflow.published", "workflow.published", "workflow.rolled_back"}) {
		t.Errorf("webhooks %v", got)
	}
}

func TestAQuarterOfTheSessionsTakesTheNewVersion(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := kyc.Workflow{Meta: kyc.Meta{ID: kyc.NewID(*b.now)}, Published: 2, Rollout: &kyc.Rollout{Version: 2, Previous: 1, Percentage: 25, Salt: "s"}}
	fresh := 0
	for range 4000 {
		if v, _, _ := flow.Choose(w, kyc.NewID(*b.now)); v == 2 {
			fresh++
		}
	}
	if fresh < 850 || fresh > 1150 {
		t.Errorf("%d of 4000", fresh)
	}
}

func TestOneDefaultPerEnvironment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	one, two := b.published(t, b.live, "one"), b.published(t, b.live, "two")
	boxed := b.published(t, b.box, "boxed")
	for _, set := range []struct {
		t  kyc.Tenant
		id kyc.ID
	}{{b.live, one.ID}, {b.box, boxed.ID}, {b.live, two.ID}} {
		if _, err := b.workflows.SetDefault(ctx, set.t, b.key, set.id, 0); err != nil {
			t.Fatal(err)
		}
	}
	if w, _ := b.store.DefaultWorkflow(ctx, b.live, kyc.SurfaceGraph); w.ID != two.ID {
		t.Errorf("the live default is %s", w.Name)
	}
	if w, _ := b.store.DefaultWorkflow(ctx, b.box, kyc.SurfaceGraph); w.ID != boxed.ID {
		t.Errorf("the sandbox default is %s", w.Name)
	}
	if w, _ := b.store.Workflow(ctx, b.live, one.ID); w.IsDefault {
		t.Error("two defaults")
	}
	draft, err := b.workflows.Create(ctx, b.live, b.key, Draft{Name: "draft", Document: Document{Graph: json.RawMessage(smallGraph), IsDefault: true}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.workflows.SetDefault(ctx, b.live, b.key, draft.Workflow.ID, 0)
	wantCode(t, err, kyc.Conflict, "not_published")
	if _, _, err := b.workflows.Publish(ctx, b.live, b.key, draft.Workflow.ID, 0, Publication{}); err != nil {
		t.Fatal(err)
	}
	if w, _ := b.store.DefaultWorkflow(ctx, b.live, kyc.SurfaceGraph); w.ID != draft.Workflow.ID {
		t.Errorf("the wish of the draft was lost: %s", w.Name)
	}
	if st, err := b.workflows.Deactivate(ctx, b.live, b.key, draft.Workflow.ID, 0); err != nil || st.Workflow.IsDefault {
		t.Errorf("%+v %v", st.Workflow, err)
	}
	if _, err := b.store.DefaultWorkflow(ctx, b.live, kyc.SurfaceGraph); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("a deactivated default: %v", err)
	}
}

func TestOfManyFirstDefaultsOneWins(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var ids []kyc.ID
	for i := range 8 {
		ids = append(ids, b.published(t, b.live, fmt.Sprint("w", i)).ID)
	}
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			if _, err := b.workflows.SetDefault(context.Background(), b.live, b.key, id, 0); err != nil && kyc.KindOf(err) != kyc.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	defaults := 0
	for _, id := range ids {
		if w, _ := b.store.Workflow(t.Context(), b.live, id); w.IsDefault {
			defaults++
		}
	}
	if defaults != 1 {
		t.Errorf("%d defaults", defaults)
	}
}

func TestPublishingWithFourEyes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	org, _ := b.store.Org(ctx, b.live.Org)
	settings := kyc.DefaultSettings()
	settings.PublishFourEyes = true
	org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: settings}
	org.Touch(*b.now)
	if err := b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		t.Fatal(err)
	}
	st, err := b.workflows.Create(ctx, b.live, b.key, Draft{Name: "KYC", Document: Document{Graph: json.RawMessage(smallGraph)}})
	if err != nil {
		t.Fatal(err)
	}
	id := st.Workflow.ID
	_, err = b.workflows.Approve(ctx, b.live, b.key, id, 0, "")
	wantCode(t, err, kyc.Conflict, "nothing_pending")
	st, pending, err := b.workflows.Publish(ctx, b.live, b.key, id, 0, Publication{Person: "Anna@acme.example"})
	if err != nil || !pending || st.Workflow.Status != kyc.WorkflowDraft {
		t.Fatalf("%+v %v %v", st.Workflow, pending, err)
	}
	for _, same := range []string{"anna@acme.example", string(b.anna.ID), strings.ToUpper("user_" + string(b.anna.ID))} {
		_, err = b.workflows.Approve(ctx, b.live, b.key, id, 0, strings.Replace(same, "USER_", "user_", 1))
		wantCode(t, err, kyc.Forbidden, "four_eyes")
	}
	_, err = b.workflows.Approve(ctx, b.live, kyc.Actor{Kind: kyc.ActorUser, ID: string(b.anna.ID)}, id, 0, "ben@acme.example")
	wantCode(t, err, kyc.Forbidden, "four_eyes") // a signed-in person is themselves
	st, err = b.workflows.Approve(ctx, b.live, b.key, id, 0, "ben@acme.example")
	if err != nil || st.Workflow.Status != kyc.WorkflowPublished || st.Workflow.PendingPublish != nil {
		t.Errorf("%+v %v", st.Workflow, err)
	}
}

func TestScreeningSettingsAreDefaultsOfTheCheck(t *testing.T) {
	t.Parallel()
	graph, problems := withScreening(json.RawMessage(smallGraph), json.RawMessage(`{"threshold":0.7}`))
	if len(problems) > 0 || !strings.Contains(string(graph), `"config":{"threshold":0.7}`) {
		t.Errorf("%s %v", graph, problems)
	}
	own := strings.Replace(smallGraph, `"policy":"watchlist_screening"`, `"policy":"watchlist_screening","config":{"threshold":0.9}`, 1)
	graph, _ = withScreening(json.RawMessage(own), json.RawMessage(`{"threshold":0.7}`))
	if !strings.Contains(string(graph), `"config":{"threshold":0.9}`) {
		t.Errorf("%s", graph)
	}
	if _, problems = withScreening(json.RawMessage(smallGraph), json.RawMessage(`[1]`)); len(problems) != 1 {
		t.Errorf("%v", problems)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	_, err := b.lists.Create(ctx, b.live, b.key, NewList{Type: "shoe", Mode: "eat"})
	wantCode(t, err, kyc.Invalid, "invalid_list")
	mails, err := b.lists.Create(ctx, b.live, b.key, NewList{Name: "mails", Type: kyc.ListEmail, Mode: kyc.ModeBlock})
	if err != nil {
		t.Fatal(err)
	}
	rows, l, err := b.lists.Add(ctx, b.live, b.key, mails.ID, []kyc.ListValue{{Value: "bad@example.com"}, {Value: "BAD@example.com"}, {Value: "evil.example"}, {Value: "nonsense"}}, "/items", false)
	if err != nil || l.Items != 2 || !rows[1].Duplicate || len(rows[3].Problems) != 1 || rows[3].Problems[0].Path != "/items/3/value" {
		t.Fatalf("%+v %+v %v", rows, l, err)
	}
	for value, want := range map[string]int{"Bad@Example.com": 1, "anyone@evil.example": 1, "good@example.com": 0} {
		got, err := b.lists.Match(ctx, b.live, b.key, mails.ID, kyc.ListValue{Value: value})
		if err != nil || len(got) != want {
			t.Errorf("%s: %d matches, %v", value, len(got), err)
		}
	}
	yes := true
	if _, err := b.lists.EditItem(ctx, b.live, b.key, mails.ID, rows[0].Item.ID, ItemChange{FalsePositive: &yes}); err != nil {
		t.Fatal(err)
	}
	if got, _ := b.lists.Match(ctx, b.live, b.key, mails.ID, kyc.ListValue{Value: "bad@example.com"}); len(got) != 0 {
		t.Error("a false positive still hits")
	}
	if l, err = b.lists.Remove(ctx, b.live, b.key, mails.ID, rows[2].Item.ID); err != nil || l.Items != 1 {
		t.Errorf("%+v %v", l, err)
	}
	graph := strings.Replace(smallGraph, `"policy":"watchlist_screening"`, `"policy":"watchlist_screening","config":{"list_ids":["list_`+string(mails.ID)+`"]}`, 1)
	st, err := b.workflows.Create(ctx, b.live, b.key, Draft{Name: "uses it", Document: Document{Graph: json.RawMessage(graph)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.lists.Edit(ctx, b.live, b.key, mails.ID, 0, ListChange{Archived: &yes}); err != nil {
		t.Errorf("a draft holds a list: %v", err)
	}
	no := false
	if _, err := b.lists.Edit(ctx, b.live, b.key, mails.ID, 0, ListChange{Archived: &no}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.workflows.Publish(ctx, b.live, b.key, st.Workflow.ID, 0, Publication{}); err != nil {
		t.Fatal(err)
	}
	_, err = b.lists.Edit(ctx, b.live, b.key, mails.ID, 0, ListChange{Archived: &yes})
	wantCode(t, err, kyc.Conflict, "list_in_use")
}

func TestInexactLists(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := context.Background()
	face := func(x float64) []float64 {
		v := make([]float64, 64)
		v[0], v[1] = 1, x
		return v
	}
	for _, c := range []struct {
		typ         kyc.ListType
		entry, ask  kyc.ListValue
		hit         bool
		description string
	}{
		{kyc.ListName, kyc.ListValue{Value: "Jon Smith"}, kyc.ListValue{Value: "SMITH, John"}, true, "close names"},
		{kyc.ListName, kyc.ListValue{Value: "Jon Smith", DateOfBirth: "1980-01-02"}, kyc.ListValue{Value: "Jon Smith", DateOfBirth: "1981-01-02"}, false, "another birthday"},
		{kyc.ListName, kyc.ListValue{Value: "Jon Smith"}, kyc.ListValue{Value: "Maria Rossi"}, false, "another name"},
		{kyc.ListIP, kyc.ListValue{Value: "10.0.0.0/8"}, kyc.ListValue{Value: "10.9.8.7"}, true, "inside"},
		{kyc.ListIP, kyc.ListValue{Value: "10.0.0.0/8"}, kyc.ListValue{Value: "11.9.8.7"}, false, "outside"},
		{kyc.ListGeo, kyc.ListValue{Latitude: 52.37, Longitude: 4.90, RadiusKM: 5}, kyc.ListValue{Latitude: 52.38, Longitude: 4.91}, true, "near"},
		{kyc.ListGeo, kyc.ListValue{Latitude: 52.37, Longitude: 4.90, RadiusKM: 5}, kyc.ListValue{Latitude: 48.85, Longitude: 2.35}, false, "far"},
		{kyc.ListFace, kyc.ListValue{Vector: face(0.1)}, kyc.ListValue{Vector: face(0.2)}, true, "alike"},
		{kyc.ListFace, kyc.ListValue{Vector: face(10)}, kyc.ListValue{Vector: face(-10)}, false, "opposite"},
		{kyc.ListPhone, kyc.ListValue{Value: "+31 6 1234 5678"}, kyc.ListValue{Value: "0031612345678"}, true, "last ten digits"},
	} {
		l, err := b.lists.Create(ctx, b.box, b.key, NewList{Name: c.description, Type: c.typ})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.lists.Add(ctx, b.box, b.key, l.ID, []kyc.ListValue{c.entry}, "", true); err != nil {
			t.Errorf("%s: %v", c.description, err)
		}
		got, err := b.lists.Match(ctx, b.box, b.key, l.ID, c.ask)
		if err != nil || (len(got) > 0) != c.hit {
			t.Errorf("%s %s: %v %v", c.typ, c.description, got, err)
		}
	}
}
