package main

import (
	"os/exec"
	"testing"
)

// TestGuideOfDocuments executes docs/guide/documents.md with the tools that
// draw and read its documents.
func TestGuideOfDocuments(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"ZXingWriter", "ZXingReader", "tesseract", "pdftoppm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the guide needs %s", tool)
		}
	}
	executeCommands(t, "docs/guide/documents.md")
}
