package flow_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"bonafide/flow"
	"bonafide/kyc"
)

// catalog is a small menu of checks with real needs and schemas.
func catalog() map[string]kyc.CheckSpec {
	object := func(properties, rest string) json.RawMessage {
		return json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{` + properties + `}` + rest + `}`)
	}
	list := []kyc.CheckSpec{
		{Name: "document_ocr", Identity: true, Needs: []string{"document_front"}, ConfigSchema: object(``, ``)},
		{Name: "face_match", Identity: true, Needs: []string{"document_front", "selfie"}, ConfigSchema: object(`"security_level":{"enum":["standard","strict","very_strict"]}`, ``)},
		{Name: "watchlist_screening", Identity: true, Needs: []string{"user_info.last_name|document_front"},
			ConfigSchema: object(`"threshold":{"type":"number","minimum":0,"maximum":1},"lists":{"type":"array","items":{"type":"string"}}`, ``)},
		{Name: "age_check", Needs: []string{"user_info.date_of_birth|document_front"}, ConfigSchema: object(`"minimum":{"type":"integer"}`, ``)},
		{Name: "risk_assessment", ConfigSchema: object(``, ``)},
		{Name: "consent", Needs: []string{"consent"}, ConfigSchema: object(``, ``)},
		{Name: "http", ConfigSchema: object(`"url":{"type":"string"}`, `,"required":["url"]`)},
	}
	out := map[string]kyc.CheckSpec{}
	for _, spec := range list {
		out[spec.Name] = spec
	}
	return out
}

// graphCase is one graph of testdata/graphs with the report it must get.
type graphCase struct {
	name  string
	graph json.RawMessage
	want  []string
}

// graphCases reads every case of testdata/graphs.
func graphCases(t testing.TB) []graphCase {
	t.Helper()
	files, err := filepath.Glob("testdata/graphs/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no graphs: %v", err)
	}
	var out []graphCase
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		group := strings.TrimSuffix(filepath.Base(file), ".txtar")
		for i := 0; i+1 < len(archive.Files); i += 2 {
			name := filepath.Dir(archive.Files[i].Name)
			c := graphCase{name: group + "/" + name, graph: archive.Files[i].Data}
			for line := range strings.Lines(string(archive.Files[i+1].Data)) {
				c.want = append(c.want, strings.TrimSuffix(line, "\n"))
			}
			slices.Sort(c.want)
			out = append(out, c)
		}
	}
	return out
}

// lines writes a report as testdata does: kind, code, path and nodes.
func lines(r flow.Report) []string {
	var out []string
	add := func(kind string, list []kyc.Problem) {
		for _, p := range list {
			line := kind + " " + p.Code + " " + p.Path
			if len(p.Nodes) > 0 {
				line += " " + strings.Join(p.Nodes, " ")
			}
			out = append(out, line)
		}
	}
	add("error", r.Errors)
	add("warning", r.Warnings)
	slices.Sort(out)
	return slices.Compact(out)
}

func TestEveryGraphGetsExactlyItsReport(t *testing.T) {
	t.Parallel()
	cases := graphCases(t)
	if len(cases) < 60 {
		t.Fatalf("only %d graphs", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			compiled, report := flow.Compile(c.graph, flow.Options{Catalog: catalog()})
			if got := lines(report); !slices.Equal(got, c.want) {
				t.Errorf("report\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
			if (compiled == nil) != (len(report.Errors) > 0) {
				t.Errorf("compiled %v with %d errors", compiled != nil, len(report.Errors))
			}
			for _, p := range append(report.Errors, report.Warnings...) {
				if p.Message == "" || strings.Contains(p.Message, "%!") {
					t.Errorf("%s %s has a bad message %q", p.Code, p.Path, p.Message)
				}
			}
			if compiled != nil {
				checkSound(t, compiled)
			}
		})
	}
}
