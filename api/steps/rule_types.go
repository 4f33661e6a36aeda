package steps

// AutomationRules describes the rules that decide a session. The highest
// action of all rules that apply wins: auto_deny, manual_review, flag,
// auto_approve.
type AutomationRules struct {
	Enabled       bool   `json:"enabled,omitempty" doc:"false sends every session to review." default:"true"`
	AutoProcess   bool   `json:"auto_process,omitempty" doc:"Process as soon as the last step is complete." default:"false"`
	DefaultAction string `json:"default_action,omitempty" doc:"When no rule applies and the approval conditions do not hold." enum:"auto_deny,manual_review,flag,auto_approve,no_action" default:"manual_review"`

	CountryRules      []CountryRule      `json:"country_rules,omitempty" doc:"Countries of the subject." nullable:"false"`
	ListMatchRules    []ListMatchRule    `json:"list_match_rules,omitempty" doc:"Hits on watchlists." nullable:"false"`
	FaceRules         []FaceRule         `json:"face_rules,omitempty" doc:"Face match and liveness values." nullable:"false"`
	FaceDedupRules    []FaceDedupRule    `json:"face_dedup_rules,omitempty" doc:"Faces that were met before." nullable:"false"`
	DocumentRules     []DocumentRule     `json:"document_rules,omitempty" doc:"The state of documents." nullable:"false"`
	FormFieldRules    []FormFieldRule    `json:"form_field_rules,omitempty" doc:"Answers of the form." nullable:"false"`
	AdverseMediaRules []AdverseMediaRule `json:"adverse_media_rules,omitempty" doc:"Negative news." nullable:"false"`
	CryptoRules       []CryptoRule       `json:"crypto_rules,omitempty" doc:"Wallets." nullable:"false"`
	SubsessionRules   []SubsessionRule   `json:"subsession_rules,omitempty" doc:"Related parties." nullable:"false"`
	RiskRules         []RiskRule         `json:"risk_rules,omitempty" doc:"The risk score." nullable:"false"`

	AutoApprove *ApproveConditions `json:"auto_approve_conditions,omitempty" doc:"When no rule applies and all of these that are true hold, the session is approved."`
}

// ruling is what every rule ends with.
type Ruling struct {
	Action string `json:"action" doc:"What is done." enum:"auto_deny,manual_review,flag,auto_approve,no_action"`
	Reason string `json:"reason,omitempty" doc:"Why, for the reviewer."`
}

type CountryRule struct {
	CountryCode any      `json:"country_code" doc:"ISO 3166-1 alpha-2, a named list such as @fatf_high_risk, @fatf_increased_monitoring or @eu_high_risk, or a list of them."`
	AppliesTo   []string `json:"applies_to,omitempty" doc:"Which of the subject's countries; default all." enum:"nationality,residence,incorporation,tax_residency,document_issuer,birth,phone,ip,all" nullable:"false"`
	Ruling
}

type ListMatchRule struct {
	List        string   `json:"list,omitempty" doc:"ofac, un, eu, uk, pep, the id of a list, or * for all." default:"*"`
	MinScore    float64  `json:"min_score,omitempty" doc:"Lowest score of a hit." minimum:"0" maximum:"1" default:"0"`
	MaxScore    float64  `json:"max_score,omitempty" doc:"Highest score of a hit." minimum:"0" maximum:"1" default:"1"`
	MatchType   string   `json:"match_type,omitempty" doc:"What sort of list; default any." enum:"sanction,pep,watchlist,internal"`
	EntityRoles []string `json:"entity_roles,omitempty" doc:"Whose hits; default everybody's." nullable:"false"`
	Ruling
}

type FaceRule struct {
	Type  string  `json:"type" doc:"Which value." enum:"face_match,liveness"`
	Below float64 `json:"below" doc:"Applies below it: face_match 0-1, liveness 0-100."`
	Ruling
}

type FaceDedupRule struct {
	Type                string   `json:"type" doc:"Always face_dedup." enum:"face_dedup"`
	MinSimilarity       float64  `json:"min_similarity,omitempty" doc:"How alike." minimum:"0" maximum:"1" default:"0.92"`
	Scope               string   `json:"scope,omitempty" doc:"Where to look." enum:"tenant,workflow" default:"tenant"`
	LookbackDays        int      `json:"lookback_days,omitempty" doc:"How far back." minimum:"1" maximum:"3650" default:"365"`
	Against             []string `json:"against,omitempty" doc:"Among whom; default all three." enum:"approved,rejected,blocklist" nullable:"false"`
	ExcludeSameCustomer bool     `json:"exclude_same_customer,omitempty" doc:"Earlier sessions of the same customer do not count." default:"true"`
	Ruling
}

type DocumentRule struct {
	DocumentType string         `json:"document_type,omitempty" doc:"Which documents; * for all." default:"*"`
	Condition    string         `json:"condition" doc:"What is wrong with it." enum:"expired,expires_within_days,tampering_suspected,mrz_invalid,extraction_failed,low_quality,country_mismatch,name_mismatch,dob_mismatch,address_mismatch,older_than_days,missing,type_mismatch"`
	Params       DocumentParams `json:"params,omitempty" doc:"Of the conditions with days."`
	Ruling
}

type DocumentParams struct {
	Days *int `json:"days,omitempty" doc:"Of expires_within_days (default 30) and older_than_days (default 90)." minimum:"0" maximum:"36500"`
}

type FormFieldRule struct {
	Condition
	Ruling
}

type AdverseMediaRule struct {
	MinRiskScore float64  `json:"min_risk_score,omitempty" doc:"Lowest score." minimum:"0" maximum:"100"`
	Categories   []string `json:"categories,omitempty" doc:"In one of these categories; default any." nullable:"false"`
	Ruling
}

type CryptoRule struct {
	Condition string `json:"condition" doc:"What was found." enum:"sanctioned,invalid_address"`
	Ruling
}

type SubsessionRule struct {
	Condition string `json:"condition" doc:"What became of a related party." enum:"any_rejected,any_flagged,any_expired"`
	Ruling
}

type RiskRule struct {
	MinScore float64 `json:"min_score,omitempty" doc:"Lowest score." minimum:"0" maximum:"100"`
	Ruling
}

type ApproveConditions struct {
	NoListMatches         bool `json:"no_list_matches,omitempty" doc:"The lists were asked and no hit stands."`
	FaceMatchPassed       bool `json:"face_match_passed,omitempty" doc:"The faces are alike."`
	LivenessPassed        bool `json:"liveness_passed,omitempty" doc:"The liveness check was passed."`
	DocumentsValid        bool `json:"documents_valid,omitempty" doc:"Every document is valid."`
	CrossValidationPassed bool `json:"cross_validation_passed,omitempty" doc:"The documents agree."`
	NoAdverseMedia        bool `json:"no_adverse_media,omitempty" doc:"No negative news."`
	NoCryptoHits          bool `json:"no_crypto_hits,omitempty" doc:"No wallet is on a list."`
	NoDuplicates          bool `json:"no_duplicates,omitempty" doc:"Nobody else has the same data."`
}
