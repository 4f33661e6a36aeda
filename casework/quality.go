package casework

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/ui"
)

// readQuality is the scope of whoever sees how all reviewers' cases were checked.
const readQuality = "quality:read"

// drawnRow is a case that was drawn for a second look. What tells of its decision is
// filled only once there is a verdict.
type drawnRow struct {
	waiting
	Since, Taken string
	Own          bool // this person took part, and does not check it
	Gone         bool
	// Of a verdict.
	Decided, DecidedTone, Verdict, VerdictTone, Checker, At string
	Agrees                                                  bool
}

type qualityPage struct {
	Tabs       []tab
	State      string
	Queue      string
	Cases      []drawnRow
	Total      int
	From, To   int
	Prev, Next string
	MayWork    bool
	OwnOnly    bool // done: of those that this person decided or checked
	Figures    string
	Share      bool // some share is set
}

// ownPart is how many finished looks are gone through for those of one person.
const ownPart = 300

// quality lists the drawn cases: those that wait, the longest waiting first, or
// those with a verdict, the newest first.
func (r *room) quality(v *console.Visit) error {
	q := v.R.URL.Query()
	p := qualityPage{State: "waiting", Queue: strings.TrimSpace(q.Get("queue")), MayWork: v.May(writeCases), Figures: "/console/analytics#quality-reviewers", Share: shares(v.Org.EnvSettings(v.Tenant().Env))}
	if q.Get("state") == "done" {
		p.State = "done"
	}
	if !v.May("sessions:read") {
		p.Figures = ""
	}
	page := 1
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		page = min(n, 100_000)
	}
	f, at := kyc.QualityFilter{State: kyc.QualityState(p.State), Queue: p.Queue}, kyc.Page{Limit: perPage, Offset: (page - 1) * perPage}
	if p.OwnOnly = p.State == "done" && !v.May(readQuality); p.OwnOnly {
		at = kyc.Page{Limit: ownPart, Uncounted: true}
	}
	cases, total, err := r.Reviews.QualityList(v.Ctx(), v.Tenant(), f, at)
	if err != nil {
		return err
	}
	names, err := r.names(v)
	if err != nil {
		return err
	}
	asked := r.asked(v)
	for i := range cases {
		if p.OwnOnly && !theirs(v, &cases[i]) {
			continue
		}
		line := r.drawn(v, &cases[i], names)
		line.Workflow = asked(&cases[i])
		p.Cases = append(p.Cases, line)
	}
	if p.Total = total; p.OwnOnly {
		p.Cases = p.Cases[:min(len(p.Cases), perPage)]
	} else if len(cases) > 0 {
		p.From, p.To = at.Offset+1, at.Offset+len(cases)
	}
	address := func(state string, page int) string {
		w := wish{View: "all", Queue: p.Queue, Page: page}.query()
		if state == "done" {
			w = strings.TrimSuffix("?state=done&"+strings.TrimPrefix(w, "?"), "&")
		}
		return "/console/quality" + w
	}
	if page > 1 && !p.OwnOnly {
		p.Prev = address(p.State, page-1)
	}
	if p.To < total && len(cases) > 0 && !p.OwnOnly {
		p.Next = address(p.State, page+1)
	}
	p.Tabs = []tab{{Title: "Waiting", Href: address("waiting", 1), Here: p.State == "waiting"}, {Title: "Looked at", Href: address("done", 1), Here: p.State == "done"}}
	return v.Show("quality", "Quality", p)
}

// shares reports whether any case can be drawn at all.
func shares(s kyc.Settings) bool {
	for _, o := range []kyc.Outcome{kyc.Approved, kyc.Rejected} {
		if s.Quality.Of(o) > 0 {
			return true
		}
		for _, q := range s.Queues {
			if q.Quality != nil && q.Quality.Of(o) > 0 {
				return true
			}
		}
	}
	return false
}

// mine are all that the person is called in cases.
func mine(v *console.Visit) []string {
	return []string{string(v.User.ID), kyc.Dress("user", v.User.ID), v.User.Email}
}

// theirs reports whether a person decided a case or checked it.
func theirs(v *console.Visit, c *kyc.Case) bool {
	return c.TookPart(mine(v)) || c.Quality != nil && c.Quality.Verdict != nil && c.Quality.Verdict.ReviewerID == string(v.User.ID)
}

