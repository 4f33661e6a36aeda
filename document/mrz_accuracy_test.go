package document

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// TestAccuracyMRZ prints what docs/accuracy.md says of the machine-readable
// zone. The time is the processor's, of opening a document and finding and
// reading its zone, the least of three, twice in a run; the printed text and barcodes come on top.
func TestAccuracyMRZ(t *testing.T) {
	measuring(t)
	data := dataFolder(t)
	r := New(Config{Deadline: patience, ModelsDir: filepath.Join(data, "models"), Cores: 1})
	defer r.Close()
	if m, err := r.zoneModel(); err != nil || m.name != "mrz" {
		t.Skip("tesseract or its model mrz is not here")
	}
	all, names := readTruth(t, data)
	identical, wrong := 0, 0
	timed := func(b []byte) time.Duration {
		return quickest(func() {
			spent := 0
			pages, fail := r.open(t.Context(), File{Bytes: b})
			if fail != nil {
				t.Fatal(fail)
			}
			if _, fail = r.findZone(t.Context(), &pages[0], today(), &spent); fail != nil {
				t.Fatal(fail)
			}
		})
	}
	var took []time.Duration
	var read [][]byte
	for _, name := range names {
		want := all[name]
		b, err := os.ReadFile(filepath.Join(data, "documents", "dev", "mrz", name))
		if err != nil {
			t.Fatal(err)
		}
		took = append(took, timed(b))
		read = append(read, b)
		got, fail := r.Read(t.Context(), []File{{Bytes: b}}, today())
		if fail != nil {
			t.Fatal(fail)
		}
		switch {
		case got.MRZ == nil:
		case slices.Equal(got.MRZ.Lines, want.Lines):
			identical++
		default:
			l, ok := layoutOf(want.Lines)
			if ok && got.MRZ.Valid && inOrder(got) && (len(got.MRZ.Lines) != len(want.Lines) || l.names.of(got.MRZ.Lines) != l.names.of(want.Lines)) {
				wrong++
			}
		}
	}
	for i, b := range read { // a minute in which the machine is slow is told from the reading
		took[i] = min(took[i], timed(b))
	}
	slices.Sort(took)
	median, slowest := took[len(took)/2], took[len(took)-1]
	figure("MRZ specimens read identically", fmt.Sprintf("%d of %d", identical, len(names)), "at least 20")
	figure("MRZ accepted with a wrong name", wrong, "0")
	figure("MRZ median of a document", median.Round(time.Millisecond), "below 200ms")
	figure("MRZ slowest document", slowest.Round(time.Millisecond), "at most 2s")
	if identical < 20 || wrong > 0 || median > 200*time.Millisecond || slowest > 2*time.Second {
		t.Error("a figure falls short")
	}
}

// inOrder reports whether nothing but what is true of a specimen speaks against
// a reading.
func inOrder(r Reading) bool {
	return !slices.ContainsFunc(r.Findings, func(f kyc.Reason) bool {
		return f.Severity != info && f.Code != "specimen_document" && f.Code != "fictional_issuer" && f.Code != "editing_software"
	})
}
