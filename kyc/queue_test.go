package kyc

import (
	"testing"
	"time"
)

func TestACaseIsDueByTheRulesOfItsQueue(t *testing.T) {
	t.Parallel()
	friday := time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)
	office := &OpeningHours{Zone: "UTC", Open: []OpenSpan{{"mon", "09:00", "17:00"}, {"fri", "09:00", "17:00"}}}
	s := Settings{Queues: []ReviewQueue{{Name: "quick", SLAHours: 2}, {Name: "office", Hours: office}, {Name: "both", SLAHours: 2, Hours: office}}}
	for name, c := range map[string]struct {
		queue string
		hours float64 // the workflow's
		want  time.Time
		own   bool
	}{
		"no rules":                         {"plain", 0, friday.Add(24 * time.Hour), false},
		"no rules, the workflow's hours":   {"plain", 3, friday.Add(3 * time.Hour), false},
		"the queue's hours":                {"quick", 0, friday.Add(2 * time.Hour), true},
		"the workflow's hours go first":    {"quick", 5, friday.Add(5 * time.Hour), false},
		"a day later, when somebody works": {"office", 0, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), true},
		"the workflow's, while open":       {"office", 3, time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC), true},
		"the queue's, while open":          {"both", 0, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), true},
	} {
		k := Case{EnteredReviewAt: friday, SLAHours: c.hours}
		k.Enter(c.queue, s)
		if !k.DueAt().Equal(c.want) || k.Due.IsZero() == c.own {
			t.Errorf("%s: due %s (kept: %s), want %s", name, k.DueAt(), k.Due, c.want)
		}
		k.Enter("elsewhere", s)
		if !k.Due.IsZero() {
			t.Errorf("%s: moved to a queue without rules, the case keeps the old ones", name)
		}
	}
}

// Two people decide what was once in a queue where two do, wherever it is now.
func TestTwoDecide(t *testing.T) {
	t.Parallel()
	s := Settings{Queues: []ReviewQueue{{Name: "sanctions", FourEyes: true}}}
	var c Case
	c.Enter("default", s)
	if s.TwoDecide(&c) || s.TwoDecide(nil) {
		t.Error("two decide although nobody asked for it")
	}
	c.Enter("sanctions", s)
	c.Enter("default", s)
	if !s.TwoDecide(&c) {
		t.Error("moving a case took the second person away")
	}
	if late := (Case{Queue: "sanctions"}); !s.TwoDecide(&late) {
		t.Error("a rule that came later does not hold for a waiting case")
	}
	waited := Case{Queue: "sanctions"} // from before the rule
	waited.Enter("default", s)
	if !s.TwoDecide(&waited) {
		t.Error("moving a case took away the second person that its queue asked for meanwhile")
	}
	if both := (Settings{DualReview: true}); !both.TwoDecide(nil) || !both.TwoDecide(&Case{}) {
		t.Error("dual review does not hold everywhere")
	}
}

func TestQueuesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	got := QueueProblems([]ReviewQueue{{Name: " a"}, {Name: "b", SLAHours: -1}, {Name: "b", Hours: &OpeningHours{Zone: "UTC"}, Checklist: []string{"Look", "", "Look"}}}, "/queues")
	want := map[string]string{"/queues/0/name": "invalid_queue", "/queues/1/sla_hours": "out_of_range", "/queues/2/name": "duplicate", "/queues/2/hours/open": "required",
		"/queues/2/checklist/1": "text_invalid", "/queues/2/checklist/2": "duplicate"}
	for _, p := range got {
		if want[p.Path] != p.Code {
			t.Errorf("%+v is not among the problems", p)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d: %+v", len(got), len(want), got)
	}
}
