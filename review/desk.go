package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"bonafide/kyc"
)

// DefaultQueue is where cases go whose workflow names no queue and which no rule of
// routing takes.
const DefaultQueue = kyc.DefaultQueue

// Limits of what reviewers may write.
const (
	maxReviewer = 200
	maxReason   = 2000
	maxNote     = 10_000
	maxQueue    = 100
)

// Desk is the machine of all reviews. All methods take the tenant and the
// actor of the credential; a case of another tenant is kyc.Missing.
type Desk struct {
	store Store
	clock kyc.Clock
	news  kyc.News
	// settled adds to the decision of a session of ordered steps; see OnSettled.
	settled Settled
	// found tells what the checks of a run found; see OnFound.
	found Found
}

// Settled lets the machine of a session add to a decision that was made here:
// its entry in the session's history, and whatever else belongs into the same
// commit. It is asked after the session moved, from the state from, and before
// anything is stored; an error refuses the decision. words are what the
// reviewer wrote.
type Settled func(ctx context.Context, s *kyc.Session, from kyc.SessionStatus, by kyc.Actor, at time.Time, words kyc.RulingWords) (kyc.Change, error)

// OnSettled asks f about every decided session that has a machine of its own
// (surfaces A, B and C).
// It is called while the program is put together, before the desk is used.
func (d *Desk) OnSettled(f Settled) { d.settled = f }

// New makes the machine; news may be nil.
func New(store Store, clock kyc.Clock, news kyc.News) *Desk {
	return &Desk{store: store, clock: clock, news: news}
}

// now is the tenant's own time and its settings.
func (d *Desk) now(ctx context.Context, t kyc.Tenant) (time.Time, kyc.Settings, error) {
	org, err := d.store.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, kyc.Settings{}, err
	}
	return org.Now(d.clock, t.Env), org.EnvSettings(t.Env), nil
}

// event begins the audit entry of a case; code says why and is never what a
// reviewer wrote, for entries are kept for ever and in the clear. what is its
// public name, empty when customers are not told.
func (d *Desk) event(ctx context.Context, c *kyc.Case, by kyc.Actor, at time.Time, action, code, what string) kyc.Event {
	e := kyc.Event{ID: kyc.NewID(at), Tenant: c.Tenant, At: at, Actor: by, Action: action, Object: "case", ObjectID: c.ID,
		SubjectID: c.SubjectID, Reason: code, RequestID: kyc.RequestFrom(ctx).ID, After: digest(c)}
	if what == "" {
		return e
	}
	return d.news.Tell(e, c, nil, what)
}

// digest is the SHA-256 of an object's JSON in hex.
func digest(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// step is what a change of a case adds to the commit.
type step struct {
	action string
	code   string // why, for the audit entry
	what   string // public event name without "case."
	with   kyc.Change
}

// change reads a case, lets do alter it and commits both. rev is the revision
// of If-Match, 0 for none.
func (d *Desk) change(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, do func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error)) (kyc.Case, error) {
	c, err := d.store.Case(ctx, t, id)
	if err != nil {
		return c, err
	}
	if rev != 0 && c.Rev != rev {
		return c, kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "the case is at revision %d, not %d; read it again", c.Rev, rev)
	}
	return d.apply(ctx, c, by, do)
}

func (d *Desk) apply(ctx context.Context, c kyc.Case, by kyc.Actor, do func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error)) (kyc.Case, error) {
	now, settings, err := d.now(ctx, c.Tenant)
	if err != nil {
		return c, err
	}
	before := digest(&c)
	st, err := do(&c, now, settings)
	if err == nil && c.Private.Unreadable && !c.Private.Empty() {
		err = d.gone(ctx, &c)
	}
	if err != nil {
		return c, err
	}
	c.LastActivityAt = now
	if st.what != "" {
		c.Sequence++
	}
	c.Touch(now)
	e := d.event(ctx, &c, by, now, st.action, st.code, st.what)
	e.Before = before
	change := kyc.Change{Put: []kyc.Object{&c}, Events: []kyc.Event{e}}
	change.Add(st.with)
	return c, d.store.Commit(ctx, &change)
}

