package face

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"bonafide/kyc"
)

// Kept are the templates of tenants, and what happens to them (store).
type Kept interface {
	FaceTemplates(ctx context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error)
	FaceTemplatesOf(ctx context.Context, t kyc.Tenant, ids []kyc.ID) ([]kyc.FaceTemplate, error)
	CountFaces(ctx context.Context, t kyc.Tenant, model string, limit int) (int, error)
	FaceChanges(ctx context.Context, t kyc.Tenant, from int64, limit int) ([]kyc.FaceChange, error)
	LastFaceChange(ctx context.Context, t kyc.Tenant) (kyc.FaceChange, error)
}

// What Options of Known mean where they say nothing.
const (
	// DefaultFrom is how many faces cost some 20 ms to read, decrypt and
	// compare one by one (docs/accuracy.md).
	DefaultFrom = 750
	// DefaultMost is some 650 MB of faces of 256 numbers.
	DefaultMost = 500_000
	// DefaultIdle is how long faces stay in memory that nobody asks about.
	DefaultIdle = time.Hour
)

// KnownOptions say where the faces come from and how many may lie in memory.
type KnownOptions struct {
	Store Kept
	Clock kyc.Clock
	// From is the number of faces of a tenant and model from which they are
	// held in memory, Most how many are held of all tenants together, Idle how
	// long they stay without a question. 0 is the default of each.
	From, Most int
	Idle       time.Duration
}

// Known holds the faces of tenants with many of them in memory, an [Index] for
// each tenant and model, decrypted. It follows what is stored and removed, by
// this node or another, by the order of the store: before each question it reads
// on from where it stands. Where its place is in no order any more (a copy of the
// database was restored, or it slept too long) it begins anew. It is safe for
// parallel use.
type Known struct {
	o    KnownOptions
	life context.Context
	end  context.CancelFunc
	busy sync.WaitGroup

	mu     sync.Mutex
	closed bool
	held   map[knownName]*known
	// large are those that have no room in memory, until when.
	large map[knownName]time.Time
}

type knownName struct {
	tenant kyc.Tenant
	model  string
}

// NewKnown makes one that holds nobody yet. It reads until the context ends or
// it is closed, which it must be.
func NewKnown(ctx context.Context, o KnownOptions) *Known {
	if o.From <= 0 {
		o.From = DefaultFrom
	}
	if o.Most <= 0 {
		o.Most = DefaultMost
	}
	if o.Idle <= 0 {
		o.Idle = DefaultIdle
	}
	k := &Known{o: o, held: map[knownName]*known{}, large: map[knownName]time.Time{}}
	k.life, k.end = context.WithCancel(ctx)
	return k
}

// Question asks for faces.
type Question struct {
	Template Template
	// Least is the cosine from which a face is alike.
	Least float64
	// Now leaves out faces whose time is over by then, Since those that were
	// stored before (zero: none).
	Now, Since time.Time
	// Except are templates that are left out.
	Except map[kyc.ID]bool
}

// Found answers it, as comparing with every face of the tenant and model would.
type Found struct {
	// Alike are the templates to look at, the most alike first. It may hold
	// some that are no match: those that are damaged.
	Alike []kyc.ID
	// Nearest is the one that comes next; empty where there is none.
	Nearest kyc.ID
	// Compared is the number of faces that were looked at.
	Compared int
}

// errAnew says that a tenant's faces have to be read anew.
var errAnew = errors.New("the faces in memory follow no order that the store knows")

// Ask looks for a face among those of a tenant. ok is false where they are not
// held in memory, because they are few or too many; then nothing was compared.
// The answer holds everything that was stored before the question. Errors: of
// the store and of the context, and Invalid for a damaged template.
func (k *Known) Ask(ctx context.Context, t kyc.Tenant, q Question) (found Found, ok bool, err error) {
	name := knownName{t, q.Template.Model}
	for range 3 {
		h, err := k.open(ctx, name)
		if err != nil || h == nil {
			return Found{}, false, err
		}
		if err = h.follow(ctx, k.o.Clock.Now()); err == nil {
			found, err = h.look(q)
		}
		if errors.Is(err, errAnew) {
			k.drop(h)
			continue
		}
		if !k.room(h) { // it grew
			k.drop(h)
		}
		return found, err == nil, err
	}
	return Found{}, false, kyc.Errorf(kyc.Unavailable, "faces_unavailable", "the known faces are being read anew; it may be tried again")
}

