package graph

import (
	"strings"
	"testing"
)

// What reviewers write is read back with the case and in an export, is in no
// audit entry, and is null once the person was erased.
func TestWordsOfACaseGoWithThePerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	c.Must(200, "PUT", "/settings", `{"dual_review":true}`)
	id := reviewed(t, c, 1)[0]
	anna, ben := b.Dev.User.Email, b.Dev.SecondUser.Email
	const said = "Ada Lovelace"
	c.Must(200, "PATCH", "/cases/"+id, map[string]any{"metadata": map[string]any{"who": said}})
	c.Must(201, "POST", "/cases/"+id+"/check-overrides", map[string]any{"policy": "watchlist_screening", "result": "passed", "reason": said + " 1"})
	c.Must(200, "POST", "/cases/"+id+"/escalate", map[string]any{"escalated_to": anna, "reason": said + " 2", "notes": said})
	c.Must(200, "POST", "/cases/"+id+"/reject", map[string]any{"reviewer_id": anna, "rejection_reason": said + " 3", "notes": said})
	done := c.Must(200, "POST", "/cases/"+id+"/reject", map[string]any{"reviewer_id": ben, "rejection_reason": said + " 4"})
	read := c.Must(200, "GET", "/cases/"+id, nil)
	session := done.Str("session_id")
	words := map[string]string{"metadata.who": said, "check_overrides.0.reason": said + " 1", "escalation.reason": said + " 2",
		"first_review.reason": said + " 3", "rejection_reason": said + " 4"}
	listed := c.Must(200, "GET", "/cases?status=rejected", nil)
	exported := c.Must(200, "GET", "/sessions/"+session+"/export", nil)
	for path, want := range words {
		if done.Str(path) != want || read.Str(path) != want || listed.Str("data.0."+path) != want || exported.Str("case."+path) != want {
			t.Errorf("%s is %q in %s", path, read.At(path), read.Raw)
		}
	}
	trail := func() {
		t.Helper()
		for _, object := range []string{session, id} {
			events := c.Must(200, "GET", "/audit?object="+object+"&limit=100", nil)
			if len(events.List("data")) < 5 || strings.Contains(string(events.Raw), "Lovelace") {
				t.Errorf("the audit trail of %s: %s", object, events.Raw)
			}
		}
		all := c.Must(200, "GET", "/audit?limit=100", nil)
		if !strings.Contains(string(all.Raw), `"reason":"case_rejected"`) || strings.Contains(string(all.Raw), "Lovelace") {
			t.Errorf("the audit trail: %s", all.Raw)
		}
	}
	trail()

	c.Must(200, "DELETE", "/sessions/"+session+"/data", nil)
	after := c.Must(200, "GET", "/cases/"+id, nil)
	if strings.Contains(string(after.Raw), "Lovelace") || after.Str("decision") != "rejected" || after.Str("first_review.outcome") != "rejected" ||
		after.Str("check_overrides.0.result") != "passed" || after.Str("escalation.escalated_to") == "" {
		t.Errorf("after the erasure %s", after.Raw)
	}
	for path := range words {
		if got := after.At(path); got != nil {
			t.Errorf("%s is %v after the erasure", path, got)
		}
	}
	if !strings.Contains(string(after.Raw), `"metadata":{}`) || !strings.Contains(string(after.Raw), `"rejection_reason":null`) ||
		strings.Count(string(after.Raw), `"reason":null`) != 3 {
		t.Errorf("after the erasure %s", after.Raw)
	}
	trail()
	if v := c.Must(200, "GET", "/audit/verify", nil); v.At("valid") != true {
		t.Errorf("%s", v.Raw)
	}
}
