package api

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/kyc"
)

// enter waits for one of the places for uploads: each holds its files in
// memory until it is served.
func (p *Porch) enter(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, uploadWait)
	defer cancel()
	select {
	case p.uploads <- struct{}{}:
		return func() { <-p.uploads }, nil
	case <-ctx.Done():
		e := kyc.Errorf(kyc.Unavailable, "too_many_uploads", "too many uploads at the same time; try again in a moment")
		e.RetryAfter = time.Second
		return nil, e
	}
}

// payload is the body of a request as it was read.
type payload struct {
	raw       []byte // JSON, or nothing
	json      bool   // or something else that the route takes
	tree      any    // decoded
	malformed error  // why it could not be decoded
	// run answers a body that the quick way took; there is no tree then.
	run func(context.Context, Principal) (Appender, error)
}

// readBody takes the body in, within its limits.
func (p *Porch) readBody(w http.ResponseWriter, x *exchange, described *huma.Operation, r *http.Request) (payload, error) {
	switch {
	case r.Header.Get("Content-Encoding") != "" && r.Header.Get("Content-Encoding") != "identity":
		return payload{}, kyc.Errorf(kyc.UnsupportedMedia, "encoding_unsupported", "send the body without Content-Encoding")
	case x.op.Upload != nil:
		r.Body = http.MaxBytesReader(w, r.Body, x.op.Upload.maxBody())
		form, err := x.op.Upload.read(r)
		if err != nil {
			return payload{}, err
		}
		x.form = form
		return payload{}, nil
	case x.op.File:
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxFile))
		if err != nil {
			return payload{}, fileError(err)
		}
		return payload{raw: raw}, nil
	case described.RequestBody == nil:
		// A body where none is expected is read (so that the connection can be
		// used again) and only counts for idempotency.
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			return payload{}, bodyError(err, "body_malformed", "the body was cut off")
		}
		return payload{raw: raw}, nil
	}
	limit := int64(maxBody)
	if x.op.Definition {
		limit = maxDefinition
		x.lenient = r.URL.Query().Get("strict") == "false"
	}
	raw, err := readAll(w, r, limit)
	if err != nil {
		return payload{}, bodyError(err, "body_malformed", "the body was cut off")
	}
	out := payload{raw: raw}
	if len(raw) == 0 {
		return out, nil
	}
	kind := r.Header.Get("Content-Type")
	if x.op.AnyType {
		kind = ""
	}
	isJSON, err := mediaType(kind, described.RequestBody.Content)
	if out.json = isJSON; isJSON {
		if x.op.quick != nil {
			if out.run = x.op.quick(raw); out.run != nil {
				return out, err
			}
		}
		out.tree, out.malformed = Decode(raw)
		if x.op.AnyCase && out.malformed == nil {
			out.snake()
		}
	}
	return out, err
}

// readAll takes in a body of at most so many bytes, at once where the caller
// says how many there are.
func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength <= 0 || r.ContentLength > limit {
		return io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	}
	raw := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, raw)
	return raw, err
}

// fileError words what can go wrong while a file comes in.
func fileError(err error) error {
	e := kyc.AsError(bodyError(err, "body_cut_off", "the file was cut off; send it again"))
	if e.Kind == kyc.TooLarge {
		e.Code, e.Message = "file_too_large", "a file has at most 20 MiB"
	}
	return e
}

// snake rewrites the keys of the top level in snake_case. What stands below
// them is the customer's own.
func (p *payload) snake() {
	object, ok := p.tree.(map[string]any)
	if !ok {
		return
	}
	renamed := make(map[string]any, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name := snakeCase(key)
		if _, twice := renamed[name]; twice {
			e := kyc.Errorf(kyc.Malformed, "duplicate_key", "a key is given twice, in two spellings")
			e.Problems = []kyc.Problem{{Path: "/" + escapePointer(key), Code: "duplicate_key", Message: e.Message}}
			p.malformed = e
			return
		}
		renamed[name] = object[key]
	}
	raw, err := json.Marshal(renamed)
	if err != nil {
		return // it came from JSON
	}
	p.tree, p.raw = renamed, raw
}

func snakeCase(key string) string {
	var b strings.Builder
	for i, r := range key {
		switch {
		case r == '-':
			b.WriteByte('_')
		case r >= 'A' && r <= 'Z' && i > 0:
			b.WriteByte('_')
			b.WriteRune(r + 'a' - 'A')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// mediaType reports whether a body is JSON. A route with a RawBody takes the
// types it names, too. Errors: UnsupportedMedia.
func mediaType(header string, taken map[string]*huma.MediaType) (json bool, err error) {
	if header == "application/json" && taken[header] != nil {
		return true, nil
	}
	kind, params := "application/json", map[string]string{}
	if header != "" {
		if kind, params, err = mime.ParseMediaType(header); err != nil {
			kind = ""
		}
	}
	charset := params["charset"]
	utf8 := charset == "" || strings.EqualFold(charset, "utf-8")
	switch {
	case taken["application/json"] != nil && utf8 && (kind == "application/json" || strings.HasSuffix(kind, "+json")):
		return true, nil
	case taken[kind] != nil && utf8 && kind != "application/json":
		return false, nil
	}
	names := slices.Sorted(maps.Keys(taken))
	return false, kyc.Errorf(kyc.UnsupportedMedia, "media_type_unsupported", "send the body as %s in UTF-8", strings.Join(names, " or "))
}

// inspectBody judges a JSON body. What is wrong waits in the exchange until
// huma has judged the parameters too, so that the caller learns everything at
// once.
func (p *Porch) inspectBody(x *exchange, described *huma.Operation, body payload) error {
	if body.malformed != nil {
		return body.malformed
	}
	schema, err := p.bodySchema(described)
	if err != nil || schema == nil || !body.json {
		return err
	}
	x.hasBody = true
	x.problems = judge(schema, body.tree)
	if x.lenient {
		x.problems, x.warnings = loosen(x.problems)
	}
	return nil
}
