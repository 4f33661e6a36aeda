package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// Limits of JSON bodies (api.md section 1.4).
const (
	maxBody       = 1 << 20
	maxDefinition = 2 << 20
	maxDepth      = 32
	maxString     = 64 << 10 // bytes
)

// Decode reads JSON strictly into a tree of map[string]any, []any, string,
// json.Number, bool and nil. Refused: duplicate keys at any depth, invalid
// UTF-8, anything after the value, more than 32 levels, strings of more than
// 64 KiB. The error is Malformed with the JSON Pointer of the place.
func Decode(data []byte) (any, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	v, err := readValue(dec, 0)
	if err != nil {
		return nil, malformed(dec, err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, kyc.Errorf(kyc.Malformed, "json_malformed", "there is something after the end of the JSON value")
	}
	return v, nil
}

// DecodeInto reads JSON strictly into a Go value: duplicate keys are refused,
// names are compared letter by letter (a key in other case is another key and
// never replaces a value), members the type does not know are left out.
func DecodeInto(data []byte, into any) error {
	if err := jsonv2.Unmarshal(data, into, jsonv2.MatchCaseInsensitiveNames(false), jsonv2.RejectUnknownMembers(false), jsontext.AllowDuplicateNames(false)); err != nil {
		var semantic *jsonv2.SemanticError
		if errors.As(err, &semantic) {
			return unfit(string(semantic.JSONPointer))
		}
		return kyc.Errorf(kyc.Malformed, "json_malformed", "the JSON cannot be read")
	}
	return nil
}

// unfit says that a value does not fit its field, such as 5.0 or 1e30 where a
// whole number is meant: the schema takes both, Go's integers do not.
func unfit(at string) *kyc.Error {
	e := kyc.Errorf(kyc.Malformed, "wrong_type", "a value has the wrong type")
	e.Problems = []kyc.Problem{{Path: at, Code: "wrong_type", Message: "this value has the wrong type; a whole number is written in plain digits and has at most 19 of them"}}
	return e
}

// limitError is a limit of ours that a document breaks.
type limitError struct{ code, message string }

func (e limitError) Error() string { return e.message }

// readValue reads one value. Its recursion ends at maxDepth.
func readValue(dec *jsontext.Decoder, depth int) (any, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case 'n':
		return nil, nil
	case 't':
		return true, nil
	case 'f':
		return false, nil
	case '0':
		return readNumber(tok.String())
	case '"':
		return readString(tok)
	case '{':
		if depth >= maxDepth {
			return nil, limitError{"too_deep", fmt.Sprintf("the JSON has more than %d levels", maxDepth)}
		}
		out := map[string]any{}
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return nil, err
			}
			if name.Kind() != '"' {
				return nil, errors.New("a key is missing")
			}
			key, err := readString(name)
			if err != nil {
				return nil, err
			}
			value, err := readValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			out[key] = value
		}
		_, err := dec.ReadToken()
		return out, err
	case '[':
		if depth >= maxDepth {
			return nil, limitError{"too_deep", fmt.Sprintf("the JSON has more than %d levels", maxDepth)}
		}
		out := []any{}
		for dec.PeekKind() != ']' {
			value, err := readValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		_, err := dec.ReadToken()
		return out, err
	}
	return nil, errors.New("unexpected token")
}

// readNumber refuses numbers that no rule of ours could want and that would
// cost gigabytes to compare exactly, such as 1e1000000000.
func readNumber(literal string) (any, error) {
	_, exponent, _ := strings.Cut(strings.ToLower(literal), "e")
	if len(literal) > 64 || len(strings.TrimLeft(exponent, "+-0")) > 3 {
		return nil, limitError{"number_too_long", "a number has more than 64 characters or an exponent beyond 999"}
	}
	if f, err := strconv.ParseFloat(literal, 64); err != nil || math.IsInf(f, 0) {
		return nil, limitError{"number_out_of_range", "a number is larger than a double can hold"}
	}
	return json.Number(literal), nil
}

func readString(tok jsontext.Token) (string, error) {
	s := tok.String()
	if len(s) > maxString {
		return "", limitError{"string_too_long", "a string has more than 64 KiB"}
	}
	return s, nil
}

// malformed describes what is wrong and where, without showing the content.
func malformed(dec *jsontext.Decoder, err error) error {
	at, code, message := string(dec.StackPointer()), "json_malformed", "the JSON cannot be read"
	var syntax *jsontext.SyntacticError
	var limit limitError
	switch {
	case errors.As(err, &limit):
		code, message = limit.code, limit.message
	case errors.Is(err, jsontext.ErrDuplicateName):
		code, message = "duplicate_key", "a key is given twice in the same object"
		if errors.As(err, &syntax) {
			at = string(syntax.JSONPointer)
		}
	case errors.As(err, &syntax):
		at = string(syntax.JSONPointer)
		message = "the JSON cannot be read at byte " + strconv.FormatInt(syntax.ByteOffset, 10)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			message = "the JSON ends in the middle"
		} else if strings.Contains(syntax.Err.Error(), "UTF-8") {
			message += ": it is not UTF-8"
		}
	}
	kind := kyc.Malformed
	e := kyc.Errorf(kind, code, "%s", message)
	e.Problems = []kyc.Problem{{Path: at, Code: code, Message: message}}
	return e
}

// escapePointer writes a name as a token of a JSON Pointer.
func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
