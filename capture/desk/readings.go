package desk

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bonafide/kyc"
)

const (
	// readingsAtOnce bounds the documents of one server that are read for forms
	// at the same time; the others wait for their turn.
	readingsAtOnce = 4
	// formWait is how long the end of the documents waits for a reading that is
	// under way, so that the form behind it can be filled in.
	formWait = 2 * time.Second
)

// Readings are documents that are being read for the forms behind them, each
// while its applicant goes on. The zero value is not usable.
type Readings struct {
	log   *slog.Logger
	turns chan struct{}
	stop  chan struct{}
	all   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	under  map[kyc.ID]*underWay
}

// underWay are the readings of one session; over is closed with the last.
type underWay struct {
	n    int
	over chan struct{}
}

// NewReadings makes none yet.
func NewReadings(log *slog.Logger) *Readings {
	return &Readings{log: log, turns: make(chan struct{}, readingsAtOnce), stop: make(chan struct{}), under: map[kyc.ID]*underWay{}}
}

// begin reads something of a session in the background. The request that it
// belongs to may end before.
func (r *Readings) begin(ctx context.Context, session kyc.ID, read func(context.Context)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	u := r.under[session]
	if u == nil {
		u = &underWay{over: make(chan struct{})}
		r.under[session] = u
	}
	u.n++
	r.all.Add(1)
	go func() {
		defer r.all.Done()
		defer r.end(session, u)
		defer func() { // a fault in one reading ends no server
			if p := recover(); p != nil {
				r.log.ErrorContext(ctx, "a document was not read for a form", "session", session, "code", "panic")
			}
		}()
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		go func() {
			select {
			case <-r.stop:
				cancel()
			case <-ctx.Done():
			}
		}()
		select {
		case r.turns <- struct{}{}:
			defer func() { <-r.turns }()
			read(ctx)
		case <-ctx.Done():
		}
	}()
}

func (r *Readings) end(session kyc.ID, u *underWay) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if u.n--; u.n == 0 {
		delete(r.under, session)
		close(u.over)
	}
}

// wait waits for what is being read of a session, for so long at most.
func (r *Readings) wait(ctx context.Context, session kyc.ID, most time.Duration) {
	r.mu.Lock()
	u := r.under[session]
	r.mu.Unlock()
	if u == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	select {
	case <-u.over:
	case <-ctx.Done():
	}
}

// Close begins nothing more, calls off what is under way and waits for its end.
func (r *Readings) Close() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.stop)
	}
	r.mu.Unlock()
	r.all.Wait()
}
