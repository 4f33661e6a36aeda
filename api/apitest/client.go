package apitest

import (
	"io"
	"maps"
	"strings"
	"testing"
)

// Client calls one dialect with one key.
type Client struct {
	T *testing.T
	// URL is the server's address without a slash at the end.
	URL string
	// Path makes a path of what a test calls it; nil: they are the same.
	Path func(string) string
	// Header is sent with each request, the key among it.
	Header map[string]string
}

// With gives a client that sends one more header.
func (c Client) With(name, value string) Client {
	c.Header = maps.Clone(c.Header)
	if c.Header == nil {
		c.Header = map[string]string{}
	}
	c.Header[name] = value
	return c
}

// Call sends a body as JSON (see Body).
func (c Client) Call(method, path string, body any) Answer {
	c.T.Helper()
	return c.Send(method, path, "application/json", Body(c.T, body))
}

// Send makes one request; a path may be a whole address.
func (c Client) Send(method, path, contentType string, body io.Reader) Answer {
	c.T.Helper()
	if !strings.HasPrefix(path, "http") {
		if c.Path != nil {
			path = c.Path(path)
		}
		path = c.URL + path
	}
	return Send(c.T, method, path, contentType, body, c.Header)
}

// Must calls and fails the test unless the status is the wanted one.
func (c Client) Must(status int, method, path string, body any) Answer {
	c.T.Helper()
	r := c.Call(method, path, body)
	if r.Status != status {
		c.T.Fatalf("%s %s: %d, want %d\n%s", method, path, r.Status, status, r.Raw)
	}
	return r
}

// Keyed is a header with a key behind what its scheme puts before it; nothing
// without a key.
func Keyed(name, scheme, key string) map[string]string {
	if key == "" {
		return nil
	}
	return map[string]string{name: scheme + key}
}

// At finds a value by a dotted path; numbers index lists.
func (a Answer) At(path string) any { return At(a.JSON, path) }

// Str finds a text; empty where there is none.
func (a Answer) Str(path string) string {
	v, _ := a.At(path).(string)
	return v
}

// List finds a list; nil where there is none.
func (a Answer) List(path string) []any {
	v, _ := a.At(path).([]any)
	return v
}
