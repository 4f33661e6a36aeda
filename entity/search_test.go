package entity

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"bonafide/kyc"
)

// finds searches and gives the people found, the most likely first.
func (b *bench) finds(q Query) []Match {
	b.Helper()
	return must[Found](b)(b.m.Search(b.ctx, b.t, b.by, q, kyc.Page{Limit: 100})).Matches
}

func TestAPersonIsFoundByEverything(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind, _ := b.withEverything()
	other := b.person(kyc.IndividualData{Name: kyc.PersonName{Given: "Bo", Family: "Jansen"}})
	for name, c := range map[string]struct {
		q     Query
		field string
	}{
		"family in any case and order": {Query{Family: "BERG der van"}, "family"},
		"family without accents":       {Query{Family: "van der Berg"}, "family"},
		"an earlier family name":       {Query{Family: "smith"}, "family"},
		"given":                        {Query{Given: "maria"}, "given"},
		"date":                         {Query{BirthDate: kyc.BirthDate{Year: 1984, Month: 2, Day: 29}}, "birth_date"},
		"date in one piece":            {Query{BirthDate: kyc.BirthDate{Unstructured: "1984-02-29"}}, "birth_date"},
		"email":                        {Query{Emails: []string{"ANNA@EXAMPLE.ORG"}}, "email"},
		"national number":              {Query{Phones: []string{"+31 (6) 123-45678"}}, "phone"},
		"document":                     {Query{Documents: []DocumentQuery{{Number: "speci-2014"}}}, "document"},
		"document, narrowed":           {Query{Documents: []DocumentQuery{{Number: "SPECI2014", Type: "PASSPORT", Country: "NL"}}}, "document"},
		"reference":                    {Query{References: []ReferenceQuery{{Value: "c-17"}}}, "reference"},
		"reference by name":            {Query{References: []ReferenceQuery{{Name: "CRM", Value: "C-17"}}}, "reference"},
		"customer reference":           {Query{CustomerReference: "k-1"}, "customer_reference"},
		"id":                           {Query{EntityID: ind.ID}, "entity_id"},
		"service":                      {Query{Family: "Berg", ServiceName: "onboarding", States: []string{"ACTIVE", "AUTO"}}, "family"},
		"service in any case":          {Query{Family: "Berg", ServiceName: " OnBoarding "}, "family"},
	} {
		got := b.finds(c.q)
		if len(got) != 1 || got[0].Individual.ID != ind.ID || got[0].Confidence != 100 || !slices.Equal(got[0].Fields, []string{c.field}) ||
			len(got[0].Profiles) != 1 {
			t.Errorf("%s finds %+v", name, got)
		}
	}
	for name, q := range map[string]Query{
		"a part of a word":        {Family: "Ber"},
		"given as family":         {Family: "Anna"},
		"another type":            {Documents: []DocumentQuery{{Number: "SPECI2014", Type: "VISA"}}},
		"another country":         {Documents: []DocumentQuery{{Number: "SPECI2014", Country: "BE"}}},
		"another reference":       {References: []ReferenceQuery{{Name: "erp", Value: "C-17"}}},
		"another service":         {Family: "Berg", ServiceName: "payments"},
		"another state":           {Family: "Berg", States: []string{"ARCHIVED"}},
		"somebody else's service": {EntityID: other.ID, ServiceName: "onboarding"},
		"nobody":                  {EntityID: kyc.NewID(b.now)},
	} {
		if got := b.finds(q); len(got) != 0 {
			t.Errorf("%s finds %+v", name, got)
		}
	}
	last := b.store.Log[len(b.store.Log)-1]
	if last.Action != "individual.search" || last.SubjectID != "" || last.Reason != "" {
		t.Errorf("the look is %+v", last)
	}
}

