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

// processResult is one fact that a step established (api.md 5.9). What the
// machine said (result) never changes; what a person said stands beside it.
type processResult struct {
	ID            string          `json:"processResultId" doc:"Names the result; judge it by this."`
	SchemaVersion int             `json:"schemaVersion" doc:"Version of this form."`
	EntityID      string          `json:"entityId" doc:"The individual."`
	RequestID     *string         `json:"requestId" doc:"The request that caused it; null when monitoring did."`
	GroupID       *string         `json:"groupId" doc:"Common to results that belong together; null for none."`
	ExecutionID   *string         `json:"workflowExecutionId" doc:"The execution; null for manual KYC."`
	ServiceName   *string         `json:"serviceName" doc:"The service; null for manual KYC."`
	StepName      string          `json:"stepName" doc:"The step." example:"IDV"`
	StepType      string          `json:"stepType" doc:"What was done in it." example:"DOCUMENT_VERIFICATION"`
	ObjectType    *string         `json:"objectType" doc:"What it is about; null for nothing in particular." example:"IDENTITY_DOCUMENT"`
	ObjectID      *string         `json:"objectId" doc:"Which one; null for nothing in particular."`
	CreatedAt     stamp           `json:"createdAt" doc:"When it was made."`
	UpdatedAt     stamp           `json:"updatedAt" doc:"When it last changed."`
	UpdatedBy     *string         `json:"updatedBy" doc:"Who judged it last; null for nobody."`
	Result        string          `json:"result" doc:"What the machine said." enum:"MATCH,PARTIAL_MATCH,INVALID_MATCH,NO_MATCH,CLEAR,HIT,BAD_DATA,CREATED,UPDATED,DELETED,FAIL,NOT_APPLICABLE,SUSPECTED,REJECTED,MANUAL,CLEAR_AUTO,OVERRIDE"`
	Class         string          `json:"class" doc:"What kind of fact it is; it decides where it can be judged." enum:"KYC,ID,IDV,AML,FRAUDLIST,FRAUDCHECK,FRAUD,DEVICE,MOBILE,EMAIL,LOOKUP,CREATE,UPDATE,DELETE,KYB,DUPLICATE,BLOCKLIST,SUPPORTING_DOC,MATCHLIST,VISA,ACTIVITY"`
	State         string          `json:"state" doc:"How far it is." enum:"IN_PROGRESS,COMPLETED,TIMEOUT,ERROR"`
	Provider      processProvider `json:"providerResult" doc:"Who said so."`
	Supplementary map[string]any  `json:"supplementaryData" doc:"What was found, in the form of its type; empty once erased."`
	RiskFactors   []resultFactor  `json:"riskFactors" doc:"What it means for the risk." nullable:"false"`
	Errors        []stepError     `json:"errors" doc:"What went wrong." nullable:"false"`
	SystemStatus  string          `json:"systemStatus" doc:"Whether it counts: only VALID ones do." enum:"VALID,EXPIRED,STALE,MARKED_INVALID,MARKED_IGNORE"`
	ManualStatus  *string         `json:"manualStatus" doc:"What a person said; null while nobody did."`
	ManualBy      *string         `json:"manualStatusBy" doc:"Who; null while nobody did."`
	ManualAt      stamp           `json:"manualStatusAt" doc:"When; null while nobody did."`
	Notes         map[string]any  `json:"notes" doc:"Free words, and as comments what people wrote, oldest first."`
}

type processProvider struct {
	Name             string           `json:"name" doc:"The provider."`
	Source           string           `json:"source" doc:"Which of its sources."`
	SourceNormalized *string          `json:"sourceNormalized" doc:"The source in upper snake case; null for none."`
	Reference        string           `json:"reference" doc:"Its own name for the answer."`
	Confidence       *resultCertainty `json:"confidence" doc:"How sure it is; null where it does not say."`
	Fuzziness        *float64         `json:"fuzziness" doc:"How loosely names were compared; null where it does not apply."`
	RiskScore        *float64         `json:"riskScore" doc:"0 to 100; null where it does not apply."`
	ErrorCode        *string          `json:"errorCode" doc:"What went wrong there; null for nothing."`
	ErrorMessage     *string          `json:"errorMessage" doc:"The same for a person; null for nothing."`
}

