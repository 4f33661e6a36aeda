package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOverTheNetwork sends the largest file through a real connection, and one
// that is too large.
func TestOverTheNetwork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	server := httptest.NewServer(b.handler)
	defer server.Close()
	for size, want := range map[int]int{MaxFile: 200, MaxFile + 1: 413} {
		contentType, body := form([3]string{"kind", "", "back"}, [3]string{"file", "a", strings.Repeat("x", size)})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/v1/uploads", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+b.live)
		r.Header.Set("Content-Type", contentType)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != want || !json.Valid(raw) {
			t.Errorf("%d bytes: %d %s", size, answer.StatusCode, raw)
		}
	}
}
