package onboarding

import (
	"embed"
	"encoding/json"
	"slices"
)

//go:embed templates/*.json
var templates embed.FS

// Templates are the names of the templates in the order of the documentation.
func Templates() []string {
	return []string{"basic-kyc", "company-kyc", "merchant-onboarding", "pep-enhanced"}
}

// companions are the workflows that a template's subsession steps name, by
// slug, which is also the name of their file.
func companions(name string) []string {
	switch name {
	case "company-kyc":
		return []string{"ubo-verification-workflow"}
	case "merchant-onboarding":
		return []string{"submerchant-verification-workflow"}
	}
	return nil
}

// Template gives the definition of a template (api.md 3.2 A2) and, by slug,
// the workflows its subsession steps need beside it; the caller creates those
// that the organisation does not have yet. It reports false for any other name.
func Template(name string) (definition json.RawMessage, beside map[string]json.RawMessage, ok bool) {
	if !slices.Contains(Templates(), name) {
		return nil, nil, false
	}
	definition, err := templates.ReadFile("templates/" + name + ".json")
	if err != nil {
		return nil, nil, false
	}
	beside = map[string]json.RawMessage{}
	for _, slug := range companions(name) {
		raw, err := templates.ReadFile("templates/" + slug + ".json")
		if err != nil {
			return nil, nil, false
		}
		beside[slug] = raw
	}
	return definition, beside, true
}
