package steps

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/api"
	"bonafide/api/apitest"
	"bonafide/check"
	"bonafide/engine"
	"bonafide/imagefile"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/session"
	"bonafide/store"
	"bonafide/store/sqlite"
	"bonafide/webhook"
)

// bench is surface A over HTTP on a real SQLite store, with the engine at
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
	journeys *journey.Machine
	ended    chan kyc.ID // runs
	beats    chan time.Time
	clock    *movable

	mu       sync.Mutex
	invited  []journey.Invitation
	webhooks []kyc.Event
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

// beginner lets the session machine start the engine.
type beginner struct{ e *engine.Engine }

func (b beginner) Begin(ctx context.Context, s session.Start) (kyc.Run, error) {
	return b.e.Begin(ctx, engine.BeginRequest{Session: s.Session, Graph: s.Graph, Version: s.Version, Arm: s.Arm, Bucket: s.Bucket,
		Uploads: s.Uploads, From: s.From, Earlier: s.Earlier, Now: s.Now, By: s.By, With: s.With})
}

func (b beginner) Cancel(ctx context.Context, t kyc.Tenant, run kyc.ID, reason string) error {
	return b.e.Cancel(ctx, t, run, reason, kyc.SystemActor("session"))
}

// kin tells the check related_parties of the subsessions.
type kin struct{ b *bench }

func (k kin) Related(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]check.RelatedParty, error) {
	list, err := k.b.journeys.RelatedParties(ctx, t, id)
	out := make([]check.RelatedParty, len(list))
	for i, p := range list {
		out[i] = check.RelatedParty{SessionID: p.SessionID, StepID: p.StepID, Role: p.Role, Status: p.Status, Final: p.Final, Hits: p.Hits, MediaHits: p.Media}
	}
	return out, err
}

// machines wires the rooms behind the surface, as main does.
func (b *bench) machines(t *testing.T, log *slog.Logger) *webhook.Desk {
	t.Helper()
	db, clock, news := b.db, kyc.Clock(b.clock), kyc.News(News)
	menu, err := check.New(clock, check.All(check.Deps{Clock: clock, Blobs: db, Lists: db, Duplicates: db, Blinder: db, Related: kin{b}, HTTP: http.DefaultClient}),
		check.NewSimulator(), check.Recalling(func(ctx context.Context, r kyc.CheckRequest, hash string) (kyc.Answer, kyc.ID, bool) {
			exam, err := db.ExamByInput(ctx, r.Tenant, r.SessionID, r.Policy, hash)
			return exam.Answer, exam.ID, err == nil
		}, func() []kyc.ListVersion { return nil }))
	if err != nil {
		t.Fatal(err)
	}
	reviews := review.New(db, clock, news)
	b.engine = engine.New(engine.Deps{Store: db, Checks: menu, Clock: clock, Log: log, Catalog: check.Catalog(), Hooks: engine.Hooks{
		Stored: func(run kyc.Run) { b.ended <- run.ID },
		Finished: func(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished) (kyc.Change, error) {
			filing := kyc.Filing{ReasonCode: f.ReasonCode}
			extracted, _ := f.State.Facts["extracted"].(map[string]any)
			change := b.sessions.Found(ctx, s, f.At, f.State.Checks, extracted)
			end, err := b.journeys.Finished(ctx, &run, s, f.At, journey.End{Status: f.Status, Filing: filing, Checks: f.State.Checks, Extracted: extracted})
			change.Add(end)
			return change, err
		},
	}})
	b.sessions = session.New(session.Deps{Store: db, Clock: clock, Engine: beginner{b.engine}, News: news, Catalog: check.Catalog(), Sniff: sniff,
		ExpireSteps: func(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time) (kyc.Session, error) {
			return b.journeys.Expire(ctx, s, by, now)
		}})
	b.journeys = journey.New(journey.Deps{Store: db, Clock: clock, News: news, Catalog: check.Catalog(), Log: log,
		Begin: func(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error) {
			return b.sessions.BeginPinned(ctx, session.Pinned{Session: s, Uploads: uploads, Now: now, By: by, Again: s.RunID != "", With: with})
		},
		Wait: b.wait, Trace: b.trace, Examine: menu.Run, InputHash: menu.Hash, OpenCase: reviews.Open, CloseCase: reviews.Close, Sniff: sniff,
		Redact: func(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) error {
			_, err := b.sessions.Redact(ctx, t, by, id)
			return err
		},
		Invite: func(_ context.Context, i journey.Invitation) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.invited = append(b.invited, i)
			return nil
		}})
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

