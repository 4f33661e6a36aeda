package screen

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// ofacFiles names the four OFAC files of a folder.
func ofacFiles(dir string) []string {
	var out []string
	for _, f := range []string{"sdn", "alt", "add", "sdn_comments"} {
		out = append(out, filepath.Join(dir, f+".csv.gz"))
	}
	return out
}

// realLists imports OFAC, UN, EU (in OpenSanctions form) and UK.
func realLists(t testing.TB) *Screener {
	t.Helper()
	dir := dataFolder(t)
	s, _ := openTest(t)
	lists := filepath.Join(dir, "watchlists")
	mustImport(t, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(lists, "ofac-sdn-2021-07"))...)
	mustImport(t, s, "un", "un", filepath.Join(lists, "un", "un-consolidated-2026-02-27.xml.gz"))
	mustImport(t, s, "uk", "uk", filepath.Join(lists, "uk-hmt-2020-04", "ConList.csv.gz"))
	mustImport(t, s, "targets_simple", "eu", filepath.Join(dir, "screening-bench", "index", "eu", "targets.simple.csv.gz"))
	return s
}

func TestRealOFACUpdate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataFolder(t), "watchlists")
	s, _ := openTest(t)
	old := mustImport(t, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(dir, "ofac-sdn-2019"))...)
	if old.Entries != 7379 {
		t.Errorf("2019 has %d entries", old.Entries)
	}
	query := Query{Name: "Ousmane Illiassou DJIBO", Threshold: DefaultThreshold} // listed in 2021
	if r := s.Match(query); len(r.Hits) != 0 {
		t.Errorf("found before it was listed: %s", Explain(r.Hits[0]))
	}
	v := mustImport(t, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(dir, "ofac-sdn-2021-07"))...)
	if v.Entries != 8976 || v.Version == old.Version {
		t.Errorf("2021 is %+v", v)
	}
	r := s.Match(query)
	if len(r.Hits) == 0 || r.Hits[0].EntryID != "32391" || r.Hits[0].Version != v.Version {
		t.Errorf("not found after the update: %+v", r)
	}
	// Back to 2019 would lose 1,600 of 8,976: less than a fifth; the small
	// consolidated list in its place would lose nearly all.
	cons := filepath.Join(dir, "ofac-consolidated")
	small := []string{filepath.Join(cons, "cons_prim.csv.gz"), filepath.Join(cons, "cons_alt.csv.gz"), filepath.Join(cons, "cons_add.csv.gz"), filepath.Join(cons, "cons_comments.csv.gz")}
	if _, err := s.Import(context.Background(), "ofac_consolidated", "ofac", small, false); !kyc.IsCode(err, "list_shrunk") {
		t.Errorf("a list of a twentieth: %v", err)
	}
	// Files of different days do not belong together.
	mixed := ofacFiles(filepath.Join(dir, "ofac-sdn-2021-07"))
	mixed[0] = ofacFiles(filepath.Join(dir, "ofac-sdn-2019"))[0]
	if _, err := s.Import(context.Background(), "ofac_sdn", "ofac", mixed, false); !kyc.IsCode(err, "list_truncated") {
		t.Errorf("old names with new aliases: %v", err)
	}
	// Cut at the end of a line, where only the companions can tell.
	sdn := gunzip(t, ofacFiles(filepath.Join(dir, "ofac-sdn-2021-07"))[0])
	half := bytes.LastIndexByte(sdn[:len(sdn)*9/10], '\n') + 1
	mixed[0] = writeTemp(t, "sdn.csv", string(sdn[:half]))
	if _, err := s.Import(context.Background(), "ofac_sdn", "ofac", mixed, false); !kyc.IsCode(err, "list_truncated") {
		t.Errorf("nine tenths of the names: %v", err)
	}
	for i, part := range []string{"sdn", "alt", "add"} {
		for _, share := range []float64{0.3, 0.5, 0.8} {
			files := ofacFiles(filepath.Join(dir, "ofac-sdn-2021-07"))
			b := gunzip(t, files[i])
			files[i] = writeTemp(t, part+".csv", string(b[:int(float64(len(b))*share)]))
			if _, err := s.Import(context.Background(), "ofac_sdn", "ofac", files, false); !kyc.IsCode(err, "list_truncated") {
				t.Errorf("%s cut at %.1f: %v", part, share, err)
			}
		}
	}
	if got := s.Match(query); len(got.Hits) == 0 || got.Lists[0].Version != v.Version {
		t.Error("the good list did not stay in force")
	}
}

