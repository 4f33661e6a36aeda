package rule

import (
	"encoding/json"

	"bonafide/field"
)

// Rules is automation_rules of a definition (api.md 3.6) with every default
// materialised. Rules are made by Parse; marshalling gives the JSON of the
// specification, and parsing that gives the same Rules again.
type Rules struct {
	Enabled       bool   `json:"enabled"`        // default true
	AutoProcess   bool   `json:"auto_process"`   // default false
	DefaultAction Action `json:"default_action"` // default manual_review

	CountryRules      []CountryRule      `json:"country_rules"`
	ListMatchRules    []ListMatchRule    `json:"list_match_rules"`
	FaceRules         []FaceRule         `json:"face_rules"`
	FaceDedupRules    []FaceDedupRule    `json:"face_dedup_rules"`
	DocumentRules     []DocumentRule     `json:"document_rules"`
	FormFieldRules    []FormFieldRule    `json:"form_field_rules"`
	AdverseMediaRules []AdverseMediaRule `json:"adverse_media_rules"`
	CryptoRules       []CryptoRule       `json:"crypto_rules"`
	SubsessionRules   []SubsessionRule   `json:"subsession_rules"`
	RiskRules         []RiskRule         `json:"risk_rules"`

	AutoApprove *Conditions `json:"auto_approve_conditions,omitempty"`
}

// Codes are the countries of a rule: ISO 3166-1 alpha-2 codes and named lists
// ("@fatf_high_risk"). Array keeps whether the author wrote an array or one
// string.
type Codes struct {
	Values []string
	Array  bool
}

// MarshalJSON writes the form the author used.
func (c Codes) MarshalJSON() ([]byte, error) {
	if !c.Array && len(c.Values) == 1 {
		return json.Marshal(c.Values[0])
	}
	if c.Values == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(c.Values)
}

// UnmarshalJSON takes a string or an array of strings.
func (c *Codes) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*c = Codes{Values: []string{one}}
		return nil
	}
	c.Array = true
	return json.Unmarshal(raw, &c.Values)
}

// CountryRule is triggered by a country of the subject (3.6.3). AppliesTo
// names kinds of countries (AppliesTo()); the default is ["all"].
type CountryRule struct {
	CountryCode Codes    `json:"country_code"`
	Action      Action   `json:"action"`
	AppliesTo   []string `json:"applies_to"`
	Reason      string   `json:"reason,omitempty"`

	set map[string]bool // the codes with named lists resolved
}

// ListMatchRule is triggered by a hit that nobody judged a false positive and
// whose score is within [min_score, max_score], both inclusive, 0-1 (3.6.4).
// The defaults are list "*", 0 and 1. An empty match_type means any kind, an
// empty entity_roles any role.
type ListMatchRule struct {
	List        string   `json:"list"`
	MinScore    float64  `json:"min_score"`
	MaxScore    float64  `json:"max_score"`
	MatchType   string   `json:"match_type,omitempty"` // sanction, pep, watchlist, internal
	EntityRoles []string `json:"entity_roles,omitempty"`
	Action      Action   `json:"action"`
	Reason      string   `json:"reason,omitempty"`
}

// FaceRule is triggered by a measure strictly below a bound (3.6.5):
// face_match similarity 0-1, liveness confidence 0-100.
type FaceRule struct {
	Type   string  `json:"type"` // face_match, liveness
	Below  float64 `json:"below"`
	Action Action  `json:"action"`
	Reason string  `json:"reason,omitempty"`
}

// FaceDedupRule is triggered by a face met before, at least min_similarity
// alike (0-1, default 0.92), in the last lookback_days (1-3650, default 365).
type FaceDedupRule struct {
	Type                string   `json:"type"` // face_dedup
	MinSimilarity       float64  `json:"min_similarity"`
	Scope               string   `json:"scope"` // tenant (default), workflow
	LookbackDays        int      `json:"lookback_days"`
	Against             []string `json:"against"`               // of approved, rejected, blocklist; default all
	ExcludeSameCustomer bool     `json:"exclude_same_customer"` // default true
	Action              Action   `json:"action"`
	Reason              string   `json:"reason,omitempty"`
}

// DocumentRule is triggered by the state of a document (3.6.7).
// DocumentType "*" (the default) means any.
type DocumentRule struct {
	DocumentType string         `json:"document_type"`
	Condition    string         `json:"condition"` // one of DocumentConditions()
	Params       DocumentParams `json:"params"`
	Action       Action         `json:"action"`
	Reason       string         `json:"reason,omitempty"`
}

// DocumentParams are the params of a document rule. Days belongs to
// expires_within_days (default 30) and older_than_days (default 90), 0-36500.
type DocumentParams struct {
	Days *int `json:"days,omitempty"`
}

// FormFieldRule is triggered by an answer of the form (3.6.6). FieldID is a
// field_id or a field_key. A field that nobody answered meets only is_empty.
type FormFieldRule struct {
	FieldID    string          `json:"field_id"`
	Operator   string          `json:"operator"`
	Value      json.RawMessage `json:"value,omitempty"`
	IgnoreCase bool            `json:"ignore_case,omitempty"`
	Action     Action          `json:"action"`
	Reason     string          `json:"reason,omitempty"`

	op *field.Operator
}

// AdverseMediaRule is triggered by a risk score of at least min_risk_score
// (0-100) in one of the categories; no categories means any (3.6.8).
type AdverseMediaRule struct {
	MinRiskScore float64  `json:"min_risk_score"`
	Categories   []string `json:"categories,omitempty"`
	Action       Action   `json:"action"`
	Reason       string   `json:"reason,omitempty"`
}

// CryptoRule is triggered by the wallets of the form: sanctioned or
// invalid_address.
type CryptoRule struct {
	Condition string `json:"condition"`
	Action    Action `json:"action"`
	Reason    string `json:"reason,omitempty"`
}

// SubsessionRule is triggered by the related parties: any_rejected,
// any_flagged or any_expired.
type SubsessionRule struct {
	Condition string `json:"condition"`
	Action    Action `json:"action"`
	Reason    string `json:"reason,omitempty"`
}

// RiskRule is triggered by a risk score of at least min_score (0-100).
type RiskRule struct {
	MinScore float64 `json:"min_score"`
	Action   Action  `json:"action"`
	Reason   string  `json:"reason,omitempty"`
}

// Conditions are auto_approve_conditions: those that are true must all hold.
// An object that demands nothing never holds.
type Conditions struct {
	NoListMatches         bool `json:"no_list_matches"`
	FaceMatchPassed       bool `json:"face_match_passed"`
	LivenessPassed        bool `json:"liveness_passed"`
	DocumentsValid        bool `json:"documents_valid"`
	CrossValidationPassed bool `json:"cross_validation_passed"`
	NoAdverseMedia        bool `json:"no_adverse_media"`
	NoCryptoHits          bool `json:"no_crypto_hits"`
	NoDuplicates          bool `json:"no_duplicates"`
}
