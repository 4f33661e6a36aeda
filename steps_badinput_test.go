package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/jpeg"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
)

// idWorkflow asks for one ID and approves whoever sends it in the sandbox.
const idWorkflow = `{"name":"ID","steps":[{"step_id":"docs","order":1,"name":"ID","type":"document_upload","document_requirements":[{"document_type":"id","auto_extract":true,"allow_multiple":true}]}],
 "validation_config":{"automation_rules":{"auto_process":true,"default_action":"auto_approve"}}}`

// openID makes a session of idWorkflow.
func openID(t *testing.T, srv *server) *onboardingRun {
	t.Helper()
	r := &onboardingRun{srv: srv, c: srv.newTenant(t), vars: map[string]string{}}
	r.vars["workflow"] = r.c.postText(t, "/kyc/workflows", []byte(idWorkflow)).str("workflow_id")
	r.open(t, nil)
	return r
}

// stillOpen wants the step open with so many documents.
func (r *onboardingRun) stillOpen(t *testing.T, after string, documents int) {
	t.Helper()
	var steps []struct {
		Status    string
		Documents []struct{}
	}
	a := r.public(t, "GET", "", nil)
	a.get(t, "steps_data", &steps)
	if s := steps[0].Status; (s != "pending" && s != "in_progress") || len(steps[0].Documents) != documents || a.str("status") != "active" {
		t.Errorf("after %s the step is %s with %d documents, the session %s", after, s, len(steps[0].Documents), a.str("status"))
	}
}

// goesOn wants the session to take a good file and to be approved.
func (r *onboardingRun) goesOn(t *testing.T) {
	t.Helper()
	r.move(t, move{Do: "upload", Step: "docs", Type: "id"})
	r.move(t, move{Do: "complete", Step: "docs"})
	r.await(t, "approved")
}

// polyglots are pictures that another program takes for something else.
func polyglots(t *testing.T) map[string][]byte {
	t.Helper()
	photo := picture(t, "polyglot")
	pdf := []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n")
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.Create("META-INF/MANIFEST.MF")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("Main-Class: Evil\n")) // a bytes.Buffer takes everything
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	html := []byte("<html><script>alert(document.domain)</script></html>")
	inside := func(body []byte) []byte { // in a comment right after the head
		comment := append([]byte{0xff, 0xfe, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
		return bytes.Join([][]byte{photo[:2], comment, photo[2:]}, nil)
	}
	return map[string][]byte{
		"JPEG with a PDF behind it": append(bytes.Clone(photo), pdf...), "JPEG with a ZIP behind it": append(bytes.Clone(photo), archive.Bytes()...),
		"JPEG with HTML behind it": append(bytes.Clone(photo), html...), "JPEG with a PDF in a comment": inside(pdf), "JPEG with HTML in a comment": inside(html),
		"PDF with a ZIP behind it": append(bytes.Clone(pdf), archive.Bytes()...), "PNG with a ZIP behind it": append(specimen(t, mirabel()), archive.Bytes()...),
	}
}

func TestBadUploadsLeaveTheStepOpen(t *testing.T) {
	t.Parallel()
	good := picture(t, "good")
	var large bytes.Buffer
	if err := jpeg.Encode(&large, noise(800, 600), nil); err != nil {
		t.Fatal(err)
	}
	huge := append(bytes.Clone(good), make([]byte, 21<<20)...)
	encrypted := []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n" +
		"3 0 obj\n<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 >>\nendobj\ntrailer\n<< /Root 1 0 R /Encrypt 3 0 R /Size 4 >>\n%%EOF\n")
	type bad struct {
		name   string
		file   []byte
		change map[string]any // of the announcement
		status int
		code   string // of the answer, or of one of its problems
	}
	cases := []bad{
		{"another hash", good, map[string]any{"sha256": strings.Repeat("0", 64)}, 400, "hash_mismatch"},
		{"another size", good, map[string]any{"size": len(good) + 1}, 400, "size_mismatch"},
		{"nothing at all", nil, map[string]any{"size": 10}, 400, "body_required"},
		{"0 bytes announced", nil, nil, 400, "file_empty"},
		{"21 MiB announced", huge, nil, 413, "file_too_large"},
		{"21 MiB sent", huge, map[string]any{"size": 20 << 20}, 413, "file_too_large"},
		{"no hash", good, map[string]any{"sha256": "abc"}, 400, "sha256_invalid"},
		{"an unknown member", good, map[string]any{"sha1": "abc"}, 400, "unknown_field"},
		{"another side", good, map[string]any{"side": "left"}, 400, "not_allowed_value"},
		{"a step that is not there", good, map[string]any{"step_id": "nowhere"}, 404, "step_not_found"},
		{"a document nobody asks for", good, map[string]any{"document_type": "bank_letter"}, 400, "document_type_not_asked"},
		{"100 megapixels", bombPNG(10_000, 10_000), nil, 413, "image_too_many_pixels"},
		{"absurd sides", bombPNG(1<<30, 1<<30), nil, 0, "image_"},
		{"an encrypted PDF", encrypted, nil, 400, "pdf_encrypted"},
		{"half a PDF", encrypted[:60], nil, 400, "pdf_malformed"},
		{"a truncated JPEG", large.Bytes()[:large.Len()/2], nil, 400, "image_truncated"},
		{"a truncated PNG", specimen(t, mirabel())[:2000], nil, 400, "image_truncated"},
		{"text", []byte("I am a passport, believe me.\n"), nil, 415, "unsupported_type"},
		{"HTML with the head of a JPEG", append([]byte("\xff\xd8\xff\xe0"), "<html><script>alert(1)</script></html>"...), nil, 0, "image_"},
		{"a ZIP with the head of a JPEG", append([]byte("\xff\xd8\xff"), "PK\x03\x04 and more of it"...), nil, 0, "image_"},
		{"HEIC without a picture", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), nil, 400, "image_malformed"},
		{"AVIF", []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"), nil, 415, "heic_unsupported"},
	}
	for name, file := range polyglots(t) {
		cases = append(cases, bad{name, file, nil, 415, "file_polyglot"})
	}
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		r := openID(t, srv)
		anybody := &client{url: srv.url}
		for _, x := range cases {
			body := announcement("docs", "id", "", "", x.file)
			maps.Copy(body, x.change)
			a := anybody.uploadStep(t, r.vars["token"], body, x.file)
			if (x.status != 0 && a.status != x.status) || a.status < 400 || a.status >= 500 || !strings.Contains(string(a.raw), `"code":"`+x.code) {
				t.Errorf("%s: %d %q, want %d %q\n%.600s", x.name, a.status, a.str("code"), x.status, x.code, a.raw)
			}
			if a.header.Get("Content-Type") != "application/problem+json" || len(a.str("detail")) < 10 {
				t.Errorf("%s: no problem document: %s %.300s", x.name, a.header.Get("Content-Type"), a.raw)
			}
		}
		base := "/public/sessions/" + r.vars["token"]
		for _, x := range []struct{ name, method, path, text, code string }{
			{"half a JSON", "POST", "/upload/init", `{"step_id":`, "json_malformed"},
			{"a list", "POST", "/upload/init", `[]`, "validation_failed"},
			{"no body", "POST", "/upload/init", ``, "body_required"},
			{"confirming nothing", "POST", "/upload/confirm", `{"upload_id":"` + r.vars["session"] + `"}`, "upload_not_found"},
			{"an id that is none", "PUT", "/upload/../../x", `abc`, ""},
			{"bytes for nothing", "PUT", "/upload/" + r.vars["session"], `abc`, "upload_not_found"},
		} {
			a := anybody.send(t, x.method, base+x.path, "application/json", strings.NewReader(x.text), nil)
			if a.status < 400 || a.status >= 500 || (x.code != "" && a.str("code") != x.code) {
				t.Errorf("%s: %d %q, want %q\n%.400s", x.name, a.status, a.str("code"), x.code, a.raw)
			}
		}
		r.stillOpen(t, "bad uploads", 0)
		r.goesOn(t)
		if a := anybody.uploadStep(t, r.vars["token"], announcement("docs", "id", "", "", good), good); a.status != http.StatusConflict || a.str("code") != "session_closed" {
			t.Errorf("a file after the end: %d %s", a.status, a.raw)
		}
	})
}

