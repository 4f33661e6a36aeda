package screen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/roster"
	"bonafide/spelling"
)

// savedCSV is a list of n persons; odd lists name others than even ones.
func savedCSV(n int, odd bool) string {
	given := strings.Fields("Vladimir Aisha Robert Mei Nadezhda Carlos Ibrahim Olena Marc Yolanda")
	family := strings.Fields("Petrov Haddad Llewellyn Zhang Kuznetsova Mendoza Okonkwo Shevchenko Dubois Quispe Abdulrahman")
	if odd {
		slices.Reverse(family)
	}
	var b strings.Builder
	b.WriteString("id,name,type,birth_date,countries,identifiers\n")
	for i := range n {
		fmt.Fprintf(&b, "p%d,%s %s %s,person,19%02d-03-07,ru,passport:AB%06d\n", i, given[i%len(given)], family[(i/3)%len(family)], family[(i/7+i)%len(family)]+"ova", 40+i%50, i+1000*bit(odd))
	}
	return b.String()
}

var savedQueries = []Query{
	{Name: "Vladimir Petrov Petrovova", Type: roster.TypePerson}, {Name: "Nadezda Kuznetsowa"}, {Name: "Bob Llewelyn", DateOfBirth: "1942-03-07"},
	{Name: "Mei Zhang", Country: "RU", Limit: 50}, {Name: "Абдулрахман Ибрагим"}, {Name: "Nobody Atall"}, {Identifiers: []string{"AB 000005"}}, {Name: "Du Bois Marc", Limit: 100},
	{Name: "Carlos", Aliases: []string{"Karlos Mendosa", "Yolanda Quispe"}},
}

