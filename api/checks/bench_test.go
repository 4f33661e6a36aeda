package checks

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/api"
	"bonafide/check"
	"bonafide/checklist"
	"bonafide/engine"
	"bonafide/flow"
	"bonafide/imagefile"
	"bonafide/intake"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/session"
	"bonafide/store"
	"bonafide/store/sqlite"
	"bonafide/webhook"
)

// bench is surface B over HTTP on a real SQLite store, with the engine at
// work and a sandbox of simulated checks.
type bench struct {
	url      string
	db       *store.DB
	dev      access.DevOrg
	other    access.DevOrg
	sandbox  *client
	live     *client
	stranger *client // another organisation's sandbox key
	reader   *client // live, may read only
	engine   *engine.Engine
	sessions *session.Sessions
	intake   *intake.Machine
	reviews  *review.Desk
	ended    chan kyc.ID // runs
	clock    *movable
	porch    *api.Porch

	mu       sync.Mutex
	invited  []intake.Invitation
	webhooks []kyc.Event
	jobs     []kyc.Job
}

// movable is the system clock, put forward by tests.
type movable struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (m *movable) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Add(m.ahead)
}

func (m *movable) advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ahead += d
}

// begin compiles the checklist that a session is pinned to and starts the
// engine on it.
func (b *bench) begin(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error) {
	version, err := b.db.Version(ctx, s.PolicyTenant(), s.WorkflowID, s.Version)
	if err != nil {
		return kyc.Run{}, err
	}
	org, err := b.db.Org(ctx, s.Tenant.Org)
	if err != nil {
		return kyc.Run{}, err
	}
	def, err := checklist.Read(version.Source)
	if err != nil {
		return kyc.Run{}, err
	}
	settings := org.EnvSettings(s.Tenant.Env)
	graph, report := flow.Compile(checklist.Compile(def, checklist.CompileOptions{Mandatory: settings.MandatoryPolicies, Auto: settings.Checks.AutoDecision, ExpiryPolicy: settings.Checks.ExpiryPolicy}),
		flow.Options{Catalog: check.Catalog(), Mandatory: settings.MandatoryPolicies})
	if err := report.Err(); err != nil {
		return kyc.Run{}, err
	}
	uploads = slices.DeleteFunc(slices.Clone(uploads), func(u kyc.Upload) bool { return u.Superseded })
	return b.engine.Begin(ctx, engine.BeginRequest{Session: s, Graph: graph, Version: s.Version, Arm: "stable", Uploads: uploads, Now: now, By: by, With: with})
}

// machines wires the rooms behind the surface, as main does.
func (b *bench) machines(t *testing.T, log *slog.Logger) *webhook.Desk {
	t.Helper()
	db, clock, news := b.db, kyc.Clock(b.clock), kyc.News(News)
	menu, err := check.New(clock, check.All(check.Deps{Clock: clock, Blobs: db, Lists: db, Duplicates: db, Blinder: db, HTTP: http.DefaultClient}),
		check.NewSimulator(), check.Recalling(func(ctx context.Context, r kyc.CheckRequest, hash string) (kyc.Answer, kyc.ID, bool) {
			exam, err := db.ExamByInput(ctx, r.Tenant, r.SessionID, r.Policy, hash)
			return exam.Answer, exam.ID, err == nil
		}, func() []kyc.ListVersion { return nil }))
	if err != nil {
		t.Fatal(err)
	}
	b.reviews = review.New(db, clock, news)
	b.engine = engine.New(engine.Deps{Store: db, Checks: menu, Clock: clock, Log: log, Catalog: check.Catalog(), Hooks: engine.Hooks{
		Stored: func(run kyc.Run) { b.ended <- run.ID },
		Finished: func(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished) (kyc.Change, error) {
			extracted, _ := f.State.Facts["extracted"].(map[string]any)
			return b.intake.Finished(ctx, &run, s, f.At, intake.End{Status: f.Status, Filing: kyc.Filing{ReasonCode: f.ReasonCode}, Checks: f.State.Checks, Extracted: extracted})
		},
	}})
	b.sessions = session.New(session.Deps{Store: db, Clock: clock, News: news, Catalog: check.Catalog(), Sniff: sniff})
	b.intake = intake.New(intake.Deps{Store: db, Clock: clock, News: news, Catalog: check.Catalog(), Log: log,
		Begin: b.begin, Cancel: b.engine.Cancel, Trace: b.trace, Examine: menu.Run, InputHash: menu.Hash, OpenCase: b.reviews.Open, CloseCase: b.reviews.Close, Sniff: sniff,
		Redact: func(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) error {
			_, err := b.sessions.Redact(ctx, t, by, id)
			return err
		},
		Invite: func(_ context.Context, i intake.Invitation) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.invited = append(b.invited, i)
			return nil
		}})
	b.reviews.OnSettled(b.intake.Settled)
	return webhook.NewDesk(webhook.Deps{Store: db, Clock: clock, Guard: webhook.NewGuard(nil, true), Known: Events()})
}

