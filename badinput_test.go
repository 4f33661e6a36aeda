package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/document"
	"bonafide/imagefile/made"
)

// upload sends a file to a session.
func (c *client) upload(t *testing.T, session, kind string, file []byte) answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "document.bin")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(file) // a bytes.Buffer takes everything
	_ = w.WriteField("type", kind)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return c.send(t, "POST", "/api/v1/sessions/"+session+"/documents", w.FormDataContentType(), &b, nil)
}

// specimen draws a passport of the fictional Utopia.
func specimen(t *testing.T, s document.Specimen) []byte {
	t.Helper()
	b, err := document.DrawSpecimen(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mirabel is the person on the tests' passport.
func mirabel() document.Specimen {
	now := time.Now().UTC()
	return document.Specimen{Surname: "Mirabel", GivenNames: "Ada Quilla", DateOfBirth: now.AddDate(-31, -2, -9), Sex: "F", Number: "BF2604711", Expiry: now.AddDate(6, 1, 0)}
}

// noise is a picture that does not compress.
func noise(w, h int) image.Image {
	m := image.NewGray(image.Rect(0, 0, w, h))
	seed := uint32(1)
	for i := range m.Pix {
		seed = seed*1664525 + 1013904223
		m.Pix[i] = byte(seed >> 24)
	}
	return m
}

// bombPNG claims a size and holds almost nothing.
func bombPNG(w, h int) []byte { return made.Bomb(uint32(w), uint32(h), 8, 2) }

func TestHostileUploadsAreRefusedAndHarmNobody(t *testing.T) {
	t.Parallel()
	p, _, c := spawnServer(t, t.TempDir(), "")
	workflow := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "read", "data_requirements": map[string]any{"document_front": true},
		"graph": json.RawMessage(`{"entry":"start","nodes":{"start":{"type":"start","next":"read"},
		 "read":{"type":"policy","policy":"document_ocr","on_pass":"look","on_fail":"look"},"look":{"type":"terminal","outcome":"needs_review"}}}`)}).str("id")
	c.must(t, 200, "POST", "/api/v1/workflows/"+workflow+"/publish", nil)
	session := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow}).str("id")

	good := specimen(t, mirabel())
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, noise(800, 600), nil); err != nil {
		t.Fatal(err)
	}
	huge := append(append([]byte{}, good[:len(good)-12]...), make([]byte, 21<<20)...)
	encrypted := []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n" +
		"3 0 obj\n<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 >>\nendobj\ntrailer\n<< /Root 1 0 R /Encrypt 3 0 R /Size 4 >>\n%%EOF\n")
	for _, x := range []struct {
		name, kind string
		file       []byte
		status     int
		code       string
	}{
		{"0 bytes", "document_front", nil, 422, "file_empty"},
		{"truncated PNG", "document_front", good[:len(good)/2], 422, "image_truncated"},
		{"truncated JPEG", "document_front", photo.Bytes()[:photo.Len()/2], 422, "image_truncated"},
		{"PNG without its header", "document_front", good[:20], 422, "image_truncated"},
		{"100 megapixels", "document_front", bombPNG(10_000, 10_000), 413, "image_too_many_pixels"},
		{"absurd sides", "document_front", bombPNG(1<<30, 1<<30), 0, "image_"},
		{"encrypted PDF", "document_front", encrypted, 422, "pdf_encrypted"},
		{"21 MiB", "document_front", huge, 413, "file_too_large"},
		{"text", "document_front", []byte("I am a passport, believe me.\n"), 415, "unsupported_type"},
		{"HTML", "document_front", []byte("<html><script>alert(1)</script></html>"), 415, "unsupported_type"},
		{"HEIC without a picture", "document_front", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), 422, "image_malformed"},
		{"AVIF", "document_front", []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"), 415, "heic_unsupported"},
		{"unknown kind", "shoe_size", good, 422, ""},
		{"no kind", "", good, 422, ""},
	} {
		a := c.upload(t, session, x.kind, x.file)
		if (x.status != 0 && a.status != x.status) || a.status < 400 || a.status >= 500 || !strings.Contains(string(a.raw), `"code":"`+x.code) {
			t.Errorf("%s: %d, code %q, want %d %q\n%.400s", x.name, a.status, a.str("code"), x.status, x.code, a.raw)
		}
		if len(a.str("detail")) < 10 || strings.Contains(a.str("detail"), "\n") {
			t.Errorf("%s: the detail is no line for a person: %q", x.name, a.str("detail"))
		}
	}
	// Many bombs at once are not more dangerous than one.
	answers := make(chan answer, 16)
	for range cap(answers) {
		go func() { answers <- c.upload(t, session, "document_front", bombPNG(9_999, 9_999)) }()
	}
	for range cap(answers) {
		if a := <-answers; a.status != 413 && a.status != 503 {
			t.Errorf("a bomb among bombs: %d %s", a.status, a.raw)
		}
	}
	a := c.must(t, 200, "GET", "/api/v1/sessions/"+session, nil)
	if s := a.str("status"); s != "pending" && s != "capturing" {
		t.Errorf("after refused files the session is %s", s)
	}
	if a := c.call(t, "POST", "/api/v1/sessions/"+session+"/submit", nil); a.status != 422 || a.str("code") != "capture_incomplete" {
		t.Errorf("without a document the session can be submitted: %d %s", a.status, a.raw)
	}
	if peak := p.peak(t); peak > 400 {
		t.Errorf("refusing took %d MiB at its peak", peak)
	}
	// A picture that begins well and is broken inside gets in; reading it is a
	// finding of the check and never a pass.
	if a := c.upload(t, session, "document_front", bombPNG(2000, 1500)); a.status != 201 && a.status != 422 {
		t.Errorf("a picture without its pixels: %d %s", a.status, a.raw)
	} else if a.status == 422 {
		if a := c.upload(t, session, "document_front", good); a.status != 201 {
			t.Fatalf("a good file after the bad ones: %d %s", a.status, a.raw)
		}
	}
	c.must(t, 202, "POST", "/api/v1/sessions/"+session+"/submit", nil)
	c.await(t, session, "under_review")
	if a := c.call(t, "GET", "/healthz", nil); a.status != 200 {
		t.Errorf("/healthz: %d", a.status)
	}
}

