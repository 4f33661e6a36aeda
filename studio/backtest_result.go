package studio

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bonafide/backtest"
	"bonafide/kyc"
)

// backtestResult is what a backtest found, as the page shows it.
type backtestResult struct {
	Here, Against, At, By, Reason string
	Version, Total, Done          int
	Running, Failed, Cancelled    bool
	Ended                         string // when it was over
	Same, Rerouted                int
	Changed, Unknown, Unreadable  int
	Matrix, Reviewers             countTable
	Segments                      []segmentTable
	Why                           []whyRow
	Shows                         []showLink
	Rows                          []resultRow
	Parts                         bool // the column says where ways part
	More                          string
}

// outcomeTag is an outcome in words, with its colour.
type outcomeTag struct{ Text, Colour string }

func tagOfOutcome(o kyc.Outcome) *outcomeTag {
	switch o {
	case "":
		return nil
	case kyc.Approved:
		return &outcomeTag{"approved", "good"}
	case kyc.Rejected:
		return &outcomeTag{"rejected", "bad"}
	case kyc.NeedsReview:
		return &outcomeTag{"needs review", "warn"}
	case kyc.NotKnown:
		return &outcomeTag{"not known", "soft"}
	}
	return &outcomeTag{string(o), "soft"}
}

// outcomes are all, in the order in which they are shown.
var outcomes = [...]kyc.Outcome{kyc.Approved, kyc.Rejected, kyc.NeedsReview, kyc.NoOutcome, kyc.NotKnown}

type countTable struct {
	Caption, Corner string
	Head            []*outcomeTag
	Rows            []countRow
}

type countRow struct {
	Name  *outcomeTag
	Cells []countCell
}

type countCell struct {
	Count int
	Moved bool // beside the diagonal
}

