package field

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"bonafide/kyc"
)

// Operator is one compiled comparison of section 3.6.6. It is immutable and
// may be used by many goroutines.
//
// An unanswered value satisfies is_empty only, not_equals and not_in included.
// Strings compare exactly, in NFC and case-sensitively unless ignoreCase.
// A number is compared as an exact decimal and never equals a string. Objects
// stand for one of their members: a volume for its amount, a name for full, a
// wallet for its address; any other object satisfies is_not_empty, not_equals,
// not_in and not_contains at most. A list equals a list of the same members in
// any order and never a single value; in, contains, starts_with, matches and
// the comparisons of size and date hold when one member satisfies them; not_in
// and not_contains hold when no member does the opposite.
type Operator struct {
	name       string
	ignoreCase bool
	value      any   // as given
	list       []any // in, not_in
	pattern    *regexp.Regexp
	low, high  *big.Rat
	from, to   string // ISO dates or "today"
}

// Operators are the names of all operators in the order of the documentation.
func Operators() []string {
	return []string{
		"equals", "not_equals", "in", "not_in", "contains", "not_contains", "starts_with", "matches",
		"greater_than", "greater_or_equal", "less_than", "less_or_equal", "between",
		"is_empty", "is_not_empty", "is_true", "is_false", "before", "after", "age_below", "age_at_least",
	}
}

// ParseOperator compiles an operator with its value. matches takes RE2 and
// looks for it anywhere in the text; between takes [low, high] of numbers or
// of dates, both ends included; before and after take YYYY-MM-DD or "today";
// age_below and age_at_least take whole years. The problem's path is relative
// to the object that holds operator and value. Codes: operator_invalid,
// value_required, value_not_allowed, value_invalid, pattern_invalid.
func ParseOperator(op string, value json.RawMessage, ignoreCase bool) (Operator, *kyc.Problem) {
	o := Operator{name: op, ignoreCase: ignoreCase}
	bad := func(path, code, format string, args ...any) (Operator, *kyc.Problem) {
		return Operator{}, &kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)}
	}
	if !slices.Contains(Operators(), op) {
		return bad("/operator", "operator_invalid", "there is no operator %q; the operators are %s", op, strings.Join(Operators(), ", "))
	}
	given := len(value) > 0 && string(value) != "null"
	switch op {
	case "is_empty", "is_not_empty", "is_true", "is_false":
		if given {
			return bad("/value", "value_not_allowed", "%s takes no value", op)
		}
		return o, nil
	}
	if !given {
		return bad("/value", "value_required", "%s needs a value", op)
	}
	v, err := decodeValue(value)
	if err != nil {
		return bad("/value", "value_invalid", "the value cannot be read as JSON")
	}
	o.value = canonical(v)
	text, isText := o.value.(string)
	number, isNumber := decimal(o.value)
	if literal, is := o.value.(json.Number); is && !isNumber {
		return bad("/value", "value_invalid", "the number %.20s is beyond %d digits before or %d after the point", literal, wholeDigits, fractionDigits)
	}
	switch op {
	case "in", "not_in":
		list, ok := o.value.([]any)
		if !ok || len(list) == 0 {
			return bad("/value", "value_invalid", "%s needs an array with at least one value", op)
		}
		o.list = list
	case "starts_with", "matches":
		if !isText || text == "" {
			return bad("/value", "value_invalid", "%s needs a text", op)
		}
		if op == "matches" {
			if len(text) > maxPattern {
				return bad("/value", "pattern_invalid", "a pattern may have at most %d bytes", maxPattern)
			}
			if ignoreCase {
				text = "(?i)" + text
			}
			if o.pattern, err = regexp.Compile(text); err != nil {
				return bad("/value", "pattern_invalid", "the pattern is not RE2: %v", err)
			}
		}
	case "greater_than", "greater_or_equal", "less_than", "less_or_equal":
		if !isNumber {
			return bad("/value", "value_invalid", "%s needs a number; dates are compared with before and after", op)
		}
		o.low = number
	case "age_below", "age_at_least":
		if !isNumber || !number.IsInt() || number.Sign() < 0 || number.Cmp(big.NewRat(150, 1)) > 0 {
			return bad("/value", "value_invalid", "%s needs whole years from 0 to 150", op)
		}
		o.low = number
	case "before", "after":
		if !isText || text != "today" && !isDate(text) {
			return bad("/value", "value_invalid", "%s needs a date YYYY-MM-DD or the word today", op)
		}
		o.from = text
	case "between":
		pair, ok := o.value.([]any)
		if !ok || len(pair) != 2 {
			return bad("/value", "value_invalid", "between needs [low, high]")
		}
		var lowOK, highOK bool
		o.low, lowOK = decimal(pair[0])
		o.high, highOK = decimal(pair[1])
		if lowOK && highOK {
			if o.low.Cmp(o.high) > 0 {
				return bad("/value", "value_invalid", "between needs the lower end first")
			}
			return o, nil
		}
		from, fromOK := pair[0].(string)
		to, toOK := pair[1].(string)
		if lowOK || highOK || !fromOK || !toOK || from != "today" && !isDate(from) || to != "today" && !isDate(to) {
			return bad("/value", "value_invalid", "between needs two numbers or two dates")
		}
		if from != "today" && to != "today" && from > to {
			return bad("/value", "value_invalid", "between needs the lower end first")
		}
		o.low, o.high, o.from, o.to = nil, nil, from, to
	}
	return o, nil
}

