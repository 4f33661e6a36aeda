package execution

import (
	"context"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
	"bonafide/review"
)

func (b *bench) override(t *testing.T, e kyc.Execution, status string) Executed {
	t.Helper()
	x, err := b.Override(b.ctx, e.Tenant, b.by, Ref{SubjectID: e.SubjectID, ServiceName: e.ServiceName, WorkflowName: e.WorkflowName, ID: e.ID}, 0,
		Overruling{Status: status, Hand: Hand{Operator: "OPERATOR123", Comment: "spoke to the customer", RequestID: "01OVERRIDE"}})
	if err != nil {
		t.Fatalf("overriding with %s: %v", status, err)
	}
	return x
}

func TestEveryStatusOverrides(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	for _, from := range []string{"Approve", "Sanction"} {
		who := b.somebody(t, b.sandbox, "Ada", from)
		b.paper(t, who, "PASSPORT", "")
		e := b.execute(t, who, "Five").Execution
		machine := e.Result
		n := 0
		for _, status := range procedure.Statuses() {
			if status == procedure.Unchecked {
				continue
			}
			before := e.Status
			e = b.override(t, e, status).Execution
			n++
			o := e.Override
			if e.Status != status || e.Result != machine || e.State != "COMPLETED" || o == nil || o.Status != status || o.From != before || o.By != "OPERATOR123" ||
				o.RequestID != "01OVERRIDE" || o.At.IsZero() || e.Private.Overrides[o.ID] != "spoke to the customer" || len(e.Overrides) != n {
				t.Errorf("%s over %s: %+v", status, before, e)
			}
			s, err := b.db.Session(b.ctx, b.sandbox, e.ID)
			if want, _ := sessionOf(status); err != nil || s.Status != want {
				t.Errorf("with %s the session is %s, not %s: %v", status, s.Status, want, err)
			}
			if s.CaseID != "" {
				c, err := b.db.Case(b.ctx, b.sandbox, s.CaseID)
				if err != nil || c.Status.Decided() != (s.Status != kyc.SessionReview) {
					t.Errorf("with %s the case is %s: %v", status, c.Status, err)
				}
				// Whoever looks next reads why on the case.
				notes, err := b.db.Notes(b.ctx, b.sandbox, s.CaseID)
				if err != nil || s.Status == kyc.SessionReview && (len(notes) == 0 || notes[len(notes)-1].Text != "spoke to the customer" || notes[0].Author != "OPERATOR123") {
					t.Errorf("with %s the case has the notes %+v: %v", status, notes, err)
				}
			}
		}
		e = b.override(t, e, procedure.Unchecked).Execution
		if e.Override != nil || e.Status != machine || len(e.Overrides) != n+1 || e.Overrides[n].Status != procedure.Unchecked {
			t.Errorf("cleared: %+v", e)
		}
		_, err := b.Override(b.ctx, b.sandbox, b.by, Ref{ID: e.ID}, 0, Overruling{Status: procedure.Unchecked, Hand: Hand{Comment: "again"}})
		has(t, err, kyc.Conflict, "nothing_overridden")
	}
	told := b.told(NewsOverridden)
	if len(told) != 2*len(procedure.Statuses()) || told[0].RequestID != "01OVERRIDE" || told[0].Surface != kyc.SurfaceEntities {
		t.Errorf("%d messages, the first %+v", len(told), told[0])
	}
}

func TestOverrideRefusesWhatItCannotFollow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	other := b.somebody(t, b.sandbox, "Eve", "Approve")
	b.paper(t, who, "PASSPORT", "")
	e := b.execute(t, who, "Five").Execution
	try := func(r Ref, rev int64, status, comment string) error {
		_, err := b.Override(b.ctx, b.sandbox, b.by, r, rev, Overruling{Status: status, Hand: Hand{Comment: comment}})
		return err
	}
	has(t, try(Ref{ID: e.ID}, 0, "PASS", "  "), kyc.Malformed, "comment_required")
	has(t, try(Ref{ID: e.ID}, 0, "SPLENDID", "why"), kyc.Malformed, "status_invalid")
	if both := has(t, try(Ref{ID: e.ID}, 0, "pass", ""), kyc.Malformed, "invalid_body"); len(both.Problems) != 2 {
		t.Errorf("problems %+v", both.Problems)
	}
	has(t, try(Ref{ID: e.ID, SubjectID: other.ID}, 0, "PASS", "why"), kyc.NotFound, "not_found")
	has(t, try(Ref{ID: e.ID, WorkflowName: "Six"}, 0, "PASS", "why"), kyc.NotFound, "not_found")
	has(t, try(Ref{ID: e.ID, ServiceName: "Lending"}, 0, "PASS", "why"), kyc.NotFound, "not_found")
	has(t, try(Ref{ID: kyc.NewID(b.Now())}, 0, "PASS", "why"), kyc.NotFound, "not_found")
	has(t, try(Ref{ID: e.ID}, e.Rev+1, "PASS", "why"), kyc.PreconditionFailed, "etag_mismatch")
	if err := try(Ref{ID: e.ID}, e.Rev, "FAIL", "why"); err != nil {
		t.Error(err)
	}
	if _, err := b.Override(b.ctx, b.live, b.by, Ref{ID: e.ID}, 0, Overruling{Status: "PASS", Hand: Hand{Comment: "why"}}); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("across environments: %v", err)
	}
}

