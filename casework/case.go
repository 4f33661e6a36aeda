package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/ui"
)

// casePage is everything a reviewer needs for one decision.
type casePage struct {
	ID, Short                string
	Rev                      int64
	Who, Asked, Why, Code    string
	WhyAt                    string // the stop that says why, as an anchor
	Status, Colour, Age, Due string
	Queue                    string
	Rule                     string // that chose the queue
	Priority                 int
	Assignee                 string
	SessionID, Reference     string
	SubjectID                string
	Demo                     bool
	Evidence                 evidence
	Related                  []relatedRow
	Earlier                  []earlierRow
	Notes                    []noteRow
	Timeline, Looks          []eventRow
	First, Decision          *opinion
	Escalation               *opinion
	Bar                      bar
	// Look leads to the second look of quality assurance, where this person may see
	// it; LookWord says what it found.
	Look, LookWord string
	// FirstKept says that the first of two opinions is kept from this person.
	FirstKept bool
}

// opinion is what somebody said of the case.
type opinion struct {
	Word, Who, When, Why, Tone string
	Confirmed                  []string // points of the queue's checklist
}

type relatedRow struct{ Title, Session, Status, Tone, Case, When string }

type noteRow struct{ Who, When, Text string }

type eventRow struct{ What, Who, When, Iso string }

// show is the page of a case.
func (r *room) show(v *console.Visit) error {
	id, err := v.ID("id", "case")
	if err != nil {
		return err
	}
	ctx, t := v.Ctx(), v.Tenant()
	c, err := r.Store.Case(ctx, t, id)
	if err != nil {
		return err
	}
	if shown, err := r.waitsForLook(v, &c); shown || err != nil {
		return err
	}
	if err := r.seen(v, &c); err != nil { // nothing is shown that was not written down
		return err
	}
	names, err := r.names(v)
	if err != nil {
		return err
	}
	p, err := r.page(ctx, v, &c, names)
	if err != nil {
		return err
	}
	return v.Show("case", "Case "+p.Short, p)
}

// seen records that personal data of the case was looked at.
func (r *room) seen(v *console.Visit, c *kyc.Case) error {
	now := v.Now()
	e := kyc.Event{ID: kyc.NewID(now), Tenant: c.Tenant, At: now, Actor: v.Who.Actor, Action: "case.read", Object: "case", ObjectID: c.ID, SubjectID: c.SubjectID,
		RequestID: kyc.RequestFrom(v.Ctx()).ID}
	events := []kyc.Event{e}
	if c.SessionID != "" {
		e.ID, e.Action, e.Object, e.ObjectID = kyc.NewID(now), "session.read", "session", c.SessionID
		events = append(events, e)
	}
	return r.Store.Commit(v.Ctx(), &kyc.Change{Events: events})
}

