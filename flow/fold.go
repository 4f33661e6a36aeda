package flow

import (
	"reflect"
	"strconv"
	"strings"
)

// warnConditions finds, by constant folding, conditions that can never hold,
// routes that are never taken, and values of another type than their field.
func (d *draft) warnConditions(f *findings) {
	for _, id := range sorted(d.nodes) {
		n := d.nodes[id]
		for i, r := range n.Routes {
			at := index("/routes", i)
			d.warnGroup(f, n, at, r.Conditions, r.Match)
			for j, earlier := range n.Routes[:i] {
				if earlier.Match == r.Match && reflect.DeepEqual(earlier.Conditions, r.Conditions) {
					f.warn(id, d.loc(id, at), "route_never_taken", "route %d has the same conditions and comes first", j)
					break
				}
			}
		}
		for i, fac := range n.Factors {
			d.warnGroup(f, n, index("/factors", i), fac.Conditions, fac.Match)
		}
	}
}

// warnGroup looks at the conditions of one route or factor.
func (d *draft) warnGroup(f *findings, n *Node, at string, list []Condition, match string) {
	byField := map[string][]Condition{}
	for i, c := range list {
		cAt := index(at+"/conditions", i)
		if why := neverHolds(c); why != "" {
			f.warn(n.ID, d.loc(n.ID, cAt), "condition_never_holds", "%s", why)
		} else if why := mistyped(c); why != "" {
			f.warn(n.ID, d.loc(n.ID, cAt+"/value"), "type_mismatch", "%s", why)
		}
		byField[c.Field] = append(byField[c.Field], c)
	}
	if match == MatchAny {
		return
	}
	for _, field := range sorted(byField) {
		if group := byField[field]; len(group) > 1 && contradict(group) {
			f.warn(n.ID, d.loc(n.ID, at+"/conditions"), "condition_never_holds", "the conditions on %s exclude each other", field)
		}
	}
}

// fieldType is what is known of a field: its kind, its possible words, the
// bounds of its number.
type fieldType struct {
	kind   kind
	date   bool
	words  []string
	lo, hi float64
}

// typeOf gives what is known of a field; kindOther for nothing.
func typeOf(field string) fieldType {
	parts := strings.Split(field, ".")
	last := parts[len(parts)-1]
	switch {
	case parts[0] == "checks" && len(parts) == 3 && last == "status":
		return fieldType{kind: kindText, words: []string{"passed", "failed", "review", "error", "skipped"}}
	case parts[0] == "checks" && len(parts) == 3 && last == "score":
		return fieldType{kind: kindNumber, lo: -1e300, hi: 1e300}
	case field == "session.country":
		return fieldType{kind: kindText}
	case field == "session.tags":
		return fieldType{kind: kindList}
	case field == "risk.score":
		return fieldType{kind: kindNumber, lo: 0, hi: 100}
	case field == "extracted.age":
		return fieldType{kind: kindNumber, lo: 0, hi: 150}
	case parts[0] != "extracted" || len(parts) != 2:
		return fieldType{}
	case oneOf(last, "date_of_birth", "expiry_date", "issue_date"):
		return fieldType{kind: kindText, date: true}
	case oneOf(last, "first_name", "last_name", "full_name", "sex", "nationality", "issuing_country",
		"document_type", "document_number", "personal_number", "address"):
		return fieldType{kind: kindText}
	}
	return fieldType{}
}

// neverHolds says why a single condition can never hold; "" when it can.
func neverHolds(c Condition) string {
	t := typeOf(c.Field)
	list, isList := c.Value.([]any)
	switch {
	case c.Operator == opIn && isList && len(list) == 0:
		return "nothing is in an empty list"
	case len(t.words) > 0 && c.Operator == opEQ && kindOf(c.Value) == kindText && !possible(t, c.Value, c.IgnoreCase),
		len(t.words) > 0 && c.Operator == opIn && isList && noneOf(t, list, c.IgnoreCase):
		return c.Field + " is only ever " + strings.Join(t.words, ", ")
	case t.kind == kindNumber && kindOf(c.Value) == kindNumber && outside(c, t):
		return c.Field + " is never beyond " + short(t.lo) + " to " + short(t.hi)
	}
	return ""
}

func possible(t fieldType, v any, ignoreCase bool) bool {
	for _, w := range t.words {
		if equal(w, v, ignoreCase) {
			return true
		}
	}
	return false
}

func noneOf(t fieldType, list []any, ignoreCase bool) bool {
	for _, v := range list {
		if possible(t, v, ignoreCase) {
			return false
		}
	}
	return true
}

