package entities

import (
	"slices"
	"strings"
	"time"

	"bonafide/execution"
	"bonafide/kyc"
	"bonafide/procedure"
)

// schemaVersion is the version of the forms of this surface.
const schemaVersion = 1

// inProgress is the state of an execution that has not ended.
const inProgress = procedure.StateInProgress

// workflowResult is one execution (api.md 5.4). Three things stand side by
// side and are never mixed: what the machine said (result), what holds now
// (status), and, in the process results, what people said.
type workflowResult struct {
	SchemaVersion int              `json:"schemaVersion" doc:"Version of this form."`
	ServiceName   string           `json:"serviceName" doc:"The service it ran for."`
	WorkflowName  string           `json:"workflowName" doc:"The workflow that was asked for." example:"PEP & Sanctions"`
	WorkflowID    string           `json:"workflowId" doc:"Its id."`
	ExecutionID   string           `json:"workflowExecutionId" doc:"Names this execution: a ULID." example:"01JD7Z5B0Q8V6W4X2Y0A1B2C3D"`
	State         string           `json:"workflowExecutionState" doc:"How far it is. Trust status only when this is COMPLETED." enum:"IN_PROGRESS,COMPLETED,CANCELED,TERMINATED,ERROR,TIMEOUT"`
	Status        string           `json:"status" doc:"What holds now: the result, or a person's override." enum:"UNCHECKED,IN_PROGRESS,REVIEW,PASS,FAIL,COMPLETE,INCOMPLETE,NEEDS_APPROVAL,APPROVED,REJECTED,BLOCKED,CLEAR,URGENT,MONITOR"`
	OverrideAt    stamp            `json:"statusOverrideAt" doc:"When it was overridden; null when it is not."`
	OverrideReq   *string          `json:"statusOverrideRequestId" doc:"The request that overrode it; null when none did."`
	OverrideBy    *string          `json:"statusOverrideBy" doc:"Who overrode it; null when nobody did."`
	Overrides     []statusOverride `json:"statusOverrides" doc:"Every override, oldest first, those that were cleared included." nullable:"false"`
	Risk          *riskAssessment  `json:"riskAssessment" doc:"How risky the individual is; null before the end."`
	IsManual      bool             `json:"isManual" doc:"Whether manual KYC carried it."`
	Steps         stepLists        `json:"steps" doc:"The steps, by what became of them."`
	StartedAt     stamp            `json:"startedAt" doc:"When it began."`
	EndedAt       stamp            `json:"endedAt" doc:"When it ended; null while it runs."`
	Issues        []issue          `json:"issues" doc:"What a person should know or must clear." nullable:"false"`
	Phase         string           `json:"lifecyclePhase" doc:"The phase of the customer's life it belongs to." enum:"ONBOARDING,MONITORING,OTHER"`
	Monitors      []string         `json:"monitoringTypes" doc:"The kinds of monitoring the workflow is for; empty: all." nullable:"false"`
	RequestID     *string          `json:"requestId" doc:"The request that began it; null when monitoring did."`
	EntityID      string           `json:"entityId" doc:"The individual."`
	EntityType    string           `json:"entityType" doc:"Whom it is about." enum:"INDIVIDUAL,ORGANIZATION,UNKNOWN"`
	ProfileID     string           `json:"serviceProfileId" doc:"The individual's service profile."`
	EndID         *string          `json:"endWorkflowId" doc:"The workflow that ended; null while it runs."`
	EndName       *string          `json:"endWorkflowName" doc:"Its name; null while it runs."`
	StepResults   []stepResult     `json:"workflowStepResults" doc:"What each step came to." nullable:"false"`
	Result        string           `json:"result" doc:"What the machine said; it never changes once the execution has ended." enum:"UNCHECKED,IN_PROGRESS,REVIEW,PASS,FAIL,COMPLETE,INCOMPLETE,NEEDS_APPROVAL,APPROVED,REJECTED,BLOCKED,CLEAR,URGENT,MONITOR"`
	Errors        []stepError      `json:"errors" doc:"What went wrong." nullable:"false"`
	Notes         map[string]any   `json:"notes" doc:"What was said of it: the comment it was asked for with."`
	Trigger       string           `json:"trigger" doc:"What began it." enum:"request,list_update,schedule"`
	CreatedAt     stamp            `json:"createdAt" doc:"When it was made."`
	UpdatedAt     stamp            `json:"updatedAt" doc:"When it last changed."`
	UpdatedBy     *string          `json:"updatedBy" doc:"Who changed it last; null for the machine."`
	Damaged       bool             `json:"damaged,omitempty" doc:"True where what is stored of the execution cannot be opened: its state is ERROR and nothing of it is a decision. Only in lists; reading it fails."`
}

