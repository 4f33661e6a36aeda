package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bonafide/kyc"
)

// sweepPeople destroys the keys of people whose sessions are all gone and who
// are needed for nothing else, and counts them.
func (m *Sessions) sweepPeople(ctx context.Context, w *sweep) (int, error) {
	t, n := w.t, 0
	var all []error
	for {
		page, err := m.d.Store.PeopleToLookAt(ctx, t, w.now, retentionPage)
		if err != nil {
			return n, errors.Join(append(all, err)...)
		}
		for i := range page {
			// Each one is put off or done, so that the next page has others.
			w.people[page[i].ID] = true
			gone, again, err := m.lookAt(ctx, &page[i], w.now)
			switch k := kyc.KindOf(err); {
			case broken(err):
				w.leave("person", page[i].ID)
			case err != nil && k != kyc.Conflict && k != kyc.NotFound:
				all = append(all, fmt.Errorf("person %s: %w", page[i].ID, err))
			}
			if gone {
				n++
			}
			if err := m.d.Store.LookAgain(ctx, t, page[i].ID, again); err != nil {
				return n, errors.Join(append(all, err)...)
			}
		}
		if err := ctx.Err(); err != nil || len(page) < retentionPage {
			return n, errors.Join(append(all, err)...)
		}
	}
}

// lookAt erases a person whom nobody needs, and says when to look again: never,
// or the next day.
func (m *Sessions) lookAt(ctx context.Context, person *kyc.Subject, now time.Time) (gone bool, again time.Time, err error) {
	t := person.Tenant
	if person.Damaged {
		return false, now.Add(lookEvery), kyc.Errorf(kyc.Internal, "sealed_broken", "what is stored of the person cannot be opened")
	}
	left, _, err := m.d.Store.Sessions(ctx, t, kyc.SessionFilter{SubjectID: person.ID, Left: true}, kyc.Page{Limit: 1, Uncounted: true})
	tomorrow := now.Add(lookEvery)
	switch {
	case err != nil:
		return false, tomorrow, err
	case len(left) > 0 || person.Status == kyc.SubjectRedacted:
		return false, time.Time{}, nil // with the last of the sessions that came meanwhile
	case m.d.Needed == nil:
		return false, tomorrow, nil
	}
	if needed, err := m.d.Needed(ctx, person); err != nil || needed != "" {
		return false, tomorrow, err
	}
	if m.d.EraseElsewhere != nil {
		if done, err := m.d.EraseElsewhere(ctx, person, byRetention()); err != nil {
			return false, tomorrow, err
		} else if done {
			return true, time.Time{}, nil
		}
	}
	c, counts, err := m.erasePerson(ctx, t, byRetention(), now, person.ID)
	switch {
	case err != nil:
	case len(counts) > 0:
		err = kyc.Stale("the person") // a session came meanwhile, which is kept
	case !slices.ContainsFunc(c.Put, func(o kyc.Object) bool { return o.Head().ID == person.ID && o.Head().Rev == person.Rev+1 }):
		err = kyc.Stale("the person") // another sweep was quicker
	}
	if err == nil {
		// Somebody may need the person since the question; the store asks again.
		c.Unneeded = []kyc.ID{person.ID}
		err = m.d.Store.Commit(ctx, &c)
	}
	if err != nil {
		return false, tomorrow, err
	}
	return true, time.Time{}, nil
}
