package intake

import (
	"context"
	"slices"
	"testing"

	"bonafide/kyc"
)

// decided makes a sandbox session whose run ended.
func (b *bench) decided(o kyc.Outcome) kyc.ID {
	b.t.Helper()
	id := b.submitted()
	b.end(b.session(id), o, false)
	return id
}

// submitted makes one whose run is under way.
func (b *bench) submitted() kyc.ID {
	b.t.Helper()
	id := b.opened("CONSENT")
	b.must(id, "CONSENT", map[string]any{"accepted": true, "legal_name": "Ada Example"}, "COMPLETED")
	return id
}

func (b *bench) rulings(id kyc.ID) []kyc.Ruling {
	b.t.Helper()
	list, err := b.store.Rulings(b.t.Context(), b.box, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func (b *bench) review(id kyc.ID) kyc.Case {
	b.t.Helper()
	c, err := b.store.Case(b.t.Context(), b.box, b.session(id).CaseID)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func TestHowARunEnds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		outcome kyc.Outcome
		status  string
		news    string
		final   string
		filed   bool
		person  kyc.SubjectStatus
	}{
		{kyc.Approved, "VERIFIED", "approved", "approved", false, kyc.SubjectApproved},
		{kyc.Rejected, "REJECTED", "declined", "rejected", false, kyc.SubjectRejected},
		{kyc.NeedsReview, "SUBMITTED", "submitted", "manual_review", true, kyc.SubjectPending},
		{"", "SUBMITTED", "submitted", "manual_review", true, kyc.SubjectPending}, // the engine failed: nobody decided
	} {
		b := newBench(t)
		id := b.decided(tt.outcome)
		st, err := b.State(t.Context(), b.box, id)
		if err != nil {
			t.Fatal(err)
		}
		heard := b.heard(id)
		if st.Status != tt.status || st.Progress != "COMPLETED" || st.Current != -1 || heard[len(heard)-1] != tt.news {
			t.Errorf("%q: %s, %s, heard %v", tt.outcome, st.Status, st.Progress, heard)
		}
		r := b.rulings(id)
		if len(r) != 1 || r[0].Final != tt.final || r[0].Source != "automation" || r[0].RunID != st.Session.RunID {
			t.Errorf("%q: the history is %+v", tt.outcome, r)
		}
		if (st.Session.CaseID != "") != tt.filed || tt.filed && b.review(id).Status != kyc.CaseOpen {
			t.Errorf("%q: the case is %q", tt.outcome, st.Session.CaseID)
		}
		p, err := b.store.Subject(t.Context(), b.box, st.Session.SubjectID)
		if err != nil || p.Status != tt.person {
			t.Errorf("%q: the person is %s: %v", tt.outcome, p.Status, err)
		}
	}
}

func TestWhatMayBeDecidedByHand(t *testing.T) {
	t.Parallel()
	open := func(b *bench) kyc.ID { return b.opened("CONSENT") }
	voided := func(b *bench) kyc.ID {
		id := b.opened("CONSENT")
		if _, err := b.Void(b.t.Context(), b.box, b.key, id, 0); err != nil {
			b.t.Fatal(err)
		}
		return id
	}
	ended := func(o kyc.Outcome) func(b *bench) kyc.ID { return func(b *bench) kyc.ID { return b.decided(o) } }
	for _, tt := range []struct {
		name, status, reason, code string
		make                       func(b *bench) kyc.ID
	}{
		{"pending", "VERIFIED", "x", "invalid_transition", open},
		{"voided", "REJECTED", "x", "invalid_transition", voided},
		{"under way", "VERIFIED", "x", "session_processing", (*bench).submitted},
		{"submitted", "VERIFIED", "", "", ended(kyc.NeedsReview)},
		{"submitted", "REJECTED", "", "", ended(kyc.NeedsReview)},
		{"verified again", "VERIFIED", "x", "invalid_transition", ended(kyc.Approved)},
		{"verified", "REJECTED", "", "reason_required", ended(kyc.Approved)},
		{"verified", "REJECTED", "it was a mistake", "", ended(kyc.Approved)},
		{"rejected", "VERIFIED", " ", "reason_required", ended(kyc.Rejected)},
		{"rejected", "VERIFIED", "it was a mistake", "", ended(kyc.Rejected)},
	} {
		t.Run(tt.name+" "+tt.status+" "+tt.reason, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := tt.make(b)
			before := len(b.rulings(id))
			st, err := b.SetStatus(t.Context(), b.box, b.anna, id, NewStatus{Status: tt.status, Reason: tt.reason})
			if tt.code != "" {
				wantCode(t, err, kyc.Conflict, tt.code)
				if len(b.rulings(id)) != before {
					t.Error("a refused decision stands in the history")
				}
				return
			}
			if err != nil || st.Status != tt.status {
				t.Fatalf("the session is %s: %v", st.Status, err)
			}
			history := b.rulings(id)
			last := history[len(history)-1]
			if last.Source != "reviewer" || last.Words.Reason != tt.reason || last.Override != (tt.reason != "") || last.Supersedes != history[len(history)-2].ID {
				t.Errorf("the history ends with %+v", last)
			}
			if st.Session.CaseID != "" && !b.review(id).Status.Decided() {
				t.Error("the case stays open")
			}
		})
	}
}

func TestADecisionIsCheckedFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.decided(kyc.NeedsReview)
	_, err := b.SetStatus(t.Context(), b.box, b.key, id, NewStatus{Status: "APPROVED", Reason: string(make([]byte, maxReason+1))})
	if got := problems(err); !slices.Contains(got, "/new_status status_invalid") {
		t.Errorf("the problems are %v", got)
	}
	_, err = b.SetStatus(t.Context(), b.box, b.key, id, NewStatus{Status: "VERIFIED", Rev: 1})
	wantCode(t, err, kyc.PreconditionFailed, "etag_mismatch")
	_, err = b.SetStatus(t.Context(), b.live, b.key, id, NewStatus{Status: "VERIFIED"})
	wantCode(t, err, kyc.NotFound, "not_found")
}

func TestNobodyDecidesTheirOwnSession(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, err := b.Create(t.Context(), b.box, b.anna, person(b.workflow("CONSENT")))
	if err != nil {
		t.Fatal(err)
	}
	id := c.State.Session.ID
	b.must(id, "CONSENT", map[string]any{"accepted": true, "legal_name": "A"}, "COMPLETED")
	b.end(b.session(id), kyc.NeedsReview, false)
	_, err = b.SetStatus(t.Context(), b.box, b.anna, id, NewStatus{Status: "VERIFIED"})
	wantCode(t, err, kyc.Forbidden, "conflict_of_interest")
	if _, err = b.SetStatus(t.Context(), b.box, b.ben, id, NewStatus{Status: "VERIFIED"}); err != nil {
		t.Error(err)
	}
}

func TestDualReviewWaitsForASecondPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.settings(func(s *kyc.Settings) { s.DualReview = true })
	id := b.decided(kyc.NeedsReview)
	st, err := b.SetStatus(t.Context(), b.box, b.anna, id, NewStatus{Status: "VERIFIED", Reason: "fine"})
	if err != nil || st.Status != "SUBMITTED" {
		t.Fatalf("after one person the session is %s: %v", st.Status, err)
	}
	if c := b.review(id); c.Status != kyc.CaseSecond || c.First == nil || c.Private.First != "fine" {
		t.Errorf("the case is %+v", c)
	}
	_, err = b.SetStatus(t.Context(), b.box, b.anna, id, NewStatus{Status: "VERIFIED"})
	wantCode(t, err, kyc.Conflict, "same_reviewer")
	masked := b.anna
	masked.OnBehalfOf = "ben"
	_, err = b.SetStatus(t.Context(), b.box, masked, id, NewStatus{Status: "VERIFIED"})
	wantCode(t, err, kyc.Conflict, "same_reviewer")
	made := kyc.NewID(b.clock)
	b.store.Log = append(b.store.Log, kyc.Event{Tenant: b.box, Object: "api_key", ObjectID: made, Action: "key.create", Actor: b.anna})
	_, err = b.SetStatus(t.Context(), b.box, kyc.Actor{Kind: kyc.ActorKey, ID: string(made), OnBehalfOf: "ben"}, id, NewStatus{Status: "VERIFIED"})
	wantCode(t, err, kyc.Conflict, "same_reviewer")
	if st, err = b.SetStatus(t.Context(), b.box, b.ben, id, NewStatus{Status: "VERIFIED"}); err != nil || st.Status != "VERIFIED" {
		t.Errorf("after two people the session is %s: %v", st.Status, err)
	}
}

