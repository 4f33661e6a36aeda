package journey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// NewParty is a related party who shall be verified (A21, P11).
type NewParty struct {
	StepID   string // empty: the first subsession step that waits
	Name     string
	Email    string
	Role     string // one of onboarding.EntityRoles; empty: individual
	Metadata map[string]any
	// Problems are what the surface found already, to be told with the rest.
	Problems []kyc.Problem
}

// Child is one subsession as its parent sees it.
type Child struct {
	Session kyc.Session
	Journey kyc.Journey
	// Token is set once, when the link was just made.
	Token string
}

// State of a subsession for its parent's applicant: only how far it is, never
// what was found.
func (c Child) State() string {
	switch Word(c.Session.Status) {
	case "approved", "manual_review", "processing", "completed", "rejected":
		// The applicant of the parent learns that the party is done, not how the
		// party was judged.
		return "completed"
	case "needs_correction":
		return "active"
	default:
		return Word(c.Session.Status)
	}
}

// satisfies reports whether a subsession counts as finished for a step that
// waits for its parties: the party has done everything, and nobody has refused
// them.
func (c Child) satisfies() bool {
	switch c.Session.Status {
	case kyc.SessionCaptured, kyc.SessionRunning, kyc.SessionPaused, kyc.SessionReview, kyc.SessionFailed, kyc.SessionApproved:
		return true
	}
	return false
}

// AddParty opens a subsession from the back office (A21). Errors: Invalid
// invalid_subsession; 409 max_subsessions_reached, subsession_depth,
// subsessions_not_asked, session_closed, workflow_deleted.
func (m *Machine) AddParty(ctx context.Context, t kyc.Tenant, by kyc.Actor, session kyc.ID, n NewParty) (Child, error) {
	v, err := m.loadFor(ctx, t, session, 0)
	if err != nil {
		return Child{}, err
	}
	if !v.session.Status.Open() {
		return Child{}, kyc.Errorf(kyc.Conflict, "session_closed", "the session is %s and takes no more parties", Word(v.session.Status))
	}
	v.reveal()
	return m.addParty(ctx, v, by, n)
}

// Invite opens a subsession for the applicant of the parent (P11).
func (m *Machine) Invite(ctx context.Context, token string, n NewParty) (Child, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return Child{}, err
	}
	return m.addParty(ctx, v, by, n)
}

func (n NewParty) problems() []kyc.Problem {
	p := slices.Clone(n.Problems)
	add := func(path, code, format string, args ...any) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if len([]rune(n.Name)) > onboarding.MaxName {
		add("/name", "too_long", "at most %d characters", onboarding.MaxName)
	}
	if n.Email != "" && (len(n.Email) > 254 || strings.Count(n.Email, "@") != 1 || strings.ContainsAny(n.Email, " \t\r\n<>,;")) {
		add("/email", "email_invalid", "an address such as ada@example.com")
	}
	if n.Role != "" && !slices.Contains(onboarding.EntityRoles(), n.Role) {
		add("/entity_role", "entity_role_invalid", "use one of %s", strings.Join(onboarding.EntityRoles(), ", "))
	}
	if len(n.Metadata) > maxMetadata {
		add("/metadata", "too_many", "at most %d entries", maxMetadata)
	}
	return p
}

func (m *Machine) addParty(ctx context.Context, parent *view, by kyc.Actor, n NewParty) (Child, error) {
	if p := n.problems(); len(p) > 0 {
		return Child{}, kyc.InvalidInput("invalid_subsession", "the party cannot be added", p)
	}
	if n.StepID == "" {
		if n.StepID = parent.firstOf(onboarding.SubsessionCollection); n.StepID == "" {
			return Child{}, kyc.Errorf(kyc.Conflict, "subsessions_not_asked", "no step of the session waits for related parties")
		}
	}
	def, state, err := parent.working(n.StepID)
	if err != nil {
		return Child{}, err
	}
	if def.Type != onboarding.SubsessionCollection {
		return Child{}, kyc.Errorf(kyc.Conflict, "subsessions_not_asked", "this step asks for no related parties")
	}
	if parent.journey.Depth+1 > MaxDepth {
		return Child{}, kyc.Errorf(kyc.Conflict, "subsession_depth", "subsessions nest at most %d deep", MaxDepth)
	}
	have, err := m.children(ctx, parent, n.StepID)
	if err != nil {
		return Child{}, err
	}
	if len(have) >= def.SubsessionConfig.MaxSubsessions {
		return Child{}, kyc.Errorf(kyc.Conflict, "max_subsessions_reached", "the step takes at most %d parties", def.SubsessionConfig.MaxSubsessions)
	}
	w, err := m.usable(ctx, parent.session.Tenant, def.SubsessionConfig.WorkflowID)
	if err != nil {
		return Child{}, err
	}
	st, err := m.atVersion(ctx, w, 0)
	if err != nil {
		return Child{}, err
	}
	var c kyc.Change
	person, err := m.person(ctx, parent.session.Tenant, by, parent.now, NewSession{}, kindOf(st.Definition), &c)
	if err != nil {
		return Child{}, err
	}
	days := def.SubsessionConfig.TTLDays
	if days == 0 {
		days = st.Definition.SessionTTLDays
	}
	v, token, err := m.fresh(st, parent.org, parent.now, person, days)
	if err != nil {
		return Child{}, err
	}
	v.session.Private.Metadata = n.Metadata
	v.journey.ParentID, v.journey.ParentStep, v.journey.Depth = parent.session.ID, n.StepID, parent.journey.Depth+1
	v.journey.EntityRole, v.journey.Language = n.Role, parent.journey.Language
	v.journey.Private.Name, v.journey.Private.Email = strings.TrimSpace(n.Name), strings.TrimSpace(n.Email)
	v.reveal()
	if err := parent.begin(state); err != nil {
		return Child{}, err
	}
	// The parent changes with each new party, so that two at once cannot pass
	// the limit together.
	parent.session.Touch(parent.now)
	parent.journey.Touch(parent.now)
	c.Put = append(c.Put, &parent.session, &parent.journey)
	c.Events = append(c.Events, parent.note(ctx, by, "session.subsession_add"), m.tell(ctx, v, by, "session.create", NewsCreated, nil))
	if err := m.save(ctx, v, by, c); err != nil {
		return Child{}, err
	}
	if m.d.Invite != nil && n.Email != "" {
		m.invite(ctx, Invitation{Tenant: v.session.Tenant, SessionID: v.session.ID, Channel: "email", To: n.Email, Language: v.journey.Language,
			Workflow: st.Version.Name, Token: token, Kind: "invitation", ExpiresAt: v.session.ExpiresAt})
	}
	return Child{Session: v.session, Journey: v.journey, Token: token}, nil
}

