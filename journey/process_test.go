package journey

import (
	"fmt"
	"slices"
	"testing"

	"bonafide/kyc"
)

func TestProcessingIsAskedForAtTheRightTime(t *testing.T) {
	t.Parallel()
	for _, from := range everyState() {
		b := newBench(t)
		c := b.opened(t, "")
		b.put(t, c.Session.ID, from)
		p, err := b.Process(t.Context(), b.live, b.key, c.Session.ID, 0, false)
		switch from {
		case kyc.SessionCaptured, kyc.SessionReview, kyc.SessionFailed:
			if err != nil || p.Session.Status != kyc.SessionRunning || p.Result != nil {
				t.Errorf("from %s: %s %v", from, p.Session.Status, err)
			}
		case kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCorrection:
			wantCode(t, err, kyc.Conflict, "session_not_complete")
			var open []string
			for _, x := range kyc.AsError(err).Problems {
				open = append(open, x.Path)
			}
			if !slices.Equal(open, []string{"/steps/info", "/steps/papers"}) {
				t.Errorf("missing steps %v", open)
			}
		default:
			wantCode(t, err, kyc.Conflict, "invalid_transition")
		}
	}
}

func TestHowARunEndsIsHowTheSessionEnds(t *testing.T) {
	t.Parallel()
	flag := map[string]kyc.CheckFact{policyRules: {Status: "passed", Details: map[string]any{"outcome": "flag",
		"automation_flags": []any{map[string]any{"code": "country_rule", "message": "watch", "rule": "country_rules[0]"}}}}}
	for _, x := range []struct {
		outcome kyc.Outcome
		reason  string
		checks  map[string]kyc.CheckFact
		status  kyc.SessionStatus
		final   string
		told    []string
	}{
		{kyc.Approved, "", nil, kyc.SessionApproved, "approved", []string{"session.processed"}},
		{kyc.Approved, ReasonFlagged, flag, kyc.SessionApproved, "flagged", []string{"session.processed"}},
		{kyc.Rejected, "auto_deny", nil, kyc.SessionRejected, "rejected", []string{"session.processed"}},
		{kyc.NeedsReview, "rules", nil, kyc.SessionReview, "manual_review", []string{"session.processed", "session.manual_review"}},
		{"", "", nil, kyc.SessionReview, "manual_review", []string{"session.manual_review"}}, // the engine failed
	} {
		b := newBench(t)
		c := b.opened(t, "")
		id := c.Session.ID
		b.finish(t, id)
		b.ends(t, x.outcome, x.reason, x.checks)
		p, err := b.Process(t.Context(), b.live, b.key, id, 0, true)
		if err != nil {
			t.Fatal(err)
		}
		s := b.session(t, id)
		if s.Status != x.status || Final(&s) != x.final || p.Result == nil || p.Result.FinalDecision != x.final {
			t.Errorf("%+v ended %s %s, result %+v", x, s.Status, Final(&s), p.Result)
		}
		if got := b.heard(id)[2:]; !slices.Equal(got, x.told) {
			t.Errorf("%+v told %v", x, got)
		}
		r := b.rulings(t, id)
		if len(r) != 1 || r[0].Source != ByAutomation || r[0].Final != x.final || r[0].RunID != p.Run.ID {
			t.Errorf("%+v ruled %+v", x, r)
		}
		if (s.CaseID != "") != (x.status == kyc.SessionReview) {
			t.Errorf("%+v has case %q", x, s.CaseID)
		}
		failed := x.outcome == ""
		if failed != slices.ContainsFunc(p.Result.AutomationFlags, func(f Flag) bool { return f.Code == ReasonProcessing }) {
			t.Errorf("%+v flags %v", x, p.Result.AutomationFlags)
		}
		if x.final == "flagged" && (len(p.Result.AutomationFlags) != 1 || p.Result.AutomationFlags[0].Message != "watch") {
			t.Errorf("the flag is lost: %v", p.Result.AutomationFlags)
		}
		enrolled := slices.ContainsFunc(b.store.Log, func(e kyc.Event) bool { return e.Action == "monitoring.enrol" })
		if enrolled != (x.status == kyc.SessionApproved) {
			t.Errorf("%+v enrolled %t", x, enrolled)
		}
	}
}

