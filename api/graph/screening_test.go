package graph

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// ownList has entries of the test's own; nobody of that name is listed
// anywhere.
const ownList = `id,name,type,aliases,birth_date,countries
A-1,Barnabas Quillfeather,person,Barney Quillfeather,1961-04-02,GB
A-2,Oleander Vrantz,person,,1975,DE
A-3,Marlowe Tindersby Holdings Ltd,entity,,,CY
`

// listed is a bench with ownList in force as "own".
func listed(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	file := filepath.Join(t.TempDir(), "own.csv")
	if err := os.WriteFile(file, []byte(ownList), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.lists.Import(t.Context(), "csv", "own", []string{file}, false); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestScreeningMatchSaysWhenNothingWasAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	got := b.live.Must(200, "POST", "/screening/match", `{"name":"Ada Lovelace","dob":"1815-12-10"}`)
	if got.Str("status") == "ok" || len(got.List("matches")) != 0 {
		t.Errorf("no list is loaded, yet: %s", got.Raw)
	}
	if r := b.live.Must(200, "POST", "/screening/batch", `{"queries":[{"name":"Ada Lovelace"}]}`); r.Str("results.0.status") != "not_configured" {
		t.Errorf("no list is loaded, yet: %s", r.Raw)
	}
	b.live.refused(422, "name_unscreenable", "POST", "/screening/match", `{}`)
}

func TestScreeningMatchExplainsItsScore(t *testing.T) {
	t.Parallel()
	b := listed(t)
	got := b.live.Must(200, "POST", "/screening/match", `{"name":"Quillfeather, Barnabas","type":"person","dob":"1961-04-02","country":"GB","lists":["own"],"limit":10,"threshold":0.0}`)
	if got.Str("status") != "ok" || got.Str("matches.0.id") != "A-1" || got.Str("matches.0.list") != "own" || got.At("lists.0.entries") != 3.0 || got.Str("lists.0.status") != "ok" {
		t.Fatalf("%s", got.Raw)
	}
	sum := 0.0
	for i := range got.List("matches.0.features") {
		points, _ := got.At(fmt.Sprintf("matches.0.features.%d.points", i)).(float64) // 0 is left out
		sum += points
	}
	if score := got.At("matches.0.score").(float64); score < 0.9 || sum < score-0.0002 || sum > score+0.0002 {
		t.Errorf("rows add up to %.4f: %s", sum, got.Raw)
	}
	wrong := b.live.Must(200, "POST", "/screening/match", `{"name":"Barnabas Quillfeather","type":"person","dob":"1990-01-01","lists":["own"]}`)
	if len(wrong.List("matches")) != 0 {
		t.Errorf("another birth date still alerts: %s", wrong.Raw)
	}
	missing := b.live.Must(200, "POST", "/screening/match", `{"name":"Nobody Atall","lists":["own","absent"]}`)
	if missing.Str("status") != "not_configured" {
		t.Errorf("a list that is not there must not read as clear: %s", missing.Raw)
	}
}

func TestScreeningBatchAnswersEachAsAlone(t *testing.T) {
	t.Parallel()
	b := listed(t)
	queries := []string{
		`{"name":"Barney Quillfeather","lists":["own"],"threshold":0}`,
		`{"name":"Ltd"}`,
		`{"name":"Marlow Tindersby","type":"entity"}`,
		`{"name":"` + strings.Repeat("x", 10000) + `"}`,
		`{}`,
		`{"name":"Nobody Atall","lists":["absent"]}`,
		`{"first_name":"Oleander","last_name":"Vrantz","dob":"1975-03-09"}`,
		`{"name":"Oleander Vrantz","dob":"soon"}`,
	}
	got := b.live.Must(200, "POST", "/screening/batch", `{"queries":[`+strings.Join(queries, ",")+`]}`)
	if len(got.List("results")) != len(queries) || got.At("failed") != 3.0 {
		t.Fatalf("%s", got.Raw)
	}
	codes := map[int]string{1: "name_unscreenable", 3: "name_too_long", 4: "name_unscreenable"}
	for i, q := range queries {
		at := fmt.Sprintf("results.%d.", i)
		if got.At(at+"index") != float64(i) {
			t.Errorf("%d stands in another's place: %v", i, got.At(at+"index"))
		}
		if code := codes[i]; code != "" {
			alone := b.live.refused(422, code, "POST", "/screening/match", q)
			if got.Str(at+"status") != "error" || got.Str(at+"error.code") != code || got.Str(at+"error.message") != alone.Str("detail") || len(got.List(at+"matches")) != 0 ||
				got.Str(at+"error.errors.0.path") != fmt.Sprintf("/queries/%d/name", i) || got.Str(at+"error.errors.0.code") != code {
				t.Errorf("%d: %v", i, got.At(fmt.Sprintf("results.%d", i)))
			}
			continue
		}
		alone := b.live.Must(200, "POST", "/screening/match", q)
		for _, part := range []string{"status", "matches", "notes"} {
			if !reflect.DeepEqual(got.At(at+part), alone.At(part)) {
				t.Errorf("%d: %s is %v in the batch and %v alone", i, part, got.At(at+part), alone.At(part))
			}
		}
		if got.At(at+"error") != nil {
			t.Errorf("%d has an error: %v", i, got.At(at+"error"))
		}
	}
	if got.Str("results.0.matches.0.id") != "A-1" || got.Str("results.6.matches.0.id") != "A-2" || got.Str("results.5.status") != "not_configured" {
		t.Errorf("%s", got.Raw)
	}
}

func TestScreeningBatchHasItsLimits(t *testing.T) {
	t.Parallel()
	b := listed(t)
	many := func(n int) string {
		return `{"queries":[` + strings.TrimSuffix(strings.Repeat(`{"name":"Barnabas Quillfeather"},`, n), ",") + `]}`
	}
	if r := b.live.Must(200, "POST", "/screening/batch", many(1000)); r.Str("results.999.matches.0.id") != "A-1" || r.At("failed") != 0.0 {
		t.Errorf("%.500s", r.Raw)
	}
	for _, body := range []string{many(1001), `{"queries":[]}`, `{}`, `{"queries":[{"name":"a b","type":"ghost"}]}`, `{"queries":[{"name":"a b","threshold":2}]}`, `{"queries":[{"date_of_birth":"1961"}]}`} {
		if r := b.live.Call("POST", "/screening/batch", body); r.Status != 422 {
			t.Errorf("%.80s: %d %.300s", body, r.Status, r.Raw)
		}
	}
	document := b.live.Must(200, "GET", b.URL+"/openapi.json", nil)
	for _, field := range []string{"index", "error", "status", "matches", "lists", "notes"} {
		if properties, _ := document.At("components.schemas.GraphScreened.properties").(map[string]any); properties[field] == nil {
			t.Errorf("the reference does not show %s of a result: %v", field, properties)
		}
	}
	// A key that may only read may not screen.
	if r := b.reader.Call("POST", "/screening/batch", many(1)); r.Status != 403 {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	events := b.live.Must(200, "GET", "/audit?limit=100", nil)
	if !strings.Contains(string(events.Raw), "screening.batch") || strings.Contains(string(events.Raw), "Quillfeather") {
		t.Errorf("%s", events.Raw)
	}
}