func (r *room) drawn(v *console.Visit, c *kyc.Case, names map[string]string) drawnRow {
	why, code := reasonOf(c)
	row := drawnRow{waiting: waiting{ID: kyc.Dress("case", c.ID), Short: short(c.ID), Reason: why, Code: code, Queue: c.Queue, Demo: c.Demo}}
	q := c.Quality
	if q == nil {
		row.Gone = true
		return row
	}
	row.Since, row.Gone = ago(v.Now().Sub(q.At))+" ago", c.Private.Unreadable || c.Damaged
	if c.CheckHeld(v.Now(), v.Org.EnvSettings(v.Tenant().Env)) {
		row.Taken, row.Mine = nameOf(q.TakenBy, names), q.TakenBy == string(v.User.ID)
	}
	row.Own = c.TookPart(mine(v))
	if w := q.Verdict; w != nil && c.Decision != nil {
		row.Decided, row.DecidedTone = string(c.Decision.Outcome), tone(string(c.Decision.Outcome))
		row.Verdict, row.VerdictTone = string(w.Outcome), tone(string(w.Outcome))
		row.Checker, row.At, row.Agrees = nameOf(w.ReviewerID, names), moment(w.At), w.Agrees
	}
	return row
}

// toCheck is how many cases wait for their second look; nothing for who checks none,
// and where it cannot be counted.
func (r *room) toCheck(v *console.Visit) int {
	if !v.May(writeCases) {
		return 0
	}
	n, err := r.Store.QualityCount(v.Ctx(), v.Tenant(), 1000)
	if err != nil {
		return 0
	}
	return n
}

// lookPage is a second look. Before the verdict nothing of the decision is in it.
type lookPage struct {
	casePage
	Since   string
	Take    bool // it is to be taken first
	Done    bool
	Void    bool
	Agrees  bool
	Verdict *opinion
	Codes   []string
	Case    string // the case's own page, once there is a verdict
	Reject  []ui.Choice
	Approve []ui.Choice
	// What could not be taken of a verdict, and why.
	Problems []kyc.Problem
	Word     kyc.Outcome
	Text     string
}

// look is the page of a second look: to be taken, under way, or done.
func (r *room) look(v *console.Visit) error { return r.showLook(v, review.QualityWord{}, nil) }

// showLook draws it with a verdict that could not be taken, so that nothing of what
// was written is lost.
func (r *room) showLook(v *console.Visit, sent review.QualityWord, problems []kyc.Problem) error {
	c, err := r.lookedAt(v)
	if err != nil {
		return err
	}
	if c.Quality == nil || c.Quality.State == "" {
		return kyc.Missing("quality check", "of this address")
	}
	p := lookPage{Since: ago(v.Now().Sub(c.Quality.At)) + " ago"}
	p.ID, p.Short, p.Rev, p.Queue, p.Demo = kyc.Dress("case", c.ID), short(c.ID), c.Rev, c.Queue, c.Demo
	title := "Second look " + p.Short
	switch {
	case c.Quality.State != kyc.QualityWaiting:
		return r.finished(v, &c, p, title)
	case !v.May(writeCases): // who decides nothing checks nothing and may know
		return v.On(caseURL(c.ID), "This case waits for its second look.")
	}
	if err := r.Reviews.MayCheck(v.Ctx(), &c, v.Who.Actor, string(v.User.ID), true); err != nil {
		return err
	}
	held := c.CheckHeld(v.Now(), v.Org.EnvSettings(v.Tenant().Env))
	p.Problems = problems
	switch {
	case held && c.Quality.TakenBy != string(v.User.ID):
		return kyc.Errorf(kyc.Conflict, "not_claimable", "a colleague is at this second look")
	case !held && len(problems) > 0:
		p.Take = true
		return v.Refuse("look", title, p)
	case !held:
		p.Take = true
		return v.Show("look", title, p)
	}
	now := v.Now()
	e := kyc.Event{ID: kyc.NewID(now), Tenant: c.Tenant, At: now, Actor: v.Who.Actor, Action: "case.quality.read", Object: "case", ObjectID: c.ID, SubjectID: c.SubjectID,
		RequestID: kyc.RequestFrom(v.Ctx()).ID}
	if err := r.Store.Commit(v.Ctx(), &kyc.Change{Events: []kyc.Event{e}}); err != nil { // nothing is shown that was not written down
		return err
	}
	p.Approve, p.Reject = reasons(v, "approve"), reasons(v, "reject")
	if err := r.blind(v.Ctx(), v, c.Blinded(), &p); err != nil {
		return err
	}
	if len(problems) == 0 {
		return v.Show("look", title, p)
	}
	p.Word, p.Text = sent.Outcome, sent.Note
	list := p.Approve
	if sent.Outcome == kyc.Rejected {
		list = p.Reject
	}
	for i := range list {
		list[i].Chosen = slices.Contains(sent.Codes, list[i].Value)
	}
	return v.Refuse("look", title, p)
}

