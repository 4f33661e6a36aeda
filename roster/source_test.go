package roster

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/kyc"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// samples are our own small files, written from the published schemas.
var samples = []struct {
	name, format string
	files        []string
}{
	{"ofac_csv", "ofac_sdn", []string{"ofac/sdn.csv", "ofac/alt.csv", "ofac/add.csv", "ofac/sdn_comments.csv"}},
	{"ofac_xml", "ofac_sdn", []string{"ofac/sdn.xml"}},
	{"ofac_advanced", "ofac_sdn", []string{"ofac/sdn_advanced.xml"}},
	{"un", "un", []string{"un/consolidated.xml"}},
	{"eu_xml", "eu", []string{"eu/full.xml"}},
	{"eu_csv", "eu", []string{"eu/full.csv"}},
	{"uk_conlist", "uk", []string{"uk/ConList.csv"}},
	{"uk_list_csv", "uk", []string{"uk/sanctions-list.csv"}},
	{"uk_list_xml", "uk", []string{"uk/sanctions-list.xml"}},
	{"us_dpl", "us_dpl", []string{"us/dpl.txt"}},
	{"us_csl", "us_csl", []string{"us/csl.csv"}},
	{"ftm", "ftm", []string{"opensanctions/entities.ftm.json"}},
	{"targets_simple", "targets_simple", []string{"opensanctions/targets.simple.csv"}},
	{"senzing", "senzing", []string{"opensanctions/senzing.jsonl"}},
	{"everypolitician", "everypolitician", []string{"pep/persons.jsonl"}},
	{"popolo", "everypolitician", []string{"pep/ep-popolo.json"}},
	{"csv", "csv", []string{"own/list.csv"}},
}

// readBytes parses named contents with a format.
func readBytes(t testing.TB, format string, names []string, contents ...[]byte) ([]Entity, error) {
	t.Helper()
	src, err := SourceOf(format)
	if err != nil {
		t.Fatal(err)
	}
	var ins []Input
	for i, c := range contents {
		in, err := Open(names[i], bytes.NewReader(c))
		if err != nil {
			return nil, err
		}
		ins = append(ins, in)
	}
	p, err := src.Read(context.Background(), ins)
	return p.Entities, err
}

func sampleBytes(t testing.TB, files []string) [][]byte {
	t.Helper()
	var out [][]byte
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join("testdata", f))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func TestSourcesReadTheirSamples(t *testing.T) {
	t.Parallel()
	for _, c := range samples {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := readBytes(t, c.format, c.files, sampleBytes(t, c.files)...)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			for _, e := range got {
				if err := enc.Encode(e); err != nil {
					t.Fatal(err)
				}
			}
			golden := filepath.Join("testdata", "golden", c.name+".jsonl")
			if *update {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("Parsed:\n%s\nwant:\n%s", b.String(), want)
			}
		})
	}
}

func TestSourcesReadGzip(t *testing.T) {
	t.Parallel()
	for _, c := range samples {
		plain := sampleBytes(t, c.files)
		want, err := readBytes(t, c.format, c.files, plain...)
		if err != nil {
			t.Fatal(err)
		}
		packed := make([][]byte, len(plain))
		for i := range plain {
			packed[i] = pack(t, plain[i])
		}
		got, err := readBytes(t, c.format, c.files, packed...)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: packed gave %d entries (%v), plain %d", c.name, len(got), err, len(want))
		}
		// A gzip file that ends early is noticed in whichever file it is.
		for i := range packed {
			cut := bytes.Clone(packed[i])
			broken := append([][]byte(nil), packed...)
			broken[i] = cut[:len(cut)-6]
			if _, err := readBytes(t, c.format, c.files, broken...); !kyc.IsCode(err, "list_truncated") {
				t.Errorf("%s: a cut gzip (%s) gave %v", c.name, c.files[i], err)
			}
		}
	}
}

