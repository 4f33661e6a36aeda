package screen

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// Delta is what changed in a list between two of its versions, by the source's
// own ids of the entries, sorted. Changed entries are new or say something
// else; Removed ones are no longer on the list.
type Delta struct {
	List     string
	From, To string // versions
	Changed  []string
	Removed  []string
}

// Delta compares the version of a list that is in force with an earlier one. ok
// is false when that cannot be told: the list is not loaded, or the content of
// the earlier version is gone. The version before the one in force is always
// kept, so that whoever looks at each new version finds all the differences.
func (s *Screener) Delta(list, from string) (d Delta, ok bool) {
	l := s.state.Load().lists[list]
	defer runtime.KeepAlive(l)
	if l == nil || l.index == nil || from == "" {
		return Delta{}, false
	}
	d = Delta{List: list, From: from, To: l.index.version}
	if from == d.To {
		return d, true
	}
	before, err := s.earlier(list, from)
	if err != nil {
		s.log.Info("an earlier version of a list cannot be compared", "list", list, "version", from, "reason", kyc.AsError(err).Message)
		return Delta{}, false
	}
	was, is := sayings(slices.Values(before)), sayings(l.index.all())
	for id, says := range is {
		if old, known := was[id]; !known || old != says {
			d.Changed = append(d.Changed, id)
		}
	}
	for id := range was {
		if _, there := is[id]; !there {
			d.Removed = append(d.Removed, id)
		}
	}
	slices.Sort(d.Changed)
	slices.Sort(d.Removed)
	return d, true
}

// Difference counts how two versions of a list differ, by the source's own ids of
// the entries.
type Difference struct {
	From    string    `json:"from"` // version
	At      time.Time `json:"at"`   // when the later one came into force
	Added   int       `json:"added"`
	Changed int       `json:"changed"`
	Removed int       `json:"removed"`
}

// maxCompared is how many entries a list may have for its versions to be counted
// against each other as they change: both are in memory then.
const maxCompared = 200_000

// since counts how a version that was just written differs from the one before it;
// nil where there is none, where either is too long, and where the earlier one cannot
// be read any more.
func (s *Screener) since(old, next manifest, now time.Time) *Difference {
	if old.Version == "" || max(old.Entries, next.Entries) > maxCompared {
		return nil
	}
	read := func(m manifest) map[string][sha256.Size]byte {
		all, err := loadContent(s.dir, m.List, m.File, m.Version, m.Entries)
		if err != nil {
			s.log.Info("a version of a list cannot be compared", "list", m.List, "version", m.Version, "reason", kyc.AsError(err).Message)
			return nil
		}
		return sayings(slices.Values(all))
	}
	was, is := read(old), read(next)
	if was == nil || is == nil {
		return nil
	}
	d := &Difference{From: old.Version, At: now}
	for id, says := range is {
		switch before, known := was[id]; {
		case !known:
			d.Added++
		case before != says:
			d.Changed++
		}
	}
	for id := range was {
		if _, there := is[id]; !there {
			d.Removed++
		}
	}
	return d
}

// earlier reads the content of a version that is not in force any more. Its
// manifest was replaced; the content proves itself by its version.
func (s *Screener) earlier(list, version string) ([]roster.Entity, error) {
	if len(version) != len("sha256:")+2*sha256.Size || version[:len("sha256:")] != "sha256:" {
		return nil, kyc.Errorf(kyc.NotFound, "version_unknown", "this is no version of a list")
	}
	name := contentName(version)
	if _, err := os.Stat(filepath.Join(s.dir, list, name)); err != nil {
		return nil, kyc.Errorf(kyc.NotFound, "version_gone", "the content of the version is gone")
	}
	return loadContent(s.dir, list, name, version, 0)
}

// sayings are what a list says of each entry, as a digest. Several rows of one
// id are one saying, in any order.
func sayings(entities iter.Seq[roster.Entity]) map[string][sha256.Size]byte {
	out := map[string][sha256.Size]byte{}
	for e := range entities {
		raw, err := json.Marshal(&e)
		if err != nil { // strings and numbers only
			panic(fmt.Sprintf("an entry of a list cannot be written: %v", err))
		}
		sum := sha256.Sum256(raw)
		if have, twice := out[e.ID]; twice {
			for k := range sum {
				sum[k] ^= have[k]
			}
		}
		out[e.ID] = sum
	}
	return out
}

// Probe asks one list about one party and keeps those of the given entries that
// the party may be, by the same score as Match; nil entries are all. It answers
// the sorted ids.
// Errors are those of Result.Err.
func (s *Screener) Probe(q Query, list string, entries []string) ([]string, error) {
	q.Lists, q.Limit = []string{list}, maxLimit
	res := s.Match(q)
	if res.Err != nil {
		return nil, res.Err
	}
	if len(res.Hits) >= maxLimit { // there may be more, so nobody can be left out
		if entries == nil {
			for _, h := range res.Hits {
				entries = append(entries, h.EntryID)
			}
		}
		return slices.Compact(slices.Sorted(slices.Values(entries))), nil
	}
	wanted := make(map[string]struct{}, len(entries))
	for _, id := range entries {
		wanted[id] = struct{}{}
	}
	var out []string
	for _, h := range res.Hits {
		if _, ok := wanted[h.EntryID]; (ok || entries == nil) && !slices.Contains(out, h.EntryID) {
			out = append(out, h.EntryID)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Version is the version of a list that is in force; ok is false where it is
// not loaded.
func (s *Screener) Version(list string) (version string, ok bool) {
	l := s.state.Load().lists[list]
	if l == nil || l.index == nil {
		return "", false
	}
	return l.index.version, true
}
