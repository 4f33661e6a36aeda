package face

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

// Two nodes that come at different times, among faces that come and go, answer
// what comparing with every stored face answers, at every moment.
func TestKnownFacesFollowTheStore(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.crowd(300)
	other := kyc.Tenant{Org: "a", Env: kyc.Sandbox}
	early := h.known(t, KnownOptions{})
	var late *Known
	for round := range 120 {
		for range h.rnd.IntN(20) {
			v := h.vector()
			switch h.rnd.IntN(8) {
			case 0:
				h.face(v, func(t *kyc.FaceTemplate) { t.Tenant = other })
			case 1:
				h.face(v, func(t *kyc.FaceTemplate) { t.Model = "old" })
			case 2:
				h.face(v, func(t *kyc.FaceTemplate) { t.ExpiresAt = h.now.Add(time.Duration(h.rnd.IntN(90)) * time.Minute) })
			case 3:
				h.face(nil, func(t *kyc.FaceTemplate) { t.Unreadable = true })
			case 4, 5:
				h.remove(kyc.ID(fmt.Sprintf("%06d", 1+h.rnd.IntN(h.n))))
			default:
				h.face(v, nil)
			}
		}
		if round == 60 {
			late = h.known(t, KnownOptions{})
		}
		h.now = h.now.Add(time.Minute)
		v := h.vector()
		h.face(h.like(v, 0.9), nil)
		h.face(h.like(v, 0.6), func(t *kyc.FaceTemplate) { t.Tenant = other })
		q := h.question(v, 0.5)
		if round%3 == 1 {
			q.Since = h.now.Add(-30 * time.Minute)
		}
		if round%4 == 1 {
			q.Except = map[kyc.ID]bool{kyc.ID(fmt.Sprintf("%06d", h.n-1)): true}
		}
		want := h.brute(h.mine, q)
		for name, k := range map[string]*Known{"early": early, "late": late} {
			if k == nil {
				continue
			}
			if got := answered(t, k, h.mine, q); !sameFound(got, want) {
				t.Fatalf("round %d, %s: %+v, want %+v", round, name, got, want)
			}
			if got, want := answered(t, k, other, q), h.brute(other, q); !sameFound(got, want) || slices.Contains(got.Alike, kyc.ID(fmt.Sprintf("%06d", h.n-1))) {
				t.Fatalf("round %d, %s, the other environment: %+v, want %+v", round, name, got, want)
			}
		}
	}
}

func TestFewFacesAreNotHeld(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.crowd(9)
	k := h.known(t, KnownOptions{From: 10})
	if _, ok, err := k.Ask(t.Context(), h.mine, h.question(h.vector(), 0.5)); ok || err != nil || k.Len() != 0 {
		t.Errorf("held %d (%v, %v)", k.Len(), ok, err)
	}
	h.crowd(1)
	if found := answered(t, k, h.mine, h.question(h.vector(), 0.5)); found.Compared != 10 {
		t.Errorf("compared with %d", found.Compared)
	}
	if _, ok, err := k.Ask(t.Context(), h.mine, Question{Template: Template{"another model", h.vector()}, Now: h.now}); ok || err != nil {
		t.Errorf("faces of another model: %v %v", ok, err)
	}
}

// What the memory has room for is bounded, and two tenants that do not fit
// together are not read in turn.
func TestMemoryOfKnownFacesIsBounded(t *testing.T) {
	t.Parallel()
	h := newHall()
	second := kyc.Tenant{Org: "b", Env: kyc.Live}
	h.crowd(60)
	for range 60 {
		h.face(h.vector(), func(t *kyc.FaceTemplate) { t.Tenant = second })
	}
	k := h.known(t, KnownOptions{Most: 100, Idle: time.Hour})
	q := func() Question { return h.question(h.vector(), 0.5) }
	answered(t, k, h.mine, q())
	if _, ok, err := k.Ask(t.Context(), second, q()); ok || err != nil || k.Len() != 60 {
		t.Fatalf("%d are held (%v, %v)", k.Len(), ok, err)
	}
	pages := h.pages
	if _, ok, _ := k.Ask(t.Context(), second, q()); ok || h.pages != pages {
		t.Error("they were read again")
	}
	h.now = h.now.Add(11 * time.Minute) // the first ones rest, the others may try again
	answered(t, k, second, q())
	if k.Len() != 60 {
		t.Errorf("%d are held", k.Len())
	}
	for range 50 { // it grows over the bound
		h.face(h.vector(), func(t *kyc.FaceTemplate) { t.Tenant = second })
	}
	if found := answered(t, k, second, q()); found.Compared != 110 {
		t.Errorf("compared with %d", found.Compared)
	}
	if _, ok, err := k.Ask(t.Context(), second, q()); ok || err != nil || k.Len() != 0 {
		t.Errorf("%d are held (%v, %v)", k.Len(), ok, err)
	}
	h.now = h.now.Add(time.Hour)
	answered(t, k, h.mine, q())
	if err := k.Tend(t.Context()); err != nil || k.Len() != 60 {
		t.Errorf("%d are held: %v", k.Len(), err)
	}
	h.now = h.now.Add(time.Hour)
	if err := k.Tend(t.Context()); err != nil || k.Len() != 0 {
		t.Errorf("%d are held that nobody asks about: %v", k.Len(), err)
	}
}

