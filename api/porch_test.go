package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

func TestOneCredentialInAnyHeader(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, h := range []string{"Authorization: Bearer " + b.live, "authorization: bearer " + b.live, "x-api-key: " + b.live, "X-API-Key: " + b.live, "api_key: " + b.live} {
		if a := b.call("GET", "/api/v1/widgets", "", "-", h); a.status != 200 {
			t.Errorf("%.20s: %d %s", h, a.status, a.body)
		}
	}
	if a := b.call("GET", "/api/v1/widgets", "", "Authorization: Bearer "+b.live); a.status != 200 {
		t.Errorf("the same key twice: %d", a.status)
	}
	for name, c := range map[string]struct {
		headers []string
		code    string
	}{
		"none":      {[]string{"-"}, "credential_missing"},
		"nonsense":  {[]string{"X-API-Key: nonsense"}, "credential_invalid"},
		"basic":     {[]string{"-", "Authorization: Basic YTpi"}, "credential_invalid"},
		"ambiguous": {[]string{"Authorization: Bearer " + b.other}, "credential_ambiguous"},
		"mistyped":  {[]string{"X-API-Key: " + b.live[:20] + "x" + b.live[21:]}, "credential_invalid"},
	} {
		a := b.call("GET", "/api/v1/widgets", "", c.headers...)
		if p := a.problem(t); a.status != 401 || p.Code != c.code || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %s, WWW-Authenticate %q", name, a.status, p.Code, a.header.Get("WWW-Authenticate"))
		}
	}
}

func TestTenantComesFromTheCredentialOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("POST", "/api/v1/widgets", `{"name":"mine"}`)
	if a.status != 201 {
		t.Fatal(a.status, a.body)
	}
	var w widget
	if err := json.Unmarshal([]byte(a.body), &w); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key    string
		status int
	}{"own": {b.live, 200}, "own reader": {b.reader, 200}, "sandbox": {b.sandbox, 404}, "other": {b.other, 404}} {
		if a := b.call("GET", "/api/v1/widgets/"+w.ID, "", "X-API-Key: "+c.key); a.status != c.status {
			t.Errorf("%s: %d, want %d", name, a.status, c.status)
		}
	}
	a = b.call("POST", "/api/v1/widgets", `{"name":"mine"}`, "X-API-Key: "+b.reader)
	if p := a.problem(t); a.status != 403 || p.Code != "scope_missing" || len(p.Errors) != 1 || !strings.Contains(p.Errors[0].Message, "lists:write") {
		t.Errorf("reader may write: %d %+v", a.status, p)
	}
	if a := b.call("POST", "/api/v1/sandbox/thing", ""); a.status != 403 || a.problem(t).Code != "sandbox_only" {
		t.Errorf("live key in the sandbox: %d", a.status)
	}
	if a := b.call("POST", "/api/v1/sandbox/thing", "", "X-API-Key: "+b.sandbox); a.status != 204 {
		t.Errorf("sandbox key in the sandbox: %d %s", a.status, a.body)
	}
}

