package graph

import (
	"strings"
	"testing"

	"bonafide/api"
)

func TestEveryFieldOfTheSurfaceIsDocumented(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.live.Send("GET", b.URL+"/openapi.json", "", nil)
	if r.Status != 200 {
		t.Fatalf("%d %s", r.Status, r.Raw)
	}
	if lacking := api.Undocumented(r.Raw); len(lacking) > 0 {
		t.Errorf("without description:\n%s", strings.Join(lacking, "\n"))
	}
	for _, path := range []string{"/api/v1/workflows/{id}/drafts/{draft_id}/dry-run", "/api/v1/sessions/{id}/external-decision", "/api/v1/cases/next", "/api/v1/lists/{id}/items/csv"} {
		if !strings.Contains(string(r.Raw), `"`+path+`"`) {
			t.Errorf("the document lacks %s", path)
		}
	}
}