func (r *room) page(ctx context.Context, v *console.Visit, c *kyc.Case, names map[string]string) (casePage, error) {
	now := v.Now()
	line := row(c, now, names, string(v.User.ID))
	p := casePage{ID: line.ID, Short: line.Short, Rev: c.Rev, Why: line.Reason, Code: line.Code, Status: line.Status, Colour: line.Colour, Age: line.Age, Due: line.Due, Queue: c.Queue, Rule: c.Rule,
		Priority: c.Priority, Assignee: line.Who, Demo: c.Demo}
	var s *kyc.Session
	if c.SessionID != "" {
		got, err := r.Store.Session(ctx, c.Tenant, c.SessionID)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return p, err
		}
		if err == nil {
			s = &got
			p.Reference = s.ExternalRef
			if v.May("sessions:read") {
				p.SessionID = kyc.Dress("session", s.ID)
			}
		}
	}
	if c.SubjectID != "" && v.May("sessions:read") {
		p.SubjectID = kyc.Dress("identity", c.SubjectID)
	}
	shown := c
	var kept *kyc.CaseDecision // the first opinion, where it is not for this person yet
	if p.FirstKept = v.May(writeCases) && c.FirstKept(mine(v), v.Org.EnvSettings(v.Tenant().Env)); p.FirstKept {
		without := c.WithoutFirst()
		shown, kept = &without, c.First
	}
	var err error
	if p.Who, err = r.who(ctx, c.Tenant, c.SubjectID, s); err != nil {
		return p, err
	}
	if p.Evidence, err = r.gather(ctx, shown, s, p.Who); err != nil {
		return p, err
	}
	if s != nil {
		w, err := r.Store.Workflow(ctx, s.PolicyTenant(), s.WorkflowID)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return p, err
		}
		p.Asked = w.Name
	}
	if c.Status.Decided() && c.Decision != nil {
		p.Age, p.Due = ago(c.Decision.At.Sub(c.EnteredReviewAt)), ""
	}
	if p.Related, err = r.related(ctx, c, s, now); err != nil {
		return p, err
	}
	if p.Earlier, err = r.earlier(ctx, c, names); err != nil {
		return p, err
	}
	if p.Notes, err = r.notes(ctx, c, kept, names, now); err != nil {
		return p, err
	}
	if p.Timeline, p.Looks, err = r.timeline(ctx, c, kept, names); err != nil {
		return p, err
	}
	p.why(c)
	p.Evidence.mark(p.WhyAt)
	p.opinions(shown, names)
	if q := c.Quality; q != nil && q.Verdict != nil && (v.May(readQuality) || theirs(v, c)) {
		if p.Look, p.LookWord = lookURL(c.ID), "It disagrees with the decision"; q.Verdict.Agrees {
			p.LookWord = "It agrees with the decision"
		}
	}
	if p.Bar, err = r.bar(ctx, v, c, s, names); err != nil {
		return p, err
	}
	p.Bar.Unjudged = p.Evidence.unjudged()
	if u := p.Bar.Undo; u != nil && u.Outcome == kyc.Approved {
		u.Unjudged = p.Bar.Unjudged
	}
	for i := range p.Evidence.Stops {
		for j := range p.Evidence.Stops[i].Hits {
			h := &p.Evidence.Stops[i].Hits[j]
			h.WordBy, h.Source = nameOf(h.WordBy, names), r.EntryPage(h.List, h.EntryID)
			if !p.Bar.Closed && !p.Bar.ReadOnly && !p.Bar.Unskilled && (c.AssignedTo == "" || p.Bar.Mine) {
				h.Judge = caseURL(c.ID) + "/hits"
			}
		}
	}
	return p, nil
}

// who is what the person is called, from whoever said it last.
func (r *room) who(ctx context.Context, t kyc.Tenant, subject kyc.ID, s *kyc.Session) (string, error) {
	if subject != "" {
		p, err := r.Store.Subject(ctx, t, subject)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return "", err
		}
		if p.Private.Unreadable {
			return "Erased person", nil
		}
		if p.Private.Name != "" {
			return p.Private.Name, nil
		}
	}
	if s == nil {
		return "Nobody named", nil
	}
	text := func(names ...string) string {
		var parts []string
		for _, n := range names {
			if t, ok := s.Private.Fields[n].(string); ok && t != "" {
				parts = append(parts, t)
			}
		}
		return strings.Join(parts, " ")
	}
	for _, name := range []string{text("first_name", "middle_name", "last_name"), text("full_name"), text("name"), text("legal_name"), text("company_name")} {
		if name != "" {
			return name, nil
		}
	}
	if s.ExternalRef != "" {
		return s.ExternalRef, nil
	}
	return "Nobody named", nil
}

