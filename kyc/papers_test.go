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

func TestMatchlistAttributesHaveANormalForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, in, want string
		ok             bool
	}{
		{"IND_FAMILY_NAME", " van der  BERG ", "berg der van", true},
		{"IND_FULL_NAME", "Berg, Anna", "anna berg", true},
		{"IND_GIVEN_NAME", " - ", "", false},
		{"EMAIL_ADDRESS", "Anna@Example.com", "anna@example.com", true},
		{"EMAIL_ADDRESS", "example.com", "@example.com", false},
		{"EMAIL_DOMAIN", "@Example.com", "example.com", true},
		{"EMAIL_DOMAIN", "anna@example.com", "anna@example.com", false},
		{"PHONE_NUMBER", "+1 (415) 555-2671", "4155552671", true},
		{"IND_NATIONALITY", "nl", "NL", true},
		{"ADDRESS_COUNTRY", "NLD", "NLD", false},
		{"IND_DATE_OF_BIRTH", "1984-02-29", "1984-02-29", true},
		{"IND_DATE_OF_BIRTH", "1985-02-29", "", false},
		{"IND_DATE_OF_BIRTH", "1985", "1985", true},
		{"DOCUMENT_TYPE", "passport", "PASSPORT", true},
		{"DOCUMENT_TYPE", "ID_CARD", "ID_CARD", false},
		{"DOCUMENT_CLASS", "IDENTITY", "IDENTITY", true},
		{"DOCUMENT_PRIMARY_IDENTIFIER", "AB-12 34", "ab1234", true},
		{"ENTITY_TYPE", "organization", "ORGANIZATION", true},
		{"IND_SHOE_SIZE", "44", "", false},
	} {
		got, ok := MatchlistNormal(c.kind, c.in)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s %q is %q, %t; want %q, %t", c.kind, c.in, got, ok, c.want, c.ok)
		}
	}
}
