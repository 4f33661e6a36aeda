package onboarding

import (
	"bytes"
	"encoding/json"
	"testing"

	"bonafide/flow"
	"bonafide/kyc"
)

// Whatever is read without an error has a canonical form that reads back as
// itself and a graph that compiles; whatever has errors gives no definition.
func FuzzParse(f *testing.F) {
	for _, raw := range everything(f) {
		f.Add([]byte(raw))
	}
	for _, c := range bad {
		f.Add([]byte(c.doc))
	}
	f.Add([]byte(internalDefinition))
	mandatory := kyc.DefaultSettings().MandatoryPolicies
	checks := catalog()
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, lenient := range []bool{false, true} {
			d, report := Parse(json.RawMessage(raw), ParseOptions{Lenient: lenient})
			if (d == nil) != (len(report.Errors) > 0) {
				t.Fatalf("definition %v with errors %v", d != nil, report.Errors)
			}
			for _, p := range append(report.Errors, report.Warnings...) {
				if p.Code == "" || p.Message == "" || p.Path != "" && p.Path[0] != '/' {
					t.Fatalf("a problem nobody can use: %+v", p)
				}
			}
			if d == nil {
				continue
			}
			again, report := Parse(d.Canonical(), ParseOptions{})
			if again == nil || !bytes.Equal(again.Canonical(), d.Canonical()) || again.Hash() != d.Hash() {
				t.Fatalf("the canonical form does not read back: %v\n%s", report.Errors, d.Canonical())
			}
			if _, err := json.Marshal(d.Public("de")); err != nil {
				t.Fatal(err)
			}
			c, linking := flow.Compile(Compile(d, CompileOptions{Mandatory: mandatory}), flow.Options{Catalog: checks, Mandatory: mandatory})
			if err := linking.Err(); err != nil {
				t.Fatalf("the graph does not compile: %v", err)
			}
			for _, n := range c.Nodes {
				if n.Locked || n.Implicit {
					t.Fatalf("the compiler added %s", n.ID)
				}
			}
		}
	})
}
