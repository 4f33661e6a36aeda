package api

import (
	"context"
	"net/http"
)

// quick is the second way through a route: it reads a body and gives what
// answers it; nil where the body has to go the usual way.
type quick func(body []byte) func(ctx context.Context, who Principal) (Appender, error)

// HandleQuick is Handle for a route that is asked thousands of times a second:
// a JSON body, no parameters, status 200 and an answer that writes itself.
// read takes the bodies that it understands whole and that fit the schema in
// every respect; these leave out the general decoder, the validator and huma's
// reflection, and nothing else of the way through the porch. read refuses
// nothing: what it does not take goes the usual way, which alone refuses.
// Defaults of the schema are left to h.
func HandleQuick[B any, A Appender](p *Porch, op Operation, read func(body []byte, into *B) bool, h func(ctx context.Context, who Principal, in *B) (A, error)) {
	op.quick = func(body []byte) func(context.Context, Principal) (Appender, error) {
		in := new(B)
		if !read(body, in) {
			return nil
		}
		return func(ctx context.Context, who Principal) (Appender, error) { return h(ctx, who, in) }
	}
	type answer struct{ Body A }
	Handle(p, op, func(ctx context.Context, who Principal, in *struct{ Body B }) (*answer, error) {
		out, err := h(ctx, who, &in.Body)
		if err != nil {
			return nil, err
		}
		return &answer{out}, nil
	})
}

// serveQuick answers a body that the quick way took.
func (x *exchange) serveQuick(ctx context.Context, run func(context.Context, Principal) (Appender, error), rec *record) {
	out, err := run(ctx, x.who)
	if err != nil {
		writeProblem(rec, x.fail(err))
		return
	}
	rec.header["Content-Type"] = []string{"application/json"}
	rec.status = http.StatusOK
	_ = writeJSON(rec, out) // into memory
}
