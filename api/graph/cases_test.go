package graph

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// reviewed makes n sessions that wait for a person and gives their case ids.
func reviewed(t *testing.T, c *client, n int) []string {
	t.Helper()
	id := c.published("KYC", kycGraph)
	out := make([]string, n)
	for i := range out {
		sid := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "external_ref": fmt.Sprint("u", i), "fields": map[string]any{"last_name": "SANCTION"}}).str("id")
		c.must(202, "POST", "/sessions/"+sid+"/submit", nil)
		out[i] = c.await(sid, "under_review").str("case_id")
	}
	return out
}

func TestACaseIsDecidedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	ids := reviewed(t, c, 2)
	got := c.must(200, "GET", "/cases/"+ids[0], nil)
	if got.str("status") != "open" || got.str("queue") != "sanctions" || got.at("priority") != 7.0 || got.at("sla_hours") != 2.0 || got.str("sla") != "green" ||
		got.str("reason_code") != "look" || got.at("assigned_to") != nil || got.str("due_at") == "" {
		t.Errorf("%s", got.raw)
	}
	anna, ben := b.dev.User.Email, b.dev.SecondUser.Email
	c.refused(422, "validation_failed", "POST", "/cases/"+ids[0]+"/reject", `{"rejection_reason":"x"}`)
	c.refused(422, "validation_failed", "POST", "/cases/"+ids[0]+"/approve", `{}`)
	claimed := c.must(200, "POST", "/cases/"+ids[0]+"/claim", map[string]any{"reviewer_id": anna})
	if claimed.str("status") != "in_review" || claimed.str("claimed_at") == "" || claimed.str("assigned_to") == anna {
		t.Errorf("%s", claimed.raw)
	}
	c.refused(409, "not_claimable", "POST", "/cases/"+ids[0]+"/claim", map[string]any{"reviewer_id": ben})
	c.refused(409, "not_claimable", "POST", "/cases/"+ids[0]+"/approve", map[string]any{"reviewer_id": ben})
	if got := c.must(200, "GET", "/cases?assigned_to="+strings.ToUpper(anna), nil); got.at("pagination.total") != 1.0 {
		t.Errorf("%s", got.raw)
	}
	c.must(201, "POST", "/cases/"+ids[0]+"/notes", map[string]any{"text": "looks fine", "reviewer_id": anna})
	c.refused(422, "invalid_case_action", "POST", "/cases/"+ids[0]+"/check-overrides", `{"policy":"watchlist","result":"passed","reason":"misspelt"}`)
	c.must(201, "POST", "/cases/"+ids[0]+"/check-overrides", `{"policy":"watchlist_screening","result":"passed","reason":"another person"}`)
	c.must(200, "PUT", "/cases/"+ids[0]+"/result/pii", `{"fields":{"last_name":"Sanctionson"}}`)
	if notes := c.must(200, "GET", "/cases/"+ids[0]+"/notes", nil); notes.str("data.0.text") != "looks fine" {
		t.Errorf("%s", notes.raw)
	}
	done := c.must(200, "POST", "/cases/"+ids[0]+"/approve", map[string]any{"reviewer_id": anna, "notes": "ok"})
	for _, field := range []string{"id", "session_id", "status", "decision", "assigned_to", "claimed_at", "entered_review_at", "decided_at", "created_at"} {
		if done.str(field) == "" {
			t.Errorf("the answer lacks %s: %s", field, done.raw)
		}
	}
	if done.str("status") != "approved" || len(done.list("check_overrides")) != 1 {
		t.Errorf("%s", done.raw)
	}
	session := c.must(200, "GET", "/sessions/"+done.str("session_id"), nil)
	if session.str("status") != "completed" || session.str("result") != "approved" {
		t.Errorf("%s", session.raw)
	}
	res := c.must(200, "GET", "/sessions/"+done.str("session_id")+"/result", nil)
	if res.str("extracted_data.last_name") != "Sanctionson" || len(res.list("corrected_fields")) != 1 {
		t.Errorf("%s", res.raw)
	}
	for _, action := range []string{"approve", "claim", "release", "assign"} {
		c.refused(409, "already_decided", "POST", "/cases/"+ids[0]+"/"+action, map[string]any{"reviewer_id": anna})
	}
	c.refused(409, "already_decided", "POST", "/cases/"+ids[0]+"/reject", map[string]any{"reviewer_id": anna, "rejection_reason": "no"})
	c.refused(404, "not_found", "GET", "/cases/case_"+strings.Repeat("0", 8)+"-0000-7000-8000-000000000000", nil)
	b.live.refused(404, "not_found", "GET", "/cases/"+ids[1], nil)

	c.must(200, "POST", "/cases/"+ids[1]+"/escalate", map[string]any{"escalated_to": ben, "reason": "hard", "notes": "see list"})
	c.refused(409, "not_claimable", "POST", "/cases/"+ids[1]+"/approve", map[string]any{"reviewer_id": anna})
	rejected := c.must(200, "POST", "/cases/"+ids[1]+"/reject", map[string]any{"reviewer_id": ben, "rejection_reason": "on the list"})
	if rejected.str("decision") != "rejected" || rejected.str("rejection_reason") != "on the list" {
		t.Errorf("%s", rejected.raw)
	}
	counts := c.must(200, "GET", "/cases/counts", nil)
	if counts.at("approved") != 1.0 || counts.at("rejected") != 1.0 || counts.at("total") != 2.0 {
		t.Errorf("%s", counts.raw)
	}
}

