package field

type booleanKind struct{}

func (booleanKind) spec() TypeSpec {
	return TypeSpec{
		Name: "boolean", Category: "basic",
		Summary: "Yes or no; false is an answer.",
		Stored:  "true or false",
		Options: []OptionSpec{
			opt("true_label", "string", nil, "text of the yes"),
			opt("false_label", "string", nil, "text of the no"),
			opt("must_be_true", "boolean", false, "only yes is accepted, as for a consent; no answer is refused like a no"),
		},
		Rules: pairRules(),
	}
}

func (booleanKind) define(*definer, *Field, string) {}

func (booleanKind) read(c *call, f *Field, at string, v any) (any, bool) {
	b, ok := v.(bool)
	switch {
	case !ok:
		c.add(at, "wrong_type", "the answer must be true or false")
	case on(f.MustBeTrue) && !b:
		c.add(at, "must_be_true", "this must be confirmed")
		ok = false
	}
	return b, ok
}
