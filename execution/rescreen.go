package execution

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"bonafide/job"
	"bonafide/kyc"
	"bonafide/procedure"
)

// monitorActor does what monitoring does by itself.
const monitorActor = "monitoring"

// pageSize is how many profiles are read and committed together.
const pageSize = 200

// rescreenJob looks at the monitored people of one tenant. It can be repeated
// at any time: who was looked at is known from the profile, and an execution
// that was begun is found running or its hits are found known.
func (m *Machine) rescreenJob(ctx context.Context, j kyc.Job) error {
	if m.early(j) {
		return job.Snooze(lookAgain)
	}
	later, err := m.Rescreen(ctx, j.Tenant)
	if err == nil && !later {
		return nil
	}
	// What is left is another job's: this one, waiting to be tried again, would
	// stand in the way of those that are left when a list changes meanwhile.
	next, wait := context.WithoutCancel(ctx), again
	if ctx.Err() != nil || later || kyc.IsCode(err, "concurrent_change") {
		// It took too long and goes on where it stopped, or somebody changed a
		// profile in the same moment: no reason to leave a person unscreened.
		wait = lookAgain
	}
	if bad := m.d.Store.Commit(next, &kyc.Change{Jobs: []kyc.Job{rescreenJob(j.Tenant, m.d.Clock.Now().Add(wait))}}); bad != nil {
		return errors.Join(err, bad)
	}
	if err != nil {
		m.d.Log.Error("the look at monitored people is left for later", "org", j.Tenant.Org, "error", err)
	}
	return nil
}

// Rescreen brings the monitored people of one tenant up to date with the lists
// in force. Whoever was last asked for against older lists is compared with the
// entries that changed since, and only who may be one of them, or was taken for
// one of them before, is screened again; the others are noted as looked at.
// later says that somebody could not be screened now in a way that may pass.
func (m *Machine) Rescreen(ctx context.Context, t kyc.Tenant) (later bool, err error) {
	r, err := m.newRound(ctx, t)
	if err != nil {
		return false, err
	}
	var after kyc.ID
	var failed error
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		page, err := m.d.Store.MonitoredProfiles(ctx, t, after, pageSize)
		if err != nil {
			return false, err
		}
		for i := range page {
			after = page[i].ID
			if err := r.look(ctx, page[i]); err != nil {
				if ctx.Err() != nil {
					return false, err
				}
				// Whoever cannot be looked at holds up nobody behind them; the
				// job comes back for them.
				m.d.Log.Error("somebody who is monitored cannot be looked at", "profile", page[i].ID, "error", err)
				failed = err
			}
		}
		if err := r.flush(ctx); err != nil {
			return false, err
		}
		if len(page) < pageSize {
			return r.later, failed
		}
	}
}

// round is one look at the monitored people of a tenant.
type round struct {
	m      *Machine
	tenant kyc.Tenant
	org    kyc.Org
	now    time.Time
	lists  map[string]string // list to version in force; none in the sandbox
	// policies say how each service screens.
	policies map[string]*policy
	// deltas are what changed, by "list version"; nil: nobody knows.
	deltas map[string]*Delta
	// hit are the people with a known hit, by delta.
	hit   map[string]map[kyc.ID]bool
	seen  []kyc.ServiceProfile // that need no screening
	later bool
}

func (m *Machine) newRound(ctx context.Context, t kyc.Tenant) (*round, error) {
	now, org, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	r := &round{m: m, tenant: t, org: org, now: now, policies: map[string]*policy{}, deltas: map[string]*Delta{}, hit: map[string]map[kyc.ID]bool{}}
	if m.d.Lists != nil && t.Env == kyc.Live {
		r.lists = usableLists(m.d.Lists())
	}
	return r, nil
}

// look decides about one profile.
func (r *round) look(ctx context.Context, p kyc.ServiceProfile) error {
	s := p.Subscribed(kindAML)
	if s == nil || !s.Enabled || p.State == "DELETED" {
		return nil
	}
	if s.CheckedAt.IsZero() && len(s.Lists) == 0 { // never asked for at all
		return r.screen(ctx, &p)
	}
	how, err := r.policy(ctx, p.ServiceName)
	if err != nil {
		return err
	}
	behind := map[string]string{}
	for list, version := range wanted(r.lists, how.lists) {
		if s.Lists[list] != version {
			behind[list] = s.Lists[list]
		}
	}
	if len(behind) == 0 {
		return nil
	}
	affected, err := r.affected(ctx, &p, behind, how)
	if err != nil {
		return err
	}
	if affected {
		return r.screen(ctx, &p)
	}
	s.Lists = maps.Clone(s.Lists)
	if s.Lists == nil {
		s.Lists = map[string]string{}
	}
	for list := range behind {
		s.Lists[list] = r.lists[list]
	}
	s.CheckedAt = r.now
	r.seen = append(r.seen, p)
	return nil
}

