package procedure

import (
	"slices"
	"strings"

	"bonafide/kyc"
)

// Standing says how an individual comes to a workflow. Manual: manual KYC is
// in force, so nothing is verified electronically. Simulated: the sandbox
// reads no documents.
type Standing struct {
	Manual, Simulated bool
}

// Lacks names everything that the workflow needs to ask and the individual does
// not have (the 422 of C2): one problem each, with the code data_missing and
// the path of the element in the body of an individual. A name is always
// needed. What electronic verification and document checks need is looked at
// only with a Standing, because it depends on that. Steps that are not
// required, or that a condition may leave out, need nothing here; what they
// lack shows in their result.
func (d *Definition) Lacks(p *kyc.IndividualData, documents []kyc.EntityDocument, standing ...Standing) []kyc.Problem {
	var out []kyc.Problem
	miss := func(at, message string) {
		if !slices.ContainsFunc(out, func(have kyc.Problem) bool { return have.Path == at }) {
			out = append(out, kyc.Problem{Path: at, Code: "data_missing", Message: message})
		}
	}
	if !hasAttribute(p, "name") {
		miss("/individual/name", "the workflow needs a name")
	}
	guarded := d.guarded()
	for i := range d.Steps {
		s := &d.Steps[i]
		if !s.Required() || guarded[s.Name] {
			continue
		}
		c := s.Configuration
		switch {
		case s.Type == TypeFraud:
			if len(p.Emails) == 0 && len(p.Phones) == 0 && (slices.Contains(c.Checks, policyEmail) || slices.Contains(c.Checks, policyPhone)) {
				miss("/individual/emailAddresses", "the workflow needs an e-mail address or a phone number")
			}
		case len(standing) == 0:
		case s.Type == TypeKYC && !standing[0].Manual:
			for _, element := range c.Rules[0].Matches { // later rules are further chances
				if !slices.ContainsFunc(strings.Split(element, "|"), func(attribute string) bool { return hasAttribute(p, attribute) }) {
					miss("/individual/"+attributePath(element), "electronic verification needs "+strings.ReplaceAll(element, "|", " or "))
				}
			}
		case s.Type == TypeIDV && !standing[0].Simulated:
			if slices.Contains(c.Checks, policyOCR) && !slices.ContainsFunc(documents, readable) {
				miss("/individual/documents", "the workflow needs an identity document with an attachment")
			}
		}
	}
	return out
}

func readable(d kyc.EntityDocument) bool {
	return d.DeletedAt.IsZero() && d.Class == kyc.DocIdentity && hasAttachment(&d)
}

func hasAttachment(d *kyc.EntityDocument) bool {
	return slices.ContainsFunc(d.Attachments, func(a kyc.EntityAttachment) bool {
		return a.DeletedAt.IsZero() && (a.Status == "" || a.Status == "NORMAL")
	})
}

func hasAttribute(p *kyc.IndividualData, attribute string) bool {
	switch attribute {
	case "address":
		return slices.ContainsFunc(p.Addresses, func(a kyc.PostalAddress) bool { return a.Type != "PLACE_OF_BIRTH" })
	case "date_of_birth":
		return p.BirthDate.Normalized != ""
	case "gender":
		return p.Gender != "" && p.Gender != "UNSPECIFIED"
	}
	n := p.Name
	return slices.ContainsFunc([]string{n.Given, n.Middle, n.Family, n.Other, n.Display}, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// attributePath is the member of an individual in which the first attribute of
// an element stands.
func attributePath(element string) string {
	attribute, _, _ := strings.Cut(element, "|")
	switch attribute {
	case "address":
		return "addresses"
	case "date_of_birth":
		return "dateOfBirth"
	}
	return attribute
}
