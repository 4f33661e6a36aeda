package journey

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

// everyState are all states of the engine.
func everyState() []kyc.SessionStatus {
	return []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCaptured, kyc.SessionRunning, kyc.SessionPaused, kyc.SessionReview,
		kyc.SessionCorrection, kyc.SessionApproved, kyc.SessionRejected, kyc.SessionExpired, kyc.SessionCancelled, kyc.SessionFailed}
}

func TestEveryMoveOfTheStateMachine(t *testing.T) {
	t.Parallel()
	const plainly, override = 1, 2 // how the move is legal
	legal := map[kyc.SessionStatus]map[string]int{
		kyc.SessionCreated:    {"cancelled": plainly},
		kyc.SessionCapturing:  {"cancelled": plainly},
		kyc.SessionCaptured:   {"cancelled": plainly, "manual_review": plainly},
		kyc.SessionCorrection: {"cancelled": plainly, "manual_review": plainly},
		kyc.SessionReview:     {"cancelled": plainly, "approved": plainly, "rejected": plainly},
		kyc.SessionApproved:   {"rejected": override, "manual_review": override},
		kyc.SessionRejected:   {"approved": override, "manual_review": override},
	}
	for _, from := range everyState() {
		for _, to := range []string{"approved", "rejected", "manual_review", "cancelled"} {
			for _, over := range []bool{false, true} {
				b := newBench(t)
				c := b.opened(t, "")
				b.put(t, c.Session.ID, from)
				d := Verdict{Status: to, Override: over}
				if over {
					d.Reason = "seen the original"
				}
				got, err := b.SetStatus(t.Context(), b.live, b.anna, c.Session.ID, 0, d)
				how := legal[from][to]
				switch {
				case how == 0:
					wantCode(t, err, kyc.Conflict, "invalid_transition")
				case how == override && !over:
					wantCode(t, err, kyc.Conflict, "override_required")
				case err != nil:
					t.Errorf("%s to %s: %v", from, to, err)
				default:
					s := b.session(t, c.Session.ID)
					if Word(s.Status) != to || got.Ruling == nil || got.Ruling.From != from || got.Ruling.Override != over || got.Ruling.Source != ByReviewer {
						t.Errorf("%s to %s: stored %s, ruling %+v", from, to, s.Status, got.Ruling)
					}
					if want := Final(&s); got.Ruling.Final != want {
						t.Errorf("the ruling says %s, the session %s", got.Ruling.Final, want)
					}
				}
				if err != nil && b.session(t, c.Session.ID).Status != from {
					t.Errorf("a refused move from %s to %s moved the session", from, to)
				}
			}
		}
	}
}

func TestTheHistoryIsOnlyAppendedTo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	id := c.Session.ID
	b.put(t, id, kyc.SessionReview)
	set := func(d Verdict) Decided {
		t.Helper()
		got, err := b.SetStatus(t.Context(), b.live, b.anna, id, 0, d)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	set(Verdict{Status: "rejected", ReasonCode: "forged", Reason: "the photo was replaced", Notes: "see page 2"})
	before := b.rulings(t, id)
	set(Verdict{Status: "approved", Override: true, Reason: "the original was shown"})
	after := b.rulings(t, id)
	if len(before) != 1 || len(after) != 2 || digest(after[0]) != digest(before[0]) || after[1].Supersedes != before[0].ID {
		t.Errorf("the history was %+v and is %+v", before, after)
	}
	if before[0].Words.Notes != "see page 2" || before[0].ReasonCode != "forged" {
		t.Errorf("the words are lost: %+v", before[0])
	}
	for _, e := range b.store.Log {
		if e.Reason == "the photo was replaced" || slices.Contains([]string{"the original was shown"}, e.Reason) {
			t.Error("an event holds what a reviewer wrote")
		}
	}
	if got := b.heard(id); !slices.Equal(got, []string{"session.created", "session.rejected", "session.approved"}) {
		t.Errorf("heard %v", got)
	}
	if p, err := b.store.Subject(t.Context(), b.live, c.Session.SubjectID); err != nil || p.Status != kyc.SubjectApproved {
		t.Errorf("the person is %s: %v", p.Status, err)
	}
}

