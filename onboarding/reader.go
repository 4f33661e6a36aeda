package onboarding

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
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

// unknownField is the code that leniency turns into a warning.
const unknownField = "unknown_field"

// absorb takes the problems another room found.
func (r *reader) absorb(problems []kyc.Problem) {
	for _, p := range problems {
		if r.lenient && p.Code == unknownField {
			r.warnings = append(r.warnings, p)
		} else {
			r.errors = append(r.errors, p)
		}
	}
}

// report gives both lists in order of path, each problem once.
func (r *reader) report() Report {
	return Report{Errors: tidy(r.errors), Warnings: tidy(r.warnings)}
}

func tidy(list []kyc.Problem) []kyc.Problem {
	slices.SortStableFunc(list, func(a, b kyc.Problem) int {
		return cmp.Or(comparePointers(a.Path, b.Path), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(list, func(a, b kyc.Problem) bool {
		return a.Path == b.Path && a.Code == b.Code && a.Message == b.Message
	})
}

// comparePointers puts /steps/2 before /steps/10.
func comparePointers(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	return slices.CompareFunc(as, bs, func(x, y string) int {
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
// as known and reports a member of the wrong type; done reports the rest. A
// member that is null counts as absent: that is how a merge patch restores a
// default.
type object struct {
	r       *reader
	at      string
	members map[string]jsontext.Value
	// known are the members somebody asked for, some of them twice.
	known []string
}

// object wraps a value as an object; nil after a problem.
func (r *reader) object(raw jsontext.Value, at string) *object {
	if raw.Kind() != jsontext.KindBeginObject {
		r.fail(at, "wrong_type", "this must be an object")
		return nil
	}
	members := map[string]jsontext.Value{}
	switch err := r.each(raw, func(name string, v jsontext.Value) { members[name] = v }); {
	case errors.Is(err, jsontext.ErrDuplicateName):
		var where *jsontext.SyntacticError
		if errors.As(err, &where) {
			at += string(where.JSONPointer)
		}
		r.fail(at, "duplicate_key", "this name stands twice in its object; it is unclear which one counts")
		return nil
	case err != nil:
		r.fail(at, "malformed_json", "the object cannot be read")
		return nil
	}
	return &object{r: r, at: at, members: members, known: make([]string, 0, 2*len(members))}
}

// each shows the members of an object or the items of an array, as parts of
// raw: a definition is read level by level, and copying every level would copy
// the innermost many times. A name that stands twice, at any depth, is an
// error.
func (r *reader) each(raw jsontext.Value, show func(name string, v jsontext.Value)) error {
	if r.dec == nil {
		r.dec = &jsontext.Decoder{}
	}
	r.dec.Reset(bytes.NewBuffer(raw))
	begin, err := r.dec.ReadToken()
	if err != nil {
		return err
	}
	named := begin.Kind() == jsontext.KindBeginObject
	for {
		switch r.dec.PeekKind() {
		case jsontext.KindEndObject, jsontext.KindEndArray:
			_, err := r.dec.ReadToken()
			return err
		}
		name := ""
		if named {
			tok, err := r.dec.ReadToken()
			if err != nil {
				return err
			}
			name = tok.String()
		}
		v, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		end := r.dec.InputOffset()
		show(name, raw[end-int64(len(v)):end:end])
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
	for name := range o.members {
		if !slices.Contains(o.known, name) {
			o.r.absorb([]kyc.Problem{{Path: o.path(name), Code: unknownField, Message: fmt.Sprintf("%s has no property %q", what, name)}})
		}
	}
}

// text reads a string of at most limit code points; absent gives "". code
// names the problem of a longer one.
func (o *object) text(name string, limit int, code string) string {
	v, ok := o.get(name)
	if !ok {
		return ""
	}
	return o.r.text(v, o.path(name), limit, code)
}

func (r *reader) text(v jsontext.Value, at string, limit int, code string) string {
	if v.Kind() != jsontext.KindString {
		r.fail(at, "wrong_type", "this must be text")
		return ""
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		r.fail(at, "malformed_json", "the text cannot be read")
		return ""
	}
	s := string(b)
	switch {
	case strings.ContainsRune(s, 0):
		r.fail(at, "text_invalid", "the text holds a NUL character")
		return ""
	case utf8.RuneCountInString(s) > limit:
		r.fail(at, code, "at most %d characters are allowed", limit)
	}
	return s
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
func (o *object) decimal(name string, missing, low, high float64, code string) float64 {
	v, ok := o.get(name)
	if !ok {
		return missing
	}
	if v.Kind() != jsontext.KindNumber {
		o.fail(name, "wrong_type", "%s must be a number", name)
		return missing
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || f < low || f > high {
		o.fail(name, code, "%s must be a number from %s to %s", name, short(low), short(high))
		return missing
	}
	return f + 0 // a minus zero becomes zero
}

// whole reads an integer within bounds.
func (o *object) whole(name string, missing, low, high int, code string) int {
	v, ok := o.get(name)
	if !ok {
		return missing
	}
	if v.Kind() != jsontext.KindNumber {
		o.fail(name, "wrong_type", "%s must be a whole number", name)
		return missing
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || f != float64(int(f)) || int(f) < low || int(f) > high {
		o.fail(name, code, "%s must be a whole number from %d to %d", name, low, high)
		return missing
	}
	return int(f)
}

// list reads an array; absent gives nil.
func (o *object) list(name string) []jsontext.Value {
	v, ok := o.get(name)
	if !ok {
		return nil
	}
	var list []jsontext.Value
	if v.Kind() != jsontext.KindBeginArray {
		o.fail(name, "wrong_type", "%s must be a list", name)
	} else if err := o.r.each(v, func(_ string, item jsontext.Value) { list = append(list, item) }); err != nil {
		o.fail(name, "malformed_json", "the list cannot be read")
	}
	return list
}

// child reads a member that is an object; nil when it is absent or wrong.
func (o *object) child(name string) *object {
	v, ok := o.get(name)
	if !ok {
		return nil
	}
	return o.r.object(v, o.path(name))
}

func short(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
