package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestSurfaceAHasNo422(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if a := b.call("POST", "/kyc/things", `{"name":"a"}`); a.status != 400 || a.problem(t).Code != "validation_failed" || a.problem(t).Status != 400 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for kind, want := range map[kyc.Kind]int{
		kyc.Malformed: 400, kyc.Unauthenticated: 401, kyc.Forbidden: 403, kyc.NotFound: 404, kyc.Conflict: 409, kyc.PreconditionFailed: 412,
		kyc.TooLarge: 413, kyc.UnsupportedMedia: 415, kyc.Invalid: 422, kyc.RateLimited: 429, kyc.Internal: 500, kyc.Unavailable: 503,
	} {
		err := kyc.Errorf(kind, "x", "y")
		if got := StatusOf(err, kyc.SurfaceGraph); got != want {
			t.Errorf("kind %d: %d, want %d", kind, got, want)
		}
		if kind == kyc.Invalid {
			want = 400
		}
		for _, s := range []kyc.Surface{kyc.SurfaceSteps, kyc.SurfaceChecks} {
			if got := StatusOf(err, s); got != want {
				t.Errorf("surface %s, kind %d: %d, want %d", s, kind, got, want)
			}
		}
	}
	if StatusOf(errors.New("x"), kyc.SurfaceGraph) != 500 {
		t.Error("an unknown error is internal")
	}
}

func TestUnknownRoutesAreProblems(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("GET", "/api/v1/nothing", "")
	if p := a.problem(t); a.status != 404 || p.Code != "route_not_found" || p.RequestID == "" {
		t.Errorf("%d %+v", a.status, p)
	}
	a = b.call("DELETE", "/api/v1/widgets", "")
	if p := a.problem(t); a.status != 405 || p.Code != "method_not_allowed" || p.Status != 405 || !strings.Contains(a.header.Get("Allow"), "POST") {
		t.Errorf("%d %+v %v", a.status, p, a.header)
	}
}

func TestSurfaceCHasItsOwnErrorBody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		code, kind, at           string
	}{
		{"no credential", "POST", "/v2/things", `{}`, []string{"X-API-Key: "}, 401, "AUTH-0401", "credential_missing", ""},
		{"bad credential", "POST", "/v2/things", `{}`, []string{"X-API-Key: bf_live_nonsense"}, 401, "AUTH-0002", "credential_invalid", ""},
		{"nothing there", "GET", "/v2/nothing", "", nil, 404, "API-0404", "route_not_found", ""},
		{"wrong method", "DELETE", "/v2/things", "", nil, 405, "API-0405", "method_not_allowed", ""},
		{"bad body", "POST", "/v2/things", `{"name":7}`, nil, 422, "API-0422", "wrong_type", "/name"},
		{"no JSON", "POST", "/v2/things", `{`, nil, 400, "API-0400", "", ""},
	} {
		a := b.call(c.method, c.path, c.body, c.headers...)
		var got EntityProblem
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Details) == 0 {
			t.Errorf("%s: %v %s", c.name, err, a.body)
			continue
		}
		d := got.Details[0]
		if a.status != c.status || got.HTTPStatusCode != c.status || got.ErrorCode != c.code || got.RequestID != a.header.Get("X-Request-Id") || got.ErrorMsg == "" ||
			c.kind != "" && d.IssueType != c.kind || d.IssueLocation != c.at || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s %v", c.name, a.status, a.body, a.header)
		}
	}
	if a := b.call("POST", "/v2/things", `{"name":"operator"}`, "X-Frankie-Username: ann"); a.status >= 300 || !strings.Contains(a.body, "ann") {
		t.Errorf("the operator is lost: %d %s", a.status, a.body)
	}
}

func TestFailuresChangeNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for id, want := range map[string]struct {
		status int
		code   string
	}{"internal": {500, "internal"}, "conflict": {409, "wrong_state"}, "missing": {404, "not_found"}, "stale": {409, "concurrent_change"}, "panic": {500, "internal"}, "cancelled": {503, "cancelled"}, "provider": {503, "provider_unavailable"}} {
		a := b.call("POST", "/api/v1/fail/"+id, "", "X-Request-Id: req-"+id)
		if p := a.problem(t); a.status != want.status || p.Code != want.code || p.RequestID != "req-"+id {
			t.Errorf("%s: %d %+v", id, a.status, p)
		}
		if strings.Contains(a.body, "fire") || strings.Contains(a.body, "Ada") {
			t.Errorf("%s: the cause is shown: %s", id, a.body)
		}
	}
	if n := b.store.lists(); n != 0 || b.store.commits != 0 || b.after != 0 {
		t.Errorf("%d objects, %d commits, %d callbacks after failures", n, b.store.commits, b.after)
	}
	log := b.log.String()
	if !strings.Contains(log, "the disk is on fire") || !strings.Contains(log, "req-internal") || !strings.Contains(log, "req-panic") {
		t.Error("the log does not say what was wrong")
	}
	if strings.Contains(log, "Ada") {
		t.Error("the log repeats what was thrown")
	}
}

