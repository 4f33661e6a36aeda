package procedure

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// The table of seed 002, written down again: what each type of document is
// worth. Types that are not named are worth nothing.
var worth = map[string]byte{
	"DRIVERS_LICENSE": 'P', "PASSPORT": 'P',
	"BIRTH_CERT": 'N', "CITIZENSHIP": 'N',
	"VISA": 'S', "IMMIGRATION": 'S', "NATIONAL_HEALTH_ID": 'S', "NAME_CHANGE": 'S', "MARRIAGE_CERT": 'S',
}

// expected looks the answer up by counting letters.
func expected(types []string) string {
	photo, plain, secondary := 0, map[string]bool{}, 0
	for _, t := range types {
		switch worth[t] {
		case 'P':
			photo++
		case 'N':
			plain[t] = true
		case 'S':
			secondary++
		}
	}
	switch {
	case photo >= 1:
		return "ONE_PRIMARY_PHOTOGRAPHIC"
	case len(plain) >= 2:
		return "TWO_PRIMARY_NON_PHOTOGRAPHIC"
	case len(plain) == 1 && secondary >= 1:
		return "ONE_PRIMARY_NON_PHOTOGRAPHIC_AND_ONE_SECONDARY"
	}
	return ""
}

// flaws of one document. A flawed document refuses the approval.
const (
	sound = iota
	expired
	bare
	foreign // it belongs to somebody else
	withdrawn
	flaws
)

var flawCodes = map[int]string{expired: "document_expired", bare: "document_without_attachment", foreign: "document_unknown", withdrawn: "document_unknown"}

func evidenceOf(i int, kind string, flaw int) (kyc.EntityDocument, bool) {
	d := kyc.EntityDocument{Type: kind, Class: kyc.EntityDocumentClass(kind), ExpiryDate: "2026-03-14", // it is valid through its last day
		Attachments: []kyc.EntityAttachment{{ID: "a", Status: "NORMAL"}}}
	d.ID = kyc.ID(fmt.Sprintf("doc-%d", i))
	switch flaw {
	case expired:
		d.ExpiryDate = "2026-03-13"
	case bare:
		d.Attachments = []kyc.EntityAttachment{{ID: "a", Status: "NORMAL", DeletedAt: at}, {ID: "b", Status: "FAILED"}}
	case withdrawn:
		d.DeletedAt = at
	}
	return d, flaw != foreign
}

func hasCode(list []kyc.Problem, path, code string) bool {
	return slices.ContainsFunc(list, func(p kyc.Problem) bool { return p.Path == path && p.Code == code })
}

// Every combination of one to three documents over all 43 types, with
// repetition: 43 + 43² + 43³ = 81,399 of them.
func TestEveryCombinationOfTypes(t *testing.T) {
	t.Parallel()
	all := kyc.EntityDocumentTypes()
	if len(all) != 43 {
		t.Fatalf("there are %d types", len(all))
	}
	seen := 0
	var try func(types []string)
	try = func(types []string) {
		if len(types) > 0 {
			seen++
			docs, ids := make([]kyc.EntityDocument, len(types)), make([]kyc.ID, len(types))
			for i, kind := range types {
				docs[i], _ = evidenceOf(i, kind, sound)
				ids[i] = docs[i].ID
			}
			got, problems := Evidence(docs, ids, at, kyc.EntitySettings{})
			if want := expected(types); got != want || (want == "") != (len(problems) > 0) || want == "" && !hasCode(problems, "/approvedDocuments", "mkyc_insufficient_evidence") {
				t.Fatalf("%v: %q %v, want %q", types, got, problems, want)
			}
		}
		if len(types) < 3 {
			for _, kind := range all {
				try(append(slices.Clone(types), kind))
			}
		}
	}
	try(nil)
	if seen != 43+43*43+43*43*43 {
		t.Errorf("%d combinations were tried", seen)
	}
}