type statusOverride struct {
	ID        string  `json:"statusOverrideId" doc:"Names this override."`
	From      string  `json:"from" doc:"The status before."`
	Status    string  `json:"status" doc:"The status it set; UNCHECKED: the override before was cleared."`
	At        stamp   `json:"statusOverrideAt" doc:"When."`
	By        string  `json:"statusOverrideBy" doc:"Who."`
	RequestID string  `json:"statusOverrideRequestId" doc:"The request."`
	Comment   *string `json:"comment" doc:"What was said; null once the data is erased."`
}

type stepLists struct {
	Order         []string `json:"order" doc:"Every step, in the order of the workflow." nullable:"false"`
	Passed        []string `json:"passed" doc:"Those that speak for the individual." nullable:"false"`
	Failed        []string `json:"failed" doc:"Those that speak against." nullable:"false"`
	Incomplete    []string `json:"incomplete" doc:"Those that could not be settled, such as an open hit or missing data." nullable:"false"`
	NotApplicable []string `json:"notApplicable" doc:"Those that were left out." nullable:"false"`
}

type stepResult struct {
	ID             string         `json:"stepResultId" doc:"Names this result."`
	ExecutionID    string         `json:"workflowExecutionId" doc:"The execution."`
	StepName       string         `json:"stepName" doc:"The step's name." example:"AML"`
	StepType       string         `json:"stepType" doc:"What kind of step it is." example:"AML"`
	RequestID      *string        `json:"requestId" doc:"The request that began the execution; null when monitoring did."`
	ObjectType     *string        `json:"objectType" doc:"What it is about: NAME, ADDRESS, DATE_OF_BIRTH, ORGANIZATION, DOCUMENT, EMAIL_ADDRESS, PHONE_NUMBER, DEVICE or INDIVIDUAL; null for nothing in particular."`
	ObjectID       *string        `json:"objectId" doc:"Which one; null for nothing in particular."`
	SchemaVersion  int            `json:"schemaVersion" doc:"Version of this form."`
	StartedAt      stamp          `json:"startedAt" doc:"When it began; null when it did not."`
	EndedAt        stamp          `json:"endedAt" doc:"When it ended; null when it did not."`
	Providers      []stepProvider `json:"serviceProviders" doc:"The sources that were asked, in order." nullable:"false"`
	Result         string         `json:"result" doc:"What it came to, people's judgements included." enum:"UNCHECKED,SKIPPED,MISSING_DATA,PASS,FAIL,COMPLETE,INCOMPLETE,MATCH,NO_MATCH,PARTIAL,CLEAR,HIT,CLEARED,EXPIRED,CLEAR_REVIEW,HIT_ACCEPTED,HIT_REJECTED,NOT_APPLICABLE,ERROR"`
	Errors         []stepError    `json:"errors" doc:"What went wrong." nullable:"false"`
	Summary        map[string]any `json:"summary" doc:"What was found, in the form of the step's type: rules of KYC, totals of AML hits, lists of MATCHLIST, and so on."`
	Risk           *stepRisk      `json:"risk" doc:"What it adds to the risk; null for nothing."`
	Notes          map[string]any `json:"notes" doc:"Free words; empty."`
	ProcessResults []string       `json:"processResults" doc:"Ids of its process results." nullable:"false"`
	CreatedAt      stamp          `json:"createdAt" doc:"When it was made."`
	UpdatedAt      stamp          `json:"updatedAt" doc:"When it last changed."`
	UpdatedBy      *string        `json:"updatedBy" doc:"Who changed it last; null for the machine."`
}

type stepProvider struct {
	Provider  string `json:"provider" doc:"The source."`
	Result    string `json:"result" doc:"What it said."`
	Order     int    `json:"order" doc:"1, 2, 3 …"`
	StartedAt stamp  `json:"startedAt" doc:"When it was asked."`
	EndedAt   stamp  `json:"endedAt" doc:"When it answered."`
}

