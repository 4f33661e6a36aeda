package field

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bonafide/kyc"
)

// Env is what validation may know of the world.
type Env struct {
	// Now is the instant of the submission. "Today" and ages are counted in
	// UTC. While it is zero nothing is compared with today.
	Now time.Time
	// Region is the ISO 3166-1 alpha-2 region of national phone numbers.
	Region string
	// MX reports whether a mail domain (punycode) can receive mail. nil means
	// that the look-up is switched off.
	MX func(ctx context.Context, domain string) (bool, error)
	// Reach gives nil when an absolute URL answers, and a kyc.Error of kind
	// Invalid when it certainly does not; every other error means that the
	// look-up itself failed. nil means that the look-up is switched off.
	Reach func(ctx context.Context, url string) error
	// Documents are the files the session owns, by id.
	Documents map[string]DocumentRef
}

// DocumentRef is what a file field needs to know of an uploaded file.
type DocumentRef struct {
	ID          string
	ContentType string // MIME type found in the bytes
	Size        int64  // bytes
}

// Result is what Validate found.
type Result struct {
	// Values are the normalised answers by field_id: hidden and unanswered
	// fields are left out. Numbers are json.Number. With problems present the
	// map holds only what was right.
	Values map[string]any
	// Problems lists everything wrong, with paths below /form_data.
	Problems []kyc.Problem
	// Warnings are look-ups that failed or are switched off, and choices made
	// between several readings; the caller stores them.
	Warnings []kyc.Problem
	// Hidden are the fields that conditional_logic hides now, nested ones as
	// "<field_id>/<index>/<field_id>".
	Hidden []string
}

// Validate checks the answers of one form. values is keyed by field_id or
// field_key, as decoded from JSON (numbers as json.Number or float64). Nothing
// is coerced: "5" is not a number.
//
// Problem codes: required, unknown_field, field_given_twice, wrong_type,
// invalid_utf8, too_deep, and the codes of the types (see doc.go).
func Validate(ctx context.Context, fields []Field, values map[string]any, env Env) Result {
	c := &call{ctx: ctx, env: env}
	out := c.form(fields, values, "/form_data", nil)
	return Result{Values: out, Problems: c.problems, Warnings: c.warnings, Hidden: c.hidden}
}

// call is one validation under way.
type call struct {
	ctx      context.Context // a call lives exactly as long as Validate
	env      Env
	problems []kyc.Problem
	warnings []kyc.Problem
	hidden   []string
	// definition marks the reading of a default value: nothing is looked up.
	definition bool
}