// The same over one type of each worth and all flaws of each document: an
// approval that leans on a flawed document is refused, whatever the others are.
func TestEveryCombinationOfFlaws(t *testing.T) {
	t.Parallel()
	kinds := []string{"PASSPORT", "DRIVERS_LICENSE", "BIRTH_CERT", "CITIZENSHIP", "VISA", "MARRIAGE_CERT", "UTILITY_BILL", "NATIONAL_ID"}
	var try func(types []string, bad []int)
	try = func(types []string, bad []int) {
		if len(types) > 0 {
			var docs []kyc.EntityDocument
			var ids []kyc.ID
			flawed := false
			for i, kind := range types {
				d, own := evidenceOf(i, kind, bad[i])
				if own {
					docs = append(docs, d)
				}
				ids = append(ids, d.ID)
				flawed = flawed || bad[i] != sound
			}
			got, problems := Evidence(docs, ids, at, kyc.EntitySettings{})
			want := expected(types)
			if flawed {
				want = ""
			}
			if got != want || (want == "") != (len(problems) > 0) {
				t.Fatalf("%v %v: %q %v, want %q", types, bad, got, problems, want)
			}
			for i, flaw := range bad {
				if code := flawCodes[flaw]; code != "" && !hasCode(problems, fmt.Sprintf("/approvedDocuments/%d", i), code) {
					t.Fatalf("%v %v: %v does not say %s of document %d", types, bad, problems, code, i)
				}
			}
		}
		if len(types) < 3 {
			for _, kind := range kinds {
				for flaw := range flaws {
					try(append(slices.Clone(types), kind), append(slices.Clone(bad), flaw))
				}
			}
		}
	}
	try(nil, nil)
}

func TestEvidenceThatIsNone(t *testing.T) {
	t.Parallel()
	passport, _ := evidenceOf(1, "PASSPORT", sound)
	birth, _ := evidenceOf(2, "BIRTH_CERT", sound)
	second, _ := evidenceOf(3, "BIRTH_CERT", sound)
	odd, _ := evidenceOf(4, "PASSPORT", sound)
	odd.ExpiryDate = "soon"
	endless, _ := evidenceOf(5, "PASSPORT", sound)
	endless.ExpiryDate = ""
	military, _ := evidenceOf(6, "MILITARY_ID", sound)
	docs := []kyc.EntityDocument{passport, birth, second, odd, endless, military}
	for name, c := range map[string]struct {
		approved []kyc.ID
		settings kyc.EntitySettings
		code     string // "" accepts
		says     string
	}{
		"nothing":               {nil, kyc.EntitySettings{}, "mkyc_insufficient_evidence", "primary photographic"},
		"the same twice":        {[]kyc.ID{"doc-2", "doc-2"}, kyc.EntitySettings{}, "document_duplicate", ""},
		"two of one type":       {[]kyc.ID{"doc-2", "doc-3"}, kyc.EntitySettings{}, "mkyc_insufficient_evidence", "different type"},
		"an unreadable expiry":  {[]kyc.ID{"doc-4"}, kyc.EntitySettings{}, "document_expiry_unreadable", ""},
		"no expiry":             {[]kyc.ID{"doc-5"}, kyc.EntitySettings{}, "", ""},
		"a passport twice":      {[]kyc.ID{"doc-1", "doc-1"}, kyc.EntitySettings{}, "document_duplicate", ""},
		"not a listed type":     {[]kyc.ID{"doc-6"}, kyc.EntitySettings{}, "mkyc_insufficient_evidence", ""},
		"an extended list":      {[]kyc.ID{"doc-6"}, kyc.EntitySettings{Photographic: []string{"MILITARY_ID"}}, "", ""},
		"an extended secondary": {[]kyc.ID{"doc-6", "doc-2"}, kyc.EntitySettings{Secondary: []string{"MILITARY_ID"}}, "", ""},
		"in both lists, alone":  {[]kyc.ID{"doc-6"}, kyc.EntitySettings{NonPhotographic: []string{"MILITARY_ID"}, Secondary: []string{"MILITARY_ID"}}, "mkyc_insufficient_evidence", "beside"},
	} {
		got, problems := Evidence(docs, c.approved, at, c.settings)
		switch {
		case c.code == "" && (got == "" || len(problems) > 0):
			t.Errorf("%s: %q %v", name, got, problems)
		case c.code != "" && !slices.ContainsFunc(problems, func(p kyc.Problem) bool { return p.Code == c.code && strings.Contains(p.Message, c.says) }):
			t.Errorf("%s: %q %v", name, got, problems)
		}
	}
	if _, problems := Evidence(docs, make([]kyc.ID, 51), at, kyc.EntitySettings{}); !hasCode(problems, "/approvedDocuments", "too_many") {
		t.Errorf("51 documents: %v", problems)
	}
	// The day is that of UTC, whatever the clock's place.
	late := time.Date(2026, 3, 14, 23, 30, 0, 0, time.FixedZone("west", -5*3600))
	if got, _ := Evidence(docs, []kyc.ID{"doc-1"}, late, kyc.EntitySettings{}); got != "" {
		t.Error("a document of the day before is accepted")
	}
}
