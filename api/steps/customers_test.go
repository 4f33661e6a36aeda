package steps

import (
	"testing"

	"bonafide/kyc"
	"bonafide/monitor"
)

// reject decides a session as a run would have.
func (n *neighbourBench) reject(t *testing.T, session string) {
	t.Helper()
	tenant := kyc.Tenant{Org: n.Dev.ID, Env: kyc.Sandbox}
	s, err := n.DB.Session(t.Context(), tenant, kyc.ID(session))
	if err == nil {
		err = s.Move(kyc.SessionRejected, n.Clock.Now())
	}
	if err == nil {
		s.Result = kyc.Rejected
		s.Touch(n.Clock.Now())
		err = n.DB.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCustomersOverHTTP(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, true)
	c := n.sandbox
	made := c.Must(201, "POST", "/customers", `{"client_id":"c-1","name":"Jo SANCTION","email":"jo@example.org","metadata":{"tier":"gold"}}`)
	id := made.Str("customer_id")
	at := "/customers/" + id
	c.refused(409, "client_id_taken", "POST", "/customers", `{"client_id":"c-1"}`)
	if r := c.refused(400, "invalid_customer", "POST", "/customers", `{"email":"x","phone":"y"}`); len(r.List("errors")) != 2 {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "GET", at+"/risk-profile", nil); r.Str("risk_level") != "unknown" || r.At("risk_score") != 0.0 || len(r.List("components")) != 0 {
		t.Errorf("%s", r.Raw)
	}
	added := c.Must(201, "POST", at+"/monitor", nil)
	if added.At("added") != true || added.Str("watchlist_name") != monitor.DefaultName || added.Str("subject.customer_id") != id {
		t.Errorf("%s", added.Raw)
	}
	if again := c.Must(200, "POST", at+"/monitor", `{}`); again.At("added") != false || again.Str("subject.subject_id") != added.Str("subject.subject_id") {
		t.Errorf("%s", again.Raw)
	}
	n.work(t)
	risk := c.Must(200, "GET", at+"/risk-profile", nil)
	if risk.Str("risk_level") != "high" || risk.At("risk_score") != 75.0 || risk.Str("components.0.source") != "monitoring" || risk.Str("components.0.code") != "match_open" || risk.At("watchlist_entries") != 1.0 {
		t.Errorf("%s", risk.Raw)
	}
	c.Must(201, "POST", "/kyc/workflows/from-template/basic-kyc", `{"name":"W","slug":"wf"}`)
	session := c.Must(201, "POST", "/kyc/sessions", `{"workflow_id":"wf","client_id":"c-1"}`).Str("session_id")
	n.reject(t, session)
	risk = c.Must(200, "GET", at+"/risk-profile", nil)
	if risk.At("risk_score") != 80.0 || risk.Str("components.0.code") != "rejected" || risk.Str("session_id") != session || len(risk.List("components")) < 2 {
		t.Errorf("%s", risk.Raw)
	}
	if r := c.Must(200, "GET", at+"/sessions", nil); r.At("count") != 1.0 || r.Str("items.0.session_id") != session {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "GET", at+"/organization", nil); r.Str("name") != "Acme" || r.Str("environment") != "sandbox" || len(r.List("related_parties")) != 0 {
		t.Errorf("%s", r.Raw)
	}
	changed := c.Must(200, "PATCH", at, `{"phone":"+41 44 668 18 00","metadata":{"tier":null,"a":1}}`)
	if changed.Str("phone") == "" || changed.At("metadata.tier") != nil || changed.At("metadata.a") != 1.0 || changed.Str("status") != "pending" {
		t.Errorf("%s", changed.Raw)
	}
	c.With("If-Match", `"1"`).refused(412, "etag_mismatch", "PATCH", at, `{"name":"x"}`)
	if gone := c.Must(200, "DELETE", at, nil); gone.At("active") != false || gone.At("deactivated_at") == nil {
		t.Errorf("%s", gone.Raw)
	}
	c.refused(409, "customer_inactive", "POST", "/kyc/sessions", `{"workflow_id":"wf","client_id":"c-1"}`)
	if r := c.Must(200, "GET", "/customers?client_id=c-1", nil); r.At("count") != 0.0 {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "GET", "/customers?client_id=c-1&include_inactive=true", nil); r.At("count") != 1.0 {
		t.Errorf("%s", r.Raw)
	}
	if back := c.Must(200, "PATCH", at, `{"active":true}`); back.At("active") != true {
		t.Errorf("%s", back.Raw)
	}
	n.live.refused(404, "not_found", "GET", at, nil)
	n.stranger.refused(404, "not_found", "GET", at+"/risk-profile", nil)
	n.reader.refused(403, "scope_missing", "POST", "/customers", `{"client_id":"z"}`)
	n.reader.Must(200, "GET", "/customers", nil)
}
