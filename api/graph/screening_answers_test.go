package graph

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// gradedList says of its entries why they are listed.
const gradedList = `id,name,type,birth_date,countries,topics,programs,weak_aliases
G-1,"QUILLFEATHER, Barnabas",person,1961-04-02,GB,sanction,SDGT,Featherman
G-2,"VRANTZ, Oleander",person,1975,DE,role.pep,,
G-3,"TINDERSBY, Marlowe",person,,CY,crime.fraud,,
G-4,"OSTREGARD, Pip",person,,CY,,,
`

// graded is a bench with gradedList in force as "graded".
func graded(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	file := filepath.Join(t.TempDir(), "graded.csv")
	if err := os.WriteFile(file, []byte(gradedList), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.lists.Import(t.Context(), "csv", "graded", []string{file}, false); err != nil {
		t.Fatal(err)
	}
	return b
}

func sumOf(got reply, path string) (sum float64) {
	for i := range got.List(path) {
		points, _ := got.At(fmt.Sprintf("%s.%d.points", path, i)).(float64) // 0 is left out
		sum += points
	}
	return sum
}

func TestScreeningMatchShowsRiskBesideStrength(t *testing.T) {
	t.Parallel()
	b := graded(t)
	risks := map[string]float64{}
	for id, name := range map[string]string{"G-1": "Barnabas Quillfeather", "G-2": "Oleander Vrantz", "G-3": "Marlowe Tindersby", "G-4": "Pip Ostregard"} {
		got := b.live.Must(200, "POST", "/screening/match", `{"name":"`+name+`","type":"person","explain":"full"}`)
		if got.Str("matches.0.id") != id || got.At("matches.0.score") != 1.0 {
			t.Fatalf("%s", got.Raw)
		}
		risk := got.At("matches.0.risk").(float64)
		if sum := sumOf(got, "matches.0.risk_features"); risk <= 0 || math.Abs(sum-risk) > 1e-9 {
			t.Errorf("%s: the rows add up to %v, the risk is %v", id, sum, risk)
		}
		risks[id] = risk
	}
	if risks["G-1"] <= risks["G-3"] || risks["G-3"] <= risks["G-2"] || risks["G-4"] <= risks["G-2"] {
		t.Errorf("%v", risks)
	}
	// A weaker match with the same entry is as grave.
	got := b.live.Must(200, "POST", "/screening/match", `{"name":"Barnaby Quilfeather","threshold":0.5,"explain":"full"}`)
	if got.At("matches.0.score").(float64) >= 1 || got.At("matches.0.risk") != risks["G-1"] {
		t.Errorf("%s", got.Raw)
	}
	if got.Str("matches.0.birth_dates.0") != "1961-04-02" || got.Str("matches.0.countries.0") != "GB" || got.Str("matches.0.topics.0") != "sanction" || got.Str("matches.0.name_quality") != "primary" {
		t.Errorf("what a reviewer compares is missing: %s", got.Raw)
	}
}

func TestScreeningMatchSaysWhatWouldMiss(t *testing.T) {
	t.Parallel()
	b := graded(t)
	got := b.live.Must(200, "POST", "/screening/match", `{"name":"Barnabas Quillfeather","dob":"1961-04-02"}`)
	said := got.Str("matches.0.to_miss")
	if !strings.Contains(said, "year of birth") || !strings.Contains(said, "“Quillfeather”") {
		t.Errorf("%s", got.Raw)
	}
	for _, missed := range []string{`{"name":"Barnabas Quillfeather","dob":"1990-04-02"}`, `{"name":"Barnabas Ostenrood","dob":"1961-04-02"}`} {
		if r := b.live.Must(200, "POST", "/screening/match", missed); len(r.List("matches")) != 0 {
			t.Errorf("the hit does not fall away as %q says: %s", said, r.Raw)
		}
	}
	if r := b.live.Must(200, "POST", "/screening/match", `{"name":"Barnabas Quillfeather","threshold":0}`); r.At("matches.0.to_miss") != nil {
		t.Errorf("without a threshold nothing can be missed: %s", r.Raw)
	}
}

func TestScreeningMatchLooksForAPurpose(t *testing.T) {
	t.Parallel()
	b := graded(t)
	for body, found := range map[string]int{
		`{"name":"Oleander Vrantz","purpose":"any"}`:                                       1,
		`{"name":"Oleander Vrantz","purpose":"pep"}`:                                       1,
		`{"name":"Oleander Vrantz","purpose":"sanctions"}`:                                 0,
		`{"name":"Barnabas Quillfeather","purpose":"sanctions"}`:                           1,
		`{"name":"Barnabas Quillfeather","purpose":"pep"}`:                                 0,
		`{"name":"Marlowe Tindersby","purpose":"crime"}`:                                   1,
		`{"name":"Barnabas Quillfeather","purpose":"crime"}`:                               0,
		`{"name":"Marlowe Tindersby","topics":["crime.fraud"]}`:                            1,
		`{"name":"Marlowe Tindersby","topics":["role.pep"]}`:                               0,
		`{"name":"Marlowe Tindersby","datasets":["graded"]}`:                               1,
		`{"name":"Oleander Vrantz","purpose":"pep","topics":["role.pep"],"type":"person"}`: 1,
	} {
		if got := b.live.Must(200, "POST", "/screening/match", body); len(got.List("matches")) != found || got.Str("status") != "ok" {
			t.Errorf("%s: %s", body, got.Raw)
		}
	}
	// A list with nobody of the kind is not asked, and that is said.
	got := b.live.Must(200, "POST", "/screening/match", `{"name":"Oleander Vrantz","lists":["graded"],"datasets":["elsewhere"]}`)
	if got.Str("status") != "not_configured" || !strings.Contains(got.Str("notes.0"), "graded") {
		t.Errorf("%s", got.Raw)
	}
	r := b.live.refused(422, "purpose_and_topics", "POST", "/screening/match", `{"name":"Ltd","purpose":"crime","topics":["sanction"]}`)
	if len(r.List("errors")) != 2 || r.Str("errors.0.path") != "/topics" || r.Str("errors.1.path") != "/name" || r.Str("errors.1.code") != "name_unscreenable" {
		t.Errorf("not every problem is listed: %s", r.Raw)
	}
	// What is refused as a whole is refused in a batch, and nobody is shown.
	r = b.live.Must(200, "POST", "/screening/batch", `{"queries":[{"name":"Marlowe Tindersby"},{"name":"Marlowe Tindersby","purpose":"crime","topics":["sanction"]}]}`)
	if r.Str("results.1.error.errors.0.path") != "/queries/1/topics" || r.Str("results.1.status") != "error" || len(r.List("results.1.matches")) != 0 || len(r.List("results.0.matches")) != 1 {
		t.Errorf("%s", r.Raw)
	}
	for _, body := range []string{`{"name":"a b","purpose":"fun"}`, `{"name":"a b","mode":"fun"}`} {
		if r := b.live.Call("POST", "/screening/match", body); r.Status != 422 {
			t.Errorf("%s: %d", body, r.Status)
		}
	}
}

func TestScreeningMatchOnTheScaleOfOFAC(t *testing.T) {
	t.Parallel()
	b := graded(t)
	got := b.live.Must(200, "POST", "/screening/match", `{"name":"Barnabas Quilfeather","mode":"ofac","threshold":0.9,"dob":"1990-01-01"}`)
	score := got.At("matches.0.score").(float64)
	if got.Str("matches.0.id") != "G-1" || score < 0.95 || score >= 1 || got.At("matches.0.ofac_score").(float64) != math.Round(100*score) || len(got.List("notes")) != 1 {
		t.Fatalf("%s", got.Raw)
	}
	if sum := sumOf(got, "matches.0.features"); math.Abs(sum-score) > 1e-9 {
		t.Errorf("the rows add up to %v, the score is %v", sum, score)
	}
	if r := b.live.Must(200, "POST", "/screening/match", `{"name":"Barnabas Quilfeather"}`); r.At("matches.0.ofac_score") != nil {
		t.Errorf("our own scale is not theirs: %s", r.Raw)
	}
}

// TestScreeningMatchBearsBadNames sends names that no list and no person has.
func TestScreeningMatchBearsBadNames(t *testing.T) {
	t.Parallel()
	b := graded(t)
	quoted := func(s string) string {
		var out strings.Builder
		for _, r := range s {
			fmt.Fprintf(&out, "\\u%04x", r)
		}
		return out.String()
	}
	for what, c := range map[string]struct {
		name   string
		status int
		code   string
		found  string
	}{
		"an empty name":                     {"", 422, "name_unscreenable", ""},
		"blanks":                            {"   ", 422, "name_unscreenable", ""},
		"a stop-word":                       {"the", 422, "name_unscreenable", ""},
		"a legal form":                      {"Ltd", 422, "name_unscreenable", ""},
		"a title":                           {"Mr", 422, "name_unscreenable", ""},
		"one letter":                        {"Q", 422, "name_unscreenable", ""},
		"punctuation":                       {"-.,;:!?", 422, "name_unscreenable", ""},
		"an emoji":                          {`\ud83d\ude00`, 422, "name_unscreenable", ""},
		"zero-width characters alone":       {quoted("\u200b\u200d\ufeff"), 422, "name_unscreenable", ""},
		"control characters alone":          {quoted("\x00\x01\x1b"), 422, "name_unscreenable", ""},
		"10,000 characters":                 {strings.Repeat("Quillfeather", 834), 422, "name_too_long", ""},
		"10,000 words":                      {strings.Repeat("a ", 10000), 422, "name_too_long", ""},
		"a body beyond all bounds":          {strings.Repeat("x", 70000), 400, "string_too_long", ""},
		"2,000 bytes of one word":           {strings.Repeat("q", 2000), 200, "", ""},
		"2,000 bytes of words":              {strings.Repeat("Barnabas ", 222), 200, "", ""},
		"zero-width characters in the name": {"Barnabas Quill" + quoted("\u200b") + "feather", 200, "", "G-1"},
		"control characters in the name":    {"Barnabas Quill" + quoted("\x01") + "feather", 200, "", "G-1"},
		"a tab and a line break":            {`Barnabas\t\nQuillfeather`, 200, "", "G-1"},
		"an emoji beside the name":          {`Barnabas Quillfeather \ud83d\ude00`, 200, "", "G-1"},
		"full-width letters":                {"Ｂａｒｎａｂａｓ Ｑｕｉｌｌｆｅａｔｈｅｒ", 200, "", "G-1"},
		"mixed scripts":                     {"Barnabas Куиллфезер 김정", 200, "", ""},
		"a turn of writing direction":       {quoted("\u202e") + "Barnabas Quillfeather", 200, "", "G-1"},
		"half a surrogate pair":             {`Barnabas \ud83d`, 400, "json_malformed", ""},
		"markup":                            {`<script>alert(1)</script> Quillfeather`, 200, "", ""},
	} {
		got := b.live.Call("POST", "/screening/match", `{"name":"`+c.name+`"}`)
		switch {
		case c.status == 422 && (len(got.List("errors")) != 1 || got.Str("errors.0.path") != "/name" || got.Str("errors.0.code") != c.code || got.Str("errors.0.message") == ""):
			t.Errorf("%s: the problem has no place: %.300s", what, got.Raw)
		case got.Status != c.status || c.code != "" && got.Str("code") != c.code:
			t.Errorf("%s: %d %.300s, not %d %s", what, got.Status, got.Raw, c.status, c.code)
		case c.status != 200 && strings.Contains(string(got.Raw), "Quillfeather"):
			t.Errorf("%s: the answer repeats the name: %.300s", what, got.Raw)
		case c.found != "" && got.Str("matches.0.id") != c.found:
			t.Errorf("%s does not find %s: %.300s", what, c.found, got.Raw)
		}
	}
}

// wordsOf writes rows so that the brief and the full ones of a score are the
// same: each side's words without a partner in their order, and of the others
// name, rule and the query's side.
func wordsOf(rows any) string {
	missing, out := map[string]string{}, ""
	for _, r := range rows.([]any) {
		row := r.(map[string]any)
		if row["name"] == "missing_word" {
			side := fmt.Sprint(row["rule"])
			missing[side] += fmt.Sprint(row["query"], row["listed"], " ")
			continue
		}
		listed := row["listed"]
		if listed == nil || strings.EqualFold(fmt.Sprint(listed), fmt.Sprint(row["query"])) {
			listed = row["query"]
		}
		out += fmt.Sprint(row["name"], row["query"], listed, row["rule"], row["value"], row["points"], ";")
	}
	return out + strings.ReplaceAll(fmt.Sprint(missing), "<nil>", "")
}

// TestScreeningMatchSaysEachThingOnce compares an answer in brief with one in
// full: brief leaves out what is empty or stands elsewhere in the answer, and
// nothing else.
func TestScreeningMatchSaysEachThingOnce(t *testing.T) {
	t.Parallel()
	b := graded(t)
	for _, body := range []string{`"name":"Barnabas Quilfeather Vrantz","type":"person","dob":"1961"`, `"name":"Featherman"`, `"name":"Tindersby, Marlowe","type":"entity","country":"CY"`, `"name":"Oleander Vrantz","mode":"ofac"`} {
		brief, full := b.live.Must(200, "POST", "/screening/match", `{`+body+`,"threshold":0}`), b.live.Must(200, "POST", "/screening/match", `{`+body+`,"threshold":0,"explain":"full"}`)
		if len(brief.List("matches")) == 0 || len(brief.List("matches")) != len(full.List("matches")) {
			t.Fatalf("%s\n%s\n%s", body, brief.Raw, full.Raw)
		}
		if same := b.live.Must(200, "POST", "/screening/match", `{`+body+`,"threshold":0,"explain":"brief"}`); len(same.Raw) != len(brief.Raw) {
			t.Errorf("%s: brief is not the default", body)
		}
		for i := range brief.List("matches") {
			short, long := brief.At(fmt.Sprintf("matches.%d", i)).(map[string]any), full.At(fmt.Sprintf("matches.%d", i)).(map[string]any)
			if long["version"] != full.At("lists.0.version") || len(long["risk_features"].([]any)) == 0 || long["matched_name"] == nil || long["name_quality"] == nil {
				t.Errorf("%s: not full: %v", body, long)
			}
			if short["version"] != nil || short["risk_features"] != nil {
				t.Errorf("%s: not brief: %v", body, short)
			}
			for name, value := range long {
				switch said := short[name]; {
				case name == "version" || name == "risk_features":
				case name == "features":
					if a, b := wordsOf(said), wordsOf(value); a != b {
						t.Errorf("%s: brief explains %s, full %s", body, a, b)
					}
				case said == nil && (name == "matched_name" && value == long["name"] || name == "name_quality" && value == "primary"):
				case fmt.Sprint(said) != fmt.Sprint(value):
					t.Errorf("%s: %s is %v in brief and %v in full", body, name, said, value)
				}
			}
			if sum := sumOf(brief, fmt.Sprintf("matches.%d.features", i)); math.Abs(sum-short["score"].(float64)) > 1e-9 {
				t.Errorf("%s: the rows add up to %v: %v", body, sum, short)
			}
		}
	}
	if r := b.live.Call("POST", "/screening/match", `{"name":"a b","explain":"loud"}`); r.Status != 422 {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
}

// TestScreeningMatchShowsWhatIsNearest asks without a threshold: what is far
// behind the best match is not shown, and a low threshold shows it.
func TestScreeningMatchShowsWhatIsNearest(t *testing.T) {
	t.Parallel()
	b := graded(t)
	nearest := b.live.Must(200, "POST", "/screening/match", `{"name":"Barnabas Quillfeather","aliases":["Oleander Vrantz Zimmerbold Kretschmar","Vrantz Zimmerbold"],"dob":"1961-04-02","threshold":0}`)
	all := b.live.Must(200, "POST", "/screening/match", `{"name":"Barnabas Quillfeather","aliases":["Oleander Vrantz Zimmerbold Kretschmar","Vrantz Zimmerbold"],"dob":"1961-04-02","threshold":0.1}`)
	if len(nearest.List("matches")) != 1 || nearest.Str("matches.0.id") != "G-1" {
		t.Errorf("%s", nearest.Raw)
	}
	if len(all.List("matches")) != 2 || all.Str("matches.0.id") != "G-1" {
		t.Errorf("%s", all.Raw)
	}
	for i := range all.List("matches") {
		if score := all.At(fmt.Sprintf("matches.%d.score", i)).(float64); i > 0 && score >= 0.6 {
			t.Errorf("match %d scores %v: the test is too easy", i, score)
		}
	}
}
