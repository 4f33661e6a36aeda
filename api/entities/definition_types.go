package entities

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// The types of this file describe a definition to the reader of the OpenAPI
// document and are never filled: the room procedure reads the text itself, so
// that it can tell everything that is wrong with it, in its own codes.

type Definition struct {
	ServiceName     string     `json:"serviceName" doc:"The service it belongs to; with workflowName its address." maxLength:"100" example:"AML Screening"`
	WorkflowName    string     `json:"workflowName" doc:"Its name, unique in its service in any case; no slash." maxLength:"100" example:"PEP & Sanctions"`
	Description     string     `json:"description,omitempty" doc:"What it is for." maxLength:"2000"`
	Type            string     `json:"type,omitempty" doc:"Its category, in your words." maxLength:"100" default:"custom" example:"pep_media"`
	LifecyclePhase  string     `json:"lifecyclePhase,omitempty" doc:"The phase of the customer's life in which it is executed." enum:"ONBOARDING,MONITORING,OTHER" default:"OTHER"`
	MonitoringTypes []string   `json:"monitoringTypes,omitempty" doc:"The kinds of monitoring it subscribes to; all without it." enum:"AML,ACTIVITY" nullable:"false"`
	Steps           []Step     `json:"steps" doc:"What it does. START, DECISION and FINISH are added where they are left out." minItems:"1" maxItems:"50" nullable:"false"`
	RiskModel       *RiskModel `json:"riskModel,omitempty" doc:"What adds to the risk; a shipped model without it."`
	Decision        *Decision  `json:"decision,omitempty" doc:"What must pass."`
}

type Step struct {
	Name          string             `json:"name,omitempty" doc:"Once in a workflow; default: the type." pattern:"^[A-Z][A-Z0-9_]{0,39}$" example:"AML"`
	Description   string             `json:"description,omitempty" doc:"What it is for." maxLength:"2000"`
	Version       int                `json:"version,omitempty" doc:"Your own count." minimum:"1" default:"1"`
	Type          string             `json:"type" doc:"What is done in it; TOGGLE_MONITORING is taken for MONITOR_TOGGLE." enum:"START,KYC,AML,IDV,BLOCKLIST,DUPLICATE,DECISION,BRANCH,MONITOR_TOGGLE,OTHER,FINISH,MATCHLIST,FRAUD,VISA,ACTIVITY,NAME_VALIDATION"`
	Configuration *StepConfiguration `json:"configuration,omitempty" doc:"How; each type has members of its own."`
	DependsOn     dependsOn          `json:"dependsOn,omitempty" doc:"The steps that come before it: a list of names, or an object from condition (the name of a branch, or PASSED, FAILED, REVIEW, ERROR, SKIPPED) to names."`
}

type dependsOn json.RawMessage

// Schema describes both forms.
func (dependsOn) Schema(huma.Registry) *huma.Schema {
	names := &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
	return &huma.Schema{AnyOf: []*huma.Schema{names, {Type: huma.TypeObject, AdditionalProperties: names}}, Examples: []any{[]string{"START"}}}
}

