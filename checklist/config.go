package checklist

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"
)

// Defaults (seed 001; those of CONSENT and DOCUMENT_UPLOAD are ours).
const (
	DefaultMinimumAge      = 18
	DefaultMaximumAge      = 51
	DefaultExpiryYears     = 2
	DefaultRiskThreshold   = 60
	DefaultConfidence      = 70
	DefaultConsentText     = "I agree that my documents, my pictures and my personal data are examined to verify who I am."
	DefaultConsentVersion  = "1"
	DefaultDocumentType    = "proof_of_address"
	maxConsentText         = 10_000
	maxConsentVersion      = 50
	maxDocumentTypes       = 10
	maxDocumentAgeDays     = 3650
	highestAge, oldestFace = 150, 100
)

// config reads the configuration of a step and writes out every default.
func (r *reader) config(id string, raw jsontext.Value, at string, o ParseOptions) Config {
	c := r.object(raw, at, "config_unknown_field")
	if c == nil {
		r.errors[len(r.errors)-1].Code = "config_type"
		return NoConfig{}
	}
	defer c.done()
	switch id {
	case IDVerification:
		return r.idConfig(c, o)
	case FaceLiveness:
		n, _ := c.whole("confidence_threshold", DefaultConfidence, 1, 100)
		return LivenessConfig{ConfidenceThreshold: n}
	case AgeEstimation:
		n, _ := c.whole("minimum_age", DefaultMinimumAge, 1, oldestFace)
		return AgeConfig{MinimumAge: n}
	case Consent:
		return r.consentConfig(c)
	case DocumentUpload:
		return r.uploadConfig(c)
	}
	return NoConfig{} // PEP_SANCTIONS and ADVERSE_MEDIA have no options
}

func (r *reader) idConfig(c *object, o ParseOptions) IDConfig {
	oldest := DefaultMaximumAge
	if o.MaximumAge > 0 {
		oldest = min(o.MaximumAge, highestAge)
	}
	before := len(r.errors)
	out := IDConfig{}
	var givenMax, givenThreshold bool
	out.MinimumAge, _ = c.whole("minimum_age", DefaultMinimumAge, 1, 120)
	out.MaximumAge, givenMax = c.whole("maximum_age", oldest, 1, highestAge)
	if len(r.errors) == before && out.MinimumAge > out.MaximumAge {
		r.fail(pointer(c.at, "minimum_age"), "age_range_inverted", "nobody can be at least %d and at most %d years old", out.MinimumAge, out.MaximumAge)
	}
	if !givenMax && o.MaximumAge <= 0 {
		r.warn(pointer(c.at, "maximum_age"), "default_maximum_age_applied",
			"maximum_age was not set, so the default applies: whoever is older than %d years is refused", oldest)
	}
	out.ExpiryDateYears, _ = c.whole("expiry_date_years", DefaultExpiryYears, 0, 50)
	secondary, saysSecondary := c.flag("require_secondary_id")
	out.RequireTertiaryID, _ = c.flag("require_tertiary_id")
	out.RequireSecondaryID = secondary || out.RequireTertiaryID
	if saysSecondary && !secondary && out.RequireTertiaryID {
		r.warn(pointer(c.at, "require_secondary_id"), "secondary_id_implied", "a third document needs a second one, so require_secondary_id is true")
	}
	out.FaceFrontPhotoOnly, _ = c.flag("face_front_photo_only")
	out.RequireFrontOnly, _ = c.flag("require_front_only")
	fraud, saysFraud := c.flag("enable_fraud_analysis")
	out.EscalationType = r.escalation(c)
	out.EscalationRiskThreshold, givenThreshold = c.whole("escalation_risk_threshold", DefaultRiskThreshold, 0, 100)
	out.EnableFraudAnalysis = fraud || out.Escalates()
	if saysFraud && !fraud && out.Escalates() {
		r.warn(pointer(c.at, "enable_fraud_analysis"), "fraud_analysis_implied", "an escalation needs the fraud analysis, so enable_fraud_analysis is true")
	}
	if givenThreshold && !out.Escalates() && out.EscalationRiskThreshold != DefaultRiskThreshold {
		r.warn(pointer(c.at, "escalation_risk_threshold"), "threshold_without_escalation", "the threshold means nothing while escalation_type is none")
	}
	return out
}

