package journey

import (
	"fmt"
	"slices"
	"testing"

	"bonafide/kyc"
)

func ask(step, code string) Corrections {
	return Corrections{Items: []Wanted{{StepID: step, Code: code, Message: "please again"}}}
}

func TestCorrectionsReopenOnlyWhatTheyName(t *testing.T) {
	t.Parallel()
	for _, from := range everyState() {
		b := newBench(t)
		c := b.opened(t, "")
		id := c.Session.ID
		b.finish(t, id)
		b.put(t, id, from)
		q := ask("papers", "blurry")
		got, err := b.RequestCorrections(t.Context(), b.live, b.anna, id, 0, q)
		switch from {
		case kyc.SessionCaptured, kyc.SessionReview:
			if err != nil {
				t.Fatal(from, err)
			}
		case kyc.SessionRejected:
			wantCode(t, err, kyc.Conflict, "override_required")
			q.Override = true
			if got, err = b.RequestCorrections(t.Context(), b.live, b.anna, id, 0, q); err != nil {
				t.Fatal(err)
			}
			if r := b.rulings(t, id); len(r) != 1 || !r[0].Override || r[0].To != kyc.SessionCorrection {
				t.Errorf("taking a rejection back left %+v", r)
			}
		default:
			wantCode(t, err, kyc.Conflict, "invalid_transition")
			continue
		}
		j := b.journey(t, id)
		if got.Session.Status != kyc.SessionCorrection || j.Step("papers").Status != kyc.StepNeedsCorrection || j.Step("info").Status != kyc.StepCompleted {
			t.Errorf("from %s: %s %+v", from, got.Session.Status, j.Steps)
		}
		if len(got.Items) != 1 || got.Items[0].Round != 1 || j.Private.Messages[got.Items[0].ID] != "please again" {
			t.Errorf("from %s: items %+v", from, got.Items)
		}
		if !slices.Contains(b.heard(id), "session.corrections_requested") {
			t.Error("nobody was told")
		}
	}
}

func TestCorrectionsListEverythingWrong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	b.finish(t, c.Session.ID)
	q := Corrections{TTLDays: 999, Items: []Wanted{
		{StepID: "nowhere", Code: "other"},
		{StepID: "pets", Code: "other"},
		{StepID: "info", Code: "ugly", FieldIDs: []string{"name", "nothing"}},
		{StepID: "papers", Code: "expired", DocumentTypes: []string{"id_document", "bank_letter"}},
	}}
	_, err := b.RequestCorrections(t.Context(), b.live, b.anna, c.Session.ID, 0, q)
	var got []string
	for _, p := range kyc.AsError(err).Problems {
		got = append(got, p.Path+" "+p.Code)
	}
	want := []string{"/items/0/step_id step_not_found", "/items/1/step_id step_hidden", "/items/2/code correction_code_invalid",
		"/items/2/field_ids/1 field_not_found", "/items/3/document_types/1 document_type_not_found", "/ttl_days ttl_days_range"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	_, err = b.RequestCorrections(t.Context(), b.live, b.anna, c.Session.ID, 0, Corrections{})
	wantCode(t, err, kyc.Invalid, "invalid_corrections")
}

func TestTheModeDecidesOnceNothingIsOpen(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]kyc.SessionStatus{
		"manual_review": kyc.SessionReview, "auto_process": kyc.SessionRunning, "completed": kyc.SessionCaptured,
	} {
		b := newBench(t)
		c := b.opened(t, fmt.Sprintf(`{"validation_config":{"correction_resolution":{"mode":%q}}}`, mode))
		id := c.Session.ID
		b.finish(t, id)
		if _, err := b.RequestCorrections(t.Context(), b.live, b.anna, id, 0, ask("info", "incomplete")); err != nil {
			t.Fatal(err)
		}
		b.finish(t, id)
		s, j := b.session(t, id), b.journey(t, id)
		if s.Status != want || !j.Remediated || j.Corrections[0].Status != kyc.CorrectionSubmitted {
			t.Errorf("%s: %s, remediated %t, item %s", mode, s.Status, j.Remediated, j.Corrections[0].Status)
		}
		if (s.CaseID != "") != (want == kyc.SessionReview) {
			t.Errorf("%s: case %q", mode, s.CaseID)
		}
		if !slices.Contains(b.heard(id), "session.corrections_resolved") {
			t.Errorf("%s: heard %v", mode, b.heard(id))
		}
	}
}

func TestRoundsCountAndItemsAreAcceptedWithTheDecision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	id := c.Session.ID
	b.finish(t, id)
	for range 2 {
		if _, err := b.RequestCorrections(t.Context(), b.live, b.anna, id, 0, ask("papers", "blurry")); err != nil {
			t.Fatal(err)
		}
		if j := b.journey(t, id); j.Step("papers").Status != kyc.StepNeedsCorrection {
			t.Fatal(j.Steps)
		}
		b.finish(t, id)
	}
	j := b.journey(t, id)
	if len(j.Corrections) != 2 || j.Corrections[1].Round != 2 || j.Corrections[0].Status != kyc.CorrectionSubmitted {
		t.Errorf("rounds %+v", j.Corrections)
	}
	if _, err := b.SetStatus(t.Context(), b.live, b.anna, id, 0, Verdict{Status: "approved", Override: true, Reason: "seen in the branch"}); err != nil {
		t.Fatal(err)
	}
	for _, x := range b.journey(t, id).Corrections {
		if x.Status != kyc.CorrectionAccepted || x.AcceptedAt.IsZero() {
			t.Errorf("after the decision an item is %s", x.Status)
		}
	}
}

func TestAnOpenItemKeepsTheSessionOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	id := c.Session.ID
	b.finish(t, id)
	q := Corrections{Items: []Wanted{{StepID: "info", Code: "other"}, {StepID: "papers", Code: "expired"}}}
	if _, err := b.RequestCorrections(t.Context(), b.live, b.anna, id, 0, q); err != nil {
		t.Fatal(err)
	}
	v, err := b.load(t.Context(), b.live, id)
	if err != nil {
		t.Fatal(err)
	}
	v.journey.Step("info").Status = kyc.StepCompleted
	v.submitted("info")
	var change kyc.Change
	if err := b.finishIfComplete(t.Context(), v, b.key, &change); err != nil || v.session.Status != kyc.SessionCorrection || !change.Empty() {
		t.Errorf("with one item open the session is %s: %v", v.session.Status, err)
	}
	_, err = b.Process(t.Context(), b.live, b.key, id, 0, false)
	wantCode(t, err, kyc.Conflict, "session_not_complete")
}
