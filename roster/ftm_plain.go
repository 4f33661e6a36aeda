package roster

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// plainLine reads the plainest lines of FollowTheMoney, which nearly all are,
// several times faster than a JSON decoder: UTF-8, strings without escapes,
// lists of them, and beside what is known only words, numbers and flat lists.
// It takes nothing else. All strings of a line are parts of one copy of it.
type plainLine struct {
	rest string
	r    *ftmReader
}

// plain reports whether the line is one of these, and was read into r.x.
func (r *ftmReader) plain(line []byte) bool {
	if !utf8.Valid(line) {
		return false
	}
	r.begin()
	p := plainLine{rest: string(line), r: r}
	whole := false // it has properties
	names := r.names[:0]
	ok := p.object(func(name string) (ok bool) {
		if slices.Contains(names, name) {
			return false
		}
		names = append(names, name)
		switch name {
		case "id":
			r.x.ID, ok = p.str()
		case "caption":
			r.x.Caption, ok = p.str()
		case "schema":
			r.x.Schema, ok = p.str()
		case "datasets":
			r.x.Datasets, ok = p.strs()
		case "properties":
			whole = true
			ok = p.object(func(key string) (ok bool) {
				if _, twice := r.x.Properties[key]; twice {
					return false
				}
				r.x.Properties[r.interned(key)], ok = p.strs()
				return ok
			})
		default:
			ok = !knownInOtherCase(name) && p.skip()
		}
		return ok
	})
	r.names = names
	return ok && whole && p.peek() == 0 && p.rest == ""
}

// interned is the name of a property in memory of its own, once.
func (r *ftmReader) interned(key string) string {
	if known, ok := r.keys[key]; ok {
		return known
	}
	key = strings.Clone(key)
	if len(r.keys) < 10_000 {
		r.keys[key] = key
	}
	return key
}

// peek is the next byte that is no white space; 0 at the end.
func (p *plainLine) peek() byte {
	for len(p.rest) > 0 {
		switch c := p.rest[0]; c {
		case ' ', '\t', '\r', '\n':
			p.rest = p.rest[1:]
		default:
			return c
		}
	}
	return 0
}

func (p *plainLine) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// object reads members one after the other; member reads the value.
func (p *plainLine) object(member func(name string) bool) bool {
	if !p.take('{') {
		return false
	}
	if p.take('}') {
		return true
	}
	for {
		name, ok := p.str()
		if !ok || !p.take(':') || !member(name) {
			return false
		}
		if p.take('}') {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
}

// str reads a string without escapes.
func (p *plainLine) str() (string, bool) {
	if !p.take('"') {
		return "", false
	}
	end := strings.IndexByte(p.rest, '"')
	if end < 0 {
		return "", false
	}
	s := p.rest[:end]
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '\\' {
			return "", false
		}
	}
	p.rest = p.rest[end+1:]
	return s, true
}

// strs reads a list of strings into the reader's memory.
func (p *plainLine) strs() (ftmValues, bool) {
	from := len(p.r.values)
	ok := p.elements(func() bool {
		s, ok := p.str()
		p.r.values = append(p.r.values, s)
		return ok
	})
	return ftmValues(p.r.values[from:len(p.r.values):len(p.r.values)]), ok
}

func (p *plainLine) elements(one func() bool) bool {
	if !p.take('[') {
		return false
	}
	if p.take(']') {
		return true
	}
	for {
		if !one() {
			return false
		}
		if p.take(']') {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
}

// skip passes over a string, a word, digits or a flat list of them.
func (p *plainLine) skip() bool {
	if p.peek() == '[' {
		return p.elements(p.skipOne)
	}
	return p.skipOne()
}

func (p *plainLine) skipOne() bool {
	if p.peek() == '"' {
		_, ok := p.str()
		return ok
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if rest, ok := strings.CutPrefix(p.rest, word); ok {
			p.rest = rest
			return true
		}
	}
	n := 0
	for n < len(p.rest) && p.rest[n] >= '0' && p.rest[n] <= '9' {
		n++
	}
	if n == 0 || n > 1 && p.rest[0] == '0' {
		return false
	}
	p.rest = p.rest[n:]
	return true
}
