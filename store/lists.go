package store

import (
	"context"
	"fmt"

	"bonafide/kyc"
)

var (
	sqlList     = readList.query(byID)
	sqlListItem = readListItem.query(byID)
	sqlAllItems = readListItem.query("WHERE org_id = ? AND env = ? AND list_id = ? ORDER BY id")
)

// List finds a customer's own list, archived or not.
func (db *DB) List(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.List, error) {
	return readList.one(ctx, db, sqlList, string(id), string(t.Org), string(t.Env), string(id))
}

// Lists lists the customer's own lists, newest first.
func (db *DB) Lists(ctx context.Context, t kyc.Tenant, f kyc.ListFilter, p kyc.Page) ([]kyc.List, int, error) {
	q := of(t)
	q.is("type", string(f.Type))
	q.is("mode", string(f.Mode))
	if !f.Archived {
		q.and("archived_at = 0")
	}
	return readList.page(ctx, db, q, p)
}

// ListItem finds one entry of a list.
func (db *DB) ListItem(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.ListItem, error) {
	return readListItem.one(ctx, db, sqlListItem, string(id), string(t.Org), string(t.Env), string(id))
}

// ListItems lists the entries of a list, newest first.
func (db *DB) ListItems(ctx context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.ListItem, int, error) {
	q := of(t)
	q.and("list_id = ?", string(list))
	return readListItem.page(ctx, db, q, p)
}

// hashesAtOnce keeps a query below the number of arguments both take.
const hashesAtOnce = 500

// ListItemsByHash finds the entries of these lists whose hash is one of
// these, oldest first.
func (db *DB) ListItemsByHash(ctx context.Context, t kyc.Tenant, lists []kyc.ID, hashes []string) ([]kyc.ListItem, error) {
	if len(lists) == 0 {
		return nil, nil
	}
	var out []kyc.ListItem
	for len(hashes) > 0 {
		part := hashes[:min(len(hashes), hashesAtOnce)]
		hashes = hashes[len(part):]
		q := of(t)
		q.in("hash", texts(part))
		q.in("list_id", texts(lists))
		found, err := readListItem.all(ctx, db, onceSQL("SELECT "+readListItem.columns+" FROM list_item "+q.where()+" ORDER BY id"), q.args...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// AllListItems reads a whole list, oldest entry first.
func (db *DB) AllListItems(ctx context.Context, t kyc.Tenant, list kyc.ID) ([]kyc.ListItem, error) {
	return readListItem.all(ctx, db, sqlAllItems, string(t.Org), string(t.Env), string(list))
}

// texts makes arguments of strings of any name.
func texts[S ~string](in []S) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// Traits finds the blind indexes of a kind whose hash is one of these.
func (db *DB) Traits(ctx context.Context, t kyc.Tenant, kind string, hashes []string) ([]kyc.Trait, error) {
	var out []kyc.Trait
	for len(hashes) > 0 {
		part := hashes[:min(len(hashes), hashesAtOnce)]
		hashes = hashes[len(part):]
		q := of(t)
		q.and("kind = ?", kind)
		q.in("hash", texts(part))
		err := db.driver.Query(ctx, onceSQL("SELECT hash, session_id, subject_id FROM trait "+q.where()+" ORDER BY session_id"), q.args, func(row Row) error {
			x := kyc.Trait{Kind: kind}
			if err := row.Scan(&x.Hash, (*string)(&x.SessionID), (*string)(&x.SubjectID)); err != nil {
				return err
			}
			out = append(out, x)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("reading traits: %w", err)
		}
	}
	return out, nil
}