func pack(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	gz := gzip.NewWriter(&out)
	if _, err := gz.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBrokenFilesAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range samples {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			good := sampleBytes(t, c.files)
			try := func(what string, codes string, contents ...[]byte) {
				t.Helper()
				_, err := readBytes(t, c.format, c.files, contents...)
				e := kyc.AsError(err)
				if err == nil || !strings.Contains(" "+codes+" ", " "+e.Code+" ") {
					t.Errorf("%s: got %v, want code %s", what, err, codes)
					return
				}
				if strings.Contains(e.Error(), "\n") {
					t.Errorf("%s: the message has more than one line: %q", what, e.Error())
				}
			}
			with := func(i int, b []byte) [][]byte {
				out := append([][]byte(nil), good...)
				out[i] = b
				return out
			}
			try("0 bytes", "list_empty", with(0, nil)...)
			try("random bytes", "list_format", with(0, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251})...)
			try("a web page", "list_format list_truncated", with(0, []byte("<!DOCTYPE html><html><body>Service unavailable</body></html>"))...)
			// Cut inside the last record.
			last := bytes.TrimRight(good[0], "\r\n\x1a ")
			try("cut in the middle", "list_truncated list_incomplete", with(0, last[:len(last)-12])...)
			if first, rest, ok := bytes.Cut(good[0], []byte("\n")); ok && !strings.HasPrefix(string(bytes.TrimSpace(good[0])), "<") && !strings.HasPrefix(string(bytes.TrimSpace(good[0])), "{") {
				sep := map[string]string{"eu": ";", "us_dpl": "\t"}[c.format]
				if sep == "" {
					sep = ","
				}
				other := "|"
				wrong := append(bytes.ReplaceAll(first, []byte(sep), []byte(other)), '\n')
				wrong = append(wrong, bytes.ReplaceAll(rest, []byte(sep), []byte(other))...)
				try("wrong delimiter", "list_wrong_delimiter", with(0, wrong)...)
				if c.format != "ofac_sdn" { // header only
					lines := bytes.SplitAfter(good[0], []byte("\n"))
					head := lines[0]
					if c.format == "uk" {
						head = append(bytes.Clone(lines[0]), lines[1]...)
					}
					try("no entries", "list_empty", with(0, head)...)
				}
			}
		})
	}
}

func TestOFACNeedsItsCompanions(t *testing.T) {
	t.Parallel()
	files := []string{"ofac/sdn.csv", "ofac/alt.csv", "ofac/add.csv"}
	good := sampleBytes(t, files)
	if _, err := readBytes(t, "ofac_sdn", files, good...); err != nil {
		t.Errorf("without comments: %v", err)
	}
	for i := range files {
		var names []string
		var rest [][]byte
		for k := range files {
			if k != i {
				names, rest = append(names, files[k]), append(rest, good[k])
			}
		}
		if _, err := readBytes(t, "ofac_sdn", names, rest...); !kyc.IsCode(err, "list_incomplete") {
			t.Errorf("without %s: %v", files[i], err)
		}
	}
	if _, err := readBytes(t, "ofac_sdn", []string{"a", "b", "c"}, good[0], good[0], good[1]); !kyc.IsCode(err, "list_format") {
		t.Errorf("twice the same file: %v", err)
	}
}

func TestDatesOfLists(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1962": "1962", "19 Mar 1962": "1962-03-19", "Mar 1962": "1962-03", "circa 1962": "about 1962", "1958 to 1963": "1958-1963", "19/03/1962": "1962-03-19",
		"00/00/1962": "1962", "00/03/1962": "1962-03", "1962-03-19": "1962-03-19", "1962-03": "1962-03", "between 1958 and 1963": "1958-1963", "1965-12-12T00:00:00": "1965-12-12",
		"31/02/1962": "", "": "", "unknown": "", "13 Foo 1962": "", "0": "", "99999999999999999999": "", "03/19/1962": "1962-03-19", "19620319": "1962-03-19", "19621399": "", "dd/mm/1962": "1962", "dd/03/1962": "1962-03", "xx/xx/1962": "1962",
		"13/13/1962": "", "3/4/1962": "1962-04-03", "Approximately 1970": "about 1970",
	} {
		s, ok := ParseSpan(text)
		got := ""
		if ok {
			got = s.String()
		}
		if got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func TestAMistypedYearIsOfTheSameDay(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"1966-11-03", "1996-11-03"}: true, {"1966-11-03", "1968-11-03"}: true, {"1957-02-01", "1975-02-01"}: true, {"1966-11-03", "1866-11-03"}: true,
		{"1966-11-03", "1966-11-03"}: false, {"1966-11-03", "1977-11-03"}: false, {"1966-11-03", "1996-11-04"}: false, {"1966", "1996"}: false, {"1966-11-03", "1996"}: false, {"1959-02-01", "1991-02-01"}: false,
	} {
		a, okA := ParseSpan(pair[0])
		b, okB := ParseSpan(pair[1])
		if !okA || !okB || a.Mistyped(b) != want || b.Mistyped(a) != want {
			t.Errorf("%v: %v", pair, a.Mistyped(b))
		}
	}
}

