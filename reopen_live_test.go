package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bonafide/kyc"
)

// reopenable is a session of a surface that waits for a reviewer, and how its
// surface says where it stands.
type reopenable struct {
	status                       func() string
	approved, rejected, reviewed string
}

// waitingSteps is one of surface A.
func (c *client) waitingSteps(t *testing.T) reopenable {
	t.Helper()
	w := c.must(t, 201, "POST", "/kyc/workflows", map[string]any{"name": "Seen again", "steps": []any{map[string]any{"step_id": "you", "order": 1, "name": "You", "type": "form_fill",
		"custom_fields": []any{map[string]any{"field_id": "who", "name": "Name", "type": "name", "required": true}}}},
		"validation_config": map[string]any{"run_lists": false, "automation_rules": map[string]any{"default_action": "manual_review"}}}).str("workflow_id")
	made := c.must(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": w})
	c.must(t, 200, "POST", "/public/sessions/"+made.str("access_token")+"/step/you/complete", map[string]any{"form_data": map[string]any{"who": "Ada Approve"}})
	c.must(t, 200, "POST", "/kyc/sessions/"+made.str("session_id")+"/process", nil)
	return reopenable{func() string {
		return c.must(t, 200, "GET", "/kyc/sessions/"+made.str("session_id"), nil).str("status")
	}, "approved", "rejected", "manual_review"}
}

// waitingChecks is one of surface B.
func (c *client) waitingChecks(t *testing.T) reopenable {
	t.Helper()
	s := c.checkSession(t, c.checklist(t, `{"id":"PEP_SANCTIONS"}`), "Sanction")
	c.submitOver(t, s, "PEP_SANCTIONS", screened("Sanction"))
	c.awaitCheck(t, s, checkEnded("SUBMITTED"))
	return reopenable{func() string { return c.must(t, 200, "GET", "/v1/sessions/"+s, nil).at("session_record.status") }, "VERIFIED", "REJECTED", "SUBMITTED"}
}

// waitingEntities is one of surface C.
func (c *client) waitingEntities(t *testing.T) reopenable {
	t.Helper()
	_, place := c.entityWorkflow(t, "AML", "Lists", `{"type":"AML"}`)
	at := c.adopt(t, "Sanction") + place
	run := c.must(t, 200, "POST", at+"/execute", nil).str("workflowExecutionId")
	return reopenable{func() string { return c.must(t, 200, "GET", at+"/executions/"+run, nil).at("workflowResult.status") }, "APPROVED", "REJECTED", "REVIEW"}
}

// waitingGraph is one of surface D.
func (c *client) waitingGraph(t *testing.T) reopenable {
	t.Helper()
	s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": c.published(t, reviewGraph), "fields": map[string]any{"last_name": "Example"}}).str("id")
	if up := c.upload(t, s, "document_front", picture(t, "front")); up.status != 201 {
		t.Fatalf("%d %s", up.status, up.raw)
	}
	c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
	c.await(t, s, "under_review")
	return reopenable{func() string { return c.must(t, 200, "GET", "/api/v1/sessions/"+s, nil).str("result") }, "approved", "rejected", "needs_review"}
}

// deskForm is a form of the console in the sandbox.
func deskForm(pairs ...string) url.Values {
	f := url.Values{"env": {"sandbox"}, "unjudged": {"on"}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// A decision is taken back from the page of its case as far as the API of its
// surface takes it back, by whoever may, with a reason that the next reviewer
// reads and the chain holds; what was decided before stays.
func TestADecisionIsTakenBackFromItsPage(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		for name, x := range map[string]struct {
			open   func(*client, *testing.T) reopenable
			offers string // what the page offers a reviewer
			action string // of the audit chain
		}{
			"steps":    {(*client).waitingSteps, "", "session.require_review"},
			"entities": {(*client).waitingEntities, "Reopen", "execution.override"},
		} {
			t.Run(name, func(t *testing.T) {
				c := srv.newTenant(t)
				s := x.open(c, t)
				reviewer, officer := deskAs(t, srv, c.org, name+"-rita@again.example", "reviewer"), deskAs(t, srv, c.org, name+"-olga@again.example", "compliance")
				old := "/console/cases/" + c.must(t, 200, "GET", "/api/v1/cases", nil).at("data.0.id")
				if status, _, page := reviewer.page(old+"/decide", deskForm("outcome", "approved", "code", "hits_cleared", "text", "Somebody else.")); status != http.StatusOK || s.status() != s.approved {
					t.Fatalf("deciding: %d %s %.500s", status, s.status(), page)
				}
				reopen := deskForm("code", "new_information", "text", "The bank called <today>.")
				if x.offers == "" { // a machine would need a scope that reviewers lack
					reviewer.says(old, "!Reopen")
					if status, _, _ := reviewer.page(old+"/reopen", reopen); status != http.StatusForbidden || s.status() != s.approved {
						t.Errorf("a reviewer reopens: %d %s", status, s.status())
					}
				} else {
					reviewer.says(old, x.offers)
				}
				officer.says(old, "Reopen")
				status, fresh, page := officer.page(old+"/reopen", reopen)
				if status != http.StatusOK || !strings.HasPrefix(fresh, "/console/cases/case_") || fresh == old || s.status() != s.reviewed {
					t.Fatalf("reopening: %d to %s, the session is %s: %.500s", status, fresh, s.status(), page)
				}
				reviewer.says(fresh, "The bank called &lt;today&gt;.", "Other decisions on this session", "Somebody else.", "Approve</summary>")
				reviewer.says(old, "The session has a newer case", "This case is approved.", "!Reopen")
				if status, _, _ := officer.page(old+"/reopen", reopen); status != http.StatusConflict {
					t.Errorf("reopening twice: %d", status)
				}
				events, _, err := srv.app.db.Events(t.Context(), kyc.Tenant{Org: c.org, Env: kyc.Sandbox}, kyc.EventFilter{Action: x.action}, kyc.Page{})
				if err != nil || len(events) == 0 || events[0].Actor.Kind != kyc.ActorUser || strings.Contains(events[0].Reason, "bank") {
					t.Errorf("the chain says %+v (%v)", events, err)
				}
				if status, _, _ := reviewer.page(fresh+"/decide", deskForm("outcome", "rejected", "code", "sanctions_match", "text", "It is him.")); status != http.StatusOK || s.status() != s.rejected {
					t.Errorf("deciding anew: %d %s", status, s.status())
				}
				reviewer.says(old, "This case is approved.", "It is him.")
			})
		}
		t.Run("checks", func(t *testing.T) {
			c := srv.newTenant(t)
			s := c.waitingChecks(t)
			reviewer, second := deskAs(t, srv, c.org, "rita@reverse.example", "reviewer"), deskAs(t, srv, c.org, "sven@reverse.example", "reviewer")
			old := "/console/cases/" + c.must(t, 200, "GET", "/api/v1/cases", nil).at("data.0.id")
			reviewer.page(old+"/decide", deskForm("outcome", "approved", "code", "hits_cleared", "text", "Somebody else."))
			reviewer.says(old, "Reject after all", "!Reopen")
			reverse := deskForm("outcome", "rejected", "code", "sanctions_match", "text", "It is him.")
			if status, at, _ := reviewer.page(old+"/reopen", reverse); status != http.StatusOK || at != old || s.status() != s.rejected {
				t.Fatalf("reversing: %d at %s, %s", status, at, s.status())
			}
			reviewer.says(old, "This case is approved. Since then the session was rejected.", "Approve after all")
			// Two people reverse what two people decide.
			c.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"dual_review": true})
			back := deskForm("outcome", "approved", "code", "hits_cleared", "text", "It is not.")
			status, fresh, _ := reviewer.page(old+"/reopen", back)
			if status != http.StatusOK || fresh == old || s.status() != s.rejected {
				t.Fatalf("one of two reverses: %d at %s, %s", status, fresh, s.status())
			}
			if status, _, _ := reviewer.page(fresh+"/decide", back); status != http.StatusConflict || s.status() != s.rejected {
				t.Errorf("the same person agrees: %d, %s", status, s.status())
			}
			if status, _, page := second.page(fresh+"/decide", back); status != http.StatusOK || s.status() != s.approved {
				t.Errorf("the second person agrees: %d, %s %.500s", status, s.status(), page)
			}
		})
		t.Run("graph", func(t *testing.T) {
			c := srv.newTenant(t)
			s := c.waitingGraph(t)
			officer := deskAs(t, srv, c.org, "olga@final.example", "compliance")
			old := "/console/cases/" + c.must(t, 200, "GET", "/api/v1/cases", nil).at("data.0.id")
			officer.page(old+"/decide", deskForm("outcome", "approved", "code", "other", "text", "Fine."))
			officer.says(old, "That is final", "!Reopen", "!after all")
			if status, _, page := officer.page(old+"/reopen", deskForm("code", "new_information", "text", "x")); status != http.StatusConflict || !strings.Contains(page, "decision_final") || s.status() != s.approved {
				t.Errorf("a final decision: %d, %s", status, s.status())
			}
		})
	})
}