func TestMatchesAreRanked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	date := func(y, m, d int) kyc.BirthDate { return kyc.BirthDate{Year: y, Month: m, Day: d} }
	whole := b.person(kyc.IndividualData{Name: kyc.PersonName{Given: "Anna", Family: "Berg"}, BirthDate: date(1984, 2, 29)})
	vague := b.person(kyc.IndividualData{Name: kyc.PersonName{Given: "Anna", Family: "Berg"}})
	year := b.person(kyc.IndividualData{Name: kyc.PersonName{Given: "Anna", Family: "Berg"}, BirthDate: kyc.BirthDate{Year: 1984}})
	wrong := b.person(kyc.IndividualData{Name: kyc.PersonName{Given: "Anna", Family: "Berg"}, BirthDate: date(1990, 1, 1)})
	half := b.person(kyc.IndividualData{Name: kyc.PersonName{Given: "Bo", Family: "Berg"}, BirthDate: date(1990, 1, 1)})
	q := Query{Family: "Berg", Given: "Anna", BirthDate: date(1984, 2, 29)}
	got := b.finds(q)
	// 50 points are asked for: family 20, given 10, date 20.
	want := []struct {
		id         kyc.ID
		confidence int
	}{{whole.ID, 100}, {vague.ID, 75}, {year.ID, 73}, {wrong.ID, 60}, {half.ID, 40}}
	if len(got) != len(want) {
		t.Fatalf("%d are found", len(got))
	}
	for i, w := range want {
		if got[i].Individual.ID != w.id || got[i].Confidence != w.confidence {
			t.Errorf("place %d has confidence %d, want %d (%v)", i, got[i].Confidence, w.confidence, got[i].Individual.ID == w.id)
		}
	}
	q.MinConfidence = 73
	if got := b.finds(q); len(got) != 3 {
		t.Errorf("%d are likely enough", len(got))
	}
	q.MinConfidence = 0
	page := must[Found](b)(b.m.Search(b.ctx, b.t, b.by, q, kyc.Page{Limit: 2, Offset: 2}))
	if page.Total != 5 || len(page.Matches) != 2 || page.Matches[0].Individual.ID != year.ID || page.Truncated {
		t.Errorf("the second page is %+v", page)
	}
	if page := must[Found](b)(b.m.Search(b.ctx, b.t, b.by, q, kyc.Page{Limit: 2, Offset: 9})); len(page.Matches) != 0 || page.Total != 5 {
		t.Errorf("beyond the end is %+v", page)
	}
}

func TestAWideSearchIsBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i := range maxCandidates + 30 {
		b.person(kyc.IndividualData{Name: kyc.PersonName{Given: fmt.Sprintf("G%d", i), Family: "Jansen"}})
	}
	for i := range 50 {
		b.person(kyc.IndividualData{Name: kyc.PersonName{Family: fmt.Sprintf("F%d", i)}})
	}
	b.store.read = 0
	got := must[Found](b)(b.m.Search(b.ctx, b.t, b.by, Query{Family: "Jansen", Given: "G7"}, kyc.Page{}))
	if !got.Truncated || got.Total != maxCandidates || len(got.Matches) != pageDefault || b.store.read != maxCandidates {
		t.Errorf("%d of %d, %d were decrypted, truncated %t", len(got.Matches), got.Total, b.store.read, got.Truncated)
	}
	if got.Matches[0].Individual.Private.Name.Given != "G7" || got.Matches[0].Confidence != 100 {
		t.Errorf("the best is %+v", got.Matches[0].Individual.Private.Name)
	}
	b.store.read = 0
	if b.finds(Query{Family: "F3"}); b.store.read != 1 {
		t.Errorf("%d people were read to find one", b.store.read)
	}
}

func TestASearchThatCannotBe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.m.Search(b.ctx, b.t, b.by, Query{
		BirthDate: kyc.BirthDate{Unstructured: "spring"}, Emails: []string{"x", ""}, Phones: []string{"12"},
		Documents: []DocumentQuery{{Number: "--", Type: "CARD", Country: "NLD"}}, References: []ReferenceQuery{{Name: "crm"}},
		States: []string{"GONE"}, MinConfidence: 101}, kyc.Page{})
	b.refused(err, kyc.Invalid, "invalid_search")
	b.wants("problems", codes(err), "/birth_date/unstructured date_invalid", "/emails/0 email_invalid", "/emails/1 email_invalid", "/phones/0 phone_invalid",
		"/documents/0/number required", "/documents/0/type enum_invalid", "/documents/0/country country_invalid",
		"/references/0/value required", "/states/0 enum_invalid", "/min_confidence out_of_range")
	for _, q := range []Query{{}, {ServiceName: "onboarding"}, {BirthDate: kyc.BirthDate{Year: 1984}}, {Family: " - "}} {
		_, err := b.m.Search(b.ctx, b.t, b.by, q, kyc.Page{})
		b.wants("problems", codes(err), " search_too_wide")
	}
	_, err = b.m.Search(b.ctx, b.t, b.by, Query{Emails: make([]string, 21)}, kyc.Page{})
	if !slices.Contains(codes(err), "/emails too_many") {
		t.Errorf("21 addresses: %v", err)
	}
}

