package main

import (
	"encoding/json"
	"slices"
	"testing"

	"bonafide/api"
	"bonafide/check"
	"bonafide/chip"
	"bonafide/document"
	"bonafide/face"
	"bonafide/model"
	"bonafide/provider"
	"bonafide/screen"
)

// A running server says what it lacks and the command that installs it, on /readyz and
// in the list of checks that the studio shows; both say the same, and so does doctor
// (TestDoctorNamesWhatIsMissingAndHowToGetIt).
func TestAServerSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	c := srv.newTenant(t)
	var ready struct{ Capabilities []api.Capability }
	if err := json.Unmarshal(c.must(t, 200, "GET", "/readyz", nil).raw, &ready); err != nil {
		t.Fatal(err)
	}
	lacking := map[string]string{}
	areas := map[string]bool{}
	for _, one := range ready.Capabilities {
		areas[one.Area] = true
		if !one.Available {
			lacking[one.Name] = one.Install
			if one.Install == "" || one.Reason == "" && one.Area == "faces" {
				t.Errorf("%+v", one)
			}
		}
	}
	if !areas["documents"] || !areas["faces"] || !areas["chips"] || !areas["screening"] || lacking["face_template"] != "bonafide models pull face_template" {
		t.Errorf("%+v", ready.Capabilities)
	}
	type part struct {
		Name    string
		Needed  bool
		Install *string
	}
	var menu struct {
		Data []struct {
			Name      string
			Available bool
			Missing   []part
		}
	}
	if err := json.Unmarshal(c.must(t, 200, "GET", "/api/v1/workflows/policies", nil).raw, &menu); err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, policy := range menu.Data {
		uses := check.UsesOf(policy.Name)
		for _, name := range slices.Concat(uses.Needs, uses.Helps) {
			install, missing := lacking[name]
			i := slices.IndexFunc(policy.Missing, func(m part) bool { return m.Name == name })
			if missing != (i >= 0) || missing && (policy.Missing[i].Install == nil || *policy.Missing[i].Install != install || policy.Missing[i].Needed != slices.Contains(uses.Needs, name)) {
				t.Errorf("%s: %s is missing: %v, and the list of checks has %+v", policy.Name, name, missing, policy.Missing)
			}
			if missing {
				told++
			}
			if missing && slices.Contains(uses.Needs, name) && policy.Available {
				t.Errorf("%s is called available without %s", policy.Name, name)
			}
		}
	}
	if told < 5 {
		t.Errorf("the list of checks tells of %d missing parts", told)
	}
}

// Everything a check is said to use is a capability under that name; a new name
// on one side alone would hide that something is missing.
func TestChecksUseCapabilitiesByTheirNames(t *testing.T) {
	t.Parallel()
	reader := document.New(document.Config{ModelsDir: t.TempDir()})
	defer func() { _ = reader.Close() }()
	faces := face.Open(face.Options{Models: model.Open(t.TempDir())})
	defer faces.Close()
	lists, err := screen.Open(screen.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	found := capabilities(t.Context(), reader, faces, chip.NewTrust(t.TempDir()), lists, &provider.Router{}, false)
	if len(found) < 8 {
		t.Fatalf("only %d capabilities", len(found))
	}
	for policy := range check.Catalog() {
		uses := check.UsesOf(policy)
		for _, name := range slices.Concat(uses.Needs, uses.Helps) {
			if !slices.ContainsFunc(found, func(c api.Capability) bool { return c.Name == name }) {
				t.Errorf("%s uses %q, which is no capability", policy, name)
			}
		}
	}
}
