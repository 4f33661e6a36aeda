package casework

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/review"
)

// perPage is how many cases a page of the queue shows.
const perPage = 25

// queueView is one of the saved views.
type queueView struct {
	Name, Title string
	filter      func(v *console.Visit) kyc.WaitingFilter
}

// views are the saved views in their order; the first is the one without a
// name in the address.
func views() []queueView {
	return []queueView{
		{"all", "All", func(*console.Visit) kyc.WaitingFilter { return kyc.WaitingFilter{} }},
		{"mine", "Mine", func(v *console.Visit) kyc.WaitingFilter { return kyc.WaitingFilter{AssignedTo: string(v.User.ID)} }},
		{"unassigned", "Unassigned", func(*console.Visit) kyc.WaitingFilter { return kyc.WaitingFilter{Unassigned: true} }},
		{"overdue", "Overdue", func(v *console.Visit) kyc.WaitingFilter { return kyc.WaitingFilter{DueBefore: v.Now()} }},
		{"second", "Second approval", func(*console.Visit) kyc.WaitingFilter {
			return kyc.WaitingFilter{Status: []kyc.CaseStatus{kyc.CaseSecond}}
		}},
		{"monitoring", "Monitoring", func(*console.Visit) kyc.WaitingFilter { return kyc.WaitingFilter{Queue: "monitoring"} }},
	}
}

// wish is what the address asks of the queue.
type wish struct {
	View, Queue, Reason string
	Page                int
}

func readWish(q url.Values) wish {
	w := wish{View: q.Get("view"), Queue: strings.TrimSpace(q.Get("queue")), Reason: strings.TrimSpace(q.Get("reason")), Page: 1}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		w.Page = min(n, 100_000)
	}
	for _, v := range views() {
		if v.Name == w.View {
			return w
		}
	}
	w.View = "all"
	return w
}

