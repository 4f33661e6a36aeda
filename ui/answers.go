package ui

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bonafide/field"
)

// numberText is how an applicant may write a number: digits, with a point or a
// comma before the decimals, spaces between thousands. One point or comma with
// exactly three digits behind it means thousands to some and decimals to
// others; nobody guesses, the applicant is asked to write it plainly.
var (
	numberText  = regexp.MustCompile(`^[+-]?\d{1,3}(?:[ \x{a0}\x{202f}']\d{3})*(?:[.,]\d+)?$|^[+-]?\d+(?:[.,]\d+)?$`)
	twoMeanings = regexp.MustCompile(`^[+-]?[1-9]\d{0,2}[.,]\d{3}$`)
)

// Answers reads what a browser sent for the fields, in the shapes that
// field.Validate takes. Nothing is judged here: what is no number stays the
// text that was written, and Validate says what is wrong with it. Fields
// without an answer are left out.
func Answers(fields []field.Field, sent url.Values) map[string]any {
	return readList(fields, sent, prefix)
}

// Rows are how many items of each list were sent, for drawing the form again;
// the buttons "add" and "remove" name the list they are about.
func Rows(fields []field.Field, sent url.Values) map[string]int {
	out := map[string]int{}
	countRows(fields, sent, prefix, out)
	if name := sent.Get("add"); name != "" {
		out[name]++
	}
	return out
}

// Removed reports the list and the item that a "remove" button names.
func Removed(sent url.Values) (list string, item int, ok bool) {
	name := sent.Get("remove")
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", 0, false
	}
	n, err := strconv.Atoi(name[i+1:])
	return name[:i], n, err == nil && n >= 0
}

func countRows(fields []field.Field, sent url.Values, name string, out map[string]int) {
	for i := range fields {
		f := &fields[i]
		here := name + "." + f.FieldID
		switch f.Type {
		case "object":
			countRows(f.Fields, sent, here, out)
		case "entity_array", "sub_merchants":
			n := highest(sent, here+".")
			if n > 0 {
				out[here] = n
			}
			for row := range n {
				countRows(f.ItemFields, sent, here+"."+strconv.Itoa(row), out)
			}
		}
	}
}

// maxRows bounds the items one list may send.
const maxRows = 100

// highest is one more than the largest item number under a prefix.
func highest(sent url.Values, under string) int {
	n := 0
	for key := range sent {
		rest, ok := strings.CutPrefix(key, under)
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < maxRows {
			n = max(n, i+1)
		}
	}
	return n
}

func readList(fields []field.Field, sent url.Values, name string) map[string]any {
	out := map[string]any{}
	for i := range fields {
		f := &fields[i]
		if v, ok := readOne(f, sent, name+"."+f.FieldID); ok {
			out[f.FieldID] = v
		}
	}
	return out
}

func readOne(f *field.Field, sent url.Values, name string) (any, bool) {
	one := strings.TrimSpace(sent.Get(name))
	switch f.Type {
	case "number":
		return number(one), one != ""
	case "boolean":
		switch one {
		case "true", "on":
			return true, true
		case "false":
			return false, true
		}
		if yes(f.MustBeTrue) && sent.Has(name+".shown") {
			return false, true
		}
		return nil, false
	case "select":
		return readSelect(f, sent, name)
	case "file":
		var ids []any
		for _, id := range sent[name] {
			if id = strings.TrimSpace(id); id != "" {
				ids = append(ids, id)
			}
		}
		return ids, len(ids) > 0
	case "name":
		if f.NameType == "company" || !yes(f.Parts) {
			return one, one != ""
		}
		return readParts(sent, name, "given", "middle", "family")
	case "wallet":
		return readParts(sent, name, "address", "network")
	case "volume":
		v, ok := readParts(sent, name, "amount", "currency", "period", "bracket")
		if m, is := v.(map[string]any); is && ok {
			if text, has := m["amount"].(string); has {
				m["amount"] = number(text)
			}
		}
		return v, ok
	case "address":
		return readParts(sent, name, field.AddressParts()...)
	case "object":
		m := readList(f.Fields, sent, name)
		return m, len(m) > 0
	case "entity_array", "sub_merchants":
		return readItems(f, sent, name)
	}
	return one, one != ""
}

func readSelect(f *field.Field, sent url.Values, name string) (any, bool) {
	other := strings.TrimSpace(sent.Get(name + ".other"))
	if !yes(f.Multiple) {
		if other != "" && yes(f.AllowOther) {
			return other, true
		}
		one := sent.Get(name)
		return one, one != ""
	}
	var all []any
	for _, v := range sent[name] {
		if v != "" && !slices.Contains(all, any(v)) {
			all = append(all, v)
		}
	}
	if other != "" && yes(f.AllowOther) {
		all = append(all, other)
	}
	return all, len(all) > 0
}

func readParts(sent url.Values, name string, parts ...string) (any, bool) {
	m := map[string]any{}
	for _, p := range parts {
		if v := strings.TrimSpace(sent.Get(name + "." + p)); v != "" {
			m[p] = v
		}
	}
	return m, len(m) > 0
}

func readItems(f *field.Field, sent url.Values, name string) (any, bool) {
	list := []any{}
	removed, at, remove := Removed(sent)
	for row := range highest(sent, name+".") {
		if remove && removed == name && row == at {
			continue
		}
		if m := readList(f.ItemFields, sent, name+"."+strconv.Itoa(row)); len(m) > 0 {
			list = append(list, m)
		}
	}
	return list, len(list) > 0
}

// number reads a number as people write it; anything else stays text, which
// Validate refuses with its own words.
func number(s string) any {
	if !numberText.MatchString(s) || twoMeanings.MatchString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch r {
		case ' ', '\u00a0', '\u202f', '\'', '+':
		case ',':
			b.WriteByte('.')
		default:
			b.WriteRune(r)
		}
	}
	plain := b.String()
	for len(plain) > 1 && plain[0] == '0' && plain[1] != '.' {
		plain = plain[1:]
	}
	return json.Number(plain)
}
