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
	got := b.live.must(200, "POST", "/screening/match", `{"name":"Ada Lovelace","dob":"1815-12-10"}`)
	if got.str("status") == "ok" || len(got.list("matches")) != 0 {
		t.Errorf("no list is loaded, yet: %s", got.raw)
	}
	if r := b.live.must(200, "POST", "/screening/batch", `{"queries":[{"name":"Ada Lovelace"}]}`); r.str("results.0.status") != "not_configured" {
		t.Errorf("no list is loaded, yet: %s", r.raw)
	}
	b.live.refused(422, "name_unscreenable", "POST", "/screening/match", `{}`)
}

func TestScreeningMatchExplainsItsScore(t *testing.T) {
	t.Parallel()
	b := listed(t)
	got := b.live.must(200, "POST", "/screening/match", `{"name":"Quillfeather, Barnabas","type":"person","dob":"1961-04-02","country":"GB","lists":["own"],"limit":10,"threshold":0.0}`)
	if got.str("status") != "ok" || got.str("matches.0.id") != "A-1" || got.str("matches.0.list") != "own" || got.at("lists.0.entries") != 3.0 || got.str("lists.0.status") != "ok" {
		t.Fatalf("%s", got.raw)
	}
	sum := 0.0
	for i := range got.list("matches.0.features") {
		points, _ := got.at(fmt.Sprintf("matches.0.features.%d.points", i)).(float64) // 0 is left out
		sum += points
	}
	if score := got.at("matches.0.score").(float64); score < 0.9 || sum < score-0.0002 || sum > score+0.0002 {
		t.Errorf("rows add up to %.4f: %s", sum, got.raw)
	}
	wrong := b.live.must(200, "POST", "/screening/match", `{"name":"Barnabas Quillfeather","type":"person","dob":"1990-01-01","lists":["own"]}`)
	if len(wrong.list("matches")) != 0 {
		t.Errorf("another birth date still alerts: %s", wrong.raw)
	}
	missing := b.live.must(200, "POST", "/screening/match", `{"name":"Nobody Atall","lists":["own","absent"]}`)
	if missing.str("status") != "not_configured" {
		t.Errorf("a list that is not there must not read as clear: %s", missing.raw)
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
	got := b.live.must(200, "POST", "/screening/batch", `{"queries":[`+strings.Join(queries, ",")+`]}`)
	if len(got.list("results")) != len(queries) || got.at("failed") != 3.0 {
		t.Fatalf("%s", got.raw)
	}
	codes := map[int]string{1: "name_unscreenable", 3: "name_too_long", 4: "name_unscreenable"}
	for i, q := range queries {
		at := fmt.Sprintf("results.%d.", i)
		if got.at(at+"index") != float64(i) {
			t.Errorf("%d stands in another's place: %v", i, got.at(at+"index"))
		}
		if code := codes[i]; code != "" {
			alone := b.live.refused(422, code, "POST", "/screening/match", q)
			if got.str(at+"status") != "error" || got.str(at+"error.code") != code || got.str(at+"error.message") != alone.str("detail") || len(got.list(at+"matches")) != 0 {
				t.Errorf("%d: %v", i, got.at(fmt.Sprintf("results.%d", i)))
			}
			continue
		}
		alone := b.live.must(200, "POST", "/screening/match", q)
		for _, part := range []string{"status", "matches", "notes"} {
			if !reflect.DeepEqual(got.at(at+part), alone.at(part)) {
				t.Errorf("%d: %s is %v in the batch and %v alone", i, part, got.at(at+part), alone.at(part))
			}
		}
		if got.at(at+"error") != nil {
			t.Errorf("%d has an error: %v", i, got.at(at+"error"))
		}
	}
	if got.str("results.0.matches.0.id") != "A-1" || got.str("results.6.matches.0.id") != "A-2" || got.str("results.5.status") != "not_configured" {
		t.Errorf("%s", got.raw)
	}
}

func TestScreeningBatchHasItsLimits(t *testing.T) {
	t.Parallel()
	b := listed(t)
	many := func(n int) string {
		return `{"queries":[` + strings.TrimSuffix(strings.Repeat(`{"name":"Barnabas Quillfeather"},`, n), ",") + `]}`
	}
	if r := b.live.must(200, "POST", "/screening/batch", many(1000)); r.str("results.999.matches.0.id") != "A-1" || r.at("failed") != 0.0 {
		t.Errorf("%.500s", r.raw)
	}
	for _, body := range []string{many(1001), `{"queries":[]}`, `{}`, `{"queries":[{"name":"a b","type":"ghost"}]}`, `{"queries":[{"name":"a b","threshold":2}]}`, `{"queries":[{"date_of_birth":"1961"}]}`} {
		if r := b.live.call("POST", "/screening/batch", body); r.status != 422 {
			t.Errorf("%.80s: %d %.300s", body, r.status, r.raw)
		}
	}
	document := b.live.must(200, "GET", b.url+"/openapi.json", nil)
	for _, field := range []string{"index", "error", "status", "matches", "lists", "notes"} {
		if properties, _ := document.at("components.schemas.GraphScreened.properties").(map[string]any); properties[field] == nil {
			t.Errorf("the reference does not show %s of a result: %v", field, properties)
		}
	}
	// A key that may only read may not screen.
	if r := b.reader.call("POST", "/screening/batch", many(1)); r.status != 403 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	events := b.live.must(200, "GET", "/audit?limit=100", nil)
	if !strings.Contains(string(events.raw), "screening.batch") || strings.Contains(string(events.raw), "Quillfeather") {
		t.Errorf("%s", events.raw)
	}
}
