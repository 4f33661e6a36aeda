package api

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Appender is the body of an answer that writes itself: large ones that are
// asked for often, for which encoding/json would take longer than what is
// answered. It writes exactly the bytes that encoding/json would, which its
// test compares. A type that embeds one needs a method of its own.
type Appender interface {
	// AppendJSON appends the JSON value, without a line break.
	AppendJSON(to []byte) []byte
}

func writeJSON(w io.Writer, v any) error {
	if a, ok := v.(Appender); ok {
		if rec, ok := w.(*record); ok {
			_, err := rec.Write(append(a.AppendJSON(rec.body.AvailableBuffer()), '\n'))
			return err
		}
		_, err := w.Write(append(a.AppendJSON(nil), '\n'))
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// AppendString writes a string.
func AppendString(to []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == '"' || c == '\\':
			return appendEscaped(to, s)
		case c >= utf8.RuneSelf:
			// Beyond ASCII only what is no UTF-8 and two line ends are escaped.
			if rest := s[i:]; strings.ContainsAny(rest, "\"\\\u2028\u2029") || strings.ContainsFunc(rest, isControl) || !utf8.ValidString(rest) {
				return appendEscaped(to, s)
			}
			return append(append(append(to, '"'), s...), '"')
		}
	}
	return append(append(append(to, '"'), s...), '"')
}

func isControl(r rune) bool { return r < ' ' }

// appendEscaped leaves strings that need escapes to encoding/json.
func appendEscaped(to []byte, s string) []byte {
	out := bytes.NewBuffer(to)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string into memory cannot fail
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// AppendStrings writes a list of strings; null for nil.
func AppendStrings(to []byte, list []string) []byte {
	if list == nil {
		return append(to, "null"...)
	}
	to = append(to, '[')
	for i, s := range list {
		if i > 0 {
			to = append(to, ',')
		}
		to = AppendString(to, s)
	}
	return append(to, ']')
}

// AppendFloat writes a number. It panics where there is no JSON for it, as an
// answer with such a number is a mistake of the program.
func AppendFloat(to []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		panic(&json.UnsupportedValueError{Value: reflect.ValueOf(f), Str: strconv.FormatFloat(f, 'g', -1, 64)})
	}
	// Scores have four digits. A decimal of at most 15 digits that reads back
	// as f is the shortest one, once its zeros at the end are gone.
	if n := math.Round(f * 1e4); n != 0 && math.Abs(n) < 1e12 && n/1e4 == f {
		return appendTenThousandths(to, int64(n))
	}
	if f == 0 && !math.Signbit(f) {
		return append(to, '0')
	}
	abs := math.Abs(f)
	if abs == 0 || abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(to, f, 'f', -1, 64)
	}
	start := len(to)
	to = strconv.AppendFloat(to, f, 'e', -1, 64)
	// As encoding/json does: e-09 reads e-9.
	if n := len(to); n-start >= 4 && to[n-4] == 'e' && to[n-3] == '-' && to[n-2] == '0' {
		to[n-2] = to[n-1]
		to = to[:n-1]
	}
	return to
}

func appendTenThousandths(to []byte, n int64) []byte {
	if n < 0 {
		to, n = append(to, '-'), -n
	}
	to = strconv.AppendInt(to, n/10_000, 10)
	part := n % 10_000
	if part == 0 {
		return to
	}
	to = append(to, '.')
	for digit := int64(1000); part > 0; digit /= 10 {
		to = append(to, byte('0'+part/digit))
		part %= digit
	}
	return to
}

// AppendJSON writes the time as MarshalJSON does.
func (t Stamp) AppendJSON(to []byte) []byte {
	if t.IsZero() {
		return append(to, "null"...)
	}
	return t.UTC().AppendFormat(to, stampFormat)
}
