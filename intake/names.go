package intake

import (
	"maps"
	"slices"
	"strings"

	"bonafide/kyc"
)

// fieldNames holds every name that anybody gave the applicant: the customer who
// invited them, the applicant in a submission, the document. It is a list of
// {"given","family","full","date_of_birth","source"}; the screening checks ask
// for each of them (their config names the party names/*), so that a harmless
// name that was typed never hides another one that was read.
const fieldNames = "names"

// name is one of them.
type name struct {
	Given, Family string
	Full          string // where the parts are not known
	Born          string // YYYY-MM-DD
	Source        string // customer, applicant, document
}

func (n name) whole() string {
	if n.Full != "" {
		return n.Full
	}
	return strings.TrimSpace(n.Given + " " + n.Family)
}

// called adds a name to the fields unless it stands there already. A name that
// was known without a date of birth learns it. Lists and maps that are there
// are left alone, because they may belong to somebody else's copy.
func called(fields map[string]any, n name) {
	if n.whole() == "" {
		return
	}
	list, _ := fields[fieldNames].([]any)
	list = slices.Clone(list)
	for i, one := range list {
		known, _ := one.(map[string]any)
		if fold(nameOf(known).whole()) != fold(n.whole()) {
			continue
		}
		born, _ := known["date_of_birth"].(string)
		switch {
		case n.Born == "" || born == n.Born:
			return
		case born == "":
			known = maps.Clone(known)
			known["date_of_birth"] = n.Born
			list[i] = known
			fields[fieldNames] = list
			return
		}
	}
	one := map[string]any{"source": n.Source}
	for key, value := range map[string]string{"given": n.Given, "family": n.Family, "full": n.Full, "date_of_birth": n.Born} {
		if value != "" {
			one[key] = value
		}
	}
	fields[fieldNames] = append(list, one)
}

func nameOf(m map[string]any) name {
	text := func(key string) string { s, _ := m[key].(string); return s }
	return name{Given: text("given"), Family: text("family"), Full: text("full"), Born: text("date_of_birth"), Source: text("source")}
}

// fold is a name without case and doubled blanks.
func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// readName is the name that a document says.
func readName(fields []kyc.Field) name {
	n := name{Source: "document"}
	certain := map[string]float64{}
	for _, f := range fields {
		if f.Value == "" || f.Confidence < certain[f.Name] {
			continue
		}
		certain[f.Name] = f.Confidence
		switch f.Name {
		case "first_name":
			n.Given = f.Value
		case "last_name":
			n.Family = f.Value
		case "full_name":
			n.Full = f.Value
		case "date_of_birth":
			n.Born = f.Value
		}
	}
	if n.Given != "" && n.Family != "" {
		n.Full = ""
	}
	return n
}
