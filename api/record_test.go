package api

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAnswersSayHowLongTheyAre: an answer goes out in one piece, and none of it
// in the next one, whatever was served in between.
func TestAnswersSayHowLongTheyAre(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			name := strings.Repeat(string(rune('a'+i)), 2+i)
			for range 20 {
				b.advance(time.Minute) // for the limits of rate
				a := b.call("POST", "/api/v1/widgets", `{"name":"`+name+`"}`)
				if a.status != 201 || a.header.Get("Content-Length") != strconv.Itoa(len(a.body)) || !strings.Contains(a.body, `"`+name+`"`) {
					t.Errorf("%d %v %.100s", a.status, a.header, a.body)
				}
				if a = b.call("POST", "/api/v1/widgets", `{`); a.status != 400 || a.header.Get("Content-Length") != strconv.Itoa(len(a.body)) || a.header.Get("ETag") != "" {
					t.Errorf("%d %v %.100s", a.status, a.header, a.body)
				}
			}
		})
	}
	all.Wait()
}

func TestRecordsAreEmptyWhenTheyAreTakenAgain(t *testing.T) {
	t.Parallel()
	var r records
	rec := r.take()
	rec.Header().Set("ETag", `"1"`)
	rec.WriteHeader(http.StatusCreated)
	_, _ = rec.Write([]byte("somebody's"))
	out := httptest.NewRecorder()
	rec.send(t.Context(), out)
	r.give(rec)
	if rec.status != 0 || rec.body.Len() != 0 || len(rec.header) != 0 {
		t.Errorf("%+v", rec)
	}
	if out.Code != http.StatusCreated || out.Header().Get("ETag") != `"1"` || out.Body.String() != "somebody's" {
		t.Errorf("%d %v %s", out.Code, out.Header(), out.Body)
	}
	none := newRecord()
	none.WriteHeader(http.StatusNoContent)
	out = httptest.NewRecorder()
	none.send(t.Context(), out)
	if out.Header().Get("Content-Length") != "" {
		t.Errorf("%v", out.Header())
	}
	big := newRecord()
	_, _ = big.Write(make([]byte, maxKeptRecord+1))
	r.give(big)
	if big.body.Len() == 0 {
		t.Error("a large record was kept")
	}
}
