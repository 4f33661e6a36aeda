package roster

import (
	"context"
	"slices"
	"strings"

	"bonafide/kyc"
)

// parseTargets reads OpenSanctions' targets.simple.csv: columns id, schema,
// name, aliases (joined by ";"), birth_date, countries, addresses,
// identifiers, sanctions, …
func parseTargets(ctx context.Context, ins []Input) (Parsed, error) {
	in, err := single(ins)
	if err != nil {
		return Parsed{}, err
	}
	t, err := newTable(in, ',', "a comma", nil, "id", "schema", "name", "aliases", "birth_date")
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
		kind, party := ftmTypes[t.get("schema")]
		if !party {
			continue
		}
		e, err := rows.entry(t.get("id"))
		if err != nil {
			return Parsed{}, err
		}
		e.Type = kind
		e.addName(t.get("name"), QualityPrimary)
		for _, n := range t.list("aliases") {
			q := QualityStrong
			if !mostlyLatin(n) {
				q = QualityNative
			}
			e.addName(n, q)
		}
		for _, b := range t.list("birth_date") {
			e.addBirth(ParseSpan(b))
		}
		for _, c := range t.list("countries") {
			e.addCountry(ftmCountry(c))
		}
		for _, a := range t.list("addresses") {
			e.addAddress(a)
		}
		for _, id := range t.list("identifiers") {
			e.addIdentifier("other", id, "")
		}
		for _, p := range t.list("program_ids", "sanctions") {
			e.addProgram(p)
		}
		for _, topic := range t.list("topics") {
			e.Topics = addOnce(e.Topics, topic)
		}
		e.Datasets = collections.of(append(slices.Clone(e.Datasets), t.list("dataset", "datasets")...))
	}
}

// CSVColumns are the columns of the format "csv", for people who bring a list
// of their own. Only id and name are needed; ";" separates several values in
// one cell.
var csvColumns = []struct{ Name, Meaning string }{
	{"id", "the entry's own id, unique in the file (needed)"},
	{"name", "primary name (needed)"},
	{"type", "person, entity, vessel, aircraft or unknown (default unknown)"},
	{"aliases", "other good names"},
	{"weak_aliases", "nicknames and the like; a match with one alone is capped"},
	{"birth_date", "YYYY-MM-DD, YYYY-MM or YYYY; several allowed"},
	{"countries", "ISO 3166-1 codes or English names"},
	{"identifiers", "document, tax or registration numbers; kind:number names the kind"},
	{"programs", "why the party is listed"},
	{"addresses", "one line each"},
	{"gender", "M or F"},
	{"topics", "why the party is listed, as OpenSanctions words it: sanction, crime, role.pep, role.rca"},
	{"dataset", "collection the entry comes from, such as us_ofac_sdn"},
	{"position", "public office of a politically exposed person"},
}

// CSVColumns documents the own format: pairs of column name and meaning.
func CSVColumns() [][2]string {
	out := make([][2]string, 0, len(csvColumns))
	for _, c := range csvColumns {
		out = append(out, [2]string{c.Name, c.Meaning})
	}
	return out
}

// parseCSV reads the own format (CSVColumns).
func parseCSV(ctx context.Context, ins []Input) (Parsed, error) {
	in, err := single(ins)
	if err != nil {
		return Parsed{}, err
	}
	t, err := newTable(in, ',', "a comma", nil, "id", "name")
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
		e, err := rows.entry(t.get("id"))
		if err != nil {
			return Parsed{}, err
		}
		switch kind := EntityType(strings.ToLower(t.get("type"))); kind {
		case TypePerson, TypeEntity, TypeVessel, TypeAircraft:
			e.Type = kind
		default:
			e.Type = TypeUnknown
		}
		e.addName(t.get("name"), QualityPrimary)
		for _, n := range t.list("aliases") {
			e.addName(n, QualityStrong)
		}
		for _, n := range t.list("weak_aliases") {
			e.addName(n, QualityWeak)
		}
		for _, b := range t.list("birth_date") {
			e.addBirth(ParseSpan(b))
		}
		for _, c := range t.list("countries") {
			e.addCountry(c)
		}
		for _, id := range t.list("identifiers") {
			kind, value, ok := strings.Cut(id, ":")
			if !ok {
				kind, value = "other", id
			}
			e.addIdentifier(strings.ToLower(Clean(kind)), value, "")
		}
		for _, p := range t.list("programs") {
			e.addProgram(p)
		}
		for _, a := range t.list("addresses") {
			e.addAddress(a)
		}
		for _, topic := range t.list("topics") {
			e.Topics = addOnce(e.Topics, topic)
		}
		e.Datasets = collections.of(append(slices.Clone(e.Datasets), t.list("dataset", "datasets")...))
		for _, title := range t.list("position") {
			e.addPosition(kyc.Position{Title: title})
		}
		e.Gender = Gender(t.get("gender"))
	}
}
