package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/kyc"
)

// Operation describes one route to the porch and to the reader of /docs.
type Operation struct {
	ID      string // unique, kebab-case: create-session
	Method  string // GET, POST, PATCH, PUT, DELETE
	Path    string // /api/v1/sessions/{id}
	Surface kyc.Surface
	// Scopes must all be granted to the credential.
	Scopes      []string
	Summary     string // a few words
	Description string // sentences, Markdown
	Tag         string // group in /docs, e.g. Sessions
	// Status of success; 0: 200 with a body, 204 without.
	Status int
	// Also lists further answers of success with their description, such as
	// 202 or 204; give Output.Status to choose one.
	Also map[int]string
	// Errors are the problem statuses beside those every route has.
	Errors []int
	// Public routes need no credential (possession of an unguessable address
	// is the authorisation). Their Principal is empty.
	Public bool
	// SandboxOnly routes answer 403 sandbox_only to live keys.
	SandboxOnly bool
	// Definition marks a body that may have 2 MiB and honours ?strict=false:
	// unknown fields then become Warnings instead of errors.
	Definition bool
	// AnyCase takes the keys of the body's top level in camelCase and
	// kebab-case too.
	AnyCase bool
	// Upload describes a multipart/form-data body, read with FormFrom.
	Upload *Upload
	// AnyType reads the body as JSON whatever Content-Type says: a browser's
	// fetch names a string text/plain unless its author says otherwise.
	AnyType bool
	// File marks a body that is the bytes of one file of up to 20 MiB, of any
	// Content-Type, in the input's RawBody.
	File bool
	// Binary is the content type (image/png, …) of an answer that is a file.
	Binary string
	// Deprecated routes are marked as such.
	Deprecated bool

	quick quick // see HandleQuick
}

// writes reports whether the method may change something.
func (o Operation) writes() bool {
	return o.Method == http.MethodPost || o.Method == http.MethodPatch || o.Method == http.MethodPut || o.Method == http.MethodDelete
}

// Handle adds a route. I holds the parameters (tags path, query, header) and
// the Body of the request, O the headers and the Body of the answer, as huma
// understands them; each field needs a doc tag. An O with a field Status int
// chooses its status. A body that is not JSON (text/csv, say) is a field RawBody
// []byte with a contentType tag; copy it if it shall outlive the handler. Return a *kyc.Error for anything that is not success;
// nothing the handler committed is written then.
//
// Handle panics when two routes collide or a type cannot be described: both
// are mistakes of the program that show at start.
func Handle[I, O any](p *Porch, op Operation, h func(ctx context.Context, who Principal, in *I) (*O, error)) {
	described := p.describe(op)
	huma.Register(p.API, described, func(ctx context.Context, in *I) (*O, error) {
		x := exchangeFrom(ctx)
		if len(x.problems) > 0 {
			return nil, x.fail(invalidBody(x.problems))
		}
		out, err := h(ctx, x.who, in)
		if err != nil {
			return nil, x.fail(err)
		}
		return out, nil
	})
	p.documented(op)
}

// routePattern turns an operation into a pattern of http.ServeMux.
func (o Operation) routePattern() string { return strings.ToUpper(o.Method) + " " + o.Path }
