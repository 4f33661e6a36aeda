package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// keptWord stands nowhere but in what is known of a person of surface D.
const keptWord = "Dagmarsdottir"

// keptPerson is one ended session of a surface, with what is known of it.
type keptPerson struct {
	surface string
	own     belongings // the objects that paths name
	session kyc.ID
	secrets []string
}

// endGraph carries a person through surface D: a form, a file, a reviewer's
// words, a decision.
func (c *client) endGraph(t *testing.T, shown *bytes.Buffer) keptPerson {
	t.Helper()
	w := c.published(t, reviewGraph)
	s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "external_ref": "kept-graph", "metadata": map[string]any{"name": keptWord + " metadata"},
		"fields": map[string]any{"last_name": keptWord}}).str("id")
	if up := c.upload(t, s, "document_front", picture(t, "front")); up.status != 201 {
		t.Fatalf("%d %s", up.status, up.raw)
	}
	c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
	held := c.await(t, s, "under_review").str("case_id")
	c.must(t, 201, "POST", "/api/v1/cases/"+held+"/notes", map[string]any{"text": keptWord + " called"})
	c.must(t, 200, "POST", "/api/v1/cases/"+held+"/reject", map[string]any{"reviewer_id": "anna", "rejection_reason": "not " + keptWord})
	c.await(t, s, "completed")
	own := belongings{"sessions": s, "cases": held, "identities": c.must(t, 200, "GET", "/api/v1/sessions/"+s, nil).str("identity_id")}
	for _, path := range []string{"", "/export", "/documents"} {
		shown.Write(c.must(t, 200, "GET", "/api/v1/sessions/"+s+path, nil).raw)
	}
	shown.Write(c.must(t, 200, "GET", "/api/v1/cases/"+held+"/notes", nil).raw)
	return keptPerson{"graph", own, undress(t, "session", s), []string{keptWord}}
}

func undress(t *testing.T, kind, text string) kyc.ID {
	t.Helper()
	id, ok := kyc.Undress(kind, text)
	if !ok {
		t.Fatalf("%s is no %s", text, kind)
	}
	return id
}

// endSteps does the same on surface A.
func (c *client) endSteps(t *testing.T, shown *bytes.Buffer) keptPerson {
	t.Helper()
	const word = "Alderwickson"
	w := c.must(t, 201, "POST", "/kyc/workflows", map[string]any{"name": "Kept", "steps": []any{
		map[string]any{"step_id": "papers", "order": 1, "name": "Papers", "type": "document_upload", "document_requirements": []any{map[string]any{"document_type": "other"}}},
		map[string]any{"step_id": "you", "order": 2, "name": "You", "type": "form_fill", "custom_fields": []any{
			map[string]any{"field_id": "who", "name": "Name", "type": "name", "required": true}}}},
		"validation_config": map[string]any{"automation_rules": map[string]any{"default_action": "manual_review"}}}).str("workflow_id")
	made := c.must(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": w, "client_id": "kept-steps", "metadata": map[string]any{"name": word}})
	s, token := made.str("session_id"), made.str("access_token")
	file := picture(t, "kept paper")
	sum := sha256.Sum256(file)
	doc := c.uploadStep(t, token, map[string]any{"step_id": "papers", "document_type": "other", "file_name": word + ".jpg", "content_type": "image/jpeg",
		"size": len(file), "sha256": hex.EncodeToString(sum[:])}, file)
	c.call(t, "POST", "/public/sessions/"+token+"/step/papers/complete", map[string]any{})
	c.must(t, 200, "POST", "/public/sessions/"+token+"/step/you/complete", map[string]any{"form_data": map[string]any{"who": word}})
	c.must(t, 200, "POST", "/kyc/sessions/"+s+"/process", nil)
	c.must(t, 200, "PATCH", "/kyc/sessions/"+s, map[string]any{"status": "approved", "reason": word + " is known"})
	got := c.must(t, 200, "GET", "/kyc/sessions/"+s, nil)
	shown.Write(got.raw)
	own := belongings{"session_id": s, "doc_id": doc.str("doc_id"), "customer_id": got.str("customer_id"), "sessions": kyc.Dress("session", kyc.ID(s)),
		"identities": kyc.Dress("identity", kyc.ID(got.str("customer_id")))}
	return keptPerson{"steps", own, kyc.ID(s), []string{word}}
}

// answersOf are the answers to everything that can be asked by reading of what
// belongs to somebody, by operation.
func (c *client) answersOf(t *testing.T, d *openAPI, all, own belongings) map[string]answer {
	t.Helper()
	with := maps.Clone(all)
	maps.Copy(with, own)
	out := map[string]answer{}
	for _, op := range d.operations() {
		if op.method != http.MethodGet || op.linked() || strings.HasSuffix(op.ID, "-page") {
			continue
		}
		a := c.call(t, "GET", op.fill(t, with), nil)
		if a.status >= 500 {
			t.Errorf("%s answers %d %s", op.ID, a.status, a.raw)
		}
		out[op.ID] = a
	}
	return out
}

// tellers are the operations whose answers hold one of some words.
func tellers(all map[string]answer, words []string) []string {
	var out []string
	for op, a := range all {
		if op == "list-individuals" { // of surface C there is somebody of the same name
			continue
		}
		for _, word := range words {
			if strings.Contains(strings.ToLower(string(a.raw)), strings.ToLower(word)) {
				out = append(out, op+" ("+word+")")
				break
			}
		}
	}
	slices.Sort(out)
	return out
}

// executed is the execution of an individual and what it established. What a
// person said of the individual by itself belongs to no execution.
func (c *client) executed(t *testing.T, person string) (run string, results []byte) {
	t.Helper()
	for _, r := range lookUpAll(c.must(t, 200, "GET", person+"/results?limit=500", nil).value("processResults")) {
		if id, _ := lookUp(r, "workflowExecutionId").(string); id != "" {
			run, results = id, fmt.Appendf(results, "%v\n", r)
		}
	}
	return run, results
}

// consolePages are what the console shows of somebody, by address. The pages
// are those of the sandbox.
func (s *server) consolePages(t *testing.T, org kyc.ID, own belongings) map[string]answer {
	t.Helper()
	ask := s.admin(t, org)
	paths := []string{"/console/sessions", "/console/sessions/" + own["sessions"], "/console/subjects", "/console/subjects/" + own["identities"], "/console/queue", "/console/settings"}
	if own["cases"] != "" {
		paths = append(paths, "/console/cases/"+own["cases"])
	}
	out := map[string]answer{}
	for _, path := range paths {
		w := ask("GET", path, nil)
		if w.Code != http.StatusOK {
			t.Errorf("GET %s answers %d", path, w.Code)
		}
		out[path] = answer{status: w.Code, raw: w.Body.Bytes()}
	}
	return out
}

func (c *client) retention(t *testing.T, body map[string]any) {
	t.Helper()
	c.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"retention": body})
}

func (c *client) days(t *testing.T, n int) {
	t.Helper()
	c.must(t, 200, "POST", "/api/v1/sandbox/clock", map[string]any{"advance_seconds": n * 24 * 3600})
}