// related are the parties of the session, by their names, and the person's other
// sessions.
func (r *room) related(ctx context.Context, c *kyc.Case, s *kyc.Session, now time.Time) ([]relatedRow, error) {
	if s == nil {
		return nil, nil
	}
	var out []relatedRow
	add := func(title string, named bool, f kyc.SessionFilter) error {
		found, _, err := r.Store.Sessions(ctx, c.Tenant, f, kyc.Page{Limit: 20, Uncounted: true})
		for i := range found {
			if found[i].ID == s.ID {
				continue
			}
			what := title + " " + short(found[i].ID)
			if named {
				who, err := r.who(ctx, c.Tenant, found[i].SubjectID, &found[i])
				if err != nil {
					return err
				}
				what = who + " (" + strings.ToLower(what) + ")"
			}
			row := relatedRow{Title: what, Session: "/console/sessions/" + kyc.Dress("session", found[i].ID), Status: words(string(found[i].Status)), Tone: tone(string(found[i].Status)), When: ago(now.Sub(found[i].CreatedAt)) + " ago"}
			if found[i].CaseID != "" {
				row.Case = kyc.Dress("case", found[i].CaseID)
			}
			out = append(out, row)
		}
		return err
	}
	if s.Surface == kyc.SurfaceSteps {
		if err := add("Party", true, kyc.SessionFilter{Surface: kyc.SurfaceSteps, ParentID: s.ID}); err != nil {
			return nil, err
		}
	}
	if c.SubjectID != "" {
		if err := add("Session of the same person", false, kyc.SessionFilter{SubjectID: c.SubjectID}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// notes are those of the case, without those of whose opinion is kept.
func (r *room) notes(ctx context.Context, c *kyc.Case, kept *kyc.CaseDecision, names map[string]string, now time.Time) ([]noteRow, error) {
	list, err := r.Store.Notes(ctx, c.Tenant, c.ID)
	out := make([]noteRow, 0, len(list))
	for _, n := range list {
		if kept != nil && kept.Theirs(kyc.Actor{}, n.Author) {
			continue
		}
		text := n.Text
		if text == "" {
			text = "(erased)"
		}
		out = append(out, noteRow{Who: nameOf(n.Author, names), When: ago(now.Sub(n.CreatedAt)) + " ago", Text: text})
	}
	return out, err
}

// why finds the stop that says why the case is here: the check it was filed for,
// else the worst one of the run.
func (p *casePage) why(c *kyc.Case) {
	var at *stop
	for i := range p.Evidence.Stops {
		s := &p.Evidence.Stops[i]
		switch {
		case s.Policy == "":
		case c.Because.Policy != "":
			if s.Policy == c.Because.Policy {
				at = s
			}
		case s.Tone == "bad" || s.Tone == "warn" && (at == nil || at.Tone != "bad"):
			at = s
		}
	}
	if at == nil {
		return
	}
	p.WhyAt = at.Anchor
	if p.Why == "" {
		p.Why = at.Title + " " + at.Word
	}
}

func (p *casePage) opinions(c *kyc.Case, names map[string]string) {
	word := func(d *kyc.CaseDecision, why string) *opinion {
		if d == nil {
			return nil
		}
		if c.Private.Unreadable {
			why = "(erased)"
		}
		return &opinion{Word: string(d.Outcome), Who: nameOf(d.ReviewerID, names), When: moment(d.At), Why: why, Tone: tone(string(d.Outcome)), Confirmed: d.Checklist}
	}
	p.First, p.Decision = word(c.First, c.Private.First), word(c.Decision, c.Private.Decision)
	if e := c.Escalation; e != nil {
		p.Escalation = &opinion{Word: "escalated", Who: nameOf(e.From, names) + " to " + nameOf(e.To, names), When: moment(e.At), Why: c.Private.Escalation, Tone: "warn"}
	}
}

// file serves a document to a reviewer: pictures as pictures, everything else
// as a download, and nothing ever as a page.
func (r *room) file(v *console.Visit) error {
	id, err := v.ID("id", "case")
	if err != nil {
		return err
	}
	file, err := v.ID("file", "document")
	if err != nil {
		return err
	}
	c, err := r.Store.Case(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	uploads, err := r.Store.Uploads(v.Ctx(), v.Tenant(), c.SessionID)
	if err != nil {
		return err
	}
	if c.SessionID == "" || !slices.ContainsFunc(uploads, func(u kyc.Upload) bool { return u.ID == file }) {
		return kyc.Missing("document", "of this case")
	}
	u, raw, err := r.File(v.Ctx(), v.Tenant(), v.Who.Actor, file)
	if err != nil {
		return err
	}
	ui.ServeFile(v.W, u.ContentType, raw)
	return nil
}

func choices(codes []string) []ui.Choice {
	out := make([]ui.Choice, len(codes))
	for i, c := range codes {
		out[i] = ui.Choice{Value: c, Label: strings.ToUpper(c[:1]) + words(c[1:])}
	}
	return out
}

func caseURL(id kyc.ID) string { return fmt.Sprintf("/console/cases/%s", kyc.Dress("case", id)) }
