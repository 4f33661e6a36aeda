package checks

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/api/apitest"
	"bonafide/check"
	"bonafide/checklist"
	"bonafide/engine"
	"bonafide/flow"
	"bonafide/intake"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/session"
	"bonafide/webhook"
)

// bench is surface B over HTTP on a real SQLite store, with the engine at
// work and a sandbox of simulated checks.
type bench struct {
	*apitest.House
	sandbox  *client
	live     *client
	stranger *client // another organisation's sandbox key
	reader   *client // live, may read only
	engine   *engine.Engine
	sessions *session.Sessions
	intake   *intake.Machine
	reviews  *review.Desk

	mu      sync.Mutex
	invited []intake.Invitation
}

// begin compiles the checklist that a session is pinned to and starts the
// engine on it.
func (b *bench) begin(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error) {
	version, err := b.DB.Version(ctx, s.PolicyTenant(), s.WorkflowID, s.Version)
	if err != nil {
		return kyc.Run{}, err
	}
	org, err := b.DB.Org(ctx, s.Tenant.Org)
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
	db, clock, news := b.DB, kyc.Clock(b.Clock), kyc.News(News)
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
		Stored: func(run kyc.Run) { b.Ended <- run.ID },
		Finished: func(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished) (kyc.Change, error) {
			extracted, _ := f.State.Facts["extracted"].(map[string]any)
			return b.intake.Finished(ctx, &run, s, f.At, intake.End{Status: f.Status, Filing: kyc.Filing{ReasonCode: f.ReasonCode}, Checks: f.State.Checks, Extracted: extracted})
		},
	}})
	b.sessions = session.New(session.Deps{Store: db, Clock: clock, News: news, Catalog: check.Catalog(), Sniff: apitest.Sniff})
	b.intake = intake.New(intake.Deps{Store: db, Clock: clock, News: news, Catalog: check.Catalog(), Log: log,
		Begin: b.begin, Cancel: b.engine.Cancel, Trace: b.trace, Examine: menu.Run, InputHash: menu.Hash, OpenCase: b.reviews.Open, CloseCase: b.reviews.Close, Sniff: apitest.Sniff,
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
	for _, j := range b.TakeJobs() {
		if j.Kind == intake.JobAnalyse {
			if err := b.intake.Analyse(t.Context(), j); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func newBench(t *testing.T) *bench { return newBenchWith(t, apitest.Plenty()) }

func newBenchWith(t *testing.T, rate access.Rate) *bench {
	t.Helper()
	b := &bench{House: apitest.Build(t, rate)}
	desk := b.machines(t, slog.New(slog.DiscardHandler))
	Mount(Deps{Porch: b.Porch, Clock: b.Clock, Machine: b.intake, Files: b.sessions, Orgs: b.DB, Webhooks: desk})
	b.engine.Start(t.Context())
	b.Serve(t, b.engine.Stop)
	b.sandbox, b.live = b.client(t, b.Dev.SandboxKey), b.client(t, b.Dev.LiveKey)
	b.stranger, b.reader = b.client(t, b.Other.SandboxKey), b.client(t, b.Dev.ReadKey)
	return b
}
