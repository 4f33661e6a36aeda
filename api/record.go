package api

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"sync"
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

// maxKeptRecord is the largest body whose memory is kept for the next answer.
const maxKeptRecord = 64 << 10

// records are records that were sent, for the answers to come.
type records struct{ pool sync.Pool }

// take gives an empty record.
func (r *records) take() *record {
	if rec, ok := r.pool.Get().(*record); ok {
		return rec
	}
	return newRecord()
}

// give takes a record back whose body nobody else holds.
func (r *records) give(rec *record) {
	if rec.body.Cap() <= maxKeptRecord {
		rec.reset()
		r.pool.Put(rec)
	}
}

// reset forgets the answer. The headers that were sent keep their values.
func (r *record) reset() {
	clear(r.header)
	r.status = 0
	r.body.Reset()
}

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
func (r *record) send(ctx context.Context, w http.ResponseWriter) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	h := w.Header()
	for name, values := range r.header {
		h[name] = values
	}
	if n := r.body.Len(); n > 0 && r.status != http.StatusNoContent && r.status != http.StatusNotModified {
		// All of it is here, so that it need not go out in chunks.
		h["Content-Length"] = []string{strconv.Itoa(n)}
	}
	sendWhole(ctx, w, r.body.Len(), func() {
		w.WriteHeader(r.status)
		_, _ = w.Write(r.body.Bytes()) // a caller who has gone away cannot be told
	})
}
