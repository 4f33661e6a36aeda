package backtest

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"bonafide/kyc"
)

func version(n int) string { return strconv.Itoa(n) }

// add counts one session and keeps it where there is something to say.
func add(tally *kyc.BacktestTally, items []kyc.BacktestItem, one told) []kyc.BacktestItem {
	i := one.item
	tally.Sessions++
	if i.Unreadable() {
		tally.Unreadable++
		why(tally, i)
		return append(items, i)
	}
	tally.Replayed++
	count(&tally.Matrix, i.Old, i.New)
	if i.Reviewer != "" {
		count(&tally.Reviewed, i.Reviewer, i.New)
		count(&tally.Before, i.Reviewer, i.Old)
	}
	changed, unknown := i.New != i.Old && i.New != kyc.NotKnown, i.New == kyc.NotKnown
	switch {
	case unknown:
		tally.Unknown++
		why(tally, i)
	case changed:
		tally.Changed++
	default:
		tally.Same++
	}
	if one.rerouted {
		tally.Rerouted++
	}
	for property, value := range one.segments {
		if tally.Segments == nil {
			tally.Segments = map[string]map[string]kyc.BacktestSegment{}
		}
		if tally.Segments[property] == nil {
			tally.Segments[property] = map[string]kyc.BacktestSegment{}
		}
		s := tally.Segments[property][value]
		if s.Old == nil {
			s.Old, s.New = map[kyc.Outcome]int{}, map[kyc.Outcome]int{}
		}
		s.Sessions++
		s.Old[i.Old]++
		s.New[i.New]++
		if changed {
			s.Changed++
		}
		if unknown {
			s.Unknown++
		}
		tally.Segments[property][value] = s
	}
	if changed || unknown {
		return append(items, i)
	}
	return items
}

func count(m *map[kyc.Outcome]map[kyc.Outcome]int, row, column kyc.Outcome) {
	if *m == nil {
		*m = map[kyc.Outcome]map[kyc.Outcome]int{}
	}
	if (*m)[row] == nil {
		(*m)[row] = map[kyc.Outcome]int{}
	}
	(*m)[row][column]++
}

// why counts a reason, the most frequent first.
func why(tally *kyc.BacktestTally, i kyc.BacktestItem) {
	w := kyc.BacktestWhy{Reason: i.Reason, Policy: i.Policy}
	if !i.Unreadable() {
		w.Node = i.Node
	}
	at := slices.IndexFunc(tally.Why, func(x kyc.BacktestWhy) bool { return x.Reason == w.Reason && x.Node == w.Node && x.Policy == w.Policy })
	if at < 0 {
		at = len(tally.Why)
		tally.Why = append(tally.Why, w)
	}
	tally.Why[at].Sessions++
	slices.SortStableFunc(tally.Why, func(a, b kyc.BacktestWhy) int {
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Policy, b.Policy))
	})
}

// clone copies a tally deeply, so that a page that is not committed leaves no
// trace.
func clone(t kyc.BacktestTally) kyc.BacktestTally {
	t.Matrix, t.Reviewed, t.Before = cloneCounts(t.Matrix), cloneCounts(t.Reviewed), cloneCounts(t.Before)
	t.Why = slices.Clone(t.Why)
	segments := map[string]map[string]kyc.BacktestSegment{}
	for property, values := range t.Segments {
		segments[property] = map[string]kyc.BacktestSegment{}
		for value, s := range values {
			s.Old, s.New = maps.Clone(s.Old), maps.Clone(s.New)
			segments[property][value] = s
		}
	}
	if t.Segments != nil {
		t.Segments = segments
	}
	return t
}

func cloneCounts(m map[kyc.Outcome]map[kyc.Outcome]int) map[kyc.Outcome]map[kyc.Outcome]int {
	if m == nil {
		return nil
	}
	out := map[kyc.Outcome]map[kyc.Outcome]int{}
	for k, v := range m {
		out[k] = maps.Clone(v)
	}
	return out
}
