package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// published makes a workflow of the given graph and puts it into force.
func (c *client) published(t *testing.T, graph string) string {
	t.Helper()
	id := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": t.Name(), "graph": json.RawMessage(graph)}).str("id")
	c.must(t, 200, "POST", "/api/v1/workflows/"+id+"/publish", nil)
	return id
}

func TestTwentyParallelCreatesWithOneKeyMakeOneSession(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		c := startServer(t, database).newTenant(t)
		workflow := c.published(t, reviewGraph)
		body := map[string]any{"workflow_id": workflow, "external_ref": "once"}
		key := map[string]string{"Idempotency-Key": "the one"}
		answers := make([]answer, 20)
		var all sync.WaitGroup
		start := make(chan struct{})
		for i := range answers {
			all.Go(func() {
				<-start
				answers[i] = c.callWith(t, "POST", "/api/v1/sessions", body, key)
			})
		}
		close(start)
		all.Wait()
		ids := map[string]bool{}
		fresh := 0
		for _, a := range answers {
			switch {
			case a.status == 201:
				ids[a.str("id")] = true
				if a.header.Get("Idempotent-Replayed") != "true" {
					fresh++
				}
			case a.status == 409 && a.str("code") == "idempotency_in_progress" && a.header.Get("Retry-After") != "":
			default:
				t.Errorf("%d %s", a.status, a.raw)
			}
		}
		if len(ids) != 1 || fresh != 1 {
			t.Errorf("%d sessions were answered, %d as new; want one of each", len(ids), fresh)
		}
		var page struct{ Total int }
		c.must(t, 200, "GET", "/api/v1/sessions", nil).get(t, "pagination", &page)
		if page.Total != 1 {
			t.Errorf("there are %d sessions, want 1", page.Total)
		}

		// Later: the same answer byte by byte, whatever the spelling of the body.
		first := c.callWith(t, "POST", "/api/v1/sessions", body, key)
		spaced := c.send(t, "POST", "/api/v1/sessions", "application/json",
			strings.NewReader(`{ "external_ref":"once" ,"workflow_id" : "`+workflow+`" }`), key)
		if !bytes.Equal(first.raw, spaced.raw) || spaced.status != 201 || spaced.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("the replay differs:\n%d %s\n%d %s", first.status, first.raw, spaced.status, spaced.raw)
		}
		// Another body under the same key is a mistake of the caller.
		other := c.callWith(t, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": "twice"}, key)
		if other.status != 422 || other.str("code") != "idempotency_mismatch" {
			t.Errorf("another body answers %d %s", other.status, other.raw)
		}
		// The same key elsewhere is another key: path and environment count.
		if a := c.callWith(t, "POST", "/api/v1/lists", map[string]any{"name": "l", "type": "email"}, key); a.status != 201 || a.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("the same key on another path answers %d %s", a.status, a.raw)
		}
	})
}

func TestRefusalsAreStoredToo(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		c := startServer(t, database).newTenant(t)
		key := map[string]string{"Idempotency-Key": "refused"}
		refused := c.callWith(t, "POST", "/api/v1/sessions", map[string]any{"external_ref": "x"}, key)
		if refused.status != 422 || refused.str("code") != "no_default_workflow" {
			t.Fatalf("without a default workflow: %d %s", refused.status, refused.raw)
		}
		id := c.published(t, reviewGraph)
		c.must(t, 200, "POST", "/api/v1/workflows/"+id+"/default", nil)
		again := c.callWith(t, "POST", "/api/v1/sessions", map[string]any{"external_ref": "x"}, key)
		if again.status != 422 || again.header.Get("Idempotent-Replayed") != "true" || !bytes.Equal(again.raw, refused.raw) {
			t.Errorf("the refusal was not replayed: %d %s", again.status, again.raw)
		}
		if a := c.callWith(t, "POST", "/api/v1/sessions", map[string]any{"external_ref": "x"}, map[string]string{"Idempotency-Key": "new"}); a.status != 201 {
			t.Errorf("a new key answers %d %s", a.status, a.raw)
		}
		for _, bad := range []string{strings.Repeat("k", 256), "a\u00e9"} {
			if a := c.callWith(t, "POST", "/api/v1/sessions", map[string]any{}, map[string]string{"Idempotency-Key": bad}); a.status != 400 || a.str("code") != "idempotency_key_invalid" {
				t.Errorf("key of %d characters: %d %s", len(bad), a.status, a.raw)
			}
		}
	})
}