type resultCertainty struct {
	Normalized float64 `json:"normalized" doc:"0 to 100." minimum:"0" maximum:"100" example:"95"`
}

type resultFactor struct {
	Factor string `json:"factor" doc:"What is looked at."`
	Value  string `json:"value" doc:"What it is."`
}

func showResult(p kyc.ProcessResult) processResult {
	out := processResult{ID: string(p.ID), SchemaVersion: schemaVersion, EntityID: string(p.SubjectID), RequestID: text(p.RequestID), GroupID: reference(p.GroupID),
		ExecutionID: text(kyc.ULID(p.ExecutionID)), ServiceName: text(p.ServiceName), StepName: p.StepName, StepType: p.StepType, ObjectType: text(p.ObjectType),
		ObjectID: reference(p.ObjectID), CreatedAt: at(p.CreatedAt), UpdatedAt: at(p.UpdatedAt), Result: p.Result, Class: p.Class, State: p.State,
		Supplementary: object(outward(p.Private.Supplementary)), Errors: shown(p.Errors, showError), SystemStatus: p.SystemStatus, ManualStatus: text(p.ManualWord()),
		RiskFactors: shown(p.Factors, func(f kyc.RiskFactor) resultFactor { return resultFactor{f.Factor, factorValue(f)} }), Notes: map[string]any{},
		Provider: processProvider{Name: p.Provider.Name, Source: p.Provider.Source, SourceNormalized: text(normalized(p.Provider.Source)), Reference: p.Provider.Reference,
			Fuzziness: p.Provider.Fuzziness, RiskScore: p.Provider.RiskScore}}
	if c := p.Provider.Confidence; c != nil {
		out.Provider.Confidence = &resultCertainty{*c}
	}
	if len(p.Errors) > 0 {
		out.Provider.ErrorCode, out.Provider.ErrorMessage = text(p.Errors[0].Code), text(p.Errors[0].Description)
	}
	if p.Manual != nil {
		out.ManualBy, out.ManualAt, out.UpdatedBy = text(p.Manual.By), at(p.Manual.At), text(p.Manual.By)
	}
	for name, note := range p.Private.Notes {
		out.Notes[name] = note
	}
	if said := p.Private.Comments; len(said) > 0 {
		out.Notes["comments"] = shown(said, func(c kyc.ProcessComment) map[string]any {
			return map[string]any{"text": c.Text, "status": text(c.Status), "by": c.By, "at": at(c.At)}
		})
	}
	return out
}

// normalized writes a source in upper snake case.
func normalized(source string) string {
	return strings.Join(strings.FieldsFunc(strings.ToUpper(source), func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }), "_")
}

type resultList struct {
	Listed
	Results []processResult `json:"processResults" doc:"The results." nullable:"false"`
}

// changedResults is the answer to whatever people say of results.
type changedResults struct {
	Asked
	Results []processResult `json:"processResults" doc:"The results as they stand now." nullable:"false"`
}

func (s *surface) resultRoutes() {
	p := s.Porch
	api.Handle(p, said(op("list-process-results", http.MethodGet, resultsPath, tagResults, "List process results", readSessions),
		"Everything that was established about the individual, newest first. Filters take several values, repeated or with commas."), s.results)
	api.Handle(p, said(op("approve-manual-kyc", http.MethodPost, resultsPath+"/mkyc", tagResults, "Approve manual KYC", writeSessions),
		"Lets the individual pass KYC steps without electronic verification. The documents must be the individual's own, unexpired and with a file, and make one of: one primary photographic (DRIVERS_LICENSE, PASSPORT); two different primary non-photographic (BIRTH_CERT, CITIZENSHIP); one primary non-photographic and one secondary (VISA, IMMIGRATION, NATIONAL_HEALTH_ID, NAME_CHANGE, MARRIAGE_CERT). Otherwise 422 `mkyc_insufficient_evidence`."), s.approve)
	api.Handle(p, fails(said(op("invalidate-manual-kyc", http.MethodPost, resultsPath+"/mkyc/invalidate", tagResults, "Invalidate manual KYC", writeSessions),
		"The next KYC run verifies electronically. 409 `mkyc_not_present` when there is no manual evidence."), http.StatusConflict), s.invalidate)
	for _, k := range judgements() {
		s.judgementRoute(k)
	}
}

