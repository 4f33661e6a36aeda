package steps

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func jsonText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// rest waits for the end of a run, or a moment.
func (b *bench) rest() {
	select {
	case <-b.Ended:
	case <-time.After(25 * time.Millisecond): // the news may have gone to somebody else
	}
}

func TestAnIndividualFromTheSeedToADecision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	definition := strings.Replace(fixture(t, "f12_complete_individual"), `"name"`, `"slug":"individual","custom_tags":{"region":"EU"},"name"`, 1)
	wid := c.workflow(definition)
	for name, want := range map[string][3]string{
		// family name: status, final decision, winning rule
		"Ada Approve": {"manual_review", "manual_review", "default_action"},
		"Kim Hidden":  {"rejected", "rejected", "country_rules[0]"},
		"Pat Politic": {"manual_review", "manual_review", "form_field_rules[0]"},
	} {
		a := c.opened(map[string]any{"workflow_id": "individual", "client_id": "client " + name, "metadata": map[string]any{"order": 7}, "prefill": map[string]any{"full_name": name}})
		answers := personal(name)
		switch name {
		case "Kim Hidden":
			answers["nationality"] = "KP"
		case "Pat Politic":
			answers["pep_status"] = "Yes - Current PEP"
		}
		a.pass(answers)
		got := c.await(a.session, want[0])
		if got.Str("final_decision") != want[1] || got.Str("processing_result.automation.winning_rule") != want[2] || got.Str("workflow_id") != wid ||
			got.At("pinned_version") != 1.0 || got.Str("custom_tags.region") != "EU" || got.At("metadata.order") != 7.0 || got.Str("form_data.full_name") != name {
			t.Errorf("%s: %s", name, got.Raw)
		}
		if got.Str("processing_result.liveness.status") != "passed" || got.Str("processing_result.lists.status") != "clear" ||
			got.Str("processing_result.crypto.status") != "not_run" || len(got.List("decision_history")) != 1 || len(got.List("extracted_entities")) != 1 {
			t.Errorf("%s: %s", name, got.Raw)
		}
		if p := a.Must(200, "GET", a.path(""), nil); p.Str("status") != want[0] || p.At("progress.done") != 3.0 || p.At("current_step_index") != 3.0 {
			t.Errorf("%s: %s", name, p.Raw)
		}
		a.refused(http.StatusConflict, "session_closed", "POST", a.path("/upload/init"), map[string]any{"step_id": "documents", "size": 1, "sha256": sum(nil)})
		wanted := []string{"kyc.session.created", "kyc.session.step_completed", "kyc.session.step_completed", "kyc.session.step_completed", "kyc.session.completed", "kyc.session.processed"}
		if want[0] == "manual_review" {
			wanted = append(wanted, "kyc.session.manual_review")
		}
		if told := b.Told(a.session); !slices.Equal(told, wanted) {
			t.Errorf("%s was told as %v", name, told)
		}
	}
}

func TestAReviewerDecidesAndReverses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	wid := c.workflow(fixture(t, "f12_complete_individual"))
	a := c.opened(map[string]any{"workflow_id": wid})
	c.refused(409, "session_not_complete", "POST", "/kyc/sessions/"+a.session+"/process", nil)
	a.pass(personal("Ada Approve"))
	got := c.await(a.session, "manual_review")
	path := "/kyc/sessions/" + a.session
	c.With("If-Match", `"1"`).refused(412, "etag_mismatch", "PATCH", path, map[string]any{"status": "approved"})
	c.refused(400, "validation_failed", "PATCH", path, map[string]any{"status": "great"})
	ok := c.With("If-Match", got.Header.Get("ETag")).With("X-On-Behalf-Of", "anna").Must(200, "PATCH", path, map[string]any{"status": "approved", "reason": "All papers seen."})
	if ok.Str("status") != "approved" || ok.Str("final_decision") != "approved" || ok.Str("decision.source") != "reviewer" || ok.Str("decision.reason") != "All papers seen." {
		t.Errorf("%s", ok.Raw)
	}
	c.refused(409, "override_required", "PATCH", path, map[string]any{"status": "rejected"})
	c.Must(200, "PATCH", path, map[string]any{"status": "rejected", "override": true, "reason": "The papers were forged.", "reason_code": "forged"})
	after := c.Must(200, "GET", path, nil)
	history := after.List("decision_history")
	if len(history) != 3 || after.Str("decision_history.2.supersedes") != after.Str("decision_history.1.id") || after.Str("reason_code") != "forged" {
		t.Errorf("%s", after.Raw)
	}
	c.refused(409, "invalid_transition", "PATCH", path, map[string]any{"status": "cancelled"})
}

