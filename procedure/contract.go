package procedure

import (
	"encoding/json"
	"time"

	"bonafide/kyc"
)

// Configuration is the complete configuration of a step.
type Configuration struct {
	// Required is false for a step whose failure is an issue and nothing more.
	Required bool `json:"required"`
}

// RiskModel says what adds to the risk (5.7).
type RiskModel struct{}

// Decision says which steps must pass (5.8).
type Decision struct {
	MustPass []string `json:"mustPass"`
}

func (s *Step) policies() []string { panic("not yet") }

// Parse reads a definition (5.2). Every problem is reported at once, with its
// JSON Pointer. The Definition is nil when there are errors. Parsing the
// canonical form gives the same definition.
func Parse(raw json.RawMessage, o ParseOptions) (*Definition, Report) { panic("not yet") }

// Read reads a stored definition: the canonical form that Parse made, perhaps
// by an earlier program. Errors are of kind Internal, code bad_definition.
func Read(source json.RawMessage) (*Definition, error) { panic("not yet") }

// Compile gives the graph of surface D (api.md 6.3) that an execution walks.
func Compile(d *Definition, o CompileOptions) json.RawMessage { panic("not yet") }

// Plan gives the steps in the order they run, with their checks.
func (d *Definition) Plan() []StepPlan { panic("not yet") }

// Lacks names everything that the workflow needs to ask and the individual does
// not have (the 422 of C2): one problem each, with the code data_missing and
// the path of the element in the individual's body.
func (d *Definition) Lacks(p *kyc.IndividualData, documents []kyc.EntityDocument) []kyc.Problem {
	panic("not yet")
}

// PersonOf gathers a Person from an individual and the documents in force.
func PersonOf(p *kyc.IndividualData, documents []kyc.EntityDocument) Person { panic("not yet") }

// Objects gives the ids by object type that process results point at: the
// main name, the address of residence, the main date of birth, the identity
// document, the first e-mail address and phone number, and the individual.
func Objects(subject kyc.ID, p *kyc.IndividualData, documents []kyc.EntityDocument) map[string]kyc.ID {
	panic("not yet")
}

// Judge derives what an execution came to. It is total: every combination of
// facts has a verdict. newID names the objects, in a fixed order.
func Judge(d *Definition, f Facts, at time.Time, newID func() kyc.ID) Verdict { panic("not yet") }

// Recompute gives an execution as it stands after people judged its process
// results, which are all of the execution: step results, summaries, issues and
// whether the risk is outdated. Result and State never change; Status does only
// with autoRecalculate, without an override and when the state is COMPLETED.
// What was given is not changed.
func Recompute(d *Definition, e kyc.Execution, results []kyc.ProcessResult, autoRecalculate bool) kyc.Execution {
	panic("not yet")
}

// RiskLevel names a score in the bands of the model.
func (m RiskModel) RiskLevel(score float64) string { panic("not yet") }

// FactorsHash is the SHA-256 in hex of risk factors, their names and values. A
// risk override holds while it stays the same.
func FactorsHash(factors []kyc.RiskFactor) string { panic("not yet") }

// Evidence says whether approved documents are enough for manual KYC (5.9) and
// which combination they make. docs are the documents of the individual;
// approved are the ids of the request, in order. Problems have the path
// /approvedDocuments or /approvedDocuments/<i> and the codes document_unknown,
// document_duplicate, document_expired, document_without_attachment,
// document_type_unfit and mkyc_insufficient_evidence (naming what is missing).
// A combination is given only without problems other than those of documents
// that it does not need: any problem of an approved document refuses all.
func Evidence(docs []kyc.EntityDocument, approved []kyc.ID, on time.Time, o kyc.EntitySettings) (combination string, problems []kyc.Problem) {
	panic("not yet")
}

// StepLists are the steps of workflowResult (5.4): the names in order, and by
// what they came to.
type StepLists struct {
	Order, Passed, Failed, Incomplete, NotApplicable []string
}

// ListSteps sorts step results into the lists of a workflow result.
func ListSteps(steps []kyc.StepResult) StepLists { panic("not yet") }

// Kinds of results that a person may judge: aml, idv, matchlist, duplicate,
// fraud, kyc.
func Kinds() []string { return []string{"aml", "idv", "matchlist", "duplicate", "fraud", "kyc"} }

// KindOf is the kind of judgement that a process result takes, or "".
func KindOf(r *kyc.ProcessResult) string { panic("not yet") }

// ManualStatuses are the words of a kind, in the order of the documentation.
func ManualStatuses(kind string) []string { panic("not yet") }

// Resolves reports whether a manual status settles a hit: it does not count as
// unresolved any more.
func Resolves(status string) bool { panic("not yet") }

// Accepts and Refuses report which way a resolving status goes. FALSE_POSITIVE
// accepts: the hit is somebody else.
func Accepts(status string) bool { panic("not yet") }

// Refuses reports whether a status refuses the person.
func Refuses(status string) bool { panic("not yet") }