func (r *room) lookedAt(v *console.Visit) (kyc.Case, error) {
	id, err := v.ID("id", "case")
	if err != nil {
		return kyc.Case{}, err
	}
	return r.Store.Case(v.Ctx(), v.Tenant(), id)
}

// blind puts the evidence of a blinded case on the page: nothing that its reviewers
// said or corrected, and of related sessions no more than that there are some.
func (r *room) blind(ctx context.Context, v *console.Visit, c kyc.Case, p *lookPage) error {
	p.Why, p.Code = reasonOf(&c)
	var s *kyc.Session
	if c.SessionID != "" {
		got, err := r.Store.Session(ctx, c.Tenant, c.SessionID)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return err
		}
		if err == nil {
			got.Private.Corrected = nil
			s = &got
			w, err := r.Store.Workflow(ctx, s.PolicyTenant(), s.WorkflowID)
			if err != nil && kyc.KindOf(err) != kyc.NotFound {
				return err
			}
			p.Asked = w.Name
		}
	}
	var err error
	if p.Who, err = r.who(ctx, c.Tenant, c.SubjectID, s); err != nil {
		return err
	}
	if p.Evidence, err = r.gather(ctx, &c, s, p.Who); err != nil {
		return err
	}
	if p.Related, err = r.related(ctx, &c, s, v.Now()); err != nil {
		return err
	}
	p.why(&c)
	p.Evidence.mark(p.WhyAt)
	return nil
}

// finished shows the verdict beside the decision, to whoever sees all of them and to
// those whose work it was.
func (r *room) finished(v *console.Visit, c *kyc.Case, p lookPage, title string) error {
	if !v.May(readQuality) && !theirs(v, c) {
		return kyc.Errorf(kyc.Forbidden, "scope_missing", "your role lacks %s", readQuality)
	}
	if err := r.seen(v, c); err != nil {
		return err
	}
	names, err := r.names(v)
	if err != nil {
		return err
	}
	p.Done, p.Void, p.Case = c.Quality.State == kyc.QualityDone, c.Quality.State == kyc.QualityVoid, caseURL(c.ID)
	p.opinions(c, names)
	p.Why, p.Code = reasonOf(c)
	var s *kyc.Session
	if c.SessionID != "" {
		if got, err := r.Store.Session(v.Ctx(), c.Tenant, c.SessionID); err == nil {
			s = &got
		}
	}
	if p.Who, err = r.who(v.Ctx(), c.Tenant, c.SubjectID, s); err != nil {
		return err
	}
	if w := c.Quality.Verdict; w != nil {
		why := c.Private.Quality
		if c.Private.Unreadable {
			why = "(erased)"
		}
		p.Agrees = w.Agrees
		p.Verdict = &opinion{Word: string(w.Outcome), Who: nameOf(w.ReviewerID, names), When: moment(w.At), Why: why, Tone: tone(string(w.Outcome))}
		for _, code := range w.ReasonCodes {
			p.Codes = append(p.Codes, words(code))
		}
	}
	return v.Show("look", title, p)
}

func lookURL(id kyc.ID) string { return "/console/quality/" + kyc.Dress("case", id) }

// waitsForLook shows, in place of a decided case that this person could check, that
// opening it shows the decision and so makes them no checker. It reports whether it
// did.
func (r *room) waitsForLook(v *console.Visit, c *kyc.Case) (bool, error) {
	if !c.Checkable() || !v.May(writeCases) || v.R.URL.Query().Get("decision") == "1" {
		return false, nil
	}
	err := r.Reviews.MayCheck(v.Ctx(), c, v.Who.Actor, string(v.User.ID), true)
	if refused := kyc.KindOf(err) == kyc.Forbidden || kyc.KindOf(err) == kyc.Conflict; err != nil {
		if refused { // it is no secret from who checks it not
			err = nil
		}
		return false, err
	}
	p := lookPage{Since: ago(v.Now().Sub(c.Quality.At)) + " ago", Take: true, Case: caseURL(c.ID) + "?decision=1"}
	p.ID, p.Short, p.Rev, p.Queue = kyc.Dress("case", c.ID), short(c.ID), c.Rev, c.Queue
	return true, v.Show("look", "Case "+p.Short, p)
}
