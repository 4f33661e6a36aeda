// Package identity is the machine of the people and companies that sessions and
// checks are about (surface D's identities, api.md 6.12): labels, archiving,
// merging two records of one person, and erasing them.
//
// A merge moves nothing: what was sealed under the key of a record stays there.
// The merged record points at the one that stands for both (MergedInto), and
// whoever asks for the sessions or checks of that one gets those of both;
// erasing it erases both.
package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bonafide/kyc"
)

// Store is what identities need from disk.
type Store interface {
	Commit(ctx context.Context, c *kyc.Change) error
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	Subjects(ctx context.Context, t kyc.Tenant, f kyc.SubjectFilter, p kyc.Page) ([]kyc.Subject, int, error)
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	Inquiries(ctx context.Context, t kyc.Tenant, f kyc.InquiryFilter, p kyc.Page) ([]kyc.Inquiry, int, error)
}

// Deps are what the machine is made from.
type Deps struct {
	Store Store
	Clock kyc.Clock
	News  kyc.News
	// Erase prepares the erasure of a person with all their sessions
	// (session.Sessions.ErasePerson).
	Erase func(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID) (kyc.Change, error)
}

// Machine is the machine of identities.
type Machine struct{ d Deps }

// New makes the machine.
func New(d Deps) *Machine { return &Machine{d: d} }

// Limits of labels.
const (
	maxTags  = 50
	maxTag   = 100
	maxText  = 500
	attempts = 3
)

// Read finds an identity. The look at personal data is recorded.
func (m *Machine) Read(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Subject, error) {
	s, err := m.d.Store.Subject(ctx, t, id)
	if err != nil {
		return s, err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return s, err
	}
	return s, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{event(ctx, &s, by, now, "identity.read")}})
}

// List lists identities, newest first, without their personal part.
func (m *Machine) List(ctx context.Context, t kyc.Tenant, f kyc.SubjectFilter, p kyc.Page) ([]kyc.Subject, int, error) {
	list, n, err := m.d.Store.Subjects(ctx, t, f, p)
	for i := range list {
		list[i].Private = kyc.SubjectData{}
	}
	return list, n, err
}

// Edit changes what is not nil.
type Edit struct {
	Tags  *[]string
	Name  *string
	Email *string
	Phone *string
	// Archived takes an identity out of the lists, or brings it back.
	Archived *bool
}

// Update changes an identity. rev 0 changes whatever stands there. Errors: 404;
// Invalid invalid_identity with all problems; Conflict redacted, merged;
// PreconditionFailed.
func (m *Machine) Update(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, e Edit) (kyc.Subject, error) {
	var found []kyc.Problem
	text := func(path string, v *string) {
		if v != nil && (utf8.RuneCountInString(*v) > maxText || !utf8.ValidString(*v) || strings.ContainsFunc(*v, unicode.IsControl)) {
			found = append(found, kyc.Problem{Path: path, Code: "text_invalid", Message: fmt.Sprintf("at most %d characters, no control characters", maxText)})
		}
	}
	text("/name", e.Name)
	text("/email", e.Email)
	text("/phone", e.Phone)
	if e.Tags != nil {
		if len(*e.Tags) > maxTags {
			found = append(found, kyc.Problem{Path: "/tags", Code: "too_many", Message: fmt.Sprintf("at most %d tags", maxTags)})
		}
		for i, tag := range *e.Tags {
			if strings.TrimSpace(tag) == "" || len(tag) > maxTag || strings.ContainsFunc(tag, unicode.IsControl) {
				found = append(found, kyc.Problem{Path: "/tags/" + strconv.Itoa(i), Code: "invalid_tag", Message: fmt.Sprintf("a tag has 1 to %d bytes", maxTag)})
			}
		}
	}
	if len(found) > 0 {
		return kyc.Subject{}, kyc.InvalidInput("invalid_identity", "the identity cannot be changed so", found)
	}
	return m.change(ctx, t, by, id, rev, func(s *kyc.Subject, now time.Time) (string, error) {
		set := func(to *string, v *string) {
			if v != nil {
				*to = strings.TrimSpace(*v)
			}
		}
		set(&s.Private.Name, e.Name)
		set(&s.Private.Email, e.Email)
		set(&s.Private.Phone, e.Phone)
		if e.Tags != nil {
			s.Tags = nil
			for _, tag := range *e.Tags {
				if tag = strings.TrimSpace(tag); !slices.Contains(s.Tags, tag) {
					s.Tags = append(s.Tags, tag)
				}
			}
		}
		action := "identity.update"
		if e.Archived != nil {
			s.DeactivatedAt, action = time.Time{}, "identity.restore"
			if *e.Archived {
				s.DeactivatedAt, action = now, "identity.archive"
			}
		}
		return action, nil
	})
}

