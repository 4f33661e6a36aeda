package insight

import (
	"context"
	"slices"
	"time"

	"bonafide/kyc"
)

// spread is how often each class of duration was seen.
type spread struct {
	n, ms int64
	by    map[int64]int64
}

func (s *spread) add(x kyc.Tally) {
	if s.by == nil {
		s.by = map[int64]int64{}
	}
	s.n, s.ms = s.n+x.N, s.ms+x.MS
	s.by[x.Upto] += x.N
}

func (s *spread) mean() time.Duration {
	if s.n == 0 {
		return 0
	}
	return time.Duration(s.ms) * time.Millisecond / time.Duration(s.n)
}

// under is the upper end of the class in which a share of all lies, in tenths.
func (s *spread) under(tenths int64) time.Duration {
	seen := int64(0)
	for _, c := range classes {
		seen += s.by[c]
		if seen*10 >= s.n*tenths {
			return time.Duration(c) * time.Millisecond
		}
	}
	return 0
}

func (m *Machine) tallies(ctx context.Context, a Ask, r *Report) error {
	list, err := m.store.Tallies(ctx, a.Tenant, r.From, r.To)
	if err != nil {
		return err
	}
	checks, providers := map[string]*Check{}, map[string]*Provider{}
	took := map[[2]string]*spread{}
	for _, x := range list {
		key := [2]string{x.Measure, x.Name}
		if took[key] == nil {
			took[key] = &spread{}
		}
		took[key].add(x)
		switch x.Measure {
		case measureCheck:
			if checks[x.Name] == nil {
				checks[x.Name] = &Check{Policy: x.Name}
			}
			checks[x.Name].count(x)
		case measureProvider:
			if providers[x.Name] == nil {
				providers[x.Name] = &Provider{Name: x.Name}
			}
			if x.Label == "answered" {
				providers[x.Name].Answered += x.N
			} else {
				providers[x.Name].Missed += x.N
			}
		}
	}
	for name, c := range checks {
		s := took[[2]string{measureCheck, name}]
		c.Mean, c.Median, c.Slow = s.mean(), s.under(5), s.under(9)
		r.Checks = append(r.Checks, *c)
	}
	for name, p := range providers {
		s := took[[2]string{measureProvider, name}]
		p.Mean, p.Median, p.Slow = s.mean(), s.under(5), s.under(9)
		r.Providers = append(r.Providers, *p)
	}
	slices.SortFunc(r.Checks, func(x, y Check) int { return compare(y.Asked(), x.Asked(), x.Policy, y.Policy) })
	slices.SortFunc(r.Providers, func(x, y Provider) int { return compare(y.Answered+y.Missed, x.Answered+x.Missed, x.Name, y.Name) })
	return nil
}

func (c *Check) count(x kyc.Tally) {
	switch x.Label {
	case string(kyc.Pass):
		c.Passed += x.N
	case string(kyc.Fail):
		c.Failed += x.N
	case string(kyc.VerdictReview):
		c.Review += x.N
	case string(kyc.Skip):
		c.Skipped += x.N
	default:
		c.Unanswered += x.N
	}
}

func compare(n, other int64, name, otherName string) int {
	switch {
	case n < other:
		return -1
	case n > other:
		return 1
	case name < otherName:
		return -1
	}
	return 1
}
