package session

import (
	"testing"

	"bonafide/kyc"
)

// A passport has no back; a card's is missing until it comes.
func TestAPassportHasNoBack(t *testing.T) {
	t.Parallel()
	front := func(kind string) kyc.Upload { return kyc.Upload{Kind: "document_front", DocumentType: kind} }
	old := front("passport")
	old.Superseded = true
	for name, x := range map[string]struct {
		files []kyc.Upload
		want  bool
	}{
		"passport":           {[]kyc.Upload{front("passport")}, true},
		"card":               {[]kyc.Upload{front("id_card")}, false},
		"nobody said":        {[]kyc.Upload{front("")}, false},
		"replaced by a card": {[]kyc.Upload{old, front("id_card")}, false},
		"card, both":         {[]kyc.Upload{front("id_card"), {Kind: "document_back"}}, true},
		"back of a passport": {[]kyc.Upload{{Kind: "selfie", DocumentType: "passport"}}, false},
	} {
		if got := kindsOf(x.files)["document_back"]; got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
