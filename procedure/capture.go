package procedure

import (
	"slices"
	"strings"

	"bonafide/kyc"
)

// What a hosted page can ask a person for.
const (
	WantDocument  = "document" // an identity document with a picture
	WantSelfie    = "selfie"
	WantBirthDate = "date_of_birth"
	WantAddress   = "address"
	WantGender    = "gender"
	WantEmail     = "email"
	WantPhone     = "phone"
)

// Want is one thing that a workflow can use and an individual lacks. Required
// is true where an execution would be refused, or its step end with
// MISSING_DATA, without it.
type Want struct {
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
}

// Wants names what to ask a person for before a workflow is executed, in the
// order of a page: papers and pictures first. What is known already is not
// asked for again; have says what of WantDocument and WantSelfie there is.
// Unlike Lacks it knows no difference between sandbox and live, so that a
// sandbox shows the pages that live applicants see. A step that is not required,
// or that a condition may leave out, makes what it uses optional.
func (d *Definition) Wants(p *kyc.IndividualData, manual bool, have ...string) []Want {
	wanted := map[string]bool{}
	want := func(name string, required bool) { wanted[name] = wanted[name] || required }
	guarded := d.guarded()
	for i := range d.Steps {
		s := &d.Steps[i]
		must := s.Required() && !guarded[s.Name]
		c := s.Configuration
		switch s.Type {
		case TypeIDV:
			want(WantDocument, must)
			if slices.Contains(c.Checks, policyFace) || slices.Contains(c.Checks, policyLiveness) {
				want(WantSelfie, must)
			}
		case TypeKYC:
			if manual {
				continue
			}
			for _, element := range c.Rules[0].Matches { // later rules are further chances
				d.alternatives(p, element, must, want)
			}
		case TypeAML, TypeMatchlist, TypeBlocklist, TypeDuplicate:
			want(WantBirthDate, false) // it tells people of one name apart
		case TypeFraud:
			mail, phone := slices.Contains(c.Checks, policyEmail), slices.Contains(c.Checks, policyPhone)
			none := len(p.Emails) == 0 && len(p.Phones) == 0
			if mail {
				want(WantEmail, must && none)
			}
			if phone {
				want(WantPhone, must && none && !mail)
			}
		}
	}
	var out []Want
	for _, name := range []string{WantDocument, WantSelfie, WantBirthDate, WantAddress, WantGender, WantEmail, WantPhone} {
		required, asked := wanted[name]
		if asked && !slices.Contains(have, name) && !Known(p, name) {
			out = append(out, Want{Name: name, Required: required})
		}
	}
	return out
}

// alternatives asks for an element of a rule, of which one attribute is enough:
// the one that is quickest to say is needed, and the others help.
func (d *Definition) alternatives(p *kyc.IndividualData, element string, must bool, want func(string, bool)) {
	attributes := strings.Split(element, "|")
	if slices.ContainsFunc(attributes, func(a string) bool { return hasAttribute(p, a) }) {
		return
	}
	for _, a := range []string{WantBirthDate, WantAddress, WantGender} {
		if slices.Contains(attributes, a) {
			want(a, must)
			must = false
		}
	}
}

// Known reports whether a person's data has what a Want names; pictures and
// papers are no part of it.
func Known(p *kyc.IndividualData, want string) bool {
	switch want {
	case WantBirthDate, WantAddress, WantGender:
		return hasAttribute(p, want)
	case WantEmail:
		return len(p.Emails) > 0
	case WantPhone:
		return len(p.Phones) > 0
	}
	return false
}