// tableOf shows counts by two outcomes; columns in which nothing stands are
// left out.
func tableOf(caption, corner string, m map[kyc.Outcome]map[kyc.Outcome]int) countTable {
	t := countTable{Caption: caption, Corner: corner}
	var columns []kyc.Outcome
	for _, o := range outcomes {
		for _, row := range m {
			if row[o] > 0 {
				columns = append(columns, o)
				t.Head = append(t.Head, tagOfOutcome(o))
				break
			}
		}
	}
	for _, o := range outcomes {
		if m[o] == nil {
			continue
		}
		r := countRow{Name: tagOfOutcome(o)}
		for _, column := range columns {
			r.Cells = append(r.Cells, countCell{Count: m[o][column], Moved: column != o})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

type segmentTable struct {
	Title string
	Rows  []segmentRow
}

type segmentRow struct {
	Value                                     string
	Sessions, Changed, Unknown, Before, After int
}

// segmentTitles are the properties, in the order in which they are shown.
var segmentTitles = [...]struct{ property, title string }{
	{backtest.ByCountry, "Country"}, {backtest.ByDocument, "Document"}, {backtest.ByArm, "Rollout"}, {backtest.ByVersion, "Version it ran on"},
}

type whyRow struct {
	Sessions           int
	Text, Node, Policy string
}

type showLink struct {
	Href, Text string
	Count      int
	Here       bool
}

type resultRow struct {
	Session            string
	Old, New, Reviewer *outcomeTag
	Node, Why          string
	OldPath, Path      string
}

// whyWords says the reasons to a person.
func whyWords(reason string) string {
	if text, ok := map[string]string{
		"check_not_recorded": "the session never asked this check", "config_changed": "it was asked with other options", "inputs_changed": "it was asked when something else was known",
		"attempt_not_recorded": "it was not tried that often, or its answer was not waited for", "timeout_changed": "another time limit might have let another answer in",
		"gate_not_recorded": "nobody decided at this gate", "gate_inputs_changed": "it was decided when other checks had not passed", "gate_timeout_changed": "nobody decided in time, and the gate waits longer now",
		"began_in_the_middle": "the session was resumed at a node of its own version", "not_walkable": "the version could not be walked to an end",
		"erased": "the person was erased", "retention_over": "the time to keep the data is over", "record_removed": "the record is no longer there",
		"record_broken": "the record does not lead where it led", "not_completed": "the session came to no decision",
	}[reason]; ok {
		return text
	}
	return reason
}

// resultPage is how many sessions one page shows.
const resultPage = 50

// showResult shows a backtest; show is which sessions are listed.
func showResult(b *kyc.Backtest, here, show string, page int, names people) *backtestResult {
	y := b.Tally
	r := &backtestResult{Here: here, Against: "what really happened", At: b.CreatedAt.Format("2006-01-02 15:04"), By: names.of(b.By), Reason: b.Reason, Version: b.Version,
		Total: len(b.Cohort), Done: b.Done, Running: b.Status == kyc.BacktestRunning, Failed: b.Status == kyc.BacktestFailed, Cancelled: b.Status == kyc.BacktestCancelled, Same: y.Same, Rerouted: y.Rerouted,
		Changed: y.Changed, Unknown: y.Unknown, Unreadable: y.Unreadable,
		Matrix:    tableOf("Decisions: what was, and what would be", "Was", y.Matrix),
		Reviewers: tableOf("Final decisions of people, and what version "+strconv.Itoa(b.Version)+" would say", "A person", y.Reviewed)}
	if !b.EndedAt.IsZero() {
		r.Ended = b.EndedAt.Format("2006-01-02 15:04")
	}
	if b.Control != 0 {
		r.Against = "version " + strconv.Itoa(b.Control) + " on the same records"
	}
	for _, p := range segmentTitles {
		t := segmentTable{Title: p.title}
		for _, value := range slices.Sorted(maps.Keys(y.Segments[p.property])) {
			s := y.Segments[p.property][value]
			t.Rows = append(t.Rows, segmentRow{Value: value, Sessions: s.Sessions, Changed: s.Changed, Unknown: s.Unknown, Before: s.Old[kyc.Approved], After: s.New[kyc.Approved]})
		}
		slices.SortStableFunc(t.Rows, func(a, b segmentRow) int { return cmp.Compare(b.Sessions, a.Sessions) })
		if len(t.Rows) > 0 {
			r.Segments = append(r.Segments, t)
		}
	}
	for _, w := range y.Why {
		r.Why = append(r.Why, whyRow{Sessions: w.Sessions, Text: whyWords(w.Reason), Node: w.Node, Policy: w.Policy})
	}
	r.list(b, show, page)
	return r
}

// list shows a page of the sessions.
func (r *backtestResult) list(b *kyc.Backtest, show string, page int) {
	kinds := []struct {
		name, text string
		count      int
		is         func(kyc.BacktestItem) bool
	}{
		{"changed", "Changed", b.Tally.Changed, func(i kyc.BacktestItem) bool { return !i.Unreadable() && i.New != kyc.NotKnown }},
		{"not-known", "Not known", b.Tally.Unknown, func(i kyc.BacktestItem) bool { return i.New == kyc.NotKnown }},
		{"unreadable", "Unreadable", b.Tally.Unreadable, kyc.BacktestItem.Unreadable},
	}
	chosen := kinds[0]
	for _, k := range kinds {
		if k.name == show {
			chosen = k
		}
	}
	at := func(name string, page int) string {
		q := url.Values{"show": {name}}
		if page > 1 {
			q.Set("page", strconv.Itoa(page))
		}
		return r.Here + "?" + q.Encode() + "#sessions"
	}
	for _, k := range kinds {
		r.Shows = append(r.Shows, showLink{Href: at(k.name, 1), Text: k.text, Count: k.count, Here: k.name == chosen.name})
	}
	r.Parts = chosen.name == "changed"
	var list []kyc.BacktestItem
	for _, i := range b.Items {
		if chosen.is(i) {
			list = append(list, i)
		}
	}
	from := min((min(page, 1+len(list)/resultPage)-1)*resultPage, len(list))
	to := min(from+resultPage, len(list))
	if to < len(list) {
		r.More = at(chosen.name, page+1)
	}
	for _, i := range list[from:to] {
		row := resultRow{Session: kyc.Dress("session", i.SessionID), Old: tagOfOutcome(i.Old), New: tagOfOutcome(i.New), Reviewer: tagOfOutcome(i.Reviewer), Node: i.Node,
			OldPath: strings.Join(i.OldPath, " → "), Path: strings.Join(i.Path, " → ")}
		if i.Reason != "" {
			row.Why = whyWords(i.Reason)
		}
		r.Rows = append(r.Rows, row)
	}
}
