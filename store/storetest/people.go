package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store"
)

// mergedPeople says that the records that were merged into one are found by it,
// in its tenant alone, after any later change as well.
func mergedPeople(t *testing.T, b *bench) {
	into, apart, one := b.subject(t), b.subject(t), b.subject(t)
	b.clock.Advance(time.Second)
	two := b.subject(t)
	stranger := &kyc.Subject{Meta: b.meta(), Kind: "individual", MergedInto: into.ID}
	stranger.Tenant.Env = kyc.Sandbox
	b.put(t, stranger)
	for _, s := range []*kyc.Subject{one, two} {
		s.MergedInto, s.DeactivatedAt = into.ID, b.clock.Now()
		s.Touch(b.clock.Now())
	}
	b.put(t, one, two)
	merged := func(of kyc.ID, p kyc.Page) []kyc.ID {
		list, n, err := b.Subjects(b.ctx, b.tenant, kyc.SubjectFilter{MergedInto: of, Deactivated: true}, p)
		if err != nil {
			t.Fatal(err)
		}
		ids := make([]kyc.ID, len(list))
		for i, s := range list {
			ids[i] = s.ID
		}
		if !p.Uncounted && p.After == "" && p.Limit == 0 && n != len(ids) {
			t.Errorf("%d of %d merged records", len(ids), n)
		}
		return ids
	}
	if got := merged(into.ID, kyc.Page{}); !slices.Equal(got, []kyc.ID{two.ID, one.ID}) {
		t.Errorf("merged are %v, want %v and %v", got, two.ID, one.ID)
	}
	if got := merged(into.ID, kyc.Page{Limit: 1, After: two.ID, Uncounted: true}); !slices.Equal(got, []kyc.ID{one.ID}) {
		t.Errorf("the page after %s has %v", two.ID, got)
	}
	for _, none := range []kyc.ID{apart.ID, one.ID, b.id()} {
		if got := merged(none, kyc.Page{}); len(got) != 0 {
			t.Errorf("%v were merged into %s", got, none)
		}
	}
	one.Tags = []string{"vip"}
	one.Touch(b.clock.Now())
	b.put(t, one)
	if got := merged(into.ID, kyc.Page{}); !slices.Contains(got, one.ID) {
		t.Errorf("after another change of the record merged are %v", got)
	}
	b.commit(t, kyc.Change{Erase: []kyc.ID{one.ID}, Events: []kyc.Event{b.event("identity.redact")}})
	if got := merged(into.ID, kyc.Page{}); !slices.Contains(got, one.ID) {
		t.Errorf("after its erasure merged are %v", got)
	}
}

// boundOnce says that a person of another house has one account of an
// organisation, whoever writes at the same moment, and that letting go of it
// makes room.
func boundOnce(t *testing.T, b *bench) {
	ada := &kyc.ExternalID{Issuer: "https://login.example", Subject: "1"}
	account := func(org kyc.ID, email string, x *kyc.ExternalID) *kyc.User {
		u := &kyc.User{Meta: kyc.Meta{ID: b.id(), Tenant: kyc.Tenant{Org: org}}, Email: email + "@" + string(b.id()), Role: "reviewer", External: x}
		u.Touch(b.clock.Now())
		return u
	}
	const many = 8
	made, failed := make([]*kyc.User, many), make([]error, many)
	var wg sync.WaitGroup
	for i := range many {
		made[i] = account(b.tenant.Org, fmt.Sprint("ada", i), ada)
		wg.Go(func() { failed[i] = b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{made[i]}}) })
	}
	wg.Wait()
	var bound *kyc.User
	for i, err := range failed {
		switch {
		case err == nil && bound == nil:
			bound = made[i]
		case err == nil:
			t.Errorf("two accounts are bound to one person: %s and %s", bound.Email, made[i].Email)
		default:
			want(t, err, "email_taken")
		}
	}
	if bound == nil {
		t.Fatal(errors.Join(failed...))
	}
	// Another organisation, another house and another person are not in the way.
	b.put(t, account(b.id(), "ada", ada), account(b.tenant.Org, "eve", &kyc.ExternalID{Issuer: ada.Issuer, Subject: "2"}),
		account(b.tenant.Org, "ada", &kyc.ExternalID{Issuer: "https://other.example", Subject: "1"}), account(b.tenant.Org, "x", nil), account(b.tenant.Org, "y", nil))
	late := account(b.tenant.Org, "late", nil)
	b.put(t, late)
	late.External = ada
	late.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{late}}), "email_taken")
	bound.External = nil
	bound.Touch(b.clock.Now())
	b.put(t, bound, late)
}

// mergedAmong is among how many people of a tenant the benchmark looks.
const mergedAmong = 20_000

// BenchmarkMerged measures how long it takes to find the three records that
// were merged into one of 20,000: p99.
func BenchmarkMerged(b *testing.B, db *store.DB, settle func()) {
	ctx, now := context.Background(), time.Now().UTC().Truncate(time.Microsecond)
	tenant := kyc.Tenant{Org: kyc.NewID(now), Env: kyc.Live}
	into := kyc.NewID(now)
	var c kyc.Change
	for i := range mergedAmong {
		s := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: tenant}, Kind: "individual", Status: kyc.SubjectPending}
		if i%(mergedAmong/3) == 0 && i < mergedAmong-3 {
			s.MergedInto = into
		}
		s.Touch(now)
		if c.Put = append(c.Put, s); len(c.Put) == 500 {
			if err := db.Commit(ctx, &c); err != nil {
				b.Fatal(err)
			}
			c = kyc.Change{}
		}
	}
	settle()
	took := make([]time.Duration, b.N)
	b.ResetTimer()
	for i := range b.N {
		begin := time.Now()
		found, _, err := db.Subjects(ctx, tenant, kyc.SubjectFilter{MergedInto: into, Deactivated: true}, kyc.Page{Limit: 100, Uncounted: true})
		took[i] = time.Since(begin)
		if err != nil || len(found) != 3 {
			b.Fatalf("%d found (%v)", len(found), err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
