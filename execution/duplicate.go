package execution

import (
	"context"
	"slices"

	"bonafide/kyc"
	"bonafide/procedure"
)

// How two individuals stand to each other (kyc.DuplicateOf).
const (
	roleKeep      = "keep"
	roleDuplicate = "duplicate"
	roleOriginal  = "original"
)

// stateDuplicate is the state of the service profiles of a duplicate.
const stateDuplicate = "DUPLICATE"

// duplicates settles pairs of individuals; each individual and profile is read
// and stored once, in how many pairs ever it is.
type duplicates struct {
	m        *Machine
	w        *work
	tenant   kyc.Tenant
	people   map[kyc.ID]*kyc.Individual
	profiles map[kyc.ID][]kyc.ServiceProfile
	order    []kyc.ID
}

// settleDuplicates marks who is a duplicate of whom (5.9). FALSE_POSITIVE keeps
// both; TRUE_POSITIVE_ACCEPT keeps the individual that was judged and marks the
// other one; TRUE_POSITIVE_REJECT does the reverse. A bare TRUE_POSITIVE (X14)
// is recorded with the result and settles nothing.
func (m *Machine) settleDuplicates(ctx context.Context, w *work, subject kyc.ID, results []kyc.ProcessResult, status string) error {
	var mine, theirs string
	switch status {
	case procedure.FalsePositive:
		mine, theirs = roleKeep, roleKeep
	case procedure.TruePositiveAccept:
		mine, theirs = roleOriginal, roleDuplicate
	case procedure.TruePositiveReject:
		mine, theirs = roleDuplicate, roleOriginal
	default:
		return nil
	}
	d := &duplicates{m: m, w: w, people: map[kyc.ID]*kyc.Individual{}, profiles: map[kyc.ID][]kyc.ServiceProfile{}}
	for i := range results {
		list, entry, _ := cutHit(results[i].Hit)
		other, ok := kyc.ParseULID(entry)
		if list != procedure.DuplicateList || !ok || other == subject {
			continue // a duplicate that nobody can name (the sandbox invents one)
		}
		d.tenant = results[i].Tenant
		if err := d.mark(ctx, subject, other, theirs); err != nil {
			return err
		}
		if err := d.mark(ctx, other, subject, mine); err != nil {
			return err
		}
	}
	d.store(ctx)
	return nil
}

// mark writes down on one individual how it stands to another one: of two
// individuals each has the other with the role it has itself.
func (d *duplicates) mark(ctx context.Context, other, id kyc.ID, role string) error {
	p, err := d.person(ctx, id)
	if p == nil || err != nil {
		return err
	}
	one := kyc.DuplicateOf{SubjectID: other, Role: role, By: d.w.who, At: d.w.at}
	if at := slices.IndexFunc(p.Private.Duplicates, func(have kyc.DuplicateOf) bool { return have.SubjectID == other }); at >= 0 {
		p.Private.Duplicates[at] = one
	} else {
		p.Private.Duplicates = append(p.Private.Duplicates, one)
	}
	return nil
}

// person reads an individual once; nil for one that was deleted or erased.
func (d *duplicates) person(ctx context.Context, id kyc.ID) (*kyc.Individual, error) {
	if p, ok := d.people[id]; ok {
		return p, nil
	}
	i, err := d.m.individual(ctx, d.tenant, id)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			d.people[id] = nil
			return nil, nil //nolint:nilnil // nobody is left to be marked
		}
		return nil, err
	}
	i.Private.Duplicates = slices.Clone(i.Private.Duplicates)
	if d.profiles[id], err = d.m.profiles(ctx, d.tenant, id); err != nil {
		return nil, err
	}
	d.people[id] = &i
	d.order = append(d.order, id)
	return &i, nil
}

// store puts everybody who was marked. The profiles of somebody who is a
// duplicate of anybody are DUPLICATE; those of somebody who is none any more
// are ACTIVE again.
func (d *duplicates) store(ctx context.Context) {
	for _, id := range d.order {
		p := d.people[id]
		before := digest(p)
		p.Touch(d.w.at)
		d.w.change.Put = append(d.w.change.Put, p)
		d.note(ctx, "individual.duplicate", "individual", p.ID, p.ID, before, digest(p))
		is := slices.ContainsFunc(p.Private.Duplicates, func(x kyc.DuplicateOf) bool { return x.Role == roleDuplicate })
		for i := range d.profiles[id] {
			s := &d.profiles[id][i]
			if s.State == "DELETED" || is == (s.State == stateDuplicate) {
				continue
			}
			before, s.State = digest(s), "ACTIVE"
			if is {
				s.State = stateDuplicate
			}
			s.Touch(d.w.at)
			d.w.change.Put = append(d.w.change.Put, s)
			d.note(ctx, "service_profile.update", objectProfile, s.ID, p.ID, before, digest(s))
		}
	}
}

func (d *duplicates) note(ctx context.Context, action, object string, id, subject kyc.ID, before, after string) {
	n := event(ctx, d.tenant, d.w.by, d.w.at, action, object, id, subject)
	n.RequestID, n.Before, n.After = d.w.request, before, after
	d.w.change.Events = append(d.w.change.Events, n)
}
