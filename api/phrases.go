package api

import (
	"maps"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// phrases are the parts of the OpenAPI document that many routes say alike. Each
// is written once and shared by some thousand answers, which would otherwise
// hold more than ten megabytes of equal sentences as long as the process lives.
// Nobody changes one after it was made.
type phrases struct {
	always   map[string]*huma.Param // the headers of every answer
	replayed *huma.Param
	retry    *huma.Param
	problems map[problemPhrase]*huma.Response
}

// problemPhrase tells the errors of one status apart: each kind of body has its
// own media type.
type problemPhrase struct {
	status int
	media  string
}

func newPhrases() phrases {
	number := &huma.Schema{Type: huma.TypeInteger}
	return phrases{
		always: map[string]*huma.Param{
			"X-Request-Id":          {Description: "Names this request in logs, audit entries and webhooks.", Schema: &huma.Schema{Type: huma.TypeString}},
			"X-RateLimit-Limit":     {Description: "How many requests may come at once.", Schema: number},
			"X-RateLimit-Remaining": {Description: "How many of them are left.", Schema: number},
			"X-RateLimit-Reset":     {Description: "When the allowance is full again, in Unix seconds.", Schema: number},
		},
		replayed: &huma.Param{Description: "true when this is the stored answer of an earlier request with the same Idempotency-Key.", Schema: &huma.Schema{Type: huma.TypeBoolean}},
		retry:    &huma.Param{Description: "Seconds to wait, where waiting helps.", Schema: number},
		problems: map[problemPhrase]*huma.Response{},
	}
}

// problem is the answer of a route that failed with this HTTP status. body
// describes its JSON.
func (p phrases) problem(status int, media string, body *huma.Schema) *huma.Response {
	said := problemPhrase{status, media}
	if r := p.problems[said]; r != nil {
		return r
	}
	r := &huma.Response{
		Description: http.StatusText(status),
		Content:     map[string]*huma.MediaType{media: {Schema: body}},
		Headers:     maps.Clone(p.always),
	}
	for _, row := range kinds() {
		if row.status == status {
			r.Description = row.title + ". " + row.help
		}
	}
	if status == http.StatusTooManyRequests || status == http.StatusConflict {
		r.Headers["Retry-After"] = p.retry
	}
	p.problems[said] = r
	return r
}
