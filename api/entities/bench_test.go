package entities

import (
	"bytes"
	"context"
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
	"bonafide/entity"
	"bonafide/execution"
	"bonafide/imagefile"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/session"
	"bonafide/store"
	"bonafide/store/sqlite"
	"bonafide/webhook"
)

// bench is surface C over HTTP on a real SQLite store, with the engine at work
// and a sandbox of simulated checks.
type bench struct {
	url        string
	db         *store.DB
	dev        access.DevOrg
	other      access.DevOrg
	sandbox    *client
	live       *client
	stranger   *client // another organisation's sandbox key
	reader     *client // live, may read only
	engine     *engine.Engine
	sessions   *session.Sessions
	entities   *entity.Machine
	executions *execution.Machine
	ended      chan kyc.ID // runs
	clock      *movable

	mu       sync.Mutex
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

// beginner lets the session machine start the engine.
type beginner struct{ e *engine.Engine }

func (b beginner) Begin(ctx context.Context, s session.Start) (kyc.Run, error) {
	return b.e.Begin(ctx, engine.BeginRequest{Session: s.Session, Graph: s.Graph, Version: s.Version, Arm: s.Arm, Bucket: s.Bucket,
		Uploads: s.Uploads, From: s.From, Earlier: s.Earlier, Now: s.Now, By: s.By, With: s.With})
}

func (b beginner) Cancel(ctx context.Context, t kyc.Tenant, run kyc.ID, reason string) error {
	return b.e.Cancel(ctx, t, run, reason, kyc.SystemActor("session"))
}

// machines wires the rooms behind the surface, as main does.
func (b *bench) machines(t *testing.T, log *slog.Logger) *webhook.Desk {
	t.Helper()
	db, clock, news := b.db, kyc.Clock(b.clock), kyc.News(News)
	menu, err := check.New(clock, check.All(b.checks()), check.NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	reviews := review.New(db, clock, news)
	b.engine = engine.New(engine.Deps{Store: db, Checks: menu, Clock: clock, Log: log, Catalog: check.Catalog(), Hooks: engine.Hooks{
		Stored: func(run kyc.Run) { b.ended <- run.ID },
		Finished: func(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished) (kyc.Change, error) {
			end := execution.End{Status: f.Status, Filing: kyc.Filing{ReasonCode: f.ReasonCode}, Checks: f.State.Checks}
			end.Extracted, _ = f.State.Facts["extracted"].(map[string]any)
			for _, r := range f.State.Records {
				one := execution.Attempt{Node: r.Node, Policy: r.Policy, Attempt: r.Attempt, Status: r.Status, At: r.At}
				if r.Answer != nil {
					one.Answer = *r.Answer
				}
				end.Attempts = append(end.Attempts, one)
			}
			return b.executions.Finished(ctx, &run, s, f.At, end)
		},
	}})
	b.sessions = session.New(session.Deps{Store: db, Clock: clock, Engine: beginner{b.engine}, News: news, Catalog: check.Catalog(), Sniff: sniff})
	b.executions = execution.New(execution.Deps{Store: db, Clock: clock, News: news, Catalog: check.Catalog(), Log: log,
		Begin: func(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error) {
			return b.sessions.BeginPinned(ctx, session.Pinned{Session: s, Uploads: uploads, Now: now, By: by, With: with})
		},
		Wait: b.wait, OpenCase: reviews.Open, CloseCase: reviews.Close, Examine: menu.Run})
	b.entities = entity.New(entity.Deps{Store: db, Clock: clock, News: news, Log: log, Sniff: sniff, Blind: db.Blind,
		Changed: func(ctx context.Context, t kyc.Tenant, subject kyc.ID) (kyc.Change, error) {
			return b.executions.FactorsChanged(ctx, t, subject)
		}})
	return webhook.NewDesk(webhook.Deps{Store: db, Clock: clock, Guard: webhook.NewGuard(nil, true), Known: Events()})
}

// checks are what the menu is made from.
func (b *bench) checks() check.Deps {
	return check.Deps{Clock: b.clock, Blobs: b.db, Lists: b.db, Duplicates: b.db, Blinder: b.db, Matchlists: b.db, HTTP: http.DefaultClient}
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
		case <-time.After(20 * time.Millisecond): // another waiter may have taken the news
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := newIdleBench(t)
	b.engine.Start(t.Context())
	return b
}

// newIdleBench is a bench whose engine sleeps: what runs goes on running until
// the test starts it.
func newIdleBench(t *testing.T) *bench {
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
		Limiter: access.NewLimiter(b.clock, access.LimitOptions{NoAddressLimits: true, Key: access.Rate{PerSecond: 1e6, Burst: 1 << 30}})})
	if err != nil {
		t.Fatal(err)
	}
	Mount(Deps{Porch: porch, Clock: b.clock, Entities: b.entities, Executions: b.executions, Webhooks: desk,
		KeyName: func(ctx context.Context, t kyc.Tenant, id kyc.ID) (string, error) {
			k, err := b.db.Key(ctx, t, id)
			return k.Name, err
		}})
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
	server := httptest.NewServer(porch.Handler())
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

// told are the messages about an individual, in order.
func (b *bench) told(subject string) []kyc.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []kyc.Event
	for _, e := range b.webhooks {
		if string(e.SubjectID) == subject {
			out = append(out, e)
		}
	}
	return out
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

// got is an answer of the API.
type got struct {
	status int
	header http.Header
	raw    []byte
	json   map[string]any
}

func (r got) str(path string) string {
	v, _ := r.at(path).(string)
	return v
}

// at finds a value by a dotted path; numbers index lists.
func (r got) at(path string) any { return apitest.At(r.json, path) }

func (r got) list(path string) []any {
	v, _ := r.at(path).([]any)
	return v
}

func (c *client) call(method, path string, body any) got {
	c.t.Helper()
	return c.send(method, path, "application/json", apitest.Body(c.t, body))
}

func (c *client) send(method, path, contentType string, body io.Reader) got {
	c.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = c.b.url + path
	}
	key := map[string]string{}
	if c.key != "" {
		key = map[string]string{"Api_key": c.key}
	}
	a := apitest.Send(c.t, method, path, contentType, body, key, c.header)
	return got{status: a.Status, header: a.Header, raw: a.Raw, json: a.JSON}
}

