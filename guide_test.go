package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// guideStep is a sh block of a guide and the fragments its output must hold.
type guideStep struct {
	line   int
	script string
	expect []string
}

// readGuide takes the sh blocks out of a page, each with the expect block
// that follows it.
func readGuide(t *testing.T, file string) []guideStep {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var steps []guideStep
	kind := ""
	for i, line := range strings.Split(string(page), "\n") {
		if fence, ok := strings.CutPrefix(line, "```"); ok {
			if kind != "" {
				kind = ""
				continue
			}
			if kind = fence; kind == "sh" {
				steps = append(steps, guideStep{line: i + 1})
			}
			continue
		}
		switch last := len(steps) - 1; kind {
		case "sh":
			steps[last].script += line + "\n"
		case "expect":
			steps[last].expect = append(steps[last].expect, line)
		}
	}
	return steps
}

// TestGuideOfSurfaceA executes docs/guide/onboarding.md against the real
// program.
func TestGuideOfSurfaceA(t *testing.T) {
	t.Parallel()
	executeGuide(t, "docs/guide/onboarding.md", "sha256sum")
}

// TestGuideOfMonitoring executes docs/guide/monitoring.md against the real
// program.
func TestGuideOfMonitoring(t *testing.T) {
	t.Parallel()
	executeGuide(t, "docs/guide/monitoring.md")
}

// TestGuideOfRetention executes docs/guide/retention.md in the same way.
func TestGuideOfRetention(t *testing.T) {
	t.Parallel()
	executeGuide(t, "docs/guide/retention.md")
}

// TestGuideOfIdentities executes docs/guide/identities.md against the real
// program.
func TestGuideOfIdentities(t *testing.T) {
	t.Parallel()
	executeGuide(t, "docs/guide/identities.md")
}

// TestGuideOfSurfaceD executes docs/guide/graph.md against the real program.
func TestGuideOfSurfaceD(t *testing.T) {
	t.Parallel()
	executeGuide(t, "docs/guide/graph.md")
}

// TestGuideOfSurfaceB executes docs/guide/management.md.
func TestGuideOfSurfaceB(t *testing.T) {
	t.Parallel()
	executeGuide(t, "docs/guide/management.md", "openssl", "od")
}

// TestGuideOfSurfaceC executes docs/guide/entities.md.
func TestGuideOfSurfaceC(t *testing.T) {
	t.Parallel()
	executeGuide(t, "docs/guide/entities.md")
}

// executeGuide runs the sh blocks of a page in one shell on each database.
func executeGuide(t *testing.T, page string, tools ...string) {
	t.Helper()
	for _, tool := range append([]string{"sh", "curl", "base64", "cmp"}, tools...) {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the guide needs %s", tool)
		}
	}
	steps := readGuide(t, page)
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		c, live := srv.newTenants(t)
		runGuide(t, srv, steps, "KEY="+c.key, "LIVE_KEY="+live.key)
	})
}

// runGuide runs all blocks in one shell and looks for what they are to print.
func runGuide(t *testing.T, srv *server, steps []guideStep, env ...string) {
	t.Helper()
	const mark = "=== end of step ==="
	var script strings.Builder
	for _, s := range steps {
		script.WriteString(s.script + "echo '" + mark + "'\n")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh")
	cmd.Dir = t.TempDir()
	cmd.Env = append(append(os.Environ(), "URL="+srv.url), env...)
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
}
