package execution

import (
	"context"
	"errors"
	"slices"
	"time"

	"bonafide/kyc"
)

// promptTime bounds how long those are looked at first whom a changed list may
// mean; whoever is left is found by the look at everybody that follows.
const promptTime = 30 * time.Second

// prompt looks at once at those whom the changes of lists may mean and at those
// who have a hit on a changed entry. Nothing depends on it but the time until
// somebody hears of a hit: the look at everybody decides by the same measure.
func (m *Machine) prompt(ctx context.Context, tenants []kyc.Tenant, before, now map[string]string) {
	m.crowd.mu.Lock()
	whole := m.crowd.whole
	m.crowd.mu.Unlock()
	if !whole {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, promptTime)
	defer cancel()
	m.crowd.working.Lock()
	err := m.refresh(ctx)
	m.crowd.working.Unlock()
	if err != nil {
		m.d.Log.Warn("who is monitored could not be read anew", "error", err)
	}
	touched := map[kyc.Tenant][]kyc.ID{}
	changed := map[string]string{} // list to its version before
	for list, version := range now {
		from := before[list]
		if from == "" || from == version || m.d.Delta == nil {
			continue
		}
		d, ok := m.d.Delta(list, from)
		if !ok || d.To != version {
			continue
		}
		found, ok := m.d.Crowd.Touched(d)
		if !ok {
			continue
		}
		changed[list] = from
		for t, who := range found {
			touched[t] = append(touched[t], who...)
		}
	}
	for _, t := range tenants {
		if err := m.promptTenant(ctx, t, touched[t], changed); err != nil {
			m.d.Log.Warn("those whom a changed list may mean are left to the look at everybody", "org", t.Org, "error", err)
		}
	}
}

func (m *Machine) promptTenant(ctx context.Context, t kyc.Tenant, touched []kyc.ID, changed map[string]string) error {
	r, err := m.newRound(ctx, t)
	if err != nil {
		return err
	}
	var failed error
	look := func(who []kyc.ID) {
		slices.Sort(who)
		for _, subject := range slices.Compact(who) {
			profiles, err := m.profiles(ctx, t, subject)
			for _, p := range profiles {
				err = errors.Join(err, r.look(ctx, p))
			}
			failed = errors.Join(failed, err) // and holds up nobody else
		}
		failed = errors.Join(failed, r.flush(ctx))
	}
	// Who may be meant comes before who is known to be.
	look(touched) // sorted from here on
	var known []kyc.ID
	for list, from := range changed {
		if _, err := r.delta(ctx, list, from); err != nil {
			return errors.Join(failed, err)
		}
		for subject := range r.hit[deltaKey(list, from)] {
			if _, looked := slices.BinarySearch(touched, subject); !looked {
				known = append(known, subject)
			}
		}
	}
	look(known)
	return failed
}
