package office

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/insight"
	"bonafide/kyc"
	"bonafide/ui"
)

type analyticsPage struct {
	Problems  []kyc.Problem
	Periods   []choice
	Workflows []choice
	AsOf      string
	Sessions  int
	Waiting   int
	Figures   []figure
}

// figure is a chart with its table and the address of the same as CSV.
type figure struct {
	ID, Title, Text string
	Chart           ui.Chart
	Columns         bool // standing bars
	Head            []string
	Rows            [][]string
	CSV             string
	Empty           string // what to say when there is nothing
}

// Drawing is the chart of the figure.
func (f figure) Drawing() any {
	if f.Columns {
		return f.Chart.Columns()
	}
	return f.Chart.Bars()
}

func (o *office) askFor(v *console.Visit) (insight.Ask, analyticsPage, error) {
	q := v.R.URL.Query()
	days := q.Get("days")
	if days == "" {
		days = "30"
	}
	page := analyticsPage{Periods: choices(days, "1", "Today", "7", "7 days", "30", "30 days", "90", "90 days", "365", "A year")}
	a := insight.Ask{Tenant: v.Tenant()}
	var err error
	if a.Days, err = strconv.Atoi(days); err != nil || !chosen(page.Periods) {
		page.Problems = append(page.Problems, kyc.Problem{Path: "/days", Code: "not_allowed_value", Message: "choose one of the periods"})
	}
	_, list, err := o.workflowNames(v)
	if err != nil {
		return a, page, err
	}
	page.Workflows = workflowChoices(list, q.Get("workflow"))
	if text := q.Get("workflow"); text != "" {
		id, ok := kyc.Undress("workflow", text)
		if !ok || !chosen(page.Workflows) {
			page.Problems = append(page.Problems, kyc.Problem{Path: "/workflow", Code: "invalid_id", Message: "there is no such workflow"})
		}
		a.Workflow = id
	}
	return a, page, nil
}

func (o *office) analytics(v *console.Visit) error {
	a, page, err := o.askFor(v)
	if err != nil {
		return err
	}
	if len(page.Problems) > 0 {
		return v.Refuse("analytics", "Analytics", page)
	}
	r, err := o.Insight.Report(v.Ctx(), a)
	if err != nil {
		return err
	}
	page.AsOf, page.Sessions, page.Waiting = r.AsOf.UTC().Format("2 Jan 2006, 15:04:05 UTC"), r.Sessions, r.Waiting
	if page.Figures, err = o.figures(v, r); err != nil {
		return err
	}
	for i := range page.Figures {
		page.Figures[i].CSV = query("/console/analytics/"+page.Figures[i].ID+".csv", "days", strconv.Itoa(a.Days), "workflow", v.R.URL.Query().Get("workflow"))
	}
	return v.Show("analytics", "Analytics", page)
}

// analyticsCSV gives the table of one figure.
func (o *office) analyticsCSV(v *console.Visit) error {
	name, ok := strings.CutSuffix(v.R.PathValue("table"), ".csv")
	if !ok {
		return kyc.Missing("table", "of this address")
	}
	a, page, err := o.askFor(v)
	if err != nil {
		return err
	}
	if len(page.Problems) > 0 {
		return v.Refuse("analytics", "Analytics", page)
	}
	r, err := o.Insight.Report(v.Ctx(), a)
	if err != nil {
		return err
	}
	all, err := o.figures(v, r)
	if err != nil {
		return err
	}
	for _, f := range all {
		if f.ID == name {
			return file(v, "bonafide-"+name+".csv", "text/csv; charset=utf-8", table(append([][]string{f.Head}, f.Rows...)))
		}
	}
	return kyc.Missing("table", "of this address")
}

// figures makes the charts and tables of a report.
func (o *office) figures(v *console.Visit, r *insight.Report) ([]figure, error) {
	names := map[string]string{}
	if v.May("users:read") { // others see ids
		people, err := o.Office.Users(v.Ctx(), v.Tenant().Org)
		if err != nil {
			return nil, err
		}
		for _, u := range people {
			names[string(u.ID)] = u.Email
		}
	}
	out := []figure{funnel(r), steps(r), times(r), outcomes(r), reasons(r), checks(r), providers(r), reviewers(r, names)}
	if !v.May("cases:read") {
		return out, nil
	}
	me := string(v.User.ID)
	names[me] = v.User.Email
	return append(out, qualityFigures(r.Quality, names, v.May(readQuality), me, v.User.Email)...), nil
}

func whole(n int) string { return strconv.Itoa(n) }

