package session

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"bonafide/kyc"
)

// Limits of what a caller may put on a session.
const (
	maxRef      = 200
	maxTags     = 50
	maxTag      = 64
	maxFields   = 200
	maxMetadata = 100
	maxURL      = 2048
)

// NewSession is a request for a session.
type NewSession struct {
	Surface     kyc.Surface
	ExternalRef string
	Country     string // ISO 3166-1 alpha-2, any case
	WorkflowID  kyc.ID // empty: the default workflow of the environment
	RedirectURL string
	Metadata    map[string]any
	Tags        []string
	// Fields prefill the form. They never skip capture.
	Fields map[string]any
	// Subject runs the session for a known person instead of an external_ref.
	Subject kyc.ID
	// Problems are what the surface found already, to be told with the rest.
	Problems []kyc.Problem
}

// Link is a fresh capture link: the token is shown once and stored as a hash.
type Link struct {
	Session kyc.Session
	Token   string
}

// Create opens a session and makes its capture link. The person is found by
// external_ref or made. Errors: 422 invalid_session with all problems,
// no_default_workflow, workflow_not_published; 404 for an unknown workflow.
func (m *Sessions) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewSession) (Link, error) {
	s, change, token, err := m.prepare(ctx, t, by, n)
	if err != nil {
		return Link{}, err
	}
	if err := m.d.Store.Commit(ctx, change); err != nil {
		return Link{}, err
	}
	return Link{Session: *s, Token: token}, nil
}

// prepare makes the session and its change without committing it.
func (m *Sessions) prepare(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewSession) (*kyc.Session, *kyc.Change, string, error) {
	if n.Surface == "" {
		n.Surface = kyc.SurfaceGraph
	}
	n.Country = strings.ToUpper(strings.TrimSpace(n.Country))
	if p := n.problems(); len(p) > 0 {
		return nil, nil, "", kyc.InvalidInput("invalid_session", "the session cannot be created", p)
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return nil, nil, "", err
	}
	w, err := m.workflowFor(ctx, t, n)
	if err != nil {
		return nil, nil, "", err
	}
	subject, change, err := m.person(ctx, t, by, now, n)
	if err != nil {
		return nil, nil, "", err
	}
	token, hash, err := kyc.NewToken(m.d.Random)
	if err != nil {
		return nil, nil, "", err
	}
	tags, _ := cleanTags(n.Tags)
	s := &kyc.Session{
		Meta:    kyc.Meta{ID: kyc.NewID(now), Tenant: t},
		Surface: n.Surface, SubjectID: subject.ID, ExternalRef: n.ExternalRef, WorkflowID: w.ID,
		Status: kyc.SessionCreated, Country: n.Country, Tags: tags, RedirectURL: n.RedirectURL,
		TokenHash: hash, ExpiresAt: now.Add(captureTTL(org, t.Env)), Sequence: 1,
		Private: kyc.SessionData{Fields: n.Fields, Metadata: n.Metadata},
	}
	if s.ExternalRef == "" {
		s.ExternalRef = subject.ExternalRef
	}
	s.Touch(now)
	change.Put = append(change.Put, s)
	change.Events = append(change.Events, m.sessionEvent(ctx, s, by, now, "session.create", "created", nil))
	return s, change, token, nil
}

func captureTTL(org kyc.Org, env kyc.Env) time.Duration {
	if ttl := org.EnvSettings(env).CaptureTTL; ttl > 0 {
		return ttl
	}
	return kyc.DefaultSettings().CaptureTTL
}

func (n NewSession) problems() []kyc.Problem {
	p := slices.Clone(n.Problems)
	add := func(path, code, format string, args ...any) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if len(n.ExternalRef) > maxRef {
		add("/external_ref", "too_long", "at most %d bytes", maxRef)
	}
	if n.Country != "" && !IsCountry(n.Country) {
		add("/country", "invalid_country", "use an ISO 3166-1 alpha-2 code such as NL")
	}
	if n.RedirectURL != "" {
		u, err := url.Parse(n.RedirectURL)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || len(n.RedirectURL) > maxURL {
			add("/redirect_url", "invalid_url", "use an absolute http or https address of at most %d bytes", maxURL)
		}
	}
	if len(n.Fields) > maxFields {
		add("/fields", "too_many", "at most %d fields", maxFields)
	}
	if len(n.Metadata) > maxMetadata {
		add("/metadata", "too_many", "at most %d entries", maxMetadata)
	}
	if _, bad := cleanTags(n.Tags); bad != "" {
		add("/tags", "invalid_tags", "%s", bad)
	}
	return p
}

