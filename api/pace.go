package api

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// Pace is how slowly the body of a request may come. Without one, whoever sends
// a byte a minute keeps a connection, and a place of the uploads, for ever.
type Pace struct {
	// Grace is how long any body may take: all there is for a form.
	Grace time.Duration
	// Rate is how many bytes of it come each second at least, beyond that:
	// what a large upload over a weak line needs.
	Rate int64
}

// ShippedPace gives half a minute to what is small and 22 minutes to the largest
// upload, 20 MiB: a line of 130 kbit/s. A cheap telephone on a 2G line sends some
// 20 kB/s and has no smaller picture to offer.
func ShippedPace() Pace { return Pace{Grace: 30 * time.Second, Rate: 16 << 10} }

// allowance is how long so many bytes may take.
func (p Pace) allowance(n int64) time.Duration {
	return p.Grace + time.Duration(float64(n)/float64(p.Rate)*float64(time.Second))
}

// Paced gives every body an end that moves on with each piece of it that comes,
// of whatever route, read or not: what a handler leaves of a body is read by
// net/http behind it. The end is taken away with the last byte, because what
// follows the body is not hurried by it.
func Paced(next http.Handler, p Pace) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			b := &pacedBody{ReadCloser: r.Body, pace: p, control: http.NewResponseController(w), began: time.Now()}
			b.end(b.began.Add(p.allowance(0)))
			r.Body = b
		}
		next.ServeHTTP(w, r)
	})
}

// pacedBody is the body of one request, which one goroutine reads.
type pacedBody struct {
	io.ReadCloser
	pace    Pace
	control *http.ResponseController
	began   time.Time
	read    int64
}

// Read is io.Reader's; it fails with a timeout (os.ErrDeadlineExceeded) when the
// body comes too slowly.
func (b *pacedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	switch {
	case err == nil:
		b.end(b.began.Add(b.pace.allowance(b.read)))
	case errors.Is(err, io.EOF):
		b.end(time.Time{})
	}
	return n, err
}

// end sets until when the connection may be read; a writer without deadlines has
// none to break.
func (b *pacedBody) end(at time.Time) { _ = b.control.SetReadDeadline(at) }