func plain(name, colour string) []ui.ChartSeries {
	return []ui.ChartSeries{{Name: name, Colour: colour}}
}

func funnel(r *insight.Report) figure {
	f := figure{ID: "funnel", Title: "How far sessions come", Text: "Sessions made in the period, and how many of them came to each stage. The times are since the stage before.",
		Head: []string{"stage", "sessions", "share", "median time", "9 of 10 within"}, Empty: "No session was made in the period.",
		Chart: ui.Chart{Summary: fmt.Sprintf("Funnel of %d sessions; the table has its numbers", r.Sessions), Series: plain("sessions", "plain")}}
	for _, s := range r.Funnel {
		share := ""
		if r.Sessions > 0 {
			share = percent(float64(s.N)/float64(r.Sessions)) + " %"
		}
		f.Rows = append(f.Rows, []string{s.Name, whole(s.N), share, lasted(s.Median), lasted(s.Slow)})
		f.Chart.Rows = append(f.Chart.Rows, ui.ChartRow{Label: s.Name, Values: []float64{float64(s.N)}, Text: strings.TrimSuffix(whole(s.N)+", "+share, ", ")})
	}
	if r.Sessions == 0 {
		f.Rows = nil
	}
	return f
}

func steps(r *insight.Report) figure {
	f := figure{ID: "steps", Title: "Steps of applicants", Text: "Of sessions with steps (onboarding and checks): who came to each step, and how long it took those who did it.",
		Head: []string{"step", "came to it", "done", "skipped", "failed", "to correct", "median time", "9 of 10 within"}, Empty: "No session of the period has steps.",
		Chart: ui.Chart{Summary: "Steps done, skipped, failed and left; the table has the numbers", Series: []ui.ChartSeries{{Name: "done", Colour: "good"}, {Name: "skipped", Colour: "plain"}, {Name: "failed or to correct", Colour: "bad"}, {Name: "left", Colour: "soft"}}}}
	for _, s := range r.Steps {
		wrong := s.Failed + s.Correction
		f.Rows = append(f.Rows, []string{s.ID, whole(s.Shown), whole(s.Completed), whole(s.Skipped), whole(s.Failed), whole(s.Correction), lasted(s.Median), lasted(s.Slow)})
		f.Chart.Rows = append(f.Chart.Rows, ui.ChartRow{Label: s.ID, Values: []float64{float64(s.Completed), float64(s.Skipped), float64(wrong), float64(s.Shown - s.Completed - s.Skipped - wrong)}})
	}
	return f
}

// times draws how long each step takes those who did it.
func times(r *insight.Report) figure {
	f := figure{ID: "times", Title: "Time at each step", Text: "How long those who did a step took for it: half of them no longer than the bar, nine of ten no longer than what stands in brackets.",
		Head: []string{"step", "done", "median time", "9 of 10 within"}, Empty: "No step was done in the period.",
		Chart: ui.Chart{Summary: "Median time at each step; the table has the numbers", Series: plain("median time", "plain")}}
	for _, s := range r.Steps {
		if s.Completed == 0 {
			continue
		}
		f.Rows = append(f.Rows, []string{s.ID, whole(s.Completed), took(s.Median), took(s.Slow)})
		f.Chart.Rows = append(f.Chart.Rows, ui.ChartRow{Label: s.ID, Values: []float64{s.Median.Seconds()}, Text: took(s.Median) + " (" + took(s.Slow) + ")"})
	}
	return f
}

// took is how long something took that did take place.
func took(d time.Duration) string {
	if d < time.Millisecond {
		return "under 1 ms"
	}
	return lasted(d)
}

func outcomes(r *insight.Report) figure {
	f := figure{ID: "outcomes", Title: "Outcomes by day", Text: "Sessions by the day they were made, and how they stand now.", Columns: true,
		Head: []string{"day", "made", "approved", "rejected", "in review", "open", "ended without a decision"}, Empty: "No session was made in the period.",
		Chart: ui.Chart{Summary: "Sessions of each day by how they stand; the table has the numbers", Series: []ui.ChartSeries{{Name: "approved", Colour: "good"}, {Name: "rejected", Colour: "bad"}, {Name: "in review", Colour: "warn"}, {Name: "open", Colour: "plain"}, {Name: "ended without a decision", Colour: "soft"}}}}
	for _, d := range r.Days {
		f.Chart.Rows = append(f.Chart.Rows, ui.ChartRow{Label: d.Day.Format("2 Jan"), Values: []float64{float64(d.Approved), float64(d.Rejected), float64(d.Review), float64(d.Open), float64(d.Unended)}})
		if d.Made > 0 {
			f.Rows = append(f.Rows, []string{d.Day.Format("2006-01-02"), whole(d.Made), whole(d.Approved), whole(d.Rejected), whole(d.Review), whole(d.Open), whole(d.Unended)})
		}
	}
	return f
}

