package execution

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// A hosted link (C23) leads an individual through pages that ask for what a
// workflow can use and the individual lacks. Its session becomes the session of
// the execution that begins when everything was given, so that the ID of the
// link's session is the ID of the execution.

// Bounds of the life of a hosted link.
const (
	minHosted   = time.Hour
	maxHosted   = 8760 * time.Hour
	maxRedirect = 2048
)

// tagHosted marks the sessions of hosted links.
const tagHosted = "hosted"

// channelHosted is the channel of an execution that a hosted page began
// (api.md 5.1).
const channelHosted = "smartui"

// keyHosted and keyConsents are the members of a session's fields that hold how
// far the pages are and what was agreed to.
const (
	keyHosted   = "hosted"
	keyConsents = "consents"
)

// NewHosted asks for a hosted link.
type NewHosted struct {
	SubjectID kyc.ID // of an individual that exists
	// New is an individual that is made together with the link, in place of one
	// that exists; its change is committed with the link's or not at all.
	New          *Newcomer
	ServiceName  string
	WorkflowName string
	// RedirectURL is where the pages lead at the end; empty for nowhere.
	RedirectURL string
	// Life is how long the link works, 1 to 8760 hours; 0: the organisation's
	// own.
	Life time.Duration
	// Send sends the link to Phone (E.164), or to the individual's first number
	// where Phone is empty.
	Send  bool
	Phone string
	Hand
}

// Hosted is a fresh link: the token is shown once and stored as a hash.
type Hosted struct {
	Session  kyc.Session
	Workflow kyc.Workflow
	Token    string
	// SentTo is the number that the link is sent to; empty for none.
	SentTo string
}

// HostedState is a hosted link as its pages see it.
type HostedState struct {
	Session    kyc.Session
	Individual kyc.Individual
	Documents  []kyc.EntityDocument // in force
	Workflow   kyc.Workflow
	// Wants is what the pages ask for: what was missing when the link was made,
	// and what a newer version of the workflow needs besides.
	Wants []procedure.Want
	// Papers are the documents that were taken on the pages, by the want they
	// serve.
	Papers map[string]kyc.ID
	// Files is how many files came by the link, those that others replaced and
	// those that were refused included.
	Files int
	Now   time.Time
}

// hosting is how far the pages are, as the session keeps it.
type hosting struct {
	Wants   []procedure.Want  `json:"wants"`
	Papers  map[string]kyc.ID `json:"papers,omitempty"`
	Files   int               `json:"files,omitempty"`
	Request string            `json:"request,omitempty"`
}

func hostingOf(s *kyc.Session) hosting {
	var h hosting
	if raw, err := json.Marshal(s.Private.Fields[keyHosted]); err == nil {
		_ = json.Unmarshal(raw, &h) // what cannot be read is asked for again
	}
	return h
}

func (h hosting) keep(s *kyc.Session) error {
	held, err := plain(map[string]any{keyHosted: h})
	if err != nil {
		return err
	}
	if s.Private.Fields == nil {
		s.Private.Fields = map[string]any{}
	}
	s.Private.Fields[keyHosted] = held[keyHosted]
	return nil
}

// Host makes a hosted link for an individual and a workflow (C23). The open
// links of the two that were made before end with it. Errors: 404 individual,
// workflow; 409 execution_running, concurrent_change when others go on making
// links of the two; Invalid invalid_hosted_url with every problem, among them
// invite_unavailable where no gateway for text messages is set up and
// phone_missing.
func (m *Machine) Host(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewHosted) (Hosted, error) {
	return untilAlone(func() (Hosted, error) { return m.host(ctx, t, by, n) })
}