// change alters the session's case as the review desk does.
func (b *bench) change(id kyc.ID, f func(c *kyc.Case)) {
	b.t.Helper()
	c := b.review(id)
	f(&c)
	c.Touch(b.clock)
	if err := b.store.Commit(b.t.Context(), &kyc.Change{Put: []kyc.Object{&c}}); err != nil {
		b.t.Fatal(err)
	}
}

func TestAClaimAndAConfirmedHitAreRespected(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.decided(kyc.NeedsReview)
	b.change(id, func(c *kyc.Case) { c.Status, c.AssignedTo, c.LastActivityAt = kyc.CaseInReview, "ben", b.clock })
	_, err := b.SetStatus(t.Context(), b.box, b.anna, id, NewStatus{Status: "VERIFIED"})
	wantCode(t, err, kyc.Conflict, "not_claimable")
	b.change(id, func(c *kyc.Case) {
		c.Override(kyc.CheckOverride{Policy: "watchlist_screening", Result: "failed"}, "it is him")
	})
	_, err = b.SetStatus(t.Context(), b.box, b.ben, id, NewStatus{Status: "VERIFIED"})
	wantCode(t, err, kyc.Conflict, "reason_required")
	if st, err := b.SetStatus(t.Context(), b.box, b.ben, id, NewStatus{Status: "REJECTED"}); err != nil || st.Status != "REJECTED" {
		t.Errorf("the session is %s: %v", st.Status, err)
	}
}

func TestAReviewersDecisionEntersTheHistory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session(b.decided(kyc.NeedsReview))
	if err := s.Move(kyc.SessionApproved, b.clock); err != nil {
		t.Fatal(err)
	}
	c, err := b.Settled(t.Context(), &s, kyc.SessionReview, b.anna, b.clock, kyc.RulingWords{Reason: "looked"})
	if err != nil || len(c.Put) != 1 {
		t.Fatalf("%+v: %v", c, err)
	}
	if r, _ := c.Put[0].(*kyc.Ruling); r.Final != "approved" || r.Words.Reason != "looked" || r.From != kyc.SessionReview || r.Supersedes == "" {
		t.Errorf("the ruling is %+v", r)
	}
	if c, err = b.Settled(t.Context(), &s, kyc.SessionRejected, b.anna, b.clock, kyc.RulingWords{}); err != nil || len(c.Put) != 1 {
		t.Fatalf("a reversal: %+v: %v", c, err)
	}
	if r, _ := c.Put[0].(*kyc.Ruling); !r.Override || r.From != kyc.SessionRejected {
		t.Errorf("the reversal is %+v", r)
	}
	b.change(s.ID, func(c *kyc.Case) {
		c.Override(kyc.CheckOverride{Policy: "watchlist_screening", Result: "failed"}, "it is him")
	})
	_, err = b.Settled(t.Context(), &s, kyc.SessionReview, b.anna, b.clock, kyc.RulingWords{})
	wantCode(t, err, kyc.Conflict, "reason_required")
	_, err = b.Settled(t.Context(), &s, kyc.SessionCapturing, b.anna, b.clock, kyc.RulingWords{})
	wantCode(t, err, kyc.Conflict, "invalid_transition")
}

