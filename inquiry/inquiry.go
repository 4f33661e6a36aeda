package inquiry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bonafide/kyc"
)

// object is what events call an inquiry.
const object = "inquiry"

// Question is what somebody asks about a party.
type Question struct {
	Types       []kyc.InquiryType
	Full        bool
	ExternalRef string
	// Subject asks about a known person in place of ExternalRef.
	Subject kyc.ID
	Kind    string // person (default) or company
	Who     kyc.InquiryData
	Monitor kyc.WatchFrequency
}

// Ask puts a question, stores it with its answers and tells customers. Errors:
// Invalid invalid_question with all problems; 404 for an unknown subject;
// Conflict redacted when the person's data was erased.
func (m *Machine) Ask(ctx context.Context, t kyc.Tenant, by kyc.Actor, n Question) (kyc.Inquiry, error) {
	if n.Kind == "" {
		n.Kind = "person"
	}
	n.Who.Name = whole(&n.Who)
	n.Who.Parts, n.Who.Known, n.Who.Unreadable = nil, nil, false
	if err := check(&n); err != nil {
		return kyc.Inquiry{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return kyc.Inquiry{}, err
	}
	person, err := m.person(ctx, t, by, now, n)
	if err != nil {
		return kyc.Inquiry{}, err
	}
	q := kyc.Inquiry{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, SubjectID: person.ID, ExternalRef: person.ExternalRef, Kind: n.Kind, Types: n.Types, Full: n.Full,
		Monitor: n.Monitor, Private: n.Who}
	return m.round(ctx, org, by, now, &q, "inquiry.ask")
}

// Again asks the same question again. Errors: 404; Conflict redacted,
// concurrent_change.
func (m *Machine) Again(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Inquiry, error) {
	q, err := m.Read(ctx, t, id)
	if err != nil {
		return q, err
	}
	if q.Private.Unreadable {
		return q, erased()
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return q, err
	}
	return m.round(ctx, org, by, now, &q, "inquiry.ask_again")
}

func erased() error {
	return kyc.Errorf(kyc.Conflict, "redacted", "the data of this identity was erased")
}

// round asks all parts and commits what follows. It is complete when the first
// commit of the inquiry is, so nobody ever sees one without its answers.
func (m *Machine) round(ctx context.Context, org kyc.Org, by kyc.Actor, now time.Time, q *kyc.Inquiry, action string) (kyc.Inquiry, error) {
	r := kyc.CheckRequest{Tenant: q.Tenant, Attempt: 1, CallKey: fmt.Sprintf("inquiry-%s-%d", q.ID, q.Asked), Settings: org.EnvSettings(q.Tenant.Env), Now: now,
		SubjectID: q.SubjectID, Extracted: map[string]any{}, Checks: map[string]kyc.CheckFact{}}
	var err error
	if m.d.Words != nil {
		if r.Reviewed, err = m.d.Words(ctx, q.Tenant, q.SubjectID); err != nil {
			return *q, err
		}
	}
	// Lists that change while they are asked are asked again.
	inForce := versions(m.d.Lists())
	q.Private.Parts = m.ask(ctx, q, r)
	if err := ctx.Err(); err != nil { // what was asked under a dead context counts for nothing
		return *q, err
	}
	before := q.Asked > 0
	var d delta
	q.Private.Known, d = learn(q.Private.Known, q.Private.Parts, r.Reviewed, now)
	q.Lists = inForce
	q.Asked++
	q.AskedAt = now
	q.NextAt = next(q, now)
	sum(q)
	q.Touch(now)
	e := event(ctx, q, by, now, action)
	facts := map[string]any{"new_hits": d.added, "reopened_hits": d.reopened, "gone_hits": d.gone}
	c := kyc.Change{Put: []kyc.Object{q}, Events: []kyc.Event{m.d.News.Tell(e, q, facts, "completed")}}
	if before && d.fresh() {
		alert := event(ctx, q, by, now, "inquiry.new_hits")
		c.Events = append(c.Events, m.d.News.Tell(alert, q, facts, "monitoring.new_hits"))
	}
	if q.Monitor != "" && by.Kind == kyc.ActorSystem {
		// Customers asked to be told of what is new, not of every look.
		c.Events[0].Webhook, c.Events[0].Payload = "", nil
	}
	return *q, m.d.Store.Commit(ctx, &c)
}

// next is when an inquiry is due again: by its calendar, or within the hour
// when a part failed in a way that may pass.
func next(q *kyc.Inquiry, now time.Time) time.Time {
	if q.Monitor == "" {
		return time.Time{}
	}
	at := q.Monitor.Next(now)
	for _, p := range q.Private.Parts {
		if p.Answer.Status == kyc.StatusUnavailable || p.Answer.Transient {
			if soon := now.Add(time.Hour); at.IsZero() || soon.Before(at) {
				at = soon
			}
		}
	}
	return at
}

// Read finds an inquiry.
func (m *Machine) Read(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Inquiry, error) {
	return m.d.Store.Inquiry(ctx, t, id)
}

// List lists inquiries, newest first.
func (m *Machine) List(ctx context.Context, t kyc.Tenant, f kyc.InquiryFilter, p kyc.Page) ([]kyc.Inquiry, int, error) {
	return m.d.Store.Inquiries(ctx, t, f, p)
}

// Judge notes what a person says of a hit: FalsePositive, TruePositive, or Open
// to take it back. The word counts for the person's sessions, too, unless the
// organisation asks for two reviewers: one alone speaks for this inquiry only.
// Errors: 404 for the inquiry or the hit; Conflict redacted;
// Invalid invalid_reason.
func (m *Machine) Judge(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, hit, word, reason string) (kyc.Inquiry, error) {
	if utf8.RuneCountInString(reason) > 2000 || strings.ContainsFunc(reason, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		return kyc.Inquiry{}, kyc.InvalidInput("invalid_reason", "the reason cannot be stored", []kyc.Problem{{Path: "/reason", Code: "text_invalid", Message: "at most 2,000 characters, no control characters"}})
	}
	return m.change(ctx, t, by, id, 0, "inquiry."+word, func(q *kyc.Inquiry, org kyc.Org, now time.Time, c *kyc.Change) error {
		at := slices.IndexFunc(q.Private.Known, func(k kyc.InquiryHit) bool { return HitID(k.Type, k.List, k.EntryID) == hit })
		if at < 0 {
			return kyc.Missing("hit", hit)
		}
		k := &q.Private.Known[at]
		k.Status, k.By, k.At, k.Reason = word, by, now, reason
		if word == Open {
			k.By, k.At = kyc.Actor{}, time.Time{}
		}
		if !org.EnvSettings(t.Env).DualReview {
			remember(ctx, c, q, *k, by, now, kyc.HitWord(word))
		}
		sum(q)
		return nil
	})
}

// remember keeps a word on a hit for everything else that is asked about the
// person. A hit whose check did not say what it rests on cannot be kept.
func remember(ctx context.Context, c *kyc.Change, q *kyc.Inquiry, k kyc.InquiryHit, by kyc.Actor, now time.Time, word kyc.HitWord) {
	if k.Asked == "" {
		return
	}
	r := &kyc.HitReview{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: q.Tenant}, SubjectID: q.SubjectID,
		Private: kyc.HitReviewData{Reason: k.Reason, Hit: kyc.ReviewedHit{List: k.List, EntryID: k.EntryID, Entry: k.Digest, Asked: k.Asked, Word: word, By: by, At: now}}}
	r.Touch(now)
	e := event(ctx, q, by, now, "hit_review.create")
	e.Object, e.ObjectID, e.Reason, e.After = "hit_review", r.ID, string(word), ""
	c.Put, c.Events = append(c.Put, r), append(c.Events, e)
}

