package chip

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestAccuracyChips prints the section "Chips" of docs/accuracy.md: the verdicts
// on the synthetic chips of the data folder, and the processor time of one
// verification with the published master lists loaded.
func TestAccuracyChips(t *testing.T) {
	measuring(t)
	data := dataFolder(t)
	dir := filepath.Join(data, "documents", "dev", "emrtd")
	raw, err := os.ReadFile(filepath.Join(dir, "expect.json"))
	if err != nil {
		t.Skip("the shared chips are not here")
	}
	var expect map[string]struct {
		PassiveAuth string `json:"passive_auth"`
	}
	if err := json.Unmarshal(raw, &expect); err != nil {
		t.Fatal(err)
	}
	trust := NewTrust(filepath.Join(dir, "csca-trusted.der"), filepath.Join(data, "csca"))
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	right, missed, misses := 0, 0, 0
	var took []time.Duration
	for name, want := range expect {
		files := Files{DataGroups: map[int][]byte{}}
		files.SOD, _ = os.ReadFile(filepath.Join(dir, name, "EF_SOD.bin"))
		for n, file := range map[int]string{1: "EF_DG1.bin", 2: "EF_DG2.bin"} {
			if raw, err := os.ReadFile(filepath.Join(dir, name, file)); err == nil {
				files.DataGroups[n] = raw
			}
		}
		var got Report
		trust.State() // loaded before the clock runs
		for range 20 {
			start := cpuTime()
			got = Verify(t.Context(), files, Options{Trust: trust, Now: now})
			took = append(took, cpuTime()-start)
		}
		verdict := "pass"
		for _, r := range got.Reasons {
			switch {
			case r.Severity == critical:
				verdict = "fail"
			case r.Severity == warning && verdict == "pass":
				verdict = "warn"
			}
		}
		good := verdict == want.PassiveAuth && got.Authentic == (verdict == "pass")
		if good {
			right++
		} else {
			t.Errorf("%s: %s, want %s", name, verdict, want.PassiveAuth)
		}
		// What passive authentication by the library alone lets pass (design, 3).
		if slices.Contains([]string{"bad-ds-expired", "incomplete-dg1-only"}, name) {
			missed++
			if good {
				misses++
			}
		}
	}
	// The third: no data group at all.
	sod, _ := os.ReadFile(filepath.Join(dir, "good-ecdsa", "EF_SOD.bin"))
	missed++
	if got := Verify(t.Context(), Files{SOD: sod}, Options{Trust: trust, Now: now}); !got.Authentic && got.Has("dg1_missing") && got.Has("dg2_missing") {
		misses++
	} else {
		t.Errorf("a chip without data groups: %s", codesOf(got))
	}
	slices.Sort(took)
	figure("chips with the right verdict", fmt.Sprintf("%d of %d", right, len(expect)), "all")
	figure("cases that the library alone lets pass, refused", fmt.Sprintf("%d of %d", misses, missed), "3 of 3")
	figure("one passive authentication, median", took[len(took)/2], "below 5ms")
	figure("one passive authentication, slowest", took[len(took)-1], "-")
	if took[len(took)/2] > 5*time.Millisecond {
		t.Error("passive authentication takes too long")
	}
}
