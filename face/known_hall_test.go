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
