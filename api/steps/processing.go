package steps

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

// processed is the answer to a processing.
type processed struct {
	sessionBase
	Result *processingResult `json:"processing_result" doc:"What the checks said and how the rules decided; null while it is still running (answer 202)."`
}

// validated is the answer to a validation.
type validated struct {
	ID      string             `json:"session_id" doc:"The session's id."`
	Results []validationResult `json:"validation_results" doc:"One for each check that was asked for." nullable:"false"`
}

// validationResult is what one check said.
type validationResult struct {
	Check   string        `json:"check" doc:"The check." enum:"lists,crypto,adverse_media,face_match,cross_validate"`
	Status  string        `json:"status" doc:"What it said; not_run: the workflow does not enable it." enum:"passed,failed,review,error,skipped,not_run"`
	ExamID  *string       `json:"exam_id" doc:"The record of it; null when it did not run."`
	Reused  *string       `json:"reused_from" doc:"The earlier record of the same question whose answer this repeats; null when it was asked anew."`
	Score   *float64      `json:"score" doc:"Its score, on the check's own scale; null without one."`
	Reasons []validReason `json:"reasons" doc:"Why." nullable:"false"`
	Hits    []resultHit   `json:"hits" doc:"Possible matches with listed parties." nullable:"false"`
}

type validReason struct {
	Code     string `json:"code" doc:"What was found, in snake_case."`
	Message  string `json:"message" doc:"The same as a sentence for the reviewer."`
	Severity string `json:"severity,omitempty" doc:"info, warning or critical."`
}

func showValidated(v journey.Validated) validationResult {
	out := validationResult{Check: v.Check, Status: v.Status, ExamID: reference(v.ExamID), Reused: reference(v.ReusedFrom), Reasons: []validReason{}, Hits: []resultHit{}}
	if v.ExamID == "" {
		return out
	}
	out.Score = v.Answer.Score
	for _, r := range v.Answer.Reasons {
		out.Reasons = append(out.Reasons, validReason{Code: r.Code, Message: r.Message, Severity: r.Severity})
	}
	for _, h := range v.Answer.Hits {
		out.Hits = append(out.Hits, showHit(h, v.Matches(h)))
	}
	return out
}

func (s *surface) processingRoutes() {
	p, group := s.Porch, "Onboarding sessions"
	api.Handle(p, said(op("validate-onboarding-session", http.MethodPost, "/sessions/{session_id}/validate", group, "Run checks without deciding", create),
		"Asks the checks about what the session holds now and records what they say. A later processing does not ask the same again."),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			Body *struct {
				Checks []string `json:"checks,omitempty" doc:"Only these; default: all that the workflow enables." maxItems:"20" nullable:"false" enum:"lists,crypto,adverse_media,face_match,cross_validate"`
			}
		}) (*answer[validated], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			var names []string
			if in.Body != nil {
				names = in.Body.Checks
			}
			list, err := s.Machine.Validate(ctx, who.Tenant, who.Actor, sid, names)
			if err != nil {
				return nil, err
			}
			return &answer[validated]{Body: validated{ID: string(sid), Results: shown(list, showValidated)}}, nil
		})
	process := fails(said(op("process-onboarding-session", http.MethodPost, "/sessions/{session_id}/process", group, "Process a session", create),
		"Runs all checks and lets the rules decide. Legal for a completed session and, as a reprocess, for one in review; 409 `session_not_complete` lists the missing steps otherwise. `async=true` answers at once; the result comes as `kyc.session.processed`."),
		http.StatusConflict, http.StatusPreconditionFailed, http.StatusServiceUnavailable)
	process.Also = map[int]string{http.StatusAccepted: "Processing has begun; its end is told by a webhook."}
	api.Handle(p, process, func(ctx context.Context, who api.Principal, in *struct {
		SessionPath
		api.IfMatch
		Async bool `query:"async" doc:"true does not wait for the end."`
	}) (*chosen[processed], error) {
		sid, err := id("session", in.ID)
		if err != nil {
			return nil, err
		}
		got, err := s.Machine.Process(ctx, who.Tenant, who.Actor, sid, rev(in.IfMatch), !in.Async)
		if err != nil {
			return nil, err
		}
		name, err := s.workflowName(ctx, who, got.Session)
		if err != nil {
			return nil, err
		}
		out := &chosen[processed]{Status: http.StatusOK, ETag: api.ETag(got.Session.Rev)}
		out.Body = processed{sessionBase: showBase(got.Session, got.Journey, name), Result: showResult(got.Result)}
		if in.Async || got.Session.Status == kyc.SessionPaused || got.Session.Status == kyc.SessionRunning {
			out.Status = http.StatusAccepted
		}
		return out, nil
	})
}
