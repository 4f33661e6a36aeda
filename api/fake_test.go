package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// bundle is a porch with a fake surface.
type bundle struct {
	t       testing.TB
	porch   *Porch
	handler http.Handler
	store   *memory
	office  *access.Office
	log     *bytes.Buffer
	tenant  kyc.Tenant
	live    string // key with every scope
	sandbox string
	reader  string // key with lists:read only
	other   string // key of another organisation
	hold    chan struct{}
	entered chan struct{}
	after   int

	mu  sync.Mutex
	now time.Time
}

func (b *bundle) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bundle) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

type syncBuffer struct {
	mu sync.Mutex
	b  *bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func setup(t testing.TB, change ...func(*Config)) *bundle {
	t.Helper()
	b := &bundle{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), log: &bytes.Buffer{}, hold: make(chan struct{}), entered: make(chan struct{}, 100)}
	b.store = &memory{clock: b, objects: map[kyc.ID]kyc.Object{}, keys: map[string]kyc.APIKey{}, answers: map[string]*kyc.Idempotency{}, leases: map[string]time.Time{}}
	log := slog.New(slog.NewJSONHandler(&syncBuffer{b: b.log}, nil))
	c := Config{Version: "test", Store: b.store, Gate: access.NewGate(b.store, b, log), Clock: b, Secret: bytes.Repeat([]byte{7}, 32), Log: log}
	for _, f := range change {
		f(&c)
	}
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	b.porch = p
	b.routes()
	b.handler = p.Handler()
	b.office = access.NewOffice(b.store, b)
	b.tenant, b.live, b.sandbox, b.reader = b.org("Acme")
	_, b.other, _, _ = b.org("Globex")
	b.store.commits, b.store.events = 0, nil
	return b
}

func (b *bundle) org(name string) (t kyc.Tenant, live, sandbox, reader string) {
	b.t.Helper()
	ctx := b.t.Context()
	org, err := b.office.CreateOrg(ctx, name, kyc.SystemActor("test"))
	if err != nil {
		b.t.Fatal(err)
	}
	key := func(env kyc.Env, scopes ...string) string {
		_, text, err := b.office.CreateKey(ctx, access.KeyRequest{Tenant: kyc.Tenant{Org: org.ID, Env: env}, Name: "k", Scopes: scopes})
		if err != nil {
			b.t.Fatal(err)
		}
		return text
	}
	return kyc.Tenant{Org: org.ID, Env: kyc.Live}, key(kyc.Live, "*"), key(kyc.Sandbox, "*"), key(kyc.Live, "lists:read")
}

type widgetBody struct {
	Name  string         `json:"name" doc:"What it is called." minLength:"2" maxLength:"20"`
	Kind  string         `json:"kind,omitempty" doc:"What sort it is." enum:"round,square" default:"round"`
	Size  int            `json:"size,omitempty" doc:"How large." minimum:"3" maximum:"9"`
	Parts []widgetPart   `json:"parts,omitempty" doc:"What it is made of." maxItems:"3"`
	Extra map[string]any `json:"extra,omitempty" doc:"Anything."`
}

type widgetPart struct {
	Label string `json:"label" doc:"Name of the part."`
}

type widgetIn struct{ Body widgetBody }

type widget struct {
	ID   string `json:"id" doc:"Its id."`
	Name string `json:"name" doc:"Its name."`
	Env  string `json:"env" doc:"Its environment."`
}

type widgetOut struct {
	ETag string `header:"ETag" doc:"Revision."`
	Body widget
}

type PathID struct {
	ID string `path:"id" doc:"Its id."`
}

func show(l kyc.List) *widgetOut {
	return &widgetOut{ETag: ETag(l.Rev), Body: widget{ID: string(l.ID), Name: l.Name, Env: string(l.Tenant.Env)}}
}

