package procedure

import (
	"fmt"
	"testing"

	"bonafide/kyc"
)

func TestWantsAreWhatIsMissing(t *testing.T) {
	t.Parallel()
	named := kyc.IndividualData{Name: kyc.PersonName{Family: "Lovelace"}}
	born, mailed := named, named
	born.BirthDate.Normalized = "1990-05-17"
	mailed.Emails = []kyc.EmailAddress{{Address: "ada@example.com"}}
	for _, x := range []struct {
		steps  string
		person kyc.IndividualData
		manual bool
		have   []string
		want   string
	}{
		{`{"type":"KYC"}`, named, false, nil, "[{date_of_birth true} {address false}]"},
		{`{"type":"KYC"}`, named, true, nil, "[]"},
		{`{"type":"KYC"}`, born, false, nil, "[]"},
		{`{"type":"KYC","configuration":{"rules":[{"matches":["name","address","gender"],"matchCountRequired":1}]}}`, born, false, nil, "[{address true} {gender true}]"},
		{`{"type":"KYC","configuration":{"required":false}}`, named, false, nil, "[{date_of_birth false} {address false}]"},
		{`{"type":"AML"}`, named, false, nil, "[{date_of_birth false}]"},
		{`{"type":"AML"},{"type":"KYC"}`, named, false, nil, "[{date_of_birth true} {address false}]"},
		{`{"type":"IDV"}`, born, false, nil, "[{document true}]"},
		{`{"type":"IDV","configuration":{"checks":["document_ocr","face_match"]}}`, born, false, nil, "[{document true} {selfie true}]"},
		{`{"type":"IDV","configuration":{"checks":["document_ocr","face_match"]}}`, born, false, []string{WantDocument}, "[{selfie true}]"},
		{`{"type":"FRAUD"}`, born, false, nil, "[{email true} {phone false}]"},
		{`{"type":"FRAUD"}`, mailed, false, nil, "[{phone false}]"},
		{`{"type":"FRAUD","configuration":{"checks":["phone_risk"]}}`, born, false, nil, "[{phone true}]"},
	} {
		d := parsed(t, def(x.steps, ""))
		if got := fmt.Sprint(d.Wants(&x.person, x.manual, x.have...)); got != x.want {
			t.Errorf("%s for %+v: %s, want %s", x.steps, x.person.Name, got, x.want)
		}
	}
}
