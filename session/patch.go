package session

import (
	"context"
	"maps"
	"slices"

	"bonafide/kyc"
)

// Patch changes what the customer may change on a session. Nil leaves a part
// alone.
type Patch struct {
	// Metadata is merged key by key; a nil value removes the key (RFC 7396).
	Metadata map[string]any
	// Fields are merged in the same way, while the session takes data.
	Fields map[string]any
	// Tags replace the tags.
	Tags      *[]string
	LegalHold *bool
}

// Patch applies the change. rev is the revision of If-Match, 0 for none.
// Errors: 409 when fields are sent after submission, 412 on another revision,
// 422 for bad tags.
//
// A legal hold can be put on sessions of every surface and on withheld ones,
// which are not destroyed then; nothing else of another surface's session is
// changed here.
func (m *Sessions) Patch(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, p Patch) (kyc.Session, error) {
	if p.LegalHold != nil && p.Metadata == nil && p.Fields == nil && p.Tags == nil {
		return m.changeOf(ctx, t, m.d.Store.Session, there, by, id, rev, "session.update", func(s *kyc.Session) error {
			s.LegalHold = *p.LegalHold
			return nil
		})
	}
	return m.change(ctx, t, by, id, rev, "session.update", func(s *kyc.Session) error {
		if p.Fields != nil && !s.Status.Open() {
			return kyc.Errorf(kyc.Conflict, "not_capturing", "the session is %s and takes no more data", s.Status)
		}
		var problems []kyc.Problem
		if p.Tags != nil {
			tags, bad := cleanTags(*p.Tags)
			if bad != "" {
				problems = append(problems, kyc.Problem{Path: "/tags", Code: "invalid_tags", Message: bad})
			}
			s.Tags = tags
		}
		s.Private.Metadata = merge(s.Private.Metadata, p.Metadata)
		s.Private.Fields = merge(s.Private.Fields, p.Fields)
		if len(s.Private.Metadata) > maxMetadata {
			problems = append(problems, kyc.Problem{Path: "/metadata", Code: "too_many", Message: "at most 100 entries"})
		}
		if len(s.Private.Fields) > maxFields {
			problems = append(problems, kyc.Problem{Path: "/fields", Code: "too_many", Message: "at most 200 fields"})
		}
		if p.LegalHold != nil {
			s.LegalHold = *p.LegalHold
		}
		if len(problems) > 0 {
			return kyc.InvalidInput("invalid_session", "the session cannot be changed like this", problems)
		}
		return nil
	})
}

// Tag adds and removes tags.
func (m *Sessions) Tag(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, add, remove []string) (kyc.Session, error) {
	return m.change(ctx, t, by, id, rev, "session.tag", func(s *kyc.Session) error {
		tags, bad := cleanTags(append(slices.Clone(s.Tags), add...))
		if bad != "" {
			return kyc.InvalidInput("invalid_tags", bad, []kyc.Problem{{Path: "/tags", Code: "invalid_tags", Message: bad}})
		}
		s.Tags = slices.DeleteFunc(tags, func(tag string) bool { return slices.Contains(remove, tag) })
		return nil
	})
}

// change reads, changes and commits one session.
func (m *Sessions) change(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, action string, do func(*kyc.Session) error) (kyc.Session, error) {
	return m.changeOf(ctx, t, m.writable, alive, by, id, rev, action, do)
}

// there refuses writes to a session of which nothing is left.
func there(s *kyc.Session) error {
	if s.Keeping() == kyc.KeptNot {
		return s.Gone()
	}
	return nil
}

func (m *Sessions) changeOf(ctx context.Context, t kyc.Tenant, read func(context.Context, kyc.Tenant, kyc.ID) (kyc.Session, error), fit func(*kyc.Session) error,
	by kyc.Actor, id kyc.ID, rev int64, action string, do func(*kyc.Session) error,
) (kyc.Session, error) {
	s, err := read(ctx, t, id)
	if err != nil {
		return s, err
	}
	if err := match(&s.Meta, rev); err != nil {
		return s, err
	}
	if err := fit(&s); err != nil {
		return s, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return s, err
	}
	before := digest(&s)
	if err := do(&s); err != nil {
		return s, err
	}
	s.Touch(now)
	e := m.sessionEvent(ctx, &s, by, now, action, "", nil)
	e.Before = before
	return s, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{e}})
}

// merge lays changes over a map without touching it; nil values remove.
func merge(old, changes map[string]any) map[string]any {
	if changes == nil {
		return old
	}
	out := maps.Clone(old)
	if out == nil {
		out = map[string]any{}
	}
	for k, v := range changes {
		if v == nil {
			delete(out, k)
			continue
		}
		out[k] = v
	}
	return out
}
