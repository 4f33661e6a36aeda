package api

import (
	"slices"
	"strings"
	"testing"
)

func TestBodiesAreJudgedWholeAndStrictly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
		errors []string // path code
	}{
		"good":            {`{"name":"ab"}`, 201, "", nil},
		"all at once":     {`{"name":"a","kind":"flat","size":2,"q.x/y":1,"parts":[{"label":"x"},{"labl":1}]}`, 422, "validation_failed", []string{"/kind not_allowed_value", "/name too_short", "/parts/1/label required", "/parts/1/labl unknown_field", "/q.x~1y unknown_field", "/size out_of_range"}},
		"other case":      {`{"Name":"ab"}`, 422, "validation_failed", []string{"/Name unknown_field", "/name required"}},
		"other case too":  {`{"name":"ab","NAME":"evil"}`, 422, "validation_failed", []string{"/NAME unknown_field"}},
		"duplicate key":   {`{"name":"ab","name":"cd"}`, 400, "duplicate_key", []string{"/name duplicate_key"}},
		"escaped twin":    {`{"name":"ab","n\u0061me":"cd"}`, 400, "duplicate_key", []string{"/name duplicate_key"}},
		"deep duplicate":  {`{"name":"ab","extra":{"a":[{"x":1,"x":2}]}}`, 400, "duplicate_key", []string{"/extra/a/0/x duplicate_key"}},
		"wrong type":      {`{"name":7}`, 422, "validation_failed", []string{"/name wrong_type"}},
		"null":            {`{"name":null}`, 422, "validation_failed", []string{"/name wrong_type"}},
		"array":           {`[]`, 422, "validation_failed", []string{" wrong_type"}},
		"empty":           {``, 400, "body_required", nil},
		"cut off":         {`{"name":`, 400, "json_malformed", []string{"/name json_malformed"}},
		"two values":      {`{"name":"ab"}{}`, 400, "json_malformed", nil},
		"too deep":        {`{"name":"ab","extra":{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}}`, 400, "too_deep", nil},
		"long string":     {`{"name":"ab","extra":{"a":"` + strings.Repeat("x", 70_000) + `"}}`, 400, "string_too_long", []string{"/extra/a string_too_long"}},
		"huge number":     {`{"name":"ab","size":1e1000000000}`, 400, "number_too_long", []string{"/size number_too_long"}},
		"tiny number":     {`{"name":"ab","size":1e-1000000000}`, 400, "number_too_long", []string{"/size number_too_long"}},
		"not UTF-8":       {"{\"name\":\"a\xff\"}", 400, "json_malformed", nil},
		"too large":       {`{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "body_too_large", nil},
		"whole as float":  {`{"name":"ab","size":4.0}`, 400, "wrong_type", nil},
		"fraction as int": {`{"name":"ab","size":4.5}`, 422, "validation_failed", []string{"/size wrong_type"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := b.call("POST", "/api/v1/widgets", c.body)
			if a.status != c.status {
				t.Fatalf("%d, want %d: %.300s", a.status, c.status, a.body)
			}
			if c.status < 400 {
				return
			}
			p := a.problem(t)
			if p.Code != c.code || p.Error_ != c.code || p.Status != c.status || p.Instance != "/api/v1/widgets" || p.RequestID != a.header.Get("X-Request-Id") || p.Type == "" || p.Title == "" || p.Detail == "" {
				t.Errorf("problem %+v", p)
			}
			var got []string
			for _, f := range p.Errors {
				got = append(got, f.Path+" "+f.Code)
			}
			if c.errors != nil && !slices.Equal(got, c.errors) {
				t.Errorf("errors\n got %q\nwant %q", got, c.errors)
			}
		})
	}
}

func TestParametersAndBodyAreJudgedTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for body, want := range map[string]string{
		`{"name":"a"}`:  "/query/size out_of_range,/name too_short",
		`{"name":true}`: "/query/size out_of_range,/name wrong_type",
	} {
		a := b.call("POST", "/api/v1/both?size=0", body)
		var got []string
		for _, f := range a.problem(t).Errors {
			got = append(got, f.Path+" "+f.Code)
		}
		if a.status != 422 || strings.Join(got, ",") != want {
			t.Errorf("%s: %d %v", body, a.status, got)
		}
	}
	if a := b.call("POST", "/api/v1/both", `{"name":true}`); a.status != 422 || len(a.problem(t).Errors) != 1 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.call("POST", "/api/v1/both?size=0", `{"name":"ab"}`); a.status != 400 || len(a.problem(t).Errors) != 1 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for contentType, status := range map[string]int{
		"application/json": 201, "application/json; charset=utf-8": 201, "application/vnd.x+json": 201,
		"text/plain": 415, "application/json; charset=latin1": 415, "application/xml": 415, ";;": 415,
	} {
		if a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`, "Content-Type: "+contentType); a.status != status {
			t.Errorf("%s: %d, want %d", contentType, a.status, status)
		}
	}
	for contentType, status := range map[string]int{"text/csv": 200, "text/csv; charset=utf-8": 200, "text/csv; charset=latin1": 415, "application/json": 415, "text/plain": 415} {
		if a := b.call("POST", "/api/v1/imports", "a,b\n1,2", "Content-Type: "+contentType); a.status != status || status == 200 && !strings.Contains(a.body, "a,b|1,2") {
			t.Errorf("CSV as %s: %d %s", contentType, a.status, a.body)
		}
	}
	if a := b.call("POST", "/api/v1/widgets", `{"name":"ab"}`, "Content-Encoding: gzip"); a.status != 415 || a.problem(t).Code != "encoding_unsupported" {
		t.Errorf("gzip: %d", a.status)
	}
}

