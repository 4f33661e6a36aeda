package steps

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

// chosen is an answer whose status the handler chooses.
type chosen[T any] struct {
	Status int
	ETag   string `header:"ETag" doc:"Revision of the object; send it as If-Match to change exactly this revision."`
	Body   T
}

func tag[T any](m kyc.Meta, body T) *tagged[T] {
	return &tagged[T]{ETag: api.ETag(m.Rev), Body: body}
}

// Paging is embedded by the inputs of lists.
type Paging struct {
	Limit  int    `query:"limit" doc:"How many to show at most." minimum:"1" maximum:"100" default:"20"`
	Cursor string `query:"cursor" doc:"Where to go on: next_cursor of the page before, with the same filters." maxLength:"1024"`
}

// page reads the place in a list. Filters are whatever selects the same
// objects when it is the same. Errors: Malformed cursor_invalid.
func (p Paging) page(s *surface, who api.Principal, list string, filters any) (kyc.Page, error) {
	out := kyc.Page{Limit: p.Limit}
	if out.Limit <= 0 {
		out.Limit = 20
	}
	if p.Cursor == "" {
		return out, nil
	}
	var err error
	out.After, err = s.Porch.Signer.OpenCursor(p.Cursor, who.Tenant, list, filters)
	return out, err
}

// listing is a part of a list.
type listing[T any] struct {
	Items      []T     `json:"items" doc:"The objects of this page." nullable:"false"`
	Count      int     `json:"count" doc:"How many objects this page has." minimum:"0"`
	Cursor     *string `json:"cursor" doc:"The same as next_cursor." nullable:"true"`
	HasMore    bool    `json:"has_more" doc:"Whether there is another page."`
	NextCursor *string `json:"next_cursor" doc:"Give it as cursor, with the same filters, for the next page; null at the end." nullable:"true"`
}

// part answers one page; more says that another one follows.
func part[F, T any](s *surface, who api.Principal, name string, filters any, list []F, more bool, last func(F) kyc.ID, show func(F) T) *answer[listing[T]] {
	out := &answer[listing[T]]{Body: listing[T]{Items: shown(list, show), Count: len(list)}}
	if more && len(list) > 0 {
		next := s.Porch.Signer.Cursor(last(list[len(list)-1]), who.Tenant, name, filters)
		out.Body.Cursor, out.Body.NextCursor, out.Body.HasMore = &next, &next, true
	}
	return out
}

// whole answers a list that always comes in one piece.
func whole[F, T any](list []F, show func(F) T) *answer[listing[T]] {
	return &answer[listing[T]]{Body: listing[T]{Items: shown(list, show), Count: len(list)}}
}

// shown translates each; never null.
func shown[F, T any](list []F, show func(F) T) []T {
	out := make([]T, 0, len(list))
	for _, x := range list {
		out = append(out, show(x))
	}
	return out
}

// same shows what is a form of this surface already.
func same[T any](x T) T { return x }

// finding is one problem of an input or of a definition.
func findings(problems []kyc.Problem) []api.Finding { return api.Findings(problems) }

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

// actor is who did something.
type actor struct {
	Kind       string `json:"kind" doc:"What sort of actor." enum:"api_key,user,applicant,system" example:"api_key"`
	ID         string `json:"id" doc:"Id of the key or user; for the system the component's name."`
	OnBehalfOf string `json:"on_behalf_of,omitempty" doc:"The person an API key spoke for, as the caller named them."`
}

func showActor(a kyc.Actor) actor {
	return actor{Kind: string(a.Kind), ID: a.ID, OnBehalfOf: a.OnBehalfOf}
}
