package api

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Flat is the value of a member of a flat JSON object: a string, a short
// decimal or a list of strings.
type Flat struct {
	kind byte // ", 0 or [
	text string
	list []string
}

// String is a string of at most so many bytes.
func (f *Flat) String(most int) (string, bool) {
	return f.text, f.kind == '"' && len(f.text) <= most
}

// OneOf is one of these strings.
func (f *Flat) OneOf(allowed ...string) (string, bool) {
	for _, s := range allowed {
		if f.kind == '"' && f.text == s {
			return f.text, true
		}
	}
	return "", false
}

// Strings is a list of at most so many strings.
func (f *Flat) Strings(most int) ([]string, bool) {
	return f.list, f.kind == '[' && len(f.list) <= most
}

// Int is a whole number in plain digits, from least to most.
func (f *Flat) Int(least, most int) (int, bool) {
	if f.kind != '0' || strings.IndexByte(f.text, '.') >= 0 {
		return 0, false
	}
	n, err := strconv.Atoi(f.text)
	return n, err == nil && n >= least && n <= most
}

// Float is a number from least to most.
func (f *Flat) Float(least, most float64) (float64, bool) {
	if f.kind != '0' {
		return 0, false
	}
	n, err := strconv.ParseFloat(f.text, 64)
	return n, err == nil && n >= least && n <= most
}

// ReadFlat reads an object whose members are all flat, one after the other.
// It is false for everything else, which need not be wrong: a string with an
// escape, a number with an exponent or a sign, null, something nested. field
// says whether it takes a member. A name that comes twice is not taken.
func ReadFlat(body []byte, field func(name string, v *Flat) bool) bool {
	if !utf8.Valid(body) {
		return false
	}
	r := flatReader{rest: string(body)}
	var names [maxFlatNames]string
	known := names[:0]
	if !r.skip('{') {
		return false
	}
	for first := true; first || !r.skip('}'); first = false {
		if first && r.skip('}') {
			break
		}
		if !first && !r.skip(',') {
			return false
		}
		name, ok := r.str()
		if !ok || !r.skip(':') || slices.Contains(known, name) || len(known) == maxFlatNames {
			return false
		}
		known = append(known, name)
		v, ok := r.value()
		if !ok || !field(name, &v) {
			return false
		}
	}
	r.peek()
	return r.rest == ""
}

// flatReader holds what is left of the text. What it gives are parts of it.
type flatReader struct{ rest string }

// peek is the next byte that is no white space; 0 at the end.
func (r *flatReader) peek() byte {
	for len(r.rest) > 0 {
		switch c := r.rest[0]; c {
		case ' ', '\t', '\n', '\r':
			r.rest = r.rest[1:]
		default:
			return c
		}
	}
	return 0
}

// skip takes a byte if it comes next.
func (r *flatReader) skip(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// str reads a string without escapes.
func (r *flatReader) str() (string, bool) {
	if !r.skip('"') {
		return "", false
	}
	for i := range len(r.rest) {
		switch c := r.rest[i]; {
		case c == '"':
			s := r.rest[:i]
			r.rest = r.rest[i+1:]
			return s, true
		case c == '\\' || c < ' ':
			return "", false
		}
	}
	return "", false
}

func (r *flatReader) value() (v Flat, ok bool) {
	switch c := r.peek(); {
	case c == '"':
		v.kind = '"'
		v.text, ok = r.str()
		return v, ok
	case c == '[':
		v.kind = '['
		v.list, ok = r.strings()
		return v, ok
	case c >= '0' && c <= '9':
		v.kind = '0'
		v.text, ok = r.number()
		return v, ok
	}
	return v, false
}

// Bounds of what is read quickly.
const (
	maxFlatList  = 1000
	maxFlatNames = 32
)

// strings reads a list; one without elements is not nil.
func (r *flatReader) strings() ([]string, bool) {
	out := []string{}
	if !r.skip('[') {
		return nil, false
	}
	if r.skip(']') {
		return out, true
	}
	for len(out) < maxFlatList {
		s, ok := r.str()
		if !ok {
			return nil, false
		}
		out = append(out, s)
		if r.skip(']') {
			return out, true
		}
		if !r.skip(',') {
			return nil, false
		}
	}
	return nil, false
}

// number reads digits, with a point among them or not, of at most 15
// characters, so that a double keeps their order.
func (r *flatReader) number() (string, bool) {
	n, point := 0, -1
	for ; n < len(r.rest); n++ {
		if c := r.rest[n]; c == '.' && point < 0 {
			point = n
		} else if c < '0' || c > '9' {
			break
		}
	}
	text := r.rest[:n]
	r.rest = r.rest[n:]
	whole := text
	if point >= 0 {
		whole = text[:point]
	}
	ok := n <= 15 && len(whole) > 0 && (whole == "0" || whole[0] != '0') && point != n-1
	return text, ok
}
