package entities

import (
	"context"
	"net/http"
	"strings"

	"bonafide/api"
	"bonafide/entity"
	"bonafide/kyc"
)

type matchlist struct {
	ID          string `json:"matchlistId" doc:"Names the list."`
	Name        string `json:"name" doc:"What you call it."`
	Description string `json:"description" doc:"What it is for."`
	Action      string `json:"action" doc:"What a match means: BLOCK stops, REVIEW and ALERT ask a person, ALLOW excuses, NONE is only noted." enum:"BLOCK,ALERT,ALLOW,REVIEW,NONE"`
	Entries     int    `json:"entryCount" doc:"How many entries it has." minimum:"0"`
	Version     int64  `json:"version" doc:"Grows with each change of its entries."`
	CreatedAt   stamp  `json:"createdAt" doc:"When it was made."`
	UpdatedAt   stamp  `json:"updatedAt" doc:"When it last changed."`
}

type matchlistEntry struct {
	ID         string            `json:"entryId" doc:"Names the entry."`
	ListID     string            `json:"matchlistId" doc:"The list."`
	Attributes map[string]string `json:"attributes" doc:"What is compared, by kind; all of it must agree."`
	Reasons    []string          `json:"reasons" doc:"Why it is there, as codes of yours." nullable:"false"`
	Comment    *string           `json:"comment" doc:"What was said of it; null for nothing."`
	CreatedAt  stamp             `json:"createdAt" doc:"When it was added."`
	UpdatedAt  stamp             `json:"updatedAt" doc:"When it last changed."`
}

type (
	matchlistBody struct {
		Asked
		Matchlist matchlist `json:"matchlist" doc:"The list."`
	}
	matchlistList struct {
		Listed
		Matchlists []matchlist `json:"matchlists" doc:"The lists, newest first." nullable:"false"`
	}
	entryBody struct {
		Asked
		Entry matchlistEntry `json:"entry" doc:"The entry."`
	}
	entryList struct {
		Listed
		Entries []matchlistEntry `json:"entries" doc:"The entries, newest first." nullable:"false"`
	}
	madeEntries struct {
		Asked
		Entries []matchlistEntry `json:"entries" doc:"The entries, in the order of the request." nullable:"false"`
	}
)

func showMatchlist(m kyc.Matchlist) matchlist {
	return matchlist{ID: string(m.ID), Name: m.Name, Description: m.Description, Action: m.Action, Entries: m.Entries, Version: m.Version, CreatedAt: at(m.CreatedAt), UpdatedAt: at(m.UpdatedAt)}
}

func showEntry(e kyc.MatchlistEntry) matchlistEntry {
	out := matchlistEntry{ID: string(e.ID), ListID: string(e.MatchlistID), Attributes: make(map[string]string, len(e.Private.Attributes)), Reasons: words(e.Reasons),
		Comment: text(e.Private.Comment), CreatedAt: at(e.CreatedAt), UpdatedAt: at(e.UpdatedAt)}
	for kind, value := range e.Private.Attributes {
		if countryKind(kind) {
			value = alpha3(value)
		}
		out.Attributes[kind] = value
	}
	return out
}

// countryKind reports whether an attribute is a country.
func countryKind(kind string) bool {
	return strings.HasSuffix(kind, "_COUNTRY") || kind == "IND_NATIONALITY"
}

// MatchlistPath names a list.
type MatchlistPath struct {
	ID string `path:"matchlistId" doc:"The list's id." maxLength:"64"`
}

// EntryPath names an entry of a list.
type EntryPath struct {
	MatchlistPath
	EntryID string `path:"entryId" doc:"The entry's id." maxLength:"64"`
}

func (p MatchlistPath) list() (kyc.ID, error) { return id("matchlist", p.ID) }

func (p EntryPath) both() (list, entry kyc.ID, err error) {
	if list, err = p.list(); err != nil {
		return "", "", err
	}
	entry, err = id("entry", p.EntryID)
	return list, entry, err
}

type newMatchlist struct {
	Name        string `json:"name" doc:"What you call it; unique in any case." minLength:"1" maxLength:"100"`
	Description string `json:"description,omitempty" doc:"What it is for." maxLength:"2000"`
	Action      string `json:"action,omitempty" doc:"What a match means." enum:"BLOCK,ALERT,ALLOW,REVIEW,NONE" default:"NONE"`
}