// Whoever looks at a session that was sent back reads why on its case; without
// words there is no note.
func TestWhoLooksAgainReadsWhy(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string][]string{"the bank called": {"the bank called\nsee page 2"}, "": {}} {
		b := newBench(t)
		id := b.opened(t, "").Session.ID
		from, d := kyc.SessionApproved, Verdict{Status: "manual_review", Override: true, Reason: reason, Notes: "see page 2"}
		if reason == "" { // sent to review without an override, which needs no reason
			from, d = kyc.SessionCaptured, Verdict{Status: "manual_review"}
		}
		b.put(t, id, from)
		got, err := b.SetStatus(t.Context(), b.live, b.anna, id, 0, d)
		if err != nil || got.Session.CaseID == "" {
			t.Fatal(got.Session.CaseID, err)
		}
		notes, err := b.store.Notes(t.Context(), b.live, got.Session.CaseID)
		said := []string{}
		for _, n := range notes {
			said = append(said, n.Text)
			if n.Author != b.anna.ID || n.SubjectID != got.Session.SubjectID {
				t.Errorf("the note is %+v", n)
			}
		}
		if err != nil || !slices.Equal(said, want) {
			t.Errorf("%q: the notes are %q (%v)", reason, said, err)
		}
	}
}

func TestADecisionListsEverythingWrongWithIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	_, err := b.SetStatus(t.Context(), b.live, b.anna, c.Session.ID, 0, Verdict{Status: "fine", ReasonCode: "Not OK", Override: true})
	if p := kyc.AsError(err).Problems; len(p) != 3 {
		t.Errorf("problems %v", p)
	}
	b.put(t, c.Session.ID, kyc.SessionReview)
	_, err = b.SetStatus(t.Context(), b.live, b.anna, c.Session.ID, 0, Verdict{Status: "approved", ReasonCode: ReasonFlagged})
	wantCode(t, err, kyc.Invalid, "invalid_decision")
	_, err = b.SetStatus(t.Context(), b.live, b.anna, c.Session.ID, 99, Verdict{Status: "approved"})
	wantCode(t, err, kyc.PreconditionFailed, "etag_mismatch")
	_, err = b.SetStatus(t.Context(), b.box, b.anna, c.Session.ID, 0, Verdict{Status: "approved"})
	wantCode(t, err, kyc.NotFound, "not_found")
}

func TestFourEyesWaitForASecondPerson(t *testing.T) {
	t.Parallel()
	for _, from := range []kyc.SessionStatus{kyc.SessionReview, kyc.SessionRejected} {
		b := newBench(t)
		b.dual(t)
		c := b.opened(t, "")
		id := c.Session.ID
		b.put(t, id, from)
		d := Verdict{Status: "approved", Override: from == kyc.SessionRejected, Reason: "looks right"}
		first, err := b.SetStatus(t.Context(), b.live, b.anna, id, 0, d)
		if err != nil || !first.Pending || first.Session.Status != from || len(b.rulings(t, id)) != 0 {
			t.Fatalf("the first word: %+v %v", first, err)
		}
		_, err = b.SetStatus(t.Context(), b.live, b.anna, id, 0, d)
		wantCode(t, err, kyc.Conflict, "same_reviewer")
		second, err := b.SetStatus(t.Context(), b.live, b.ben, id, 0, d)
		if err != nil || second.Pending || second.Session.Status != kyc.SessionApproved {
			t.Fatalf("the second word: %+v %v", second, err)
		}
		review, err := b.store.Case(t.Context(), b.live, second.Session.CaseID)
		if err != nil || review.Status != kyc.CaseApproved || review.First == nil || review.First.ReviewerID != "anna" || review.First.ReasonCode != "" || !review.Private.Empty() {
			t.Errorf("the case is %+v: %v", review, err)
		}
	}
}

