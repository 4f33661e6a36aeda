package onboarding

import "slices"

// documentType is one kind of paper a definition may ask for (seed 004).
type documentType struct {
	name, label string
}

func documentTypes() []documentType {
	return []documentType{
		{"id", "Government-issued ID"},
		{"passport", "Passport"},
		{"proof_of_address", "Proof of address"},
		{"selfie", "Selfie"},
		{"company_charter", "Company charter"},
		{"articles_of_incorporation", "Articles of incorporation"},
		{"tax_certificate", "Tax registration certificate"},
		{"shareholder_registry", "Shareholder registry"},
		{"beneficial_owners", "Beneficial ownership declaration"},
		{"operating_agreement", "Operating agreement"},
		{"business_license", "Business licence"},
		{"bank_ownership", "Bank account ownership verification"},
		{"bank_letter", "Bank reference letter"},
		{"custom", ""},
		{"other", "Other document"},
	}
}

// DocumentTypes are the document types of the definition in the order of the
// documentation, without the alias id_document.
func DocumentTypes() []string {
	var out []string
	for _, t := range documentTypes() {
		out = append(out, t.name)
	}
	return out
}

// EntityRoles are the roles a party of a session may have (seed 004).
func EntityRoles() []string {
	return []string{"individual", "ubo", "director", "shareholder", "representative"}
}

// NormalType gives the stored name of a document type: id_document is id.
func NormalType(documentType string) string {
	if documentType == "id_document" {
		return "id"
	}
	return documentType
}

// idPapers are the papers that satisfy a requirement "id", in the words of
// the seed and of document reading.
func idPapers() []string {
	return []string{
		"passport", "id_card", "national_id", "national_card", "residence_permit",
		"driving_licence", "driving_license", "drivers_license",
	}
}

// Satisfies reports whether a paper of a type serves a requirement of a type:
// its own, and for an id any passport, driving licence or national card.
func Satisfies(requirement, documentType string) bool {
	requirement, documentType = NormalType(requirement), NormalType(documentType)
	return requirement == documentType || requirement == "id" && slices.Contains(idPapers(), documentType)
}

// Requirement finds the requirement of the step that a document type serves:
// the one of that very type, or else an id requirement that it satisfies.
func (s *Step) Requirement(documentType string) (*DocumentRequirement, bool) {
	documentType = NormalType(documentType)
	for _, fits := range []func(r DocumentRequirement) bool{
		func(r DocumentRequirement) bool { return r.DocumentType == documentType },
		func(r DocumentRequirement) bool { return Satisfies(r.DocumentType, documentType) },
	} {
		if i := slices.IndexFunc(s.DocumentRequirements, fits); i >= 0 {
			return &s.DocumentRequirements[i], true
		}
	}
	return nil, false
}

// Own reports whether a requirement asks for the applicant's own identity
// paper, which the portrait and the person's data come from. Several papers of
// owners, directors or shareholders are those of other people; a single one is
// the applicant's when the workflow is for individuals (a subsession).
func (d *Definition) Own(r DocumentRequirement) bool {
	if r.DocumentType != "id" && r.DocumentType != "passport" {
		return false
	}
	switch r.EntityRole {
	case "", "individual", "representative":
		return true
	}
	return !r.AllowMultiple && slices.Contains(d.EntityTypes, "individual")
}
