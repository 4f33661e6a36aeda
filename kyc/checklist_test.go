package kyc

import (
	"context"
	"slices"
	"testing"
	"time"
)

// A decision about a session confirms the whole checklist of the queue that its last
// review is or was in, and keeps it in the queue's words and order; one that misses a
// point is refused with each that is missing.
func TestADecisionConfirmsTheChecklistOfItsQueue(t *testing.T) {
	t.Parallel()
	rules := Settings{Queues: []ReviewQueue{{Name: "plain"}, {Name: "strict", Checklist: []string{"The file was read.", "The list was opened."}}}}
	all := rules.Queues[1].Checklist
	for name, c := range map[string]struct {
		session Session
		queue   string
		ticked  []string
		rules   Settings
		missing int
		keeps   []string
	}{
		"no review":                  {Session{}, "strict", nil, rules, 0, nil},
		"a queue that asks nothing":  {Session{CaseID: "x"}, "plain", nil, rules, 0, nil},
		"a queue without rules":      {Session{CaseID: "x"}, "other", []string{"The file was read."}, rules, 0, nil},
		"nothing is asked anywhere":  {Session{CaseID: "x"}, "strict", nil, Settings{}, 0, nil},
		"nothing is confirmed":       {Session{CaseID: "x"}, "strict", nil, rules, 2, nil},
		"a point is missing":         {Session{CaseID: "x"}, "strict", []string{"The list was opened."}, rules, 1, nil},
		"other words":                {Session{CaseID: "x"}, "strict", []string{"the file was read.", "The list was opened."}, rules, 1, nil},
		"in another order, and more": {Session{CaseID: "x"}, "strict", []string{"More.", "The list was opened.", "The file was read."}, rules, 0, all},
	} {
		of := staff{of: Case{Queue: c.queue}}
		keeps, err := ConfirmedFor(t.Context(), of, &c.session, c.ticked, c.rules)
		_, again, second := NeedsSecond(t.Context(), wordStore{of}, &c.session, nil, Actor{Kind: ActorUser, ID: "ada"}, c.ticked, time.Now(), c.rules)
		if c.missing == 0 {
			if err != nil || second != nil || !slices.Equal(keeps, c.keeps) || !slices.Equal(again, c.keeps) {
				t.Errorf("%s: keeps %q and %q, %v, %v", name, keeps, again, err, second)
			}
			continue
		}
		for _, err := range []error{err, second} {
			if KindOf(err) != Invalid || !IsCode(err, "checklist_incomplete") || len(AsError(err).Problems) != c.missing || AsError(err).Problems[0].Path != "/checklist" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// wordStore is a staff of which nobody has done anything yet.
type wordStore struct{ staff }

func (wordStore) Events(ctx context.Context, t Tenant, f EventFilter, p Page) ([]Event, int, error) {
	return noEvents{}.Events(ctx, t, f, p)
}
