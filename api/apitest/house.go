package apitest

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/api"
	"bonafide/imagefile"
	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/sqlite"
)

// House is what stands below a dialect: a real SQLite store, the porch and two
// organisations. A bench mounts its dialect on the porch and then serves it.
type House struct {
	DB         *store.DB
	Clock      *Clock
	Porch      *api.Porch
	Office     *access.Office
	Dev, Other access.DevOrg
	URL        string // of the server, without a slash at the end
	// Ended takes the runs that are over (engine.Hooks.Stored).
	Ended chan kyc.ID

	t      *testing.T
	mu     sync.Mutex
	events []kyc.Event
	jobs   []kyc.Job
}

// Plenty is a rate that no test reaches.
func Plenty() access.Rate { return access.Rate{PerSecond: 1e6, Burst: 1 << 30} }

// Build opens a store and builds the porch over it; rate is that of a key.
func Build(t *testing.T, rate access.Rate) *House {
	t.Helper()
	h := &House{Clock: &Clock{}, Ended: make(chan kyc.ID, 1000), t: t}
	log := slog.New(slog.DiscardHandler)
	var err error
	if h.DB, err = sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Sync: "normal", Log: log}); err != nil {
		t.Fatal(err)
	}
	h.Office = access.NewOffice(h.DB, h.Clock)
	if h.Porch, err = api.New(api.Config{Version: "test", Store: h.DB, Gate: access.NewGate(h.DB, h.Clock, log), Clock: h.Clock, Secret: api.NewSecret(), Log: log,
		Limiter: access.NewLimiter(h.Clock, access.LimitOptions{NoAddressLimits: true, Key: rate, KeyB: rate})}); err != nil {
		t.Fatal(err)
	}
	h.DB.OnCommit(func(c *kyc.Change) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events, h.jobs = append(h.events, c.Events...), append(h.jobs, c.Jobs...)
	})
	return h
}

// Serve makes the organisations and opens the door. When the test is over, the
// door is closed, then stop is asked (nil: nothing is at work), then the store is
// closed.
func (h *House) Serve(t *testing.T, stop func(context.Context) int) {
	t.Helper()
	handler := h.Porch.Handler()
	for _, o := range []struct {
		into         *access.DevOrg
		name, domain string
	}{{&h.Dev, "Acme", "acme.example"}, {&h.Other, "Globex", "globex.example"}} {
		org, err := h.Office.SeedOrg(t.Context(), o.name, o.domain, kyc.SystemActor("test"))
		if err != nil {
			t.Fatal(err)
		}
		*o.into = org
	}
	server := httptest.NewServer(handler)
	h.URL = server.URL
	t.Cleanup(func() {
		server.Close()
		if stop != nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			stop(ctx)
		}
		if err := h.DB.Close(); err != nil {
			t.Error(err)
		}
	})
}

// heard waits until the hook has been told what can be read: it runs a moment
// after its commit can be seen, and the engine commits in goroutines of its own.
func (h *House) heard() {
	h.t.Helper()
	late := time.Now().Add(time.Minute)
	for _, org := range []kyc.ID{h.Dev.ID, h.Other.ID} {
		for _, env := range []kyc.Env{"", kyc.Sandbox, kyc.Live} {
			tenant := kyc.Tenant{Org: org, Env: env}
			for {
				_, stored, err := h.DB.Events(h.t.Context(), tenant, kyc.EventFilter{}, kyc.Page{Limit: 1})
				if err != nil {
					h.t.Fatal(err)
				}
				told := 0
				h.mu.Lock()
				for i := range h.events {
					if h.events[i].Tenant == tenant {
						told++
					}
				}
				h.mu.Unlock()
				if told >= stored {
					break
				}
				if time.Now().After(late) {
					h.t.Fatalf("%d of %d events were told", told, stored)
				}
				<-time.After(time.Millisecond)
			}
		}
	}
}

// Events are all audit events so far, in the order of their commits.
func (h *House) Events() []kyc.Event {
	h.t.Helper()
	h.heard()
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

// Messages are the events that endpoints are told of.
func (h *House) Messages() []kyc.Event {
	return slices.DeleteFunc(h.Events(), func(e kyc.Event) bool { return e.Webhook == "" })
}

// Told are the names of the messages about an object, in order.
func (h *House) Told(object string) []string {
	var out []string
	for _, e := range h.Messages() {
		if string(e.ObjectID) == object {
			out = append(out, e.Webhook)
		}
	}
	return out
}

// TakeJobs are the jobs of the commits since it was last asked.
func (h *House) TakeJobs() []kyc.Job {
	h.t.Helper()
	h.heard()
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.jobs
	h.jobs = nil
	return out
}

// Wait returns when a run has ended or paused.
func (h *House) Wait(ctx context.Context, t kyc.Tenant, id kyc.ID) error {
	for {
		run, err := h.DB.Run(ctx, t, id)
		if err != nil || (run.Status != kyc.RunPending && run.Status != kyc.RunRunning) {
			return err
		}
		select {
		case <-h.Ended:
		case <-time.After(20 * time.Millisecond): // another waiter may have taken the news
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Sniff tells the type of a file by its content.
func Sniff(p []byte) (string, *kyc.Error) {
	found, err := imagefile.Sniff(p)
	return found.ContentType, err
}

// Clock is the system's, put forward by tests.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is the system's time and what it was put forward by.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Advance puts it forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}
