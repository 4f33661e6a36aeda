package studio

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"bonafide/backtest"
	"bonafide/console"
	"bonafide/kyc"
)

// readSessions is what a backtest needs beside reading workflows: it tells of
// sessions.
const readSessions = "sessions:read"

type backtestData struct {
	Tabs                 tabs
	Candidates, Controls versionChoice
	Last, From, To       string
	Problems             []kyc.Problem
	Result               *backtestResult
	Earlier              []earlierRow
}

// versionChoice is a list of versions of which one is chosen.
type versionChoice struct {
	All    []int
	Chosen int
}

type earlierRow struct {
	Href, At, Text string
	Version        int
	Here           bool
}

const dayForm = "2006-01-02"

// backtestPage asks what shall be tried, and shows what was.
func (s *studio) backtestPage(v *console.Visit) error {
	d, err := s.backtests(v)
	if err != nil {
		return err
	}
	return v.Show("backtest", d.Tabs.Name+": backtest", d)
}

// backtests is the page without a result.
func (s *studio) backtests(v *console.Visit) (backtestData, error) {
	w, err := s.find(v)
	if err != nil {
		return backtestData{}, err
	}
	if w.Surface != kyc.SurfaceGraph {
		return backtestData{}, kyc.Missing("page", "of this workflow: bonafide workflow backtest tries its definitions")
	}
	if !v.May(readSessions) {
		return backtestData{}, kyc.Errorf(kyc.Forbidden, "missing_scope", "a backtest tells of sessions; your role may not read them")
	}
	versions, _, err := s.Store.Versions(v.Ctx(), w.Tenant, w.ID, kyc.Page{Limit: versionsPage})
	if err != nil {
		return backtestData{}, err
	}
	d := backtestData{Tabs: tabsOf(w, "backtest"), Last: strconv.Itoa(backtest.DefaultLast), Candidates: versionChoice{Chosen: w.Latest}}
	for _, x := range versions {
		if x.Valid {
			d.Candidates.All = append(d.Candidates.All, x.Number)
		}
	}
	d.Controls.All = d.Candidates.All
	list, _, err := s.Backtests.List(v.Ctx(), v.Tenant(), w.ID, kyc.Page{Limit: backtest.Kept})
	if err != nil {
		return d, err
	}
	for i := range list {
		b := &list[i]
		row := earlierRow{Href: backtestAt(w.ID, b.ID), At: b.CreatedAt.Format("2006-01-02 15:04:05"), Version: b.Version,
			Text: strconv.Itoa(b.Tally.Changed) + " of " + strconv.Itoa(b.Tally.Sessions) + " changed", Here: v.R.PathValue("backtest") == string(b.ID)}
		if b.Status != kyc.BacktestCompleted {
			row.Text = string(b.Status) + " after " + strconv.Itoa(b.Done) + " of " + strconv.Itoa(len(b.Cohort)) + " sessions"
		}
		d.Earlier = append(d.Earlier, row)
	}
	return d, nil
}

// backtest begins one and shows it.
func (s *studio) backtest(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	w, err := s.find(v)
	if err != nil {
		return err
	}
	if !v.May(readSessions) {
		return kyc.Errorf(kyc.Forbidden, "missing_scope", "a backtest tells of sessions; your role may not read them")
	}
	r, problems := backtestOf(v.R.PostForm, w.ID)
	if len(problems) > 0 {
		return s.backtestAgain(v, problems)
	}
	b, err := s.Backtests.Start(v.Ctx(), v.Tenant(), v.Who.Actor, r)
	if err != nil {
		e := kyc.AsError(err)
		if e.Kind != kyc.Invalid && e.Kind != kyc.Conflict {
			return err
		}
		if len(e.Problems) == 0 {
			e.Problems = []kyc.Problem{{Code: e.Code, Message: e.Message}}
		}
		return s.backtestAgain(v, e.Problems)
	}
	return v.On(backtestAt(w.ID, b.ID), "Version "+strconv.Itoa(b.Version)+" was tried on "+strconv.Itoa(b.Done)+" of "+strconv.Itoa(len(b.Cohort))+" sessions.")
}

// backtestAt is the page of one.
func backtestAt(workflow, id kyc.ID) string {
	return home + "/" + string(workflow) + "/backtest/" + string(id)
}

