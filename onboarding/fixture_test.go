package onboarding

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestEveryFixtureAndTemplateRoundTrips(t *testing.T) {
	t.Parallel()
	for name, raw := range everything(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := parsed(t, raw)
			again := parsed(t, d.Canonical())
			if !bytes.Equal(d.Canonical(), again.Canonical()) {
				t.Errorf("the canonical form changes when it is read again:\n%s\n%s", d.Canonical(), again.Canonical())
			}
			if d.Hash() != again.Hash() || !strings.HasPrefix(d.Hash(), "sha256:") || len(d.Hash()) != 71 {
				t.Errorf("hashes %s and %s", d.Hash(), again.Hash())
			}
			if !bytes.Equal(Compile(d, CompileOptions{}), Compile(again, CompileOptions{})) {
				t.Error("the graph changes when the canonical form is read again")
			}
		})
	}
}

// What the seed prints must survive: every member of the fixture is in the
// canonical form with the same value.
func TestTheSeedsOwnValuesAreKept(t *testing.T) {
	t.Parallel()
	var contains func(t *testing.T, at string, want, got any)
	contains = func(t *testing.T, at string, want, got any) {
		switch want := want.(type) {
		case map[string]any:
			m, _ := got.(map[string]any)
			for k, v := range want {
				contains(t, at+"/"+k, v, m[k])
			}
		case []any:
			list, _ := got.([]any)
			if len(list) != len(want) {
				t.Errorf("%s has %d items, the seed %d", at, len(list), len(want))
				return
			}
			for i := range want {
				contains(t, index(at, i), want[i], list[i])
			}
		default:
			if want != got {
				t.Errorf("%s is %v, in the seed %v", at, got, want)
			}
		}
	}
	for name, raw := range everything(t) {
		var want, got any
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(parsed(t, raw).Canonical(), &got); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "f") { // the templates use short forms of our own
			t.Run(name, func(t *testing.T) { contains(t, "", want, got) })
		}
	}
}

func TestEveryFixtureAndTemplateCompiles(t *testing.T) {
	t.Parallel()
	for name, raw := range everything(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := linked(t, parsed(t, raw))
			for id, n := range c.Nodes {
				if n.Locked {
					t.Errorf("the compiler inserted %s: some path to an approval lacks the screening", id)
				}
				if n.Implicit {
					t.Errorf("the compiler wrote out %s: a route was left open", id)
				}
			}
			if n := c.Nodes["watchlist_screening"]; n == nil || n.OnError != NodeRulesIncomplete || n.OnSkip != NodeRulesIncomplete {
				t.Errorf("the screening is %+v", n)
			}
			if n := c.Nodes[NodeRulesIncomplete]; n == nil || n.OnPass != NodeReview || n.OnFail != NodeRejected {
				t.Errorf("the rules without a screening are %+v", n)
			}
		})
	}
}

func TestWarningsOfFixturesAndTemplates(t *testing.T) {
	t.Parallel()
	meant := map[string][]string{
		"f5_selfie_step":          {"selfie_without_liveness"},
		"f12_complete_individual": {"no_path_to_approval"}, // the seed's own rules end with a person
		"template pep-enhanced":   {"no_path_to_approval"}, // a person always decides
	}
	for name, raw := range everything(t) {
		_, report := Parse(raw, ParseOptions{})
		if got := codes(report.Warnings); !slices.Equal(got, meant[name]) {
			t.Errorf("%s has the warnings %v, meant are %v", name, report.Warnings, meant[name])
		}
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	entity := map[string][]string{
		"basic-kyc": {"individual"}, "company-kyc": {"company"}, "merchant-onboarding": {"individual", "company"}, "pep-enhanced": {"individual"},
	}
	for _, name := range Templates() {
		raw, beside, ok := Template(name)
		if !ok {
			t.Fatalf("there is no template %s", name)
		}
		d := parsed(t, raw)
		if d.TemplateType != name || !slices.Equal(d.EntityTypes, entity[name]) {
			t.Errorf("%s has template_type %s and entity_types %v", name, d.TemplateType, d.EntityTypes)
		}
		wanted := d.SubsessionWorkflows()
		if got := slices.Sorted(maps.Keys(beside)); !slices.Equal(got, wanted) && len(got)+len(wanted) > 0 {
			t.Errorf("%s brings %v along and needs %v", name, got, wanted)
		}
		for slug, raw := range beside {
			if c := parsed(t, raw); c.Slug != slug || len(c.SubsessionWorkflows()) > 0 {
				t.Errorf("the companion %s has the slug %q and subsessions %v", slug, c.Slug, c.SubsessionWorkflows())
			}
		}
	}
	if _, _, ok := Template("custom"); ok {
		t.Error("custom is no template")
	}
	if _, _, ok := Template("../templates/basic-kyc"); ok {
		t.Error("a path is no template")
	}
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	d := parsed(t, fixture(t, "f11_company_with_ubos"))
	got := d.Catalog() // a kyc.WorkflowCatalog
	if got.TemplateType != "custom" || !slices.Equal(got.EntityTypes, []string{"company"}) || got.StepCount != 4 {
		t.Errorf("the catalog is %+v", got)
	}
}
