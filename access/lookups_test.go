package access

import (
	"context"
	"errors"
	"testing"
	"time"

	"bonafide/kyc"
)

// shelf is a LookupStore that counts how often it is read.
type shelf struct {
	keys  map[string]kyc.APIKey
	orgs  map[kyc.ID]kyc.Org
	reads int
	// during runs while something is being read.
	during func()
	broken error
}

func (s *shelf) KeyByPrefix(_ context.Context, prefix string) (*kyc.APIKey, error) {
	s.reads++
	k, ok := s.keys[prefix]
	if s.during != nil {
		s.during()
	}
	switch {
	case s.broken != nil:
		return nil, s.broken
	case !ok:
		return nil, kyc.Missing("api_key", prefix)
	}
	return &k, nil
}

func (s *shelf) Org(_ context.Context, id kyc.ID) (kyc.Org, error) {
	s.reads++
	o, ok := s.orgs[id]
	if !ok {
		return o, kyc.Missing("org", string(id))
	}
	return o, nil
}

func (s *shelf) SetKeyUsed(context.Context, kyc.ID, time.Time) error { return nil }

type handClock struct{ at time.Time }

func (c *handClock) Now() time.Time { return c.at }

func TestLookupsAreShortAndHearOfRevocations(t *testing.T) {
	t.Parallel()
	clock := &handClock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	s := &shelf{keys: map[string]kyc.APIKey{"p": {Prefix: "p"}}, orgs: map[kyc.ID]kyc.Org{"o": {Name: "one"}}}
	l := NewLookups(s, clock)
	read := func(want int) *kyc.APIKey {
		t.Helper()
		k, err := l.KeyByPrefix(t.Context(), "p")
		if err != nil {
			t.Fatal(err)
		}
		if s.reads != want {
			t.Fatalf("%d reads, not %d", s.reads, want)
		}
		return k
	}
	read(1)
	read(1)
	// Another node revokes it: it works here for less than LookupAge.
	revoked := kyc.APIKey{Prefix: "p", RevokedAt: clock.at}
	s.keys["p"] = revoked
	clock.at = clock.at.Add(LookupAge - 1)
	if !read(1).RevokedAt.IsZero() {
		t.Error("nobody told")
	}
	clock.at = clock.at.Add(1)
	if read(2).RevokedAt.IsZero() {
		t.Error("a revoked key works longer than LookupAge")
	}
	// This node changes it: that counts at once.
	s.keys["p"] = kyc.APIKey{Prefix: "p", Name: "new"}
	k := s.keys["p"]
	l.Committed(&kyc.Change{Put: []kyc.Object{&k}})
	if read(3).Name != "new" {
		t.Error("a commit of this process is not seen")
	}
	// A commit while it is read: what was read is old and is not kept.
	clock.at = clock.at.Add(LookupAge)
	s.during = func() {
		s.during = nil
		s.keys["p"] = revoked
		l.Committed(&kyc.Change{Put: []kyc.Object{&revoked}})
	}
	read(4)
	if read(5).RevokedAt.IsZero() {
		t.Error("what was read before the commit is remembered after it")
	}
	// What cannot be read or is not there is not remembered.
	clock.at = clock.at.Add(LookupAge)
	s.broken = errors.New("gone")
	if _, err := l.KeyByPrefix(t.Context(), "p"); err == nil {
		t.Error("an old key stands in for a database that does not answer")
	}
	s.broken = nil
	read(7)
	for range 2 {
		if _, err := l.KeyByPrefix(t.Context(), "other"); kyc.KindOf(err) != kyc.NotFound {
			t.Error(err)
		}
	}
	read(9)
	// Organisations likewise.
	for range 3 {
		if o, err := l.Org(t.Context(), "o"); err != nil || o.Name != "one" {
			t.Error(o, err)
		}
	}
	read(10)
	o := kyc.Org{Meta: kyc.Meta{ID: "o"}, Name: "two"}
	s.orgs["o"] = o
	l.Committed(&kyc.Change{Put: []kyc.Object{&o}})
	if got, err := l.Org(t.Context(), "o"); err != nil || got.Name != "two" {
		t.Error(got, err)
	}
}
