package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"bonafide/access"
	"bonafide/api"
	"bonafide/api/checks"
	"bonafide/api/entities"
	"bonafide/api/graph"
	"bonafide/api/steps"
	"bonafide/backtest"
	"bonafide/capture/desk"
	"bonafide/check"
	"bonafide/chip"
	frontdesk "bonafide/console"
	"bonafide/document"
	"bonafide/engine"
	"bonafide/entity"
	"bonafide/execution"
	"bonafide/face"
	"bonafide/identity"
	"bonafide/imagefile"
	"bonafide/inquiry"
	"bonafide/insight"
	"bonafide/intake"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/media"
	"bonafide/meters"
	"bonafide/monitor"
	"bonafide/provider"
	"bonafide/review"
	"bonafide/screen"
	"bonafide/session"
	"bonafide/store"
	"bonafide/store/postgres"
	"bonafide/store/sqlite"
	"bonafide/ui"
	"bonafide/webhook"
)

// app is the wired program: the only place that knows everyone.
type app struct {
	url string // where it listens, once it does

	clock      kyc.Clock
	log        *slog.Logger
	db         *store.DB
	access     *access.Office
	clocks     *access.Clocks
	gate       *access.Gate
	lists      *screen.Screener
	news       *media.Library
	newsClient *http.Client // guarded, for feeds
	updates    *updates
	reader     *document.Reader
	providers  *provider.Router // whom identity checks ask
	faces      *face.Engine
	known      *face.Known // faces of tenants with many of them
	readings   *desk.Readings
	menu       *check.Menu
	engine     *engine.Engine
	sessions   *session.Sessions
	journeys   *journey.Machine
	intake     *intake.Machine
	people     *entity.Machine
	executions *execution.Machine
	monitor    *monitor.Machine
	inquiries  *inquiry.Machine
	waits      *waits
	workflows  *session.Workflows
	backtests  *backtest.Machine
	own        *session.Lists // the customers' own lists
	reviews    *review.Desk
	hooks      *webhook.Desk
	sender     *webhook.Sender
	questions  *graph.Questions
	porch      *api.Porch
	meters     meters.Meters
	insight    *insight.Machine // figures for the console
	identities *identity.Machine
	desk       []frontdesk.Route // everything the console does
}

// openStore opens the database that the flags name.
func openStore(ctx context.Context, g *Globals, clock kyc.Clock, log *slog.Logger) (*store.DB, error) {
	if g.Database != "" {
		return postgres.Open(ctx, g.Database, postgres.Options{Dir: g.Data, BlobURL: g.Blobs, KeyURL: g.KeyURL, Clock: clock, Log: log})
	}
	return sqlite.Open(ctx, sqlite.Options{Dir: g.Data, Sync: g.Sync, BlobURL: g.Blobs, KeyURL: g.KeyURL, Clock: clock, Log: log})
}

// lookAtStore opens it for a command that only reads, which works beside a
// running server.
func lookAtStore(ctx context.Context, g *Globals, clock kyc.Clock, log *slog.Logger) (*store.DB, error) {
	if g.Database != "" { // PostgreSQL has room for all
		return openStore(ctx, g, clock, log)
	}
	return sqlite.Open(ctx, sqlite.Options{Dir: g.Data, ReadOnly: true, BlobURL: g.Blobs, KeyURL: g.KeyURL, Clock: clock, Log: log})
}

// newReader makes the document reader of this machine.
func newReader(g *Globals) *document.Reader {
	return document.New(document.Config{ModelsDir: g.modelsDir(), Decoder: decoder(), CacheDir: filepath.Join(g.Data, "cache")})
}

// wiring says how the parts are put together.
type wiring struct {
	globals   *Globals
	role      string
	dev, demo bool
	publicURL string
	allow     []string // ranges webhooks and http checks may reach
	// loopback lets them reach this machine (serve --dev, serve --demo).
	loopback bool
	limits   access.LimitOptions
	// knownFaces is how many faces lie in memory; 0 is the default.
	knownFaces int
	// oidc is the other house that people may sign in to the console by.
	oidc oidcFlags
	// noMX leaves mail domains unasked.
	noMX bool
	log  *slog.Logger
}

// runLease is how long a run stays with a process that gives no sign of life.
// It is extended every quarter of it while checks run, so five seconds bear a
// pause of more than two; a dead node's runs go on elsewhere after the lease
// and one look of the others (each second), that is within seven seconds. A
// lease that ends too early costs a second attempt, never a second result.
const runLease = 5 * time.Second