func TestInvalidGraphsStayDrafts(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		c := startServer(t, database).newTenant(t)
		graph := `{"entry":"begin","nodes":{
		 "start":{"type":"start","next":"a"}, "second":{"type":"start","next":"a"},
		 "a":{"type":"policy","policy":"document_ocr","on_pass":"nowhere"},
		 "b":{"type":"conditional","routes":[]},
		 "c":{"type":"policy","policy":"age_check","on_pass":"d","on_fail":"d"}, "d":{"type":"policy","policy":"face_match","on_pass":"c","on_fail":"c"},
		 "e":{"type":"policy","policy":"no_such_check","on_pass":"start","on_fail":"x"}}}`
		a := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "wrong", "graph": json.RawMessage(graph)})
		if a.str("status") != "draft" {
			t.Errorf("status %q", a.str("status"))
		}
		refused := c.call(t, "POST", "/api/v1/workflows/"+a.str("id")+"/publish", nil)
		if refused.status != 422 {
			t.Fatalf("publishing answers %d %s", refused.status, refused.raw)
		}
		var errs []struct {
			Path, Code, Message, Node string
			Nodes                     []string
		}
		refused.get(t, "errors", &errs)
		got := map[string]string{}
		for _, e := range errs {
			got[e.Code] = e.Path
			if !strings.HasPrefix(e.Path, "/") || e.Message == "" {
				t.Errorf("a problem without pointer or message: %+v", e)
			}
			if e.Code == "cycle" && strings.Join(e.Nodes, "") != "cdc" && strings.Join(e.Nodes, "") != "dcd" && len(e.Nodes) != 2 {
				t.Errorf("the cycle's nodes are %v", e.Nodes)
			}
		}
		for code, path := range map[string]string{"entry_missing": "/graph/entry", "start_count": "", "node_not_found": "", "policy_route_missing": "/graph/nodes/a",
			"conditional_routes_missing": "/graph/nodes/b", "conditional_default_missing": "/graph/nodes/b", "cycle": ""} {
			if at, ok := got[code]; !ok || !strings.HasPrefix(at, path) {
				t.Errorf("%s: at %q, want at %s… (%v)", code, at, path, got)
			}
		}
		// Nobody can use it.
		if s := c.call(t, "POST", "/api/v1/sessions", map[string]any{"workflow_id": a.str("id")}); s.status < 400 || s.status >= 500 {
			t.Errorf("a session on a draft answers %d", s.status)
		}
		if d := c.call(t, "POST", "/api/v1/workflows/"+a.str("id")+"/default", nil); d.status != 409 && d.status != 422 {
			t.Errorf("a draft as default answers %d", d.status)
		}
		v := c.must(t, 200, "POST", "/api/v1/workflows/validate", map[string]any{"graph": json.RawMessage(graph)})
		if !bytes.Contains(v.raw, []byte(`"valid":false`)) || bytes.Count(v.raw, []byte(`"code"`)) < len(errs) {
			t.Errorf("validate says %s", v.raw)
		}
	})
}