// A connection that is lost in the middle of the bytes leaves nothing; sent
// again, whole and as often as one likes, they are one document.
func TestCutUploadIsRepeated(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		r := openID(t, srv)
		file := picture(t, "cut")
		sum := sha256.Sum256(file)
		a := r.public(t, "POST", "/upload/init", announcement("docs", "id", "", "", file))
		id, to := a.str("upload_id"), a.str("upload_url")
		for range 2 {
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(srv.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", strings.TrimPrefix(to, srv.url), strings.TrimPrefix(srv.url, "http://"), len(file))
			if _, err := conn.Write(file[:len(file)/2]); err != nil {
				t.Fatal(err)
			}
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.CloseWrite()
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err == nil {
				if resp.StatusCode < 400 || resp.StatusCode >= 500 {
					t.Errorf("half a file answers %d", resp.StatusCode)
				}
				_ = resp.Body.Close()
			}
			_ = conn.Close()
		}
		if a := r.public(t, "POST", "/upload/confirm", map[string]any{"upload_id": id}); a.status != 409 || a.str("code") != "upload_incomplete" {
			t.Errorf("confirming half a file: %d %s", a.status, a.raw)
		}
		r.stillOpen(t, "a lost connection", 0)
		anybody := &client{url: srv.url}
		var document string
		for range 3 {
			a := anybody.send(t, "PUT", to, "image/jpeg", bytes.NewReader(file), nil)
			if document == "" && (a.status != 200 || a.str("sha256") != hex.EncodeToString(sum[:])) {
				t.Fatalf("sending it again: %d %s", a.status, a.raw)
			}
			a = r.public(t, "POST", "/upload/confirm", map[string]any{"upload_id": id})
			if a.status != 200 || (document != "" && a.str("doc_id") != document) {
				t.Errorf("confirming it: %d %s", a.status, a.raw)
			}
			document = a.str("doc_id")
		}
		r.stillOpen(t, "the whole file", 1)
		r.move(t, move{Do: "complete", Step: "docs"})
		end := r.await(t, "approved")
		var documents []struct {
			DocID string `json:"doc_id"`
		}
		if end.get(t, "documents", &documents); len(documents) != 1 || documents[0].DocID != document {
			t.Errorf("the session has the documents %v", documents)
		}
	})
}
