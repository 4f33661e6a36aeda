package studio

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/flow"
	"bonafide/kyc"
)

// guardField is one bound in a form, in percent or percentage points.
type guardField struct {
	Name, Label, Unit, Value string
}

// guardForm is the bounds of a rollout as the page shows and takes them.
type guardForm struct {
	Prefix  string // tells the fields of two forms of a page apart
	Most    []guardField
	Differ  []guardField
	Least   string // sessions that must have ended
	Window  string // hours; empty: the whole rollout
	Open    bool
	Default int
}

// guardNames are the fields of the form with the bounds they set.
func guardNames(g *kyc.Guardrails) (most, differ []struct {
	name, label string
	at          **kyc.Share
}) {
	type entry = struct {
		name, label string
		at          **kyc.Share
	}
	return []entry{{flow.MaxErrorRate, "Errors, at most", &g.MaxErrors}, {flow.MaxRejectionRate, "Rejections, at most", &g.MaxRejections}, {flow.MaxReviewRate, "Reviews, at most", &g.MaxReviews}},
		[]entry{{flow.MaxErrorDeviation, "Errors, above the other version by at most", &g.ErrorRise}, {flow.MaxRejectionDeviation, "Rejections, away from the other version by at most", &g.RejectionDiff},
			{flow.MaxReviewDeviation, "Reviews, away from the other version by at most", &g.ReviewDiff}}
}

func showGuards(prefix string, g *kyc.Guardrails) guardForm {
	f := guardForm{Prefix: prefix, Open: g != nil, Default: flow.DefaultMinSessions}
	if g == nil {
		g = &kyc.Guardrails{}
	}
	most, differ := guardNames(g)
	for _, e := range most {
		f.Most = append(f.Most, guardField{Name: e.name, Label: e.label, Unit: "%", Value: inPercent(*e.at)})
	}
	for _, e := range differ {
		f.Differ = append(f.Differ, guardField{Name: e.name, Label: e.label, Unit: "points", Value: inPercent(*e.at)})
	}
	if g.MinSessions > 0 {
		f.Least = strconv.Itoa(g.MinSessions)
	}
	if g.WindowHours > 0 {
		f.Window = strconv.Itoa(g.WindowHours)
	}
	return f
}

// keep puts what was typed back into a form.
func (f *guardForm) keep(form url.Values) {
	for _, list := range [][]guardField{f.Most, f.Differ} {
		for i := range list {
			list[i].Value = form.Get(list[i].Name)
			f.Open = f.Open || list[i].Value != ""
		}
	}
	f.Least, f.Window = form.Get("min_sessions"), form.Get("window_hours")
}

// inPercent writes a share as a number of percent: 5, 2.5, 0.01.
func inPercent(s *kyc.Share) string {
	if s == nil {
		return ""
	}
	return strconv.FormatFloat(float64(*s)/100, 'f', -1, 64)
}

// readGuards reads the bounds of a form; nil when none is filled in. What cannot
// be read is told with the field's name.
func readGuards(form url.Values) (*kyc.Guardrails, []kyc.Problem) {
	var problems []kyc.Problem
	g, named := kyc.Guardrails{MinSessions: flow.DefaultMinSessions}, false
	most, differ := guardNames(&g)
	for _, e := range append(most, differ...) {
		text := strings.TrimSpace(form.Get(e.name))
		if text == "" {
			continue
		}
		named = true
		n, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
		if err != nil || math.IsNaN(n) || n < 0 || n > 100 {
			problems = append(problems, kyc.Problem{Path: e.name, Code: "out_of_range", Message: e.label + ": a number from 0 to 100."})
			continue
		}
		s := kyc.Share(math.Round(n * 100))
		*e.at = &s
	}
	whole := func(name, label string, into *int) {
		text := strings.TrimSpace(form.Get(name))
		if text == "" {
			return
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			problems = append(problems, kyc.Problem{Path: name, Code: "out_of_range", Message: label + ": a whole number, 1 or more."})
			return
		}
		*into = n
	}
	whole("min_sessions", "Sessions that must have ended", &g.MinSessions)
	whole("window_hours", "Hours that count", &g.WindowHours)
	if !named {
		return nil, problems
	}
	return &g, problems
}

