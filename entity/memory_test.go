package entity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/memory"
)

// memoryStore is a store in memory that knows what this machine alone asks for:
// traits that stay until their subject is erased, and people who are unreadable
// from then on.
type memoryStore struct {
	*memory.Store
	mu      sync.Mutex
	traits  map[string][]kyc.Trait // by tenant, kind and hash
	gone    map[kyc.ID]bool        // erased subjects
	learned int                    // traits of the last commit
	read    int                    // individuals decrypted
}

func newMemory() *memoryStore {
	m := &memoryStore{Store: memory.New(), traits: map[string][]kyc.Trait{}, gone: map[kyc.ID]bool{}}
	m.Kept = m.keep
	return m
}

func traitKey(t kyc.Tenant, kind, hash string) string {
	return strings.Join([]string{string(t.Org), string(t.Env), kind, hash}, "|")
}

// keep takes the traits of a commit and forgets those of erased people.
func (m *memoryStore) keep(c *kyc.Change) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range c.Traits {
		k := traitKey(c.TraitTenant, x.Kind, x.Hash)
		if !slices.Contains(m.traits[k], x) {
			m.traits[k] = append(m.traits[k], x)
		}
	}
	for _, id := range c.Erase {
		m.gone[id] = true
		for k, all := range m.traits {
			m.traits[k] = slices.DeleteFunc(all, func(x kyc.Trait) bool { return x.SubjectID == id })
		}
	}
	m.learned = len(c.Traits)
}

func (m *memoryStore) Individual(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Individual, error) {
	i, err := memory.Get[kyc.Individual](m.Store, t, id)
	if m.gone[id] {
		i.Private = kyc.IndividualData{Unreadable: true}
	}
	m.read++
	return i, err
}

func (m *memoryStore) Individuals(_ context.Context, t kyc.Tenant, f kyc.IndividualFilter, p kyc.Page) ([]kyc.Individual, int, error) {
	out, total := memory.All(m.Store, t, p, func(i kyc.Individual) bool {
		return (f.Deleted || i.State != kyc.EntityDeleted) && (f.IDs == nil || slices.Contains(f.IDs, i.ID))
	})
	for i := range out {
		if m.gone[out[i].ID] {
			out[i].Private = kyc.IndividualData{Unreadable: true}
		}
	}
	m.read += len(out)
	return out, total, nil
}

func (m *memoryStore) Traits(_ context.Context, t kyc.Tenant, kind string, hashes []string) ([]kyc.Trait, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Trait
	for _, h := range hashes {
		out = append(out, m.traits[traitKey(t, kind, h)]...)
	}
	return out, nil
}

func (m *memoryStore) EntityDocument(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.EntityDocument, error) {
	return memory.Get[kyc.EntityDocument](m.Store, t, id)
}

func (m *memoryStore) EntityDocuments(_ context.Context, t kyc.Tenant, subject kyc.ID, deleted bool) ([]kyc.EntityDocument, error) {
	out, _ := memory.All(m.Store, t, kyc.Page{}, func(d kyc.EntityDocument) bool {
		return d.SubjectID == subject && (deleted || d.DeletedAt.IsZero())
	})
	slices.Reverse(out)
	return out, nil
}

func (m *memoryStore) ServiceProfileByName(_ context.Context, t kyc.Tenant, subject kyc.ID, service string) (kyc.ServiceProfile, error) {
	out, _ := memory.All(m.Store, t, kyc.Page{}, func(p kyc.ServiceProfile) bool { return p.SubjectID == subject && p.ServiceName == service })
	if len(out) == 0 {
		return kyc.ServiceProfile{}, kyc.Missing("service profile", service)
	}
	return out[0], nil
}

func (m *memoryStore) ServiceProfiles(_ context.Context, t kyc.Tenant, f kyc.ProfileFilter, p kyc.Page) ([]kyc.ServiceProfile, int, error) {
	out, total := memory.All(m.Store, t, p, func(x kyc.ServiceProfile) bool {
		return (f.SubjectID == "" || x.SubjectID == f.SubjectID) && (f.ServiceName == "" || x.ServiceName == f.ServiceName)
	})
	return out, total, nil
}

func (m *memoryStore) Executions(_ context.Context, t kyc.Tenant, f kyc.ExecutionFilter, p kyc.Page) ([]kyc.Execution, int, error) {
	out, total := memory.All(m.Store, t, p, func(x kyc.Execution) bool {
		return x.SubjectID == f.SubjectID && (f.States == nil || slices.Contains(f.States, x.State))
	})
	return out, total, nil
}

func (m *memoryStore) Matchlist(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Matchlist, error) {
	return memory.Get[kyc.Matchlist](m.Store, t, id)
}

func (m *memoryStore) Matchlists(_ context.Context, t kyc.Tenant, p kyc.Page) ([]kyc.Matchlist, int, error) {
	out, total := memory.All(m.Store, t, p, func(l kyc.Matchlist) bool { return l.DeletedAt.IsZero() })
	return out, total, nil
}