// gone is the answer to whoever writes words about data that was erased or is
// withheld: they could not be kept.
func (d *Desk) gone(ctx context.Context, c *kyc.Case) error {
	if c.SessionID == "" {
		return kyc.Errorf(kyc.Conflict, "redacted", "the data of whom the case is about was erased; nothing can be written about them any more")
	}
	s, err := d.store.Session(ctx, c.Tenant, c.SessionID)
	if err != nil {
		return err
	}
	return s.Gone()
}

// Read gives a case and records that it was looked at.
func (d *Desk) Read(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Case, error) {
	c, err := d.store.Case(ctx, t, id)
	if err != nil {
		return c, err
	}
	return c, d.store.Commit(ctx, &kyc.Change{Events: []kyc.Event{d.event(ctx, &c, by, d.clock.Now(), "case.read", "", "")}})
}

// Filter selects cases; SLA is green, yellow, red or empty.
type Filter struct {
	Status     []kyc.CaseStatus
	AssignedTo string
	Queue      string
	SLA        string
}

// List gives a page of cases, newest first, with the total that matches.
func (d *Desk) List(ctx context.Context, t kyc.Tenant, f Filter, p kyc.Page) ([]kyc.Case, int, error) {
	now, _, err := d.now(ctx, t)
	if err != nil {
		return nil, 0, err
	}
	q := kyc.CaseFilter{Status: f.Status, AssignedTo: f.AssignedTo, Queue: f.Queue}
	if f.AssignedTo != "" {
		if q.AssignedTo, err = d.reviewer(ctx, t, f.AssignedTo, "/query/assigned_to"); err != nil {
			return nil, 0, err
		}
	}
	switch f.SLA {
	case "":
	case Green:
		q.EnteredFrom = now.Add(-yellowAfter).Add(time.Microsecond)
	case Yellow:
		q.EnteredFrom, q.EnteredTo = now.Add(-redAfter).Add(time.Microsecond), now.Add(-yellowAfter).Add(time.Microsecond)
	case Red:
		q.EnteredTo = now.Add(-redAfter).Add(time.Microsecond)
	default:
		return nil, 0, invalid("/query/sla", "unknown_colour", "use green, yellow or red")
	}
	if f.SLA != "" && len(q.Status) == 0 { // a decided case waits for nobody
		q.Status = []kyc.CaseStatus{kyc.CaseOpen, kyc.CaseInReview, kyc.CaseEscalated, kyc.CaseSecond}
	}
	p.Damaged = true
	return d.store.Cases(ctx, t, q, p)
}

// The colours of the time a case has been waiting.
const (
	Green  = "green"
	Yellow = "yellow"
	Red    = "red"

	yellowAfter = 4 * time.Hour
	redAfter    = 24 * time.Hour
)

// Colour says how long a case has waited: green under 4 h, yellow under 24 h,
// red from then on. A decided case keeps the colour it was decided in.
func Colour(c *kyc.Case, now time.Time) string {
	if c.Decision != nil && c.Status.Decided() {
		now = c.Decision.At
	}
	switch waited := now.Sub(c.EnteredReviewAt); {
	case waited < yellowAfter:
		return Green
	case waited < redAfter:
		return Yellow
	}
	return Red
}

// Now is the time that SLA colours of this tenant are computed with.
func (d *Desk) Now(ctx context.Context, t kyc.Tenant) (time.Time, error) {
	now, _, err := d.now(ctx, t)
	return now, err
}

// Counts tells how many cases are in each status.
func (d *Desk) Counts(ctx context.Context, t kyc.Tenant) (map[kyc.CaseStatus]int, error) {
	return d.store.CaseCounts(ctx, t)
}