func (m *Machine) change(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, edit func(*kyc.Subject, time.Time) (string, error)) (kyc.Subject, error) {
	var err error
	for range attempts {
		var s kyc.Subject
		if s, err = m.d.Store.Subject(ctx, t, id); err != nil {
			return s, err
		}
		switch {
		case rev != 0 && s.Rev != rev:
			return s, kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "the object is at revision %d, not %d; read it again", s.Rev, rev)
		case s.Status == kyc.SubjectRedacted:
			return s, erased()
		case s.MergedInto != "":
			return s, kyc.Errorf(kyc.Conflict, "merged", "the identity was merged into %s", kyc.Dress("identity", s.MergedInto))
		}
		now, bad := m.now(ctx, t)
		if bad != nil {
			return s, bad
		}
		before := digest(&s)
		action, bad := edit(&s, now)
		if bad != nil {
			return s, bad
		}
		s.Touch(now)
		e := event(ctx, &s, by, now, action)
		e.Before, e.After = before, digest(&s)
		if err = m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{m.d.News.Tell(e, &s, nil, "updated")}}); err == nil || kyc.KindOf(err) != kyc.Conflict || rev != 0 {
			return s, err
		}
	}
	return kyc.Subject{}, err
}

func erased() error {
	return kyc.Errorf(kyc.Conflict, "redacted", "the data of this identity was erased")
}

func (m *Machine) now(ctx context.Context, t kyc.Tenant) (time.Time, error) {
	org, err := m.d.Store.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, err
	}
	return org.Now(m.d.Clock, t.Env), nil
}

// event is an audit entry of an identity; it holds nothing personal.
func event(ctx context.Context, s *kyc.Subject, by kyc.Actor, at time.Time, action string) kyc.Event {
	return kyc.Event{ID: kyc.NewID(at), Tenant: s.Tenant, At: at, Actor: by, Action: action, Object: "identity", ObjectID: s.ID, SubjectID: s.ID,
		RequestID: kyc.RequestFrom(ctx).ID, Surface: kyc.SurfaceGraph}
}

// digest is the SHA-256 of a record's JSON in hex, which has nothing personal.
func digest(s *kyc.Subject) string {
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Find finds an identity without a look at its personal part.
func (m *Machine) Find(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error) {
	s, err := m.d.Store.Subject(ctx, t, id)
	s.Private = kyc.SubjectData{}
	return s, err
}

// Everything are all sessions and checks of an identity and of those merged
// into it, newest first.
func (m *Machine) Everything(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]kyc.Session, []kyc.Inquiry, error) {
	merged, err := m.Merged(ctx, t, id)
	if err != nil {
		return nil, nil, err
	}
	var sessions []kyc.Session
	var checks []kyc.Inquiry
	const many = 100
	for _, who := range append([]kyc.ID{id}, merged...) {
		for after := kyc.ID(""); ; {
			part, _, err := m.d.Store.Sessions(ctx, t, kyc.SessionFilter{SubjectID: who}, kyc.Page{Limit: many, After: after, Uncounted: true})
			if err != nil {
				return nil, nil, err
			}
			sessions = append(sessions, part...)
			if len(part) < many {
				break
			}
			after = part[many-1].ID
		}
		for after := kyc.ID(""); ; {
			part, _, err := m.d.Store.Inquiries(ctx, t, kyc.InquiryFilter{SubjectID: who}, kyc.Page{Limit: many, After: after, Uncounted: true})
			if err != nil {
				return nil, nil, err
			}
			checks = append(checks, part...)
			if len(part) < many {
				break
			}
			after = part[many-1].ID
		}
	}
	return sessions, checks, nil
}