// backtestCancel ends one that is under way. One that was over meanwhile is
// shown as it is.
func (s *studio) backtestCancel(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	w, err := s.find(v)
	if err != nil {
		return err
	}
	if !v.May(readSessions) {
		return kyc.Errorf(kyc.Forbidden, "missing_scope", "a backtest tells of sessions; your role may not read them")
	}
	id, ok := kyc.ParseID(v.R.PathValue("backtest"))
	if !ok {
		return kyc.Missing("backtest", "of this name")
	}
	b, err := s.Backtests.Cancel(v.Ctx(), v.Tenant(), v.Who.Actor, w.ID, id)
	switch {
	case kyc.IsCode(err, "backtest_over"):
		return v.On(backtestAt(w.ID, id), "It was over before it could be cancelled.")
	case err != nil:
		return err
	}
	return v.On(backtestAt(w.ID, id), "The backtest was cancelled after "+strconv.Itoa(b.Done)+" of "+strconv.Itoa(len(b.Cohort))+" sessions.")
}

// backtestOf reads the form.
func backtestOf(form url.Values, workflow kyc.ID) (backtest.Request, []kyc.Problem) {
	r := backtest.Request{Workflow: workflow}
	var problems []kyc.Problem
	number := func(name, what string, empty int) int {
		text := strings.TrimSpace(form.Get(name))
		if text == "" {
			return empty
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			problems = append(problems, kyc.Problem{Path: name, Code: "out_of_range", Message: what + " is a whole number from 1 on."})
		}
		return n
	}
	day := func(name, what string) time.Time {
		text := strings.TrimSpace(form.Get(name))
		if text == "" {
			return time.Time{}
		}
		at, err := time.Parse(dayForm, text)
		if err != nil {
			problems = append(problems, kyc.Problem{Path: name, Code: "invalid_date", Message: what + " is a date, such as 2026-11-21."})
		}
		return at
	}
	r.Version, r.Control, r.Last = number("version", "The version", 0), number("control", "The version to compare with", 0), number("last", "The number of sessions", backtest.DefaultLast)
	r.From, r.To = day("from", "The first day"), day("to", "The last day")
	if !r.To.IsZero() {
		r.To = r.To.AddDate(0, 0, 1)
	}
	return r, problems
}

// backtestAgain shows the form with what is wrong with it.
func (s *studio) backtestAgain(v *console.Visit, problems []kyc.Problem) error {
	d, err := s.backtests(v)
	if err != nil {
		return err
	}
	f := v.R.PostForm
	d.Problems, d.Last, d.From, d.To = problems, f.Get("last"), f.Get("from"), f.Get("to")
	if n, err := strconv.Atoi(f.Get("version")); err == nil {
		d.Candidates.Chosen = n
	}
	if n, err := strconv.Atoi(f.Get("control")); err == nil {
		d.Controls.Chosen = n
	}
	return v.Refuse("backtest", d.Tabs.Name+": backtest", d)
}

// backtestRead shows one.
func (s *studio) backtestRead(v *console.Visit) error {
	d, err := s.backtests(v)
	if err != nil {
		return err
	}
	id, ok := kyc.ParseID(v.R.PathValue("backtest"))
	if !ok {
		return kyc.Missing("backtest", "of this name")
	}
	w, err := s.find(v)
	if err != nil {
		return err
	}
	b, err := s.Backtests.Read(v.Ctx(), v.Tenant(), w.ID, id)
	if err != nil {
		return err
	}
	names, err := s.names(v)
	if err != nil {
		return err
	}
	d.Candidates.Chosen, d.Controls.Chosen = b.Version, b.Control
	if b.Last > 0 {
		d.Last = strconv.Itoa(b.Last)
	}
	if !b.From.IsZero() {
		d.From = b.From.Format(dayForm)
	}
	if !b.To.IsZero() {
		d.To = b.To.AddDate(0, 0, -1).Format(dayForm)
	}
	page, _ := strconv.Atoi(v.R.URL.Query().Get("page"))
	d.Result = showResult(&b, backtestAt(w.ID, b.ID), v.R.URL.Query().Get("show"), max(page, 1), names)
	return v.Show("backtest", d.Tabs.Name+": backtest", d)
}
