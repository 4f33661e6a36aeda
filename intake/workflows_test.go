package intake

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"bonafide/checklist"
	"bonafide/kyc"
)

func TestASandboxKeyRunsTheOrganisationsWorkflowsAndChangesNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	raw := json.RawMessage(`{"name":"X","steps":[{"id":"FACE_LIVENESS"}]}`)
	_, err := b.CreateWorkflow(ctx, b.box, b.key, raw, false)
	wantCode(t, err, kyc.Forbidden, "sandbox_key_forbidden")
	st := b.workflow("FACE_LIVENESS")
	_, err = b.ConfigureStep(ctx, b.box, b.key, st.Workflow.ID, "FACE_LIVENESS", json.RawMessage(`{}`), 0)
	wantCode(t, err, kyc.Forbidden, "sandbox_key_forbidden")
	_, err = b.PatchWorkflow(ctx, b.box, b.key, st.Workflow.ID, Patch{}, 0)
	wantCode(t, err, kyc.Forbidden, "sandbox_key_forbidden")

	read, err := b.Workflow(ctx, b.box, st.Workflow.ID)
	if err != nil || read.Workflow.ID != st.Workflow.ID {
		t.Errorf("a sandbox key cannot read the workflow: %v", err)
	}
	c, err := b.Create(ctx, b.box, b.key, person(st))
	if err != nil {
		t.Fatal(err)
	}
	if s := c.State.Session; s.Tenant != b.box || s.PolicyTenant() != b.live {
		t.Errorf("the session is in %v and its workflow in %v", s.Tenant, s.PolicyTenant())
	}
	if _, err := b.State(ctx, b.live, c.State.Session.ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("a live key sees a sandbox session: %v", err)
	}
}

func TestAChangeIsANewVersionAndSessionsKeepTheirs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	st := b.workflow("FACE_LIVENESS", "CONSENT")
	c, err := b.Create(ctx, b.live, b.key, person(st))
	if err != nil {
		t.Fatal(err)
	}
	changed, err := b.ConfigureStep(ctx, b.live, b.key, st.Workflow.ID, "face-liveness", json.RawMessage(`{"confidence_threshold":90}`), st.Workflow.Rev)
	if err != nil {
		t.Fatal(err)
	}
	if changed.Version.Number != 2 || changed.Workflow.Published != 2 {
		t.Errorf("the change is version %d", changed.Version.Number)
	}
	same, err := b.ConfigureStep(ctx, b.live, b.key, st.Workflow.ID, "FACE_LIVENESS", json.RawMessage(`{"confidence_threshold":90}`), 0)
	if err != nil || same.Version.Number != 2 {
		t.Errorf("the same configuration made version %d: %v", same.Version.Number, err)
	}
	_, err = b.ConfigureStep(ctx, b.live, b.key, st.Workflow.ID, "FACE_LIVENESS", json.RawMessage(`{"confidence_threshold":0,"x":1}`), 0)
	if len(problems(err)) != 2 {
		t.Errorf("not every problem is told: %v", err)
	}
	_, err = b.ConfigureStep(ctx, b.live, b.key, st.Workflow.ID, "AGE_ESTIMATION", json.RawMessage(`{}`), 0)
	wantCode(t, err, kyc.NotFound, "workflow_step_not_found")
	_, err = b.ConfigureStep(ctx, b.live, b.key, st.Workflow.ID, "FACE_LIVENESS", json.RawMessage(`{}`), 1)
	wantCode(t, err, kyc.PreconditionFailed, "etag_mismatch")

	name, archive := "Renamed", "archived"
	patched, err := b.PatchWorkflow(ctx, b.live, b.key, st.Workflow.ID, Patch{Name: &name, Steps: []string{"CONSENT", "FACE_LIVENESS"}, Status: &archive}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !patched.Archived() || patched.Def.Name != name || !slices.Equal(patched.Def.StepIDs(), []string{"CONSENT", "FACE_LIVENESS"}) || patched.Version.Number != 3 {
		t.Errorf("patched to %+v", patched.Def)
	}
	_, err = b.Create(ctx, b.live, b.key, person(st))
	wantCode(t, err, kyc.Conflict, "workflow_archived")
	bad := "gone"
	_, err = b.PatchWorkflow(ctx, b.live, b.key, st.Workflow.ID, Patch{Status: &bad}, 0)
	wantProblems(t, err, "/status status_invalid")

	s, err := b.State(ctx, b.live, c.State.Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	config, _ := s.Def.Step("FACE_LIVENESS").Config.(checklist.LivenessConfig)
	if s.Version.Number != 1 || config.ConfidenceThreshold != 70 || s.Steps[0].ID != "FACE_LIVENESS" {
		t.Errorf("the session moved to version %d", s.Version.Number)
	}
}

func TestADefinitionThatAsksForMoreThanThereIsIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.d.Catalog = map[string]kyc.CheckSpec{"liveness": {}, "watchlist_screening": {}, "checklist_outcome": {}}
	b.workflow("FACE_LIVENESS")
	_, err := b.CreateWorkflow(t.Context(), b.live, b.key, json.RawMessage(`{"name":"X","steps":[{"id":"AGE_ESTIMATION"}]}`), false)
	wantCode(t, err, kyc.Internal, "not_compilable")
}

func TestListsGoPageByPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	var all []kyc.ID
	for range 3 {
		st := b.workflow("FACE_LIVENESS")
		all = append(all, st.Workflow.ID)
		n := person(st)
		n.ExternalID = "case-" + string(st.Workflow.ID[:3])
		if _, err := b.Create(ctx, b.live, b.key, n); err != nil {
			t.Fatal(err)
		}
	}
	slices.Reverse(all)
	page, err := b.Workflows(ctx, b.box, kyc.Page{Limit: 2})
	if err != nil || len(page.Items) != 2 || page.Items[0].ID != all[0] || page.Next != all[1] {
		t.Fatalf("first page %v, next %s: %v", len(page.Items), page.Next, err)
	}
	rest, err := b.Workflows(ctx, b.box, kyc.Page{Limit: 2, After: page.Next})
	if err != nil || len(rest.Items) != 1 || rest.Items[0].ID != all[2] || rest.Next != "" {
		t.Errorf("second page %v, next %s: %v", len(rest.Items), rest.Next, err)
	}
	count := func(by kyc.Actor, q Query) int {
		list, err := b.Sessions(ctx, b.live, by, q, kyc.Page{})
		if err != nil {
			t.Fatal(err)
		}
		return len(list.Items)
	}
	for _, tt := range []struct {
		name string
		by   kyc.Actor
		q    Query
		want int
	}{
		{"own", b.key, Query{}, 3},
		{"somebody else's own", b.anna, Query{}, 0},
		{"the organisation's", b.anna, Query{Organization: true}, 3},
		{"a workflow's", b.anna, Query{WorkflowID: string(all[0]), Organization: true}, 1},
		{"an unknown workflow's", b.anna, Query{WorkflowID: "x"}, 0},
		{"the external id wins", b.anna, Query{ExternalID: "nobody", WorkflowID: string(all[0])}, 0},
		{"from tomorrow", b.key, Query{From: b.clock.Add(24 * time.Hour)}, 0},
		{"until yesterday", b.key, Query{To: b.clock.Add(-24 * time.Hour)}, 0},
	} {
		if got := count(tt.by, tt.q); got != tt.want {
			t.Errorf("%s: %d sessions, want %d", tt.name, got, tt.want)
		}
	}
}

func TestEveryProblemOfANewSessionIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.d.Invite = nil
	_, err := b.Create(t.Context(), b.live, b.key, NewSession{FirstName: " ", LastName: "a\x00b", Email: "nope", Phone: "12", ExternalID: string(make([]byte, 201)),
		RedirectURL: "http://example.org", ExpiresIn: time.Minute, SendEmail: true, Hosted: true})
	wantProblems(t, err, "/email email_invalid", "/expires_in_hours out_of_range", "/external_id too_long", "/external_id text_invalid", "/first_name required",
		"/last_name text_invalid", "/phone phone_invalid", "/redirect_url invalid_url", "/send_email_invite invite_unavailable", "/workflow_id required")
	_, err = b.Create(t.Context(), b.live, b.key, NewSession{WorkflowID: "x", FirstName: "\u202e\u200b", LastName: "-", Email: "a@example.org", Phone: "+31612345678"})
	wantProblems(t, err, "/first_name name_invalid", "/last_name name_invalid")
	_, err = b.Create(t.Context(), b.live, b.key, NewSession{WorkflowID: "x", FirstName: "A", LastName: "B", Email: "a@example.org", Phone: "31612345678"})
	wantCode(t, err, kyc.NotFound, "not_found")
}

