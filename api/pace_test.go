package api

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// bounds notes the ends that are given to the body of a request.
type bounds struct {
	*httptest.ResponseRecorder
	ends []time.Time
}

func (b *bounds) SetReadDeadline(at time.Time) error {
	b.ends = append(b.ends, at)
	return nil
}

// pieces is a body that comes in pieces and ends with an error.
type pieces struct {
	sizes []int
	err   error
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.sizes) == 0 {
		return 0, p.err
	}
	n := min(p.sizes[0], len(b))
	p.sizes = p.sizes[1:]
	return n, nil
}

func (p *pieces) Close() error { return nil }

// Every piece moves the end on by its share, the last byte takes it away, and a
// body that fails keeps it, so that nobody waits for the rest.
func TestABodyHasAnEnd(t *testing.T) {
	t.Parallel()
	pace := Pace{Grace: 10 * time.Second, Rate: 1000}
	for name, c := range map[string]struct {
		err  error
		over bool
	}{"whole": {io.EOF, true}, "cut off": {io.ErrUnexpectedEOF, false}, "too slow": {errors.New("i/o timeout"), false}} {
		w := &bounds{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/x", &pieces{[]int{500, 1500}, c.err})
		before := time.Now()
		Paced(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body) }), pace).ServeHTTP(w, r)
		after := time.Now()
		want := []time.Duration{10 * time.Second, 10500 * time.Millisecond}
		// io.ReadAll asks for 512 bytes at first, so the second piece is cut.
		if len(w.ends) < 3 {
			t.Fatalf("%s: the ends are %v", name, w.ends)
		}
		for i, d := range want {
			if w.ends[i].Before(before.Add(d)) || w.ends[i].After(after.Add(d)) {
				t.Errorf("%s: end %d is %v, want %v from now", name, i, w.ends[i].Sub(before), d)
			}
		}
		if last := w.ends[len(w.ends)-1]; last.IsZero() != c.over {
			t.Errorf("%s: the last end is %v", name, last)
		}
	}
	for name, left := range map[string]func(http.ResponseWriter, *http.Request){
		"not read": func(http.ResponseWriter, *http.Request) {},
		"refused":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
	} {
		w := &bounds{ResponseRecorder: httptest.NewRecorder()}
		Paced(http.HandlerFunc(left), pace).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/x", strings.NewReader("a=b")))
		if len(w.ends) != 1 || w.ends[0].IsZero() {
			t.Errorf("%s: the ends are %v", name, w.ends)
		}
	}
	w := &bounds{ResponseRecorder: httptest.NewRecorder()}
	Paced(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), pace).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/x", http.NoBody))
	if len(w.ends) != 0 {
		t.Errorf("a request without a body has the ends %v", w.ends)
	}
}

// Whoever has only a weak line is let through with pictures of every size that is
// taken; a form that takes more than a minute or so is not.
func TestTheShippedPace(t *testing.T) {
	t.Parallel()
	p := ShippedPace()
	const weak = 20_000 // bytes a second
	for n := int64(1); n <= MaxFile; n += 64 << 10 {
		if took := time.Duration(float64(n) / weak * float64(time.Second)); took > p.allowance(n) {
			t.Fatalf("%d bytes take %v on a weak line and may take %v", n, took, p.allowance(n))
		}
	}
	for size, most := range map[int64]time.Duration{0: 30 * time.Second, 256 << 10: time.Minute, MaxFile: 25 * time.Minute} {
		if got := p.allowance(size); got > most || got < most*7/10 {
			t.Errorf("%d bytes may take %v", size, got)
		}
	}
}
