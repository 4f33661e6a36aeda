package api

import (
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// What dialects write and read alike stands here once.

// Stamp is a time as answers write it: RFC 3339, UTC, milliseconds; null for
// the zero time.
type Stamp struct{ time.Time }

const stampFormat = `"2006-01-02T15:04:05.000Z"`

// MarshalJSON writes null for the zero time.
func (t Stamp) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(t.UTC().Format(stampFormat)), nil
}

// Schema describes it to the OpenAPI document.
func (Stamp) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true, Examples: []any{"2026-03-01T12:00:00.000Z"}}
}

// Base is embedded by inputs whose answers hold addresses: it finds the one
// under which this server was reached.
type Base struct{ url string }

// Resolve reads the address from the request.
func (b *Base) Resolve(ctx huma.Context) []error {
	scheme := "http"
	if ctx.TLS() != nil {
		scheme = "https"
	}
	b.url = scheme + "://" + ctx.Host()
	return nil
}

// Link makes an absolute address of a path, below the public address where the
// operator gave one.
func (b Base) Link(public, path string) string {
	if public != "" {
		return strings.TrimRight(public, "/") + path
	}
	return b.url + path
}

// Rev reads the revision that the header names; 0 when there is none, or "*".
// A header that no revision of ours can match gives one that never matches.
func (m IfMatch) Rev() int64 {
	text := strings.TrimSpace(m.IfMatch)
	if text == "" || text == "*" {
		return 0
	}
	for tag := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseInt(strings.Trim(strings.TrimSpace(tag), `"`), 10, 64)
		if err == nil && n > 0 {
			return n
		}
	}
	return -1
}
