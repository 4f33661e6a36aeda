package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
)

// furnishSteps gives an organisation one object of each kind of the onboarding
// surface, by the name of the parameter that stands for it.
func (c *client) furnishSteps(t *testing.T, out belongings) {
	t.Helper()
	form := map[string]any{"step_id": "you", "order": 2, "name": "You", "type": "form_fill", "custom_fields": []any{map[string]any{"field_id": "n", "name": "N", "type": "text"}}}
	party := c.must(t, http.StatusCreated, "POST", "/kyc/workflows", map[string]any{"name": "Party", "steps": []any{map[string]any{"step_id": "you", "order": 1, "name": "You", "type": "form_fill",
		"custom_fields": form["custom_fields"]}}}).str("workflow_id")
	w := c.must(t, http.StatusCreated, "POST", "/kyc/workflows", map[string]any{"name": "Mine", "steps": []any{
		map[string]any{"step_id": "papers", "order": 1, "name": "Papers", "type": "document_upload", "document_requirements": []any{map[string]any{"document_type": "other"}}}, form,
		map[string]any{"step_id": "owners", "order": 3, "name": "Owners", "type": "subsession_collection", "subsession_config": map[string]any{"workflow_id": party}}}})
	s := c.must(t, http.StatusCreated, "POST", "/kyc/sessions", map[string]any{"workflow_id": w.str("workflow_id"), "client_id": "somebody else"})
	id := s.str("session_id")
	file := picture(t, "paper")
	sum := sha256.Sum256(file)
	doc := c.uploadStep(t, s.str("access_token"), map[string]any{"step_id": "papers", "document_type": "other", "file_name": "a.jpg", "content_type": "image/jpeg",
		"size": len(file), "sha256": hex.EncodeToString(sum[:])}, file)
	sub := c.must(t, http.StatusCreated, "POST", "/kyc/sessions/"+id+"/subsessions", map[string]any{"step_id": "owners", "name": "Ada"})
	watch := c.must(t, http.StatusCreated, "POST", "/kyc/watchlists", map[string]any{"name": "Board", "subjects": []any{map[string]any{"full_name": "Ada Somebody"}}}).str("watchlist_id")
	var subjects []struct {
		ID string `json:"subject_id"`
	}
	c.must(t, http.StatusOK, "GET", "/kyc/watchlists/"+watch+"/subjects", nil).get(t, "items", &subjects)
	if len(subjects) != 1 {
		t.Fatalf("%d subjects, want 1", len(subjects))
	}
	out["workflow_id"], out["session_id"], out["doc_id"], out["sub_id"] = w.str("workflow_id"), id, doc.str("doc_id"), sub.str("session_id")
	out["watchlist_id"], out["subject_id"], out["customer_id"] = watch, subjects[0].ID, c.must(t, http.StatusOK, "GET", "/kyc/sessions/"+id, nil).str("customer_id")
	out["type"] = "no-such-template" // a template belongs to everybody
}

// linked reports whether an operation needs no key, because its address is the
// permission.
func (op operation) linked() bool {
	return strings.HasPrefix(op.path, "/public/") || strings.HasPrefix(op.path, "/kyc/files/") || op.ID == "get-file" ||
		op.ID == "get-check-file" || op.ID == "send-check-upload"
}
