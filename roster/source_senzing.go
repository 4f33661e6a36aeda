package roster

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
)

// senzingIDs maps the attributes of Senzing's entity specification that hold
// numbers to our kinds. TRUSTED_ID is left out: it is a key of a data base.
var senzingIDs = []struct{ attribute, kind string }{
	{"PASSPORT_NUMBER", "passport"}, {"NATIONAL_ID_NUMBER", "national_id"}, {"SSN_NUMBER", "national_id"}, {"DRIVERS_LICENSE_NUMBER", "driving_licence"},
	{"TAX_ID_NUMBER", "tax_id"}, {"LEI_NUMBER", "lei"}, {"DUNS_NUMBER", "registration"}, {"REGISTRATION_NUMBER", "registration"}, {"SWIFT_NUMBER", "swift"},
	{"IMO_NUMBER", "imo"}, {"MMSI_NUMBER", "mmsi"}, {"CALL_SIGN", "call_sign"}, {"PUBLIC_KEY", "crypto"}, {"OTHER_ID_NUMBER", "other"},
}

// senzingRecord is one line: its own attributes, and the groups of attributes
// that stand in arrays under any name (NAMES, DATES, FEATURES, …).
type senzingRecord struct {
	id, source, kind string
	groups           []map[string]string
}

// parseSenzing reads JSON lines of Senzing's generic entity specification, as
// OpenSanctions and others publish them. A record without a type that others
// point to as the post they hold is a position.
func parseSenzing(ctx context.Context, ins []Input) (Parsed, error) {
	in, err := single(ins)
	if err != nil {
		return Parsed{}, err
	}
	var out Parsed
	rows, offices := newGroups(&out, in.name), newFTMOffices()
	sets, sources, untyped := newSets(), map[string]string{}, []string{}
	err = eachJSONLine(ctx, in, "Senzing", func(line []byte) error {
		r, ok := readSenzing(line)
		if !ok {
			return kyc.Errorf(kyc.Invalid, "list_format", "no RECORD_ID or DATA_SOURCE; is it Senzing's form?")
		}
		// Ids are unique within a source only.
		if first, seen := sources[r.id]; seen && first != r.source {
			r.id = r.source + ":" + r.id
		} else {
			sources[r.id] = r.source
		}
		e, err := rows.entry(r.id)
		if err != nil {
			return err
		}
		e.Datasets = sets.of(append(slices.Clone(e.Datasets), r.source))
		switch r.kind {
		case "PERSON":
			e.Type = TypePerson
		case "ORGANIZATION", "COMPANY":
			e.Type = TypeEntity
		case "VESSEL":
			e.Type = TypeVessel
		case "AIRCRAFT", "AIRPLANE":
			e.Type = TypeAircraft
		case "":
			untyped = append(untyped, r.id)
		}
		for _, g := range r.groups {
			senzingGroup(e, g, offices)
		}
		return nil
	})
	if err != nil {
		return Parsed{}, err
	}
	posts := map[string]bool{}
	for _, h := range offices.held {
		posts[h.post] = true
	}
	for _, id := range untyped {
		if e := rows.byID[id]; posts[id] && len(e.Names) > 0 {
			at := kyc.Position{Title: e.Names[0].Text}
			if len(e.Countries) > 0 {
				at.Country = e.Countries[0]
			}
			offices.positions[id] = at
			*e = Entity{ID: e.ID} // what has no name is left out
		}
	}
	offices.settle(rows.byID)
	return out, rows.flush()
}

// readSenzing flattens a line.
func readSenzing(line []byte) (r senzingRecord, ok bool) {
	var raw map[string]json.RawMessage
	if json.Unmarshal(line, &raw) != nil {
		return r, false
	}
	own := map[string]string{}
	for _, key := range sortedNames(raw) {
		value := raw[key]
		var many []map[string]json.RawMessage
		if json.Unmarshal(value, &many) == nil {
			for _, m := range many {
				group := map[string]string{}
				for k, v := range m {
					group[strings.ToUpper(k)] = scalar(v)
				}
				if r.kind == "" {
					r.kind = strings.ToUpper(group["RECORD_TYPE"])
				}
				r.groups = append(r.groups, group)
			}
			continue
		}
		own[strings.ToUpper(key)] = scalar(value)
	}
	r.groups = append(r.groups, own)
	r.id, r.source = Clean(own["RECORD_ID"]), Clean(own["DATA_SOURCE"])
	if own["RECORD_TYPE"] != "" {
		r.kind = strings.ToUpper(own["RECORD_TYPE"])
	}
	own["LAST_CHANGE"] = ""
	return r, r.id != "" && r.source != ""
}

