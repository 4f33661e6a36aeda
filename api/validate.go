package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"bonafide/kyc"
)

// schemas holds the compiled JSON Schema of each route's body. Bodies are
// judged by a JSON Schema validator and not by huma's own: that one takes a
// key in other case ("Name" for "name") as present although the strict decoder
// does not, and its paths are ambiguous where a key contains a dot.
type schemas struct {
	mu       sync.Mutex
	compiled map[string]*bodySchema // by operation id
}

// bodySchema judges the body of a route.
type bodySchema struct {
	full  *jsonschema.Schema
	plain *plain // nil where it is not plain
}

// documentURL names the OpenAPI document while its schemas are compiled.
const documentURL = "urn:bonafide:openapi"

// body gives the schema of a route's JSON body; nil when it has none. All
// routes are known when the first request arrives, so it is compiled then.
func (p *Porch) bodySchema(op *huma.Operation) (*bodySchema, error) {
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return nil, nil
	}
	p.schemas.mu.Lock()
	defer p.schemas.mu.Unlock()
	if s, ok := p.schemas.compiled[op.OperationID]; ok {
		return s, nil
	}
	raw, err := json.Marshal(map[string]any{
		"$schema":    "https://json-schema.org/draft/2020-12/schema",
		"components": map[string]any{"schemas": p.API.OpenAPI().Components.Schemas},
		"body":       op.RequestBody.Content["application/json"].Schema,
	})
	if err != nil {
		return nil, fmt.Errorf("writing the schema of %s: %w", op.OperationID, err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		return nil, fmt.Errorf("reading the schema of %s: %w", op.OperationID, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(documentURL, doc); err != nil {
		return nil, fmt.Errorf("adding the schema of %s: %w", op.OperationID, err)
	}
	full, err := c.Compile(documentURL + "#/body")
	if err != nil {
		return nil, fmt.Errorf("compiling the schema of %s: %w", op.OperationID, err)
	}
	if p.schemas.compiled == nil {
		p.schemas.compiled = map[string]*bodySchema{}
	}
	s := &bodySchema{full: full, plain: plainOf(full, 0)}
	p.schemas.compiled[op.OperationID] = s
	return s, nil
}

// judge lists everything that is wrong with a decoded body, sorted by place.
func judge(s *bodySchema, body any) []kyc.Problem {
	if s.plain != nil && s.plain.fits(body) {
		return nil
	}
	err := s.full.Validate(body)
	if err == nil {
		return nil
	}
	var root *jsonschema.ValidationError
	if !errors.As(err, &root) {
		return []kyc.Problem{{Code: "invalid", Message: "the body cannot be validated"}}
	}
	var out []kyc.Problem
	gather(root, &out)
	slices.SortStableFunc(out, func(a, b kyc.Problem) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// gather walks to the leaves, which say what is wrong. Where one of several
// alternatives must fit, the alternatives' own complaints would contradict
// each other, so the choice itself is reported.
func gather(e *jsonschema.ValidationError, out *[]kyc.Problem) {
	at := pointer(e.InstanceLocation)
	add := func(path, code, message string) {
		*out = append(*out, kyc.Problem{Path: path, Code: code, Message: message})
	}
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		add(at, "no_alternative", "this fits none of the allowed forms, or several")
		return
	case *kind.Not, *kind.FalseSchema:
		add(at, "not_allowed", "this is not allowed here")
		return
	case *kind.Required:
		for _, name := range k.Missing {
			add(at+"/"+escapePointer(name), "required", "this field is missing")
		}
		return
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			add(at+"/"+escapePointer(name), "unknown_field", "there is no field of that name here")
		}
		return
	case *kind.DependentRequired:
		for _, name := range k.Missing {
			add(at+"/"+escapePointer(name), "required", "this field is missing: it goes with "+k.Prop)
		}
		return
	}
	if len(e.Causes) > 0 {
		for _, cause := range e.Causes {
			gather(cause, out)
		}
		return
	}
	code, message := leaf(e.ErrorKind)
	add(at, code, message)
}

// leaf puts one broken rule into words. The value itself is never repeated:
// it may be personal.
func leaf(k jsonschema.ErrorKind) (code, message string) {
	switch k := k.(type) {
	case *kind.Type:
		return "wrong_type", "this must be " + strings.Join(k.Want, " or ")
	case *kind.Enum:
		return "not_allowed_value", "allowed: " + list(k.Want)
	case *kind.Const:
		return "not_allowed_value", "allowed: " + list([]any{k.Want})
	case *kind.Format:
		return "format_invalid", "this must be a valid " + k.Want
	case *kind.MinLength:
		if k.Want == 1 {
			return "required", "this must not be empty"
		}
		return "too_short", "at least " + strconv.Itoa(k.Want) + " characters"
	case *kind.MaxLength:
		return "too_long", "at most " + strconv.Itoa(k.Want) + " characters"
	case *kind.Pattern:
		return "pattern_mismatch", "this must match " + k.Want
	case *kind.Minimum:
		return "out_of_range", "at least " + number(k.Want.RatString())
	case *kind.Maximum:
		return "out_of_range", "at most " + number(k.Want.RatString())
	case *kind.ExclusiveMinimum:
		return "out_of_range", "more than " + number(k.Want.RatString())
	case *kind.ExclusiveMaximum:
		return "out_of_range", "less than " + number(k.Want.RatString())
	case *kind.MultipleOf:
		return "out_of_range", "a multiple of " + number(k.Want.RatString())
	case *kind.MinItems:
		return "too_few_items", "at least " + strconv.Itoa(k.Want) + " items"
	case *kind.MaxItems:
		return "too_many_items", "at most " + strconv.Itoa(k.Want) + " items"
	case *kind.UniqueItems:
		return "duplicate_items", fmt.Sprintf("items %d and %d are the same", k.Duplicates[0], k.Duplicates[1])
	case *kind.MinProperties:
		return "too_few_fields", "at least " + strconv.Itoa(k.Want) + " fields"
	case *kind.MaxProperties:
		return "too_many_fields", "at most " + strconv.Itoa(k.Want) + " fields"
	case *kind.PropertyNames:
		return "key_invalid", "a key is not allowed here"
	case *kind.ContentEncoding:
		return "format_invalid", "this must be " + k.Want
	}
	return "invalid", "this is not valid"
}

func list(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}

// number writes 1/10 as 0.1.
func number(rat string) string {
	num, den, fraction := strings.Cut(rat, "/")
	if !fraction {
		return rat
	}
	n, err1 := strconv.ParseFloat(num, 64)
	d, err2 := strconv.ParseFloat(den, 64)
	if err1 != nil || err2 != nil {
		return rat
	}
	return strconv.FormatFloat(n/d, 'g', 12, 64)
}

func pointer(tokens []string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString("/" + escapePointer(t))
	}
	return b.String()
}

// loosen takes the unknown fields out of the problems: under ?strict=false
// they are warnings.
func loosen(problems []kyc.Problem) (wrong, warnings []kyc.Problem) {
	for _, f := range problems {
		if f.Code == "unknown_field" {
			warnings = append(warnings, f)
		} else {
			wrong = append(wrong, f)
		}
	}
	return wrong, warnings
}
