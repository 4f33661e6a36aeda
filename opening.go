package main

import (
	"io"
	"net/http"
	"sync/atomic"
)

// opening answers while the program gets ready: it lives, and says that it is
// not ready yet. The porch takes over once everything is loaded.
type opening struct{ porch atomic.Pointer[http.Handler] }

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
		_, _ = io.WriteString(w, `{"type":"about:blank","title":"Service unavailable","status":503,"detail":"the program is starting","code":"starting","error":"starting","errors":[]}`)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}
