package entity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

// key tells objects apart: a person and its subject have one ID.
type key struct {
	kind string
	id   kyc.ID
}

// memory is a store in memory with the promises the machine relies on:
// compare-and-set on Rev, one entry per hash and list, traits that stay until
// their subject is erased, tenants apart, erased data unreadable.
type memory struct {
	mu      sync.Mutex
	objects map[key]kyc.Object
	events  []kyc.Event
	jobs    []kyc.Job
	traits  map[string][]kyc.Trait // by tenant, kind and hash
	erased  map[kyc.ID]bool
	blobs   map[string][]byte
	commits int
	learned int // traits of the last commit
	read    int // individuals decrypted
	// refuse, when set, is what the next commit answers.
	refuse error
	// deaf is the key of a file that cannot be stored.
	deaf int
}

func newMemory() *memory {
	return &memory{objects: map[key]kyc.Object{}, traits: map[string][]kyc.Trait{}, erased: map[kyc.ID]bool{}, blobs: map[string][]byte{}}
}

// clone gives a copy that later changes of the caller do not reach.
func clone(o kyc.Object) kyc.Object {
	switch o := o.(type) {
	case *kyc.Org:
		c := *o
		return &c
	case *kyc.Session:
		c := *o
		return &c
	case *kyc.Subject:
		c := *o
		return &c
	case *kyc.Execution:
		c := *o
		return &c
	case *kyc.Individual:
		c := *o
		c.Private = copied(o.Private)
		return &c
	case *kyc.EntityDocument:
		c := *o
		c.Attachments = slices.Clone(o.Attachments)
		c.Private.Files, c.Private.Supplementary = maps.Clone(o.Private.Files), maps.Clone(o.Private.Supplementary)
		return &c
	case *kyc.ServiceProfile:
		c := *o
		c.Subscriptions = slices.Clone(o.Subscriptions)
		return &c
	case *kyc.Matchlist:
		c := *o
		return &c
	case *kyc.MatchlistEntry:
		c := *o
		c.Private.Attributes = maps.Clone(o.Private.Attributes)
		return &c
	}
	panic(fmt.Sprintf("unknown object %T", o))
}

func keyOf(o kyc.Object) key { return key{fmt.Sprintf("%T", o), o.Head().ID} }

func traitKey(t kyc.Tenant, kind, hash string) string {
	return strings.Join([]string{string(t.Org), string(t.Env), kind, hash}, "|")
}

