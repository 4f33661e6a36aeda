package checklist

import "encoding/json"

// Options say how an organisation reads a configuration.
type Options struct {
	ExpiryPolicy string // kyc.CheckSettings.ExpiryPolicy
}

// Ask is one check that a step asks.
type Ask struct {
	Policy string
	Config json.RawMessage // canonical JSON object
	// Background checks are asked after the step was completed and hold nothing
	// back: the fraud analysis of seed 001's default scenario.
	Background bool
}

// Policies that asks name.
const (
	PolicyDocument    = "document_ocr"
	PolicyExpiry      = "document_expiration"
	PolicyAge         = "age_check"
	PolicyFurtherIDs  = "additional_ids"
	PolicyFace        = "face_match"
	PolicyFraud       = "document_fraud"
	PolicyChip        = "nfc_chip_auth"
	PolicyLiveness    = "liveness"
	PolicyEstimate    = "age_estimation"
	PolicyWatchlists  = "watchlist_screening"
	PolicyPEP         = "aml_pep"
	PolicyMedia       = "adverse_media"
	PolicyConsent     = "consent"
	PolicyDocumentSet = "document_set"
	PolicyOutcome     = "checklist_outcome"
)

type config map[string]any

func ask(policy string, c config) Ask {
	if c == nil {
		c = config{}
	}
	return Ask{Policy: policy, Config: canonical(c)}
}

// Checks are what a step asks when it is submitted, in order. The compiled
// graph asks the same with the same config, so that a run can take the answers
// that were recorded at the submission. The chip of an escalation is not among
// them: see EscalationAsk.
func (d *Definition) Checks(stepID string, o Options) []Ask {
	s := d.Step(stepID)
	if s == nil {
		return nil
	}
	switch c := s.Config.(type) {
	case IDConfig:
		return c.asks(o)
	case LivenessConfig:
		return []Ask{ask(PolicyLiveness, config{"threshold": c.ConfidenceThreshold})}
	case AgeConfig:
		return []Ask{ask(PolicyEstimate, config{"minimum_age": c.MinimumAge})}
	case ConsentConfig:
		return []Ask{ask(PolicyConsent, config{"required": []string{"consent"}})}
	case DocumentUploadConfig:
		return []Ask{ask(PolicyDocumentSet, c.documents())}
	case NoConfig:
		if stepID == PEPSanctions {
			return []Ask{ask(PolicyWatchlists, everyName()), ask(PolicyPEP, everyName())}
		}
		return []Ask{ask(PolicyMedia, everyName())}
	}
	return nil
}

// everyName asks for each name that anybody gave the applicant, on its own: the
// customer who invited them, the applicant in a submission, the document. Room
// intake gathers them in the field names, so that a harmless name that was
// typed never hides another one that was read.
func everyName() config {
	return config{"parties": []config{{"path": "names/*", "role": "individual", "own": true, "date_of_birth": "names/*/date_of_birth",
		"nationality": "names/*/nationality", "document_number": "names/*/document_number"}}}
}

func (c IDConfig) asks(o Options) []Ask {
	out := []Ask{
		ask(PolicyDocument, nil),
		ask(PolicyExpiry, c.expiry(o.ExpiryPolicy)),
		ask(PolicyAge, config{"minimum_age": c.MinimumAge, "maximum_age": c.MaximumAge, "document_only": true}),
	}
	if c.RequireSecondaryID {
		further := config{"secondary": true, "tertiary": c.RequireTertiaryID}
		if o.ExpiryPolicy == "" || o.ExpiryPolicy == ExpiryGrace { // as for the first document
			further["grace_years"] = c.ExpiryDateYears
		}
		out = append(out, ask(PolicyFurtherIDs, further))
	}
	out = append(out, ask(PolicyFace, config{"sources": []config{{"source": "selfie", "step_id": IDVerification}}}))
	limits := c.expiry(o.ExpiryPolicy)
	limits["minimum_age"], limits["maximum_age"] = c.MinimumAge, c.MaximumAge
	if c.Escalates() {
		limits["threshold"] = c.EscalationRiskThreshold
	}
	fraud := ask(PolicyFraud, limits)
	fraud.Background = !c.EnableFraudAnalysis
	return append(out, fraud)
}

// expiry reads expiry_date_years as the organisation does (api.md X8). With
// max_remaining and 0 years no limit is set upwards: no document expires on
// the day it is shown.
func (c IDConfig) expiry(policy string) config {
	switch {
	case policy == ExpiryStrict, policy == ExpiryMaxRemaining && c.ExpiryDateYears == 0:
		return config{}
	case policy == ExpiryMaxRemaining:
		return config{"maximum_validity_years": c.ExpiryDateYears}
	}
	return config{"grace_years": c.ExpiryDateYears}
}

// documents asks for each type as a document of the applicant's own, so that
// no later check takes the session for one without documents.
func (c DocumentUploadConfig) documents() config {
	var list []config
	for _, kind := range c.DocumentTypes {
		r := config{"step_id": DocumentUpload, "document_type": kind, "required": true, "own": true}
		if c.MaximumAgeDays > 0 {
			r["validations"] = []config{{"type": "max_age_days", "params": config{"days": c.MaximumAgeDays}, "on_fail": "reject"}}
		}
		list = append(list, r)
	}
	return config{"requirements": list}
}

// EscalationAsk is the check of the further proof that ID_VERIFICATION asks
// for when document_fraud scores at or above the threshold (0-100); ok is
// false where the definition escalates nothing.
func (d *Definition) EscalationAsk() (a Ask, threshold int, ok bool) {
	s := d.Step(IDVerification)
	if s == nil {
		return Ask{}, 0, false
	}
	c, isID := s.Config.(IDConfig)
	if !isID || !c.Escalates() {
		return Ask{}, 0, false
	}
	return ask(PolicyChip, nil), c.EscalationRiskThreshold, true
}
