package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// offices holds a minister, her brother, a sanctioned politician, a fraudster
// and a sanctioned person; sanctions nobody with an office.
const (
	offices = `{"id":"minister","schema":"Person","properties":{"name":["Orsolya Quennell"],"birthDate":["1971-02-03"],"topics":["role.pep"]}}
{"id":"brother","schema":"Person","properties":{"name":["Tobiasz Quennell"],"topics":["role.rca"]}}
{"id":"both","schema":"Person","properties":{"name":["Ignatz Verrocchio"],"topics":["role.pep","sanction"]}}
{"id":"fraud","schema":"Person","properties":{"name":["Lucasta Brambilla"],"topics":["crime.fraud"]}}
{"id":"o","schema":"Occupancy","properties":{"holder":["minister"],"post":["tides"],"startDate":["2021"]}}
{"id":"tides","schema":"Position","properties":{"name":["Minister of Tides"],"country":["nz"],"topics":["gov.national"]}}
`
	sanctions = `{"id":"plain","schema":"Person","properties":{"name":["Hesper Oddlington"],"topics":["sanction"]}}
`
	onlyPEPs = `{"id":"minister","schema":"Person","properties":{"name":["Orsolya Quennell"],"topics":["role.pep"]}}
`
)

type listHouse struct {
	*screen.Screener
	t *testing.T
}

func newListHouse(t *testing.T) listHouse {
	t.Helper()
	s, err := screen.Open(screen.Options{Dir: t.TempDir(), Clock: clock()})
	if err != nil {
		t.Fatal(err)
	}
	return listHouse{s, t}
}

func (l listHouse) put(list, ftm string) {
	l.t.Helper()
	file := filepath.Join(l.t.TempDir(), "entities.ftm.json")
	if err := os.WriteFile(file, []byte(ftm), 0o600); err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.Import(l.t.Context(), "ftm", list, []string{file}, false); err != nil {
		l.t.Fatal(err)
	}
}

// ask puts one check to a person of that name.
func (l listHouse) ask(policy, given, family, config string, change func(*kyc.CheckRequest)) kyc.Answer {
	r := request(policy)
	r.Extracted, r.Uploads, r.Checks = nil, nil, nil
	r.Fields = map[string]any{"first_name": given, "last_name": family, "owners": []any{map[string]any{"name": "Tobiasz Quennell"}, map[string]any{"name": "Nobody Ofnote"}}}
	if config != "" {
		r.Config = json.RawMessage(config)
	}
	if change != nil {
		change(&r)
	}
	d := Deps{Clock: clock(), Screener: l.Screener}
	if policy == "aml_pep" {
		return runCheck(amlPEP(d), r)
	}
	return runCheck(watchlistScreening(d), r)
}