func TestWhatIsVoidedStaysSo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		make     func(b *bench) kyc.ID
		progress string
		code     string
	}{
		"pending":   {func(b *bench) kyc.ID { return b.opened("CONSENT") }, "PENDING", ""},
		"under way": {(*bench).submitted, "COMPLETED", ""},
		"in review": {func(b *bench) kyc.ID { return b.decided(kyc.NeedsReview) }, "COMPLETED", ""},
		"verified":  {func(b *bench) kyc.ID { return b.decided(kyc.Approved) }, "", "invalid_transition"},
	} {
		b := newBench(t)
		id := tt.make(b)
		out, err := b.Void(t.Context(), b.box, b.key, id, 0)
		if tt.code != "" {
			wantCode(t, err, kyc.Conflict, tt.code)
			continue
		}
		if err != nil || out.State.Status != "VOIDED" || out.State.Progress != tt.progress {
			t.Fatalf("%s: %s, %s: %v", name, out.State.Status, out.State.Progress, err)
		}
		if (len(b.cancelled) == 1) != (name == "under way") || (name == "in review" && !b.review(id).Status.Decided()) {
			t.Errorf("%s: %d runs cancelled", name, len(b.cancelled))
		}
		heard := len(b.heard(id))
		if again, err := b.Void(t.Context(), b.box, b.key, id, 0); err != nil || again.State.Status != "VOIDED" || len(b.heard(id)) != heard || b.heard(id)[heard-1] != "voided" {
			t.Errorf("%s: a second time: %v, heard %v", name, err, b.heard(id))
		}
		_, err = b.submit(id, "CONSENT", map[string]any{"accepted": false})
		wantCode(t, err, kyc.Conflict, "session_closed")
	}
}

func TestARunThatEndsWhileItIsVoidedIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.submitted()
	b.d.Cancel = func(_ context.Context, _ kyc.Tenant, _ kyc.ID, _ string, _ kyc.Actor) error {
		b.end(b.session(id), kyc.Approved, false)
		return kyc.Errorf(kyc.Conflict, "run_ended", "the run is completed already")
	}
	_, err := b.Void(t.Context(), b.box, b.key, id, 0)
	wantCode(t, err, kyc.Conflict, "invalid_transition")
}

func TestWhatExpiresIsVoided(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("CONSENT", "PEP_SANCTIONS")
	b.must(id, "CONSENT", map[string]any{"accepted": false}, "FAILED")
	s, err := b.Expire(t.Context(), b.session(id), kyc.SystemActor("session"), b.clock)
	if err != nil || s.Status != kyc.SessionExpired {
		t.Fatalf("%s: %v", s.Status, err)
	}
	st, _ := b.State(t.Context(), b.box, id)
	if heard := b.heard(id); st.Status != "VOIDED" || st.Progress != "STARTED" || heard[len(heard)-1] != "voided" {
		t.Errorf("%s, %s, heard %v", st.Status, st.Progress, b.heard(id))
	}
	_, err = b.Expire(t.Context(), b.session(b.decided(kyc.Approved)), kyc.SystemActor("session"), b.clock)
	wantCode(t, err, kyc.Conflict, "invalid_transition")
}

func TestARedactedSessionShowsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("CONSENT")
	_, err := b.Redact(t.Context(), b.box, b.key, id, 99)
	wantCode(t, err, kyc.PreconditionFailed, "etag_mismatch")
	out, err := b.Redact(t.Context(), b.box, b.key, id, 0)
	if err != nil || !out.Redacted || out.State.Status != "VOIDED" || out.State.Session.Private.Fields != nil || !slices.Equal(b.redacted, []kyc.ID{id}) {
		t.Errorf("%+v: %v", out.State.Session, err)
	}
}

func TestARecordHoldsEverything(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(""))
	b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
	s := b.session(id)
	b.trace[s.RunID] = Trace{Attempts: []Attempt{{Policy: "face_match", Attempt: 1}, {Policy: "face_match", Attempt: 2}}}
	b.end(s, kyc.NeedsReview, false)
	r, err := b.Session(t.Context(), b.box, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Uploads) != 2 || len(r.Exams) != 4 || r.Trace == nil || len(r.Rulings) != 1 || r.Sender != b.key.ID {
		t.Errorf("the record has %d uploads, %d exams, %d rulings by %s", len(r.Uploads), len(r.Exams), len(r.Rulings), r.Sender)
	}
	if last, ok := r.Trace.Last("face_match"); !ok || last.Attempt != 2 {
		t.Errorf("the last answer is %+v", last)
	}
	if _, ok := r.Trace.Last("liveness"); ok {
		t.Error("a check that was not asked has an answer")
	}
}

func TestStartIsSafeToRepeat(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("CONSENT")
	for range 2 {
		st, err := b.Start(t.Context(), b.box, b.key, id, 0)
		if err != nil || st.Progress != "STARTED" || st.Session.Rev != 2 || st.AttemptsRemaining != 3 {
			t.Errorf("%s at revision %d: %v", st.Progress, st.Session.Rev, err)
		}
	}
}
