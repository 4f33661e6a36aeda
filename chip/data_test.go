package chip

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"bonafide/document"
)

// accuracy turns on the tests that measure on the data folder and print the
// figures of docs/accuracy.md (make accuracy).
var accuracy = flag.Bool("accuracy", false, "measure on the data folder and print the figures of docs/accuracy.md")

// measuring skips a test unless figures are asked for.
func measuring(t *testing.T) {
	t.Helper()
	if !*accuracy {
		t.Skip("figures are printed by make accuracy")
	}
}

// figure prints one figure and what was asked for, in the form that
// scripts/accuracy.sh collects.
func figure(what string, value any, asked string) {
	fmt.Printf("accuracy: %s = %v (asked %s)\n", what, value, asked)
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

// pdfCache is a compilation cache that all tests share, in the folder for
// downloaded and built things that git ignores.
func pdfCache(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", ".cache", "pdfium")
}

// today is the day all verifications of the tests happen on.
func today() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

// cpuTime is the processor time this process took: unlike the clock on the wall
// it does not depend on what else is running.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// passport builds the zone of a passport (TD3) with all its check digits.
func passport(issuer, surname, given, number, dob, sex, expiry string) []string {
	fill := func(s string, width int) string { return s + strings.Repeat("<", width-len(s)) }
	digit := func(s string) string { return s + string(document.CheckDigit(s)) }
	number, dob, expiry = digit(fill(number, 9)), digit(dob), digit(expiry)
	optional := digit(fill("", 14))
	return []string{
		fill("P<"+fill(issuer, 3)+surname+"<<"+given, 44),
		number + fill(issuer, 3) + dob + sex + expiry + optional + string(document.CheckDigit(number+dob+expiry+optional)),
	}
}
