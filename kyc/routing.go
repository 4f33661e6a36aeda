package kyc

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultQueue is where cases go that nothing sends elsewhere.
const DefaultQueue = "default"

// QueueRule sends new cases to a queue that their workflow sends nowhere (surface D,
// section 6.11). Whatever it asks must hold; of several values of one kind, one.
// What is not known of a case is not what a rule asks for. A rule that asks for
// nothing takes every case.
type QueueRule struct {
	Name  string `json:"name"`  // 1 to 100 characters, unique
	Queue string `json:"queue"` // one of Settings.Queues, or the default one
	// RiskFrom is the least score of the check risk_assessment of its run, 0 to 100.
	RiskFrom *float64 `json:"risk_from,omitempty"`
	// PriorityFrom is the least priority, 0 to 100.
	PriorityFrom *int `json:"priority_from,omitempty"`
	Workflows    []ID `json:"workflows,omitempty"`
	// Reasons are reason codes of cases, checks of their runs that did not pass, and
	// reasons that these gave.
	Reasons []string `json:"reasons,omitempty"`
	// Countries are ISO 3166-1 alpha-2: of the session, the form or the document.
	Countries []string `json:"countries,omitempty"`
	// Subjects are kinds of subjects: individual, company.
	Subjects []string `json:"subjects,omitempty"`
}

// CaseFacts are what is known of a case when it is opened.
type CaseFacts struct {
	Risk      *float64
	Priority  int
	Workflow  ID
	Reasons   []string
	Countries []string
	Subject   string
}

// Bounds of rules.
const (
	maxQueueRules   = 100
	maxRuleName     = 100 // characters
	maxRuleValues   = 100 // of one kind
	maxRiskScore    = 100
	maxCasePriority = 100
)

// Takes reports whether a rule takes a case.
func (r QueueRule) Takes(f CaseFacts) bool {
	return (r.RiskFrom == nil || f.Risk != nil && *f.Risk >= *r.RiskFrom) &&
		(r.PriorityFrom == nil || f.Priority >= *r.PriorityFrom) &&
		(len(r.Workflows) == 0 || slices.Contains(r.Workflows, f.Workflow)) &&
		common(r.Reasons, f.Reasons) && common(r.Countries, f.Countries) &&
		(len(r.Subjects) == 0 || slices.Contains(r.Subjects, f.Subject))
}

// common reports whether one of the values that are asked for is there.
func common(asked, there []string) bool {
	return len(asked) == 0 || slices.ContainsFunc(asked, func(s string) bool { return slices.Contains(there, s) })
}

// Route is the first rule that takes a case; false: none does.
func (s Settings) Route(f CaseFacts) (QueueRule, bool) {
	for _, r := range s.Routing {
		if r.Takes(f) {
			return r, true
		}
	}
	return QueueRule{}, false
}

// RoutesBySubject reports whether any rule asks who the case is about.
func (s Settings) RoutesBySubject() bool {
	return slices.ContainsFunc(s.Routing, func(r QueueRule) bool { return len(r.Subjects) > 0 })
}

// covers reports whether a rule takes every case that a later one would.
func (r QueueRule) covers(later QueueRule) bool {
	return (r.RiskFrom == nil || later.RiskFrom != nil && *later.RiskFrom >= *r.RiskFrom) &&
		(r.PriorityFrom == nil || *r.PriorityFrom == 0 || later.PriorityFrom != nil && *later.PriorityFrom >= *r.PriorityFrom) &&
		within(later.Workflows, r.Workflows) && within(later.Reasons, r.Reasons) && within(later.Countries, r.Countries) && within(later.Subjects, r.Subjects)
}

// within reports whether whoever has one of some values has one of others, too.
func within[T comparable](some, others []T) bool {
	if len(others) == 0 {
		return true
	}
	return len(some) > 0 && !slices.ContainsFunc(some, func(v T) bool { return !slices.Contains(others, v) })
}

var (
	caseReason  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)
	countryCode = regexp.MustCompile(`^[A-Z]{2}$`)
)

// RoutingProblems are what keeps rules from being used; queues are those that have
// rules of their own.
func RoutingProblems(list []QueueRule, queues []ReviewQueue, at string) []Problem {
	if len(list) > maxQueueRules {
		return []Problem{{Path: at, Code: "too_many", Message: fmt.Sprintf("at most %d rules", maxQueueRules)}}
	}
	var out []Problem
	for i, r := range list {
		here := at + "/" + strconv.Itoa(i)
		add := func(path, code, message string) {
			out = append(out, Problem{Path: here + path, Code: code, Message: message})
		}
		switch n := utf8.RuneCountInString(r.Name); {
		case n == 0 || n > maxRuleName || strings.TrimSpace(r.Name) != r.Name || strings.ContainsFunc(r.Name, unicode.IsControl):
			add("/name", "text_invalid", fmt.Sprintf("a rule's name has 1 to %d characters, no spaces around it", maxRuleName))
		case slices.ContainsFunc(list[:i], func(o QueueRule) bool { return o.Name == r.Name }):
			add("/name", "duplicate", "another rule has this name already")
		}
		if r.Queue != DefaultQueue && !slices.ContainsFunc(queues, func(q ReviewQueue) bool { return q.Name == r.Queue }) {
			add("/queue", "unknown_queue", "the rule "+r.Name+" sends cases to "+strconv.Quote(r.Queue)+", which has no rules of its own: name one of queues, or "+DefaultQueue)
		}
		if x := r.RiskFrom; x != nil && !(*x >= 0 && *x <= maxRiskScore) || x != nil && math.IsNaN(*x) {
			add("/risk_from", "out_of_range", fmt.Sprintf("0 to %d", maxRiskScore))
		}
		if x := r.PriorityFrom; x != nil && (*x < 0 || *x > maxCasePriority) {
			add("/priority_from", "out_of_range", fmt.Sprintf("0 to %d", maxCasePriority))
		}
		out = append(out, r.valueProblems(here)...)
		for _, earlier := range list[:i] {
			if earlier.covers(r) {
				add("", "unreachable", "no case ever gets to the rule "+r.Name+": the rule "+earlier.Name+" above takes each that it would")
				break
			}
		}
	}
	return out
}

func (r QueueRule) valueProblems(here string) []Problem {
	var out []Problem
	check := func(member string, values []string, good func(string) bool, message string) {
		if len(values) > maxRuleValues {
			out = append(out, Problem{Path: here + member, Code: "too_many", Message: fmt.Sprintf("at most %d", maxRuleValues)})
			return
		}
		for i, v := range values {
			if !good(v) {
				out = append(out, Problem{Path: here + member + "/" + strconv.Itoa(i), Code: "format_invalid", Message: message})
			}
		}
	}
	check("/reasons", r.Reasons, caseReason.MatchString, "a reason or a check has 1 to 100 small letters, digits and underscores")
	check("/countries", r.Countries, countryCode.MatchString, "a country has two capital letters (ISO 3166-1 alpha-2)")
	check("/subjects", r.Subjects, func(s string) bool { return s == "individual" || s == "company" }, "use individual or company")
	if len(r.Workflows) > maxRuleValues {
		out = append(out, Problem{Path: here + "/workflows", Code: "too_many", Message: fmt.Sprintf("at most %d", maxRuleValues)})
	}
	return out
}