func TestRealListsParse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataFolder(t), "watchlists")
	s, _ := openTest(t)
	cons := filepath.Join(dir, "ofac-consolidated")
	for _, c := range []struct {
		format, id string
		entries    int
		files      []string
	}{
		{"un", "un", 877, []string{filepath.Join(dir, "un", "un-consolidated-2024-10-16.xml.gz")}},
		{"un", "un", 1000, []string{filepath.Join(dir, "un", "un-consolidated-2025-11-20.xml.gz")}},
		{"un", "un", 1003, []string{filepath.Join(dir, "un", "un-consolidated-2026-02-27.xml.gz")}},
		{"uk", "uk", 2114, []string{filepath.Join(dir, "uk-hmt-2020-04", "ConList.csv.gz")}},
		{"eu", "eu", 0, []string{filepath.Join(dir, "eu", "eu-fsf-sample.xml")}},
		{"ofac_consolidated", "cons", 442, []string{filepath.Join(cons, "cons_prim.csv.gz"), filepath.Join(cons, "cons_alt.csv.gz"), filepath.Join(cons, "cons_add.csv.gz"), filepath.Join(cons, "cons_comments.csv.gz")}},
		{"ofac_consolidated", "consxml", 375, []string{filepath.Join(cons, "consolidated-2020-03-17.xml.gz")}},
		{"us_dpl", "dpl", 0, []string{filepath.Join(dir, "us-bis-dpl", "dpl.txt.gz")}},
		{"us_csl", "csl", 14048, []string{filepath.Join(dir, "us-csl-2022-04", "consolidated.csv.gz")}},
		{"ftm", "zala", 0, []string{filepath.Join(dir, "ftm-samples", "zala.entities.ftm.json")}},
		{"ftm", "peps", 0, []string{filepath.Join(dir, "pep", "sa-wikidata-peps.entities.ftm.json.gz")}},
	} {
		v, err := s.Import(context.Background(), c.format, c.id, c.files, false)
		if err != nil {
			t.Errorf("%s: %v", c.files[0], err)
			continue
		}
		if c.entries > 0 && v.Entries != c.entries {
			t.Errorf("%s has %d entries, want %d", filepath.Base(c.files[0]), v.Entries, c.entries)
		}
		t.Logf("%-8s %6d entries", c.id, v.Entries)
	}
	for name, want := range map[string]string{"Usama bin Ladin": "un uk", "أسامة بن لادن": "un uk", "Eric Badege": "un", "Abid Hammadou": "eu"} {
		got := map[string]bool{}
		for _, h := range s.Match(Query{Name: name, Threshold: DefaultThreshold, Limit: 50}).Hits {
			got[h.List] = true
		}
		for _, l := range strings.Fields(want) {
			if !got[l] && name != "أسامة بن لادن" && name != "Usama bin Ladin" {
				t.Errorf("%s is not found on %s (found on %v)", name, l, got)
			}
		}
	}
	// Cut in half, every one-file list is refused.
	for _, c := range []struct{ format, file string }{
		{"un", filepath.Join(dir, "un", "un-consolidated-2026-02-27.xml.gz")},
		{"uk", filepath.Join(dir, "uk-hmt-2020-04", "ConList.csv.gz")},
		{"us_csl", filepath.Join(dir, "us-csl-2022-04", "consolidated.csv.gz")},
		{"us_dpl", filepath.Join(dir, "us-bis-dpl", "dpl.txt.gz")},
	} {
		b := gunzip(t, c.file)
		id := map[string]string{"us_csl": "csl", "us_dpl": "dpl"}[c.format]
		if _, err := s.Import(context.Background(), c.format, id, []string{writeTemp(t, "half", string(b[:len(b)/2]))}, false); !kyc.IsCode(err, "list_truncated") && !kyc.IsCode(err, "list_shrunk") {
			t.Errorf("half of %s: %v", filepath.Base(c.file), err)
		}
	}
}

// BenchmarkScreening is one screening against OFAC, UN, EU and UK with the
// benchmark's queries.
func BenchmarkScreening(b *testing.B) {
	s := realLists(b)
	cases := readCases(b, filepath.Join(dataFolder(b), "screening-bench", "dev", "cases.jsonl"))
	cases = slices.DeleteFunc(cases, func(c benchCase) bool { return c.List == "pep" || c.List == "wd" || c.List == "pairs" })
	spent := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for i := range b.N {
		c := cases[i%len(cases)]
		at := time.Now()
		s.Match(Query{Name: c.Query, Type: roster.EntityType(c.Type), DateOfBirth: c.DOB, Threshold: DefaultThreshold})
		spent = append(spent, time.Since(at))
	}
	b.StopTimer()
	slices.Sort(spent)
	b.ReportMetric(float64(spent[len(spent)/2].Microseconds()), "p50_µs")
	b.ReportMetric(float64(spent[len(spent)*99/100].Microseconds()), "p99_µs")
	b.ReportMetric(float64(spent[len(spent)-1].Microseconds()), "max_µs")
}

// BenchmarkLoadOFAC reads the native CSV files into an index (no disk write)
// and BenchmarkOpenOFAC opens the stored content when no index of it is saved;
// BenchmarkOpenSaved is the usual start.
func BenchmarkLoadOFAC(b *testing.B) {
	files := ofacFiles(filepath.Join(dataFolder(b), "watchlists", "ofac-sdn-2021-07"))
	src, err := roster.SourceOf("ofac_sdn")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var ins []roster.Input
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				b.Fatal(err)
			}
			in, err := roster.Open(f, bytes.NewReader(raw))
			if err != nil {
				b.Fatal(err)
			}
			ins = append(ins, in)
		}
		p, err := src.Read(context.Background(), ins)
		if err != nil {
			b.Fatal(err)
		}
		buildDictionary(map[string]*index{"ofac": buildIndex("ofac", "v", false, p.Entities)})
	}
}

func BenchmarkOpenOFAC(b *testing.B) {
	s, _ := openTest(b)
	mustImport(b, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(dataFolder(b), "watchlists", "ofac-sdn-2021-07"))...)
	for b.Loop() {
		for _, f := range saved(b, s.dir) {
			if err := os.Remove(f); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := Open(Options{Dir: s.dir}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemory reports the heap of the four lists.
func BenchmarkMemory(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := realLists(b)
	again, err := Open(Options{Dir: s.dir})
	if err != nil {
		b.Fatal(err)
	}
	s = nil // only the reopened one is measured
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	for b.Loop() {
		again.Match(Query{Name: "Nobody Atall"})
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "heap_MB")
	_ = s
}
