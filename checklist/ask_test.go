package checklist_test

import (
	"strings"
	"testing"

	"bonafide/checklist"
)

func TestTheGraceHoldsForEveryDocument(t *testing.T) {
	t.Parallel()
	d := &checklist.Definition{Name: "W", Steps: []checklist.Step{{ID: checklist.IDVerification,
		Config: checklist.IDConfig{MinimumAge: 18, MaximumAge: 51, ExpiryDateYears: 3, RequireSecondaryID: true, EscalationType: checklist.EscalationNone}}}}
	for policy, want := range map[string]string{"": `"grace_years":3`, checklist.ExpiryGrace: `"grace_years":3`, checklist.ExpiryStrict: "", checklist.ExpiryMaxRemaining: ""} {
		found := 0
		for _, a := range d.Checks(checklist.IDVerification, checklist.Options{ExpiryPolicy: policy}) {
			if a.Policy != checklist.PolicyExpiry && a.Policy != checklist.PolicyFurtherIDs {
				continue
			}
			found++
			if got := strings.Contains(string(a.Config), "grace_years"); got != (want != "") || !strings.Contains(string(a.Config), want) {
				t.Errorf("%q: %s asks with %s", policy, a.Policy, a.Config)
			}
		}
		// The fraud analysis judges by the limits that the other checks of the step
		// judge by.
		asks := d.Checks(checklist.IDVerification, checklist.Options{ExpiryPolicy: policy})
		limits := map[string]string{"": `"grace_years":3,`, checklist.ExpiryGrace: `"grace_years":3,`, checklist.ExpiryMaxRemaining: ""}[policy]
		longest := map[string]string{checklist.ExpiryMaxRemaining: `"maximum_validity_years":3,`}[policy]
		if fraud, want := asks[len(asks)-1], `{`+limits+`"maximum_age":51,`+longest+`"minimum_age":18}`; fraud.Policy != checklist.PolicyFraud || string(fraud.Config) != want {
			t.Errorf("%q: %s is asked with %s, want %s", policy, fraud.Policy, fraud.Config, want)
		}
		if found != 2 {
			t.Errorf("%q: %d checks look at the expiry, want 2", policy, found)
		}
	}
}
