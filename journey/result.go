package journey

import (
	"encoding/json"
	"time"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// Result is the processing_result of a session (api.md 3.10), built from the
// record of a run and nothing else. A check that did not run is not_run, never
// clear.
type Result struct {
	FinalDecision   string          `json:"final_decision"` // approved, flagged, rejected, manual_review
	SessionStatus   string          `json:"session_status"`
	DecidedBy       string          `json:"decided_by"` // automation, reviewer, api
	ProcessedAt     *time.Time      `json:"processed_at"`
	DurationMS      int64           `json:"duration_ms"`
	Automation      Automation      `json:"automation"`
	AutomationFlags []Flag          `json:"automation_flags"`
	Lists           ListsResult     `json:"lists"`
	FaceMatch       FaceResult      `json:"face_match"`
	Liveness        LivenessResult  `json:"liveness"`
	Documents       []DocumentCheck `json:"documents"`
	CrossValidation CrossResult     `json:"cross_validation"`
	AdverseMedia    MediaResult     `json:"adverse_media"`
	Crypto          CryptoResult    `json:"crypto"`
	Subsessions     RelatedResult   `json:"subsessions"`
	Engine          EngineResult    `json:"engine"`
}

// Automation is what the rules said.
type Automation struct {
	// Outcome is auto_deny, manual_review, flag, auto_approve, or not_run while
	// the rules were not reached.
	Outcome           string          `json:"outcome"`
	WinningRule       string          `json:"winning_rule,omitempty"`
	TriggeredRules    []TriggeredRule `json:"triggered_rules"`
	DefaultActionUsed bool            `json:"default_action_used"`
	AutoApproveUsed   bool            `json:"auto_approve_used"`
	// UnjudgedRules are the rules whose facts are unknown.
	UnjudgedRules []UnjudgedRule `json:"unjudged_rules"`
	// Floor says which checks lowered an approval to manual_review.
	Floor any `json:"floor,omitempty"`
	// Held is true when post_reprocess_mode held the outcome for a reviewer.
	Held bool `json:"held_for_review,omitempty"`
}

// UnjudgedRule is one rule of which nobody can say whether it applies, and
// whether an approval waits for a person because of it.
type UnjudgedRule struct {
	Rule   string `json:"rule"`
	Action string `json:"action"`
	Check  string `json:"check"`
	Reason string `json:"reason"`
	Holds  bool   `json:"holds_approval"`
}

// TriggeredRule is one rule that applied.
type TriggeredRule struct {
	Rule   string         `json:"rule"`
	Action string         `json:"action"`
	Reason string         `json:"reason,omitempty"`
	Facts  map[string]any `json:"facts"`
}

// Flag is one entry of automation_flags.
type Flag struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Rule    string `json:"rule,omitempty"`
}

// EngineResult says what decided, reproducibly.
type EngineResult struct {
	Version        string `json:"version"`
	DefinitionHash string `json:"definition_hash"` // of the onboarding definition
	GraphHash      string `json:"graph_hash,omitempty"`
	FactsHash      string `json:"facts_hash,omitempty"`
	RunID          kyc.ID `json:"run_id,omitempty"`
}

// Record is everything a Result is built from.
type Record struct {
	Session kyc.Session
	Trace   Trace
	Version kyc.WorkflowVersion
	Def     *onboarding.Definition
	Case    *kyc.Case // nil: none
	Rulings []kyc.Ruling
	// Attempts are the applicant's tries of the liveness steps.
	Attempts int
}

// BuildResult builds the processing_result. It is nil while no run was begun.
func BuildResult(r Record) *Result {
	if r.Session.RunID == "" {
		return nil
	}
	t := r.Trace
	out := &Result{FinalDecision: Final(&r.Session), SessionStatus: Word(r.Session.Status), DecidedBy: decidedBy(r),
		Automation: automation(t.Checks[policyRules]), AutomationFlags: flagsOf(t.Checks[policyRules].Details),
		Lists: lists(r), FaceMatch: faceMatch(r), Liveness: livenessOf(r), Documents: documents(t), CrossValidation: crossValidation(t),
		AdverseMedia: adverseMedia(r), Crypto: crypto(r), Subsessions: related(t)}
	out.Automation.Held = r.Session.ReasonCode == ReasonHeld
	if t.Run.Status == kyc.RunFailed {
		out.AutomationFlags = append(out.AutomationFlags, processingFlag())
	}
	if !t.Run.EndedAt.IsZero() {
		out.ProcessedAt = &t.Run.EndedAt
		out.DurationMS = t.Run.EndedAt.Sub(t.Run.StartedAt).Milliseconds()
	}
	out.Engine = EngineResult{Version: t.Engine, DefinitionHash: r.Version.Hash, GraphHash: t.Run.Definition, RunID: t.Run.ID,
		FactsHash: text(t.Checks[policyRules].Details, "facts_hash")}
	return out
}

// decidedBy is who made the decision in force.
func decidedBy(r Record) string {
	if len(r.Rulings) == 0 {
		return ByAutomation
	}
	return r.Rulings[len(r.Rulings)-1].Source
}

func processingFlag() Flag {
	return Flag{Code: ReasonProcessing, Message: "processing did not finish; a person must look"}
}

func automation(f kyc.CheckFact) Automation {
	a := Automation{Outcome: "not_run", TriggeredRules: []TriggeredRule{}, UnjudgedRules: []UnjudgedRule{}}
	if f.Status == "" {
		return a
	}
	if f.Status == "error" || f.Status == "skipped" {
		a.Outcome = "manual_review" // a hard processing error is treated as one (3.6.2)
		return a
	}
	a.Outcome, a.WinningRule = text(f.Details, "outcome"), text(f.Details, "winning_rule")
	a.DefaultActionUsed, a.AutoApproveUsed = truth(f.Details, "default_action_used"), truth(f.Details, "auto_approve_used")
	a.Floor = f.Details["floor"]
	member(f.Details, "triggered_rules", &a.TriggeredRules)
	member(f.Details, "unjudged_rules", &a.UnjudgedRules)
	if a.UnjudgedRules == nil {
		a.UnjudgedRules = []UnjudgedRule{}
	}
	if a.TriggeredRules == nil {
		a.TriggeredRules = []TriggeredRule{}
	}
	return a
}

func flagsOf(details map[string]any) []Flag {
	flags := []Flag{}
	member(details, "automation_flags", &flags)
	if flags == nil {
		return []Flag{}
	}
	return flags
}

// member reads one part of a check's details into a value; a part that is
// missing or has another shape leaves it as it is.
func member(details map[string]any, name string, into any) {
	v, ok := details[name]
	if !ok || v == nil {
		return
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return
	}
	_ = json.Unmarshal(raw, into) //nolint:errcheck // an answer of another shape tells nothing here
}

func text(details map[string]any, name string) string {
	s, _ := details[name].(string)
	return s
}

func truth(details map[string]any, name string) bool {
	b, _ := details[name].(bool)
	return b
}
