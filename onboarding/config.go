package onboarding

import (
	"maps"
	"slices"

	"bonafide/field"
	"bonafide/rule"
)

// The configs of the compiled checks; doc.go describes them.

type documentSet struct {
	Requirements []requirement       `json:"requirements"`
	Fields       map[string][]string `json:"fields"`
}

type requirement struct {
	StepID        string       `json:"step_id"`
	DocumentType  string       `json:"document_type"`
	Role          string       `json:"role,omitempty"`
	Required      bool         `json:"required"`
	AllowMultiple bool         `json:"allow_multiple"`
	AutoExtract   bool         `json:"auto_extract"`
	Own           bool         `json:"own"`
	ShowIf        *field.Logic `json:"show_if,omitempty"`
	Validations   []Validation `json:"validations,omitempty"`
}

type crossValidation struct {
	NameMin float64             `json:"name_min"`
	Fields  map[string][]string `json:"fields"`
}

type atLeast struct {
	Threshold float64 `json:"threshold"`
}

type faceMatch struct {
	Threshold float64      `json:"threshold"`
	Sources   []faceSource `json:"sources"`
}

type faceSource struct {
	Source FaceSource `json:"source"`
	StepID string     `json:"step_id"`
}

type conditionalStep struct {
	Fields []string     `json:"fields"`
	ShowIf *field.Logic `json:"show_if"`
}

type faceDedup struct {
	Rules []dedupRule `json:"rules"`
}

type dedupRule struct {
	MinSimilarity       float64  `json:"min_similarity"`
	Scope               string   `json:"scope"`
	LookbackDays        int      `json:"lookback_days"`
	Against             []string `json:"against"`
	ExcludeSameCustomer bool     `json:"exclude_same_customer"`
}

type walletScreening struct {
	Wallets []WalletRef `json:"wallets"`
}

type partyScreening struct {
	Parties   []Party `json:"parties"`
	Documents bool    `json:"documents"`
	PEP       bool    `json:"pep,omitempty"`
}

type relatedParties struct {
	Steps []relatedStep `json:"steps"`
}

type relatedStep struct {
	StepID          string       `json:"step_id"`
	Required        bool         `json:"required"`
	RequireComplete bool         `json:"require_completion_before_proceed"`
	ImpactParent    bool         `json:"impact_parent_status"`
	MinSubsessions  int          `json:"min_subsessions"`
	MaxSubsessions  int          `json:"max_subsessions"`
	ShowIf          *field.Logic `json:"show_if,omitempty"`
}

type riskAssessment struct {
	ReviewFrom int `json:"review_from"`
	FailFrom   int `json:"fail_from"`
}

type automationRules struct {
	Rules        rule.Rules        `json:"rules"`
	Fields       []field.Field     `json:"fields"`
	Checks       []checkNeed       `json:"checks"`
	Steps        []conditionalStep `json:"steps,omitempty"`
	ImpactParent bool              `json:"impact_parent_status,omitempty"`
	Incomplete   bool              `json:"incomplete,omitempty"`
}

type checkNeed struct {
	Name     string         `json:"name"`
	Required bool           `json:"required"`
	ShowIf   []*field.Logic `json:"show_if,omitempty"`
}

// neverBySelf is above every score: the risk check itself never decides.
const neverBySelf = 101

// crossNameMin is how alike two names must be (api.md 3.10).
const crossNameMin = 0.85

func (d *Definition) documentConfig() documentSet {
	c := documentSet{Fields: d.crossConfig().Fields}
	for i := range d.Steps {
		s := &d.Steps[i]
		required, when := d.stepNeed(s)
		for _, r := range s.DocumentRequirements {
			one := requirement{
				StepID: s.StepID, DocumentType: r.DocumentType, Role: r.EntityRole, Required: required && r.Required,
				AllowMultiple: r.AllowMultiple, AutoExtract: r.AutoExtract, Own: d.Own(r), ShowIf: when,
			}
			for _, v := range r.PostUploadValidations {
				one.Validations = append(one.Validations, d.validationByID(v))
			}
			c.Requirements = append(c.Requirements, one)
		}
	}
	return c
}

// byID replaces field_keys by field_ids, by which answers are kept.
func (d *Definition) byID(l *field.Logic) *field.Logic {
	if l == nil {
		return nil
	}
	out := *l
	out.Conditions = slices.Clone(l.Conditions)
	for i := range out.Conditions {
		if f, _ := d.find(out.Conditions[i].FieldID); f != nil {
			out.Conditions[i].FieldID = f.FieldID
		}
	}
	return &out
}

func (d *Definition) validationByID(v Validation) Validation {
	if name, ok := v.Params["field_id"].(string); ok {
		if f, _ := d.find(name); f != nil {
			v.Params = maps.Clone(v.Params)
			v.Params["field_id"] = f.FieldID
		}
	}
	return v
}

