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
	c.must(200, "PUT", "/settings", `{"dual_review":true}`)
	id := reviewed(t, c, 1)[0]
	anna, ben := b.dev.User.Email, b.dev.SecondUser.Email
	const said = "Ada Lovelace"
	c.must(200, "PATCH", "/cases/"+id, map[string]any{"metadata": map[string]any{"who": said}})
	c.must(201, "POST", "/cases/"+id+"/check-overrides", map[string]any{"policy": "watchlist_screening", "result": "passed", "reason": said + " 1"})
	c.must(200, "POST", "/cases/"+id+"/escalate", map[string]any{"escalated_to": anna, "reason": said + " 2", "notes": said})
	c.must(200, "POST", "/cases/"+id+"/reject", map[string]any{"reviewer_id": anna, "rejection_reason": said + " 3", "notes": said})
	done := c.must(200, "POST", "/cases/"+id+"/reject", map[string]any{"reviewer_id": ben, "rejection_reason": said + " 4"})
	read := c.must(200, "GET", "/cases/"+id, nil)
	session := done.str("session_id")
	words := map[string]string{"metadata.who": said, "check_overrides.0.reason": said + " 1", "escalation.reason": said + " 2",
		"first_review.reason": said + " 3", "rejection_reason": said + " 4"}
	listed := c.must(200, "GET", "/cases?status=rejected", nil)
	exported := c.must(200, "GET", "/sessions/"+session+"/export", nil)
	for path, want := range words {
		if done.str(path) != want || read.str(path) != want || listed.str("data.0."+path) != want || exported.str("case."+path) != want {
			t.Errorf("%s is %q in %s", path, read.at(path), read.raw)
		}
	}
	trail := func() {
		t.Helper()
		for _, object := range []string{session, id} {
			events := c.must(200, "GET", "/audit?object="+object+"&limit=100", nil)
			if len(events.list("data")) < 5 || strings.Contains(string(events.raw), "Lovelace") {
				t.Errorf("the audit trail of %s: %s", object, events.raw)
			}
		}
		all := c.must(200, "GET", "/audit?limit=100", nil)
		if !strings.Contains(string(all.raw), `"reason":"case_rejected"`) || strings.Contains(string(all.raw), "Lovelace") {
			t.Errorf("the audit trail: %s", all.raw)
		}
	}
	trail()

	c.must(200, "DELETE", "/sessions/"+session+"/data", nil)
	after := c.must(200, "GET", "/cases/"+id, nil)
	if strings.Contains(string(after.raw), "Lovelace") || after.str("decision") != "rejected" || after.str("first_review.outcome") != "rejected" ||
		after.str("check_overrides.0.result") != "passed" || after.str("escalation.escalated_to") == "" {
		t.Errorf("after the erasure %s", after.raw)
	}
	for path := range words {
		if got := after.at(path); got != nil {
			t.Errorf("%s is %v after the erasure", path, got)
		}
	}
	if !strings.Contains(string(after.raw), `"metadata":{}`) || !strings.Contains(string(after.raw), `"rejection_reason":null`) ||
		strings.Count(string(after.raw), `"reason":null`) != 3 {
		t.Errorf("after the erasure %s", after.raw)
	}
	trail()
	if v := c.must(200, "GET", "/audit/verify", nil); v.at("valid") != true {
		t.Errorf("%s", v.raw)
	}
}