func (m *memory) Commit(ctx context.Context, c *kyc.Change) error {
	if u := kyc.UnitFrom(ctx); u != nil {
		u.Change.Add(*c)
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.refuse; err != nil {
		m.refuse = nil
		return err
	}
	seen := map[key]bool{}
	for _, o := range c.Put {
		k, h := keyOf(o), o.Head()
		if seen[k] {
			return kyc.Errorf(kyc.Internal, "double_put", "%v is put twice", k)
		}
		seen[k] = true
		old, exists := m.objects[k]
		if exists != (h.Rev > 1) || exists && old.Head().Rev != h.Rev-1 {
			return kyc.Stale(k.kind)
		}
		if e, ok := o.(*kyc.MatchlistEntry); ok {
			for _, x := range m.objects {
				if other, ok := x.(*kyc.MatchlistEntry); ok && other.ID != e.ID && other.MatchlistID == e.MatchlistID && other.Hash == e.Hash {
					return kyc.Errorf(kyc.Conflict, "entry_exists", "the list has this entry already")
				}
			}
		}
	}
	for _, o := range c.Remove {
		if _, ok := m.objects[keyOf(o)]; !ok {
			return kyc.Missing("object", string(o.Head().ID))
		}
	}
	for _, o := range c.Put {
		m.objects[keyOf(o)] = clone(o)
	}
	for _, o := range c.Remove {
		delete(m.objects, keyOf(o))
	}
	for _, x := range c.Traits {
		k := traitKey(c.TraitTenant, x.Kind, x.Hash)
		if !slices.Contains(m.traits[k], x) {
			m.traits[k] = append(m.traits[k], x)
		}
	}
	for _, id := range c.Erase {
		m.erased[id] = true
		for k, all := range m.traits {
			m.traits[k] = slices.DeleteFunc(all, func(x kyc.Trait) bool { return x.SubjectID == id })
		}
	}
	m.events = append(m.events, c.Events...)
	m.jobs = append(m.jobs, c.Jobs...)
	m.commits++
	m.learned = len(c.Traits)
	return nil
}

// get finds one object of a tenant.
func get[T any, P interface {
	*T
	kyc.Object
}](m *memory, t kyc.Tenant, id kyc.ID) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var zero T
	o, ok := m.objects[key{fmt.Sprintf("%T", &zero), id}].(P)
	if !ok || o.Head().Tenant != t {
		return zero, kyc.Missing(strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", zero), "kyc.")), string(id))
	}
	return *clone(o).(P), nil
}

// all finds every object of a tenant that keep accepts, newest first.
func all[T any, P interface {
	*T
	kyc.Object
}](m *memory, t kyc.Tenant, p kyc.Page, keep func(T) bool) ([]T, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []T
	for _, o := range m.objects {
		if x, ok := o.(P); ok && x.Head().Tenant == t && keep(*x) {
			out = append(out, *clone(x).(P))
		}
	}
	id := func(x *T) kyc.ID { return P(x).Head().ID }
	slices.SortFunc(out, func(a, b T) int { return strings.Compare(string(id(&b)), string(id(&a))) })
	total := len(out)
	if p.After != "" {
		out = slices.DeleteFunc(out, func(x T) bool { return id(&x) >= p.After })
	}
	out = out[min(p.Offset, len(out)):]
	if p.Limit > 0 {
		out = out[:min(p.Limit, len(out))]
	}
	return out, total
}

func (m *memory) Org(_ context.Context, id kyc.ID) (kyc.Org, error) {
	return get[kyc.Org](m, kyc.Tenant{Org: id}, id)
}

func (m *memory) Events(_ context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Event
	for _, e := range m.events {
		if e.Tenant == t && (f.SubjectID == "" || e.SubjectID == f.SubjectID) {
			out = append(out, e)
		}
	}
	slices.Reverse(out)
	total := len(out)
	out = out[min(p.Offset, len(out)):]
	if p.Limit > 0 {
		out = out[:min(p.Limit, len(out))]
	}
	return out, total, nil
}

func (m *memory) Individual(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Individual, error) {
	i, err := get[kyc.Individual](m, t, id)
	if m.erased[id] {
		i.Private = kyc.IndividualData{Unreadable: true}
	}
	m.read++
	return i, err
}

func (m *memory) Individuals(_ context.Context, t kyc.Tenant, f kyc.IndividualFilter, p kyc.Page) ([]kyc.Individual, int, error) {
	out, total := all(m, t, p, func(i kyc.Individual) bool {
		return (f.Deleted || i.State != kyc.EntityDeleted) && (f.IDs == nil || slices.Contains(f.IDs, i.ID))
	})
	for i := range out {
		if m.erased[out[i].ID] {
			out[i].Private = kyc.IndividualData{Unreadable: true}
		}
	}
	m.read += len(out)
	return out, total, nil
}

func (m *memory) Subject(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error) {
	return get[kyc.Subject](m, t, id)
}

func (m *memory) Traits(_ context.Context, t kyc.Tenant, kind string, hashes []string) ([]kyc.Trait, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Trait
	for _, h := range hashes {
		out = append(out, m.traits[traitKey(t, kind, h)]...)
	}
	return out, nil
}

func (m *memory) EntityDocument(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.EntityDocument, error) {
	return get[kyc.EntityDocument](m, t, id)
}

func (m *memory) EntityDocuments(_ context.Context, t kyc.Tenant, subject kyc.ID, deleted bool) ([]kyc.EntityDocument, error) {
	out, _ := all(m, t, kyc.Page{}, func(d kyc.EntityDocument) bool {
		return d.SubjectID == subject && (deleted || d.DeletedAt.IsZero())
	})
	slices.Reverse(out)
	return out, nil
}

func (m *memory) ServiceProfileByName(_ context.Context, t kyc.Tenant, subject kyc.ID, service string) (kyc.ServiceProfile, error) {
	out, _ := all(m, t, kyc.Page{}, func(p kyc.ServiceProfile) bool { return p.SubjectID == subject && p.ServiceName == service })
	if len(out) == 0 {
		return kyc.ServiceProfile{}, kyc.Missing("service profile", service)
	}
	return out[0], nil
}

func (m *memory) ServiceProfiles(_ context.Context, t kyc.Tenant, f kyc.ProfileFilter, p kyc.Page) ([]kyc.ServiceProfile, int, error) {
	out, total := all(m, t, p, func(x kyc.ServiceProfile) bool {
		return (f.SubjectID == "" || x.SubjectID == f.SubjectID) && (f.ServiceName == "" || x.ServiceName == f.ServiceName)
	})
	return out, total, nil
}

func (m *memory) Sessions(_ context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error) {
	out, total := all(m, t, p, func(s kyc.Session) bool { return s.SubjectID == f.SubjectID })
	return out, total, nil
}

func (m *memory) Executions(_ context.Context, t kyc.Tenant, f kyc.ExecutionFilter, p kyc.Page) ([]kyc.Execution, int, error) {
	out, total := all(m, t, p, func(x kyc.Execution) bool {
		return x.SubjectID == f.SubjectID && (f.States == nil || slices.Contains(f.States, x.State))
	})
	return out, total, nil
}

func (m *memory) Matchlist(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Matchlist, error) {
	return get[kyc.Matchlist](m, t, id)
}

func (m *memory) Matchlists(_ context.Context, t kyc.Tenant, p kyc.Page) ([]kyc.Matchlist, int, error) {
	out, total := all(m, t, p, func(l kyc.Matchlist) bool { return l.DeletedAt.IsZero() })
	return out, total, nil
}

func (m *memory) MatchlistEntry(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.MatchlistEntry, error) {
	return get[kyc.MatchlistEntry](m, t, id)
}

func (m *memory) MatchlistEntries(_ context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.MatchlistEntry, int, error) {
	out, total := all(m, t, p, func(e kyc.MatchlistEntry) bool { return e.MatchlistID == list })
	return out, total, nil
}

// PutBlob refuses the file of a subject that is neither stored nor in the unit.
func (m *memory) PutBlob(ctx context.Context, t kyc.Tenant, subject kyc.ID, name string, data []byte) error {
	_, err := m.Subject(ctx, t, subject)
	if u := kyc.UnitFrom(ctx); err != nil && u != nil {
		for _, o := range u.Change.Put {
			if s, ok := o.(*kyc.Subject); ok && s.ID == subject && s.Tenant == t {
				err = nil
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.deaf--; m.deaf == 0 {
		err = kyc.Errorf(kyc.Unavailable, "file_storage", "the file could not be stored")
	}
	if err != nil {
		return err
	}
	m.blobs[name] = slices.Clone(data)
	return nil
}

func (m *memory) Blob(_ context.Context, _ kyc.Tenant, _ kyc.ID, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.blobs[name]
	if !ok {
		return nil, kyc.Missing("file", name)
	}
	return b, nil
}

func (m *memory) DeleteBlob(_ context.Context, _ kyc.Tenant, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, name)
	return nil
}

// bench is a machine over a store in memory.
type bench struct {
	*testing.T
	ctx    context.Context
	m      *Machine
	store  *memory
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
	for _, e := range b.store.events[since:] {
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