func (m *memoryStore) MatchlistEntry(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.MatchlistEntry, error) {
	return memory.Get[kyc.MatchlistEntry](m.Store, t, id)
}

func (m *memoryStore) MatchlistEntries(_ context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.MatchlistEntry, int, error) {
	out, total := memory.All(m.Store, t, p, func(e kyc.MatchlistEntry) bool { return e.MatchlistID == list })
	return out, total, nil
}

// PutBlob refuses the file of a subject that is neither stored nor in the unit.
func (m *memoryStore) PutBlob(ctx context.Context, t kyc.Tenant, subject kyc.ID, name string, data []byte) error {
	_, err := m.Subject(ctx, t, subject)
	if u := kyc.UnitFrom(ctx); err != nil && u != nil {
		for _, o := range u.Change.Put {
			if s, ok := o.(*kyc.Subject); ok && s.ID == subject && s.Tenant == t {
				err = nil
			}
		}
	}
	if err != nil {
		return err
	}
	return m.Store.PutBlob(ctx, t, subject, name, data)
}

// bench is a machine over a store in memory.
type bench struct {
	*testing.T
	ctx    context.Context
	m      *Machine
	store  *memoryStore
	t      kyc.Tenant
	by     kyc.Actor
	now    time.Time
	asked  []kyc.ID // whom Changed was called for
	erased []kyc.Session
}

// newBench makes one. Files that begin with "PNG" are pictures, those that
// begin with "PDF" documents; all others are refused.
func newBench(t *testing.T) *bench {
	t.Helper()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := &bench{T: t, ctx: kyc.WithRequest(t.Context(), kyc.Request{ID: "req-1"}), store: newMemory(), now: now,
		t: kyc.Tenant{Org: kyc.NewID(now), Env: kyc.Live}, by: kyc.Actor{Kind: kyc.ActorKey, ID: "key-1"}}
	b.m = New(Deps{Store: b.store, Clock: kyc.ClockFunc(func() time.Time { return b.now }),
		Sniff: func(f []byte) (string, *kyc.Error) {
			switch string(f[:min(3, len(f))]) {
			case "PNG":
				return "image/png", nil
			case "PDF":
				return "application/pdf", nil
			}
			return "", kyc.Errorf(kyc.UnsupportedMedia, "unsupported_type", "please send a picture")
		},
		Blind: func(_ context.Context, t kyc.Tenant, kind, value string) (string, error) {
			mac := hmac.New(sha256.New, []byte(string(t.Org)+string(t.Env)))
			mac.Write([]byte(kind + "\x00" + value))
			return hex.EncodeToString(mac.Sum(nil)), nil
		},
		Changed: func(_ context.Context, _ kyc.Tenant, subject kyc.ID) (kyc.Change, error) {
			b.asked = append(b.asked, subject)
			return kyc.Change{}, nil
		},
		EraseSessions: func(_ context.Context, _ kyc.Tenant, _ kyc.Actor, s []kyc.Session) (kyc.Change, error) {
			b.erased = append(b.erased, s...)
			return kyc.Change{}, nil
		},
	})
	org := &kyc.Org{Meta: kyc.Meta{ID: b.t.Org, Tenant: kyc.Tenant{Org: b.t.Org}}, SandboxOffset: 48 * time.Hour}
	org.Touch(now)
	b.put(org)
	return b
}

// put stores objects as they are.
func (b *bench) put(all ...kyc.Object) {
	b.Helper()
	if err := b.store.Commit(b.ctx, &kyc.Change{Put: all}); err != nil {
		b.Fatal(err)
	}
}

// person stores an individual.
func (b *bench) person(d kyc.IndividualData) kyc.Individual {
	b.Helper()
	ind, _, err := b.m.Create(b.ctx, b.t, b.by, NewIndividual{Data: d})
	if err != nil {
		b.Fatal(err)
	}
	return ind
}

// actions are the actions of the events since a number of them.
func (b *bench) actions(since int) []string {
	var out []string
	for _, e := range b.store.Log[since:] {
		out = append(out, e.Action)
	}
	return out
}

// codes gives the problems of an error as "path code", sorted.
func codes(err error) []string {
	var e *kyc.Error
	if !errors.As(err, &e) {
		return nil
	}
	var out []string
	for _, p := range e.Problems {
		out = append(out, p.Path+" "+p.Code)
	}
	slices.Sort(out)
	return out
}

// wants compares what was listed with what should be.
func (b *bench) wants(what string, got []string, want ...string) {
	b.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		b.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// refused checks the kind and the code of an error.
func (b *bench) refused(err error, kind kyc.Kind, code string) {
	b.Helper()
	if err == nil || kyc.KindOf(err) != kind || !kyc.IsCode(err, code) {
		b.Errorf("got %v, want %s", err, code)
	}
}

func must[T any](b *bench) func(v T, err error) T {
	return func(v T, err error) T {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
		return v
	}
}
