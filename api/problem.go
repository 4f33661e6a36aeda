package api

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/kyc"
)

// Problem is the error body of surfaces A, B and D: RFC 9457 problem details
// with a code for programs (edition decision E3).
type Problem struct {
	Type       string    `json:"type" doc:"Where this kind of problem is explained." example:"/docs#problem-invalid" format:"uri-reference"`
	Title      string    `json:"title" doc:"The kind of problem in a few words; always the same for the same type." example:"Invalid request"`
	Status     int       `json:"status" doc:"The HTTP status again." example:"422" minimum:"400" maximum:"599"`
	Detail     string    `json:"detail" doc:"What is wrong this time, for a person. Never contains personal data."`
	Instance   string    `json:"instance" doc:"The path that was asked for." example:"/api/v1/workflows" format:"uri-reference"`
	Code       string    `json:"code" doc:"Stable snake_case word for programs." example:"validation_failed"`
	Error_     string    `json:"error" doc:"The same as code, for clients that read this name." example:"validation_failed"`
	Errors     []Finding `json:"errors" doc:"Everything that is wrong with the input, all at once; empty when the problem is not about the input." nullable:"false"`
	RequestID  string    `json:"request_id" doc:"X-Request-Id of this request; support finds it in the log." example:"01JD7Z5B0Q8V6W4X2Y0A1B2C3D"`
	RetryAfter int       `json:"retry_after,omitempty" doc:"Seconds to wait before trying again, where waiting helps." minimum:"0"`
	surface    kyc.Surface
}

// Finding is one thing that is wrong with an input.
type Finding struct {
	Path    string   `json:"path" doc:"Where: a JSON Pointer (RFC 6901) into the body; parameters begin with /query, /path or /header." example:"/nodes/ocr/on_pass"`
	Code    string   `json:"code" doc:"Which rule, in snake_case." example:"unknown_target"`
	Message string   `json:"message" doc:"A sentence for a person."`
	Node    string   `json:"node,omitempty" doc:"The workflow node concerned, where there is one."`
	Nodes   []string `json:"nodes,omitempty" doc:"Several nodes, such as a cycle in order." nullable:"false"`
}

// Error makes Problem an error that huma writes as it is.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is RFC 9457's, and JSON's on surface C.
func (p *Problem) ContentType(string) string { return problemTypeOf(p.surface) }

// GetHeaders carries Retry-After and WWW-Authenticate.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="bonafide"`)
	}
	return h
}

const problemType = "application/problem+json"

func problemTypeOf(s kyc.Surface) string {
	if s == kyc.SurfaceEntities {
		return "application/json"
	}
	return problemType
}

// kindInfo is one row of the table of problem kinds.
type kindInfo struct {
	kind   kyc.Kind
	anchor string
	status int
	title  string
	help   string
}

// kinds is the table from kyc.Kind to status and words. Surfaces A and B answer
// 400 where the others answer 422, because seeds 000 and 001 list no 422;
// status does that.
func kinds() []kindInfo {
	return []kindInfo{
		{kyc.Malformed, "malformed", 400, "Malformed request", "The request cannot be read, or a parameter is not valid."},
		{kyc.Unauthenticated, "unauthenticated", 401, "Not authenticated", "There is no credential, or it is not valid."},
		{kyc.Forbidden, "forbidden", 403, "Not allowed", "The credential may not do this; errors lists the missing scopes."},
		{kyc.NotFound, "not-found", 404, "Not found", "There is no such object for this credential. Objects of another organisation or environment do not exist for it."},
		{kyc.Conflict, "conflict", 409, "Conflict", "The object's state forbids it now, or somebody else changed it at the same time."},
		{kyc.Gone, "gone", 410, "Gone", "It was here, and its time is over."},
		{kyc.PreconditionFailed, "precondition-failed", 412, "Precondition failed", "The object changed since you read it: your If-Match is not its ETag."},
		{kyc.TooLarge, "too-large", 413, "Too large", "Bodies have 1 MiB (definitions 2 MiB), files 20 MiB."},
		{kyc.UnsupportedMedia, "unsupported-media", 415, "Unsupported media type", "Send application/json, or multipart/form-data where files are taken."},
		{kyc.Invalid, "invalid", 422, "Invalid request", "The request can be read but is wrong; errors lists everything at once."},
		{kyc.RateLimited, "rate-limited", 429, "Too many requests", "Wait as long as Retry-After says."},
		{kyc.Internal, "internal", 500, "Internal error", "Something broke here; the request id finds it in the log."},
		{kyc.Unavailable, "unavailable", 503, "Not available now", "A part we need is not ready; try again later."},
	}
}

