package insight

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"bonafide/kyc"
)

// Report is the figures of a period.
type Report struct {
	AsOf     time.Time
	From, To time.Time // days in UTC, To exclusive
	// Sessions were made in the period; how they stand is of AsOf.
	Sessions  int
	Funnel    []Stage
	Steps     []Step
	Days      []Day
	Outcomes  []Count
	Reasons   []Count
	Checks    []Check
	Providers []Provider
	Reviewers []Reviewer
	// Waiting are reviews of the period without a decision.
	Waiting int
	// Quality is of the cases that were decided in the period.
	Quality *Quality
}

// Stage is how many sessions came how far; Median and Slow (of ten, nine are
// faster) are the time since the stage before, zero where nothing was measured.
type Stage struct {
	Name         string
	N            int
	Median, Slow time.Duration
}

// Step is one step of the applicants' way, by its id.
type Step struct {
	ID                        string
	Shown, Completed, Skipped int
	Failed, Correction        int
	Median, Slow              time.Duration
	times                     []time.Duration
}

// Day is how the sessions made on a day stand.
type Day struct {
	Day                                             time.Time
	Made, Approved, Rejected, Review, Open, Unended int
}

// Count is a word and how often.
type Count struct {
	Name string
	N    int
}

// Check is how a check answered.
type Check struct {
	Policy                                      string
	Passed, Failed, Review, Skipped, Unanswered int64
	Mean                                        time.Duration
	// Median and Slow are the upper ends of the classes they fall in; zero is
	// beyond the longest class.
	Median, Slow time.Duration
}

// Asked is how often it was asked.
func (c Check) Asked() int64 { return c.Passed + c.Failed + c.Review + c.Skipped + c.Unanswered }

// FailureRate is the share of failures among the answers, 0-1.
func (c Check) FailureRate() float64 {
	answered := c.Passed + c.Failed + c.Review
	if answered == 0 {
		return 0
	}
	return float64(c.Failed) / float64(answered)
}

// Provider is how one who answers checks did.
type Provider struct {
	Name               string
	Answered, Missed   int64
	Mean, Median, Slow time.Duration
}

// Reviewer is what one person decided.
type Reviewer struct {
	ID                 string
	Approved, Rejected int
	// First counts first opinions under dual review.
	First  int
	Median time.Duration // from the beginning of the review to the decision
	times  []time.Duration
}

// Stages of the funnel, in order.
var stages = [...]string{"made", "opened", "submitted", "decided", "approved"}

func (m *Machine) compute(ctx context.Context, a Ask, now time.Time) (*Report, error) {
	to := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	r := &Report{AsOf: now, From: to.AddDate(0, 0, -a.Days), To: to}
	mine, err := m.sessions(ctx, a, r)
	if err != nil {
		return nil, err
	}
	if err := m.steps(ctx, a, r, mine); err != nil {
		return nil, err
	}
	if err := m.reviews(ctx, a, r); err != nil {
		return nil, err
	}
	if r.Quality, err = m.Quality(ctx, a.Tenant, r.From, r.To); err != nil {
		return nil, err
	}
	return r, m.tallies(ctx, a, r)
}

