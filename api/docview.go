package api

import (
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/access"
)

// The view of the docs page: the OpenAPI document put into reading order.
type docView struct {
	Title, Version, Description string
	CSS                         template.CSS
	Groups                      []docGroup
	Scopes                      []access.Scope
	Kinds                       []docKind
	Problem                     []docField
}

type docGroup struct {
	Name, Anchor string
	Operations   []docOperation
}

type docOperation struct {
	Anchor, Method, Path, Summary, Description string
	Deprecated                                 bool
	Parameters                                 []docField
	Body                                       []docField
	BodyType                                   string
	Curl                                       string
	Answers                                    []docAnswer
	Problems                                   []docAnswer
}

type docAnswer struct {
	Status, Text, Example string
	Fields                []docField
}

type docField struct {
	Name, Type, Doc, Rules string
	Required               bool
	Fields                 []docField
}

type docKind struct {
	Anchor, Title, Help string
	Status              int
}

func viewOf(doc *huma.OpenAPI, listed []Operation) docView {
	view := docView{Title: doc.Info.Title, Version: doc.Info.Version, Description: doc.Info.Description, Scopes: access.Scopes()}
	reader := schemaReader{doc.Components.Schemas}
	view.Problem = reader.fields(&huma.Schema{Ref: "#/components/schemas/Problem"}, nil)
	for _, k := range kinds() {
		view.Kinds = append(view.Kinds, docKind{k.anchor, k.title, k.help, k.status})
	}
	for _, o := range listed {
		name := o.Tag
		if name == "" {
			name = "Other"
		}
		at := slices.IndexFunc(view.Groups, func(g docGroup) bool { return g.Name == name })
		if at < 0 {
			at = len(view.Groups)
			view.Groups = append(view.Groups, docGroup{Name: name, Anchor: "group-" + strings.ToLower(strings.ReplaceAll(name, " ", "-"))})
		}
		written := operationOf(doc.Paths[o.Path], o.Method)
		view.Groups[at].Operations = append(view.Groups[at].Operations, reader.operation(strings.ToUpper(o.Method), o.Path, written))
	}
	return view
}

// schemaReader follows references while it reads schemas.
type schemaReader struct{ registry huma.Registry }

func (r schemaReader) operation(method, path string, op *huma.Operation) docOperation {
	out := docOperation{
		Anchor: op.OperationID, Method: method, Path: path, Summary: op.Summary, Description: op.Description, Deprecated: op.Deprecated,
	}
	for _, p := range op.Parameters {
		f := r.field(p.Name, p.Schema, p.Required, nil)
		f.Doc = p.Description
		if f.Doc == "" && p.Schema != nil {
			f.Doc = p.Schema.Description
		}
		f.Type = p.In + ", " + f.Type
		out.Parameters = append(out.Parameters, f)
	}
	body := ""
	if op.RequestBody != nil {
		for kind, media := range op.RequestBody.Content {
			out.BodyType = kind
			out.Body = r.fields(media.Schema, nil)
			body = r.exampleText(media.Schema, nil)
		}
	}
	out.Curl = curl(method, path, op, out, body)
	for _, code := range slices.Sorted(maps.Keys(op.Responses)) {
		answer := docAnswer{Status: code, Text: op.Responses[code].Description}
		if code >= "400" {
			out.Problems = append(out.Problems, answer)
			continue
		}
		for kind, media := range op.Responses[code].Content {
			answer.Fields = r.fields(media.Schema, nil)
			if kind == "application/json" {
				answer.Example = r.exampleText(media.Schema, nil)
			} else {
				answer.Text += " (" + kind + ")"
			}
		}
		out.Answers = append(out.Answers, answer)
	}
	return out
}

func (r schemaReader) resolve(s *huma.Schema) (*huma.Schema, string) {
	if s != nil && s.Ref != "" {
		return r.registry.SchemaFromRef(s.Ref), s.Ref
	}
	return s, ""
}

// fields lists the members of an object, or of the items of a list. seen
// stops at a type that contains itself.
func (r schemaReader) fields(s *huma.Schema, seen []string) []docField {
	s, ref := r.resolve(s)
	if s == nil || ref != "" && slices.Contains(seen, ref) || len(seen) > 8 {
		return nil
	}
	seen = append(slices.Clone(seen), ref)
	if s.Items != nil {
		return r.fields(s.Items, seen)
	}
	if inner, ok := s.AdditionalProperties.(*huma.Schema); ok && len(s.Properties) == 0 {
		return r.fields(inner, seen)
	}
	if len(s.Properties) == 0 && len(s.AnyOf) > 0 {
		return r.fields(s.AnyOf[0], seen) // the first is what is meant
	}
	var out []docField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		out = append(out, r.field(name, s.Properties[name], slices.Contains(s.Required, name), seen))
	}
	slices.SortStableFunc(out, func(a, b docField) int {
		switch {
		case a.Required && !b.Required:
			return -1
		case b.Required && !a.Required:
			return 1
		}
		return 0
	})
	return out
}

