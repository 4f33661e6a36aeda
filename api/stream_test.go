package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"bonafide/kyc"
)

// public adds the routes that surfaces without a credential need.
func (b *bundle) public() {
	p := b.porch
	Handle(p, Operation{ID: "put-file", Method: "PUT", Path: "/public/files/{id}", Surface: kyc.SurfaceSteps, Public: true, File: true, Summary: "Send bytes", Tag: "Public"},
		func(ctx context.Context, _ Principal, in *struct {
			PathID
			RawBody []byte
		}) (*widgetOut, error) {
			return show(kyc.List{Name: strings.Repeat("x", len(in.RawBody)%10)}), nil
		})
	Handle(p, Operation{ID: "say", Method: "POST", Path: "/public/say", Surface: kyc.SurfaceSteps, Public: true, AnyType: true, Summary: "Say something", Tag: "Public"},
		func(_ context.Context, _ Principal, in *widgetIn) (*widgetOut, error) {
			return show(kyc.List{Name: in.Body.Name}), nil
		})
	p.Stream(Operation{ID: "watch", Method: "GET", Path: "/public/watch/{id}", Surface: kyc.SurfaceSteps, Public: true, Summary: "Watch", Tag: "Public"},
		map[string]string{"id": "What to watch."},
		func(_ context.Context, r *http.Request, send func(Event) error) error {
			if r.PathValue("id") == "nothing" {
				return kyc.Missing("thing", "nothing")
			}
			for _, e := range []Event{{ID: 1, Name: "progress", Data: map[string]any{"done": 1}}, {}, {Name: "end", Data: "over\nand out"}} {
				if err := send(e); err != nil {
					return err
				}
			}
			return kyc.Errorf(kyc.Internal, "late", "too late to tell")
		})
}

func TestRoutesOfTheApplicant(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.public()
	if a := b.call("PUT", "/public/files/1", "\x00\xff\x01", "Content-Type: image/jpeg"); a.status != 200 || !strings.Contains(a.body, `"xxx"`) {
		t.Errorf("a file: %d %s", a.status, a.body)
	}
	if a := b.call("PUT", "/public/files/1", strings.Repeat("x", MaxFile+1), "Content-Type: image/jpeg"); a.status != 413 || a.problem(t).Code != "file_too_large" {
		t.Errorf("a large file: %d %s", a.status, a.body)
	}
	// What fetch sends for a string without a word about its type.
	if a := b.call("POST", "/public/say", `{"name":"hello"}`, "Content-Type: text/plain;charset=UTF-8"); a.status != 200 || !strings.Contains(a.body, `"hello"`) {
		t.Errorf("JSON as text: %d %s", a.status, a.body)
	}
	if a := b.call("POST", "/public/say", `{"name":"h","extra_name":1}`, "Content-Type: text/plain"); a.status != 400 || len(a.problem(t).Errors) != 2 {
		t.Errorf("bad JSON as text: %d %s", a.status, a.body)
	}
	a := b.call("GET", "/public/watch/it", "")
	want := "id: 1\nevent: progress\ndata: {\"done\":1}\n\n: still here\n\nevent: end\ndata: \"over\\nand out\"\n\n"
	if a.status != 200 || a.body != want || !strings.HasPrefix(a.header.Get("Content-Type"), "text/event-stream") {
		t.Errorf("events: %d %q %v", a.status, a.body, a.header)
	}
	if a := b.call("GET", "/public/watch/nothing", ""); a.status != 404 || a.problem(t).Code != "not_found" {
		t.Errorf("events of nothing: %d %s", a.status, a.body)
	}
}

func TestStreamsEndWhenTheServerStops(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.porch.Stream(Operation{ID: "listen", Method: "GET", Path: "/public/listen", Surface: kyc.SurfaceSteps, Public: true, Summary: "Listen", Tag: "Public"}, nil,
		func(ctx context.Context, _ *http.Request, send func(Event) error) error {
			if err := send(Event{Name: "hello", Data: 1}); err != nil {
				return err
			}
			<-ctx.Done()
			return send(Event{Name: "bye", Data: 2})
		})
	b.porch.CloseStreams()
	b.porch.CloseStreams() // twice is once
	if a := b.call("GET", "/public/listen", ""); a.status != 200 || !strings.Contains(a.body, "bye") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestProveFindsASchemaThatDoesNotCompile(t *testing.T) {
	t.Parallel()
	if err := setup(t).porch.Prove(); err != nil {
		t.Fatal(err)
	}
	b := setup(t)
	b.porch.API.OpenAPI().Paths["/api/v1/widgets"].Post.RequestBody.Content["application/json"].Schema.Pattern = "(" // no expression
	if err := b.porch.Prove(); err == nil {
		t.Error("a broken schema is not found")
	}
}

func TestDialectsShareTheirWords(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]int64{"": 0, "*": 0, `"3"`: 3, `"x", "7"`: 7, `"0"`: -1, "nonsense": -1, `W/"4"`: -1, `"99999999999999999999"`: -1} {
		if got := (IfMatch{IfMatch: header}).Rev(); got != want {
			t.Errorf("If-Match %s is %d, want %d", header, got, want)
		}
	}
	b := Base{url: "http://here"}
	if got := b.Link("", "/a") + " " + b.Link("https://kyc.example/", "/a"); got != "http://here/a https://kyc.example/a" {
		t.Error(got)
	}
}
