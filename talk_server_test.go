package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// checkServer is a customer's own server that checks ask.
type checkServer struct {
	*httptest.Server
	mu     sync.Mutex
	answer []byte
	ready  chan struct{} // closed with the first answer
}

func newCheckServer(t *testing.T) *checkServer {
	t.Helper()
	s := &checkServer{ready: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("webhook-id") == "" || r.Header.Get("webhook-signature") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		select {
		case <-s.ready:
		case <-r.Context().Done():
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(s.answer)
	}))
	t.Cleanup(func() {
		s.serve(json.RawMessage(`{}`)) // whoever still waits may go
		s.Close()
	})
	return s
}

func (s *checkServer) serve(answer json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer == nil {
		close(s.ready)
	}
	s.answer = answer
}
