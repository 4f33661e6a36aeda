package execution

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

// Errors of providers and of the engine never end in a decision.
func TestAFailedExecutionIsNeverAPass(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Timeout", "Error5xx"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
			who := b.somebody(t, b.sandbox, "Ada", name)
			b.paper(t, who, "PASSPORT", "")
			x := b.execute(t, who, "Five")
			if x.Execution.State != "ERROR" || x.Execution.Result != "BLOCKED" || x.Execution.Status != "BLOCKED" {
				t.Errorf("ended %s/%s/%s", x.Execution.State, x.Execution.Result, x.Execution.Status)
			}
			s, err := b.db.Session(b.ctx, b.sandbox, x.Execution.ID)
			if err != nil || s.Status != kyc.SessionReview || s.CaseID == "" {
				t.Errorf("the session is %s with case %q: %v", s.Status, s.CaseID, err)
			}
		})
	}
	t.Run("no decision", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
		who := b.somebody(t, b.sandbox, "Ada", "Approve")
		b.paper(t, who, "PASSPORT", "")
		b.say["procedure_decision"] = func(kyc.CheckRequest) kyc.Answer { return kyc.Failed(kyc.StatusError, "broken", "broken") }
		x := b.execute(t, who, "Five")
		if x.Execution.State != "ERROR" || x.Execution.Status != "BLOCKED" {
			t.Errorf("ended %s/%s", x.Execution.State, x.Execution.Status)
		}
	})
	t.Run("strange decision", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
		who := b.somebody(t, b.sandbox, "Ada", "Approve")
		b.paper(t, who, "PASSPORT", "")
		b.say["procedure_decision"] = func(kyc.CheckRequest) kyc.Answer {
			return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Details: map[string]any{"state": "COMPLETED", "result": "SPLENDID"}}
		}
		if x := b.execute(t, who, "Five"); x.Execution.State != "ERROR" {
			t.Errorf("ended %s/%s", x.Execution.State, x.Execution.Status)
		}
	})
	for status, want := range map[kyc.RunStatus]string{kyc.RunFailed: "ERROR", kyc.RunCancelled: "CANCELED"} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
			who := b.somebody(t, b.sandbox, "Ada", "Approve")
			b.paper(t, who, "PASSPORT", "")
			hold := make(chan struct{})
			b.say["risk_assessment"] = func(kyc.CheckRequest) kyc.Answer {
				<-hold
				return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass}
			}
			defer close(hold)
			x, err := b.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five", Background: true})
			if err != nil {
				t.Fatal(err)
			}
			s, err := b.db.Session(b.ctx, b.sandbox, x.Execution.ID)
			if err != nil {
				t.Fatal(err)
			}
			s.Status = map[kyc.RunStatus]kyc.SessionStatus{kyc.RunFailed: kyc.SessionFailed, kyc.RunCancelled: kyc.SessionCancelled}[status]
			c, err := b.Finished(b.ctx, &kyc.Run{}, &s, b.Now(), End{Status: status})
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(c.Put, func(o kyc.Object) bool { _, ok := o.(*kyc.Execution); return ok })
			e, _ := c.Put[at].(*kyc.Execution)
			if e.State != want || e.Result == "PASS" || len(e.Errors) == 0 {
				t.Errorf("ended %s/%s %+v", e.State, e.Result, e.Errors)
			}
			if wanted := map[kyc.RunStatus]kyc.SessionStatus{kyc.RunFailed: kyc.SessionReview, kyc.RunCancelled: kyc.SessionCancelled}[status]; s.Status != wanted {
				t.Errorf("the session is %s", s.Status)
			}
		})
	}
}

// A run that ended alone leaves an execution in progress, which must not stand
// in the way for ever.
func TestAnExecutionThatLostItsRunIsMended(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	x := b.execute(t, who, "Five")
	e := x.Execution
	e.State, e.Status = procedure.StateInProgress, procedure.InProgress
	b.put(t, &e)
	if next := b.execute(t, who, "Five"); next.Execution.State != "COMPLETED" {
		t.Errorf("the next one is %s", next.Execution.State)
	}
	if lost, err := b.db.Execution(b.ctx, b.sandbox, e.ID); err != nil || lost.State != "ERROR" || lost.Status != "BLOCKED" {
		t.Errorf("the lost one is %s/%s %v", lost.State, lost.Status, err)
	}
}

// Nothing of a person appears in what is stored in the clear.
func TestEventsNameNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Wilhelmina", "Sanction")
	b.paper(t, who, "PASSPORT", "")
	x := b.execute(t, who, "Five")
	if _, err := b.Override(b.ctx, b.sandbox, b.by, Ref{ID: x.Execution.ID}, 0, Overruling{Status: "PASS", Hand: Hand{Comment: "I know Wilhelmina"}}); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Wilhelmina", "Sanction", "1984", "C01X00T47", "example.org"} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s holds %q: %s", e.Action, secret, raw)
			}
		}
	}
}
