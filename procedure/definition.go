package procedure

import (
	"encoding/json"

	"bonafide/kyc"
)

// Limits of a definition. Lengths count Unicode code points.
const (
	MaxName        = 100
	MaxDescription = 2000
	MaxSteps       = 50
	MaxBranches    = 20
	MaxConditions  = 20
	MaxFactors     = 50
)

// Definition is one workflow of surface C as the admin API takes it (5.2), with
// every default written out, so that a later change of a default never changes
// it. It is made by Parse or Read and must not be changed.
type Definition struct {
	ServiceName    string `json:"serviceName"`
	WorkflowName   string `json:"workflowName"`
	Description    string `json:"description,omitempty"`
	Type           string `json:"type"`           // the customer's own category, such as pep_media
	LifecyclePhase string `json:"lifecyclePhase"` // one of Phases(), default OTHER
	// MonitoringTypes it subscribes to; absent means all of them, and all of
	// them are written out.
	MonitoringTypes []string `json:"monitoringTypes"`
	// Steps in the order in which they run: START first, FINISH last, DECISION
	// before it. Parse adds those of the three that are left out.
	Steps     []Step    `json:"steps"`
	RiskModel RiskModel `json:"riskModel"`
	Decision  Decision  `json:"decision"`

	canonical json.RawMessage
	hash      string
}

// Step is one step of a definition.
type Step struct {
	Name        string `json:"name"` // upper snake case, once in a definition
	Description string `json:"description,omitempty"`
	Version     int    `json:"version"` // the customer's own, default 1
	Type        string `json:"type"`    // one of StepTypes()
	// Configuration is complete: every default of its type is written out.
	Configuration Configuration `json:"configuration"`
	// DependsOn are the steps that come before this one. With conditions the
	// step runs only when one of them holds.
	DependsOn Dependencies `json:"dependsOn"`
}

// Dependency is one step that another one comes after. On is empty where the
// order alone matters; otherwise it is the name of a branch (of a BRANCH step)
// or one of Outcomes() (of any other): the dependent step runs only then. A
// step whose dependencies all did not run does not run either.
type Dependency struct {
	Step string `json:"step"`
	On   string `json:"on,omitempty"`
}

// Required reports whether the step must have an answer: configuration.required
// is not false.
func (s *Step) Required() bool { return s.Configuration.Required }

// Checks reports whether the step asks something of anybody.
func (s *Step) Checks() bool { return len(s.policies()) > 0 }

// Step finds a step by its name, or nil.
func (d *Definition) Step(name string) *Step {
	for i := range d.Steps {
		if d.Steps[i].Name == name {
			return &d.Steps[i]
		}
	}
	return nil
}

// Canonical is the definition with every default written out, as canonical
// JSON (RFC 8785). Parsing it gives the same definition and the same bytes.
// The caller must not change it.
func (d *Definition) Canonical() json.RawMessage { return d.canonical }

// Hash is "sha256:" and the hex digest of the canonical form.
func (d *Definition) Hash() string { return d.hash }

// ParseOptions say how strict Parse is. Lenient makes unknown fields warnings.
type ParseOptions struct {
	Lenient bool
}

// Report is what Parse found, in order of path.
type Report struct {
	Errors, Warnings []kyc.Problem
}

// Err is one error of kind Invalid, code invalid_workflow, with every problem,
// or nil.
func (r Report) Err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return kyc.InvalidInput("invalid_workflow", "the workflow cannot be used", r.Errors)
}

// CompileOptions say what an organisation demands. Mandatory are the policies
// that must answer on every path to an approval.
type CompileOptions struct {
	Mandatory []string
}

// StepPlan says which checks belong to a step, in the order they are asked.
type StepPlan struct {
	Name     string
	Type     string
	Policies []string
	Required bool
	// Guarded is true for a step that a condition may leave out.
	Guarded bool
}