// affected reports whether the changes of the lists since they were last asked
// may concern a person. Of a list whose changes nobody knows (it is new, or an
// old version is gone) every entry may have changed.
func (r *round) affected(ctx context.Context, p *kyc.ServiceProfile, behind map[string]string, how *policy) (bool, error) {
	var person *Probe
	for _, list := range slices.Sorted(maps.Keys(behind)) {
		d, err := r.delta(ctx, list, behind[list])
		if err != nil {
			return false, err
		}
		var entries []string // nil: all
		if d != nil {
			if r.hit[deltaKey(list, behind[list])][p.SubjectID] {
				return true, nil
			}
			if len(d.Changed) == 0 {
				continue
			}
			entries = d.Changed
		} else if holds, err := r.holds(ctx, p.SubjectID, list); holds || err != nil {
			return holds, err
		}
		if r.m.d.Probe == nil {
			return true, nil
		}
		if person == nil {
			if person, err = r.probe(ctx, p.SubjectID); person == nil || err != nil {
				return false, err
			}
		}
		one := *person
		one.List, one.Entries, one.Threshold = list, entries, how.threshold
		if d != nil && r.m.d.Touches != nil && !r.m.d.Touches(*d, one) {
			continue
		}
		found, err := r.m.d.Probe(ctx, one)
		switch {
		case err == nil && len(found) == 0:
		case err == nil, kyc.KindOf(err) == kyc.Invalid: // a question that cannot be put: the execution says so
			return true, nil
		default:
			return false, err
		}
	}
	return false, nil
}

// holds reports whether a person has a hit on a list.
func (r *round) holds(ctx context.Context, subject kyc.ID, list string) (bool, error) {
	all, err := r.m.allResults(ctx, r.tenant, kyc.ProcessFilter{SubjectID: subject, Classes: []string{"AML"}, SystemStatuses: []string{procedure.SystemValid}})
	return slices.ContainsFunc(all, func(k kyc.ProcessResult) bool {
		of, _, ok := cutHit(k.Hit)
		return ok && of == list
	}), err
}

func deltaKey(list, from string) string { return list + " " + from }

// delta reads what changed in a list since a version, once for the round, finds
// who has a hit on a changed entry, and retires the hits on removed ones. nil:
// nobody knows what changed.
func (r *round) delta(ctx context.Context, list, from string) (*Delta, error) {
	key := deltaKey(list, from)
	if d, known := r.deltas[key]; known {
		return d, nil
	}
	r.deltas[key] = nil
	if from == "" || r.m.d.Delta == nil {
		return nil, nil //nolint:nilnil // nobody knows is an answer
	}
	d, ok := r.m.d.Delta(list, from)
	if !ok || d.To != r.lists[list] { // it changed again meanwhile
		return nil, nil //nolint:nilnil // as above
	}
	who, err := r.holders(ctx, list, d.Changed)
	if err != nil {
		return nil, err
	}
	if err := r.retire(ctx, list, d.Removed); err != nil {
		return nil, err
	}
	r.hit[key], r.deltas[key] = who, &d
	return &d, nil
}

// manyKeys is how many hits are looked for at once.
const manyKeys = 200

