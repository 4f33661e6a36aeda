package document

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"bonafide/imagefile"
)

// modelsFolder is the folder of OCR models, or "".
func modelsFolder() string {
	_, here, _, _ := runtime.Caller(0)
	for _, dir := range []string{os.Getenv("BONAFIDE_DATA_FOLDER"), filepath.Join(filepath.Dir(here), "..", "..", "shared", "data")} {
		if _, err := os.Stat(filepath.Join(dir, "models", "mrz.traineddata")); dir != "" && err == nil {
			return filepath.Join(dir, "models")
		}
	}
	return ""
}

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

// patience is the deadline of readers under test: a machine that runs all
// rooms' tests at one time, under the race detector, is slow.
const patience = 3 * time.Minute

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

// TestSpecimensReadIdentically measures on the development documents: how
// many zones come out exactly as printed, names included. No reading that
// claims to be in order may have a wrong name or number.
func TestSpecimensReadIdentically(t *testing.T) {
	t.Parallel()
	data := dataFolder(t)
	for _, c := range []struct {
		name      string
		cfg       Config
		identical int
	}{
		{"mrz", Config{ModelsDir: filepath.Join(data, "models")}, 20},
		{"eng", Config{}, 8},
	} {
		if c.name == "eng" && os.Getenv("BONAFIDE_ACCURACY") == "" {
			continue // the model nobody would choose costs a minute to measure
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.cfg.Deadline = patience
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
				got, fail := r.Read(t.Context(), []File{{Name: name, Bytes: b}}, today())
				if fail != nil {
					t.Errorf("%s: %v", name, fail)
					continue
				}
				if got.MRZ == nil {
					t.Logf("%-20s nothing read", name)
					continue
				}
				same := slices.Equal(got.MRZ.Lines, want.Lines)
				var codes []string
				for _, f := range got.Findings {
					codes = append(codes, f.Code)
				}
				t.Logf("%-20s same=%v valid=%v turned=%d skew=%.1f %v", name, same, got.MRZ.Valid, got.Pages[0].Turned, got.Pages[0].Skew, codes)
				if same {
					identical++
					if !maps.Equal(got.MRZ.Checks, want.Checks) {
						t.Errorf("%s: check digits %v, printed %v", name, got.MRZ.Checks, want.Checks)
					}
				} else {
					for i, l := range got.MRZ.Lines {
						t.Logf("  read    %s", l)
						t.Logf("  printed %s", want.Lines[min(i, len(want.Lines)-1)])
					}
				}
				if c.name == "mrz" && inOrder(got) && got.MRZ.Valid && !same {
					t.Errorf("%s was accepted with a wrong line and no finding", name)
				}
			}
			t.Logf("%s: %d of %d identical", c.name, identical, len(names))
			if identical < c.identical {
				t.Errorf("%d of %d identical, want at least %d", identical, len(names), c.identical)
			}
		})
	}
}

// TestUploadVariants reads the same passport in every EXIF orientation, out
// of a PDF and after an editing program.
func TestUploadVariants(t *testing.T) {
	t.Parallel()
	data := dataFolder(t)
	r := New(Config{Deadline: patience, ModelsDir: filepath.Join(data, "models"), Decoder: decoder(), CacheDir: pdfCache(t)})
	defer r.Close()
	if _, err := r.zoneModel(); err != nil {
		t.Skip(err.Message)
	}
	dir := filepath.Join(data, "documents", "dev", "upload-variants")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		b, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got, fail := r.Read(t.Context(), []File{{Bytes: b}}, today())
		if strings.HasSuffix(entry.Name(), ".heic") && !imagefile.HasHEIC {
			if fail == nil || fail.Code != "heic_unsupported" {
				t.Errorf("%s: %v, want heic_unsupported", entry.Name(), fail)
			}
			continue
		}
		switch {
		case fail != nil:
			t.Errorf("%s: %v", entry.Name(), fail)
		case got.MRZ == nil || !got.MRZ.Valid || got.MRZ.Fields.Number != "L898902C3":
			t.Errorf("%s: zone %+v", entry.Name(), got.MRZ)
		case got.Pages[0].Turned != 0:
			t.Errorf("%s: turned by %d after its orientation was honoured", entry.Name(), got.Pages[0].Turned)
		case strings.Contains(entry.Name(), "photoshop") != got.Has("editing_software"):
			t.Errorf("%s: findings %v", entry.Name(), got.Findings)
		}
	}
}

// TestPDFsOfPictures opens files that real programs wrote.
func TestPDFsOfPictures(t *testing.T) {
	t.Parallel()
	data := dataFolder(t)
	r := New(Config{Deadline: patience, ModelsDir: filepath.Join(data, "models"), Decoder: decoder(), CacheDir: pdfCache(t)})
	defer r.Close()
	files, err := filepath.Glob(filepath.Join(data, "documents", "dev", "pdf", "*.pdf"))
	if err != nil || len(files) == 0 {
		t.Fatal("no PDF in the data folder", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pages, fail := r.open(t.Context(), File{Bytes: b})
		if fail != nil || len(pages) == 0 || max(pages[0].width, pages[0].height) < pdfMinSide-2 {
			t.Errorf("%s: %d pages, %v", filepath.Base(file), len(pages), fail)
		}
	}
}

// pdfCache is a compilation cache that all tests share, in the folder for
// downloaded and built things that git ignores.
func pdfCache(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", ".cache", "pdfium")
}

// cpuTime is the processor time this process and its finished children took:
// unlike the clock on the wall it does not depend on what else is running.
func cpuTime() time.Duration {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return total.Round(time.Millisecond)
}

// BenchmarkSpecimens measures the processor time of each development
// document, on one core: median and worst.
func BenchmarkSpecimens(b *testing.B) {
	data := dataFolder(b)
	r := New(Config{Deadline: patience, ModelsDir: filepath.Join(data, "models")})
	defer r.Close()
	_, names := readTruth(b, data)
	for b.Loop() {
		var took []time.Duration
		for _, name := range names {
			file, err := os.ReadFile(filepath.Join(data, "documents", "dev", "mrz", name))
			if err != nil {
				b.Fatal(err)
			}
			start := cpuTime()
			if _, fail := r.Read(b.Context(), []File{{Bytes: file}}, today()); fail != nil {
				b.Fatal(fail)
			}
			took = append(took, cpuTime()-start)
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "median-cpu-ms")
		b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "worst-cpu-ms")
	}
}
