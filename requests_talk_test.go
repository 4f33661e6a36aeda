package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// finding is one thing that an error body says is wrong.
type finding struct{ path, code string }

// findings are the details of an error of surface C; the body itself is
// checked against api.md 1.8 on the way.
func (a answer) entityFindings(t *testing.T, what string) []finding {
	t.Helper()
	var p struct {
		RequestID, ErrorCode, ErrorMsg string
		HTTPStatusCode                 int
		Details                        []struct{ Issue, IssueLocation, IssueType string }
		Code, Error                    *string
	}
	if err := json.Unmarshal(a.raw, &p); err != nil {
		t.Fatalf("%s: %v in %s", what, err, a.raw)
	}
	want := "API-0" + strconv.Itoa(a.status)
	if a.status == http.StatusUnauthorized {
		want = "AUTH-0"
	}
	if !strings.HasPrefix(p.ErrorCode, want) || p.ErrorMsg == "" || p.HTTPStatusCode != a.status || p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") || len(p.Details) == 0 ||
		p.Code != nil || p.Error != nil || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: this is no error of surface C: %s %s", what, a.header.Get("Content-Type"), a.raw)
	}
	var out []finding
	for _, d := range p.Details {
		if d.Issue == "" || d.IssueType == "" {
			t.Errorf("%s: a detail without words: %s", what, a.raw)
		}
		out = append(out, finding{d.IssueLocation, d.IssueType})
	}
	return out
}

// checkFindings are the findings of an error of surface B; the body itself is
// checked against edition decision E3 on the way.
func (a answer) checkFindings(t *testing.T, what string) []finding {
	t.Helper()
	var p struct {
		Type, Title, Detail, Instance, Code, Error string
		Status                                     int
		RequestID                                  string `json:"request_id"`
		Errors                                     *[]struct{ Path, Code, Message string }
	}
	if err := json.Unmarshal(a.raw, &p); err != nil {
		t.Fatalf("%s: %v in %s", what, err, a.raw)
	}
	if p.Type == "" || p.Title == "" || p.Detail == "" || p.Instance == "" || p.Code == "" || p.Error != p.Code || p.Status != a.status || p.Errors == nil ||
		p.RequestID != a.header.Get("X-Request-Id") || a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%s: a member of E3 is missing: %s", what, a.raw)
	}
	out := []finding{}
	for _, e := range *p.Errors {
		out = append(out, finding{e.Path, e.Code})
	}
	return append(out, finding{"", p.Code})
}