func sniff(p []byte) (string, *kyc.Error) {
	found, err := imagefile.Sniff(p)
	return found.ContentType, err
}

// wait returns when a run has ended.
func (b *bench) wait(ctx context.Context, t kyc.Tenant, id kyc.ID) error {
	for {
		run, err := b.db.Run(ctx, t, id)
		if err != nil || (run.Status != kyc.RunPending && run.Status != kyc.RunRunning) {
			return err
		}
		select {
		case <-b.ended:
		case <-time.After(50 * time.Millisecond): // another waiter may have taken the news
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *bench) trace(ctx context.Context, t kyc.Tenant, run kyc.ID) (intake.Trace, error) {
	v, err := b.engine.RunView(ctx, t, run)
	out := intake.Trace{Run: v.Run, Checks: v.Checks, Extracted: v.Extracted, Engine: "test"}
	for _, r := range v.Attempts {
		one := intake.Attempt{Node: r.Node, Policy: r.Policy, Attempt: r.Attempt, Status: r.Status, At: r.At}
		if r.Answer != nil {
			one.Answer = *r.Answer
		}
		out.Attempts = append(out.Attempts, one)
	}
	return out, err
}

// work does the jobs that commits left.
func (b *bench) work(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	jobs := b.jobs
	b.jobs = nil
	b.mu.Unlock()
	for _, j := range jobs {
		if j.Kind == intake.JobAnalyse {
			if err := b.intake.Analyse(t.Context(), j); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func newBench(t *testing.T) *bench {
	return newBenchWith(t, access.Rate{PerSecond: 1e6, Burst: 1 << 30})
}

func newBenchWith(t *testing.T, rate access.Rate) *bench {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	b := &bench{ended: make(chan kyc.ID, 1000), clock: &movable{}}
	var err error
	if b.db, err = sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Sync: "normal", Log: log}); err != nil {
		t.Fatal(err)
	}
	desk := b.machines(t, log)
	office := access.NewOffice(b.db, b.clock)
	porch, err := api.New(api.Config{Version: "test", Store: b.db, Gate: access.NewGate(b.db, b.clock, log), Clock: b.clock, Secret: api.NewSecret(), Log: log,
		Limiter: access.NewLimiter(b.clock, access.LimitOptions{NoAddressLimits: true, Key: rate, KeyB: rate})})
	if err != nil {
		t.Fatal(err)
	}
	b.porch = porch
	Mount(Deps{Porch: porch, Clock: b.clock, Machine: b.intake, Files: b.sessions, Orgs: b.db, Webhooks: desk})
	handler := porch.Handler()
	for i, into := range []*access.DevOrg{&b.dev, &b.other} {
		if *into, err = office.SeedOrg(t.Context(), []string{"Acme", "Globex"}[i], []string{"acme.example", "globex.example"}[i], kyc.SystemActor("test")); err != nil {
			t.Fatal(err)
		}
	}
	b.db.OnCommit(func(c *kyc.Change) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, e := range c.Events {
			if e.Webhook != "" {
				b.webhooks = append(b.webhooks, e)
			}
		}
		b.jobs = append(b.jobs, c.Jobs...)
	})
	b.engine.Start(t.Context())
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		b.engine.Stop(ctx)
		if err := b.db.Close(); err != nil {
			t.Error(err)
		}
	})
	b.url = server.URL
	b.sandbox, b.live = b.client(t, b.dev.SandboxKey), b.client(t, b.dev.LiveKey)
	b.stranger, b.reader = b.client(t, b.other.SandboxKey), b.client(t, b.dev.ReadKey)
	return b
}
