package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

// ListValue is the readable part of an item.
type ListValue struct {
	Value       string            `json:"value,omitempty" doc:"The value: a name, an address, a number. Not used by geolocation and face lists." maxLength:"1000"`
	DateOfBirth string            `json:"date_of_birth,omitempty" doc:"YYYY-MM-DD, on name lists; must then be equal." maxLength:"10"`
	Latitude    float64           `json:"latitude,omitempty" doc:"Degrees, on geolocation lists." minimum:"-90" maximum:"90"`
	Longitude   float64           `json:"longitude,omitempty" doc:"Degrees, on geolocation lists." minimum:"-180" maximum:"180"`
	RadiusKM    float64           `json:"radius_km,omitempty" doc:"Kilometres, on geolocation lists." minimum:"0"`
	Vector      []float64         `json:"vector,omitempty" doc:"Face embedding, on face lists." maxItems:"4096" nullable:"false"`
	Note        string            `json:"note,omitempty" doc:"Why it is on the list." maxLength:"2000"`
	Extra       map[string]string `json:"extra,omitempty" doc:"Anything of yours."`
}

func (v ListValue) kyc() kyc.ListValue { return kyc.ListValue(v) }

type itemView struct {
	ID            string `json:"id" doc:"The item's id." example:"item_0199a0b0-1111-7222-8333-444455556666"`
	ListID        string `json:"list_id" doc:"Its list."`
	FalsePositive bool   `json:"false_positive" doc:"Whether it is left out of matching."`
	CreatedAt     stamp  `json:"created_at" doc:"When it was added."`
	ListValue
}

func showItem(i kyc.ListItem) itemView {
	return itemView{ID: kyc.Dress("item", i.ID), ListID: kyc.Dress("list", i.ListID), FalsePositive: i.FalsePositive, CreatedAt: at(i.CreatedAt), ListValue: ListValue(i.Value)}
}

type ItemPath struct {
	ListPath
	ItemID string `path:"item_id" doc:"The item's id." example:"item_0199a0b0-1111-7222-8333-444455556666"`
}

func (in ItemPath) ids() (kyc.ID, kyc.ID, error) {
	lid, err := id("list", in.ID)
	if err != nil {
		return "", "", err
	}
	iid, err := id("item", in.ItemID)
	return lid, iid, err
}

type skipped struct {
	Index  int           `json:"index" doc:"Place in the request, from 0."`
	Reason string        `json:"reason" doc:"Why it was not added." enum:"duplicate,invalid"`
	Errors []api.Finding `json:"errors" doc:"What is wrong with it." nullable:"false"`
}

type bulkItems struct {
	Added     int        `json:"added" doc:"How many were added."`
	Items     []itemView `json:"items" doc:"They." nullable:"false"`
	Skipped   []skipped  `json:"skipped" doc:"Those that were not." nullable:"false"`
	ItemCount int        `json:"item_count" doc:"How many the list has now."`
}

func showRows(rows []session.Row, l kyc.List) *answer[bulkItems] {
	out := bulkItems{Items: []itemView{}, Skipped: []skipped{}, ItemCount: l.Items}
	for _, r := range rows {
		switch {
		case r.Item != nil:
			out.Added++
			out.Items = append(out.Items, showItem(*r.Item))
		case r.Duplicate:
			out.Skipped = append(out.Skipped, skipped{Index: r.Index, Reason: "duplicate", Errors: findings(nil)})
		default:
			out.Skipped = append(out.Skipped, skipped{Index: r.Index, Reason: "invalid", Errors: findings(r.Problems)})
		}
	}
	return &answer[bulkItems]{Body: out}
}

