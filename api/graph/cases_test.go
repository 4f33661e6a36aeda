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
		sid := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "external_ref": fmt.Sprint("u", i), "fields": map[string]any{"last_name": "SANCTION"}}).Str("id")
		c.Must(202, "POST", "/sessions/"+sid+"/submit", nil)
		out[i] = c.await(sid, "under_review").Str("case_id")
	}
	return out
}

func TestACaseIsDecidedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	ids := reviewed(t, c, 2)
	got := c.Must(200, "GET", "/cases/"+ids[0], nil)
	if got.Str("status") != "open" || got.Str("queue") != "sanctions" || got.At("priority") != 7.0 || got.At("sla_hours") != 2.0 || got.Str("sla") != "green" ||
		got.Str("reason_code") != "look" || got.At("assigned_to") != nil || got.Str("due_at") == "" {
		t.Errorf("%s", got.Raw)
	}
	anna, ben := b.Dev.User.Email, b.Dev.SecondUser.Email
	c.refused(422, "validation_failed", "POST", "/cases/"+ids[0]+"/reject", `{"rejection_reason":"x"}`)
	c.refused(422, "validation_failed", "POST", "/cases/"+ids[0]+"/approve", `{}`)
	claimed := c.Must(200, "POST", "/cases/"+ids[0]+"/claim", map[string]any{"reviewer_id": anna})
	if claimed.Str("status") != "in_review" || claimed.Str("claimed_at") == "" || claimed.Str("assigned_to") == anna {
		t.Errorf("%s", claimed.Raw)
	}
	c.refused(409, "not_claimable", "POST", "/cases/"+ids[0]+"/claim", map[string]any{"reviewer_id": ben})
	c.refused(409, "not_claimable", "POST", "/cases/"+ids[0]+"/approve", map[string]any{"reviewer_id": ben})
	if got := c.Must(200, "GET", "/cases?assigned_to="+strings.ToUpper(anna), nil); got.At("pagination.total") != 1.0 {
		t.Errorf("%s", got.Raw)
	}
	c.Must(201, "POST", "/cases/"+ids[0]+"/notes", map[string]any{"text": "looks fine", "reviewer_id": anna})
	c.refused(422, "invalid_case_action", "POST", "/cases/"+ids[0]+"/check-overrides", `{"policy":"watchlist","result":"passed","reason":"misspelt"}`)
	c.Must(201, "POST", "/cases/"+ids[0]+"/check-overrides", `{"policy":"watchlist_screening","result":"passed","reason":"another person"}`)
	c.Must(200, "PUT", "/cases/"+ids[0]+"/result/pii", `{"fields":{"last_name":"Sanctionson"}}`)
	if notes := c.Must(200, "GET", "/cases/"+ids[0]+"/notes", nil); notes.Str("data.0.text") != "looks fine" {
		t.Errorf("%s", notes.Raw)
	}
	done := c.Must(200, "POST", "/cases/"+ids[0]+"/approve", map[string]any{"reviewer_id": anna, "notes": "ok"})
	for _, field := range []string{"id", "session_id", "status", "decision", "assigned_to", "claimed_at", "entered_review_at", "decided_at", "created_at"} {
		if done.Str(field) == "" {
			t.Errorf("the answer lacks %s: %s", field, done.Raw)
		}
	}
	if done.Str("status") != "approved" || len(done.List("check_overrides")) != 1 {
		t.Errorf("%s", done.Raw)
	}
	session := c.Must(200, "GET", "/sessions/"+done.Str("session_id"), nil)
	if session.Str("status") != "completed" || session.Str("result") != "approved" {
		t.Errorf("%s", session.Raw)
	}
	res := c.Must(200, "GET", "/sessions/"+done.Str("session_id")+"/result", nil)
	if res.Str("extracted_data.last_name") != "Sanctionson" || len(res.List("corrected_fields")) != 1 {
		t.Errorf("%s", res.Raw)
	}
	for _, action := range []string{"approve", "claim", "release", "assign"} {
		c.refused(409, "already_decided", "POST", "/cases/"+ids[0]+"/"+action, map[string]any{"reviewer_id": anna})
	}
	c.refused(409, "already_decided", "POST", "/cases/"+ids[0]+"/reject", map[string]any{"reviewer_id": anna, "rejection_reason": "no"})
	c.refused(404, "not_found", "GET", "/cases/case_"+strings.Repeat("0", 8)+"-0000-7000-8000-000000000000", nil)
	b.live.refused(404, "not_found", "GET", "/cases/"+ids[1], nil)

	c.Must(200, "POST", "/cases/"+ids[1]+"/escalate", map[string]any{"escalated_to": ben, "reason": "hard", "notes": "see list"})
	c.refused(409, "not_claimable", "POST", "/cases/"+ids[1]+"/approve", map[string]any{"reviewer_id": anna})
	rejected := c.Must(200, "POST", "/cases/"+ids[1]+"/reject", map[string]any{"reviewer_id": ben, "rejection_reason": "on the list"})
	if rejected.Str("decision") != "rejected" || rejected.Str("rejection_reason") != "on the list" {
		t.Errorf("%s", rejected.Raw)
	}
	counts := c.Must(200, "GET", "/cases/counts", nil)
	if counts.At("approved") != 1.0 || counts.At("rejected") != 1.0 || counts.At("total") != 2.0 {
		t.Errorf("%s", counts.Raw)
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
		r := c.Call("POST", "/cases/next", map[string]any{"reviewer_id": fmt.Sprint("r", i)})
		mu.Lock()
		defer mu.Unlock()
		switch r.Status {
		case 200:
			got = append(got, r.Str("id"))
		case 204:
			none++
		default:
			t.Errorf("%d %s", r.Status, r.Raw)
		}
	})
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || none != 8 {
		t.Errorf("claimed %v of %v, %d had none", got, want, none)
	}
	c.Must(200, "POST", "/sandbox/clock", `{"advance_seconds":1801}`) // idle claims lapse
	if r := c.Must(200, "POST", "/cases/next", map[string]any{"reviewer_id": "late"}); r.Str("status") != "in_review" || r.Str("assigned_to") != "late" {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "POST", "/cases/"+got[0]+"/release", nil); r.Str("status") != "open" && r.Status != 409 {
		t.Errorf("%s", r.Raw)
	}
}

