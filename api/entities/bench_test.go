package entities

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"bonafide/api/apitest"
	"bonafide/check"
	"bonafide/engine"
	"bonafide/entity"
	"bonafide/execution"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/session"
	"bonafide/webhook"
)

// bench is surface C over HTTP on a real SQLite store, with the engine at work
// and a sandbox of simulated checks.
type bench struct {
	*apitest.House
	sandbox    *client
	live       *client
	stranger   *client // another organisation's sandbox key
	reader     *client // live, may read only
	engine     *engine.Engine
	sessions   *session.Sessions
	entities   *entity.Machine
	executions *execution.Machine
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
	db, clock, news := b.DB, kyc.Clock(b.Clock), kyc.News(News)
	menu, err := check.New(clock, check.All(b.checks()), check.NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	reviews := review.New(db, clock, news)
	b.engine = engine.New(engine.Deps{Store: db, Checks: menu, Clock: clock, Log: log, Catalog: check.Catalog(), Hooks: engine.Hooks{
		Stored: func(run kyc.Run) { b.Ended <- run.ID },
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
	b.sessions = session.New(session.Deps{Store: db, Clock: clock, Engine: beginner{b.engine}, News: news, Catalog: check.Catalog(), Sniff: apitest.Sniff})
	b.executions = execution.New(execution.Deps{Store: db, Clock: clock, News: news, Catalog: check.Catalog(), Log: log,
		Begin: func(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error) {
			return b.sessions.BeginPinned(ctx, session.Pinned{Session: s, Uploads: uploads, Now: now, By: by, With: with})
		},
		Wait: b.Wait, OpenCase: reviews.Open, CloseCase: reviews.Close, Examine: menu.Run})
	b.entities = entity.New(entity.Deps{Store: db, Clock: clock, News: news, Log: log, Sniff: apitest.Sniff, Blind: db.Blind,
		Changed: func(ctx context.Context, t kyc.Tenant, subject kyc.ID) (kyc.Change, error) {
			return b.executions.FactorsChanged(ctx, t, subject)
		}})
	return webhook.NewDesk(webhook.Deps{Store: db, Clock: clock, Guard: webhook.NewGuard(nil, true), Known: Events()})
}

// checks are what the menu is made from.
func (b *bench) checks() check.Deps {
	return check.Deps{Clock: b.Clock, Blobs: b.DB, Lists: b.DB, Duplicates: b.DB, Blinder: b.DB, Matchlists: b.DB, HTTP: http.DefaultClient}
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
	b := &bench{House: apitest.Build(t, apitest.Plenty())}
	desk := b.machines(t, slog.New(slog.DiscardHandler))
	Mount(Deps{Porch: b.Porch, Clock: b.Clock, Entities: b.entities, Executions: b.executions, Webhooks: desk,
		KeyName: func(ctx context.Context, t kyc.Tenant, id kyc.ID) (string, error) {
			k, err := b.DB.Key(ctx, t, id)
			return k.Name, err
		}})
	b.Serve(t, b.engine.Stop)
	b.sandbox, b.live = b.client(t, b.Dev.SandboxKey), b.client(t, b.Dev.LiveKey)
	b.stranger, b.reader = b.client(t, b.Other.SandboxKey), b.client(t, b.Dev.ReadKey)
	return b
}

// told are the messages about an individual, in order.
func (b *bench) told(subject string) []kyc.Event {
	return slices.DeleteFunc(b.Messages(), func(e kyc.Event) bool { return string(e.SubjectID) != subject })
}

// client calls the API with one key.
type client struct {
	apitest.Client
	b *bench
}

// got is an answer of the API.
type got = apitest.Answer

func (b *bench) client(t *testing.T, key string) *client {
	return &client{b: b, Client: apitest.Client{T: t, URL: b.URL, Header: apitest.Keyed("Api_key", "", key)}}
}

// With gives a client that sends one more header.
func (c *client) With(name, value string) *client {
	return &client{b: c.b, Client: c.Client.With(name, value)}
}

// Must calls and fails the test unless the status is the wanted one. Whatever
// succeeds carries the id of its request.
func (c *client) Must(status int, method, path string, body any) got {
	c.T.Helper()
	r := c.Client.Must(status, method, path, body)
	if status < 300 && len(r.JSON) > 0 && r.Str("requestId") != r.Header.Get("X-Request-Id") {
		c.T.Errorf("%s %s: requestId is %q, the header says %q", method, path, r.Str("requestId"), r.Header.Get("X-Request-Id"))
	}
	return r
}

// refused wants an error in the body of this surface, with an issue of a type
// at a place.
func (c *client) refused(status int, kind, at, method, path string, body any) got {
	c.T.Helper()
	r := c.Call(method, path, body)
	found := false
	for _, d := range r.List("details") {
		issue, _ := d.(map[string]any)
		found = found || issue["issueType"] == kind && issue["issueLocation"] == at && issue["issue"] != ""
	}
	if r.Status != status || !found || r.At("httpStatusCode") != float64(status) || r.Str("errorCode") == "" || r.Str("errorMsg") == "" ||
		r.Str("requestId") != r.Header.Get("X-Request-Id") || r.Header.Get("Content-Type") != "application/json" {
		c.T.Errorf("%s %s: %d, want %d %s at %q\n%s", method, path, r.Status, status, kind, at, r.Raw)
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