// children are the subsessions of a session that were not removed, oldest
// first; step "" gives those of every step.
func (m *Machine) children(ctx context.Context, parent *view, step string) ([]Child, error) {
	journeys, err := m.d.Store.Journeys(ctx, parent.session.Tenant, parent.session.ID)
	if err != nil {
		return nil, err
	}
	var out []Child
	for _, j := range journeys {
		if !j.ArchivedAt.IsZero() || (step != "" && j.ParentStep != step) {
			continue
		}
		s, err := m.d.Store.Session(ctx, parent.session.Tenant, j.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, Child{Session: s, Journey: j})
	}
	return out, nil
}

// Parties lists the subsessions of a session (A22).
func (m *Machine) Parties(ctx context.Context, t kyc.Tenant, by kyc.Actor, session kyc.ID, step string) ([]Child, error) {
	v, err := m.load(ctx, t, session)
	if err != nil {
		return nil, err
	}
	list, err := m.children(ctx, v, step)
	if err != nil {
		return nil, err
	}
	return list, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.subsessions_read")}})
}

// Invited lists the subsessions for the applicant of the parent (P11).
func (m *Machine) Invited(ctx context.Context, token, step string) ([]Child, error) {
	v, err := m.visit(ctx, token)
	if err != nil {
		return nil, err
	}
	return m.children(ctx, v, step)
}

// child finds a subsession of a parent.
func (m *Machine) child(ctx context.Context, parent *view, id kyc.ID) (*view, error) {
	missing := kyc.Errorf(kyc.NotFound, "subsession_not_found", "there is no such subsession here")
	v, err := m.load(ctx, parent.session.Tenant, id)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return nil, missing
		}
		return nil, err
	}
	if v.journey.ParentID != parent.session.ID || !v.journey.ArchivedAt.IsZero() {
		return nil, missing
	}
	return v, nil
}

// RelinkParty replaces the link of a subsession (A23); the old one dies at once.
func (m *Machine) RelinkParty(ctx context.Context, t kyc.Tenant, by kyc.Actor, session, sub kyc.ID, days int) (Child, error) {
	v, err := m.loadFor(ctx, t, session, 0)
	if err != nil {
		return Child{}, err
	}
	return m.relinkParty(ctx, v, by, sub, days)
}

// Reinvite replaces the link of a subsession for the parent's applicant (P12).
func (m *Machine) Reinvite(ctx context.Context, token string, sub kyc.ID) (Child, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return Child{}, err
	}
	return m.relinkParty(ctx, v, by, sub, 0)
}

// relinkParty also brings an expired subsession back: a party who missed the
// time is invited again with the same subsession.
func (m *Machine) relinkParty(ctx context.Context, parent *view, by kyc.Actor, sub kyc.ID, days int) (Child, error) {
	v, err := m.child(ctx, parent, sub)
	if err != nil {
		return Child{}, err
	}
	over := !v.now.Before(v.session.ExpiresAt)
	if v.session.Status == kyc.SessionExpired || (v.session.Status.Open() && over) {
		renew := days
		if renew == 0 {
			renew = v.def.SessionTTLDays
		}
		if _, err := m.Extend(kyc.WithoutUnit(ctx), v.session.Tenant, by, sub, 0, renew, time.Time{}); err != nil {
			return Child{}, err
		}
		days = 0
	}
	link, err := m.GenerateLink(ctx, v.session.Tenant, by, sub, 0, days)
	return Child{Session: link.Session, Journey: v.journey, Token: link.Token}, err
}