func TestPEPsAreToldApart(t *testing.T) {
	t.Parallel()
	l := newListHouse(t)
	l.put("opensanctions", offices)
	for _, x := range []struct{ given, family, pep, list string }{ // list is the type of its hit
		{"Orsolya", "Quennell", "pep", ""}, {"Tobiasz", "Quennell", "relative", ""}, {"Ignatz", "Verrocchio", "pep", "person"}, {"Lucasta", "Brambilla", "", "crime"}, {"Wilhelmina", "Stroud", "", ""},
	} {
		a, w := l.ask("aml_pep", x.given, x.family, "", nil), l.ask("watchlist_screening", x.given, x.family, "", nil)
		if a.Status != kyc.StatusOK || w.Status != kyc.StatusOK {
			t.Fatalf("%s: %+v %+v", x.family, a, w)
		}
		if hit := x.pep != ""; (a.Verdict == kyc.Fail) != hit || (len(a.Hits) == 1) != hit || hit && (a.Hits[0].Type != "pep" || a.Details["peps"].([]any)[0].(map[string]any)["class"] != x.pep) {
			t.Errorf("aml_pep of %s: %+v", x.family, a)
		}
		if hit := x.list != ""; (w.Verdict == kyc.Fail) != hit || (len(w.Hits) == 1) != hit || hit && w.Hits[0].Type != x.list {
			t.Errorf("watchlist_screening of %s: %+v", x.family, w)
		}
	}
	a := l.ask("aml_pep", "Orsolya", "Quennell", "", nil)
	row := a.Details["peps"].([]any)[0].(map[string]any)
	if row["position"] != "Minister of Tides" || row["country"] != "NZ" || row["reach"] != "national" || row["level"] != 1 || row["office"] != "minister" || row["status"] != "current" || row["kind"] != nil || row["since"] != "2021" || row["id"] != "minister" || len(row["also"].([]any)) != 0 {
		t.Errorf("%+v", row)
	}
	total := 0.0
	for _, f := range a.Hits[0].Features {
		total += f.Points
	}
	if total < a.Hits[0].Score-1e-9 || total > a.Hits[0].Score+1e-9 || len(a.Lists) != 1 || a.Lists[0].Version == "" || a.Details["pep_count"] != 1 || a.Details["relative_count"] != 0 {
		t.Errorf("the score %v has rows of %v; %+v", a.Hits[0].Score, total, a)
	}
	if also := l.ask("aml_pep", "Ignatz", "Verrocchio", "", nil).Details["peps"].([]any)[0].(map[string]any)["also"].([]any); len(also) != 1 || also[0] != "sanction" {
		t.Errorf("%v", also)
	}
	// Several parties are asked each on its own.
	a = l.ask("aml_pep", "Wilhelmina", "Stroud", `{"parties":[{"path":"owners/*/name","role":"ubo"}],"documents":true}`, nil)
	if a.Verdict != kyc.Fail || len(a.Hits) != 1 || a.Hits[0].Party != "Tobiasz Quennell" || a.Hits[0].Role != "ubo" || a.Hits[0].Type != "pep" || a.Details["relative_count"] != 1 || len(a.Details["parties"].([]any)) < 2 {
		t.Errorf("%+v", a)
	}
}

