package field

type objectKind struct{}

func (objectKind) spec() TypeSpec {
	return TypeSpec{
		Name: "object", Category: "complex",
		Summary: "A group of fields with an answer of its own; objects and arrays may be nested up to three levels deep.",
		Stored:  "object keyed by field_id",
		Options: []OptionSpec{
			opt("fields", "field[]", nil, "the fields of the group; at least one. Its required fields count once the group is answered or required"),
		},
	}
}

func (objectKind) define(d *definer, f *Field, at string) {
	if len(f.Fields) == 0 {
		d.add(at+"/fields", "object_fields_required", "an object needs at least one field")
	}
}

func (k objectKind) read(c *call, f *Field, at string, v any) (any, bool) {
	return k.readIn(&scope{c: c}, f, at, v)
}

func (objectKind) readIn(s *scope, f *Field, at string, v any) (any, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		s.c.add(at, "wrong_type", "the answer must be an object")
		return nil, false
	}
	before := len(s.c.problems)
	out := s.c.form(f.Fields, m, at, s)
	return out, len(s.c.problems) == before
}
