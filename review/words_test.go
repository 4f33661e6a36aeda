package review

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bonafide/kyc"
)

// What people write about a case is sealed with it. Neither an event, which is
// kept for ever, nor the document of a case or session says any of it.
func TestWhatReviewersWriteIsInNoEvent(t *testing.T) {
	t.Parallel()
	for _, dual := range []bool{false, true} {
		t.Run(fmt.Sprintf("dual=%t", dual), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if dual {
				s := kyc.DefaultSettings()
				s.DualReview = true
				b.store.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: s, kyc.Sandbox: s}
			}
			const said = "Ada Lovelace"
			c := b.waiting(t, kyc.Filing{ReasonCode: "look"})
			step := func(c kyc.Case, err error) kyc.Case {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			ctx := t.Context()
			step(b.desk.Patch(ctx, b.t, b.key, c.ID, 0, Patch{Metadata: map[string]any{"who": said, "gone": said}}))
			step(b.desk.Patch(ctx, b.t, b.key, c.ID, 0, Patch{Metadata: map[string]any{"gone": nil}}))
			step(b.desk.Override(ctx, b.t, b.key, c.ID, 0, "watchlist_screening", "passed", " "+said+" 1 "))
			step(b.desk.Override(ctx, b.t, b.key, c.ID, 0, "face_match", "failed", said+" 2"))
			step(b.desk.Escalate(ctx, b.t, b.key, c.ID, 0, Escalation{To: "ben@acme.example", Reason: said + " 3", Notes: said + " 4"}))
			if dual {
				step(b.desk.Decide(ctx, b.t, b.key, c.ID, 0, Word{ReviewerID: "ben@acme.example", Outcome: kyc.Approved, Reason: said + " 5"}))
			}
			reviewer := map[bool]string{false: "ben@acme.example", true: "anna@acme.example"}[dual]
			got := step(b.desk.Decide(ctx, b.t, b.key, c.ID, 0, Word{ReviewerID: reviewer, Outcome: kyc.Rejected, Reason: said + " 6", Notes: said}))
			manual := step(b.desk.Create(ctx, b.t, b.key, Manual{SubjectID: c.SubjectID, Metadata: map[string]any{"who": said}}))

			p := got.Private
			if p.Metadata["who"] != said || len(p.Metadata) != 1 || got.OverrideWhy(0) != said+" 1" || got.OverrideWhy(1) != said+" 2" ||
				p.Escalation != said+" 3" || (p.First == said+" 5") != dual || p.Decision != said+" 6" || manual.Private.Metadata["who"] != said {
				t.Errorf("the words of the case are %+v and %+v", p, manual.Private)
			}
			codes := map[string]string{}
			for _, e := range b.store.events {
				codes[e.Action] = e.Reason
				if raw, err := json.Marshal(e); err != nil || strings.Contains(string(raw), said) {
					t.Errorf("event %s (%v)", raw, err)
				}
			}
			if codes["session.decline"] != "case_rejected" || codes["case.reject"] != "" || codes["case.escalate"] != "" || codes["case.override_check"] != "" {
				t.Errorf("events say why: %v", codes)
			}
			for _, o := range []any{got, manual, b.store.sessions[c.SessionID], b.store.notes} {
				if raw, err := json.Marshal(o); err != nil || strings.Contains(string(raw), said) {
					t.Errorf("document %s (%v)", raw, err)
				}
			}
		})
	}
}

// What is said of a session whose time to be kept is over could not be kept, so
// it is refused, and nothing of the request happens.
func TestNothingIsWrittenAboutWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.waiting(t, kyc.Filing{ReasonCode: "look"})
	s := b.store.sessions[c.SessionID]
	s.WithheldAt = c.EnteredReviewAt
	b.store.sessions[c.SessionID] = s
	c.Private = kyc.CaseData{Unreadable: true}
	c.Touch(c.EnteredReviewAt)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&c}}); err != nil {
		t.Fatal(err)
	}
	ctx, before := t.Context(), len(b.store.events)
	for what, write := range map[string]func() error{
		"a note": func() error { _, err := b.desk.AddNote(ctx, b.t, b.key, c.ID, "anna@acme.example", "said"); return err },
		"metadata": func() error {
			_, err := b.desk.Patch(ctx, b.t, b.key, c.ID, 0, Patch{Metadata: map[string]any{"a": "b"}})
			return err
		},
		"an override": func() error {
			_, err := b.desk.Override(ctx, b.t, b.key, c.ID, 0, "face_match", "failed", "said")
			return err
		},
		"a reason": func() error {
			_, err := b.desk.Decide(ctx, b.t, b.key, c.ID, 0, Word{ReviewerID: "anna@acme.example", Outcome: kyc.Rejected, Reason: "said"})
			return err
		},
		"a decision note": func() error {
			_, err := b.desk.Decide(ctx, b.t, b.key, c.ID, 0, Word{ReviewerID: "anna@acme.example", Outcome: kyc.Approved, Notes: "said"})
			return err
		},
		"an escalation": func() error {
			_, err := b.desk.Escalate(ctx, b.t, b.key, c.ID, 0, Escalation{To: "ben@acme.example", Reason: "said", Notes: "said"})
			return err
		},
	} {
		if err := write(); !kyc.IsCode(err, "redacted") || kyc.KindOf(err) != kyc.Conflict {
			t.Errorf("%s: %v", what, err)
		}
	}
	if len(b.store.notes) != 0 || len(b.store.events) != before {
		t.Errorf("%d notes and %d events were kept", len(b.store.notes), len(b.store.events)-before)
	}
	n := 3
	if _, err := b.desk.Patch(ctx, b.t, b.key, c.ID, 0, Patch{Priority: &n}); err != nil {
		t.Errorf("what is no word: %v", err)
	}
}