// An error stays an error: a person may say what holds now.
func TestAnErrorCanBeOverriddenAndStaysAnError(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Timeout")
	b.paper(t, who, "PASSPORT", "")
	e := b.override(t, b.execute(t, who, "Five").Execution, "APPROVED").Execution
	if e.State != "ERROR" || e.Result != "BLOCKED" || e.Status != "APPROVED" {
		t.Errorf("%s/%s/%s", e.State, e.Result, e.Status)
	}
	s, err := b.db.Session(b.ctx, b.sandbox, e.ID)
	if err != nil || s.Status != kyc.SessionApproved {
		t.Errorf("the session is %s %v", s.Status, err)
	}
}

// A reviewer's decision in the console is an override.
func TestSettledIsAnOverrideByTheReviewer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Sanction")
	b.paper(t, who, "PASSPORT", "")
	e := b.execute(t, who, "Five").Execution
	s, err := b.db.Session(b.ctx, b.sandbox, e.ID)
	if err != nil || s.Status != kyc.SessionReview || s.CaseID == "" {
		t.Fatalf("session %s %v", s.Status, err)
	}
	for outcome, want := range map[kyc.SessionStatus]string{kyc.SessionApproved: "APPROVED", kyc.SessionRejected: "REJECTED"} {
		moved := s
		moved.Status = outcome
		by := kyc.Actor{Kind: kyc.ActorUser, ID: "user-1", OnBehalfOf: "rita@example.org"}
		c, err := b.Settled(b.ctx, &moved, kyc.SessionReview, by, b.Now(), kyc.RulingWords{Reason: "known customer"})
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(c.Put, func(o kyc.Object) bool { _, ok := o.(*kyc.Execution); return ok })
		got, _ := c.Put[at].(*kyc.Execution)
		if got.Status != want || got.Override.By != "rita@example.org" || got.Override.Actor != by || got.Private.Overrides[got.Override.ID] != "known customer" || got.Result != e.Result {
			t.Errorf("%s: %+v", want, got)
		}
		if len(c.Events) != 1 || c.Events[0].Webhook != NewsOverridden {
			t.Errorf("told %+v", c.Events)
		}
	}
	// Through the desk itself: one commit holds both.
	b.desk.OnSettled(func(ctx context.Context, s *kyc.Session, from kyc.SessionStatus, by kyc.Actor, at time.Time, w kyc.RulingWords) (kyc.Change, error) {
		return b.Settled(ctx, s, from, by, at, w)
	})
	if _, err := b.desk.Decide(b.ctx, b.sandbox, b.by, s.CaseID, 0, review.Word{ReviewerID: "rita@example.org", Outcome: kyc.Approved}); err != nil {
		t.Fatal(err)
	}
	if s, err = b.db.Session(b.ctx, b.sandbox, e.ID); err != nil || s.Status != kyc.SessionApproved {
		t.Errorf("session %s %v", s.Status, err)
	}
	if e, err = b.db.Execution(b.ctx, b.sandbox, e.ID); err != nil || e.Status != "APPROVED" || e.Override == nil {
		t.Errorf("the desk's decision left the execution %s %v", e.Status, err)
	}
}

// What is said of an execution whose data is withheld could not be kept, so it
// is refused, and nothing changes.
func TestNothingIsSaidOfWhatIsWithheld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	x := b.execute(t, b.somebody(t, b.live, "Ada", "Grabow"), "Take on")
	who, e := x.Execution.SubjectID, x.Execution
	s, err := b.db.Session(b.ctx, b.live, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if s.Status.Ended() {
		s.CompletedAt = b.Now()
	}
	s.WithheldAt = b.Now()
	s.Touch(b.Now())
	if err := b.db.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
		t.Fatal(err)
	}
	_, err = b.Judge(b.ctx, b.live, b.by, who, Judgement{Kind: "aml", Status: "FALSE_POSITIVE", Results: ids(hitsOf(x)), Hand: Hand{Comment: "said"}})
	has(t, err, kyc.Invalid, "process_results_invalid")
	if p := kyc.AsError(err).Problems; len(p) != len(hitsOf(x)) || p[0].Code != "redacted" {
		t.Errorf("the problems are %+v", p)
	}
	if len(e.Issues) == 0 {
		t.Fatal("there is no issue to clear")
	}
	_, _, err = b.ClearIssue(b.ctx, b.live, b.by, who, e.Issues[0].ID, Clearing{Cleared: true, Hand: Hand{Comment: "said"}})
	has(t, err, kyc.Conflict, "redacted")
	_, err = b.OverrideRisk(b.ctx, b.live, b.by, who, "onboarding", 0, Risk{Level: "HIGH", Hand: Hand{Comment: "said"}})
	has(t, err, kyc.Conflict, "redacted")
	if now, err := b.db.Execution(b.ctx, b.live, e.ID); err != nil || now.Rev != e.Rev {
		t.Errorf("the execution is at revision %d, it was at %d (%v)", now.Rev, e.Rev, err)
	}
}
