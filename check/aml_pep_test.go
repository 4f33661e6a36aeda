package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bonafide/kyc"
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
	if row["position"] != "Minister of Tides" || row["country"] != "NZ" || row["level"] != "national" || row["since"] != "2021" || row["id"] != "minister" || len(row["also"].([]any)) != 0 {
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
