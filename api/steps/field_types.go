package steps

// Field describes one question of a form: what every type has, and the options
// of the types.
type Field struct {
	FieldID          string                `json:"field_id,omitempty" doc:"Unique in the workflow; generated when absent." example:"full_name"`
	Name             string                `json:"name" doc:"The label." example:"Full Legal Name"`
	Type             string                `json:"type" doc:"What is asked." enum:"text,number,date,boolean,select,file,email,phone,url,country,name,wallet,domain,volume,address,entity_array,sub_merchants,object"`
	FieldKey         string                `json:"field_key,omitempty" doc:"A portable name, equal in all environments; webhooks use it, and it may stand wherever a field_id is asked for."`
	Required         bool                  `json:"required,omitempty" doc:"Whether it must be answered." default:"false"`
	Description      string                `json:"description,omitempty" doc:"Internal; never shown to applicants."`
	Tooltip          string                `json:"tooltip,omitempty" doc:"Short help."`
	Instructions     string                `json:"instructions,omitempty" doc:"What to do."`
	Placeholder      string                `json:"placeholder,omitempty" doc:"Shown in the empty field."`
	HelpText         string                `json:"help_text,omitempty" doc:"Longer help."`
	DefaultValue     any                   `json:"default_value,omitempty" doc:"Shown before the applicant answers; never filled in for a missing answer."`
	ValidationRules  *FieldRules           `json:"validation_rules,omitempty" doc:"Further demands on the answer."`
	ConditionalLogic *Logic                `json:"conditional_logic,omitempty" doc:"Shown, hidden or required depending on other fields."`
	I18n             map[string]FieldTexts `json:"i18n,omitempty" doc:"Texts by language tag."`

	MaxLength *int   `json:"max_length,omitempty" doc:"Of text: characters at most."`
	MinLength *int   `json:"min_length,omitempty" doc:"Of text: characters at least."`
	Multiline *bool  `json:"multiline,omitempty" doc:"Of text: line breaks are allowed." default:"false"`
	Pattern   string `json:"pattern,omitempty" doc:"Of text: an RE2 expression that the whole answer matches."`

	MinValue *float64 `json:"min_value,omitempty" doc:"Of number: smallest value."`
	MaxValue *float64 `json:"max_value,omitempty" doc:"Of number: largest value."`
	Integer  *bool    `json:"integer,omitempty" doc:"Of number: whole numbers only." default:"false"`
	Step     *float64 `json:"step,omitempty" doc:"Of number: distance of the allowed values."`
	Unit     string   `json:"unit,omitempty" doc:"Of number: shown beside it."`

	MinDate     string `json:"min_date,omitempty" doc:"Of date: YYYY-MM-DD or today."`
	MaxDate     string `json:"max_date,omitempty" doc:"Of date: YYYY-MM-DD or today."`
	MinAgeYears *int   `json:"min_age_years,omitempty" doc:"Of date: age at least, in completed years."`
	MaxAgeYears *int   `json:"max_age_years,omitempty" doc:"Of date: age at most."`

	TrueLabel  string `json:"true_label,omitempty" doc:"Of boolean: label of yes."`
	FalseLabel string `json:"false_label,omitempty" doc:"Of boolean: label of no."`
	MustBeTrue *bool  `json:"must_be_true,omitempty" doc:"Of boolean: only yes is taken (consents)." default:"false"`

	Options    []any `json:"options,omitempty" doc:"Of select: texts, or objects with value and label." nullable:"false"`
	AllowOther *bool `json:"allow_other,omitempty" doc:"Of select: an answer of one's own is taken." default:"false"`
	Multiple   *bool `json:"multiple,omitempty" doc:"Of select: several may be chosen." default:"false"`

	Accept       []string `json:"accept,omitempty" doc:"Of file: media types; image/* is allowed." nullable:"false"`
	MaxSizeBytes *int64   `json:"max_size_bytes,omitempty" doc:"Of file: bytes at most."`
	MaxFiles     *int     `json:"max_files,omitempty" doc:"Of file: how many."`

	ValidateEmail   *bool    `json:"validate_email,omitempty" doc:"Of email: look whether its domain takes mail."`
	BlockDisposable *bool    `json:"block_disposable,omitempty" doc:"Of email: refuse throw-away domains."`
	AllowedDomains  []string `json:"allowed_domains,omitempty" doc:"Of email: only these domains." nullable:"false"`

	Format        string `json:"format,omitempty" doc:"Of phone: how it is written." enum:"international,national"`
	RequireMobile *bool  `json:"require_mobile,omitempty" doc:"Of phone: mobile numbers only."`
	VerifyOTP     *bool  `json:"verify_otp,omitempty" doc:"Of email and phone: only false; this program sends no one-time codes."`

	RequireHTTPS   *bool `json:"require_https,omitempty" doc:"Of url: https only."`
	CheckReachable *bool `json:"check_reachable,omitempty" doc:"Of url: look whether it answers."`

	CountryType string   `json:"country_type,omitempty" doc:"Of country: what the country means; rules look at it." enum:"nationality,residence,incorporation,tax_residency,birth,operation"`
	Allowed     []string `json:"allowed,omitempty" doc:"Of country: ISO 3166-1 alpha-2 codes that are taken." nullable:"false"`
	Denied      []string `json:"denied,omitempty" doc:"Of country: codes that are refused." nullable:"false"`

	NameType             string `json:"name_type,omitempty" doc:"Of name: whose." enum:"individual,company"`
	ValidateLists        *bool  `json:"validate_lists,omitempty" doc:"Of name and the lists of entities: screen on watchlists."`
	ValidateAdverseMedia *bool  `json:"validate_adverse_media,omitempty" doc:"Of name: screen in negative news."`
	EntityRole           string `json:"entity_role,omitempty" doc:"Of name and the lists of entities: the role of the party." enum:"individual,ubo,director,shareholder,representative"`
	Parts                *bool  `json:"parts,omitempty" doc:"Of name: ask for given and family name."`

	Network         string   `json:"network,omitempty" doc:"Of wallet: the network, or any." example:"BTC"`
	NetworksAllowed []string `json:"networks_allowed,omitempty" doc:"Of wallet: only these networks." nullable:"false"`
	ValidateCrypto  *bool    `json:"validate_crypto,omitempty" doc:"Of wallet: screen it; default: run_crypto."`

	ValidateWeb      *bool `json:"validate_web,omitempty" doc:"Of domain: look at the web site."`
	RequireTLS       *bool `json:"require_tls,omitempty" doc:"Of domain: the web site must have a certificate."`
	MinDomainAgeDays *int  `json:"min_domain_age_days,omitempty" doc:"Of domain: how long it must exist."`

	Currency string   `json:"currency,omitempty" doc:"Of volume: ISO 4217; absent: the applicant names it."`
	Period   string   `json:"period,omitempty" doc:"Of volume: what it counts; absent: the applicant says it." enum:"monthly,annual"`
	Brackets []Volume `json:"brackets,omitempty" doc:"Of volume: ranges to choose from." nullable:"false"`

	RequireFields       []string `json:"require_fields,omitempty" doc:"Of address: the parts that are needed." nullable:"false"`
	AllowedCountries    []string `json:"allowed_countries,omitempty" doc:"Of address and phone: only these countries." nullable:"false"`
	MatchProofOfAddress *bool    `json:"match_proof_of_address,omitempty" doc:"Of address: compare with the proof of address."`

	ItemFields []Field `json:"item_fields,omitempty" doc:"Of entity_array and sub_merchants: what is asked of each." nullable:"false"`
	MinItems   *int    `json:"min_items,omitempty" doc:"Of entity_array and sub_merchants: how many at least."`
	MaxItems   *int    `json:"max_items,omitempty" doc:"Of entity_array and sub_merchants: how many at most."`

	Fields []Field `json:"fields,omitempty" doc:"Of object: what it consists of, at most 3 levels deep." nullable:"false"`
}

