package checks

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestGuide executes docs/guide/management.md.
func TestGuide(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "curl", "grep", "base64", "cmp", "od", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the guide needs %s", tool)
		}
	}
	page, err := os.ReadFile("../../docs/guide/management.md")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	const mark = "=== end of step ===\n"
	var script strings.Builder
	var expect [][]string
	kind := ""
	for line := range strings.SplitSeq(string(page), "\n") {
		if fence, ok := strings.CutPrefix(line, "```"); ok {
			if kind == "sh" && fence == "" {
				script.WriteString("printf '" + strings.TrimSuffix(mark, "\n") + "\\n'\n")
				expect = append(expect, nil)
			}
			kind = fence
			continue
		}
		switch kind {
		case "sh":
			script.WriteString(line + "\n")
		case "expect":
			expect[len(expect)-1] = append(expect[len(expect)-1], line)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "URL="+b.URL, "KEY="+b.Dev.SandboxKey, "LIVE_KEY="+b.Dev.LiveKey)
	cmd.Stdin = strings.NewReader(script.String())
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	said := strings.Split(string(out), mark)
	if len(expect) < 15 || len(said) != len(expect)+1 {
		t.Fatalf("%d steps said %d things\n%s", len(expect), len(said)-1, complaints.String())
	}
	for i, lines := range expect {
		for _, want := range lines {
			if !strings.Contains(said[i], want) {
				t.Errorf("step %d lacks %s:\n%s", i+1, want, said[i])
			}
		}
	}
	if complaints.Len() > 0 {
		t.Errorf("complaints: %s", complaints.String())
	}
}
