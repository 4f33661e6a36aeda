package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bonafide/kyc"
)

// newHuma makes the huma API on top of the porch's own adapter.
func newHuma(version string, p *Porch) huma.API {
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Bonafide", Version: version,
				Description: apiDescription,
				License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: "/", Description: "The server that gave you this document."}},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer":  {Type: "http", Scheme: "bearer", BearerFormat: "bf_live_… or bf_sandbox_…", Description: "The API key as a bearer token."},
					"api_key": {Type: "apiKey", In: "header", Name: "X-API-Key", Description: "The API key in X-API-Key (x-api-key) or api_key."},
				},
			},
		},
		Formats: map[string]huma.Format{
			"application/json": {Marshal: writeJSON, Unmarshal: DecodeInto},
			"json":             {Marshal: writeJSON, Unmarshal: DecodeInto},
		},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{translate},
	}
	return huma.NewAPI(config, adapter{p})
}

// schemaName names a type in the OpenAPI document. The dialects have types of
// the same name, so theirs carry the dialect in front: GraphSession.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	room := t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:]
	if room == "" || room == "api" {
		return name
	}
	return strings.ToUpper(room[:1]) + room[1:] + name
}

const apiDescription = `Self-hosted identity verification: define a workflow, let applicants pass it, prove every decision.

Send your API key as ` + "`Authorization: Bearer`, `X-API-Key` or `api_key`" + `. The key decides organisation and environment;
objects of another organisation or environment do not exist for it (404). Keys beginning with bf_sandbox_ use simulated checks.

Every answer carries X-Request-Id. Writing requests honour Idempotency-Key for 24 hours.`

// translate turns huma's own error bodies into ours.
func translate(ctx huma.Context, _ string, v any) (any, error) {
	if m, ok := v.(*huma.ErrorModel); ok {
		return problemOfHuma(m, exchangeFrom(ctx.Context())), nil
	}
	return v, nil
}

// adapter puts huma's routes on the porch's mux and lets each request pass
// through the porch on its way to huma.
type adapter struct{ p *Porch }

func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.p.mux.ServeHTTP(w, r) }

func (a adapter) Handle(described *huma.Operation, next func(huma.Context)) {
	op, ok := described.Metadata["operation"].(*Operation)
	if !ok {
		panic("api: a route was not registered with api.Handle: " + described.Path)
	}
	serve := func(w http.ResponseWriter, r *http.Request) {
		a.p.serve(op, described, w, r, func(w http.ResponseWriter, r *http.Request) {
			next(humago.NewContext(described, r, w))
		})
	}
	a.p.mux.HandleFunc(op.routePattern(), serve)
	a.p.routes[op.routePattern()] = true
	if !strings.Contains(op.Path, "{") {
		a.p.exact[exactRoute{strings.ToUpper(op.Method), op.Path}] = serve
	}
}

// exactRoute is a route whose path has no parameter. The mux would choose it,
// too, because nothing is more specific, and takes longer.
type exactRoute struct{ method, path string }

// describe makes the huma operation of a route.
func (p *Porch) describe(op Operation) huma.Operation {
	out := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description,
		DefaultStatus: op.Status, Deprecated: op.Deprecated,
		MaxBodyBytes: -1, BodyReadTimeout: -1, SkipValidateBody: true, // the porch has read and judged it
		Metadata:  map[string]any{"operation": &op},
		Responses: map[string]*huma.Response{},
	}
	if op.Tag != "" {
		out.Tags = []string{op.Tag}
	}
	if !op.Public {
		out.Security = []map[string][]string{{"bearer": {}}, {"api_key": {}}}
		if len(op.Scopes) > 0 {
			out.Description = strings.TrimSpace(out.Description + "\n\nScope: `" + strings.Join(op.Scopes, "`, `") + "`.")
		}
	}
	if op.SandboxOnly {
		out.Description = strings.TrimSpace(out.Description + "\n\nSandbox keys only; live keys get 403 `sandbox_only`.")
	}
	if op.writes() && !op.Public {
		out.Parameters = append(out.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: ptr(255)},
			Description: "Makes it safe to send the request again; see Rules for every request.",
		})
	}
	if op.Definition {
		out.Parameters = append(out.Parameters, &huma.Param{
			Name: "strict", In: "query", Schema: &huma.Schema{Type: huma.TypeBoolean, Default: true},
			Description: "false turns unknown fields from errors into warnings.",
		})
	}
	p.describeAnswers(op, &out)
	return out
}

