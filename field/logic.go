package field

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Logic is the grammar of conditional_logic and show_if:
//
//	{"action":"show"|"hide"|"require","match":"all"|"any",
//	 "conditions":[{"field_id","operator","value","ignore_case"}]}
//
// action defaults to show, match to all.
type Logic struct {
	Action     string      `json:"action"`
	Match      string      `json:"match"`
	Conditions []Condition `json:"conditions"`
}

// Condition asks one thing of one field, addressed by field_id or field_key.
type Condition struct {
	FieldID    string          `json:"field_id"`
	Operator   string          `json:"operator"`
	Value      json.RawMessage `json:"value,omitempty"`
	IgnoreCase bool            `json:"ignore_case,omitempty"`

	compiled *Operator
}

// maxConditions bounds one Logic.
const maxConditions = 50

// ParseLogic reads a Logic; at is the JSON Pointer of it. The fields it names
// are listed by Refs; whether they exist only the caller can know. Problem
// codes: wrong_type, unknown_field, action_invalid, match_invalid,
// conditions_required, conditions_too_many, condition_field_required,
// operator_invalid, value_required, value_invalid, pattern_invalid.
func ParseLogic(raw json.RawMessage, at string) (Logic, []kyc.Problem) {
	d := &definer{}
	l := d.logic(raw, at)
	return l, d.problems
}

func (d *definer) logic(raw json.RawMessage, at string) Logic {
	l := Logic{Action: "show", Match: "all", Conditions: []Condition{}}
	m, ok := d.object(raw, at, "action", "match", "conditions")
	if !ok {
		return l
	}
	d.text(m, at, "action", &l.Action)
	d.text(m, at, "match", &l.Match)
	if !slices.Contains([]string{"show", "hide", "require"}, l.Action) {
		d.add(at+"/action", "action_invalid", "action is show, hide or require")
	}
	if l.Match != "all" && l.Match != "any" {
		d.add(at+"/match", "match_invalid", "match is all or any")
	}
	list, ok := d.array(m["conditions"], at+"/conditions")
	switch {
	case ok && len(list) == 0:
		d.add(at+"/conditions", "conditions_required", "at least one condition is needed")
	case len(list) > maxConditions:
		d.add(at+"/conditions", "conditions_too_many", "at most %d conditions are allowed", maxConditions)
		return l
	}
	for i, raw := range list {
		here := fmt.Sprintf("%s/conditions/%d", at, i)
		var cond Condition
		m, ok := d.object(json.RawMessage(raw), here, "field_id", "operator", "value", "ignore_case")
		if !ok {
			continue
		}
		d.text(m, here, "field_id", &cond.FieldID)
		d.text(m, here, "operator", &cond.Operator)
		d.flag(m, here, "ignore_case", &cond.IgnoreCase)
		if v := m["value"]; len(v) > 0 && string(v) != "null" {
			cond.Value = json.RawMessage(v)
		}
		if cond.FieldID == "" {
			d.add(here+"/field_id", "condition_field_required", "a condition names the field it looks at")
		}
		op, bad := ParseOperator(cond.Operator, cond.Value, cond.IgnoreCase)
		if bad != nil {
			bad.Path = here + bad.Path
			d.problems = append(d.problems, *bad)
		} else {
			cond.compiled = &op
		}
		l.Conditions = append(l.Conditions, cond)
	}
	return l
}

// UnmarshalJSON reads a stored Logic, with its operators compiled. It judges
// nothing: a definition that comes from an author goes through ParseLogic. A
// condition that does not compile never holds.
func (l *Logic) UnmarshalJSON(raw []byte) error {
	type stored Logic
	*l = Logic{}
	if err := json.Unmarshal(raw, (*stored)(l)); err != nil {
		return err
	}
	for i := range l.Conditions {
		c := &l.Conditions[i]
		if op, bad := ParseOperator(c.Operator, c.Value, c.IgnoreCase); bad == nil {
			c.compiled = &op
		}
	}
	return nil
}

// Refs are the fields the conditions look at, each once, in order.
func (l Logic) Refs() []string {
	var out []string
	for _, c := range l.Conditions {
		if !slices.Contains(out, c.FieldID) {
			out = append(out, c.FieldID)
		}
	}
	return out
}

// Holds reports whether the conditions are met. lookup gives a field's
// normalised value and whether it was answered. A Logic without conditions, or
// with one that cannot be read, does not hold.
func (l Logic) Holds(lookup func(fieldID string) (value any, answered bool), now time.Time) bool {
	if len(l.Conditions) == 0 {
		return false
	}
	for i := range l.Conditions {
		c := &l.Conditions[i]
		op := c.compiled
		if op == nil { // a condition made in the program
			fresh, bad := ParseOperator(c.Operator, c.Value, c.IgnoreCase)
			if bad != nil {
				return false
			}
			op = &fresh
		}
		v, answered := lookup(c.FieldID)
		if op.Holds(v, answered, now) != (l.Match != "any") {
			return l.Match == "any"
		}
	}
	return l.Match != "any"
}

// Effect applies the action: is the field or step visible, and must it be
// answered because of the conditions?
func (l Logic) Effect(lookup func(fieldID string) (value any, answered bool), now time.Time) (visible, required bool) {
	holds := l.Holds(lookup, now)
	switch l.Action {
	case "hide":
		return !holds, false
	case "require":
		return true, holds
	}
	return holds, false
}

// cycles reports every group of fields whose visibility depends on itself.
// A nested field's look outside counts as its container's.
func (d *definer) cycles(fields []Field, at string) {
	names := index(fields)
	needs := make([][]int, len(fields))
	for i := range fields {
		for _, ref := range outward(&fields[i]) {
			if j, ok := names[ref]; ok && !slices.Contains(needs[i], j) {
				needs[i] = append(needs[i], j)
			}
		}
	}
	reported := map[string]bool{}
	const open, closed = 1, 2
	state := make([]int, len(fields))
	var path []int
	var walk func(i int)
	walk = func(i int) {
		state[i] = open
		path = append(path, i)
		for _, j := range needs[i] {
			switch state[j] {
			case open:
				ring := path[slices.Index(path, j):]
				ids := make([]string, len(ring))
				for k, n := range ring {
					ids[k] = fields[n].FieldID
				}
				key := strings.Join(slices.Sorted(slices.Values(ids)), "\x00")
				if !reported[key] {
					reported[key] = true
					d.problems = append(d.problems, kyc.Problem{
						Path: fmt.Sprintf("%s/%d/conditional_logic", at, j), Code: "condition_cycle", Nodes: ids,
						Message: "these fields decide about each other in a circle: " + strings.Join(ids, " → ") + " → " + ids[0],
					})
				}
			case 0:
				walk(j)
			}
		}
		path = path[:len(path)-1]
		state[i] = closed
	}
	for i := range fields {
		if state[i] == 0 {
			walk(i)
		}
	}
}

// outward lists the names a field and the fields inside it look for outside.
func outward(f *Field) []string {
	var out []string
	if f.ConditionalLogic != nil {
		out = f.ConditionalLogic.Refs()
	}
	for _, inner := range [][]Field{f.Fields, f.ItemFields} {
		own := index(inner)
		for i := range inner {
			for _, ref := range outward(&inner[i]) {
				if _, inside := own[ref]; !inside {
					out = append(out, ref)
				}
			}
		}
	}
	return out
}
