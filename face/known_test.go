package face

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

var errAway = errors.New("the store is away")

// ledger is a store of templates with its order of changes.
type ledger struct {
	mu      sync.Mutex
	rows    map[kyc.ID]kyc.FaceTemplate
	changes map[kyc.Tenant][]kyc.FaceChange
	keep    int // lines; 0: all
	marks   int
	fails   error
	pages   int           // of templates that were read
	hold    chan struct{} // reading waits for it
}

func newLedger() *ledger {
	return &ledger{rows: map[kyc.ID]kyc.FaceTemplate{}, changes: map[kyc.Tenant][]kyc.FaceChange{}}
}

func (l *ledger) note(t kyc.Tenant, id kyc.ID, gone bool) {
	l.marks++
	all := l.changes[t]
	seq := int64(1)
	if n := len(all); n > 0 {
		seq = all[n-1].Seq + 1
	}
	all = append(all, kyc.FaceChange{Seq: seq, Mark: fmt.Sprint("m", l.marks), TemplateID: id, Gone: gone})
	if l.keep > 0 && len(all) > l.keep {
		all = all[len(all)-l.keep:]
	}
	l.changes[t] = all
}

func (l *ledger) put(v kyc.FaceTemplate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows[v.ID] = v
	l.note(v.Tenant, v.ID, false)
}

func (l *ledger) remove(id kyc.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v, ok := l.rows[id]; ok {
		delete(l.rows, id)
		l.note(v.Tenant, id, true)
	}
}

// copied is what a backup holds.
func (l *ledger) copied() *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := newLedger()
	out.marks = l.marks + 1_000_000
	for id, v := range l.rows {
		out.rows[id] = v
	}
	for t, all := range l.changes {
		out.changes[t] = slices.Clone(all)
	}
	return out
}

// restore puts a copy in the place of what is there.
func (l *ledger) restore(from *ledger) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows, l.changes, l.marks = from.rows, from.changes, from.marks
}

func (l *ledger) FaceTemplates(ctx context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error) {
	if l.hold != nil {
		select {
		case <-l.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pages++
	var out []kyc.FaceTemplate
	for _, v := range l.rows {
		if v.Tenant == t && (f.Model == "" || v.Model == f.Model) && v.ID > after && (f.Now.IsZero() || v.ExpiresAt.After(f.Now)) && !v.CreatedAt.Before(f.Since) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b kyc.FaceTemplate) int { return cmp.Compare(a.ID, b.ID) })
	return out[:min(limit, len(out))], l.fails
}

func (l *ledger) FaceTemplatesOf(_ context.Context, t kyc.Tenant, ids []kyc.ID) ([]kyc.FaceTemplate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []kyc.FaceTemplate
	for _, id := range ids {
		if v, ok := l.rows[id]; ok && v.Tenant == t {
			out = append(out, v)
		}
	}
	return out, l.fails
}

func (l *ledger) CountFaces(_ context.Context, t kyc.Tenant, model string, limit int) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, v := range l.rows {
		if v.Tenant == t && v.Model == model {
			n++
		}
	}
	return min(n, limit), l.fails
}

func (l *ledger) FaceChanges(_ context.Context, t kyc.Tenant, from int64, limit int) ([]kyc.FaceChange, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []kyc.FaceChange
	for _, c := range l.changes[t] {
		if c.Seq >= from && len(out) < limit {
			out = append(out, c)
		}
	}
	return out, l.fails
}

func (l *ledger) LastFaceChange(_ context.Context, t kyc.Tenant) (kyc.FaceChange, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if all := l.changes[t]; len(all) > 0 {
		return all[len(all)-1], l.fails
	}
	return kyc.FaceChange{}, l.fails
}

// hall is a tenant's faces, whoever remembers them, and a clock.
type hall struct {
	*ledger
	now  time.Time
	mine kyc.Tenant
	rnd  *rand.Rand
	n    int
}

func newHall() *hall {
	return &hall{ledger: newLedger(), now: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), mine: kyc.Tenant{Org: "a", Env: kyc.Live}, rnd: rand.New(rand.NewPCG(3, 4))}
}

func (h *hall) Now() time.Time { return h.now }

func (h *hall) vector() kyc.FaceVector {
	v := make(kyc.FaceVector, 64)
	for i := range v {
		v[i] = float32(h.rnd.NormFloat64())
	}
	normalise(v)
	return v
}

// like is a face whose cosine with v is that.
func (h *hall) like(v kyc.FaceVector, cos float64) kyc.FaceVector {
	w := h.vector()
	along := float64(dot(v, w))
	for i := range w {
		w[i] -= float32(along) * v[i]
	}
	normalise(w)
	for i := range w {
		w[i] = float32(cos)*v[i] + float32(math.Sqrt(1-cos*cos))*w[i]
	}
	return w
}

func (h *hall) face(v kyc.FaceVector, change func(*kyc.FaceTemplate)) kyc.ID {
	h.n++
	t := kyc.FaceTemplate{Meta: kyc.Meta{ID: kyc.ID(fmt.Sprintf("%06d", h.n)), Tenant: h.mine, CreatedAt: h.now}, Model: "m", ExpiresAt: h.now.Add(24 * time.Hour), Vector: v}
	if change != nil {
		change(&t)
	}
	h.put(t)
	return t.ID
}

func (h *hall) crowd(n int) {
	for range n {
		h.face(h.vector(), nil)
	}
}

func (h *hall) known(t *testing.T, o KnownOptions) *Known {
	t.Helper()
	o.Store, o.Clock = h.ledger, h
	if o.From == 0 {
		o.From = 1
	}
	k := NewKnown(t.Context(), o)
	t.Cleanup(k.Close)
	return k
}

func (h *hall) question(v kyc.FaceVector, least float64) Question {
	return Question{Template: Template{"m", v}, Least: least, Now: h.now}
}

// answered must be answered from memory.
func answered(t *testing.T, k *Known, tenant kyc.Tenant, q Question) Found {
	t.Helper()
	found, ok, err := k.Ask(t.Context(), tenant, q)
	if err != nil || !ok {
		t.Fatalf("it was not answered: %v %v", ok, err)
	}
	return found
}

// brute compares with every face of the ledger.
func (h *hall) brute(tenant kyc.Tenant, q Question) Found {
	var out Found
	type match struct {
		id  kyc.ID
		cos float64
	}
	var all []match
	rows, _ := h.FaceTemplates(context.Background(), tenant, kyc.FaceFilter{Model: "m", Now: q.Now, Since: q.Since}, "", 1<<30)
	for _, v := range rows {
		if q.Except[v.ID] || v.Unreadable {
			continue
		}
		cos, _ := cosine(q.Template.Vector, v.Vector)
		all = append(all, match{v.ID, cos})
	}
	slices.SortFunc(all, func(a, b match) int { return cmp.Or(cmp.Compare(b.cos, a.cos), cmp.Compare(a.id, b.id)) })
	out.Compared = len(all)
	for _, m := range all {
		if m.cos >= q.Least {
			out.Alike = append(out.Alike, m.id)
		} else if out.Nearest == "" {
			out.Nearest = m.id
		}
	}
	return out
}

func sameFound(a, b Found) bool {
	return slices.Equal(a.Alike, b.Alike) && a.Nearest == b.Nearest && a.Compared == b.Compared
}

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