// Name is the operator's name.
func (o Operator) Name() string { return o.name }

// Holds reports whether the value satisfies the operator at the time now,
// which "today" and ages are counted from (in UTC). A value that cannot be
// compared satisfies nothing but is_not_empty and the negations.
func (o Operator) Holds(value any, answered bool, now time.Time) bool {
	if !answered || blank(value) {
		return o.name == "is_empty"
	}
	value = canonical(value)
	switch o.name {
	case "is_not_empty":
		return true
	case "equals":
		return equal(scalar(value), scalar(o.value), o.ignoreCase)
	case "not_equals":
		return !equal(scalar(value), scalar(o.value), o.ignoreCase)
	case "in":
		return anyOf(value, o.within)
	case "not_in":
		return !anyOf(value, o.within)
	case "contains":
		return anyOf(value, o.holds)
	case "not_contains":
		return !anyOf(value, o.holds)
	case "is_true":
		return value == true
	case "is_false":
		return value == false
	}
	return anyOf(value, func(v any) bool { return o.compares(v, now) })
}

func (o Operator) within(v any) bool {
	return slices.ContainsFunc(o.list, func(x any) bool { return equal(v, x, o.ignoreCase) })
}

// holds is contains for one member: a text holds a text inside it, and a
// member of a list is equal.
func (o Operator) holds(v any) bool {
	text, isText := v.(string)
	part, isPart := o.value.(string)
	if !isText || !isPart {
		return equal(v, o.value, o.ignoreCase)
	}
	if o.ignoreCase {
		text, part = strings.ToLower(text), strings.ToLower(part)
	}
	return strings.Contains(text, part)
}

func (o Operator) compares(v any, now time.Time) bool {
	text, isText := v.(string)
	switch o.name {
	case "starts_with":
		prefix, _ := o.value.(string)
		if o.ignoreCase {
			text, prefix = strings.ToLower(text), strings.ToLower(prefix)
		}
		return isText && strings.HasPrefix(text, prefix)
	case "matches":
		return isText && o.pattern != nil && o.pattern.MatchString(text)
	case "before":
		return isText && isDate(text) && text < dayOf(o.from, now)
	case "after":
		return isText && isDate(text) && text > dayOf(o.from, now)
	case "age_below", "age_at_least":
		if !isText || !isDate(text) || o.low == nil || text > dayOf("today", now) {
			return false // nobody is born in the future
		}
		below := big.NewRat(int64(ageAt(text, now)), 1).Cmp(o.low) < 0
		return below == (o.name == "age_below")
	case "between":
		if o.low == nil {
			return isText && isDate(text) && o.from != "" && text >= dayOf(o.from, now) && text <= dayOf(o.to, now)
		}
	}
	n, ok := decimal(v)
	if !ok || o.low == nil {
		return false
	}
	c := n.Cmp(o.low)
	switch o.name {
	case "greater_than":
		return c > 0
	case "greater_or_equal":
		return c >= 0
	case "less_than":
		return c < 0
	case "less_or_equal":
		return c <= 0
	case "between":
		return c >= 0 && n.Cmp(o.high) <= 0
	}
	return false
}

// anyOf asks each member of a list, or the one value, reduced to what it
// stands for.
func anyOf(v any, holds func(any) bool) bool {
	list, ok := v.([]any)
	if !ok {
		return holds(scalar(v))
	}
	return slices.ContainsFunc(list, func(one any) bool { return holds(scalar(one)) })
}

// scalar gives what an object stands for in comparisons; other values stand
// for themselves.
func scalar(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for _, member := range []string{"amount", "full"} {
		if one, ok := m[member]; ok {
			return one
		}
	}
	if address, ok := m["address"]; ok && m["network"] != nil {
		return address
	}
	return v
}

// equal compares two JSON values; numbers as exact decimals, lists as sets.
func equal(a, b any, ignoreCase bool) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && (a == b || ignoreCase && strings.EqualFold(a, b))
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case nil:
		return b == nil
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		used := make([]bool, len(b))
	next:
		for _, x := range a {
			for i, y := range b {
				if !used[i] && equal(x, y, ignoreCase) {
					used[i] = true
					continue next
				}
			}
			return false
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, x := range a {
			y, has := b[k]
			if !has || !equal(x, y, ignoreCase) {
				return false
			}
		}
		return true
	}
	x, okA := decimal(a)
	y, okB := decimal(b)
	return okA && okB && x.Cmp(y) == 0
}

// canonical brings every text of a value into NFC; the value is copied only
// where something changes.
func canonical(v any) any {
	switch v := v.(type) {
	case string:
		if norm.NFC.IsNormalString(v) {
			return v
		}
		return norm.NFC.String(v)
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = canonical(one)
		}
		return out
	case []string:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = canonical(one)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, one := range v {
			out[k] = canonical(one)
		}
		return out
	}
	return v
}
