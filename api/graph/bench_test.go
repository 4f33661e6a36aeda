package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
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
	"bonafide/kyc"
	"bonafide/provider"
	"bonafide/review"
	"bonafide/screen"
	"bonafide/session"
	"bonafide/store"
	"bonafide/store/sqlite"
	"bonafide/webhook"
)

// bench is surface D over HTTP on a real SQLite store, with the engine at
// work and a sandbox of simulated checks.
type bench struct {
	url       string
	db        *store.DB
	dev       access.DevOrg
	other     access.DevOrg
	sandbox   *client
	live      *client
	stranger  *client // another organisation's live key
	reader    *client // may read only
	engine    *engine.Engine
	committed chan struct{}
	lists     *screen.Screener
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

func newBench(t *testing.T) *bench {
	t.Helper()
	clock := kyc.SystemClock()
	log := slog.New(slog.DiscardHandler)
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Sync: "normal", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{db: db, committed: make(chan struct{}, 1)}
	office := access.NewOffice(db, clock)
	clocks := access.NewClocks(clock, db)
	guard := webhook.NewGuard(nil, true)
	menu, err := check.New(clock, check.All(check.Deps{Clock: clock, Blobs: db, Lists: db, Duplicates: db, Blinder: db, HTTP: http.DefaultClient}), check.NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	news := kyc.News(News)
	reviews := review.New(db, clock, news)
	var sessions *session.Sessions
	b.engine = engine.New(engine.Deps{Store: db, Checks: menu, Clock: clock, Log: log, Catalog: check.Catalog(), Hooks: engine.Hooks{
		Paused: func(ctx context.Context, run kyc.Run, s *kyc.Session, g engine.Opened) (kyc.Change, error) {
			return sessions.Paused(ctx, &run, s, g.At, g.Fields), nil
		},
		Finished: func(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished) (kyc.Change, error) {
			filing := kyc.Filing{ReasonCode: f.ReasonCode}
			if f.Case != nil {
				filing.Queue, filing.Priority, filing.SLAHours = f.Case.Queue, f.Case.Priority, f.Case.SLAHours
			}
			extracted, _ := f.State.Facts["extracted"].(map[string]any)
			change := sessions.Found(ctx, s, f.At, f.State.Checks, extracted)
			end, err := sessions.Finished(ctx, &run, s, f.At, filing)
			change.Add(end)
			return change, err
		},
	}})
	sessions = session.New(session.Deps{Store: db, Clock: clock, Engine: beginner{b.engine}, News: news, Catalog: check.Catalog(),
		Sniff: func(p []byte) (string, *kyc.Error) {
			found, err := imagefile.Sniff(p)
			return found.ContentType, err
		},
		Trace: func(ctx context.Context, t kyc.Tenant, run kyc.ID) (session.Trace, error) {
			v, err := b.engine.RunView(ctx, t, run)
			trace := session.Trace{Run: v.Run, Extracted: v.Extracted, Checks: v.Checks}
			if v.Begin != nil && v.Begin.Earlier != "" {
				trace.From, trace.Earlier = v.Begin.From, v.Begin.Earlier
			}
			for _, r := range v.Attempts {
				trace.Attempts = append(trace.Attempts, session.Attempt{Node: r.Node, Policy: r.Policy, Attempt: r.Attempt, Status: r.Status})
			}
			return trace, err
		},
		OpenCase: reviews.Open, CloseCase: reviews.Close})
	porch, err := api.New(api.Config{Version: "test", Store: db, Gate: access.NewGate(db, clock, log), Clock: clock, Secret: api.NewSecret(), Log: log,
		Limiter: access.NewLimiter(clock, access.LimitOptions{NoAddressLimits: true, Key: access.Rate{PerSecond: 1e6, Burst: 1 << 30}})})
	if err != nil {
		t.Fatal(err)
	}
	lists, err := screen.Open(screen.Options{Dir: t.TempDir(), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	b.lists = lists
	servers, err := provider.NewHTTP(provider.HTTPOptions{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	Mount(Deps{Porch: porch, Screen: lists, Questions: NewQuestions(db.Commit, clock, log), Store: db, Clock: clock, Sessions: sessions, Reviews: reviews, Engine: b.engine, Office: office, Clocks: clocks, Catalog: check.Catalog(), Providers: &provider.Router{HTTP: servers},
		Lacks: func(context.Context) map[string][]Lack {
			return map[string][]Lack{"face_match": {{Name: "face_template", Install: "bonafide models pull", Needed: true}}, "document_ocr": {{Name: "barcodes"}}}
		},
		Workflows: session.NewWorkflows(session.WorkflowsDeps{Store: db, Clock: clock, Catalog: check.Catalog(), News: news}),
		Lists:     session.NewLists(db, clock), Webhooks: webhook.NewDesk(webhook.Deps{Store: db, Clock: clock, Guard: guard, Known: Events()}),
		VerifyAudit: func(ctx context.Context, org kyc.ID) (AuditReport, error) {
			r, err := db.VerifyAudit(ctx, org)
			return AuditReport{Valid: r.Broken == 0, Events: r.Checked, Head: r.Head, Broken: r.Broken, Reason: r.Problem}, err
		}})
	handler := porch.Handler()
	clocks.OnAdvance(func(ctx context.Context, tenant kyc.Tenant) {
		if _, err := b.engine.ClockMoved(ctx, tenant); err != nil {
			t.Error(err)
		}
		if _, err := sessions.ExpireDue(ctx); err != nil {
			t.Error(err)
		}
	})
	db.OnCommit(func(*kyc.Change) {
		select {
		case b.committed <- struct{}{}:
		default:
		}
	})
	for i, into := range []*access.DevOrg{&b.dev, &b.other} {
		if *into, err = office.SeedOrg(t.Context(), []string{"Acme", "Globex"}[i], []string{"acme.example", "globex.example"}[i], kyc.SystemActor("test")); err != nil {
			t.Fatal(err)
		}
	}
	b.engine.Start(t.Context())
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		b.engine.Stop(ctx)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	b.url = server.URL
	b.sandbox, b.live = b.client(t, b.dev.SandboxKey), b.client(t, b.dev.LiveKey)
	b.stranger, b.reader = b.client(t, b.other.LiveKey), b.client(t, b.dev.ReadKey)
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
		if !strings.HasPrefix(path, "/capture") {
			path = prefix + path
		}
		path = c.b.url + path
	}
	key := map[string]string{}
	if c.key != "" {
		key = map[string]string{"X-API-Key": c.key}
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
	if r.status != status || r.str("code") != code || r.str("error") != code {
		c.t.Errorf("%s %s: %d %s, want %d %s\n%s", method, path, r.status, r.str("code"), status, code, r.raw)
	}
	return r
}

// await waits until a session has a status.
func (c *client) await(session, status string) reply {
	c.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		r := c.must(200, "GET", "/sessions/"+session, nil)
		if r.str("status") == status {
			return r
		}
		select {
		case <-c.b.committed:
		case <-time.After(50 * time.Millisecond): // a commit may have been ours
		case <-deadline:
			run := c.call("GET", "/sessions/"+session+"/workflow-run", nil)
			c.t.Fatalf("the session is %s, want %s\n%s\n%s", r.str("status"), status, r.raw, run.raw)
		}
	}
}

// upload sends a file.
func (c *client) upload(session, kind, documentType string, file []byte) reply {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("type", kind)
	if documentType != "" {
		_ = w.WriteField("document_type", documentType)
	}
	part, _ := w.CreateFormFile("file", "passport.png")
	_, _ = part.Write(file)
	_ = w.Close()
	return c.send("POST", "/sessions/"+session+"/documents", w.FormDataContentType(), &b)
}

// published makes a published workflow and gives its id.
func (c *client) published(name, graph string) string {
	c.t.Helper()
	id := c.must(201, "POST", "/workflows", map[string]any{"name": name, "graph": json.RawMessage(graph)}).str("id")
	c.must(200, "POST", "/workflows/"+id+"/publish", map[string]any{})
	return id
}

// picture is a small PNG.
func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 320, 200))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// race runs n calls at the same time.
func race(n int, call func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { call(i) })
	}
	wg.Wait()
}

const kycGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"ocr"},
 "ocr":{"type":"policy","policy":"document_ocr","on_pass":"adult","on_fail":"review"},
 "adult":{"type":"conditional","routes":[{"conditions":[{"field":"extracted.age","operator":"<","value":18}],"next":"no"}],"default":"aml"},
 "aml":{"type":"policy","policy":"watchlist_screening","config":{"threshold":0.6},"on_pass":"risk","on_fail":"review"},
 "risk":{"type":"policy","policy":"risk_assessment","on_pass":"yes","on_fail":"review"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"under_age"},
 "review":{"type":"terminal","outcome":"needs_review","reason_code":"look","case":{"queue":"sanctions","priority":7,"sla_hours":2}}}}`

const gateGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"ocr"},
 "ocr":{"type":"policy","policy":"document_ocr","on_pass":"gate","on_fail":"review"},
 "gate":{"type":"wait","gate":"bank","on_continue":"aml","on_fail":"review","timeout_seconds":3600,"expose_fields":["extracted.last_name"]},
 "aml":{"type":"policy","policy":"watchlist_screening","on_pass":"yes","on_fail":"review"},
 "yes":{"type":"terminal","outcome":"approved"},
 "review":{"type":"terminal","outcome":"needs_review"}}}`