// crossConfig names the applicant's own answers that papers can confirm.
func (d *Definition) crossConfig() crossValidation {
	c := crossValidation{NameMin: crossNameMin, Fields: map[string][]string{}}
	for _, p := range d.Parties() {
		if p.Own {
			c.Fields["name"] = append(c.Fields["name"], p.Path)
		}
	}
	fields := d.Fields()
	for i := range fields {
		f := &fields[i]
		switch {
		case birthDate(f) && c.Fields["date_of_birth"] == nil: // further ones are other people's
			c.Fields["date_of_birth"] = append(c.Fields["date_of_birth"], f.FieldID)
		case f.Type == "country" && f.CountryType == "nationality":
			c.Fields["nationality"] = append(c.Fields["nationality"], f.FieldID)
		case f.Type == "address" && on(f.MatchProofOfAddress):
			c.Fields["address"] = append(c.Fields["address"], f.FieldID)
		}
	}
	return c
}

func (d *Definition) dedupConfig() faceDedup {
	var c faceDedup
	for _, r := range d.ValidationConfig.AutomationRules.FaceDedupRules {
		c.Rules = append(c.Rules, dedupRule{r.MinSimilarity, r.Scope, r.LookbackDays, r.Against, r.ExcludeSameCustomer})
	}
	return c
}

func (d *Definition) relatedConfig() relatedParties {
	var c relatedParties
	for i := range d.Steps {
		s := &d.Steps[i]
		if sub := s.SubsessionConfig; sub != nil {
			required, when := d.stepNeed(s)
			c.Steps = append(c.Steps, relatedStep{
				StepID: s.StepID, Required: required, RequireComplete: sub.RequireComplete, ImpactParent: sub.ImpactParent,
				MinSubsessions: sub.MinSubsessions, MaxSubsessions: sub.MaxSubsessions, ShowIf: when,
			})
		}
	}
	return c
}

// confidence is the least that any liveness step demands. Each try is judged
// by its own step's demand while the applicant is there, and the record says
// so; the stricter one of a step that was not shown must not judge another.
func (d *Definition) confidence() float64 {
	least := 100.0
	for _, s := range d.Steps {
		if s.LivenessConfig != nil {
			least = min(least, s.LivenessConfig.MinConfidence)
		}
	}
	return least
}

// faceConfig lists where a face may come from, preferred first.
func (d *Definition) faceConfig() faceMatch {
	c := faceMatch{Threshold: d.ValidationConfig.FaceMatchThreshold, Sources: []faceSource{}}
	for _, source := range d.FaceSources() {
		for i := range d.Steps {
			if s := &d.Steps[i]; s.gives(source) {
				c.Sources = append(c.Sources, faceSource{source, s.StepID})
			}
		}
	}
	return c
}

// conditionalSteps are the form steps that are not always shown.
func (d *Definition) conditionalSteps() []conditionalStep {
	var out []conditionalStep
	for i := range d.Steps {
		s := &d.Steps[i]
		if s.ShowIf == nil || s.ShowIf.Action == "require" || len(s.CustomFields) == 0 {
			continue
		}
		one := conditionalStep{ShowIf: d.byID(s.ShowIf)}
		for n := range s.CustomFields {
			one.Fields = append(one.Fields, s.CustomFields[n].FieldID)
		}
		out = append(out, one)
	}
	return out
}

// bareFields are the fields as rules need them: what an answer means and when
// it is asked, without the texts for people and without the limits that were
// checked when it was given. A new wording therefore makes no new policy.
func bareFields(fields []field.Field) []field.Field {
	out := make([]field.Field, len(fields))
	for i := range fields {
		f := &fields[i]
		out[i] = field.Field{
			FieldID: f.FieldID, FieldKey: f.FieldKey, Name: f.FieldID, Type: f.Type, Required: f.Required,
			ConditionalLogic: f.ConditionalLogic, CountryType: f.CountryType, NameType: f.NameType,
			EntityRole: f.EntityRole, Network: f.Network, ValidateCrypto: f.ValidateCrypto, Multiple: f.Multiple,
			Currency: f.Currency, Period: f.Period, MatchProofOfAddress: f.MatchProofOfAddress,
			ValidateLists: f.ValidateLists, ValidateAdverseMedia: f.ValidateAdverseMedia,
		}
		if f.Type == "select" { // a select without options is none
			out[i].Options = make([]field.Option, len(f.Options))
			for n, o := range f.Options {
				out[i].Options[n].Value = o.Value
			}
		}
		if f.Fields != nil {
			out[i].Fields = bareFields(f.Fields)
		}
		if f.ItemFields != nil {
			out[i].ItemFields = bareFields(f.ItemFields)
		}
	}
	return out
}
