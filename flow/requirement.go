package flow

// Requirement is one thing the capture flow must collect.
type Requirement struct {
	// Name is document_front, document_back, selfie, liveness, nfc,
	// proof_of_address, custom:<name>, user_info.<field> or consent:<name>.
	Name     string `json:"name"`
	Kind     string `json:"kind"` // file, field or action
	Required bool   `json:"required"`
	// Policies are the checks of the graph that need it, sorted.
	Policies []string `json:"policies,omitempty"`
}

// Kinds of requirements.
const (
	KindFile   = "file"
	KindField  = "field"
	KindAction = "action"
)
