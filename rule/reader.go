package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// Bounds of a definition. They keep the cost of one decision small.
const (
	maxRules  = 500  // of one section
	maxItems  = 300  // of one array inside a rule
	maxReason = 1000 // characters
	maxWord   = 200  // characters
)

// reader collects problems while it takes a definition apart.
type reader struct {
	problems, warnings []kyc.Problem
}

func (d *reader) add(at, code, format string, args ...any) {
	d.problems = append(d.problems, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (d *reader) warn(at, code, format string, args ...any) {
	d.warnings = append(d.warnings, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

// pointer appends one reference token to a JSON Pointer (RFC 6901).
func pointer(at, token string) string {
	if strings.ContainsAny(token, "~/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
	}
	return at + "/" + token
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// object reads the members of an object and reports those it does not know.
func (d *reader) object(raw json.RawMessage, at string, names ...string) (map[string]json.RawMessage, bool) {
	if jsontext.Value(raw).Kind() != '{' {
		d.add(at, "wrong_type", "this must be an object")
		return nil, false
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		d.add(at, "malformed_json", "the object cannot be read")
		return nil, false
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(names, name) {
			d.add(pointer(at, name), "unknown_field", "there is no property %q here; the properties are %s", name, strings.Join(names, ", "))
		}
		m[name] = bytes.TrimSpace(m[name])
	}
	return m, true
}

// array reads the elements of an array; absent is empty.
func (d *reader) array(raw json.RawMessage, at string, limit int) []json.RawMessage {
	if absent(raw) {
		return nil
	}
	var list []json.RawMessage
	if jsontext.Value(raw).Kind() != '[' || json.Unmarshal(raw, &list) != nil {
		d.add(at, "wrong_type", "this must be an array")
		return nil
	}
	if len(list) > limit {
		d.add(at, "too_many", "at most %d entries are allowed", limit)
		return nil
	}
	return list
}

func (d *reader) flag(m map[string]json.RawMessage, at, name string, into *bool) {
	if v := m[name]; !absent(v) && json.Unmarshal(v, into) != nil {
		d.add(pointer(at, name), "wrong_type", "this must be true or false")
	}
}

// text reads a text of at most limit characters.
func (d *reader) text(m map[string]json.RawMessage, at, name string, limit int, into *string) {
	v := m[name]
	if absent(v) {
		return
	}
	var s string
	switch {
	case json.Unmarshal(v, &s) != nil:
		d.add(pointer(at, name), "wrong_type", "this must be a text")
	case utf8.RuneCountInString(s) > limit:
		d.add(pointer(at, name), "too_long", "at most %d characters are allowed", limit)
	default:
		*into = s
	}
}

// word reads a text that is one of a few; code is for one that is not.
func (d *reader) word(m map[string]json.RawMessage, at, name, code string, allowed []string, into *string) {
	before := len(d.problems)
	d.text(m, at, name, maxWord, into)
	if len(d.problems) > before || slices.Contains(allowed, *into) {
		return
	}
	if absent(m[name]) {
		d.add(pointer(at, name), "value_required", "%s is needed; it is one of %s", name, strings.Join(allowed, ", "))
		return
	}
	d.add(pointer(at, name), code, "%s is one of %s", name, strings.Join(allowed, ", "))
}

// words reads an array of texts out of allowed (nil: any), each once.
func (d *reader) words(m map[string]json.RawMessage, at, name, code string, allowed []string, into *[]string) {
	v := m[name]
	if absent(v) {
		return
	}
	at = pointer(at, name)
	list := d.array(v, at, maxItems)
	if len(list) == 0 {
		if list != nil {
			d.add(at, code, "an empty list names nothing; leave it out for the default")
		}
		return
	}
	out := []string{}
	for i, raw := range list {
		var s string
		here := at + "/" + strconv.Itoa(i)
		switch {
		case json.Unmarshal(raw, &s) != nil || absent(raw):
			d.add(here, "wrong_type", "this must be a text")
		case s == "" || utf8.RuneCountInString(s) > maxWord:
			d.add(here, code, "from 1 to %d characters are allowed", maxWord)
		case allowed != nil && !slices.Contains(allowed, s):
			d.add(here, code, "%s is one of %s", name, strings.Join(allowed, ", "))
		case !slices.Contains(out, s):
			out = append(out, s)
		}
	}
	*into = out
}

// number reads a number within [low, high].
func (d *reader) number(m map[string]json.RawMessage, at, name string, low, high float64, required bool, into *float64) {
	v := m[name]
	if absent(v) {
		if required {
			d.add(pointer(at, name), "value_required", "%s is needed, from %v to %v", name, low, high)
		}
		return
	}
	if jsontext.Value(v).Kind() != '0' {
		d.add(pointer(at, name), "wrong_type", "this must be a number")
		return
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || f < low || f > high {
		d.add(pointer(at, name), "range_invalid", "%s is from %v to %v", name, low, high)
		return
	}
	*into = f
}

// whole reads a whole number within [low, high] and reports whether it was
// given.
func (d *reader) whole(m map[string]json.RawMessage, at, name string, low, high int, into *int) bool {
	v := m[name]
	if absent(v) {
		return false
	}
	if jsontext.Value(v).Kind() != '0' {
		d.add(pointer(at, name), "wrong_type", "this must be a whole number")
		return false
	}
	n, err := strconv.Atoi(string(v))
	if err != nil || n < low || n > high {
		d.add(pointer(at, name), "range_invalid", "%s is a whole number from %d to %d", name, low, high)
		return false
	}
	*into = n
	return true
}

// action reads an action; one that is absent keeps the default into has.
func (d *reader) action(m map[string]json.RawMessage, at, name string, into *Action) {
	var s string
	v := m[name]
	if absent(v) {
		if *into == "" {
			d.add(pointer(at, name), "action_invalid", "an action is needed; it is one of %s", actionNames())
			*into = ManualReview
		}
		return
	}
	if json.Unmarshal(v, &s) != nil || !Action(s).Known() {
		d.add(pointer(at, name), "action_invalid", "the action is one of %s", actionNames())
		*into = ManualReview
		return
	}
	*into = Action(s)
}

func actionNames() string {
	var out []string
	for _, a := range Actions() {
		out = append(out, string(a))
	}
	return strings.Join(out, ", ")
}