// Who hangs up is no failure of ours: nobody is to be woken by the log.
func TestACallerWhoHangsUpIsNoFailure(t *testing.T) {
	t.Parallel()
	b := setup(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for ctx, level := range map[context.Context]string{gone: `"level":"INFO"`, t.Context(): `"level":"ERROR"`} {
		r := httptest.NewRequestWithContext(ctx, "POST", "/api/v1/fail/cancelled", nil)
		r.Header.Set("X-API-Key", b.live)
		a := b.send(r)
		lines := strings.Split(strings.TrimSpace(b.log.String()), "\n")
		if last := lines[len(lines)-1]; a.status != 503 || !strings.Contains(last, level) || !strings.Contains(last, `"code":"cancelled"`) {
			t.Errorf("%d %s: want %s", a.status, last, level)
		}
	}
}

func TestCommitFailureReplacesTheAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.fail = kyc.Stale("the widget")
	a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`)
	if p := a.problem(t); a.status != 409 || p.Code != "concurrent_change" || a.header.Get("ETag") != "" {
		t.Errorf("%d %+v", a.status, p)
	}
	b.store.fail = errors.New("disk full")
	if a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`); a.status != 500 || strings.Contains(a.body, "disk") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if b.after != 0 {
		t.Error("callbacks ran although nothing was committed")
	}
}