type stepError struct {
	Code        string  `json:"code" doc:"Stable snake_case word." example:"provider_unavailable"`
	Description string  `json:"description" doc:"A sentence for a person."`
	Location    *string `json:"location" doc:"The step; null where it is about the whole."`
}

type stepRisk struct {
	Level       string           `json:"level" doc:"The level the step's own share would be." enum:"UNKNOWN,LOW,MEDIUM,HIGH,UNACCEPTABLE"`
	Contributed float64          `json:"contributedScore" doc:"What the step adds."`
	Overall     float64          `json:"overallScore" doc:"The score up to this step."`
	Factors     []stepRiskFactor `json:"factors" doc:"Its addends." nullable:"false"`
}

type stepRiskFactor struct {
	Factor string  `json:"factor" doc:"What is looked at." example:"nationality"`
	Score  float64 `json:"score" doc:"What it adds."`
	Value  string  `json:"value" doc:"What it is." example:"AUS"`
}

type issue struct {
	ID           string  `json:"issueId" doc:"Names this issue."`
	Category     string  `json:"category" doc:"What kind of issue." enum:"AML,BAD_DATA,BIOMETRICS,BLOCKLISTED,DECEASED,DEVICE,DOCUMENT,DUPLICATE,EXPIRY,FRAUD,IDV,INFORMATIONAL,KYC,SYSTEM,VERIFY,VISA,WATCHLIST,ACTIVITY"`
	Issue        string  `json:"issue" doc:"Which one, in the words of its category." example:"SANCTION"`
	Severity     string  `json:"severity" doc:"What it means for the decision." enum:"INFO,REVIEW,BLOCK,WARNING,CRITICAL,ERROR"`
	ExecutionID  string  `json:"workflowExecutionId" doc:"The execution."`
	StepResultID *string `json:"stepResultId" doc:"The step that found it; null for none."`
	StepName     *string `json:"stepName" doc:"Its name; null for none."`
	IsCleared    bool    `json:"isCleared" doc:"Whether it is settled, by a person or because every result behind it is."`
	CreatedBy    *string `json:"createdBy" doc:"Who opened it; null for the machine."`
	CreatedAt    stamp   `json:"createdAt" doc:"When."`
	UpdatedAt    stamp   `json:"updatedAt" doc:"When it last changed."`
	UpdatedBy    *string `json:"updatedBy" doc:"Who changed it last; null for the machine."`
	UpdatedReq   *string `json:"updatedRequestId" doc:"The request that changed it last; null for the machine."`
}

type riskAssessment struct {
	ID            string       `json:"riskAssessmentId" doc:"Names this assessment."`
	EntityID      string       `json:"entityId" doc:"The individual."`
	ProfileID     string       `json:"serviceProfileId" doc:"The individual's service profile."`
	WorkflowID    string       `json:"workflowId" doc:"The workflow."`
	ExecutionID   string       `json:"workflowExecutionId" doc:"The execution."`
	SchemaVersion int          `json:"schemaVersion" doc:"Version of this form."`
	WorkflowScore float64      `json:"workflowRiskScore" doc:"What the machine added up."`
	WorkflowLevel string       `json:"workflowRiskLevel" doc:"The level of that score." enum:"UNKNOWN,LOW,MEDIUM,HIGH,UNACCEPTABLE"`
	Score         float64      `json:"riskScore" doc:"The score that holds."`
	Level         string       `json:"riskLevel" doc:"The level that holds: the machine's, or a person's." enum:"UNKNOWN,LOW,MEDIUM,HIGH,UNACCEPTABLE"`
	IsOutdated    bool         `json:"isOutdated" doc:"Whether something it was computed from has changed since."`
	Factors       []riskFactor `json:"riskFactors" doc:"The addends." nullable:"false"`
	CreatedAt     stamp        `json:"createdAt" doc:"When it was computed."`
	UpdatedAt     stamp        `json:"updatedAt" doc:"When it last changed."`
	UpdatedBy     *string      `json:"updatedBy" doc:"Who changed it last; null for the machine."`
	UpdatedReq    *string      `json:"updatedRequestId" doc:"The request that changed it last; null for the machine."`
}