// judgement is one kind of results that people judge.
type judgement struct {
	kind, id, summary, description string
}

func judgements() []judgement {
	const common = " All of them or none: one id that is wrong changes nothing (422 `process_results_invalid`). The machine's `result` stays; steps, issues and risk of the executions are computed anew."
	resolves := " The forms with _ACCEPT and _REJECT and FALSE_POSITIVE also resolve a hit; the bare ones classify it."
	seven := "TRUE_POSITIVE, FALSE_POSITIVE, TRUE_POSITIVE_ACCEPT, TRUE_POSITIVE_REJECT, UNKNOWN, UNKNOWN_ACCEPT or UNKNOWN_REJECT."
	return []judgement{
		{"aml", "judge-aml-results", "Judge AML results", seven + resolves + common},
		{"idv", "judge-idv-results", "Judge IDV results", "CLEAR or REJECTED." + common},
		{"matchlist", "judge-matchlist-results", "Judge matchlist results", seven + resolves + common},
		{"duplicate", "judge-duplicate-results", "Judge duplicate results", "FALSE_POSITIVE: two people, both stay. TRUE_POSITIVE_ACCEPT: keep this one and mark the other. TRUE_POSITIVE_REJECT: keep the other and mark this one. TRUE_POSITIVE classifies without resolving." + common},
		{"fraud", "judge-fraud-results", "Judge fraud results", "FALSE_POSITIVE, TRUE_POSITIVE or UNKNOWN." + common},
		{"kyc", "judge-kyc-results", "Judge KYC results", "PASS or FAIL." + common},
	}
}

type judgementBody struct {
	Results []string `json:"processResults" doc:"Ids of process results of this kind." minItems:"1" maxItems:"500" nullable:"false"`
	Status  string   `json:"manualStatus" doc:"What you say of them; see the list of this route." maxLength:"64" example:"FALSE_POSITIVE"`
	Comment *Comment `json:"comment,omitempty" doc:"Why."`
}

func (s *surface) judgementRoute(k judgement) {
	api.Handle(s.Porch, fails(said(op(k.id, http.MethodPatch, resultsPath+"/"+k.kind, tagResults, k.summary, writeSessions), k.description), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			EntityPath
			Caller
			Body judgementBody
		}) (*answer[changedResults], error) {
			subject, err := in.entity()
			if err != nil {
				return nil, err
			}
			hand, err := s.hand(ctx, who, in.Caller, in.Body.Comment)
			if err != nil {
				return nil, err
			}
			j := execution.Judgement{Kind: k.kind, Status: in.Body.Status, Hand: hand, Unknown: map[int]string{}}
			for i, text := range in.Body.Results {
				rid, ok := kyc.ParseID(text)
				if !ok {
					j.Unknown[i] = clip(text)
				}
				j.Results = append(j.Results, rid)
			}
			list, err := s.Executions.Judge(ctx, who.Tenant, who.Actor, subject, j)
			if err != nil {
				return nil, err
			}
			return reply(changedResults{asked(ctx), shown(list, showResult)}), nil
		})
}

// notJudged is the filter for results nobody judged.
const notJudged = "null"

