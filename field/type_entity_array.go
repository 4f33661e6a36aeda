package field

import "fmt"

type entityArrayKind struct{}

// maxItems bounds the items of one array.
const maxItems = 100

// arrayOptions are shared by the two kinds of arrays.
func arrayOptions(fields string) []OptionSpec {
	return []OptionSpec{
		opt("item_fields", "field[]", nil, fields),
		opt("min_items", "integer", 0, "items at least, once there is an answer; a required field needs one in any case"),
		opt("max_items", "integer", 20, "items at most, 1 to 100"),
		opt("entity_role", "string", nil, "role of the parties named in the items, where their name field has none of its own"),
		opt("validate_lists", "boolean", false, "every name in the items is screened on watchlists"),
	}
}

func (entityArrayKind) spec() TypeSpec {
	return TypeSpec{
		Name: "entity_array", Category: "complex",
		Summary: "A list of people or companies, each described by the item fields.",
		Stored:  "array of objects keyed by field_id",
		Options: arrayOptions("the fields of one item; at least one"),
	}
}

func (entityArrayKind) define(d *definer, f *Field, at string) {
	if len(f.ItemFields) == 0 {
		d.add(at+"/item_fields", "item_fields_required", "an item needs at least one field")
	}
	d.items(f, at)
}

// items checks what both kinds of arrays share.
func (d *definer) items(f *Field, at string) {
	d.span(at, "min_items", f.MinItems, "max_items", f.MaxItems, 0, maxItems)
	if f.MaxItems != nil && *f.MaxItems == 0 {
		d.add(at+"/max_items", "range_invalid", "max_items must be at least 1")
	}
	d.role(f, at)
	if on(f.ValidateLists) && len(f.ItemFields) > 0 && !namesSomebody(f.ItemFields) {
		d.add(at+"/validate_lists", "option_conflict", "there is no field of type name in the items that could be screened")
	}
}

func namesSomebody(fields []Field) bool {
	for i := range fields {
		if fields[i].Type == "name" || namesSomebody(fields[i].Fields) || namesSomebody(fields[i].ItemFields) {
			return true
		}
	}
	return false
}

func (k entityArrayKind) read(c *call, f *Field, at string, v any) (any, bool) {
	return k.readIn(&scope{c: c}, f, at, v)
}

func (entityArrayKind) readIn(s *scope, f *Field, at string, v any) (any, bool) {
	return readItems(s, f, at, v)
}

func readItems(s *scope, f *Field, at string, v any) (any, bool) {
	c := s.c
	list, ok := v.([]any)
	if !ok {
		c.add(at, "wrong_type", "the answer must be an array of objects")
		return nil, false
	}
	before := len(c.problems)
	limit := maxItems
	if f.MaxItems != nil {
		limit = *f.MaxItems
	}
	if len(list) > limit {
		c.add(at, "too_many_items", "at most %d items are allowed", limit)
		return nil, false
	}
	if f.MinItems != nil && len(list) < *f.MinItems {
		c.add(at, "too_few_items", "at least %d items are needed", *f.MinItems)
	}
	out := make([]any, 0, len(list))
	for i, one := range list {
		here := fmt.Sprintf("%s/%d", at, i)
		m, is := one.(map[string]any)
		if !is {
			c.add(here, "wrong_type", "an item must be an object")
			continue
		}
		if blank(m) {
			c.add(here, "required", "an item may not be empty")
			continue
		}
		found := len(c.problems)
		item := c.form(f.ItemFields, m, here, s)
		if len(item) == 0 && len(c.problems) == found {
			c.add(here, "required", "an item may not be empty")
		}
		out = append(out, item)
	}
	return out, len(c.problems) == before
}
