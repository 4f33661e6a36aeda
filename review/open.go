package review

import (
	"cmp"
	"context"
	"strings"
	"time"

	"bonafide/kyc"
)

// Open prepares the case of a session that needs a person. It commits
// nothing: the caller stores the case together with the session. When the
// session has an undecided case already (it was run again), that case goes on
// with the new run.
func (d *Desk) Open(ctx context.Context, s *kyc.Session, at time.Time, f kyc.Filing) (*kyc.Case, []kyc.Event, error) {
	again := false // two people decided about the session before
	if s.CaseID != "" {
		c, err := d.store.Case(ctx, s.Tenant, s.CaseID)
		if err != nil {
			return nil, nil, err
		}
		if f.Queue == "" {
			f.Queue, f.Rule = c.Queue, c.Rule // it goes on where it was
		}
		again = c.FourEyes
		if !c.Status.Decided() {
			before := digest(&c)
			c.RunID, c.ReasonCode, c.Because = s.RunID, f.ReasonCode, f.Because
			void := forget(&c)
			c.Touch(at)
			e := d.event(ctx, &c, f.By, at, "case.update", "run_again", "")
			e.Before = before
			if !void {
				return &c, []kyc.Event{e}, nil
			}
			return &c, []kyc.Event{e, d.event(ctx, &c, f.By, at, "case.recommendation_void", "run_again", "")}, nil
		}
	}
	_, settings, err := d.now(ctx, s.Tenant)
	if err != nil {
		return nil, nil, err
	}
	if f, err = d.routed(ctx, s, s.SubjectID, f, settings); err != nil {
		return nil, nil, err
	}
	c := d.file(s.Tenant, at, f, settings)
	c.SessionID, c.SubjectID, c.RunID = s.ID, s.SubjectID, s.RunID
	c.FourEyes = c.FourEyes || again
	return c, []kyc.Event{d.event(ctx, c, f.By, at, "case.create", ruled(c), "created")}, nil
}

// forget takes back the first word of two: it was about what was there before, a
// run or documents, and whoever agrees with it now agrees about something that
// only they have seen. Both look again. The audit chain keeps that it was said.
func forget(c *kyc.Case) bool {
	if c.First == nil {
		return false
	}
	c.First, c.Private.First = nil, ""
	c.Status, c.AssignedTo, c.ClaimedAt = kyc.CaseOpen, "", time.Time{}
	return true
}

// file makes a case that is in nobody's hands.
func (d *Desk) file(t kyc.Tenant, at time.Time, f kyc.Filing, s kyc.Settings) *kyc.Case {
	c := &kyc.Case{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: t}, Status: kyc.CaseOpen, Rule: f.Rule, Priority: f.Priority,
		SLAHours: f.SLAHours, ReasonCode: f.ReasonCode, Because: f.Because, EnteredReviewAt: at, LastActivityAt: at, CreatedBy: f.By, Sequence: 1}
	c.Enter(cmp.Or(f.Queue, DefaultQueue), s)
	c.Touch(at)
	return c
}

// Close prepares the end of a case that is decided elsewhere (a new run, a
// simulation, a person by another surface). It changes the case in memory and
// commits nothing.
func (d *Desk) Close(ctx context.Context, c *kyc.Case, at time.Time, end kyc.Closing) ([]kyc.Event, error) {
	before := digest(c)
	c.Decision = &kyc.CaseDecision{Outcome: end.Outcome, ReviewerID: end.By.ID, ReasonCode: end.Code, At: at, By: end.By, Checklist: end.Checklist}
	what, action := "approved", "case.approve"
	c.Status = kyc.CaseApproved
	if end.Outcome == kyc.Rejected {
		c.Status, what, action = kyc.CaseRejected, "rejected", "case.reject"
	}
	var drawn []kyc.Event
	if end.Reviewed && end.By.Kind != kyc.ActorSystem {
		_, settings, err := d.now(ctx, c.Tenant)
		if err == nil {
			drawn, err = d.draw(ctx, c, settings, end.Code)
		}
		if err != nil {
			return nil, err
		}
	}
	c.Sequence++
	c.Touch(at)
	e := d.event(ctx, c, end.By, at, action, end.Code, what)
	e.Before = before
	return append([]kyc.Event{e}, drawn...), nil
}

// Manual is a case that a person opens.
type Manual struct {
	SessionID kyc.ID
	SubjectID kyc.ID
	Filing    kyc.Filing
	Metadata  map[string]any
	// AssignedTo may be empty.
	AssignedTo string
}

