package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestParallelCreatesGiveOne(t *testing.T) {
	t.Parallel()
	for _, n := range []int{20, 50} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			answers := make([]answer, n)
			var wg sync.WaitGroup
			for i := range n {
				wg.Go(func() {
					answers[i] = b.call("POST", "/api/v1/slow", `{"name":"only one"}`, "Idempotency-Key: k")
				})
			}
			<-b.entered // one is in the handler; the others cannot get in
			close(b.hold)
			wg.Wait()
			created, replayed, refused := 0, 0, 0
			for _, a := range answers {
				switch {
				case a.status == 201 && a.header.Get("Idempotent-Replayed") == "true":
					replayed++
				case a.status == 201:
					created++
				case a.status == 409:
					if p := a.problem(t); p.Code != "idempotency_in_progress" || a.header.Get("Retry-After") == "" {
						t.Errorf("%+v", p)
					}
					refused++
				default:
					t.Errorf("%d %s", a.status, a.body)
				}
			}
			if created != 1 || b.store.lists() != 1 || b.after != 1 || created+replayed+refused != n {
				t.Errorf("%d created, %d replayed, %d refused, %d stored", created, replayed, refused, b.store.lists())
			}
			again := b.call("POST", "/api/v1/slow", `{"name":"only one"}`, "Idempotency-Key: k")
			if again.status != 201 || again.header.Get("Idempotent-Replayed") != "true" || b.store.lists() != 1 {
				t.Errorf("afterwards: %d %v", again.status, again.header)
			}
		})
	}
}

func TestReplaysAreTheStoredAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const path, body = "/api/v1/widgets", `{"name":"ab","size":4}`
	first := b.call("POST", path, body, "Idempotency-Key: k", "X-Request-Id: one")
	if first.status != 201 || first.header.Get("Idempotent-Replayed") != "" || b.store.commits != 1 {
		t.Fatal(first.status, first.body, b.store.commits)
	}
	second := b.call("POST", path, " { \"size\" : 4.0,\n\"name\":\"\\u0061b\" } ", "Idempotency-Key: k", "X-Request-Id: two")
	if second.status != 201 || second.body != first.body || second.header.Get("ETag") != first.header.Get("ETag") ||
		second.header.Get("Content-Type") != first.header.Get("Content-Type") || second.header.Get("Idempotent-Replayed") != "true" || second.header.Get("X-Request-Id") != "two" {
		t.Errorf("replay: %d %v %s", second.status, second.header, second.body)
	}
	for name, c := range map[string]struct {
		path, body, key string
		want            int
		code            string
	}{
		"another body":  {path, `{"name":"cd"}`, b.live, 422, "idempotency_mismatch"},
		"another query": {path + "?x=1", body, b.live, 422, "idempotency_mismatch"},
		"another path":  {"/api/v1/definitions", `{"name":"cd"}`, b.live, 200, ""},
		"another env":   {path, `{"name":"cd"}`, b.sandbox, 201, ""},
		"another org":   {path, `{"name":"cd"}`, b.other, 201, ""},
	} {
		a := b.call("POST", c.path, c.body, "Idempotency-Key: k", "X-API-Key: "+c.key)
		if a.status != c.want || c.code != "" && a.problem(t).Code != c.code {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	b.advance(24*time.Hour + time.Second)
	if a := b.call("POST", path, `{"name":"cd"}`, "Idempotency-Key: k"); a.status != 201 || a.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("after a day: %d", a.status)
	}
}

func TestWhatWasBegunUnderAKeyIsNotBegunAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.call("POST", "/api/v1/early/works", "", "Idempotency-Key: k")
	again := b.call("POST", "/api/v1/early/works", "", "Idempotency-Key: k")
	if first.status != 200 || again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" || b.store.lists() != 1 {
		t.Errorf("%d %s, then %d %s: %d stored", first.status, first.body, again.status, again.body, b.store.lists())
	}
	if a := b.call("POST", "/api/v1/early/breaks", "", "Idempotency-Key: b"); a.status != 500 || b.store.lists() != 2 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	b.advance(time.Hour) // longer than any request lives
	if a := b.call("POST", "/api/v1/early/breaks", "", "Idempotency-Key: b"); a.status != 409 || a.problem(t).Code != "idempotency_in_progress" || b.store.lists() != 2 {
		t.Errorf("a repeat of what was begun: %d %s, %d stored", a.status, a.body, b.store.lists())
	}
	for range 2 { // without a key everybody begins anew
		b.call("POST", "/api/v1/early/works", "")
	}
	if n := b.store.lists(); n != 4 {
		t.Errorf("%d stored, want 4", n)
	}
}

func TestErrorsUnderAKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		path, body string
		status     int
		stored     bool
	}{
		{"/api/v1/fail/conflict", "", 409, true},
		{"/api/v1/fail/none", "", 404, true},
		{"/api/v1/widgets", `{"name":"a"}`, 422, true},
		{"/api/v1/widgets/x", `{`, 405, false},
		{"/api/v1/fail/stale", "", 409, false},
		{"/api/v1/fail/internal", "", 500, false},
		{"/api/v1/fail/panic", "", 500, false},
	} {
		for try := range 2 {
			a := b.call("POST", c.path, c.body, "Idempotency-Key: "+c.path)
			if a.status != c.status {
				t.Errorf("%s: %d, want %d", c.path, a.status, c.status)
			}
			if got := a.header.Get("Idempotent-Replayed") == "true"; got != (c.stored && try == 1) {
				t.Errorf("%s, try %d: replayed %v", c.path, try, got)
			}
		}
	}
	if b.store.lists() != 0 {
		t.Error("a failure was stored")
	}
	b.store.fail = kyc.Stale("it")
	if a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`, "Idempotency-Key: z"); a.status != 409 {
		t.Error(a.status)
	}
	b.store.fail = nil
	if a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`, "Idempotency-Key: z"); a.status != 201 || a.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("a lost commit keeps its key: %d", a.status)
	}
}

func TestKeysOfIdempotency(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for key, want := range map[string]int{strings.Repeat("k", 255): 201, strings.Repeat("k", 256): 400, "a\x01b": 400, "schlüssel": 400} {
		if a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`, "Idempotency-Key: "+key); a.status != want {
			t.Errorf("%.10q: %d, want %d", key, a.status, want)
		}
	}
	// Reads ignore the header.
	if a := b.call("GET", "/api/v1/widgets", "", "Idempotency-Key: k"); a.status != 200 || len(b.store.answers) != 1 {
		t.Errorf("%d, %d stored", a.status, len(b.store.answers))
	}
	// Whoever may not do it does not take the key.
	if a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`, "Idempotency-Key: new", "X-API-Key: "+b.reader); a.status != 403 {
		t.Error(a.status)
	}
	if a := b.call("POST", "/api/v1/widgets", `{"name":"cd"}`, "Idempotency-Key: new"); a.status != 201 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestALostServerFreesItsKeys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := httptest.NewRequest("POST", "/api/v1/widgets", nil)
	body := []byte(`{"name":"ab"}`)
	tree, _ := Decode(body)
	_, _ = b.store.ReserveIdempotency(t.Context(), kyc.Idempotency{Tenant: b.tenant, Method: "POST", Path: "/api/v1/widgets", Key: "k", BodyHash: bodyHash(r, nil, payload{raw: body, json: true, tree: tree})}, reserveFor)
	if a := b.call("POST", "/api/v1/widgets", string(body), "Idempotency-Key: k"); a.status != 409 || a.problem(t).Code != "idempotency_in_progress" {
		t.Errorf("%d %s", a.status, a.body)
	}
	b.advance(reserveFor)
	if a := b.call("POST", "/api/v1/widgets", string(body), "Idempotency-Key: k"); a.status != 201 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// form writes a multipart body; parts are name, file name (empty: a text), content.
func form(parts ...[3]string) (contentType string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		if p[1] == "" {
			_ = w.WriteField(p[0], p[2])
			continue
		}
		f, _ := w.CreateFormFile(p[0], p[1])
		_, _ = f.Write([]byte(p[2]))
	}
	_ = w.Close()
	return w.FormDataContentType(), b.Bytes()
}

