// Package apitest asks an API over HTTP for the tests of the dialects: one way
// to send a request, one way to find a value in an answer. What an error must
// look like is each dialect's own to say.
package apitest

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Answer is what came back; JSON is nil where the body is no JSON object.
type Answer struct {
	Status int
	Header http.Header
	Raw    []byte
	JSON   map[string]any
}

// Body makes a request's body: nil for none, a string as it is, anything else
// as JSON.
func Body(t testing.TB, body any) io.Reader {
	t.Helper()
	switch body := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(body)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReader(string(raw))
}

// Send makes one request; headers lie over each other, the last one wins.
func Send(t testing.TB, method, url, contentType string, body io.Reader, headers ...map[string]string) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	for _, header := range headers {
		for name, value := range header {
			req.Header.Set(name, value)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := Answer{Status: resp.StatusCode, Header: resp.Header, Raw: raw}
	_ = json.Unmarshal(raw, &out.JSON) // not every answer is a JSON object
	return out
}

// At finds a value by a dotted path of names and places: a.b.0. Missing is nil.
func At(v any, path string) any {
	for part := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}
