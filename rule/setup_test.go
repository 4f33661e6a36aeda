package rule

import (
	"encoding/json"
	"testing"
	"time"

	"bonafide/field"
	"bonafide/kyc"
)

var at = "/validation_config/automation_rules"

func now() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func num(v float64) *float64 { return &v }
func days(n int) *int        { return &n }

// form is a definition's fields for tests, by field_id.
type form map[string]field.Field

func (f form) Field(name string) (field.Field, bool) {
	if one, ok := f[name]; ok {
		return one, true
	}
	for _, one := range f {
		if one.FieldKey != "" && one.FieldKey == name {
			return one, true
		}
	}
	return field.Field{}, false
}

// must parses rules that have no problems.
func must(t testing.TB, text string) Rules {
	t.Helper()
	r, problems, _ := Parse(json.RawMessage(text), at, nil)
	if len(problems) > 0 {
		t.Fatalf("rules %s: %+v", text, problems)
	}
	return r
}

// good are the facts of a session in which everything went well.
func good() Facts {
	return Facts{
		Now: now(),
		Countries: []Country{
			{Code: "CH", Type: "nationality", Source: "form"}, {Code: "CH", Type: "residence", Source: "form"},
			{Code: "CH", Type: "nationality", Source: "document"}, {Code: "CH", Type: "document_issuer", Source: "document"},
		},
		CountriesAsked:  []string{"nationality", "residence", "document_issuer"},
		Face:            &Measure{Status: Passed, Value: num(0.93), Threshold: num(0.85), Source: "liveness_reference"},
		Liveness:        &Measure{Status: Passed, Value: num(97.3), Threshold: num(90)},
		Dedup:           &Dedup{Status: Passed},
		Duplicates:      &Duplicates{Status: Passed},
		Documents:       []Document{{ID: "doc_1", Type: "id", Detected: "passport", Role: "individual", Status: "valid", ExpiresInDays: days(400), AgeDays: days(3000)}},
		CrossValidation: &CrossValidation{Status: Passed},
		AdverseMedia:    &AdverseMedia{Status: Passed, Score: num(0)},
		Crypto:          &Crypto{Status: Passed},
		Subsessions:     &Subsessions{Status: Passed},
		Risk:            &Risk{Status: Passed, Score: num(10)},
		Form:            map[string]any{"pep_status": "No", "date_of_birth": "1990-05-17", "turnover": json.Number("50000")},
		Checks: []CheckState{
			{Name: CheckDocuments, Required: true, Status: Passed}, {Name: CheckCrossValidation, Required: true, Status: Passed},
			{Name: CheckLiveness, Required: true, Status: Passed}, {Name: CheckFaceMatch, Required: true, Status: Passed},
			{Name: CheckFaceDedup, Status: Passed}, {Name: CheckDuplicates, Status: Passed}, {Name: CheckWallets, Status: Passed},
			{Name: CheckAdverseMedia, Required: true, Status: Passed}, {Name: CheckRelated, Status: Passed},
			{Name: CheckRisk, Status: Passed}, {Name: CheckLists, Required: true, Status: Passed},
		},
	}
}

// with changes good facts.
func with(change func(*Facts)) Facts {
	f := good()
	change(&f)
	return f
}

// set gives a check another state in Checks.
func (f *Facts) set(name, status string) {
	for i := range f.Checks {
		if f.Checks[i].Name == name {
			f.Checks[i].Status = status
		}
	}
}

func codes(ps []kyc.Problem) map[string]string {
	out := map[string]string{}
	for _, p := range ps {
		out[p.Path] = p.Code
	}
	return out
}
