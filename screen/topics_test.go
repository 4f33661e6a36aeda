package screen

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/roster"
)

// mixed holds one person of each kind, with offices in any order.
const mixed = `{"id":"occ-2","schema":"Occupancy","properties":{"holder":["pep"],"post":["minister"],"startDate":["2021-05-01"]}}
{"id":"pep","caption":"Orsolya Quennell","schema":"Person","properties":{"name":["Orsolya Quennell"],"topics":["role.pep"],"position":["Party leader"]}}
{"id":"rca","caption":"Tobiasz Quennell","schema":"Person","properties":{"name":["Tobiasz Quennell"],"topics":["role.rca"]}}
{"id":"both","caption":"Ignatz Verrocchio","schema":"Person","properties":{"name":["Ignatz Verrocchio"],"topics":["role.pep","sanction"]}}
{"id":"crime","caption":"Lucasta Brambilla","schema":"Person","properties":{"name":["Lucasta Brambilla"],"topics":["crime.fraud"]}}
{"id":"plain","caption":"Hesper Oddlington","schema":"Person","properties":{"name":["Hesper Oddlington"],"topics":["sanction"]}}
{"id":"untold","caption":"Wendelin Marchbanks","schema":"Person","properties":{"name":["Wendelin Marchbanks"]}}
{"id":"occ-1","schema":"Occupancy","properties":{"holder":["pep"],"post":["mayor"],"startDate":["2010"],"endDate":["2014"]}}
{"id":"minister","caption":"Minister of Tides","schema":"Position","properties":{"name":["Minister of Tides"],"country":["nz"],"topics":["gov.national","gov.executive"]}}
{"id":"mayor","caption":"Mayor of Ebb","schema":"Position","properties":{"name":["Mayor of Ebb"],"country":["nz"],"topics":["gov.muni"]}}
`

func importText(t *testing.T, s *Screener, format, id, text string, o ImportOptions) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.ImportWith(t.Context(), format, id, []string{file}, o)
	return err
}

func TestEachPurposeFindsItsOwnEntries(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	if err := importText(t, s, "ftm", "mixed", mixed, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][3]bool{ // anything, sanctions, pep
		"Orsolya Quennell": {true, false, true}, "Tobiasz Quennell": {true, false, true}, "Ignatz Verrocchio": {true, true, true},
		"Lucasta Brambilla": {true, true, false}, "Hesper Oddlington": {true, true, false}, "Wendelin Marchbanks": {true, true, false},
	} {
		for i, p := range []Purpose{ForAnything, ForSanctions, ForPEP} {
			r := s.Match(Query{Name: name, Purpose: p, Threshold: 0.9})
			if (len(r.Hits) == 1) != want[i] || r.Worst() != kyc.StatusOK {
				t.Errorf("%s for %q: %+v", name, p, r)
			}
		}
	}
	hit := s.Match(Query{Name: "Orsolya Quennell", Purpose: ForPEP, Threshold: 0.9}).Hits[0]
	want := []kyc.Position{{Title: "Minister of Tides", Country: "NZ", Level: "national", Office: "minister", Since: "2021-05-01"}, {Title: "Party leader"},
		{Title: "Mayor of Ebb", Country: "NZ", Level: "local", Since: "2010", Until: "2014"}}
	if !slices.Equal(hit.Positions, want) || !slices.Equal(hit.Topics, []string{"role.pep"}) {
		t.Errorf("%+v", hit)
	}
}