func TestETagsGuardWrites(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		c := startServer(t, database).newTenant(t)
		own := c.furnish(t)
		for _, x := range []struct {
			path string
			body map[string]any
		}{
			{"/workflows/" + own["workflows"], map[string]any{"description": "one"}},
			{"/sessions/" + own["sessions"], map[string]any{"metadata": map[string]any{"n": 1}}},
			{"/cases/" + own["cases"], map[string]any{"priority": 2}},
			{"/lists/" + own["lists"], map[string]any{"description": "one"}},
			{"/webhooks/endpoints/" + own["webhooks"], map[string]any{"description": "one"}},
		} {
			path := "/api/v1" + x.path
			tag := c.must(t, 200, "GET", path, nil).header.Get("ETag")
			if !strings.HasPrefix(tag, `"`) {
				t.Errorf("%s has no ETag: %q", x.path, tag)
				continue
			}
			match := map[string]string{"If-Match": tag}
			if a := c.callWith(t, "PATCH", path, x.body, match); a.status != 200 || a.header.Get("ETag") == tag {
				t.Errorf("PATCH %s with the right tag: %d, ETag %s → %s\n%s", x.path, a.status, tag, a.header.Get("ETag"), a.raw)
			}
			if a := c.callWith(t, "PATCH", path, x.body, match); a.status != 412 || a.str("code") == "" {
				t.Errorf("PATCH %s with a used tag: %d %s", x.path, a.status, a.raw)
			}
			if a := c.callWith(t, "PATCH", path, x.body, map[string]string{"If-Match": `"nonsense"`}); a.status != 412 {
				t.Errorf("PATCH %s with nonsense: %d", x.path, a.status)
			}
		}
		// Eight writers with one tag: one wins.
		path := "/api/v1/workflows/" + own["workflows"]
		tag := c.must(t, 200, "GET", path, nil).header.Get("ETag")
		got := make([]int, 8)
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				got[i] = c.callWith(t, "PATCH", path, map[string]any{"description": strconv.Itoa(i)}, map[string]string{"If-Match": tag}).status
			})
		}
		all.Wait()
		slices.Sort(got)
		if got[0] != 200 || got[1] == 200 || got[7] > 412 {
			t.Errorf("eight writers got %v, want one 200 and else 409 or 412", got)
		}
	})
}

func TestCursorsAreSignedAndBoundToTheirFilter(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		sandbox, live := startServer(t, database).newTenants(t)
		workflow := sandbox.published(t, reviewGraph)
		want := map[string]bool{}
		for range 5 {
			want[sandbox.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "tags": []string{"blue"}}).str("id")] = true
		}
		cursor, pages := "", 0
		for first := true; first || cursor != ""; first = false {
			if pages++; pages > 5 {
				t.Fatal("the cursors do not end")
			}
			a := sandbox.must(t, 200, "GET", "/api/v1/sessions?limit=2&tag=blue&cursor="+cursor, nil)
			var data []struct{ ID string }
			a.get(t, "data", &data)
			for _, s := range data {
				if !want[s.ID] {
					t.Errorf("%s is shown twice or does not exist", s.ID)
				}
				delete(want, s.ID)
			}
			var page struct {
				NextCursor string `json:"next_cursor"`
			}
			a.get(t, "pagination", &page)
			if cursor = page.NextCursor; first {
				tampered := []byte(cursor)
				tampered[len(tampered)/2] ^= 1
				for what, call := range map[string]func() answer{
					"another filter":      func() answer { return sandbox.call(t, "GET", "/api/v1/sessions?limit=2&tag=red&cursor="+cursor, nil) },
					"no filter":           func() answer { return sandbox.call(t, "GET", "/api/v1/sessions?limit=2&cursor="+cursor, nil) },
					"another list":        func() answer { return sandbox.call(t, "GET", "/api/v1/cases?cursor="+cursor, nil) },
					"another environment": func() answer { return live.call(t, "GET", "/api/v1/sessions?limit=2&tag=blue&cursor="+cursor, nil) },
					"another signature": func() answer {
						return sandbox.call(t, "GET", "/api/v1/sessions?limit=2&tag=blue&cursor="+string(tampered), nil)
					},
				} {
					if a := call(); a.status != 400 || a.str("code") != "cursor_invalid" {
						t.Errorf("a cursor with %s answers %d %s", what, a.status, a.raw)
					}
				}
			}
		}
		if len(want) != 0 || pages != 3 {
			t.Errorf("after %d pages %d sessions were not shown", pages, len(want))
		}
	})
}

func TestRateLimitTellsHowLongToWait(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	_, other := srv.newTenants(t)
	_, secret, err := srv.app.access.CreateKey(t.Context(), access.KeyRequest{Tenant: kyc.Tenant{Org: other.org, Env: kyc.Live}, Name: "slow",
		Scopes: []string{"*"}, RatePerSec: 0.01, By: kyc.SystemActor("test")})
	if err != nil {
		t.Fatal(err)
	}
	slow := &client{url: srv.url, key: secret}
	var last answer
	for i := range 3 {
		last = slow.call(t, "GET", "/api/v1/workflows", nil)
		limit, _ := strconv.Atoi(last.header.Get("X-RateLimit-Limit"))
		reset, _ := strconv.ParseInt(last.header.Get("X-RateLimit-Reset"), 10, 64)
		if limit < 1 || last.header.Get("X-RateLimit-Remaining") == "" || reset < time.Now().Unix()-1 {
			t.Errorf("call %d: headers %v", i, last.header)
		}
		if last.status == 429 {
			break
		}
	}
	wait, _ := strconv.Atoi(last.header.Get("Retry-After"))
	if last.status != http.StatusTooManyRequests || last.str("code") != "rate_limited" || wait < 1 || last.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%d, headers %v\n%s", last.status, last.header, last.raw)
	}
	if a := other.call(t, "GET", "/api/v1/workflows", nil); a.status != 200 {
		t.Errorf("another key of the organisation is held up: %d", a.status)
	}
}
