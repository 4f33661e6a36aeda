package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bonafide/access"
	"bonafide/kyc"
)

// reviewGraph sends everybody to a reviewer, with live and sandbox keys alike.
const reviewGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"look"},
 "look":{"type":"terminal","outcome":"needs_review"}}}`

// belongings are one of each kind of object, by the name of the path they
// stand in: /sessions/{id} holds what belongings["sessions"] is.
type belongings map[string]string

// furnish gives an organisation one object of each kind.
func (c *client) furnish(t *testing.T) belongings {
	t.Helper()
	out := belongings{}
	w := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "mine", "graph": json.RawMessage(reviewGraph)}).str("id")
	c.must(t, 200, "POST", "/api/v1/workflows/"+w+"/publish", nil)
	c.must(t, 200, "PATCH", "/api/v1/workflows/"+w, map[string]any{"description": "second thoughts"})
	s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "external_ref": "somebody"}).str("id")
	c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
	c.await(t, s, "under_review")
	l := c.must(t, 201, "POST", "/api/v1/lists", map[string]any{"name": "mine", "type": "email"}).str("id")
	e := c.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": "http://127.0.0.1:9/none"}).str("id")
	out["workflows"], out["sessions"], out["lists"], out["webhooks"] = w, s, l, e
	out["cases"] = c.must(t, 200, "GET", "/api/v1/sessions/"+s, nil).str("case_id")
	out["item_id"] = c.must(t, 201, "POST", "/api/v1/lists/"+l+"/items", map[string]any{"value": "a@example.com"}).str("id")
	out["delivery_id"] = c.must(t, 202, "POST", "/api/v1/webhooks/endpoints/"+e+"/test", nil).str("id")
	asked := c.must(t, 201, "POST", "/api/v1/checks", map[string]any{"check_type": "sanction", "name_last": "SANCTION"})
	out["checks"], out["identities"], out["hit_id"] = asked.str("id"), asked.str("identity_id"), asked.at("hits.0.id")
	if out["hit_id"] == "" { // a live tenant has no lists here
		out["hit_id"] = strings.Repeat("0", 32)
	}
	var drafts []struct {
		ID string `json:"id"`
	}
	c.must(t, 200, "GET", "/api/v1/workflows/"+w+"/drafts", nil).get(t, "data", &drafts)
	if len(drafts) != 1 {
		t.Fatalf("%d drafts, want 1", len(drafts))
	}
	out["draft_id"] = drafts[0].ID
	out["backtest_id"] = c.must(t, 200, "POST", "/api/v1/workflows/"+w+"/backtest", map[string]any{"version": 1}).str("id")
	out["event_id"] = c.must(t, 200, "GET", "/api/v1/audit?limit=1", nil).at("data.0.id")
	out["day"] = "2001-01-01" // nobody has a root of that day
	c.furnishSteps(t, out)
	c.furnishChecks(t, out)
	c.furnishEntities(t, out)
	for kind, id := range out {
		if id == "" {
			t.Fatalf("there is no object for %s", kind)
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// belonging is the name under which an operation's parameter is among the
// belongings: of surface B, whose objects are called like those of surface D,
// with "v1." before it.
func (op operation) belonging(parameter string) string {
	surface, at := "", strings.TrimPrefix(op.path, "/api/v1/")
	if rest, ok := strings.CutPrefix(op.path, "/v1/"); ok {
		surface, at = "v1.", rest
	}
	if parameter == "id" {
		parameter, _, _ = strings.Cut(at, "/")
	}
	return surface + parameter
}

// fill puts objects into a path.
func (op operation) fill(t *testing.T, own belongings) string {
	t.Helper()
	return placeholder.ReplaceAllStringFunc(op.path, func(p string) string {
		name := op.belonging(strings.Trim(p, "{}"))
		if own[name] == "" {
			t.Fatalf("%s %s: no object stands for %s", op.method, op.path, name)
		}
		return own[name]
	})
}

// payload writes a body that the operation accepts as to its form, so that
// only the object can be the reason to refuse.
func (op operation) payload(d *openAPI) (contentType string, body io.Reader) {
	if op.RequestBody == nil {
		return "", nil
	}
	if m, ok := op.RequestBody.Content["multipart/form-data"]; ok {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name, p := range m.Schema.Properties {
			if p.Format == "binary" && op.ID == "upload-attachment" {
				part, _ := w.CreateFormFile(name, "a.png")
				_, _ = part.Write(bombPNG(20, 20))
			} else if p.Format == "binary" {
				part, _ := w.CreateFormFile(name, "a.csv")
				_, _ = part.Write([]byte("value\na@example.com\n"))
			} else if name == "type" {
				_ = w.WriteField(name, "document_front")
			}
		}
		_ = w.Close()
		return w.FormDataContentType(), &b
	}
	value := d.example(op.RequestBody.Content["application/json"].Schema)
	if m, ok := value.(map[string]any); ok {
		maps.Copy(m, extras[op.ID])
		maps.Copy(m, extrasOfChecks()[op.ID])
		maps.Copy(m, extrasOfEntities()[op.ID])
	}
	b, err := json.Marshal(value)
	if err != nil {
		return "", nil
	}
	return "application/json", bytes.NewReader(b)
}

// extras are the members that an operation needs beyond those its schema
// requires, because one of several has to be there.
var extras = map[string]map[string]any{
	"add-item":          {"value": "b@example.com"},
	"send-chip":         {"sod": "d4IAAA==", "data_groups": map[string]string{"DG1": "YQA=", "DG2": "dQA="}},
	"merge-identities":  {"identity_id": "identity_0199a0b0-1111-7222-8333-444455556666"},
	"preview-merge":     {"identity_id": "identity_0199a0b0-1111-7222-8333-444455556666"},
	"check-list":        {"value": "b@example.com"},
	"add-items":         {"items": []any{map[string]any{"value": "b@example.com"}}},
	"add-note":          {"text": "seen"},
	"claim-case":        {"reviewer_id": "anna"},
	"assign-case":       {"assigned_to": "anna"},
	"set-rollout":       {"rollout_percentage": 50},
	"rollback-workflow": {"version": 1},
	"backtest-workflow": {"version": 1},
	"resume-workflow":   {"step_index": 0},
	"trigger-workflow":  {"external_ref": "somebody"},
	"replay-events":     {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
	"update-workflow":   {"description": "theirs"},
	"update-case":       {"queue": "theirs"},
	"update-session":    {"metadata": map[string]any{"a": "theirs"}},
	"update-list":       {"name": "theirs"},
	"update-endpoint":   {"description": "theirs"},
	"correct-pii":       {"fields": map[string]any{"last_name": "Theirs"}},
	"add-fields":        {"fields": map[string]any{"last_name": "Theirs"}},
}

// TestNothingOfAnotherTenantExists calls every operation of the document that
// names an object: with a key of the same organisation's other environment and
// with a key of another organisation. The answer is always 404, and nothing
// has changed afterwards.
func TestNothingOfAnotherTenantExists(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		sandbox, live := srv.newTenants(t)
		otherSandbox, otherLive := srv.newTenants(t)
		mine := live.furnish(t)
		before := live.picture(t, mine)
		d := srv.document(t)
		tried := 0
		for name, stranger := range map[string]*client{"other environment": sandbox, "other organisation": otherLive, "other organisation's sandbox": otherSandbox} {
			theirs := stranger.furnish(t)
			for _, op := range d.operations() {
				if !strings.Contains(op.path, "{") || op.linked() { // a link is its own permission, see below
					continue
				}
				if op.ID == "simulate-session" && stranger == otherLive {
					continue // 403 sandbox_only with any live key, whatever the session
				}
				paths := []string{op.fill(t, mine)}
				for _, inner := range append([]string{"item_id", "delivery_id", "draft_id", "backtest_id", "doc_id", "sub_id", "subject_id"}, partsOfEntities()...) {
					if strings.Contains(op.path, "{"+inner+"}") { // one's own list, somebody else's item
						mixed := maps.Clone(theirs)
						mixed[op.belonging(inner)] = mine[op.belonging(inner)]
						paths = append(paths, op.fill(t, mixed))
					}
				}
				for _, path := range paths {
					contentType, body := op.payload(d)
					tried++
					want, ok := ofTheOrganisation()[op.ID]
					if ok && (stranger == sandbox || stranger == otherSandbox && want == http.StatusForbidden) { // decision 0013; 403 whatever the workflow
						if a := stranger.send(t, op.method, path, contentType, body, nil); a.status != want {
							t.Errorf("%s: %s answers %d, want %d\n%s", name, op.ID, a.status, want, a.raw)
						}
						continue
					}
					if a := stranger.send(t, op.method, path, contentType, body, nil); a.status != http.StatusNotFound || a.code() == "" {
						t.Errorf("%s: %s (%s %s) answers %d, want 404\n%s", name, op.ID, op.method, op.path, a.status, a.raw)
					}
				}
			}
			// An object of somebody else named in a body does not exist either.
			for _, call := range []struct {
				path string
				body map[string]any
			}{
				{"/api/v1/sessions", map[string]any{"workflow_id": mine["workflows"]}},
				{"/api/v1/cases", map[string]any{"session_id": mine["sessions"]}},
				{"/api/v1/workflows/" + theirs["workflows"] + "/trigger", map[string]any{"session_id": mine["sessions"]}},
				{"/api/v1/workflows/" + theirs["workflows"] + "/backtest", map[string]any{"version": 1, "sessions": []string{mine["sessions"]}}},
				{"/api/v1/workflows/" + theirs["workflows"] + "/backtest", map[string]any{"draft_id": mine["draft_id"]}},
			} {
				if a := stranger.call(t, "POST", call.path, call.body); a.status != 404 && a.status != 422 {
					t.Errorf("%s: POST %s with %v answers %d\n%s", name, call.path, call.body, a.status, a.raw)
				}
			}
			stranger.namesInBodies(t, name, mine, theirs)
			bulk := stranger.call(t, "POST", "/api/v1/sessions/bulk-redact", map[string]any{"ids": []string{mine["sessions"]}})
			if !bytes.Contains(bulk.raw, []byte("not_found")) {
				t.Errorf("%s: bulk redaction of a foreign session says %d %s", name, bulk.status, bulk.raw)
			}
			for _, list := range []string{"sessions", "workflows", "cases", "lists", "webhooks/endpoints"} {
				if a := stranger.must(t, 200, "GET", "/api/v1/"+list, nil); bytes.Contains(a.raw, []byte(mine[strings.Split(list, "/")[0]])) {
					t.Errorf("%s: GET /%s shows somebody else's object", name, list)
				}
			}
			for path, kind := range map[string]string{"/kyc/workflows": "workflow_id", "/kyc/sessions": "session_id", "/customers": "customer_id",
				"/kyc/watchlists": "watchlist_id", "/kyc/watchlists/subjects?session_id=" + mine["session_id"]: "subject_id"} {
				if a := stranger.must(t, 200, "GET", path, nil); bytes.Contains(a.raw, []byte(mine[kind])) {
					t.Errorf("%s: GET %s shows somebody else's object", name, path)
				}
			}
		}
		if tried < 400 {
			t.Errorf("only %d calls were tried", tried)
		}
		if after := live.picture(t, mine); after != before {
			t.Errorf("strangers changed something:\nbefore %s\nafter  %s", before, after)
		}
	})
}

// picture is the state of everything an organisation owns, to be compared.
func (c *client) picture(t *testing.T, own belongings) string {
	t.Helper()
	var out strings.Builder
	for _, path := range []string{"/workflows/" + own["workflows"], "/workflows/" + own["workflows"] + "/versions", "/workflows/" + own["workflows"] + "/backtests", "/sessions/" + own["sessions"],
		"/cases/" + own["cases"], "/cases/" + own["cases"] + "/notes", "/lists/" + own["lists"], "/lists/" + own["lists"] + "/items",
		"/webhooks/endpoints/" + own["webhooks"]} {
		out.Write(c.must(t, 200, "GET", "/api/v1"+path, nil).raw)
	}
	for _, path := range slices.Concat(picturesOfChecks(own), picturesOfEntities(own)) {
		raw := c.must(t, 200, "GET", path, nil).raw
		if strings.HasSuffix(path, "/deliveries") {
			// Deliveries to nobody are tried again by themselves, after half a minute;
			// how many there are is what a stranger could change.
			fmt.Fprintf(&out, "%s: %d deliveries", path, bytes.Count(raw, []byte("eventId"))+bytes.Count(raw, []byte("event_id")))
			continue
		}
		out.Write(withoutRequest(t, raw))
	}
	return out.String()
}

var scopeLine = regexp.MustCompile("Scope: `([a-z]+:[a-z]+)`")

// TestEveryOperationNeedsAKeyWithItsScope calls every operation without a key,
// with a made-up one and with a key that has every scope but the one needed.
func TestEveryOperationNeedsAKeyWithItsScope(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	live, _ := srv.newTenants(t)
	mine := live.furnish(t)
	d := srv.document(t)
	keys := map[string]*client{} // by the scope that is missing
	without := func(scope string) *client {
		if keys[scope] == nil {
			var rest []string
			for _, s := range access.Scopes() {
				if s.Name != scope {
					rest = append(rest, s.Name)
				}
			}
			secret, err := srv.app.newKey(t.Context(), live.org, kyc.Sandbox, "without "+scope, rest)
			if err != nil {
				t.Fatal(err)
			}
			keys[scope] = &client{url: srv.url, key: secret, org: live.org}
		}
		return keys[scope]
	}
	for _, op := range d.operations() {
		if op.ID == "get-file" {
			if a := live.call(t, "GET", "/api/v1/files/bm90IG91cnM", nil); a.status != 404 && a.status != 403 {
				t.Errorf("a forged link answers %d\n%s", a.status, a.raw)
			}
			continue
		}
		if op.linked() {
			continue
		}
		path := op.fill(t, mine)
		for _, key := range []string{"", "bf_live_0000000000000000000000", "nonsense"} {
			contentType, body := op.payload(d)
			a := (&client{url: srv.url, key: key}).send(t, op.method, path, contentType, body, nil)
			if a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s with key %q answers %d, want 401\n%s", op.ID, key, a.status, a.raw)
			}
		}
		m := scopeLine.FindStringSubmatch(op.Description)
		if m == nil {
			t.Errorf("%s names no scope", op.ID)
			continue
		}
		contentType, body := op.payload(d)
		a := without(m[1]).send(t, op.method, path, contentType, body, nil)
		if a.status != http.StatusForbidden || !bytes.Contains(a.raw, []byte(m[1])) {
			t.Errorf("%s with a key without %s answers %d, want 403\n%s", op.ID, m[1], a.status, a.raw)
		}
	}
}