// An entry of the other kind never takes a place of the limit.
func TestPurposeFiltersBeforeTheLimit(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	csv := "id,name,type,topics\n1,Hesper Oddlington,person,role.pep\n2,Hesper Oddlington,person,role.pep\n3,Hesper Oddlingtn,person,sanction\n"
	if err := importText(t, s, "csv", "own", csv, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if r := s.Match(Query{Name: "Hesper Oddlington", Purpose: ForSanctions, Limit: 1}); len(r.Hits) != 1 || r.Hits[0].EntryID != "3" {
		t.Errorf("%+v", r.Hits)
	}
}

func TestListsThatCannotServeAPurposeAreNotAsked(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	for id, text := range map[string]string{"peps": "id,name,topics\n1,Orsolya Quennell,role.pep\n", "sanctions": "id,name\n1,Hesper Oddlington\n"} {
		if err := importText(t, s, "csv", id, text, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	names := func(r Result) string {
		var out []string
		for _, l := range r.Lists {
			out = append(out, l.List+":"+string(l.Status))
		}
		return strings.Join(out, " ") + "|" + strings.Join(r.Unfit, " ")
	}
	q := func(p Purpose, lists, also []string) Query {
		return Query{Name: "Anybody Else", Purpose: p, Lists: lists, Also: also}
	}
	for want, query := range map[string]Query{
		"peps:ok sanctions:ok|":           q(ForAnything, nil, nil),
		"peps:ok|":                        q(ForPEP, nil, nil),
		"sanctions:ok|":                   q(ForSanctions, nil, nil),
		"peps:ok|sanctions":               q(ForPEP, nil, []string{"sanctions"}),
		"|sanctions":                      q(ForPEP, []string{"sanctions"}, nil),
		"|peps":                           q(ForSanctions, []string{"peps"}, nil),
		"gone:not_configured peps:ok|":    q(ForPEP, nil, []string{"gone"}),
		"peps:ok|sanctions ":              q(ForPEP, []string{"peps", "sanctions"}, nil),
		"gone:not_configured|sanctions  ": q(ForPEP, []string{"gone", "sanctions"}, nil),
	} {
		if got := names(s.Match(query)); got != strings.TrimRight(want, " ") {
			t.Errorf("%+v asks %q, want %q", query, got, want)
		}
	}
	clock.at = clock.at.Add(DefaultMaxAge + 1)
	if r := s.Match(q(ForPEP, nil, nil)); r.Worst() != kyc.StatusStale {
		t.Errorf("a stale list: %+v", r.Lists)
	}
	// A list that nobody could read yet may be one of politicians; the official
	// formats never are.
	fresh, _ := openTest(t)
	if importText(t, fresh, "ftm", "peps", "", ImportOptions{}) == nil || importText(t, fresh, "un", "un", "", ImportOptions{}) == nil {
		t.Fatal("an empty file was imported")
	}
	if r := fresh.Match(q(ForPEP, nil, nil)); names(r) != "peps:not_configured|" {
		t.Errorf("after a failed import: %+v", r)
	}
}

func TestImportByTopic(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	entries := func() (out []string) {
		for e := range s.state.Load().lists["mixed"].index.all() {
			out = append(out, e.ID)
		}
		slices.Sort(out)
		return out
	}
	if err := importText(t, s, "ftm", "mixed", mixed, ImportOptions{Topics: []string{"role.pep", "crime"}}); err != nil || !slices.Equal(entries(), []string{"both", "crime", "pep"}) {
		t.Errorf("%v %v", err, entries())
	}
	if err := importText(t, s, "ftm", "mixed", mixed, ImportOptions{Topics: []string{"role.rca"}, Assume: "role.rca", Force: true}); err != nil || !slices.Equal(entries(), []string{"rca", "untold"}) {
		t.Errorf("%v %v", err, entries())
	}
	for code, err := range map[string]error{
		"list_empty":         importText(t, s, "ftm", "mixed", mixed, ImportOptions{Topics: []string{"role"}, Assume: AssumeNone, Force: true}),
		"topics_unsupported": importText(t, s, "un", "un", "<x/>", ImportOptions{Assume: "role.pep"}),
	} {
		if code == "list_empty" {
			if err != nil || len(entries()) != 3 { // "role" is a part of both role.pep and role.rca
				t.Errorf("%v %v", err, entries())
			}
			continue
		}
		if kyc.AsError(err).Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	before := entries()
	if err := importText(t, s, "ftm", "mixed", mixed, ImportOptions{Topics: []string{"debarment"}, Force: true}); kyc.AsError(err).Code != "list_empty" || !slices.Equal(entries(), before) {
		t.Errorf("%v %v", err, entries())
	}
}

func TestTopicsAndDatasetsNarrowAQuery(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	csv := "id,name,type,topics,dataset\n1,Hesper Oddlington,person,role.pep,nz_peps\n2,Hesper Oddlington,person,sanction;crime.fraud,US_OFAC;eu_fsf\n3,Hesper Oddlington,person,,eu_fsf\n4,Hesper Oddlington,person,crime,\n"
	if err := importText(t, s, "csv", "mix", csv, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	mustImport(t, s, "un", "un", "../roster/testdata/un/consolidated.xml")
	ask := func(topics, datasets string) string {
		q := Query{Name: "Hesper Oddlington", Threshold: 0.9, Topics: strings.Fields(topics), Datasets: strings.Fields(datasets)}
		r := s.Match(q)
		var out []string
		for _, h := range r.Hits {
			out = append(out, h.EntryID)
		}
		slices.Sort(out)
		for _, l := range r.Lists {
			out = append(out, l.List)
		}
		return strings.Join(out, " ") + " " + string(r.Worst())
	}
	for want, by := range map[string][2]string{
		"1 2 3 4 mix un ok": {}, "1 mix ok": {"role.pep", ""}, "2 4 mix ok": {"CRIME", ""}, "2 mix ok": {"crime.fraud", ""}, "2 mix un ok": {"sanction", ""}, "1 2 mix un ok": {"sanction role.pep", ""},
		"2 3 mix ok": {"", "eu_fsf"}, " 2 mix ok": {"", "us_ofac"}, "4 mix ok": {"", "mix"}, "1 4 mix un ok": {"", "nz_peps mix un"}, "2 mix ok ": {"crime", "eu_fsf"}, "mix ok": {"role.pep", "eu_fsf"},
		" not_configured": {"debarment", ""}, "  not_configured": {"", "gb_hmt"},
	} {
		if got := ask(by[0], by[1]); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("topics %q of datasets %q: %q, want %q", by[0], by[1], got, want)
		}
	}
	// A list that is left out for want of such entries is named.
	if r := s.Match(Query{Name: "Hesper Oddlington", Topics: []string{"role.pep"}, Lists: []string{"un", "mix"}}); !slices.Equal(r.Unfit, []string{"un"}) {
		t.Errorf("%+v", r.Unfit)
	}
	// One whose content nobody could read is asked: it may hold some.
	if importText(t, s, "ftm", "broken", "", ImportOptions{}) == nil {
		t.Fatal("an empty file was imported")
	}
	if r := s.Match(Query{Name: "Hesper Oddlington", Topics: []string{"debarment"}}); r.Worst() != kyc.StatusNotConfigured || len(r.Lists) != 1 || r.Lists[0].List != "broken" {
		t.Errorf("%+v", r.Lists)
	}
}

func TestImportByDataset(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	csv := "id,name,topics,dataset\n1,Hesper Oddlington,role.pep,nz_peps\n2,Ignatz Verrocchio,sanction,us_ofac;eu_fsf\n3,Lucasta Brambilla,crime,eu_fsf\n"
	for want, o := range map[string]ImportOptions{
		"2 3": {Datasets: []string{"EU_FSF"}}, "2": {Datasets: []string{"eu_fsf"}, Topics: []string{"sanction"}, Force: true}, "1 2": {Datasets: []string{"nz_peps", "us_ofac"}},
	} {
		if err := importText(t, s, "csv", "mix", csv, o); err != nil {
			t.Fatal(err)
		}
		var got []string
		for e := range s.state.Load().lists["mix"].index.all() {
			got = append(got, e.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%+v keeps %v", o, got)
		}
	}
	if err := importText(t, s, "csv", "mix", csv, ImportOptions{Datasets: []string{"gb_hmt"}, Force: true}); kyc.AsError(err).Code != "list_empty" {
		t.Errorf("%v", err)
	}
	if err := importText(t, s, "un", "un", "<x/>", ImportOptions{Datasets: []string{"un"}}); kyc.AsError(err).Code != "datasets_unsupported" {
		t.Errorf("%v", err)
	}
}

// A source with offices and no topics says by its offices who is exposed.
func TestRealPEPs(t *testing.T) {
	t.Parallel()
	file := filepath.Join(dataFolder(t), "watchlists", "pep", "sa-wikidata-peps.entities.ftm.json.gz")
	if _, err := os.Stat(file); err != nil {
		t.Skip("the data folder has no list of politically exposed persons")
	}
	s, _ := openTest(t)
	v := mustImport(t, s, "ftm", "peps", file)
	list := func() *index { return s.state.Load().lists["peps"].index }
	// The file names no topic; its occupancies and families tell of some.
	relatives := 0
	for e := range list().all() {
		if roster.HasTopic(e.Topics, roster.TopicRCA) {
			relatives++
		}
	}
	if v.Entries != 607 || list().Exposed < 60 || list().Exposed > 606 || list().OnlyExposed != list().Exposed || relatives < 10 {
		t.Fatalf("%+v: %d exposed, %d only, %d relatives", v, list().Exposed, list().OnlyExposed, relatives)
	}
	t.Logf("%d exposed, %d of them relatives, of %d", list().Exposed, relatives, v.Entries)
	// Its operator knows that it is a list of politicians.
	if _, err := s.ImportWith(t.Context(), "ftm", "peps", []string{file}, ImportOptions{Assume: roster.TopicPEP}); err != nil {
		t.Fatal(err)
	}
	if list().Exposed != 607 {
		t.Fatalf("%d of 607 are exposed", list().Exposed)
	}
	placed := 0
	for e := range list().all() {
		if len(e.Positions) == 0 {
			continue
		}
		placed++
		r := s.Match(Query{Name: e.Names[0].Text, Purpose: ForPEP, Threshold: DefaultThreshold, Limit: 50})
		if !slices.ContainsFunc(r.Hits, func(h kyc.Hit) bool { return h.EntryID == e.ID && h.Positions[0].Title != "" }) {
			t.Errorf("%s, who holds a position, is not found", e.ID)
		}
		if r := s.Match(Query{Name: e.Names[0].Text, Purpose: ForSanctions, Lists: []string{"peps"}}); len(r.Hits) > 0 || r.Worst() != kyc.StatusNotConfigured {
			t.Errorf("%s counts as sanctioned: %+v", e.ID, r)
		}
	}
	if placed < 300 {
		t.Errorf("%d have a position", placed)
	}
}
