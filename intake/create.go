package intake

import (
	"context"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bonafide/kyc"
)

// Limits of what a caller may put on a session.
const (
	maxName       = 200 // characters
	maxEmail      = 254 // bytes (RFC 5321)
	maxExternal   = 200 // bytes
	maxURL        = 2048
	maxMetadata   = 100 // entries
	minLife       = time.Hour
	maxLife       = 8760 * time.Hour
	defaultLife   = 7 * 24 * time.Hour
	sessionPerson = "individual"
)

// e164 is a telephone number of 10 to 15 digits (api.md 4.4).
var e164 = regexp.MustCompile(`^\+?[1-9][0-9]{9,14}$`)

// Create opens a session pinned to the workflow's version in force (B6, B7).
// Errors: Invalid invalid_session with all problems (among them
// invite_unavailable where no mailer is set up); 404 for an unknown workflow;
// 409 workflow_archived.
func (m *Machine) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewSession) (Created, error) {
	if p := n.problems(m.d.Invite != nil); len(p) > 0 {
		return Created{}, kyc.InvalidInput("invalid_session", "the session cannot be created", p)
	}
	id, ok := kyc.ParseID(n.WorkflowID)
	if !ok {
		return Created{}, kyc.Missing("workflow", n.WorkflowID)
	}
	st, err := m.workflow(ctx, t, id, 0)
	if err != nil {
		return Created{}, err
	}
	if st.Archived() {
		return Created{}, archived()
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return Created{}, err
	}
	v := n.fresh(st, org, t, by, now)
	out := Created{}
	if n.Hosted {
		if out.Token, v.session.TokenHash, err = kyc.NewToken(m.d.Random); err != nil {
			return Created{}, err
		}
	}
	person := &kyc.Subject{Meta: kyc.Meta{ID: v.session.SubjectID, Tenant: t}, Kind: sessionPerson, Status: kyc.SubjectPending,
		Private: kyc.SubjectData{Name: n.FirstName + " " + n.LastName, Email: n.Email, Phone: n.Phone}}
	person.Touch(now)
	born := event(ctx, t, by, now, "identity.create", "identity", person.ID, person.ID)
	born.After = digest(person)
	c := kyc.Change{Put: []kyc.Object{person}, Events: []kyc.Event{m.d.News.Tell(born, person, nil, "created")}}
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.create", NewsCreated, nil))
	if err := m.save(ctx, v, by, c); err != nil {
		return Created{}, err
	}
	out.State = v.state()
	for _, way := range []struct {
		wanted      bool
		channel, to string
	}{{n.SendEmail, "email", n.Email}, {n.SendPhone, "sms", n.Phone}} {
		if way.wanted {
			out.Invited = append(out.Invited, way.channel)
			m.invite(ctx, Invitation{Tenant: t, SessionID: v.session.ID, Channel: way.channel, To: way.to, Workflow: st.Version.Name,
				Token: out.Token, Kind: "invitation", ExpiresAt: v.session.ExpiresAt})
		}
	}
	return out, nil
}

// fresh makes a session and its journey in memory: every step is pending.
func (n *NewSession) fresh(st WorkflowState, org kyc.Org, t kyc.Tenant, by kyc.Actor, now time.Time) *view {
	n.FirstName, n.LastName, n.Email = strings.TrimSpace(n.FirstName), strings.TrimSpace(n.LastName), strings.TrimSpace(n.Email)
	if !strings.HasPrefix(n.Phone, "+") {
		n.Phone = "+" + n.Phone
	}
	life := n.ExpiresIn
	if life == 0 {
		life = defaultLife
	}
	id, subject := kyc.NewID(now), kyc.NewID(now)
	v := &view{
		session: kyc.Session{Meta: kyc.Meta{ID: id, Tenant: t}, Surface: kyc.SurfaceChecks, SubjectID: subject, ExternalRef: n.ExternalID,
			WorkflowID: st.Workflow.ID, Version: st.Version.Number, Status: kyc.SessionCreated, RedirectURL: n.RedirectURL, ExpiresAt: now.Add(life),
			Tags: []string{senderTag(by)},
			Private: kyc.SessionData{Metadata: n.Metadata, Fields: map[string]any{
				"first_name": n.FirstName, "last_name": n.LastName, "email": n.Email, "phone": n.Phone}}},
		journey:  kyc.Journey{Meta: kyc.Meta{ID: id, Tenant: t}, SubjectID: subject},
		workflow: st.Workflow, version: st.Version, def: st.Def, org: org, now: now, was: kyc.SessionCreated,
	}
	if n.Hosted {
		v.session.Tags = append(v.session.Tags, tagHosted)
	}
	called(v.session.Private.Fields, name{Given: n.FirstName, Family: n.LastName, Source: "customer"})
	for _, step := range st.Def.StepIDs() {
		v.journey.Steps = append(v.journey.Steps, kyc.StepState{StepID: step, Status: kyc.StepPending})
	}
	return v
}

