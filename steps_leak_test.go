package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// leakWorkflow has a marker in every place that is none of the applicant's
// business: texts for the staff, thresholds, rules, tags, roles, flags.
const leakWorkflow = `{"name":"Public name","description":"MARKdescription","industry":"MARKindustry","tags":["MARKtag"],"custom_tags":{"MARKkey":"MARKvalue"},"change_note":"MARKnote",
"entity_types":["company"],"steps":[
{"step_id":"docs","order":1,"name":"Papers","type":"document_upload","description":"MARKstep","instructions":"Public instructions","document_requirements":[
 {"document_type":"id","display_name":"Your ID","auto_extract":true,"entity_role":"representative","extraction_profile":"MARKprofile","post_upload_validations":[
  {"type":"name_matches_field","params":{"field_id":"who","min_score":0.71875},"on_fail":"warn","message":"Public warning"},{"type":"min_validity_days","params":{"days":30113},"on_fail":"warn"}]}]},
{"step_id":"face","order":2,"name":"Face","type":"liveness","description":"MARKface","liveness_config":{"min_confidence":87.125,"save_audit_images":true,"max_retries":2}},
{"step_id":"form","order":3,"name":"Form","type":"form_fill","description":"MARKform","custom_fields":[
 {"field_id":"who","field_key":"full_name","name":"Name","type":"name","description":"MARKfield","validate_lists":true,"validate_adverse_media":true,"entity_role":"representative","required":true,"help_text":"Public help"},
 {"field_id":"home","name":"Home","type":"country","country_type":"residence","required":true},
 {"field_id":"mail","name":"Mail","type":"email","block_disposable":true},
 {"field_id":"turnover","name":"Turnover","type":"volume","currency":"EUR","period":"annual"}]},
{"step_id":"check","order":4,"name":"Automatic","type":"validation","description":"MARKcheck","validation_tasks":["run_sanction_check","run_adverse_media"]},
{"step_id":"parties","order":5,"name":"Parties","type":"subsession_collection","description":"MARKparties","instructions":"Add owners","subsession_config":{"workflow_id":"mark-party","max_subsessions":2,"impact_parent_status":true,"ttl_days":11}}],
"validation_config":{"run_lists":true,"auto_face_match":true,"face_match_threshold":0.87125,"automation_rules":{"auto_process":true,"default_action":"manual_review",
 "country_rules":[{"country_code":"KP","action":"auto_deny","applies_to":["all"],"reason":"MARKcountry"},{"country_code":"NL","action":"flag","applies_to":["all"],"reason":"MARKflag"}],
 "list_match_rules":[{"list":"*","min_score":0.61875,"action":"manual_review","reason":"MARKlist"}],
 "face_rules":[{"type":"liveness","below":88.375,"action":"manual_review"}],
 "form_field_rules":[{"field_id":"turnover","operator":"greater_than","value":987654321,"action":"manual_review","reason":"MARKrule"}],
 "document_rules":[{"document_type":"id","condition":"expires_within_days","params":{"days":30117},"action":"manual_review","reason":"MARKdocument"}],
 "adverse_media_rules":[{"min_risk_score":63.125,"action":"manual_review","reason":"MARKmedia"}]}}}`

const leakParty = `{"name":"Party","slug":"mark-party","description":"MARKdescription","custom_tags":{"MARKkey":"MARKvalue"},"steps":[
{"step_id":"form","order":1,"name":"Form","type":"form_fill","description":"MARKform","custom_fields":[{"field_id":"who","name":"Name","type":"name","validate_lists":true,"required":true}]}],
"validation_config":{"automation_rules":{"auto_process":true,"default_action":"auto_approve","list_match_rules":[{"list":"*","action":"auto_deny","reason":"MARKlist"}]}}}`

// secrets are the markers, and the words of the machinery behind the steps.
func secretWords() []string {
	return []string{"mark", "87.125", "88.375", "0.87125", "0.71875", "0.61875", "63.125", "30113", "30117", "987654321", "representative",
		"validate_lists", "validate_adverse", "block_disposable", "validation_tasks", "run_sanction", "validation_config", "custom_tags", "automation", "_rules",
		"threshold", "min_confidence", "save_audit", "extraction_profile", "post_upload_validations", "impact_parent", "auto_deny", "default_action",
		"ofac", "possible_match", "final_decision", "processing_result", "hits", "c-secret", "reviewer", "tamper", "forge"}
}

