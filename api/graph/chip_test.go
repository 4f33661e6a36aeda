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
	id := c.Must(201, "POST", "/workflows", `{"name":"chip","graph":`+kycGraph+`,"data_requirements":{"document_front":true,"nfc":true,"user_info":{"last_name":"required"}}}`).Str("id")
	c.Must(200, "POST", "/workflows/"+id+"/publish", nil)
	sid := c.Must(201, "POST", "/sessions", `{"workflow_id":"`+id+`"}`).Str("id")
	text := func(raw ...byte) string { return base64.StdEncoding.EncodeToString(raw) }
	first := c.Must(201, "POST", "/sessions/"+sid+"/chip", fmt.Sprintf(`{"sod":%q,"data_groups":{"DG1":%q,"DG2":%q,"DG12":%q}}`, text(0x77, 0), text(0x61, 0), text(0x75, 0), text(0x6c, 0)))
	if first.Str("files.0.side") != "DG1" || first.Str("files.3.side") != "SOD" || first.Str("files.0.type") != "nfc" {
		t.Errorf("%s", first.Raw)
	}
	for name, body := range map[string]string{
		"base64_invalid": `{"sod":"****","data_groups":{"DG1":"YQA=","DG2":"dQA="}}`,
		"required":       `{"sod":"dwA=","data_groups":{"DG1":"YQA="}}`,
		"unknown_field":  `{"sod":"dwA=","data_groups":{"DG1":"YQA=","DG2":"dQA=","DG17":"dQA="}}`,
	} {
		if r := c.Call("POST", "/sessions/"+sid+"/chip", body); r.Status != 422 || !strings.Contains(string(r.Raw), name) {
			t.Errorf("%s: %d %s", name, r.Status, r.Raw)
		}
	}
	// What the schema allows is what a text of a JSON body may have, to the byte:
	// 64 KiB, which are files of 48 KiB.
	whole := text(make([]byte, 48<<10)...)
	if r := c.Call("POST", "/sessions/"+sid+"/chip", fmt.Sprintf(`{"sod":%q,"data_groups":{"DG1":"YQA=","DG2":%q}}`, whole, whole)); r.Status != 201 {
		t.Errorf("files of 48 KiB: %d %s", r.Status, r.Raw)
	}
	for _, body := range []string{`{"sod":"` + whole + `AAAA","data_groups":{"DG1":"YQA=","DG2":"dQA="}}`, `{"sod":"dwA=","data_groups":{"DG1":"YQA=","DG2":"` + whole + `AAAA"}}`} {
		if r := c.Call("POST", "/sessions/"+sid+"/chip", body); r.Status != 400 || !strings.Contains(string(r.Raw), "string_too_long") {
			t.Errorf("a file of more than 48 KiB: %d %s", r.Status, r.Raw)
		}
	}
	if spec := string(c.Send("GET", b.URL+"/openapi.json", "", nil).Raw); !strings.Contains(spec, "65536") || strings.Contains(spec, "90000") {
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
	if r := c.Send("POST", "/sessions/"+sid+"/chip/files", w.FormDataContentType(), &form); r.Status != 201 || !strings.Contains(string(r.Raw), `"side":"COM"`) {
		t.Fatalf("%d %s", r.Status, r.Raw)
	}
	kept := c.Must(200, "GET", "/sessions/"+sid+"/documents", nil)
	if n, old := strings.Count(string(kept.Raw), `"type":"nfc"`), strings.Count(string(kept.Raw), `"superseded":true`); n != 11 || old != 7 {
		t.Errorf("%d files, %d of them replaced: %s", n, old, kept.Raw)
	}
	if r := c.upload(sid, "nfc", "", picture(t)); r.Status != 422 || !strings.Contains(string(r.Raw), "chip_has_files") {
		t.Errorf("a picture of a chip: %d %s", r.Status, r.Raw)
	}
	if r := c.Must(200, "GET", "/sessions/"+sid+"/requirements", nil); !strings.Contains(string(r.Raw), `"nfc"`) {
		t.Errorf("%s", r.Raw)
	}
}
