package studio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// stepChanges says in the words of the editor what differs between two
// definitions of ordered steps (surfaces A, B and C): the step by its name, the
// setting by its label, both values. Steps and entries of lists are matched by
// what names them, so that one more at the beginning is one change. A definition
// that is no object has no steps.
func stepChanges(before, after json.RawMessage) []change {
	old, fresh := object(before), object(after)
	t := &teller{where: "The workflow"}
	for _, key := range union(old, fresh) {
		if key != "steps" {
			t.diff([]string{label(key)}, old[key], fresh[key])
		}
	}
	t.steps(entries(old["steps"]), entries(fresh["steps"]))
	return t.out
}

// teller collects what it says, each about one place.
type teller struct {
	where string
	out   []change
}

func (t *teller) say(trail []string, old, fresh string) {
	t.out = append(t.out, change{Where: t.where, Path: strings.Join(trail, " › "), Old: old, New: fresh, Words: true})
}

// steps says which steps are new, gone, elsewhere and different.
func (t *teller) steps(old, fresh []any) {
	key := naming(old, fresh, "step_id", "id", "name", "type")
	was, is := keyed(old, key), keyed(fresh, key)
	type step struct {
		place int
		body  map[string]any
	}
	find := func(list []string, all []any, wanted string) (step, bool) {
		i := slices.Index(list, wanted)
		if i < 0 {
			return step{}, false
		}
		body, _ := all[i].(map[string]any)
		return step{i + 1, body}, true
	}
	caption := func(s step) string {
		for _, name := range []string{"name", "step_id", "id", "type"} {
			if text, _ := s.body[name].(string); text != "" {
				return text
			}
		}
		return fmt.Sprintf("step %d", s.place)
	}
	kind := func(s step) string {
		if text, _ := s.body["type"].(string); text != "" {
			return ", " + text
		}
		return ""
	}
	for _, k := range was {
		if _, kept := find(is, fresh, k); !kept {
			s, _ := find(was, old, k)
			t.where = caption(s)
			t.say([]string{"Step"}, fmt.Sprintf("step %d%s", s.place, kind(s)), "gone")
		}
	}
	moved := moves(was, is)
	for _, k := range is {
		s, _ := find(is, fresh, k)
		t.where = caption(s)
		o, kept := find(was, old, k)
		if !kept {
			t.say([]string{"Step"}, "not there", fmt.Sprintf("new, step %d%s", s.place, kind(s)))
			continue
		}
		if slices.Contains(moved, k) {
			t.say([]string{"Place"}, fmt.Sprintf("step %d", o.place), fmt.Sprintf("step %d", s.place))
		}
		for _, name := range union(o.body, s.body) {
			if name != "order" { // said as the place
				t.diff([]string{label(name)}, o.body[name], s.body[name])
			}
		}
	}
}

// diff says what differs between two values of one setting.
func (t *teller) diff(trail []string, old, fresh any) {
	if written(old) == written(fresh) {
		return
	}
	if a, ok := old.(map[string]any); ok {
		if b, ok := fresh.(map[string]any); ok {
			for _, key := range union(a, b) {
				t.diff(append(slices.Clone(trail), label(key)), a[key], b[key])
			}
			return
		}
	}
	a, b := entries(old), entries(fresh)
	if (objects(a) || objects(b)) && (a != nil || old == nil) && (b != nil || fresh == nil) {
		t.lists(trail, a, b)
		return
	}
	t.say(trail, inWords(old), inWords(fresh))
}

// lists says which entries are new, gone and different.
func (t *teller) lists(trail []string, old, fresh []any) {
	key := naming(old, fresh, "field_id", "document_type", "step_id", "rule_id", "id", "step", "list", "country_code", "condition", "type", "name")
	was, is := keyed(old, key), keyed(fresh, key)
	for i, k := range was {
		if !slices.Contains(is, k) {
			t.say(append(slices.Clone(trail), title(old[i], key)), inWords(old[i]), "gone")
		}
	}
	for i, k := range is {
		at := append(slices.Clone(trail), title(fresh[i], key))
		if j := slices.Index(was, k); j >= 0 {
			t.diff(at, old[j], fresh[i])
		} else {
			t.say(at, "not there", inWords(fresh[i]))
		}
	}
	if len(moves(was, is)) > 0 {
		t.say(append(slices.Clone(trail), "order"), titles(old, key), titles(fresh, key))
	}
}

// naming is the first member that tells the entries of both lists apart; "" when
// none does.
func naming(old, fresh []any, members ...string) string {
	for _, member := range members {
		if distinct(old, member) && distinct(fresh, member) {
			return member
		}
	}
	return ""
}

