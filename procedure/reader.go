package procedure

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// reader gathers problems. Every rule adds to it and goes on, so that an
// author sees everything wrong at once.
type reader struct {
	errors, warnings []kyc.Problem
	lenient          bool
	dec              *jsontext.Decoder // nil until the first object or list
}

func (r *reader) fail(at, code, format string, args ...any) {
	r.errors = append(r.errors, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) warn(at, code, format string, args ...any) {
	r.warnings = append(r.warnings, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

// unknown is the one kind of problem that leniency turns into a warning.
func (r *reader) unknown(at, what, name string) {
	add := r.fail
	if r.lenient {
		add = r.warn
	}
	add(at, "unknown_field", "%s has no property %q", what, name)
}

func (r *reader) report() Report { return Report{Errors: tidy(r.errors), Warnings: tidy(r.warnings)} }

// tidy puts problems in order of path, each once.
func tidy(list []kyc.Problem) []kyc.Problem {
	slices.SortStableFunc(list, func(a, b kyc.Problem) int {
		return cmp.Or(comparePointers(a.Path, b.Path), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(list, func(a, b kyc.Problem) bool { return a.Path == b.Path && a.Code == b.Code && a.Message == b.Message })
}

// comparePointers puts /steps/2 before /steps/10.
func comparePointers(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "/"), strings.Split(b, "/"), func(x, y string) int {
		i, errX := strconv.Atoi(x)
		j, errY := strconv.Atoi(y)
		if errX == nil && errY == nil {
			return cmp.Compare(i, j)
		}
		return cmp.Compare(x, y)
	})
}

// pointer appends one reference token to a JSON Pointer (RFC 6901).
func pointer(at, token string) string {
	if strings.ContainsAny(token, "~/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
	}
	return at + "/" + token
}

func index(at string, i int) string { return at + "/" + strconv.Itoa(i) }

// object reads the members of one JSON object. Each accessor marks its member
// as known and reports one of the wrong type; done reports the rest. A member
// that is null counts as absent.
type object struct {
	r       *reader
	at      string
	names   []string // in the order they stand
	members map[string]jsontext.Value
	known   []string
}

// object wraps a value as an object; nil after a problem.
func (r *reader) object(raw jsontext.Value, at string) *object {
	if raw.Kind() != jsontext.KindBeginObject {
		r.fail(at, "wrong_type", "this must be an object")
		return nil
	}
	o := &object{r: r, at: at, members: map[string]jsontext.Value{}}
	if !r.each(raw, at, func(name string, v jsontext.Value) {
		o.names, o.members[name] = append(o.names, name), v
	}) {
		return nil
	}
	return o
}

// each shows the members of an object or the items of a list. It answers false
// after a problem: a name that stands twice makes it unclear which one counts.
func (r *reader) each(raw jsontext.Value, at string, show func(name string, v jsontext.Value)) bool {
	if r.dec == nil {
		r.dec = &jsontext.Decoder{}
	}
	// What is shown are parts of raw: a definition is read level by level, and
	// copying every level would copy the innermost many times.
	dec := r.dec
	dec.Reset(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true))
	begin, err := dec.ReadToken()
	if err != nil {
		r.fail(at, "malformed_json", "this cannot be read")
		return false
	}
	type item struct {
		name string
		v    jsontext.Value
	}
	var items []item
	seen := map[string]bool{}
	for {
		switch dec.PeekKind() {
		case jsontext.KindEndObject, jsontext.KindEndArray:
			for _, i := range items { // showing may read further values with the same decoder
				show(i.name, i.v)
			}
			return true
		}
		name := ""
		if begin.Kind() == jsontext.KindBeginObject {
			token, err := dec.ReadToken()
			if err != nil {
				r.fail(at, "malformed_json", "this cannot be read")
				return false
			}
			if name = token.String(); seen[name] {
				r.fail(pointer(at, name), "duplicate_key", "this name stands twice in its object; it is unclear which one counts")
				return false
			}
			seen[name] = true
		}
		v, err := dec.ReadValue()
		if err != nil {
			r.fail(at, "malformed_json", "this cannot be read")
			return false
		}
		items = append(items, item{name, raw[dec.InputOffset()-int64(len(v)) : dec.InputOffset() : dec.InputOffset()]})
	}
}

func (o *object) path(name string) string { return pointer(o.at, name) }

func (o *object) fail(name, code, format string, args ...any) {
	o.r.fail(o.path(name), code, format, args...)
}

// get marks a member as known. It reports false for an absent one and null.
func (o *object) get(name string) (jsontext.Value, bool) {
	o.known = append(o.known, name)
	v, ok := o.members[name]
	return v, ok && v.Kind() != jsontext.KindNull
}

// done reports every member that nothing asked for.
func (o *object) done(what string) {
	for _, name := range o.names {
		if !slices.Contains(o.known, name) {
			o.r.unknown(o.path(name), what, name)
		}
	}
}

// text reads a string of at most limit code points without control characters
// (line breaks and tabs are none); absent gives "".
func (o *object) text(name string, limit int) string {
	v, ok := o.get(name)
	if !ok {
		return ""
	}
	s, _ := o.r.text(v, o.path(name), limit)
	return s
}

func (r *reader) text(v jsontext.Value, at string, limit int) (string, bool) {
	if v.Kind() != jsontext.KindString {
		r.fail(at, "wrong_type", "this must be text")
		return "", false
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		r.fail(at, "malformed_json", "the text cannot be read")
		return "", false
	}
	s := string(b)
	switch {
	case strings.ContainsFunc(s, func(c rune) bool { return unicode.IsControl(c) && !strings.ContainsRune("\n\r\t", c) }):
		r.fail(at, "text_invalid", "the text holds a control character")
		return "", false
	case utf8.RuneCountInString(s) > limit:
		r.fail(at, "text_too_long", "at most %d characters are allowed", limit)
		return "", false
	}
	return s, true
}

func (o *object) flag(name string, missing bool) bool {
	v, ok := o.get(name)
	if !ok {
		return missing
	}
	switch v.Kind() {
	case jsontext.KindTrue:
		return true
	case jsontext.KindFalse:
		return false
	}
	o.fail(name, "wrong_type", "%s must be true or false", name)
	return missing
}

// decimal reads a number within bounds.
func (o *object) decimal(name string, missing, low, high float64) float64 {
	v, ok := o.get(name)
	if !ok {
		return missing
	}
	f, ok := o.r.decimal(v, o.path(name), low, high)
	if !ok {
		return missing
	}
	return f
}

func (r *reader) decimal(v jsontext.Value, at string, low, high float64) (float64, bool) {
	if v.Kind() != jsontext.KindNumber {
		r.fail(at, "wrong_type", "this must be a number")
		return 0, false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.IsNaN(f) || f < low || f > high {
		r.fail(at, "out_of_range", "this must be a number from %s to %s", short(low), short(high))
		return 0, false
	}
	return f + 0, true // a minus zero becomes zero
}

// whole reads an integer within bounds.
func (o *object) whole(name string, missing, low, high int) int {
	v, ok := o.get(name)
	if !ok {
		return missing
	}
	if v.Kind() != jsontext.KindNumber {
		o.fail(name, "wrong_type", "%s must be a whole number", name)
		return missing
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || f != math.Trunc(f) || f < float64(low) || f > float64(high) {
		o.fail(name, "out_of_range", "%s must be a whole number from %d to %d", name, low, high)
		return missing
	}
	return int(f)
}

// list reads an array of at most limit items; ok is false when it is absent.
func (o *object) list(name string, limit int) (list []jsontext.Value, ok bool) {
	v, ok := o.get(name)
	if !ok {
		return nil, false
	}
	if v.Kind() != jsontext.KindBeginArray {
		o.fail(name, "wrong_type", "%s must be a list", name)
		return nil, true
	}
	o.r.each(v, o.path(name), func(_ string, item jsontext.Value) { list = append(list, item) })
	if len(list) > limit {
		o.fail(name, "too_many", "at most %d items are allowed; there are %d", limit, len(list))
		list = list[:limit]
	}
	return list, true
}

// words reads a list of distinct texts. A nil test takes every text of 1 to 200
// characters.
func (o *object) words(name string, limit int, missing []string, code string, test func(string) bool) []string {
	list, ok := o.list(name, limit)
	if !ok {
		return missing
	}
	out := []string{}
	for i, v := range list {
		at := index(o.path(name), i)
		s, ok := o.r.text(v, at, 200)
		switch {
		case !ok:
		case s == "" || test != nil && !test(s):
			o.r.fail(at, code, "%q is not allowed here", s)
		case slices.Contains(out, s):
			o.r.fail(at, "duplicate_item", "%q stands twice in the list", s)
		default:
			out = append(out, s)
		}
	}
	return out
}

// child reads a member that is an object; nil when it is absent or wrong.
func (o *object) child(name string) *object {
	v, ok := o.get(name)
	if !ok {
		return nil
	}
	return o.r.object(v, o.path(name))
}

// oneOf makes a test for words.
func oneOf(words ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(words, s) }
}

func short(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