func (r *reader) escalation(c *object) string {
	s, at, given := c.text("escalation_type", "config_type")
	switch {
	case !given:
		return EscalationNone
	case s != EscalationNone && s != EscalationNFC:
		r.fail(at, "config_range", "escalation_type must be %s or %s", EscalationNone, EscalationNFC)
		return EscalationNone
	}
	return s
}

func (r *reader) consentConfig(c *object) ConsentConfig {
	out := ConsentConfig{
		Text:    r.bounded(c, "text", DefaultConsentText, maxConsentText),
		Version: r.bounded(c, "version", DefaultConsentVersion, maxConsentVersion),
	}
	out.RequireSignature, _ = c.flag("require_signature")
	return out
}

// bounded reads a text of 1 to most characters.
func (r *reader) bounded(c *object, name, otherwise string, most int) string {
	s, at, given := c.text(name, "config_type")
	if !given {
		return otherwise
	}
	s = norm.NFC.String(s)
	if n := utf8.RuneCountInString(s); n < 1 || n > most {
		r.fail(at, "config_range", "%s must have from 1 to %d characters", name, most)
	}
	if strings.ContainsFunc(s, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\r' && c != '\t' }) {
		r.fail(at, "text_invalid", "%s must have no control characters but line breaks and tabs", name)
	}
	return s
}

// documentType is a snake_case word for a kind of paper.
var documentType = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

func (r *reader) uploadConfig(c *object) DocumentUploadConfig {
	out := DocumentUploadConfig{DocumentTypes: []string{DefaultDocumentType}}
	items, at, given := c.list("document_types", "config_type")
	if given {
		out.DocumentTypes = []string{}
		if len(items) < 1 || len(items) > maxDocumentTypes {
			r.fail(at, "config_range", "document_types must name from 1 to %d types", maxDocumentTypes)
		}
	}
	seen := map[string]bool{}
	for i, item := range items[:min(len(items), 100)] {
		var s string
		switch err := jsonv2.Unmarshal(item, &s); {
		case err != nil || item.Kind() != jsontext.KindString:
			r.fail(index(at, i), "config_type", "a document type must be a text")
		case !documentType.MatchString(s):
			r.fail(index(at, i), "config_range", "a document type has from 1 to 40 small letters, digits and underscores, and begins with a letter")
		case seen[s]:
			r.fail(index(at, i), "config_range", "this document type is named twice")
		default:
			seen[s] = true
			out.DocumentTypes = append(out.DocumentTypes, s)
		}
	}
	out.MaximumAgeDays, _ = c.whole("maximum_age_days", 0, 0, maxDocumentAgeDays)
	return out
}

// ParseConfig lays a change of one step's configuration, {"minimum_age":21},
// over the current one; null restores a default. Paths begin at /config. The
// Config is nil when there are errors. What was implied before (a fraud
// analysis by an escalation) stays until the change says otherwise.
func ParseConfig(stepID string, raw json.RawMessage, current Config, o ParseOptions) (Config, Report) {
	const at = "/config"
	r := &reader{lenient: o.Lenient}
	change := r.object(jsontext.Value(raw), at, "config_unknown_field")
	if change == nil {
		r.errors[len(r.errors)-1].Code = "config_type"
		return nil, r.report()
	}
	merged := map[string]jsontext.Value{}
	written, err := jsonv2.Marshal(current)
	if err == nil {
		err = jsonv2.Unmarshal(written, &merged)
	}
	if err != nil {
		r.fail(at, "malformed_json", "the stored configuration cannot be read")
		return nil, r.report()
	}
	for name, v := range change.members {
		merged[name] = v
	}
	whole, err := jsonv2.Marshal(merged, jsonv2.Deterministic(true))
	if err != nil {
		r.fail(at, "malformed_json", "the configuration cannot be read")
		return nil, r.report()
	}
	out := r.config(stepID, whole, at, o)
	if len(r.errors) > 0 {
		return nil, r.report()
	}
	return out, r.report()
}