func TestClaimNextGivesEachCaseToOneReviewer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	want := reviewed(t, c, 4)
	var mu sync.Mutex
	var got []string
	none := 0
	race(12, func(i int) {
		r := c.call("POST", "/cases/next", map[string]any{"reviewer_id": fmt.Sprint("r", i)})
		mu.Lock()
		defer mu.Unlock()
		switch r.status {
		case 200:
			got = append(got, r.str("id"))
		case 204:
			none++
		default:
			t.Errorf("%d %s", r.status, r.raw)
		}
	})
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || none != 8 {
		t.Errorf("claimed %v of %v, %d had none", got, want, none)
	}
	c.must(200, "POST", "/sandbox/clock", `{"advance_seconds":1801}`) // idle claims lapse
	if r := c.must(200, "POST", "/cases/next", map[string]any{"reviewer_id": "late"}); r.str("status") != "in_review" || r.str("assigned_to") != "late" {
		t.Errorf("%s", r.raw)
	}
	if r := c.must(200, "POST", "/cases/"+got[0]+"/release", nil); r.str("status") != "open" && r.status != 409 {
		t.Errorf("%s", r.raw)
	}
}

func TestDualReviewNeedsTwoPeople(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	c.must(200, "PUT", "/settings", `{"dual_review":true}`)
	id := reviewed(t, c, 1)[0]
	anna, ben := b.dev.User.Email, b.dev.SecondUser.Email
	first := c.must(200, "POST", "/cases/"+id+"/approve", map[string]any{"reviewer_id": anna})
	if first.str("status") != "pending_second_review" || first.at("decision") != nil || first.str("first_review.outcome") != "approved" {
		t.Fatalf("%s", first.raw)
	}
	annaID := first.str("first_review.reviewer_id")
	for _, same := range []string{anna, strings.ToUpper(anna), " " + anna + " ", annaID, "user_" + annaID, strings.ToUpper(annaID)} {
		c.refused(409, "same_reviewer", "POST", "/cases/"+id+"/approve", map[string]any{"reviewer_id": same})
		c.refused(409, "same_reviewer", "POST", "/cases/"+id+"/claim", map[string]any{"reviewer_id": same})
	}
	done := c.must(200, "POST", "/cases/"+id+"/reject", map[string]any{"reviewer_id": ben, "rejection_reason": "I see it otherwise"})
	if done.str("status") != "rejected" {
		t.Errorf("%s", done.raw)
	}
}

func TestManualAndDemoCases(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	demo := c.must(201, "POST", "/cases/demo", nil)
	if len(demo.list("data")) != 3 {
		t.Errorf("%s", demo.raw)
	}
	c.refused(409, "demo_limit", "POST", "/cases/demo", nil)
	b.live.refused(403, "sandbox_only", "POST", "/cases/demo", nil)
	red := c.must(200, "GET", "/cases?sla=red", nil)
	if red.at("pagination.total") != 1.0 || red.str("data.0.sla") != "red" {
		t.Errorf("%s", red.raw)
	}
	c.must(200, "POST", "/cases/"+demo.str("data.0.id")+"/approve", `{"reviewer_id":"x"}`)
	c.must(201, "POST", "/cases/demo", `{"count":1}`)

	id := c.published("KYC", kycGraph)
	s := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "fields": map[string]any{"last_name": "APPROVE"}})
	c.must(202, "POST", "/sessions/"+s.str("id")+"/submit", nil)
	c.await(s.str("id"), "completed")
	manual := c.must(201, "POST", "/cases", map[string]any{"session_id": s.str("id"), "queue": "qa", "priority": 3, "metadata": map[string]any{"why": "sample"}})
	if manual.str("queue") != "qa" || manual.str("session_id") != s.str("id") {
		t.Errorf("%s", manual.raw)
	}
	c.refused(409, "case_exists", "POST", "/cases", map[string]any{"session_id": s.str("id")})
	etag := manual.header.Get("ETag")
	c.with("If-Match", etag).must(200, "PATCH", "/cases/"+manual.str("id"), `{"metadata":{"a":1}}`)
	c.with("If-Match", etag).refused(412, "etag_mismatch", "PATCH", "/cases/"+manual.str("id"), `{"metadata":{"a":2}}`)
	c.must(200, "POST", "/cases/"+manual.str("id")+"/reject", `{"reviewer_id":"x","rejection_reason":"late doubt"}`)
	if got := c.must(200, "GET", "/sessions/"+s.str("id"), nil); got.str("result") != "approved" {
		t.Errorf("a manual case changed a decided session: %s", got.raw)
	}
	c.refused(422, "required", "POST", "/cases", `{}`)
}

func TestIdempotentCreates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("KYC", kycGraph)
	keyed := c.with("Idempotency-Key", "k1")
	body := map[string]any{"workflow_id": id, "external_ref": "once"}
	var mu sync.Mutex
	seen := map[string]int{}
	race(20, func(int) {
		for {
			r := keyed.call("POST", "/sessions", body)
			if r.status == 409 && r.str("code") == "idempotency_in_progress" {
				continue
			}
			if r.status != 201 {
				t.Errorf("%d %s", r.status, r.raw)
			}
			mu.Lock()
			seen[r.str("id")+r.str("capture_url")]++
			mu.Unlock()
			return
		}
	})
	if len(seen) != 1 {
		t.Errorf("%d different answers", len(seen))
	}
	if got := c.must(200, "GET", "/sessions?external_ref=once", nil); got.at("pagination.total") != 1.0 {
		t.Errorf("%s", got.raw)
	}
	keyed.refused(422, "idempotency_mismatch", "POST", "/sessions", map[string]any{"workflow_id": id, "external_ref": "twice"})
}
