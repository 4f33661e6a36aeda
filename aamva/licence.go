package aamva

import (
	"slices"
	"strings"
	"time"
)

// Licence is a driving licence or an identity card as its barcode tells it.
// What the code does not say, or says in a way that has no meaning, is empty.
type Licence struct {
	// Kind is driving_licence or id_card.
	Kind string
	// FileType is ANSI, or AAMVA on some cards of version 01.
	FileType string
	// IIN is the issuer identification number, six digits.
	IIN string
	// Version is the edition of the standard (1: 2000 … 10: 2020);
	// JurisdictionVersion the issuer's own count, 0 in version 01.
	Version, JurisdictionVersion int
	// Elements are the values by identifier (DAQ, ZVA), blanks around them
	// taken off.
	Elements map[string]string

	FamilyName, FirstName, MiddleNames, Suffix string
	// FamilyTruncated, FirstTruncated and MiddleTruncated: the card itself says
	// that the name did not fit.
	FamilyTruncated, FirstTruncated, MiddleTruncated bool
	// OrderUnknown: the name stands in one piece without separators and was
	// split as given names before family name.
	OrderUnknown bool

	// Dates are YYYY-MM-DD.
	DateOfBirth, ExpiryDate, IssueDate, RevisionDate string
	Under18Until, Under19Until, Under21Until         string

	Sex        string // M, F, X
	Eyes, Hair string // a colour's English name
	HeightCM   int
	WeightKG   int

	Street, Street2, City, Region, PostalCode string
	// Country is ISO 3166-1 alpha-2; Issuer is who issued the document.
	Country string
	Issuer  Issuer

	Number, Discriminator, InventoryNumber string
	Class, Restrictions, Endorsements      string
	// RealID says what the card says about the REAL ID Act: "full",
	// "materially", "not" or empty.
	RealID                               string
	LimitedDuration, Veteran, OrganDonor bool

	// Doubts are contradictions inside the code, in order, each once:
	// unknown_issuer, issuer_differs (the address lies in another region than
	// the issuer), element_repeated, impossible_date_of_birth,
	// impossible_issue_date, impossible_expiry_date, dates_out_of_order,
	// age_dates_differ.
	Doubts []string
}

func (l *Licence) doubt(what string) {
	if !slices.Contains(l.Doubts, what) {
		l.Doubts = append(l.Doubts, what)
	}
}

// GivenNames are first and middle names.
func (l Licence) GivenNames() string { return strings.TrimSpace(l.FirstName + " " + l.MiddleNames) }

// FullName is given names, family name and suffix.
func (l Licence) FullName() string {
	return strings.Join(strings.Fields(l.GivenNames()+" "+l.FamilyName+" "+l.Suffix), " ")
}

// Address is the address on one line, empty without a street or city.
func (l Licence) Address() string {
	if l.Street == "" && l.City == "" {
		return ""
	}
	var parts []string
	for _, p := range []string{l.Street, l.Street2, l.City, strings.TrimSpace(l.Region + " " + l.PostalCode)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// value gives an element, empty where it says that there is nothing.
func (l Licence) value(ids ...string) string {
	for _, id := range ids {
		if v := strings.Join(strings.Fields(l.Elements[id]), " "); !blank(v) {
			return v
		}
	}
	return ""
}

// interpret gives the elements their meaning.
func (l *Licence) interpret() {
	l.names()
	l.place()
	l.dates()
	l.body()
	l.Number, l.Discriminator, l.InventoryNumber = l.value("DAQ"), l.value("DCF"), l.value("DCK")
	l.Class, l.Restrictions, l.Endorsements = l.value("DCA", "DAR"), l.value("DCB", "DAS"), l.value("DCD", "DAT")
	l.RealID = map[string]string{"F": "full", "M": "materially", "N": "not"}[l.value("DDA")]
	yes := func(ids ...string) bool { v := l.value(ids...); return v == "1" || v == "Y" }
	l.LimitedDuration, l.Veteran, l.OrganDonor = yes("DDD"), yes("DDL"), yes("DDK", "DBH")
}

// names finds family and given names: apart (version 04 and later, and some of
// version 01), the given ones together (02, 03), or all in one (01).
func (l *Licence) names() {
	tidy := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '$' }), " ")
	}
	l.FamilyName, l.Suffix = tidy(l.value("DCS", "DAB")), tidy(l.value("DCU", "DAE"))
	l.FirstName, l.MiddleNames = tidy(l.value("DAC")), tidy(l.value("DAD"))
	if given := strings.Fields(tidy(l.value("DCT"))); l.FirstName == "" && len(given) > 0 {
		l.FirstName, l.MiddleNames = given[0], strings.Join(given[1:], " ")
	}
	if whole := l.value("DAA"); whole != "" && l.FamilyName == "" {
		l.oneName(whole, tidy)
	}
	truncated := func(id string) bool { return l.value(id) == "T" }
	l.FamilyTruncated, l.FirstTruncated, l.MiddleTruncated = truncated("DDE"), truncated("DDF"), truncated("DDG")
}