// leaks reads every answer and looks for secrets in it, headers included.
type leaks struct {
	url  string
	seen map[string]bool
}

func (l *leaks) look(t *testing.T, what string, header http.Header, raw []byte) {
	t.Helper()
	l.seen[what] = true
	all := strings.ToLower(fmt.Sprintf("%s %v", raw, header))
	for _, word := range secretWords() {
		if at := strings.Index(all, word); at >= 0 {
			t.Errorf("%s tells %q: …%s…", what, word, all[max(0, at-100):min(len(all), at+100)])
		}
	}
}

// call makes a public request and looks at the answer.
func (l *leaks) call(t *testing.T, token, method, path string, body any) answer {
	t.Helper()
	c := &client{url: l.url}
	a := c.call(t, method, "/public/sessions/"+token+path, body)
	name, _, _ := strings.Cut(path, "?")
	l.look(t, fmt.Sprintf("%s %s %d %s", method, name, a.status, a.str("code")), a.header, a.raw)
	return a
}

// upload sends a picture for docs and looks at every answer.
func (l *leaks) upload(t *testing.T, token string, kind string) answer {
	t.Helper()
	file := picture(t, fmt.Sprint(time.Now().UnixNano()))
	a := l.call(t, token, "POST", "/upload/init", announcement("docs", kind, "", "", file))
	if a.status >= 300 {
		return a
	}
	id := a.str("upload_id")
	c := &client{url: l.url}
	a = c.send(t, "PUT", a.str("upload_url"), "image/jpeg", bytes.NewReader(file), nil)
	l.look(t, "PUT upload", a.header, a.raw)
	return l.call(t, token, "POST", "/upload/confirm", map[string]any{"upload_id": id})
}

// events reads the event stream until its end, or its first event.
func (l *leaks) events(t *testing.T, token string, whole bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", l.url+"/public/sessions/"+token+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var raw []byte
	if whole {
		raw, err = io.ReadAll(resp.Body)
	} else {
		lines := bufio.NewReader(resp.Body)
		for !bytes.Contains(raw, []byte("data:")) && err == nil {
			var line []byte
			line, err = lines.ReadBytes('\n')
			raw = append(raw, line...)
		}
	}
	if err != nil || !bytes.Contains(raw, []byte("current_step_index")) {
		t.Errorf("the event stream: %v %s", err, raw)
	}
	l.look(t, "GET /events", resp.Header, raw)
}

// gets looks at everything that can only be read.
func (l *leaks) gets(t *testing.T, token string) {
	t.Helper()
	for _, path := range []string{"", "/workflow", "/workflow?language=de", "/corrections", "/subsessions", "/subsessions?step_id=parties"} {
		l.call(t, token, "GET", path, nil)
	}
}