type matchlistChange struct {
	Name        *string `json:"name,omitempty" doc:"New name." minLength:"1" maxLength:"100"`
	Description *string `json:"description,omitempty" doc:"New description." maxLength:"2000"`
	Action      *string `json:"action,omitempty" doc:"New action." enum:"BLOCK,ALERT,ALLOW,REVIEW,NONE"`
}

type newEntry struct {
	Attributes map[string]string `json:"attributes" doc:"What is compared, by kind (EMAIL_ADDRESS, PHONE_NUMBER, IND_FAMILY_NAME, DOCUMENT_PRIMARY_IDENTIFIER, …); all of it must agree. Kinds of individuals (IND_) and of organisations (ORG_) do not mix. Countries are ISO 3166-1 alpha-3."`
	Reasons    []string          `json:"reasons,omitempty" doc:"Why it is there, as codes of yours: ^[A-Z0-9_-]{1,24}$." maxItems:"20" nullable:"false"`
	Comment    string            `json:"comment,omitempty" doc:"What there is to say; kept encrypted." maxLength:"2000"`
}

type newEntries struct {
	Entries []newEntry `json:"entries" doc:"The entries; all of them or none." minItems:"1" maxItems:"1000" nullable:"false"`
}

type entryChange struct {
	Attributes map[string]string `json:"attributes,omitempty" doc:"Replaces all that were there."`
	Reasons    *[]string         `json:"reasons,omitempty" doc:"Replaces all that were there." maxItems:"20" nullable:"false"`
	Comment    *string           `json:"comment,omitempty" doc:"New comment." maxLength:"2000"`
}

// attributes reads the attributes of an entry.
func (r *reading) attributes(path string, given map[string]string) map[string]string {
	if given == nil {
		return nil
	}
	out := make(map[string]string, len(given))
	for kind, value := range given {
		if countryKind(kind) {
			value = r.country(path+"/"+escape(kind), value)
		}
		out[kind] = value
	}
	return out
}

func (s *surface) matchlistRoutes() {
	p := s.Porch
	api.Handle(p, fails(created(op("create-matchlist", http.MethodPost, "/matchlists", tagMatchlists, "Create a matchlist", writeLists)), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct{ Body newMatchlist }) (*tagged[matchlistBody], error) {
			return oneMatchlist(ctx)(s.Entities.CreateMatchlist(ctx, who.Tenant, who.Actor, entity.NewMatchlist(in.Body)))
		})
	api.Handle(p, op("list-matchlists", http.MethodGet, "/matchlists", tagMatchlists, "List matchlists", readLists),
		func(ctx context.Context, who api.Principal, in *struct {
			Pages
		}) (*answer[matchlistList], error) {
			paging := in.Pages
			list, total, err := s.Entities.Matchlists(ctx, who.Tenant, paging.page())
			if err != nil {
				return nil, err
			}
			return reply(matchlistList{paging.listed(ctx, total), shown(list, showMatchlist)}), nil
		})
	api.Handle(p, op("get-matchlist", http.MethodGet, "/matchlists/{matchlistId}", tagMatchlists, "Read a matchlist", readLists),
		func(ctx context.Context, who api.Principal, in *MatchlistPath) (*tagged[matchlistBody], error) {
			lid, err := in.list()
			if err != nil {
				return nil, err
			}
			return oneMatchlist(ctx)(s.Entities.Matchlist(ctx, who.Tenant, lid))
		})
	api.Handle(p, fails(op("update-matchlist", http.MethodPatch, "/matchlists/{matchlistId}", tagMatchlists, "Change a matchlist", writeLists), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			MatchlistPath
			api.IfMatch
			Body matchlistChange
		}) (*tagged[matchlistBody], error) {
			lid, err := in.list()
			if err != nil {
				return nil, err
			}
			return oneMatchlist(ctx)(s.Entities.PatchMatchlist(ctx, who.Tenant, who.Actor, lid, in.Rev(), entity.MatchlistChange(in.Body)))
		})
	api.Handle(p, fails(said(op("delete-matchlist", http.MethodDelete, "/matchlists/{matchlistId}", tagMatchlists, "Delete a matchlist", writeLists), "With its entries."), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			MatchlistPath
			api.IfMatch
		}) (*answer[done], error) {
			lid, err := in.list()
			if err != nil {
				return nil, err
			}
			return reply(done{asked(ctx)}), s.Entities.DeleteMatchlist(ctx, who.Tenant, who.Actor, lid, in.Rev())
		})
	s.entryRoutes()
}

