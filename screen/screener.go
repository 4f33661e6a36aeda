package screen

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// Options of Open.
type Options struct {
	// Dir holds one folder per list (serve's --lists). It need not exist.
	Dir string
	// Clock defaults to the system's.
	Clock kyc.Clock
	// Log defaults to silence. Names of subjects are never logged.
	Log *slog.Logger
}

// Screener keeps the lists of one folder in memory and answers queries. All
// methods may be called from many goroutines; a reload never pauses queries.
type Screener struct {
	dir   string
	clock kyc.Clock
	log   *slog.Logger

	state atomic.Pointer[state]
	// write serialises imports, updates and reloads of this process.
	write sync.Mutex

	busyMu sync.Mutex
	busy   map[string]int
}

// state is one immutable view of all lists.
type state struct {
	lists map[string]*list // by list id
	ids   []string         // sorted
	words *dictionary      // of the lists that have an index
}

// join builds the dictionary of the lists, or keeps the one of the state
// before, if that has the same.
func (s *Screener) join(st, before *state) {
	indexes := make(map[string]*index, len(st.lists))
	for id, l := range st.lists {
		if l.index != nil {
			indexes[id] = l.index
		}
	}
	if before.words != nil && maps.EqualFunc(indexes, before.words.members, func(x *index, m *member) bool { return m.index == x }) {
		st.words = before.words
		return
	}
	st.words = s.dictionary(indexes)
	st.words.warm()
}

// list is one list as it stands in memory.
type list struct {
	manifest manifest
	stamp    stamp
	index    *index // nil when there is no content that can be used
	// problem is why the newest state on disk is not the one in force.
	problem string
}

// ListStatus is what `bonafide lists status` and the API show for a list.
type ListStatus struct {
	kyc.ListVersion
	// Source is the format the list was read with.
	Source string `json:"source"`
	// Assume is the topic that its entries without one got at the import.
	Assume string `json:"assume,omitempty"`
	// Since is how the version in force differs from the one before it; nil where
	// there was none, or none that could be compared.
	Since *Difference `json:"since,omitempty"`
	// Published is the date the source itself bears, where it bears one.
	Published time.Time `json:"published,omitzero"`
	// LastAttempt is when somebody last tried to import or update it.
	LastAttempt time.Time `json:"last_attempt,omitzero"`
	// Running is true while an import or update of this list is under way in
	// this process.
	Running bool `json:"running"`
	// Official reports that Update knows an address for it.
	Official bool `json:"official"`
}

