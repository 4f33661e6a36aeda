package session

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// MaxRows is how many items one call adds at most.
const MaxRows = 1000

// maxValue bounds a value's text, maxVector a face vector.
const (
	maxValue  = 1000
	maxVector = 4096
)

// Row is the fate of one item of a bulk call.
type Row struct {
	Index int
	Item  *kyc.ListItem // nil when it was not added
	// Duplicate says that the list has this value already.
	Duplicate bool
	Problems  []kyc.Problem
}

// Add puts items on a list. With all, nothing is added when one item is wrong
// (422 with every problem, pointers under prefix/<index>); otherwise wrong
// ones and duplicates are skipped and told in their row, unless all are wrong.
func (m *Lists) Add(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, values []kyc.ListValue, prefix string, all bool) ([]Row, kyc.List, error) {
	if len(values) == 0 || len(values) > MaxRows {
		return nil, kyc.List{}, kyc.InvalidInput("invalid_rows", "send 1 to 1,000 items", []kyc.Problem{{Path: prefix, Code: "invalid_rows", Message: "send 1 to 1,000 items"}})
	}
	l, err := m.open(ctx, t, id)
	if err != nil {
		return nil, l, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return nil, l, err
	}
	rows, err := m.rows(ctx, &l, values, prefix, now)
	if err != nil {
		return nil, l, err
	}
	change := &kyc.Change{}
	var problems []kyc.Problem
	for _, r := range rows {
		problems = append(problems, r.Problems...)
		if r.Item != nil {
			change.Put = append(change.Put, r.Item)
		}
	}
	if all && len(problems) > 0 {
		return nil, l, kyc.InvalidInput("invalid_items", "nothing was added", problems)
	}
	// Of a file of which no row can be read, nothing is skipped: it is refused.
	if len(problems) > 0 && !slices.ContainsFunc(rows, func(r Row) bool { return len(r.Problems) == 0 }) {
		return nil, l, kyc.InvalidInput("invalid_items", "nothing was added", problems)
	}
	added := len(change.Put)
	if added == 0 {
		return rows, l, nil
	}
	before := digest(&l)
	l.Items += added
	l.Version++
	l.Touch(now)
	e := event(ctx, t, by, now, "list.add", "list", l.ID, "")
	e.Before, e.After, e.Reason = before, digest(&l), fmt.Sprintf("%d items", added)
	change.Put = append(change.Put, &l)
	change.Events = append(change.Events, e)
	return rows, l, m.store.Commit(ctx, change)
}

// rows turns values into items and finds what is wrong or there already.
func (m *Lists) rows(ctx context.Context, l *kyc.List, values []kyc.ListValue, prefix string, now time.Time) ([]Row, error) {
	rows := make([]Row, len(values))
	var hashes []string
	for i, v := range values {
		rows[i].Index = i
		at := prefix
		if prefix != "" || len(values) > 1 {
			at = fmt.Sprintf("%s/%d", prefix, i)
		}
		if rows[i].Problems = checkValue(l.Type, &v, at); len(rows[i].Problems) > 0 {
			continue
		}
		hash, err := m.hash(ctx, l, v)
		if err != nil {
			return nil, err
		}
		item := &kyc.ListItem{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: l.Tenant}, ListID: l.ID, Hash: hash, Value: v}
		item.Touch(now)
		rows[i].Item = item
		hashes = append(hashes, hash)
	}
	known := map[string]bool{}
	if len(hashes) > 0 {
		items, err := m.store.ListItemsByHash(ctx, l.Tenant, []kyc.ID{l.ID}, hashes)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			known[it.Hash+"|"+it.Value.DateOfBirth] = true
		}
	}
	for i := range rows {
		if it := rows[i].Item; it != nil {
			key := it.Hash + "|" + it.Value.DateOfBirth
			if known[key] {
				rows[i].Duplicate, rows[i].Item = true, nil
			}
			known[key] = true
		}
	}
	return rows, nil
}

// hash is the blind index of a value: of its normal form, or, for places and
// faces, of the whole value.
func (m *Lists) hash(ctx context.Context, l *kyc.List, v kyc.ListValue) (string, error) {
	normal := v.Value
	switch l.Type {
	case kyc.ListGeo:
		normal = fmt.Sprintf("%.6f,%.6f,%.3f", v.Latitude, v.Longitude, v.RadiusKM)
	case kyc.ListFace:
		normal = string(encode(v.Vector))
	default:
		if n, ok := l.Type.Normal(v.Value); ok {
			normal = n
		}
	}
	return m.store.Blind(ctx, l.Tenant, l.Type.BlindKind(), normal)
}

