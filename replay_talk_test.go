package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bonafide/backtest"
	"bonafide/kyc"
)

// replayed replays the newest run of a session and wants it to equal its
// record. The session of an execution has the execution's id.
func (s *server) replayed(t *testing.T, c *client, env kyc.Env, what string, id kyc.ID) {
	t.Helper()
	tenant := kyc.Tenant{Org: c.org, Env: env}
	session, err := s.app.db.Session(t.Context(), tenant, id)
	if err != nil || session.RunID == "" {
		t.Fatalf("%s: the session %s has the run %q: %v", what, id, session.RunID, err)
	}
	for end := time.Now().Add(patience); ; pause(t) { // a case may be there before the end, from the background
		if run, err := s.app.db.Run(t.Context(), tenant, session.RunID); err != nil || !run.EndedAt.IsZero() || time.Now().After(end) {
			break
		}
	}
	done, err := s.app.engine.Replay(t.Context(), tenant, session.RunID)
	if err != nil || done.Difference != nil || done.Inputs == 0 || done.StateHash == "" {
		t.Errorf("%s: replaying gives %+v, %v", what, done, err)
	}
	s.unchanged(t, what, tenant, id)
}

// unchanged tells a session again on the very graph it ran on: no decision
// changes and nothing is unknown, whatever the surface.
func (s *server) unchanged(t *testing.T, what string, tenant kyc.Tenant, id kyc.ID) {
	t.Helper()
	session, err := s.app.db.Session(t.Context(), tenant, id)
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.app.db.Run(t.Context(), tenant, session.RunID)
	if err != nil {
		t.Fatal(err)
	}
	if run.Status != kyc.RunCompleted {
		return // it came to no decision
	}
	g, err := s.app.engine.Graph(t.Context(), tenant, run.Definition)
	if err != nil {
		t.Fatal(err)
	}
	teller := backtest.Teller{Store: s.app.db, Graphs: s.app.engine, Evidence: s.app.menu}
	tally, items, err := teller.Compare(t.Context(), tenant, []kyc.ID{id}, backtest.Plan{Graph: g, Version: run.Version}, nil)
	if err != nil || tally.Same != 1 || tally.Rerouted != 0 || len(items) != 0 {
		t.Errorf("%s: telling it again on its own graph gives %+v %+v, %v", what, tally, items, err)
	}
}