// mostReasons is how many reasons are drawn; the table has all.
const mostReasons = 12

func reasons(r *insight.Report) figure {
	f := figure{ID: "reasons", Title: "Reasons", Text: "Reason codes of the sessions of the period.", Head: []string{"reason", "sessions"}, Empty: "No session of the period has a reason code.",
		Chart: ui.Chart{Summary: "Sessions by reason; the table has the numbers", Series: plain("sessions", "plain")}}
	for i, c := range r.Reasons {
		f.Rows = append(f.Rows, []string{c.Name, whole(c.N)})
		if i < mostReasons {
			f.Chart.Rows = append(f.Chart.Rows, ui.ChartRow{Label: words(c.Name), Values: []float64{float64(c.N)}})
		}
	}
	return f
}

func checks(r *insight.Report) figure {
	f := figure{ID: "checks", Title: "Checks", Text: "Answers of checks in the period, of all workflows. A check that could not answer never counts as passed. Times are classes: 9 of 10 within 50 ms means between 20 and 50.",
		Head: []string{"check", "asked", "passed", "failed", "to a person", "skipped", "no answer", "failure rate", "mean time", "median within", "9 of 10 within"}, Empty: "No check was asked in the period.",
		Chart: ui.Chart{Summary: "Answers of each check; the table has the numbers", Series: []ui.ChartSeries{{Name: "passed", Colour: "good"}, {Name: "failed", Colour: "bad"}, {Name: "to a person", Colour: "warn"}, {Name: "skipped", Colour: "plain"}, {Name: "no answer", Colour: "soft"}}}}
	for _, c := range r.Checks {
		f.Rows = append(f.Rows, []string{c.Policy, big(c.Asked()), big(c.Passed), big(c.Failed), big(c.Review), big(c.Skipped), big(c.Unanswered), percent(c.FailureRate()) + " %", lasted(c.Mean), within(c.Median), within(c.Slow)})
		f.Chart.Rows = append(f.Chart.Rows, ui.ChartRow{Label: words(c.Policy), Values: []float64{float64(c.Passed), float64(c.Failed), float64(c.Review), float64(c.Skipped), float64(c.Unanswered)}})
	}
	return f
}

func providers(r *insight.Report) figure {
	f := figure{ID: "providers", Title: "How long providers take", Text: "Mean time of an answer, by who answered; this installation itself is among them.",
		Head: []string{"provider", "answered", "did not answer", "mean time", "median within", "9 of 10 within"}, Empty: "Nobody was asked in the period.",
		Chart: ui.Chart{Summary: "Mean time of an answer by provider; the table has the numbers", Series: plain("mean time", "plain")}}
	for _, p := range r.Providers {
		f.Rows = append(f.Rows, []string{p.Name, big(p.Answered), big(p.Missed), lasted(p.Mean), within(p.Median), within(p.Slow)})
		f.Chart.Rows = append(f.Chart.Rows, ui.ChartRow{Label: p.Name, Values: []float64{float64(p.Mean.Microseconds())}, Text: took(p.Mean)})
	}
	return f
}

func reviewers(r *insight.Report, names map[string]string) figure {
	f := figure{ID: "reviewers", Title: "Reviewers", Text: "Decisions on reviews that began in the period.", Head: []string{"reviewer", "decided", "approved", "rejected", "first opinions", "median time to the decision"}, Empty: "Nothing was decided in the period.",
		Chart: ui.Chart{Summary: "Decisions by reviewer; the table has the numbers", Series: []ui.ChartSeries{{Name: "approved", Colour: "good"}, {Name: "rejected", Colour: "bad"}}}}
	for _, p := range r.Reviewers {
		name := p.ID
		if named := names[p.ID]; named != "" {
			name = named
		}
		f.Rows = append(f.Rows, []string{name, whole(p.Approved + p.Rejected), whole(p.Approved), whole(p.Rejected), whole(p.First), lasted(p.Median)})
		f.Chart.Rows = append(f.Chart.Rows, ui.ChartRow{Label: name, Values: []float64{float64(p.Approved), float64(p.Rejected)}})
	}
	return f
}

// within is the upper end of a class of duration; without one it is longer
// than all of them.
func within(d time.Duration) string {
	if d == 0 {
		return "over 1 min"
	}
	return lasted(d)
}

func big(n int64) string { return strconv.FormatInt(n, 10) }
