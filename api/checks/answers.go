package checks

import (
	"bonafide/api"
	"bonafide/kyc"
)

// answer is one object without an ETag.
type answer[T any] struct {
	Body T
}

// tagged is one object with its ETag.
type tagged[T any] struct {
	ETag string `header:"ETag" doc:"Revision of the object; send it as If-Match to change exactly this revision."`
	Body T
}

func tag[T any](m kyc.Meta, body T) *tagged[T] {
	return &tagged[T]{ETag: api.ETag(m.Rev), Body: body}
}

// Paging is embedded by the inputs of lists (api.md 1.7).
type Paging struct {
	Limit     int    `query:"limit" doc:"How many to show at most." minimum:"1" maximum:"500" default:"50"`
	NextToken string `query:"next_token" doc:"Where to go on: next_token of the page before, with the same filters." maxLength:"2048"`
}

// page reads the place in a list. Filters are whatever selects the same
// objects when it is the same. Errors: Malformed cursor_invalid.
func (p Paging) page(s *surface, who api.Principal, list string, filters any) (kyc.Page, error) {
	out := kyc.Page{Limit: p.Limit}
	if out.Limit <= 0 {
		out.Limit = 50
	}
	if p.NextToken == "" {
		return out, nil
	}
	after, err := s.Porch.Signer.OpenCursor(p.NextToken, who.Tenant, list, filters)
	if err != nil {
		e := kyc.Errorf(kyc.Malformed, "cursor_invalid", "this next_token does not belong to this list with these filters")
		e.Problems = []kyc.Problem{{Path: "/query/next_token", Code: "cursor_invalid", Message: "use next_token of the page before, with the same filters and the same key"}}
		return kyc.Page{}, e
	}
	out.After = after
	return out, nil
}

// next is the token of the following page; null at the end.
func (s *surface) next(who api.Principal, list string, filters any, after kyc.ID) *string {
	if after == "" {
		return nil
	}
	return text(s.Porch.Signer.Cursor(after, who.Tenant, list, filters))
}

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