// outside reports whether a number comparison excludes the field's whole
// range.
func outside(c Condition, t fieldType) bool {
	holds := func(fact float64) bool {
		return Eval(Condition{Field: "x", Operator: c.Operator, Value: c.Value}, map[string]any{"x": fact})
	}
	switch c.Operator {
	case opLT, opLE:
		return !holds(t.lo)
	case opGT, opGE:
		return !holds(t.hi)
	case opEQ:
		below := Eval(Condition{Field: "x", Operator: opLT, Value: c.Value}, map[string]any{"x": t.hi})
		above := Eval(Condition{Field: "x", Operator: opGT, Value: c.Value}, map[string]any{"x": t.lo})
		return !holds(t.lo) && !holds(t.hi) && below == above
	}
	return false
}

// mistyped says why a value's type does not fit its field. Nothing is ever
// converted, so such a condition is false when it runs.
func mistyped(c Condition) string {
	t := typeOf(c.Field)
	values := []any{c.Value}
	switch c.Operator {
	case opExists:
		return ""
	case opIn, opNotIn:
		values, _ = c.Value.([]any)
	case opContains:
		switch t.kind {
		case kindNumber:
			return c.Field + " is a number and contains nothing"
		case kindList:
			return ""
		}
	}
	for _, v := range values {
		k := kindOf(v)
		text, _ := v.(string)
		ordering := oneOf(c.Operator, opGE, opLE, opGT, opLT)
		switch {
		case t.kind != kindOther && k != kindNull && k != t.kind:
			return c.Field + " is " + t.kind.name() + ", compared with " + k.name() + "; nothing is converted, so this never holds"
		case t.date && k == kindText && ordering && !isDate(text):
			return c.Field + " is a date (YYYY-MM-DD), compared with other text"
		case t.kind == kindOther && k == kindText && ordering && looksNumeric(text):
			return "the value is text that looks like a number; text is ordered letter by letter, so write a number"
		}
	}
	return ""
}

func isDate(s string) bool { _, ok := dateOf(s); return ok }

func looksNumeric(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func (k kind) name() string {
	switch k {
	case kindNull:
		return "null"
	case kindBool:
		return "true or false"
	case kindNumber:
		return "a number"
	case kindText:
		return "text"
	case kindList:
		return "a list"
	case kindObject:
		return "an object"
	}
	return "unknown"
}

// maxFolding bounds how many comparisons are spent on one group of
// conditions: a warning is not worth a slow answer.
const maxFolding = 2000

// contradict reports whether conditions on one field, which must all hold,
// exclude each other.
func contradict(group []Condition) bool {
	var candidates []any
	fixed, items := false, 0
	for _, c := range group {
		list, _ := c.Value.([]any)
		items += 1 + len(list)
		if c.IgnoreCase {
			return false // a value in other case may satisfy the rest
		}
		switch c.Operator {
		case opEQ:
			candidates, fixed = append(candidates, c.Value), true
		case opIn:
			candidates, fixed = append(candidates, list...), true
		}
	}
	if len(candidates)*items > maxFolding {
		return false
	}
	if fixed {
		// Whatever the field holds, it equals one of these.
		for _, v := range candidates {
			if allHold(group, map[string]any{"x": v}) {
				return false
			}
		}
		return true
	}
	return absentAndPresent(group) || emptyInterval(group)
}

// allHold evaluates conditions that speak of one field as if it were "x".
func allHold(group []Condition, facts map[string]any) bool {
	for _, c := range group {
		c.Field = "x"
		if !Eval(c, facts) {
			return false
		}
	}
	return true
}

func absentAndPresent(group []Condition) bool {
	absent, present := false, false
	for _, c := range group {
		if c.Operator == opExists && c.Value == false {
			absent = true
		} else {
			present = true
		}
	}
	return absent && present && !allHold(group, map[string]any{"x": nil})
}

// emptyInterval reports whether order comparisons leave no value. Every pair
// of a lower and an upper bound is looked at; bounds of different types
// (number and text) can never both hold.
func emptyInterval(group []Condition) bool {
	for _, low := range group {
		for _, high := range group {
			if !oneOf(low.Operator, opGT, opGE) || !oneOf(high.Operator, opLT, opLE) {
				continue
			}
			order, ok := compare(low.Value, high.Value, false)
			strict := low.Operator == opGT || high.Operator == opLT
			if ok && (order > 0 || order == 0 && strict) || kindOf(low.Value) != kindOf(high.Value) {
				return true
			}
		}
	}
	return false
}
