package kyc

import (
	"slices"
	"testing"
)

func TestEveryDocumentTypeHasAClass(t *testing.T) {
	t.Parallel()
	types := EntityDocumentTypes()
	if len(types) != 43 {
		t.Fatalf("%d types, the specification has 43", len(types))
	}
	for i, kind := range types {
		if !slices.Contains(EntityDocumentClasses(), EntityDocumentClass(kind)) {
			t.Errorf("%s has class %q", kind, EntityDocumentClass(kind))
		}
		if slices.Index(types, kind) != i {
			t.Errorf("%s stands twice", kind)
		}
	}
	for _, no := range []string{"", "passport", "ID_CARD", "PASSPORT "} {
		if got := EntityDocumentClass(no); got != "" {
			t.Errorf("%q has class %q", no, got)
		}
	}
}

func TestMatchlistsHaveThirtyKinds(t *testing.T) {
	t.Parallel()
	kinds := MatchlistKinds()
	if len(kinds) != 30 {
		t.Fatalf("%d kinds, the specification has 30", len(kinds))
	}
	slices.Sort(kinds)
	if len(slices.Compact(kinds)) != 30 {
		t.Error("a kind stands twice")
	}
	if IsMatchlistKind("IND_SHOE_SIZE") || !IsMatchlistKind("ORG_NAME") {
		t.Error("kinds are not told apart")
	}
}
