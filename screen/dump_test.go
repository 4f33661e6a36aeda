package screen

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"bonafide/roster"
)

var dumpTo = flag.String("screen.dump", "", "write all answers to the developer half of the screening benchmark into this file, to compare two states of the code")

// TestDump writes what every query of the developer half answers, with the
// whole explanation, one line each: a change that must not alter any answer
// leaves the file as it was, byte for byte.
func TestDump(t *testing.T) {
	if *dumpTo == "" {
		t.Skip("run with -screen.dump FILE to write all answers of the developer half")
	}
	s := benchLists(t)
	f, err := os.Create(*dumpTo)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriterSize(f, 1<<20)
	enc := json.NewEncoder(out)
	for _, file := range []string{"cases.jsonl", "negatives.jsonl"} {
		for _, c := range readCases(t, filepath.Join(dataFolder(t), "screening-bench", "dev", file)) {
			q := Query{Name: c.Query, Type: roster.EntityType(c.Type), DateOfBirth: c.DOB, Country: c.Country, Lists: []string{c.List}}
			all := Query{Name: c.Query, Type: q.Type, Threshold: DefaultThreshold, Limit: 50}
			for _, r := range []Result{s.Match(q), s.Match(all)} {
				if err := enc.Encode(map[string]any{"case": c.ID, "hits": r.Hits, "notes": r.Notes, "lists": len(r.Lists)}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// benchLists imports the six lists of the benchmark.
func benchLists(t testing.TB) *Screener {
	t.Helper()
	s, _ := openTest(t)
	in := func(list, file string) string {
		return filepath.Join(dataFolder(t), "screening-bench", "index", list, file)
	}
	mustImport(t, s, "ofac_sdn", "ofac", in("ofac", "sdn.csv.gz"), in("ofac", "alt.csv.gz"), in("ofac", "add.csv.gz"), in("ofac", "sdn_comments.csv.gz"))
	mustImport(t, s, "un", "un", in("un", "un_consolidated.xml.gz"))
	for _, l := range []string{"eu", "pep", "wd", "pairs"} {
		mustImport(t, s, "ftm", l, in(l, "entities.ftm.json.gz"))
	}
	return s
}
