package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"bonafide/kyc"
)

// raw is a row as it lies in its table.
type raw struct {
	meta   kyc.Meta
	doc    []byte
	secret []byte
	texts  [4]string
	ints   [3]int64
	// kept is what its session's retention left of it.
	kept kyc.Keeping
}

// reader reads one kind of object back. texts and ints are columns that win
// over the document, because something else than a Put may change them.
type reader[T any] struct {
	kind        *kind
	texts, ints []string
	columns     string
	// finish sets what the document does not hold: the Meta, the columns, the
	// personal part.
	finish func(ctx context.Context, db *DB, r *raw, v *T) error
}

func newReader[T any](k *kind, texts, ints []string, finish func(context.Context, *DB, *raw, *T) error) *reader[T] {
	names := []string{"id", "org_id", "env", "rev", "created_at", "updated_at", "doc"}
	if k.sealed {
		names = append(names, "secret")
	}
	names = append(append(names, texts...), ints...)
	for i, n := range names {
		names[i] = k.table + "." + n
	}
	if k.mark != "" {
		names = append(names, k.mark)
	}
	return &reader[T]{kind: k, texts: texts, ints: ints, columns: strings.Join(names, ", "), finish: finish}
}

// query makes a lasting statement: everything after FROM table.
func (r *reader[T]) query(rest string) *SQL {
	return NewSQL("SELECT " + r.columns + " FROM " + r.kind.table + " " + rest)
}

func (r *reader[T]) scan(row Row) (raw, error) {
	var x raw
	var id, org, env string
	var created, updated int64
	dest := make([]any, 0, 16)
	dest = append(dest, &id, &org, &env, &x.meta.Rev, &created, &updated, &x.doc)
	if r.kind.sealed {
		dest = append(dest, &x.secret)
	}
	for i := range r.texts {
		dest = append(dest, &x.texts[i])
	}
	for i := range r.ints {
		dest = append(dest, &x.ints[i])
	}
	if r.kind.mark != "" {
		dest = append(dest, (*int64)(&x.kept))
	}
	if err := row.Scan(dest...); err != nil {
		return x, err
	}
	x.meta.ID, x.meta.Tenant = kyc.ID(id), kyc.Tenant{Org: kyc.ID(org), Env: kyc.Env(env)}
	x.meta.CreatedAt, x.meta.UpdatedAt = moment(created), moment(updated)
	return x, nil
}

func (r *reader[T]) build(ctx context.Context, db *DB, x *raw) (T, error) {
	var v T
	if err := json.Unmarshal(x.doc, &v); err != nil {
		return v, errSealed(fmt.Errorf("reading the %s %s: %w", r.kind.what, x.meta.ID, err))
	}
	if err := r.finish(ctx, db, x, &v); err != nil {
		return v, err
	}
	return v, nil
}

// collect reads all rows first and opens their secrets afterwards, so that no
// connection is held while another is needed.
func (r *reader[T]) collect(ctx context.Context, db *DB, q *SQL, args []any, run func(context.Context, *SQL, []any, func(Row) error) error) ([]T, error) {
	return r.gather(ctx, db, q, args, run, false)
}

