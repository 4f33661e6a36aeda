package field

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/big"
	"slices"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

func (d *definer) pattern(at, pattern, flags string) {
	if pattern == "" {
		return
	}
	if len(pattern) > maxPattern {
		d.add(at, "pattern_invalid", "a pattern may have at most %d bytes", maxPattern)
	} else if _, err := compilePattern(pattern, flags); err != nil {
		d.add(at, "pattern_invalid", "the pattern is not RE2: %v", err)
	}
}

// span checks two integer limits and their order.
func (d *definer) span(at, lowName string, low *int, highName string, high *int, floor, ceiling int) {
	for _, one := range []struct {
		name string
		v    *int
	}{{lowName, low}, {highName, high}} {
		if one.v != nil && (*one.v < floor || *one.v > ceiling) {
			d.add(pointer(at, one.name), "range_invalid", "%s must be from %d to %d", one.name, floor, ceiling)
		}
	}
	if low != nil && high != nil && *low > *high {
		d.add(pointer(at, lowName), "range_invalid", "%s is above %s", lowName, highName)
	}
}

func (d *definer) decimals(at, lowName string, low json.Number, highName string, high json.Number) (lo, hi *big.Rat) {
	lo, _ = decimal(low)
	hi, _ = decimal(high)
	if lo != nil && hi != nil && lo.Cmp(hi) > 0 {
		d.add(pointer(at, lowName), "range_invalid", "%s is above %s", lowName, highName)
	}
	return lo, hi
}

// decodeValue reads any JSON value, numbers kept exact, and refuses what
// follows it, doubled names and broken UTF-8.
func decodeValue(raw json.RawMessage) (any, error) {
	if !jsontext.Value(raw).IsValid() {
		return nil, kyc.Errorf(kyc.Malformed, "malformed_json", "the value is not valid JSON")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}

// object reads an object; with names given, every other name is a problem.
func (d *definer) object(raw json.RawMessage, at string, names ...string) (map[string]jsontext.Value, bool) {
	var m map[string]jsontext.Value
	if jsontext.Value(raw).Kind() != '{' {
		d.add(at, "wrong_type", "this must be an object")
		return nil, false
	}
	if err := jsonv2.Unmarshal(raw, &m); err != nil {
		d.add(at, "malformed_json", "the object cannot be read; a name may be doubled or the text may not be UTF-8")
		return nil, false
	}
	if len(names) > 0 {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !slices.Contains(names, name) {
				d.add(pointer(at, name), "unknown_field", "there is no property %q here", name)
			}
		}
	}
	return m, true
}

func (d *definer) array(raw jsontext.Value, at string) ([]jsontext.Value, bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, true
	}
	var list []jsontext.Value
	if raw.Kind() != '[' {
		d.add(at, "wrong_type", "this must be an array")
		return nil, false
	}
	if err := jsonv2.Unmarshal(raw, &list); err != nil {
		d.add(at, "malformed_json", "the array cannot be read")
		return nil, false
	}
	return list, true
}

func (d *definer) text(m map[string]jsontext.Value, at, name string, into *string) {
	v := m[name]
	if v == nil || string(v) == "null" {
		return
	}
	if v.Kind() != '"' {
		d.add(pointer(at, name), "wrong_type", "this must be a text")
		return
	}
	_ = json.Unmarshal(v, into) // a JSON string always fits
}

func (d *definer) flag(m map[string]jsontext.Value, at, name string, into *bool) {
	v := m[name]
	if v == nil || string(v) == "null" {
		return
	}
	if v.Kind() != 't' && v.Kind() != 'f' {
		d.add(pointer(at, name), "wrong_type", "this must be true or false")
		return
	}
	*into = v.Kind() == 't'
}
