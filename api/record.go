package api

import (
	"bytes"
	"net/http"
)

// record is an answer that is held back until what the request changed is
// committed. A crash or a failed commit therefore never leaves the caller with
// an answer that is not true.
type record struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecord() *record { return &record{header: http.Header{}} }

// Header gives the headers that will be sent.
func (r *record) Header() http.Header { return r.header }

// WriteHeader keeps the first status.
func (r *record) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write keeps the bytes.
func (r *record) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// send writes the answer out.
func (r *record) send(w http.ResponseWriter) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes()) // a caller who has gone away cannot be told
}
