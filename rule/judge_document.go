package rule

import "slices"

// DocumentConditions are the conditions of document rules.
func DocumentConditions() []string {
	return []string{
		"expired", "expires_within_days", "tampering_suspected", "mrz_invalid", "extraction_failed", "low_quality",
		"country_mismatch", "name_mismatch", "dob_mismatch", "address_mismatch", "older_than_days", "missing", "type_mismatch",
	}
}

// DocumentTypes are the document types of definitions (3.4.1) and "*", any.
func DocumentTypes() []string {
	return []string{
		"*", "id", "id_document", "passport", "proof_of_address", "selfie",
		"company_charter", "articles_of_incorporation", "tax_certificate", "shareholder_registry", "beneficial_owners",
		"operating_agreement", "business_license", "bank_ownership", "bank_letter", "custom", "other",
	}
}

// mismatch reports whether cross-validation answers the condition.
func mismatch(condition string) bool {
	switch condition {
	case "country_mismatch", "name_mismatch", "dob_mismatch", "address_mismatch":
		return true
	}
	return false
}

// about reports whether the rule is about a document that was asked for as
// asked and recognised as detected. A rule about "id" is about every identity
// document, a rule about "passport" about every document that is one.
func (c *DocumentRule) about(asked, detected string) bool {
	switch c.DocumentType {
	case "", "*", asked:
		return true
	case "id", "id_document":
		return identity(asked)
	case "passport":
		return detected == "passport"
	}
	return false
}

func identity(asked string) bool {
	return asked == "id" || asked == "id_document" || asked == "passport"
}

// days gives the days of the two conditions that count them.
func (c *DocumentRule) days() int {
	if c.Params.Days != nil {
		return *c.Params.Days
	}
	if c.Condition == "older_than_days" {
		return defaultMaxAge
	}
	return defaultValidity
}

const (
	defaultMaxAge   = 90 // days, of older_than_days
	defaultValidity = 30 // days, of expires_within_days
)

// holds reports whether the condition is the case, and whether that is known.
func (c *DocumentRule) holds(d *Document) (is, judged bool) {
	switch c.Condition {
	case "expired":
		if d.ExpiresInDays != nil && *d.ExpiresInDays < 0 {
			return true, true
		}
	case "expires_within_days":
		if d.ExpiresInDays != nil {
			return *d.ExpiresInDays <= c.days(), true
		}
		// An expired document has no days left.
		if slices.Contains(d.Findings, "expired") {
			return true, true
		}
	case "older_than_days":
		if d.AgeDays != nil {
			return *d.AgeDays > c.days(), true
		}
	case "extraction_failed":
		if d.Status == "unreadable" {
			return true, true
		}
	}
	if slices.Contains(d.Findings, c.Condition) {
		return true, true
	}
	if slices.Contains(d.Unknown, c.Condition) {
		return false, false
	}
	if d.Status == "unreadable" && c.Condition != "low_quality" {
		return false, false
	}
	named := c.DocumentType != "" && c.DocumentType != "*"
	switch c.Condition {
	case "expired", "expires_within_days":
		// Proofs of address do not expire; identity documents do.
		return false, d.ExpiresInDays != nil || !named && !identity(d.Type)
	case "older_than_days":
		return false, !named && identity(d.Type)
	}
	return false, true
}

func (e *evaluation) document(r ref, c *DocumentRule) {
	if c.Condition == "missing" {
		e.missing(r, c)
		return
	}
	var ids []string
	var unknown string
	for i := range e.f.Documents {
		d := &e.f.Documents[i]
		if !c.about(d.Type, d.Detected) {
			continue
		}
		is, judged := c.holds(d)
		if !is && mismatch(c.Condition) && e.f.CrossValidation != nil {
			is = e.disagrees(c.Condition, d.ID)
		}
		switch {
		case is:
			ids = append(ids, d.ID)
			if c.Action.excuses() {
				e.excused.finding(d.ID, c.Condition)
			}
		case !judged:
			unknown = d.ID
		}
	}
	if len(ids) > 0 {
		facts := map[string]any{"documents": ids, "condition": c.Condition}
		if c.Condition == "expires_within_days" || c.Condition == "older_than_days" {
			facts["days"] = c.days()
		}
		e.trigger(r, c.Action, c.Reason, facts)
		return
	}
	switch {
	case unknown != "":
		e.unjudged(r, c.Action, CheckDocuments, "document "+unknown+" does not tell", true)
	case mismatch(c.Condition) && !concluded(e.states.cross):
		e.unjudged(r, c.Action, CheckCrossValidation, why(e.states.cross), true)
	case !mismatch(c.Condition) && !concluded(e.states.documents):
		e.unjudged(r, c.Action, CheckDocuments, why(e.states.documents), true)
	}
}

// disagrees reports whether cross-validation found the mismatch at a document.
func (e *evaluation) disagrees(condition, id string) bool {
	return slices.ContainsFunc(e.f.CrossValidation.Mismatches, func(m Mismatch) bool {
		return m.Condition == condition && (len(m.Documents) == 0 || slices.Contains(m.Documents, id))
	})
}

func (e *evaluation) missing(r ref, c *DocumentRule) {
	var types []string
	for _, m := range e.f.Missing {
		if c.about(m.Type, "") {
			types = append(types, m.Type)
			if c.Action.excuses() {
				e.excused.finding("", m.Type)
			}
		}
	}
	if len(types) > 0 {
		e.trigger(r, c.Action, c.Reason, map[string]any{"missing": types})
		return
	}
	if !concluded(e.states.documents) {
		e.unjudged(r, c.Action, CheckDocuments, why(e.states.documents), true)
	}
}
