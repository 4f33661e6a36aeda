package field

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
)

// Field is one question of a form: the common properties of section 3.5 of
// the specification and the options of its type. A Field is made by Parse,
// which materialises every default, so a pointer is nil only where the
// specification gives "absent" a meaning of its own. Lengths count Unicode
// code points, sizes count bytes, ages count completed years.
type Field struct {
	FieldID string `json:"field_id"`
	Name    string `json:"name"` // the label
	Type    string `json:"type"` // one of Types()
	// FieldKey is the portable name of the field: equal across environments,
	// used in webhooks and accepted wherever a field_id is.
	FieldKey     string `json:"field_key,omitempty"`
	Required     bool   `json:"required"`
	Description  string `json:"description,omitempty"` // internal, never shown to an applicant
	Tooltip      string `json:"tooltip,omitempty"`
	Instructions string `json:"instructions,omitempty"`
	Placeholder  string `json:"placeholder,omitempty"`
	HelpText     string `json:"help_text,omitempty"`
	// DefaultValue is what a form shows before the applicant answers. It is
	// never filled in for a missing answer: nobody gave it.
	DefaultValue     json.RawMessage  `json:"default_value,omitempty"`
	ValidationRules  *Rules           `json:"validation_rules,omitempty"`
	ConditionalLogic *Logic           `json:"conditional_logic,omitempty"`
	I18n             map[string]Texts `json:"i18n,omitempty"` // by BCP 47 language tag

	// text
	MaxLength *int   `json:"max_length,omitempty"`
	MinLength *int   `json:"min_length,omitempty"`
	Multiline *bool  `json:"multiline,omitempty"`
	Pattern   string `json:"pattern,omitempty"` // RE2; the whole text must match

	// number
	MinValue json.Number `json:"min_value,omitempty"`
	MaxValue json.Number `json:"max_value,omitempty"`
	Integer  *bool       `json:"integer,omitempty"`
	Step     json.Number `json:"step,omitempty"` // counted from min_value, or from 0
	Unit     string      `json:"unit,omitempty"`

	// date
	MinDate     string `json:"min_date,omitempty"` // YYYY-MM-DD or "today"
	MaxDate     string `json:"max_date,omitempty"`
	MinAgeYears *int   `json:"min_age_years,omitempty"`
	MaxAgeYears *int   `json:"max_age_years,omitempty"`

	// boolean
	TrueLabel  string `json:"true_label,omitempty"`
	FalseLabel string `json:"false_label,omitempty"`
	MustBeTrue *bool  `json:"must_be_true,omitempty"`

	// select
	Options    []Option `json:"options,omitzero"`
	AllowOther *bool    `json:"allow_other,omitempty"`
	Multiple   *bool    `json:"multiple,omitempty"`

	// file
	Accept       []string `json:"accept,omitzero"` // MIME types; "image/*" is allowed
	MaxSizeBytes *int64   `json:"max_size_bytes,omitempty"`
	MaxFiles     *int     `json:"max_files,omitempty"`

	// email
	ValidateEmail   *bool    `json:"validate_email,omitempty"`
	BlockDisposable *bool    `json:"block_disposable,omitempty"`
	AllowedDomains  []string `json:"allowed_domains,omitzero"`

	// phone
	Format        string `json:"format,omitempty"` // international, national
	RequireMobile *bool  `json:"require_mobile,omitempty"`
	// VerifyOTP belongs to email and phone; only false is accepted today.
	VerifyOTP *bool `json:"verify_otp,omitempty"`

	// url
	RequireHTTPS   *bool `json:"require_https,omitempty"`
	CheckReachable *bool `json:"check_reachable,omitempty"`

	// country
	CountryType string   `json:"country_type,omitempty"` // absent: unspecified
	Allowed     []string `json:"allowed,omitzero"`       // ISO 3166-1 alpha-2
	Denied      []string `json:"denied,omitzero"`

	// name; ValidateLists and EntityRole also belong to the entity arrays
	NameType             string `json:"name_type,omitempty"` // individual, company
	ValidateLists        *bool  `json:"validate_lists,omitempty"`
	ValidateAdverseMedia *bool  `json:"validate_adverse_media,omitempty"`
	EntityRole           string `json:"entity_role,omitempty"`
	Parts                *bool  `json:"parts,omitempty"`

	// wallet
	Network         string   `json:"network,omitempty"` // BTC, ETH, …, or any
	NetworksAllowed []string `json:"networks_allowed,omitzero"`
	ValidateCrypto  *bool    `json:"validate_crypto,omitempty"` // absent: the workflow's run_crypto

	// domain
	ValidateWeb      *bool `json:"validate_web,omitempty"`
	RequireTLS       *bool `json:"require_tls,omitempty"`
	MinDomainAgeDays *int  `json:"min_domain_age_days,omitempty"`

	// volume
	Currency string    `json:"currency,omitempty"` // ISO 4217; absent: the applicant names it
	Period   string    `json:"period,omitempty"`   // monthly, annual; absent: the applicant names it
	Brackets []Bracket `json:"brackets,omitzero"`

	// address; AllowedCountries also belongs to phone
	RequireFields       []string `json:"require_fields,omitzero"`
	AllowedCountries    []string `json:"allowed_countries,omitzero"`
	MatchProofOfAddress *bool    `json:"match_proof_of_address,omitempty"`

	// entity_array, sub_merchants
	ItemFields []Field `json:"item_fields,omitzero"`
	MinItems   *int    `json:"min_items,omitempty"`
	MaxItems   *int    `json:"max_items,omitempty"`

	// object
	Fields []Field `json:"fields,omitzero"`

	ready *ready // what Parse compiled; nil in a Field that came another way
}

