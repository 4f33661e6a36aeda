package insight

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"bonafide/kyc"
)

// Quality is what second looks found about the cases that were decided in a period.
type Quality struct {
	From, To time.Time // To exclusive
	All      QualityRow
	// Reviewers are counted by their own words: where two decided, each has a row
	// with the case, and whoever recommended what the checker would have decided is
	// agreed with.
	Queues, Reviewers, Reasons []QualityRow
}

// QualityRow counts the drawn cases of one queue, reviewer or reason code.
type QualityRow struct {
	Name                 string
	Drawn, Waiting, Void int
	// Pairs counts the verdicts by what was decided and what the checker would
	// have: approved or rejected, 0 and 1.
	Pairs [2][2]int
}

// Looked is how many have a verdict.
func (r QualityRow) Looked() int { return r.Agreed() + r.Disagreed() }

// Agreed and Disagreed are how many verdicts were the decision, and not.
func (r QualityRow) Agreed() int    { return r.Pairs[0][0] + r.Pairs[1][1] }
func (r QualityRow) Disagreed() int { return r.Pairs[0][1] + r.Pairs[1][0] }

// Share is the share of agreement (0-1) with its 95 % interval after Wilson
// (Probable Inference, the Law of Succession, and Statistical Inference, JASA 22,
// 1927). ok is false without a verdict.
func (r QualityRow) Share() (share, low, high float64, ok bool) {
	n := float64(r.Looked())
	if n == 0 {
		return 0, 0, 0, false
	}
	const z = 1.959963984540054 // 97.5 % of the normal distribution
	share = float64(r.Agreed()) / n
	middle := share + z*z/(2*n)
	span := z * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	by := 1 + z*z/n
	return share, max(0, (middle-span)/by), min(1, (middle+span)/by), true
}

// Kappa is the agreement beyond what chance would bring (Cohen, A Coefficient of
// Agreement for Nominal Scales, 1960): 1 is full, 0 that of chance. ok is false
// without a verdict and where both sides said only one and the same thing, for then
// nothing can be told from chance.
func (r QualityRow) Kappa() (kappa float64, ok bool) {
	n := float64(r.Looked())
	if n == 0 {
		return 0, false
	}
	p := r.Pairs
	observed := float64(r.Agreed()) / n
	chance := (float64(p[0][0]+p[0][1])*float64(p[0][0]+p[1][0]) + float64(p[1][0]+p[1][1])*float64(p[0][1]+p[1][1])) / (n * n)
	if chance >= 1 {
		return 0, false
	}
	return (observed - chance) / (1 - chance), true
}

// add counts a case by what somebody said of it.
func (r *QualityRow) add(q *kyc.QualityCheck, said kyc.Outcome) {
	r.Drawn++
	switch {
	case q.State == kyc.QualityWaiting:
		r.Waiting++
	case q.State == kyc.QualityVoid:
		r.Void++
	case q.Verdict != nil:
		r.Pairs[side(said)][side(q.Verdict.Outcome)]++
	}
}

func side(o kyc.Outcome) int {
	if o == kyc.Rejected {
		return 1
	}
	return 0
}

// MaxQuality is the longest period of the figures of second looks.
const MaxQuality = MaxDays * 24 * time.Hour

// Quality counts the drawn cases that were decided from one time to another
// (exclusive). Errors: Invalid period_out_of_range.
func (m *Machine) Quality(ctx context.Context, t kyc.Tenant, from, to time.Time) (*Quality, error) {
	if !from.Before(to) || to.Sub(from) > MaxQuality {
		return nil, kyc.InvalidInput("period_out_of_range", "the period is not valid", []kyc.Problem{{Path: "/query/from", Code: "out_of_range", Message: "before to, and at most 366 days before"}})
	}
	out := &Quality{From: from, To: to}
	queues, reviewers, reasons := rows{}, rows{}, rows{}
	err := m.store.EachQualityFact(ctx, t, from, to, func(f kyc.QualityFact) error {
		if f.Last == nil {
			return nil
		}
		out.All.add(&f.Check, f.Last.Outcome)
		queues.of(f.Queue).add(&f.Check, f.Last.Outcome)
		reasons.of(f.Check.ReasonCode).add(&f.Check, f.Last.Outcome)
		who := Decider(f.Last)
		reviewers.of(who).add(&f.Check, f.Last.Outcome)
		if f.First != nil && Decider(f.First) != who {
			reviewers.of(Decider(f.First)).add(&f.Check, f.First.Outcome)
		}
		return nil
	})
	out.Queues, out.Reviewers, out.Reasons = queues.list(), reviewers.list(), reasons.list()
	return out, err
}

// Decider is whose word a decision is: whom a machine spoke for, where the surface
// keeps only the credential.
func Decider(d *kyc.CaseDecision) string {
	if d.ReviewerID == d.By.ID {
		return d.By.Reviewer()
	}
	return cmp.Or(d.ReviewerID, d.By.Reviewer())
}

type rows map[string]*QualityRow

func (r rows) of(name string) *QualityRow {
	if r[name] == nil {
		r[name] = &QualityRow{Name: name}
	}
	return r[name]
}

// list orders them, those with the most drawn cases first.
func (r rows) list() []QualityRow {
	out := make([]QualityRow, 0, len(r))
	for _, name := range slices.Sorted(maps.Keys(r)) {
		out = append(out, *r[name])
	}
	slices.SortStableFunc(out, func(x, y QualityRow) int { return cmp.Compare(y.Drawn, x.Drawn) })
	return out
}
