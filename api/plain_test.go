package api

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestPlainAcceptsOnlyWhatTheValidatorAccepts asks both about many bodies that
// are nearly right.
func TestPlainAcceptsOnlyWhatTheValidatorAccepts(t *testing.T) {
	t.Parallel()
	compile := func(text string) *jsonschema.Schema {
		t.Helper()
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		if err := c.AddResource("urn:plain", doc); err != nil {
			t.Fatal(err)
		}
		s, err := c.Compile("urn:plain#/body")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := compile(`{"$schema":"https://json-schema.org/draft/2020-12/schema","body":{"$ref":"#/$defs/party"},"$defs":{
		"alias":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"type":"string","minLength":2}}},
		"party":{"type":"object","additionalProperties":false,"required":["name"],"properties":{
			"name":{"type":"string","maxLength":3},"kind":{"type":"string","enum":["a","b"]},"limit":{"type":"integer","minimum":1,"maximum":10},
			"threshold":{"type":"number","minimum":0,"maximum":1},"lists":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string"}},
			"on":{"type":["boolean","null"]},"aliases":{"type":"array","items":{"$ref":"#/$defs/alias"}},"any":{"type":"object"}}}}}`)
	p := plainOf(s, 0)
	if p == nil {
		t.Fatal("a plain schema is not read")
	}
	r := rand.New(rand.NewPCG(3, 4))
	values := []string{`"a"`, `"b"`, `""`, `"éé"`, `"éééé"`, `"c"`, `0`, `1`, `10`, `11`, `-0`, `0.5`, `1.0`, `1e0`, `1.00000000000000000001`, `0.99999999999999999999`, `true`, `null`, `[]`, `["a"]`, `["a","b"]`, `["a","b","c"]`, `[1]`,
		`{}`, `{"x":[null]}`, `[{"name":"ab"}]`, `[{"name":"a"}]`, `[{"name":"ab","y":1}]`, `[{}]`}
	names := []string{"name", "kind", "limit", "threshold", "lists", "on", "aliases", "any", "Name", "more"}
	quick, accepted := 0, 0
	for range 40_000 {
		parts := []string{}
		if r.IntN(8) > 0 {
			parts = append(parts, `"name":"ab"`)
		}
		for range r.IntN(3) {
			if name := names[r.IntN(len(names))]; name != "name" || len(parts) == 0 {
				parts = append(parts, `"`+name+`":`+values[r.IntN(len(values))])
			}
		}
		tree, err := Decode([]byte("{" + strings.Join(parts, ",") + "}"))
		if err != nil {
			continue // a key twice
		}
		valid := s.Validate(tree) == nil
		if valid {
			accepted++
		}
		if p.fits(tree) {
			quick++
			if !valid {
				t.Errorf("only plain accepts %v", parts)
			}
		}
	}
	if quick < accepted*3/4 {
		t.Errorf("of %d bodies that fit only %d are seen quickly", accepted, quick)
	}
	for _, text := range []string{`"a"`, `[]`, `null`, `1`, `true`} {
		if v, err := Decode([]byte(text)); err != nil || p.fits(v) {
			t.Errorf("%s fits, or %v", text, err)
		}
	}
	for _, more := range []string{`"pattern":"^a"`, `"format":"date"`, `"const":"a"`, `"not":{"type":"null"}`, `"anyOf":[{"type":"string"}]`, `"multipleOf":2`, `"uniqueItems":true`, `"minimum":0.1`,
		`"additionalProperties":{"type":"string"}`, `"enum":[1]`, `"minProperties":1`, `"contains":{"type":"string"}`, `"dependentRequired":{"a":["b"]}`, `"exclusiveMinimum":0`, `"propertyNames":{"type":"string"}`} {
		if plainOf(compile(`{"$schema":"https://json-schema.org/draft/2020-12/schema","body":{"type":["string","number","array","object"],`+more+`}}`), 0) != nil {
			t.Errorf("%s is not plain", more)
		}
	}
}