// routes is the fake surface.
func (b *bundle) routes() {
	p := b.porch
	read, write := []string{"lists:read"}, []string{"lists:write"}
	Handle(p, Operation{ID: "create-widget", Method: "POST", Path: "/api/v1/widgets", Surface: kyc.SurfaceGraph, Scopes: write, Status: 201, Summary: "Make a widget", Tag: "Widgets"},
		func(ctx context.Context, who Principal, in *widgetIn) (*widgetOut, error) {
			return b.create(ctx, who, in.Body.Name)
		})
	Handle(p, Operation{ID: "get-widget", Method: "GET", Path: "/api/v1/widgets/{id}", Surface: kyc.SurfaceGraph, Scopes: read, Summary: "Read a widget", Tag: "Widgets"},
		func(ctx context.Context, who Principal, in *PathID) (*widgetOut, error) {
			l, err := b.store.list(who.Tenant, in.ID)
			if err != nil {
				return nil, err
			}
			p.Read(ctx, kyc.Event{Action: "widget.read", Object: "widget", ObjectID: l.ID})
			return show(l), nil
		})
	Handle(p, Operation{ID: "change-widget", Method: "PATCH", Path: "/api/v1/widgets/{id}", Surface: kyc.SurfaceGraph, Scopes: write, Summary: "Change a widget", Tag: "Widgets", Errors: []int{412}},
		func(ctx context.Context, who Principal, in *struct {
			PathID
			IfMatch
			Body widgetBody
		}) (*widgetOut, error) {
			l, err := b.store.list(who.Tenant, in.ID)
			if err != nil {
				return nil, err
			}
			if err := in.Check(l.Rev); err != nil {
				return nil, err
			}
			l.Name = in.Body.Name
			l.Touch(b.Now())
			if err := b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&l}}); err != nil {
				return nil, err
			}
			return show(l), nil
		})
	Handle(p, Operation{ID: "list-widgets", Method: "GET", Path: "/api/v1/widgets", Surface: kyc.SurfaceGraph, Scopes: read, Summary: "List widgets", Tag: "Widgets"},
		func(_ context.Context, who Principal, in *struct {
			Offset
			Kind string `query:"kind" doc:"Only this sort." enum:"round,square"`
		}) (*struct {
			Body struct {
				Data       []widget   `json:"data" doc:"The widgets." nullable:"false"`
				Pagination Pagination `json:"pagination" doc:"Where in the list this is."`
			}
		}, error) {
			page, err := in.Page(p, who, "widgets", in.Kind)
			if err != nil {
				return nil, err
			}
			out := &struct {
				Body struct {
					Data       []widget   `json:"data" doc:"The widgets." nullable:"false"`
					Pagination Pagination `json:"pagination" doc:"Where in the list this is."`
				}
			}{}
			out.Body.Data = []widget{}
			all := b.sorted(who.Tenant)
			for _, l := range all {
				if page.After != "" && l.ID >= page.After {
					continue
				}
				if page.Offset > 0 {
					page.Offset--
					continue
				}
				if len(out.Body.Data) < page.Limit {
					out.Body.Data = append(out.Body.Data, show(l).Body)
				}
			}
			last := ""
			if n := len(out.Body.Data); n > 0 {
				last = out.Body.Data[n-1].ID
			}
			out.Body.Pagination = in.Answer(p, who, "widgets", in.Kind, len(all), len(out.Body.Data), kyc.ID(last))
			return out, nil
		})
	Handle(p, Operation{ID: "define", Method: "POST", Path: "/api/v1/definitions", Surface: kyc.SurfaceGraph, Scopes: write, Definition: true, Summary: "Define", Tag: "Widgets"},
		func(ctx context.Context, _ Principal, in *widgetIn) (*struct {
			Body struct {
				Name     string    `json:"name" doc:"The name."`
				Kind     string    `json:"kind" doc:"The kind."`
				Warnings []Finding `json:"warnings" doc:"What was let through." nullable:"false"`
			}
		}, error) {
			out := &struct {
				Body struct {
					Name     string    `json:"name" doc:"The name."`
					Kind     string    `json:"kind" doc:"The kind."`
					Warnings []Finding `json:"warnings" doc:"What was let through." nullable:"false"`
				}
			}{}
			out.Body.Name, out.Body.Kind, out.Body.Warnings = in.Body.Name, in.Body.Kind, Findings(Warnings(ctx))
			return out, nil
		})
	Handle(p, Operation{ID: "fail", Method: "POST", Path: "/api/v1/fail/{id}", Surface: kyc.SurfaceGraph, Scopes: write, Summary: "Fail", Tag: "Failures"},
		func(ctx context.Context, who Principal, in *PathID) (*widgetOut, error) {
			if _, err := b.create(ctx, who, "lost"); err != nil {
				return nil, err
			}
			switch in.ID {
			case "panic":
				panic("Ada Lovelace, born 1815")
			case "internal":
				return nil, fmt.Errorf("the disk is on fire")
			case "conflict":
				return nil, kyc.Errorf(kyc.Conflict, "wrong_state", "the widget is broken")
			case "stale":
				return nil, kyc.Stale("the widget")
			case "cancelled":
				return nil, fmt.Errorf("reading a widget: %w", context.Canceled)
			case "provider":
				return nil, kyc.Errorf(kyc.Unavailable, "provider_unavailable", "nobody answers: %w", context.DeadlineExceeded)
			}
			return nil, kyc.Missing("failure", in.ID)
		})
	Handle(p, Operation{ID: "early", Method: "POST", Path: "/api/v1/early/{id}", Surface: kyc.SurfaceGraph, Scopes: write, Summary: "Store before the answer", Tag: "Failures"},
		func(ctx context.Context, who Principal, in *PathID) (*widgetOut, error) {
			ctx = kyc.WithoutUnit(ctx)
			c := &kyc.Change{}
			held := kyc.Hold(ctx, c)
			l := kyc.List{Meta: kyc.Meta{ID: kyc.NewID(b.Now()), Tenant: who.Tenant}, Name: in.ID}
			l.Touch(b.Now())
			c.Put = append(c.Put, &l)
			if err := b.store.Commit(ctx, c); err != nil {
				return nil, err
			}
			held()
			if in.ID == "breaks" {
				return nil, fmt.Errorf("the disk is on fire")
			}
			return show(l), nil
		})
	Handle(p, Operation{ID: "slow", Method: "POST", Path: "/api/v1/slow", Surface: kyc.SurfaceGraph, Scopes: write, Summary: "Wait", Tag: "Failures", Status: 201},
		func(ctx context.Context, who Principal, in *widgetIn) (*widgetOut, error) {
			b.entered <- struct{}{}
			<-b.hold
			return b.create(ctx, who, in.Body.Name)
		})
	Handle(p, Operation{ID: "upload", Method: "POST", Path: "/api/v1/uploads", Surface: kyc.SurfaceGraph, Scopes: write, Summary: "Send a file", Tag: "Files",
		Upload: &Upload{Files: []UploadField{{Name: "file", Doc: "The file.", Required: true}}, Values: []UploadField{{Name: "kind", Doc: "Which side.", Required: true, Enum: []string{"front", "back"}}}}},
		func(ctx context.Context, who Principal, _ *struct{}) (*widgetOut, error) {
			f, _ := FormFrom(ctx).File("file")
			return b.create(ctx, who, FormFrom(ctx).Values["kind"]+" "+f.SHA256[:8]+fmt.Sprint(len(f.Bytes)))
		})
	Handle(p, Operation{ID: "import", Method: "POST", Path: "/api/v1/imports", Surface: kyc.SurfaceGraph, Scopes: write, Summary: "Send rows", Tag: "Files"},
		func(ctx context.Context, who Principal, in *struct {
			RawBody []byte `contentType:"text/csv"`
		}) (*widgetOut, error) {
			return b.create(ctx, who, strings.ReplaceAll(string(in.RawBody), "\n", "|"))
		})
	Handle(p, Operation{ID: "both", Method: "POST", Path: "/api/v1/both", Surface: kyc.SurfaceGraph, Scopes: write, Summary: "Parameters and body", Tag: "Failures"},
		func(ctx context.Context, who Principal, in *struct {
			Size int `query:"size" doc:"How large." minimum:"1"`
			Body widgetBody
		}) (*widgetOut, error) {
			return b.create(ctx, who, in.Body.Name)
		})
	Handle(p, Operation{ID: "sandbox", Method: "POST", Path: "/api/v1/sandbox/thing", Surface: kyc.SurfaceGraph, Scopes: write, SandboxOnly: true, Summary: "Sandbox", Tag: "Failures"},
		func(context.Context, Principal, *struct{}) (*struct{}, error) { return nil, nil })
	Handle(p, Operation{ID: "steps", Method: "POST", Path: "/kyc/things", Surface: kyc.SurfaceSteps, Scopes: []string{"kyc:create"}, Summary: "Surface A", Tag: "Steps"},
		func(ctx context.Context, who Principal, in *widgetIn) (*widgetOut, error) {
			return b.create(ctx, who, in.Body.Name)
		})
	Handle(p, Operation{ID: "entities", Method: "POST", Path: "/v2/things", Surface: kyc.SurfaceEntities, Scopes: write, Summary: "Surface C", Tag: "Entities"},
		func(ctx context.Context, who Principal, in *widgetIn) (*widgetOut, error) {
			if in.Body.Name == "operator" {
				return b.create(ctx, who, who.Actor.OnBehalfOf)
			}
			return b.create(ctx, who, in.Body.Name)
		})
	Handle(p, Operation{ID: "linked", Method: "GET", Path: "/files/{id}", Surface: kyc.SurfaceGraph, Public: true, Summary: "A file by link", Tag: "Files", Binary: "image/png"},
		func(_ context.Context, _ Principal, in *PathID) (*struct {
			ContentType string `header:"Content-Type" doc:"What it is."`
			Body        []byte
		}, error) {
			g, err := p.Signer.OpenLink("document", in.ID)
			if err != nil {
				return nil, err
			}
			return &struct {
				ContentType string `header:"Content-Type" doc:"What it is."`
				Body        []byte
			}{"image/png", []byte(g.Object)}, nil
		})
}

