package intake

import (
	"bytes"
	"testing"

	"bonafide/kyc"
)

// Applicants see what waits and what they handed in, until everything is over;
// nobody sees a file of another session, and each look is written down.
func TestApplicantsSeeTheirOwnFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	id := b.opened(`{"id":"DOCUMENT_UPLOAD","config":{"document_types":["proof_of_address"]}}`, "CONSENT")
	other := kyc.ID(b.send(b.opened("CONSENT"), "PNG of somebody else", "image/png"))
	by := Applicant(&kyc.Session{Meta: kyc.Meta{ID: id}})
	waits := kyc.ID(b.send(id, "PNG waits", "image/png"))
	shows := func(file kyc.ID, want string) {
		t.Helper()
		kind, got, err := b.Shown(ctx, b.box, by, id, file)
		if err != nil || kind != "image/png" || !bytes.Equal(got, []byte(want)) {
			t.Errorf("%s: %q %q %v", file, kind, got, err)
		}
	}
	shows(waits, "PNG waits")
	_, _, err := b.Shown(ctx, b.box, by, id, other)
	wantCode(t, err, kyc.NotFound, "document_not_found")
	if _, _, err := b.Shown(ctx, b.live, by, id, waits); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("in the other environment: %v", err)
	}
	if taken, err := b.Taken(ctx, b.box, id); err != nil || len(taken) != 0 {
		t.Errorf("before anything is handed in: %v %v", taken, err)
	}
	b.must(id, "DOCUMENT_UPLOAD", map[string]any{"uploads": map[string]any{"proof_of_address": string(waits)}}, "COMPLETED")
	taken, err := b.Taken(ctx, b.box, id)
	if err != nil || len(taken) != 1 {
		t.Fatalf("handed in: %v %v", taken, err)
	}
	shows(taken[0].ID, "PNG waits")
	_, _, err = b.Shown(ctx, b.box, by, id, waits) // it is the document now
	wantCode(t, err, kyc.NotFound, "document_not_found")
	looks := 0
	events, _, err := b.store.Events(ctx, b.box, kyc.EventFilter{}, kyc.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Action == "upload.read" && e.Actor.Kind == kyc.ActorApplicant {
			looks++
		}
	}
	if looks != 2 {
		t.Errorf("two looks, %d entries", looks)
	}
	b.must(id, "CONSENT", map[string]any{"accepted": true, "legal_name": "Ada Example"}, "COMPLETED")
	_, _, err = b.Shown(ctx, b.box, by, id, taken[0].ID)
	wantCode(t, err, kyc.Conflict, "session_closed")
}