// known reads the valid results of the tenant about entries of a list.
func (r *round) known(ctx context.Context, list string, entries []string, each func(k *kyc.ProcessResult) error) error {
	for part := range slices.Chunk(entries, manyKeys) {
		keys := make([]string, len(part))
		for i, e := range part {
			keys[i] = procedure.HitKey(list, e)
		}
		found, err := r.m.allResults(ctx, r.tenant, kyc.ProcessFilter{Hits: keys, SystemStatuses: []string{procedure.SystemValid}})
		if err != nil {
			return err
		}
		for i := range found {
			if err := each(&found[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// holders are the people with a hit on one of these entries.
func (r *round) holders(ctx context.Context, list string, entries []string) (map[kyc.ID]bool, error) {
	who := map[kyc.ID]bool{}
	err := r.known(ctx, list, entries, func(k *kyc.ProcessResult) error {
		who[k.SubjectID] = true
		return nil
	})
	return who, err
}

// retire marks the hits on entries that are no longer on their list as STALE:
// what the machine and people said of them stays, and counts no more.
func (r *round) retire(ctx context.Context, list string, entries []string) error {
	by := map[kyc.ID][]kyc.ProcessResult{} // by execution
	err := r.known(ctx, list, entries, func(k *kyc.ProcessResult) error {
		by[k.ExecutionID] = append(by[k.ExecutionID], *k)
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(by)) {
		if err := r.m.stale(ctx, r.tenant, by[id]); err != nil {
			return err
		}
	}
	return nil
}

// stale is the status of a result whose entry left its list.
const stale = "STALE"

// stale retires results of one execution, in one commit with what follows from
// it. Who was faster did the same.
func (m *Machine) stale(ctx context.Context, t kyc.Tenant, results []kyc.ProcessResult) error {
	w, err := m.work(ctx, t, kyc.SystemActor(monitorActor), Hand{})
	if err != nil {
		return err
	}
	for i := range results {
		before := digest(&results[i])
		results[i].SystemStatus = stale
		w.put(ctx, &results[i], "result.stale", "entry_removed", before)
	}
	if err := m.recompute(ctx, w, results); err != nil {
		return err
	}
	err = m.d.Store.Commit(ctx, &w.change)
	if err != nil && kyc.KindOf(err) == kyc.NotFound { // erased meanwhile
		return nil
	}
	return err
}

// probe is who a person is, in the words of a question to the lists; nil for
// somebody who was deleted or erased, or has no name at all.
func (r *round) probe(ctx context.Context, subject kyc.ID) (*Probe, error) {
	i, err := r.m.individual(ctx, r.tenant, subject)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return nil, nil //nolint:nilnil // nobody is left to be found
		}
		return nil, err
	}
	docs, err := r.m.d.Store.EntityDocuments(ctx, r.tenant, subject, false)
	if err != nil {
		return nil, err
	}
	p := &Probe{Tenant: r.tenant, BirthDate: i.Private.BirthDate.Normalized, Nationality: i.Private.Nationality}
	for _, b := range i.Private.AlternateDates {
		if b.Normalized != "" {
			p.BirthDates = append(p.BirthDates, b.Normalized)
		}
	}
	if whole := fullName(i.Private.Name); whole != "" {
		p.Names = append(p.Names, whole)
	}
	for _, n := range alternates(&i.Private) {
		if one, ok := n.(map[string]any); ok {
			whole, _ := one["full_name"].(string)
			p.Names = append(p.Names, whole)
		}
	}
	for _, d := range docs {
		if d.Class == kyc.DocIdentity && d.Private.PrimaryIdentifier != "" {
			p.Identifiers = append(p.Identifiers, d.Private.PrimaryIdentifier)
		}
	}
	if len(p.Names) == 0 {
		return nil, nil //nolint:nilnil // no list can be asked for nobody
	}
	return p, nil
}

// flush stores who needs no screening. A profile that somebody changed
// meanwhile is looked at again.
func (r *round) flush(ctx context.Context) error {
	if len(r.seen) == 0 {
		return nil
	}
	seen := r.seen
	r.seen = nil
	err := r.note(ctx, seen)
	if err == nil || kyc.KindOf(err) != kyc.Conflict && kyc.KindOf(err) != kyc.NotFound {
		return err
	}
	for i := range seen { // one by one, so that one stranger holds nobody up
		if err := r.note(ctx, seen[i:i+1]); err != nil {
			if kyc.KindOf(err) != kyc.Conflict && kyc.KindOf(err) != kyc.NotFound {
				return err
			}
			r.later = true
		}
	}
	return nil
}

func (r *round) note(ctx context.Context, seen []kyc.ServiceProfile) error {
	var c kyc.Change
	for i := range seen {
		p := seen[i]
		p.Touch(r.now)
		c.Put = append(c.Put, &p)
	}
	return r.m.d.Store.Commit(ctx, &c)
}
