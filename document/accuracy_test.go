package document

import (
	"flag"
	"fmt"
	"testing"
	"time"
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

// quickest is the least processor time of three runs of the same work: what else a
// machine does makes a run longer, and none shorter.
func quickest(run func()) time.Duration {
	least := time.Duration(0)
	for n := range 3 {
		start := cpuTime()
		run()
		if took := cpuTime() - start; n == 0 || took < least {
			least = took
		}
	}
	return least
}