func (b *bundle) upload(key string, parts ...[3]string) answer {
	contentType, body := form(parts...)
	r := httptest.NewRequest("POST", "/api/v1/uploads", bytes.NewReader(body))
	r.Header.Set("X-API-Key", b.live)
	r.Header.Set("Content-Type", contentType)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return b.send(r)
}

func TestUploads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.upload("k", [3]string{"kind", "", "front"}, [3]string{"file", "a.png", "bytes"})
	if good.status != 200 || !strings.Contains(good.body, "front") {
		t.Fatal(good.status, good.body)
	}
	// The boundary differs, the content does not.
	if a := b.upload("k", [3]string{"kind", "", "front"}, [3]string{"file", "a.png", "bytes"}); a.header.Get("Idempotent-Replayed") != "true" || a.body != good.body {
		t.Errorf("replay: %d %s", a.status, a.body)
	}
	if a := b.upload("k", [3]string{"kind", "", "front"}, [3]string{"file", "a.png", "bytez"}); a.status != 422 || a.problem(t).Code != "idempotency_mismatch" {
		t.Errorf("other bytes: %d", a.status)
	}
	large := strings.Repeat("x", MaxFile)
	for name, c := range map[string]struct {
		parts  [][3]string
		status int
		code   string
		errors string
	}{
		"twenty MiB":     {[][3]string{{"kind", "", "back"}, {"file", "a", large}}, 200, "", ""},
		"a byte more":    {[][3]string{{"kind", "", "back"}, {"file", "a", large + "x"}}, 413, "file_too_large", ""},
		"empty file":     {[][3]string{{"kind", "", "back"}, {"file", "a", ""}}, 422, "validation_failed", "/file file_empty,/file required"},
		"nothing":        {nil, 422, "validation_failed", "/file required,/kind required"},
		"unknown part":   {[][3]string{{"kind", "", "back"}, {"file", "a", "x"}, {"more", "", "x"}}, 422, "validation_failed", "/more unknown_field"},
		"bad enum":       {[][3]string{{"kind", "", "top"}, {"file", "a", "x"}}, 422, "validation_failed", "/kind not_allowed_value"},
		"two files":      {[][3]string{{"kind", "", "back"}, {"file", "a", "x"}, {"file", "b", "y"}}, 413, "too_many_files", ""},
		"twice the kind": {[][3]string{{"kind", "", "back"}, {"kind", "", "front"}, {"file", "a", "x"}}, 422, "validation_failed", "/kind duplicate_key"},
		"long text":      {[][3]string{{"kind", "", strings.Repeat("x", 70_000)}, {"file", "a", "x"}}, 413, "string_too_long", ""},
	} {
		a := b.upload("", c.parts...)
		if a.status != c.status {
			t.Errorf("%s: %d, want %d: %.200s", name, a.status, c.status, a.body)
			continue
		}
		if c.status == 200 {
			continue
		}
		p := a.problem(t)
		var got []string
		for _, f := range p.Errors {
			got = append(got, f.Path+" "+f.Code)
		}
		if p.Code != c.code || c.errors != "" && strings.Join(got, ",") != c.errors {
			t.Errorf("%s: %s %v", name, p.Code, got)
		}
	}
	if a := b.call("POST", "/api/v1/uploads", `{}`); a.status != 415 {
		t.Errorf("JSON as upload: %d", a.status)
	}
	_, whole := form([3]string{"kind", "", "back"}, [3]string{"file", "a", "xyz"})
	r := httptest.NewRequest("POST", "/api/v1/uploads", bytes.NewReader(whole[:len(whole)/2]))
	r.Header.Set("X-API-Key", b.live)
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+strings.Trim(strings.SplitN(string(whole), "\r\n", 2)[0], "-"))
	if a := b.send(r); a.status != 400 {
		t.Errorf("cut off: %d %s", a.status, a.body)
	}
}

