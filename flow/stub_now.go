package flow

import (
	"encoding/json"

	"bonafide/kyc"
)

// Compile reads, checks and links a graph. All problems are reported at once;
// Compiled is nil when there are errors.
func Compile(raw json.RawMessage, o Options) (*Compiled, Report) { return nil, Report{} }

// Load reads back what Compiled.Canonical gave.
func Load(canonical json.RawMessage) (*Compiled, error) {
	return nil, kyc.Errorf(kyc.Internal, "bad_definition", "not yet")
}

// Eval tells whether a condition holds.
func Eval(c Condition, facts map[string]any) bool { return false }

// FirstRoute gives the first route that holds and its index, or Default and -1.
func FirstRoute(n *Node, facts map[string]any) (next string, route int) { return n.Default, -1 }

// Lookup finds the fact at a dotted path.
func Lookup(facts map[string]any, path string) (any, bool) { return nil, false }

// ScorePart is what one factor of a score node added.
type ScorePart struct {
	Name   string      `json:"name"`
	Points json.Number `json:"points"`
}

// Score computes a score node: 0-100, and what each counting factor added.
func Score(n *Node, facts map[string]any) (json.Number, []ScorePart) { return "0", nil }

// ChooseArm picks an arm of a split node; the same key (the subject's id) always gets the same arm.
func ChooseArm(n *Node, key string) int { return 0 }

// Assigned applies a set node and returns the new vars; the input is not changed.
func Assigned(n *Node, facts map[string]any) map[string]any { return nil }

// Bucket is the session's place 0-9999 in a rollout (api.md 6.6).
func Bucket(workflowID, salt, sessionID string) int { return 0 }

// Choose gives the version of a workflow for a new session.
func Choose(w kyc.Workflow, sessionID kyc.ID) (version int, arm string, bucket int) {
	return w.Published, "stable", 0
}

// Difference is what changed between two definitions.
type Difference struct{}

// Compare compares two graphs or definitions.
func Compare(a, b json.RawMessage) Difference { return Difference{} }

// CapturePlan derives what capture must collect.
func CapturePlan(requirements json.RawMessage, c *Compiled, catalog map[string]kyc.CheckSpec) ([]Requirement, []kyc.Problem) {
	return nil, nil
}

// FromSteps converts the legacy steps array of api.md 6.8 to a graph.
func FromSteps(steps json.RawMessage) (json.RawMessage, []kyc.Problem) { return nil, nil }

// Canonical gives RFC 8785 canonical JSON.
func Canonical(v json.RawMessage) ([]byte, error) { return nil, nil }

// HashOf gives "sha256:<hex>".
func HashOf(canonical []byte) string { return "" }

// Describe renders a compiled graph as text.
func Describe(c *Compiled) string { return "" }

// Dot renders a compiled graph in the DOT language.
func Dot(c *Compiled) string { return "" }
