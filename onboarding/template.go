package onboarding

import "encoding/json"

// Templates are the names of the templates in the order of the documentation.
func Templates() []string {
	return []string{"basic-kyc", "company-kyc", "merchant-onboarding", "pep-enhanced"}
}

// Template gives the definition of a template and, by slug, the workflows its
// subsession steps need beside it.
func Template(name string) (definition json.RawMessage, companions map[string]json.RawMessage, ok bool) {
	return nil, nil, false
}
