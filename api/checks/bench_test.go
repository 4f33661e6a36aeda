package checks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/api"
	"bonafide/check"
	"bonafide/checklist"
	"bonafide/document"
	"bonafide/engine"
	"bonafide/flow"
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
	found, err := document.Sniff(p)
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
	porch.Mount("GET /capture/{token}", LinkPage(b.intake))
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
func (r reply) at(path string) any {
	var v any = r.json
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (r reply) list(path string) []any {
	v, _ := r.at(path).([]any)
	return v
}

// problems are the places and codes of an error.
func (r reply) problems() []string {
	out := []string{}
	for _, p := range r.list("errors") {
		row, _ := p.(map[string]any)
		out = append(out, fmt.Sprint(row["path"], " ", row["code"]))
	}
	return out
}

func (c *client) call(method, path string, body any) reply {
	c.t.Helper()
	var reader io.Reader
	if body != nil {
		raw, isRaw := body.(string)
		if !isRaw {
			b, err := json.Marshal(body)
			if err != nil {
				c.t.Fatal(err)
			}
			raw = string(b)
		}
		reader = strings.NewReader(raw)
	}
	return c.send(method, path, "application/json", reader)
}

func (c *client) send(method, path, contentType string, body io.Reader) reply {
	c.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = c.b.url + path
	}
	req, err := http.NewRequestWithContext(context.Background(), method, path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	if c.key != "" {
		req.Header.Set("x-api-key", c.key)
	}
	for k, v := range c.header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	out := reply{status: resp.StatusCode, header: resp.Header, raw: raw}
	_ = json.Unmarshal(raw, &out.json)
	return out
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

// workflow makes a workflow with the live key, as only that may.
func (b *bench) workflow(t *testing.T, steps string) string {
	t.Helper()
	r := b.live.must(201, "POST", "/v1/workflows", `{"name":"Test","steps":[`+steps+`]}`)
	return r.str("workflow.id")
}

// session makes an API-driven session of an applicant with a family name.
func (c *client) session(workflow, family string) string {
	c.t.Helper()
	return c.must(201, "POST", "/v1/workflows/"+workflow+"/sessions", map[string]any{
		"email": "anna@example.org", "first_name": "Anna", "last_name": family, "phone": "+31612345678", "external_id": "order-" + family}).str("session_id")
}

// upload sends one picture and gives its upload id.
func (c *client) upload(session string, seed int) string {
	c.t.Helper()
	r := c.must(201, "POST", "/v1/sessions/"+session+"/uploads", map[string]any{"name": "picture.png", "content_type": "image/png"})
	open := c.b.client(c.t, "")
	if sent := open.send(r.str("method"), r.str("url"), "image/png", bytes.NewReader(picture(c.t, seed))); sent.status != 200 || sent.str("upload_id") != r.str("upload_id") {
		c.t.Fatalf("sending a file: %d %s", sent.status, sent.raw)
	}
	return r.str("upload_id")
}

// papers is the submission of ID_VERIFICATION with a passport.
func (c *client) papers(session string) map[string]any {
	return map[string]any{"document_type": "passport", "uploads": map[string]any{"id_front": c.upload(session, 1), "selfie_front": c.upload(session, 2)}}
}

func (c *client) submit(session, step string, body any) reply {
	c.t.Helper()
	return c.must(200, "POST", "/v1/sessions/"+session+"/steps/"+step, body)
}

// settled waits until the run of a session has ended and gives its status.
func (b *bench) settled(t *testing.T, c *client, session string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	env := kyc.Live
	if c.key == b.dev.SandboxKey {
		env = kyc.Sandbox
	}
	tenant := kyc.Tenant{Org: b.dev.ID, Env: env}
	s, err := b.db.Session(ctx, tenant, kyc.ID(session))
	if err != nil {
		t.Fatal(err)
	}
	if s.RunID != "" {
		if err := b.wait(ctx, tenant, s.RunID); err != nil {
			t.Fatal(err)
		}
	}
	return c.must(200, "GET", "/v1/sessions/"+session+"/workflow", nil).str("status")
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
