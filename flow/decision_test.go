package flow_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"bonafide/flow"
)

// decision is one applicant of testdata/decisions: the facts known, the
// answers of the checks, and where the graph must lead.
type decision struct {
	Facts   map[string]any    `json:"facts"`
	Answers map[string]string `json:"answers"` // policy to pass, fail, review, error or skip
	End     string            `json:"end"`
	Path    []string          `json:"path"`   // all nodes, when given
	Passes  []string          `json:"passes"` // some of them
	Vars    map[string]any    `json:"vars"`
}

// walk follows a graph without parallel nodes and gates.
func walk(t *testing.T, c *flow.Compiled, d decision) (path []string, vars map[string]any) {
	t.Helper()
	facts := map[string]any{"vars": map[string]any{}}
	for k, v := range d.Facts {
		facts[k] = v
	}
	for n := c.Nodes[c.Entry]; ; {
		path = append(path, n.ID)
		next := n.Next
		switch n.Type {
		case flow.TypeTerminal:
			vars, _ = facts["vars"].(map[string]any)
			return path, vars
		case flow.TypeConditional:
			next, _ = flow.FirstRoute(n, facts)
		case flow.TypeSet:
			facts["vars"] = flow.Assigned(n, facts)
		case flow.TypePolicy:
			next = map[string]string{"pass": n.OnPass, "fail": n.OnFail, "review": n.OnReview, "error": n.OnError, "skip": n.OnSkip}[d.Answers[n.Policy]]
		}
		if n = c.Nodes[next]; n == nil {
			t.Fatalf("after %v the walk leads to %q", path, next)
		}
	}
}

func TestDecisionsOfWholeGraphs(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/decisions/*.txtar")
	if len(files) < 5 {
		t.Fatalf("only %d decisions", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil || len(archive.Files) != 2 {
				t.Fatalf("%v", err)
			}
			c, report := flow.Compile(archive.Files[0].Data, flow.Options{Catalog: catalog()})
			if c == nil {
				t.Fatalf("%q", lines(report))
			}
			checkSound(t, c)
			var cases []decision
			dec := json.NewDecoder(bytes.NewReader(archive.Files[1].Data))
			dec.UseNumber()
			dec.DisallowUnknownFields()
			if err := dec.Decode(&cases); err != nil {
				t.Fatal(err)
			}
			for i, d := range cases {
				path, vars := walk(t, c, d)
				if path[len(path)-1] != d.End || d.Path != nil && !slices.Equal(path, d.Path) {
					t.Errorf("case %d went %v, want %v to %s", i, path, d.Path, d.End)
				}
				for _, id := range d.Passes {
					if !slices.Contains(path, id) {
						t.Errorf("case %d went %v, not by %s", i, path, id)
					}
				}
				want, _ := json.Marshal(d.Vars)
				if got, _ := json.Marshal(vars); d.Vars != nil && string(got) != string(want) {
					t.Errorf("case %d leaves %s, want %s", i, got, want)
				}
			}
		})
	}
}
