package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGuideOfScreening executes docs/guide/screening.md: its commands are this
// program, its server and the commands share a data folder.
func TestGuideOfScreening(t *testing.T) {
	t.Parallel()
	executeCommands(t, "docs/guide/screening.md")
}

// TestGuideOfAdverseMedia executes docs/guide/adverse-media.md in the same way.
func TestGuideOfAdverseMedia(t *testing.T) {
	t.Parallel()
	executeCommands(t, "docs/guide/adverse-media.md")
}

// TestGuideOfProviders executes docs/guide/providers.md in the same way.
func TestGuideOfProviders(t *testing.T) {
	t.Parallel()
	executeCommands(t, "docs/guide/providers.md")
}

// executeCommands runs the sh blocks of a page that uses the command line.
func executeCommands(t *testing.T, page string) {
	t.Helper()
	for _, tool := range []string{"sh", "curl", "grep", "cut"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the guide needs %s", tool)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	steps := readGuide(t, page)
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		c, live := srv.newTenants(t)
		bin := t.TempDir()
		program := fmt.Sprintf("#!/bin/sh\nexec env %s=1 '%s' --data '%s' \"$@\"\n", beProgram, self, srv.dir)
		if err := os.WriteFile(filepath.Join(bin, "bonafide"), []byte(program), 0o700); err != nil { //nolint:gosec // it is to be executed
			t.Fatal(err)
		}
		runGuide(t, srv, steps, "KEY="+c.key, "LIVE_KEY="+live.key, "DATA="+srv.dir, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	})
}