func distinct(list []any, member string) bool {
	seen := map[string]bool{}
	for _, v := range list {
		m, _ := v.(map[string]any)
		text, _ := m[member].(string)
		if text == "" || seen[text] {
			return false
		}
		seen[text] = true
	}
	return true
}

// keyed are the names of entries. Without a member that names them an entry is
// the same only when all of it is, however often it stands there.
func keyed(list []any, member string) []string {
	out, times := make([]string, len(list)), map[string]int{}
	for i, v := range list {
		if m, ok := v.(map[string]any); ok && member != "" {
			out[i], _ = m[member].(string)
			continue
		}
		text := written(v)
		times[text]++
		out[i] = fmt.Sprintf("%d %s", times[text], text)
	}
	return out
}

// moves are the entries of both lists whose order among those changed: the
// fewest that had to be taken out and put elsewhere.
func moves(old, fresh []string) []string {
	var common []int // places in fresh, in the order of old
	for _, k := range old {
		if i := slices.Index(fresh, k); i >= 0 {
			common = append(common, i)
		}
	}
	// The longest run of rising places stays; lists of settings are short.
	length, from := make([]int, len(common)), make([]int, len(common))
	best := -1
	for i := range common {
		length[i], from[i] = 1, -1
		for j := range i {
			if common[j] < common[i] && length[j] >= length[i] {
				length[i], from[i] = length[j]+1, j
			}
		}
		if best < 0 || length[i] > length[best] {
			best = i
		}
	}
	stays := map[int]bool{}
	for i := best; i >= 0; i = from[i] {
		stays[common[i]] = true
	}
	var out []string
	for _, i := range common {
		if !stays[i] {
			out = append(out, fresh[i])
		}
	}
	return out
}

// title names an entry of a list, by the member that tells it from the others
// where it has no better name.
func title(v any, key string) string {
	m, _ := v.(map[string]any)
	for _, name := range []string{"name", "display_name", key, "field_id", "document_type", "id", "list", "country_code", "condition", "type"} {
		if text, _ := m[name].(string); text != "" {
			return "“" + text + "”"
		}
	}
	return "entry"
}

func titles(list []any, key string) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = title(v, key)
	}
	return strings.Join(out, ", ")
}

// inWords says a value: what is false, empty or not there is left out of an
// object.
func inWords(v any) string {
	switch x := v.(type) {
	case nil:
		return "not set"
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case string:
		if x == "" {
			return "empty"
		}
		return x
	case json.Number:
		return x.String()
	case []any:
		parts := make([]string, len(x))
		for i := range x {
			parts[i] = inWords(x[i])
			if objects(x[i : i+1]) {
				parts[i] = "(" + parts[i] + ")"
			}
		}
		if len(parts) == 0 {
			return "none"
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(x)) {
			if said := inWords(x[key]); !slices.Contains([]string{"not set", "no", "empty", "none"}, said) {
				parts = append(parts, label(key)+": "+said)
			}
		}
		if len(parts) == 0 {
			return "empty"
		}
		return strings.Join(parts, "; ")
	}
	return fmt.Sprint(v)
}

var (
	hump    = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	joint   = regexp.MustCompile(`[_-]+`)
	unusual = regexp.MustCompile(`\b(slug|ttl|crossref|i18n|id|url|sla|nfc|pep|kyc|idv|aml|mrz)\b`)
)

// label is a name as the editor's forms read it (label in schema.ts).
func label(name string) string {
	text := strings.ToLower(strings.TrimSpace(joint.ReplaceAllString(hump.ReplaceAllString(name, "$1 $2"), " ")))
	text = unusual.ReplaceAllStringFunc(text, func(w string) string {
		if plain, ok := map[string]string{"slug": "short name (slug)", "ttl": "lifetime", "crossref": "comparison", "i18n": "translations"}[w]; ok {
			return plain
		}
		return strings.ToUpper(w)
	})
	if text == "" {
		return name
	}
	first, rest := []rune(text)[0], string([]rune(text)[1:])
	return strings.ToUpper(string(first)) + rest
}

// object reads an object with its numbers as they are written. A member that is
// null is as good as none.
func object(raw json.RawMessage) map[string]any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var out map[string]any
	_ = d.Decode(&out) // what is no object has no members
	out, _ = bare(out).(map[string]any)
	return out
}

// bare leaves out the members of objects that are null.
func bare(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, inner := range x {
			if inner != nil {
				out[k] = bare(inner)
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = bare(x[i])
		}
		return out
	}
	return v
}

func union(a, b map[string]any) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func entries(v any) []any {
	list, _ := v.([]any)
	return list
}

// objects reports whether a list has entries and all are objects.
func objects(list []any) bool {
	for _, v := range list {
		if _, ok := v.(map[string]any); !ok {
			return false
		}
	}
	return len(list) > 0
}

// written is a value as JSON, members in order.
func written(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