// answers are all that some lists say to the queries.
func answers(t testing.TB, s *Screener) string {
	t.Helper()
	var out []any
	for _, q := range savedQueries {
		r := s.Match(q)
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		out = append(out, r.Hits)
		for _, l := range r.Lists {
			out = append(out, l.List, l.Version, l.Entries, l.Status)
		}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func importCSV(t testing.TB, s *Screener, id, text string) {
	t.Helper()
	mustImport(t, s, "csv", id, writeTemp(t, id+".csv", text))
}

// saved names the saved indexes of a folder.
func saved(t testing.TB, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, indexSuffix) && !strings.HasPrefix(d.Name(), ".") {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// reopen opens a folder as a new process would, and says what the log says.
func reopen(t testing.TB, s *Screener) (*Screener, string) {
	t.Helper()
	var log bytes.Buffer
	again, err := Open(Options{Dir: s.dir, Clock: s.clock, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return again, log.String()
}

func TestSavedIndexAnswersTheSame(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	importCSV(t, s, "even", savedCSV(300, false))
	importCSV(t, s, "odd", savedCSV(200, true))
	files := saved(t, s.dir)
	if len(files) != 3 {
		t.Fatalf("saved are %q", files)
	}
	st := s.state.Load()
	fresh := &state{lists: map[string]*list{}, ids: st.ids}
	built := map[string]*index{}
	for id, l := range st.lists {
		entities, err := loadSnapshot(s.dir, l.manifest)
		if err != nil {
			t.Fatal(err)
		}
		built[id] = buildIndex(id, l.manifest.Version, false, entities)
		fresh.lists[id] = &list{manifest: l.manifest, index: built[id]}
		if !bytes.Equal(built[id].image.data[imageTable:], l.index.image.data[imageTable:]) {
			t.Errorf("%s: what is read from the content has another index than what was imported", id)
		}
		if runtime.GOOS == "linux" && !l.index.image.mapped {
			t.Errorf("%s is not mapped", id)
		}
	}
	fresh.words = buildDictionary(built)
	plain := &Screener{dir: s.dir, clock: s.clock}
	plain.state.Store(fresh)
	want := answers(t, plain)
	if len(want) < 10_000 {
		t.Fatalf("the lists hardly answer: %s", want)
	}
	again, log := reopen(t, s)
	for name, s := range map[string]*Screener{"after the import": s, "after a start": again} {
		if got := answers(t, s); got != want {
			t.Errorf("%s the answers are\n%s\nwant\n%s", name, got, want)
		}
	}
	if log != "" {
		t.Errorf("the log has %s", log)
	}
	// Nothing was written again.
	if now := saved(t, s.dir); !slices.Equal(now, files) {
		t.Errorf("saved are %q", now)
	}
}

// Whatever happens to saved indexes, the answers stay and the files are whole
// again afterwards.
func TestSavedIndexIsOnlyDerived(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	importCSV(t, s, "even", savedCSV(300, false))
	importCSV(t, s, "odd", savedCSV(200, true))
	want := answers(t, s)
	files := saved(t, s.dir)
	whole := map[string][]byte{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		whole[f] = raw
	}
	for name, harm := range map[string]func(file string, raw []byte) []byte{
		"missing":              func(string, []byte) []byte { return nil },
		"empty":                func(string, []byte) []byte { return []byte{} },
		"cut in the header":    func(_ string, raw []byte) []byte { return raw[:50] },
		"cut after the header": func(_ string, raw []byte) []byte { return raw[:imageTable] },
		"cut":                  func(_ string, raw []byte) []byte { return raw[:len(raw)*2/3] },
		"longer":               func(_ string, raw []byte) []byte { return append(slices.Clone(raw), 0) },
		"another format":       func(_ string, raw []byte) []byte { return changed(raw, len(imageMagic)-1) },
		"another build":        func(_ string, raw []byte) []byte { return changed(raw, len(imageMagic)+3) },
		"a bit of the sum":     func(_ string, raw []byte) []byte { return changed(raw, imageSums) },
		"a bit of the table":   func(_ string, raw []byte) []byte { return changed(raw, imageTable+9) },
		"the last bit":         func(_ string, raw []byte) []byte { return changed(raw, len(raw)-1) },
		"a bit in the middle":  func(_ string, raw []byte) []byte { return changed(raw, len(raw)/2) },
		"of another list": func(file string, _ []byte) []byte {
			return whole[files[(slices.Index(files, file)+1)%len(files)]]
		},
		"noise": func(string, []byte) []byte { return bytes.Repeat([]byte("noise "), 5000) },
	} {
		for _, file := range files {
			bad := harm(file, whole[file])
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			if bad != nil {
				if err := os.WriteFile(file, bad, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			again, log := reopen(t, s)
			if got := answers(t, again); got != want {
				t.Errorf("%s, %s: the answers are\n%s", name, filepath.Base(file), got)
			}
			if ok, why := again.Ready(); !ok {
				t.Errorf("%s, %s: not ready: %q", name, filepath.Base(file), why)
			}
			damaged := slices.Contains(strings.Split("cut after the header,cut,longer,a bit of the sum,a bit of the table,the last bit,a bit in the middle", ","), name)
			if strings.Contains(log, "damaged") != damaged {
				t.Errorf("%s, %s: the log has %q", name, filepath.Base(file), log)
			}
			if raw, err := os.ReadFile(file); err != nil || !bytes.Equal(raw, whole[file]) {
				t.Errorf("%s, %s: it was not made again (%v)", name, filepath.Base(file), err)
			}
		}
	}
}

func changed(raw []byte, at int) []byte {
	raw = slices.Clone(raw)
	raw[at] ^= 4
	return raw
}

// A saved index never speaks for content that is gone or damaged.
func TestSavedIndexDoesNotHideDamage(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	importCSV(t, s, "even", savedCSV(300, false))
	file := filepath.Join(s.dir, "even", s.state.Load().lists["even"].manifest.File)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, harm := range map[string]func() error{
		"damaged": func() error { return os.WriteFile(file, changed(raw, len(raw)/2), 0o600) },
		"cut":     func() error { return os.WriteFile(file, raw[:len(raw)-9], 0o600) },
		"missing": func() error { return os.Remove(file) },
	} {
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		again, _ := reopen(t, s)
		if ok, why := again.Ready(); ok || len(why) == 0 || !strings.Contains(why[0], "damaged") {
			t.Errorf("%s: ready is %v, %q", name, ok, why)
		}
		if r := again.Match(savedQueries[0]); len(r.Hits) > 0 || r.Worst() == "ok" {
			t.Errorf("%s: %+v", name, r)
		}
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A folder that cannot be written is screened all the same.
func TestSavedIndexCannotBeWritten(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	importCSV(t, s, "even", savedCSV(300, false))
	want := answers(t, s)
	for _, f := range saved(t, s.dir) {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
		// A folder in its place cannot be replaced by a file, whoever asks.
		if err := os.MkdirAll(filepath.Join(f, "in the way"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	again, log := reopen(t, s)
	if got := answers(t, again); got != want || strings.Count(log, "cannot be saved") != 2 {
		t.Errorf("the log has %q, the answers are\n%s", log, got)
	}
	importCSV(t, again, "even", savedCSV(310, false))
	if n := again.state.Load().lists["even"].index.size(); n != 310 {
		t.Errorf("%d entries after another import", n)
	}
}

// Old indexes go with their content, half written files an hour later.
func TestSavedIndexesAreTidied(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	importCSV(t, s, "even", savedCSV(300, false))
	half := filepath.Join(s.dir, "even", ".0123"+indexSuffix+"-42")
	fresh := filepath.Join(s.dir, "even", ".0123"+indexSuffix+"-43")
	odd := filepath.Join(s.dir, "."+dictionaryName+"-1")
	for _, f := range []string{half, fresh, odd} {
		if err := os.WriteFile(f, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{half, odd} {
		long := time.Now().Add(-2 * time.Hour)
		if err := os.Chtimes(f, long, long); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		importCSV(t, s, "even", savedCSV(301+i, false))
	}
	entries, err := os.ReadDir(filepath.Join(s.dir, "even"))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, e := range entries {
		count[filepath.Ext(strings.TrimSuffix(e.Name(), ".gz"))]++
	}
	if count[".jsonl"] != 2 || count[".index"] != 1 {
		t.Errorf("the folder has %v", entries)
	}
	for file, there := range map[string]bool{half: false, odd: false, fresh: true} {
		if _, err := os.Stat(file); (err == nil) != there {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
}

// The rules name every file of each room that an index follows from: one that is
// missing could change without the saved indexes noticing. Which rooms those are is
// read from the imports.
func TestRulesAreComplete(t *testing.T) {
	t.Parallel()
	rooms := map[string]fs.FS{".": sources, filepath.Join("..", "roster"): roster.Rules, filepath.Join("..", "spelling"): spelling.Rules}
	for _, of := range importsOf(t, slices.Collect(maps.Keys(rooms))...) {
		// kyc holds the words of the answers and decides nothing about an index.
		if room := filepath.Join("..", strings.TrimPrefix(of, "bonafide/")); of != "bonafide/kyc" && of != "bonafide/screen" && rooms[room] == nil {
			t.Errorf("%s is imported and is no part of the rules", of)
		}
	}
	for room, have := range rooms {
		names, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(names) < 10 {
			t.Fatal(names, err)
		}
		for _, path := range names {
			name := filepath.Base(path)
			if _, err := fs.Stat(have, name); (err == nil) == strings.HasSuffix(name, "_test.go") {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	if claim("list", "a", "bc") == claim("list", "ab", "c") || claim("list") == claim() {
		t.Error("two contents have one claim")
	}
}

// importsOf are the rooms of this module that the code of some rooms imports.
func importsOf(t *testing.T, rooms ...string) (out []string) {
	t.Helper()
	for _, room := range rooms {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				if path := strings.Trim(i.Path.Value, `"`); strings.HasPrefix(path, "bonafide/") && !slices.Contains(out, path) {
					out = append(out, path)
				}
			}
		}
	}
	return out
}

// BenchmarkOpenSaved opens the saved index of the OFAC list and its dictionary,
// which is what a start costs.
func BenchmarkOpenSaved(b *testing.B) {
	s, _ := openTest(b)
	mustImport(b, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(dataFolder(b), "watchlists", "ofac-sdn-2021-07"))...)
	for b.Loop() {
		again, err := Open(Options{Dir: s.dir})
		if err != nil {
			b.Fatal(err)
		}
		if x := again.state.Load().lists["ofac"].index; !x.image.mapped && runtime.GOOS == "linux" {
			b.Fatal("the saved index was not opened")
		}
	}
}
