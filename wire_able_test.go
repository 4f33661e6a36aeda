package main

import (
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
