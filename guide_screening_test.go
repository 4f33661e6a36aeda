package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
		const mark = "=== end of step ==="
		var script strings.Builder
		for _, s := range steps {
			script.WriteString(s.script + "echo '" + mark + "'\n")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "sh")
		cmd.Dir = t.TempDir()
		cmd.Env = append(os.Environ(), "URL="+srv.url, "KEY="+c.key, "LIVE_KEY="+live.key, "DATA="+srv.dir, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		cmd.Stdin = strings.NewReader(script.String())
		var out, complaints bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaints
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, complaints.String())
		}
		said := strings.Split(out.String(), mark+"\n")
		if len(said) != len(steps)+1 {
			t.Fatalf("%d of %d steps ran\n%s", len(said)-1, len(steps), complaints.String())
		}
		for i, s := range steps {
			for _, want := range s.expect {
				if !strings.Contains(said[i], want) {
					t.Errorf("line %d of the guide: %s is missing in\n%s", s.line, want, said[i])
				}
			}
		}
		if complaints.Len() > 0 {
			t.Errorf("complaints: %s", complaints.String())
		}
	})
}
