package field

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/language"
)

// texts checks an array of texts.
func (d *definer) texts(v json.RawMessage, at string) bool {
	list, ok := d.array(jsontext.Value(v), at)
	for i, one := range list {
		if one.Kind() != '"' {
			d.add(fmt.Sprintf("%s/%d", at, i), "wrong_type", "this must be a text")
			ok = false
		}
	}
	if len(list) > maxList {
		d.add(at, "list_too_long", "at most %d entries are allowed", maxList)
		ok = false
	}
	return ok
}

// maxList bounds the lists inside one definition.
const maxList = 1000

// options checks the choices of a select: texts, or objects with value and
// label.
func (d *definer) options(v json.RawMessage, at string) bool {
	list, ok := d.array(jsontext.Value(v), at)
	if len(list) > maxList {
		d.add(at, "list_too_long", "at most %d options are allowed", maxList)
		return false
	}
	for i, one := range list {
		here := fmt.Sprintf("%s/%d", at, i)
		switch one.Kind() {
		case '"':
		case '{':
			m, read := d.object(json.RawMessage(one), here, "value", "label")
			for _, name := range []string{"value", "label"} {
				if read && m[name].Kind() != '"' {
					d.add(pointer(here, name), "wrong_type", "this must be a text")
					read = false
				}
			}
			ok = ok && read
		default:
			d.add(here, "wrong_type", "an option is a text or an object with value and label")
			ok = false
		}
	}
	return ok
}

func (d *definer) brackets(v json.RawMessage, at string) bool {
	list, ok := d.array(jsontext.Value(v), at)
	for i, one := range list {
		here := fmt.Sprintf("%s/%d", at, i)
		m, read := d.object(json.RawMessage(one), here, "max", "label")
		if read && m["label"].Kind() != '"' {
			d.add(here+"/label", "wrong_type", "this must be a text")
			read = false
		}
		if limit := m["max"]; read && limit != nil && limit.Kind() != 'n' {
			if _, exact := decimal(json.Number(limit)); limit.Kind() != '0' || !exact {
				d.add(here+"/max", "wrong_type", "this must be a number, or null for an open end")
				read = false
			}
		}
		ok = ok && read
	}
	return ok
}

// rules checks the JSON types of validation_rules.
func (d *definer) rules(v json.RawMessage, at string) bool {
	m, ok := d.object(v, at, ruleNames()...)
	if !ok {
		return false
	}
	table := map[string]string{
		"min_length": "integer", "max_length": "integer", "min": "number", "max": "number",
		"one_of": "values", "not_one_of": "values",
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		want, special := table[name]
		if !special {
			want = "string"
		}
		if string(m[name]) == "null" || !slices.Contains(ruleNames(), name) {
			continue
		}
		if want != "values" {
			ok = d.option(nil, want, json.RawMessage(m[name]), pointer(at, name), 0) && ok
			continue
		}
		list, read := d.array(m[name], pointer(at, name))
		ok = ok && read
		for i, one := range list {
			if k := one.Kind(); k == '{' || k == '[' || k == 'n' {
				d.add(fmt.Sprintf("%s/%d", pointer(at, name), i), "wrong_type", "this must be a text, a number, true or false")
				ok = false
			}
		}
	}
	return ok
}

// translations checks i18n: language tags with texts below them.
func (d *definer) translations(v json.RawMessage, at string) bool {
	m, ok := d.object(v, at)
	for _, tag := range slices.Sorted(maps.Keys(m)) {
		here := pointer(at, tag)
		if _, err := language.Parse(tag); err != nil {
			d.add(here, "language_invalid", "%q is no BCP 47 language tag", tag)
			ok = false
		}
		names := []string{"name", "tooltip", "instructions", "placeholder", "help_text", "options"}
		texts, read := d.object(json.RawMessage(m[tag]), here, names...)
		ok = ok && read
		for _, name := range names {
			one := texts[name]
			if one == nil || one.Kind() == 'n' {
				continue
			}
			if name == "options" {
				labels, read := d.object(json.RawMessage(one), here+"/options")
				ok = ok && read
				for _, value := range slices.Sorted(maps.Keys(labels)) {
					if labels[value].Kind() != '"' {
						d.add(pointer(here+"/options", value), "wrong_type", "this must be a text")
						ok = false
					}
				}
				continue
			}
			var text string
			before := len(d.problems)
			d.text(texts, here, name, &text)
			ok = ok && len(d.problems) == before
			if utf8.RuneCountInString(text) > maxNote {
				d.add(pointer(here, name), "text_too_long", "%s may have at most %d characters", name, maxNote)
			}
		}
	}
	return ok
}