func (s *surface) itemRoutes() {
	p := s.Porch
	api.Handle(p, op("list-items", http.MethodGet, "/lists/{id}/items", "Lists", "Items of a list", readLists), s.listItems)
	api.Handle(p, fails(created(op("add-item", http.MethodPost, "/lists/{id}/items", "Lists", "Add an item", writeLists)), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			ListPath
			Body ListValue
		}) (*answer[itemView], error) {
			lid, err := id("list", in.ID)
			if err != nil {
				return nil, err
			}
			rows, _, err := s.Lists.Add(ctx, who.Tenant, who.Actor, lid, []kyc.ListValue{in.Body.kyc()}, "", true)
			if err != nil {
				return nil, err
			}
			if rows[0].Item == nil {
				return nil, kyc.Errorf(kyc.Conflict, "duplicate_item", "the list has this value already")
			}
			return &answer[itemView]{Body: showItem(*rows[0].Item)}, nil
		})
	api.Handle(p, fails(said(created(op("add-items", http.MethodPost, "/lists/{id}/items/bulk", "Lists", "Add up to 1,000 items", writeLists)),
		"Wrong items and those the list has already are skipped and listed; the others are added."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			ListPath
			Body struct {
				Items []ListValue `json:"items" doc:"The items." minItems:"1" maxItems:"1000" nullable:"false"`
			}
		}) (*answer[bulkItems], error) {
			values := make([]kyc.ListValue, len(in.Body.Items))
			for i, v := range in.Body.Items {
				values[i] = v.kyc()
			}
			return s.addMany(ctx, who, in.ID, values)
		})
	csv := said(created(op("import-items", http.MethodPost, "/lists/{id}/items/csv", "Lists", "Add up to 1,000 items from a CSV file", writeLists)),
		"UTF-8, comma separated, with a header row. Columns: value, date_of_birth, latitude, longitude, radius_km, note; any other column is kept as extra.")
	csv.Upload = &api.Upload{Files: []api.UploadField{{Name: "file", Doc: "The CSV file.", Required: true}}}
	api.Handle(p, fails(csv, http.StatusConflict), func(ctx context.Context, who api.Principal, in *ListPath) (*answer[bulkItems], error) {
		file, _ := api.FormFrom(ctx).File("file")
		values, err := readCSV(file.Bytes)
		if err != nil {
			return nil, err
		}
		return s.addMany(ctx, who, in.ID, values)
	})
	api.Handle(p, op("update-item", http.MethodPatch, "/lists/{id}/items/{item_id}", "Lists", "Change an item's note or mark it", writeLists),
		func(ctx context.Context, who api.Principal, in *struct {
			ItemPath
			Body struct {
				Note          *string `json:"note,omitempty" doc:"New note." maxLength:"2000"`
				FalsePositive *bool   `json:"false_positive,omitempty" doc:"true leaves it out of matching."`
			}
		}) (*answer[itemView], error) {
			return s.changeItem(ctx, who, in.ItemPath, session.ItemChange{Note: in.Body.Note, FalsePositive: in.Body.FalsePositive})
		})
	api.Handle(p, said(op("mark-false-positive", http.MethodPost, "/lists/{id}/items/{item_id}/false-positive", "Lists", "Mark a false positive", writeLists), "The item stays and is left out of matching from now on."),
		func(ctx context.Context, who api.Principal, in *ItemPath) (*answer[itemView], error) {
			yes := true
			return s.changeItem(ctx, who, *in, session.ItemChange{FalsePositive: &yes})
		})
	api.Handle(p, op("remove-item", http.MethodDelete, "/lists/{id}/items/{item_id}", "Lists", "Remove an item", writeLists),
		func(ctx context.Context, who api.Principal, in *ItemPath) (*struct{}, error) {
			lid, iid, err := in.ids()
			if err != nil {
				return nil, err
			}
			_, err = s.Lists.Remove(ctx, who.Tenant, who.Actor, lid, iid)
			return nil, err
		})
	api.Handle(p, said(op("check-list", http.MethodPost, "/lists/{id}/check", "Lists", "Ask a list without saving", readLists), "Names are compared by likeness, places by distance, faces by cosine; everything else exactly."), s.checkList)
	export := op("export-list", http.MethodGet, "/lists/{id}/export", "Lists", "All items as CSV", readLists)
	export.Binary = "text/csv"
	api.Handle(p, export, s.exportList)
}

func (s *surface) addMany(ctx context.Context, who api.Principal, text string, values []kyc.ListValue) (*answer[bulkItems], error) {
	lid, err := id("list", text)
	if err != nil {
		return nil, err
	}
	rows, l, err := s.Lists.Add(ctx, who.Tenant, who.Actor, lid, values, "/items", false)
	if err != nil {
		return nil, err
	}
	return showRows(rows, l), nil
}

func (s *surface) changeItem(ctx context.Context, who api.Principal, in ItemPath, c session.ItemChange) (*answer[itemView], error) {
	lid, iid, err := in.ids()
	if err != nil {
		return nil, err
	}
	it, err := s.Lists.EditItem(ctx, who.Tenant, who.Actor, lid, iid, c)
	if err != nil {
		return nil, err
	}
	return &answer[itemView]{Body: showItem(it)}, nil
}

func (s *surface) listItems(ctx context.Context, who api.Principal, in *struct {
	ListPath
	api.Offset
}) (*answer[page[itemView]], error) {
	lid, err := id("list", in.ID)
	if err != nil {
		return nil, err
	}
	pg, err := in.Page(s.Porch, who, "items", lid)
	if err != nil {
		return nil, err
	}
	list, total, err := s.Lists.Items(ctx, who.Tenant, who.Actor, lid, pg)
	if err != nil {
		return nil, err
	}
	return part(s, who, in.Offset, "items", lid, list, total, func(i kyc.ListItem) kyc.ID { return i.ID }, showItem), nil
}

type listMatch struct {
	Item  itemView `json:"item" doc:"The entry that was hit."`
	Score float64  `json:"score" doc:"Likeness 0-1; 1 where values are compared exactly." minimum:"0" maximum:"1"`
}

type listCheck struct {
	ListID  string      `json:"list_id" doc:"The list."`
	Mode    string      `json:"mode" doc:"What a match means." enum:"block,flag,allow"`
	Matched bool        `json:"matched" doc:"Whether anything was hit."`
	Matches []listMatch `json:"matches" doc:"What was hit, best first." nullable:"false"`
}

func (s *surface) checkList(ctx context.Context, who api.Principal, in *struct {
	ListPath
	Body ListValue
}) (*answer[listCheck], error) {
	lid, err := id("list", in.ID)
	if err != nil {
		return nil, err
	}
	l, err := s.Lists.Read(ctx, who.Tenant, lid)
	if err != nil {
		return nil, err
	}
	got, err := s.Lists.Match(ctx, who.Tenant, who.Actor, lid, in.Body.kyc())
	if err != nil {
		return nil, err
	}
	out := listCheck{ListID: kyc.Dress("list", lid), Mode: string(l.Mode), Matched: len(got) > 0, Matches: []listMatch{}}
	for _, m := range got {
		out.Matches = append(out.Matches, listMatch{Item: showItem(m.Item), Score: m.Score})
	}
	return &answer[listCheck]{Body: out}, nil
}

func (s *surface) exportList(ctx context.Context, who api.Principal, in *ListPath) (*fileAnswer, error) {
	lid, err := id("list", in.ID)
	if err != nil {
		return nil, err
	}
	_, items, err := s.Lists.Export(ctx, who.Tenant, who.Actor, lid)
	if err != nil {
		return nil, err
	}
	return &fileAnswer{ContentType: "text/csv; charset=utf-8", Disposition: `attachment; filename="list.csv"`, CacheControl: "no-store", Body: writeCSV(items)}, nil
}
