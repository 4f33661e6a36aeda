package main

import (
	"net/http"
	"strings"
	"testing"
)

// Whoever was approved is watched from then on, under the role they had.
func TestTheApprovedAreWatched(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		c := srv.newTenant(t)
		w := c.must(t, http.StatusCreated, "POST", "/kyc/workflows", map[string]any{"name": "Watched", "steps": []any{
			map[string]any{"step_id": "you", "order": 1, "name": "You", "type": "form_fill", "custom_fields": []any{
				map[string]any{"field_id": "director", "name": "Director", "type": "name", "name_type": "individual", "validate_lists": true, "required": true, "entity_role": "director"}}}},
			"validation_config": map[string]any{"automation_rules": map[string]any{"auto_process": true, "default_action": "auto_approve"}}})
		s := c.must(t, http.StatusCreated, "POST", "/kyc/sessions", map[string]any{"workflow_id": w.str("workflow_id")})
		id := s.str("session_id")
		c.must(t, http.StatusOK, "POST", "/public/sessions/"+s.str("access_token")+"/step/you/complete", map[string]any{"form_data": map[string]any{"director": "Wilhelmina Stellengard"}})
		c.awaitOnboarding(t, id, "approved")
		var seen string
		for range 1000 {
			if seen = string(c.must(t, http.StatusOK, "GET", "/kyc/watchlists/subjects?session_id="+id, nil).raw); strings.Contains(seen, "Stellengard") {
				break
			}
			pause(t)
		}
		for _, want := range []string{"Wilhelmina Stellengard", `"director"`, id} {
			if !strings.Contains(seen, want) {
				t.Errorf("the watchlist lacks %s: %s", want, seen)
			}
		}
	})
}
