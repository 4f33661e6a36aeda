package field

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mozillazg/go-unidecode"

	"bonafide/kyc"
)

// The limits of a definition.
const (
	maxFields  = 200 // in one list
	maxNesting = 3   // containers inside each other
	maxName    = 255 // code points
	maxNote    = 2000
)

// Parse reads a custom_fields array, or any lone list of fields. at is the
// JSON Pointer of the array. Every problem is reported at once with the codes
// that doc.go lists; fields that could be read are returned even then, so that
// a caller can go on looking, but must not be used while there are problems.
// A missing field_id is made from the name, always the same for the same list.
func Parse(raw json.RawMessage, at string) ([]Field, []kyc.Problem) {
	d := &definer{}
	fields := d.fields(raw, at, 1)
	if len(fields) == 0 && len(d.problems) == 0 {
		d.add(at, "custom_fields_required", "a form needs at least one field")
	}
	return fields, d.problems
}

// definer collects the problems of one definition.
type definer struct {
	problems []kyc.Problem
}

func (d *definer) add(at, code, format string, args ...any) {
	d.problems = append(d.problems, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (d *definer) fields(raw json.RawMessage, at string, depth int) []Field {
	list, ok := d.array(jsontext.Value(raw), at)
	if !ok {
		return nil
	}
	if len(list) > maxFields {
		d.add(at, "too_many_fields", "a list may have at most %d fields", maxFields)
		return nil
	}
	fields := make([]Field, len(list))
	for i, one := range list {
		fields[i] = d.field(one, fmt.Sprintf("%s/%d", at, i), depth)
	}
	d.names(fields, at)
	for i := range fields {
		d.references(fields, i, fmt.Sprintf("%s/%d", at, i))
	}
	if depth == 1 {
		// Nested lists see the fields around them, so names are resolved from
		// the outside in, once the whole tree is known.
		d.resolve(fields, at, nil)
	}
	d.cycles(fields, at)
	return fields
}

// field reads one definition against the table of its type.
func (d *definer) field(raw jsontext.Value, at string, depth int) Field {
	var f Field
	m, ok := d.object(json.RawMessage(raw), at)
	if !ok {
		return f
	}
	var typeName string
	d.text(m, at, "type", &typeName)
	k := kindOf(typeName)
	switch {
	case m["type"] == nil:
		d.add(at+"/type", "type_required", "a field needs a type")
	case typeName != "" && k == nil:
		d.add(at+"/type", "field_type_unknown", "there is no field type %q", typeName)
	}
	table := common()
	if k != nil {
		table = append(table, k.spec().Options...)
	}
	clean := map[string]json.RawMessage{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		i := slices.IndexFunc(table, func(o OptionSpec) bool { return o.Name == name })
		value := json.RawMessage(m[name])
		switch {
		case i < 0 && k != nil:
			d.add(pointer(at, name), "unknown_field", "a field of type %s has no property %q", typeName, name)
		case i < 0: // without a type nobody can say
		case string(value) == "null": // the same as absent
		case d.option(&f, table[i].Type, value, pointer(at, name), depth):
			clean[name] = value
		}
	}
	for _, o := range table {
		if _, given := m[o.Name]; o.Default != nil && (!given || string(m[o.Name]) == "null") {
			def, _ := json.Marshal(o.Default) // the tables hold plain values
			clean[o.Name] = def
		}
	}
	whole, _ := json.Marshal(clean)
	type plain Field // is compiled further down, once it is judged
	var parsed plain
	if err := json.Unmarshal(whole, &parsed); err != nil {
		// The table has checked every type, so only a number beyond the
		// machine's integers gets here.
		d.add(at, "wrong_type", "the field cannot be read: %v", err)
		return f
	}
	parsed.ConditionalLogic, parsed.ItemFields, parsed.Fields = f.ConditionalLogic, f.ItemFields, f.Fields
	f = Field(parsed)
	d.common(&f, at)
	if k != nil {
		k.define(d, &f, at)
		if f.ValidationRules != nil {
			f.ValidationRules.define(d, &f, at+"/validation_rules", k.spec().Rules)
		}
		f.ready = f.compiled()
		d.defaultValue(k, &f, at+"/default_value")
	}
	return f
}

// option checks the JSON type of one property, and reads the nested ones.
func (d *definer) option(f *Field, jsonType string, v json.RawMessage, at string, depth int) bool {
	kind := jsontext.Value(v).Kind()
	wrong := func(want string) bool {
		d.add(at, "wrong_type", "this must be %s", want)
		return false
	}
	switch jsonType {
	case "boolean":
		if kind != 't' && kind != 'f' {
			return wrong("true or false")
		}
	case "string":
		if kind != '"' {
			return wrong("a text")
		}
	case "integer":
		n, ok := decimal(json.Number(v))
		if kind != '0' || !ok || !n.IsInt() || !n.Num().IsInt64() || strings.ContainsAny(string(v), ".eE") {
			return wrong("a whole number")
		}
	case "number":
		if _, ok := decimal(json.Number(v)); kind != '0' || !ok {
			return wrong(fmt.Sprintf("a number with at most %d digits before and %d after the point", wholeDigits, fractionDigits))
		}
	case "string[]":
		return d.texts(v, at)
	case "option[]":
		return d.options(v, at)
	case "bracket[]":
		return d.brackets(v, at)
	case "field[]":
		if depth > maxNesting {
			d.add(at, "nesting_too_deep", "fields may be nested at most %d levels deep", maxNesting)
			return false
		}
		inner := d.fields(v, at, depth+1)
		if strings.HasSuffix(at, "/item_fields") {
			f.ItemFields = inner
		} else {
			f.Fields = inner
		}
		return false
	case "logic":
		l := d.logic(v, at)
		f.ConditionalLogic = &l
		return false
	case "rules":
		return d.rules(v, at)
	case "i18n":
		return d.translations(v, at)
	}
	return true
}

// common checks the properties every type has.
func (d *definer) common(f *Field, at string) {
	f.Name = clean(f.Name)
	switch n := utf8.RuneCountInString(f.Name); {
	case n == 0:
		d.add(at+"/name", "name_required", "a field needs a name, its label")
	case n > maxName:
		d.add(at+"/name", "name_too_long", "a name may have at most %d characters", maxName)
	}
	for _, one := range []struct{ name, v string }{{"field_id", f.FieldID}, {"field_key", f.FieldKey}} {
		if one.v != "" && !isID(one.v) {
			d.add(at+"/"+one.name, one.name+"_invalid", "%s has 1 to 64 letters, digits, dots, hyphens and underscores", one.name)
		}
	}
	for _, one := range []struct{ name, v string }{
		{"description", f.Description}, {"tooltip", f.Tooltip}, {"instructions", f.Instructions},
		{"placeholder", f.Placeholder}, {"help_text", f.HelpText}, {"unit", f.Unit},
		{"true_label", f.TrueLabel}, {"false_label", f.FalseLabel},
	} {
		if utf8.RuneCountInString(one.v) > maxNote {
			d.add(at+"/"+one.name, "text_too_long", "%s may have at most %d characters", one.name, maxNote)
		}
	}
}

func isID(s string) bool {
	return len(s) <= 64 && s != "" && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
	}) < 0
}