// RemoveParty takes a subsession away (A24): it is cancelled where it still
// runs, and counts no more.
func (m *Machine) RemoveParty(ctx context.Context, t kyc.Tenant, by kyc.Actor, session, sub kyc.ID) error {
	v, err := m.loadFor(ctx, t, session, 0)
	if err != nil {
		return err
	}
	return m.removeParty(ctx, v, by, sub)
}

// Uninvite takes a subsession away that its party has not begun (P13), as long
// as its step is open: a completed step keeps the parties it was completed
// with. Errors: 409 subsession_started, step_already_completed.
func (m *Machine) Uninvite(ctx context.Context, token string, sub kyc.ID) error {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return err
	}
	c, err := m.child(ctx, v, sub)
	if err != nil {
		return err
	}
	if c.session.Status != kyc.SessionCreated && c.session.Status != kyc.SessionExpired {
		return kyc.Errorf(kyc.Conflict, "subsession_started", "the party has begun already; ask the organisation to remove it")
	}
	if _, _, err := v.working(c.journey.ParentStep); err != nil {
		return err
	}
	return m.removeParty(ctx, v, by, sub)
}

func (m *Machine) removeParty(ctx context.Context, parent *view, by kyc.Actor, sub kyc.ID) error {
	v, err := m.child(ctx, parent, sub)
	if err != nil {
		return err
	}
	if v.session.Status == kyc.SessionRunning || v.session.Status == kyc.SessionPaused {
		return kyc.Errorf(kyc.Conflict, "session_processing", "the subsession is being processed; remove it afterwards")
	}
	if v.session.Status.CanBecome(kyc.SessionCancelled) {
		if err := v.session.Move(kyc.SessionCancelled, v.now); err != nil {
			return err
		}
	}
	v.session.TokenHash = ""
	v.journey.ArchivedAt = v.now
	return m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.subsession_remove"), parent.note(ctx, by, "session.subsession_remove")}})
}

// haveSubsessions asks for enough parties, and, where the step waits for them,
// that every one of them is done. Expired and rejected ones are not.
func (m *Machine) haveSubsessions(ctx context.Context, v *view, def *onboarding.Step) error {
	list, err := m.children(ctx, v, def.StepID)
	if err != nil {
		return err
	}
	cfg := def.SubsessionConfig
	if len(list) < cfg.MinSubsessions {
		return kyc.Errorf(kyc.Conflict, "subsessions_required", "the step needs at least %d parties; %d were added", cfg.MinSubsessions, len(list))
	}
	if !cfg.RequireComplete {
		return nil
	}
	var pending []kyc.Problem
	for _, c := range list {
		if !c.satisfies() {
			pending = append(pending, kyc.Problem{Path: "/subsessions/" + string(c.Session.ID), Code: "subsession_" + c.State(), Message: "this party is not finished"})
		}
	}
	if len(pending) == 0 {
		return nil
	}
	return &kyc.Error{Kind: kyc.Conflict, Code: "subsessions_pending", Message: fmt.Sprintf("%d of %d parties are not finished", len(pending), len(list)), Problems: pending}
}

// RelatedParty is what the check related_parties learns of one subsession.
type RelatedParty struct {
	SessionID kyc.ID
	StepID    string
	Role      string
	Status    kyc.SessionStatus
	Final     string // final_decision; empty while there is none
	// Hits and Media are what the subsession's own run found on watchlists and
	// in the media.
	Hits, Media []kyc.Hit
}

// RelatedParties tells how the subsessions of a session stand. It is asked by
// a check, so its answer is recorded before anything is decided on it.
func (m *Machine) RelatedParties(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]RelatedParty, error) {
	v, err := m.load(ctx, t, session)
	if err != nil {
		return nil, err
	}
	list, err := m.children(ctx, v, "")
	if err != nil {
		return nil, err
	}
	out := make([]RelatedParty, 0, len(list))
	for _, c := range list {
		r := RelatedParty{SessionID: c.Session.ID, StepID: c.Journey.ParentStep, Role: c.Journey.EntityRole, Status: c.Session.Status, Final: Final(&c.Session)}
		if c.Session.RunID != "" && c.Session.Status != kyc.SessionRunning && c.Session.Status != kyc.SessionPaused {
			trace, err := m.d.Trace(ctx, t, c.Session.RunID)
			if err != nil {
				return nil, err
			}
			for policy, fact := range trace.Checks {
				switch policy {
				case "watchlist_screening", "related_parties":
					open, err := m.sameHits(ctx, &c.Session, trace, policy)
					if err != nil {
						return nil, err
					}
					r.Hits = append(r.Hits, open...)
				case "adverse_media":
					r.Media = append(r.Media, fact.Hits...)
				}
			}
		}
		out = append(out, r)
	}
	return out, nil
}
