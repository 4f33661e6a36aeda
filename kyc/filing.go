package kyc

import (
	"cmp"
	"maps"
	"slices"
)

// Filing says how a review case is filed.
type Filing struct {
	Queue      string // empty: the default queue
	Priority   int    // higher first
	SLAHours   float64
	ReasonCode string
	// Because is what a check said that made a person necessary.
	Because Because
	// Concerns are the checks of the run that did not pass, and why (Concerns).
	Concerns []string
	// Risk is the score of the run's risk assessment, 0 to 100; nil without one.
	Risk *float64
	// Countries are those that the run read, as they were written.
	Countries []string
	// Rule names the rule that chose the queue (Settings.Route); the desk sets it.
	Rule string
	By   Actor
}

// Because names the check that a case waits for, and its gravest reason. It is a
// code of the check's own, never what was read about a person.
type Because struct {
	Policy string `json:"policy,omitempty"`
	Code   string `json:"code,omitempty"`
}

// WorstOf is the check of a run that most needs a person: the one with the
// gravest reason, then a failure before a doubt before an error. Checks that sum
// others up count only where no other check does.
func WorstOf(checks map[string]CheckFact, sums ...string) Because {
	status := map[string]int{"failed": 1, "review": 2, "error": 3}
	grave := map[string]int{"critical": 1, "warning": 2}
	var worst Because
	var least [3]int
	for _, policy := range slices.Sorted(maps.Keys(checks)) {
		f := checks[policy]
		place, counts := status[f.Status]
		if !counts {
			continue
		}
		one, rank := Because{Policy: policy}, [3]int{0, 4, place}
		if slices.Contains(sums, policy) {
			rank[0] = 1
		}
		for _, r := range f.Reasons {
			if g := cmp.Or(grave[r.Severity], 3); g < rank[1] {
				one.Code, rank[1] = r.Code, g
			}
		}
		if worst.Policy == "" || slices.Compare(rank[:], least[:]) < 0 {
			worst, least = one, rank
		}
	}
	return worst
}

// Concerns are the names of a run's checks that failed, asked for a person or could
// not answer, and the codes of their reasons that are more than notes, in order.
func Concerns(checks map[string]CheckFact) []string {
	var out []string
	for _, policy := range slices.Sorted(maps.Keys(checks)) {
		f := checks[policy]
		if f.Status != "failed" && f.Status != "review" && f.Status != "error" {
			continue
		}
		out = append(out, policy)
		for _, r := range f.Reasons {
			if (r.Severity == "warning" || r.Severity == "critical") && !slices.Contains(out, r.Code) {
				out = append(out, r.Code)
			}
		}
	}
	return out
}