func TestReadsOfPersonalDataAreRecorded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`)
	var w widget
	_ = json.Unmarshal([]byte(a.body), &w)
	b.store.events = nil
	a = b.call("GET", "/api/v1/widgets/"+w.ID, "", "X-Request-Id: look", "X-On-Behalf-Of: reviewer 7")
	if a.status != 200 || len(b.store.events) != 1 {
		t.Fatalf("%d, events %+v", a.status, b.store.events)
	}
	e := b.store.events[0]
	if e.Action != "widget.read" || e.Tenant != b.tenant || e.RequestID != "look" || e.Actor.Kind != kyc.ActorKey || e.Actor.OnBehalfOf != "reviewer 7" || e.ID == "" || e.At.IsZero() {
		t.Errorf("event %+v", e)
	}
	b.store.fail = errors.New("chain broken")
	if a := b.call("GET", "/api/v1/widgets/"+w.ID, ""); a.status != 500 || strings.Contains(a.body, w.ID) && !strings.Contains(a.body, "instance") {
		t.Errorf("shown without a record: %d %s", a.status, a.body)
	}
	b.store.fail = nil
	b.store.events = nil
	if b.call("GET", "/api/v1/widgets/none", ""); len(b.store.events) != 0 {
		t.Error("a failed read is recorded")
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`)
	var w widget
	_ = json.Unmarshal([]byte(a.body), &w)
	if a.header.Get("ETag") != `"1"` {
		t.Fatalf("ETag %q", a.header.Get("ETag"))
	}
	change := func(match string) answer {
		h := []string{}
		if match != "" {
			h = append(h, "If-Match: "+match)
		}
		return b.call("PATCH", "/api/v1/widgets/"+w.ID, `{"name":"cd"}`, h...)
	}
	for _, c := range []struct {
		match  string
		status int
	}{{`"1"`, 200}, {`"1"`, 412}, {`"2"`, 200}, {``, 200}, {`*`, 200}, {`"1", "5"`, 200}, {`W/"6"`, 412}, {`6`, 412}} {
		if a := change(c.match); a.status != c.status {
			t.Errorf("If-Match %s: %d, want %d", c.match, a.status, c.status)
		} else if a.status == 412 && a.problem(t).Code != "etag_mismatch" {
			t.Errorf("code %s", a.problem(t).Code)
		}
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if id := b.call("GET", "/healthz", "", "X-Request-Id: abc-123").header.Get("X-Request-Id"); id != "abc-123" {
		t.Errorf("not echoed: %q", id)
	}
	one, two := b.call("GET", "/healthz", "", "X-Request-Id: <script>").header.Get("X-Request-Id"), b.call("GET", "/healthz", "").header.Get("X-Request-Id")
	if len(one) != 26 || len(two) != 26 || one == two || one[:10] != two[:10] || one[0] > '7' {
		t.Errorf("not ULIDs: %q %q", one, two)
	}
	if id := newULID(time.UnixMilli(1469918176385)); id[:10] != "01ARYZ6S41" {
		t.Errorf("time part of a ULID: %s (the example of its specification is 01ARYZ6S41)", id)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, path := range []string{"/healthz", "/docs", "/api/v1/widgets", "/nowhere"} {
		h := b.call("GET", path, "", "Origin: https://evil.example").header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
	open := setup(t, func(c *Config) { c.AllowOrigins = []string{"https://app.example"} })
	if h := open.call("GET", "/healthz", "", "Origin: https://app.example").header; h.Get("Access-Control-Allow-Origin") != "https://app.example" || h.Get("Vary") != "Origin" {
		t.Errorf("allowed origin: %v", h)
	}
	if a := open.call("OPTIONS", "/api/v1/widgets", "", "Origin: https://app.example", "Access-Control-Request-Method: POST"); a.status != 204 || a.header.Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("preflight: %d %v", a.status, a.header)
	}
	if a := open.call("OPTIONS", "/api/v1/widgets", "", "Origin: https://evil.example", "Access-Control-Request-Method: POST"); a.status != 405 {
		t.Errorf("preflight of a stranger: %d", a.status)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	var broken error
	b := setup(t, func(c *Config) {
		c.Ready = []Ready{{"store", func(context.Context) error { return nil }}, {"watchlists", func(context.Context) error { return broken }}}
		c.Capabilities = func(context.Context) []Capability {
			return []Capability{{Area: "faces", Name: "age", Reason: "the model is missing", Install: "bonafide models pull age"}, {Area: "documents", Name: "ocr", Available: true, Version: "tesseract 5"}}
		}
		c.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1\n")) })
	})
	if a := b.call("GET", "/healthz", "", "-"); a.status != 200 {
		t.Error(a.status)
	}
	const able = `"capabilities":[{"area":"faces","name":"age","available":false,"reason":"the model is missing","install":"bonafide models pull age"},{"area":"documents","name":"ocr","available":true,"version":"tesseract 5"}]`
	if a := b.call("GET", "/readyz", "", "-"); a.status != 200 || !strings.Contains(a.body, able) {
		t.Error(a.status, a.body)
	}
	broken = kyc.Errorf(kyc.Unavailable, "loading", "the watchlists are being loaded")
	if a := b.call("GET", "/readyz", "", "-"); a.status != 503 || !strings.Contains(a.body, "watchlists") || !strings.Contains(a.body, "being loaded") || !strings.Contains(a.header.Get("Content-Type"), "json") {
		t.Error(a.status, a.body)
	}
	broken = errors.New("dial postgres://user:secret@host")
	if a := b.call("GET", "/readyz", "", "-"); a.status != 503 || strings.Contains(a.body, "secret") {
		t.Error(a.status, a.body)
	}
	if a := b.call("GET", "/metrics", "", "-"); a.status != 200 || a.body != "up 1\n" {
		t.Error(a.status, a.body)
	}
}

func TestLogsNameNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.call("GET", "/api/v1/widgets/Ada-Lovelace?name=Ada", "")
	b.call("GET", "/nowhere/Ada?name=Ada", "")
	b.call("POST", "/api/v1/widgets", `{"name":"Ada Lovelace","Ada":"Ada"}`)
	log := b.log.String()
	if strings.Contains(log, "Ada") || strings.Contains(log, b.live) || strings.Contains(log, "192.0.2.1") {
		t.Errorf("the log holds personal data or a secret:\n%s", log)
	}
	if !strings.Contains(log, `"route":"/api/v1/widgets/{id}"`) || !strings.Contains(log, `"status":404`) || !strings.Contains(log, string(b.tenant.Org)) {
		t.Errorf("the log says too little:\n%s", log)
	}
}

func TestMountedPagesPassThroughThePorch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.porch.Mount("GET /capture/{token}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("hello " + r.PathValue("token"))) }))
	if a := b.call("GET", "/capture/abc", "", "-"); a.status != 200 || a.body != "hello abc" || a.header.Get("X-Request-Id") == "" {
		t.Error(a.status, a.body)
	}
	if strings.Contains(b.log.String(), "abc") {
		t.Error("the token is logged")
	}
}