func (m *Machine) host(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewHosted) (Hosted, error) {
	out := Hosted{}
	person, err := m.guest(ctx, t, &n)
	if err != nil {
		return out, err
	}
	if out.Workflow, err = m.find(ctx, t, n.ServiceName, n.WorkflowName); err != nil {
		return out, err
	}
	st, err := m.inForce(ctx, out.Workflow)
	if err != nil {
		return out, err
	}
	if n.Send && n.Phone == "" && len(person.Private.Phones) > 0 {
		n.Phone = person.Private.Phones[0].Number
	}
	if p := m.hostedProblems(&n); len(p) > 0 {
		return out, kyc.InvalidInput("invalid_hosted_url", "the link cannot be made", p)
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return out, err
	}
	if err := m.idle(ctx, t, &beginning{individual: person, state: st, now: now}); err != nil {
		return out, err
	}
	if n.Life == 0 {
		n.Life = linkLife(org, t.Env)
	}
	before, err := m.openLinks(ctx, t, person.ID, out.Workflow.ID)
	if err != nil {
		return out, err
	}
	c, err := endLinks(ctx, by, now, reasonReplaced, before)
	if err != nil {
		return out, err
	}
	if n.New != nil {
		c.Add(n.New.Change)
	}
	token, hash, err := kyc.NewToken(m.d.Random)
	if err != nil {
		return out, err
	}
	out.Token = token
	s := &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, Surface: kyc.SurfaceEntities, SubjectID: person.ID, WorkflowID: out.Workflow.ID,
		Status: kyc.SessionCreated, Country: countryOf(&person.Private), Tags: []string{tagHosted}, RedirectURL: n.RedirectURL,
		TokenHash: hash, ExpiresAt: now.Add(n.Life), Sequence: 1}
	h := hosting{Request: n.request(ctx)}
	if h.Wants, err = m.wants(ctx, st.Definition, &person, s, h, now); err != nil {
		return out, err
	}
	if err := h.keep(s); err != nil {
		return out, err
	}
	s.Touch(now)
	e := event(ctx, t, by, now, "session.create", "session", s.ID, s.SubjectID)
	e.After, e.RequestID, e.Reason = digest(s), h.Request, tagHosted
	c.Put, c.Events = append(c.Put, s), append(c.Events, e)
	if err := m.d.Store.Commit(ctx, &c); err != nil {
		return out, err
	}
	out.Session = *s
	if n.Send {
		out.SentTo = n.Phone
		m.invite(ctx, Invitation{Tenant: t, SessionID: s.ID, To: n.Phone, Workflow: out.Workflow.Name, Token: out.Token, ExpiresAt: s.ExpiresAt})
	}
	return out, nil
}

// guest is the individual whom a link is made for.
func (m *Machine) guest(ctx context.Context, t kyc.Tenant, n *NewHosted) (kyc.Individual, error) {
	if n.New != nil {
		return n.New.Individual, nil
	}
	return m.individual(ctx, t, n.SubjectID)
}

func (m *Machine) hostedProblems(n *NewHosted) []kyc.Problem {
	var p []kyc.Problem
	add := func(path, code, format string, args ...any) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if n.RedirectURL != "" {
		u, err := url.Parse(n.RedirectURL)
		if err != nil || u.Host == "" || u.Scheme != "https" || len(n.RedirectURL) > maxRedirect {
			add("/redirectUrl", "invalid_url", "use an absolute https address of at most %d bytes", maxRedirect)
		}
	}
	if n.Life != 0 && (n.Life < minHosted || n.Life > maxHosted) {
		add("/expiresInHours", "out_of_range", "1 to 8760 hours")
	}
	switch {
	case !n.Send:
	case m.d.Invite == nil:
		add("/sendSms", "invite_unavailable", "this installation sends no messages; hand the link over yourself")
	case n.Phone == "":
		add("/phoneNumber", "phone_missing", "the individual has no telephone number; name one")
	case !e164(n.Phone):
		add("/phoneNumber", "phone_invalid", "use E.164: a plus sign and 8 to 15 digits")
	}
	return p
}

// e164 reports whether a text is a telephone number as ITU-T E.164 writes it.
func e164(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && len(digits) >= 8 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// invite sends a message once what it speaks of is stored. A gateway that fails
// does not undo the link, which was shown to whoever made it.
func (m *Machine) invite(ctx context.Context, i Invitation) {
	kyc.AfterCommit(ctx, func() {
		if err := m.d.Invite(context.WithoutCancel(ctx), i); err != nil {
			m.d.Log.Warn("an invitation was not sent", "session", i.SessionID, "channel", "sms", "code", kyc.AsError(err).Code)
		}
	})
}

// wants is what the pages of a link ask for.
func (m *Machine) wants(ctx context.Context, d *procedure.Definition, i *kyc.Individual, s *kyc.Session, h hosting, now time.Time) ([]procedure.Want, error) {
	docs, err := m.d.Store.EntityDocuments(ctx, s.Tenant, i.ID, false)
	if err != nil {
		return nil, err
	}
	manual, err := m.manualKYC(ctx, s.Tenant, i.ID)
	if err != nil {
		return nil, err
	}
	var have []string
	papers := gather(slices.DeleteFunc(docs, func(d kyc.EntityDocument) bool {
		return d.ID == h.Papers[procedure.WantDocument] || d.ID == h.Papers[procedure.WantSelfie]
	}), s.ID, now)
	if papers.front {
		have = append(have, procedure.WantDocument)
	}
	if papers.selfie {
		have = append(have, procedure.WantSelfie)
	}
	out := slices.Clone(h.Wants)
	for _, w := range d.Wants(&i.Private, manual != nil, have...) {
		if !slices.ContainsFunc(out, func(o procedure.Want) bool { return o.Name == w.Name }) {
			out = append(out, w)
		}
	}
	return out, nil
}
