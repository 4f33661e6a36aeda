//go:build unix

package chip

import (
	"os"
	"testing"

	limits "bonafide/child"
	"bonafide/child/cost"
	"bonafide/document"
)

const decodeWord = "decode-a-file"

// TestMain lets the test binary be the process in which PDF pages are drawn.
func TestMain(m *testing.M) {
	cost.Main()
	if len(os.Args) > 1 && os.Args[1] == decodeWord {
		os.Exit(document.DecodeChild(os.Stdin, os.Stdout, os.Args[2:]...))
	}
	os.Exit(m.Run())
}

// All hostile chips together, in a process of their own, hold less than one file
// may; the test that it runs holds each to its time.
func TestHostileChipsHoldLittle(t *testing.T) {
	t.Parallel()
	took := cost.Of(t, nil, os.Args[0], "-test.run=^TestHostileChipsAreRefusedQuickly$")
	t.Logf("%d MB held, %v", took.Held>>20, took.Time)
	if took.Exit != 0 || took.Held > limits.Memory {
		t.Errorf("%+v", took)
	}
}