func TestUnderDualReviewTwoPeopleDecide(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	org, err := b.DB.Org(t.Context(), b.Dev.ID)
	if err != nil {
		t.Fatal(err)
	}
	settings := org.EnvSettings(kyc.Sandbox)
	settings.DualReview = true
	org.Settings = map[kyc.Env]kyc.Settings{kyc.Sandbox: settings}
	org.Touch(b.Clock.Now())
	if err := b.DB.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		t.Fatal(err)
	}
	a := c.opened(map[string]any{"workflow_id": c.workflow(fixture(t, "f12_complete_individual"))})
	a.pass(personal("Ada Approve"))
	c.await(a.session, "manual_review")
	path := "/kyc/sessions/" + a.session
	anna, ben := c.With("X-On-Behalf-Of", "anna"), c.With("X-On-Behalf-Of", "ben")
	first := anna.Must(202, "PATCH", path, `{"status":"approved"}`)
	if first.At("pending_second_review") != true || first.Str("status") != "manual_review" || first.At("decision") != nil {
		t.Errorf("%s", first.Raw)
	}
	anna.refused(409, "same_reviewer", "PATCH", path, `{"status":"approved"}`)
	if second := ben.Must(200, "PATCH", path, `{"status":"approved"}`); second.At("pending_second_review") != false || second.Str("status") != "approved" {
		t.Errorf("%s", second.Raw)
	}
}

func TestCorrectionsReopenOnlyWhatIsListed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(fixture(t, "f12_complete_individual"))})
	a.pass(personal("Ada Approve"))
	c.await(a.session, "manual_review")
	path := "/kyc/sessions/" + a.session + "/corrections"
	bad := c.refused(400, "invalid_corrections", "POST", path, map[string]any{"items": []any{map[string]any{"step_id": "nowhere", "code": "other"},
		map[string]any{"step_id": "personal_info", "field_ids": []string{"nothing"}, "code": "other"}}})
	if len(bad.List("errors")) != 2 {
		t.Errorf("%s", bad.Raw)
	}
	r := c.Must(201, "POST", path, map[string]any{"items": []any{
		map[string]any{"step_id": "documents", "document_types": []string{"id"}, "code": "blurry", "message": "Please take a sharper picture."},
		map[string]any{"step_id": "personal_info", "field_ids": []string{"email"}, "code": "other"}}})
	if r.Str("status") != "needs_correction" || len(r.List("items")) != 2 || r.Str("items.0.message") != "Please take a sharper picture." {
		t.Errorf("%s", r.Raw)
	}
	open := a.Must(200, "GET", a.path("/corrections"), nil)
	if open.At("count") != 2.0 || open.Str("items.0.message") != "Please take a sharper picture." || open.At("next_cursor") != nil || open.At("has_more") != false {
		t.Errorf("%s", open.Raw)
	}
	a.fails(409, "step_already_completed", "/step/liveness/complete", "")
	a.fails(400, "field_validation_failed", "/step/personal_info/complete", `{"form_data":{"nationality":"IR"}}`)
	a.fails(409, "documents_missing", "/step/documents/complete", "")
	a.upload("documents", "id", picture(t, 1))
	a.ok("/step/documents/complete", "")
	a.ok("/step/personal_info/complete", `{"form_data":{"email":"new@example.com"}}`)
	got := c.await(a.session, "manual_review")
	if got.Str("form_data.email") != "new@example.com" || got.Str("corrections.0.status") != "submitted" || got.Str("documents.0.status") != "superseded" {
		t.Errorf("%s", got.Raw)
	}
	again := c.Must(200, "POST", "/kyc/sessions/"+a.session+"/process", nil)
	if again.Str("status") != "manual_review" || again.Str("processing_result.final_decision") != "manual_review" {
		t.Errorf("%s", again.Raw)
	}
	for _, want := range []string{"kyc.session.corrections_requested", "kyc.session.corrections_resolved"} {
		if !slices.Contains(b.Told(a.session), want) {
			t.Errorf("%v lacks %s", b.Told(a.session), want)
		}
	}
}

