package entity

import (
	"math"
	"slices"

	"bonafide/kyc"
)

// What agrees weighs by how few people share it.
const (
	weightEntity    = 100.0
	weightDocument  = 40.0
	weightReference = 40.0
	weightContact   = 30.0
	weightFamily    = 20.0
	weightBirthDate = 20.0
	weightGiven     = 10.0
	// unknown is how much of its weight counts against somebody of whom we do
	// not know what was asked.
	unknown = 0.5
)

// asked is a query in the forms that are compared.
type asked struct {
	q      Query
	family []string
	given  []string
	date   *kyc.BirthDate
	emails []string
	phones []string
}

func askedOf(q Query) asked {
	a := asked{q: q, family: words(q.Family), given: words(q.Given)}
	if b := q.BirthDate; b.Year != 0 || b.Month != 0 || b.Day != 0 {
		a.date = &b
	}
	for _, e := range q.Emails {
		a.emails = append(a.emails, normal(traitEmail, e))
	}
	for _, n := range q.Phones {
		a.phones = append(a.phones, normal(traitPhone, n))
	}
	return a
}

// tally adds up what agrees.
type tally struct {
	agrees, against float64
	fields          []string
}

// add counts one thing that was asked: share is how much of it agrees (0-1),
// known whether anything is known of the person to compare it with.
func (y *tally) add(field string, weight, share float64, known bool) {
	switch {
	case !known:
		y.against += weight * unknown
	default:
		y.agrees += weight * share
		y.against += weight * (1 - share)
	}
	if share > 0 && known {
		y.fields = append(y.fields, field)
	}
}

// rank compares what was asked with what is known of one person, decrypted.
// Confidence is 0-100: the weight of what agrees, among all that was asked.
func rank(a *asked, ind *kyc.Individual, papers []kyc.EntityDocument, profiles []kyc.ServiceProfile) (confidence int, fields []string) {
	var y tally
	d := &ind.Private
	if a.q.EntityID != "" {
		y.add("entity_id", weightEntity, only(ind.ID == a.q.EntityID), true)
	}
	all := names(d)
	if len(a.family) > 0 {
		share, known := nameShare(a.family, all, familyWords)
		y.add("family", weightFamily, share, known)
	}
	if len(a.given) > 0 {
		share, known := nameShare(a.given, all, givenWords)
		y.add("given", weightGiven, share, known)
	}
	if a.date != nil {
		share, known := dateShare(a.date, append([]kyc.BirthDate{d.BirthDate}, d.AlternateDates...))
		y.add("birth_date", weightBirthDate, share, known)
	}
	has := map[string]bool{}
	for _, v := range personValues(d) {
		has[v.kind+" "+v.text] = true
	}
	y.group("email", weightContact, traitEmail, a.emails, has, len(d.Emails) > 0)
	y.group("phone", weightContact, traitPhone, a.phones, has, len(d.Phones) > 0)
	a.documents(&y, papers)
	a.references(&y, d.References, profiles)
	if y.agrees == 0 {
		return 0, nil
	}
	return int(math.Round(100 * y.agrees / (y.agrees + y.against))), y.fields
}

func only(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// group counts values of one kind.
func (y *tally) group(field string, weight float64, kind string, wanted []string, has map[string]bool, known bool) {
	if len(wanted) == 0 {
		return
	}
	n := 0
	for _, w := range wanted {
		if has[kind+" "+w] {
			n++
		}
	}
	y.add(field, weight, float64(n)/float64(len(wanted)), known)
}

// nameShare is how many of the wanted words the best of somebody's names has.
func nameShare(wanted []string, all []kyc.PersonName, of func(*kyc.PersonName) []string) (share float64, known bool) {
	for i := range all {
		have := of(&all[i])
		known = known || len(have) > 0
		n := 0
		for _, w := range wanted {
			if slices.Contains(have, w) {
				n++
			}
		}
		share = max(share, float64(n)/float64(len(wanted)))
	}
	return share, known
}

// dateShare is 1 when every part that both name agrees in one of the dates.
func dateShare(wanted *kyc.BirthDate, all []kyc.BirthDate) (share float64, known bool) {
	for _, b := range all {
		if b.Normalized == "" {
			continue
		}
		known = true
		agree, compared := true, 0
		for _, part := range [][2]int{{wanted.Year, b.Year}, {wanted.Month, b.Month}, {wanted.Day, b.Day}} {
			if part[0] != 0 && part[1] != 0 {
				compared++
				agree = agree && part[0] == part[1]
			}
		}
		if !agree || compared == 0 {
			continue
		}
		named := 0
		for _, part := range []int{wanted.Year, wanted.Month, wanted.Day} {
			if part != 0 {
				named++
			}
		}
		share = max(share, float64(compared)/float64(named))
	}
	return share, known
}

// documents counts the documents that were asked for.
func (a *asked) documents(y *tally, papers []kyc.EntityDocument) {
	if len(a.q.Documents) == 0 {
		return
	}
	n := 0
	for _, want := range a.q.Documents {
		number := normal(traitDocument, want.Number)
		if slices.ContainsFunc(papers, func(d kyc.EntityDocument) bool {
			return (want.Type == "" || want.Type == d.Type) && (want.Country == "" || want.Country == d.Country) &&
				slices.Contains(paperValues(&d), value{traitDocument, number})
		}) {
			n++
		}
	}
	y.add("document", weightDocument, float64(n)/float64(len(a.q.Documents)), len(papers) > 0)
}

// references counts external references and the customer's own.
func (a *asked) references(y *tally, have []kyc.EntityReference, profiles []kyc.ServiceProfile) {
	if len(a.q.References) > 0 {
		n := 0
		for _, want := range a.q.References {
			if slices.ContainsFunc(have, func(r kyc.EntityReference) bool {
				return (want.Name == "" || normal(traitReference, want.Name) == normal(traitReference, r.Name)) &&
					normal(traitReference, want.Value) == normal(traitReference, r.Value)
			}) {
				n++
			}
		}
		y.add("reference", weightReference, float64(n)/float64(len(a.q.References)), len(have) > 0)
	}
	if a.q.CustomerReference == "" {
		return
	}
	known, agrees := false, false
	for i := range profiles {
		for _, v := range profileValues(&profiles[i]) {
			known = true
			agrees = agrees || v.text == normal(traitReference, a.q.CustomerReference)
		}
	}
	y.add("customer_reference", weightReference, only(agrees), known)
}
