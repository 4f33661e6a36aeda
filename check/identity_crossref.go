package check

import (
	"context"
	"strings"

	"bonafide/kyc"
)

type crossrefConfig struct {
	Required      []string `json:"required"`
	NameThreshold float64  `json:"name_threshold"`
}

func identityCrossref() Check {
	s := spec("identity_crossref", "Form against document",
		"Compares what the applicant typed with what the document says. Names are compared as ICAO Doc 9303 part 3 writes them, so that Müller is MUELLER and a second given name may be left out.", 0)
	s.Identity = true
	s.Provides = []string{"score", "details.fields", "details.mismatches"}
	s.ConfigSchema = schema(`
"required":{"type":"array","uniqueItems":true,"items":{"type":"string","enum":["name","date_of_birth","document_number","personal_number","nationality","sex"]},"default":["name","date_of_birth"],"description":"Fields that must be known from both sides; one that is missing asks for review."},
"name_threshold":{"type":"number","minimum":0.5,"maximum":1,"default":0.92,"description":"Likeness of names, 0-1, from which they count as the same. Down to 0.12 less asks for review."}`, "")
	return Check{Spec: s, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		c := crossrefConfig{Required: []string{"name", "date_of_birth"}, NameThreshold: 0.92}
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		paper := onPaper(r)
		regions, cut := onDocument(r)
		return crossref(onForm(r), paper, c, witness{paper: true, regions: regions, cut: cut})
	}}
}

// Verdicts of one compared field.
const (
	same     = "match"
	near     = "close"
	differs  = "mismatch"
	unknown  = "missing"
	closeGap = 0.12
)

// crossref compares field by field. Score is the likeness of the names. where
// says where the document shows its values.
func crossref(form, paper person, c crossrefConfig, where witness) kyc.Answer {
	a := judged(kyc.Pass)
	fields := map[string]any{}
	compared, mismatches := 0, []any{}
	required := func(field string) bool {
		for _, f := range c.Required {
			if f == field {
				return true
			}
		}
		return false
	}
	record := func(field, verdict string, likeness float64) {
		fields[field] = map[string]any{"verdict": verdict, "likeness": round4(likeness)}
		say := func(v kyc.Verdict, severity, code, message string) {
			a.Verdict = worse(a.Verdict, v)
			said := reason(severity, code, message)
			said.Region = where.region(regionField(field))
			a.Reasons = append(a.Reasons, said)
		}
		switch verdict {
		case differs:
			mismatches = append(mismatches, field)
			say(kyc.Fail, critical, field+"_mismatch", "the form and the document disagree on "+field)
		case near:
			say(kyc.VerdictReview, warning, field+"_close", "the form and the document are alike on "+field+", but not the same")
		case unknown:
			if required(field) {
				say(kyc.VerdictReview, warning, field+"_missing", field+" is not known from both the form and the document")
			}
			return
		}
		compared++
	}

	if form.name() == "" || paper.name() == "" {
		record("name", unknown, 0)
	} else {
		likeness, verdict := compareNames(form, paper, c.NameThreshold)
		if where.cut && verdict != same {
			// The document says itself that it shows the name shortened.
			if cut := cutLikeness(form.name(), paper.name()); cut > likeness {
				likeness, verdict = cut, near
				if cut >= c.NameThreshold {
					verdict = same
				}
			}
		}
		a.Score, a.Threshold = number(round4(likeness)), number(c.NameThreshold)
		record("name", verdict, likeness)
	}
	exact := func(field, x, y string, normal func(string) string) {
		x, y = normal(x), normal(y)
		switch {
		case x == "" || y == "":
			record(field, unknown, 0)
		case x == y:
			record(field, same, 1)
		default:
			record(field, differs, 0)
		}
	}
	date := func(s string) string {
		if d, ok := parseDate(s); ok {
			return d.Format("2006-01-02")
		}
		return strings.TrimSpace(s)
	}
	exact("date_of_birth", form.born, paper.born, date)
	exact("document_number", form.number, paper.number, letters)
	exact("personal_number", form.personal, paper.personal, letters)
	exact("nationality", form.nationality, paper.nationality, letters)
	exact("sex", sexLetter(form.sex), sexLetter(paper.sex), letters)
	a.Details = map[string]any{"fields": fields, "mismatches": mismatches}
	if compared == 0 {
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		a.Reasons = append(a.Reasons, reason(warning, "nothing_compared", "nothing is known from both the form and the document"))
	}
	if a.Verdict == kyc.Pass {
		a.Reasons = append(a.Reasons, reason(info, "form_matches_document", "the form and the document agree"))
	}
	return a
}

// compareNames looks at first and last name on their own, where both sides
// have them, so that a wrong family name does not hide behind three right
// given names; the lower likeness counts. Swapped fields are only close.
func compareNames(form, paper person, threshold float64) (float64, string) {
	whole := nameLikeness(form.name(), paper.name())
	likeness := whole
	if form.last != "" && paper.last != "" && form.full == "" {
		likeness = nameLikeness(form.last, paper.last)
		if form.first != "" && paper.first != "" {
			likeness = min(likeness, nameLikeness(form.first, paper.first))
		}
	}
	switch {
	case likeness >= threshold:
		return likeness, same
	case likeness >= threshold-closeGap, whole >= threshold:
		return likeness, near
	}
	return likeness, differs
}

func sexLetter(s string) string {
	switch strings.ToLower(s) {
	case "m", "male":
		return "M"
	case "f", "female":
		return "F"
	case "x", "other", "unspecified":
		return "" // says nothing
	}
	return ""
}