func TestAReprocessAfterCorrectionsIsHeldUnlessAutomationMayDecide(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]kyc.SessionStatus{"manual_review": kyc.SessionReview, "autoprocess": kyc.SessionApproved} {
		b := newBench(t)
		c := b.opened(t, fmt.Sprintf(`{"validation_config":{"correction_resolution":{"post_reprocess_mode":%q}}}`, mode))
		id := c.Session.ID
		b.finish(t, id)
		b.ends(t, kyc.NeedsReview, "rules", nil)
		if _, err := b.Process(t.Context(), b.live, b.key, id, 0, true); err != nil {
			t.Fatal(err)
		}
		if _, err := b.RequestCorrections(t.Context(), b.live, b.anna, id, 0, ask("papers", "blurry")); err != nil {
			t.Fatal(err)
		}
		b.finish(t, id)
		b.ends(t, kyc.Approved, "", nil)
		p, err := b.Process(t.Context(), b.live, b.anna, id, 0, true)
		if err != nil {
			t.Fatal(err)
		}
		held := want == kyc.SessionReview
		if p.Session.Status != want || p.Result.Automation.Held != held || p.Journey.ReviewOnly {
			t.Errorf("%s ended %s, held %t", mode, p.Session.Status, p.Result.Automation.Held)
		}
		if got := p.Journey.Corrections[0].Status; (got == kyc.CorrectionAccepted) == held {
			t.Errorf("%s left the item %s", mode, got)
		}
		review, err := b.store.Case(t.Context(), b.live, p.Session.CaseID)
		if err != nil || review.Status.Decided() == held {
			t.Errorf("%s left the case %s: %v", mode, review.Status, err)
		}
	}
}

func TestAReprocessWithoutCorrectionsIsDecidedByTheRules(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	id := c.Session.ID
	b.finish(t, id)
	b.ends(t, "", "", nil) // the engine fails the first time
	if _, err := b.Process(t.Context(), b.live, b.key, id, 0, true); err != nil {
		t.Fatal(err)
	}
	b.ends(t, kyc.Approved, "", nil)
	p, err := b.Process(t.Context(), b.live, b.key, id, 0, true)
	if err != nil || p.Session.Status != kyc.SessionApproved || p.Result.Automation.Held || len(p.Result.AutomationFlags) != 0 {
		t.Errorf("ended %s: %v", p.Session.Status, err)
	}
	if r := b.rulings(t, id); len(r) != 2 || r[1].Supersedes != r[0].ID || r[0].ReasonCode != ReasonProcessing {
		t.Errorf("ruled %+v", r)
	}
}

// Of two decisions at the same moment one counts, and the history has one.
func TestTheSlowerOfTwoDecisionsIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	id := c.Session.ID
	b.put(t, id, kyc.SessionReview)
	b.store.Between = func() {
		if _, err := b.SetStatus(t.Context(), b.live, b.ben, id, 0, Verdict{Status: "rejected"}); err != nil {
			t.Error(err)
		}
	}
	_, err := b.SetStatus(t.Context(), b.live, b.anna, id, 0, Verdict{Status: "approved"})
	wantCode(t, err, kyc.Conflict, "concurrent_change")
	if r := b.rulings(t, id); len(r) != 1 || b.session(t, id).Status != kyc.SessionRejected {
		t.Errorf("ruled %+v", r)
	}
}

func TestTheReviewDesksDecisionEntersTheHistory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	id := c.Session.ID
	b.finish(t, id)
	if _, err := b.RequestCorrections(t.Context(), b.live, b.anna, id, 0, ask("papers", "blurry")); err != nil {
		t.Fatal(err)
	}
	b.finish(t, id)
	s := b.session(t, id)
	if err := s.Move(kyc.SessionApproved, *b.now); err != nil {
		t.Fatal(err)
	}
	s.Result, s.ReasonCode = kyc.Approved, "case_approved"
	change, err := b.Settled(t.Context(), &s, kyc.SessionReview, b.ben, *b.now, kyc.RulingWords{Reason: "fine"})
	if err != nil {
		t.Fatal(err)
	}
	s.Touch(*b.now)
	change.Put = append(change.Put, &s)
	if err := b.store.Commit(t.Context(), &change); err != nil {
		t.Fatal(err)
	}
	if r := b.rulings(t, id); len(r) != 1 || r[0].Source != ByReviewer || r[0].By != b.ben || r[0].Words.Reason != "fine" {
		t.Errorf("ruled %+v", r)
	}
	if j := b.journey(t, id); j.Corrections[0].Status != kyc.CorrectionAccepted {
		t.Errorf("the item is %s", j.Corrections[0].Status)
	}
}