// open gives the faces in memory; nil where they do not belong there.
func (k *Known) open(ctx context.Context, name knownName) (*known, error) {
	now := k.o.Clock.Now()
	k.mu.Lock()
	h, left := k.held[name], now.Before(k.large[name]) || k.closed
	k.mu.Unlock()
	if h == nil && left {
		return nil, nil
	}
	if h == nil {
		if n, err := k.o.Store.CountFaces(ctx, name.tenant, name.model, k.o.From); err != nil || n < k.o.From {
			return nil, err
		}
		if h = k.begin(name); h == nil {
			return nil, nil
		}
	}
	select {
	case <-h.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if h.failed != nil {
		return nil, h.failed
	}
	if h.tooMany {
		return nil, nil
	}
	h.mu.Lock()
	h.asked = now
	h.mu.Unlock()
	return h, nil
}

// begin reads a tenant's faces, in the background: a question that gives up
// does not make the next one begin again.
func (k *Known) begin(name knownName) *known {
	k.mu.Lock()
	defer k.mu.Unlock()
	if h := k.held[name]; h != nil {
		return h
	}
	if k.closed {
		return nil
	}
	h := newKnown(k.o.Store, name)
	h.asked = k.o.Clock.Now()
	k.held[name] = h
	k.busy.Add(1)
	go func() {
		defer k.busy.Done()
		h.failed = h.read(k.life, k.o.Clock.Now(), func() bool { return k.room(h) })
		if h.failed != nil || h.tooMany {
			k.drop(h)
		}
		close(h.ready)
	}()
	return h
}

// drop takes a tenant's faces out of memory.
func (k *Known) drop(h *known) {
	k.mu.Lock()
	if k.held[h.name] == h {
		delete(k.held, h.name)
	}
	k.mu.Unlock()
	h.clear()
}

// room makes room for h: those that were asked longest ago leave. It is false
// where there is none, because h is too much or the others are in use, too; then
// h is not read again for a while.
func (k *Known) room(h *known) bool {
	now := k.o.Clock.Now()
	for {
		k.mu.Lock()
		total, oldest := 0, (*known)(nil)
		at := now.Add(-k.o.Idle / resting)
		for _, other := range k.held {
			n, asked := other.size()
			total += n
			if other != h && n > 0 && !asked.After(at) {
				oldest, at = other, asked
			}
		}
		if total > k.o.Most && oldest == nil {
			k.large[h.name] = now.Add(k.o.Idle / resting)
		}
		k.mu.Unlock()
		switch {
		case total <= k.o.Most:
			return true
		case oldest == nil:
			return false
		}
		k.drop(oldest)
	}
}

// resting is the part of Idle after which faces may have to leave for others.
// Two tenants that do not fit together and are asked in turn would otherwise be
// read anew for each question.
const resting = 6

// Tend lets go of faces that nobody asks about, and takes those out that were
// removed meanwhile, so that what is erased leaves memory without a question.
// It belongs to be called every minute.
func (k *Known) Tend(ctx context.Context) error {
	now := k.o.Clock.Now()
	k.mu.Lock()
	var all []*known
	for _, h := range k.held {
		select {
		case <-h.ready:
			all = append(all, h)
		default: // it is being read
		}
	}
	for name, until := range k.large {
		if !now.Before(until) {
			delete(k.large, name)
		}
	}
	k.mu.Unlock()
	var failed error
	for _, h := range all {
		if _, asked := h.size(); now.Sub(asked) >= k.o.Idle {
			k.drop(h)
			continue
		}
		if err := h.follow(ctx, now); errors.Is(err, errAnew) {
			k.drop(h)
		} else if err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// Len is how many faces lie in memory.
func (k *Known) Len() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for _, h := range k.held {
		faces, _ := h.size()
		n += faces
	}
	return n
}

// Close takes all faces out of memory; afterwards none are held.
func (k *Known) Close() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.end()
	k.busy.Wait()
	k.mu.Lock()
	var all []*known
	for _, h := range k.held {
		all = append(all, h)
	}
	clear(k.held)
	k.mu.Unlock()
	for _, h := range all {
		h.clear()
	}
}

// slack is what a cosine that was computed from a likeness may err by.
const slack = 1e-6

// leastOf is the cosine to ask the index for.
func leastOf(q Question) float64 {
	if math.IsNaN(q.Least) {
		return -2
	}
	return max(q.Least-slack, -2)
}
