package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// plain says quickly that a body fits, for schemas of plain words: objects,
// lists, strings and numbers with their bounds. It never says that one does
// not: what it does not accept, and all that it does not understand, goes to
// the validator, which alone refuses.
type plain struct {
	types      []string
	enum       []string
	required   []string
	properties map[string]*plain
	open       bool // other properties are allowed
	items      *plain
	minItems   int
	maxItems   int // -1: none
	minLength  int
	maxLength  int // -1: none
	least      *float64
	most       *float64
}

// maxPlain is how deep schemas are followed; those that contain themselves end
// here.
const maxPlain = 8

// plainOf reads a schema; nil when the validator must judge.
func plainOf(s *jsonschema.Schema, depth int) *plain {
	if s == nil || depth > maxPlain || !onlyPlain(s) {
		return nil
	}
	if s.Ref != nil {
		if s.Types != nil || s.Properties != nil || s.Enum != nil {
			return nil
		}
		return plainOf(s.Ref, depth+1)
	}
	if s.Types == nil {
		return nil
	}
	p := &plain{types: s.Types.ToStrings(), required: s.Required, properties: map[string]*plain{}, maxItems: -1, maxLength: -1, open: s.AdditionalProperties == nil}
	if closed, ok := s.AdditionalProperties.(bool); s.AdditionalProperties != nil && (!ok || closed) {
		return nil
	}
	for name, property := range s.Properties {
		if p.properties[name] = plainOf(property, depth+1); p.properties[name] == nil {
			return nil
		}
	}
	if s.Items2020 != nil {
		if p.items = plainOf(s.Items2020, depth+1); p.items == nil {
			return nil
		}
	}
	if s.Enum != nil {
		for _, v := range s.Enum.Values {
			word, ok := v.(string)
			if !ok {
				return nil
			}
			p.enum = append(p.enum, word)
		}
	}
	for _, bound := range [...]struct{ from, to *int }{{s.MinItems, &p.minItems}, {s.MaxItems, &p.maxItems}, {s.MinLength, &p.minLength}, {s.MaxLength, &p.maxLength}} {
		if bound.from != nil {
			*bound.to = *bound.from
		}
	}
	if s.Minimum != nil {
		f, exact := s.Minimum.Float64()
		if p.least = &f; !exact {
			return nil
		}
	}
	if s.Maximum != nil {
		f, exact := s.Maximum.Float64()
		if p.most = &f; !exact {
			return nil
		}
	}
	return p
}

// onlyPlain reports whether a schema asserts nothing that plain does not know.
func onlyPlain(s *jsonschema.Schema) bool {
	known := []string{"DraftVersion", "Location", "Ref", "Types", "Enum", "Required", "Properties", "AdditionalProperties", "MinItems", "MaxItems", "Items2020", "MinLength", "MaxLength",
		"Maximum", "Minimum", "Title", "Description", "Default", "Comment", "ReadOnly", "WriteOnly", "Examples", "Deprecated"}
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && !slices.Contains(known, f.Name) && !v.Field(i).IsZero() {
			return false
		}
	}
	return true
}

// fits is true only for what the validator accepts.
func (p *plain) fits(v any) bool {
	switch v := v.(type) {
	case string:
		return slices.Contains(p.types, "string") && (p.enum == nil || slices.Contains(p.enum, v)) &&
			(p.minLength == 0 || utf8.RuneCountInString(v) >= p.minLength) && (p.maxLength < 0 || len(v) <= p.maxLength || utf8.RuneCountInString(v) <= p.maxLength)
	case bool:
		return p.enum == nil && slices.Contains(p.types, "boolean")
	case json.Number:
		return p.enum == nil && p.number(string(v))
	case []any:
		if p.enum != nil || p.items == nil || !slices.Contains(p.types, "array") || len(v) < p.minItems || p.maxItems >= 0 && len(v) > p.maxItems {
			return false
		}
		for _, item := range v {
			if !p.items.fits(item) {
				return false
			}
		}
		return true
	case map[string]any:
		if p.enum != nil || !slices.Contains(p.types, "object") {
			return false
		}
		for _, name := range p.required {
			if _, ok := v[name]; !ok {
				return false
			}
		}
		for name, value := range v {
			property := p.properties[name]
			if property == nil && !p.open || property != nil && !property.fits(value) {
				return false
			}
		}
		return true
	}
	return false // null is rare
}

// number accepts short decimals, whose order a double keeps.
func (p *plain) number(literal string) bool {
	taken := slices.Contains(p.types, "number") || !strings.Contains(literal, ".") && slices.Contains(p.types, "integer")
	if !taken || len(literal) > 15 || strings.ContainsAny(literal, "eE") {
		return false
	}
	f, err := strconv.ParseFloat(literal, 64)
	return err == nil && (p.least == nil || f >= *p.least) && (p.most == nil || f <= *p.most)
}