// allUnchanged is unchanged for every session of a tenant that came to a
// decision and can be read still.
func (s *server) allUnchanged(t *testing.T, what string, tenant kyc.Tenant) {
	t.Helper()
	sessions, _, err := s.app.db.Sessions(t.Context(), tenant, kyc.SessionFilter{Archived: true}, kyc.Page{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range sessions {
		if one.RunID != "" && one.RedactedAt.IsZero() && !one.Private.Unreadable {
			s.unchanged(t, what, tenant, one.ID)
		}
	}
}

// Runs of both surfaces, however they ended, lead to the same decision when
// they are replayed from their record.
func TestRunsOfTheTalkingSurfacesReplay(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		sandbox, live := srv.newTenants(t)
		steps := `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true%s}},{"id":"PEP_SANCTIONS"},{"id":"CONSENT"}`
		plain := sandbox.checklist(t, strings.Replace(steps, "%s", "", 1))
		inline := sandbox.checklist(t, strings.Replace(steps, "%s", `,"enable_fraud_analysis":true`, 1))
		chip := sandbox.checklist(t, strings.Replace(steps, "%s", `,"escalation_type":"nfc-passport","escalation_risk_threshold":80`, 1))
		for _, x := range []struct{ what, workflow, family, escalation, status string }{
			{"approved", plain, "Approve", "", "VERIFIED"}, {"failed papers", plain, "Tampered", "", "SUBMITTED"}, {"a hit", plain, "Sanction", "", "SUBMITTED"},
			{"a provider that is down", plain, "Timeout", "", "SUBMITTED"}, {"transient errors", plain, "Flaky", "", "VERIFIED"}, {"a high risk in the background", plain, "HighRisk", "", "VERIFIED"},
			{"a high risk in line", inline, "HighRisk", "", "SUBMITTED"},
			{"an escalation that is passed", chip, "HighRisk", `{"escalation":{"type":"nfc-passport","sod":"AAEC","data_groups":{"DG1":"AwQF","DG2":"BgcI"}}}`, "VERIFIED"},
			{"an escalation that is refused", chip, "HighRisk", `{"escalation":{"type":"nfc-passport","refused":true}}`, "SUBMITTED"},
		} {
			s := sandbox.checkSession(t, x.workflow, x.family)
			if a := sandbox.submitPapers(t, s); (a.value("requirements.escalation") != nil) != (x.escalation != "") {
				t.Fatalf("%s: %s", x.what, a.raw)
			}
			if x.escalation != "" {
				sandbox.submitCheck(t, s, "ID_VERIFICATION", json.RawMessage(x.escalation))
			}
			sandbox.submitOver(t, s, "PEP_SANCTIONS", screened(x.family))
			sandbox.submitOver(t, s, "CONSENT", consent("Anna "+x.family))
			sandbox.awaitCheck(t, s, checkEnded(x.status))
			srv.replayed(t, sandbox, kyc.Sandbox, "B: "+x.what, kyc.ID(s))
		}
		s := live.checkSession(t, plain, "Approve") // nothing is set up here
		live.submitPapers(t, s)
		live.submitCheck(t, s, "PEP_SANCTIONS", screened("Approve"))
		live.submitCheck(t, s, "CONSENT", consent("Anna"))
		live.awaitCheck(t, s, checkEnded("SUBMITTED"))
		srv.replayed(t, live, kyc.Live, "B: live, where nothing is set up", kyc.ID(s))

		_, place := sandbox.entityWorkflow(t, "S", "W", `{"type":"MATCHLIST"},{"type":"DUPLICATE"},{"type":"KYC"},{"type":"AML"},{"type":"FRAUD"}`)
		list := sandbox.must(t, 201, "POST", "/v2/matchlists", map[string]any{"name": "Known", "action": "BLOCK"}).at("matchlist.matchlistId")
		sandbox.must(t, 201, "POST", "/v2/matchlists/"+list+"/entries", map[string]any{"entries": []any{map[string]any{"attributes": map[string]any{"IND_FAMILY_NAME": "Blocked"}}}})
		execute := func(what, person, state string) answer {
			a := sandbox.must(t, 200, "POST", person+place+"/execute", nil)
			if got := a.at("workflowResult.workflowExecutionState"); got != state || state != "COMPLETED" && a.at("workflowResult.result") == "PASS" {
				t.Errorf("C: %s ended as %s, want %s\n%s", what, got, state, a.raw)
			}
			id, _ := kyc.ParseULID(a.at("workflowExecutionId"))
			srv.replayed(t, sandbox, kyc.Sandbox, "C: "+what, id)
			return a
		}
		execute("approved", sandbox.adopt(t, "Approve"), "COMPLETED")
		execute("reviewed", sandbox.adopt(t, "Pep"), "COMPLETED")
		execute("a risk to be reviewed", sandbox.adopt(t, "Review"), "COMPLETED")
		execute("blocked", sandbox.adopt(t, "Blocked"), "COMPLETED")
		execute("a provider that is down", sandbox.adopt(t, "Timeout"), "ERROR")
		execute("transient errors", sandbox.adopt(t, "Flaky"), "COMPLETED")
		// A hit that a person cleared is cleared in the next run, too, and that
		// run replays with what was known when it began.
		person := sandbox.adopt(t, "Sanction")
		first := execute("a hit", person, "COMPLETED")
		hits := sandbox.must(t, 200, "GET", person+"/results?results=HIT&manualStatuses=null", nil)
		byClass := map[string][]any{}
		for _, r := range lookUpAll(hits.value("processResults")) {
			class, _ := lookUp(r, "class").(string)
			byClass[class] = append(byClass[class], lookUp(r, "processResultId"))
		}
		if len(byClass["AML"]) == 0 {
			t.Fatalf("there is nothing to clear: %s", hits.raw)
		}
		sandbox.must(t, 200, "PATCH", person+"/results/aml", map[string]any{"processResults": byClass["AML"], "manualStatus": "FALSE_POSITIVE", "comment": map[string]any{"text": "another"}})
		second := execute("a cleared hit", person, "COMPLETED")
		if first.at("workflowResult.result") == second.at("workflowResult.result") {
			t.Errorf("clearing changed nothing: %s and %s\n%s", first.at("workflowResult.result"), second.at("workflowResult.result"), second.raw)
		}
		id, _ := kyc.ParseULID(first.at("workflowExecutionId"))
		srv.replayed(t, sandbox, kyc.Sandbox, "C: the hit, after it was cleared", id)
		if database == "" {
			for _, name := range []string{s, second.at("workflowExecutionId"), strings.ToLower(second.at("workflowExecutionId"))} {
				if code, out, problem := call(t, "replay", name, "--data", srv.dir); code != 0 || !strings.Contains(out, "equal ") {
					t.Errorf("bonafide replay %s: exit %d\n%s%s", name, code, out, problem)
				}
			}
		}
	})
}
