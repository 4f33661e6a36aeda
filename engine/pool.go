package engine

import (
	"context"
	"sync"

	"bonafide/kyc"
)

// pool is a fixed number of slots. While there are more runs than slots, the
// organisations take turns, so that a big one cannot keep a small one waiting.
type pool struct {
	mu    sync.Mutex
	free  int
	queue map[kyc.ID][]*ticket
	turns []kyc.ID // organisations with tickets, in the order of their turns
}

// ticket is one run's place in the queue.
type ticket struct {
	ready chan struct{}
	gone  bool // nobody waits behind it any more
}

func newPool(slots int) *pool { return &pool{free: slots, queue: map[kyc.ID][]*ticket{}} }

// acquire waits for a slot; false when the context or stop ended first.
func (p *pool) acquire(ctx context.Context, stop <-chan struct{}, org kyc.ID) bool {
	p.mu.Lock()
	if p.free > 0 {
		p.free--
		p.mu.Unlock()
		return true
	}
	t := &ticket{ready: make(chan struct{})}
	if len(p.queue[org]) == 0 {
		p.turns = append(p.turns, org)
	}
	p.queue[org] = append(p.queue[org], t)
	p.mu.Unlock()
	select {
	case <-t.ready:
		return true
	case <-ctx.Done():
	case <-stop:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-t.ready: // it came in the same moment; pass it on
		p.pass()
	default:
		t.gone = true
	}
	return false
}

func (p *pool) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass()
}

// borrow takes a slot whether there is one or not, to be released in a moment.
func (p *pool) borrow() {
	p.mu.Lock()
	p.free--
	p.mu.Unlock()
}

// pass gives a slot to whoever's turn it is.
func (p *pool) pass() {
	for len(p.turns) > 0 {
		org := p.turns[0]
		p.turns = p.turns[1:]
		q := p.queue[org]
		for len(q) > 0 && q[0].gone {
			q = q[1:]
		}
		if len(q) == 0 {
			delete(p.queue, org)
			continue
		}
		t := q[0]
		if q = q[1:]; len(q) > 0 {
			p.queue[org] = q
			p.turns = append(p.turns, org)
		} else {
			delete(p.queue, org)
		}
		close(t.ready)
		return
	}
	p.free++
}