type Volume struct {
	Max   *float64 `json:"max" doc:"Upper end; null for an open one." nullable:"true"`
	Label string   `json:"label" doc:"What the applicant reads."`
}

type FieldTexts struct {
	Name         string            `json:"name,omitempty" doc:"The label."`
	Tooltip      string            `json:"tooltip,omitempty" doc:"Short help."`
	Instructions string            `json:"instructions,omitempty" doc:"What to do."`
	Placeholder  string            `json:"placeholder,omitempty" doc:"Shown in the empty field."`
	HelpText     string            `json:"help_text,omitempty" doc:"Longer help."`
	Options      map[string]string `json:"options,omitempty" doc:"Labels by option."`
}

type FieldRules struct {
	Pattern          string   `json:"pattern,omitempty" doc:"An RE2 expression that the whole answer matches."`
	PatternFlags     string   `json:"pattern_flags,omitempty" doc:"Of i, m, s, U."`
	MinLength        *int     `json:"min_length,omitempty" doc:"Characters at least."`
	MaxLength        *int     `json:"max_length,omitempty" doc:"Characters at most."`
	Min              *float64 `json:"min,omitempty" doc:"Smallest number."`
	Max              *float64 `json:"max,omitempty" doc:"Largest number."`
	OneOf            []any    `json:"one_of,omitempty" doc:"Only these answers." nullable:"false"`
	NotOneOf         []any    `json:"not_one_of,omitempty" doc:"None of these answers." nullable:"false"`
	EqualsField      string   `json:"equals_field,omitempty" doc:"The same answer as this field."`
	DiffersFromField string   `json:"differs_from_field,omitempty" doc:"Another answer than this field."`
	CustomMessage    string   `json:"custom_message,omitempty" doc:"What the applicant is told."`
}

type Logic struct {
	Action     string      `json:"action,omitempty" doc:"What happens while the conditions hold." enum:"show,hide,require" default:"show"`
	Match      string      `json:"match,omitempty" doc:"Whether all conditions must hold or one is enough." enum:"all,any" default:"all"`
	Conditions []Condition `json:"conditions" doc:"The conditions." minItems:"1" maxItems:"50" nullable:"false"`
}

type Condition struct {
	FieldID    string `json:"field_id" doc:"field_id or field_key."`
	Operator   string `json:"operator" doc:"How it is compared. An unanswered field meets only is_empty." enum:"equals,not_equals,in,not_in,contains,not_contains,starts_with,matches,greater_than,greater_or_equal,less_than,less_or_equal,between,is_empty,is_not_empty,is_true,is_false,before,after,age_below,age_at_least"`
	Value      any    `json:"value,omitempty" doc:"What it is compared with."`
	IgnoreCase bool   `json:"ignore_case,omitempty" doc:"Compare texts in any case." default:"false"`
}
