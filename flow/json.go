package flow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// Canonical gives the canonical form of a JSON value (RFC 8785: members
// sorted by UTF-16 code units, numbers as ECMAScript writes them). Duplicate
// member names, invalid UTF-8 and numbers outside the range of a double are
// refused with a Malformed error.
func Canonical(v json.RawMessage) ([]byte, error) {
	out := jsontext.Value(bytes.Clone(v))
	if err := out.Canonicalize(); err != nil {
		return nil, kyc.Errorf(kyc.Malformed, "invalid_json", "the JSON value cannot be made canonical: %w", err)
	}
	return out, nil
}

// HashOf gives "sha256:" and the hex digest of canonical bytes.
func HashOf(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// pointer appends one member name to a JSON Pointer (RFC 6901).
func pointer(base, name string) string {
	if strings.ContainsAny(name, "~/") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	}
	return base + "/" + name
}

// index appends one array index to a JSON Pointer.
func index(base string, i int) string { return base + "/" + strconv.Itoa(i) }

// treeReader turns JSON text into a tree of map[string]any, []any, string,
// json.Number, bool and nil, and reports what the text itself has wrong:
// duplicate members (a reader and a checker could see different values),
// nesting, over-long strings, numbers that a double cannot hold.
type treeReader struct {
	dec  *jsontext.Decoder
	note func(path, code, message string)
	// at is the way to the value being read; a pointer is made of it only for a
	// problem.
	at []place
}

// place is a member name, or a place in an array when the index is not
// negative.
type place struct {
	name  string
	index int
}

func (r *treeReader) problem(code, message string) {
	path := ""
	for _, token := range r.at {
		if token.index < 0 {
			path = pointer(path, token.name)
		} else {
			path = index(path, token.index)
		}
	}
	r.note(path, code, message)
}

// errStop ends reading after a problem that leaves no tree to look at.
var errStop = errors.New("stop")

// readTree reads exactly one JSON value. It reports false when there is no
// tree to look at; the reason was noted.
func readTree(raw []byte, note func(path, code, message string)) (any, bool) {
	if len(raw) > MaxBytes {
		note("", "too_large", "the definition is larger than 2 MiB")
		return nil, false
	}
	r := treeReader{
		// Of a Buffer the decoder reads the bytes themselves, without a copy.
		dec:  jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true)),
		note: note,
	}
	tree, err := r.value(1)
	if err == nil {
		_, err = r.dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return tree, true
		}
		if err == nil {
			err = errors.New("there is more after the first value")
		}
	}
	if !errors.Is(err, errStop) {
		note("", "invalid_json", "this is not valid JSON near byte "+strconv.FormatInt(r.dec.InputOffset(), 10)+": "+syntaxCause(err))
	}
	return nil, false
}

// syntaxCause keeps the decoder's own words without its package prefix.
func syntaxCause(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the text ends too early"
	}
	return strings.TrimPrefix(err.Error(), "jsontext: ")
}

func (r *treeReader) value(depth int) (any, error) {
	tok, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case jsontext.KindBeginObject:
		return r.object(depth)
	case jsontext.KindBeginArray:
		return r.array(depth)
	case jsontext.KindString:
		s := tok.String()
		if len(s) > MaxString {
			r.problem("string_too_long", "the text is longer than 64 KiB")
		}
		return s, nil
	case jsontext.KindNumber:
		n := json.Number(tok.String())
		if !exactDouble(string(n)) {
			r.problem("number_precision", "the number cannot be kept exactly (it has too many digits or is too large); write it as text")
		}
		return n, nil
	case jsontext.KindTrue:
		return true, nil
	case jsontext.KindFalse:
		return false, nil
	default:
		return nil, nil
	}
}

func (r *treeReader) object(depth int) (any, error) {
	if depth > MaxDepth {
		r.problem("too_deep", "the JSON is nested deeper than 32 levels")
		return nil, errStop
	}
	out := map[string]any{}
	for r.dec.PeekKind() != jsontext.KindEndObject {
		tok, err := r.dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := tok.String()
		r.at = append(r.at, place{name, -1})
		if _, twice := out[name]; twice {
			r.problem("duplicate_key", "the member is written twice; it is unclear which one counts")
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		r.at = r.at[:len(r.at)-1]
		out[name] = v
	}
	_, err := r.dec.ReadToken()
	return out, err
}

func (r *treeReader) array(depth int) (any, error) {
	if depth > MaxDepth {
		r.problem("too_deep", "the JSON is nested deeper than 32 levels")
		return nil, errStop
	}
	out := []any{}
	for r.dec.PeekKind() != jsontext.KindEndArray {
		r.at = append(r.at, place{"", len(out)})
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		r.at = r.at[:len(r.at)-1]
		out = append(out, v)
	}
	_, err := r.dec.ReadToken()
	return out, err
}

// exactDouble reports whether canonical JSON keeps the number's value:
// RFC 8785 writes numbers as doubles, and a threshold that silently became
// another number would be a policy nobody wrote.
func exactDouble(s string) bool {
	if len(s) <= 15 && !strings.ContainsAny(s, "eE") {
		return true // up to 15 digits always survive
	}
	if len(s) > 64 {
		return false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return false
	}
	was, _, err := apd.NewFromString(s)
	if err != nil {
		return false
	}
	is, _, err := apd.NewFromString(strconv.FormatFloat(f, 'g', -1, 64))
	return err == nil && was.Cmp(is) == 0
}
