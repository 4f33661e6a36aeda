package studio

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
)

// schema describes the definitions of one surface: the part of the OpenAPI
// document that can be reached from its definition. The editor makes its forms
// from it, so that what the API learns the forms know.
type schema struct {
	Root    string                     `json:"root"`
	Schemas map[string]json.RawMessage `json:"schemas"`
}

// roots are the components that describe a definition, by surface.
func roots() map[string]string {
	return map[string]string{string(kyc.SurfaceSteps): "StepsDefinition", string(kyc.SurfaceChecks): "ChecksDefinition", string(kyc.SurfaceEntities): "EntitiesDefinition"}
}

// readSchemas takes the schemas out of the OpenAPI document.
func readSchemas(document http.Handler) (map[string]schema, error) {
	// A request to ourselves that ends with this call and that nobody cancels: the
	// first who asks makes it for all.
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/openapi.json"}, Header: http.Header{}, Body: http.NoBody}
	w := &answer{head: http.Header{}}
	document.ServeHTTP(w, r)
	var doc struct {
		Components struct {
			Schemas map[string]json.RawMessage `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(w.Bytes(), &doc); err != nil {
		return nil, kyc.Errorf(kyc.Internal, "no_schema", "reading the API's own description: %w", err)
	}
	out := map[string]schema{}
	for surface, root := range roots() {
		s := schema{Root: root, Schemas: map[string]json.RawMessage{}}
		todo := []string{root}
		for len(todo) > 0 {
			name := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			raw, known := doc.Components.Schemas[name]
			if _, seen := s.Schemas[name]; seen || !known {
				continue
			}
			s.Schemas[name] = raw
			todo = append(todo, references(raw)...)
		}
		if len(s.Schemas) == 0 {
			return nil, kyc.Errorf(kyc.Internal, "no_schema", "the API's description has no %s", root)
		}
		out[surface] = s
	}
	return out, nil
}

// references are the components that a schema names.
func references(raw json.RawMessage) []string {
	const at = "#/components/schemas/"
	var out []string
	for text := string(raw); ; {
		_, rest, found := strings.Cut(text, at)
		if !found {
			return out
		}
		name, tail, _ := strings.Cut(rest, `"`)
		out, text = append(out, name), tail
	}
}

func (s *studio) schema(v *console.Visit) error {
	all, err := s.schemas()
	if err != nil {
		return err
	}
	one, ok := all[v.R.URL.Query().Get("surface")]
	if !ok {
		return kyc.Missing("schema", "of this surface")
	}
	return reply(v, http.StatusOK, one)
}

// answer keeps what a handler says.
type answer struct {
	bytes.Buffer
	head http.Header
}

func (a *answer) Header() http.Header { return a.head }
func (a *answer) WriteHeader(int)     {}
