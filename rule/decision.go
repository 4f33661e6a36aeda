package rule

// Decision is what follows from Rules and Facts, with everything that led to
// it. Rules are named by section and index, "country_rules[2]".
type Decision struct {
	Outcome       Action `json:"outcome"`        // never no_action
	FinalDecision string `json:"final_decision"` // approved, flagged, rejected, manual_review
	// WinningRule is the first rule of those with the strongest action;
	// "auto_approve_conditions", "default_action" or "enabled" where no rule
	// decided. It stays when the floor lowers the outcome.
	WinningRule string      `json:"winning_rule"`
	Triggered   []Triggered `json:"triggered_rules"`
	Flags       []FlagEntry `json:"automation_flags"`
	// DefaultUsed and AutoApproveUsed say where the action came from when no
	// rule with an action was triggered.
	DefaultUsed     bool `json:"default_action_used"`
	AutoApproveUsed bool `json:"auto_approve_used"`
	// Conditions are the approval conditions, where they were asked.
	Conditions []ConditionState `json:"conditions,omitempty"`
	// Unjudged are the rules whose facts are unknown.
	Unjudged []Unjudged `json:"unjudged_rules"`
	// Floor is set when the outcome was lowered to manual_review.
	Floor     *Floor `json:"floor,omitempty"`
	FactsHash string `json:"facts_hash"` // "sha256:" and hex; empty when the facts cannot be hashed
}

// Triggered is one rule that applies, with the facts it saw.
type Triggered struct {
	Rule   string         `json:"rule"`
	Action Action         `json:"action"`
	Reason string         `json:"reason,omitempty"`
	Facts  map[string]any `json:"facts"`
}

// FlagEntry is one entry of automation_flags.
type FlagEntry struct {
	Code    string `json:"code"` // country_rule, list_match_rule, …
	Message string `json:"message"`
	Rule    string `json:"rule"`
}

// Unjudged is one rule of which nobody can say whether it applies. Check is
// what did not conclude, Reason a sentence. A rule that denies or sends to
// review holds an approval back.
type Unjudged struct {
	Rule   string `json:"rule"`
	Action Action `json:"action"`
	Check  string `json:"check"`
	Reason string `json:"reason"`
	// Holds is true when an automatic approval waits for a person because of it.
	Holds bool `json:"holds_approval"`
}

// Floor says that an approval was lowered to manual_review, from which action
// and for want of which checks (3.6.9, step 7).
type Floor struct {
	From   Action   `json:"from"`
	Checks []string `json:"checks"` // sorted, each once
}

// ConditionState is one approval condition that was demanded.
type ConditionState struct {
	Name  string `json:"name"`
	Holds bool   `json:"holds"`
	Why   string `json:"why"`
}
