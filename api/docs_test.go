package api

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	promexport "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
)

func TestEverythingInTheOpenAPIDocumentIsDescribed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("GET", "/openapi.json", "", "-")
	if a.status != 200 || a.header.Get("Content-Type") != "application/json" {
		t.Fatal(a.status, a.header)
	}
	if lacking := Undocumented([]byte(a.body)); len(lacking) > 0 {
		t.Errorf("without description:\n%s", strings.Join(lacking, "\n"))
	}
	var doc struct {
		OpenAPI    string
		Servers    []struct{ URL string }
		Paths      map[string]map[string]map[string]any
		Components struct {
			Schemas, SecuritySchemes map[string]any
		}
	}
	if err := json.Unmarshal([]byte(a.body), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Servers) != 1 || doc.Components.Schemas["ErrorModel"] != nil || doc.Components.SecuritySchemes["bearer"] == nil {
		t.Errorf("%+v", doc)
	}
	create := doc.Paths["/api/v1/widgets"]["post"]
	text := fmt.Sprint(create)
	for _, want := range []string{"Idempotency-Key", "application/problem+json", "X-RateLimit-Limit", "Idempotent-Replayed", "bearer"} {
		if !strings.Contains(text, want) {
			t.Errorf("create-widget does not mention %s", want)
		}
	}
	for _, code := range []string{"201", "400", "401", "403", "409", "413", "415", "422", "429", "500"} {
		if create["responses"].(map[string]any)[code] == nil {
			t.Errorf("create-widget does not document %s", code)
		}
	}
	if doc.Paths["/kyc/things"]["post"]["responses"].(map[string]any)["422"] != nil {
		t.Error("surface A documents 422")
	}
}

// What all routes say alike is in memory once; it was most of an idle server.
func TestWhatRoutesSayAlikeIsWrittenOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := map[string]*huma.Response{}
	shared := 0
	for path, item := range b.porch.API.OpenAPI().Paths {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			op := operationOf(item, method)
			if op == nil {
				continue
			}
			for code, r := range op.Responses {
				if id := r.Headers["X-Request-Id"]; id == nil || id != b.porch.phrases.always["X-Request-Id"] {
					t.Errorf("%s %s has its own request id header for %s", method, path, code)
				}
				for media := range r.Content {
					if code < "400" {
						continue
					}
					if other := seen[code+media]; other == nil {
						seen[code+media] = r
					} else if other != r {
						t.Errorf("%s %s has its own answer for %s", method, path, code)
					} else {
						shared++
					}
				}
			}
		}
	}
	if shared < 10 {
		t.Errorf("%d answers are shared", shared)
	}
}

func TestUndocumentedFindsWhatLacksADescription(t *testing.T) {
	t.Parallel()
	got := Undocumented([]byte(`{"paths":{"/x":{"get":{"summary":"s","operationId":"o","parameters":[{"name":"p","in":"query","schema":{"type":"string"}}],"responses":{"200":{"description":"d","content":{"application/json":{"schema":{"type":"object","properties":{"inline":{"type":"string"}}}}}}}},"post":{"operationId":"q","responses":{"204":{}}}}},
	 "components":{"schemas":{"A":{"properties":{"b":{"type":"string"},"c":{"description":"ok","items":{"properties":{"d":{}}}},"e":{"$ref":"#/components/schemas/F"}}},"F":{"description":"an f"}}}}`))
	want := []string{"A.b", "A.c[].d", "GET /x 200 inline", "GET /x parameter p", "POST /x 204", "POST /x has no summary"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got)
	}
}

func TestDocsPageIsReadableAndSelfContained(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("GET", "/docs", "", "-")
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Fatal(a.status)
	}
	for _, want := range []string{`id="create-widget"`, `href="#create-widget"`, `name="viewport"`, `curl -X POST`, `$BONAFIDE/api/v1/widgets`, `id="problem-invalid"`, `<code>lists:write</code>`, `Name of the part.`, `-F &#34;file=@passport.jpg&#34;`, `-F &#34;kind=front&#34;`, "one of round, square"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if m := regexp.MustCompile(`(?i)<script|src=|https?://[^e]|@import|url\(`).FindString(a.body); m != "" {
		t.Errorf("the page asks for something: %s", m)
	}
	// Each inner link leads somewhere.
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`id="([^"]+)"`).FindAllStringSubmatch(a.body, -1) {
		if ids[m[1]] {
			t.Errorf("id %s twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(a.body, -1) {
		if !ids[m[1]] {
			t.Errorf("link to #%s leads nowhere", m[1])
		}
	}
	// The style sheet is allowed by its hash.
	if !strings.Contains(a.header.Get("Content-Security-Policy"), "style-src 'sha256-") {
		t.Error(a.header.Get("Content-Security-Policy"))
	}
}

func TestProseEscapes(t *testing.T) {
	t.Parallel()
	if got := string(prose("a <b> `x<y`\n\n- one\n- two")); got != "<p>a &lt;b&gt; <code>x&lt;y</code></p><ul><li>one</li><li>two</li></ul>" {
		t.Error(got)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	exporter, err := promexport.New(promexport.WithRegisterer(registry))
	if err != nil {
		t.Fatal(err)
	}
	provider := metric.NewMeterProvider(metric.WithReader(exporter))
	defer func() { _ = provider.Shutdown(context.WithoutCancel(t.Context())) }()
	b := setup(t, func(c *Config) {
		c.Meter = provider.Meter("bonafide/api")
		c.Metrics = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	})
	b.call("GET", "/api/v1/widgets/none", "")
	b.call("BREW", "/api/v1/widgets", "")
	a := b.call("GET", "/metrics", "", "-")
	for _, want := range []string{`http_requests_total{`, `route="/api/v1/widgets/{id}"`, `status="404"`, `method="OTHER"`, `http_request_duration_seconds_bucket{`, `http_requests_in_flight`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("no %s in\n%s", want, a.body)
		}
	}
}
