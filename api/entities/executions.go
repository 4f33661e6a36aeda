package entities

import (
	"context"
	"net/http"
	"strings"
	"time"

	"bonafide/api"
	"bonafide/execution"
	"bonafide/kyc"
	"bonafide/procedure"
)

// Channel is embedded by the inputs of executions.
type Channel struct {
	Channel    string `header:"X-Frankie-Channel" doc:"Where the request comes from (api, portal, smartui); cut at 64 characters. It may be a risk factor."`
	Background string `header:"X-Frankie-Background" doc:"1 answers 202 at once and sends a notification at the end."`
}

// maxChannel is how many characters of a channel are kept.
const maxChannel = 64

// executed is the answer to an execution. In the background only the first
// three members are there.
type executed struct {
	Asked
	ExecutionID string          `json:"workflowExecutionId" doc:"Names the execution: a ULID." example:"01JD7Z5B0Q8V6W4X2Y0A1B2C3D"`
	EntityID    string          `json:"entityId" doc:"The individual."`
	State       string          `json:"workflowExecutionState,omitempty" doc:"INPROGRESS when it was not done in time; go on asking for its executions. Absent otherwise." enum:"INPROGRESS"`
	Result      *workflowResult `json:"workflowResult,omitempty" doc:"The execution; absent in the background."`
	Profile     *serviceProfile `json:"serviceProfile,omitempty" doc:"How the individual stands with the service; absent in the background."`
	Individual  *individual     `json:"individual,omitempty" doc:"The individual; absent in the background."`
}

// running is what seed 002 calls an execution that has not ended.
const running = "INPROGRESS"

type executeBody struct {
	Comment *Comment `json:"comment,omitempty" doc:"Why it is executed."`
}

type newcomerBody struct {
	Individual individualInput `json:"individual" doc:"The individual to be made."`
	Comment    *Comment        `json:"comment,omitempty" doc:"Why it is executed."`
}

func (s *surface) executionRoutes() {
	p := s.Porch
	ways := func(o api.Operation) api.Operation {
		o.Also = map[int]string{http.StatusAccepted: "It runs in the background (X-Frankie-Background: 1); a notification follows."}
		return fails(o, http.StatusConflict)
	}
	api.Handle(p, ways(said(op("execute-workflow", http.MethodPost, workflowPath+"/execute", tagExecutions, "Execute a workflow", writeSessions),
		"Runs the workflow for the individual and answers when it has ended. Nothing runs when the individual lacks what the workflow needs (422 `entity_data_missing`, everything listed), or while the same workflow runs for the same service profile (409 `execution_running` with the running id).")), s.execute)
	api.Handle(p, ways(said(op("create-and-execute", http.MethodPost, "/individuals/new/serviceprofiles/{serviceName}/workflows/{workflowName}/execute", tagExecutions, "Create an individual and execute a workflow", writeSessions),
		"Both or neither: when the workflow cannot be executed, no individual is made.")), s.executeNew)
	api.Handle(p, said(op("list-executions", http.MethodGet, workflowPath+"/executions", tagExecutions, "List executions", readSessions),
		"The executions of a workflow for an individual, newest first. When there is exactly one and it is running, its `workflowExecutionState` stands at the top level too, spelled `INPROGRESS` as in the guide; in `workflowResults` it is always `IN_PROGRESS`."), s.executions)
	api.Handle(p, op("get-execution", http.MethodGet, executionPath, tagExecutions, "Read an execution", readSessions), s.execution)
	api.Handle(p, fails(said(op("override-execution", http.MethodPatch, executionPath, tagExecutions, "Override the status of an execution", writeSessions),
		"The `result` of the machine stays; `status` changes, and who did it, when and in which request is kept. `UNCHECKED` clears an override. The comment is mandatory."),
		http.StatusConflict, http.StatusPreconditionFailed), s.override)
	api.Handle(p, fails(said(op("clear-issue", http.MethodPatch, individualPath+"/issues/{issueId}", tagExecutions, "Clear an issue, or open it again", writeSessions),
		"What a person cleared stays cleared when results change. The comment is mandatory."), http.StatusConflict), s.clearIssue)
}

// order translates what all executions have in common.
func (s *surface) order(ctx context.Context, who api.Principal, c Caller, ch Channel, p struct{ service, workflow string }, comment *Comment) (execution.Order, error) {
	hand, err := s.hand(ctx, who, c, comment)
	return execution.Order{ServiceName: p.service, WorkflowName: p.workflow, Hand: hand, Background: strings.TrimSpace(ch.Background) == "1",
		Channel: headerText(ch.Channel, maxChannel)}, err
}

