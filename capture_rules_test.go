package main

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// uploads sends a file as the form of a page does.
func (v *visitor) uploads(t *testing.T, path, name string, file []byte) shown {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return v.do(t, v.request(t.Context(), t, http.MethodPost, path, form.FormDataContentType(), &body))
}

// refusal is one thing that the public API refuses, and the same on the pages.
type refusal struct {
	what, code string
	page       func() shown
	api        func() answer
}

// What P1 to P17 refuse cannot be done on the pages either: each is tried on both,
// and the session stays as it was.
func TestPagesRefuseWhatTheAPIRefuses(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	c := srv.newTenant(t)
	owner := c.must(t, http.StatusCreated, "POST", "/kyc/workflows", json.RawMessage(`{"name":"An owner","steps":[{"step_id":"name","order":1,"name":"Name","type":"form_fill","custom_fields":[{"field_id":"n","name":"Name","type":"text","required":true}]}]}`)).str("workflow_id")
	w := c.must(t, http.StatusCreated, "POST", "/kyc/workflows", json.RawMessage(`{"name":"Company","steps":[
		{"step_id":"papers","order":1,"name":"Papers","type":"document_upload","document_requirements":[{"document_type":"proof_of_address","display_name":"Bill","required":true}]},
		{"step_id":"about","order":2,"name":"About","type":"form_fill","custom_fields":[{"field_id":"nick","name":"Name","type":"text","max_length":5,"required":true}]},
		{"step_id":"owners","order":3,"name":"Owners","type":"subsession_collection","subsession_config":{"workflow_id":"`+owner+`","max_subsessions":1,"min_subsessions":1,"require_completion_before_proceed":true}}]}`)).str("workflow_id")
	s := c.must(t, http.StatusCreated, "POST", "/kyc/sessions", map[string]any{"workflow_id": w})
	token, v := s.str("access_token"), visits(t, s.str("public_url"))
	public := "/public/sessions/" + token
	v.agrees(t)

	form := func(path string, pairs ...string) func() shown {
		return func() shown {
			values := url.Values{}
			for i := 0; i < len(pairs); i += 2 {
				values.Set(pairs[i], pairs[i+1])
			}
			return v.post(t, path, values)
		}
	}
	asks := func(method, path string, body any) func() answer {
		return func() answer { return c.call(t, method, public+path, body) }
	}
	// state is what P1 tells; that a step was begun does not count.
	begun := regexp.MustCompile(`"started_at":"[^"]*","status":"in_progress"`)
	state := func() string {
		a := c.call(t, "GET", public, nil)
		var all map[string]any
		if err := json.Unmarshal(a.raw, &all); err != nil {
			t.Fatal(err)
		}
		for _, moves := range []string{"request_id", "instance"} {
			delete(all, moves)
		}
		b, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		return begun.ReplaceAllString(string(b), `"started_at":null,"status":"pending"`)
	}
	try := func(list ...refusal) {
		t.Helper()
		for _, r := range list {
			before := state()
			if got := r.page(); got.status/100 != 3 && got.status/100 != 4 {
				t.Errorf("%s: the page answers %d\n%s", r.what, got.status, got.text)
			}
			if after := state(); after != before {
				t.Errorf("%s: the page changed the session\nfrom %s\nto   %s", r.what, before, after)
			}
			if got := r.api(); got.status/100 != 4 || !strings.Contains(string(got.raw), `"code":"`+r.code+`"`) {
				t.Errorf("%s: the API answers %d %s, want %s", r.what, got.status, got.raw, r.code)
			}
			if after := state(); after != before {
				t.Errorf("%s: the API changed the session\nfrom %s\nto   %s", r.what, before, after)
			}
		}
	}
	sent := func(file []byte) func() answer {
		return func() answer {
			return c.uploadStep(t, token, announcement("papers", "proof_of_address", "", "", file), file)
		}
	}
	bill := picture(t, "bill")
	script := []byte("<!doctype html><script>alert(1)</script>")
	try(
		refusal{"a step before its time", "step_out_of_order", form("/steps/about", "f.nick", "Ada"), asks("POST", "/step/about/complete", map[string]any{"form_data": map[string]any{"nick": "Ada"}})},
		refusal{"a step without its document", "documents_missing", form("/steps/papers"), asks("POST", "/step/papers/complete", map[string]any{})},
		refusal{"skipping what is required", "step_required", form("/steps/papers/skip"), asks("POST", "/step/papers/skip", map[string]any{})},
		refusal{"a page as a document", "unsupported_type", func() shown { return v.uploads(t, billSlot, "bill.jpg", script) }, sent(script)},
		refusal{"a film that nobody asks for", "liveness_not_asked", form("/steps/papers/liveness"), asks("POST", "/liveness/create", map[string]any{"step_id": "papers"})},
	)
	if got := v.uploads(t, billSlot, "bill.jpg", bill); got.status != http.StatusSeeOther {
		t.Fatalf("a bill: %d %s", got.status, got.text)
	}
	if got := v.post(t, "/steps/papers", nil); got.status != http.StatusSeeOther {
		t.Fatalf("the papers: %d %s", got.status, got.text)
	}
	try(
		refusal{"an answer that is missing", "field_validation_failed", form("/steps/about", "f.nick", ""), asks("POST", "/step/about/complete", map[string]any{"form_data": map[string]any{}})},
		refusal{"an answer that is too long", "field_validation_failed", form("/steps/about", "f.nick", "Bartholomew"), asks("POST", "/step/about/complete", map[string]any{"form_data": map[string]any{"nick": "Bartholomew"}})},
		refusal{"a step once more", "step_already_completed", form("/steps/papers"), asks("POST", "/step/papers/complete", map[string]any{})},
		refusal{"a file for a step that has ended", "step_already_completed", func() shown { return v.uploads(t, billSlot, "bill.jpg", bill) }, sent(bill)},
	)
	if got := v.post(t, "/steps/about", url.Values{"f.nick": {"Ada"}}); got.status != http.StatusSeeOther || got.to != "/steps/owners" {
		t.Fatalf("the form: %d to %s %s", got.status, got.to, got.text)
	}
	try(refusal{"nobody invited", "subsessions_required", form("/steps/owners"), asks("POST", "/step/owners/complete", map[string]any{})})
	if got := v.post(t, "/steps/owners/people", url.Values{"action": {"invite"}, "name": {"Ada"}}); got.status != http.StatusOK && got.status != http.StatusSeeOther {
		t.Fatalf("an invitation: %d %s", got.status, got.text)
	}
	nobody := "01a203a5-8aca-777c-b670-f5188831b38e"
	try(
		refusal{"more people than fit", "max_subsessions_reached", form("/steps/owners/people", "action", "invite", "name", "Bob"), asks("POST", "/subsessions", map[string]any{"step_id": "owners", "name": "Bob"})},
		refusal{"people who are not through", "subsessions_pending", form("/steps/owners"), asks("POST", "/step/owners/complete", map[string]any{})},
		refusal{"a link for nobody", "subsession_not_found", form("/steps/owners/people", "action", "relink", "party", nobody), asks("POST", "/subsessions/"+nobody+"/regenerate-link", map[string]any{})},
		refusal{"removing nobody", "subsession_not_found", form("/steps/owners/people", "action", "remove", "party", nobody), asks("DELETE", "/subsessions/"+nobody, nil)},
	)
	c.must(t, http.StatusOK, "PATCH", "/kyc/sessions/"+s.str("session_id"), map[string]any{"status": "cancelled"})
	try(
		refusal{"anything after the end", "session_closed", form("/steps/owners/people", "action", "invite", "name", "Bob"), asks("POST", "/subsessions", map[string]any{"step_id": "owners", "name": "Bob"})},
		refusal{"a step after the end", "session_closed", form("/steps/owners"), asks("POST", "/step/owners/complete", map[string]any{})},
	)
}
