package review

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/kyc"
)

// markQuality is the kind of the blind index by which cases are drawn.
const markQuality = "quality_draw"

// maxCodes is how many reason codes a verdict has at most.
const maxCodes = 10

// draw decides whether a case that a person has just decided is looked at again,
// and keeps the share that held. It goes into the commit of the decision and
// changes nothing of it. code is the decision's reason code. The blind index of the
// case's id says which cases are drawn: nobody can foresee it, and every node and
// every repeat finds the same.
func (d *Desk) draw(ctx context.Context, c *kyc.Case, s kyc.Settings, code string) ([]kyc.Event, error) {
	share := s.QualityShare(c.Queue, c.Decision.Outcome)
	if share <= 0 {
		return nil, nil
	}
	mark, err := d.store.Blind(ctx, c.Tenant, markQuality, string(c.ID))
	if err != nil {
		return nil, err
	}
	c.Quality = &kyc.QualityCheck{Share: share, At: c.Decision.At, ReasonCode: code}
	if !kyc.QualityDrawn(mark, share) {
		return nil, nil
	}
	c.Quality.State = kyc.QualityWaiting
	return []kyc.Event{d.event(ctx, c, kyc.SystemActor("review"), c.Decision.At, "case.quality_draw", "", "")}, nil
}

// QualityWord is a checker's own verdict on a decided case.
type QualityWord struct {
	ReviewerID string
	Outcome    kyc.Outcome // approved or rejected
	Codes      []string    // of the organisation's reasons for this outcome, 1 to 10
	Note       string
	// Blind says that the verdict comes from a page without the decision: whoever
	// saw the decision elsewhere since is refused.
	Blind bool
}

// QualityList are the drawn cases in one state; see kyc.QualityFilter.
func (d *Desk) QualityList(ctx context.Context, t kyc.Tenant, f kyc.QualityFilter, p kyc.Page) ([]kyc.Case, int, error) {
	if !f.State.Known() {
		return nil, 0, invalid("/query/state", "not_allowed_value", "use waiting, done or void")
	}
	p.Damaged = true
	return d.store.QualityCases(ctx, t, f, p)
}

// QualityTake gives a person a case to look at again; one that is theirs already
// stays so. Errors: 409 quality_not_waiting, not_claimable, redacted (the case is
// void from then on); 403 took_part, conflict_of_interest, skills_missing, decision_seen.
func (d *Desk) QualityTake(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Case, error) {
	c, err := d.store.Case(ctx, t, id)
	if err != nil {
		return c, err
	}
	return d.take(ctx, c, by)
}

func (d *Desk) take(ctx context.Context, c kyc.Case, by kyc.Actor) (kyc.Case, error) {
	if gone := d.written(ctx, &c); c.Checkable() && kyc.IsCode(gone, "redacted") {
		if _, err := d.apply(ctx, c, by, func(c *kyc.Case, _ time.Time, _ kyc.Settings) (step, error) {
			check := *c.Quality
			check.State = kyc.QualityVoid
			c.Quality = &check
			return step{action: "case.quality_void", code: "redacted"}, nil
		}); err != nil {
			return c, err
		}
		return c, gone
	} else if gone != nil {
		return c, gone
	}
	return d.apply(ctx, c, by, func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error) {
		if err := d.MayCheck(ctx, c, by, by.ID, true); err != nil {
			return step{}, err
		}
		if c.CheckHeld(now, s) && !same(c.Quality.TakenBy, by.ID) {
			return step{}, kyc.Errorf(kyc.Conflict, "not_claimable", "a colleague is at this second look")
		}
		check := *c.Quality
		check.TakenBy, check.TakenAt = by.ID, now
		c.Quality = &check
		return step{action: "case.quality_take"}, nil
	})
}

// How many waiting cases a look for the next one reads at once, and at most.
const (
	qualityPart  = 100
	qualityParts = 20
)

// QualityNext takes the longest waiting case that this person may look at; one that
// they have begun comes first. ok is false when there is none. What nobody can look
// at any more is void on the way.
func (d *Desk) QualityNext(ctx context.Context, t kyc.Tenant, by kyc.Actor, queue string) (c kyc.Case, ok bool, err error) {
	now, s, err := d.now(ctx, t)
	if err != nil {
		return c, false, err
	}
	names, err := d.names(ctx, t, by.ID)
	if err != nil {
		return c, false, err
	}
	var waiting []kyc.Case
	var after kyc.ID
	for range qualityParts {
		part, _, err := d.store.QualityCases(ctx, t, kyc.QualityFilter{State: kyc.QualityWaiting, Queue: queue}, kyc.Page{Limit: qualityPart, After: after, Uncounted: true, Damaged: true})
		if err != nil {
			return c, false, err
		}
		for _, one := range part {
			after = one.ID
			switch mine := same(takenBy(&one), by.ID); {
			case one.Damaged, one.TookPart(names), one.CheckHeld(now, s) && !mine:
			case mine:
				waiting = slices.Insert(waiting, 0, one)
			default:
				waiting = append(waiting, one)
			}
		}
		if len(part) < qualityPart || len(waiting) >= qualityPart {
			break
		}
	}
	for _, one := range waiting {
		got, err := d.take(ctx, one, by)
		if err == nil {
			return got, true, nil
		}
		if kind := kyc.KindOf(err); kind != kyc.Conflict && kind != kyc.Forbidden { // a colleague's, theirs to decide, or erased
			return c, false, err
		}
	}
	return c, false, nil
}

