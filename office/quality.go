package office

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"bonafide/insight"
	"bonafide/kyc"
	"bonafide/ui"
)

// readQuality is the scope of whoever sees how all reviewers' cases were checked.
const readQuality = "quality:read"

// qualityForm are shares of quality checks as a person writes them, in per cent.
type qualityForm struct{ Share, Approvals, Rejections string }

// finite reads a number that can be one of a setting: neither endless nor none.
func finite(text string) (n float64, ok bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
}

func perCent(share float64) string { return strconv.FormatFloat(share, 'f', -1, 64) }

func qualityFormOf(q *kyc.QualityShares) qualityForm {
	if q == nil {
		return qualityForm{}
	}
	f := qualityForm{Share: perCent(q.Share)}
	if q.Approvals != nil {
		f.Approvals = perCent(*q.Approvals)
	}
	if q.Rejections != nil {
		f.Rejections = perCent(*q.Rejections)
	}
	return f
}

// read takes the form as it came.
func (f *qualityForm) read(get func(string) string) {
	f.Share, f.Approvals, f.Rejections = strings.TrimSpace(get("quality_share")), strings.TrimSpace(get("quality_approvals")), strings.TrimSpace(get("quality_rejections"))
}

// shares are what the form means; nil when nothing was written. at is the path of
// the problems.
func (f *qualityForm) shares(at string) (*kyc.QualityShares, []kyc.Problem) {
	if *f == (qualityForm{}) {
		return nil, nil
	}
	var problems []kyc.Problem
	number := func(name, text string) float64 {
		n, ok := finite(text)
		if !ok {
			problems = append(problems, kyc.Problem{Path: at + "/" + name, Code: "not_a_number", Message: "a number of per cent"})
		}
		return n
	}
	one := func(name, text string) *float64 {
		if text == "" {
			return nil
		}
		n := number(name, text)
		return &n
	}
	var q kyc.QualityShares
	if f.Share == "" {
		problems = append(problems, kyc.Problem{Path: at + "/share", Code: "required", Message: "say the share of all cases, too"})
	} else {
		q.Share = number("share", f.Share)
	}
	q.Approvals, q.Rejections = one("approvals", f.Approvals), one("rejections", f.Rejections)
	return &q, problems
}

// qualityFigures are the figures of second looks. Who may not see those of all sees
// the row of their own decisions alone.
func qualityFigures(q *insight.Quality, names map[string]string, all bool, own ...string) []figure {
	const text = " Of the cases of all workflows that people decided in the period and that were drawn for a second look. The interval holds the true share of agreement in 95 of 100 cases (Wilson); kappa is the agreement beyond chance (Cohen)."
	chart := func(id, title, first, rest, empty string, rows []insight.QualityRow) figure {
		f := figure{ID: id, Title: title, Text: rest + text, Empty: empty, Head: []string{first, "drawn", "waiting", "cannot be read any more", "looked at", "agree", "disagree", "agreement", "95 % interval", "kappa"},
			Chart: ui.Chart{Summary: "Second looks by " + first + "; the table has the numbers", Series: []ui.ChartSeries{{Name: "agree", Colour: "good"}, {Name: "disagree", Colour: "bad"}, {Name: "waiting", Colour: "soft"}}}}
		for _, r := range rows {
			name := r.Name
			if named := names[name]; named != "" {
				name = named
			}
			if name == "" {
				name = "none"
			}
			cells := []string{name, whole(r.Drawn), whole(r.Waiting), whole(r.Void), whole(r.Looked()), whole(r.Agreed()), whole(r.Disagreed()), "", "", ""}
			if share, low, high, ok := r.Share(); ok {
				cells[7], cells[8] = percent(share)+" %", percent(low)+" to "+percent(high)+" %"
			}
			if kappa, ok := r.Kappa(); ok {
				cells[9] = fmt.Sprintf("%.2f", kappa)
			}
			f.Rows = append(f.Rows, cells)
			f.Chart.Rows = append(f.Chart.Rows, ui.ChartRow{Label: words(name), Values: []float64{float64(r.Agreed()), float64(r.Disagreed()), float64(r.Waiting)}})
		}
		return f
	}
	const none = "No case of the period was drawn for a second look."
	if !all {
		var rows []insight.QualityRow
		for _, r := range q.Reviewers {
			for _, me := range own {
				if strings.EqualFold(r.Name, me) {
					rows = append(rows, r)
				}
			}
		}
		return []figure{chart("quality-reviewers", "Quality of your decisions", "reviewer", "How often a second look agreed with you.", "None of your cases of the period was drawn for a second look.", rows)}
	}
	return []figure{
		chart("quality-reviewers", "Quality by reviewer", "reviewer", "How often a second look agreed with what each reviewer said; where two decided, each counts with their own word.", none, q.Reviewers),
		chart("quality-queues", "Quality by queue", "queue", "How often second looks agreed with decisions.", none, q.Queues),
		chart("quality-reasons", "Quality by reason", "reason", "How often second looks agreed with decisions of each reason code.", none, q.Reasons),
	}
}