func (s *surface) results(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Paging
	Sorting
	Query
	ProfileName    string    `query:"profileName" doc:"Only results of this service, in any case." maxLength:"255"`
	CreatedBefore  time.Time `query:"createdAtBefore" doc:"Made before this time."`
	CreatedAfter   time.Time `query:"createdAtAfter" doc:"Made at this time or later."`
	UpdatedBefore  time.Time `query:"updatedAtBefore" doc:"Last changed before this time."`
	UpdatedAfter   time.Time `query:"updatedAtAfter" doc:"Last changed at this time or later."`
	StepNames      []string  `query:"stepNames,explode" doc:"Only these steps." maxItems:"50"`
	StepTypes      []string  `query:"stepTypes,explode" doc:"Only these types of steps." maxItems:"50"`
	ObjectTypes    []string  `query:"objectTypes,explode" doc:"Only results about these." maxItems:"50"`
	Classes        []string  `query:"classes,explode" doc:"Only these classes." maxItems:"50"`
	SystemStatuses []string  `query:"systemStatuses,explode" doc:"Only these system statuses." maxItems:"50"`
	ManualStatuses []string  `query:"manualStatuses,explode" doc:"Only these manual statuses; null for results nobody judged." maxItems:"50"`
	States         []string  `query:"states,explode" doc:"Only these states." maxItems:"50"`
	Results        []string  `query:"results,explode" doc:"Only these results." maxItems:"50"`
}) (*answer[resultList], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	byUpdate, err := in.byUpdate()
	if err != nil {
		return nil, err
	}
	r := &reading{}
	f := kyc.ProcessFilter{SubjectID: subject, ServiceName: strings.TrimSpace(in.ProfileName), StepNames: in.several(r, "stepNames"), StepTypes: in.several(r, "stepTypes"),
		ObjectTypes: in.several(r, "objectTypes", procedure.ObjectTypes()...), Classes: in.several(r, "classes", procedure.Classes()...),
		Results: in.several(r, "results", procedure.ProcessResults()...), States: in.several(r, "states", procedure.ProcessStates()...),
		SystemStatuses: in.several(r, "systemStatuses", procedure.SystemStatuses()...), ManualStatuses: in.several(r, "manualStatuses", manualWords()...),
		CreatedFrom: in.CreatedAfter, CreatedTo: in.CreatedBefore, UpdatedFrom: in.UpdatedAfter, UpdatedTo: in.UpdatedBefore, UpdatedInstead: byUpdate, Oldest: in.oldest()}
	if err := r.parameterErr(); err != nil {
		return nil, err
	}
	for i, word := range f.ManualStatuses {
		if word == notJudged {
			f.ManualStatuses[i] = ""
		}
	}
	list, total, err := s.Executions.Results(ctx, who.Tenant, f, in.page())
	if err != nil {
		return nil, err
	}
	s.Porch.Read(ctx, kyc.Event{Action: "results.read", Object: "individual", ObjectID: subject, SubjectID: subject, Surface: kyc.SurfaceEntities})
	return reply(resultList{in.listed(ctx, total), shown(list, showResult)}), nil
}

// manualWords are all words of manual statuses, and the one for none.
func manualWords() []string {
	out := []string{notJudged}
	for _, kind := range procedure.Kinds() {
		out = append(out, procedure.ManualStatuses(kind)...)
	}
	return out
}

type approvalBody struct {
	ApprovedBy string   `json:"approvedBy" doc:"Who saw the documents." minLength:"1" maxLength:"200" example:"OPERATOR123"`
	Documents  []string `json:"approvedDocuments" doc:"Ids of the individual's documents." minItems:"1" maxItems:"50" nullable:"false"`
	Comment    *Comment `json:"comment,omitempty" doc:"What there is to say."`
}

func (s *surface) approve(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Caller
	Body approvalBody
}) (*answer[changedResults], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	hand, err := s.hand(ctx, who, in.Caller, in.Body.Comment)
	if err != nil {
		return nil, err
	}
	a := execution.Approval{ApprovedBy: in.Body.ApprovedBy, Hand: hand}
	for _, text := range in.Body.Documents {
		did, ok := kyc.ParseID(text)
		if !ok {
			did = kyc.ID(clip(text)) // the machine says of each document what is wrong with it
		}
		a.Documents = append(a.Documents, did)
	}
	list, err := s.Executions.ApproveManualKYC(ctx, who.Tenant, who.Actor, subject, a)
	if err != nil {
		return nil, err
	}
	return reply(changedResults{asked(ctx), shown(list, showResult)}), nil
}

type commentBody struct {
	Comment *Comment `json:"comment,omitempty" doc:"Why."`
}

func (s *surface) invalidate(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Caller
	Body *commentBody `required:"false"`
}) (*answer[changedResults], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	var why *Comment
	if in.Body != nil {
		why = in.Body.Comment
	}
	hand, err := s.hand(ctx, who, in.Caller, why)
	if err != nil {
		return nil, err
	}
	list, err := s.Executions.InvalidateManualKYC(ctx, who.Tenant, who.Actor, subject, hand)
	if err != nil {
		return nil, err
	}
	return reply(changedResults{asked(ctx), shown(list, showResult)}), nil
}
