package journey

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// Limits of what a caller may put on a session.
const (
	maxClientID = 200
	maxMetadata = 100 // entries
	maxURL      = 2048
	maxDays     = 365
)

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// NewSession is a request for a session (A10).
type NewSession struct {
	Workflow string // id or slug
	Version  int    // 0: the newest
	TTLDays  int    // 1-365; 0: the workflow's
	Metadata map[string]any
	// ClientID is the customer's own name of the person, who is made when it
	// is new; CustomerID names a person that exists. Both may be empty.
	ClientID   string
	CustomerID string
	// Prefill holds answers by field_key or field_id. They are proposals: the
	// applicant still completes the form.
	Prefill     map[string]any
	RedirectURL string
	Language    string // BCP 47
	SendInvite  string // email, sms, none or empty
	// Problems are what the surface found already, to be told with the rest.
	Problems []kyc.Problem
}

// Created is a session with its fresh link: the token is shown once and
// stored as a hash.
type Created struct {
	Session  kyc.Session
	Journey  kyc.Journey
	Workflow kyc.Workflow
	Token    string
	// Warnings are prefilled values that were left out, with the reason.
	Warnings []kyc.Problem
	Invited  bool
}

// Create opens a session pinned to a version of its workflow (A10). Errors:
// Invalid invalid_session with all problems (among them invite_unavailable
// when no mailer is set up); 404 for an unknown workflow,
// workflow_version_not_found; 409 workflow_deleted, customer_inactive.
func (m *Machine) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewSession) (Created, error) {
	if p := n.problems(m.d.Invite != nil); len(p) > 0 {
		return Created{}, kyc.InvalidInput("invalid_session", "the session cannot be created", p)
	}
	w, err := m.usable(ctx, t, n.Workflow)
	if err != nil {
		return Created{}, err
	}
	st, err := m.atVersion(ctx, w, n.Version)
	if err != nil {
		return Created{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return Created{}, err
	}
	prefill, warnings := prefilled(ctx, st.Definition, n.Prefill, now)
	var c kyc.Change
	person, err := m.person(ctx, t, by, now, n, kindOf(st.Definition), &c)
	if err != nil {
		return Created{}, err
	}
	to := addressOf(n, st.Definition, prefill, &person)
	if n.SendInvite != "" && n.SendInvite != "none" && to == "" {
		return Created{}, kyc.InvalidInput("invalid_session", "the session cannot be created", []kyc.Problem{{Path: "/send_invite",
			Code: "invite_address_missing", Message: "the invitation has nowhere to go: give metadata.user_email or metadata.user_phone, or prefill the field"}})
	}
	days := n.TTLDays
	if days == 0 {
		days = st.Definition.SessionTTLDays
	}
	v, token, err := m.fresh(st, org, now, person, days)
	if err != nil {
		return Created{}, err
	}
	v.session.RedirectURL = n.RedirectURL
	v.session.Private = kyc.SessionData{Fields: prefill, Metadata: n.Metadata}
	v.journey.Language = n.Language
	v.reveal()
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.create", NewsCreated, nil))
	if err := m.save(ctx, v, by, c); err != nil {
		return Created{}, err
	}
	out := Created{Session: v.session, Journey: v.journey, Workflow: w, Token: token, Warnings: warnings}
	if n.SendInvite == "email" || n.SendInvite == "sms" {
		out.Invited = true
		m.invite(ctx, Invitation{Tenant: t, SessionID: v.session.ID, Channel: n.SendInvite, To: to, Language: n.Language,
			Workflow: st.Version.Name, Token: token, Kind: "invitation", ExpiresAt: v.session.ExpiresAt})
	}
	return out, nil
}

// fresh makes a session, its journey and its link in memory: every step is
// pending. The caller sets what is special about it, tells, and saves.
func (m *Machine) fresh(st WorkflowState, org kyc.Org, now time.Time, person kyc.Subject, days int) (*view, string, error) {
	token, hash, err := kyc.NewToken(m.d.Random)
	if err != nil {
		return nil, "", err
	}
	id, t := kyc.NewID(now), st.Workflow.Tenant
	v := &view{
		session: kyc.Session{Meta: kyc.Meta{ID: id, Tenant: t}, Surface: kyc.SurfaceSteps, SubjectID: person.ID, ExternalRef: person.ExternalRef,
			WorkflowID: st.Workflow.ID, Version: st.Version.Number, Status: kyc.SessionCreated, TokenHash: hash, ExpiresAt: now.AddDate(0, 0, days)},
		journey:  kyc.Journey{Meta: kyc.Meta{ID: id, Tenant: t}, SubjectID: person.ID},
		workflow: st.Workflow, version: st.Version, def: st.Definition, org: org, now: now, was: kyc.SessionCreated,
	}
	for i := range st.Definition.Steps {
		v.journey.Steps = append(v.journey.Steps, kyc.StepState{StepID: st.Definition.Steps[i].StepID, Status: kyc.StepPending})
	}
	return v, token, nil
}

// usable finds a workflow that new sessions may use.
func (m *Machine) usable(ctx context.Context, t kyc.Tenant, ref string) (kyc.Workflow, error) {
	w, err := m.findWorkflow(ctx, t, ref)
	if err == nil && w.Status == kyc.WorkflowDeleted {
		err = kyc.Errorf(kyc.Conflict, "workflow_deleted", "the workflow was deleted and takes no new sessions")
	}
	return w, err
}

func (n NewSession) problems(mailer bool) []kyc.Problem {
	p := append([]kyc.Problem(nil), n.Problems...)
	add := func(path, code, format string, args ...any) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if strings.TrimSpace(n.Workflow) == "" {
		add("/workflow_id", "required", "name the workflow by its id or slug")
	}
	if n.Version < 0 {
		add("/workflow_version", "out_of_range", "versions are counted from 1")
	}
	if n.TTLDays < 0 || n.TTLDays > maxDays {
		add("/ttl_days", "ttl_days_range", "1 to %d days", maxDays)
	}
	if len(n.Metadata) > maxMetadata {
		add("/metadata", "too_many", "at most %d entries", maxMetadata)
	}
	if len(n.ClientID) > maxClientID {
		add("/client_id", "too_long", "at most %d bytes", maxClientID)
	}
	if strings.ContainsFunc(n.ClientID, unicode.IsControl) || !utf8.ValidString(n.ClientID) {
		add("/client_id", "text_invalid", "without control characters")
	}
	if n.ClientID != "" && n.CustomerID != "" {
		add("/customer_id", "client_and_customer", "send client_id or customer_id, not both")
	}
	if _, ok := kyc.ParseID(n.CustomerID); n.CustomerID != "" && !ok {
		add("/customer_id", "customer_not_found", "there is no such customer here")
	}
	if n.RedirectURL != "" {
		u, err := url.Parse(n.RedirectURL)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || len(n.RedirectURL) > maxURL {
			add("/redirect_url", "invalid_url", "use an absolute http or https address of at most %d bytes", maxURL)
		}
	}
	if n.Language != "" && (len(n.Language) > 35 || !languageTag.MatchString(n.Language)) {
		add("/language", "language_invalid", "use a BCP 47 tag such as de or pt-BR")
	}
	switch n.SendInvite {
	case "", "none":
	case "email", "sms":
		if !mailer {
			add("/send_invite", "invite_unavailable", "this installation sends no messages; hand the link over yourself and use none")
		}
	default:
		add("/send_invite", "send_invite_invalid", "use email, sms or none")
	}
	return p
}

// kindOf is the sort of subject that a workflow is about.
func kindOf(d *onboarding.Definition) string {
	if len(d.EntityTypes) == 1 && d.EntityTypes[0] == "company" {
		return "company"
	}
	return "individual"
}

// person finds or makes the subject of a new session. One with a client_id is
// stored at once, outside the request's unit, so that two requests for one new
// person agree on it instead of refusing each other.
func (m *Machine) person(ctx context.Context, t kyc.Tenant, by kyc.Actor, now time.Time, n NewSession, kind string, c *kyc.Change) (kyc.Subject, error) {
	if n.CustomerID != "" {
		id, _ := kyc.ParseID(n.CustomerID)
		s, err := m.d.Store.Subject(ctx, t, id)
		if err != nil && kyc.KindOf(err) == kyc.NotFound {
			err = kyc.InvalidInput("invalid_session", "the session cannot be created",
				[]kyc.Problem{{Path: "/customer_id", Code: "customer_not_found", Message: "there is no such customer here"}})
		}
		if err == nil {
			err = active(&s)
		}
		return s, err
	}
	fresh := func() (kyc.Subject, kyc.Change) {
		s := kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, ExternalRef: n.ClientID, Kind: kind, Status: kyc.SubjectPending}
		s.Touch(now)
		e := event(ctx, t, by, now, "identity.create", "identity", s.ID, s.ID)
		e.After = digest(&s)
		e = m.d.News.Tell(e, &s, nil, "created")
		return s, kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{e}}
	}
	if n.ClientID == "" {
		s, change := fresh()
		c.Add(change)
		return s, nil
	}
	var err error
	for range 3 {
		var s kyc.Subject
		s, err = m.d.Store.SubjectByRef(ctx, t, n.ClientID)
		if err == nil && s.Status != kyc.SubjectRedacted {
			return s, active(&s)
		}
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return s, err
		}
		s, change := fresh()
		if err = m.d.Store.Commit(kyc.WithoutUnit(ctx), &change); err == nil {
			return s, nil
		}
		if kyc.KindOf(err) != kyc.Conflict { // somebody made the same person first
			return s, err
		}
	}
	return kyc.Subject{}, err
}

// active refuses people who may not be onboarded any more.
func active(s *kyc.Subject) error {
	switch {
	case s.Status == kyc.SubjectRedacted:
		return kyc.Errorf(kyc.Conflict, "redacted", "the data of this customer was erased")
	case !s.DeactivatedAt.IsZero():
		return kyc.Errorf(kyc.Conflict, "customer_inactive", "this customer was deactivated")
	}
	return nil
}

// invite sends a message once what it speaks of is stored. A mailer that fails
// does not undo the session; the link can be made anew.
func (m *Machine) invite(ctx context.Context, i Invitation) {
	kyc.AfterCommit(ctx, func() {
		if err := m.d.Invite(context.WithoutCancel(ctx), i); err != nil {
			m.d.Log.Warn("an invitation was not sent", "session", i.SessionID, "channel", i.Channel, "code", kyc.AsError(err).Code)
		}
	})
}
