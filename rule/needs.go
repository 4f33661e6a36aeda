package rule

// Needs are the checks whose answers the rules and approval conditions look
// at, so that a compiled workflow asks them.
type Needs struct {
	Documents       bool
	CrossValidation bool
	Liveness        bool
	FaceMatch       bool
	FaceDedup       bool
	Duplicates      bool
	Lists           bool
	Crypto          bool
	AdverseMedia    bool
	Subsessions     bool
	Risk            bool
}

// Needs tells which checks the rules ask for.
func (r Rules) Needs() Needs { return Needs{} }

// NamedChecks are the checks that rules name with flag or no_action, sorted.
func (r Rules) NamedChecks() []string { return nil }
