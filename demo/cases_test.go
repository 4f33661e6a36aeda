package demo

import (
	"bytes"
	"encoding/json"
	"image"
	_ "image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Every sample case has a picture before it is submitted.
func TestSampleCasesHaveDocuments(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var calls []string
	pictures := map[string][]byte{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		id, what := "", "create"
		if rest, ok := strings.CutPrefix(r.URL.Path, "/api/v1/sessions/"); ok {
			id, what, _ = strings.Cut(rest, "/")
		}
		switch what {
		case "create":
			var in struct {
				Ref string `json:"external_ref"`
			}
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			id = in.Ref
		case "documents":
			f, _, err := r.FormFile("file")
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			b, err := io.ReadAll(f)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			pictures[id] = b
		}
		calls = append(calls, what)
		_ = json.NewEncoder(w).Encode(map[string]string{"id": id}) // a reader who has gone away fails its own call
	}))
	t.Cleanup(s.Close)
	d := demonstration{Deps: Deps{Out: io.Discard}, sandbox: apiClient{s.URL, "key"}}
	if err := d.cases(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(calls, " "), strings.TrimSpace(strings.Repeat("create documents submit ", 3)); got != want {
		t.Errorf("the calls are %s, want %s", got, want)
	}
	seen := map[string]string{}
	for id, b := range pictures {
		c, kind, err := image.DecodeConfig(bytes.NewReader(b))
		if err != nil || kind != "png" || c.Width < 800 {
			t.Errorf("%s: the document is no picture of use: %v %s %dx%d", id, err, kind, c.Width, c.Height)
		}
		if other, twice := seen[string(b)]; twice {
			t.Errorf("%s and %s have the same document", id, other)
		}
		seen[string(b)] = id
	}
	if len(seen) != 3 {
		t.Errorf("%d documents were sent, want 3", len(seen))
	}
}