func TestTheCompanyAndItsOwners(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	company := fixture(t, "f11_company_with_ubos")
	own := strings.ReplaceAll(company, "ubo-verification-workflow", "owners")
	lacking := c.refused(400, "invalid_workflow", "POST", "/kyc/workflows", own)
	if lacking.Str("errors.0.code") != "subsession_workflow_not_found" || lacking.Str("errors.0.path") != "/steps/3/subsession_config/workflow_id" {
		t.Errorf("%s", lacking.Raw)
	}
	c.workflow(strings.Replace(fixture(t, "f10_ubo_verification"), `"name"`, `"slug":"owners","name"`, 1))
	a := c.opened(map[string]any{"workflow_id": c.workflow(own)})
	if made := c.Must(201, "POST", "/kyc/workflows", company); made.Str("warnings.0.code") != "subsession_workflow_created" {
		t.Errorf("as the seed prints it: %s", made.Raw) // the template's own workflow is made beside it
	}
	for i, kind := range []string{"articles_of_incorporation", "beneficial_owners"} {
		a.upload("company_docs", kind, picture(t, 10+i))
	}
	a.ok("/step/company_docs/complete", "{}")
	a.ok("/step/company_info/complete", `{"form_data":{"company_name":"Fair Trade Ltd","incorporation_country":"NL","registration_number":"123"}}`)
	a.liveness()
	a.ok("/step/representative/complete", "{}")
	a.fails(409, "subsessions_required", "/step/ubos/complete", "{}")
	owner := a.ok("/subsessions", `{"step_id":"ubos","name":"Una Owner","email":"una@example.com","entity_role":"ubo"}`)
	if owner.Status != 201 || owner.Str("access_token") == "" || !strings.HasSuffix(owner.Str("public_url"), owner.Str("access_token")) || owner.Str("status") != "active" {
		t.Fatalf("%s", owner.Raw)
	}
	pending := a.fails(409, "subsessions_pending", "/step/ubos/complete", "{}")
	if len(pending.List("errors")) != 1 {
		t.Errorf("%s", pending.Raw)
	}
	relinked := a.ok("/subsessions/"+owner.Str("session_id")+"/regenerate-link", "")
	party := &applicant{client: a.client, session: owner.Str("session_id"), token: owner.Str("access_token")}
	party.refused(404, "session_not_found", "GET", party.path(""), nil)
	party.token = relinked.Str("access_token")
	second := c.Must(201, "POST", "/kyc/sessions/"+a.session+"/subsessions", map[string]any{"step_id": "ubos", "name": "Second", "entity_role": "ubo"})
	if second.Str("parent_session_id") != a.session || second.Str("public_url") == "" {
		t.Errorf("%s", second.Raw)
	}
	if gone := a.Send("DELETE", a.path("/subsessions/"+second.Str("session_id")), "", nil); gone.Status != 200 || gone.At("deleted") != true {
		t.Errorf("%d %s", gone.Status, gone.Raw)
	}
	party.upload("id_upload", "id", picture(t, 20))
	party.ok("/step/id_upload/complete", "{}")
	party.liveness()
	party.ok("/step/liveness/complete", "{}")
	list := a.Must(200, "GET", a.path("/subsessions?step_id=ubos"), nil)
	if list.At("count") != 1.0 || list.Str("items.0.status") != "completed" || list.Str("items.0.name") != "Una Owner" {
		t.Errorf("%s", list.Raw)
	}
	a.ok("/step/ubos/complete", "{}")
	got := c.Must(200, "GET", "/kyc/sessions/"+a.session, nil)
	if got.Str("status") != "completed" || len(got.List("subsessions")) != 1 || got.Str("subsessions.0.entity_role") != "ubo" {
		t.Errorf("%s", got.Raw)
	}
	async := c.Must(202, "POST", "/kyc/sessions/"+a.session+"/process?async=true", nil)
	if async.Str("status") != "processing" || async.At("processing_result") != nil {
		t.Errorf("%s", async.Raw)
	}
	c.await(a.session, "manual_review")
	if rows := c.Must(200, "GET", "/kyc/sessions?parent_session_id="+a.session, nil); rows.At("count") != 1.0 {
		t.Errorf("%s", rows.Raw)
	}
	if rows := c.Must(200, "GET", "/kyc/sessions/"+a.session+"/subsessions", nil); rows.At("count") != 1.0 || rows.Str("items.0.session_id") != party.session {
		t.Errorf("%s", rows.Raw)
	}
}
