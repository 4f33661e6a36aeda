package kyc

import (
	"math"
	"slices"
	"testing"
)

func ptr[T any](v T) *T { return &v }

// The first rule that takes a case wins; what is not known of it is not what a rule
// asks for.
func TestRoutingTakesTheFirstRuleThatFits(t *testing.T) {
	t.Parallel()
	s := Settings{Routing: []QueueRule{
		{Name: "high", Queue: "edd", RiskFrom: ptr(51.0)},
		{Name: "mena companies", Queue: "mena", Countries: []string{"SY", "IQ"}, Subjects: []string{"company"}},
		{Name: "lists", Queue: "sanctions", Reasons: []string{"watchlist_screening", "list_hit"}, Workflows: []ID{"w1", "w2"}},
		{Name: "urgent", Queue: "urgent", PriorityFrom: ptr(50)},
	}}
	for name, c := range map[string]struct {
		facts CaseFacts
		want  string
	}{
		"nothing known":          {CaseFacts{}, ""},
		"no risk, not the least": {CaseFacts{Countries: []string{"SY"}}, ""},
		"risk":                   {CaseFacts{Risk: ptr(51.0), Priority: 90, Countries: []string{"SY"}, Subject: "company"}, "high"},
		"risk below":             {CaseFacts{Risk: ptr(50.99), Priority: 90}, "urgent"},
		"one of the countries":   {CaseFacts{Risk: ptr(0.0), Countries: []string{"NL", "IQ"}, Subject: "company"}, "mena companies"},
		"of the wrong kind":      {CaseFacts{Countries: []string{"IQ"}, Subject: "individual"}, ""},
		"reason of a workflow":   {CaseFacts{Reasons: []string{"x", "list_hit"}, Workflow: "w2"}, "lists"},
		"of another workflow":    {CaseFacts{Reasons: []string{"list_hit"}, Workflow: "w3", Priority: 49}, ""},
		"priority":               {CaseFacts{Priority: 50}, "urgent"},
	} {
		got, found := s.Route(c.facts)
		if got.Name != c.want || found != (c.want != "") {
			t.Errorf("%s: %q %v", name, got.Name, found)
		}
	}
	s.Routing = append(s.Routing, QueueRule{Name: "rest", Queue: "rest"})
	if got, found := s.Route(CaseFacts{}); !found || got.Queue != "rest" {
		t.Errorf("a rule that asks for nothing: %+v", got)
	}
}

func TestBadRoutingIsToldWhole(t *testing.T) {
	t.Parallel()
	queues := []ReviewQueue{{Name: "edd"}, {Name: "mena"}}
	list := []QueueRule{
		{Name: "countries", Queue: "mena", Countries: []string{"SY", "IQ"}},
		{Name: "", Queue: "nowhere", RiskFrom: ptr(101.0), PriorityFrom: ptr(-1)},
		{Name: "countries", Queue: "default", Countries: []string{"Syria", "sy"}, Subjects: []string{"ship"}, Reasons: []string{"A list hit"}},
		{Name: "no number", Queue: "edd", RiskFrom: ptr(math.NaN())},
	}
	var got []string
	for _, p := range RoutingProblems(list, queues, "/routing") {
		got = append(got, p.Path+" "+p.Code)
	}
	want := []string{"/routing/1/name text_invalid", "/routing/1/queue unknown_queue", "/routing/1/risk_from out_of_range", "/routing/1/priority_from out_of_range",
		"/routing/2/name duplicate", "/routing/2/reasons/0 format_invalid", "/routing/2/countries/0 format_invalid", "/routing/2/countries/1 format_invalid",
		"/routing/2/subjects/0 format_invalid", "/routing/3/risk_from out_of_range"}
	if !slices.Equal(got, want) {
		t.Errorf("problems:\n%q\nwant:\n%q", got, want)
	}
	if p := RoutingProblems(make([]QueueRule, maxQueueRules+1), queues, "/routing"); len(p) != 1 || p[0].Code != "too_many" {
		t.Errorf("too many: %+v", p)
	}
}

// A rule that no case ever gets to is a mistake, and said to be one; a rule that some
// case gets to is none.
func TestRulesThatNoCaseGetsTo(t *testing.T) {
	t.Parallel()
	queues := []ReviewQueue{{Name: "q"}}
	for name, c := range map[string]struct {
		earlier, later QueueRule
		dead           bool
	}{
		"after all":               {QueueRule{}, QueueRule{Countries: []string{"SY"}}, true},
		"the same":                {QueueRule{Countries: []string{"SY"}}, QueueRule{Countries: []string{"SY"}}, true},
		"fewer countries":         {QueueRule{Countries: []string{"SY", "IQ"}}, QueueRule{Countries: []string{"IQ"}, PriorityFrom: ptr(5)}, true},
		"more countries":          {QueueRule{Countries: []string{"SY"}}, QueueRule{Countries: []string{"SY", "IQ"}}, false},
		"any country":             {QueueRule{Countries: []string{"SY"}}, QueueRule{}, false},
		"higher risk":             {QueueRule{RiskFrom: ptr(51.0)}, QueueRule{RiskFrom: ptr(81.0)}, true},
		"lower risk":              {QueueRule{RiskFrom: ptr(81.0)}, QueueRule{RiskFrom: ptr(51.0)}, false},
		"unknown risk":            {QueueRule{RiskFrom: ptr(0.0)}, QueueRule{}, false},
		"any priority":            {QueueRule{PriorityFrom: ptr(0)}, QueueRule{}, true},
		"a priority":              {QueueRule{PriorityFrom: ptr(1)}, QueueRule{}, false},
		"another workflow":        {QueueRule{Workflows: []ID{"a"}}, QueueRule{Workflows: []ID{"b"}}, false},
		"one of its workflows":    {QueueRule{Workflows: []ID{"a", "b"}}, QueueRule{Workflows: []ID{"b"}, Subjects: []string{"company"}}, true},
		"another kind of subject": {QueueRule{Subjects: []string{"company"}}, QueueRule{Subjects: []string{"individual"}}, false},
	} {
		c.earlier.Name, c.earlier.Queue, c.later.Name, c.later.Queue = "a", "q", "b", "q"
		p := RoutingProblems([]QueueRule{c.earlier, c.later}, queues, "/r")
		if dead := len(p) == 1 && p[0].Path == "/r/1" && p[0].Code == "unreachable"; dead != c.dead || !c.dead && len(p) > 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
