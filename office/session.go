package office

import (
	"slices"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/ui"
)

type sessionPage struct {
	ID, Name, Reference, Person, Workflow string
	Surface, Country, Reason              string
	Status                                tag
	Result                                string
	Created, Submitted, Ended, LinkEnds   string
	LinkUsed                              string
	firstUse                              time.Time
	Said                                  []saidRow
	Simulated                             bool // the sandbox looks at nothing
	Version                               int
	Tags                                  []string
	Steps                                 []stepRow
	Path                                  []stopRow
	PathGone                              bool // its record was erased
	Files                                 []fileRow
	Events                                []eventRow
	EventsMore                            bool
	Case                                  string
	Open, CanWrite, CanErase, Erased      bool
	Void                                  bool // expired for good: surface B has no way back
	Withheld, Held, CanRestore            bool
	ReadableUntil, KeptUntil              string
	Once                                  *once
	Problems                              []kyc.Problem
}

// once is something that is shown a single time.
type once struct {
	What, Label, Text string
	// Code draws a link; none for what is no link.
	Code ui.QR
	// Loopback is the host of a link that reaches this computer alone.
	Loopback string
}

// Thing is the label within a sentence.
func (o once) Thing() string {
	if len(o.Label) > 1 && o.Label[1] >= 'A' && o.Label[1] <= 'Z' {
		return "the " + o.Label // API key
	}
	return "the " + strings.ToLower(o.Label[:min(1, len(o.Label))]) + o.Label[min(1, len(o.Label)):]
}

type stepRow struct {
	Name           string
	Status         tag
	Started, Ended string
	Took, Note     string
	Attempts       int
}

type stopRow struct {
	Node, Policy string
	Status       tag
	Took, Next   string
}

func (o *office) session(v *console.Visit) error { return o.showSession(v, nil, nil) }

// showSession draws a session with what a form just did.
func (o *office) showSession(v *console.Visit, done *once, problems []kyc.Problem) error {
	id, err := v.ID("id", "session")
	if err != nil {
		return err
	}
	s, err := o.Sessions.Read(v.Ctx(), v.Tenant(), v.Who.Actor, id)
	if err != nil {
		return err
	}
	page := sessionPage{ID: kyc.Dress("session", s.ID), Name: personName(&s), Reference: s.ExternalRef, Surface: surfaceName(s.Surface), Country: s.Country, Reason: words(s.ReasonCode),
		Status: tagOf(string(s.Status)), Result: words(string(s.Result)), Created: clock(s.CreatedAt), Submitted: clock(s.SubmittedAt), Ended: clock(s.CompletedAt),
		LinkEnds: clock(s.ExpiresAt), firstUse: s.TokenUsedAt, Said: saidIn(&s), Simulated: v.Tenant().Env == kyc.Sandbox, Version: s.Version,
		Tags:   slices.DeleteFunc(slices.Clone(s.Tags), func(tag string) bool { return strings.HasPrefix(tag, "sender:") }), // the log says who made it
		Open:   s.Status.Open() || s.Status == kyc.SessionExpired && s.Surface != kyc.SurfaceChecks,
		Void:   s.Status == kyc.SessionExpired && s.Surface == kyc.SurfaceChecks,
		Erased: !s.Readable(), Withheld: s.Keeping() == kyc.KeptWithheld, Held: s.LegalHold,
		CanWrite: v.May("sessions:write"), CanErase: v.May("data:redact"), CanRestore: v.May("settings:write"), Once: done, Problems: problems}
	if s.SubjectID != "" {
		page.Person = "/console/subjects/" + kyc.Dress("identity", s.SubjectID)
	}
	if s.CaseID != "" && v.May("cases:read") {
		page.Case = "/console/cases/" + kyc.Dress("case", s.CaseID)
	}
	if w, err := o.Store.Workflow(v.Ctx(), s.PolicyTenant(), s.WorkflowID); err == nil {
		page.Workflow = w.Name
	} else if kyc.KindOf(err) != kyc.NotFound {
		return err
	}
	if org, err := o.Store.Org(v.Ctx(), v.Tenant().Org); err != nil {
		return err
	} else if rules := org.EnvSettings(v.Tenant().Env).Retention; s.Keeping() != kyc.KeptNot && !s.LegalHold {
		page.KeptUntil = clock(rules.KeptUntil(&s))
		if !page.Withheld {
			page.ReadableUntil = clock(rules.ReadableUntil(&s))
		}
	}
	for _, add := range []func(*console.Visit, *kyc.Session, *sessionPage) error{o.stepsOf, o.pathOf, o.filesOf, o.eventsOf} {
		if err := add(v, &s, &page); err != nil {
			return err
		}
	}
	page.LinkUsed = clock(page.firstUse)
	if len(problems) > 0 {
		return v.Refuse("session", "Session", page)
	}
	return v.Show("session", "Session", page)
}

func surfaceName(s kyc.Surface) string {
	return map[kyc.Surface]string{kyc.SurfaceSteps: "Onboarding steps", kyc.SurfaceChecks: "Checks", kyc.SurfaceEntities: "Entities", kyc.SurfaceGraph: "Workflow graph"}[s]
}