func TestTheDeskDecidesOnlyWhatIsUnderReview(t *testing.T) {
	t.Parallel()
	for _, from := range []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCaptured, kyc.SessionCorrection} {
		b := newBench(t)
		s := b.opened(t, "").Session
		s.Status = kyc.SessionApproved
		_, err := b.Settled(t.Context(), &s, from, b.ben, *b.now, kyc.RulingWords{})
		wantCode(t, err, kyc.Conflict, "invalid_transition")
	}
}

func TestASubsessionsDecisionIsToldWithItsParent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	j := b.journey(t, c.Session.ID)
	j.ParentID, j.ParentStep, j.EntityRole = kyc.NewID(*b.now), "ubos", "ubo"
	j.Touch(*b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&j}}); err != nil {
		t.Fatal(err)
	}
	b.put(t, c.Session.ID, kyc.SessionReview)
	if _, err := b.SetStatus(t.Context(), b.live, b.anna, c.Session.ID, 0, Verdict{Status: "rejected"}); err != nil {
		t.Fatal(err)
	}
	if got := b.heard(c.Session.ID); !slices.Contains(got, "session.subsession.completed") {
		t.Errorf("heard %v", got)
	}
}

func TestValidateAsksTheEnabledChecksAndDecidesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, `{"validation_config":{"run_adverse_media":true}}`)
	id := c.Session.ID
	b.finish(t, id)
	b.answers[policyLists] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Fail, Hits: []kyc.Hit{{List: "un"}}, Provider: "test"}
	b.answers[policyMedia] = kyc.Answer{Status: kyc.StatusNotConfigured, Provider: "test"}
	got, err := b.Validate(t.Context(), b.live, b.key, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, r := range got {
		states[r.Check] = r.Status
	}
	for check, want := range map[string]string{"lists": "failed", "crypto": "not_run", "adverse_media": "error", "face_match": "not_run", "cross_validate": "passed"} {
		if states[check] != want {
			t.Errorf("%s is %s, want %s", check, states[check], want)
		}
	}
	if s := b.session(t, id); s.Status != kyc.SessionCaptured || s.Result != "" || len(b.rulings(t, id)) != 0 {
		t.Errorf("the validation decided: %s", s.Status)
	}
	exams, err := b.store.Exams(t.Context(), b.live, id)
	if err != nil || !slices.ContainsFunc(exams, func(e kyc.Exam) bool { return e.Policy == policyLists && e.InputHash != "" && len(e.Answer.Hits) == 1 }) {
		t.Errorf("exams %+v: %v", exams, err)
	}
	if !slices.ContainsFunc(b.exams, func(r kyc.CheckRequest) bool {
		return r.Policy == policyLists && r.Checks[policyDocuments].Status == "passed" && len(r.Config) > 0
	}) {
		t.Error("the screening did not see the documents")
	}
	_, err = b.Validate(t.Context(), b.live, b.key, id, []string{"lists", "magic"})
	wantCode(t, err, kyc.Invalid, "invalid_checks")
	if got, err = b.Validate(t.Context(), b.live, b.key, id, []string{"lists"}); err != nil || len(got) != 1 {
		t.Errorf("asked for one, got %v: %v", got, err)
	}
}

func TestTheDeskCannotApproveAConfirmedSanctionHit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	id := c.Session.ID
	b.finish(t, id)
	b.ends(t, kyc.NeedsReview, "rules", map[string]kyc.CheckFact{policyLists: {Status: "failed", Hits: []kyc.Hit{{List: "un"}}}})
	if _, err := b.Process(t.Context(), b.live, b.key, id, 0, true); err != nil {
		t.Fatal(err)
	}
	s := b.session(t, id)
	review, err := b.store.Case(t.Context(), b.live, s.CaseID)
	if err != nil {
		t.Fatal(err)
	}
	review.Overrides = []kyc.CheckOverride{{Policy: policyLists, Result: "failed"}}
	review.Touch(*b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&review}}); err != nil {
		t.Fatal(err)
	}
	for to, want := range map[kyc.SessionStatus]string{kyc.SessionApproved: "sanction_hit_open", kyc.SessionRejected: ""} {
		moved := s
		if err := moved.Move(to, *b.now); err != nil {
			t.Fatal(err)
		}
		_, err := b.Settled(t.Context(), &moved, kyc.SessionReview, b.ben, *b.now, kyc.RulingWords{})
		if (err != nil || want != "") && !kyc.IsCode(err, want) {
			t.Errorf("to %s: %v", to, err)
		}
	}
}