func TestAHostedSessionHasALinkAndIsInvited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	n := person(b.workflow("CONSENT"))
	n.Hosted, n.SendEmail, n.SendPhone = true, true, true
	c, err := b.Create(ctx, b.live, b.key, n)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Invited, []string{"email", "sms"}) || len(b.invited) != 2 || b.invited[0].To != n.Email || b.invited[0].Token != c.Token {
		t.Errorf("invited %v: %+v", c.Invited, b.invited)
	}
	st, err := b.Link(ctx, c.Token)
	if err != nil || st.Session.ID != c.State.Session.ID || !st.Hosted {
		t.Errorf("the link leads to %s: %v", st.Session.ID, err)
	}
	for _, token := range []string{"", "x", c.Token + "x"} {
		_, err := b.Link(ctx, token)
		wantCode(t, err, kyc.NotFound, "link_invalid")
	}
	if c.State.Session.ExpiresAt.Sub(c.State.Session.CreatedAt) != defaultLife {
		t.Errorf("it lives until %s", c.State.Session.ExpiresAt)
	}
}

// A new link of a session ends the one before it, while the session takes data.
func TestALinkIsRenewed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	n := person(b.workflow("CONSENT"))
	bare, err := b.Create(ctx, b.live, b.key, n)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Renew(ctx, b.live, b.key, bare.State.Session.ID)
	wantCode(t, err, kyc.Conflict, "no_link")
	n.Hosted = true
	c, err := b.Create(ctx, b.live, b.key, n)
	if err != nil {
		t.Fatal(err)
	}
	id := c.State.Session.ID
	_, err = b.Renew(ctx, kyc.Tenant{Org: b.live.Org, Env: kyc.Sandbox}, b.key, id)
	wantCode(t, err, kyc.NotFound, "not_found")
	token, err := b.Renew(ctx, b.live, b.key, id)
	if err != nil || token == c.Token {
		t.Fatal(token, err)
	}
	_, err = b.Link(ctx, c.Token)
	wantCode(t, err, kyc.NotFound, "link_invalid")
	st, err := b.Link(ctx, token)
	if err != nil || st.Session.ID != id || !st.Session.ExpiresAt.Equal(c.State.Session.ExpiresAt) {
		t.Errorf("the new link leads to %s until %s: %v", st.Session.ID, st.Session.ExpiresAt, err)
	}
	s, err := b.Expire(ctx, st.Session, b.key, b.d.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Renew(ctx, b.live, b.key, s.ID)
	wantCode(t, err, kyc.Gone, "session_expired")
}

func TestAnArchivedWorkflowComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	st := b.workflow("CONSENT")
	for _, tt := range []struct {
		status   string
		archived bool
		rev      int64
	}{{"archived", true, 2}, {"archived", true, 2}, {"active", false, 3}} {
		got, err := b.PatchWorkflow(t.Context(), b.live, b.key, st.Workflow.ID, Patch{Status: &tt.status}, 0)
		if err != nil || got.Archived() != tt.archived || got.Workflow.Rev != tt.rev || got.Version.Number != 1 {
			t.Errorf("%s: archived %v at revision %d, version %d: %v", tt.status, got.Archived(), got.Workflow.Rev, got.Version.Number, err)
		}
		if tt.archived {
			_, err = b.ConfigureStep(t.Context(), b.live, b.key, st.Workflow.ID, "CONSENT", json.RawMessage(`{"version":"9"}`), 0)
			wantCode(t, err, kyc.Conflict, "workflow_archived")
		}
	}
	if _, err := b.Create(t.Context(), b.live, b.key, person(st)); err != nil {
		t.Error(err)
	}
}
