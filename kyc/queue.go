package kyc

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ReviewQueue is how the reviews of one queue are worked (surface D, section
// 6.11). A queue that is named nowhere here has none of it.
type ReviewQueue struct {
	// Name is what workflows and manual cases call it, 1 to 100 bytes.
	Name string `json:"name"`
	// FourEyes asks a second, different reviewer to decide each of its cases.
	FourEyes bool `json:"four_eyes,omitempty"`
	// Skills are what a reviewer must have, all of them, to work on its cases.
	Skills []string `json:"skills,omitempty"`
	// SLAHours are the hours a case may wait whose workflow names none; 0: a day.
	SLAHours float64 `json:"sla_hours,omitempty"`
	// Hours are when it is worked; nil: always.
	Hours *OpeningHours `json:"hours,omitempty"`
	// Checklist is what a reviewer confirms with each decision.
	Checklist []string `json:"checklist,omitempty"`
	// Quality are its shares of decided cases that are looked at again; nil: those
	// of the environment.
	Quality *QualityShares `json:"quality,omitempty"`
}

// Bounds of queues.
const (
	maxQueues    = 50
	maxQueueName = 100 // bytes
	maxQueueSLA  = 8760
	maxChecklist = 20
	maxCheckText = 200 // characters
)

// Queue is how a queue is worked; the zero value where nothing is said.
func (s Settings) Queue(name string) ReviewQueue {
	for _, q := range s.Queues {
		if q.Name == name {
			return q
		}
	}
	return ReviewQueue{Name: name}
}

// TwoDecide reports whether two people decide a review: everywhere, or in its
// queue. c is nil for what has no review.
func (s Settings) TwoDecide(c *Case) bool {
	return s.DualReview || c != nil && s.TwoDecideIn(c)
}

// TwoDecideIn reports whether two people decide a review because of a queue that it
// is or was in.
func (s Settings) TwoDecideIn(c *Case) bool { return c.FourEyes || s.Queue(c.Queue).FourEyes }

// Due is when a case is overdue that entered review at a time, after so many hours
// (0: the queue's own, or a day).
func (q ReviewQueue) Due(entered time.Time, hours float64) time.Time {
	if hours == 0 {
		hours = q.SLAHours
	}
	wait := time.Duration(hours * float64(time.Hour))
	switch {
	case q.Hours == nil && hours == 0:
		return entered.Add(unhurried)
	case q.Hours == nil:
		return entered.Add(wait)
	case hours == 0: // a day later, or when somebody works again
		return q.Hours.After(entered.Add(unhurried), 0)
	}
	return q.Hours.After(entered, wait)
}

// Unticked are the points of the checklist that a reviewer did not confirm.
func (q ReviewQueue) Unticked(ticked []string) []Problem {
	var out []Problem
	for _, point := range q.Checklist {
		if !slices.Contains(ticked, point) {
			out = append(out, Problem{Path: "/checklist", Code: "required", Message: "confirm: " + point})
		}
	}
	return out
}

// Confirm is the queue's checklist as a decision confirms it, which keeps it; 422
// checklist_incomplete lists the points that are missing from ticked.
func (q ReviewQueue) Confirm(ticked []string) ([]string, error) {
	if missing := q.Unticked(ticked); len(missing) > 0 {
		return nil, InvalidInput("checklist_incomplete", "the queue "+q.Name+" asks for more before a decision", missing)
	}
	return q.Checklist, nil
}

// ConfirmedFor is Confirm for a decision about a session: by the queue of its last
// review, decided or not. A decision in the words of another surface is no way around
// the checklist, nor is one that turns an earlier one round.
func ConfirmedFor(ctx context.Context, r CaseReader, session *Session, ticked []string, s Settings) ([]string, error) {
	if session.CaseID == "" || !slices.ContainsFunc(s.Queues, func(q ReviewQueue) bool { return len(q.Checklist) > 0 }) {
		return nil, nil
	}
	c, err := r.Case(ctx, session.Tenant, session.CaseID)
	if err != nil {
		return nil, err
	}
	return s.Queue(c.Queue).Confirm(ticked)
}

// QueueProblems are what keeps rules of queues from being used.
func QueueProblems(list []ReviewQueue, at string) []Problem {
	var out []Problem
	if len(list) > maxQueues {
		return []Problem{{Path: at, Code: "too_many", Message: fmt.Sprintf("at most %d queues", maxQueues)}}
	}
	for i, q := range list {
		here := at + "/" + strconv.Itoa(i)
		switch {
		case strings.TrimSpace(q.Name) != q.Name || q.Name == "" || len(q.Name) > maxQueueName || strings.ContainsFunc(q.Name, unicode.IsControl):
			out = append(out, Problem{Path: here + "/name", Code: "invalid_queue", Message: "a queue's name has 1 to 100 bytes, no spaces around it"})
		case slices.ContainsFunc(list[:i], func(o ReviewQueue) bool { return o.Name == q.Name }):
			out = append(out, Problem{Path: here + "/name", Code: "duplicate", Message: "there are rules for this queue already"})
		}
		if !(q.SLAHours >= 0 && q.SLAHours <= maxQueueSLA) || math.IsNaN(q.SLAHours) {
			out = append(out, Problem{Path: here + "/sla_hours", Code: "out_of_range", Message: fmt.Sprintf("0 to %d hours", maxQueueSLA)})
		}
		if q.Hours != nil {
			out = append(out, q.Hours.Problems(here+"/hours")...)
		}
		out = append(out, skillProblems(q.Skills, here+"/skills", maxSkillsNeeded)...)
		if q.Quality != nil {
			out = append(out, q.Quality.Problems(here+"/quality")...)
		}
		if len(q.Checklist) > maxChecklist {
			out = append(out, Problem{Path: here + "/checklist", Code: "too_many", Message: fmt.Sprintf("at most %d points", maxChecklist)})
		}
		for j, point := range q.Checklist {
			switch n := utf8.RuneCountInString(point); {
			case strings.TrimSpace(point) != point || n == 0 || n > maxCheckText || strings.ContainsFunc(point, unicode.IsControl):
				out = append(out, Problem{Path: here + "/checklist/" + strconv.Itoa(j), Code: "text_invalid", Message: fmt.Sprintf("a sentence of 1 to %d characters", maxCheckText)})
			case slices.Contains(q.Checklist[:j], point):
				out = append(out, Problem{Path: here + "/checklist/" + strconv.Itoa(j), Code: "duplicate", Message: "the point stands there already"})
			}
		}
	}
	return out
}
