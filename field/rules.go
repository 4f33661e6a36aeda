package field

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Rules are the validation_rules of a field. Which of them a type takes is
// listed in its TypeSpec; pattern is RE2 and must match the whole value.
type Rules struct {
	Pattern      string `json:"pattern,omitempty"`
	PatternFlags string `json:"pattern_flags,omitempty"` // of i, m, s, U
	MinLength    *int   `json:"min_length,omitempty"`
	MaxLength    *int   `json:"max_length,omitempty"`
	// Min and Max bound a number, or the amount of a volume, inclusively.
	Min json.Number `json:"min,omitempty"`
	Max json.Number `json:"max,omitempty"`
	// OneOf and NotOneOf compare the normalised value exactly.
	OneOf    []any `json:"one_of,omitzero"`
	NotOneOf []any `json:"not_one_of,omitzero"`
	// EqualsField and DiffersFromField name another field of the same list.
	// Both compare only when both fields are answered.
	EqualsField      string `json:"equals_field,omitempty"`
	DiffersFromField string `json:"differs_from_field,omitempty"`
	// CustomMessage replaces the message of every problem of this field's
	// value; codes and paths stay.
	CustomMessage string `json:"custom_message,omitempty"`
}

// maxPattern bounds a pattern in bytes; RE2 matches in linear time but a
// pattern of megabytes would still be compiled.
const maxPattern = 1000

// compilePattern compiles RE2 anchored to the whole text.
func compilePattern(pattern, flags string) (*regexp.Regexp, error) {
	prefix := ""
	if flags != "" {
		prefix = "(?" + flags + ")"
	}
	// \A and \z anchor the whole text even when the flag m is set.
	return regexp.Compile(prefix + `\A(?:` + pattern + `)\z`)
}

// apply checks a normalised value against the rules that look at one value.
func (r *Rules) apply(c *call, f *Field, at string, v any) bool {
	before := len(c.problems)
	text, isText := scalar(v).(string)
	ready := f.compiled()
	if isText {
		if ready.rule != nil && !ready.rule.MatchString(text) {
			c.add(at, "pattern_mismatch", "the value does not have the form asked for")
		}
		n := utf8.RuneCountInString(text)
		if r.MinLength != nil && n < *r.MinLength {
			c.add(at, "too_short", "at least %d characters are needed", *r.MinLength)
		}
		if r.MaxLength != nil && n > *r.MaxLength {
			c.add(at, "too_long", "at most %d characters are allowed", *r.MaxLength)
		}
	}
	if n, ok := decimal(scalar(v)); ok {
		bound(c, at, n, ready.ruleMin, ready.ruleMax)
	}
	// A selection of several is held against the lists one by one.
	each := []any{v}
	if list, ok := v.([]any); ok {
		each = list
	}
	for _, one := range each {
		same := func(x any) bool { return equal(scalar(one), x, false) }
		if len(r.OneOf) > 0 && !slices.ContainsFunc(r.OneOf, same) {
			c.add(at, "not_allowed", "the value is not one of those allowed")
		}
		if slices.ContainsFunc(r.NotOneOf, same) {
			c.add(at, "not_allowed", "this value is not allowed")
		}
	}
	return len(c.problems) == before
}

func bound(c *call, at string, n, low, high *big.Rat) {
	if low != nil && n.Cmp(low) < 0 {
		c.add(at, "too_small", "the smallest value allowed is %s", plain(low))
	}
	if high != nil && n.Cmp(high) > 0 {
		c.add(at, "too_large", "the largest value allowed is %s", plain(high))
	}
}

// ruleNames are all rules in the order of the documentation.
func ruleNames() []string {
	return []string{"pattern", "pattern_flags", "min_length", "max_length", "min", "max", "one_of", "not_one_of", "equals_field", "differs_from_field", "custom_message"}
}

// define checks the rules of a definition; applicable names those the type
// takes.
func (r *Rules) define(d *definer, f *Field, at string, applicable []string) {
	given := map[string]bool{
		"pattern": r.Pattern != "", "pattern_flags": r.PatternFlags != "",
		"min_length": r.MinLength != nil, "max_length": r.MaxLength != nil,
		"min": r.Min != "", "max": r.Max != "",
		"one_of": r.OneOf != nil, "not_one_of": r.NotOneOf != nil,
		"equals_field": r.EqualsField != "", "differs_from_field": r.DiffersFromField != "",
	}
	for _, name := range ruleNames() {
		if given[name] && !slices.Contains(applicable, name) {
			d.add(pointer(at, name), "rule_not_applicable", "a field of type %s takes no %s", f.Type, name)
		}
	}
	d.pattern(pointer(at, "pattern"), r.Pattern, "")
	if r.PatternFlags != "" {
		if strings.Trim(r.PatternFlags, "imsU") != "" {
			d.add(pointer(at, "pattern_flags"), "pattern_flags_invalid", "pattern_flags may hold i, m, s and U")
		} else if r.Pattern == "" {
			d.add(pointer(at, "pattern_flags"), "option_conflict", "pattern_flags needs a pattern")
		}
	}
	d.span(at, "min_length", r.MinLength, "max_length", r.MaxLength, 0, maxText)
	d.decimals(at, "min", r.Min, "max", r.Max)
	if r.OneOf != nil && len(r.OneOf) == 0 {
		d.add(pointer(at, "one_of"), "range_invalid", "an empty one_of allows no answer at all")
	}
}
