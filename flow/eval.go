package flow

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
)

// The operators of seed 003.
const (
	opGE       = ">="
	opLE       = "<="
	opGT       = ">"
	opLT       = "<"
	opEQ       = "=="
	opNE       = "!="
	opIn       = "in"
	opNotIn    = "not_in"
	opContains = "contains"
	opExists   = "exists"
)

// Operators are the ten operators of a condition.
func Operators() []string {
	return []string{opGE, opLE, opGT, opLT, opEQ, opNE, opIn, opNotIn, opContains, opExists}
}

// Eval tells whether a condition holds for the facts (api.md 6.3):
//
//   - A missing path makes every operator false, "!=" and "not_in" too, except
//     "exists" with the value false. A null counts as missing for "exists".
//   - Numbers compare as decimals; two texts that are both ISO dates or
//     RFC 3339 times compare chronologically, other texts by code point.
//   - Nothing is converted: values of different types are never equal, and
//     "!=" and "not_in" are false for them as well, because an answer that
//     cannot be compared must not open a route. Only null can be compared
//     with everything.
//   - When the condition's value is a date, text that is none never orders.
//   - "contains" looks for text within text, or for an item in a list.
//
// Facts may hold string, bool, nil, json.Number, the Go number types, []any,
// []string and map[string]any.
func Eval(c Condition, facts map[string]any) bool {
	fact, found := Lookup(facts, c.Field)
	if c.Operator == opExists {
		want, ok := c.Value.(bool)
		return ok && want == (found && fact != nil)
	}
	if !found {
		return false
	}
	switch c.Operator {
	case opEQ:
		return equal(fact, c.Value, c.IgnoreCase)
	case opNE:
		return alike(fact, c.Value) && !equal(fact, c.Value, c.IgnoreCase)
	case opIn:
		list, ok := c.Value.([]any)
		return ok && member(fact, list, c.IgnoreCase)
	case opNotIn:
		list, ok := c.Value.([]any)
		if !ok {
			return false
		}
		for _, item := range list {
			if !alike(fact, item) || equal(fact, item, c.IgnoreCase) {
				return false
			}
		}
		return true
	case opContains:
		return contains(fact, c.Value, c.IgnoreCase)
	}
	order, ok := compare(fact, c.Value, c.IgnoreCase)
	if !ok {
		return false
	}
	switch c.Operator {
	case opGE:
		return order >= 0
	case opLE:
		return order <= 0
	case opGT:
		return order > 0
	case opLT:
		return order < 0
	}
	return false
}

// Holds tells whether a set of conditions holds: all of them, or any of them.
// No conditions never hold.
func Holds(conditions []Condition, match string, facts map[string]any) bool {
	for _, c := range conditions {
		if Eval(c, facts) != (match != MatchAny) {
			return match == MatchAny
		}
	}
	return match != MatchAny && len(conditions) > 0
}

// FirstRoute gives the way out of a conditional node: the first route whose
// conditions hold and its index, otherwise the default and -1.
func FirstRoute(n *Node, facts map[string]any) (next string, route int) {
	for i, r := range n.Routes {
		if Holds(r.Conditions, r.Match, facts) {
			return r.Next, i
		}
	}
	return n.Default, -1
}

// Lookup finds the fact at a dotted path. A segment names a member of an
// object or, as a decimal number, an item of a list.
func Lookup(facts map[string]any, path string) (any, bool) {
	var at any = facts
	for more := true; more; {
		var name string
		name, path, more = strings.Cut(path, ".")
		switch box := at.(type) {
		case map[string]any:
			v, ok := box[name]
			if !ok {
				return nil, false
			}
			at = v
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(box) {
				return nil, false
			}
			at = box[i]
		case []string:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(box) {
				return nil, false
			}
			at = box[i]
		default:
			return nil, false
		}
	}
	return at, true
}

// kind classes a value for comparison.
type kind uint8

const (
	kindOther kind = iota
	kindNull
	kindBool
	kindNumber
	kindText
	kindList
	kindObject
)

func kindOf(v any) kind {
	switch v.(type) {
	case nil:
		return kindNull
	case bool:
		return kindBool
	case string:
		return kindText
	case json.Number, float64, float32, int, int64, int32, uint64:
		return kindNumber
	case []any, []string:
		return kindList
	case map[string]any:
		return kindObject
	}
	return kindOther
}

// alike reports whether "different" means anything for two values: they are
// of one type, or one of them is null.
func alike(a, b any) bool {
	ka, kb := kindOf(a), kindOf(b)
	if ka == kindOther || kb == kindOther {
		return false
	}
	if ka == kindNumber && kb == kindNumber {
		_, okA := numberOf(a)
		_, okB := numberOf(b)
		return okA && okB
	}
	return ka == kb || ka == kindNull || kb == kindNull
}

// equal is deep and never converts.
func equal(a, b any, ignoreCase bool) bool {
	if kindOf(a) != kindOf(b) {
		return false
	}
	switch kindOf(a) {
	case kindNull:
		return true
	case kindBool:
		return a == b
	case kindNumber, kindText:
		order, ok := compare(a, b, ignoreCase)
		return ok && order == 0
	case kindList:
		la, lb := itemsOf(a), itemsOf(b)
		if len(la) != len(lb) {
			return false
		}
		for i := range la {
			if !equal(la[i], lb[i], ignoreCase) {
				return false
			}
		}
		return true
	case kindObject:
		ma, _ := a.(map[string]any)
		mb, _ := b.(map[string]any)
		if len(ma) != len(mb) {
			return false
		}
		for k, va := range ma {
			vb, ok := mb[k]
			if !ok || !equal(va, vb, ignoreCase) {
				return false
			}
		}
		return true
	}
	return false
}

// compare orders a fact against a condition's value; it reports false when
// the two have no order.
func compare(fact, value any, ignoreCase bool) (int, bool) {
	if a, ok := fact.(string); ok {
		b, ok := value.(string)
		if !ok {
			return 0, false
		}
		if tb, ok := dateOf(b); ok {
			ta, ok := dateOf(a)
			return ta.Compare(tb), ok
		}
		if ignoreCase {
			a, b = fold(a), fold(b)
		}
		return strings.Compare(a, b), true
	}
	a, ok := numberOf(fact)
	if !ok {
		return 0, false
	}
	b, ok := numberOf(value)
	if !ok {
		return 0, false
	}
	return a.Cmp(b), true
}

func contains(fact, value any, ignoreCase bool) bool {
	if text, ok := fact.(string); ok {
		part, ok := value.(string)
		if !ok {
			return false
		}
		if ignoreCase {
			text, part = fold(text), fold(part)
		}
		return strings.Contains(text, part)
	}
	return kindOf(fact) == kindList && member(value, itemsOf(fact), ignoreCase)
}

func member(v any, list []any, ignoreCase bool) bool {
	for _, item := range list {
		if equal(v, item, ignoreCase) {
			return true
		}
	}
	return false
}

func itemsOf(v any) []any {
	switch list := v.(type) {
	case []any:
		return list
	case []string:
		out := make([]any, len(list))
		for i, s := range list {
			out[i] = s
		}
		return out
	}
	return nil
}

// fold maps every letter to the smallest of its case variants (Unicode simple
// folding), so that folded texts are equal exactly when strings.EqualFold
// says so.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, s)
}
