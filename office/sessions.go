package office

import (
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
)

type sessionsPage struct {
	more
	Problems  []kyc.Problem
	Statuses  []choice
	Surfaces  []choice
	Workflows []choice
	Results   []choice
	Reason    string
	Tag       string
	From, To  string
	Rows      []sessionRow
	// Found says that the rows are the answer to a search, Bare that nothing was
	// looked for: no rows are then no sessions.
	Found, Bare bool
	CanInvite   bool
}

type sessionRow struct {
	ID, Href, Name, Reference, Workflow string
	Status                              tag
	Reason                              string
	Created, Ended                      string
}

// statuses are the states of sessions in the order of their lives.
func statuses() []kyc.SessionStatus {
	return []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCaptured, kyc.SessionRunning, kyc.SessionPaused, kyc.SessionReview, kyc.SessionCorrection,
		kyc.SessionApproved, kyc.SessionRejected, kyc.SessionExpired, kyc.SessionCancelled, kyc.SessionFailed}
}

// sessions lists sessions by the filters of the address.
func (o *office) sessions(v *console.Visit) error {
	q := v.R.URL.Query()
	page := sessionsPage{Reason: q.Get("reason"), Tag: q.Get("tag"), From: q.Get("from"), To: q.Get("to"), CanInvite: v.May("sessions:write"), Bare: true}
	for _, values := range q {
		page.Bare = page.Bare && strings.Join(values, "") == ""
	}
	f := kyc.SessionFilter{Surface: kyc.Surface(q.Get("surface")), Result: kyc.Outcome(q.Get("result")), ReasonCode: page.Reason, Tag: page.Tag}
	page.Statuses = []choice{{Label: "Any status", On: q.Get("status") == ""}}
	for _, s := range statuses() {
		on := q.Get("status") == string(s)
		if on {
			f.Status = []kyc.SessionStatus{s}
		}
		page.Statuses = append(page.Statuses, choice{string(s), words(string(s)), on})
	}
	wrong := func(what, code string) {
		page.Problems = append(page.Problems, kyc.Problem{Path: "/" + what, Code: code, Message: "this " + what + " is none"})
	}
	if q.Get("status") != "" && f.Status == nil {
		wrong("status", "not_allowed_value")
	}
	page.Surfaces = choices(q.Get("surface"), "", "Any surface", "steps", "Onboarding steps", "checks", "Checks", "entities", "Entities", "graph", "Workflow graphs")
	page.Results = choices(q.Get("result"), "", "Any result", "approved", "approved", "rejected", "rejected", "needs_review", "needs review")
	if !chosen(page.Surfaces) {
		wrong("surface", "not_allowed_value")
	}
	if !chosen(page.Results) {
		wrong("result", "not_allowed_value")
	}
	var ok bool
	if f.From, ok = day(page.From); !ok {
		wrong("from", "date_invalid")
	}
	if f.To, ok = day(page.To); !ok {
		wrong("to", "date_invalid")
	} else if !f.To.IsZero() {
		f.To = f.To.AddDate(0, 0, 1) // the day itself belongs to it
	}
	if text := q.Get("workflow"); text != "" {
		if f.WorkflowID, ok = kyc.Undress("workflow", text); !ok {
			wrong("workflow", "invalid_id")
		}
	}
	names, err := o.workflowMenu(v, &page, q.Get("workflow"))
	if err != nil {
		return err
	}
	if len(page.Problems) > 0 {
		return v.Refuse("sessions", "Sessions", page)
	}
	p, err := window(v)
	if err != nil {
		return err
	}
	list, _, err := o.Sessions.List(v.Ctx(), v.Tenant(), v.Who.Actor, f, p)
	if err != nil {
		return err
	}
	list, page.Older = older(v, "/console/sessions", list, func(s kyc.Session) kyc.ID { return s.ID })
	page.First = firstPage(v, "/console/sessions")
	for i := range list {
		page.Rows = append(page.Rows, rowOf(&list[i], names))
	}
	return v.Show("sessions", "Sessions", page)
}

