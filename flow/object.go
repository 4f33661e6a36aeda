package flow

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object reads the members of one JSON object. Each accessor marks its member
// as known and reports a member of the wrong type; done reports the rest.
type object struct {
	f       *findings
	node    string // id of the node it belongs to, for the report
	path    string // JSON Pointer
	members map[string]any
	// known are the members somebody asked for, some of them twice. There are
	// few, so that looking through them is cheaper than a map of them.
	known []string
}

func newObject(f *findings, node, path string, members map[string]any) *object {
	return &object{f: f, node: node, path: path, members: members, known: make([]string, 0, 2*len(members))}
}

func (o *object) at(name string) string { return pointer(o.path, name) }

func (o *object) fail(name, code, format string, args ...any) {
	o.f.fail(o.node, o.at(name), code, format, args...)
}

// get marks a member as known and returns it.
func (o *object) get(name string) (any, bool) {
	o.known = append(o.known, name)
	v, ok := o.members[name]
	return v, ok
}

func (o *object) has(name string) bool {
	_, ok := o.members[name]
	return ok
}

// text reads a string of at most max bytes; missing gives "".
func (o *object) text(name string, max int) string {
	v, ok := o.get(name)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		o.fail(name, "wrong_type", "%s must be text", name)
	case len(s) > max:
		o.fail(name, "string_too_long", "%s may have at most %d bytes", name, max)
		return s[:max]
	}
	return s
}

// route reads the name of a node.
func (o *object) route(name string) string {
	v, ok := o.get(name)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		o.fail(name, "wrong_type", "%s must be the name of a node", name)
		return ""
	}
	if s == "" {
		o.fail(name, "node_not_found", "%s is empty; leave it out or name a node", name)
	}
	return s
}

func (o *object) flag(name string, missing bool) bool {
	v, ok := o.get(name)
	if !ok {
		return missing
	}
	b, ok := v.(bool)
	if !ok {
		o.fail(name, "wrong_type", "%s must be true or false", name)
		return missing
	}
	return b
}

// whole reads an integer within bounds.
func (o *object) whole(name, code string, min, max, missing int) int {
	v, ok := o.get(name)
	if !ok {
		return missing
	}
	num, ok := v.(json.Number)
	if !ok {
		o.fail(name, "wrong_type", "%s must be a number", name)
		return missing
	}
	f, err := num.Float64()
	if err != nil || f != float64(int(f)) || int(f) < min || int(f) > max {
		o.fail(name, code, "%s must be a whole number from %d to %d", name, min, max)
		return missing
	}
	return int(f)
}

// decimal reads a number within bounds.
func (o *object) decimal(name, code string, min, max float64, missing json.Number) json.Number {
	v, ok := o.get(name)
	if !ok {
		return missing
	}
	num, ok := v.(json.Number)
	if !ok {
		o.fail(name, "wrong_type", "%s must be a number", name)
		return missing
	}
	f, err := num.Float64()
	if err != nil || f < min || f > max {
		o.fail(name, code, "%s must be a number from %s to %s", name, short(min), short(max))
		return missing
	}
	return num
}

// seconds reads a duration given in seconds, kept to the millisecond.
func (o *object) seconds(name, code string, min, max, missing time.Duration) time.Duration {
	n := o.decimal(name, code, min.Seconds(), max.Seconds(), "")
	if n == "" {
		return missing
	}
	f, _ := n.Float64()
	return time.Duration(f*1000+0.5) * time.Millisecond
}

// list reads an array with at most max items.
func (o *object) list(name string, max int) []any {
	v, ok := o.get(name)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		o.fail(name, "wrong_type", "%s must be a list", name)
		return nil
	}
	if len(list) > max {
		o.fail(name, "limit_exceeded", "%s may have at most %d items", name, max)
		return list[:max]
	}
	return list
}

// texts reads an array of strings; other items are reported and left out.
func (o *object) texts(name string, max int) []string {
	var out []string
	for i, v := range o.list(name, max) {
		s, ok := v.(string)
		if !ok {
			o.f.fail(o.node, index(o.at(name), i), "wrong_type", "every item of %s must be text", name)
			continue
		}
		out = append(out, s)
	}
	return out
}

// child reads a member that is an object; nil when missing or wrong.
func (o *object) child(name string) *object {
	v, ok := o.get(name)
	if !ok {
		return nil
	}
	return o.sub(o.at(name), v)
}

// sub wraps a value found at path as an object.
func (o *object) sub(path string, v any) *object {
	m, ok := v.(map[string]any)
	if !ok {
		o.f.fail(o.node, path, "wrong_type", "this must be an object")
		return nil
	}
	return newObject(o.f, o.node, path, m)
}

// done reports every member that nothing asked for.
func (o *object) done() {
	for name := range o.members {
		if !slices.Contains(o.known, name) {
			o.f.unknown(o.node, o.at(name), name)
		}
	}
}

func short(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// word reports whether s can name a node, gate, policy or variable: 1-64
// ASCII letters, digits, "_", "-", and "." where dots are allowed.
func word(s string, dots bool) bool {
	if s == "" || len(s) > MaxIDLength {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return false
		case r == '.':
			return !dots
		}
		return true
	})
}

// sorted gives the keys of a map in order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