// sessions goes through the sessions; the answer are the ids of those of the
// workflow, nil when all are wanted.
func (m *Machine) sessions(ctx context.Context, a Ask, r *Report) (map[kyc.ID]bool, error) {
	var mine map[kyc.ID]bool
	if a.Workflow != "" {
		mine = map[kyc.ID]bool{}
	}
	r.Days = make([]Day, a.Days)
	for i := range r.Days {
		r.Days[i].Day = r.From.AddDate(0, 0, i)
	}
	reached, times := [len(stages)]int{}, [len(stages)][]time.Duration{}
	reasons, outcomes := map[string]int{}, map[string]int{}
	err := m.store.EachSessionFact(ctx, a.Tenant, r.From, r.To, func(f kyc.SessionFact) error {
		if a.Workflow != "" && f.WorkflowID != a.Workflow {
			return nil
		}
		if mine != nil {
			mine[f.ID] = true
		}
		r.Sessions++
		outcomes[string(f.Status)]++
		if f.ReasonCode != "" {
			reasons[f.ReasonCode]++
		}
		day := &r.Days[int(f.CreatedAt.Sub(r.From)/(24*time.Hour))]
		day.Made++
		decided := f.Status == kyc.SessionApproved || f.Status == kyc.SessionRejected
		switch {
		case f.Status == kyc.SessionApproved:
			day.Approved++
		case f.Status == kyc.SessionRejected:
			day.Rejected++
		case f.Status == kyc.SessionReview:
			day.Review++
		case f.Status.Ended():
			day.Unended++
		default:
			day.Open++
		}
		stage(&reached, &times, f, decided)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, name := range stages {
		s := Stage{Name: name, N: reached[i]}
		s.Median, s.Slow = middle(times[i])
		r.Funnel = append(r.Funnel, s)
	}
	r.Reasons, r.Outcomes = ranked(reasons), ranked(outcomes)
	return mine, nil
}

// stage counts a session for each stage it came to. A later stage implies the
// earlier ones: a machine may submit what nobody opened.
func stage(reached *[len(stages)]int, times *[len(stages)][]time.Duration, f kyc.SessionFact, decided bool) {
	submitted := decided || !f.SubmittedAt.IsZero()
	switch f.Status {
	case kyc.SessionCaptured, kyc.SessionRunning, kyc.SessionPaused, kyc.SessionReview:
		submitted = true
	}
	opened := submitted || !f.OpenedAt.IsZero() || f.Status == kyc.SessionCapturing || f.Status == kyc.SessionCorrection
	for i, yes := range [len(stages)]bool{true, opened, submitted, decided, f.Status == kyc.SessionApproved} {
		if yes {
			reached[i]++
		}
	}
	between := func(i int, from, to time.Time) {
		if !from.IsZero() && !to.IsZero() && !to.Before(from) {
			times[i] = append(times[i], to.Sub(from))
		}
	}
	between(1, f.CreatedAt, f.OpenedAt)
	begun := f.OpenedAt
	if begun.IsZero() {
		begun = f.CreatedAt
	}
	between(2, begun, f.SubmittedAt)
	if decided {
		between(3, f.SubmittedAt, f.CompletedAt)
	}
}

func (m *Machine) steps(ctx context.Context, a Ask, r *Report, mine map[kyc.ID]bool) error {
	byID := map[string]*Step{}
	var order []string
	err := m.store.EachJourneyFact(ctx, a.Tenant, r.From, r.To, func(f kyc.JourneyFact) error {
		if mine != nil && !mine[f.SessionID] {
			return nil
		}
		for _, now := range f.Steps {
			if now.Hidden {
				continue
			}
			s := byID[now.StepID]
			if s == nil {
				s = &Step{ID: now.StepID}
				byID[now.StepID] = s
				order = append(order, now.StepID)
			}
			if now.Status != kyc.StepPending || !now.StartedAt.IsZero() {
				s.Shown++
			}
			switch now.Status {
			case kyc.StepCompleted:
				s.Completed++
			case kyc.StepSkipped:
				s.Skipped++
			case kyc.StepFailed:
				s.Failed++
			case kyc.StepNeedsCorrection:
				s.Correction++
			}
			if !now.StartedAt.IsZero() && now.CompletedAt.After(now.StartedAt) {
				s.times = append(s.times, now.CompletedAt.Sub(now.StartedAt))
			}
		}
		return nil
	})
	for _, id := range order {
		s := byID[id]
		s.Median, s.Slow = middle(s.times)
		s.times = nil
		r.Steps = append(r.Steps, *s)
	}
	return err
}

func (m *Machine) reviews(ctx context.Context, a Ask, r *Report) error {
	by := map[string]*Reviewer{}
	of := func(d *kyc.CaseDecision) *Reviewer {
		id := cmp.Or(d.ReviewerID, d.By.ID)
		if by[id] == nil {
			by[id] = &Reviewer{ID: id}
		}
		return by[id]
	}
	err := m.store.EachCaseFact(ctx, a.Tenant, r.From, r.To, func(f kyc.CaseFact) error {
		if f.First != nil {
			of(f.First).First++
		}
		if f.Last == nil {
			if !f.Status.Decided() {
				r.Waiting++
			}
			return nil
		}
		who := of(f.Last)
		switch f.Last.Outcome {
		case kyc.Approved:
			who.Approved++
		case kyc.Rejected:
			who.Rejected++
		}
		if f.Last.At.After(f.EnteredAt) {
			who.times = append(who.times, f.Last.At.Sub(f.EnteredAt))
		}
		return nil
	})
	for _, who := range by {
		who.Median, _ = middle(who.times)
		who.times = nil
		r.Reviewers = append(r.Reviewers, *who)
	}
	slices.SortFunc(r.Reviewers, func(x, y Reviewer) int {
		return cmp.Or(cmp.Compare(y.Approved+y.Rejected, x.Approved+x.Rejected), cmp.Compare(x.ID, y.ID))
	})
	return err
}

// middle gives the time that half of them stay under, and nine of ten.
func middle(times []time.Duration) (median, slow time.Duration) {
	if len(times) == 0 {
		return 0, 0
	}
	slices.Sort(times)
	return times[(len(times)-1)/2], times[(len(times)*9+9)/10-1]
}

// ranked orders counts, the greatest first.
func ranked(counts map[string]int) []Count {
	out := make([]Count, 0, len(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, Count{name, counts[name]})
	}
	slices.SortStableFunc(out, func(x, y Count) int { return cmp.Compare(y.N, x.N) })
	return out
}