func TestPEPScreeningIsNeverClearWithoutAFreshList(t *testing.T) {
	t.Parallel()
	l := newListHouse(t)
	ask := func(policy, config string, change func(*kyc.CheckRequest)) kyc.Answer {
		return l.ask(policy, "Wilhelmina", "Stroud", config, change)
	}
	never := func(name string, a kyc.Answer, status kyc.AnswerStatus, code string) {
		t.Helper()
		if a.Status != status || a.Verdict != "" || !codes(a)[code] {
			t.Errorf("%s: %+v", name, a)
		}
	}
	never("no list", ask("aml_pep", "", nil), kyc.StatusNotConfigured, "no_lists")
	l.put("sanctions", sanctions)
	never("sanctions alone", ask("aml_pep", "", nil), kyc.StatusNotConfigured, "no_lists")
	never("sanctions by name", ask("aml_pep", `{"lists":["sanctions"]}`, nil), kyc.StatusNotConfigured, "list_unfit")
	l.put("peps", onlyPEPs)
	required := func(lists ...string) func(*kyc.CheckRequest) {
		return func(r *kyc.CheckRequest) { r.Settings.RequiredLists = lists }
	}
	for name, a := range map[string]kyc.Answer{
		"both lists":       ask("aml_pep", "", nil),
		"by name":          ask("aml_pep", `{"lists":["peps"]}`, nil),
		"sanctions needed": ask("aml_pep", "", required("sanctions")),
		"both needed":      ask("aml_pep", "", required("sanctions", "peps")),
	} {
		if a.Status != kyc.StatusOK || a.Verdict != kyc.Pass || len(a.Lists) != 1 || a.Lists[0].List != "peps" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	for name, a := range map[string]kyc.Answer{"all": ask("watchlist_screening", "", nil), "both needed": ask("watchlist_screening", "", required("sanctions", "peps"))} {
		if a.Status != kyc.StatusOK || a.Verdict != kyc.Pass || len(a.Lists) != 1 || a.Lists[0].List != "sanctions" {
			t.Errorf("watchlist_screening, %s: %+v", name, a)
		}
	}
	never("politicians are no sanctions", ask("watchlist_screening", `{"lists":["peps"]}`, nil), kyc.StatusNotConfigured, "list_unfit")
	never("politicians required as sanctions", ask("watchlist_screening", "", required("peps")), kyc.StatusNotConfigured, "no_lists")
	never("a list that is missing", ask("aml_pep", `{"lists":["peps","more"]}`, nil), kyc.StatusNotConfigured, "list_not_configured")
	never("a required list that is missing", ask("aml_pep", "", required("more")), kyc.StatusNotConfigured, "list_not_configured")
	later := func(r *kyc.CheckRequest) { r.Now = now.Add(8 * 24 * time.Hour) }
	never("stale", ask("aml_pep", "", later), kyc.StatusStale, "list_stale")
	never("stale by its own limit", ask("aml_pep", `{"max_age_hours":1}`, func(r *kyc.CheckRequest) { r.Now = now.Add(2 * time.Hour) }), kyc.StatusStale, "list_stale")
	never("no name", ask("aml_pep", "", func(r *kyc.CheckRequest) { r.Fields = nil }), kyc.StatusError, "name_missing")
	never("no screener", runCheck(amlPEP(Deps{Clock: clock()}), request("aml_pep")), kyc.StatusNotConfigured, "screening_not_configured")
	only := newListHouse(t)
	only.put("peps", onlyPEPs)
	never("politicians alone", only.ask("watchlist_screening", "Orsolya", "Quennell", "", nil), kyc.StatusNotConfigured, "no_lists")
}

// careers holds people whose offices have ended, and one tied to another.
const careers = `{"id":"mayor","schema":"Person","properties":{"name":["Orsolya Quennell"],"nationality":["nz"],"topics":["role.pep"]}}
{"id":"wife","schema":"Person","properties":{"name":["Tobiasz Oddlington"],"topics":["role.rca"]}}
{"id":"old","schema":"Person","properties":{"name":["Ignatz Verrocchio"],"topics":["role.pep"],"position":["Minister of Tides (1990-1994)"],"nationality":["nz"]}}
{"id":"spy","schema":"Person","properties":{"name":["Lucasta Brambilla"],"topics":["role.pep","crime.fraud"],"position":["Ambassador of Ebb (1990-1994)"],"nationality":["au","nz"]}}
{"id":"fam","schema":"Family","properties":{"person":["mayor"],"relative":["wife"],"relationship":["spouse"]}}
{"id":"o","schema":"Occupancy","properties":{"holder":["mayor"],"post":["ebb"],"startDate":["2008"],"endDate":["2012-05-31"]}}
{"id":"ebb","schema":"Position","properties":{"name":["Mayor of Ebb"],"country":["au"],"topics":["gov.muni"]}}
`

func TestPEPLevelsKindsAndAgeing(t *testing.T) {
	t.Parallel()
	l := newListHouse(t)
	l.put("peps", careers)
	row := func(a kyc.Answer) map[string]any {
		t.Helper()
		rows, _ := a.Details["peps"].([]any)
		if len(rows) != 1 {
			t.Fatalf("%+v", a)
		}
		return rows[0].(map[string]any)
	}
	home := `"home_countries":["NZ"]`
	a := l.ask("aml_pep", "Orsolya", "Quennell", `{`+home+`}`, nil)
	r := row(a)
	if r["class"] != "pep" || r["level"] != 4 || r["office"] != "local_official" || r["status"] != "former" || r["former_since"] != "2012-05-31" || r["kind"] != "foreign" || a.Verdict != kyc.Fail || a.Details["pep_level"] != 4 || a.Details["foreign_count"] != 1 {
		t.Errorf("once exposed, always exposed: %+v", a)
	}
	a = l.ask("aml_pep", "Tobiasz", "Oddlington", "", nil)
	r = row(a)
	near, _ := r["close_to"].([]any)
	if r["class"] != "family_member" || r["level"] != 4 || len(near) != 1 || near[0].(map[string]any)["name"] != "Orsolya Quennell" || near[0].(map[string]any)["role"] != "spouse" || a.Details["relative_count"] != 1 {
		t.Errorf("the wife of a mayor: %+v", a)
	}
	if r := row(l.ask("aml_pep", "Ignatz", "Verrocchio", `{`+home+`}`, nil)); r["kind"] != "domestic" || r["country"] != "NZ" || r["until"] != "1994" {
		t.Errorf("the only country of an entry is that of its office: %+v", r)
	}
	for name, c := range map[string]struct {
		given, family, config string
		verdict               kyc.Verdict
		code                  string
	}{
		"long ago":              {"Orsolya", "Quennell", `{"former_after_years":10}`, kyc.Pass, "exposure_over"},
		"not so long ago":       {"Orsolya", "Quennell", `{"former_after_years":20}`, kyc.Fail, "possible_match"},
		"the level stays":       {"Orsolya", "Quennell", `{"former_after_years":10,"never_former_levels":[4]}`, kyc.Fail, "possible_match"},
		"a relative ages along": {"Tobiasz", "Oddlington", `{"former_after_years":10}`, kyc.Pass, "exposure_over"},
		"level 1 never fades":   {"Ignatz", "Verrocchio", `{"former_after_years":10}`, kyc.Fail, "possible_match"},
		"unless that is wanted": {"Ignatz", "Verrocchio", `{"former_after_years":10,"never_former_levels":[]}`, kyc.Pass, "exposure_over"},
		"crime never fades":     {"Lucasta", "Brambilla", `{"former_after_years":10}`, kyc.Fail, "possible_match"},
	} {
		a := l.ask("aml_pep", c.given, c.family, c.config, nil)
		if a.Status != kyc.StatusOK || a.Verdict != c.verdict || !codes(a)[c.code] || len(a.Hits) != 1 {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a := l.ask("aml_pep", "Orsolya", "Quennell", `{"former_after_years":10,"parties":[{"path":"owners/*/name","role":"ubo"}]}`, func(r *kyc.CheckRequest) {
		r.Fields["owners"] = []any{map[string]any{"name": "Orsolya Quennell"}, map[string]any{"name": "Ignatz Verrocchio"}}
	}); a.Verdict != kyc.Fail || a.Details["former_count"] != 1 || !codes(a)["exposure_over"] || !codes(a)["possible_match"] {
		t.Errorf("one of two is over: %+v", a)
	}
}

// Everybody in the data folder's lists of members of Congress and of Saudi
// politicians who has an office has a class, and most have a level.
func TestRealPEPsHaveLevels(t *testing.T) {
	t.Parallel()
	for file, c := range map[string]struct {
		format       string
		leveled, min float64
	}{"us-congress.senzing.jsonl.gz": {"senzing", 0.99, 1300}, "sa-wikidata-peps.entities.ftm.json.gz": {"ftm", 0.55, 300}} {
		path := sharedData(t, "watchlists", "pep", file)
		l := newListHouse(t)
		if _, err := l.ImportWith(t.Context(), c.format, "peps", []string{path}, screen.ImportOptions{Assume: roster.TopicPEP}); err != nil {
			t.Fatal(err)
		}
		held, leveled, offices := 0.0, 0.0, map[string]int{}
		for e := range readEntities(t, c.format, path) {
			if len(e.Positions) == 0 {
				continue
			}
			held++
			x := roster.Expose(e.Topics, e.Positions, e.Ties, nil, now)
			offices[x.Office]++
			if x.Level > 0 {
				leveled++
			}
		}
		t.Logf("%s: %.0f hold an office, %.0f of a known level, %v", file, held, leveled, offices)
		if held < c.min || leveled < c.leveled*held {
			t.Errorf("%s: %.0f of %.0f have a level", file, leveled, held)
		}
		if strings.HasPrefix(file, "us") {
			a := l.ask("aml_pep", "Nancy", "Pelosi", `{"home_countries":["US"]}`, nil)
			rows := a.Details["peps"].([]any)
			if len(rows) == 0 || rows[0].(map[string]any)["office"] != "legislator" || rows[0].(map[string]any)["level"] != 1 || rows[0].(map[string]any)["kind"] != "domestic" {
				t.Errorf("%+v", rows)
			}
		}
	}
}

func readEntities(t *testing.T, format, path string) func(func(roster.Entity) bool) {
	t.Helper()
	src, err := roster.SourceOf(format)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	in, err := roster.Open(path, f)
	if err != nil {
		t.Fatal(err)
	}
	p, err := src.Read(t.Context(), []roster.Input{in})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Values(p.Entities)
}

// A screening that is to find exposed persons, too, finds both kinds, tells them
// apart, and is clear only where lists of both could be asked.
func TestWatchlistsWithExposedPersons(t *testing.T) {
	t.Parallel()
	l := newListHouse(t)
	never := func(name string, a kyc.Answer, code string) {
		t.Helper()
		if a.Status != kyc.StatusNotConfigured || a.Verdict != "" || !codes(a)[code] {
			t.Errorf("%s: %+v", name, a)
		}
	}
	ask := func(given, family, config string) kyc.Answer {
		return l.ask("watchlist_screening", given, family, config, nil)
	}
	parties := `{"pep":true,"parties":[{"path":"owners/*/name","role":"ubo"}],"documents":true}`
	never("no list", ask("Wilhelmina", "Stroud", `{"pep":true}`), "no_lists")
	l.put("peps", onlyPEPs)
	never("politicians alone", ask("Wilhelmina", "Stroud", `{"pep":true}`), "no_lists")
	never("politicians alone, many parties", ask("Wilhelmina", "Stroud", parties), "no_lists")
	if a := ask("Wilhelmina", "Stroud", `{"pep":true,"lists":["peps"]}`); a.Verdict != kyc.Pass || len(a.Lists) != 1 {
		t.Errorf("politicians by name: %+v", a)
	}
	only := newListHouse(t)
	only.put("sanctions", sanctions)
	never("sanctions alone", only.ask("watchlist_screening", "Wilhelmina", "Stroud", `{"pep":true}`, nil), "no_lists")
	never("sanctions alone, many parties", only.ask("watchlist_screening", "Wilhelmina", "Stroud", parties, nil), "no_lists")
	if a := only.ask("watchlist_screening", "Wilhelmina", "Stroud", `{"pep":true,"lists":["sanctions"]}`, nil); a.Verdict != kyc.Pass || len(a.Lists) != 1 {
		t.Errorf("sanctions by name: %+v", a)
	}
	never("a list that is missing", ask("Wilhelmina", "Stroud", `{"pep":true,"lists":["peps","more"]}`), "list_not_configured")
	l.put("sanctions", sanctions)
	l.put("opensanctions", offices)
	for _, x := range []struct{ given, family, list, kind string }{
		{"Orsolya", "Quennell", "opensanctions", "pep"}, {"Tobiasz", "Quennell", "opensanctions", "pep"}, {"Ignatz", "Verrocchio", "opensanctions", "person"},
		{"Lucasta", "Brambilla", "opensanctions", "crime"}, {"Wilhelmina", "Stroud", "", ""},
	} {
		a := ask(x.given, x.family, `{"pep":true}`)
		of := slices.DeleteFunc(slices.Clone(a.Hits), func(h kyc.Hit) bool { return h.List != x.list })
		if a.Status != kyc.StatusOK || len(a.Lists) != 3 || (a.Verdict == kyc.Fail) != (x.kind != "") || x.kind != "" && (len(of) != 1 || of[0].Type != x.kind) {
			t.Errorf("%s %s: %+v", x.given, x.family, a)
		}
	}
	if a := ask("Wilhelmina", "Stroud", parties); a.Status != kyc.StatusOK || len(a.Hits) == 0 || a.Hits[0].Party != "Tobiasz Quennell" || a.Hits[0].Type != "pep" {
		t.Errorf("parties: %+v", a)
	}
	if a := ask("Orsolya", "Quennell", ""); a.Verdict != kyc.Pass {
		t.Errorf("without the option: %+v", a)
	}
}
