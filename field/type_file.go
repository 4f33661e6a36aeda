package field

import (
	"fmt"
	"mime"
	"slices"
	"strings"
)

type fileKind struct{}

func (fileKind) spec() TypeSpec {
	return TypeSpec{
		Name: "file", Category: "basic",
		Summary: "Files uploaded to the session before the form is sent.",
		Stored:  "array of document ids",
		Options: []OptionSpec{
			opt("accept", "string[]", nil, "MIME types allowed, such as application/pdf or image/*; absent: whatever the upload accepted"),
			opt("max_size_bytes", "integer", 20<<20, "size of one file at most, up to 20971520 bytes (20 MiB)"),
			opt("max_files", "integer", 1, "files at most, 1 to 40"),
		},
	}
}

func (fileKind) define(d *definer, f *Field, at string) {
	for i, m := range f.Accept {
		kind, _, err := mime.ParseMediaType(m)
		if err != nil || kind != strings.ToLower(m) || !strings.Contains(kind, "/") {
			d.add(fmt.Sprintf("%s/accept/%d", at, i), "mime_type_invalid", "%q is no MIME type", m)
		}
		f.Accept[i] = strings.ToLower(m)
	}
	if f.Accept != nil && len(f.Accept) == 0 {
		d.add(at+"/accept", "range_invalid", "an empty accept allows no file at all")
	}
	if n := f.MaxSizeBytes; n != nil && (*n < 1 || *n > 20<<20) {
		d.add(at+"/max_size_bytes", "range_invalid", "max_size_bytes must be from 1 to %d", 20<<20)
	}
	d.span(at, "max_files", f.MaxFiles, "", nil, 1, 40)
	if len(f.DefaultValue) > 0 {
		d.add(at+"/default_value", "default_invalid", "a file cannot have a default")
		f.DefaultValue = nil
	}
}

func (fileKind) read(c *call, f *Field, at string, v any) (any, bool) {
	list, ok := v.([]any)
	if id, single := v.(string); single {
		list, ok = []any{id}, true
	}
	if !ok {
		c.add(at, "wrong_type", "the answer must be a document id or an array of them")
		return nil, false
	}
	limit := 1
	if f.MaxFiles != nil {
		limit = *f.MaxFiles
	}
	if len(list) > limit {
		c.add(at, "too_many_files", "at most %d files are allowed", limit)
		return nil, false
	}
	out := make([]any, 0, len(list))
	for i, one := range list {
		here := fmt.Sprintf("%s/%d", at, i)
		id, isText := one.(string)
		if !isText {
			c.add(here, "wrong_type", "a document id is a text")
			ok = false
			continue
		}
		id = strings.TrimSpace(id)
		doc, known := c.env.Documents[id]
		switch {
		case !known:
			// A foreign document and one that never was look the same.
			c.add(here, "document_unknown", "this session has no such document")
			ok = false
		case slices.Contains(out, any(id)):
			c.add(here, "duplicate", "the document is given twice")
			ok = false
		case f.MaxSizeBytes != nil && doc.Size > *f.MaxSizeBytes:
			c.add(here, "file_too_large", "a file may have at most %d bytes", *f.MaxSizeBytes)
			ok = false
		case len(f.Accept) > 0 && !slices.ContainsFunc(f.Accept, func(m string) bool { return accepts(m, doc.ContentType) }):
			c.add(here, "file_type_not_allowed", "the file must be one of: %s", strings.Join(f.Accept, ", "))
			ok = false
		}
		out = append(out, id)
	}
	return out, ok
}

// accepts matches a MIME type, parameters left aside, with a pattern such as
// image/*.
func accepts(pattern, contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	if family, all := strings.CutSuffix(pattern, "/*"); all {
		return strings.HasPrefix(kind, family+"/") || family == "*"
	}
	return kind == pattern
}
