package insight

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/kyc"
)

// Walk is the way of one run that ended.
type Walk struct {
	Tenant   kyc.Tenant
	Workflow kyc.ID
	Version  int
	Outcome  string // approved, rejected, needs_review; otherwise failed or cancelled
	Took     time.Duration
	Nodes    []WalkNode
	Moves    []WalkMove
}

// WalkNode is what became of a node.
type WalkNode struct {
	Node, Result string
	Took         time.Duration
}

// WalkMove is one move.
type WalkMove struct{ From, To, Why string }

// labelGap stands between the words of a label; ids have none.
const labelGap = "\t"

// Walked counts the way of a run.
func (m *Machine) Walked(w Walk) {
	day := m.clock.Now().UTC().Truncate(24 * time.Hour)
	name := string(w.Workflow) + "/" + strconv.Itoa(w.Version)
	m.mu.Lock()
	defer m.mu.Unlock()
	count := func(measure string, took time.Duration, words ...string) {
		m.add(cell{w.Tenant, kyc.Tally{Day: day, Measure: measure, Name: name, Label: strings.Join(words, labelGap)}}, max(took.Milliseconds(), 0))
	}
	count(measureRun, w.Took, w.Outcome)
	for _, n := range w.Nodes {
		count(measureNode, n.Took, n.Node, n.Result)
	}
	for _, e := range w.Moves {
		count(measureMove, 0, e.From, e.To, e.Why)
	}
}

// Ways are the runs of one workflow that ended in a period.
type Ways struct {
	AsOf     time.Time
	From, To time.Time // days in UTC, To exclusive
	Runs     int64
	Mean     time.Duration // of a run, from its beginning to its end
	Outcomes []Share       // the most frequent first
	Versions []VersionWays // the newest first
	Nodes    []NodeWays    // by node
	Moves    []MoveCount   // by node, then where they lead
}

// Share is how often something came out so.
type Share struct {
	Name string
	N    int64
}

// VersionWays are the outcomes of one version.
type VersionWays struct {
	Version  int
	Runs     int64
	Outcomes []Share
}

// NodeWays is what became of a node, over all versions that were asked for.
type NodeWays struct {
	Node    string
	N       int64
	Results []Share
	Mean    time.Duration
}

// MoveCount is how often runs went from one node to another.
type MoveCount struct {
	WalkMove
	N int64
}

// Ways gives the figures of a workflow's runs; version 0 is all versions. Runs
// are counted on the day they end, once for each time a session ran. Errors:
// Invalid days_out_of_range.
func (m *Machine) Ways(ctx context.Context, t kyc.Tenant, workflow kyc.ID, version, days int) (*Ways, error) {
	if days < 1 || days > MaxDays {
		return nil, kyc.InvalidInput("days_out_of_range", "the period is not valid", []kyc.Problem{{Path: "/days", Code: "out_of_range", Message: "between 1 and 366 days"}})
	}
	if err := m.Flush(ctx); err != nil {
		return nil, err
	}
	now := m.clock.Now()
	to := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	out := &Ways{AsOf: now, From: to.AddDate(0, 0, -days), To: to}
	list, err := m.store.WalkTallies(ctx, t, workflow, out.From, out.To)
	if err != nil {
		return nil, err
	}
	out.sum(list, version)
	return out, nil
}

func (w *Ways) sum(list []kyc.Tally, version int) {
	type result struct{ node, result string }
	ran, ended, moved := map[int]map[string]int64{}, map[result]int64{}, map[WalkMove]int64{}
	took, visited, ms := map[string]int64{}, map[string]int64{}, int64(0)
	all := map[string]int64{}
	for _, x := range list {
		_, number, _ := strings.Cut(x.Name, "/")
		v, err := strconv.Atoi(number)
		if err != nil || (version != 0 && v != version) {
			continue
		}
		words := strings.Split(x.Label, labelGap)
		switch {
		case x.Measure == measureRun:
			if ran[v] == nil {
				ran[v] = map[string]int64{}
			}
			ran[v][x.Label] += x.N
			all[x.Label] += x.N
			w.Runs, ms = w.Runs+x.N, ms+x.MS
		case x.Measure == measureNode && len(words) == 2:
			ended[result{words[0], words[1]}] += x.N
			visited[words[0]] += x.N
			took[words[0]] += x.MS
		case x.Measure == measureMove && len(words) == 3:
			moved[WalkMove{words[0], words[1], words[2]}] += x.N
		}
	}
	w.Mean, w.Outcomes = meanOf(ms, w.Runs), shares(all)
	for v, outcomes := range ran {
		one := VersionWays{Version: v, Outcomes: shares(outcomes)}
		for _, s := range one.Outcomes {
			one.Runs += s.N
		}
		w.Versions = append(w.Versions, one)
	}
	slices.SortFunc(w.Versions, func(a, b VersionWays) int { return cmp.Compare(b.Version, a.Version) })
	for node, n := range visited {
		results := map[string]int64{}
		for r, k := range ended {
			if r.node == node {
				results[r.result] += k
			}
		}
		w.Nodes = append(w.Nodes, NodeWays{Node: node, N: n, Results: shares(results), Mean: meanOf(took[node], n)})
	}
	slices.SortFunc(w.Nodes, func(a, b NodeWays) int { return cmp.Compare(a.Node, b.Node) })
	for move, n := range moved {
		w.Moves = append(w.Moves, MoveCount{move, n})
	}
	slices.SortFunc(w.Moves, func(a, b MoveCount) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Why, b.Why))
	})
}

func meanOf(ms, n int64) time.Duration {
	if n == 0 {
		return 0
	}
	return time.Duration(ms) * time.Millisecond / time.Duration(n)
}

func shares(counts map[string]int64) []Share {
	out := make([]Share, 0, len(counts))
	for name, n := range counts {
		out = append(out, Share{name, n})
	}
	slices.SortFunc(out, func(a, b Share) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return out
}