type StepConfiguration struct {
	Required        bool         `json:"required,omitempty" doc:"Whether an answer is needed: without one the execution ends in ERROR." default:"true"`
	Sources         []KYCSource  `json:"sources,omitempty" doc:"Of KYC: the providers of electronic verification." maxItems:"10" nullable:"false"`
	Rules           []KYCRule    `json:"rules,omitempty" doc:"Of KYC: when it succeeds; name and one further attribute in one source without it." maxItems:"20" nullable:"false"`
	UseDocuments    bool         `json:"useDocuments,omitempty" doc:"Of KYC: documents that were read in the same execution count as a source, too." default:"false"`
	PEP             bool         `json:"pep,omitempty" doc:"Of AML: ask for politically exposed persons." default:"true"`
	AdverseMedia    bool         `json:"adverseMedia,omitempty" doc:"Of AML: ask for adverse media." default:"false"`
	Lists           []string     `json:"lists,omitempty" doc:"Of AML: watchlists. Of MATCHLIST and BLOCKLIST: ids of matchlists. All without it." maxItems:"100" nullable:"false"`
	Checks          []string     `json:"checks,omitempty" doc:"Of IDV: document_ocr, document_expiration, face_match, liveness (the first two without it). Of FRAUD: email_risk, phone_risk, ip_risk, risk_assessment (all but ip_risk without it)." nullable:"false"`
	Threshold       *float64     `json:"threshold,omitempty" doc:"From which score something matches; the check's own without it." minimum:"0" maximum:"1"`
	Traits          []string     `json:"traits,omitempty" doc:"Of DUPLICATE: what is compared; everything without it." enum:"document_number,name_dob,email,phone,device" nullable:"false"`
	URL             string       `json:"url,omitempty" doc:"Of VISA, ACTIVITY and OTHER: the server to ask." maxLength:"2048"`
	SigningSecret   string       `json:"signingSecret,omitempty" doc:"Names the webhook endpoint of yours whose secret signs the question." maxLength:"200"`
	TimeoutSeconds  *float64     `json:"timeoutSeconds,omitempty" doc:"How long its answer may take." minimum:"0.1" maximum:"30" default:"10"`
	Branches        []StepBranch `json:"branches,omitempty" doc:"Of BRANCH: the first whose conditions hold is taken." maxItems:"20" nullable:"false"`
	Default         string       `json:"default,omitempty" doc:"Of BRANCH: taken when none holds." default:"DEFAULT" maxLength:"40"`
	Enabled         *bool        `json:"enabled,omitempty" doc:"Of MONITOR_TOGGLE: on or off." default:"true"`
	MonitoringTypes []string     `json:"monitoringTypes,omitempty" doc:"Of MONITOR_TOGGLE: which kinds; all without it." enum:"AML,ACTIVITY" nullable:"false"`
}

type KYCSource struct {
	Name          string `json:"name" doc:"What you call it." maxLength:"100"`
	URL           string `json:"url" doc:"The server to ask." maxLength:"2048"`
	SigningSecret string `json:"signingSecret" doc:"Names the webhook endpoint of yours whose secret signs the question." maxLength:"200"`
}

type KYCRule struct {
	RuleName           string   `json:"ruleName,omitempty" doc:"What you call it." default:"default" maxLength:"100"`
	Matches            []string `json:"matches" doc:"What must match: name, address, date_of_birth, gender; alternatives with | between them." nullable:"false"`
	MatchCountRequired int      `json:"matchCountRequired,omitempty" doc:"In how many sources." minimum:"1" default:"1"`
	RequiredSources    []string `json:"requiredSources,omitempty" doc:"Sources that must be among them." nullable:"false"`
}

type StepBranch struct {
	Name       string            `json:"name" doc:"The name by which steps depend on it." pattern:"^[A-Z][A-Z0-9_]{0,39}$"`
	Match      string            `json:"match,omitempty" doc:"Whether all conditions must hold, or one." enum:"all,any" default:"all"`
	Conditions []BranchCondition `json:"conditions" doc:"What is compared." minItems:"1" maxItems:"20" nullable:"false"`
}

type BranchCondition struct {
	Field      string `json:"field" doc:"session.country (ISO 3166-1 alpha-2 here, as in the graph), session.fields.…, extracted.…, or checks.<check>.status, .score or .details.…" example:"session.country"`
	Operator   string `json:"operator" doc:"How." enum:">=,<=,>,<,==,!=,in,not_in,contains,exists"`
	Value      any    `json:"value,omitempty" doc:"With what."`
	IgnoreCase bool   `json:"ignoreCase,omitempty" doc:"Whether case does not matter." default:"false"`
}

