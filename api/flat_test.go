package api

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
)

// FuzzReadFlat holds the quick reader to the strict one: what it takes, the
// other reads as the same.
func FuzzReadFlat(f *testing.F) {
	for _, s := range []string{`{}`, ` { "a" : "b" , "c":[ ] , "d":["x","\u0061"],"e":0.5}`, `{"a":1,"a":2}`, `{"a":1,}`, `{,}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":-1}`, `{"a":1e3}`, `{"a":[1]}`, `{"a":null}`,
		`{"a":"é","b":[]}`, "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", `{"a":"b"}x`, `{"a":"b"} {`, `[]`, `{"a":["b",]}`, `{"a" "b"}`, `{"a":123456789012345}`, `{"a":1234567890123456}`, "\ufeff{}", "{\"a\":1}\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got := map[string]any{}
		if !ReadFlat([]byte(body), func(name string, v *Flat) bool {
			text, isText := v.String(1 << 30)
			list, isList := v.Strings(1 << 30)
			number, isNumber := v.Float(-1e300, 1e300)
			switch {
			case isText && !isList && !isNumber:
				got[name] = text
			case isList && !isText && !isNumber:
				all := make([]any, len(list))
				for i := range list {
					all[i] = list[i]
				}
				got[name] = all
			case isNumber && !isText && !isList:
				got[name] = number
			default:
				t.Errorf("%q is not one thing in %q", name, body)
			}
			return true
		}) {
			return
		}
		want, err := Decode([]byte(body))
		if err != nil {
			if strings.Contains(err.Error(), "string_too_long") {
				return // bounds are the caller's
			}
			t.Fatalf("%q is refused by the strict decoder: %v", body, err)
		}
		tree, ok := want.(map[string]any)
		if !ok {
			t.Fatalf("%q is no object", body)
		}
		for name, v := range tree {
			if n, ok := v.(json.Number); ok {
				if tree[name], err = n.Float64(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !reflect.DeepEqual(maps.Clone(tree), got) {
			t.Fatalf("%q: %v, not %v", body, got, want)
		}
	})
}

func TestReadFlatBounds(t *testing.T) {
	t.Parallel()
	one := func(body string, take func(*Flat) bool) bool {
		return ReadFlat([]byte(body), func(_ string, v *Flat) bool { return take(v) })
	}
	whole := func(v *Flat) bool { n, ok := v.Int(1, 10); return ok && n >= 1 && n <= 10 }
	part := func(v *Flat) bool { _, ok := v.Float(0, 1); return ok }
	word := func(v *Flat) bool { _, ok := v.OneOf("a", "b"); return ok }
	list := func(v *Flat) bool { _, ok := v.Strings(2); return ok }
	short := func(v *Flat) bool { _, ok := v.String(2); return ok }
	for _, c := range []struct {
		take func(*Flat) bool
		yes  string
		no   string
	}{
		{whole, `1 10`, `0 11 1.0 "1" [] 1e1 -1 99999999999999999999`},
		{part, `0 1 0.5 1.0 0.99999999999`, `1.5 2 "0" 0.99999999999999999999`},
		{word, `"a" "b"`, `"" "c" 1 [] true null {}`},
		{list, `[] ["a"] ["a","b"]`, `["a","b","c"] "a" [1] [["a"]]`},
		{short, `"" "ab" "é"`, `"abc" "éa" 1 "\u0061"`},
	} {
		for _, v := range strings.Fields(c.yes) {
			if !one(`{"x":`+v+`}`, c.take) {
				t.Errorf("%s is not taken", v)
			}
		}
		for _, v := range strings.Fields(c.no) {
			if one(`{"x":`+v+`}`, c.take) {
				t.Errorf("%s is taken", v)
			}
		}
	}
	many := strings.Repeat(`,"x"`, maxFlatList-1)
	if one(`{"x":["x","x"`+many+`]}`, func(*Flat) bool { return true }) {
		t.Error("a list without an end is taken")
	}
}
