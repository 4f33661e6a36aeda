package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Undocumented lists what an OpenAPI document leaves without a description:
// operations without a summary, parameters, answers, and every property of
// every schema. Dialects call it in a test, so that /docs never shows a name
// without a meaning.
func Undocumented(document []byte) []string {
	var doc struct {
		Paths      map[string]map[string]map[string]any `json:"paths"`
		Components struct {
			Schemas map[string]any `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		return []string{"the document is not JSON: " + err.Error()}
	}
	var out []string
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, verb := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			name := strings.ToUpper(verb) + " " + path
			out = append(out, undocumentedOperation(name, doc.Paths[path][verb])...)
		}
	}
	for name, schema := range doc.Components.Schemas {
		out = append(out, undocumentedSchema(name, schema)...)
	}
	slices.Sort(out)
	return out
}

func undocumentedOperation(name string, op map[string]any) (out []string) {
	if text(op, "summary") == "" {
		out = append(out, name+" has no summary")
	}
	for _, p := range items(op["parameters"]) {
		schema, _ := p["schema"].(map[string]any)
		if text(p, "description") == "" && text(schema, "description") == "" {
			out = append(out, name+" parameter "+text(p, "name"))
		}
	}
	body, _ := op["requestBody"].(map[string]any)
	out = append(out, undocumentedContent(name+" body", body)...)
	answers, _ := op["responses"].(map[string]any)
	for code, v := range answers {
		answer, _ := v.(map[string]any)
		if text(answer, "description") == "" {
			out = append(out, name+" "+code)
		}
		headers, _ := answer["headers"].(map[string]any)
		for header, h := range headers {
			shown, _ := h.(map[string]any)
			schema, _ := shown["schema"].(map[string]any)
			if text(shown, "description") == "" && text(schema, "description") == "" {
				out = append(out, name+" "+code+" header "+header)
			}
		}
		out = append(out, undocumentedContent(name+" "+code, answer)...)
	}
	return out
}

func undocumentedContent(name string, holder map[string]any) (out []string) {
	content, _ := holder["content"].(map[string]any)
	for _, v := range content {
		media, _ := v.(map[string]any)
		for _, found := range undocumentedSchema("", media["schema"]) {
			out = append(out, name+" "+strings.TrimPrefix(found, "."))
		}
	}
	return out
}

func undocumentedSchema(name string, v any) (out []string) {
	schema, _ := v.(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	for property, p := range properties {
		inner, _ := p.(map[string]any)
		here := name + "." + property
		// A reference is described by the type it names.
		if text(inner, "description") == "" && text(inner, "$ref") == "" && property != "$schema" {
			out = append(out, here)
		}
		out = append(out, undocumentedSchema(here, inner)...)
	}
	for _, key := range [...]string{"items", "additionalProperties"} {
		if schema[key] != nil {
			out = append(out, undocumentedSchema(name+"[]", schema[key])...)
		}
	}
	for _, key := range [...]string{"oneOf", "anyOf", "allOf"} {
		for _, s := range items(schema[key]) {
			out = append(out, undocumentedSchema(name, s)...)
		}
	}
	return out
}

func items(v any) (out []map[string]any) {
	list, _ := v.([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}