// Open loads every list of a folder. A list that cannot be loaded does not
// fail the others: it is there with StatusError.
func Open(o Options) (*Screener, error) {
	if o.Dir == "" {
		return nil, kyc.Errorf(kyc.Invalid, "lists_unreadable", "no folder for the lists was named")
	}
	s := &Screener{dir: o.Dir, clock: o.Clock, log: o.Log, busy: map[string]int{}}
	if s.clock == nil {
		s.clock = kyc.SystemClock()
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.state.Store(&state{lists: map[string]*list{}, words: buildDictionary(nil)})
	if _, err := s.Reload(); err != nil {
		return nil, err
	}
	return s, nil
}

// Reload looks whether the lists on disk changed (another process imported
// one) and puts the new ones in force. It answers the ids whose content
// changed. It costs one stat per list when nothing did.
func (s *Screener) Reload() ([]string, error) {
	s.write.Lock()
	defer s.write.Unlock()
	return s.reload()
}

// reload is Reload with the lock held.
func (s *Screener) reload() ([]string, error) {
	ids, err := listIDs(s.dir)
	if err != nil {
		return nil, err
	}
	old := s.state.Load()
	next := &state{lists: make(map[string]*list, len(ids)), ids: ids}
	var changed []string
	same := slices.Equal(ids, old.ids)
	for _, id := range ids {
		before := old.lists[id]
		now := stampOf(s.dir, id)
		if before != nil && before.stamp == now {
			next.lists[id] = before
			continue
		}
		same = false
		l := s.load(id, now, before)
		next.lists[id] = l
		if before == nil || before.index != l.index {
			changed = append(changed, id)
		}
	}
	for _, id := range old.ids {
		if next.lists[id] == nil {
			changed = append(changed, id)
		}
	}
	if !same {
		s.join(next, old)
		s.state.Store(next)
	}
	return changed, nil
}

// load brings one list into memory, or keeps the content that was in force
// when the new one is damaged.
func (s *Screener) load(id string, at stamp, before *list) *list {
	l := &list{stamp: at}
	m, err := readManifest(s.dir, id)
	if err == nil {
		l.manifest = m
		switch {
		case m.Version == "":
			return l // tried, never imported
		case before != nil && before.index != nil && before.manifest.Version == m.Version:
			l.index = before.index
			return l
		}
		if l.index, err = s.index(m); err == nil {
			return l
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = kyc.Errorf(kyc.Unavailable, "list_corrupt", "the manifest of list %s vanished", id)
	}
	l.problem = kyc.AsError(err).Error()
	s.log.Error("a stored list cannot be used", "list", id, "error", l.problem)
	if before != nil && before.index != nil {
		l.manifest, l.index = before.manifest, before.index
	} else if l.manifest.List == "" {
		l.manifest = manifest{List: id}
	}
	return l
}

// Watch reloads at every tick until the context ends or the channel closes.
// A running server gives it a ticker of a second or two.
func (s *Screener) Watch(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-tick:
			if !ok {
				return
			}
			if changed, err := s.Reload(); err != nil {
				s.log.Error("the lists folder cannot be read", "error", err)
			} else if len(changed) > 0 {
				s.log.Info("lists reloaded", "lists", changed)
			}
		}
	}
}

// version judges a list at a time.
func (l *list) version(id string, now time.Time, maxAge time.Duration) kyc.ListVersion {
	if l == nil {
		return kyc.ListVersion{List: id, Status: kyc.StatusNotConfigured}
	}
	v := l.manifest.version(now, kyc.StatusOK)
	v.List = id
	if l.problem != "" {
		v.LastError = l.problem
	}
	switch {
	case l.index == nil && l.manifest.Version == "" && l.problem == "":
		v.Status = kyc.StatusNotConfigured
	case l.index == nil:
		v.Status = kyc.StatusError
	case now.Sub(l.manifest.FetchedAt) > maxAge:
		v.Status = kyc.StatusStale
	}
	return v
}

// Status lists every list that is known here, sorted by id: those imported,
// those that an import was tried for, and the official ones that were never
// fetched (StatusNotConfigured).
func (s *Screener) Status() []ListStatus {
	now := s.clock.Now()
	st := s.state.Load()
	official := map[string]bool{}
	ids := slices.Clone(st.ids)
	for _, src := range roster.Sources() {
		if len(src.Official) > 0 {
			official[src.Format] = true
			if !src.Named {
				ids = append(ids, src.Format)
			}
		}
	}
	s.busyMu.Lock()
	busy := sortedKeys(s.busy)
	s.busyMu.Unlock()
	ids = append(ids, busy...)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	out := make([]ListStatus, 0, len(ids))
	for _, id := range ids {
		l := st.lists[id]
		one := ListStatus{ListVersion: l.version(id, now, DefaultMaxAge), Official: official[id], Running: slices.Contains(busy, id)}
		if l != nil {
			m := l.manifest
			one.Source, one.Published, one.LastAttempt, one.Assume, one.Since = m.Source, m.Published, m.LastAttempt, m.Assume, m.Since
		} else if official[id] {
			one.Source = id
		}
		out = append(out, one)
	}
	return out
}

// Ready reports whether at least one list is loaded and none is broken
// (readyz); otherwise it says why not.
func (s *Screener) Ready() (bool, []string) {
	var why []string
	loaded := 0
	for _, l := range s.Status() {
		switch l.ListVersion.Status {
		case kyc.StatusOK, kyc.StatusStale:
			loaded++
		case kyc.StatusError:
			why = append(why, l.LastError)
		}
	}
	if loaded == 0 {
		why = append(why, "no watchlist is imported yet")
	}
	return len(why) == 0, why
}
