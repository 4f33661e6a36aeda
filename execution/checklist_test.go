package execution

import (
	"slices"
	"testing"

	"bonafide/kyc"
	"bonafide/review"
)

// Where the queue of an execution's review has a checklist, an override confirms it
// and its case keeps it; asking for a person confirms nothing.
func TestAnOverrideConfirmsTheChecklistOfItsQueue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	points := []string{"The file was read.", "The list was opened."}
	e, s := b.filed(t, func(s *kyc.Settings) {
		s.Queues = []kyc.ReviewQueue{{Name: review.DefaultQueue, Checklist: points}}
	})
	say := func(status string, ticked ...string) error {
		_, err := b.Override(b.ctx, b.sandbox, b.by, Ref{ID: e.ID}, 0, Overruling{Status: status, Hand: Hand{Comment: "why", Checklist: ticked}})
		return err
	}
	for _, status := range []string{"PASS", "REJECTED"} {
		has(t, say(status), kyc.Invalid, "checklist_incomplete")
		has(t, say(status, points[1]), kyc.Invalid, "checklist_incomplete")
	}
	if now, err := b.db.Session(b.ctx, b.sandbox, e.ID); err != nil || now.Rev != s.Rev {
		t.Fatalf("a refused override changed the session %v", err)
	}
	if err := say("MONITOR"); err != nil {
		t.Fatalf("a status that asks for a person: %v", err)
	}
	if err := say("PASS", points[1], points[0]); err != nil {
		t.Fatalf("everything is confirmed: %v", err)
	}
	c, err := b.db.Case(b.ctx, b.sandbox, s.CaseID)
	if err != nil || c.Decision == nil || !slices.Equal(c.Decision.Checklist, points) {
		t.Errorf("the case keeps %+v %v", c.Decision, err)
	}
	// So does one that turns it round.
	has(t, say("REJECTED"), kyc.Invalid, "checklist_incomplete")
	if err := say("REJECTED", points...); err != nil {
		t.Errorf("turned round: %v", err)
	}
}
