package field_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"bonafide/field"
)

// fuzzType throws answers at one type. Whatever comes in, nothing panics,
// broken UTF-8 is refused, an answer is either stored or reported, and the
// stored form reads back as itself, also through JSON.
func fuzzType(f *testing.F, def string, seeds ...string) {
	for _, s := range append(seeds, `""`, `"x"`, `5`, `1e400`, `true`, `null`, `[]`, `{}`, `[{"a":1}]`, `{"amount":1}`) {
		f.Add([]byte(s))
	}
	fields := define(f, def)
	env := field.Env{Now: noon, Region: "DE", Documents: map[string]field.DocumentRef{"d1": {ID: "d1", ContentType: "application/pdf", Size: 9}}}
	validate := func(v any) field.Result {
		return field.Validate(context.Background(), fields, map[string]any{"f": v}, env)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		// The bytes themselves are an answer too: a text that may be broken.
		answers := []any{string(raw)}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		var v any
		if dec.Decode(&v) == nil {
			answers = append(answers, v)
		}
		for i, v := range answers {
			r := validate(v)
			if i == 0 && !utf8.Valid(raw) && len(r.Problems) == 0 {
				t.Fatalf("broken UTF-8 was accepted as %v", r.Values)
			}
			if len(r.Problems) > 0 {
				if len(r.Values) > 0 {
					t.Fatalf("%q is stored as %v in spite of %v", v, r.Values, r.Problems)
				}
				for _, p := range r.Problems {
					if p.Code == "" || p.Message == "" || p.Path == "" {
						t.Fatalf("an empty problem: %+v", p)
					}
				}
				continue
			}
			stored, kept := r.Values["f"]
			if !kept {
				continue
			}
			field.Read(fields, r.Values)
			once := encode(t, stored)
			again := validate(decode(t, once))
			if len(again.Problems) > 0 || encode(t, again.Values["f"]) != once {
				t.Fatalf("%q is stored as %s, which reads back as %v %v", v, once, encode(t, again.Values["f"]), again.Problems)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	fuzzType(f, `"type":"text","multiline":true,"max_length":100`, `"a\r\nb"`, `"e\u0301"`, "\"\xff\"")
}
func FuzzNumber(f *testing.F) {
	fuzzType(f, `"type":"number","step":0.01`, `1.50`, `-0`, `12e2`, `0.3`, `1e-20`, `999999999999999999999999999999`)
}
func FuzzDate(f *testing.F) {
	fuzzType(f, `"type":"date","min_age_years":1,"max_date":"today"`, `"2024-02-29"`, `"0000-00-00"`, `"1990-05-17"`)
}
func FuzzBoolean(f *testing.F) { fuzzType(f, `"type":"boolean"`, `true`, `false`) }
func FuzzSelect(f *testing.F) {
	fuzzType(f, `"type":"select","options":["a","b"],"multiple":true,"allow_other":true`, `["b","a"]`, `["z","a"]`, `["y","x"]`)
}
func FuzzFile(f *testing.F) {
	fuzzType(f, `"type":"file","max_files":2`, `"d1"`, `["d1"]`, `["d1","d1"]`)
}
func FuzzEmail(f *testing.F) {
	fuzzType(f, `"type":"email","block_disposable":true`, `"a@example.com"`, `"\"a b\"@Example.com"`, `"x@почта.рф"`)
}
func FuzzPhone(f *testing.F) {
	fuzzType(f, `"type":"phone","format":"national","require_mobile":true`, `"+14155552671"`, `"0151 23456789"`, `"+49 (0) 151/23456789"`)
}
func FuzzURL(f *testing.F) {
	fuzzType(f, `"type":"url"`, `"https://example.com/a?b#c"`, `"http://[::1]:80/"`, `"HTTP://müller.de/%zz"`, `"http://a.b/ü"`)
}
func FuzzCountry(f *testing.F) { fuzzType(f, `"type":"country"`, `"DE"`, `"de"`, `"ſs"`) }
func FuzzName(f *testing.F) {
	fuzzType(f, `"type":"name"`, `"Ann  Lee"`, `{"given":"A","family":"B"}`, `{"full":"U"}`, `"a\u00ad\u0301"`)
}
func FuzzWallet(f *testing.F) {
	var seeds []string
	for _, address := range walletSamples {
		seeds = append(seeds, `"`+address+`"`)
	}
	fuzzType(f, `"type":"wallet"`, seeds...)
}
func FuzzDomain(f *testing.F) {
	fuzzType(f, `"type":"domain"`, `"www.example.co.uk"`, `"müller.de"`, `"a.github.io"`, `"xn--a.com"`)
}
func FuzzVolume(f *testing.F) {
	fuzzType(f, `"type":"volume","period":"monthly","brackets":[{"max":100,"label":"a"},{"max":null,"label":"b"}]`, `{"amount":5.5,"currency":"EUR"}`, `{"bracket":"a","currency":"usd"}`)
}
func FuzzAddress(f *testing.F) {
	fuzzType(f, `"type":"address"`, `{"line1":"1  Main","city":"X","country":"gb","postal_code":"sw1a 1aa"}`)
}
func FuzzEntityArray(f *testing.F) {
	fuzzType(f, owners, `[{"full_name":"Ann","share":60}]`, `[{"full_name":"Ann","share":30,"why":"x"}]`)
}
func FuzzSubMerchants(f *testing.F) {
	fuzzType(f, `"type":"sub_merchants"`, `[{"name":"S","domain":"s.com","volume":{"amount":1,"currency":"USD","period":"annual"}}]`)
}
func FuzzObject(f *testing.F) {
	fuzzType(f, `"type":"object","fields":[{"field_id":"a","name":"A","type":"text"},{"field_id":"o","name":"O","type":"object","fields":[{"field_id":"n","name":"N","type":"number"}]}]`, `{"a":"x","o":{"n":1}}`)
}

// FuzzParse throws definitions at Parse; what is accepted is written out in a
// form that is accepted again and stays the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(seedForm))
	f.Add([]byte(pepForm))
	for _, s := range field.Types() {
		f.Add([]byte(`[{"name":"F","type":"` + s.Name + `","options":["a"],"fields":[{"name":"x","type":"text"}]}]`))
	}
	f.Add([]byte(`[{"name":"V","type":"volume","brackets":[{"max":1,"label":"a"}],"default_value":1}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		fields, problems := field.Parse(raw, "")
		if len(problems) > 0 {
			return
		}
		once := encode(t, fields)
		again, problems := field.Parse(json.RawMessage(once), "")
		if len(problems) > 0 || encode(t, again) != once {
			t.Fatalf("%s reads back as %s %v", once, encode(t, again), problems)
		}
	})
}

// FuzzOperator compares anything with anything.
func FuzzOperator(f *testing.F) {
	for _, op := range field.Operators() {
		f.Add(op, `"a"`, `"a"`, true)
		f.Add(op, `["2026-01-01","today"]`, `{"amount":1}`, false)
		f.Add(op, `5`, `"2008-02-29"`, false)
	}
	f.Fuzz(func(t *testing.T, name, value, answer string, ignoreCase bool) {
		op, bad := field.ParseOperator(name, json.RawMessage(value), ignoreCase)
		var v any
		if bad != nil || json.Unmarshal([]byte(answer), &v) != nil {
			return
		}
		op.Holds(v, true, noon)
		if op.Holds(v, false, noon) != (name == "is_empty") {
			t.Fatalf("%s looks at an answer that was not given", name)
		}
	})
}