// Patch changes a case's metadata (merged key by key, nil removes), queue and
// priority; nil leaves a part alone.
type Patch struct {
	Metadata map[string]any
	Queue    *string
	Priority *int
}

// Patch applies the change. Whoever takes a case out of a queue needs the skills
// that it asks for (403 skills_missing): moved elsewhere, anybody could decide it.
func (d *Desk) Patch(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, p Patch) (kyc.Case, error) {
	return d.change(ctx, t, by, id, rev, func(c *kyc.Case, _ time.Time, s kyc.Settings) (step, error) {
		data := maps.Clone(c.Private.Metadata)
		for k, v := range p.Metadata {
			if data == nil {
				data = map[string]any{}
			}
			data[k] = v
			if v == nil {
				delete(data, k)
			}
		}
		c.Private.Metadata = data
		if p.Queue != nil {
			if *p.Queue == "" || len(*p.Queue) > maxQueue {
				return step{}, invalid("/queue", "invalid_queue", "a queue's name has 1 to 100 bytes")
			}
			if *p.Queue != c.Queue && !c.Status.Decided() {
				if err := d.skilled(ctx, c, person(by), s); err != nil {
					return step{}, err
				}
			}
			if *p.Queue != c.Queue { // by hand from here on
				c.Rule = ""
			}
			c.Enter(*p.Queue, s)
		}
		if p.Priority != nil {
			c.Priority = *p.Priority
		}
		return step{action: "case.update"}, nil
	})
}

func invalid(path, code, message string) *kyc.Error {
	return kyc.InvalidInput(code, message, []kyc.Problem{{Path: path, Code: code, Message: message}})
}

// need lists the texts of a request that are missing or too long.
type need struct {
	path, value string
	required    bool
	max         int
}

func check(needs ...need) error {
	var p []kyc.Problem
	for _, n := range needs {
		switch v := strings.TrimSpace(n.value); {
		case n.required && v == "":
			p = append(p, kyc.Problem{Path: n.path, Code: "required", Message: strings.TrimPrefix(n.path, "/") + " is required"})
		case len(v) > n.max:
			p = append(p, kyc.Problem{Path: n.path, Code: "too_long", Message: fmt.Sprintf("at most %d bytes", n.max)})
		}
	}
	if len(p) == 0 {
		return nil
	}
	return kyc.InvalidInput("invalid_case_action", "the request lacks something", p)
}

// reviewer brings a reviewer's name into one form: the id of the user of this
// organisation whom it names by id or e-mail address, otherwise the trimmed
// text. So one person cannot appear as two.
func (d *Desk) reviewer(ctx context.Context, t kyc.Tenant, name, path string) (string, error) {
	if err := check(need{path, name, true, maxReviewer}); err != nil {
		return "", err
	}
	name = strings.TrimSpace(name)
	users, err := d.store.Users(ctx, t.Org)
	if err != nil {
		return "", err
	}
	u, known := kyc.FindUser(users, name)
	switch {
	case !known:
		return name, nil
	case !u.DisabledAt.IsZero():
		return "", invalid(path, "reviewer_disabled", "this user is disabled")
	}
	return string(u.ID), nil
}

// same compares two reviewers in their normal form; names that are no users
// differ only when they differ in more than case.
func same(a, b string) bool { return strings.EqualFold(a, b) }

// acting finds the reviewer of a request and refuses a signed-in person who
// acts under another's name.
func (d *Desk) acting(ctx context.Context, t kyc.Tenant, by kyc.Actor, name string) (string, error) {
	if strings.TrimSpace(name) == "" {
		if by.Kind == kyc.ActorUser {
			return by.ID, nil
		}
		name = by.OnBehalfOf // the X-On-Behalf-Of header
	}
	who, err := d.reviewer(ctx, t, name, "/reviewer_id")
	if err == nil && by.Kind == kyc.ActorUser && who != by.ID {
		err = kyc.Errorf(kyc.Forbidden, "not_yourself", "you can act only under your own name")
	}
	return who, err
}