func (s *surface) execute(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	Caller
	Channel
	Level
	Body *executeBody `required:"false"`
}) (*chosen[executed], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	var comment *Comment
	if in.Body != nil {
		comment = in.Body.Comment
	}
	o, err := s.order(ctx, who, in.Caller, in.Channel, struct{ service, workflow string }{in.Service, in.Workflow}, comment)
	if err != nil {
		return nil, err
	}
	o.SubjectID = subject
	x, err := s.Executions.Execute(ctx, who.Tenant, who.Actor, o)
	if err != nil {
		return nil, (&tongue{}).explain(err)
	}
	return s.showExecuted(ctx, who, o, x, in.Level)
}

func (s *surface) executeNew(ctx context.Context, who api.Principal, in *struct {
	Service  string `path:"serviceName" doc:"The service, URL-encoded; in any case." maxLength:"255" example:"AML Screening"`
	Workflow string `path:"workflowName" doc:"The workflow, URL-encoded; in any case." maxLength:"255" example:"PEP & Sanctions"`
	Caller
	Channel
	Level
	Body newcomerBody
}) (*chosen[executed], error) {
	o, err := s.order(ctx, who, in.Caller, in.Channel, struct{ service, workflow string }{in.Service, in.Workflow}, in.Body.Comment)
	if err != nil {
		return nil, err
	}
	data, words, err := in.Body.Individual.fresh("/individual")
	if err != nil {
		return nil, err
	}
	made, err := s.Entities.Prepare(ctx, who.Tenant, who.Actor, data)
	if err != nil {
		return nil, words.explain(err)
	}
	o.New = &execution.Newcomer{Individual: made.Individual, Change: made.Change}
	x, err := s.Executions.Execute(ctx, who.Tenant, who.Actor, o)
	if err != nil {
		if made.Discard != nil {
			made.Discard(context.WithoutCancel(ctx))
		}
		return nil, words.explain(err)
	}
	return s.showExecuted(ctx, who, o, x, in.Level)
}

func (s *surface) showExecuted(ctx context.Context, who api.Principal, o execution.Order, x execution.Executed, level Level) (*chosen[executed], error) {
	out := &chosen[executed]{Status: http.StatusOK, Body: executed{Asked: asked(ctx), ExecutionID: kyc.ULID(x.Execution.ID), EntityID: string(x.Execution.SubjectID)}}
	if o.Background {
		out.Status = http.StatusAccepted
		return out, nil
	}
	if x.Execution.State == inProgress {
		out.Body.State = running
	}
	result, profile := showExecution(x), showProfile(x.Profile)
	out.Body.Result, out.Body.Profile = &result, &profile
	var err error
	out.Body.Individual, err = s.person(ctx, who, x.Individual, level)
	return out, err
}

// executionList is a page of executions. The two members of seed 002 at the top
// level are there while the only execution runs.
type executionList struct {
	Listed
	State   string           `json:"workflowExecutionState,omitempty" doc:"INPROGRESS while the only execution runs; absent otherwise." enum:"INPROGRESS"`
	Results []workflowResult `json:"workflowResults" doc:"The executions." nullable:"false"`
}

func (s *surface) executions(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	Paging
	Sorting
	Query
	States        []string  `query:"workflowExecutionStates,explode" doc:"Only these states; several by repeating it or with commas: IN_PROGRESS (or INPROGRESS), COMPLETED, CANCELED, TERMINATED, ERROR, TIMEOUT." maxItems:"50"`
	Results       []string  `query:"workflowResults,explode" doc:"Only these results, in the words of result; several by repeating it or with commas." maxItems:"50"`
	StartedBefore time.Time `query:"startedAtBefore" doc:"Begun before this time."`
	StartedAfter  time.Time `query:"startedAtAfter" doc:"Begun at this time or later."`
	EndedBefore   time.Time `query:"endedAtBefore" doc:"Ended before this time."`
	EndedAfter    time.Time `query:"endedAtAfter" doc:"Ended at this time or later."`
}) (*answer[executionList], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	byUpdate, err := in.byUpdate()
	if err != nil {
		return nil, err
	}
	r := &reading{}
	states := in.several(r, "workflowExecutionStates", append(procedure.States(), running)...)
	for i := range states {
		if states[i] == running {
			states[i] = inProgress
		}
	}
	q := execution.ExecutionQuery{SubjectID: subject, ServiceName: in.Service, WorkflowName: in.Workflow, States: states,
		Results: in.several(r, "workflowResults", procedure.Statuses()...), StartedFrom: in.StartedAfter, StartedTo: in.StartedBefore,
		EndedFrom: in.EndedAfter, EndedTo: in.EndedBefore, ByUpdate: byUpdate, Oldest: in.oldest(), Bare: true}
	if err := r.parameterErr(); err != nil {
		return nil, err
	}
	list, total, err := s.Executions.Executions(ctx, who.Tenant, q, in.page())
	if err != nil {
		return nil, err
	}
	body := executionList{Listed: in.listed(ctx, total), Results: shown(list, showExecution)}
	if total == 1 && len(list) == 1 && list[0].Execution.State == inProgress {
		body.State = running
	}
	return reply(body), nil
}

