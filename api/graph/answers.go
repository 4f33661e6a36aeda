package graph

import (
	"maps"
	"slices"

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

// page is a part of a list.
type page[T any] struct {
	Data       []T            `json:"data" doc:"The objects, newest first." nullable:"false"`
	Pagination api.Pagination `json:"pagination" doc:"Where in the list this is."`
}

// whole is a list that always comes in one piece.
type whole[T any] struct {
	Data []T `json:"data" doc:"All of them." nullable:"false"`
}

// all makes a whole list; never null.
func all[F, T any](list []F, show func(F) T) *answer[whole[T]] {
	out := &answer[whole[T]]{Body: whole[T]{Data: make([]T, 0, len(list))}}
	for _, x := range list {
		out.Body.Data = append(out.Body.Data, show(x))
	}
	return out
}

// part answers one page of a list.
func part[F, T any](s *surface, who api.Principal, o api.Offset, name string, filters any, list []F, total int, last func(F) kyc.ID, show func(F) T) *answer[page[T]] {
	out := &answer[page[T]]{}
	out.Body.Data = make([]T, 0, len(list))
	var end kyc.ID
	for _, x := range list {
		out.Body.Data = append(out.Body.Data, show(x))
		end = last(x)
	}
	out.Body.Pagination = o.Answer(s.Porch, who, name, filters, total, len(list), end)
	return out
}

func tag[T any](m kyc.Meta, body T) *tagged[T] {
	return &tagged[T]{ETag: api.ETag(m.Rev), Body: body}
}

// finding is one problem in a list of warnings or errors.
func findings(problems []kyc.Problem) []api.Finding {
	out := api.Findings(problems)
	if out == nil {
		out = []api.Finding{}
	}
	return out
}

// actor is who did something.
type actor struct {
	Kind       string `json:"kind" doc:"What sort of actor." enum:"api_key,user,applicant,system" example:"api_key"`
	ID         string `json:"id" doc:"Id of the key or user; for the system the component's name."`
	OnBehalfOf string `json:"on_behalf_of,omitempty" doc:"The person an API key spoke for, as the caller named them."`
}

func showActor(a kyc.Actor) actor {
	return actor{Kind: string(a.Kind), ID: a.ID, OnBehalfOf: a.OnBehalfOf}
}

// sortedKeys never is null.
func sortedKeys[V any](m map[string]V) []string {
	return words(slices.Sorted(maps.Keys(m)))
}
