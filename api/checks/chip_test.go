package checks

import (
	"bytes"
	"mime/multipart"
	"testing"
)

// chipForm is a multipart body of a chip's files.
func chipForm(t *testing.T, files map[string][]byte) (contentType string, body *bytes.Buffer) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for name, data := range files {
		part, err := w.CreateFormFile(name, name+".bin")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), body
}

// The further proof of an escalation may come as files, a portrait of any size
// among them.
func TestChipAsFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workflow := b.workflow(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true,"escalation_type":"nfc-passport","escalation_risk_threshold":80}}`)
	id := b.sandbox.session(workflow, "HighRisk")
	at := "/v1/sessions/" + id + "/steps/ID_VERIFICATION/chip"
	good := map[string][]byte{"sod": {0x77, 0}, "dg1": {0x61, 0}, "dg2": make([]byte, 200<<10)}
	send := func(files map[string][]byte) reply {
		contentType, body := chipForm(t, files)
		return b.sandbox.Send("POST", at, contentType, body)
	}
	if r := send(good); r.Status < 400 {
		t.Errorf("a chip that nobody asked for: %d %s", r.Status, r.Raw)
	}
	if r := b.sandbox.submit(id, "ID_VERIFICATION", b.sandbox.papers(id)); r.Str("step_status") != "IN_PROGRESS" {
		t.Fatalf("%s", r.Raw)
	}
	for name, c := range map[string]struct {
		files map[string][]byte
		code  string
	}{
		"without a portrait": {map[string][]byte{"sod": {1}, "dg1": {1}}, "required"},
		"with something":     {map[string][]byte{"sod": {1}, "dg1": {1}, "dg2": {1}, "dg17": {1}}, "unknown_field"},
		"with a huge SOD":    {map[string][]byte{"sod": make([]byte, 65<<10), "dg1": {1}, "dg2": {1}}, "file_too_large"},
		"with a huge file":   {map[string][]byte{"sod": {1}, "dg1": {1}, "dg2": make([]byte, 1<<20+1)}, "file_too_large"},
	} {
		if r := send(c.files); r.Status < 400 || !bytes.Contains(r.Raw, []byte(c.code)) {
			t.Errorf("%s: %d %s", name, r.Status, r.Raw)
		}
	}
	if r := send(good); r.Status != 200 || r.Str("step_status") != "COMPLETED" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	if got := b.settled(t, b.sandbox, id); got != "VERIFIED" {
		t.Errorf("the session is %s", got)
	}
}