// trialRow is one way to end, for both versions.
type trialRow struct{ What, Fresh, Rest, Bound string }

// trialData is what a rollout has shown so far.
type trialData struct {
	Version, Other     int
	Fresh, Rest        int // sessions that ended
	Rows               []trialRow
	Since              time.Time
	Least, WindowHours int // 0: no bounds
}

// trial counts the running rollout for the page; nil without one.
func (s *studio) trial(v *console.Visit, w *kyc.Workflow) (*trialData, error) {
	p, running, err := s.Workflows.Progress(v.Ctx(), w)
	if err != nil || !running {
		return nil, err
	}
	d := trialData{Version: w.Rollout.Version, Other: w.Rollout.Previous, Fresh: p.Fresh.Sessions, Rest: p.Rest.Sessions, Since: p.Since}
	g := w.Rollout.Guards
	if g == nil {
		g = &kyc.Guardrails{}
	} else {
		d.Least, d.WindowHours = g.MinSessions, g.WindowHours
	}
	row := func(what string, fresh, rest int, most, differ *kyc.Share, by string) {
		var bounds []string
		if most != nil {
			bounds = append(bounds, "at most "+inPercent(most)+" %")
		}
		if differ != nil {
			bounds = append(bounds, "at most "+inPercent(differ)+" points "+by+" version "+strconv.Itoa(d.Other))
		}
		d.Rows = append(d.Rows, trialRow{what, partOf(fresh, d.Fresh), partOf(rest, d.Rest), strings.Join(bounds, ", ")})
	}
	row("Errors", p.Fresh.Errors, p.Rest.Errors, g.MaxErrors, g.ErrorRise, "above")
	row("Rejections", p.Fresh.Rejections, p.Rest.Rejections, g.MaxRejections, g.RejectionDiff, "from")
	row("Reviews", p.Fresh.Reviews, p.Rest.Reviews, g.MaxReviews, g.ReviewDiff, "from")
	return &d, nil
}

// partOf says a share in words: 3 of 40 (7.5 %).
func partOf(n, of int) string {
	if of == 0 {
		return "none yet"
	}
	return strconv.Itoa(n) + " of " + strconv.Itoa(of) + " (" + strconv.FormatFloat(math.Round(float64(n)*1000/float64(of))/10, 'f', -1, 64) + " %)"
}

// setBackNote is the notice of a rollout that its bounds ended.
type setBackNote struct {
	Version, Restored int
	At, What, Bound   string
}

func noteOf(b *kyc.SetBack) *setBackNote {
	if b == nil {
		return nil
	}
	n := setBackNote{Version: b.Version, Restored: b.Restored, At: moment(b.At)}
	count := func(t kyc.TrialTally) (int, string) {
		switch b.Breach.Bound {
		case flow.MaxErrorRate, flow.MaxErrorDeviation:
			return t.Errors, "ended with an error"
		case flow.MaxRejectionRate, flow.MaxRejectionDeviation:
			return t.Rejections, "were rejected"
		}
		return t.Reviews, "needed a person"
	}
	got, did := count(b.Breach.Fresh)
	n.What = partOf(got, b.Breach.Fresh.Sessions) + " of its sessions " + did
	limit := inPercent(&b.Breach.Limit)
	switch b.Breach.Bound {
	case flow.MaxErrorRate, flow.MaxRejectionRate, flow.MaxReviewRate:
		n.Bound = "at most " + limit + " % may"
	default:
		held, _ := count(b.Breach.Rest)
		n.Bound = "of version " + strconv.Itoa(b.Restored) + " it was " + partOf(held, b.Breach.Rest.Sessions) + ", and they may be " + limit + " points apart"
	}
	return &n
}
