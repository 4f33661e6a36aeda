package api

import (
	"bonafide/kyc"
)

// Offset is embedded by the list inputs of surface D: limit and offset, or a
// cursor in place of the offset.
type Offset struct {
	Limit  int    `query:"limit" doc:"How many to show at most." minimum:"1" maximum:"100" default:"50"`
	Offset int    `query:"offset" doc:"How many to leave out at the beginning." minimum:"0" maximum:"1000000" default:"0"`
	Cursor string `query:"cursor" doc:"Where to go on: next_cursor of the page before, with the same filters. Replaces offset." maxLength:"1024"`
}

// Pagination is what a list of surface D says about itself.
type Pagination struct {
	Total      int    `json:"total" doc:"How many match the filters." minimum:"0"`
	Limit      int    `json:"limit" doc:"How many were asked for." minimum:"1"`
	Offset     int    `json:"offset" doc:"How many were left out; 0 with a cursor." minimum:"0"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Give it as cursor, with the same filters, for the next page; absent at the end."`
}

// Page turns the parameters into the store's page. list names the list (its
// path will do), filters is anything that JSON can write and that selects the
// same objects when it is the same. Errors: Malformed cursor_invalid for a
// cursor of another list, filter set, tenant or installation.
func (o Offset) Page(p *Porch, who Principal, list string, filters any) (kyc.Page, error) {
	page := kyc.Page{Limit: o.Limit, Offset: o.Offset}
	if page.Limit <= 0 {
		page.Limit = 50
	}
	if o.Cursor == "" {
		return page, nil
	}
	after, err := p.Signer.OpenCursor(o.Cursor, who.Tenant, list, filters)
	if err != nil {
		return kyc.Page{}, err
	}
	page.After, page.Offset = after, 0
	return page, nil
}

// Answer describes the page that was read: shown is how many objects it has
// and last the id of the last one.
func (o Offset) Answer(p *Porch, who Principal, list string, filters any, total, shown int, last kyc.ID) Pagination {
	limit := o.Limit
	if limit <= 0 {
		limit = 50
	}
	out := Pagination{Total: total, Limit: limit, Offset: o.Offset}
	if o.Cursor != "" {
		out.Offset = 0
	}
	// With an offset the end is known exactly; with a cursor a full page may
	// be followed by an empty one, which then carries no cursor.
	more := shown == limit && (o.Cursor != "" || o.Offset+shown < total)
	if more && last != "" {
		out.NextCursor = p.Signer.Cursor(last, who.Tenant, list, filters)
	}
	return out
}
