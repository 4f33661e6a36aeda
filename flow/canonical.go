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
	names := make([]string, 0, len(m))
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

// appendNumber writes a number as ECMAScript does. Up to 15 digits without a
// point or exponent are written that way already.
func appendNumber(b []byte, n json.Number) ([]byte, error) {
	s := string(n)
	if digits := strings.TrimPrefix(s, "-"); len(digits) > 0 && len(digits) <= 15 && (digits[0] != '0' || s == "0") && strings.Trim(digits, "0123456789") == "" {
		return append(b, s...), nil
	}
	canonical, err := Canonical(json.RawMessage(s))
	return append(b, canonical...), err
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