// TestSearchAgreesWithReadingEverybody changes people at random, so that their
// traits go out of date, and compares what a search finds with what ranking
// every living person says.
func TestSearchAgreesWithReadingEverybody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // the seed makes a failure repeatable
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	family := func() string { return pick("Berg", "van den Berg", "Jansen", "de Vries", "Bérg-Jansen") }
	given := func() string { return pick("", "Anna", "Anna Maria", "Bo", "Maria") }
	date := func() kyc.BirthDate {
		return []kyc.BirthDate{{}, {Year: 1984}, {Year: 1984, Month: 2, Day: 29}, {Year: 1984, Month: 2}, {Year: 1990, Month: 1, Day: 1}}[r.IntN(5)]
	}
	email := func() string { return pick("a@x.org", "b@x.org", "c@x.org") }
	var people []kyc.ID
	papers := map[kyc.ID]kyc.EntityDocument{}
	for range 150 {
		switch k := r.IntN(10); {
		case k < 5 || len(people) == 0:
			ind := b.person(kyc.IndividualData{Name: kyc.PersonName{Given: given(), Family: family()}, BirthDate: date(),
				Emails: []kyc.EmailAddress{{Address: email()}}, References: []kyc.EntityReference{{Name: pick("crm", "erp"), Value: pick("1", "2", "3")}}})
			people = append(people, ind.ID)
			papers[ind.ID] = must[kyc.EntityDocument](b)(b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, NewDocument{Type: "PASSPORT", Country: "NL", PrimaryIdentifier: pick("N1", "N2", "N3")}))
		case k < 9:
			id := people[r.IntN(len(people))]
			ind := must[kyc.Individual](b)(b.m.load(b.ctx, b.t, id))
			patch := Patch{Set: kyc.IndividualData{Name: kyc.PersonName{Family: family()}}, Clear: []string{"/emails", "/references", "/birth_date"}}
			if r.IntN(2) == 0 {
				patch.Set.Emails = []kyc.EmailAddress{{Address: email()}}
			}
			must[kyc.Individual](b)(b.m.Patch(b.ctx, b.t, b.by, id, ind.Rev, patch))
			must[kyc.EntityDocument](b)(b.m.PatchDocument(b.ctx, b.t, b.by, id, papers[id].ID, 0, DocumentPatch{Set: NewDocument{PrimaryIdentifier: pick("N1", "N2", "N3")}}))
		default:
			i := r.IntN(len(people))
			if err := b.m.Delete(b.ctx, b.t, b.by, people[i], 0, r.IntN(2) == 0); err != nil {
				t.Fatal(err)
			}
			people = slices.Delete(people, i, i+1)
		}
		q := Query{Family: family()}
		if r.IntN(2) == 0 {
			q.Given = given()
		}
		if r.IntN(2) == 0 {
			q.BirthDate = kyc.BirthDate{Year: 1984, Month: 2, Day: 29}
		}
		if r.IntN(2) == 0 {
			q.Emails = []string{email()}
		}
		if r.IntN(3) == 0 {
			q.Documents = []DocumentQuery{{Number: pick("N1", "N2")}}
		}
		if r.IntN(3) == 0 {
			q.References = []ReferenceQuery{{Name: pick("", "crm"), Value: pick("1", "2")}}
		}
		want := map[kyc.ID]int{}
		a := askedOf(q)
		for _, id := range people {
			ind := must[kyc.Individual](b)(b.m.load(b.ctx, b.t, id))
			docs, _ := b.store.EntityDocuments(b.ctx, b.t, id, false)
			if c, _ := rank(&a, &ind, docs, nil); c > 0 {
				want[id] = c
			}
		}
		got := b.finds(q)
		if len(got) != len(want) {
			t.Errorf("%+v finds %d, want %d", q, len(got), len(want))
		}
		for i, x := range got {
			if c, ok := want[x.Individual.ID]; !ok || c != x.Confidence {
				t.Errorf("%+v finds somebody with %d, want %d", q, x.Confidence, c)
			}
			if i > 0 && got[i-1].Confidence < x.Confidence {
				t.Error("the more likely stands behind")
			}
		}
	}
	if len(people) < 20 {
		t.Errorf("only %d people were compared", len(people))
	}
}

func TestConfidenceIsAShare(t *testing.T) {
	t.Parallel()
	ind := kyc.Individual{Private: kyc.IndividualData{Name: kyc.PersonName{Given: "Anna", Family: "van Berg"}}}
	for _, c := range []struct {
		q    Query
		want int
	}{
		{Query{Family: "van Berg"}, 100},
		{Query{Family: "Berg"}, 100},                           // all that was asked agrees
		{Query{Family: "van den Berg"}, 67},                    // two of three words
		{Query{Family: "Berg", Given: "Bo"}, 67},               // 20 of 30
		{Query{Family: "Berg", Emails: []string{"a@b.c"}}, 57}, // 20 of 20 + 30/2
		{Query{Family: "Jansen", Given: "Bo"}, 0},
	} {
		a := askedOf(c.q)
		if got, _ := rank(&a, &ind, nil, nil); got != c.want {
			t.Errorf("%+v has confidence %d, want %d", c.q, got, c.want)
		}
	}
}
