package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

func (b *bench) reservation(key string) kyc.Idempotency {
	return kyc.Idempotency{Tenant: b.tenant, Method: "POST", Path: "/api/v1/sessions", Key: key, BodyHash: "sha256:a"}
}

func idempotencyRace(t *testing.T, b *bench) {
	for _, racers := range []int{20, 50} {
		r := b.reservation(fmt.Sprintf("race-%d", racers))
		subject := b.subject(t)
		var wg sync.WaitGroup
		var mu sync.Mutex
		won, running, done := 0, 0, 0
		for range racers {
			wg.Go(func() {
				existing, err := b.ReserveIdempotency(b.ctx, r, time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				if existing == nil {
					closing := r
					closing.Done, closing.Status, closing.Body = true, 201, []byte(`{"id":1}`)
					if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{b.session(subject.ID)}, Idempotency: &closing}); err != nil {
						t.Error(err)
					}
				}
				mu.Lock()
				defer mu.Unlock()
				switch {
				case existing == nil:
					won++
				case existing.Done:
					done++
				default:
					running++
				}
			})
		}
		wg.Wait()
		if won != 1 || won+running+done != racers {
			t.Errorf("%d won, %d saw it running, %d done, of %d", won, running, done, racers)
		}
		if _, n, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{SubjectID: subject.ID}, kyc.Page{}); n != 1 || err != nil {
			t.Errorf("%d sessions were made (%v)", n, err)
		}
	}
}

func idempotencyLife(t *testing.T, b *bench) {
	reserve := func(r kyc.Idempotency) *kyc.Idempotency {
		t.Helper()
		got, err := b.ReserveIdempotency(b.ctx, r, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	r := b.reservation("k\x00\xff")
	if reserve(r) != nil {
		t.Fatal("a new key is taken")
	}
	other := r
	other.BodyHash = "sha256:b"
	if got := reserve(other); got == nil || got.Done || got.BodyHash != "sha256:a" {
		t.Errorf("a running key gives %+v", got)
	}
	for name, change := range map[string]func(*kyc.Idempotency){
		"path": func(r *kyc.Idempotency) { r.Path = "/x" }, "method": func(r *kyc.Idempotency) { r.Method = "PUT" },
		"key": func(r *kyc.Idempotency) { r.Key = "l" }, "env": func(r *kyc.Idempotency) { r.Tenant.Env = kyc.Sandbox },
		"org": func(r *kyc.Idempotency) { r.Tenant.Org = b.id() },
	} {
		free := r
		change(&free)
		if reserve(free) != nil {
			t.Errorf("another %s is taken", name)
		}
	}
	if err := b.ReleaseIdempotency(b.ctx, r); err != nil {
		t.Fatal(err)
	}
	if reserve(r) != nil {
		t.Fatal("a released key is taken")
	}
	closing := r
	closing.Done, closing.Status, closing.Header, closing.Body = true, 201, map[string]string{"ETag": `"1"`}, []byte(`{"name":"Ada"}`)
	b.commit(t, kyc.Change{Idempotency: &closing})
	if err := b.ReleaseIdempotency(b.ctx, r); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(24*time.Hour - time.Second)
	if n := must[int](t)(b.Sweep(b.ctx, b.clock.Now())); n != 0 {
		t.Error("the sweep took a living record")
	}
	got := reserve(r)
	if got == nil || !got.Done || got.Status != 201 || string(got.Body) != `{"name":"Ada"}` || got.Header["ETag"] != `"1"` || got.BodyHash != r.BodyHash {
		t.Fatalf("the stored answer is %+v", got)
	}
	b.clock.Advance(2 * time.Second)
	if reserve(r) != nil {
		t.Error("after 24 h the key is still taken")
	}
	if n := must[int](t)(b.Sweep(b.ctx, b.clock.Now())); n != 5 {
		t.Errorf("the sweep took %d records", n)
	}
}

func idempotencyTakeover(t *testing.T, b *bench) {
	subject := b.subject(t)
	r := b.reservation("slow")
	if got, err := b.ReserveIdempotency(b.ctx, r, time.Minute); got != nil || err != nil {
		t.Fatal(got, err)
	}
	b.clock.Advance(61 * time.Second)
	if got, err := b.ReserveIdempotency(b.ctx, r, time.Minute); got != nil || err != nil {
		t.Fatal("a lapsed reservation is not taken over", got, err)
	}
	closing := r
	closing.Done, closing.Status = true, 201
	b.commit(t, kyc.Change{Put: []kyc.Object{b.session(subject.ID)}, Idempotency: &closing})
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{b.session(subject.ID)}, Idempotency: &closing}), "concurrent_change")
	if _, n, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{}, kyc.Page{}); n != 1 || err != nil {
		t.Errorf("%d sessions were made (%v)", n, err)
	}
}

