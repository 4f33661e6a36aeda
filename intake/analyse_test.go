package intake

import (
	"slices"
	"testing"

	"bonafide/kyc"
	"bonafide/store/memory"
)

func (b *bench) analysed(id kyc.ID) error {
	return b.Analyse(b.t.Context(), kyc.Job{Kind: JobAnalyse, Tenant: b.box, Object: id})
}

func (b *bench) cases(id kyc.ID) int {
	list := memory.Oldest(b.store, b.box, func(c kyc.Case) bool { return c.SessionID == id })
	return len(list)
}

func count(list []string, word string) (n int) {
	for _, x := range list {
		if x == word {
			n++
		}
	}
	return n
}

// TestALateAnalysisMovesNoSession goes through every state that a session can
// be in when the analysis in the background comes back.
func TestALateAnalysisMovesNoSession(t *testing.T) {
	t.Parallel()
	finished := func(o kyc.Outcome) func(b *bench, id kyc.ID) {
		return func(b *bench, id kyc.ID) { b.end(b.session(id), o, false) }
	}
	for name, tt := range map[string]struct {
		then  func(b *bench, id kyc.ID)
		cases int
	}{
		"under way":      {nil, 1},
		"at the engine":  {func(*bench, kyc.ID) {}, 1},
		"verified":       {finished(kyc.Approved), 1},
		"rejected":       {finished(kyc.Rejected), 1},
		"in review":      {finished(kyc.NeedsReview), 1},
		"reviewed":       {func(b *bench, id kyc.ID) { finished(kyc.NeedsReview)(b, id); b.verify(id) }, 2},
		"voided":         {func(b *bench, id kyc.ID) { finished(kyc.NeedsReview)(b, id); b.void(id) }, 2},
		"voided at work": {(*bench).void, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			steps := []string{idStep("")}
			if tt.then == nil {
				steps = append(steps, "CONSENT")
			}
			id := b.opened(steps...)
			b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
			if tt.then != nil {
				tt.then(b, id)
			}
			before := b.session(id)
			rulings := len(b.rulings(id))
			b.answers["document_fraud"] = risk(72)
			for range 3 { // a job that is done again writes nothing twice
				if err := b.analysed(id); err != nil {
					t.Fatal(err)
				}
			}
			after := b.session(id)
			if after.Status != before.Status || after.Result != before.Result || after.ReasonCode != before.ReasonCode || !after.CompletedAt.Equal(before.CompletedAt) ||
				len(b.rulings(id)) != rulings {
				t.Errorf("the analysis moved the session from %s to %s", before.Status, after.Status)
			}
			if b.cases(id) != tt.cases || b.review(id).ReasonCode != ReasonFraud || b.review(id).Status != kyc.CaseOpen {
				t.Errorf("%d cases, the last %+v", b.cases(id), b.review(id))
			}
			if count(b.heard(id), "fraud_signal") != 1 {
				t.Errorf("heard %v", b.heard(id))
			}
			exams, _ := b.store.Exams(t.Context(), b.box, id)
			if n := len(slices.DeleteFunc(exams, func(x kyc.Exam) bool { return x.Policy != "document_fraud" })); n != 1 {
				t.Errorf("%d exams of the analysis", n)
			}
		})
	}
}

func (b *bench) verify(id kyc.ID) {
	b.t.Helper()
	if _, err := b.SetStatus(b.t.Context(), b.box, b.anna, id, NewStatus{Status: "VERIFIED"}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) void(id kyc.ID) {
	b.t.Helper()
	if _, err := b.Void(b.t.Context(), b.box, b.key, id, 0); err != nil {
		b.t.Fatal(err)
	}
}

func TestOnlyHighRiskIsTold(t *testing.T) {
	t.Parallel()
	unreadable := says(kyc.VerdictReview, "document_unreadable")
	for name, tt := range map[string]struct {
		answer kyc.Answer
		want   int
	}{"59": {risk(59), 0}, "60": {risk(60), 1}, "no number": {unreadable, 1},
		"not set up": {kyc.Failed(kyc.StatusNotConfigured, "reader_not_configured", "x"), 0}} {
		b := newBench(t)
		id := b.opened(idStep(""), "CONSENT")
		b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
		b.answers["document_fraud"] = tt.answer
		if err := b.analysed(id); err != nil {
			t.Fatal(err)
		}
		if got := count(b.heard(id), "fraud_signal"); got != tt.want || b.cases(id) != tt.want {
			t.Errorf("%s: told %d times, %d cases", name, got, b.cases(id))
		}
	}
}

func TestAnAnalysisThatIsNotAnsweredIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(""), "CONSENT")
	b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
	b.answers["document_fraud"] = silent()
	wantCode(t, b.analysed(id), kyc.Unavailable, "provider_unavailable")
	b.answers["document_fraud"] = risk(99)
	if err := b.analysed(id); err != nil || b.cases(id) != 1 {
		t.Errorf("%d cases: %v", b.cases(id), err)
	}
}

func TestNothingIsAnalysedOfWhatIsErasedOrUnknown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers["document_fraud"] = risk(99)
	id := b.opened(idStep(""), "CONSENT")
	b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
	s := b.session(id)
	s.RedactedAt, s.Status = b.clock, kyc.SessionCancelled
	s.Touch(b.clock)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
		t.Fatal(err)
	}
	inLine := b.opened(idStep(`,"enable_fraud_analysis":true`), "CONSENT")
	commits, asked := b.store.Commits, len(b.exams)
	for _, x := range []kyc.ID{id, inLine, kyc.NewID(b.clock)} {
		if err := b.analysed(x); err != nil {
			t.Error(err)
		}
	}
	if b.store.Commits != commits || len(b.exams) != asked {
		t.Errorf("something was analysed: %v", b.asked()[asked:])
	}
}

func TestTwoWorkersOfOneAnalysisWriteOnce(t *testing.T) {
	t.Parallel()
	for _, f := range []float64{12, 72} {
		b := newBench(t)
		id := b.opened(idStep(""), "CONSENT")
		b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
		b.answers["document_fraud"] = risk(f)
		b.during = func() {
			if err := b.analysed(id); err != nil {
				t.Error(err)
			}
		}
		if err := b.analysed(id); err != nil {
			t.Fatal(err)
		}
		want := 0
		if f > 60 {
			want = 1
		}
		exams, _ := b.store.Exams(t.Context(), b.box, id)
		n := len(slices.DeleteFunc(exams, func(x kyc.Exam) bool { return x.Policy != "document_fraud" }))
		if n != 1 || b.cases(id) != want || count(b.heard(id), "fraud_signal") != want {
			t.Errorf("risk %v: %d exams, %d cases, heard %v", f, n, b.cases(id), b.heard(id))
		}
	}
}

func TestAnApprovalByTheMachineLeavesAFraudCaseOpen(t *testing.T) {
	t.Parallel()
	for outcome, open := range map[kyc.Outcome]bool{kyc.Approved: true, kyc.Rejected: false, kyc.NeedsReview: true} {
		b := newBench(t)
		id := b.opened(idStep(""))
		b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
		b.answers["document_fraud"] = risk(72)
		if err := b.analysed(id); err != nil {
			t.Fatal(err)
		}
		b.end(b.session(id), outcome, false)
		if c := b.review(id); b.cases(id) != 1 || c.Status.Decided() == open {
			t.Errorf("%s: %d cases, the case is %s", outcome, b.cases(id), c.Status)
		}
	}
}