// scalar is the text of a JSON text or number.
func scalar(raw json.RawMessage) string {
	var v ftmValues
	if err := v.UnmarshalJSON(raw); err != nil || len(v) == 0 {
		return ""
	}
	return Clean(v[0])
}

func sortedNames[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// senzingGroup takes over what one group of attributes says. At the top level
// of a record an attribute may bear its usage in front (AKA_NAME_FULL).
func senzingGroup(e *Entity, g map[string]string, offices *ftmOffices) {
	for _, key := range sortedNames(g) {
		v := g[key]
		if v == "" {
			continue
		}
		usage := g["NAME_TYPE"]
		if before, ok := strings.CutSuffix(key, "_NAME_FULL"); ok {
			key, usage = "NAME_FULL", before
		}
		switch key {
		case "NAME_FULL", "NAME_ORG":
			e.addName(v, e.senzingQuality(usage, v))
		case "NAME_LAST":
			whole := joinNonEmpty(" ", g["NAME_FIRST"], g["NAME_MIDDLE"], v, g["NAME_SUFFIX"])
			e.addName(whole, e.senzingQuality(usage, whole))
		case "DATE_OF_BIRTH":
			e.addBirth(ParseSpan(v))
		case "GENDER":
			e.Gender = Gender(v)
		case "NATIONALITY", "CITIZENSHIP", "COUNTRY_OF_ASSOCIATION", "REGISTRATION_COUNTRY", "ADDR_COUNTRY":
			e.addCountry(ftmCountry(v))
		case "ADDR_FULL":
			e.addAddress(v)
		case "ADDR_LINE1":
			e.addAddress(joinNonEmpty(", ", v, g["ADDR_LINE2"], g["ADDR_CITY"], g["ADDR_STATE"], g["ADDR_POSTAL_CODE"], g["ADDR_COUNTRY"]))
		case "TOPIC":
			e.Topics = addOnce(e.Topics, v)
		case "PROGRAM", "SANCTION_PROGRAM":
			e.addProgram(v)
		case "REL_POINTER_KEY":
			senzingPointer(e, g, offices)
		}
	}
	for _, id := range senzingIDs {
		if v := g[id.attribute]; v != "" && !strings.EqualFold(g["OTHER_ID_TYPE"], "OPEN_SANCTIONS") {
			e.addIdentifier(id.kind, v, ftmCountry(g[strings.TrimSuffix(id.attribute, "NUMBER")+"COUNTRY"]))
		}
	}
	sortIdentifiers(e.Identifiers)
}

// senzingQuality grades a name by its usage; one without any is the primary
// name unless there is one.
func (e *Entity) senzingQuality(usage, text string) Quality {
	primary := slices.ContainsFunc(e.Names, func(n Name) bool { return n.Quality == QualityPrimary })
	switch usage = strings.ToUpper(usage); {
	case strings.Contains(usage, "WEAK"), strings.Contains(usage, "LOW"):
		return QualityWeak
	case !primary && (usage == "" || usage == "PRIMARY"):
		return QualityPrimary
	case !mostlyLatin(text):
		return QualityNative
	}
	return QualityStrong
}

// senzingPointer keeps what a record says of an office that it holds and of
// whom it is close to.
func senzingPointer(e *Entity, g map[string]string, offices *ftmOffices) {
	to, role := g["REL_POINTER_KEY"], strings.ToLower(g["REL_POINTER_ROLE"])
	switch {
	case len(offices.held) >= MaxEntities || len(offices.ties) >= MaxEntities:
	case strings.HasPrefix(role, "occupancy"):
		offices.held = append(offices.held, occupancy{holder: e.ID, post: to, since: g["REL_POINTER_FROM_DATE"], until: g["REL_POINTER_THRU_DATE"]})
	case strings.HasPrefix(role, "family"):
		offices.ties = append(offices.ties, bond{a: e.ID, b: to, kind: tieFamily})
	case strings.HasPrefix(role, "associate"):
		offices.ties = append(offices.ties, bond{a: e.ID, b: to, kind: tieAssociate})
	}
}
