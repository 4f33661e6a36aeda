package entities

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/api"
	"bonafide/kyc"
)

// Asked is what every body of this surface carries: the id of its request.
type Asked struct {
	RequestID string `json:"requestId" doc:"The id of this request, also in X-Request-Id: a ULID, unless you sent an X-Request-Id of your own." example:"01HN9XHZN6MGXM9JXG50K59Q85"`
}

func asked(ctx context.Context) Asked { return Asked{RequestID: api.RequestID(ctx)} }

// answer is one body without an ETag.
type answer[T any] struct {
	Body T
}

// tagged is one object with its ETag.
type tagged[T any] struct {
	ETag string `header:"ETag" doc:"Revision of the object; send it as If-Match to change exactly this revision."`
	Body T
}

// chosen is an answer whose status the handler chooses.
type chosen[T any] struct {
	Status int
	Body   T
}

func reply[T any](body T) *answer[T] { return &answer[T]{Body: body} }

func tag[T any](m kyc.Meta, body T) *tagged[T] {
	return &tagged[T]{ETag: api.ETag(m.Rev), Body: body}
}

// done is an answer that only says that it was done.
type done struct {
	Asked
}

type stamp = api.Stamp

func at(t time.Time) stamp { return stamp{Time: t} }

// shown translates each; never null.
func shown[F, T any](list []F, show func(F) T) []T {
	out := make([]T, 0, len(list))
	for _, x := range list {
		out = append(out, show(x))
	}
	return out
}

// words never is null.
func words(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// text is null where it is empty.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// reference is an id that may be missing.
func reference(id kyc.ID) *string { return text(string(id)) }

// object never is null.
func object(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// Limits of a page (api.md section 1.7): the largest is ours, the
// specification names none.
const (
	defaultLimit = 20
	maxLimit     = 500
	maxPage      = 1_000_000
)

// Pages is embedded by the inputs of lists.
type Pages struct {
	Page  int `query:"page" doc:"Which page, from 1." minimum:"1" maximum:"1000000" default:"1"`
	Limit int `query:"limit" doc:"How many to show at most." minimum:"1" maximum:"500" default:"20"`
}

// Paging is embedded where the order can be chosen, too.
type Paging struct {
	Pages
	Sort string `query:"sort" doc:"Oldest first, or newest first." enum:"asc,desc" default:"desc"`
}

// Sorting is embedded beside Paging where the order can be by either time.
type Sorting struct {
	SortFields string `query:"sortFields" doc:"What to sort by: createdAt or updatedAt. Of a list (createdAt,updatedAt) the first counts." maxLength:"64" default:"createdAt"`
}

// page is the part of the list that was asked for.
func (p Pages) page() kyc.Page {
	limit, n := p.Limit, p.Page
	if limit <= 0 {
		limit = defaultLimit
	}
	if n <= 0 {
		n = 1
	}
	return kyc.Page{Limit: min(limit, maxLimit), Offset: (min(n, maxPage) - 1) * min(limit, maxLimit)}
}

func (p Paging) oldest() bool { return p.Sort == "asc" }

// byUpdate reads sortFields. Errors: Malformed parameter_invalid.
func (s Sorting) byUpdate() (bool, error) {
	first := ""
	for name := range strings.SplitSeq(s.SortFields, ",") {
		switch name = strings.TrimSpace(name); name {
		case "createdAt", "updatedAt":
			if first == "" {
				first = name
			}
		case "":
		default:
			return false, parameters(kyc.Problem{Path: "/query/sortFields", Code: "not_allowed_value", Message: "allowed: createdAt, updatedAt"})
		}
	}
	return first == "updatedAt", nil
}

// Listed is what each list says about itself beside its own collection.
type Listed struct {
	Asked
	Total int `json:"total" doc:"How many match the filters." minimum:"0"`
	Page  int `json:"page" doc:"Which page this is." minimum:"1"`
	Limit int `json:"limit" doc:"How many it may have." minimum:"1"`
}

func (p Pages) listed(ctx context.Context, total int) Listed {
	pg := p.page()
	return Listed{Asked: asked(ctx), Total: total, Page: pg.Offset/pg.Limit + 1, Limit: pg.Limit}
}

// Query is embedded by inputs with filters that take several values: repeated
// (?classes=AML&classes=KYC), in a list (?classes=AML,KYC), or with brackets
// behind the name (?classes[]=AML).
type Query struct{ values url.Values }

// Resolve keeps the query.
func (q *Query) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	q.values = u.Query()
	return nil
}

// several reads a filter; what is not one of the allowed words is a problem.
func (q Query) several(r *reading, name string, allowed ...string) []string {
	var out []string
	for _, v := range slices.Concat(q.values[name], q.values[name+"[]"]) {
		for word := range strings.SplitSeq(v, ",") {
			if word = strings.TrimSpace(word); word == "" || slices.Contains(out, word) {
				continue
			}
			if len(allowed) > 0 && !slices.Contains(allowed, word) {
				r.add("/query/"+name, "not_allowed_value", "allowed: "+strings.Join(allowed, ", "))
				break
			}
			out = append(out, word)
		}
	}
	if len(out) > maxFilter {
		r.add("/query/"+name, "too_many_items", "at most 50 values")
	}
	return out
}

// maxFilter is how many values one filter may have.
const maxFilter = 50

// parameters says what is wrong with parameters.
func parameters(problems ...kyc.Problem) error {
	e := kyc.Errorf(kyc.Malformed, "parameter_invalid", "a parameter is not valid")
	e.Problems = problems
	return e
}

// parameterErr is nil, or all that is wrong with the parameters.
func (r *reading) parameterErr() error {
	if len(r.problems) == 0 {
		return nil
	}
	return parameters(r.problems...)
}

// Paths of objects, embedded by inputs.
type (
	// EntityPath names an individual.
	EntityPath struct {
		EntityID string `path:"entityId" doc:"The individual's id." maxLength:"64" example:"3fa85f64-5717-4562-b3fc-2c963f66afa6"`
	}
	// ProfilePath names a service profile.
	ProfilePath struct {
		EntityPath
		Service string `path:"serviceName" doc:"The service, URL-encoded; in any case." maxLength:"255" example:"AML Screening"`
	}
	// WorkflowPath names a workflow for an individual.
	WorkflowPath struct {
		ProfilePath
		Workflow string `path:"workflowName" doc:"The workflow, URL-encoded (PEP%20%26%20Sanctions); in any case." maxLength:"255" example:"PEP & Sanctions"`
	}
	// ExecutionPath names an execution.
	ExecutionPath struct {
		WorkflowPath
		ExecutionID string `path:"workflowExecutionId" doc:"The execution: its ULID, or the same id as a UUID." maxLength:"64" example:"01JD7Z5B0Q8V6W4X2Y0A1B2C3D"`
	}
)

func (p EntityPath) entity() (kyc.ID, error) { return id("individual", p.EntityID) }
