package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/api/apitest"
	"bonafide/check"
	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/provider"
	"bonafide/review"
	"bonafide/screen"
	"bonafide/session"
	"bonafide/webhook"
)

// bench is surface D over HTTP on a real SQLite store, with the engine at
// work and a sandbox of simulated checks.
type bench struct {
	*apitest.House
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
	b := &bench{House: apitest.Build(t, apitest.Plenty()), committed: make(chan struct{}, 1)}
	log, db, clock := slog.New(slog.DiscardHandler), b.DB, b.Clock
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
		Sniff: apitest.Sniff,
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
	lists, err := screen.Open(screen.Options{Dir: t.TempDir(), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	b.lists = lists
	servers, err := provider.NewHTTP(provider.HTTPOptions{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	// Nobody writes the ledger here, so its counts must not grow old on a machine that
	// has other work.
	begun := clock.Now()
	ledger := NewQuestions(db.Commit, kyc.ClockFunc(func() time.Time { return begun }), log)
	Mount(Deps{Porch: b.Porch, Screen: lists, Questions: ledger, Store: db, Clock: clock, Sessions: sessions, Reviews: reviews, Engine: b.engine, Office: b.Office, Clocks: clocks, Catalog: check.Catalog(), Providers: &provider.Router{HTTP: servers},
		Lacks: func(context.Context) map[string][]Lack {
			return map[string][]Lack{"face_match": {{Name: "face_template", Install: "bonafide models pull", Needed: true}}, "document_ocr": {{Name: "barcodes"}}}
		},
		Workflows: session.NewWorkflows(session.WorkflowsDeps{Store: db, Clock: clock, Catalog: check.Catalog(), News: news}),
		Lists:     session.NewLists(db, clock), Webhooks: webhook.NewDesk(webhook.Deps{Store: db, Clock: clock, Guard: guard, Known: Events()}),
		VerifyAudit: func(ctx context.Context, org kyc.ID) (AuditReport, error) {
			r, err := db.VerifyAudit(ctx, org)
			return AuditReport{Valid: r.Broken == 0, Events: r.Checked, Head: r.Head, Broken: r.Broken, Reason: r.Problem}, err
		}})
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
	b.engine.Start(t.Context())
	b.Serve(t, b.engine.Stop)
	b.sandbox, b.live = b.client(t, b.Dev.SandboxKey), b.client(t, b.Dev.LiveKey)
	b.stranger, b.reader = b.client(t, b.Other.LiveKey), b.client(t, b.Dev.ReadKey)
	return b
}

// client calls the API with one key.
type client struct {
	apitest.Client
	b *bench
}

// reply is an answer of the API.
type reply = apitest.Answer

func (b *bench) client(t *testing.T, key string) *client {
	return &client{b: b, Client: apitest.Client{T: t, URL: b.URL, Header: apitest.Keyed("X-API-Key", "", key), Path: func(path string) string {
		if strings.HasPrefix(path, "/capture") {
			return path
		}
		return prefix + path
	}}}
}

// With gives a client that sends one more header.
func (c *client) With(name, value string) *client {
	return &client{b: c.b, Client: c.Client.With(name, value)}
}

// refused wants an error with a status and a code.
func (c *client) refused(status int, code, method, path string, body any) reply {
	c.T.Helper()
	r := c.Call(method, path, body)
	if r.Status != status || r.Str("code") != code || r.Str("error") != code {
		c.T.Errorf("%s %s: %d %s, want %d %s\n%s", method, path, r.Status, r.Str("code"), status, code, r.Raw)
	}
	return r
}

// await waits until a session has a status.
func (c *client) await(session, status string) reply {
	c.T.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		r := c.Must(200, "GET", "/sessions/"+session, nil)
		if r.Str("status") == status {
			return r
		}
		select {
		case <-c.b.committed:
		case <-time.After(50 * time.Millisecond): // a commit may have been ours
		case <-deadline:
			run := c.Call("GET", "/sessions/"+session+"/workflow-run", nil)
			c.T.Fatalf("the session is %s, want %s\n%s\n%s", r.Str("status"), status, r.Raw, run.Raw)
		}
	}
}

// upload sends a file.
func (c *client) upload(session, kind, documentType string, file []byte) reply {
	c.T.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("type", kind)
	if documentType != "" {
		_ = w.WriteField("document_type", documentType)
	}
	part, _ := w.CreateFormFile("file", "passport.png")
	_, _ = part.Write(file)
	_ = w.Close()
	return c.Send("POST", "/sessions/"+session+"/documents", w.FormDataContentType(), &b)
}

// published makes a published workflow and gives its id.
func (c *client) published(name, graph string) string {
	c.T.Helper()
	id := c.Must(201, "POST", "/workflows", map[string]any{"name": name, "graph": json.RawMessage(graph)}).Str("id")
	c.Must(200, "POST", "/workflows/"+id+"/publish", map[string]any{})
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