func (c *call) add(at, code, format string, args ...any) {
	c.problems = append(c.problems, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (c *call) warn(at, code, format string, args ...any) {
	c.warnings = append(c.warnings, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

// scope is one list of fields being read; fields of an item see their
// siblings first and the fields around them second.
type scope struct {
	c      *call
	at     string
	fields []Field
	given  []any // the raw answer by field
	out    []any // the normalised answer; nil is unanswered
	state  []uint8
	names  map[string]int // by field_id, then field_key
	up     *scope
}

const (
	unseen uint8 = iota
	reading
	done
	wrong
)

func (c *call) form(fields []Field, values map[string]any, at string, up *scope) map[string]any {
	n := len(fields)
	s := &scope{c: c, at: at, fields: fields, given: make([]any, n), out: make([]any, n), state: make([]uint8, n), names: index(fields), up: up}
	taken := make([]bool, n)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		i, known := s.names[key]
		switch {
		case !known:
			c.add(pointer(at, token(key)), "unknown_field", "this form has no such field")
		case taken[i]:
			c.add(pointer(at, key), "field_given_twice", "the field is answered under its field_id and under its field_key")
		default:
			s.given[i], taken[i] = values[key], true
		}
	}
	for i := range fields {
		s.visit(i)
	}
	s.pairs()
	out := make(map[string]any, n)
	for i := range fields {
		if s.out[i] != nil {
			out[fields[i].FieldID] = s.out[i]
		}
	}
	return out
}

// token makes a name that a stranger chose fit for a problem's path.
func token(key string) string {
	key = strings.ToValidUTF8(key, "�")
	if len(key) <= 64 {
		return key
	}
	return strings.ToValidUTF8(key[:64], "") + "…"
}

func index(fields []Field) map[string]int {
	m := make(map[string]int, 2*len(fields))
	for i := range fields {
		m[fields[i].FieldID] = i
	}
	for i := range fields {
		if k := fields[i].FieldKey; k != "" {
			if _, taken := m[k]; !taken {
				m[k] = i
			}
		}
	}
	return m
}

// visit reads one field, after the fields its condition looks at.
func (s *scope) visit(i int) {
	if s.state[i] != unseen {
		return // read already, or a cycle that Parse refuses
	}
	s.state[i] = reading
	f, c := &s.fields[i], s.c
	at := pointer(s.at, f.FieldID)
	s.state[i] = done
	// A confirmation that is left out is not given.
	required := f.Required || on(f.MustBeTrue)
	if f.ConditionalLogic != nil {
		s.state[i] = reading
		visible, must := f.ConditionalLogic.Effect(s.lookup, c.env.Now)
		s.state[i] = done
		if !visible {
			c.hidden = append(c.hidden, strings.TrimPrefix(at, "/form_data/"))
			return
		}
		required = required || must
	}
	first := len(c.problems)
	if v := s.given[i]; !sound(c, at, v, 0) {
		s.state[i] = wrong
	} else if blank(v) {
		if required {
			c.add(at, "required", "an answer is needed")
			s.state[i] = wrong
		}
	} else {
		s.out[i], s.state[i] = s.read(f, at, v)
		// Everything that was answered inside may be hidden.
		if m, is := s.out[i].(map[string]any); is && len(m) == 0 {
			s.out[i] = nil
			if required {
				c.add(at, "required", "an answer is needed")
				s.state[i] = wrong
			}
		}
	}
	if f.ValidationRules != nil && f.ValidationRules.CustomMessage != "" {
		for j := first; j < len(c.problems); j++ {
			// A nested condition may have read another field meanwhile.
			if p := &c.problems[j]; p.Path == at || strings.HasPrefix(p.Path, at+"/") {
				p.Message = f.ValidationRules.CustomMessage
			}
		}
	}
}

func (s *scope) read(f *Field, at string, v any) (any, uint8) {
	k := kindOf(f.Type)
	if k == nil {
		s.c.add(at, "field_type_unknown", "the field has the unknown type %q", f.Type)
		return nil, wrong
	}
	var out any
	var ok bool
	if nested, is := k.(nesting); is {
		out, ok = nested.readIn(s, f, at, v)
	} else {
		out, ok = k.read(s.c, f, at, v)
	}
	if ok && f.ValidationRules != nil {
		ok = f.ValidationRules.apply(s.c, f, at, out)
	}
	if !ok {
		return nil, wrong
	}
	return out, done
}

// nesting is a kind whose fields may look at the fields around them.
type nesting interface {
	readIn(s *scope, f *Field, at string, v any) (any, bool)
}

// lookup gives a field's normalised answer. A hidden, wrong or unknown field is
// unanswered.
func (s *scope) lookup(id string) (any, bool) {
	i, known := s.names[id]
	if !known {
		if s.up != nil {
			return s.up.lookup(id)
		}
		return nil, false
	}
	s.visit(i)
	return s.out[i], s.out[i] != nil
}

// pairs compares the fields that must equal or differ from a sibling.
func (s *scope) pairs() {
	for i := range s.fields {
		f := &s.fields[i]
		if f.ValidationRules == nil || s.out[i] == nil {
			continue
		}
		r, at := f.ValidationRules, pointer(s.at, f.FieldID)
		say := func(code, message string) {
			if r.CustomMessage != "" {
				message = r.CustomMessage
			}
			s.c.add(at, code, "%s", message)
			s.state[i] = wrong
		}
		if r.EqualsField != "" {
			if other, ok := s.lookup(r.EqualsField); ok && !equal(s.out[i], other, false) {
				say("field_mismatch", "the two answers must be the same")
			}
		}
		if r.DiffersFromField != "" {
			if other, ok := s.lookup(r.DiffersFromField); ok && equal(s.out[i], other, false) {
				say("field_must_differ", "the two answers must differ")
			}
		}
	}
	for i := range s.fields {
		if s.state[i] == wrong {
			s.out[i] = nil
		}
	}
}

// blank reports that nothing was answered: null, white space, or a container
// of nothing but blanks. false and 0 are answers.
func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, one := range v {
			if !blank(one) {
				return false
			}
		}
		return true
	}
	return false
}

// The bounds of one answer (section 1.4 of the specification).
const (
	maxDepth = 32
	maxText  = 64 << 10 // bytes of one string
)

// sound refuses what no type may store: broken UTF-8, NUL, too long strings
// and too deep values.
func sound(c *call, at string, v any, depth int) bool {
	if depth > maxDepth {
		c.add(at, "too_deep", "the value is nested more than %d levels deep", maxDepth)
		return false
	}
	ok := true
	switch v := v.(type) {
	case string:
		switch {
		case !utf8.ValidString(v) || strings.ContainsRune(v, 0):
			c.add(at, "invalid_utf8", "the text is not valid UTF-8")
			ok = false
		case len(v) > maxText:
			c.add(at, "too_long", "a text may have at most %d bytes", maxText)
			ok = false
		}
	case []any:
		for i, one := range v {
			ok = sound(c, fmt.Sprintf("%s/%d", at, i), one, depth+1) && ok
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
				c.add(at, "invalid_utf8", "a name in the value is not valid UTF-8")
				ok = false
				continue
			}
			ok = sound(c, pointer(at, key), v[key], depth+1) && ok
		}
	}
	return ok
}
