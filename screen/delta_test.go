package screen

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/roster"
)

const deltaBefore = `id,name,type,birth_date
a,Anneliese Grubenhagen,person,1951
b,Bertrand Ockelmann,person,1962-03-04
c,Cosima Wintermantel,person,1973
`

func TestDeltaNamesWhatChangedSinceAVersion(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	before := mustImport(t, s, "csv", "house", writeTemp(t, "list.csv", deltaBefore))
	if d, ok := s.Delta("house", before.Version); !ok || len(d.Changed)+len(d.Removed) != 0 || d.To != before.Version {
		t.Errorf("between a version and itself: %+v %t", d, ok)
	}
	after := mustImport(t, s, "csv", "house", writeTemp(t, "list.csv", strings.NewReplacer(
		"b,Bertrand Ockelmann,person,1962-03-04", "b,Bertrand Ockelmann,person,1962-03-05",
		"c,Cosima Wintermantel,person,1973", "d,Dagobert Eulenhorst,person,1984\ne,Edelgard Nachtweih,person,1995").Replace(deltaBefore)))
	d, ok := s.Delta("house", before.Version)
	if !ok || !slices.Equal(d.Changed, []string{"b", "d", "e"}) || !slices.Equal(d.Removed, []string{"c"}) {
		t.Fatalf("delta %+v %t", d, ok)
	}
	if d.List != "house" || d.From != before.Version || d.To != after.Version {
		t.Errorf("delta is of %s from %s to %s", d.List, d.From, d.To)
	}
	for name, version := range map[string]string{"none": "", "no version": "yesterday", "unknown": "sha256:" + strings.Repeat("0", 64), "cut": before.Version[:40],
		"a path": "sha256:../../" + strings.Repeat("0", 58)} {
		if _, ok := s.Delta("house", version); ok {
			t.Errorf("a delta from %s", name)
		}
	}
	if _, ok := s.Delta("garden", before.Version); ok {
		t.Error("a delta of a list that is not there")
	}
}

// The last difference stands with the list until the next one, also where the source
// was asked again and said the same; of damaged content nothing is counted.
func TestTheLastDifferenceOfAListIsCounted(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	last := func() *Difference {
		t.Helper()
		for _, l := range s.Status() {
			if l.List == "house" {
				return l.Since
			}
		}
		t.Fatal("the list is not there")
		return nil
	}
	first := mustImport(t, s, "csv", "house", writeTemp(t, "list.csv", deltaBefore))
	if d := last(); d != nil {
		t.Errorf("the first version differs from nothing: %+v", d)
	}
	changed := strings.NewReplacer("1962-03-04", "1962-03-05", "c,Cosima Wintermantel,person,1973", "d,Dagobert Eulenhorst,person,1984\ne,Edelgard Nachtweih,person,1995").Replace(deltaBefore)
	second := mustImport(t, s, "csv", "house", writeTemp(t, "list.csv", changed))
	for range 2 {
		if d := last(); d == nil || d.From != first.Version || d.Added != 2 || d.Changed != 1 || d.Removed != 1 || !d.At.Equal(second.AsOf) {
			t.Fatalf("the difference is %+v", d)
		}
		mustImport(t, s, "csv", "house", writeTemp(t, "list.csv", changed)) // the same again
	}
	file := filepath.Join(s.dir, "house", contentName(second.Version))
	if err := os.WriteFile(file, []byte("no list"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustImport(t, s, "csv", "house", writeTemp(t, "list.csv", changed+"f,Friedhelm Zwetschgenbaum,person,1944\n"))
	if d := last(); d != nil {
		t.Errorf("counted from damaged content: %+v", d)
	}
}

func TestDeltaIsNotToldFromDamagedContent(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	before := mustImport(t, s, "csv", "house", writeTemp(t, "list.csv", deltaBefore))
	mustImport(t, s, "csv", "house", writeTemp(t, "list.csv", deltaBefore+"d,Dagobert Eulenhorst,person,1984\n"))
	file := filepath.Join(s.dir, "house", contentName(before.Version))
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, raw[:len(raw)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if d, ok := s.Delta("house", before.Version); ok {
		t.Errorf("half a file gave %+v", d)
	}
	// Another list's content under this name has another checksum.
	other, _, err := encodeSnapshot([]roster.Entity{{ID: "z", Type: roster.TypePerson, Names: []roster.Name{{Text: "Zoe Zabel", Quality: roster.QualityPrimary}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, other, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, ok := s.Delta("house", before.Version); ok {
		t.Errorf("foreign content gave %+v", d)
	}
}

func TestProbeKeepsOnlyTheEntriesAskedFor(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	mustImport(t, s, "csv", "house", writeTemp(t, "list.csv", deltaBefore))
	q := Query{Name: "Bertrand OCKELMANN", Type: roster.TypePerson, Threshold: DefaultThreshold, Lists: []string{"elsewhere"}}
	for _, c := range []struct {
		entries, want []string
	}{{[]string{"b", "a"}, []string{"b"}}, {[]string{"a", "c"}, nil}, {[]string{}, nil}, {nil, []string{"b"}}} {
		got, err := s.Probe(q, "house", c.entries)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("of %v: %v %v", c.entries, got, err)
		}
	}
	q.Name, q.Aliases = "Nobody Whatsoever", []string{"Cosima Wintermantel"}
	if got, err := s.Probe(q, "house", []string{"c"}); err != nil || !slices.Equal(got, []string{"c"}) {
		t.Errorf("by an alias: %v %v", got, err)
	}
	q.Name, q.Aliases = "Ltd", nil
	if _, err := s.Probe(q, "house", []string{"c"}); err == nil {
		t.Error("a name that cannot be screened was answered")
	}
}

// BenchmarkDelta compares two real versions of a list of 9,000 entries.
func BenchmarkDelta(b *testing.B) {
	dir := filepath.Join(dataFolder(b), "watchlists")
	s, _ := openTest(b)
	old := mustImport(b, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(dir, "ofac-sdn-2019"))...)
	mustImport(b, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(dir, "ofac-sdn-2021-07"))...)
	for b.Loop() {
		if d, ok := s.Delta("ofac", old.Version); !ok || len(d.Changed) == 0 {
			b.Fatal("no delta")
		}
	}
}

// BenchmarkProbe asks about one person who is not listed.
func BenchmarkProbe(b *testing.B) {
	dir := filepath.Join(dataFolder(b), "watchlists")
	s, _ := openTest(b)
	old := mustImport(b, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(dir, "ofac-sdn-2019"))...)
	mustImport(b, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(dir, "ofac-sdn-2021-07"))...)
	d, _ := s.Delta("ofac", old.Version)
	q := Query{Name: "Margarete Sonnleitner", DateOfBirth: "1981-04-12", Country: "DE", Type: roster.TypePerson, Threshold: DefaultThreshold}
	for b.Loop() {
		if _, err := s.Probe(q, "ofac", d.Changed); err != nil {
			b.Fatal(err)
		}
	}
}