// TestBadRequestsOfTheTalkingSurfaces sends one request of each wrong sort to
// the surfaces B and C: each answers with its own status, its own body and the
// place of what is wrong.
func TestBadRequestsOfTheTalkingSurfaces(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	sandbox, c := srv.newTenants(t)
	own := c.furnish(t)
	deep := `{"metadata":{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}}`
	sessions, people := "/v1/workflows/"+own["v1.workflows"]+"/sessions", "/v2/individuals"
	person := people + "/" + own["entityId"]
	post := func(path, body string) answer {
		return c.send(t, "POST", path, "application/json", strings.NewReader(body), nil)
	}
	for name, x := range map[string]struct {
		got    answer
		status int
		want   finding // "*": any path
	}{
		"B not JSON":        {post("/v1/workflows", `{"name":`), 400, finding{"", "json_malformed"}},
		"C not JSON":        {post(people, `{"individual":`), 400, finding{"*", "json_malformed"}},
		"B a list":          {post("/v1/workflows", `[]`), 400, finding{"*", "wrong_type"}},
		"C a list":          {post(people, `[]`), 422, finding{"", "wrong_type"}},
		"B duplicate key":   {post("/v1/workflows", `{"name":"a","steps":[{"id":"CONSENT"}],"name":"b"}`), 400, finding{"/name", "duplicate_key"}},
		"C duplicate key":   {post(people, `{"individual":{"nationality":"AUS","nationality":"DEU"}}`), 400, finding{"/individual/nationality", "duplicate_key"}},
		"B unknown field":   {post(sessions, `{"email":"a@example.org","first_name":"A","last_name":"B","phone":"+31612345678","colour":"red"}`), 400, finding{"/colour", "unknown_field"}},
		"C unknown field":   {post(people, `{"individual":{"name":{"familyName":"B"},"colour":"red"}}`), 422, finding{"/individual/colour", "unknown_field"}},
		"B wrong type":      {post(sessions, `{"email":7,"first_name":"A","last_name":"B","phone":"+31612345678"}`), 400, finding{"/email", "wrong_type"}},
		"C wrong type":      {post(people, `{"individual":{"name":7}}`), 422, finding{"/individual/name", "wrong_type"}},
		"B two values":      {post(sessions, `{} {}`), 400, finding{"", "json_malformed"}},
		"C two values":      {post(people, `{} {}`), 400, finding{"*", "json_malformed"}},
		"B too deep":        {post(sessions, deep), 400, finding{"*", "too_deep"}},
		"C too deep":        {post(people, deep), 400, finding{"*", "too_deep"}},
		"B too large":       {post(sessions, `{"metadata":{"a":["`+strings.Repeat(`x","`, 400<<10)+`"]}}`), 413, finding{"*", "*"}},
		"C too large":       {post(people, `{"individual":{"customAttributes":{"a":["`+strings.Repeat(`x","`, 400<<10)+`"]}}}`), 413, finding{"*", "*"}},
		"B too large a def": {post("/v1/workflows", `{"name":"`+strings.Repeat("x", 3<<20)+`"}`), 413, finding{"*", "*"}},
		"C too large a def": {post("/v2/admin/workflows", `{"workflowName":"`+strings.Repeat("x", 3<<20)+`"}`), 413, finding{"*", "*"}},
		"B missing field":   {post(sessions, `{}`), 400, finding{"*", "required"}},
		"C missing field":   {post(people, `{}`), 422, finding{"/individual", "required"}},
		"B no body":         {c.call(t, "POST", sessions, nil), 400, finding{"*", "body_required"}},
		"C no body":         {c.call(t, "POST", people, nil), 400, finding{"*", "body_required"}},
		"B other media":     {c.send(t, "POST", sessions, "text/plain", strings.NewReader("x"), nil), 415, finding{"*", "*"}},
		"C other media":     {c.send(t, "POST", people, "text/plain", strings.NewReader("x"), nil), 415, finding{"*", "*"}},
		"B packed":          {c.send(t, "POST", sessions, "application/json", strings.NewReader("{}"), map[string]string{"Content-Encoding": "gzip"}), 415, finding{"*", "*"}},
		"C packed":          {c.send(t, "POST", people, "application/json", strings.NewReader("{}"), map[string]string{"Content-Encoding": "gzip"}), 415, finding{"*", "*"}},
		"B bad parameter":   {c.call(t, "GET", "/v1/sessions?limit=1000", nil), 400, finding{"/query/limit", "out_of_range"}},
		"C bad parameter":   {c.call(t, "GET", people+"?limit=1000", nil), 400, finding{"/query/limit", "out_of_range"}},
		"B bad date":        {c.call(t, "GET", "/v1/sessions?start_date=yesterday", nil), 400, finding{"/query/start_date", "format_invalid"}},
		"C bad word":        {c.call(t, "GET", person+"/results?classes=SHOE", nil), 400, finding{"/query/classes", "*"}},
		"B bad token":       {c.call(t, "GET", "/v1/sessions?next_token=nonsense", nil), 400, finding{"*", "*"}},
		"B no such object":  {c.call(t, "GET", "/v1/sessions/0199a0b0-1111-7222-8333-444455556666", nil), 404, finding{"", "not_found"}},
		"C no such object":  {c.call(t, "GET", people+"/0199a0b0-1111-7222-8333-444455556666", nil), 404, finding{"", "not_found"}},
		"B no id at all":    {c.call(t, "GET", "/v1/sessions/%00%ff", nil), 404, finding{"*", "*"}},
		"C no id at all":    {c.call(t, "GET", people+"/%00%ff", nil), 404, finding{"*", "*"}},
		"B no such route":   {c.call(t, "GET", "/v1/unicorns", nil), 404, finding{"", "route_not_found"}},
		"C no such route":   {c.call(t, "GET", "/v2/unicorns", nil), 404, finding{"*", "route_not_found"}},
		"B other method":    {c.call(t, "PUT", "/v1/sessions", nil), 405, finding{"", "method_not_allowed"}},
		"C other method":    {c.call(t, "PUT", people, nil), 405, finding{"*", "method_not_allowed"}},
		"B wrong state":     {c.call(t, "PATCH", "/v1/sessions/"+own["v1.sessions"]+"/update-status", map[string]any{"new_status": "VERIFIED"}), 409, finding{"*", "*"}},
		"B sandbox key":     {sandbox.call(t, "POST", "/v1/workflows", json.RawMessage(`{"name":"a","steps":[{"id":"CONSENT"}]}`)), 403, finding{"", "sandbox_key_forbidden"}},
		"B stale tag":       {c.callWith(t, "PATCH", "/v1/workflows/"+own["v1.workflows"], map[string]any{"name": "b"}, map[string]string{"If-Match": `"999"`}), 412, finding{"*", "*"}},
		"C stale tag":       {c.callWith(t, "PATCH", person, map[string]any{"individual": map[string]any{"nationality": "DEU"}}, map[string]string{"If-Match": `"999"`}), 412, finding{"*", "*"}},
		"B no credential":   {(&client{url: srv.url}).call(t, "GET", "/v1/sessions", nil), 401, finding{"", "credential_missing"}},
		"C no credential":   {(&client{url: srv.url}).call(t, "GET", people, nil), 401, finding{"", "credential_missing"}},
		"B bad credential":  {(&client{url: srv.url, key: "x"}).call(t, "GET", "/v1/sessions", nil), 401, finding{"", "credential_invalid"}},
		"C bad credential":  {(&client{url: srv.url, key: "x"}).call(t, "GET", people, nil), 401, finding{"", "credential_invalid"}},
		"B two credentials": {c.callWith(t, "GET", "/v1/sessions", nil, map[string]string{"Authorization": "Bearer other"}), 401, finding{"", "credential_ambiguous"}},
		"C two credentials": {c.callWith(t, "GET", people, nil, map[string]string{"Authorization": "Bearer other"}), 401, finding{"", "credential_ambiguous"}},
	} {
		if x.got.status != x.status {
			t.Errorf("%s: status %d, want %d\n%.600s", name, x.got.status, x.status, x.got.raw)
			continue
		}
		read := x.got.checkFindings
		if name[0] == 'C' {
			read = x.got.entityFindings
		}
		found := read(t, name)
		if !slices.ContainsFunc(found, func(f finding) bool {
			return (x.want.path == "*" || f.path == x.want.path) && (x.want.code == "*" || f.code == x.want.code)
		}) {
			t.Errorf("%s: %v, want %v\n%.600s", name, found, x.want, x.got.raw)
		}
	}
}

