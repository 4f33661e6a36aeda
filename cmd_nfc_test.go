package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// verifyChip runs the command on files and reads its JSON.
func verifyChip(t *testing.T, args ...string) (code int, answer chipAnswer) {
	t.Helper()
	code, out, complaint := call(t, append([]string{"nfc", "verify", "--json", "--data", t.TempDir()}, args...)...)
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("%v: %s%s", err, out, complaint)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(out), &members); err != nil || string(members["reasons"]) == "null" || string(members["fields"]) == "null" {
		t.Errorf("%s", out)
	}
	return code, answer
}

func TestChipFilesOverTheCommandLine(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "shared", "data", "documents", "dev", "emrtd")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the shared chips are not here")
	}
	trust := filepath.Join(dir, "csca-trusted.der")
	for name, want := range map[string]string{
		"good-ecdsa": "", "bad-dg1-changed": "data_group_altered dg1_check_digit_failed document_expired", "bad-dg2-photo-swapped": "data_group_altered",
		"bad-rogue-csca": "signer_not_trusted", "bad-ds-expired": "signer_expired", "bad-sod-signature": "signature_invalid", "incomplete-dg1-only": "dg2_missing",
	} {
		args := []string{"--trust", trust, "--sod", filepath.Join(dir, name, "EF_SOD.bin"), "--dg", filepath.Join(dir, name, "EF_DG1.bin")}
		if dg2 := filepath.Join(dir, name, "EF_DG2.bin"); name != "incomplete-dg1-only" {
			args = append(args, dg2) // the second file without repeating the flag
		}
		code, got := verifyChip(t, args...)
		reasons := strings.Fields(want)
		slices.Sort(got.Reasons)
		if got.Authentic != (want == "") || (code == 0) != got.Authentic || !slices.Equal(got.Reasons, reasons) {
			t.Errorf("%s: exit %d, %+v, want %q", name, code, got, want)
		}
		if got.Authentic && (got.Fields["last_name"] != "MUSTERFRAU" || got.Fields["document_number"] != "P1234567" || got.ChipAuthenticity != "not_proven") || !got.Authentic && len(got.Fields) > 0 {
			t.Errorf("%s: %v", name, got.Fields)
		}
	}
	good := filepath.Join(dir, "good-ecdsa")
	files := []string{"--sod", filepath.Join(good, "EF_SOD.bin"), "--dg", filepath.Join(good, "EF_DG1.bin"), "--dg", filepath.Join(good, "EF_DG2.bin")}
	if code, got := verifyChip(t, files...); code != exitError || got.Authentic || got.Status != "not_configured" || !slices.Equal(got.Reasons, []string{"trust_not_configured"}) {
		t.Errorf("without trust: exit %d, %+v", code, got)
	}
	// DATA/trust is where the certificates lie when nobody says otherwise.
	data := t.TempDir()
	raw, err := os.ReadFile(trust)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(data, "trust"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "trust"), "at.cer", raw)
	code, out, complaint := call(t, append([]string{"nfc", "verify", "--data", data}, files...)...)
	if code != 0 || !strings.HasPrefix(out, "authentic") || !strings.Contains(out, "last name: MUSTERFRAU") || !strings.Contains(out, "trust: 1 certificates of 1 states, no master list") {
		t.Errorf("exit %d\n%s%s", code, out, complaint)
	}
}

func TestChipCommandLineMistakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sod, dg := write(t, dir, "sod", []byte{0x77, 0}), write(t, dir, "dg1", []byte{0x61, 0})
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no signed object":   {[]string{"--dg", dg}, exitUsage, "--sod"},
		"no such trust":      {[]string{"--sod", sod, "--dg", dg, "--trust", filepath.Join(dir, "none")}, exitUsage, "there is no such file"},
		"a data group twice": {[]string{"--sod", sod, "--dg", dg, "--dg", dg}, exitUsage, "was given before"},
	} {
		code, out, complaint := call(t, append([]string{"nfc", "verify"}, c.args...)...)
		if code != c.code || !strings.Contains(complaint, c.says) || out != "" {
			t.Errorf("%s: exit %d, %s%s", name, code, out, complaint)
		}
	}
	// Files of something else are no usage mistake: they are not authentic.
	code, got := verifyChip(t, "--sod", sod, "--dg", write(t, dir, "photo", []byte{0xff, 0xd8}), "--trust", sod)
	if code != exitError || got.Authentic || got.Status != "not_configured" || len(got.Trust.Problems) != 1 {
		t.Errorf("exit %d, %+v", code, got)
	}
}

// The published master lists vouch for none of the synthetic chips.
func TestChipAgainstPublishedLists(t *testing.T) {
	t.Parallel()
	lists := filepath.Join("..", "shared", "data", "csca")
	chip := filepath.Join("..", "shared", "data", "documents", "dev", "emrtd", "good-ecdsa")
	for _, path := range []string{lists, chip} {
		if _, err := os.Stat(path); err != nil {
			t.Skip("the published master lists or the shared chips are not here")
		}
	}
	for path, least := range map[string]int{lists: 600, filepath.Join(lists, "DE_ML_2026-05-28-08-28-45.ml"): 500} {
		code, got := verifyChip(t, "--trust", path, "--sod", filepath.Join(chip, "EF_SOD.bin"), "--dg", filepath.Join(chip, "EF_DG1.bin")+","+filepath.Join(chip, "EF_DG2.bin"))
		if code != exitError || got.Authentic || !slices.Equal(got.Reasons, []string{"signer_not_trusted"}) || got.Trust.Certificates < least {
			t.Errorf("%s: exit %d, %v, %d certificates", path, code, got.Reasons, got.Trust.Certificates)
		}
		if !maps.Equal(got.Fields, map[string]string{}) {
			t.Errorf("%v", got.Fields)
		}
	}
}