// ownList is a small list in our own CSV format.
const ownList = "id,name,type,aliases,birth_date,countries\n" +
	"1,Vadim Zolotov,person,Wadim Solotow,1971-03-04,RU\n2,Harbour Trade FZE,entity,,,AE\n3,Oksana Brulyk,person,,1980-01-30,UA\n" +
	"4,Joaquin Paredes Leon,person,El Paredon,1969,VE\n5,Mei Lan Trading,entity,,,CN\n"

func TestBadListsLeaveTheLastGoodOneInForce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	data := filepath.Join(dir, "data")
	program := func(args ...string) (int, string, string) { return call(t, append(args, "--data", data)...) }
	if code, out, err := program("lists", "import", "--source", "csv", "--list", "own", file("good.csv", ownList)); code != 0 || !strings.Contains(out, "5 entries") {
		t.Fatalf("import: %d %s %s", code, out, err)
	}
	sdn := `36,"AEROCARIBBEAN AIRLINES",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\n"
	un := `<?xml version="1.0"?><CONSOLIDATED_LIST dateGenerated="2026-01-01T00:00:00"><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>A</FIRST_NAME>`
	for _, x := range []struct{ name, source, content string }{
		{"empty", "csv", ""},
		{"header only", "csv", "id,name,type\n"},
		{"wrong delimiter", "csv", strings.ReplaceAll(ownList, ",", ";")},
		{"cut in half", "csv", ownList[:len(ownList)/2]},
		{"cut inside quotes", "csv", "id,name\n1,\"Vadim Zol"},
		{"binary", "csv", "\x00\x01\x02\xff\xfe" + strings.Repeat("\x00", 100)},
		{"half an XML", "un", un},
		{"empty XML", "un", ""},
		{"HTML error page", "un", "<html><body>503 Service Unavailable</body></html>"},
		{"ofac with tabs", "ofac_sdn", strings.ReplaceAll(sdn, ",", "\t")},
		{"half a gzip", "csv", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x2a"},
		{"JSON for CSV", "csv", `{"id":1}`},
		{"half a JSON line", "ftm", `{"id":"Q1","schema":"Person","properties":{"name":["A`},
	} {
		name := strings.ReplaceAll(x.name, " ", "_")
		if x.source == "ofac_sdn" {
			name = "sdn.csv"
		}
		code, out, complaint := program("lists", "import", "--source", x.source, "--list", "own", file(name, x.content))
		if code != 1 || strings.Count(complaint, "\n") != 1 || len(complaint) < 20 || out != "" {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want exit 1 and one line", x.name, code, out, complaint)
		}
		if code, out, _ := program("lists", "search", "--list", "own", "Wadim Solotov"); code != 0 || !strings.Contains(out, "asked own: ok, 5 entries") || !strings.Contains(out, "Zolotov") {
			t.Errorf("after %q the search says %d %s", x.name, code, out)
		}
	}
	if code, out, _ := program("lists", "status", "--json"); code != 0 || !strings.Contains(out, `"own"`) || !strings.Contains(out, "last_error") {
		t.Errorf("status does not tell of the last error: %s", out)
	}
	// A list that lost most of its entries is not believed either, unless forced.
	short := file("short.csv", strings.Join(strings.SplitAfter(ownList, "\n")[:3], ""))
	if code, _, complaint := program("lists", "import", "--source", "csv", "--list", "own", short); code != 1 || strings.Count(complaint, "\n") != 1 {
		t.Errorf("a shrunk list: exit %d %q", code, complaint)
	}
	if code, out, _ := program("lists", "import", "--force", "--source", "csv", "--list", "own", short); code != 0 || !strings.Contains(out, "2 entries") {
		t.Errorf("forced: exit %d %s", code, out)
	}
	if exists(filepath.Join(data, "bonafide.db")) {
		t.Error("the lists made a database")
	}
}
