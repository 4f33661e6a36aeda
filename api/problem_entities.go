package api

import (
	"encoding/json"
	"strconv"

	"bonafide/kyc"
)

// EntityProblem is the error body of surface C (api.md section 1.8).
type EntityProblem struct {
	RequestID      string        `json:"requestId" doc:"X-Request-Id of this request; support finds it in the log." example:"01HN9XHZN6MGXM9JXG50K59Q85"`
	ErrorCode      string        `json:"errorCode" doc:"API- and the status with a leading zero; AUTH-0401 without a credential, AUTH-0002 with a bad one." example:"API-0422"`
	ErrorMsg       string        `json:"errorMsg" doc:"What is wrong this time, for a person. Never contains personal data."`
	HTTPStatusCode int           `json:"httpStatusCode" doc:"The HTTP status again." minimum:"400" maximum:"599" example:"422"`
	Details        []EntityIssue `json:"details" doc:"Everything that is wrong, all at once; at least one entry." nullable:"false"`
}

// EntityIssue is one thing that is wrong, in the words of surface C.
type EntityIssue struct {
	Issue         string `json:"issue" doc:"A sentence for a person."`
	IssueLocation string `json:"issueLocation" doc:"Where: a JSON Pointer (RFC 6901) into the body; parameters begin with /query, /path or /header. Empty where it is not about the input." example:"/individual/name/familyName"`
	IssueType     string `json:"issueType" doc:"Which rule: a stable snake_case word for programs." example:"required"`
}

// entities writes the problem as surface C does. The code of the error, which
// that body has no place for, is the type of the first detail.
func (p *Problem) entities() EntityProblem {
	out := EntityProblem{RequestID: p.RequestID, ErrorCode: "API-0" + strconv.Itoa(p.Status), ErrorMsg: p.Detail, HTTPStatusCode: p.Status, Details: []EntityIssue{}}
	switch {
	case p.Code == "credential_missing":
		out.ErrorCode = "AUTH-0401"
	case p.Status == 401:
		out.ErrorCode = "AUTH-0002"
	}
	for _, f := range p.Errors {
		out.Details = append(out.Details, EntityIssue{Issue: f.Message, IssueLocation: f.Path, IssueType: f.Code})
	}
	if len(out.Details) == 0 {
		out.Details = append(out.Details, EntityIssue{Issue: p.Detail, IssueType: p.Code})
	}
	return out
}

// MarshalJSON writes the body in the words of the surface that was asked.
func (p *Problem) MarshalJSON() ([]byte, error) {
	if p.surface == kyc.SurfaceEntities {
		return json.Marshal(p.entities())
	}
	type plain Problem
	return json.Marshal((*plain)(p))
}