// IsCountry reports whether the code is an ISO 3166-1 alpha-2 country in
// upper case.
func IsCountry(code string) bool {
	if len(code) != 2 || strings.ToUpper(code) != code {
		return false
	}
	r, err := language.ParseRegion(code)
	return err == nil && r.IsCountry() && r.String() == code
}

// workflowFor finds the workflow of a new session and checks that new sessions
// may use it.
func (m *Sessions) workflowFor(ctx context.Context, t kyc.Tenant, n NewSession) (kyc.Workflow, error) {
	if n.WorkflowID == "" {
		w, err := m.d.Store.DefaultWorkflow(ctx, t, n.Surface)
		if kyc.KindOf(err) == kyc.NotFound && err != nil {
			return w, kyc.InvalidInput("no_default_workflow", "name a workflow_id, or make a published workflow the default of this environment",
				[]kyc.Problem{{Path: "/workflow_id", Code: "no_default_workflow", Message: "this environment has no default workflow"}})
		}
		return w, err
	}
	w, err := m.d.Store.Workflow(ctx, t, n.WorkflowID)
	if err != nil {
		return w, err
	}
	if w.Status == kyc.WorkflowDeleted || foreign(w.Surface) {
		return w, kyc.Missing("workflow", string(n.WorkflowID))
	}
	return w, usable(w)
}

// usable refuses workflows that new sessions may not use.
func usable(w kyc.Workflow) error {
	if w.Status != kyc.WorkflowPublished || w.Published == 0 {
		return kyc.InvalidInput("workflow_not_published", "only a published workflow can be used by new sessions",
			[]kyc.Problem{{Path: "/workflow_id", Code: "workflow_not_published", Message: fmt.Sprintf("the workflow is %s", w.Status)}})
	}
	return nil
}

// person finds or makes the subject of a new session. A person with an
// external_ref is stored at once, outside the request's unit, so that two
// requests for one new person agree on it instead of refusing each other.
func (m *Sessions) person(ctx context.Context, t kyc.Tenant, by kyc.Actor, now time.Time, n NewSession) (kyc.Subject, *kyc.Change, error) {
	if n.Subject != "" {
		s, err := m.d.Store.Subject(ctx, t, n.Subject)
		if err == nil && s.Status == kyc.SubjectRedacted {
			err = kyc.Errorf(kyc.Conflict, "redacted", "the data of this identity was erased")
		}
		return s, &kyc.Change{}, err
	}
	fresh := func() (kyc.Subject, *kyc.Change) {
		s := kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, ExternalRef: n.ExternalRef, Kind: "individual", Status: kyc.SubjectPending}
		s.Touch(now)
		e := event(ctx, t, by, now, "identity.create", "identity", s.ID, s.ID)
		e.After = digest(s)
		e = m.d.News.Tell(e, &s, nil, "created")
		return s, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{e}}
	}
	if n.ExternalRef == "" {
		s, change := fresh()
		return s, change, nil
	}
	var err error
	for range 3 {
		var s kyc.Subject
		s, err = m.d.Store.SubjectByRef(ctx, t, n.ExternalRef)
		if err == nil && s.Status != kyc.SubjectRedacted {
			return s, &kyc.Change{}, nil
		}
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return s, nil, err
		}
		s, change := fresh()
		err = m.d.Store.Commit(kyc.WithoutUnit(ctx), change)
		if err == nil {
			return s, &kyc.Change{}, nil
		}
		if kyc.KindOf(err) != kyc.Conflict { // somebody made the same person first
			return s, nil, err
		}
	}
	return kyc.Subject{}, nil, err
}

// cleanTags trims and drops repeats; bad says what is wrong, empty when
// nothing is.
func cleanTags(tags []string) (clean []string, bad string) {
	seen := map[string]bool{}
	for _, tag := range tags {
		tag = strings.TrimSpace(tag)
		if tag == "" || len(tag) > maxTag {
			return nil, fmt.Sprintf("a tag has 1 to %d bytes", maxTag)
		}
		if !seen[tag] {
			seen[tag] = true
			clean = append(clean, tag)
		}
	}
	if len(clean) > maxTags {
		return nil, fmt.Sprintf("at most %d tags", maxTags)
	}
	return clean, ""
}
