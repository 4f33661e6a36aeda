package crash

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/engine"
	"bonafide/job"
	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/postgres"
	"bonafide/store/sqlite"
	"bonafide/webhook"
)

// The environment of a child process.
const (
	envDir      = "BONAFIDE_CRASH_DIR"
	envDatabase = "BONAFIDE_CRASH_DATABASE"
	envOrg      = "BONAFIDE_CRASH_ORG"
	envHook     = "BONAFIDE_CRASH_HOOK"
	envOpen     = "BONAFIDE_CRASH_OPEN"
	envLife     = "BONAFIDE_CRASH_LIFE"
)

// TestMain lets the test binary be its own victim: with the environment of a
// child it runs the engine instead of the tests.
func TestMain(m *testing.M) {
	if os.Getenv(envDir) != "" {
		if err := child(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func openStore(ctx context.Context, dir, database string) (*store.DB, error) {
	quiet := slog.New(slog.DiscardHandler)
	if database != "" {
		return postgres.Open(ctx, database, postgres.Options{Dir: dir, Log: quiet})
	}
	return sqlite.Open(ctx, sqlite.Options{Dir: dir, Sync: "normal", Log: quiet})
}

// victim is the program in small: engine, queue and webhooks on a real store.
type victim struct {
	db     *store.DB
	engine *engine.Engine
	sender *webhook.Sender
	tenant kyc.Tenant
	work   workload
	open   atomic.Int64 // sessions of this process that have not ended
	more   chan struct{}
	out    sync.Mutex
}

// child runs until it is killed, or until standard input says "drain" and
// nothing is left to do.
func child(ctx context.Context) error {
	dir := os.Getenv(envDir)
	db, err := openStore(ctx, dir, os.Getenv(envDatabase))
	if err != nil {
		return err
	}
	calls, err := os.OpenFile(dir+"/calls.log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w, err := newWorkload()
	if err != nil {
		return err
	}
	v := &victim{db: db, work: w, tenant: kyc.Tenant{Org: kyc.ID(os.Getenv(envOrg)), Env: kyc.Sandbox}, more: make(chan struct{}, 1)}
	// Few slots, so that sessions come in faster than they end and as many as
	// wanted are in flight.
	v.engine = engine.New(engine.Deps{Store: db, Checks: &checks{log: calls, lasts: 10 * time.Millisecond}, Clock: kyc.SystemClock(), Lease: 2 * time.Second, Slots: 6,
		SweepEvery: 200 * time.Millisecond, Hooks: engine.Hooks{Finished: v.finished, Paused: v.paused, Stored: v.stored}})
	guard := webhook.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, true)
	// Each life begins a minute later for the sender, so that what the life
	// before had claimed is due at once instead of when its lease is over.
	life := 0
	fmt.Sscan(os.Getenv(envLife), &life)
	later := kyc.ClockFunc(func() time.Time { return kyc.SystemClock().Now().Add(time.Duration(life) * time.Minute) })
	v.sender = webhook.NewSender(webhook.SenderDeps{Store: db, Clock: later, Client: guard.Client(10 * time.Second), Owner: string(kyc.NewID(time.Now()))})
	db.OnCommit(v.sender.Committed)
	if err := v.prepare(ctx, os.Getenv(envHook)); err != nil {
		return err
	}
	v.engine.Start(ctx)
	handlers := v.engine.Jobs()
	for kind, h := range v.sender.Jobs() {
		handlers[kind] = h
	}
	go func() { _ = db.Work(ctx, handlers, job.Options{Periodic: engine.Periodic()}) }()
	go func() { _ = v.sender.Run(ctx) }()
	go v.decide(ctx)

	drain := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			if lines.Text() == "drain" {
				close(drain)
			}
		}
	}()
	v.say("ready")
	limit := int64(0)
	fmt.Sscan(os.Getenv(envOpen), &limit)
	var submitters sync.WaitGroup
	for i := range 16 {
		submitters.Go(func() {
			for n := i; ; n++ {
				select {
				case <-drain:
					return
				default:
				}
				if v.open.Load() >= limit {
					select {
					case <-drain:
						return
					case <-v.more:
					case <-time.After(10 * time.Millisecond):
					}
					continue
				}
				if err := v.submit(ctx, kinds[n%len(kinds)]); err != nil {
					fmt.Fprintln(os.Stderr, "submit:", err)
					os.Exit(1)
				}
			}
		})
	}
	submitters.Wait()
	for {
		busy, _, err := db.Sessions(ctx, v.tenant, kyc.SessionFilter{Status: []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionRunning, kyc.SessionPaused}}, kyc.Page{Limit: 1})
		if err != nil {
			return err
		}
		pending, _, err := db.Deliveries(ctx, v.tenant, kyc.DeliveryFilter{State: kyc.DeliveryPending}, kyc.Page{Limit: 1})
		if err != nil {
			return err
		}
		if len(busy) == 0 && len(pending) == 0 {
			break
		}
		v.sender.Wake()
		<-time.After(50 * time.Millisecond)
	}
	v.say("drained")
	stop, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	v.engine.Stop(stop)
	os.Exit(0) // the queue and the sender have nothing left to do
	return nil
}

