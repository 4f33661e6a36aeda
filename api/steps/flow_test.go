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
	case <-b.ended:
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
		if got.str("final_decision") != want[1] || got.str("processing_result.automation.winning_rule") != want[2] || got.str("workflow_id") != wid ||
			got.at("pinned_version") != 1.0 || got.str("custom_tags.region") != "EU" || got.at("metadata.order") != 7.0 || got.str("form_data.full_name") != name {
			t.Errorf("%s: %s", name, got.raw)
		}
		if got.str("processing_result.liveness.status") != "passed" || got.str("processing_result.lists.status") != "clear" ||
			got.str("processing_result.crypto.status") != "not_run" || len(got.list("decision_history")) != 1 || len(got.list("extracted_entities")) != 1 {
			t.Errorf("%s: %s", name, got.raw)
		}
		if p := a.must(200, "GET", a.path(""), nil); p.str("status") != want[0] || p.at("progress.done") != 3.0 || p.at("current_step_index") != 3.0 {
			t.Errorf("%s: %s", name, p.raw)
		}
		a.refused(http.StatusConflict, "session_closed", "POST", a.path("/upload/init"), map[string]any{"step_id": "documents", "size": 1, "sha256": sum(nil)})
		wanted := []string{"kyc.session.created", "kyc.session.step_completed", "kyc.session.step_completed", "kyc.session.step_completed", "kyc.session.completed", "kyc.session.processed"}
		if want[0] == "manual_review" {
			wanted = append(wanted, "kyc.session.manual_review")
		}
		if told := b.told(a.session); !slices.Equal(told, wanted) {
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
	c.with("If-Match", `"1"`).refused(412, "etag_mismatch", "PATCH", path, map[string]any{"status": "approved"})
	c.refused(400, "validation_failed", "PATCH", path, map[string]any{"status": "great"})
	ok := c.with("If-Match", got.header.Get("ETag")).with("X-On-Behalf-Of", "anna").must(200, "PATCH", path, map[string]any{"status": "approved", "reason": "All papers seen."})
	if ok.str("status") != "approved" || ok.str("final_decision") != "approved" || ok.str("decision.source") != "reviewer" || ok.str("decision.reason") != "All papers seen." {
		t.Errorf("%s", ok.raw)
	}
	c.refused(409, "override_required", "PATCH", path, map[string]any{"status": "rejected"})
	c.must(200, "PATCH", path, map[string]any{"status": "rejected", "override": true, "reason": "The papers were forged.", "reason_code": "forged"})
	after := c.must(200, "GET", path, nil)
	history := after.list("decision_history")
	if len(history) != 3 || after.str("decision_history.2.supersedes") != after.str("decision_history.1.id") || after.str("reason_code") != "forged" {
		t.Errorf("%s", after.raw)
	}
	c.refused(409, "invalid_transition", "PATCH", path, map[string]any{"status": "cancelled"})
}

