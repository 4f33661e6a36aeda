package api

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// BenchmarkPost is one POST through the whole porch with a store that costs
// nothing: key, limits, strict body, schema, handler, commit, answer, log.
func BenchmarkPost(b *testing.B) {
	s := setup(b)
	const body = `{"name":"a widget","kind":"square","size":5,"parts":[{"label":"one"},{"label":"two"}],"extra":{"a":[1,2,3]}}`
	for b.Loop() {
		s.advance(time.Second)
		r := httptest.NewRequest("POST", "/api/v1/widgets", strings.NewReader(body))
		r.Header.Set("X-API-Key", s.live)
		r.Header.Set("Content-Type", "application/json")
		if a := s.send(r); a.status != 201 {
			b.Fatal(a.status, a.body)
		}
		s.log.Reset()
	}
}
