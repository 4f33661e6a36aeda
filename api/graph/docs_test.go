package graph

import (
	"strings"
	"testing"

	"bonafide/api"
)

func TestEveryFieldOfTheSurfaceIsDocumented(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.live.send("GET", b.url+"/openapi.json", "", nil)
	if r.status != 200 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	if lacking := api.Undocumented(r.raw); len(lacking) > 0 {
		t.Errorf("without description:\n%s", strings.Join(lacking, "\n"))
	}
	for _, path := range []string{"/api/v1/workflows/{id}/drafts/{draft_id}/dry-run", "/api/v1/sessions/{id}/external-decision", "/api/v1/cases/next", "/api/v1/lists/{id}/items/csv"} {
		if !strings.Contains(string(r.raw), `"`+path+`"`) {
			t.Errorf("the document lacks %s", path)
		}
	}
}