func oneMatchlist(ctx context.Context) func(kyc.Matchlist, error) (*tagged[matchlistBody], error) {
	return func(m kyc.Matchlist, err error) (*tagged[matchlistBody], error) {
		if err != nil {
			return nil, err
		}
		return tag(m.Meta, matchlistBody{asked(ctx), showMatchlist(m)}), nil
	}
}

func oneEntry(ctx context.Context) func(kyc.MatchlistEntry, error) (*tagged[entryBody], error) {
	return func(e kyc.MatchlistEntry, err error) (*tagged[entryBody], error) {
		if err != nil {
			return nil, err
		}
		return tag(e.Meta, entryBody{asked(ctx), showEntry(e)}), nil
	}
}

func (s *surface) entryRoutes() {
	p := s.Porch
	const entries = "/matchlists/{matchlistId}/entries"
	api.Handle(p, fails(said(created(op("add-matchlist-entries", http.MethodPost, entries, tagMatchlists, "Add entries", writeLists)),
		"Up to 1,000 at once, all of them or none. An entry with the same attributes exists once in a list."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			MatchlistPath
			Body newEntries
		}) (*answer[madeEntries], error) {
			lid, err := in.list()
			if err != nil {
				return nil, err
			}
			r := &reading{}
			var list []entity.NewEntry
			for i, e := range in.Body.Entries {
				list = append(list, entity.NewEntry{Attributes: r.attributes(place("/entries", i)+"/attributes", e.Attributes), Reasons: e.Reasons, Comment: e.Comment})
			}
			if err := r.err(); err != nil {
				return nil, err
			}
			made, err := s.Entities.AddEntries(ctx, who.Tenant, who.Actor, lid, list)
			if err != nil {
				return nil, below("/entries", err)
			}
			return reply(madeEntries{asked(ctx), shown(made, showEntry)}), nil
		})
	api.Handle(p, op("list-matchlist-entries", http.MethodGet, entries, tagMatchlists, "List entries", readLists),
		func(ctx context.Context, who api.Principal, in *struct {
			MatchlistPath
			Pages
		}) (*answer[entryList], error) {
			lid, err := in.list()
			if err != nil {
				return nil, err
			}
			paging := in.Pages
			list, total, err := s.Entities.Entries(ctx, who.Tenant, who.Actor, lid, paging.page())
			if err != nil {
				return nil, err
			}
			return reply(entryList{paging.listed(ctx, total), shown(list, showEntry)}), nil
		})
	api.Handle(p, op("get-matchlist-entry", http.MethodGet, entries+"/{entryId}", tagMatchlists, "Read an entry", readLists),
		func(ctx context.Context, who api.Principal, in *EntryPath) (*tagged[entryBody], error) {
			lid, eid, err := in.both()
			if err != nil {
				return nil, err
			}
			return oneEntry(ctx)(s.Entities.Entry(ctx, who.Tenant, who.Actor, lid, eid))
		})
	api.Handle(p, fails(op("update-matchlist-entry", http.MethodPatch, entries+"/{entryId}", tagMatchlists, "Change an entry", writeLists), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			EntryPath
			api.IfMatch
			Body entryChange
		}) (*tagged[entryBody], error) {
			lid, eid, err := in.both()
			if err != nil {
				return nil, err
			}
			r := &reading{}
			c := entity.EntryChange{Attributes: r.attributes("/attributes", in.Body.Attributes), Reasons: in.Body.Reasons, Comment: in.Body.Comment}
			if err := r.err(); err != nil {
				return nil, err
			}
			return oneEntry(ctx)(s.Entities.PatchEntry(ctx, who.Tenant, who.Actor, lid, eid, in.Rev(), c))
		})
	api.Handle(p, fails(op("delete-matchlist-entry", http.MethodDelete, entries+"/{entryId}", tagMatchlists, "Remove an entry", writeLists), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			EntryPath
			api.IfMatch
		}) (*answer[done], error) {
			lid, eid, err := in.both()
			if err != nil {
				return nil, err
			}
			return reply(done{asked(ctx)}), s.Entities.DeleteEntry(ctx, who.Tenant, who.Actor, lid, eid, in.Rev())
		})
}

// below puts the problems of an error below a place of the body.
func below(prefix string, err error) error {
	e := kyc.AsError(err)
	if len(e.Problems) == 0 {
		return err
	}
	out := *e
	out.Problems = nil
	for _, p := range e.Problems {
		p.Path = prefix + p.Path
		out.Problems = append(out.Problems, p)
	}
	return &out
}
