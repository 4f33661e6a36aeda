package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// The samples are those of package roster: invented parties in the official
// formats.
func TestListsAreImportedAndSearched(t *testing.T) {
	dir := t.TempDir()
	sample := func(parts ...string) string {
		return filepath.Join(append([]string{"roster", "testdata"}, parts...)...)
	}
	lists := func(want int, args ...string) string {
		t.Helper()
		code, out, complaint := call(t, append([]string{"lists"}, append(args, "--data", dir)...)...)
		if code != want {
			t.Fatalf("%v: %d %s %s", args, code, out, complaint)
		}
		return out + complaint
	}
	holds := func(text string, wanted ...string) {
		t.Helper()
		for _, w := range wanted {
			if !strings.Contains(text, w) {
				t.Errorf("%q is not in\n%s", w, text)
			}
		}
	}
	lists(exitOK, "import", "--source", "ofac_sdn", sample("ofac", "sdn_advanced.xml"))
	lists(exitOK, "import", "--source", "un", sample("un", "consolidated.xml"))
	lists(exitOK, "import", "--source", "senzing", "--list", "peps", sample("opensanctions", "senzing.jsonl"))
	lists(exitOK, "import", "--source", "senzing", "--list", "own", "--datasets", "OWN", sample("opensanctions", "senzing.jsonl"))
	holds(lists(exitError, "import", "--source", "un", sample("own", "list.csv")), "list_format")
	holds(lists(exitError, "import", "--source", "un", "--datasets", "x", sample("un", "consolidated.xml")), "datasets_unsupported")
	holds(lists(exitOK, "status"), "FRESH FOR", " days ", "senzing", "2026-03-17", "not_configured", "list_format")
	// A native spelling explains its hit.
	holds(lists(exitOK, "search", "--list", "ofac_sdn", "Анна Мустер"), "MUSTER, Anna Maria", "matched as Анна Мустер", "total", "asked ofac_sdn: ok, 3 entries")
	found := lists(exitOK, "search", "--purpose", "pep", "Orsolya Quennell")
	holds(found, "politically exposed: pep, level 1, minister: Minister of Tides (NZ)", "asked peps")
	if strings.Contains(found, "asked un") {
		t.Errorf("a list without exposed persons was asked for some:\n%s", found)
	}
	holds(lists(exitOK, "search", "--datasets", "OWN", "--threshold", "0.9", "Probe Works"), "OWN:NK-1", "asked own")
	holds(lists(exitError, "search", "--topics", "debarment", "Anybody"), "not_configured")
	lists(exitUsage, "search", "--purpose", "fun", "Anybody")
	holds(lists(exitError, "search", "--purpose", "crime", "Orsolya Quennell"), "0 hits", "not_configured")
	lists(exitUsage, "search", "--purpose", "crime", "--topics", "sanction", "Orsolya Quennell")
	// What cannot be answered never reads as clear, as JSON neither.
	holds(lists(exitUsage, "search", "--threshold", "7", "Orsolya Quennell"), "between 0 and 1")
	lists(exitUsage, "search", "--threshold", "NaN", "Orsolya Quennell")
	holds(lists(exitError, "search", "--json", "Ltd"), "name_unscreenable", "/name ")
	holds(lists(exitError, "search", "--json", "--list", "absent", "Anybody"), `"not_configured"`, "proves nothing")
	holds(lists(exitOK, "search", "--json", "--list", "peps", "Orsolya Quennell"), `"hits":[{`)
}
