package onboarding

import "bonafide/field"

// Public is what an applicant may see of a definition (P2). It holds no
// descriptions, no validation config, no rules, no thresholds other than
// max_retries, no tags and nothing that tells how the answers are judged.
type Public struct {
	Name string `json:"name"`
	// Language is the language asked for, as given; texts without a
	// translation stay in the author's own language.
	Language   string       `json:"language,omitempty"`
	Languages  []string     `json:"languages"`
	TotalSteps int          `json:"total_steps"`
	Steps      []PublicStep `json:"steps"`
}

// PublicStep is one step as an applicant may see it.
type PublicStep struct {
	StepID       string   `json:"step_id"`
	Order        int      `json:"order"`
	Name         string   `json:"name"`
	Type         StepType `json:"type"`
	Required     bool     `json:"required"`
	Instructions string   `json:"instructions,omitempty"`

	DocumentRequirements []PublicRequirement `json:"document_requirements,omitempty"`
	CustomFields         []field.Field       `json:"custom_fields,omitempty"`
	SelfieConfig         *SelfieConfig       `json:"selfie_config,omitempty"`
	LivenessConfig       *PublicLiveness     `json:"liveness_config,omitempty"`
	SubsessionConfig     *PublicSubsessions  `json:"subsession_config,omitempty"`
}

// PublicRequirement is one paper that is asked for.
type PublicRequirement struct {
	DocumentType  string `json:"document_type"`
	DisplayName   string `json:"display_name"`
	Required      bool   `json:"required"`
	AllowMultiple bool   `json:"allow_multiple"`
	AutoExtract   bool   `json:"auto_extract"`
}

// PublicLiveness is what a front end needs to run the challenge.
type PublicLiveness struct {
	ChallengeType string `json:"challenge_type"`
	MaxRetries    int    `json:"max_retries"`
}

// PublicSubsessions is what a front end needs to collect related parties and
// to block while they are pending (seed 004).
type PublicSubsessions struct {
	MaxSubsessions  int  `json:"max_subsessions"`
	MinSubsessions  int  `json:"min_subsessions"`
	RequireComplete bool `json:"require_completion_before_proceed"`
}

// Public gives the projection in a language (a BCP 47 tag; "" is the author's
// own). It holds every step; which of them are shown to this applicant is for
// Visible to say.
func (d *Definition) Public(lang string) Public {
	p := Public{Name: d.Name, Language: lang, Languages: d.Languages(), TotalSteps: len(d.Steps), Steps: make([]PublicStep, len(d.Steps))}
	for i := range d.Steps {
		p.Steps[i] = d.Steps[i].Public(lang)
	}
	return p
}

// Public gives one step as an applicant may see it.
func (s *Step) Public(lang string) PublicStep {
	w := s.Wording(lang)
	p := PublicStep{
		StepID: s.StepID, Order: s.Order, Name: w.Name, Type: s.Type, Required: s.Required,
		Instructions: w.Instructions, SelfieConfig: s.SelfieConfig,
	}
	for _, r := range s.DocumentRequirements {
		p.DocumentRequirements = append(p.DocumentRequirements, PublicRequirement{
			DocumentType: r.DocumentType, DisplayName: r.DisplayName, Required: r.Required,
			AllowMultiple: r.AllowMultiple, AutoExtract: r.AutoExtract,
		})
	}
	if s.CustomFields != nil {
		p.CustomFields = field.PublicAll(s.CustomFields, lang)
	}
	if c := s.LivenessConfig; c != nil {
		p.LivenessConfig = &PublicLiveness{ChallengeType: c.ChallengeType, MaxRetries: c.MaxRetries}
	}
	if c := s.SubsessionConfig; c != nil {
		p.SubsessionConfig = &PublicSubsessions{MaxSubsessions: c.MaxSubsessions, MinSubsessions: c.MinSubsessions, RequireComplete: c.RequireComplete}
	}
	return p
}
