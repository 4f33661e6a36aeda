package chip

import (
	"os"
	"testing"

	"bonafide/document"
)

const decodeWord = "decode-a-file"

// TestMain lets the test binary be the process in which PDF pages are drawn.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == decodeWord {
		os.Exit(document.DecodeChild(os.Stdin, os.Stdout, os.Args[2:]...))
	}
	os.Exit(m.Run())
}