type riskFactor struct {
	ID          *string  `json:"riskFactorId" doc:"Names this factor; null where it has no name."`
	Factor      string   `json:"factor" doc:"What is looked at." example:"entity_age"`
	Value       string   `json:"value" doc:"What it is." example:"62"`
	Score       float64  `json:"score" doc:"What it adds."`
	Description string   `json:"description" doc:"The rule, for a person."`
	Manual      *float64 `json:"manualOverrideScore" doc:"A person's score, which counts instead; null for none."`
	Status      string   `json:"status" doc:"Whether it counts." enum:"VALID,STALE,OVERRIDDEN,DISCARDED"`
	ExecutionID string   `json:"workflowExecutionId" doc:"The execution it comes from."`
	StepName    *string  `json:"stepName" doc:"The step it comes from; null for none."`
}

// showExecution translates one execution.
func showExecution(x execution.Executed) workflowResult {
	e := x.Execution
	out := workflowResult{SchemaVersion: schemaVersion, ServiceName: e.ServiceName, WorkflowName: e.WorkflowName, WorkflowID: string(e.WorkflowID),
		ExecutionID: kyc.ULID(e.ID), State: e.State, Status: e.Status, Overrides: []statusOverride{}, Risk: showRisk(e), IsManual: e.Manual,
		Steps: listSteps(e.Steps), StartedAt: at(e.StartedAt), EndedAt: at(e.EndedAt), Phase: e.Phase, Monitors: words(e.Monitors), RequestID: text(e.RequestID),
		EntityID: string(e.SubjectID), EntityType: "INDIVIDUAL", ProfileID: string(e.ServiceProfileID), Result: e.Result,
		Errors: shown(e.Errors, showError), Notes: map[string]any{}, Trigger: e.Trigger, CreatedAt: at(e.CreatedAt), UpdatedAt: at(e.UpdatedAt), UpdatedBy: hand(updatedBy(e)), Damaged: e.Damaged,
		Issues:      shown(e.Issues, func(i kyc.EntityIssue) issue { return showIssue(i, e) }),
		StepResults: shown(e.Steps, func(r kyc.StepResult) stepResult { return showStep(r, e) })}
	if out.Trigger == "" {
		out.Trigger = "request"
	}
	if e.State != inProgress {
		out.EndID, out.EndName = reference(e.WorkflowID), text(e.WorkflowName)
	}
	if o := e.Override; o != nil {
		out.OverrideAt, out.OverrideReq, out.OverrideBy = at(o.At), text(o.RequestID), text(o.By)
	}
	for _, o := range e.Overrides {
		out.Overrides = append(out.Overrides, statusOverride{ID: string(o.ID), From: o.From, Status: o.Status, At: at(o.At), By: o.By, RequestID: o.RequestID,
			Comment: text(e.Private.Overrides[o.ID])})
	}
	if e.Private.Comment != "" {
		out.Notes["comment"] = e.Private.Comment
	}
	return out
}

// machine is what the house calls itself where a person could stand.
const machine = "system"

// hand is who did something by hand; null for the machine.
func hand(name string) *string {
	if name == machine {
		return nil
	}
	return text(name)
}

// updatedBy is who changed an execution last: whoever overrode its status,
// judged its results or cleared an issue, or else whoever asked for it.
func updatedBy(e kyc.Execution) string {
	by, newest := e.By, e.StartedAt
	take := func(name string, at time.Time) {
		if name != "" && name != machine && !at.Before(newest) {
			by, newest = name, at
		}
	}
	for _, o := range e.Overrides {
		take(o.By, o.At)
	}
	for _, s := range e.Steps {
		take(s.UpdatedBy, s.UpdatedAt)
	}
	for _, i := range e.Issues {
		take(i.UpdatedBy, i.UpdatedAt)
	}
	if e.Risk != nil {
		take(e.Risk.UpdatedBy, e.Risk.UpdatedAt)
	}
	return by
}

// listSteps sorts the steps by what became of them.
func listSteps(steps []kyc.StepResult) stepLists {
	l := procedure.ListSteps(steps)
	return stepLists{Order: words(l.Order), Passed: words(l.Passed), Failed: words(l.Failed), Incomplete: words(l.Incomplete), NotApplicable: words(l.NotApplicable)}
}