// stepsOf are the steps of the applicant's way, where the surface has one.
func (o *office) stepsOf(v *console.Visit, s *kyc.Session, page *sessionPage) error {
	if s.Surface != kyc.SurfaceSteps && s.Surface != kyc.SurfaceChecks {
		return nil
	}
	j, err := o.Store.Journey(v.Ctx(), v.Tenant(), s.ID)
	if kyc.KindOf(err) == kyc.NotFound {
		return nil
	}
	for _, c := range j.Consents {
		if s.TokenUsedAt.IsZero() {
			page.used(c.At)
		}
	}
	for _, step := range j.Steps {
		if s.TokenUsedAt.IsZero() {
			page.used(step.StartedAt)
		}
		row := stepRow{Name: title(step.StepID), Status: tagOf(string(step.Status)), Started: clock(step.StartedAt), Ended: clock(step.CompletedAt), Attempts: step.Attempts, Note: words(step.Reason)}
		if step.Hidden {
			row.Status, row.Note = tag{"not asked", "soft"}, "its condition does not hold"
		}
		if !step.StartedAt.IsZero() && !step.CompletedAt.IsZero() {
			row.Took = lasted(step.CompletedAt.Sub(step.StartedAt))
		}
		page.Steps = append(page.Steps, row)
	}
	return err
}

// pathOf is the way the newest run took, as it was recorded.
func (o *office) pathOf(v *console.Visit, s *kyc.Session, page *sessionPage) error {
	if s.RunID == "" {
		return nil
	}
	view, err := o.RunView(v.Ctx(), v.Tenant(), s.RunID)
	if kyc.KindOf(err) == kyc.NotFound { // erased is of this kind, too
		page.PathGone = true
		return nil
	}
	if err != nil {
		return err
	}
	for _, node := range view.Path {
		r := view.NodeResults[node]
		status := r.Status
		if status == "" && node == view.CurrentNode {
			status = string(view.Run.Outcome)
		}
		page.Path = append(page.Path, stopRow{Node: title(node), Policy: stopPolicy(node, r.Policy), Status: tagOf(status), Took: lasted(r.Duration), Next: r.Next})
	}
	return nil
}

// sessionEvents is how many entries of its log a session's page shows.
const sessionEvents = 100

func (o *office) eventsOf(v *console.Visit, s *kyc.Session, page *sessionPage) error {
	list, _, err := o.Store.Events(v.Ctx(), v.Tenant(), kyc.EventFilter{ObjectID: s.ID}, kyc.Page{Limit: sessionEvents + 1, Uncounted: true})
	if len(list) > sessionEvents {
		list, page.EventsMore = list[:sessionEvents], true
	}
	if err != nil {
		return err
	}
	roll, err := o.rollOf(v)
	for _, e := range list {
		page.Events = append(page.Events, roll.event(e))
		if by := e.Actor; by.Kind == kyc.ActorApplicant && s.TokenUsedAt.IsZero() {
			page.used(e.At)
		}
	}
	return err
}

// renewLink gives the applicant a new link; the old one stops working.
func (o *office) renewLink(v *console.Visit) error {
	id, err := v.ID("id", "session")
	if err != nil {
		return err
	}
	s, err := o.Store.Session(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	link, err := o.Renew(v.Ctx(), s, v.Who.Actor)
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showSession(v, nil, problems)
	}
	shown, err := o.link(v, "The applicant has a new link.", link)
	if err != nil {
		return err
	}
	return o.showSession(v, shown, nil)
}

// expireSession ends a session nobody finished.
func (o *office) expireSession(v *console.Visit) error {
	id, err := v.ID("id", "session")
	if err != nil {
		return err
	}
	s, err := o.Store.Session(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	problems, err := refused(o.Expire(v.Ctx(), s, v.Who.Actor))
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showSession(v, nil, problems)
	}
	return v.On("/console/sessions/"+kyc.Dress("session", id), "The session has expired; its link no longer works.")
}

// used takes a time at which the applicant was seen; the earliest counts. Links
// that serve more than once keep no mark of their first use.
func (p *sessionPage) used(at time.Time) {
	if !at.IsZero() && (p.firstUse.IsZero() || at.Before(p.firstUse)) {
		p.firstUse = at
	}
}

// stopPolicy is the check behind a stop, unless the stop is called the same.
func stopPolicy(node, policy string) string {
	if node == policy {
		return ""
	}
	return words(policy)
}

// restoreSession makes a session readable again that retention withholds, for the
// reason that was given.
func (o *office) restoreSession(v *console.Visit) error {
	id, err := v.ID("id", "session")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	_, err = o.Sessions.Restore(v.Ctx(), v.Tenant(), v.Who.Actor, id, 0, v.R.PostFormValue("reason"))
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showSession(v, nil, problems)
	}
	return v.On("/console/sessions/"+kyc.Dress("session", id), "The session can be read again and is under a legal hold.")
}

// lines splits what was written in an area, one thing a line.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
