package document

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"testing"
	"time"
)

// dataFolder finds the measuring data, which is no part of the tree.
func dataFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("BONAFIDE_DATA_FOLDER")
	if dir == "" {
		_, here, _, _ := runtime.Caller(0)
		dir = filepath.Join(filepath.Dir(here), "..", "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(dir, "documents", "dev")); err != nil {
		t.Skip("the data folder ../shared/data is not here; set BONAFIDE_DATA_FOLDER to measure on its documents")
	}
	return dir
}

// today is the day all readings of the tests happen on.
func today() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

type truth struct {
	Format string            `json:"format"`
	Lines  []string          `json:"lines"`
	Fields map[string]string `json:"fields"`
	Checks map[string]bool   `json:"printed_checks"`
}

func readTruth(t testing.TB, data string) (map[string]truth, []string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(data, "documents", "dev", "mrz", "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]truth
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	return all, names
}

func TestSpecimensReadIdentically(t *testing.T) {
	data := dataFolder(t)
	for _, c := range []struct {
		name      string
		cfg       Config
		identical int
	}{
		{"mrz", Config{ModelsDir: filepath.Join(data, "models")}, 19},
		{"eng", Config{}, 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := New(c.cfg)
			defer r.Close()
			if m, err := r.zoneModel(); err != nil || m.name != c.name {
				t.Skip("tesseract or its model " + c.name + " is not here")
			}
			all, names := readTruth(t, data)
			identical := 0
			for _, name := range names {
				want := all[name]
				b, err := os.ReadFile(filepath.Join(data, "documents", "dev", "mrz", name))
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				got, fail := r.Read(t.Context(), []File{{Name: name, Bytes: b}}, today())
				took := time.Since(start).Round(time.Millisecond)
				if fail != nil {
					t.Errorf("%s: %v", name, fail)
					continue
				}
				if got.MRZ == nil {
					t.Logf("%-20s %6s nothing read", name, took)
					continue
				}
				same := slices.Equal(got.MRZ.Lines, want.Lines)
				if same {
					identical++
				}
				var codes []string
				for _, f := range got.Findings {
					codes = append(codes, f.Code)
				}
				t.Logf("%-20s %6s same=%v valid=%v turned=%d skew=%.1f %v", name, took, same, got.MRZ.Valid, got.Pages[0].Turned, got.Pages[0].Skew, codes)
				if !same {
					for i, l := range got.MRZ.Lines {
						t.Logf("    %s\n        %s", l, want.Lines[min(i, len(want.Lines)-1)])
					}
				}
			}
			t.Logf("%s: %d of %d identical", c.name, identical, len(names))
			if identical < c.identical {
				t.Errorf("%d of %d identical, want at least %d", identical, len(names), c.identical)
			}
		})
	}
}