func (r schemaReader) field(name string, s *huma.Schema, required bool, seen []string) docField {
	f := docField{Name: name, Required: required}
	if s == nil {
		return f
	}
	f.Doc = s.Description
	f.Fields = r.fields(s, seen)
	f.Type = r.typeName(s)
	full, _ := r.resolve(s)
	if full == nil {
		return f
	}
	if f.Doc == "" {
		f.Doc = full.Description
	}
	f.Rules = rules(full)
	if full.Items != nil {
		if items, _ := r.resolve(full.Items); items != nil {
			f.Rules = strings.Trim(f.Rules+"; "+rules(items), "; ")
		}
	}
	return f
}

func (r schemaReader) typeName(s *huma.Schema) string {
	full, _ := r.resolve(s)
	switch {
	case full == nil || full.Type == "" && len(full.OneOf)+len(full.AnyOf) == 0:
		return "any"
	case full.Type == huma.TypeArray && full.Items != nil:
		return "list of " + r.typeName(full.Items)
	case full.Format != "" && full.Format != "int64" && full.Format != "double":
		return full.Type + " (" + full.Format + ")"
	case full.Type == "":
		return "one of several forms"
	}
	return full.Type
}

// rules puts the limits of a schema into words.
func rules(s *huma.Schema) string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if len(s.Enum) > 0 {
		add("one of %s", list(s.Enum))
	}
	if s.Default != nil {
		add("default %v", s.Default)
	}
	if s.Minimum != nil {
		add("at least %v", *s.Minimum)
	}
	if s.Maximum != nil {
		add("at most %v", *s.Maximum)
	}
	if s.MinLength != nil && *s.MinLength > 0 {
		add("at least %d characters", *s.MinLength)
	}
	if s.MaxLength != nil {
		add("at most %d characters", *s.MaxLength)
	}
	if s.MinItems != nil {
		add("at least %d", *s.MinItems)
	}
	if s.MaxItems != nil {
		add("at most %d", *s.MaxItems)
	}
	if s.Pattern != "" {
		add("matches %s", s.Pattern)
	}
	return strings.Join(out, "; ")
}

func (r schemaReader) exampleText(s *huma.Schema, seen []string) string {
	v := r.example(s, seen)
	if v == nil {
		return ""
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSpace(b.String())
}

// example makes a value that fits a schema.
func (r schemaReader) example(s *huma.Schema, seen []string) any {
	s, ref := r.resolve(s)
	if s == nil || ref != "" && slices.Contains(seen, ref) || len(seen) > 8 {
		return nil
	}
	seen = append(slices.Clone(seen), ref)
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.OneOf) > 0:
		return r.example(s.OneOf[0], seen)
	case len(s.AnyOf) > 0:
		return r.example(s.AnyOf[0], seen)
	}
	switch s.Type {
	case huma.TypeObject:
		out := map[string]any{}
		for name, inner := range s.Properties {
			if v := r.example(inner, seen); v != nil {
				out[name] = v
			}
		}
		return out
	case huma.TypeArray:
		if v := r.example(s.Items, seen); v != nil {
			return []any{v}
		}
		return []any{}
	case huma.TypeInteger, huma.TypeNumber:
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case huma.TypeBoolean:
		return true
	case huma.TypeString:
		switch s.Format {
		case "date-time":
			return "2026-01-02T03:04:05.678Z"
		case "date":
			return "2026-01-02"
		case "uuid":
			return "01976d6e-2f5c-7a31-9c1e-3b0f6f0a4c11"
		case "uri":
			return "https://example.com/"
		case "email":
			return "ada@example.com"
		}
		return "…"
	}
	return nil
}

// curl shows how to call a route from a shell.
func curl(method, path string, op *huma.Operation, view docOperation, body string) string {
	var b strings.Builder
	b.WriteString("curl ")
	if method != http.MethodGet {
		b.WriteString("-X " + method + " ")
	}
	b.WriteString(`"$BONAFIDE` + path + `"`)
	line := func(s string) { b.WriteString(" \\\n  " + s) }
	if len(op.Security) > 0 {
		line(`-H "Authorization: Bearer $BONAFIDE_KEY"`)
	}
	if method != http.MethodGet && len(op.Security) > 0 {
		line(`-H "Idempotency-Key: $(uuidgen)"`)
	}
	switch view.BodyType {
	case "application/json":
		line(`-H "Content-Type: application/json"`)
		line("-d '" + strings.ReplaceAll(body, "'", `'\''`) + "'")
	case "multipart/form-data":
		for _, f := range view.Body {
			if strings.Contains(f.Type, "binary") {
				line(`-F "` + f.Name + `=@passport.jpg"`)
			} else {
				value := "…"
				if _, enum, ok := strings.Cut(f.Rules, "one of "); ok {
					value, _, _ = strings.Cut(enum, ",")
				}
				line("-F " + strconv.Quote(f.Name+"="+value))
			}
		}
	}
	return b.String()
}