func (b *bench) trace(ctx context.Context, t kyc.Tenant, run kyc.ID) (journey.Trace, error) {
	v, err := b.engine.RunView(ctx, t, run)
	out := journey.Trace{Run: v.Run, Checks: v.Checks, Extracted: v.Extracted, Engine: "test"}
	for _, r := range v.Attempts {
		one := journey.Attempt{Node: r.Node, Policy: r.Policy, Attempt: r.Attempt, Status: r.Status, At: r.At}
		if r.Answer != nil {
			one.Answer = *r.Answer
		}
		out.Attempts = append(out.Attempts, one)
	}
	return out, err
}

func newBench(t *testing.T) *bench {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	b := &bench{ended: make(chan kyc.ID, 1000), beats: make(chan time.Time), clock: &movable{}}
	var err error
	if b.db, err = sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Sync: "normal", Log: log}); err != nil {
		t.Fatal(err)
	}
	desk := b.machines(t, log)
	office := access.NewOffice(b.db, b.clock)
	porch, err := api.New(api.Config{Version: "test", Store: b.db, Gate: access.NewGate(b.db, b.clock, log), Clock: b.clock, Secret: api.NewSecret(), Log: log,
		Limiter: access.NewLimiter(b.clock, access.LimitOptions{NoAddressLimits: true, Key: access.Rate{PerSecond: 1e6, Burst: 1 << 30}})})
	if err != nil {
		t.Fatal(err)
	}
	Mount(Deps{Porch: porch, Clock: b.clock, Machine: b.journeys, Files: b.sessions, Orgs: b.db, Webhooks: desk,
		Tick: func() (<-chan time.Time, func()) { return b.beats, func() {} }})
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

// client calls the API with one key.
type client struct {
	b      *bench
	t      *testing.T
	key    string
	header map[string]string
}

func (b *bench) client(t *testing.T, key string) *client { return &client{b: b, t: t, key: key} }

// with gives a client that sends one more header.
func (c *client) with(name, value string) *client {
	d := *c
	d.header = map[string]string{name: value}
	for k, v := range c.header {
		d.header[k] = v
	}
	return &d
}

// reply is an answer of the API.
type reply struct {
	status int
	header http.Header
	raw    []byte
	json   map[string]any
}

func (r reply) str(path string) string {
	v, _ := r.at(path).(string)
	return v
}

// at finds a value by a dotted path; numbers index lists.
func (r reply) at(path string) any { return apitest.At(r.json, path) }

func (r reply) list(path string) []any {
	v, _ := r.at(path).([]any)
	return v
}

func (c *client) call(method, path string, body any) reply {
	c.t.Helper()
	return c.send(method, path, "application/json", apitest.Body(c.t, body))
}

func (c *client) send(method, path, contentType string, body io.Reader) reply {
	c.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = c.b.url + path
	}
	key := map[string]string{}
	if c.key != "" {
		key = map[string]string{"Authorization": "Bearer " + c.key}
	}
	a := apitest.Send(c.t, method, path, contentType, body, key, c.header)
	return reply{status: a.Status, header: a.Header, raw: a.Raw, json: a.JSON}
}

// must calls and fails the test unless the status is the wanted one.
func (c *client) must(status int, method, path string, body any) reply {
	c.t.Helper()
	r := c.call(method, path, body)
	if r.status != status {
		c.t.Fatalf("%s %s: %d, want %d\n%s", method, path, r.status, status, r.raw)
	}
	return r
}

// refused wants an error with a status and a code.
func (c *client) refused(status int, code, method, path string, body any) reply {
	c.t.Helper()
	r := c.call(method, path, body)
	if r.status != status || r.str("code") != code || r.str("error") != code || r.header.Get("Content-Type") != "application/problem+json" {
		c.t.Errorf("%s %s: %d %s, want %d %s\n%s", method, path, r.status, r.str("code"), status, code, r.raw)
	}
	return r
}

// told are the names of the webhooks about a session, in order.
func (b *bench) told(session string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, e := range b.webhooks {
		if string(e.ObjectID) == session {
			out = append(out, e.Webhook)
		}
	}
	return out
}

// picture is a small PNG; different seeds give different bytes.
func picture(t *testing.T, seed int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 320+seed, 200))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
