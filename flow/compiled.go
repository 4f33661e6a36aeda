package flow

import (
	"encoding/json"

	"bonafide/kyc"
)

// Limits of a definition (api.md 1.4 for size, depth and strings).
const (
	MaxBytes       = 2 << 20 // of a submitted graph
	MaxDepth       = 32      // of nested JSON
	MaxString      = 64 << 10
	MaxNodes       = 500  // of a submitted graph
	MaxLinkedNodes = 2000 // after subworkflows are linked
	MaxLinkDepth   = 5    // of subworkflows within subworkflows
	MaxIDLength    = 64
)

// Options are what a compilation depends on besides the graph.
type Options struct {
	// Catalog is every check that may be named; nil skips the rules that need
	// it (unknown policies, configs, data requirements, identity warnings).
	Catalog map[string]kyc.CheckSpec
	// Requirements is the workflow's data_requirements object; nil derives
	// them from the graph, so that nothing can be missing.
	Requirements json.RawMessage
	// Mandatory policies run on every path to an approval.
	Mandatory []string
	// MandatoryConfig is the config of mandatory checks that the compiler
	// inserts, by policy; absent: an empty one.
	MandatoryConfig map[string]json.RawMessage
	// Lenient makes unknown fields warnings.
	Lenient bool
	// Resolve reads the graph of a subworkflow and tells the version it took
	// ("latest_published" becomes a number). Nil checks only the shape of
	// subworkflow nodes and leaves them unlinked.
	Resolve func(workflowID, version string) (graph json.RawMessage, pinned string, err error)
	// Schemas keeps compiled config schemas for the next compilation; nil
	// compiles them anew.
	Schemas *Schemas
	// Self is the id of the workflow being compiled, to refuse recursion.
	Self string
}

// Report is everything found in a graph. Problem.Path points into the
// submitted graph ("/nodes/ocr/on_pass"), or, when it begins with
// "/data_requirements", into that sibling of the graph. Both lists are in
// order of path.
type Report struct {
	Errors   []kyc.Problem
	Warnings []kyc.Problem
}

// Err is nil for a valid graph, otherwise an Invalid error that lists every
// problem.
func (r Report) Err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return kyc.InvalidInput("invalid_workflow", "the workflow graph has problems", r.Errors)
}

// Link records a subworkflow that was linked in.
type Link struct {
	Node       string `json:"node"` // the subworkflow node's id
	WorkflowID string `json:"workflow_id"`
	Version    string `json:"version"`
}

// Compiled is a graph the engine can trust: acyclic, every route exists,
// every path ends in a terminal.
type Compiled struct {
	Entry string
	Nodes map[string]*Node
	// Order is topological; nodes with equal standing are sorted by id.
	Order []string
	// Hash is "sha256:…" over the canonical submitted definition: graph and
	// data requirements, without layout.
	Hash string
	// LinkedHash is the hash of Canonical().
	LinkedHash string
	// Links are the subworkflows, in node order.
	Links []Link

	canonical json.RawMessage
}

// Canonical is the linked graph as canonical JSON (RFC 8785), in the same
// format as a submitted one plus "locked" and "implicit" marks. LinkedHash is
// its hash. The caller must not change it.
func (c *Compiled) Canonical() json.RawMessage { return c.canonical }