func TestLenientDefinitionsWarn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := `{"name":"ab","colour":"red","parts":[{"label":"x","weight":1}]}`
	if a := b.call("POST", "/api/v1/definitions", body); a.status != 422 || len(a.problem(t).Errors) != 2 {
		t.Errorf("strict: %d %s", a.status, a.body)
	}
	a := b.call("POST", "/api/v1/definitions?strict=false", body)
	if a.status != 200 || !strings.Contains(a.body, `"path":"/colour"`) || !strings.Contains(a.body, `"path":"/parts/0/weight"`) || !strings.Contains(a.body, `"kind":"round"`) {
		t.Errorf("lenient: %d %s", a.status, a.body)
	}
	if a := b.call("POST", "/api/v1/definitions?strict=false", `{"name":"a","x":1}`); a.status != 422 || len(a.problem(t).Errors) != 1 {
		t.Errorf("lenient is not blind: %d %s", a.status, a.body)
	}
	if a := b.call("POST", "/api/v1/widgets?strict=false", `{"name":"ab","x":1}`); a.status != 422 {
		t.Errorf("other routes are never lenient: %d", a.status)
	}
	large := `{"name":"ab","extra":{` + strings.Repeat(" ", 3<<19) + `}}`
	if a := b.call("POST", "/api/v1/definitions", large); a.status != 200 {
		t.Errorf("1.5 MiB definition: %d %s", a.status, a.body)
	}
	if a := b.call("POST", "/api/v1/definitions", strings.Repeat(" ", 2<<20)+large); a.status != 413 {
		t.Errorf("3.5 MiB definition: %d", a.status)
	}
}

func TestParametersAreJudged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for query, want := range map[string]string{
		"limit=0": "/query/limit out_of_range", "limit=101": "/query/limit out_of_range", "limit=x": "/query/limit wrong_type",
		"offset=-1": "/query/offset out_of_range", "kind=flat": "/query/kind not_allowed_value",
	} {
		a := b.call("GET", "/api/v1/widgets?"+query, "")
		p := a.problem(t)
		if a.status != 400 || p.Code != "parameter_invalid" || len(p.Errors) != 1 || p.Errors[0].Path+" "+p.Errors[0].Code != want {
			t.Errorf("%s: %d %+v", query, a.status, p)
		}
		if strings.Contains(a.body, "flat") && !strings.Contains(query, "round") && strings.Contains(a.body, `"value"`) {
			t.Errorf("%s: the value is repeated", query)
		}
	}
	a := b.call("GET", "/api/v1/widgets?limit=0&offset=-1", "")
	if p := a.problem(t); len(p.Errors) != 2 {
		t.Errorf("not all at once: %+v", p)
	}
}