// Watch says how often an inquiry is asked again by itself; empty: never.
func (m *Machine) Watch(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, f kyc.WatchFrequency) (kyc.Inquiry, error) {
	if !validFrequency(f) {
		return kyc.Inquiry{}, kyc.InvalidInput("invalid_question", "the inquiry cannot be monitored so", []kyc.Problem{{Path: "/monitoring", Code: "not_allowed_value", Message: "daily, weekly, on_update or off"}})
	}
	return m.change(ctx, t, by, id, rev, "inquiry.watch", func(q *kyc.Inquiry, _ kyc.Org, _ time.Time, _ *kyc.Change) error {
		q.Monitor = f
		q.NextAt = next(q, q.AskedAt)
		return nil
	})
}

// change edits an inquiry, again when somebody else changed it meanwhile and
// the caller named no revision.
func (m *Machine) change(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, action string, edit func(*kyc.Inquiry, kyc.Org, time.Time, *kyc.Change) error) (kyc.Inquiry, error) {
	var err error
	for range attempts {
		var q kyc.Inquiry
		if q, err = m.Read(ctx, t, id); err != nil {
			return q, err
		}
		if rev != 0 && q.Rev != rev {
			return q, kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "the object is at revision %d, not %d; read it again", q.Rev, rev)
		}
		if q.Private.Unreadable {
			return q, erased()
		}
		now, org, bad := m.now(ctx, t)
		if bad != nil {
			return q, bad
		}
		var c kyc.Change
		if err = edit(&q, org, now, &c); err != nil {
			return q, err
		}
		q.Touch(now)
		c.Put, c.Events = append(c.Put, &q), append(c.Events, event(ctx, &q, by, now, action))
		if err = m.d.Store.Commit(ctx, &c); err == nil || kyc.KindOf(err) != kyc.Conflict || rev != 0 {
			return q, err
		}
	}
	return kyc.Inquiry{}, err
}

// now is the tenant's own time and its organisation.
func (m *Machine) now(ctx context.Context, t kyc.Tenant) (time.Time, kyc.Org, error) {
	org, err := m.d.Store.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, kyc.Org{}, err
	}
	return org.Now(m.d.Clock, t.Env), org, nil
}

// event is an audit entry of an inquiry. It holds no names, and no words of a
// reviewer.
func event(ctx context.Context, q *kyc.Inquiry, by kyc.Actor, at time.Time, action string) kyc.Event {
	e := kyc.Event{ID: kyc.NewID(at), Tenant: q.Tenant, At: at, Actor: by, Action: action, Object: object, ObjectID: q.ID, SubjectID: q.SubjectID,
		RequestID: kyc.RequestFrom(ctx).ID, Surface: kyc.SurfaceGraph}
	if b, err := json.Marshal(q); err == nil { // the personal part is not in it
		sum := sha256.Sum256(b)
		e.After = hex.EncodeToString(sum[:])
	}
	return e
}
