package journey

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// sub is a workflow whose only step collects parties in another one.
func sub(slug, of string) json.RawMessage {
	step := `{"step_id":"you","order":1,"name":"You","type":"form_fill","custom_fields":[{"field_id":"a","name":"A","type":"text"}]}`
	if of != "" {
		step = fmt.Sprintf(`{"step_id":"they","order":1,"name":"They","type":"subsession_collection","subsession_config":{"workflow_id":%q}}`, of)
	}
	return json.RawMessage(fmt.Sprintf(`{"name":%q,"slug":%q,"steps":[%s]}`, slug, slug, step))
}

func TestAnUpdateIsExactlyOneNewVersionAndSessionsKeepTheirs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	first := b.workflow(t, "")
	if first.Version.Number != 1 || first.Workflow.Published != 1 || first.Version.Format != Format || !first.Latest() || first.Version.Hash != first.Definition.Hash() {
		t.Errorf("the first version is %+v", first.Version)
	}
	old, err := b.Create(ctx, b.live, b.key, NewSession{Workflow: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.UpdateWorkflow(ctx, b.live, b.key, string(first.Workflow.ID), first.Workflow.Rev, json.RawMessage(`{"name":"Other","tags":["a"]}`), false)
	if err != nil || !second.Changed || second.Version.Number != 2 {
		t.Fatalf("%+v %v", second.Version, err)
	}
	same, err := b.UpdateWorkflow(ctx, b.live, b.key, "plain", 0, json.RawMessage(`{"name":"Other","change_note":"again"}`), false)
	if err != nil || same.Changed || same.Workflow.Latest != 2 {
		t.Errorf("an update without a change made a version: %+v %v", same.Workflow, err)
	}
	_, err = b.UpdateWorkflow(ctx, b.live, b.key, "plain", first.Workflow.Rev, json.RawMessage(`{"name":"Third"}`), false)
	wantCode(t, err, kyc.PreconditionFailed, "etag_mismatch")
	_, err = b.UpdateWorkflow(ctx, b.live, b.key, "plain", 0, json.RawMessage(`{"name":null,"steps":[]}`), false)
	if len(kyc.AsError(err).Problems) < 2 {
		t.Errorf("not all problems at once: %v", err)
	}
	if v, err := b.load(ctx, b.live, old.Session.ID); err != nil || v.version.Number != 1 || v.def.Name != "Plain" {
		t.Errorf("the session did not keep its version: %v", err)
	}
	pinned, err := b.Create(ctx, b.live, b.key, NewSession{Workflow: "plain", Version: 1})
	if err != nil || pinned.Session.Version != 1 {
		t.Errorf("pinned to %d: %v", pinned.Session.Version, err)
	}
	_, err = b.Create(ctx, b.live, b.key, NewSession{Workflow: "plain", Version: 9})
	wantCode(t, err, kyc.NotFound, "workflow_version_not_found")
	list, total, err := b.WorkflowVersions(ctx, b.live, "plain", kyc.Page{Limit: 10})
	if err != nil || total != 2 || list[0].Number != 2 || !list[0].Latest || list[0].ActiveSessions != 0 || list[1].ActiveSessions != 2 {
		t.Errorf("versions %+v %v", list, err)
	}
}

func TestADeletedWorkflowTakesNothingNewAndStaysReadable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.workflow(t, "").Workflow
	c, err := b.Create(ctx, b.live, b.key, NewSession{Workflow: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	gone, err := b.DeleteWorkflow(ctx, b.live, b.key, "plain", 0)
	if err != nil || gone.DeletedAt.IsZero() {
		t.Fatal(err)
	}
	id := string(w.ID)
	_, err = b.DeleteWorkflow(ctx, b.live, b.key, id, 0)
	wantCode(t, err, kyc.NotFound, "not_found")
	_, err = b.Workflow(ctx, b.live, id, 0, false)
	wantCode(t, err, kyc.NotFound, "not_found")
	for _, read := range []struct {
		number  int
		deleted bool
	}{{1, false}, {0, true}} {
		if st, err := b.Workflow(ctx, b.live, id, read.number, read.deleted); err != nil || st.Version.Number != 1 {
			t.Errorf("%+v: %v", read, err)
		}
	}
	_, err = b.Create(ctx, b.live, b.key, NewSession{Workflow: id})
	wantCode(t, err, kyc.Conflict, "workflow_deleted")
	_, err = b.CreateWorkflow(ctx, b.live, b.key, sub("other", id), false)
	wantCode(t, err, kyc.Conflict, "workflow_deleted")
	b.finish(t, c.Session.ID)
	if b.session(t, c.Session.ID).Status != kyc.SessionCaptured {
		t.Error("a session under way did not finish")
	}
	if st, err := b.CreateWorkflow(ctx, b.live, b.key, json.RawMessage(plain), false); err != nil || st.Workflow.ID == w.ID {
		t.Errorf("the slug of a deleted workflow is not free: %v", err)
	}
	_, err = b.Workflow(ctx, b.box, id, 1, true)
	wantCode(t, err, kyc.NotFound, "not_found")
}

func TestSubsessionWorkflowsMustExistAndNeverLeadBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	create := func(slug, of string) error {
		_, err := b.CreateWorkflow(ctx, b.live, b.key, sub(slug, of), false)
		return err
	}
	code := func(err error) string {
		if p := kyc.AsError(err).Problems; err != nil && len(p) == 1 && p[0].Path == "/steps/0/subsession_config/workflow_id" {
			return p[0].Code
		}
		return fmt.Sprint(err)
	}
	if got := code(create("aa", "nobody")); got != "subsession_workflow_not_found" {
		t.Error(got)
	}
	if got := code(create("aa", "aa")); got != "subsession_workflow_cycle" {
		t.Error(got)
	}
	for _, pair := range [][2]string{{"dd", ""}, {"cc", "dd"}, {"bb", "cc"}, {"aa", "bb"}} {
		if err := create(pair[0], pair[1]); err != nil {
			t.Fatal(pair, err)
		}
	}
	if got := code(create("zz", "aa")); got != "subsession_depth" {
		t.Error(got)
	}
	_, err := b.UpdateWorkflow(ctx, b.live, b.key, "dd", 0, sub("dd", "bb"), false)
	if got := code(err); got != "subsession_workflow_cycle" {
		t.Error(got)
	}
	err = create("bb", "")
	wantCode(t, err, kyc.Conflict, "slug_taken")
}

func TestATemplateBringsItsCompanionsOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	_, err := b.CreateFromTemplate(ctx, b.live, b.key, "nonsense", nil, false)
	wantCode(t, err, kyc.NotFound, "template_not_found")
	for _, name := range onboarding.Templates() {
		st, err := b.CreateFromTemplate(ctx, b.live, b.key, name, json.RawMessage(`{"name":"Mine","template_type":"custom"}`), false)
		if err != nil {
			t.Fatal(name, err)
		}
		if st.Definition.TemplateType != name || st.Definition.Name != "Mine" || st.Workflow.Catalog.TemplateType != name {
			t.Errorf("%s became %s %q", name, st.Definition.TemplateType, st.Definition.Name)
		}
	}
	again, err := b.CreateFromTemplate(ctx, b.live, b.key, "company-kyc", nil, false)
	if err != nil || len(again.Companions) != 0 {
		t.Errorf("companions are made again: %v %v", again.Companions, err)
	}
	if _, err := b.Workflow(ctx, b.live, "ubo-verification-workflow", 0, false); err != nil {
		t.Error(err)
	}
}

func TestWorkflowsAreListedLastChangedFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	for _, slug := range []string{"aa", "bb", "cc"} {
		if _, err := b.CreateWorkflow(ctx, b.live, b.key, sub(slug, ""), false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.UpdateWorkflow(ctx, b.live, b.key, "aa", 0, json.RawMessage(`{"description":"new"}`), false); err != nil {
		t.Fatal(err)
	}
	if _, err := b.DeleteWorkflow(ctx, b.live, b.key, "bb", 0); err != nil {
		t.Fatal(err)
	}
	names := func(q WorkflowQuery, limit int) string {
		list, more, err := b.Workflows(ctx, b.live, q, kyc.Page{Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, w := range list {
			out = append(out, w.Name)
		}
		return fmt.Sprintf("%s %t", strings.Join(out, " "), more)
	}
	for _, x := range []struct {
		q     WorkflowQuery
		limit int
		want  string
	}{
		{WorkflowQuery{}, 1, "aa true"},
		{WorkflowQuery{}, 2, "aa cc false"},
		{WorkflowQuery{Status: "all"}, 3, "bb aa cc false"},
		{WorkflowQuery{Status: "deleted"}, 3, "bb false"},
		{WorkflowQuery{Name: "A"}, 3, "aa false"},
	} {
		if got := names(x.q, x.limit); got != x.want {
			t.Errorf("%+v gives %q, want %q", x.q, got, x.want)
		}
	}
	_, _, err := b.Workflows(ctx, b.live, WorkflowQuery{Status: "odd"}, kyc.Page{Limit: 1})
	wantCode(t, err, kyc.Invalid, "invalid_query")
	if !slices.ContainsFunc(b.store.Log, func(e kyc.Event) bool { return e.Action == "workflow.delete" && e.Before != e.After }) {
		t.Error("the deletion is not in the record")
	}
}
