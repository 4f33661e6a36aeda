package intake

import (
	"context"
	"encoding/json"
	"testing"

	"bonafide/kyc"
)

func TestASubmissionThatRacesWithItselfCountsOnce(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]kyc.Answer{"passing": pass(), "failing": says(kyc.Fail, "unreadable")} {
		b := newBench(t)
		b.answers["document_ocr"] = a
		id := b.opened(idStep(""), "CONSENT")
		body := b.front(id)
		status := "COMPLETED"
		if name == "failing" {
			status = "IN_PROGRESS"
		}
		b.during = func() { b.must(id, "ID_VERIFICATION", body, status) }
		_, err := b.submit(id, "ID_VERIFICATION", body)
		wantCode(t, err, kyc.Conflict, "concurrent_change")
		all, _ := b.store.Uploads(t.Context(), b.box, id)
		if s := b.step(id, 0); s.Attempts != 1 || len(all) != 2 || count(b.heard(id), "step_completed") > 1 {
			t.Errorf("%s: %d attempts, %d uploads, heard %v", name, s.Attempts, len(all), b.heard(id))
		}
	}
}

func TestTheLastStepBeginsOneRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("CONSENT")
	body := map[string]any{"accepted": true, "legal_name": "Ada Example"}
	b.during = func() { b.must(id, "CONSENT", body, "COMPLETED") }
	if _, err := b.submit(id, "CONSENT", body); kyc.KindOf(err) != kyc.Conflict {
		t.Errorf("a second submission: %v", err)
	}
	if len(b.begun) != 1 || count(b.heard(id), "submitted") != 1 {
		t.Errorf("%d runs, heard %v", len(b.begun), b.heard(id))
	}
}

func TestWhatElseHappensMeanwhileCostsNoAttempt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers["document_fraud"] = risk(90)
	id := b.opened(idStep(""), "PEP_SANCTIONS", "CONSENT")
	b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
	b.during = func() { // the analysis files a case while the lists are asked
		if err := b.analysed(id); err != nil {
			t.Error(err)
		}
	}
	out := b.must(id, "PEP_SANCTIONS", pepBody, "COMPLETED")
	s := b.session(id)
	if out.Step.Attempts != 1 || s.CaseID == "" || s.Private.Fields["last_name"] != "Example" || count(b.heard(id), "fraud_signal") != 1 {
		t.Errorf("%+v, case %q, heard %v", out.Step, s.CaseID, b.heard(id))
	}
}

func TestASubmissionIsRefusedWhenTheSessionEndsMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.escalate()
	b.during = func() { b.void(id) }
	_, err := b.submit(id, "ID_VERIFICATION", chipBody())
	wantCode(t, err, kyc.Conflict, "session_closed")
	if len(b.store.Files) != 2 { // the two pictures; the chip's files are taken away
		t.Errorf("%d files are kept", len(b.store.Files))
	}
}

func TestChecksAreAskedBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(""), "CONSENT")
	body := b.front(id)
	before := b.store.Commits
	b.during = func() {
		if b.store.Commits != before {
			t.Error("something was written before the checks were asked")
		}
		if b.step(id, 0).Status != kyc.StepPending {
			t.Error("the step moved before the checks were asked")
		}
	}
	b.must(id, "ID_VERIFICATION", body, "COMPLETED")
	if b.store.Commits != before+1 {
		t.Errorf("a submission is %d commits", b.store.Commits-before)
	}
}

// TestARequestsUnitDoesNotHoldASubmission: the background files a case while a
// request with a unit is under way, as every request of the porch is.
func TestARequestsUnitDoesNotHoldASubmission(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers["document_fraud"] = risk(90)
	id := b.opened(idStep(""), "PEP_SANCTIONS", "CONSENT")
	b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
	raw, err := json.Marshal(pepBody)
	if err != nil {
		t.Fatal(err)
	}
	b.during = func() {
		if err := b.analysed(id); err != nil {
			t.Error(err)
		}
	}
	ctx, hangUp := context.WithCancel(t.Context())
	ctx, unit := kyc.WithUnit(ctx)
	b.d.InputHash = func(kyc.CheckRequest) string { hangUp(); return "" } // the caller goes away while the checks are asked
	out, err := b.Submit(ctx, b.box, b.key, id, "PEP_SANCTIONS", Submission{Body: raw})
	if err != nil || out.Step.Status != "COMPLETED" || b.step(id, 1).Status != kyc.StepCompleted || !unit.Change.Empty() {
		t.Errorf("%+v: %v", out.Step, err)
	}
}

func TestIfMatchIsRespected(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("CONSENT", "PEP_SANCTIONS")
	raw := json.RawMessage(`{"accepted":false}`)
	_, err := b.Submit(t.Context(), b.box, b.key, id, "CONSENT", Submission{Body: raw, Rev: 7})
	wantCode(t, err, kyc.PreconditionFailed, "etag_mismatch")
	if _, err = b.Submit(t.Context(), b.box, b.key, id, "CONSENT", Submission{Body: raw, Rev: 1}); err != nil {
		t.Error(err)
	}
}

func TestLiveProvidersAreGivenTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for attempt := 1; attempt < askTries; attempt++ {
		if err := b.pause(t.Context(), kyc.Live, attempt); err != nil {
			t.Error(err)
		}
	}
	if b.pauses != askTries-1 {
		t.Errorf("waited %d times", b.pauses)
	}
	b.d.Pause = nil
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.pause(gone, kyc.Live, 1); err == nil {
		t.Error("a caller who went away is waited for")
	}
}