// names gives an id to every field without one and refuses doubles.
func (d *definer) names(fields []Field, at string) {
	taken := map[string]bool{}
	for i := range fields {
		id := fields[i].FieldID
		if id != "" && taken[id] {
			d.add(fmt.Sprintf("%s/%d/field_id", at, i), "field_id_duplicate", "the field_id %q is used twice in this list", id)
		}
		taken[id] = true
	}
	keys := map[string]bool{}
	for i := range fields {
		key := fields[i].FieldKey
		if key == "" {
			continue
		}
		if keys[key] || taken[key] && fields[i].FieldID != key {
			d.add(fmt.Sprintf("%s/%d/field_key", at, i), "field_key_duplicate", "the name %q already belongs to another field of this list", key)
		}
		keys[key] = true
	}
	for i := range fields {
		if fields[i].FieldID != "" {
			continue
		}
		base := slug(fields[i].Name)
		id := base
		for n := 2; taken[id] || keys[id]; n++ {
			id = fmt.Sprintf("%s_%d", base, n)
		}
		fields[i].FieldID, taken[id] = id, true
	}
}

// slug makes an identifier from a label.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(unidecode.Unidecode(name)), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	s := strings.Join(words, "_")
	if len(s) > 56 { // leaves room for a number
		s = strings.TrimRight(s[:56], "_")
	}
	if s == "" {
		return "field"
	}
	return s
}

// references checks the siblings that validation_rules name.
func (d *definer) references(fields []Field, i int, at string) {
	r := fields[i].ValidationRules
	if r == nil {
		return
	}
	names := index(fields)
	for _, ref := range []struct{ rule, id string }{{"equals_field", r.EqualsField}, {"differs_from_field", r.DiffersFromField}} {
		if ref.id == "" {
			continue
		}
		j, known := names[ref.id]
		switch {
		case !known:
			d.add(at+"/validation_rules/"+ref.rule, "reference_unknown", "there is no field %q in this list", ref.id)
		case j == i:
			d.add(at+"/validation_rules/"+ref.rule, "reference_self", "a field cannot be compared with itself")
		}
	}
}

// resolve checks that every field named by a condition is in the same list or
// in a list around it.
func (d *definer) resolve(fields []Field, at string, around []map[string]int) {
	seen := append(slices.Clone(around), index(fields))
	for i := range fields {
		f, here := &fields[i], fmt.Sprintf("%s/%d", at, i)
		if f.ConditionalLogic != nil {
			for n, cond := range f.ConditionalLogic.Conditions {
				known := slices.ContainsFunc(seen, func(m map[string]int) bool { _, ok := m[cond.FieldID]; return ok })
				if cond.FieldID != "" && !known {
					d.add(fmt.Sprintf("%s/conditional_logic/conditions/%d/field_id", here, n), "condition_field_unknown", "there is no field %q here", cond.FieldID)
				}
			}
		}
		d.resolve(f.Fields, here+"/fields", seen)
		d.resolve(f.ItemFields, here+"/item_fields", seen)
	}
}

// defaultValue holds the default against the field itself. What depends on
// today is left to the day of the answer.
func (d *definer) defaultValue(k kind, f *Field, at string) {
	if len(f.DefaultValue) == 0 {
		return
	}
	v, err := decodeValue(f.DefaultValue)
	c := &call{definition: true}
	if err != nil || !sound(c, at, v, 0) || blank(v) {
		d.add(at, "default_invalid", "the default is empty or cannot be read")
		return
	}
	if nested, is := k.(nesting); is {
		nested.readIn(&scope{c: c}, f, at, v)
	} else if out, ok := k.read(c, f, at, v); ok && f.ValidationRules != nil {
		f.ValidationRules.apply(c, f, at, out)
	}
	for _, p := range c.problems {
		d.add(p.Path, "default_invalid", "the default does not pass its own field: %s", p.Message)
	}
}
