package field

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

type selectKind struct{}

// maxOther bounds a free answer beside the options, in code points.
const maxOther = 255

func (selectKind) spec() TypeSpec {
	return TypeSpec{
		Name: "select", Category: "basic",
		Summary: "One of the given options, or several of them.",
		Stored:  "the option's value exactly as defined; an array of values, in the order of the options, when multiple",
		Options: []OptionSpec{
			opt("options", "option[]", nil, "texts, or objects with value and label; at least one, each value once"),
			opt("allow_other", "boolean", false, "a free text of up to 255 characters is accepted beside the options"),
			opt("multiple", "boolean", false, "several options may be chosen"),
		},
		Rules: plainRules(),
	}
}

func (selectKind) define(d *definer, f *Field, at string) {
	if len(f.Options) == 0 {
		d.add(at+"/options", "select_options_required", "a select needs at least one option")
	}
	seen := map[string]bool{}
	for i, o := range f.Options {
		here := fmt.Sprintf("%s/options/%d", at, i)
		switch {
		case clean(o.Value) == "":
			d.add(here, "option_empty", "an option needs a value")
		case clean(o.Value) != o.Value:
			d.add(here, "option_not_normal", "the value must be in Unicode NFC without white space at its ends, as answers are")
		case seen[o.Value]:
			d.add(here, "option_duplicate", "the option %q is given twice", o.Value)
		}
		seen[o.Value] = true
	}
}

func (selectKind) read(c *call, f *Field, at string, v any) (any, bool) {
	if !on(f.Multiple) {
		return f.choice(c, at, v)
	}
	list, ok := v.([]any)
	if !ok {
		c.add(at, "wrong_type", "the answer must be an array of texts")
		return nil, false
	}
	if len(list) > len(f.Options)+maxOthers {
		c.add(at, "too_many_items", "more options are chosen than there are")
		return nil, false
	}
	var chosen []string
	for i, one := range list {
		here := fmt.Sprintf("%s/%d", at, i)
		text, fits := f.choice(c, here, one)
		if fits && slices.Contains(chosen, text) {
			c.add(here, "duplicate", "the option is chosen twice")
			fits = false
		}
		ok = ok && fits
		chosen = append(chosen, text)
	}
	// The order of clicking means nothing; free answers stay behind.
	place := func(text string) int {
		if i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Value == text }); i >= 0 {
			return i
		}
		return len(f.Options)
	}
	slices.SortStableFunc(chosen, func(a, b string) int { return place(a) - place(b) })
	out := make([]any, len(chosen))
	for i, text := range chosen {
		out[i] = text
	}
	return out, ok
}

// maxOthers is how many free answers a multiple select takes.
const maxOthers = 10

func (f *Field) choice(c *call, at string, v any) (string, bool) {
	text, ok := c.text(at, v)
	if !ok {
		return "", false
	}
	if slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == text }) {
		return text, true
	}
	if text = clean(text); slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == text }) {
		return text, true
	}
	switch {
	case !on(f.AllowOther):
		c.add(at, "option_unknown", "the answer is not one of the options")
	case text == "":
		c.add(at, "required", "a free answer may not be empty")
	case utf8.RuneCountInString(text) > maxOther:
		c.add(at, "too_long", "a free answer may have at most %d characters", maxOther)
	case slices.ContainsFunc([]rune(text), func(r rune) bool { return unicode.IsControl(r) || isBidi(r) }):
		c.add(at, "control_character", "control characters are not allowed")
	default:
		return text, true
	}
	return "", false
}
