package check

import "strings"

// The kinds of issuers of a proof of address.
const (
	issuerUtility    = "utility"
	issuerTelecom    = "telecom"
	issuerBank       = "bank"
	issuerGovernment = "government"
	issuerInsurance  = "insurance"
)

func issuerKinds() []string {
	return []string{issuerUtility, issuerTelecom, issuerBank, issuerGovernment, issuerInsurance}
}

// issuerSigns are the words by which a paper shows who wrote it. Two different
// ones of a kind are asked for, because bills name banks and statements name
// suppliers; a sign of two words counts as two.
func issuerSigns() map[string][]string {
	return map[string][]string{
		issuerUtility: {"electricity", "electric", "energy", "gas", "water", "sewer", "sewerage", "wastewater", "heating", "kwh", "meter", "meter reading", "tariff",
			"utility", "strom", "zähler", "zählerstand", "stadtwerke", "électricité", "energía", "energia", "eau", "agua"},
		issuerTelecom: {"broadband", "internet", "telephone", "mobile", "landline", "calls", "data plan", "phone bill", "telecom", "festnetz", "mobilfunk"},
		issuerBank: {"account statement", "bank statement", "statement of account", "opening balance", "closing balance", "balance", "iban", "bic", "sort code",
			"withdrawals", "deposits", "deposit", "kontoauszug", "kontostand", "bank", "banque", "banco", "sparkasse", "credit union", "card statement"},
		issuerGovernment: {"council tax", "tax", "revenue", "ministry", "municipality", "city council", "council", "department", "treasury", "registration certificate",
			"residence certificate", "electoral", "finanzamt", "meldebescheinigung", "bundesamt", "préfecture", "ayuntamiento", "comune", "government", "social security"},
		issuerInsurance: {"insurance", "policyholder", "policy number", "premium", "insured", "versicherung", "assurance", "seguro"},
	}
}

// issuerOf says what kind of issuer wrote a text, and by which words it is
// known; empty when no kind shows two signs or two kinds show as many.
func issuerOf(text string) (kind string, signs []string) {
	flat := " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r == ' ' || r == '\n' || r == '\t' || r == '\r' || strings.ContainsRune(".,;:()/-|&*\"'", r)
	}), " ") + " "
	table := issuerSigns()
	most, tie := 1, false
	for _, k := range issuerKinds() {
		count := 0
		var found []string
		for _, sign := range table[k] {
			if strings.Contains(flat, " "+sign+" ") {
				found = append(found, sign)
				count += len(strings.Fields(sign))
			}
		}
		switch {
		case count > most:
			kind, signs, most, tie = k, found, count, false
		case count == most && count > 1:
			tie = true
		}
	}
	if tie {
		return "", nil
	}
	return kind, signs
}

// streetWords are the ways in which papers write kinds of streets.
func streetWords() map[string]string {
	return map[string]string{"STREET": "ST", "STR": "ST", "STRASSE": "ST", "ROAD": "RD", "AVENUE": "AVE", "AV": "AVE", "BOULEVARD": "BLVD", "DRIVE": "DR", "LANE": "LN", "COURT": "CT",
		"PLACE": "PL", "SQUARE": "SQ", "TERRACE": "TER", "TERR": "TER", "APARTMENT": "APT", "HIGHWAY": "HWY", "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W"}
}

// plainStreet brings a word of an address to its shortest form; German streets
// are one word with their name.
func plainStreet(word string) string {
	if short, ok := streetWords()[word]; ok {
		return short
	}
	for _, end := range []string{"STRASSE", "STR"} {
		if name, ok := strings.CutSuffix(word, end); ok && len(name) >= 3 {
			return name + "STR"
		}
	}
	return word
}

// street reports whether a street stands in the text, however its kind is
// written.
func (t paperText) street(street string) bool {
	has := map[string]bool{}
	for w := range t.has {
		has[plainStreet(w)] = true
	}
	all := words(street)
	for _, forms := range all {
		found := false
		for _, f := range forms {
			found = found || has[plainStreet(f)]
		}
		if !found {
			return false
		}
	}
	return len(all) > 0
}
