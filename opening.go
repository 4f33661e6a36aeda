package main

import (
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"

	"bonafide/kyc"
)

// opening answers while the program gets ready: it lives, and says that it is
// not ready yet. The porch takes over once everything is loaded.
type opening struct {
	clock kyc.Clock
	porch atomic.Pointer[http.Handler]
}

// open hands over to the porch.
func (o *opening) open(h http.Handler) { o.porch.Store(&h) }

// ServeHTTP answers the health routes, and 503 for everything else.
func (o *opening) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := o.porch.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	status, body := http.StatusServiceUnavailable, `{"status":"not_ready","reasons":[{"name":"start","reason":"the store is being opened and the watchlists are being loaded"}]}`
	switch r.URL.Path {
	case "/healthz":
		status, body = http.StatusOK, `{"status":"ok"}`
	case "/readyz":
	default:
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(status)
		id := string(kyc.NewID(o.clock.Now()))
		w.Header().Set("X-Request-Id", id)
		body, err := json.Marshal(map[string]any{"type": "/docs#problem-unavailable", "title": "Not available now", "status": status,
			"detail": "the program is starting; try again in a moment", "instance": r.URL.EscapedPath(), "code": "starting", "error": "starting",
			"errors": []any{}, "request_id": id, "retry_after": 1})
		if err == nil { // plain words, which cannot fail
			_, _ = w.Write(body)
		}
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}