// query writes the wish back as an address.
func (w wish) query() string {
	q := url.Values{}
	if w.View != "all" {
		q.Set("view", w.View)
	}
	if w.Queue != "" {
		q.Set("queue", w.Queue)
	}
	if w.Reason != "" {
		q.Set("reason", w.Reason)
	}
	if w.Page > 1 {
		q.Set("page", strconv.Itoa(w.Page))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (w wish) filter(v *console.Visit) kyc.WaitingFilter {
	var f kyc.WaitingFilter
	for _, view := range views() {
		if view.Name == w.View {
			f = view.filter(v)
		}
	}
	if w.Queue != "" {
		f.Queue = w.Queue
	}
	f.ReasonCode = w.Reason
	return f
}

// waiting is a row of the queue.
type waiting struct {
	ID, Short, Reason, Code, Workflow, Queue, Status, Colour, Age, Due, Who string
	Priority                                                                int
	Mine, Demo                                                              bool
	Beyond                                                                  string // why this person cannot take it
}

type tab struct {
	Title, Href string
	Here        bool
}

type queuePage struct {
	Wish        wish
	Tabs        []tab
	Cases       []waiting
	Total, More int
	From, To    int
	Prev, Next  string
	CountURL    string
	MayWork     bool
	Beyond      string // why nothing of the one queue that is shown can be taken
	MayInvite   bool   // and nothing waits for anybody
	FilterAside bool
	Queues      []string // of the rows, as suggestions
	Codes       []string
	// Elsewhere is how many cases wait in the other environment where none
	// waits here.
	Elsewhere int
	Other     string
}

// queue lists the cases that wait, the most urgent first.
func (r *room) queue(v *console.Visit) error {
	w := readWish(v.R.URL.Query())
	cases, total, err := r.Store.WaitingCases(v.Ctx(), v.Tenant(), w.filter(v), kyc.Page{Limit: perPage, Offset: (w.Page - 1) * perPage, Damaged: true})
	if err != nil {
		return err
	}
	users, err := r.Store.Users(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	names, beyond := namesOf(users), beyondOf(v, users)
	now := v.Now()
	p := queuePage{Wish: w, Total: total, MayWork: v.May(writeCases), Beyond: beyond(w.Queue), FilterAside: w.Queue != "" || w.Reason != ""}
	asked := r.asked(v)
	for i := range cases {
		line := row(&cases[i], now, names, string(v.User.ID))
		line.Workflow, line.Beyond = asked(&cases[i]), beyond(cases[i].Queue)
		p.Cases = append(p.Cases, line)
		p.Queues, p.Codes = append(p.Queues, cases[i].Queue), append(p.Codes, cases[i].ReasonCode)
	}
	p.Queues, p.Codes = distinct(p.Queues), distinct(p.Codes)
	if total == 0 {
		p.MayInvite = v.May("sessions:write") && w.query() == ""
		other := kyc.Tenant{Org: v.Tenant().Org, Env: kyc.Sandbox}
		if v.Tenant().Env == kyc.Sandbox {
			other.Env = kyc.Live
		}
		if p.Elsewhere, err = r.Store.WaitingCount(v.Ctx(), other, kyc.WaitingFilter{CountTo: 1000}); err != nil {
			return err
		}
		p.Other = string(other.Env)
	}
	if len(cases) > 0 {
		p.From, p.To = (w.Page-1)*perPage+1, (w.Page-1)*perPage+len(cases)
	}
	for _, view := range views() {
		other := w
		other.View, other.Page = view.Name, 1
		p.Tabs = append(p.Tabs, tab{Title: view.Title, Href: "/console/queue" + other.query(), Here: view.Name == w.View})
	}
	p.Tabs = append(p.Tabs, tab{Title: "Decided", Href: "/console/queue/decided"})
	turn := func(page int) string {
		other := w
		other.Page = page
		return "/console/queue" + other.query()
	}
	if w.Page > 1 {
		p.Prev = turn(w.Page - 1)
	}
	if p.To < total && len(cases) > 0 {
		p.Next = turn(w.Page + 1)
	}
	p.CountURL = countURL(w, total)
	return v.Show("queue", "Queue", p)
}

// distinct are the values there are, each once, in order.
func distinct(all []string) []string {
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}

// countURL is where the live count is asked; it carries what is shown, so that
// the answer can say what has changed since.
func countURL(w wish, shown int) string {
	w.Page = 1
	q := w.query()
	if q == "" {
		q = "?"
	} else {
		q += "&"
	}
	return "/console/queue/count" + q + "shown=" + strconv.Itoa(shown)
}

type countPart struct {
	Total, More int
	CountURL    string
}

// count is the live count of a view.
func (r *room) count(v *console.Visit) error {
	w := readWish(v.R.URL.Query())
	total, err := r.Store.WaitingCount(v.Ctx(), v.Tenant(), w.filter(v))
	if err != nil {
		return err
	}
	shown, err := strconv.Atoi(v.R.URL.Query().Get("shown"))
	if err != nil {
		shown = total
	}
	return v.Part("queue", "count", countPart{Total: total, More: total - shown, CountURL: countURL(w, shown)})
}

// names are the people of the organisation, by their id.
func (r *room) names(v *console.Visit) (map[string]string, error) {
	users, err := r.Store.Users(v.Ctx(), v.Tenant().Org)
	return namesOf(users), err
}

func namesOf(users []kyc.User) map[string]string {
	out := map[string]string{}
	for _, u := range users {
		out[string(u.ID)] = u.Name
		if u.Name == "" {
			out[string(u.ID)] = u.Email
		}
	}
	return out
}

// asked answers with the name of the workflow that a case came from. A case whose
// session or workflow cannot be read still has its place in the queue; its own
// page says what is wrong.
func (r *room) asked(v *console.Visit) func(*kyc.Case) string {
	known := map[kyc.ID]string{}
	return func(c *kyc.Case) string {
		if c.SessionID == "" {
			return ""
		}
		s, err := r.Store.Session(v.Ctx(), c.Tenant, c.SessionID)
		if err != nil || s.WorkflowID == "" {
			return ""
		}
		name, seen := known[s.WorkflowID]
		if !seen {
			if w, err := r.Store.Workflow(v.Ctx(), s.PolicyTenant(), s.WorkflowID); err == nil {
				name = w.Name
			}
			known[s.WorkflowID] = name
		}
		return name
	}
}

func row(c *kyc.Case, now time.Time, names map[string]string, me string) waiting {
	why, code := reasonOf(c)
	out := waiting{ID: kyc.Dress("case", c.ID), Short: short(c.ID), Reason: why, Code: code, Queue: c.Queue, Status: words(string(c.Status)), Colour: colour(c, now),
		Age: ago(now.Sub(c.EnteredReviewAt)), Priority: c.Priority, Who: nameOf(c.AssignedTo, names), Mine: c.AssignedTo == me, Demo: c.Demo}
	if c.Status == kyc.CaseEscalated && out.Mine {
		out.Status = "escalated to you"
	}
	if due := c.DueAt(); !due.IsZero() {
		if left := due.Sub(now); left <= 0 {
			out.Due = "overdue by " + ago(-left)
		} else {
			out.Due = "due in " + ago(left)
		}
	}
	return out
}

// reasonOf says why a person has to look: what the check said that made it
// necessary, and the workflow's own code where that adds to it.
func reasonOf(c *kyc.Case) (why, code string) {
	if c.Because.Policy == "" {
		return words(c.ReasonCode), ""
	}
	why = words(c.Because.Policy)
	if c.Because.Code != "" {
		why += ": " + words(c.Because.Code)
	}
	if c.ReasonCode != c.Because.Code {
		code = words(c.ReasonCode)
	}
	return why, code
}

// colour is how urgent a case is: against its own hours where it has some, else
// by the colours of the API.
func colour(c *kyc.Case, now time.Time) string {
	if c.SLAHours > 0 || !c.Due.IsZero() {
		due := c.DueAt()
		switch left := due.Sub(now); {
		case left <= 0:
			return "bad"
		case left <= due.Sub(c.EnteredReviewAt)/4:
			return "warn"
		}
		return "good"
	}
	return map[string]string{review.Green: "good", review.Yellow: "warn", review.Red: "bad"}[review.Colour(c, now)]
}

func nameOf(who string, names map[string]string) string {
	if n := names[who]; n != "" {
		return n
	}
	return who
}

// words makes a code readable: name_mismatch is "name mismatch".
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }

// short is the end of an ID, which differs where its beginning is a time.
func short(id kyc.ID) string {
	if len(id) < 6 {
		return string(id)
	}
	return string(id[len(id)-6:])
}

// ago says a span in its one or two largest units.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "under a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}
