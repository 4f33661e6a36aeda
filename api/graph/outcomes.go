package graph

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

type checkResult struct {
	Policy  string         `json:"policy" doc:"The check." example:"watchlist_screening"`
	Status  string         `json:"status" doc:"Its last word." enum:"passed,failed,review,error,skipped,requires_retry"`
	Score   *float64       `json:"score" doc:"Its score; null without one."`
	Details map[string]any `json:"details" doc:"What it found, for conditions and people."`
	Reasons []reason       `json:"reasons" doc:"Why, each with its points where there are some." nullable:"false"`
	Hits    []hit          `json:"hits" doc:"Possible matches with listed parties, every point explained, with the version of the list." nullable:"false"`
}

type result struct {
	SessionID       string         `json:"session_id" doc:"The session."`
	Status          string         `json:"status" doc:"Where the session stands."`
	Result          *string        `json:"result" doc:"How it was decided; null before." enum:"approved,rejected,needs_review"`
	ReasonCode      string         `json:"reason_code" doc:"Reason of the terminal."`
	FaceMatchPassed *bool          `json:"face_match_passed" doc:"Whether selfie and portrait are of one person; null when not asked."`
	FaceMatchScore  *float64       `json:"face_match_score" doc:"Similarity 0-1; null when not asked."`
	AgeCheckPassed  *bool          `json:"age_check_passed" doc:"Whether the age is within bounds; null when not asked."`
	ExtractedAge    *int           `json:"extracted_age" doc:"Full years on the day the run began; null when unknown."`
	ExtractedData   map[string]any `json:"extracted_data" doc:"What was read from documents, with a reviewer's corrections."`
	CorrectedFields []string       `json:"corrected_fields" doc:"Which of them a reviewer put right." nullable:"false"`
	CheckResults    []checkResult  `json:"check_results" doc:"The last word of each check, by name." nullable:"false"`
	Fields          map[string]any `json:"fields" doc:"What the applicant's form or the prefill said."`
	CompletedAt     stamp          `json:"completed_at" doc:"When the session ended; null before."`
}

func showResult(o session.Outcome) result {
	v := showSession(o.Session)
	out := result{SessionID: v.ID, Status: v.Status, Result: v.Result, ReasonCode: v.ReasonCode, ExtractedData: map[string]any{}, CorrectedFields: []string{},
		CheckResults: []checkResult{}, Fields: o.Session.Private.Fields, CompletedAt: v.CompletedAt}
	maps.Copy(out.ExtractedData, o.Trace.Extracted)
	for _, name := range slices.Sorted(maps.Keys(o.Session.Private.Corrected)) {
		out.ExtractedData[name] = o.Session.Private.Corrected[name]
		out.CorrectedFields = append(out.CorrectedFields, name)
	}
	if out.Fields == nil {
		out.Fields = map[string]any{}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Trace.Checks)) {
		out.CheckResults = append(out.CheckResults, showCheck(name, o.Trace.Checks[name]))
	}
	if c, ok := o.Trace.Checks["face_match"]; ok {
		out.FaceMatchPassed, out.FaceMatchScore = verdict(c), c.Score
	}
	if c, ok := o.Trace.Checks["age_check"]; ok {
		out.AgeCheckPassed = verdict(c)
	}
	if age, ok := integer(o.Trace.Extracted["age"]); ok {
		out.ExtractedAge = &age
	}
	return out
}

func showCheck(name string, c kyc.CheckFact) checkResult {
	out := checkResult{Policy: name, Status: c.Status, Score: c.Score, Details: c.Details, Reasons: showReasons(c.Reasons), Hits: showHits(c.Hits)}
	if out.Details == nil {
		out.Details = map[string]any{}
	}
	return out
}

// verdict is true or false once a check has said so, null otherwise.
func verdict(c kyc.CheckFact) *bool {
	if c.Status != "passed" && c.Status != "failed" {
		return nil
	}
	passed := c.Status == "passed"
	return &passed
}

// integer reads a whole number, whatever JSON made of it.
func integer(v any) (int, bool) {
	switch v := v.(type) {
	case interface{ Int64() (int64, error) }: // json.Number
		n, err := v.Int64()
		return int(n), err == nil
	case float64:
		return int(v), v == float64(int(v))
	case int:
		return v, true
	}
	return 0, false
}

type risk struct {
	SessionID string   `json:"session_id" doc:"The session."`
	Score     *float64 `json:"score" doc:"0-100; null when risk was not assessed."`
	Level     string   `json:"level" doc:"low 0-20, medium 21-50, high 51-80, critical 81-100; unknown without a score." enum:"low,medium,high,critical,unknown"`
	Status    string   `json:"status" doc:"What the risk check said; not_assessed without one."`
	Signals   []reason `json:"signals" doc:"What raised or lowered the score, each with its points." nullable:"false"`
}

func showRisk(o session.Outcome) risk {
	out := risk{SessionID: kyc.Dress("session", o.Session.ID), Level: "unknown", Status: "not_assessed", Signals: []reason{}}
	c, ok := o.Trace.Checks["risk_assessment"]
	if !ok {
		return out
	}
	out.Status, out.Score = c.Status, c.Score
	out.Signals = showReasons(c.Reasons)
	if c.Score != nil {
		out.Level = session.RiskLevel(*c.Score)
	}
	return out
}

func (s *surface) outcomeRoutes() {
	p := s.Porch
	api.Handle(p, op("get-result", http.MethodGet, "/sessions/{id}/result", "Results", "Outcome of a session", readSessions),
		func(ctx context.Context, who api.Principal, in *SessionPath) (*answer[result], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			o, err := s.Sessions.Result(ctx, who.Tenant, who.Actor, sid, "session.result.read")
			if err != nil {
				return nil, err
			}
			return &answer[result]{Body: showResult(o)}, nil
		})
	api.Handle(p, op("get-risk", http.MethodGet, "/sessions/{id}/risk", "Results", "Risk of a session", readSessions),
		func(ctx context.Context, who api.Principal, in *SessionPath) (*answer[risk], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			o, err := s.Sessions.Result(ctx, who.Tenant, who.Actor, sid, "session.risk.read")
			if err != nil {
				return nil, err
			}
			return &answer[risk]{Body: showRisk(o)}, nil
		})
	api.Handle(p, said(op("export-session", http.MethodGet, "/sessions/{id}/export", "Results", "Everything kept about a session and its person", readSessions),
		"For a subject's access request. Files and biometrics are listed, not contained."), s.export)
}
