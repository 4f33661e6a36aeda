package entity

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Query is a partial entity (C21). At least one member up to CustomerReference
// must be given, of BirthDate at least a whole date when it stands alone;
// ServiceName and States only keep those who have such a service profile.
type Query struct {
	EntityID  kyc.ID
	Given     string // given, middle and other names, in any order
	Family    string
	BirthDate kyc.BirthDate // the parts that are known, or Unstructured (ISO 8601)
	Emails    []string
	Phones    []string
	Documents []DocumentQuery
	// References look at the values of external references.
	References        []ReferenceQuery
	CustomerReference string // of a service profile

	ServiceName string
	States      []string // of the service profile
	// MinConfidence leaves out who is less likely, 0-100.
	MinConfidence int
}

// DocumentQuery is a document's number; type and country narrow it.
type DocumentQuery struct {
	Type, Country, Number string
}

// ReferenceQuery is an external reference; the name narrows it.
type ReferenceQuery struct {
	Name, Value string
}

// Match is one individual that a query may mean.
type Match struct {
	Individual kyc.Individual
	Profiles   []kyc.ServiceProfile // those that the query keeps, newest first
	// Confidence is 0-100: the weight of what agrees among what was asked. What
	// is not known of the person counts half against it.
	Confidence int
	// Fields name what agreed, in the words of Query: entity_id, family, given,
	// birth_date, email, phone, document, reference, customer_reference.
	Fields []string
}

// Found is a page of matches, the most likely first.
type Found struct {
	Matches []Match
	Total   int
	// Truncated says that more people may agree than were looked at: the query
	// is too wide.
	Truncated bool
}

const (
	// maxCandidates is how many people one search decrypts.
	maxCandidates = 200
	maxAsked      = 20 // of each list of a query
	pageDefault   = 20
)

// Search finds individuals by a partial entity and records the look. It never
// reads everybody: candidates come from blind traits, those that agree in most
// first, and each is verified on its decrypted data. A page without a limit has
// 20. Errors: Invalid invalid_search with every problem.
func (m *Machine) Search(ctx context.Context, t kyc.Tenant, by kyc.Actor, q Query, p kyc.Page) (Found, error) {
	if err := q.check(); err != nil {
		return Found{}, err
	}
	a := askedOf(q)
	ids, truncated, err := m.candidates(ctx, t, &a)
	if err != nil {
		return Found{}, err
	}
	all, err := m.verify(ctx, t, &a, ids)
	if err != nil {
		return Found{}, err
	}
	out := Found{Total: len(all), Truncated: truncated}
	if p.Limit <= 0 {
		p.Limit = pageDefault
	}
	all = all[min(max(p.Offset, 0), len(all)):]
	out.Matches = all[:min(p.Limit, len(all))]
	for i := range out.Matches {
		x := &out.Matches[i]
		if x.Profiles != nil {
			continue
		}
		if x.Profiles, err = m.profilesOf(ctx, t, kyc.ProfileFilter{SubjectID: x.Individual.ID}); err != nil {
			return Found{}, err
		}
	}
	return out, m.look(ctx, t, by, "individual.search", objectPerson, "", "")
}

// check lists what is wrong with a query, and brings its date into parts.
func (q *Query) check() error {
	var p problems
	if b := &q.BirthDate; b.Unstructured != "" && b.Year == 0 && b.Month == 0 && b.Day == 0 {
		b.Unstructured = strings.TrimSpace(b.Unstructured)
		if !parts(b) {
			p.add("/birth_date/unstructured", "date_invalid", "use YYYY-MM-DD, YYYY-MM or YYYY")
		}
	}
	for _, list := range []struct {
		path string
		n    int
	}{{"/emails", len(q.Emails)}, {"/phones", len(q.Phones)}, {"/documents", len(q.Documents)}, {"/references", len(q.References)}} {
		if list.n > maxAsked {
			p.add(list.path, "too_many", "at most %d", maxAsked)
		}
	}
	for i, e := range q.Emails {
		p.comparable(fmt.Sprintf("/emails/%d", i), "email_invalid", traitEmail, e)
	}
	for i, n := range q.Phones {
		p.comparable(fmt.Sprintf("/phones/%d", i), "phone_invalid", traitPhone, n)
	}
	for i, d := range q.Documents {
		p.comparable(fmt.Sprintf("/documents/%d/number", i), "required", traitDocument, d.Number)
		p.oneOf(fmt.Sprintf("/documents/%d/type", i), d.Type, kyc.EntityDocumentTypes())
		p.country(fmt.Sprintf("/documents/%d/country", i), d.Country)
	}
	for i, r := range q.References {
		p.comparable(fmt.Sprintf("/references/%d/value", i), "required", traitReference, r.Value)
	}
	for i, s := range q.States {
		p.oneOf(fmt.Sprintf("/states/%d", i), s, ProfileStates())
	}
	if q.MinConfidence < 0 || q.MinConfidence > 100 {
		p.add("/min_confidence", "out_of_range", "a confidence is 0 to 100")
	}
	whole := q.BirthDate.Year != 0 && q.BirthDate.Month != 0 && q.BirthDate.Day != 0
	if len(p) == 0 && q.EntityID == "" && len(words(q.Family, q.Given)) == 0 && !whole && q.CustomerReference == "" &&
		len(q.Emails)+len(q.Phones)+len(q.Documents)+len(q.References) == 0 {
		p.add("", "search_too_wide", "name at least an id, a name, a whole date of birth, an e-mail address, a telephone number, a document's number or a reference")
	}
	return p.err("invalid_search", "this cannot be searched for")
}