// Whoever is signed in is one person, whatever name a request gives them and
// whichever key they made for themselves.
func TestOnePersonIsNoSecondPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.dual(t)
	c := b.opened(t, "")
	b.put(t, c.Session.ID, kyc.SessionReview)
	d := Verdict{Status: "approved", Reason: "looks right"}
	anna := kyc.Actor{Kind: kyc.ActorUser, ID: "u-anna"}
	named := func(name string) kyc.Actor { x := anna; x.OnBehalfOf = name; return x }
	if first, err := b.SetStatus(t.Context(), b.live, named("carl"), c.Session.ID, 0, d); err != nil || !first.Pending {
		t.Fatalf("the first word: %+v %v", first, err)
	}
	made := kyc.NewID(*b.now)
	b.store.Log = append(b.store.Log, kyc.Event{Tenant: b.live, Object: "api_key", ObjectID: made, Action: "key.create", Actor: anna})
	for what, by := range map[string]kyc.Actor{"herself": anna, "another name": named("ben"), "her key": {Kind: kyc.ActorKey, ID: string(made), OnBehalfOf: "ben"}} {
		_, err := b.SetStatus(t.Context(), b.live, by, c.Session.ID, 0, d)
		if !kyc.IsCode(err, "same_reviewer") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if second, err := b.SetStatus(t.Context(), b.live, kyc.Actor{Kind: kyc.ActorUser, ID: "u-ben"}, c.Session.ID, 0, d); err != nil || second.Pending {
		t.Errorf("another person: %+v %v", second, err)
	}
}

func TestWhoMadeASessionDoesNotDecideIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.workflow(t, "")
	c, err := b.Create(t.Context(), b.live, b.anna, NewSession{Workflow: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	b.put(t, c.Session.ID, kyc.SessionReview)
	_, err = b.SetStatus(t.Context(), b.live, b.anna, c.Session.ID, 0, Verdict{Status: "approved"})
	wantCode(t, err, kyc.Forbidden, "conflict_of_interest")
	if _, err = b.SetStatus(t.Context(), b.live, b.ben, c.Session.ID, 0, Verdict{Status: "approved"}); err != nil {
		t.Error(err)
	}
}

func TestAConfirmedSanctionHitHoldsAnApprovalBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	id := c.Session.ID
	b.finish(t, id)
	hit := map[string]kyc.CheckFact{policyLists: {Status: "failed", Hits: []kyc.Hit{{List: "un", EntryID: "1", Score: 0.95}}}}
	b.ends(t, kyc.NeedsReview, "rules", hit)
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
	_, err = b.SetStatus(t.Context(), b.live, b.anna, id, 0, Verdict{Status: "approved"})
	wantCode(t, err, kyc.Conflict, "sanction_hit_open")
	if d, err := b.Read(t.Context(), b.live, b.anna, id); err != nil || d.Result.Lists.Hits[0].MatchStatus != TruePositive {
		t.Errorf("the hit is not confirmed: %v", err)
	}
	if _, err = b.SetStatus(t.Context(), b.live, b.anna, id, 0, Verdict{Status: "approved", Override: true, Reason: "licence 12"}); err != nil {
		t.Error(err)
	}
}

func TestAClaimedReviewIsNotDecidedByOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	b.put(t, c.Session.ID, kyc.SessionCaptured)
	if _, err := b.SetStatus(t.Context(), b.live, b.anna, c.Session.ID, 0, Verdict{Status: "manual_review"}); err != nil {
		t.Fatal(err)
	}
	review, err := b.store.Case(t.Context(), b.live, b.session(t, c.Session.ID).CaseID)
	if err != nil {
		t.Fatal(err)
	}
	review.Status, review.AssignedTo, review.LastActivityAt = kyc.CaseInReview, "ben", *b.now
	review.Touch(*b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&review}}); err != nil {
		t.Fatal(err)
	}
	_, err = b.SetStatus(t.Context(), b.live, b.anna, c.Session.ID, 0, Verdict{Status: "rejected"})
	wantCode(t, err, kyc.Conflict, "not_claimable")
	if _, err = b.SetStatus(t.Context(), b.live, b.ben, c.Session.ID, 0, Verdict{Status: "rejected"}); err != nil {
		t.Error(err)
	}
}

func TestNobodyApprovesWhatNoCheckLookedAt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	b.finish(t, c.Session.ID)
	if _, err := b.SetStatus(t.Context(), b.live, b.key, c.Session.ID, 0, Verdict{Status: "manual_review"}); err != nil {
		t.Fatal(err)
	}
	_, err := b.SetStatus(t.Context(), b.live, b.key, c.Session.ID, 0, Verdict{Status: "approved", Reason: "I know her"})
	wantCode(t, err, kyc.Conflict, "not_processed")
	d, err := b.SetStatus(t.Context(), b.live, b.key, c.Session.ID, 0, Verdict{Status: "approved", Reason: "seen in the branch", Override: true})
	if err != nil || d.Session.Status != kyc.SessionApproved || !d.Ruling.Override {
		t.Errorf("%+v %v", d, err)
	}
}