// TestEveryMistakeOfADefinitionIsToldAtOnce sends definitions and bodies with
// many mistakes; each is told with its place, in one answer.
func TestEveryMistakeOfADefinitionIsToldAtOnce(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	_, c := srv.newTenants(t)
	for _, x := range []struct {
		path, body string
		status     int
		want       []string
	}{
		{"/v1/workflows", `{"name":"","colour":1,"steps":[{"id":"ID_VERIFICATION","config":{"minimum_age":-1,"maximum_age":"old","escalation_type":"tea","shoe":1}},{"id":"ID_VERIFICATION"},
		 {"id":"SHOE_SIZE"},{"id":"FACE_LIVENESS","config":{"threshold":101}},{"id":"PEP_SANCTIONS","config":{"a":1}}]}`, 400,
			[]string{"/name", "/colour", "/steps/0/config/minimum_age", "/steps/0/config/maximum_age", "/steps/0/config/escalation_type", "/steps/0/config/shoe", "/steps/1/id", "/steps/2/id",
				"/steps/4/config/a"}},
		{"/v2/admin/workflows", `{"serviceName":"","workflowName":7,"lifecyclePhase":"LATER","colour":1,"steps":[{"name":"A","type":"SHOE"},{"name":"B","type":"AML","dependsOn":["nowhere"]},
		 {"name":"B","type":"DUPLICATE"},{"name":"X","type":"KYC","dependsOn":["Y"]},{"name":"Y","type":"MATCHLIST","dependsOn":["X"]}]}`, 422,
			[]string{"/serviceName", "/workflowName", "/lifecyclePhase", "/colour", "/steps/0/type", "/steps/1/dependsOn", "/steps/2/name"}},
		{"/v2/individuals", `{"individual":{"name":{"givenName":"Ada","shoe":1},"nationality":"AU","addresses":[{"country":"ZZZ"}],"dateOfBirth":{"year":1990,"month":"x"}},"extra":1}`, 422,
			[]string{"/individual/name/shoe", "/extra"}},
		{"/v1/sessions", `{"workflow_id":7,"email":"nobody","first_name":"","phone":"abc","redirect_url":"http://x","colour":1}`, 400,
			[]string{"/workflow_id", "/email", "/first_name", "/phone", "/redirect_url", "/colour", "/last_name"}},
	} {
		a := c.send(t, "POST", x.path, "application/json", strings.NewReader(x.body), nil)
		if a.status != x.status {
			t.Errorf("%s: %d, want %d\n%s", x.path, a.status, x.status, a.raw)
			continue
		}
		read := a.checkFindings
		if strings.HasPrefix(x.path, "/v2/") {
			read = a.entityFindings
		}
		found := read(t, x.path)
		for _, path := range x.want {
			if !slices.ContainsFunc(found, func(f finding) bool { return f.path == path }) {
				t.Errorf("%s: nothing is said of %s: %v", x.path, path, found)
			}
		}
	}
	if list := c.must(t, 200, "GET", "/v1/workflows", nil); len(list.value("workflows").([]any)) != 0 {
		t.Errorf("a refused definition made a workflow: %s", list.raw)
	}
	if list := c.must(t, 200, "GET", "/v2/admin/workflows", nil); list.value("total") != 0.0 {
		t.Errorf("a refused definition made a workflow: %s", list.raw)
	}
	if list := c.must(t, 200, "GET", "/v2/individuals", nil); list.value("total") != 0.0 {
		t.Errorf("a refused body made an individual: %s", list.raw)
	}
}

