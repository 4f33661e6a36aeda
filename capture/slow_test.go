package capture

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// bounds notes the ends that a handler gives to the body of a request.
type bounds struct {
	*httptest.ResponseRecorder
	ends []time.Time
}

func (b *bounds) SetReadDeadline(at time.Time) error {
	b.ends = append(b.ends, at)
	return nil
}

// Who sends a byte a minute has to end, too: the places of the uploads are few,
// and all applicants of the server share them. What follows the body is not hurried.
func TestABodyHasAnEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, body string
		read       func(*visit) error
		most       time.Duration
	}{
		"a form": {"application/x-www-form-urlencoded", "a=b", (*visit).form, formTime},
		"an upload": {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n", func(v *visit) error {
			done, err := v.upload()
			done()
			return err
		}, uploadTime},
		"frames": {"application/json", "{}", func(v *visit) error { return v.read(10, &struct{}{}) }, uploadTime},
	} {
		w := &bounds{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/capture/token", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		before := time.Now()
		if err := c.read(&visit{w: w, r: r}); err != nil {
			t.Fatal(name, err)
		}
		if len(w.ends) != 2 || w.ends[0].Before(before.Add(c.most)) || w.ends[0].After(time.Now().Add(c.most)) || !w.ends[1].IsZero() {
			t.Errorf("%s: the ends are %v", name, w.ends)
		}
	}
}