// Create opens a manual case about a session or a person. Errors: 422 without
// either, 404 for an unknown one, 409 case_exists when the session has an
// undecided case, session_active while its run is at work; 403 skills_missing of
// whom it is given to.
func (d *Desk) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, m Manual) (kyc.Case, error) {
	if m.SessionID == "" && m.SubjectID == "" {
		return kyc.Case{}, invalid("/session_id", "required", "name a session_id or an identity_id")
	}
	if len(m.Filing.Queue) > maxQueue {
		return kyc.Case{}, invalid("/queue", "invalid_queue", "a queue's name has 1 to 100 bytes")
	}
	now, settings, err := d.now(ctx, t)
	if err != nil {
		return kyc.Case{}, err
	}
	m.Filing.By = by
	about := &kyc.Session{Meta: kyc.Meta{Tenant: t}}
	if m.SessionID != "" {
		s, err := d.store.Session(ctx, t, m.SessionID)
		if err != nil {
			return kyc.Case{}, err
		}
		if err := d.free(ctx, &s); err != nil {
			return kyc.Case{}, err
		}
		about, m.SubjectID = &s, s.SubjectID
	} else if _, err := d.store.Subject(ctx, t, m.SubjectID); err != nil {
		return kyc.Case{}, err
	}
	if m.Filing, err = d.routed(ctx, about, m.SubjectID, m.Filing, settings); err != nil {
		return kyc.Case{}, err
	}
	c := d.file(t, now, m.Filing, settings)
	c.Private.Metadata, c.SubjectID = m.Metadata, m.SubjectID
	change := &kyc.Change{Put: []kyc.Object{c}}
	if about.ID != "" {
		c.SessionID, c.RunID = about.ID, about.RunID
		about.CaseID = c.ID
		about.Touch(now)
		change.Put = append(change.Put, about)
	}
	if strings.TrimSpace(m.AssignedTo) != "" {
		who, err := d.reviewer(ctx, t, m.AssignedTo, "/assigned_to")
		if err != nil {
			return kyc.Case{}, err
		}
		if err := d.skilled(ctx, c, who, settings); err != nil {
			return kyc.Case{}, err
		}
		claim(c, who, now)
	}
	change.Events = append(change.Events, d.event(ctx, c, by, now, "case.create", ruled(c), "created"))
	return *c, d.store.Commit(ctx, change)
}

// free refuses a session that has somebody's attention already.
func (d *Desk) free(ctx context.Context, s *kyc.Session) error {
	if s.Status == kyc.SessionRunning || s.Status == kyc.SessionPaused {
		return kyc.Errorf(kyc.Conflict, "session_active", "the session is %s; open the case when it has ended", s.Status)
	}
	if s.CaseID == "" {
		return nil
	}
	old, err := d.store.Case(ctx, s.Tenant, s.CaseID)
	if err == nil && !old.Status.Decided() {
		err = kyc.Errorf(kyc.Conflict, "case_exists", "the session has an undecided case: %s", kyc.Dress("case", old.ID))
	}
	return err
}

// MaxDemo is how many undecided demonstration cases a sandbox holds.
const MaxDemo = 3

// Demo fills a sandbox with sample cases of invented people, up to MaxDemo
// undecided ones. Errors: 403 sandbox_only, 409 demo_limit.
func (d *Desk) Demo(ctx context.Context, t kyc.Tenant, by kyc.Actor, count int) ([]kyc.Case, error) {
	if t.Env != kyc.Sandbox {
		return nil, kyc.Errorf(kyc.Forbidden, "sandbox_only", "demonstration cases exist only in the sandbox")
	}
	if count < 1 || count > MaxDemo {
		count = MaxDemo
	}
	now, settings, err := d.now(ctx, t)
	if err != nil {
		return nil, err
	}
	open, err := d.undecidedDemos(ctx, t)
	if err != nil {
		return nil, err
	}
	count = min(count, MaxDemo-open)
	if count <= 0 {
		return nil, kyc.Errorf(kyc.Conflict, "demo_limit", "there are %d undecided demonstration cases; decide one first", open)
	}
	samples := []struct {
		reason   string
		first    string
		last     string
		priority int
		waited   time.Duration
	}{
		{"watchlist_hit", "Maja", "Sample", 80, time.Hour},
		{"document_expired", "Jonas", "Example", 50, 6 * time.Hour},
		{"face_mismatch", "Noor", "Specimen", 20, 30 * time.Hour},
	}
	change := &kyc.Change{}
	var out []*kyc.Case
	for _, x := range samples[len(samples)-count:] {
		entered := now.Add(-x.waited)
		p := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, Kind: "individual", Status: kyc.SubjectPending}
		p.Touch(now)
		s := &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, Surface: kyc.SurfaceGraph, SubjectID: p.ID, Status: kyc.SessionReview,
			Result: kyc.NeedsReview, ReasonCode: x.reason, Tags: []string{"demo"}, SubmittedAt: entered, Sequence: 1,
			Private: kyc.SessionData{Fields: map[string]any{"first_name": x.first, "last_name": x.last, "date_of_birth": "1990-05-17"}}}
		s.Touch(now)
		c := d.file(t, entered, kyc.Filing{Queue: "demo", Priority: x.priority, ReasonCode: x.reason, By: by}, settings)
		c.ID, c.Demo, c.SessionID, c.SubjectID = kyc.NewID(now), true, s.ID, p.ID
		c.CreatedAt, c.UpdatedAt = now, now
		s.CaseID = c.ID
		change.Put = append(change.Put, p, s, c)
		change.Events = append(change.Events, d.event(ctx, c, by, now, "case.create", "demonstration", "created"))
		out = append(out, c)
	}
	if err := d.store.Commit(ctx, change); err != nil {
		return nil, err
	}
	cases := make([]kyc.Case, len(out))
	for i, c := range out {
		cases[i] = *c
	}
	return cases, nil
}

func (d *Desk) undecidedDemos(ctx context.Context, t kyc.Tenant) (int, error) {
	f := kyc.CaseFilter{Queue: "demo", Status: []kyc.CaseStatus{kyc.CaseOpen, kyc.CaseInReview, kyc.CaseEscalated, kyc.CaseSecond}}
	cases, _, err := d.store.Cases(ctx, t, f, kyc.Page{Limit: 100})
	n := 0
	for _, c := range cases {
		if c.Demo {
			n++
		}
	}
	return n, err
}
