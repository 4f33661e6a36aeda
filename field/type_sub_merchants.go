package field

import "slices"

type subMerchantsKind struct{}

func (subMerchantsKind) spec() TypeSpec {
	return TypeSpec{
		Name: "sub_merchants", Category: "complex",
		Summary: "A list of merchants behind the applicant; every item has a domain and a volume.",
		Stored:  "array of objects keyed by field_id, with domain and volume",
		Options: arrayOptions("further fields of one item; a company name when absent. The fixed fields domain (type domain) and volume (type volume) are put behind them unless they are defined here"),
	}
}

// define completes the items. What is added is written out, so that a stored
// definition shows every field there is.
func (subMerchantsKind) define(d *definer, f *Field, at string) {
	fresh := func(id, name, kindName string) Field {
		raw := `{"field_id":"` + id + `","name":"` + name + `","type":"` + kindName + `","required":true`
		if kindName == "name" {
			raw += `,"name_type":"company"`
		}
		own := &definer{}
		return own.field([]byte(raw+"}"), "", maxNesting)
	}
	if len(f.ItemFields) == 0 {
		f.ItemFields = []Field{fresh("name", "Name", "name")}
	}
	for _, fixed := range []struct{ id, name string }{{"domain", "Domain"}, {"volume", "Volume"}} {
		i := slices.IndexFunc(f.ItemFields, func(x Field) bool { return x.FieldID == fixed.id })
		switch {
		case i < 0:
			f.ItemFields = append(f.ItemFields, fresh(fixed.id, fixed.name, fixed.id))
		case f.ItemFields[i].Type != fixed.id:
			d.add(at+"/item_fields", "fixed_field_type", "the field %s of a sub-merchant is of type %s", fixed.id, fixed.id)
		}
	}
	d.items(f, at)
}

func (k subMerchantsKind) read(c *call, f *Field, at string, v any) (any, bool) {
	return k.readIn(&scope{c: c}, f, at, v)
}

func (subMerchantsKind) readIn(s *scope, f *Field, at string, v any) (any, bool) {
	return readItems(s, f, at, v)
}