func FuzzSpan(f *testing.F) {
	for _, s := range []string{"1962", "19 Mar 1962", "1958 to 1963", "circa 1962", "00/00/1980", "between 1 and 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if span, ok := ParseSpan(s); ok && (span.From > span.To || span.From < 18000101) {
			t.Fatalf("%q gives %v", s, span)
		}
	})
}

// fuzzSource checks what every parser owes for any bytes: no panic, and
// either a *kyc.Error or entries that have an id, are unique and store and
// load again.
func fuzzSource(f *testing.F, format string) {
	for _, c := range samples {
		if c.format == format && len(c.files) == 1 {
			f.Add(sampleBytes(f, c.files)[0])
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		entities, err := readBytes(t, format, []string{"fuzz"}, b)
		checkParsed(t, entities, err)
	})
}

func checkParsed(t *testing.T, entities []Entity, err error) {
	t.Helper()
	if err != nil {
		if kyc.KindOf(err) == kyc.Internal {
			t.Fatalf("an internal error for a bad file: %v", err)
		}
		return
	}
	seen := map[string]bool{}
	for _, e := range entities {
		if e.ID == "" || seen[e.ID] || (len(e.Names) == 0 && len(e.Identifiers) == 0) {
			t.Fatalf("bad entry %+v", e)
		}
		seen[e.ID] = true
	}
}

func FuzzUN(f *testing.F)      { fuzzSource(f, "un") }
func FuzzEU(f *testing.F)      { fuzzSource(f, "eu") }
func FuzzUK(f *testing.F)      { fuzzSource(f, "uk") }
func FuzzDPL(f *testing.F)     { fuzzSource(f, "us_dpl") }
func FuzzCSL(f *testing.F)     { fuzzSource(f, "us_csl") }
func FuzzFTM(f *testing.F)     { fuzzSource(f, "ftm") }
func FuzzTargets(f *testing.F) { fuzzSource(f, "targets_simple") }
func FuzzOwnCSV(f *testing.F)  { fuzzSource(f, "csv") }
func FuzzSenzing(f *testing.F) { fuzzSource(f, "senzing") }
func FuzzPopolo(f *testing.F)  { fuzzSource(f, "everypolitician") }

func FuzzOFACXML(f *testing.F) {
	f.Add(sampleBytes(f, []string{"ofac/sdn.xml"})[0])
	f.Add(sampleBytes(f, []string{"ofac/sdn_advanced.xml"})[0])
	fuzzSource(f, "ofac_consolidated")
}

func FuzzOFACCSV(f *testing.F) {
	s := sampleBytes(f, samples[0].files)
	f.Add(s[0], s[1], s[2], s[3])
	f.Fuzz(func(t *testing.T, sdn, alt, add, comments []byte) {
		entities, err := readBytes(t, "ofac_sdn", []string{"a", "b", "c", "d"}, sdn, alt, add, comments)
		checkParsed(t, entities, err)
	})
}

func TestOfficesGradePersonsOfASourceWithoutTopics(t *testing.T) {
	t.Parallel()
	text := `{"id":"f","schema":"Family","properties":{"person":["a"],"relative":["b"]}}
{"id":"o","schema":"Occupancy","properties":{"holder":["a"],"post":["p"]}}
{"id":"a","schema":"Person","properties":{"name":["Orsolya Quennell"]}}
{"id":"b","schema":"Person","properties":{"name":["Tobiasz Quennell"]}}
{"id":"c","schema":"Person","properties":{"name":["Hesper Oddlington"]}}
{"id":"g","schema":"Family","properties":{"person":["a"],"relative":["d"]}}
{"id":"d","schema":"Person","properties":{"name":["Aurel Quennell"],"position":["Former Governor of the Shallows"]}}
{"id":"p","schema":"Position","properties":{"name":["Minister of Tides"]}}
`
	got, err := readBytes(t, "ftm", []string{"x.json"}, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	topics := map[string]string{}
	for _, e := range got {
		topics[e.ID] = strings.Join(e.Topics, " ")
	}
	if len(got) != 4 || topics["a"] != TopicPEP || topics["b"] != TopicRCA || topics["c"] != "" || topics["d"] != TopicPEP {
		t.Errorf("%v", topics)
	}
}
