package check

import (
	"context"
	"slices"
	"time"

	"bonafide/face"
	"bonafide/kyc"
)

// Templates are the faces that a tenant met, and the sessions they belong to
// (store). FaceTemplates gives up to limit of them by ascending ID after that
// one, FaceTemplatesOf those of some that are still there. Commit stores one.
type Templates interface {
	FaceTemplates(ctx context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error)
	FaceTemplatesOf(ctx context.Context, t kyc.Tenant, ids []kyc.ID) ([]kyc.FaceTemplate, error)
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	Commit(ctx context.Context, c *kyc.Change) error
}

// KnownFaces finds the faces of tenants with many of them in memory
// (face.Known). ok is false where a tenant's are not held there; then whoever
// asks compares with each.
type KnownFaces interface {
	Ask(ctx context.Context, t kyc.Tenant, q face.Question) (found face.Found, ok bool, err error)
}

// faceDedup looks for the same face in other sessions.
func faceDedup(d Deps) Check {
	s := spec("face_dedup", "Known faces",
		"Looks whether the applicant's face was met in other sessions of this organisation and environment, under the limits of the rules that ask; without rules in all of them that belong to somebody else. The score is the highest likeness, 0-1. The face is kept as an encrypted template that lives as long as the organisation's settings say, ends with the person's data and leaves with no export.", faceTimeout)
	s.Needs = []string{"liveness|selfie"}
	s.Provides = []string{"score", "details.matches", "details.match_count", "details.compared", "details.other_people"}
	s.ConfigSchema = schema(`
"rules":{"type":"array","maxItems":100,"items":{"type":"object","additionalProperties":false,"properties":{
"min_similarity":{"type":"number","minimum":0,"maximum":1,"description":"Likeness from which two faces are one, 0-1."},
"scope":{"type":"string","enum":["tenant","workflow"],"description":"Where to look."},
"lookback_days":{"type":"integer","minimum":1,"maximum":3650,"description":"How far back to look."},
"against":{"type":"array","uniqueItems":true,"items":{"type":"string","enum":["approved","rejected","blocklist"]},"description":"Whose faces to compare with."},
"exclude_same_customer":{"type":"boolean","description":"Leave out sessions of the same customer."}}},
"description":"What the face_dedup_rules of the workflow look for; the smallest min_similarity is what a match needs."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		var c dedupConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if d.Faces == nil || d.Blobs == nil || d.Pictures == nil || d.Templates == nil {
			return noFaces(&r, s.Title)
		}
		encoder := d.Faces.Encoder(&r)
		if encoder == nil {
			return noFaces(&r, s.Title)
		}
		shown, source, ok := applicant(&r)
		if !ok {
			return review("face_missing", "the session has no picture of the applicant's face")
		}
		img, bad := picture(ctx, d, &r, shown, "selfie")
		if bad != nil {
			return *bad
		}
		own, err := encoder.Template(ctx, img)
		if err != nil {
			return asCheck(&r, err)
		}
		search := faceSearch{d: d, r: &r, rules: c.rules(), encoder: encoder, own: own}
		if failure := search.keep(ctx, shown.ID, source); failure != nil {
			return *failure
		}
		a, failure := search.run(ctx)
		if failure != nil {
			return *failure
		}
		a.Details["source"], a.Details["model"] = source, own.Model
		return a
	}}
}

// dedupMinimum is the likeness from which two faces are one where no rule says
// otherwise (api.md 3.6.5).
const dedupMinimum = 0.92

type dedupConfig struct {
	Rules []dedupRule `json:"rules"`
}

type dedupRule struct {
	MinSimilarity       *float64 `json:"min_similarity"`
	Scope               string   `json:"scope"`
	LookbackDays        int      `json:"lookback_days"`
	Against             []string `json:"against"`
	ExcludeSameCustomer bool     `json:"exclude_same_customer"`
}

// rules are those of the config, or the one that holds without any.
func (c dedupConfig) rules() []dedupRule {
	if len(c.Rules) == 0 {
		return []dedupRule{{ExcludeSameCustomer: true}}
	}
	return c.Rules
}

func (c dedupRule) minimum() float64 {
	if c.MinSimilarity == nil {
		return dedupMinimum
	}
	return *c.MinSimilarity
}

// lookback is how far the rule looks back; 0 is as far as templates are kept.
func (c dedupRule) lookback() time.Duration { return time.Duration(c.LookbackDays) * 24 * time.Hour }

// metFace is one face met before, in the words of the rules (rule.DedupFace).
type metFace struct {
	Similarity   float64 `json:"similarity"`
	Of           string  `json:"of"`        // approved, rejected, blocklist, pending
	Reference    string  `json:"reference"` // session_… or the item of the list
	AgeDays      int     `json:"age_days"`
	SameWorkflow bool    `json:"same_workflow"`
	SameCustomer bool    `json:"same_customer"`
	Decision     string  `json:"final_decision,omitempty"`
}

// wants reports whether a rule asks about the face, whatever its likeness.
func (c dedupRule) wants(m metFace) bool {
	return (len(c.Against) == 0 || slices.Contains(c.Against, m.Of)) && (c.Scope != "workflow" || m.SameWorkflow) &&
		(c.LookbackDays == 0 || m.AgeDays <= c.LookbackDays || m.Of == "blocklist") && (!c.ExcludeSameCustomer || !m.SameCustomer)
}
