package flow

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// verbatim is JSON that is canonical already: the config of a node.
type verbatim json.RawMessage

// encode writes a tree of maps, slices and scalars as canonical JSON (RFC
// 8785) in one pass. A compilation writes the graph several times, so this is
// where its time goes.
func encode(tree any) (json.RawMessage, error) {
	raw, err := appendCanonical(make([]byte, 0, 512), tree)
	if err != nil {
		return nil, kyc.Errorf(kyc.Internal, "encode", "encoding a graph: %w", err)
	}
	return raw, nil
}

func appendCanonical(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendText(b, v)
	case kyc.Outcome:
		return jsontext.AppendQuote(b, string(v))
	case json.Number:
		return appendNumber(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case verbatim:
		return append(b, v...), nil
	case []any:
		return appendList(b, v)
	case []string:
		return appendList(b, v)
	case map[string]any:
		return appendObject(b, v)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	canonical, err := Canonical(raw)
	return append(b, canonical...), err
}

// appendText writes a text; most need no escape at all.
func appendText(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7F || c == '"' || c == '\\' {
			return jsontext.AppendQuote(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), nil
}

func appendList[T any](b []byte, list []T) ([]byte, error) {
	b = append(b, '[')
	for i, one := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendCanonical(b, one); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendObject(b []byte, m map[string]any) ([]byte, error) {
	var few [16]string // most objects have no more, and need no memory of their own
	names := few[:0]
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	// Bytes and UTF-16 code units disagree only from U+E000 on.
	if slices.ContainsFunc(names, func(s string) bool { return strings.ContainsFunc(s, func(r rune) bool { return r >= 0xE000 }) }) {
		slices.SortFunc(names, compareUTF16)
	}
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendText(b, name); err != nil {
			return nil, err
		}
		if b, err = appendCanonical(append(b, ':'), m[name]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// appendNumber writes a number as ECMAScript does.
func appendNumber(b []byte, n json.Number) ([]byte, error) {
	if written(n) {
		return append(b, n...), nil
	}
	canonical, err := Canonical(json.RawMessage(n))
	return append(b, canonical...), err
}

// written reports whether a number is surely canonical: up to 15 digits without
// a point or exponent are.
func written(n json.Number) bool {
	digits := strings.TrimPrefix(string(n), "-")
	if digits == "" || len(digits) > 15 || digits[0] == '0' && n != "0" {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// compareUTF16 orders names by their UTF-16 code units. That is the order of
// their bytes, but for characters beyond the first plane, whose surrogates
// come before U+E000.
func compareUTF16(x, y string) int {
	a, b := x, y
	for len(a) > 0 && len(b) > 0 {
		r, n := utf8.DecodeRuneInString(a)
		s, m := utf8.DecodeRuneInString(b)
		if r != s {
			if (r > 0xFFFF) != (s > 0xFFFF) {
				return cmp.Compare(firstUnit(r), firstUnit(s))
			}
			return cmp.Compare(r, s)
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}

func firstUnit(r rune) rune {
	if r > 0xFFFF {
		return 0xD800 + (r-0x10000)>>10
	}
	return r
}
