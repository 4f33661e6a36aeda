package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

const (
	readLists  = "lists:read"
	writeLists = "lists:write"
)

type ListPath struct {
	ID string `path:"id" doc:"The list's id." example:"list_0199a0b0-1111-7222-8333-444455556666"`
}

type listView struct {
	ID          string `json:"id" doc:"The list's id." example:"list_0199a0b0-1111-7222-8333-444455556666"`
	Name        string `json:"name" doc:"What people call it."`
	Description string `json:"description" doc:"What it is for."`
	Type        string `json:"type" doc:"What it holds." enum:"name,email,phone,ip_address,government_id,country,geolocation,browser_fingerprint,device_fingerprint,face,string"`
	Mode        string `json:"mode" doc:"What a match means: block fails the check, flag is recorded, allow is trusted." enum:"block,flag,allow"`
	ItemCount   int    `json:"item_count" doc:"How many items it has."`
	Version     int64  `json:"version" doc:"Grows with each change of its items."`
	IsArchived  bool   `json:"is_archived" doc:"Whether it is out of use."`
	CreatedAt   stamp  `json:"created_at" doc:"When it was made."`
	UpdatedAt   stamp  `json:"updated_at" doc:"When it or its items last changed."`
}

func showList(l kyc.List) listView {
	return listView{ID: kyc.Dress("list", l.ID), Name: l.Name, Description: l.Description, Type: string(l.Type), Mode: string(l.Mode), ItemCount: l.Items,
		Version: l.Version, IsArchived: !l.ArchivedAt.IsZero(), CreatedAt: at(l.CreatedAt), UpdatedAt: at(l.UpdatedAt)}
}

func showTaggedList(l kyc.List, err error) (*tagged[listView], error) {
	if err != nil {
		return nil, err
	}
	return tag(l.Meta, showList(l)), nil
}

func (s *surface) listRoutes() {
	p := s.Porch
	api.Handle(p, said(created(op("create-list", http.MethodPost, "/lists", "Lists", "Create a list", writeLists)),
		"A list of your own that the check check_against_list asks. Values are stored encrypted and looked up by HMAC."),
		func(ctx context.Context, who api.Principal, in *struct {
			Body struct {
				Name        string `json:"name" doc:"What people call it." minLength:"1" maxLength:"200"`
				Description string `json:"description,omitempty" doc:"What it is for." maxLength:"4000"`
				Type        string `json:"type" doc:"What it holds; never changes." enum:"name,email,phone,ip_address,government_id,country,geolocation,browser_fingerprint,device_fingerprint,face,string"`
				Mode        string `json:"mode,omitempty" doc:"What a match means." enum:"block,flag,allow" default:"flag"`
			}
		}) (*tagged[listView], error) {
			b := in.Body
			return showTaggedList(s.Lists.Create(ctx, who.Tenant, who.Actor, session.NewList{Name: b.Name, Description: b.Description, Type: kyc.ListType(b.Type), Mode: kyc.ListMode(b.Mode)}))
		})
	api.Handle(p, op("list-lists", http.MethodGet, "/lists", "Lists", "List lists", readLists), s.listLists)
	api.Handle(p, op("get-list", http.MethodGet, "/lists/{id}", "Lists", "Read a list", readLists),
		func(ctx context.Context, who api.Principal, in *ListPath) (*tagged[listView], error) {
			lid, err := id("list", in.ID)
			if err != nil {
				return nil, err
			}
			return showTaggedList(s.Lists.Read(ctx, who.Tenant, lid))
		})
	api.Handle(p, fails(op("update-list", http.MethodPatch, "/lists/{id}", "Lists", "Change a list", writeLists), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			ListPath
			api.IfMatch
			Body struct {
				Name        *string `json:"name,omitempty" doc:"New name." minLength:"1" maxLength:"200"`
				Description *string `json:"description,omitempty" doc:"New description." maxLength:"4000"`
				Mode        *string `json:"mode,omitempty" doc:"What a match means." enum:"block,flag,allow"`
			}
		}) (*tagged[listView], error) {
			lid, err := id("list", in.ID)
			if err != nil {
				return nil, err
			}
			c := session.ListChange{Name: in.Body.Name, Description: in.Body.Description}
			if in.Body.Mode != nil {
				mode := kyc.ListMode(*in.Body.Mode)
				c.Mode = &mode
			}
			return showTaggedList(s.Lists.Edit(ctx, who.Tenant, who.Actor, lid, rev(in.IfMatch), c))
		})
	archive := func(yes bool) func(context.Context, api.Principal, *ListPath) (*tagged[listView], error) {
		return func(ctx context.Context, who api.Principal, in *ListPath) (*tagged[listView], error) {
			lid, err := id("list", in.ID)
			if err != nil {
				return nil, err
			}
			return showTaggedList(s.Lists.Edit(ctx, who.Tenant, who.Actor, lid, 0, session.ListChange{Archived: &yes}))
		}
	}
	api.Handle(p, fails(said(op("archive-list", http.MethodPost, "/lists/{id}/archive", "Lists", "Take a list out of use", writeLists), "Refused (409 `list_in_use`) while a published workflow names it."), http.StatusConflict), archive(true))
	o := op("delete-list", http.MethodDelete, "/lists/{id}", "Lists", "The same as archiving", writeLists)
	o.Status = http.StatusOK
	api.Handle(p, fails(o, http.StatusConflict), archive(true))
	api.Handle(p, op("restore-list", http.MethodPost, "/lists/{id}/restore", "Lists", "Bring an archived list back", writeLists), archive(false))
}

func (s *surface) listLists(ctx context.Context, who api.Principal, in *struct {
	api.Offset
	Type     string `query:"type" doc:"Only lists of this type." enum:"name,email,phone,ip_address,government_id,country,geolocation,browser_fingerprint,device_fingerprint,face,string"`
	Mode     string `query:"mode" doc:"Only lists of this mode." enum:"block,flag,allow"`
	Archived bool   `query:"archived" doc:"Show archived lists too."`
}) (*answer[page[listView]], error) {
	f := kyc.ListFilter{Type: kyc.ListType(in.Type), Mode: kyc.ListMode(in.Mode), Archived: in.Archived}
	pg, err := in.Page(s.Porch, who, "lists", f)
	if err != nil {
		return nil, err
	}
	list, total, err := s.Lists.List(ctx, who.Tenant, f, pg)
	if err != nil {
		return nil, err
	}
	return part(s, who, in.Offset, "lists", f, list, total, func(l kyc.List) kyc.ID { return l.ID }, showList), nil
}