// oneName splits DAA: family, first, middle and suffix between commas (or the
// dollar signs of magnetic stripes). Without either, the one known issuer
// (Pennsylvania) writes the family name last.
func (l *Licence) oneName(whole string, tidy func(string) string) {
	sign := ","
	if !strings.Contains(whole, sign) {
		sign = "$"
	}
	parts := strings.Split(whole, sign)
	if len(parts) > 1 {
		l.FamilyName = tidy(parts[0])
		given := strings.Fields(tidy(parts[1]))
		if len(parts) > 2 {
			given = append(given, strings.Fields(tidy(parts[2]))...)
		}
		if len(parts) > 3 && l.Suffix == "" {
			l.Suffix = tidy(strings.Join(parts[3:], " "))
		}
		if len(given) > 0 && l.FirstName == "" {
			l.FirstName, l.MiddleNames = given[0], strings.Join(given[1:], " ")
		}
		return
	}
	words := strings.Fields(tidy(whole))
	if n := len(words); n > 2 && slices.Contains([]string{"JR", "SR", "II", "III", "IV", "V"}, strings.TrimSuffix(words[n-1], ".")) {
		l.Suffix, words = words[n-1], words[:n-1]
	}
	l.OrderUnknown = len(words) > 1
	n := len(words)
	if n == 0 {
		return
	}
	l.FamilyName = words[n-1]
	if n > 1 {
		l.FirstName, l.MiddleNames = words[0], strings.Join(words[1:n-1], " ")
	}
}

// place finds the address and the issuer.
func (l *Licence) place() {
	comma := func(s string) string { return strings.TrimRight(s, ", ") }
	l.Street, l.Street2 = comma(l.value("DAG", "DAL")), comma(l.value("DAH", "DAM"))
	l.City, l.Region = comma(l.value("DAI", "DAN")), l.value("DAJ", "DAO")
	issuer, known := issuers()[l.IIN]
	l.Issuer = issuer
	switch l.value("DCG") {
	case "USA", "US":
		l.Country = "US"
	case "CAN", "CA", "CDN":
		l.Country = "CA"
	case "MEX", "MX":
		l.Country = "MX"
	}
	switch {
	case l.Country == "" && known:
		l.Country = issuer.Country
	case l.Country == "" && slices.Contains(provinces(), l.Region):
		l.Country = "CA"
	}
	switch {
	case !known:
		l.Issuer = Issuer{Region: l.Region, Country: l.Country}
		l.doubt("unknown_issuer")
	case l.Country != issuer.Country, l.Region != "" && issuer.Region != "" && l.Region != issuer.Region:
		l.doubt("issuer_differs")
	}
	l.PostalCode = postalCode(l.value("DAK", "DAP"), l.Country)
}

// dates reads the dates and holds them against each other.
func (l *Licence) dates() {
	read := func(doubt string, ids ...string) string {
		for _, id := range ids {
			v := l.value(id)
			if d, ok := date(v); ok {
				return d.Format(time.DateOnly)
			}
			if strings.Trim(v, "0-/ ") != "" && doubt != "" {
				l.doubt(doubt)
			}
		}
		return ""
	}
	l.DateOfBirth = read("impossible_date_of_birth", "DBB")
	l.IssueDate = read("impossible_issue_date", "DBD")
	l.ExpiryDate = read("impossible_expiry_date", "DBA")
	l.RevisionDate = read("", "DDB")
	l.Under18Until, l.Under19Until, l.Under21Until = read("", "DDH"), read("", "DDI"), read("", "DDJ")
	for _, pair := range [][2]string{{l.DateOfBirth, l.IssueDate}, {l.IssueDate, l.ExpiryDate}, {l.DateOfBirth, l.ExpiryDate}} {
		if pair[0] != "" && pair[1] != "" && pair[0] >= pair[1] {
			l.doubt("dates_out_of_order")
		}
	}
	born, ok := date(l.DateOfBirth)
	for years, until := range map[int]string{18: l.Under18Until, 19: l.Under19Until, 21: l.Under21Until} {
		day, known := date(until)
		if !ok || !known {
			continue
		}
		// Some name the last day below the age, and 29 February moves by one.
		if gap := day.Sub(born.AddDate(years, 0, 0)); gap < -48*time.Hour || gap > 48*time.Hour {
			l.doubt("age_dates_differ")
		}
	}
}