func takenBy(c *kyc.Case) string {
	if c.Quality == nil {
		return ""
	}
	return c.Quality.TakenBy
}

// MayCheck refuses a person as the checker of a drawn case: 409 quality_not_waiting;
// 403 took_part for whoever had a hand in a decision about the session or wrote on
// the case, conflict_of_interest for who made the case or the session, skills_missing
// for who lacks what the queue asks of its reviewers. blind also
// refuses (decision_seen) who has looked at the case, its session or the person
// since it was decided, where the pages show the decision.
func (d *Desk) MayCheck(ctx context.Context, c *kyc.Case, by kyc.Actor, who string, blind bool) error {
	if !c.Checkable() {
		return kyc.Errorf(kyc.Conflict, "quality_not_waiting", "the case waits for no second look")
	}
	_, settings, err := d.now(ctx, c.Tenant)
	if err == nil {
		err = d.skilled(ctx, c, who, settings)
	}
	if err != nil {
		return err
	}
	if err := d.strange(ctx, c, by, who); err != nil {
		return err
	}
	if err := d.Impartial(ctx, c, who); err != nil {
		return err
	}
	if !blind {
		return nil
	}
	seen, err := d.sawDecision(ctx, c, by)
	if err == nil && seen {
		err = kyc.Errorf(kyc.Forbidden, "decision_seen", "you have looked at this case or this person since the decision; a second look is made without knowing it")
	}
	return err
}

// strange refuses whoever took part in the reviews of the session.
func (d *Desk) strange(ctx context.Context, c *kyc.Case, by kyc.Actor, who string) error {
	tookPart := kyc.Errorf(kyc.Forbidden, "took_part", "whoever took part in a case does not check it")
	names, err := d.names(ctx, c.Tenant, who)
	if err != nil {
		return err
	}
	cases := []kyc.Case{*c}
	if c.SessionID != "" {
		if cases, _, err = d.store.Cases(ctx, c.Tenant, kyc.CaseFilter{SessionID: c.SessionID}, kyc.Page{Uncounted: true, Damaged: true}); err != nil {
			return err
		}
	}
	for i := range cases {
		if cases[i].TookPart(names) {
			return tookPart
		}
	}
	for _, w := range []*kyc.CaseDecision{c.First, c.Decision} {
		if w == nil {
			continue
		}
		if one, err := kyc.OneHand(ctx, d.store, c.Tenant, w.By, by); err != nil || one {
			if err == nil {
				err = tookPart
			}
			return err
		}
	}
	notes, err := d.store.Notes(ctx, c.Tenant, c.ID)
	if err == nil && slices.ContainsFunc(notes, func(n kyc.Note) bool {
		return slices.ContainsFunc(names, func(name string) bool { return same(name, n.Author) })
	}) {
		err = tookPart
	}
	return err
}

// names are all that a reviewer is called: surfaces that have no users of their own
// keep whatever name a machine gave.
func (d *Desk) names(ctx context.Context, t kyc.Tenant, who string) ([]string, error) {
	users, err := d.store.Users(ctx, t.Org)
	if err != nil {
		return nil, err
	}
	out := []string{who}
	for _, u := range users {
		if same(string(u.ID), who) || same(u.Email, who) {
			out = append(out, string(u.ID), kyc.Dress("user", u.ID), u.Email)
		}
	}
	return out, nil
}

// seenEvents bounds how many looks of one person at another are read.
const seenEvents = 200

// showDecision are the looks at a case, its session or its person that show how it
// was decided, on the pages and by the API, which the pages hand on.
func showDecision() []string {
	return []string{"case.read", "case.notes.read", "session.read", "session.result.read", "session.export", "identity.read",
		"individual.read", "profile.read", "execution.read", "results.read"}
}