func (v *victim) say(words ...any) {
	v.out.Lock()
	defer v.out.Unlock()
	fmt.Println(words...)
}

// prepare makes the organisation's endpoint, once.
func (v *victim) prepare(ctx context.Context, hook string) error {
	there, err := v.db.Endpoints(ctx, v.tenant)
	if err != nil || len(there) > 0 {
		return err
	}
	now := kyc.SystemClock().Now()
	org := &kyc.Org{Meta: kyc.Meta{ID: v.tenant.Org, Tenant: kyc.Tenant{Org: v.tenant.Org}}, Name: "Crash"}
	org.Touch(now)
	e := &kyc.Endpoint{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: v.tenant}, URL: hook, Events: []string{"*"}, Status: "enabled",
		Secrets: []kyc.EndpointSecret{{Secret: "whsec_" + strings.Repeat("YWJj", 10)}}}
	e.Touch(now)
	return v.db.Commit(ctx, &kyc.Change{Put: []kyc.Object{org, e}})
}

// submit begins one session and acknowledges it on standard output once it is
// stored.
func (v *victim) submit(ctx context.Context, kind string) error {
	v.open.Add(1)
	id, err := v.begin(ctx, kind)
	if err == nil {
		v.say("ack", id, kind, v.open.Load())
	}
	return err
}

// begin makes a person and a session and starts its run.
func (v *victim) begin(ctx context.Context, kind string) (kyc.ID, error) {
	now := kyc.SystemClock().Now()
	subject := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: v.tenant}, Kind: "individual", Status: kyc.SubjectPending}
	subject.Touch(now)
	s := &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: v.tenant}, Surface: kyc.SurfaceGraph, SubjectID: subject.ID, ExternalRef: kind,
		Status: kyc.SessionCreated, Country: "NL", Private: kyc.SessionData{Metadata: map[string]any{"kind": kind}}}
	s.Touch(now)
	_, err := v.engine.Begin(ctx, engine.BeginRequest{Session: s, Graph: v.work[kind], Version: 1, Subject: subject,
		With: kyc.Change{Put: []kyc.Object{subject, s}, Events: []kyc.Event{v.event(s, now, "session.create", "session.created")}}})
	return s.ID, err
}

func (v *victim) event(s *kyc.Session, at time.Time, action, name string) kyc.Event {
	s.Sequence++
	return kyc.Event{ID: kyc.NewID(at), Tenant: v.tenant, At: at, Actor: kyc.SystemActor("engine"), Action: action, Object: "session", ObjectID: s.ID,
		SubjectID: s.SubjectID, Webhook: name, Surface: s.Surface, Payload: []byte(`{"session_id":"` + string(s.ID) + `"}`)}
}

func (v *victim) finished(_ context.Context, _ kyc.Run, s *kyc.Session, f engine.Finished) (kyc.Change, error) {
	return kyc.Change{Events: []kyc.Event{v.event(s, f.At, "session.end", "session.ended")}}, nil
}

func (v *victim) paused(_ context.Context, _ kyc.Run, s *kyc.Session, g engine.Opened) (kyc.Change, error) {
	return kyc.Change{Events: []kyc.Event{v.event(s, g.At, "session.pause", "session.awaiting_external")}}, nil
}

func (v *victim) stored(run kyc.Run) {
	if run.EndedAt.IsZero() {
		return
	}
	v.open.Add(-1)
	select {
	case v.more <- struct{}{}:
	default:
	}
}

// decide plays the customer's system: every waiting gate gets three callbacks
// at the same time.
func (v *victim) decide(ctx context.Context) {
	for {
		list, _, err := v.db.Sessions(ctx, v.tenant, kyc.SessionFilter{Status: []kyc.SessionStatus{kyc.SessionPaused}}, kyc.Page{Limit: 50})
		if err != nil {
			fmt.Fprintln(os.Stderr, "listing gates:", err)
		}
		var callbacks sync.WaitGroup
		for _, s := range list {
			for range 3 {
				callbacks.Go(func() {
					_, err := v.engine.Resume(ctx, v.tenant, s.ID, engine.GateDecision{Gate: "bank", Decision: engine.Continue, Actor: kyc.SystemActor("customer")})
					if err != nil {
						fmt.Fprintln(os.Stderr, "resume:", err)
						os.Exit(1)
					}
				})
			}
		}
		callbacks.Wait()
		<-time.After(20 * time.Millisecond)
	}
}