type RiskModel struct {
	Bands   *RiskBands        `json:"bands,omitempty" doc:"From which score which level holds."`
	Factors []RiskModelFactor `json:"factors,omitempty" doc:"What adds to the risk." maxItems:"50" nullable:"false"`
}

type RiskBands struct {
	Medium       float64 `json:"medium,omitempty" doc:"Lowest score that is MEDIUM." default:"20" minimum:"0"`
	High         float64 `json:"high,omitempty" doc:"Lowest score that is HIGH." default:"50" minimum:"0"`
	Unacceptable float64 `json:"unacceptable,omitempty" doc:"Lowest score that is UNACCEPTABLE." default:"80" minimum:"0"`
}

type RiskModelFactor struct {
	Factor    string             `json:"factor" doc:"What is looked at." enum:"entity_type,entity_age,nationality,country,country_of_birth,channel,pep,sanction,adverse_media,watchlist,matchlist,duplicate,fraud_score"`
	Scores    map[string]float64 `json:"scores,omitempty" doc:"What each value adds: countries by their code, hits by NONE, UNRESOLVED, ACCEPTED, REJECTED, UNKNOWN."`
	Ranges    []RiskRange        `json:"ranges,omitempty" doc:"Of factors that are numbers: what each range adds." maxItems:"50" nullable:"false"`
	Otherwise float64            `json:"otherwise,omitempty" doc:"What every other value adds, an unknown one included." default:"0" minimum:"0"`
}

type RiskRange struct {
	From  float64 `json:"from" doc:"Lowest number, included."`
	To    float64 `json:"to" doc:"Highest number, included."`
	Score float64 `json:"score" doc:"What it adds."`
}

type Decision struct {
	MustPass []string `json:"mustPass,omitempty" doc:"Names of steps without whose pass the result is FAIL; every required step that asks something without it." nullable:"false"`
}

// Parts of a stored definition, shown as they are.
type (
	stepsText    json.RawMessage
	riskText     json.RawMessage
	decisionText json.RawMessage
)

// UnmarshalJSON keeps the text.
func (t *stepsText) UnmarshalJSON(raw []byte) error { return keep((*[]byte)(t), raw) }

// UnmarshalJSON keeps the text.
func (t *riskText) UnmarshalJSON(raw []byte) error { return keep((*[]byte)(t), raw) }

// UnmarshalJSON keeps the text.
func (t *decisionText) UnmarshalJSON(raw []byte) error { return keep((*[]byte)(t), raw) }

// MarshalJSON writes the text.
func (t stepsText) MarshalJSON() ([]byte, error) { return orNothing(t), nil }

// MarshalJSON writes the text.
func (t riskText) MarshalJSON() ([]byte, error) { return orNothing(t), nil }

// MarshalJSON writes the text.
func (t decisionText) MarshalJSON() ([]byte, error) { return orNothing(t), nil }

// Schema describes the steps.
func (stepsText) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[Step](), true, "Step")}
}

// Schema describes the model.
func (riskText) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[RiskModel](), true, "RiskModel")
}

// Schema describes the decision.
func (decisionText) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[Decision](), true, "Decision")
}

func keep(into *[]byte, raw []byte) error {
	*into = append((*into)[:0], raw...)
	return nil
}

func orNothing(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

// exampleDefinition is shown in /docs.
func exampleDefinition() map[string]any {
	return map[string]any{"serviceName": "AML Screening", "workflowName": "PEP & Sanctions", "type": "pep_media", "lifecyclePhase": "ONBOARDING", "monitoringTypes": []string{"AML"},
		"steps": []any{map[string]any{"name": "DUPLICATE", "type": "DUPLICATE"}, map[string]any{"name": "AML", "type": "AML", "dependsOn": []string{"DUPLICATE"}},
			map[string]any{"name": "MONITORING", "type": "MONITOR_TOGGLE", "dependsOn": []string{"AML"}}}}
}