// gather is collect. With damaged, rows that cannot be opened come back marked.
func (r *reader[T]) gather(ctx context.Context, db *DB, q *SQL, args []any, run func(context.Context, *SQL, []any, func(Row) error) error, damaged bool) ([]T, error) {
	var rows []raw
	err := run(ctx, q, args, func(row Row) error {
		x, err := r.scan(row)
		rows = append(rows, x)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading from %s: %w", r.kind.table, err)
	}
	out := make([]T, 0, len(rows))
	for i := range rows {
		v, err := r.build(ctx, db, &rows[i])
		if err != nil && damaged && kyc.IsCode(err, codeBroken) {
			err = db.markDamaged(ctx, r.kind, &rows[i], &v, err)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// all reads every row of a query.
func (r *reader[T]) all(ctx context.Context, db *DB, q *SQL, args ...any) ([]T, error) {
	return r.collect(ctx, db, q, args, db.driver.Query)
}

// one reads the first row; without any it is Missing, named as the caller
// asked for it.
func (r *reader[T]) one(ctx context.Context, db *DB, q *SQL, name string, args ...any) (T, error) {
	found, err := r.all(ctx, db, q, args...)
	if err != nil || len(found) > 0 {
		if err != nil {
			var none T
			return none, err
		}
		return found[0], nil
	}
	var none T
	return none, kyc.Missing(r.kind.what, name)
}

// filter collects the conditions of a list.
type filter struct {
	conds []string
	args  []any
	// few says that the conditions leave few rows, which are found and then
	// sorted. Otherwise a database may walk along all rows of the tenant in
	// the order of the list until it has seen enough of them.
	few bool
	// by orders the list by this column first, the greatest first; rows that
	// are equal in it are ordered by ID. Empty orders by ID, which is the order
	// of creation.
	by string
	// oldest turns the order round.
	oldest bool
	// covered says that an index in the order of the list holds all columns of
	// the conditions: the IDs of the page are found in it first, and only their
	// rows are read.
	covered bool
}

func of(t kyc.Tenant) *filter {
	return &filter{conds: []string{"org_id = ?", "env = ?"}, args: []any{string(t.Org), string(t.Env)}}
}

// among keeps the rows of a tenant among those that the IDs, or conditions to
// come, find by themselves. The empty strings are as in byID.
func among(t kyc.Tenant, ids []kyc.ID) *filter {
	f := &filter{conds: []string{"org_id || '' = ?", "env || '' = ?"}, args: []any{string(t.Org), string(t.Env)}, few: true}
	f.in("id", texts(ids))
	return f
}

func (f *filter) and(cond string, args ...any) {
	f.conds = append(f.conds, cond)
	f.args = append(f.args, args...)
}

// is adds an equality unless the value is empty.
func (f *filter) is(column, value string) {
	if value != "" {
		f.and(column+" = ?", value)
	}
}

// in adds "one of" unless there is none.
func (f *filter) in(column string, values []any) {
	if len(values) > 0 {
		f.and(column+" IN ("+marks(len(values))+")", values...)
	}
}

// notIn adds "none of" unless there is none.
func (f *filter) notIn(column string, values []string) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	f.and(column+" NOT IN ("+marks(len(args))+")", args...)
}

// between adds a half-open range of time.
func (f *filter) between(column string, from, to int64) {
	if from != 0 {
		f.and(column+" >= ?", from)
	}
	if to != 0 {
		f.and(column+" < ?", to)
	}
}

func (f *filter) where() string { return "WHERE " + strings.Join(f.conds, " AND ") }

// Page limits: what a list gives when the caller does not say, and at most.
const (
	defaultPage = 100
	maximumPage = 1000
)

func window(p kyc.Page) (limit, offset int64) {
	limit = int64(p.Limit)
	if limit <= 0 {
		limit = defaultPage
	}
	return min(limit, maximumPage), int64(max(p.Offset, 0))
}

// page reads a part of a list in the filter's order, and the total of the
// filter. With Page.After the list continues behind that ID, which costs the
// same on every page; the total is of the whole filter either way, and 0 with
// Page.Uncounted.
func (r *reader[T]) page(ctx context.Context, db *DB, f *filter, p kyc.Page) ([]T, int, error) {
	var total int64
	if !p.Uncounted {
		count := onceSQL("SELECT COUNT(*) FROM " + r.kind.table + " " + f.where())
		if err := db.driver.Query(ctx, count, f.args, func(row Row) error { return row.Scan(&total) }); err != nil {
			return nil, 0, fmt.Errorf("counting %s: %w", r.kind.table, err)
		}
	}
	q, args := r.listing(f, p)
	found, err := r.gather(ctx, db, q, args, db.driver.Query, p.Damaged)
	return found, int(total), err
}

// listing makes the query of a page.
func (r *reader[T]) listing(f *filter, p kyc.Page) (*SQL, []any) {
	limit, offset := window(p)
	g := filter{conds: append([]string(nil), f.conds...), args: append([]any(nil), f.args...)}
	way, beyond := " DESC", "<"
	if f.oldest {
		way, beyond = " ASC", ">"
	}
	order := "id" + way
	if f.few {
		order = "id || ''" + way // no index has this order
	}
	if f.by != "" {
		order = f.by + way + ", id" + way
	}
	switch {
	case p.After == "":
	case f.by == "":
		g.and("id "+beyond+" ?", string(p.After))
	default:
		g.and("("+f.by+", id) "+beyond+" (SELECT "+f.by+", id FROM "+r.kind.table+" WHERE id = ? AND org_id || '' = ? AND env || '' = ?)",
			string(p.After), f.args[0], f.args[1])
	}
	from, order := " FROM "+r.kind.table+" ", " ORDER BY "+order
	found := from + g.where() + order + " LIMIT ? OFFSET ?"
	if f.covered {
		found = from + "WHERE id IN (SELECT id" + found + ")" + order
	}
	return onceSQL("SELECT " + r.columns + found), append(g.args, limit, offset)
}

// opened unseals the personal part into dest. unreadable is true when its key
// was destroyed, and when retention withheld or destroyed its session: this is
// the one place where whatever belongs to a session is kept from being read. A
// column without anything leaves dest alone.
func opened(ctx context.Context, db *DB, k *kind, x *raw, owner kyc.ID, dest any) (unreadable bool, err error) {
	switch {
	case x.kept != kyc.KeptReadable:
		return true, db.keys.meet(ctx, ownerKey(x.meta.Tenant, owner))
	case len(x.secret) == 0:
		return false, db.keys.meet(ctx, ownerKey(x.meta.Tenant, owner))
	case x.secret[0] == markErased:
		return true, nil
	}
	key, err := db.keys.get(ctx, ownerKey(x.meta.Tenant, owner))
	if kyc.IsCode(err, "erased") {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, open(key, k.place(x.meta.ID), x.secret, dest)
}
