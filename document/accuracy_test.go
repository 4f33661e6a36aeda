package document

import (
	"flag"
	"fmt"
	"testing"
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
