package identity

import (
	"context"
	"slices"

	"bonafide/kyc"
)

// Merge is what merging one identity into another does, or did.
type Merge struct {
	Into, From kyc.Subject
	// Sessions and Checks of From, which count for Into from then on.
	Sessions, Checks int
	// Warnings are what a person should look at before: codes.
	Warnings []string
}

// Preview says what a merge would do, and changes nothing. Errors: 404; Invalid
// same_identity; Conflict redacted, merged.
func (m *Machine) Preview(ctx context.Context, t kyc.Tenant, into, from kyc.ID) (Merge, error) {
	if into == from {
		return Merge{}, kyc.InvalidInput("same_identity", "an identity cannot be merged into itself", []kyc.Problem{{Path: "/identity_id", Code: "same_identity", Message: "name another identity"}})
	}
	var out Merge
	var err error
	for i, s := range []*kyc.Subject{&out.Into, &out.From} {
		if *s, err = m.d.Store.Subject(ctx, t, []kyc.ID{into, from}[i]); err != nil {
			return Merge{}, err
		}
		switch {
		case s.Status == kyc.SubjectRedacted:
			return Merge{}, erased()
		case s.MergedInto != "":
			return Merge{}, kyc.Errorf(kyc.Conflict, "merged", "%s was merged into %s", kyc.Dress("identity", s.ID), kyc.Dress("identity", s.MergedInto))
		}
	}
	merged, err := m.Merged(ctx, t, from)
	if err != nil {
		return Merge{}, err
	}
	for _, id := range append(merged, from) {
		_, sessions, err := m.d.Store.Sessions(ctx, t, kyc.SessionFilter{SubjectID: id}, kyc.Page{Limit: 1})
		if err != nil {
			return Merge{}, err
		}
		_, checks, err := m.d.Store.Inquiries(ctx, t, kyc.InquiryFilter{SubjectID: id}, kyc.Page{Limit: 1})
		if err != nil {
			return Merge{}, err
		}
		out.Sessions, out.Checks = out.Sessions+sessions, out.Checks+checks
	}
	warn := func(when bool, code string) {
		if when {
			out.Warnings = append(out.Warnings, code)
		}
	}
	a, b := &out.Into, &out.From
	warn(a.Kind != b.Kind, "different_kinds")
	warn(a.ExternalRef != "" && b.ExternalRef != "" && a.ExternalRef != b.ExternalRef, "different_references")
	warn(a.Private.Name != "" && b.Private.Name != "" && a.Private.Name != b.Private.Name, "different_names")
	warn(b.Status == kyc.SubjectRejected && a.Status != kyc.SubjectRejected, "merged_one_was_rejected")
	return out, nil
}

// Merge merges one identity into another. What is rejected stays rejected: of
// the two statuses the worse stands. Errors as those of Preview, and Conflict
// concurrent_change.
func (m *Machine) Merge(ctx context.Context, t kyc.Tenant, by kyc.Actor, into, from kyc.ID) (Merge, error) {
	out, err := m.Preview(ctx, t, into, from)
	if err != nil {
		return out, err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return out, err
	}
	a, b := &out.Into, &out.From
	beforeA, beforeB := digest(a), digest(b)
	if badness(b.Status) > badness(a.Status) {
		a.Status = b.Status
	}
	for _, tag := range b.Tags {
		if !slices.Contains(a.Tags, tag) && len(a.Tags) < maxTags {
			a.Tags = append(a.Tags, tag)
		}
	}
	b.MergedInto = a.ID
	if b.DeactivatedAt.IsZero() {
		b.DeactivatedAt = now
	}
	a.Touch(now)
	b.Touch(now)
	ea, eb := event(ctx, a, by, now, "identity.absorb"), event(ctx, b, by, now, "identity.merge")
	ea.Before, ea.After, eb.Before, eb.After = beforeA, digest(a), beforeB, digest(b)
	return out, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{a, b}, Events: []kyc.Event{m.d.News.Tell(ea, a, nil, "updated"), m.d.News.Tell(eb, b, nil, "updated")}})
}

// badness orders statuses by what a merge may not forget.
func badness(s kyc.SubjectStatus) int {
	return slices.Index([]kyc.SubjectStatus{kyc.SubjectPending, kyc.SubjectApproved, kyc.SubjectFailed, kyc.SubjectRejected}, s)
}

// Merged are the identities that were merged into one, also by way of others.
// Each costs a look into an index, however many people the organisation has.
func (m *Machine) Merged(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]kyc.ID, error) {
	var out []kyc.ID
	for next := []kyc.ID{id}; len(next) > 0; next = next[1:] {
		var after kyc.ID
		for {
			part, _, err := m.d.Store.Subjects(ctx, t, kyc.SubjectFilter{MergedInto: next[0], Deactivated: true}, kyc.Page{Limit: 100, After: after, Uncounted: true})
			if err != nil {
				return nil, err
			}
			for _, s := range part {
				after = s.ID
				if s.ID != id && !slices.Contains(out, s.ID) {
					out, next = append(out, s.ID), append(next, s.ID)
				}
			}
			if len(part) < 100 {
				break
			}
		}
	}
	return out, nil
}

// Redact erases a person: this record, those merged into it, and everything of
// theirs. It is answered again for one that was erased before. Errors: 404;
// Conflict legal_hold, session_active.
func (m *Machine) Redact(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Subject, error) {
	s, err := m.d.Store.Subject(ctx, t, id)
	if err != nil || s.Status == kyc.SubjectRedacted {
		return s, err
	}
	merged, err := m.Merged(ctx, t, id)
	if err != nil {
		return s, err
	}
	var c kyc.Change
	for _, who := range append(merged, id) {
		part, err := m.d.Erase(ctx, t, by, who)
		if err != nil {
			return s, err
		}
		c.Add(part)
	}
	for _, o := range c.Put {
		if p, ok := o.(*kyc.Subject); ok && p.ID == id {
			s = *p
			s.Private = kyc.SubjectData{}
		}
	}
	return s, m.d.Store.Commit(ctx, &c)
}
