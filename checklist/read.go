package checklist

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// Report holds everything wrong with an input, and what its author should
// know, in order of path.
type Report struct {
	Errors   []kyc.Problem
	Warnings []kyc.Problem
}

// Err is nil when there are no errors, otherwise an Invalid error with code
// validation_failed that lists all of them.
func (r Report) Err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return kyc.InvalidInput("validation_failed", "the workflow cannot be accepted as it is", r.Errors)
}

// reader gathers problems. Every rule adds to it and goes on, so that an
// author sees everything wrong at once.
type reader struct {
	errors, warnings []kyc.Problem
	lenient          bool
}

func (r *reader) fail(at, code, format string, args ...any) {
	r.errors = append(r.errors, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) warn(at, code, format string, args ...any) {
	r.warnings = append(r.warnings, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) report() Report {
	return Report{Errors: bounded(ordered(r.errors)), Warnings: bounded(ordered(r.warnings))}
}

// maxProblems are the problems that a report lists, and maxShown the bytes that
// it repeats of a member's name: warnings are stored with each version, and
// nobody reads more.
const (
	maxProblems = 500
	maxShown    = 200
)

// bounded says of what is too much only how much it is.
func bounded(list []kyc.Problem) []kyc.Problem {
	if len(list) <= maxProblems {
		return list
	}
	more := kyc.Problem{Code: "too_many_problems", Message: fmt.Sprintf("there are %d more problems, which are not listed", len(list)-maxProblems)}
	return append(slices.Clone(list[:maxProblems]), more)
}

// shown is a name of the input as problems repeat it.
func shown(name string) string {
	if len(name) > maxShown {
		return strings.ToValidUTF8(name[:maxShown], "") + "…"
	}
	return name
}

// ordered puts /steps/2 before /steps/10.
func ordered(list []kyc.Problem) []kyc.Problem {
	slices.SortStableFunc(list, func(a, b kyc.Problem) int {
		return slices.CompareFunc(strings.Split(a.Path, "/"), strings.Split(b.Path, "/"), func(x, y string) int {
			i, errX := strconv.Atoi(x)
			j, errY := strconv.Atoi(y)
			if errX == nil && errY == nil {
				return cmp.Compare(i, j)
			}
			return cmp.Compare(x, y)
		})
	})
	return list
}

// pointer appends one reference token to a JSON Pointer (RFC 6901).
func pointer(at, token string) string {
	return at + "/" + strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
}

func index(at string, i int) string { return at + "/" + strconv.Itoa(i) }

// object reads the members of one JSON object. A member that is null counts as
// absent: that is how a change restores a default.
type object struct {
	r       *reader
	at      string
	members map[string]jsontext.Value
	known   map[string]bool
	// unknown is the code of a member that nobody asked for.
	unknown string
}

// object wraps a value as an object; nil after a problem.
func (r *reader) object(raw jsontext.Value, at, unknown string) *object {
	if raw.Kind() != jsontext.KindBeginObject {
		r.fail(at, "wrong_type", "this must be an object")
		return nil
	}
	members := map[string]jsontext.Value{}
	if err := jsonv2.Unmarshal(raw, &members); err != nil {
		var where *jsontext.SyntacticError
		if errors.As(err, &where) {
			at += string(where.JSONPointer)
		}
		if errors.Is(err, jsontext.ErrDuplicateName) {
			r.fail(at, "duplicate_key", "this name stands twice in its object; it is unclear which one counts")
		} else {
			r.fail(at, "malformed_json", "the object cannot be read")
		}
		return nil
	}
	return &object{r: r, at: at, members: members, known: map[string]bool{}, unknown: unknown}
}

// get gives a member and marks it as known; ok is false when it is absent.
func (o *object) get(name string) (v jsontext.Value, at string, ok bool) {
	o.known[name] = true
	v, ok = o.members[name]
	return v, pointer(o.at, name), ok && v.Kind() != jsontext.KindNull
}

// done reports the members that nobody asked for.
func (o *object) done() {
	for name := range o.members {
		if o.known[name] {
			continue
		}
		say := o.r.fail
		if o.r.lenient {
			say = o.r.warn
		}
		say(pointer(o.at, shown(name)), o.unknown, "there is no %q here", shown(name))
	}
}

// whole reads a whole number. 18.0 is one; 18.5 and "18" are not.
func (o *object) whole(name string, otherwise, low, high int) (n int, given bool) {
	v, at, ok := o.get(name)
	if !ok {
		return otherwise, false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	switch {
	case v.Kind() != jsontext.KindNumber:
		o.r.fail(at, "config_type", "%s must be a whole number", name)
	case err == nil && f != math.Trunc(f):
		o.r.fail(at, "config_type", "%s must be a whole number, and %s is none", name, v)
	case err != nil || f < float64(low) || f > float64(high):
		o.r.fail(at, "config_range", "%s must be from %d to %d", name, low, high)
	default:
		return int(f), true
	}
	return otherwise, true
}

func (o *object) flag(name string) (value, given bool) {
	v, at, ok := o.get(name)
	if !ok {
		return false, false
	}
	switch v.Kind() {
	case jsontext.KindTrue:
		return true, true
	case jsontext.KindFalse:
	default:
		o.r.fail(at, "config_type", "%s must be true or false", name)
	}
	return false, true
}

// text reads a string; one that is none is the problem code.
func (o *object) text(name, code string) (s, at string, given bool) {
	v, at, ok := o.get(name)
	if !ok {
		return "", at, false
	}
	if v.Kind() != jsontext.KindString {
		o.r.fail(at, code, "%s must be a text", name)
		return "", at, false
	}
	if err := jsonv2.Unmarshal(v, &s); err != nil {
		o.r.fail(at, code, "%s cannot be read as a text", name)
		return "", at, false
	}
	return s, at, true
}

// list reads the items of a list; ok is false when it is absent or no list.
func (o *object) list(name, code string) (items []jsontext.Value, at string, ok bool) {
	v, at, ok := o.get(name)
	if !ok {
		return nil, at, false
	}
	if v.Kind() != jsontext.KindBeginArray {
		o.r.fail(at, code, "%s must be a list", name)
		return nil, at, false
	}
	if err := jsonv2.Unmarshal(v, &items); err != nil {
		o.r.fail(at, "malformed_json", "the list cannot be read")
		return nil, at, false
	}
	return items, at, true
}