func TestPagesAndCursors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 7 {
		b.advance(time.Second)
		b.call("POST", "/api/v1/widgets", fmt.Sprintf(`{"name":"widget %d"}`, i))
	}
	type list struct {
		Data       []widget
		Pagination Pagination
	}
	get := func(query string, headers ...string) (list, answer) {
		a := b.call("GET", "/api/v1/widgets?"+query, "", headers...)
		var l list
		_ = json.Unmarshal([]byte(a.body), &l)
		return l, a
	}
	l, _ := get("limit=3&offset=5")
	if len(l.Data) != 2 || l.Pagination.Total != 7 || l.Pagination.Limit != 3 || l.Pagination.Offset != 5 || l.Pagination.NextCursor != "" {
		t.Errorf("%+v", l)
	}
	var names []string
	query := "limit=3"
	for range 10 {
		l, _ := get(query)
		for _, w := range l.Data {
			names = append(names, w.Name)
		}
		if l.Pagination.NextCursor == "" {
			break
		}
		query = "limit=3&cursor=" + l.Pagination.NextCursor
	}
	if len(names) != 7 || names[0] != "widget 6" || names[6] != "widget 0" {
		t.Errorf("walk: %v", names)
	}
	l, _ = get("limit=3")
	cursor := l.Pagination.NextCursor
	other := "A"
	if cursor[0] == 'A' {
		other = "B"
	}
	for name, c := range map[string]struct {
		query string
		key   string
	}{
		"other filters":      {"kind=round&cursor=" + cursor, b.live},
		"other environment":  {"cursor=" + cursor, b.sandbox},
		"other organisation": {"cursor=" + cursor, b.other},
		"changed":            {"cursor=" + other + cursor[1:], b.live},
		"cut":                {"cursor=" + cursor[:len(cursor)-1], b.live},
		"made up":            {"cursor=eyJhIjoiIn0", b.live},
	} {
		if _, a := get(c.query, "X-API-Key: "+c.key); a.status != 400 || a.problem(t).Code != "cursor_invalid" {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if _, a := get("cursor="+cursor, "X-API-Key: "+b.reader); a.status != 200 {
		t.Errorf("another key of the same tenant: %d", a.status)
	}
}

func TestSignedLinks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := kyc.NewID(b.Now())
	token := b.porch.Signer.Link("document", Grant{Tenant: b.tenant, Object: id, Actor: kyc.SystemActor("x")}, LinkLife)
	if a := b.call("GET", "/files/"+token, "", "-"); a.status != 200 || a.body != string(id) || a.header.Get("Content-Type") != "image/png" || a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %s %v", a.status, a.body, a.header)
	}
	other := b.porch.Signer.Link("export", Grant{Tenant: b.tenant, Object: id}, LinkLife)
	for _, bad := range []string{other, token[1:], "x", token + "A"} {
		if a := b.call("GET", "/files/"+bad, "", "-"); a.status != 403 || a.problem(t).Code != "link_invalid" {
			t.Errorf("%.12s: %d", bad, a.status)
		}
	}
	if NewSigner([]byte("another key"), b).Cursor(id, b.tenant, "l", nil) == b.porch.Signer.Cursor(id, b.tenant, "l", nil) {
		t.Error("the key does not matter")
	}
	b.advance(LinkLife)
	if a := b.call("GET", "/files/"+token, "", "-"); a.status != 403 || a.problem(t).Code != "link_expired" {
		t.Errorf("after five minutes: %d", a.status)
	}
	if strings.Contains(b.log.String(), token) {
		t.Error("a link is logged")
	}
}

func TestAnErasedAnswerIsGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const path, body = "/api/v1/widgets", `{"name":"ab"}`
	if a := b.call("POST", path, body, "Idempotency-Key: k"); a.status != 201 {
		t.Fatal(a.status, a.body)
	}
	for _, held := range b.store.answers {
		held.Erased, held.Header, held.Body = true, nil, nil
	}
	commits := b.store.commits
	a := b.call("POST", path, body, "Idempotency-Key: k")
	if a.status != 410 || a.problem(t).Code != "answer_erased" || a.header.Get("Idempotent-Replayed") != "" || b.store.commits != commits {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	if a := b.call("POST", path, `{"name":"cd"}`, "Idempotency-Key: k"); a.status != 422 || a.problem(t).Code != "idempotency_mismatch" {
		t.Errorf("another body: %d %s", a.status, a.body)
	}
}
