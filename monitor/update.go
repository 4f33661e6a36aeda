package monitor

import (
	"context"
	"slices"
	"time"

	"bonafide/kyc"
)

// Update is what changed in a list between two of its versions, by the source's
// own ids of the entries.
type Update struct {
	List     string
	From, To string // versions
	Changed  []string
	Removed  []string
	// Touches reports whether the changed entries may be a party: it is true
	// whenever the lists would name one of them, and for some others. nil: any
	// party may be meant.
	Touches func(q Question) bool
}

// updated is what a run over a watchlist builds on when nothing but lists
// changed since the last one: whoever was asked for then and cannot be touched
// by a changed entry is as he was.
type updated struct {
	run     kyc.MonitorRun // the last one
	updates []Update
	lists   []kyc.ListVersion // what was asked then, as it stands now
	state   string            // of all lists
}

// since finds out what changed since the last run over the watchlist; nil when
// that cannot be told, or when more than the content of lists did: then
// everybody is asked for.
func (p *pass) since(ctx context.Context) (*updated, error) {
	if p.watch.LastRunID == "" || p.m.d.Update == nil {
		return nil, nil //nolint:nilnil // nobody knows is an answer
	}
	run, err := p.m.d.Store.MonitorRun(ctx, p.run.Tenant, p.watch.LastRunID)
	if err != nil {
		return nil, err
	}
	if len(run.Lists) == 0 || run.Basis == "" || run.Basis != p.run.Basis {
		return nil, nil //nolint:nilnil // as above
	}
	current := p.m.d.Lists()
	u := &updated{run: run, state: standing(current)}
	maxAge := p.org.EnvSettings(p.run.Tenant.Env).ListMaxAge
	for _, asked := range run.Lists {
		at := slices.IndexFunc(current, func(l kyc.ListVersion) bool { return l.List == asked.List })
		if at < 0 || asked.Status != kyc.StatusOK || current[at].Status != kyc.StatusOK || maxAge > 0 && time.Duration(current[at].AgeSecs)*time.Second > maxAge {
			return nil, nil //nolint:nilnil // a list that does not answer clears nobody
		}
		u.lists = append(u.lists, current[at])
	}
	now := loaded(current)
	for list := range run.Loaded {
		if now[list] == "" {
			return nil, nil //nolint:nilnil // as above
		}
	}
	wanted := p.m.wanted(&p.watch, &p.org)
	for _, l := range current {
		if l.Version == "" || run.Loaded[l.List] == l.Version || len(wanted) > 0 && !slices.Contains(wanted, l.List) {
			continue
		}
		d, ok := p.m.d.Update(l.List, run.Loaded[l.List])
		if !ok || l.Status != kyc.StatusOK || d.To != l.Version || d.Touches == nil {
			return nil, nil //nolint:nilnil // as above
		}
		u.updates = append(u.updates, d)
	}
	return u, nil
}

// loaded are the versions of the lists that have a content.
func loaded(lists []kyc.ListVersion) map[string]string {
	out := map[string]string{}
	for _, l := range lists {
		if l.Version != "" {
			out[l.List] = l.Version
		}
	}
	return out
}

// standing is what answers now, of all lists.
func standing(lists []kyc.ListVersion) string {
	out := make([][3]string, len(lists))
	for i, l := range lists {
		out[i] = [3]string{l.List, l.Version, string(l.Status)}
	}
	return digest(out)
}

// basis is what the answers of a run rest on beside the lists and the parties.
// When it changes, everybody is asked for anew.
func (m *Machine) basis(w *kyc.Watch, org *kyc.Org) string {
	s := org.EnvSettings(w.Tenant.Env)
	return digest([]any{w.Lists, s.RequiredLists, s.ListMaxAge, m.d.Build})
}

// wanted are the lists that a watchlist asks; none: all.
func (m *Machine) wanted(w *kyc.Watch, org *kyc.Org) []string {
	required := org.EnvSettings(w.Tenant.Env).RequiredLists
	if len(w.Lists)+len(required) == 0 {
		return nil
	}
	return append(slices.Clone(w.Lists), required...)
}

// untouched reports whether a party is as it was after the last run: it was
// asked for since with a complete answer, none of the changed entries may be
// it, and none of its matches is about an entry that changed or went. Of a
// wallet nobody can say so: whether lists know its network at all may change
// with any entry.
func (u *updated) untouched(w *kyc.Watched) bool {
	if w.Private.Unreadable || w.IdentifierType == kyc.IdentifierWallet || w.LastCheckedAt.IsZero() || w.LastCheckedAt.Before(u.run.CheckedAt) || len(w.Private.Matches) >= manyHits {
		return false
	}
	for _, k := range w.Private.Matches {
		if !slices.ContainsFunc(u.lists, func(l kyc.ListVersion) bool { return l.List == k.List }) {
			return false
		}
	}
	q := questionOf(w)
	return !slices.ContainsFunc(u.updates, func(d Update) bool {
		return slices.ContainsFunc(w.Private.Matches, func(k kyc.MatchState) bool {
			return k.List == d.List && (sortedHas(d.Changed, k.EntryID) || sortedHas(d.Removed, k.EntryID))
		}) || len(d.Changed) > 0 && d.Touches(q)
	})
}

func sortedHas(sorted []string, s string) bool {
	_, ok := slices.BinarySearch(sorted, s)
	return ok
}

// asBefore is a party that no change can touch, looked at now.
func (u *updated) asBefore(w kyc.Watched, now time.Time) seen {
	out := seen{party: w, was: State(&w), screening: Screening{Status: kyc.StatusOK, Lists: u.lists}}
	out.party.LastCheckedAt = now
	return out
}

// questionOf is a party as a question to the lists.
func questionOf(w *kyc.Watched) Question {
	q := Question{Name: w.Private.FullName, BirthDate: w.Private.BirthDate, Nationality: w.Private.Nationality}
	switch w.IdentifierType {
	case kyc.IdentifierWallet:
		q.Wallet = w.Private.Identifier
	case kyc.IdentifierDocument:
		q.Document = w.Private.Identifier
	}
	return q
}