func (p *problems) comparable(path, code, kind, text string) {
	if normal(kind, text) == "" {
		p.add(path, code, "there is nothing here to compare")
	}
}

// candidates finds people by their traits: those first of whom most agrees. The
// result is bounded; truncated says that it was cut.
func (m *Machine) candidates(ctx context.Context, t kyc.Tenant, a *asked) (ids []kyc.ID, truncated bool, err error) {
	score := map[kyc.ID]float64{}
	for _, l := range a.lookups() {
		var hashes []string
		for _, v := range l.values {
			h, err := m.d.Blind(ctx, t, l.kind, v)
			if err != nil {
				return nil, false, err
			}
			hashes = append(hashes, h)
		}
		slices.Sort(hashes)
		found, err := m.d.Store.Traits(ctx, t, l.kind, slices.Compact(hashes))
		if err != nil {
			return nil, false, err
		}
		for _, x := range found {
			if x.SubjectID != "" {
				score[x.SubjectID] += l.weight
			}
		}
	}
	if a.q.EntityID != "" {
		score[a.q.EntityID] += weightEntity
	}
	for id := range score {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y kyc.ID) int {
		return cmp.Or(cmp.Compare(score[y], score[x]), cmp.Compare(y, x))
	})
	if len(ids) > maxCandidates {
		return ids[:maxCandidates], true, nil
	}
	return ids, false, nil
}

// lookup is one question to the traits.
type lookup struct {
	kind   string
	values []string
	weight float64 // of each value that agrees
}

// lookups are the questions that a query asks.
func (a *asked) lookups() []lookup {
	var out []lookup
	add := func(kind string, weight float64, values ...string) {
		if len(values) > 0 {
			out = append(out, lookup{kind, values, weight})
		}
	}
	add(traitFamily, weightFamily/float64(max(len(a.family), 1)), a.family...)
	add(traitGiven, weightGiven/float64(max(len(a.given), 1)), a.given...)
	add(traitEmail, weightContact, a.emails...)
	add(traitPhone, weightContact, a.phones...)
	if d := a.date; d != nil && d.Year != 0 {
		// Somebody of whom only the year is known is found by it.
		forms := []string{fmt.Sprintf("%04d", d.Year)}
		if d.Month != 0 {
			forms = append(forms, fmt.Sprintf("%04d-%02d", d.Year, d.Month))
			if d.Day != 0 {
				forms = append(forms, fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day))
			}
		}
		add(traitBirthDate, weightBirthDate, forms...)
	}
	for _, d := range a.q.Documents {
		add(traitDocument, weightDocument, normal(traitDocument, d.Number))
	}
	for _, r := range a.q.References {
		add(traitReference, weightReference, normal(traitReference, r.Value))
	}
	if v := normal(traitReference, a.q.CustomerReference); v != "" {
		add(traitReference, weightReference, v)
	}
	return out
}

// verify reads the candidates and keeps those that really agree, the most
// likely first; of equals the newest.
func (m *Machine) verify(ctx context.Context, t kyc.Tenant, a *asked, ids []kyc.ID) ([]Match, error) {
	var out []Match
	for batch := range slices.Chunk(ids, part) {
		people, _, err := m.d.Store.Individuals(ctx, t, kyc.IndividualFilter{IDs: batch}, kyc.Page{Limit: len(batch)})
		if err != nil {
			return nil, err
		}
		for i := range people {
			x, ok, err := m.judge(ctx, t, a, &people[i])
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, x)
			}
		}
	}
	slices.SortFunc(out, func(x, y Match) int {
		return cmp.Or(cmp.Compare(y.Confidence, x.Confidence), cmp.Compare(y.Individual.ID, x.Individual.ID))
	})
	return out, nil
}

// judge compares one person with what was asked.
func (m *Machine) judge(ctx context.Context, t kyc.Tenant, a *asked, ind *kyc.Individual) (x Match, ok bool, err error) {
	if ind.State == kyc.EntityDeleted || ind.Private.Unreadable {
		return x, false, nil
	}
	var papers []kyc.EntityDocument
	if len(a.q.Documents) > 0 {
		if papers, err = m.d.Store.EntityDocuments(ctx, t, ind.ID, false); err != nil {
			return x, false, err
		}
	}
	filtered := a.q.ServiceName != "" || len(a.q.States) > 0
	var profiles []kyc.ServiceProfile
	if filtered || a.q.CustomerReference != "" {
		if profiles, err = m.profilesOf(ctx, t, kyc.ProfileFilter{SubjectID: ind.ID}); err != nil {
			return x, false, err
		}
		profiles = slices.DeleteFunc(profiles, func(p kyc.ServiceProfile) bool {
			service := strings.TrimSpace(a.q.ServiceName) // in any case, as in the paths
			return service != "" && !strings.EqualFold(p.ServiceName, service) || len(a.q.States) > 0 && !slices.Contains(a.q.States, p.State)
		})
		if filtered && len(profiles) == 0 {
			return x, false, nil
		}
	}
	confidence, fields := rank(a, ind, papers, profiles)
	if confidence == 0 || confidence < a.q.MinConfidence {
		return x, false, nil
	}
	return Match{Individual: *ind, Profiles: profiles, Confidence: confidence, Fields: fields}, true, nil
}