// wire builds the program on an open store.
func wire(db *store.DB, lists *screen.Screener, w wiring) (*app, error) {
	a := &app{clock: kyc.SystemClock(), log: w.log, db: db, lists: lists, updates: &updates{lists: lists}, reader: newReader(w.globals), readings: desk.NewReadings(w.log)}
	a.access = access.NewOffice(db, a.clock)
	a.clocks = access.NewClocks(a.clock, db)
	var err error
	if a.meters, err = a.newMeters(); err != nil {
		return nil, err
	}
	a.insight = insight.New(db, a.clock)
	lookups := access.NewLookups(db, a.clock)
	db.OnCommit(lookups.Committed)
	a.gate = access.NewGate(lookups, a.clock, w.log)
	guard, err := newGuard(w)
	if err != nil {
		return nil, err
	}
	a.news, a.newsClient = media.Open(media.Options{Dir: w.globals.mediaDir(), Clock: a.clock, Log: w.log}), guard.Client(2*time.Minute)
	if a.providers, err = newProviders(w.globals, a.clock, guard.Client(60*time.Second), endpointSecrets{db, a.clock}); err != nil {
		return nil, err
	}
	a.openFaces(w.globals, w.knownFaces)
	me := owner()
	a.hooks = webhook.NewDesk(webhook.Deps{Store: db, Clock: a.clock, Guard: guard, Known: slices.Concat(graph.Events(), steps.Events(), steps.WatchEvents(), checks.Events(), entities.Events())})
	a.sender = webhook.NewSender(webhook.SenderDeps{Store: db, Clock: a.clock, Client: guard.Client(10 * time.Second), Owner: me, Log: w.log, Enrich: a.enrich,
		Attempted: a.meters.Webhook})

	catalog := check.Catalog()
	menu := check.All(check.Deps{Clock: a.clock, Documents: a.reader, IDs: a.providers, Blobs: db, Faces: a.providers, Pictures: a.reader, Films: a.faces, Portraits: a.faces, Templates: db, Known: a.known, LivenessResult: a.providers.LivenessResult,
		Screener: lists, News: a.news, Entry: entryOf(lists, a.news), Lists: db, Duplicates: db, Looks: db, Traces: a.reader, Blinder: db,
		Secrets: endpointSecrets{db, a.clock}, Related: kin{a}, Matchlists: db, Chips: chip.NewTrust(w.globals.trustDir()), HTTP: guard.Client(60 * time.Second), AllowFictional: w.demo})
	if a.menu, err = check.New(a.clock, menu, check.NewSimulator(), check.Recalling(a.recall, versionsOf(lists, a.news, w.log)), check.Remembering(db)); err != nil {
		return nil, err
	}

	news := kyc.News(tellAll)
	a.reviews = review.New(db, a.clock, news)
	a.waits = newWaits(db.Run)
	slots := 0
	if w.role == "api" {
		slots = -1
	}
	a.engine = engine.New(engine.Deps{Store: db, Checks: meters.Checks{Asked: a.menu, Meters: a.meters, Known: catalog, Heard: a.insight.Checked}, Clock: a.clock, Log: w.log, Catalog: catalog, Lists: versionsOf(lists, a.news, w.log), Reviewed: a.reviewed,
		Owner: me, Slots: slots, Lease: runLease,
		Hooks: engine.Hooks{Paused: a.paused, Finished: a.finished, Stored: func(run kyc.Run) { a.meters.Stored(run); a.waits.stored(run) }, Walked: a.walked}})
	a.sessions = session.New(session.Deps{Store: db, Clock: a.clock, Engine: beginner{a.engine}, News: news, Sniff: sniff, Catalog: catalog,
		Trace: a.trace, OpenCase: a.reviews.Open, CloseCase: a.reviews.Close, Examine: a.examine,
		Needed: a.needed, EraseElsewhere: a.eraseDeleted, Log: w.log,
		ExpireSteps: func(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time) (kyc.Session, error) {
			switch s.Surface {
			case kyc.SurfaceChecks:
				return a.intake.Expire(ctx, s, by, now)
			case kyc.SurfaceEntities:
				return a.executions.ExpireHosted(ctx, s, by, now)
			}
			return a.journeys.Expire(ctx, s, by, now)
		}})
	a.journeys = a.newJourneys(w, catalog)
	a.intake = a.newIntake(w, catalog)
	a.people, a.executions = a.newEntities(w, catalog)
	a.monitor = a.newMonitor(w)
	a.inquiries = a.newInquiries(w)
	a.reviews.OnFound(a.foundHits)
	a.reviews.OnSettled(func(ctx context.Context, s *kyc.Session, from kyc.SessionStatus, by kyc.Actor, at time.Time, words kyc.RulingWords) (kyc.Change, error) {
		switch s.Surface {
		case kyc.SurfaceChecks:
			return a.intake.Settled(ctx, s, from, by, at, words)
		case kyc.SurfaceEntities:
			return a.executions.Settled(ctx, s, from, by, at, words)
		}
		return a.journeys.Settled(ctx, s, from, by, at, words)
	})
	a.workflows = session.NewWorkflows(session.WorkflowsDeps{Store: db, Clock: a.clock, Catalog: catalog, News: news})
	a.backtests = backtest.New(backtest.Deps{Store: db, Clock: a.clock, Graphs: a.engine, Evidence: a.menu, Compile: a.workflows.Compiled, Owner: me, Log: w.log})
	a.own = session.NewLists(db, a.clock)
	a.identities = identity.New(identity.Deps{Store: db, Clock: a.clock, News: news, Erase: a.sessions.ErasePerson})

	if buckets := db.RateBuckets(); buckets != nil {
		w.limits.Shared = buckets
	}
	if days := db.RateDays(); days != nil {
		w.limits.Days = days
	}
	secret, err := porchSecret(w.globals.Data)
	if err != nil {
		return nil, err
	}
	able := a.able(w.globals)
	a.porch, err = api.New(api.Config{Version: version, Store: db, Gate: a.gate, Clock: a.clock, Secret: secret, Log: w.log,
		Limiter: access.NewLimiter(a.clock, w.limits),
		Meter:   a.meters.Meter, Metrics: a.meters.Handler, Ready: a.ready(), Capabilities: able})
	if err != nil {
		return nil, err
	}
	a.questions = graph.NewQuestions(db.Commit, a.clock, w.log)
	kit, err := ui.New(w.log)
	if err != nil {
		return nil, err
	}
	home, err := a.mountCapture(w, kit, secret)
	if err != nil {
		return nil, err
	}
	if err := a.mountConsole(w, kit); err != nil {
		return nil, err
	}
	graph.Mount(graph.Deps{Porch: a.porch, Store: db, Clock: a.clock, Sessions: a.sessions, Workflows: a.workflows, Lists: a.own, Reviews: a.reviews,
		Engine: a.engine, Inquiries: a.inquiries, Identities: a.identities, Backtests: a.backtests, Figures: a.insight, Webhooks: a.hooks, Office: a.access, Clocks: a.clocks, Screen: lists, Orgs: lookups, Questions: a.questions, Catalog: catalog, Providers: a.providers, Lacks: a.lacks(able, catalog),
		VerifyAudit: a.verifyAudit, PublicURL: w.publicURL, Look: a.lookAtUpload,
		Pages: map[kyc.Surface]http.Handler{kyc.SurfaceGraph: home, kyc.SurfaceSteps: home, kyc.SurfaceChecks: home, kyc.SurfaceEntities: home}})

	steps.Mount(steps.Deps{Porch: a.porch, Clock: a.clock, Machine: a.journeys, Files: a.sessions, Orgs: db, Webhooks: a.hooks, PublicURL: w.publicURL, Page: "/capture/"})
	steps.MountNeighbours(steps.NeighbourDeps{Porch: a.porch, Monitor: a.monitor, Machine: a.journeys, Orgs: db, Entry: lists.Entry})

	a.mountChecks(w)
	a.mountEntities(w)

	db.OnCommit(a.sender.Committed)
	db.OnCommit(a.executions.Committed)
	db.OnCommit(a.monitor.Committed)
	a.clocks.OnAdvance(func(ctx context.Context, t kyc.Tenant) {
		if _, err := a.engine.ClockMoved(ctx, t); err != nil {
			w.log.Error("waking runs after the sandbox clock moved", "error", err)
		}
		if _, err := a.sessions.ExpireDue(ctx); err != nil {
			w.log.Error("expiring sessions after the sandbox clock moved", "error", err)
		}
		if _, err := a.sessions.SweepTenant(ctx, t); err != nil {
			w.log.Error("sweeping what is kept too long after the sandbox clock moved", "error", err)
		}
		if _, err := a.monitor.Sweep(ctx); err != nil {
			w.log.Error("looking for due watchlists after the sandbox clock moved", "error", err)
		}
		if _, err := a.inquiries.Sweep(ctx); err != nil {
			w.log.Error("looking for checks to be asked again after the sandbox clock moved", "error", err)
		}
		if _, err := a.reviews.ReleaseLapsed(ctx); err != nil {
			w.log.Error("freeing idle cases after the sandbox clock moved", "error", err)
		}
	})
	return a, nil
}

