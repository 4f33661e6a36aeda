package steps

import (
	"testing"

	"bonafide/kyc"
	"bonafide/monitor"
)

// reject decides a session as a run would have.
func (n *neighbourBench) reject(t *testing.T, session string) {
	t.Helper()
	tenant := kyc.Tenant{Org: n.dev.ID, Env: kyc.Sandbox}
	s, err := n.db.Session(t.Context(), tenant, kyc.ID(session))
	if err == nil {
		err = s.Move(kyc.SessionRejected, n.clock.Now())
	}
	if err == nil {
		s.Result = kyc.Rejected
		s.Touch(n.clock.Now())
		err = n.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCustomersOverHTTP(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, true)
	c := n.sandbox
	made := c.must(201, "POST", "/customers", `{"client_id":"c-1","name":"Jo SANCTION","email":"jo@example.org","metadata":{"tier":"gold"}}`)
	id := made.str("customer_id")
	at := "/customers/" + id
	c.refused(409, "client_id_taken", "POST", "/customers", `{"client_id":"c-1"}`)
	if r := c.refused(400, "invalid_customer", "POST", "/customers", `{"email":"x","phone":"y"}`); len(r.list("errors")) != 2 {
		t.Errorf("%s", r.raw)
	}
	if r := c.must(200, "GET", at+"/risk-profile", nil); r.str("risk_level") != "unknown" || r.at("risk_score") != 0.0 || len(r.list("components")) != 0 {
		t.Errorf("%s", r.raw)
	}
	added := c.must(201, "POST", at+"/monitor", nil)
	if added.at("added") != true || added.str("watchlist_name") != monitor.DefaultName || added.str("subject.customer_id") != id {
		t.Errorf("%s", added.raw)
	}
	if again := c.must(200, "POST", at+"/monitor", `{}`); again.at("added") != false || again.str("subject.subject_id") != added.str("subject.subject_id") {
		t.Errorf("%s", again.raw)
	}
	n.work(t)
	risk := c.must(200, "GET", at+"/risk-profile", nil)
	if risk.str("risk_level") != "high" || risk.at("risk_score") != 75.0 || risk.str("components.0.source") != "monitoring" || risk.str("components.0.code") != "match_open" || risk.at("watchlist_entries") != 1.0 {
		t.Errorf("%s", risk.raw)
	}
	c.must(201, "POST", "/kyc/workflows/from-template/basic-kyc", `{"name":"W","slug":"wf"}`)
	session := c.must(201, "POST", "/kyc/sessions", `{"workflow_id":"wf","client_id":"c-1"}`).str("session_id")
	n.reject(t, session)
	risk = c.must(200, "GET", at+"/risk-profile", nil)
	if risk.at("risk_score") != 80.0 || risk.str("components.0.code") != "rejected" || risk.str("session_id") != session || len(risk.list("components")) < 2 {
		t.Errorf("%s", risk.raw)
	}
	if r := c.must(200, "GET", at+"/sessions", nil); r.at("count") != 1.0 || r.str("items.0.session_id") != session {
		t.Errorf("%s", r.raw)
	}
	if r := c.must(200, "GET", at+"/organization", nil); r.str("name") != "Acme" || r.str("environment") != "sandbox" || len(r.list("related_parties")) != 0 {
		t.Errorf("%s", r.raw)
	}
	changed := c.must(200, "PATCH", at, `{"phone":"+41 44 668 18 00","metadata":{"tier":null,"a":1}}`)
	if changed.str("phone") == "" || changed.at("metadata.tier") != nil || changed.at("metadata.a") != 1.0 || changed.str("status") != "pending" {
		t.Errorf("%s", changed.raw)
	}
	c.with("If-Match", `"1"`).refused(412, "etag_mismatch", "PATCH", at, `{"name":"x"}`)
	if gone := c.must(200, "DELETE", at, nil); gone.at("active") != false || gone.at("deactivated_at") == nil {
		t.Errorf("%s", gone.raw)
	}
	c.refused(409, "customer_inactive", "POST", "/kyc/sessions", `{"workflow_id":"wf","client_id":"c-1"}`)
	if r := c.must(200, "GET", "/customers?client_id=c-1", nil); r.at("count") != 0.0 {
		t.Errorf("%s", r.raw)
	}
	if r := c.must(200, "GET", "/customers?client_id=c-1&include_inactive=true", nil); r.at("count") != 1.0 {
		t.Errorf("%s", r.raw)
	}
	if back := c.must(200, "PATCH", at, `{"active":true}`); back.at("active") != true {
		t.Errorf("%s", back.raw)
	}
	n.live.refused(404, "not_found", "GET", at, nil)
	n.stranger.refused(404, "not_found", "GET", at+"/risk-profile", nil)
	n.reader.refused(403, "scope_missing", "POST", "/customers", `{"client_id":"z"}`)
	n.reader.must(200, "GET", "/customers", nil)
}