func claimRuns(t *testing.T, b *bench) {
	session := b.session(b.subject(t).ID)
	now := b.clock.Now()
	due := map[kyc.ID]bool{}
	objects := []kyc.Object{session}
	for i := range 40 {
		r := b.run(session)
		r.DueAt = now.Add(-time.Duration(i) * time.Second)
		if i%2 == 0 {
			r.Status = kyc.RunPaused
		}
		due[r.ID] = true
		objects = append(objects, r)
	}
	later, over, free := b.run(session), b.run(session), b.run(session)
	later.DueAt = now.Add(time.Second)
	over.DueAt, over.Status = now, kyc.RunCompleted
	objects = append(objects, later, over, free)
	b.put(t, objects...)
	var wg sync.WaitGroup
	var mu sync.Mutex
	claimed := map[kyc.ID]int{}
	for n := range 8 {
		wg.Go(func() {
			for {
				got, err := b.ClaimRuns(b.ctx, fmt.Sprint("node", n), now, 30*time.Second, 3)
				if err != nil {
					t.Error(err)
					return
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, l := range got {
					claimed[l.RunID]++
					if l.Tenant != b.tenant || !l.Until.Equal(now.Add(30*time.Second)) {
						t.Errorf("lease %+v", l)
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range claimed {
		if n != 1 || !due[id] {
			t.Errorf("run %s was claimed %d times", id, n)
		}
	}
	if len(claimed) != len(due) {
		t.Errorf("%d of %d were claimed", len(claimed), len(due))
	}
	for id := range claimed {
		r := must[kyc.Run](t)(b.Run(b.ctx, b.tenant, id))
		if r.LeaseOwner == "" || !r.DueAt.Equal(now.Add(30*time.Second)) || r.Rev != 1 {
			t.Errorf("claimed run %+v", r)
		}
		break
	}
	if got := must[[]kyc.Lease](t)(b.ClaimRuns(b.ctx, "n", now.Add(31*time.Second), time.Second, 100)); len(got) != 41 {
		t.Errorf("after the leases %d are due", len(got))
	}
}

func leases(t *testing.T, b *bench) {
	session := b.session(b.subject(t).ID)
	run := b.run(session)
	run.DueAt = b.clock.Now()
	b.put(t, session, run)
	now := b.clock.Now()
	got := must[[]kyc.Lease](t)(b.ClaimRuns(b.ctx, "me", now, 10*time.Second, 10))
	if len(got) != 1 {
		t.Fatal(got)
	}
	foreign := got[0]
	foreign.Owner, foreign.Until = "you", now.Add(time.Hour)
	got[0].Until = now.Add(20 * time.Second)
	if err := b.ExtendLeases(b.ctx, []kyc.Lease{got[0], foreign}); err != nil {
		t.Fatal(err)
	}
	if r := must[kyc.Run](t)(b.Run(b.ctx, b.tenant, run.ID)); !r.DueAt.Equal(now.Add(20*time.Second)) || r.LeaseOwner != "me" {
		t.Errorf("extended: %v %q", r.DueAt, r.LeaseOwner)
	}
	if err := b.ReleaseLeases(b.ctx, []kyc.Lease{foreign}); err != nil {
		t.Fatal(err)
	}
	if n := must[[]kyc.Lease](t)(b.ClaimRuns(b.ctx, "you", now, time.Second, 10)); len(n) != 0 {
		t.Error("a stranger released a lease")
	}
	if err := b.ReleaseLeases(b.ctx, got); err != nil {
		t.Fatal(err)
	}
	if n := must[[]kyc.Lease](t)(b.ClaimRuns(b.ctx, "you", now, time.Second, 10)); len(n) != 1 {
		t.Error("a released run is not due")
	}
	// The owner's own write wins over columns.
	run.Touch(now)
	run.DueAt, run.LeaseOwner, run.Status = time.Time{}, "", kyc.RunCompleted
	b.put(t, run)
	if r := must[kyc.Run](t)(b.Run(b.ctx, b.tenant, run.ID)); !r.DueAt.IsZero() || r.LeaseOwner != "" {
		t.Errorf("closed run %+v", r)
	}
	if err := b.ExtendLeases(b.ctx, got); err != nil {
		t.Fatal(err)
	}
	if r := must[kyc.Run](t)(b.Run(b.ctx, b.tenant, run.ID)); !r.DueAt.IsZero() {
		t.Error("a closed run became due")
	}
}

func manyWriters(t *testing.T, b *bench) {
	const writers, commits = 64, 8
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			subject := &kyc.Subject{Meta: b.meta(), Kind: "individual"}
			session := b.session(subject.ID)
			run := b.run(session)
			if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{subject, session, run}, Events: []kyc.Event{b.event("session.create")}}); err != nil {
				t.Error(err)
				return
			}
			for n := range commits {
				run.Touch(b.clock.Now())
				run.Step++
				c := kyc.Change{Put: []kyc.Object{run}, Inputs: []kyc.Input{b.input(run, int64(n))}, Events: []kyc.Event{b.event("run.step")}}
				if err := b.Commit(b.ctx, &c); err != nil {
					t.Error(err)
					return
				}
				c.Put = nil // a second driver of the run loses
				if err := b.Commit(b.ctx, &kyc.Change{Inputs: c.Inputs}); !kyc.IsCode(err, "concurrent_change") {
					t.Errorf("the second driver: %v", err)
				}
			}
			if in, err := b.Inputs(b.ctx, b.tenant, run.ID); err != nil || len(in) != commits {
				t.Errorf("%d inputs (%v)", len(in), err)
			}
		})
	}
	wg.Wait()
	report, err := b.VerifyAudit(b.ctx, b.tenant.Org)
	if err != nil || !report.OK() || report.Checked != writers*(commits+1) {
		t.Errorf("audit %+v (%v)", report, err)
	}
}