// An erased face leaves memory without a question, and so does one whose time
// is over before the store is swept.
func TestErasedFacesLeaveMemory(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.crowd(20)
	v := h.vector()
	erased := h.face(v, nil)
	h.face(v, func(t *kyc.FaceTemplate) { t.ExpiresAt = h.now.Add(time.Minute) })
	k := h.known(t, KnownOptions{})
	if found := answered(t, k, h.mine, h.question(v, 0.9)); len(found.Alike) != 2 {
		t.Fatalf("%+v", found)
	}
	h.remove(erased)
	h.now = h.now.Add(time.Minute)
	if err := k.Tend(t.Context()); err != nil || k.Len() != 20 {
		t.Errorf("%d are left: %v", k.Len(), err)
	}
	held := k.held[knownName{h.mine, "m"}]
	k.Close()
	if len(held.lives) != 0 || held.index.Len() != 0 {
		t.Error("faces are left after the end")
	}
	if _, ok, err := k.Ask(t.Context(), h.mine, h.question(v, 0.9)); ok || err != nil {
		t.Errorf("after the end: %v %v", ok, err)
	}
}

// A copy of the database that is put in its place gives numbers of changes
// again; what came after the copy was made must be found, what was erased after
// must not count as known less.
func TestARestoredCopyIsReadAnew(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]int{"behind": 0, "level": 3, "ahead": 9} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHall()
			h.crowd(20)
			k := h.known(t, KnownOptions{})
			answered(t, k, h.mine, h.question(h.vector(), 0.5))
			backup := h.copied()
			lost := h.vector()
			h.face(lost, nil)
			h.crowd(2)
			if found := answered(t, k, h.mine, h.question(lost, 0.9)); len(found.Alike) != 1 {
				t.Fatalf("%+v", found)
			}
			h.restore(backup)
			v := h.vector()
			if more > 0 {
				h.face(v, nil)
				h.crowd(more - 1)
			}
			for _, who := range []kyc.FaceVector{v, lost} {
				q := h.question(who, 0.9)
				if got, want := answered(t, k, h.mine, q), h.brute(h.mine, q); !sameFound(got, want) {
					t.Errorf("%+v, want %+v", got, want)
				}
			}
		})
	}
}

// A node that slept so long that the order was cut off begins anew; so does one
// that knows of templates from before there was an order.
func TestALostPlaceIsReadAnew(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.keep = 5
	h.crowd(20)
	delete(h.changes, h.mine) // an upgraded database
	k := h.known(t, KnownOptions{})
	for _, n := range []int{0, 1, 4, 5, 6, 40} {
		h.crowd(n)
		q := h.question(h.vector(), 0.2)
		if got, want := answered(t, k, h.mine, q), h.brute(h.mine, q); !sameFound(got, want) {
			t.Errorf("%d more: %+v, want %+v", n, got, want)
		}
	}
}

// A store that is away is an error, never an answer; a question that gives up
// leaves the reading to the next.
func TestKnownFacesFailClosed(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.crowd(20)
	k := h.known(t, KnownOptions{})
	v := h.vector()
	h.fails = errAway
	if _, ok, err := k.Ask(t.Context(), h.mine, h.question(v, 0.5)); ok || !errors.Is(err, errAway) {
		t.Errorf("before the first reading: %v %v", ok, err)
	}
	h.fails = nil
	answered(t, k, h.mine, h.question(v, 0.5))
	h.fails = errAway
	if _, ok, err := k.Ask(t.Context(), h.mine, h.question(v, 0.5)); ok || !errors.Is(err, errAway) {
		t.Errorf("while following: %v %v", ok, err)
	}
	if err := k.Tend(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("tending: %v", err)
	}
	h.fails = nil
	if _, ok, err := k.Ask(t.Context(), h.mine, Question{Template: Template{"m", make([]float32, 64)}, Now: h.now}); ok || err == nil {
		t.Errorf("a face without numbers: %v %v", ok, err)
	}
	damaged := h.face(make(kyc.FaceVector, 64), nil)
	if found := answered(t, k, h.mine, h.question(v, 0.99)); !slices.Equal(found.Alike, []kyc.ID{damaged}) {
		t.Errorf("a damaged template is not proposed: %+v", found)
	}

	slow := newHall()
	slow.crowd(20)
	slow.hold = make(chan struct{})
	k = slow.known(t, KnownOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok, err := k.Ask(ctx, slow.mine, slow.question(v, 0.5)); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("while it is read: %v %v", ok, err)
	}
	close(slow.hold)
	answered(t, k, slow.mine, slow.question(v, 0.5))
	if slow.pages != 1 {
		t.Errorf("it was read %d times", slow.pages)
	}
}

// Whoever stores before asking is found by whoever asks later, however many do
// so at one time: of two who show one face one is caught.
func TestOneOfTwoAtOnceFindsTheOther(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.crowd(600)
	nodes := []*Known{h.known(t, KnownOptions{}), h.known(t, KnownOptions{})}
	for range 30 {
		v := h.vector()
		ids := []kyc.ID{kyc.ID(fmt.Sprintf("x%06d", h.n)), kyc.ID(fmt.Sprintf("y%06d", h.n))}
		h.n++
		found := make([]Found, 2)
		var both sync.WaitGroup
		for i := range 2 {
			both.Go(func() {
				h.put(kyc.FaceTemplate{Meta: kyc.Meta{ID: ids[i], Tenant: h.mine, CreatedAt: h.now}, Model: "m", ExpiresAt: h.now.Add(time.Hour), Vector: v})
				q := h.question(v, 0.9)
				q.Except = map[kyc.ID]bool{ids[i]: true}
				var err error
				if found[i], _, err = nodes[i].Ask(context.Background(), h.mine, q); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if len(found[0].Alike)+len(found[1].Alike) == 0 {
			t.Fatal("neither met the other")
		}
	}
}