// status is the one table from an error's kind to a surface's status.
func status(k kyc.Kind, s kyc.Surface) kindInfo {
	table := kinds()
	found := table[len(table)-2] // internal
	for _, row := range table {
		if row.kind == k {
			found = row
		}
	}
	if (s == kyc.SurfaceSteps || s == kyc.SurfaceChecks) && found.status == http.StatusUnprocessableEntity {
		found.status = http.StatusBadRequest
	}
	return found
}

// StatusOf is the HTTP status a surface gives to an error.
func StatusOf(err error, s kyc.Surface) int { return status(kyc.KindOf(err), s).status }

// newProblem writes an error in the words of E3.
func newProblem(e *kyc.Error, x *exchange) *Problem {
	surface := x.surface()
	info := status(e.Kind, surface)
	if e.Code == "idempotency_mismatch" {
		info = status(e.Kind, "") // 422 on every surface (api.md section 1.5)
	}
	p := &Problem{
		Type: "/docs#problem-" + info.anchor, Title: info.title, Status: info.status,
		Detail: e.Message, Instance: x.path, Code: e.Code, Error_: e.Code,
		Errors: Findings(e.Problems), RequestID: x.id, surface: surface,
	}
	if e.RetryAfter > 0 {
		p.RetryAfter = int(math.Ceil(e.RetryAfter.Seconds()))
	}
	return p
}

func invalidBody(problems []kyc.Problem) error {
	message := "the request has 1 problem"
	if n := len(problems); n != 1 {
		message = "the request has " + strconv.Itoa(n) + " problems"
	}
	return kyc.InvalidInput("validation_failed", message, problems)
}

// problemOfHuma translates what huma itself found wrong (parameters, mostly)
// into our words. Values are left out: they may be personal.
func problemOfHuma(m *huma.ErrorModel, x *exchange) *Problem {
	e := &kyc.Error{Kind: kindOfStatus(m.Status), Code: "validation_failed", Message: "a parameter is not valid", Cause: errors.New(m.Detail)}
	params, unread := false, false
	for _, d := range m.Errors {
		if d == nil || d.Location == "" || strings.HasPrefix(d.Location, "body.") {
			continue // bodies were judged before, see validate.go
		}
		if d.Location == "body" {
			unread = unread || x.hasBody
			continue
		}
		params = true
		e.Problems = append(e.Problems, kyc.Problem{Path: "/" + strings.ReplaceAll(d.Location, ".", "/"), Code: codeOfHuma(d.Message), Message: d.Message})
	}
	e.Problems = append(e.Problems, x.problems...)
	switch {
	case len(x.problems) > 0:
		e = kyc.AsError(invalidBody(e.Problems))
	case params:
		e.Kind, e.Code = kyc.Malformed, "parameter_invalid"
	case unread:
		e = unfit("")
	case m.Status == http.StatusBadRequest || m.Status == http.StatusUnprocessableEntity:
		e.Kind, e.Code, e.Message = kyc.Malformed, "body_required", "this request needs a body"
	case e.Kind == kyc.Internal:
		e = kyc.AsError(errors.New(m.Detail))
	}
	x.failure = e
	out := newProblem(e, x)
	x.status = out.Status // huma has chosen its own already
	return out
}

func kindOfStatus(code int) kyc.Kind {
	for _, row := range kinds() {
		if row.status == code {
			return row.kind
		}
	}
	if code >= 400 && code < 500 {
		return kyc.Malformed
	}
	return kyc.Internal
}

func codeOfHuma(message string) string {
	switch {
	case strings.HasPrefix(message, "required "):
		return "required"
	case strings.Contains(message, "one of"):
		return "not_allowed_value"
	case strings.Contains(message, ">="), strings.Contains(message, "<="), strings.Contains(message, "number >"), strings.Contains(message, "number <"):
		return "out_of_range"
	case strings.Contains(message, "invalid integer"), strings.Contains(message, "invalid float"), strings.Contains(message, "invalid boolean"):
		return "wrong_type"
	case strings.Contains(message, "date"), strings.Contains(message, "RFC"):
		return "format_invalid"
	}
	return "invalid"
}
