//go:build unix

package document

import (
	"os"
	"testing"

	"bonafide/child/cost"
)

const decodeWord = "decode-a-file"

// TestMain lets the test binary be its own decoding child.
func TestMain(m *testing.M) {
	cost.Main()
	if len(os.Args) > 1 && os.Args[1] == decodeWord {
		code := DecodeChild(os.Stdin, os.Stdout, os.Args[2:]...)
		cost.Tell()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// decoder is the command of that child.
func decoder() []string { return []string{os.Args[0], decodeWord} }
