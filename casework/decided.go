package casework

import (
	"strconv"

	"bonafide/console"
	"bonafide/kyc"
)

// closed is a row of the decided cases.
type closed struct {
	waiting
	Outcome, Tone, By, At, Took string
}

type decidedPage struct {
	Tabs       []tab
	Cases      []closed
	Prev, Next string
}

// decided lists the cases that are over, the newest first, so that whoever
// decided one finds it again.
func (r *room) decided(v *console.Visit) error {
	page := 1
	if n, err := strconv.Atoi(v.R.URL.Query().Get("page")); err == nil && n > 1 {
		page = min(n, 100_000)
	}
	cases, _, err := r.Store.Cases(v.Ctx(), v.Tenant(), kyc.CaseFilter{Status: []kyc.CaseStatus{kyc.CaseApproved, kyc.CaseRejected}},
		kyc.Page{Limit: perPage + 1, Offset: (page - 1) * perPage, Uncounted: true})
	if err != nil {
		return err
	}
	names, err := r.names(v)
	if err != nil {
		return err
	}
	var p decidedPage
	for _, view := range views() {
		p.Tabs = append(p.Tabs, tab{Title: view.Title, Href: "/console/queue" + wish{View: view.Name}.query()})
	}
	p.Tabs = append(p.Tabs, tab{Title: "Decided", Href: "/console/queue/decided", Here: true})
	if len(cases) > perPage {
		cases, p.Next = cases[:perPage], "/console/queue/decided?page="+strconv.Itoa(page+1)
	}
	if page > 1 {
		p.Prev = "/console/queue/decided?page=" + strconv.Itoa(page-1)
	}
	asked := r.asked(v)
	for i := range cases {
		c := &cases[i]
		line := closed{waiting: row(c, v.Now(), names, string(v.User.ID)), Outcome: string(c.Status), Tone: tone(string(c.Status))}
		line.Workflow = asked(c)
		if c.Checkable() && v.May(writeCases) && !c.TookPart(mine(v)) { // who may check it is not told how it was decided
			line.Outcome, line.Tone = "waits for a second look", "soft"
		} else if d := c.Decision; d != nil {
			line.By, line.At, line.Took = nameOf(d.ReviewerID, names), moment(d.At), ago(d.At.Sub(c.EnteredReviewAt))
		}
		p.Cases = append(p.Cases, line)
	}
	return v.Show("decided", "Decided cases", p)
}
