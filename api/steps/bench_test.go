package steps

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"bonafide/api/apitest"
	"bonafide/check"
	"bonafide/engine"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/session"
	"bonafide/webhook"
)

// bench is surface A over HTTP on a real SQLite store, with the engine at
// work and a sandbox of simulated checks.
type bench struct {
	*apitest.House
	sandbox  *client
	live     *client
	stranger *client // another organisation's sandbox key
	reader   *client // live, may read only
	engine   *engine.Engine
	sessions *session.Sessions
	journeys *journey.Machine
	beats    chan time.Time

	mu      sync.Mutex
	invited []journey.Invitation
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
	db, clock, news := b.DB, kyc.Clock(b.Clock), kyc.News(News)
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
		Stored: func(run kyc.Run) { b.Ended <- run.ID },
		Finished: func(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished) (kyc.Change, error) {
			filing := kyc.Filing{ReasonCode: f.ReasonCode}
			extracted, _ := f.State.Facts["extracted"].(map[string]any)
			change := b.sessions.Found(ctx, s, f.At, f.State.Checks, extracted)
			end, err := b.journeys.Finished(ctx, &run, s, f.At, journey.End{Status: f.Status, Filing: filing, Checks: f.State.Checks, Extracted: extracted})
			change.Add(end)
			return change, err
		},
	}})
	b.sessions = session.New(session.Deps{Store: db, Clock: clock, Engine: beginner{b.engine}, News: news, Catalog: check.Catalog(), Sniff: apitest.Sniff,
		ExpireSteps: func(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time) (kyc.Session, error) {
			return b.journeys.Expire(ctx, s, by, now)
		}})
	b.journeys = journey.New(journey.Deps{Store: db, Clock: clock, News: news, Catalog: check.Catalog(), Log: log,
		Begin: func(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error) {
			return b.sessions.BeginPinned(ctx, session.Pinned{Session: s, Uploads: uploads, Now: now, By: by, Again: s.RunID != "", With: with})
		},
		Wait: b.Wait, Trace: b.trace, Examine: menu.Run, InputHash: menu.Hash, OpenCase: reviews.Open, CloseCase: reviews.Close, Sniff: apitest.Sniff,
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
	b := &bench{House: apitest.Build(t, apitest.Plenty()), beats: make(chan time.Time)}
	desk := b.machines(t, slog.New(slog.DiscardHandler))
	Mount(Deps{Porch: b.Porch, Clock: b.Clock, Machine: b.journeys, Files: b.sessions, Orgs: b.DB, Webhooks: desk,
		Tick: func() (<-chan time.Time, func()) { return b.beats, func() {} }})
	b.engine.Start(t.Context())
	b.Serve(t, b.engine.Stop)
	b.clients(t)
	return b
}

// clients makes the four that tests use.
func (b *bench) clients(t *testing.T) {
	b.sandbox, b.live = b.client(t, b.Dev.SandboxKey), b.client(t, b.Dev.LiveKey)
	b.stranger, b.reader = b.client(t, b.Other.SandboxKey), b.client(t, b.Dev.ReadKey)
}

// client calls the API with one key.
type client struct {
	apitest.Client
	b *bench
}

// reply is an answer of the API.
type reply = apitest.Answer

func (b *bench) client(t *testing.T, key string) *client {
	return &client{b: b, Client: apitest.Client{T: t, URL: b.URL, Header: apitest.Keyed("Authorization", "Bearer ", key)}}
}

// With gives a client that sends one more header.
func (c *client) With(name, value string) *client {
	return &client{b: c.b, Client: c.Client.With(name, value)}
}

// refused wants an error with a status and a code.
func (c *client) refused(status int, code, method, path string, body any) reply {
	c.T.Helper()
	r := c.Call(method, path, body)
	if r.Status != status || r.Str("code") != code || r.Str("error") != code || r.Header.Get("Content-Type") != "application/problem+json" {
		c.T.Errorf("%s %s: %d %s, want %d %s\n%s", method, path, r.Status, r.Str("code"), status, code, r.Raw)
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

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