func showStep(r kyc.StepResult, e kyc.Execution) stepResult {
	out := stepResult{ID: string(r.ID), ExecutionID: kyc.ULID(e.ID), StepName: r.Name, StepType: r.Type, RequestID: text(e.RequestID), ObjectType: text(r.ObjectType),
		ObjectID: reference(r.ObjectID), SchemaVersion: schemaVersion, StartedAt: at(r.StartedAt), EndedAt: at(r.EndedAt), Result: r.Result,
		Errors: shown(r.Errors, showError), Summary: object(outward(r.Summary)), Notes: map[string]any{}, ProcessResults: []string{},
		CreatedAt: at(first(r.EndedAt, r.StartedAt, e.CreatedAt)), UpdatedAt: at(first(r.UpdatedAt, r.EndedAt, r.StartedAt, e.CreatedAt)), UpdatedBy: hand(r.UpdatedBy),
		Providers: shown(r.Providers, func(p kyc.StepProvider) stepProvider {
			return stepProvider{Provider: p.Provider, Result: p.Result, Order: p.Order, StartedAt: at(p.StartedAt), EndedAt: at(p.EndedAt)}
		})}
	for _, p := range r.ProcessResults {
		out.ProcessResults = append(out.ProcessResults, string(p))
	}
	if r.Risk != nil {
		out.Risk = &stepRisk{Level: r.Risk.Level, Contributed: r.Risk.Contributed, Overall: r.Risk.Overall,
			Factors: shown(r.Risk.Factors, func(f kyc.RiskFactor) stepRiskFactor {
				return stepRiskFactor{Factor: f.Factor, Score: f.Effective(), Value: factorValue(f)}
			})}
	}
	return out
}

func showError(e kyc.StepError) stepError {
	return stepError{Code: e.Code, Description: e.Description, Location: text(e.Location)}
}

func showIssue(i kyc.EntityIssue, e kyc.Execution) issue {
	return issue{ID: string(i.ID), Category: i.Category, Issue: i.Issue, Severity: i.Severity, ExecutionID: kyc.ULID(e.ID), StepResultID: reference(i.StepResultID),
		StepName: text(i.StepName), IsCleared: i.IsCleared, CreatedBy: hand(i.CreatedBy), CreatedAt: at(i.CreatedAt), UpdatedAt: at(first(i.UpdatedAt, i.CreatedAt)),
		UpdatedBy: hand(i.UpdatedBy), UpdatedReq: text(i.RequestID)}
}

func showRisk(e kyc.Execution) *riskAssessment {
	r := e.Risk
	if r == nil {
		return nil
	}
	out := &riskAssessment{ID: string(r.ID), EntityID: string(e.SubjectID), ProfileID: string(e.ServiceProfileID), WorkflowID: string(e.WorkflowID),
		ExecutionID: kyc.ULID(e.ID), SchemaVersion: schemaVersion, WorkflowScore: r.Score, WorkflowLevel: r.Level, Score: r.Score, Level: r.Level, IsOutdated: r.IsOutdated,
		Factors: shown(r.Factors, func(f kyc.RiskFactor) riskFactor {
			return riskFactor{ID: reference(f.ID), Factor: f.Factor, Value: factorValue(f), Score: f.Score, Description: f.Description, Manual: f.Manual,
				Status: f.Status, ExecutionID: kyc.ULID(e.ID), StepName: text(f.StepName)}
		}),
		CreatedAt: at(r.CreatedAt), UpdatedAt: at(first(r.UpdatedAt, r.CreatedAt)), UpdatedBy: hand(r.UpdatedBy), UpdatedReq: text(r.RequestID)}
	if r.OverriddenLevel != "" {
		out.Level = r.OverriddenLevel
	}
	return out
}

// factorValue is the value of a risk factor; one about a country is a country.
func factorValue(f kyc.RiskFactor) string {
	if name := strings.ToLower(f.Factor); strings.Contains(name, "country") || strings.Contains(name, "nationality") {
		return alpha3(f.Value)
	}
	return f.Value
}

// first is the first time that is set.
func first(times ...time.Time) time.Time {
	if i := slices.IndexFunc(times, func(t time.Time) bool { return !t.IsZero() }); i >= 0 {
		return times[i]
	}
	return time.Time{}
}
