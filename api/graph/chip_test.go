package graph

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"
)

// A chip's files come together, in base64 or as files, and replace those of an
// earlier reading.
func TestChipUpload(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	id := c.must(201, "POST", "/workflows", `{"name":"chip","graph":`+kycGraph+`,"data_requirements":{"document_front":true,"nfc":true,"user_info":{"last_name":"required"}}}`).str("id")
	c.must(200, "POST", "/workflows/"+id+"/publish", nil)
	sid := c.must(201, "POST", "/sessions", `{"workflow_id":"`+id+`"}`).str("id")
	text := func(raw ...byte) string { return base64.StdEncoding.EncodeToString(raw) }
	first := c.must(201, "POST", "/sessions/"+sid+"/chip", fmt.Sprintf(`{"sod":%q,"data_groups":{"DG1":%q,"DG2":%q,"DG12":%q}}`, text(0x77, 0), text(0x61, 0), text(0x75, 0), text(0x6c, 0)))
	if first.str("files.0.side") != "DG1" || first.str("files.3.side") != "SOD" || first.str("files.0.type") != "nfc" {
		t.Errorf("%s", first.raw)
	}
	for name, body := range map[string]string{
		"base64_invalid": `{"sod":"****","data_groups":{"DG1":"YQA=","DG2":"dQA="}}`,
		"required":       `{"sod":"dwA=","data_groups":{"DG1":"YQA="}}`,
		"unknown_field":  `{"sod":"dwA=","data_groups":{"DG1":"YQA=","DG2":"dQA=","DG17":"dQA="}}`,
	} {
		if r := c.call("POST", "/sessions/"+sid+"/chip", body); r.status != 422 || !strings.Contains(string(r.raw), name) {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	// What the schema allows is what a text of a JSON body may have, to the byte:
	// 64 KiB, which are files of 48 KiB.
	whole := text(make([]byte, 48<<10)...)
	if r := c.call("POST", "/sessions/"+sid+"/chip", fmt.Sprintf(`{"sod":%q,"data_groups":{"DG1":"YQA=","DG2":%q}}`, whole, whole)); r.status != 201 {
		t.Errorf("files of 48 KiB: %d %s", r.status, r.raw)
	}
	for _, body := range []string{`{"sod":"` + whole + `AAAA","data_groups":{"DG1":"YQA=","DG2":"dQA="}}`, `{"sod":"dwA=","data_groups":{"DG1":"YQA=","DG2":"` + whole + `AAAA"}}`} {
		if r := c.call("POST", "/sessions/"+sid+"/chip", body); r.status != 400 || !strings.Contains(string(r.raw), "string_too_long") {
			t.Errorf("a file of more than 48 KiB: %d %s", r.status, r.raw)
		}
	}
	if spec := string(c.send("GET", b.url+"/openapi.json", "", nil).raw); !strings.Contains(spec, "65536") || strings.Contains(spec, "90000") {
		t.Error("the schema allows another length than the body")
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for field, data := range map[string][]byte{"sod": {0x77, 0}, "com": {0x60, 0}, "dg1": {0x61, 0}, "dg2": make([]byte, 300<<10)} {
		part, err := w.CreateFormFile(field, field)
		if err == nil {
			_, err = part.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if r := c.send("POST", "/sessions/"+sid+"/chip/files", w.FormDataContentType(), &form); r.status != 201 || !strings.Contains(string(r.raw), `"side":"COM"`) {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	kept := c.must(200, "GET", "/sessions/"+sid+"/documents", nil)
	if n, old := strings.Count(string(kept.raw), `"type":"nfc"`), strings.Count(string(kept.raw), `"superseded":true`); n != 11 || old != 7 {
		t.Errorf("%d files, %d of them replaced: %s", n, old, kept.raw)
	}
	if r := c.upload(sid, "nfc", "", picture(t)); r.status != 422 || !strings.Contains(string(r.raw), "chip_has_files") {
		t.Errorf("a picture of a chip: %d %s", r.status, r.raw)
	}
	if r := c.must(200, "GET", "/sessions/"+sid+"/requirements", nil); !strings.Contains(string(r.raw), `"nfc"`) {
		t.Errorf("%s", r.raw)
	}
}