// Nothing that an applicant can read tells how they are judged.
func TestPublicAnswersLeakNothing(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	r := &onboardingRun{srv: srv, c: srv.newTenant(t), vars: map[string]string{}}
	r.c.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(leakParty))
	r.vars["workflow"] = r.c.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(leakWorkflow)).str("workflow_id")
	r.open(t, json.RawMessage(`{"client_id":"c-secret","metadata":{"MARKmeta":"MARKmeta"},"prefill":{"full_name":"Sam Sanction"}}`))
	l, token := &leaks{url: srv.url, seen: map[string]bool{}}, r.vars["token"]
	const form = `{"form_data":{"full_name":"Sam Sanction","home":"NL","mail":"sam@example.com","turnover":{"amount":5,"currency":"EUR","period":"annual"}}}`

	l.gets(t, token)
	l.events(t, token, false)
	l.call(t, token, "POST", "/consent", map[string]any{"kind": "terms", "text": "Yes."})
	l.call(t, token, "POST", "/step/docs/complete", map[string]any{})
	l.call(t, token, "POST", "/step/docs/skip", nil)
	l.call(t, token, "POST", "/step/form/complete", json.RawMessage(form))
	l.call(t, token, "POST", "/step/nowhere/complete", nil)
	l.call(t, token, "POST", "/upload/init", map[string]any{"step_id": "docs", "document_type": "selfie", "size": 0})
	paper := l.upload(t, token, "id")
	l.call(t, token, "POST", "/extract", map[string]any{"doc_id": paper.str("doc_id")})
	l.call(t, token, "POST", "/step/docs/complete", map[string]any{})
	try := l.call(t, token, "POST", "/liveness/create", nil).str("session_id")
	if a := l.call(t, token, "POST", "/liveness/verify", map[string]any{"liveness_session_id": try}); !bytes.Contains(a.raw, []byte(`"passed":true`)) {
		t.Fatalf("liveness: %s", a.raw)
	}
	l.call(t, token, "POST", "/step/face/complete", map[string]any{})
	l.call(t, token, "POST", "/step/form/complete", json.RawMessage(`{"form_data":{"full_name":7,"home":"XX","mail":"sam@mailinator.com"}}`))
	l.call(t, token, "POST", "/step/form/complete", json.RawMessage(form))
	l.gets(t, token)
	l.call(t, token, "POST", "/step/parties/complete", nil)
	party := l.call(t, token, "POST", "/subsessions", map[string]any{"name": "Kim Sanction"})
	other := l.call(t, token, "POST", "/subsessions", map[string]any{"name": "Other"})
	l.call(t, token, "POST", "/subsessions", map[string]any{"name": "Too many"})
	l.call(t, token, "POST", "/subsessions/"+other.str("session_id")+"/regenerate-link", nil)
	l.call(t, token, "DELETE", "/subsessions/"+other.str("session_id"), nil)
	l.gets(t, party.str("access_token"))
	l.call(t, party.str("access_token"), "POST", "/step/form/complete", json.RawMessage(`{"form_data":{"who":"Kim Sanction"}}`))
	r.c.awaitOnboarding(t, party.str("session_id"), "rejected")
	l.gets(t, party.str("access_token"))
	l.gets(t, token)
	l.call(t, token, "POST", "/step/parties/complete", nil)
	r.await(t, "manual_review")
	l.gets(t, token)

	r.c.must(t, 201, "POST", "/kyc/sessions/"+r.vars["session"]+"/corrections", json.RawMessage(`{"items":[{"step_id":"docs","document_types":["id"],"code":"blurry","message":"Public message"}]}`))
	l.gets(t, token)
	l.call(t, token, "POST", "/step/docs/complete", nil)
	l.call(t, token, "POST", "/step/form/complete", json.RawMessage(form))
	l.upload(t, token, "passport")
	l.call(t, token, "POST", "/step/docs/complete", nil)
	r.await(t, "manual_review")
	l.gets(t, token)
	r.c.must(t, 200, "PATCH", "/kyc/sessions/"+r.vars["session"], map[string]any{"status": "rejected", "reason_code": "mark_code", "reason": "MARKreason", "notes": "MARKnotes"})
	l.gets(t, token)
	l.events(t, token, true)
	l.call(t, token, "POST", "/step/docs/complete", nil)
	l.upload(t, token, "id")
	l.call(t, "wrong"+token[5:], "GET", "", nil)

	first := r.vars["session"]
	// Whoever sends a forgery is not told what gave it away.
	r.open(t, json.RawMessage(`{"prefill":{"full_name":"Sam Tampered"}}`))
	paper = l.upload(t, r.vars["token"], "id")
	l.call(t, r.vars["token"], "POST", "/extract", map[string]any{"doc_id": paper.str("doc_id")})
	l.gets(t, r.vars["token"])

	var ok, refused int
	for what := range l.seen {
		if strings.HasSuffix(what, " ") {
			ok++
		} else {
			refused++
		}
	}
	if ok < 14 || refused < 12 {
		names := []string{}
		for what := range l.seen {
			names = append(names, what)
		}
		slices.Sort(names)
		t.Errorf("only %d sorts of answers and %d of refusals were seen: %q", ok, refused, names)
	}
	// What was hidden is there for the back office.
	end := r.c.must(t, 200, "GET", "/kyc/sessions/"+first, nil)
	for _, word := range []string{"MARKvalue", "MARKlist", "MARKreason", "MARKmeta", "ofac", "representative"} {
		if !bytes.Contains(end.raw, []byte(word)) {
			t.Errorf("the back office does not see %s", word)
		}
	}
}