func (n *NewSession) problems(mailer bool) []kyc.Problem {
	p := append([]kyc.Problem(nil), n.Problems...)
	add := func(path, code, format string, args ...any) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if strings.TrimSpace(n.WorkflowID) == "" {
		add("/workflow_id", "required", "name the workflow by its id")
	}
	for path, text := range map[string]string{"/first_name": n.FirstName, "/last_name": n.LastName} {
		if bad, code := nameProblem(text); code != "" {
			add(path, code, "%s", bad)
		}
	}
	if code := emailProblem(n.Email); code != "" {
		add("/email", code, "an address such as ada@example.org")
	}
	switch {
	case n.Phone == "":
		add("/phone", "required", "a telephone number is needed")
	case !e164.MatchString(n.Phone):
		add("/phone", "phone_invalid", "use E.164: a plus sign and 10 to 15 digits")
	}
	if len(n.ExternalID) > maxExternal {
		add("/external_id", "too_long", "at most %d bytes", maxExternal)
	}
	if plainText(n.ExternalID) != n.ExternalID {
		add("/external_id", "text_invalid", "without control characters")
	}
	if n.RedirectURL != "" {
		u, err := url.Parse(n.RedirectURL)
		if err != nil || u.Host == "" || u.Scheme != "https" || len(n.RedirectURL) > maxURL {
			add("/redirect_url", "invalid_url", "use an absolute https address of at most %d bytes", maxURL)
		}
	}
	if n.ExpiresIn != 0 && (n.ExpiresIn < minLife || n.ExpiresIn > maxLife) {
		add("/expires_in_hours", "out_of_range", "1 to 8760 hours")
	}
	if len(n.Metadata) > maxMetadata {
		add("/metadata", "too_many", "at most %d entries", maxMetadata)
	}
	for path, wanted := range map[string]bool{"/send_email_invite": n.SendEmail, "/send_phone_invite": n.SendPhone} {
		switch {
		case wanted && !n.Hosted:
			add(path, "invite_not_hosted", "only a hosted session has a link to send")
		case wanted && !mailer:
			add(path, "invite_unavailable", "this installation sends no messages; hand the link over yourself")
		}
	}
	sortProblems(p)
	return p
}

// nameProblem judges one part of a person's name.
func nameProblem(text string) (message, code string) {
	switch text = strings.TrimSpace(text); {
	case text == "":
		return "a name is needed", "required"
	case utf8.RuneCountInString(text) > maxName:
		return fmt.Sprintf("at most %d characters", maxName), "too_long"
	case plainText(text) != text:
		return "without control characters", "text_invalid"
	}
	if _, readable := kyc.ListName.Normal(text); !readable { // no list could be asked about it
		return "a name has at least one letter", "name_invalid"
	}
	return "", ""
}

// emailProblem judges an address by its form alone.
func emailProblem(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return "required"
	}
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > maxEmail {
		return "email_invalid"
	}
	return ""
}

// plainText leaves out what cannot be shown.
func plainText(s string) string {
	if !utf8.ValidString(s) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

// invite sends a message once what it speaks of is stored. A mailer that fails
// does not undo the session; the link was shown to whoever made it.
func (m *Machine) invite(ctx context.Context, i Invitation) {
	kyc.AfterCommit(ctx, func() {
		if err := m.d.Invite(context.WithoutCancel(ctx), i); err != nil {
			m.d.Log.Warn("an invitation was not sent", "session", i.SessionID, "channel", i.Channel, "code", kyc.AsError(err).Code)
		}
	})
}
