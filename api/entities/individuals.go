package entities

import (
	"context"
	"net/http"
	"slices"
	"time"

	"bonafide/api"
	"bonafide/entity"
	"bonafide/kyc"
)

type individualBody struct {
	Asked
	Individual individual       `json:"individual" doc:"The individual."`
	Profiles   []serviceProfile `json:"serviceProfiles" doc:"How the individual stands with each service, newest first." nullable:"false"`
}

type newIndividual struct {
	Individual individualInput `json:"individual" doc:"The individual to be made."`
}

type individualChange struct {
	Individual individualInput `json:"individual" doc:"What shall be different."`
}

type individualList struct {
	Listed
	Individuals []individual `json:"individuals" doc:"The individuals, without their documents." nullable:"false"`
}

func (s *surface) individualRoutes() {
	p := s.Porch
	api.Handle(p, said(created(op("create-individual", http.MethodPost, "/individuals", tagIndividuals, "Create an individual", writeSessions)),
		"Nothing is checked yet; execute a workflow for that. Countries are ISO 3166-1 alpha-3. Everything that is wrong is told in one answer."), s.createIndividual)
	api.Handle(p, said(op("list-individuals", http.MethodGet, "/individuals", tagIndividuals, "List individuals", readSessions),
		"Newest first, without documents. Deleted ones are not shown."), s.listIndividuals)
	api.Handle(p, op("get-individual", http.MethodGet, individualPath, tagIndividuals, "Read an individual", readSessions), s.getIndividual)
	api.Handle(p, fails(said(op("update-individual", http.MethodPatch, individualPath, tagIndividuals, "Change an individual", writeSessions),
		"What is sent replaces; `name`, `dateOfBirth`, `placeOfBirth` and `customAttributes` are merged member by member; `null` removes. An element of a list that carries a known id is replaced as a whole, one without an id is added. What was computed from the old data is marked as outdated; nothing runs again."),
		http.StatusConflict, http.StatusPreconditionFailed), s.updateIndividual)
	api.Handle(p, fails(said(op("delete-individual", http.MethodDelete, individualPath, tagIndividuals, "Delete an individual", writeSessions),
		"Hides the individual from everything but the audit and ends monitoring. With `erase=true` (scope `data:redact`) the key of everything personal is destroyed, beyond recovery; 409 `legal_hold` or `execution_running` may stand against it."),
		http.StatusConflict, http.StatusPreconditionFailed), s.deleteIndividual)
}

// person shows an individual, with the documents where level asks for them.
func (s *surface) person(ctx context.Context, who api.Principal, i kyc.Individual, level Level) (*individual, error) {
	out := showIndividual(i)
	if level.Level == "" {
		return &out, nil
	}
	list, err := s.Entities.Documents(ctx, who.Tenant, who.Actor, i.ID)
	if err != nil {
		return nil, err
	}
	out.Documents, err = s.documentLists(ctx, who, i.ID, list, level)
	return &out, err
}

// whole answers with an individual and everything that belongs to it.
func (s *surface) whole(ctx context.Context, who api.Principal, i kyc.Individual, level Level) (*tagged[individualBody], error) {
	one, err := s.person(ctx, who, i, level.or(levelMeta))
	if err != nil {
		return nil, err
	}
	profiles, err := s.Entities.Profiles(ctx, who.Tenant, who.Actor, i.ID)
	if err != nil {
		return nil, err
	}
	return tag(i.Meta, individualBody{Asked: asked(ctx), Individual: *one, Profiles: shown(profiles, showProfile)}), nil
}

func (s *surface) createIndividual(ctx context.Context, who api.Principal, in *struct {
	Caller
	Body newIndividual
}) (*tagged[individualBody], error) {
	n, words, err := in.Body.Individual.fresh("/individual")
	if err != nil {
		return nil, err
	}
	made, papers, err := s.Entities.Create(ctx, who.Tenant, who.Actor, n)
	if err != nil {
		return nil, words.explain(err)
	}
	out := showIndividual(made)
	if out.Documents, err = s.documentLists(ctx, who, made.ID, papers, Level{levelMeta}); err != nil {
		return nil, err
	}
	return tag(made.Meta, individualBody{Asked: asked(ctx), Individual: out, Profiles: []serviceProfile{}}), nil
}

func (s *surface) listIndividuals(ctx context.Context, who api.Principal, in *struct {
	Paging
	CreatedBefore time.Time `query:"createdAtBefore" doc:"Made before this time."`
	CreatedAfter  time.Time `query:"createdAtAfter" doc:"Made at this time or later."`
}) (*answer[individualList], error) {
	list, total, err := s.Entities.Individuals(ctx, who.Tenant, who.Actor, kyc.IndividualFilter{From: in.CreatedAfter, To: in.CreatedBefore, Oldest: in.oldest()}, in.page())
	if err != nil {
		return nil, err
	}
	return reply(individualList{in.listed(ctx, total), shown(list, showIndividual)}), nil
}

func (s *surface) getIndividual(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Level
}) (*tagged[individualBody], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	i, err := s.Entities.Individual(ctx, who.Tenant, who.Actor, subject)
	if err != nil {
		return nil, err
	}
	return s.whole(ctx, who, i, in.Level)
}

func (s *surface) updateIndividual(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Caller
	api.IfMatch
	Body patch[individualChange]
}) (*tagged[individualBody], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	r := &reading{}
	b := in.Body.Set.Individual
	p := entity.Patch{Set: b.read(r, "/individual")}
	if b.Documents != nil {
		r.add("/individual/documents", "not_allowed", "documents are changed by themselves: POST …/documents")
	}
	const prefix = "/individual"
	for _, pointer := range in.Body.Null {
		if len(pointer) > len(prefix) {
			p.Clear = append(p.Clear, inside(pointer[len(prefix):]))
		}
	}
	slices.Sort(p.Clear) // in a fixed order, whatever the order of the map was
	if err := r.err(); err != nil {
		return nil, err
	}
	i, err := s.Entities.Patch(ctx, who.Tenant, who.Actor, subject, in.Rev(), p)
	if err != nil {
		return nil, (&tongue{prefix: prefix}).explain(err)
	}
	return s.whole(ctx, who, i, Level{})
}

func (s *surface) deleteIndividual(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	api.IfMatch
	Erase bool `query:"erase" doc:"Destroy the personal data, too, beyond recovery; needs the scope data:redact."`
}) (*answer[done], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	if in.Erase {
		if err := who.Authorize(redact); err != nil {
			return nil, err
		}
	}
	return reply(done{asked(ctx)}), s.Entities.Delete(ctx, who.Tenant, who.Actor, subject, in.Rev(), in.Erase)
}