func checkValue(typ kyc.ListType, v *kyc.ListValue, at string) []kyc.Problem {
	var p []kyc.Problem
	add := func(field, code, message string) {
		p = append(p, kyc.Problem{Path: at + "/" + field, Code: code, Message: message})
	}
	v.Value = strings.TrimSpace(v.Value)
	if len(v.Value) > maxValue || len(v.Note) > maxNoteBytes || len(v.Extra) > 50 {
		add("value", "too_long", fmt.Sprintf("a value has at most %d bytes, a note %d, and there are at most 50 extra entries", maxValue, maxNoteBytes))
	}
	switch typ {
	case kyc.ListGeo:
		// Nobody lives at 0, 0: it is what a forgotten or misnamed pair reads as.
		if v.Latitude == 0 && v.Longitude == 0 {
			add("latitude", "required", "a geolocation needs latitude and longitude")
		}
		if v.Value != "" {
			add("value", "not_allowed", "a geolocation is given as latitude and longitude, not as value")
		}
		if v.Latitude < -90 || v.Latitude > 90 || v.Longitude < -180 || v.Longitude > 180 {
			add("latitude", "out_of_range", "latitude is -90 to 90, longitude -180 to 180, in degrees")
		}
		if v.RadiusKM <= 0 || v.RadiusKM > 20_040 {
			add("radius_km", "out_of_range", "a radius of more than 0 and at most 20,040 km")
		}
	case kyc.ListFace:
		if len(v.Vector) < 64 || len(v.Vector) > maxVector || norm(v.Vector) == 0 {
			add("vector", "invalid_vector", "a face is a vector of 64 to 4,096 numbers, not all zero")
		}
	default:
		if _, ok := typ.Normal(v.Value); !ok {
			add("value", "invalid_value", fmt.Sprintf("this is no %s", typ))
		} else if typ == kyc.ListCountry {
			v.Value = strings.ToUpper(v.Value)
			if !IsCountry(v.Value) {
				add("value", "invalid_value", "use an ISO 3166-1 alpha-2 code")
			}
		}
	}
	if v.DateOfBirth != "" {
		if _, err := time.Parse(time.DateOnly, v.DateOfBirth); err != nil || typ != kyc.ListName {
			add("date_of_birth", "invalid_date", "a date YYYY-MM-DD, on name lists only")
		}
	}
	return p
}

// Remove takes an item off a list.
func (m *Lists) Remove(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, item kyc.ID) (kyc.List, error) {
	l, it, now, err := m.item(ctx, t, id, item)
	if err != nil {
		return l, err
	}
	before := digest(&l)
	l.Items = max(l.Items-1, 0)
	l.Version++
	l.Touch(now)
	e := event(ctx, t, by, now, "list.remove", "list", l.ID, "")
	e.Before, e.After = before, digest(&l)
	return l, m.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&l}, Remove: []kyc.Object{&it}, Events: []kyc.Event{e}})
}

// ItemChange edits an item; nil leaves a part alone.
type ItemChange struct {
	Note *string
	// FalsePositive true says that what this entry hits is not meant; it is
	// then left out of matching.
	FalsePositive *bool
}

// EditItem applies a change.
func (m *Lists) EditItem(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, item kyc.ID, c ItemChange) (kyc.ListItem, error) {
	l, it, now, err := m.item(ctx, t, id, item)
	if err != nil {
		return it, err
	}
	action := "list.update_item"
	if c.Note != nil {
		if len(*c.Note) > maxNoteBytes {
			return it, kyc.InvalidInput("invalid_items", "the note is too long", []kyc.Problem{{Path: "/note", Code: "too_long", Message: fmt.Sprintf("at most %d bytes", maxNoteBytes)}})
		}
		it.Value.Note = *c.Note
	}
	if c.FalsePositive != nil {
		it.FalsePositive, action = *c.FalsePositive, "list.mark_false_positive"
	}
	before := digest(&l)
	it.Touch(now)
	l.Version++
	l.Touch(now)
	e := event(ctx, t, by, now, action, "list", l.ID, "")
	e.Before, e.After = before, digest(&l)
	return it, m.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&l, &it}, Events: []kyc.Event{e}})
}

func (m *Lists) item(ctx context.Context, t kyc.Tenant, id, item kyc.ID) (kyc.List, kyc.ListItem, time.Time, error) {
	l, err := m.open(ctx, t, id)
	if err != nil {
		return l, kyc.ListItem{}, time.Time{}, err
	}
	it, err := m.store.ListItem(ctx, t, item)
	if err != nil {
		return l, it, time.Time{}, err
	}
	if it.ListID != id {
		return l, it, time.Time{}, kyc.Missing("list item", string(item))
	}
	now, _, err := m.now(ctx, t)
	return l, it, now, err
}

// Items gives a page of a list's items and records the look.
func (m *Lists) Items(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, p kyc.Page) ([]kyc.ListItem, int, error) {
	if _, err := m.store.List(ctx, t, id); err != nil {
		return nil, 0, err
	}
	items, total, err := m.store.ListItems(ctx, t, id, p)
	if err != nil {
		return nil, 0, err
	}
	return items, total, m.seen(ctx, t, by, id, "list.items.read")
}

// Export gives every item of a list and records it.
func (m *Lists) Export(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.List, []kyc.ListItem, error) {
	l, err := m.store.List(ctx, t, id)
	if err != nil {
		return l, nil, err
	}
	items, err := m.store.AllListItems(ctx, t, id)
	if err != nil {
		return l, nil, err
	}
	return l, items, m.seen(ctx, t, by, id, "list.export")
}

func (m *Lists) seen(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, action string) error {
	now, _, err := m.now(ctx, t)
	if err != nil {
		return err
	}
	return m.store.Commit(ctx, &kyc.Change{Events: []kyc.Event{event(ctx, t, by, now, action, "list", id, "")}})
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}
