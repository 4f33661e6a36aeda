package roster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// parseDPL reads the Denied Persons List of the US Bureau of Industry and
// Security (dpl.txt): tabs, a header row. The list has no ids of its own; an
// entry's id is "DPL-" and the first 12 hex digits of the SHA-256 over name
// and effective date.
func parseDPL(ctx context.Context, ins []Input) (Parsed, error) {
	in, err := single(ins)
	if err != nil {
		return Parsed{}, err
	}
	t, err := newTable(in, '\t', "a tab", nil, "Name", "Street_Address", "Country", "Effective_Date")
	if err != nil {
		return Parsed{}, err
	}
	var out Parsed
	rows := newGroups(&out, in.name)
	for {
		ok, err := t.next(ctx)
		if err != nil {
			return Parsed{}, err
		}
		if !ok {
			return out, rows.flush()
		}
		name := t.get("Name")
		if name == "" {
			continue
		}
		sum := sha256.Sum256([]byte(strings.ToUpper(name) + "\x00" + t.get("Effective_Date")))
		e, err := rows.entry("DPL-" + hex.EncodeToString(sum[:6]))
		if err != nil {
			return Parsed{}, err
		}
		e.Type = TypeUnknown // the list does not tell persons from firms
		e.addName(name, QualityPrimary)
		e.addCountry(t.get("Country"))
		e.addProgram("DPL")
		e.addAddress(joinNonEmpty(", ", t.get("Street_Address"), t.get("City"), t.get("State"), t.get("Postal_Code"), t.get("Country")))
	}
}

// parseCSL reads the Consolidated Screening List of the US International
// Trade Administration (consolidated.csv). Several lists are inside; the
// program names which.
func parseCSL(ctx context.Context, ins []Input) (Parsed, error) {
	in, err := single(ins)
	if err != nil {
		return Parsed{}, err
	}
	t, err := newTable(in, ',', "a comma", nil, "_id", "source", "name", "alt_names")
	if err != nil {
		return Parsed{}, err
	}
	var out Parsed
	rows, collections := newGroups(&out, in.name), newSets()
	for {
		ok, err := t.next(ctx)
		if err != nil {
			return Parsed{}, err
		}
		if !ok {
			return out, rows.flush()
		}
		e, err := rows.entry(t.get("_id"))
		if err != nil {
			return Parsed{}, err
		}
		switch kind := strings.ToLower(t.get("type")); kind {
		case "":
			e.Type = TypeUnknown
		default:
			e.Type = ofacType(kind)
		}
		e.addName(t.get("name"), QualityPrimary)
		for _, n := range t.list("alt_names") {
			e.addName(n, QualityStrong)
		}
		of := cslList(t.get("source"))
		e.addProgram(of)
		e.Datasets = collections.of(append(slices.Clone(e.Datasets), of))
		e.Topics = addOnce(e.Topics, cslTopic(of))
		for _, p := range t.list("programs") {
			e.addProgram(p)
		}
		for _, a := range t.list("addresses") {
			e.addAddress(a)
			if i := strings.LastIndex(a, ", "); len(a)-i <= 4 || i < 0 {
				e.addCountry(a[i+1:][strings.IndexFunc(a[i+1:], func(r rune) bool { return r != ' ' }):])
			}
		}
		for _, c := range append(t.list("nationalities"), t.list("citizenships")...) {
			e.addCountry(c)
		}
		e.addCountry(t.get("vessel_flag"))
		e.addIdentifier("call_sign", t.get("call_sign"), "")
		for _, b := range t.list("dates_of_birth") {
			e.addBirth(ParseSpan(b))
		}
		for _, id := range t.list("ids") {
			cslID(e, id)
		}
	}
}

// cslList takes the short name out of "Entity List (EL) - Bureau of …".
func cslList(s string) string {
	if i, j := strings.IndexByte(s, '('), strings.IndexByte(s, ')'); i >= 0 && j > i {
		return strings.TrimSuffix(s[i+1:j], " List") // (NS-MBS List)
	}
	return s
}

// cslTopic is what a list inside the Consolidated Screening List is about: the
// Treasury's are sanctions, those of Commerce and State control exports.
func cslTopic(list string) string {
	switch list {
	case "SDN", "ISN", "FSE", "SSI", "PLC", "CAP", "CMIC", "MBS", "NS-MBS", "561":
		return TopicSanction
	}
	return TopicExport
}

// cslID reads "JO, 2014-08-30, 2009-08-31, K475336, Passport": country (if
// known), dates, number, kind.
func cslID(e *Entity, s string) {
	parts := strings.Split(s, ", ")
	if len(parts) < 2 {
		return
	}
	kindText := strings.TrimSuffix(parts[len(parts)-1], ":")
	number := parts[len(parts)-2]
	if kindText == "Gender" {
		e.Gender = Gender(number)
		return
	}
	if currency, ok := strings.CutPrefix(kindText, "Digital Currency Address - "); ok {
		e.addIdentifier("crypto_"+strings.ToLower(currency), number, "")
		return
	}
	country := ""
	if len(parts) > 2 && len(parts[0]) == 2 {
		country = parts[0]
	}
	ofacID(e, kindText, number, country)
}