// Files that are no pictures do not become papers, on either surface.
func TestHostileFilesOfTheTalkingSurfaces(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	sandbox, c := srv.newTenants(t)
	w := c.checklist(t, `{"id":"DOCUMENT_UPLOAD","config":{"document_types":["proof_of_address"]}}`)
	person := sandbox.adopt(t, "Approve")
	paper := person + "/documents/" + sandbox.must(t, 201, "POST", person+"/documents", map[string]any{"type": "PASSPORT", "country": "AUS"}).at("document.documentId") + "/attachments"
	files := polyglots(t)
	files["text"], files["nothing"] = []byte("I am a passport, believe me.\n"), nil
	files["100 megapixels"], files["21 MiB"] = bombPNG(10_000, 10_000), append(picture(t, "x"), make([]byte, 21<<20)...)
	files["HTML"], files["half a PDF"] = []byte("<html><script>alert(1)</script></html>"), []byte("%PDF-1.7\n1 0 obj\n<<")
	for name, file := range files {
		s := sandbox.checkSession(t, w, "Approve")
		announced := sandbox.must(t, 201, "POST", "/v1/sessions/"+s+"/uploads", map[string]any{"name": name, "content_type": "image/jpeg"})
		a := (&client{url: srv.url}).send(t, "PUT", announced.at("url"), "image/jpeg", strings.NewReader(string(file)), nil)
		if a.status < 400 || a.status >= 500 {
			t.Errorf("B: %s answers %d %s", name, a.status, a.raw)
		}
		a.checkFindings(t, "B "+name)
		if a := sandbox.call(t, "POST", "/v1/sessions/"+s+"/steps/DOCUMENT_UPLOAD", map[string]any{"uploads": map[string]any{"proof_of_address": announced.at("upload_id")}}); a.status != 409 || a.code() != "upload_missing" {
			t.Errorf("B: submitting %s, which never came, answers %d %s", name, a.status, a.raw)
		}
		contentType, body := form(t, "file", name, file)
		a = sandbox.send(t, "POST", paper, contentType, body, nil)
		if a.status < 400 || a.status >= 500 {
			t.Errorf("C: %s answers %d %s", name, a.status, a.raw)
		}
		a.entityFindings(t, "C "+name)
	}
	if a := sandbox.must(t, 200, "GET", person+"/documents", nil); a.value("documents.IDENTITY.0.attachments.#") != 0.0 {
		t.Errorf("a refused file was kept: %s", a.raw)
	}
}

// form is a form with one file.
func form(t *testing.T, field, name string, file []byte) (contentType string, body io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(file) // a bytes.Buffer takes everything
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), &b
}
