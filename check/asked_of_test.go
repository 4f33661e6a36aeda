package check

import (
	"encoding/json"
	"slices"
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
	"bonafide/screen"
)

// inOrder answers that one fresh list knows nobody.
func inOrder(screen.Query) screen.Result {
	return screen.Result{Lists: []kyc.ListVersion{{List: "ofac_sdn", Status: kyc.StatusOK, Entries: 5}}}
}

// TestTheListsAreAskedForEverythingKnown has an applicant of whom paper and form do
// not say the same: whatever one of them says may be what a list knows.
func TestTheListsAreAskedForEverythingKnown(t *testing.T) {
	t.Parallel()
	r := request("watchlist_screening")
	r.Extracted["sex"], r.Extracted["last_name"], r.Extracted["first_name"] = "F", "WICKRAMANAYAKE SILVA", "ANNA CHANDRASEK"
	r.Fields["gender"], r.Fields["date_of_birth"] = "M", "1991-05-17"
	r.Checks["document_ocr"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"findings": []any{"name_truncated"}}}
	s := &asked{answer: inOrder}
	runCheck(watchlistScreening(Deps{Clock: clock(), Screener: s}), r)
	if len(s.queries) != 1 {
		t.Fatalf("%+v", s.queries)
	}
	q := s.queries[0]
	if q.Gender != "F" || q.DateOfBirth != "1990-05-17" || !slices.Equal(q.BirthDates, []string{"1991-05-17"}) {
		t.Errorf("gender %q, born %q and %q", q.Gender, q.DateOfBirth, q.BirthDates)
	}
	for _, name := range []string{"Anna Müller", "ANNA C WICKRAMANAYAKE SILVA", "ANNA CHANDRASEK WICKRAMANAYAKE S"} {
		if !slices.Contains(q.Aliases, name) {
			t.Errorf("%q is not asked for: %q", name, q.Aliases)
		}
	}
	delete(r.Checks, "document_ocr")
	r.Fields["date_of_birth"] = "1990-05-17"
	s.queries = nil
	runCheck(watchlistScreening(Deps{Clock: clock(), Screener: s}), r)
	if q := s.queries[0]; slices.Contains(q.Aliases, "ANNA C WICKRAMANAYAKE SILVA") || len(q.BirthDates) != 0 {
		t.Errorf("a whole name, and one date: %+v", q)
	}
}

// TestEveryBirthDateOfAnIndividualIsAsked has an individual of surface C with two
// dates of birth, asked for under two names as its steps do.
func TestEveryBirthDateOfAnIndividualIsAsked(t *testing.T) {
	t.Parallel()
	r := request("aml_pep")
	r.Config = json.RawMessage(`{"parties":[{"path":"full_name","role":"individual","own":true,"date_of_birth":"date_of_birth"},{"path":"alternate_names/*/full_name","role":"individual","own":true,"date_of_birth":"date_of_birth"}]}`)
	r.Fields = map[string]any{"full_name": "Anna Müller", "date_of_birth": "1990-05-17", "alternate_names": []any{map[string]any{"full_name": "Anna Petrova"}}}
	r.Established = map[string]any{procedure.KeyPerson: procedure.Person{EntityType: "INDIVIDUAL", BirthDates: []string{"1990-05-17", "1991"}}}
	s := &asked{answer: inOrder}
	runCheck(watchlistScreening(Deps{Clock: clock(), Screener: s}), r)
	if len(s.queries) != 2 {
		t.Fatalf("%+v", s.queries)
	}
	for _, q := range s.queries {
		if q.DateOfBirth != "1990-05-17" || !slices.Equal(q.BirthDates, []string{"1991"}) {
			t.Errorf("%s: born %q and %q", q.Name, q.DateOfBirth, q.BirthDates)
		}
	}
	// An answer that was given without the second date is not taken again.
	before := r
	before.Established = map[string]any{procedure.KeyPerson: procedure.Person{EntityType: "INDIVIDUAL", BirthDates: []string{"1990-05-17"}}}
	lists := []kyc.ListVersion{{List: "ofac_sdn", Version: "1", Status: kyc.StatusOK}}
	if a, b := InputHash(before, lists), InputHash(r, lists); a == b || a == "" || b == "" {
		t.Errorf("%q and %q", a, b)
	}
}

// TestAWordOnAHitEndsWithTheQuestion holds that what a reviewer cleared is open
// again when the gender or a further date of birth says more than was judged.
func TestAWordOnAHitEndsWithTheQuestion(t *testing.T) {
	t.Parallel()
	q := screen.Query{Name: "Anna Müller", DateOfBirth: "1990-05-17"}
	for what, change := range map[string]func(*screen.Query){
		"gender": func(q *screen.Query) { q.Gender = "F" },
		"date":   func(q *screen.Query) { q.BirthDates = []string{"1991-05-17"} },
	} {
		other := q
		if change(&other); question(other) == question(q) {
			t.Errorf("another %s is the same question", what)
		}
	}
}