func TestBodiesAreJudgedWholeAndStrictly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
		errors []string // path code
	}{
		"good":            {`{"name":"ab"}`, 201, "", nil},
		"all at once":     {`{"name":"a","kind":"flat","size":2,"q.x/y":1,"parts":[{"label":"x"},{"labl":1}]}`, 422, "validation_failed", []string{"/kind not_allowed_value", "/name too_short", "/parts/1/label required", "/parts/1/labl unknown_field", "/q.x~1y unknown_field", "/size out_of_range"}},
		"other case":      {`{"Name":"ab"}`, 422, "validation_failed", []string{"/Name unknown_field", "/name required"}},
		"other case too":  {`{"name":"ab","NAME":"evil"}`, 422, "validation_failed", []string{"/NAME unknown_field"}},
		"duplicate key":   {`{"name":"ab","name":"cd"}`, 400, "duplicate_key", []string{"/name duplicate_key"}},
		"escaped twin":    {`{"name":"ab","n\u0061me":"cd"}`, 400, "duplicate_key", []string{"/name duplicate_key"}},
		"deep duplicate":  {`{"name":"ab","extra":{"a":[{"x":1,"x":2}]}}`, 400, "duplicate_key", []string{"/extra/a/0/x duplicate_key"}},
		"wrong type":      {`{"name":7}`, 422, "validation_failed", []string{"/name wrong_type"}},
		"null":            {`{"name":null}`, 422, "validation_failed", []string{"/name wrong_type"}},
		"array":           {`[]`, 422, "validation_failed", []string{" wrong_type"}},
		"empty":           {``, 400, "body_required", nil},
		"cut off":         {`{"name":`, 400, "json_malformed", []string{"/name json_malformed"}},
		"two values":      {`{"name":"ab"}{}`, 400, "json_malformed", nil},
		"too deep":        {`{"name":"ab","extra":{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}}`, 400, "too_deep", nil},
		"long string":     {`{"name":"ab","extra":{"a":"` + strings.Repeat("x", 70_000) + `"}}`, 400, "string_too_long", []string{"/extra/a string_too_long"}},
		"huge number":     {`{"name":"ab","size":1e1000000000}`, 400, "number_too_long", []string{"/size number_too_long"}},
		"tiny number":     {`{"name":"ab","size":1e-1000000000}`, 400, "number_too_long", []string{"/size number_too_long"}},
		"not UTF-8":       {"{\"name\":\"a\xff\"}", 400, "json_malformed", nil},
		"too large":       {`{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "body_too_large", nil},
		"fraction as int": {`{"name":"ab","size":4.5}`, 422, "validation_failed", []string{"/size wrong_type"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := b.call("POST", "/api/v1/widgets", c.body)
			if a.status != c.status {
				t.Fatalf("%d, want %d: %.300s", a.status, c.status, a.body)
			}
			if c.status < 400 {
				return
			}
			p := a.problem(t)
			if p.Code != c.code || p.Error_ != c.code || p.Status != c.status || p.Instance != "/api/v1/widgets" || p.RequestID != a.header.Get("X-Request-Id") || p.Type == "" || p.Title == "" || p.Detail == "" {
				t.Errorf("problem %+v", p)
			}
			var got []string
			for _, f := range p.Errors {
				got = append(got, f.Path+" "+f.Code)
			}
			if c.errors != nil && !slices.Equal(got, c.errors) {
				t.Errorf("errors\n got %q\nwant %q", got, c.errors)
			}
		})
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for contentType, status := range map[string]int{
		"application/json": 201, "application/json; charset=utf-8": 201, "application/vnd.x+json": 201,
		"text/plain": 415, "application/json; charset=latin1": 415, "application/xml": 415, ";;": 415,
	} {
		if a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`, "Content-Type: "+contentType); a.status != status {
			t.Errorf("%s: %d, want %d", contentType, a.status, status)
		}
	}
	for contentType, status := range map[string]int{"text/csv": 200, "text/csv; charset=utf-8": 200, "text/csv; charset=latin1": 415, "application/json": 415, "text/plain": 415} {
		if a := b.call("POST", "/api/v1/imports", "a,b\n1,2", "Content-Type: "+contentType); a.status != status || status == 200 && !strings.Contains(a.body, "a,b|1,2") {
			t.Errorf("CSV as %s: %d %s", contentType, a.status, a.body)
		}
	}
	if a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`, "Content-Encoding: gzip"); a.status != 415 || a.problem(t).Code != "encoding_unsupported" {
		t.Errorf("gzip: %d", a.status)
	}
}

func TestLenientDefinitionsWarn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := `{"name":"ab","colour":"red","parts":[{"label":"x","weight":1}]}`
	if a := b.call("POST", "/api/v1/definitions", body); a.status != 422 || len(a.problem(t).Errors) != 2 {
		t.Errorf("strict: %d %s", a.status, a.body)
	}
	a := b.call("POST", "/api/v1/definitions?strict=false", body)
	if a.status != 200 || !strings.Contains(a.body, `"path":"/colour"`) || !strings.Contains(a.body, `"path":"/parts/0/weight"`) || !strings.Contains(a.body, `"kind":"round"`) {
		t.Errorf("lenient: %d %s", a.status, a.body)
	}
	if a := b.call("POST", "/api/v1/definitions?strict=false", `{"name":"a","x":1}`); a.status != 422 || len(a.problem(t).Errors) != 1 {
		t.Errorf("lenient is not blind: %d %s", a.status, a.body)
	}
	if a := b.call("POST", "/api/v1/widgets?strict=false", `{"name":"ab","x":1}`); a.status != 422 {
		t.Errorf("other routes are never lenient: %d", a.status)
	}
	large := `{"name":"ab","extra":{` + strings.Repeat(" ", 3<<19) + `}}`
	if a := b.call("POST", "/api/v1/definitions", large); a.status != 200 {
		t.Errorf("1.5 MiB definition: %d %s", a.status, a.body)
	}
	if a := b.call("POST", "/api/v1/definitions", strings.Repeat(" ", 2<<20)+large); a.status != 413 {
		t.Errorf("3.5 MiB definition: %d", a.status)
	}
}

func TestParametersAreJudged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for query, want := range map[string]string{
		"limit=0": "/query/limit out_of_range", "limit=101": "/query/limit out_of_range", "limit=x": "/query/limit wrong_type",
		"offset=-1": "/query/offset out_of_range", "kind=flat": "/query/kind not_allowed_value",
	} {
		a := b.call("GET", "/api/v1/widgets?"+query, "")
		p := a.problem(t)
		if a.status != 400 || p.Code != "parameter_invalid" || len(p.Errors) != 1 || p.Errors[0].Path+" "+p.Errors[0].Code != want {
			t.Errorf("%s: %d %+v", query, a.status, p)
		}
		if strings.Contains(a.body, "flat") && !strings.Contains(query, "round") && strings.Contains(a.body, `"value"`) {
			t.Errorf("%s: the value is repeated", query)
		}
	}
	a := b.call("GET", "/api/v1/widgets?limit=0&offset=-1", "")
	if p := a.problem(t); len(p.Errors) != 2 {
		t.Errorf("not all at once: %+v", p)
	}
}

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
		if got := StatusOf(err, kyc.SurfaceSteps); got != want {
			t.Errorf("surface A, kind %d: %d, want %d", kind, got, want)
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

func TestFailuresChangeNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for id, want := range map[string]struct {
		status int
		code   string
	}{"internal": {500, "internal"}, "conflict": {409, "wrong_state"}, "missing": {404, "not_found"}, "stale": {409, "concurrent_change"}, "panic": {500, "internal"}} {
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

func TestRateLimits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var a answer
	for i := range 101 {
		a = b.call("GET", "/api/v1/widgets", "")
		if i == 0 && (a.header.Get("X-RateLimit-Limit") != "100" || a.header.Get("X-RateLimit-Remaining") != "99" || a.header.Get("X-RateLimit-Reset") == "") {
			t.Errorf("headers %v", a.header)
		}
	}
	if p := a.problem(t); a.status != 429 || p.Code != "rate_limited" || p.RetryAfter < 1 || a.header.Get("Retry-After") != "1" || a.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%d %+v %v", a.status, p, a.header)
	}
	if a := b.call("GET", "/api/v1/widgets", "", "X-API-Key: "+b.reader); a.status != 200 {
		t.Errorf("another key suffers: %d", a.status)
	}
	b.advance(time.Second)
	if a := b.call("GET", "/api/v1/widgets", ""); a.status != 200 || a.header.Get("X-RateLimit-Remaining") != "49" {
		t.Errorf("after a second: %d %v", a.status, a.header)
	}
}

func TestAddressLimits(t *testing.T) {
	t.Parallel()
	small := access.LimitOptions{Address: access.Rate{PerSecond: 1, Burst: 3}}
	b := setup(t, func(c *Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	})
	b.porch.limiter = access.NewLimiter(b, small)
	guess := func(from, forwarded string) int {
		r := httptest.NewRequest("GET", "/api/v1/widgets", nil)
		r.RemoteAddr = from + ":1234"
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		return b.send(r).status
	}
	for range 3 {
		if s := guess("198.51.100.1", "203.0.113.9"); s != 401 {
			t.Fatal(s)
		}
	}
	if s := guess("198.51.100.1", "203.0.113.10"); s != 429 {
		t.Errorf("an untrusted peer chooses its address: %d", s)
	}
	if s := guess("192.0.2.1", "198.51.100.1"); s != 429 {
		t.Errorf("behind a trusted proxy: %d", s)
	}
	if s := guess("192.0.2.1", "198.51.100.1, 203.0.113.4"); s != 401 {
		t.Errorf("a forged first hop counts: %d", s)
	}
	if a := b.call("GET", "/api/v1/widgets", ""); a.status != 200 || a.header.Get("X-RateLimit-Limit") != "100" {
		t.Errorf("keys are limited by address on surface D: %d", a.status)
	}
	dev := setup(t)
	small.NoAddressLimits = true
	dev.porch.limiter = access.NewLimiter(dev, small)
	for range 10 {
		if a := dev.call("GET", "/api/v1/widgets", "", "-"); a.status != 401 {
			t.Fatalf("with --dev: %d", a.status)
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
		c.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1\n")) })
	})
	if a := b.call("GET", "/healthz", "", "-"); a.status != 200 {
		t.Error(a.status)
	}
	if a := b.call("GET", "/readyz", "", "-"); a.status != 200 {
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
