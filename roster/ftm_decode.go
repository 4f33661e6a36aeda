package roster

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// ftmReader decodes lines of FollowTheMoney some times faster than
// encoding/json, by reusing what it decodes into. It takes the usual shape of a
// line alone; any other goes to encoding/json, which has the last word.
type ftmReader struct {
	dec    *jsontext.Decoder
	buf    bytes.Buffer
	x      ftmEntity
	values []string
	keys   map[string]string // names of properties, each in memory once
	names  []string          // of the members of a line
}

func newFTMReader() *ftmReader {
	r := &ftmReader{x: ftmEntity{Properties: map[string]ftmValues{}}, keys: map[string]string{}}
	r.dec = jsontext.NewDecoder(&r.buf)
	return r
}

// read decodes a line. What it answers holds until the next line; its strings
// hold longer.
func (r *ftmReader) read(line []byte) (*ftmEntity, error) {
	if r.plain(line) || r.usual(line) {
		return &r.x, nil
	}
	var x ftmEntity
	if err := json.Unmarshal(line, &x); err != nil {
		return nil, err
	}
	return &x, nil
}

// usual reports whether the line has the usual shape, and was read.
func (r *ftmReader) usual(line []byte) bool {
	r.begin()
	r.buf.Reset()
	r.buf.Write(line)
	r.dec.Reset(&r.buf)
	if !r.opens('{') {
		return false
	}
	whole := false // it has properties
	for r.dec.PeekKind() == '"' {
		key, ok := r.key()
		if !ok {
			return false
		}
		switch key {
		case "id":
			r.x.ID, ok = r.text()
		case "caption":
			r.x.Caption, ok = r.text()
		case "schema":
			r.x.Schema, ok = r.text()
		case "datasets":
			r.x.Datasets, ok = r.list()
		case "properties":
			ok = r.properties()
			whole = ok
		default:
			// encoding/json reads names in any case.
			if knownInOtherCase(key) {
				return false
			}
			ok = r.dec.SkipValue() == nil
		}
		if !ok {
			return false
		}
	}
	if _, err := r.dec.ReadToken(); err != nil { // the closing brace
		return false
	}
	return whole && r.dec.PeekKind() == 0 && len(bytes.TrimSpace(r.dec.UnreadBuffer())) == 0
}

// begin forgets the line before.
func (r *ftmReader) begin() {
	clear(r.x.Properties)
	r.x = ftmEntity{Properties: r.x.Properties}
	r.values = r.values[:0]
}

func knownInOtherCase(key string) bool {
	for _, known := range [...]string{"id", "caption", "schema", "datasets", "properties"} {
		if strings.EqualFold(key, known) {
			return true
		}
	}
	return false
}

// opens reads the beginning of an object or a list.
func (r *ftmReader) opens(kind jsontext.Kind) bool {
	if r.dec.PeekKind() != kind {
		return false
	}
	_, err := r.dec.ReadToken()
	return err == nil
}

// key reads a name without an escape.
func (r *ftmReader) key() (string, bool) {
	raw, err := r.dec.ReadValue()
	if err != nil || bytes.IndexByte(raw, '\\') >= 0 {
		return "", false
	}
	raw = raw[1 : len(raw)-1]
	key, ok := r.keys[string(raw)]
	if !ok {
		key = string(raw)
		if len(r.keys) < 10_000 {
			r.keys[key] = key
		}
	}
	return key, true
}

func (r *ftmReader) text() (string, bool) {
	if r.dec.PeekKind() != '"' {
		return "", false
	}
	t, err := r.dec.ReadToken()
	if err != nil {
		return "", false
	}
	return t.String(), true
}

// list reads a list of strings.
func (r *ftmReader) list() (ftmValues, bool) {
	if !r.opens('[') {
		return nil, false
	}
	from := len(r.values)
	for r.dec.PeekKind() == '"' {
		s, ok := r.text()
		if !ok {
			return nil, false
		}
		r.values = append(r.values, s)
	}
	if r.dec.PeekKind() != ']' {
		return nil, false
	}
	_, err := r.dec.ReadToken()
	return ftmValues(r.values[from:len(r.values):len(r.values)]), err == nil
}

func (r *ftmReader) properties() bool {
	if !r.opens('{') {
		return false
	}
	for r.dec.PeekKind() == '"' {
		key, ok := r.key()
		if !ok {
			return false
		}
		if r.x.Properties[key], ok = r.list(); !ok {
			return false
		}
	}
	_, err := r.dec.ReadToken()
	return err == nil
}
