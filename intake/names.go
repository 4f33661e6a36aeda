package intake

import (
	"maps"
	"slices"
	"strings"

	"bonafide/kyc"
)

// fieldNames holds every name that anybody gave the applicant: the customer who
// invited them, the applicant in a submission, the document. It is a list of
// {"given","family","full","date_of_birth","nationality","document_number",
// "source"}; the screening checks ask for each of them (room checklist names the
// party names/*), so that a harmless name that was typed never hides another
// one that was read.
const fieldNames = "names"

// name is one of them.
type name struct {
	Given, Family string
	Full          string // where the parts are not known
	Born          string // YYYY-MM-DD
	Nationality   string // ISO 3166-1 alpha-2
	Number        string // of the document
	Source        string // customer, applicant, document
}

func (n name) whole() string {
	if n.Full != "" {
		return n.Full
	}
	return strings.TrimSpace(n.Given + " " + n.Family)
}

// called adds a name to the fields. One that stands there already learns what
// was not known of it; where the two contradict each other, both stand. Lists
// and maps that are there are left alone, because they may belong to somebody
// else's copy.
func called(fields map[string]any, n name) {
	if n.whole() == "" {
		return
	}
	list, _ := fields[fieldNames].([]any)
	list = slices.Clone(list)
	fresh := n.parts()
	for i, one := range list {
		known, _ := one.(map[string]any)
		if fold(nameOf(known).whole()) != fold(n.whole()) || contradict(known, fresh) {
			continue
		}
		both := maps.Clone(fresh)
		maps.Copy(both, known)
		list[i] = both
		fields[fieldNames] = list
		return
	}
	fields[fieldNames] = append(list, fresh)
}

// parts is a name as the fields hold it.
func (n name) parts() map[string]any {
	out := map[string]any{}
	for key, value := range map[string]string{"given": n.Given, "family": n.Family, "full": n.Full, "date_of_birth": n.Born,
		"nationality": n.Nationality, "document_number": n.Number, "source": n.Source} {
		if value != "" {
			out[key] = value
		}
	}
	return out
}

// contradict reports whether two mentions of one name speak of two people.
func contradict(a, b map[string]any) bool {
	for _, key := range []string{"date_of_birth", "nationality", "document_number"} {
		x, _ := a[key].(string)
		y, _ := b[key].(string)
		if x != "" && y != "" && x != y {
			return true
		}
	}
	return false
}

func nameOf(m map[string]any) name {
	text := func(key string) string { s, _ := m[key].(string); return s }
	return name{Given: text("given"), Family: text("family"), Full: text("full")}
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
		case "nationality":
			n.Nationality = f.Value
		case "document_number":
			n.Number = f.Value
		}
	}
	if n.Given != "" && n.Family != "" {
		n.Full = ""
	}
	return n
}