// owner names this process in leases.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), kyc.NewID(time.Now())[24:])
}

func newGuard(w wiring) (*webhook.Guard, error) {
	var allow []netip.Prefix
	for _, s := range w.allow {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("--webhook-allow %s is no CIDR such as 10.0.0.0/8", s)
		}
		allow = append(allow, p.Masked())
	}
	if w.loopback {
		allow = append(allow, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	}
	return webhook.NewGuard(allow, false), nil
}

// sniff is imagefile.Sniff in the words of the session room.
func sniff(b []byte) (string, *kyc.Error) {
	t, err := imagefile.Sniff(b)
	return t.ContentType, err
}

// listVersions tells the engine which lists were in force when a run began.
func listVersions(lists *screen.Screener) func() []kyc.ListVersion {
	return func() []kyc.ListVersion {
		var out []kyc.ListVersion
		for _, l := range lists.Status() {
			out = append(out, l.ListVersion)
		}
		return out
	}
}

func (a *app) verifyAudit(ctx context.Context, org kyc.ID) (graph.AuditReport, error) {
	r, err := a.db.VerifyAudit(ctx, org)
	if err != nil {
		return graph.AuditReport{}, err
	}
	return auditReport(r), nil
}

// ready are the conditions of /readyz.
func (a *app) ready() []api.Ready {
	return []api.Ready{
		{Name: "store", Check: a.db.Ping},
		{Name: "migrations", Check: func(ctx context.Context) error {
			_, err := a.db.SchemaVersion(ctx)
			return err
		}},
		{Name: "watchlists", Check: func(context.Context) error { return nil }}, // loaded before the listener opens
	}
}