// describeAnswers documents every error a route can give.
func (p *Porch) describeAnswers(op Operation, out *huma.Operation) {
	schema := p.API.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	if op.Surface == kyc.SurfaceEntities {
		schema = p.API.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[EntityProblem](), true, "EntityProblem")
	}
	codes := append([]int{400, 429, 500}, op.Errors...)
	if !op.Public {
		codes = append(codes, 401, 403)
	}
	if strings.Contains(op.Path, "{") {
		codes = append(codes, 404)
	}
	if op.writes() {
		codes = append(codes, 409, 413, 415, status(kyc.Invalid, op.Surface).status)
	}
	if op.writes() && !op.Public {
		codes = append(codes, 410) // of a repeat, see reserve
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		out.Responses[strconv.Itoa(code)] = p.phrases.problem(code, problemTypeOf(op.Surface), schema)
	}
	for code, help := range op.Also {
		out.Responses[strconv.Itoa(code)] = &huma.Response{Description: help}
	}
	if op.Binary != "" {
		out.Responses["200"] = &huma.Response{
			Description: "The file.",
			Content:     map[string]*huma.MediaType{op.Binary: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}
	}
}

// documented completes what huma wrote into the OpenAPI document.
func (p *Porch) documented(op Operation) {
	p.listed = append(p.listed, op)
	oapi := p.API.OpenAPI()
	// huma names its own error type for each route; ours stands in its place.
	delete(oapi.Components.Schemas.Map(), "ErrorModel")
	written := operationOf(oapi.Paths[op.Path], op.Method)
	for _, part := range strings.Split(op.Path, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		if !slices.ContainsFunc(written.Parameters, func(p *huma.Param) bool { return p.In == "path" && p.Name == strings.TrimSuffix(name, "...") }) {
			panic("api: the input of " + op.ID + " does not hold {" + name + "}; embedded structs must be exported")
		}
	}
	if op.Upload != nil {
		written.RequestBody = op.Upload.describe()
	}
	if op.File {
		written.RequestBody = &huma.RequestBody{Required: true, Description: "The bytes of the file, at most 20 MiB.",
			Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	}
	for code, r := range written.Responses {
		if r.Headers == nil {
			r.Headers = map[string]*huma.Param{}
		}
		maps.Copy(r.Headers, p.phrases.always)
		if code < "400" && op.writes() && !op.Public {
			r.Headers["Idempotent-Replayed"] = p.phrases.replayed
		}
		if etag := r.Headers["ETag"]; etag != nil && etag.Description == "" {
			etag.Description = "Revision of the object, for If-Match."
		}
		// The same answer body serves several statuses of success.
		if _, also := op.Also[atoi(code)]; also && r.Content == nil && code != "204" {
			for okCode, ok := range written.Responses {
				if okCode < "300" && okCode != code && ok.Content != nil {
					r.Content = ok.Content
				}
			}
		}
	}
}

func operationOf(item *huma.PathItem, method string) *huma.Operation {
	switch strings.ToUpper(method) {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	case http.MethodDelete:
		return item.Delete
	}
	return nil
}

// describe writes the multipart body into the OpenAPI document.
func (u *Upload) describe() *huma.RequestBody {
	s := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: false, Properties: map[string]*huma.Schema{}}
	for _, f := range u.Files {
		s.Properties[f.Name] = &huma.Schema{Type: huma.TypeString, Format: "binary", Description: f.Doc + " At most 20 MiB."}
		if f.Required {
			s.Required = append(s.Required, f.Name)
		}
	}
	for _, f := range u.Values {
		v := &huma.Schema{Type: huma.TypeString, Description: f.Doc}
		for _, e := range f.Enum {
			v.Enum = append(v.Enum, e)
		}
		s.Properties[f.Name] = v
		if f.Required {
			s.Required = append(s.Required, f.Name)
		}
	}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: s}}}
}

// openAPI writes the document.
func (p *Porch) openAPI() ([]byte, error) {
	raw, err := json.Marshal(p.API.OpenAPI())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", " "); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func ptr[T any](v T) *T { return &v }

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