func chosen(list []choice) bool {
	for _, c := range list {
		if c.On {
			return true
		}
	}
	return false
}

// day reads a date of a filter; an empty one is the zero time.
func day(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.DateOnly, text)
	return t, err == nil
}

// workflowNames are the names of a tenant's workflows, the newest first.
func (o *office) workflowNames(v *console.Visit) (map[kyc.ID]string, []kyc.Workflow, error) {
	list, _, err := o.Store.Workflows(v.Ctx(), v.Tenant(), kyc.WorkflowFilter{}, kyc.Page{Limit: 500, Uncounted: true})
	names := map[kyc.ID]string{}
	for _, w := range list {
		names[w.ID] = w.Name
	}
	return names, list, err
}

func (o *office) workflowMenu(v *console.Visit, page *sessionsPage, chosen string) (map[kyc.ID]string, error) {
	names, list, err := o.workflowNames(v)
	page.Workflows = workflowChoices(list, chosen)
	return names, err
}

func workflowChoices(list []kyc.Workflow, chosen string) []choice {
	out := []choice{{Label: "Any workflow", On: chosen == ""}}
	for _, w := range list {
		id := kyc.Dress("workflow", w.ID)
		out = append(out, choice{id, w.Name, id == chosen})
	}
	return out
}

func rowOf(s *kyc.Session, names map[kyc.ID]string) sessionRow {
	return sessionRow{ID: kyc.Dress("session", s.ID), Href: "/console/sessions/" + kyc.Dress("session", s.ID), Name: personName(s), Reference: s.ExternalRef,
		Workflow: names[s.WorkflowID], Status: tagOf(string(s.Status)), Reason: words(s.ReasonCode), Created: clock(s.CreatedAt), Ended: clock(s.CompletedAt)}
}

// personName is the name a session's form or document gave, if it can be read.
func personName(s *kyc.Session) string {
	if s.Damaged {
		return "(damaged: it cannot be opened)"
	}
	if s.Private.Unreadable {
		return "(erased)"
	}
	text := func(key string) string { t, _ := s.Private.Fields[key].(string); return t }
	for _, key := range []string{"full_name", "name", "company_name", "legal_name"} {
		if t := text(key); t != "" {
			return t
		}
	}
	return strings.TrimSpace(text("first_name") + " " + text("last_name"))
}

// findSession looks for one session by its id or for those of the customer's
// own reference. It is a form that is posted: references may name people.
func (o *office) findSession(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	text := strings.TrimSpace(v.R.PostFormValue("q"))
	id, ok := kyc.Undress("session", text)
	if !ok {
		id, ok = kyc.ParseID(text)
	}
	if ok {
		if _, err := o.Store.Session(v.Ctx(), v.Tenant(), id); err == nil {
			return v.On("/console/sessions/"+kyc.Dress("session", id), "")
		} else if kyc.KindOf(err) != kyc.NotFound {
			return err
		}
	}
	page := sessionsPage{Found: true, CanInvite: v.May("sessions:write"), Surfaces: choices("", "", "Any surface"), Results: choices("", "", "Any result"), Statuses: choices("", "", "Any status")}
	names, err := o.workflowMenu(v, &page, "")
	if err != nil {
		return err
	}
	if text == "" {
		page.Problems = []kyc.Problem{{Path: "/q", Code: "required", Message: "write the id of a session or your own reference"}}
		return v.Refuse("sessions", "Sessions", page)
	}
	list, _, err := o.Sessions.List(v.Ctx(), v.Tenant(), v.Who.Actor, kyc.SessionFilter{ExternalRef: text}, kyc.Page{Limit: perPage, Uncounted: true})
	if err != nil {
		return err
	}
	for i := range list {
		page.Rows = append(page.Rows, rowOf(&list[i], names))
	}
	return v.Show("sessions", "Sessions found", page)
}