// Texts are the translated texts of a field in one language; an empty one
// falls back to the field's own. Options gives labels by option value.
type Texts struct {
	Name         string            `json:"name,omitempty"`
	Tooltip      string            `json:"tooltip,omitempty"`
	Instructions string            `json:"instructions,omitempty"`
	Placeholder  string            `json:"placeholder,omitempty"`
	HelpText     string            `json:"help_text,omitempty"`
	Options      map[string]string `json:"options,omitempty"`
}

// Option is one choice of a select. It is written as a plain string when it
// has no label of its own, as {"value","label"} otherwise.
type Option struct {
	Value string
	Label string // empty: the value is shown
}

type optionObject struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// MarshalJSON keeps the form in which the option was defined.
func (o Option) MarshalJSON() ([]byte, error) {
	if o.Label == "" {
		return json.Marshal(o.Value)
	}
	return json.Marshal(optionObject(o))
}

// UnmarshalJSON takes a string or {"value","label"}.
func (o *Option) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte(`"`)) {
		o.Label = ""
		return json.Unmarshal(raw, &o.Value)
	}
	return json.Unmarshal(raw, (*optionObject)(o))
}

// Bracket is one band of a volume: amounts above the band before it, up to and
// including Max. A nil Max is an open end and only allowed in the last band.
type Bracket struct {
	Max   *json.Number `json:"max"`
	Label string       `json:"label"`
}

// ready holds what is compiled once per definition.
type ready struct {
	pattern          *regexp.Regexp // the text option
	rule             *regexp.Regexp // validation_rules.pattern
	min, max, step   *big.Rat       // the number options
	ruleMin, ruleMax *big.Rat
}

// compiled gives the compiled parts, made on the spot for a Field that Parse
// has not seen. What does not compile is reported by Parse and is nil here.
func (f *Field) compiled() *ready {
	if f.ready != nil {
		return f.ready
	}
	r := &ready{}
	if f.Pattern != "" {
		r.pattern, _ = compilePattern(f.Pattern, "")
	}
	r.min, _ = decimal(f.MinValue)
	r.max, _ = decimal(f.MaxValue)
	r.step, _ = decimal(f.Step)
	if v := f.ValidationRules; v != nil {
		if v.Pattern != "" {
			r.rule, _ = compilePattern(v.Pattern, v.PatternFlags)
		}
		r.ruleMin, _ = decimal(v.Min)
		r.ruleMax, _ = decimal(v.Max)
	}
	return r
}

// UnmarshalJSON reads a stored Field, with everything compiled. It judges
// nothing: a definition that comes from an author goes through Parse.
func (f *Field) UnmarshalJSON(raw []byte) error {
	type stored Field
	*f = Field{}
	if err := json.Unmarshal(raw, (*stored)(f)); err != nil {
		return err
	}
	f.ready = f.compiled()
	return nil
}

// on reports whether an optional flag is set to true.
func on(b *bool) bool { return b != nil && *b }

// pointer appends one reference token to a JSON Pointer (RFC 6901).
func pointer(at, token string) string {
	if strings.ContainsAny(token, "~/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
	}
	return at + "/" + token
}
