package field

import "math/big"

type numberKind struct{}

func (numberKind) spec() TypeSpec {
	return TypeSpec{
		Name: "number", Category: "basic",
		Summary: "A decimal number, kept exactly, with at most 30 digits before and 20 after the point.",
		Stored:  "JSON number without exponent",
		Options: []OptionSpec{
			opt("min_value", "number", nil, "smallest value allowed"),
			opt("max_value", "number", nil, "largest value allowed"),
			opt("integer", "boolean", false, "only whole numbers"),
			opt("step", "number", nil, "distance between allowed values, counted from min_value or from 0"),
			opt("unit", "string", nil, "unit shown behind the input"),
		},
		Rules: numberRules(),
	}
}

func (numberKind) define(d *definer, f *Field, at string) {
	d.decimals(at, "min_value", f.MinValue, "max_value", f.MaxValue)
	if step, ok := decimal(f.Step); ok && step.Sign() <= 0 {
		d.add(at+"/step", "range_invalid", "step must be above 0")
	}
}

func (numberKind) read(c *call, f *Field, at string, v any) (any, bool) {
	n, ok := c.number(at, v)
	if !ok {
		return nil, false
	}
	before := len(c.problems)
	r := f.compiled()
	bound(c, at, n, r.min, r.max)
	if on(f.Integer) && !n.IsInt() {
		c.add(at, "not_integer", "the number must be whole")
	}
	if r.step != nil && r.step.Sign() > 0 {
		from := new(big.Rat)
		if r.min != nil {
			from = r.min
		}
		if offset := new(big.Rat).Sub(n, from); !offset.Quo(offset, r.step).IsInt() {
			c.add(at, "step_mismatch", "the number must be a multiple of %s, counted from %s", plain(r.step), plain(from))
		}
	}
	return plain(n), len(c.problems) == before
}

// number takes a JSON number and nothing else.
func (c *call) number(at string, v any) (*big.Rat, bool) {
	if _, is := literal(v); !is {
		c.add(at, "wrong_type", "the answer must be a number")
		return nil, false
	}
	n, ok := decimal(v)
	if !ok {
		c.add(at, "number_too_long", "at most %d digits before and %d after the point are allowed", wholeDigits, fractionDigits)
	}
	return n, ok
}