// must calls and fails the test unless the status is the wanted one. Whatever
// succeeds carries the id of its request.
func (c *client) must(status int, method, path string, body any) got {
	c.t.Helper()
	r := c.call(method, path, body)
	if r.status != status {
		c.t.Fatalf("%s %s: %d, want %d\n%s", method, path, r.status, status, r.raw)
	}
	if status < 300 && len(r.json) > 0 && r.str("requestId") != r.header.Get("X-Request-Id") {
		c.t.Errorf("%s %s: requestId is %q, the header says %q", method, path, r.str("requestId"), r.header.Get("X-Request-Id"))
	}
	return r
}

// refused wants an error in the body of this surface, with an issue of a type
// at a place.
func (c *client) refused(status int, kind, at, method, path string, body any) got {
	c.t.Helper()
	r := c.call(method, path, body)
	found := false
	for _, d := range r.list("details") {
		issue, _ := d.(map[string]any)
		found = found || issue["issueType"] == kind && issue["issueLocation"] == at && issue["issue"] != ""
	}
	if r.status != status || !found || r.at("httpStatusCode") != float64(status) || r.str("errorCode") == "" || r.str("errorMsg") == "" ||
		r.str("requestId") != r.header.Get("X-Request-Id") || r.header.Get("Content-Type") != "application/json" {
		c.t.Errorf("%s %s: %d, want %d %s at %q\n%s", method, path, r.status, status, kind, at, r.raw)
	}
	return r
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