func TestDualReviewNeedsTwoPeople(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	c.Must(200, "PUT", "/settings", `{"dual_review":true}`)
	id := reviewed(t, c, 1)[0]
	anna, ben := b.Dev.User.Email, b.Dev.SecondUser.Email
	first := c.Must(200, "POST", "/cases/"+id+"/approve", map[string]any{"reviewer_id": anna})
	if first.Str("status") != "pending_second_review" || first.At("decision") != nil || first.Str("first_review.outcome") != "approved" {
		t.Fatalf("%s", first.Raw)
	}
	annaID := first.Str("first_review.reviewer_id")
	for _, same := range []string{anna, strings.ToUpper(anna), " " + anna + " ", annaID, "user_" + annaID, strings.ToUpper(annaID)} {
		c.refused(409, "same_reviewer", "POST", "/cases/"+id+"/approve", map[string]any{"reviewer_id": same})
		c.refused(409, "same_reviewer", "POST", "/cases/"+id+"/claim", map[string]any{"reviewer_id": same})
	}
	done := c.Must(200, "POST", "/cases/"+id+"/reject", map[string]any{"reviewer_id": ben, "rejection_reason": "I see it otherwise"})
	if done.Str("status") != "rejected" {
		t.Errorf("%s", done.Raw)
	}
}

func TestManualAndDemoCases(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	demo := c.Must(201, "POST", "/cases/demo", nil)
	if len(demo.List("data")) != 3 {
		t.Errorf("%s", demo.Raw)
	}
	c.refused(409, "demo_limit", "POST", "/cases/demo", nil)
	b.live.refused(403, "sandbox_only", "POST", "/cases/demo", nil)
	red := c.Must(200, "GET", "/cases?sla=red", nil)
	if red.At("pagination.total") != 1.0 || red.Str("data.0.sla") != "red" {
		t.Errorf("%s", red.Raw)
	}
	c.Must(200, "POST", "/cases/"+demo.Str("data.0.id")+"/approve", `{"reviewer_id":"x"}`)
	c.Must(201, "POST", "/cases/demo", `{"count":1}`)

	id := c.published("KYC", kycGraph)
	s := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "fields": map[string]any{"last_name": "APPROVE"}})
	c.Must(202, "POST", "/sessions/"+s.Str("id")+"/submit", nil)
	c.await(s.Str("id"), "completed")
	manual := c.Must(201, "POST", "/cases", map[string]any{"session_id": s.Str("id"), "queue": "qa", "priority": 3, "metadata": map[string]any{"why": "sample"}})
	if manual.Str("queue") != "qa" || manual.Str("session_id") != s.Str("id") {
		t.Errorf("%s", manual.Raw)
	}
	c.refused(409, "case_exists", "POST", "/cases", map[string]any{"session_id": s.Str("id")})
	etag := manual.Header.Get("ETag")
	c.With("If-Match", etag).Must(200, "PATCH", "/cases/"+manual.Str("id"), `{"metadata":{"a":1}}`)
	c.With("If-Match", etag).refused(412, "etag_mismatch", "PATCH", "/cases/"+manual.Str("id"), `{"metadata":{"a":2}}`)
	c.Must(200, "POST", "/cases/"+manual.Str("id")+"/reject", `{"reviewer_id":"x","rejection_reason":"late doubt"}`)
	if got := c.Must(200, "GET", "/sessions/"+s.Str("id"), nil); got.Str("result") != "approved" {
		t.Errorf("a manual case changed a decided session: %s", got.Raw)
	}
	c.refused(422, "required", "POST", "/cases", `{}`)
}

func TestIdempotentCreates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("KYC", kycGraph)
	keyed := c.With("Idempotency-Key", "k1")
	body := map[string]any{"workflow_id": id, "external_ref": "once"}
	var mu sync.Mutex
	seen := map[string]int{}
	race(20, func(int) {
		for {
			r := keyed.Call("POST", "/sessions", body)
			if r.Status == 409 && r.Str("code") == "idempotency_in_progress" {
				continue
			}
			if r.Status != 201 {
				t.Errorf("%d %s", r.Status, r.Raw)
			}
			mu.Lock()
			seen[r.Str("id")+r.Str("capture_url")]++
			mu.Unlock()
			return
		}
	})
	if len(seen) != 1 {
		t.Errorf("%d different answers", len(seen))
	}
	if got := c.Must(200, "GET", "/sessions?external_ref=once", nil); got.At("pagination.total") != 1.0 {
		t.Errorf("%s", got.Raw)
	}
	keyed.refused(422, "idempotency_mismatch", "POST", "/sessions", map[string]any{"workflow_id": id, "external_ref": "twice"})
}