func TestUnderDualReviewTwoPeopleDecide(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	org, err := b.db.Org(t.Context(), b.dev.ID)
	if err != nil {
		t.Fatal(err)
	}
	settings := org.EnvSettings(kyc.Sandbox)
	settings.DualReview = true
	org.Settings = map[kyc.Env]kyc.Settings{kyc.Sandbox: settings}
	org.Touch(b.clock.Now())
	if err := b.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		t.Fatal(err)
	}
	a := c.opened(map[string]any{"workflow_id": c.workflow(fixture(t, "f12_complete_individual"))})
	a.pass(personal("Ada Approve"))
	c.await(a.session, "manual_review")
	path := "/kyc/sessions/" + a.session
	anna, ben := c.with("X-On-Behalf-Of", "anna"), c.with("X-On-Behalf-Of", "ben")
	first := anna.must(202, "PATCH", path, `{"status":"approved"}`)
	if first.at("pending_second_review") != true || first.str("status") != "manual_review" || first.at("decision") != nil {
		t.Errorf("%s", first.raw)
	}
	anna.refused(409, "same_reviewer", "PATCH", path, `{"status":"approved"}`)
	if second := ben.must(200, "PATCH", path, `{"status":"approved"}`); second.at("pending_second_review") != false || second.str("status") != "approved" {
		t.Errorf("%s", second.raw)
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
	if len(bad.list("errors")) != 2 {
		t.Errorf("%s", bad.raw)
	}
	r := c.must(201, "POST", path, map[string]any{"items": []any{
		map[string]any{"step_id": "documents", "document_types": []string{"id"}, "code": "blurry", "message": "Please take a sharper picture."},
		map[string]any{"step_id": "personal_info", "field_ids": []string{"email"}, "code": "other"}}})
	if r.str("status") != "needs_correction" || len(r.list("items")) != 2 || r.str("items.0.message") != "Please take a sharper picture." {
		t.Errorf("%s", r.raw)
	}
	open := a.must(200, "GET", a.path("/corrections"), nil)
	if open.at("count") != 2.0 || open.str("items.0.message") != "Please take a sharper picture." || open.at("next_cursor") != nil || open.at("has_more") != false {
		t.Errorf("%s", open.raw)
	}
	a.fails(409, "step_already_completed", "/step/liveness/complete", "")
	a.fails(400, "field_validation_failed", "/step/personal_info/complete", `{"form_data":{"nationality":"IR"}}`)
	a.fails(409, "documents_missing", "/step/documents/complete", "")
	a.upload("documents", "id", picture(t, 1))
	a.ok("/step/documents/complete", "")
	a.ok("/step/personal_info/complete", `{"form_data":{"email":"new@example.com"}}`)
	got := c.await(a.session, "manual_review")
	if got.str("form_data.email") != "new@example.com" || got.str("corrections.0.status") != "submitted" || got.str("documents.0.status") != "superseded" {
		t.Errorf("%s", got.raw)
	}
	again := c.must(200, "POST", "/kyc/sessions/"+a.session+"/process", nil)
	if again.str("status") != "manual_review" || again.str("processing_result.final_decision") != "manual_review" {
		t.Errorf("%s", again.raw)
	}
	for _, want := range []string{"kyc.session.corrections_requested", "kyc.session.corrections_resolved"} {
		if !slices.Contains(b.told(a.session), want) {
			t.Errorf("%v lacks %s", b.told(a.session), want)
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
	if lacking.str("errors.0.code") != "subsession_workflow_not_found" || lacking.str("errors.0.path") != "/steps/3/subsession_config/workflow_id" {
		t.Errorf("%s", lacking.raw)
	}
	c.workflow(strings.Replace(fixture(t, "f10_ubo_verification"), `"name"`, `"slug":"owners","name"`, 1))
	a := c.opened(map[string]any{"workflow_id": c.workflow(own)})
	if made := c.must(201, "POST", "/kyc/workflows", company); made.str("warnings.0.code") != "subsession_workflow_created" {
		t.Errorf("as the seed prints it: %s", made.raw) // the template's own workflow is made beside it
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
	if owner.status != 201 || owner.str("access_token") == "" || !strings.HasSuffix(owner.str("public_url"), owner.str("access_token")) || owner.str("status") != "active" {
		t.Fatalf("%s", owner.raw)
	}
	pending := a.fails(409, "subsessions_pending", "/step/ubos/complete", "{}")
	if len(pending.list("errors")) != 1 {
		t.Errorf("%s", pending.raw)
	}
	relinked := a.ok("/subsessions/"+owner.str("session_id")+"/regenerate-link", "")
	party := &applicant{client: a.client, session: owner.str("session_id"), token: owner.str("access_token")}
	party.refused(404, "session_not_found", "GET", party.path(""), nil)
	party.token = relinked.str("access_token")
	second := c.must(201, "POST", "/kyc/sessions/"+a.session+"/subsessions", map[string]any{"step_id": "ubos", "name": "Second", "entity_role": "ubo"})
	if second.str("parent_session_id") != a.session || second.str("public_url") == "" {
		t.Errorf("%s", second.raw)
	}
	if gone := a.send("DELETE", a.path("/subsessions/"+second.str("session_id")), "", nil); gone.status != 200 || gone.at("deleted") != true {
		t.Errorf("%d %s", gone.status, gone.raw)
	}
	party.upload("id_upload", "id", picture(t, 20))
	party.ok("/step/id_upload/complete", "{}")
	party.liveness()
	party.ok("/step/liveness/complete", "{}")
	list := a.must(200, "GET", a.path("/subsessions?step_id=ubos"), nil)
	if list.at("count") != 1.0 || list.str("items.0.status") != "completed" || list.str("items.0.name") != "Una Owner" {
		t.Errorf("%s", list.raw)
	}
	a.ok("/step/ubos/complete", "{}")
	got := c.must(200, "GET", "/kyc/sessions/"+a.session, nil)
	if got.str("status") != "completed" || len(got.list("subsessions")) != 1 || got.str("subsessions.0.entity_role") != "ubo" {
		t.Errorf("%s", got.raw)
	}
	async := c.must(202, "POST", "/kyc/sessions/"+a.session+"/process?async=true", nil)
	if async.str("status") != "processing" || async.at("processing_result") != nil {
		t.Errorf("%s", async.raw)
	}
	c.await(a.session, "manual_review")
	if rows := c.must(200, "GET", "/kyc/sessions?parent_session_id="+a.session, nil); rows.at("count") != 1.0 {
		t.Errorf("%s", rows.raw)
	}
	if rows := c.must(200, "GET", "/kyc/sessions/"+a.session+"/subsessions", nil); rows.at("count") != 1.0 || rows.str("items.0.session_id") != party.session {
		t.Errorf("%s", rows.raw)
	}
}
