package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestProblemsHaveOneBody checks edition decision E3 on one example of each
// status that a caller can provoke.
func TestProblemsHaveOneBody(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	c, live := srv.newTenants(t)
	own := c.furnish(t)
	json1 := func(s string) io.Reader { return strings.NewReader(s) }
	post := func(path, body string) answer {
		return c.send(t, "POST", "/api/v1"+path, "application/json", json1(body), nil)
	}
	for name, x := range map[string]struct {
		got    answer
		status int
		code   string // of the problem, or of its first finding
		path   string // of the first finding
	}{
		"not JSON":          {post("/lists", `{"name":`), 400, "json_malformed", "*"},
		"duplicate key":     {post("/lists", `{"name":"a","type":"email","name":"b"}`), 400, "duplicate_key", "/name"},
		"nested duplicate":  {post("/workflows", `{"name":"a","graph":{"entry":"s","nodes":{"s":{"type":"start","next":"t"},"s":{}}}}`), 400, "duplicate_key", "/graph/nodes/s"},
		"unknown field":     {post("/lists", `{"name":"a","type":"email","colour":"red"}`), 422, "unknown_field", "/colour"},
		"wrong case":        {post("/sessions", `{"Workflow_id":"`+own["workflows"]+`"}`), 422, "unknown_field", "/Workflow_id"},
		"wrong type":        {post("/lists", `{"name":7,"type":"email"}`), 422, "wrong_type", "/name"},
		"two values":        {post("/lists", `{"name":"a","type":"email"} {}`), 400, "json_malformed", ""},
		"too deep":          {post("/sessions", `{"metadata":{"a":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`}}`), 400, "too_deep", "*"},
		"too long a string": {post("/sessions", `{"metadata":{"a":"`+strings.Repeat("x", 70<<10)+`"}}`), 400, "string_too_long", "*"},
		"too large":         {post("/sessions", `{"metadata":{"a":["`+strings.Repeat(`x","`, 400<<10)+`"]}}`), 413, "", ""},
		"too large a graph": {post("/workflows", `{"name":"`+strings.Repeat("x", 2<<20)+`"}`), 413, "", ""},
		"missing field":     {post("/lists", `{"name":"a"}`), 422, "required", "*"},
		"no body":           {c.call(t, "POST", "/api/v1/lists", nil), 400, "body_required", ""},
		"other media":       {c.send(t, "POST", "/api/v1/lists", "text/plain", json1("hello"), nil), 415, "", ""},
		"other charset":     {c.send(t, "POST", "/api/v1/lists", "application/json; charset=latin1", json1("{}"), nil), 415, "", ""},
		"packed":            {c.send(t, "POST", "/api/v1/lists", "application/json", json1("{}"), map[string]string{"Content-Encoding": "gzip"}), 415, "", ""},
		"bad parameter":     {c.call(t, "GET", "/api/v1/sessions?limit=1000", nil), 400, "out_of_range", "/query/limit"},
		"bad status word":   {c.call(t, "GET", "/api/v1/sessions?status=lost", nil), 400, "not_allowed_value", "/query/status"},
		"no such object":    {c.call(t, "GET", "/api/v1/sessions/session_0199a0b0-1111-7222-8333-444455556666", nil), 404, "not_found", ""},
		"no id at all":      {c.call(t, "GET", "/api/v1/sessions/%00%ff", nil), 404, "", ""},
		"no such route":     {c.call(t, "GET", "/api/v1/unicorns", nil), 404, "route_not_found", ""},
		"other method":      {c.call(t, "DELETE", "/api/v1/sessions", nil), 405, "method_not_allowed", ""},
		"wrong state":       {post("/sessions/"+own["sessions"]+"/submit", `{}`), 409, "*", ""},
		"sandbox only":      {live.call(t, "POST", "/api/v1/sessions/"+own["sessions"]+"/simulate", map[string]any{"outcome": "approve"}), 403, "sandbox_only", ""},
		"two credentials":   {c.callWith(t, "GET", "/api/v1/sessions", nil, map[string]string{"Authorization": "Bearer other"}), 401, "credential_ambiguous", ""},
		"basic credentials": {c.callWith(t, "GET", "/api/v1/sessions", nil, map[string]string{"Authorization": "Basic YTpi"}), 401, "credential_invalid", ""},
		"no scope":          {(&client{url: srv.url}).call(t, "GET", "/api/v1/sessions", nil), 401, "*", ""},
	} {
		a := x.got
		if a.status != x.status {
			t.Errorf("%s: status %d, want %d\n%.600s", name, a.status, x.status, a.raw)
			continue
		}
		if got := a.header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s: Content-Type %q", name, got)
		}
		var p struct {
			Type, Title, Detail, Instance, Code, Error string
			Status                                     int
			RequestID                                  string `json:"request_id"`
			Errors                                     *[]struct{ Path, Code, Message string }
		}
		if err := json.Unmarshal(a.raw, &p); err != nil {
			t.Errorf("%s: %v in %s", name, err, a.raw)
			continue
		}
		if p.Type == "" || p.Title == "" || p.Detail == "" || p.Instance == "" || p.Code == "" || p.Error != p.Code || p.Status != a.status ||
			p.Errors == nil || p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
			t.Errorf("%s: a member of E3 is missing: %s", name, a.raw)
			continue
		}
		code, path := p.Code, ""
		if len(*p.Errors) > 0 {
			code, path = (*p.Errors)[0].Code, (*p.Errors)[0].Path
		}
		if (x.code != "" && x.code != "*" && x.code != code && x.code != p.Code) || (x.path != "*" && x.path != "" && x.path != path) {
			t.Errorf("%s: code %q path %q, want %q %q\n%s", name, code, path, x.code, x.path, a.raw)
		}
	}
	if list := c.must(t, 200, "GET", "/api/v1/lists", nil); strings.Count(string(list.raw), `"id"`) != 1 {
		t.Errorf("a refused request made a list: %s", list.raw)
	}
}

func TestEveryMistakeOfARequestIsToldAtOnce(t *testing.T) {
	t.Parallel()
	c := startServer(t, "").newTenant(t)
	a := c.send(t, "POST", "/api/v1/lists", "application/json", strings.NewReader(`{"type":"nonsense","mode":3,"colour":"red"}`), nil)
	var errs []struct{ Path, Code string }
	a.get(t, "errors", &errs)
	got := map[string]bool{}
	for _, e := range errs {
		got[e.Path] = true
	}
	if a.status != 422 || !got["/type"] || !got["/mode"] || !got["/colour"] || len(errs) < 4 {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

func TestRequestIDsAreKeptOrMade(t *testing.T) {
	t.Parallel()
	c := startServer(t, "").newTenant(t)
	if a := c.callWith(t, "GET", "/api/v1/workflows", nil, map[string]string{"X-Request-Id": "mine-123"}); a.header.Get("X-Request-Id") != "mine-123" {
		t.Errorf("X-Request-Id %q", a.header.Get("X-Request-Id"))
	}
	hostile := "a b\t<script>" + strings.Repeat("x", 500)
	if a := c.callWith(t, "GET", "/api/v1/workflows", nil, map[string]string{"X-Request-Id": hostile}); a.header.Get("X-Request-Id") == hostile || a.header.Get("X-Request-Id") == "" {
		t.Errorf("a hostile X-Request-Id came back: %q", a.header.Get("X-Request-Id"))
	}
	one, two := c.call(t, "GET", "/api/v1/workflows", nil).header.Get("X-Request-Id"), c.call(t, "GET", "/healthz", nil).header.Get("X-Request-Id")
	if len(one) != 26 || len(two) != 26 || one == two {
		t.Errorf("made ids %q and %q are no ULIDs", one, two)
	}
	// The id of a request stands in the audit entry it caused.
	c.callWith(t, "POST", "/api/v1/lists", map[string]any{"name": "a", "type": "email"}, map[string]string{"X-Request-Id": "cause-1"})
	if a := c.must(t, http.StatusOK, "GET", "/api/v1/audit?limit=5", nil); !strings.Contains(string(a.raw), "cause-1") {
		t.Errorf("the audit entry does not name its request: %s", a.raw)
	}
}

func TestAnyHeaderCarriesTheKey(t *testing.T) {
	t.Parallel()
	c := startServer(t, "").newTenant(t)
	for _, header := range []string{"X-API-Key", "x-api-key", "api_key", "Authorization"} {
		value := c.key
		if header == "Authorization" {
			value = "Bearer " + value
		}
		bare := &client{url: c.url}
		if a := bare.callWith(t, "GET", "/api/v1/workflows", nil, map[string]string{header: value}); a.status != 200 {
			t.Errorf("%s: %d", header, a.status)
		}
	}
}