func (b *bundle) create(ctx context.Context, who Principal, name string) (*widgetOut, error) {
	now := b.Now()
	l := kyc.List{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: who.Tenant}, Name: name}
	l.Touch(now)
	err := b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&l}, Events: []kyc.Event{{ID: kyc.NewID(now), Action: "widget.create", ObjectID: l.ID, Actor: who.Actor, RequestID: kyc.RequestFrom(ctx).ID}}})
	if u := kyc.UnitFrom(ctx); u != nil {
		u.After = append(u.After, func() { b.mu.Lock(); b.after++; b.mu.Unlock() })
	}
	return show(l), err
}

func (b *bundle) sorted(t kyc.Tenant) []kyc.List {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	var out []kyc.List
	for _, o := range b.store.objects {
		if l, ok := o.(*kyc.List); ok && l.Tenant == t {
			out = append(out, *l)
		}
	}
	slices.SortFunc(out, func(a, b kyc.List) int { return strings.Compare(string(b.ID), string(a.ID)) })
	return out
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) problem(t testing.TB) Problem {
	t.Helper()
	if ct := a.header.Get("Content-Type"); ct != problemType {
		t.Fatalf("content type %q, want a problem; %d %s", ct, a.status, a.body)
	}
	var p Problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return p
}

// call sends a request with the live key; headers are "Name: value", one that
// begins with "X-API-Key" replaces the key, "-" sends none.
func (b *bundle) call(method, path, body string, headers ...string) answer {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("X-API-Key", b.live)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		if h == "-" {
			r.Header.Del("X-API-Key")
			continue
		}
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return b.send(r)
}

func (b *bundle) send(r *http.Request) answer {
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}