// executionBody is one execution. Its times stand beside it too, where the
// sample of seed 002 has them.
type executionBody struct {
	Asked
	Result     workflowResult `json:"workflowResult" doc:"The execution."`
	Individual *individual    `json:"individual,omitempty" doc:"The individual; absent once erased."`
	CreatedAt  stamp          `json:"createdAt" doc:"When it was made; the same as in workflowResult."`
	UpdatedAt  stamp          `json:"updatedAt" doc:"When it last changed; the same as in workflowResult."`
	UpdatedBy  *string        `json:"updatedBy" doc:"Who changed it last; the same as in workflowResult."`
}

func (p ExecutionPath) ref() (execution.Ref, error) {
	subject, err := p.entity()
	if err != nil {
		return execution.Ref{}, err
	}
	xid, err := executionID(p.ExecutionID)
	return execution.Ref{SubjectID: subject, ServiceName: p.Service, WorkflowName: p.Workflow, ID: xid}, err
}

func (s *surface) oneExecution(ctx context.Context, who api.Principal, x execution.Executed, level Level) (*tagged[executionBody], error) {
	result := showExecution(x)
	body := executionBody{Asked: asked(ctx), Result: result, CreatedAt: result.CreatedAt, UpdatedAt: result.UpdatedAt, UpdatedBy: result.UpdatedBy}
	if x.Individual.ID != "" && !x.Individual.Private.Unreadable {
		var err error
		if body.Individual, err = s.person(ctx, who, x.Individual, level); err != nil {
			return nil, err
		}
	}
	return tag(x.Execution.Meta, body), nil
}

func (s *surface) execution(ctx context.Context, who api.Principal, in *struct {
	ExecutionPath
	Level
}) (*tagged[executionBody], error) {
	ref, err := in.ref()
	if err != nil {
		return nil, err
	}
	x, err := s.Executions.Execution(ctx, who.Tenant, ref)
	if err != nil {
		return nil, err
	}
	s.Porch.Read(ctx, kyc.Event{Action: "execution.read", Object: "execution", ObjectID: x.Execution.ID, SubjectID: ref.SubjectID, Surface: kyc.SurfaceEntities})
	return s.oneExecution(ctx, who, x, in.Level)
}

type overrideBody struct {
	Status  string   `json:"status" doc:"The status that holds from now on; UNCHECKED clears an override." enum:"UNCHECKED,IN_PROGRESS,REVIEW,PASS,FAIL,COMPLETE,INCOMPLETE,NEEDS_APPROVAL,APPROVED,REJECTED,BLOCKED,CLEAR,URGENT,MONITOR"`
	Comment *Comment `json:"comment,omitempty" doc:"Why; mandatory."`
	// Checklist is of this edition.
	Checklist []string `json:"checklist,omitempty" doc:"The points of the checklist of its review's queue (settings, queues) that the decision confirms, word for word; all of them are needed." maxItems:"20" nullable:"false"`
}

func (s *surface) override(ctx context.Context, who api.Principal, in *struct {
	ExecutionPath
	Caller
	api.IfMatch
	Body overrideBody
}) (*tagged[executionBody], error) {
	ref, err := in.ref()
	if err != nil {
		return nil, err
	}
	hand, err := s.hand(ctx, who, in.Caller, in.Body.Comment)
	if err != nil {
		return nil, err
	}
	hand.Checklist = in.Body.Checklist
	x, err := s.Executions.Override(ctx, who.Tenant, who.Actor, ref, in.Rev(), execution.Overruling{Status: in.Body.Status, Hand: hand})
	if err != nil {
		return nil, err
	}
	return s.oneExecution(ctx, who, x, Level{})
}

type clearBody struct {
	IsCleared bool     `json:"isCleared" doc:"true: settled. false: open again."`
	Comment   *Comment `json:"comment,omitempty" doc:"Why; mandatory."`
}

type issueBody struct {
	Asked
	Issue  issue          `json:"issue" doc:"The issue."`
	Result workflowResult `json:"workflowResult" doc:"Its execution."`
}

func (s *surface) clearIssue(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Caller
	IssueID string `path:"issueId" doc:"The issue's id." maxLength:"64"`
	Body    clearBody
}) (*answer[issueBody], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	iid, err := id("issue", in.IssueID)
	if err != nil {
		return nil, err
	}
	hand, err := s.hand(ctx, who, in.Caller, in.Body.Comment)
	if err != nil {
		return nil, err
	}
	i, e, err := s.Executions.ClearIssue(ctx, who.Tenant, who.Actor, subject, iid, execution.Clearing{Cleared: in.Body.IsCleared, Hand: hand})
	if err != nil {
		return nil, err
	}
	return reply(issueBody{Asked: asked(ctx), Issue: showIssue(i, e), Result: showExecution(execution.Executed{Execution: e})}), nil
}
