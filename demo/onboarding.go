package demo

import (
	"context"

	"bonafide/onboarding"
)

// onboardings makes the four templates in both environments and opens one
// sample onboarding in the sandbox, so that whoever tries the program finds
// something to walk through.
func (d demonstration) onboardings(ctx context.Context) error {
	var basic string
	for _, env := range []apiClient{d.live, d.sandbox} { // the sandbox last: its id is used
		for _, name := range onboarding.Templates() {
			var w struct {
				ID string `json:"workflow_id"`
			}
			if err := env.do(ctx, "POST", "/kyc/workflows/from-template/"+name, map[string]any{"slug": name}, &w); err != nil {
				return err
			}
			if name == "basic-kyc" {
				basic = w.ID
			}
		}
	}
	var s struct {
		URL string `json:"public_url"`
	}
	if err := d.sandbox.do(ctx, "POST", "/kyc/sessions", map[string]any{"workflow_id": basic, "client_id": "sample-onboarding",
		"prefill": map[string]any{"full_name": "Sample Applicant"}}, &s); err != nil {
		return err
	}
	d.printf("\n  Onboarding: the templates basic-kyc, company-kyc, merchant-onboarding and pep-enhanced are set up in both environments.\n"+
		"  Be the applicant: open this link in a browser, here or on a phone (sandbox, nothing is real)\n    %s\n  Its last part is the access token for the API (docs/guide/onboarding.md); the pages are in docs/guide/applicants.md.\n", s.URL)
	return nil
}