// sawDecision reports whether a person looked at something that shows the decision
// since it was made. Places in the audit chain are compared, not times: clocks of
// the sandbox are put forward.
func (d *Desk) sawDecision(ctx context.Context, c *kyc.Case, by kyc.Actor) (bool, error) {
	action := "case.approve"
	if c.Decision.Outcome == kyc.Rejected {
		action = "case.reject"
	}
	made, _, err := d.store.Events(ctx, c.Tenant, kyc.EventFilter{Object: "case", ObjectID: c.ID, Action: action}, kyc.Page{Limit: 1, Uncounted: true})
	if err != nil || len(made) == 0 {
		return err == nil, err // not known when it was made: they may have seen it
	}
	asks := []kyc.EventFilter{{Object: "case", ObjectID: c.ID}, {Object: "session", ObjectID: c.SessionID}, {SubjectID: c.SubjectID}}
	for i, f := range asks {
		if i == 1 && c.SessionID == "" || i == 2 && c.SubjectID == "" {
			continue
		}
		f.Actor, f.Actions = by.ID, showDecision()
		looks, _, err := d.store.Events(ctx, c.Tenant, f, kyc.Page{Limit: seenEvents, Uncounted: true})
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(looks, func(e kyc.Event) bool { return since(&e, &made[0]) }) {
			return true, nil
		}
	}
	return false, nil
}

// since reports whether an event came after another; one that is not in the chain
// yet is behind all that are.
func since(e, other *kyc.Event) bool {
	switch {
	case e.Seq == 0 && other.Seq == 0:
		return !e.At.Before(other.At)
	case e.Seq == 0 || other.Seq == 0:
		return e.Seq == 0
	}
	return e.Seq > other.Seq
}

// QualityJudge keeps a checker's verdict and whether it agrees with the decision,
// which stays as it is whatever they say. rev is the revision of If-Match, 0 for
// none. Errors: 422 invalid_case_action with all that is missing, 409
// quality_not_waiting, not_claimable, redacted; 403 as MayCheck.
func (d *Desk) QualityJudge(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, w QualityWord) (kyc.Case, error) {
	if _, err := d.store.Case(ctx, t, id); err != nil { // of a case that is not theirs nobody hears what it lacks
		return kyc.Case{}, err
	}
	if err := check(need{"/reviewer_id", w.ReviewerID, by.Kind != kyc.ActorUser && by.OnBehalfOf == "", maxReviewer}); err != nil {
		return kyc.Case{}, err
	}
	who, err := d.acting(ctx, t, by, w.ReviewerID)
	if err != nil {
		return kyc.Case{}, err
	}
	return d.change(ctx, t, by, id, rev, func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error) {
		if err := d.MayCheck(ctx, c, by, who, w.Blind); err != nil {
			return step{}, err
		}
		if c.CheckHeld(now, s) && !same(c.Quality.TakenBy, who) {
			return step{}, kyc.Errorf(kyc.Conflict, "not_claimable", "a colleague is at this second look")
		}
		if err := w.problems(s); err != nil {
			return step{}, err
		}
		if err := d.written(ctx, c); err != nil {
			return step{}, err
		}
		check, agrees := *c.Quality, w.Outcome == c.Decision.Outcome
		check.State = kyc.QualityDone
		check.Verdict = &kyc.QualityVerdict{Outcome: w.Outcome, ReviewerID: who, ReasonCodes: slices.Clone(w.Codes), At: now, By: by, Blind: w.Blind, Agrees: agrees}
		c.Quality, c.Private.Quality = &check, strings.TrimSpace(w.Note)
		st := step{action: "case.quality_agree", code: w.Codes[0]}
		if !agrees {
			st.action = "case.quality_disagree"
		}
		return st, nil
	})
}

// problems lists what keeps a verdict from being taken.
func (w *QualityWord) problems(s kyc.Settings) error {
	var p []kyc.Problem
	add := func(path, code, message string) { p = append(p, kyc.Problem{Path: path, Code: code, Message: message}) }
	decision := map[kyc.Outcome]string{kyc.Approved: "approve", kyc.Rejected: "reject"}[w.Outcome]
	if decision == "" {
		add("/verdict", "not_allowed_value", "approved or rejected")
	}
	known := s.ReasonsFor(decision)
	switch {
	case len(w.Codes) == 0:
		add("/reason_codes", "required", "at least one reason")
	case len(w.Codes) > maxCodes:
		add("/reason_codes", "too_many", "at most 10 reasons")
	case decision != "":
		for i, code := range w.Codes {
			at := "/reason_codes/" + strconv.Itoa(i)
			switch {
			case !slices.ContainsFunc(known, func(r kyc.ReasonCode) bool { return r.Code == code }):
				add(at, "unknown_reason", "the organisation has no such reason to "+decision)
			case slices.Contains(w.Codes[:i], code):
				add(at, "duplicate", "the reason stands there already")
			}
		}
	}
	switch note := strings.TrimSpace(w.Note); {
	case note == "":
		add("/note", "required", "say why in a sentence")
	case len(note) > maxReason:
		add("/note", "too_long", "at most 2000 bytes")
	}
	if len(p) == 0 {
		return nil
	}
	return kyc.InvalidInput("invalid_case_action", "the verdict lacks something", p)
}
