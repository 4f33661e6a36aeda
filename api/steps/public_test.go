package steps

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bonafide/api"
	"bonafide/kyc"
)

func TestUploadsAreCheckedAndMended(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(fixture(t, "f12_complete_individual"))})
	file := picture(t, 2)
	announce := func(size int, hash string) map[string]any {
		return map[string]any{"step_id": "documents", "document_type": "id", "file_name": `C:\x\pass.png`, "content_type": "image/png", "size": size, "sha256": hash}
	}
	bad := a.fails(400, "invalid_upload", "/upload/init", `{"step_id":"documents","document_type":"tax_certificate","size":0,"sha256":"x"}`)
	if len(bad.List("errors")) != 3 {
		t.Errorf("%s", bad.Raw)
	}
	a.fails(413, "file_too_large", "/upload/init", jsonText(t, announce(21<<20, sum(file))))
	a.fails(404, "step_not_found", "/upload/init", `{"step_id":"nowhere","document_type":"id","size":1,"sha256":"x"}`)
	a.fails(400, "validation_failed", "/upload/init", `{"step":"documents"}`)
	init := a.ok("/upload/init", jsonText(t, announce(len(file), sum(file))))
	id := jsonText(t, map[string]any{"upload_id": init.Str("upload_id")})
	a.fails(409, "upload_incomplete", "/upload/confirm", id)
	put := func(b []byte) reply { return a.Send("PUT", init.Str("upload_url"), "image/png", bytes.NewReader(b)) }
	if r := put(file[:20]); r.Status != 400 || r.Str("code") != "size_mismatch" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	other := slices.Clone(file)
	other[len(other)-1] ^= 1
	if r := put(other); r.Status != 400 || r.Str("code") != "hash_mismatch" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	if r := put(bytes.Repeat([]byte("x"), api.MaxFile+1)); r.Status != 413 || r.Str("code") != "file_too_large" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	put(file)
	put(file) // the connection was lost before the answer
	one := a.ok("/upload/confirm", id)
	two := a.ok("/upload/confirm", id)
	if one.Str("doc_id") != two.Str("doc_id") || one.Str("file_name") != "pass.png" || one.Str("content_type") != "image/png" {
		t.Errorf("%s\n%s", one.Raw, two.Raw)
	}
	if r := put(file); r.Status != 409 || r.Str("code") != "upload_confirmed" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	stranger := c.opened(map[string]any{"workflow_id": c.workflow(small)})
	stranger.fails(404, "upload_not_found", "/upload/confirm", id)
	a.fails(404, "upload_not_found", "/upload/confirm", `{"upload_id":"nothing"}`)
	text := []byte("<html><script>alert(1)</script></html>")
	init = a.ok("/upload/init", jsonText(t, announce(len(text), sum(text))))
	put(text)
	if r := a.post("/upload/confirm", jsonText(t, map[string]any{"upload_id": init.Str("upload_id")})); r.Status < 400 || r.Status >= 500 {
		t.Errorf("a page was taken for a picture: %d %s", r.Status, r.Raw)
	}
	if docs := a.Must(200, "GET", a.path(""), nil).List("steps_data.0.documents"); len(docs) != 1 {
		t.Errorf("%v", docs)
	}
	read := a.ok("/extract", jsonText(t, map[string]any{"doc_id": one.Str("doc_id")}))
	if read.Str("extracted.document_number") == "" || read.At("confidence.document_number") == nil {
		t.Errorf("%s", read.Raw)
	}
	a.fails(404, "document_not_found", "/extract", `{"doc_id":"nothing"}`)
}

func TestStepsHaveAnOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(fixture(t, "f12_complete_individual"))})
	a.fails(409, "documents_missing", "/step/documents/complete", "{}")
	a.fails(409, "step_out_of_order", "/step/personal_info/complete", jsonText(t, map[string]any{"form_data": personal("Ada")}))
	a.fails(409, "step_required", "/step/documents/skip", "")
	a.fails(404, "step_not_found", "/step/nowhere/complete", "{}")
	a.fails(400, "validation_failed", "/step/documents/complete", `{"form":{}}`)
	a.upload("documents", "passport", picture(t, 0))
	a.ok("/step/documents/complete", "")
	a.fails(409, "step_already_completed", "/step/documents/complete", "{}")
	a.fails(409, "liveness_required", "/step/liveness/complete", "{}")
	a.fails(404, "liveness_not_found", "/liveness/verify", `{"liveness_session_id":"nothing"}`)
	a.fails(409, "subsessions_not_asked", "/subsessions", "")
	l := a.ok("/liveness/create", "")
	if l.Str("session_id") == "" || l.Str("session_id") == a.session || l.Str("region") == "" || l.Str("challenge_type") != "FaceMovementChallenge" || l.At("attempts_remaining") != 4.0 || l.Str("provider") != "sandbox" {
		t.Errorf("%s", l.Raw)
	}
	first := a.ok("/liveness/verify", jsonText(t, map[string]any{"liveness_session_id": l.Str("session_id")}))
	if first.At("passed") != true || first.At("confidence").(float64) < 90 || first.At("attempts_remaining") != 3.0 || first.At("reason") != nil {
		t.Errorf("%s", first.Raw)
	}
	if again := a.ok("/liveness/verify", jsonText(t, map[string]any{"liveness_session_id": l.Str("session_id")})); again.At("attempts_remaining") != 3.0 {
		t.Errorf("asked again, an attempt is lost: %s", again.Raw)
	}
	a.ok("/step/liveness/complete", "")
	wrong := a.fails(400, "field_validation_failed", "/step/personal_info/complete", `{"form_data":{"email":"nobody","phone":"12","nationality":"XX","bogus":1}}`)
	if len(wrong.List("errors")) != 8 || wrong.Str("errors.0.path") == "" {
		t.Errorf("%s", wrong.Raw)
	}
	a.Send("POST", a.path("/consent"), "text/plain", strings.NewReader(`{"kind":"terms","version":"3","text":"I agree."}`))
	a.fails(400, "invalid_consent", "/consent", `{"kind":"terms"}`)
	got := c.Must(200, "GET", "/kyc/sessions/"+a.session, nil)
	if len(got.List("consents")) != 1 || got.Str("consents.0.text_hash") != sum([]byte("I agree.")) || got.At("consents.0.given") != true {
		t.Errorf("%s", got.Raw)
	}
	j, err := b.DB.Journey(t.Context(), all(b), kyc.ID(a.session))
	if err != nil || len(j.Consents) != 1 || j.Private.Addresses[j.Consents[0].ID] != "127.0.0.1" {
		t.Errorf("%v %+v", err, j.Private.Addresses)
	}
}

func TestASpoofUsesUpItsAttempts(t *testing.T) {
	t.Parallel()
	c := newBench(t).sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(fixture(t, "f12_complete_individual")), "prefill": map[string]any{"full_name": "Max Spoof"}})
	a.upload("documents", "id", picture(t, 0))
	a.ok("/step/documents/complete", "{}")
	for left := 3.0; left >= 0; left-- {
		r := a.liveness()
		if r.At("passed") != false || r.At("confidence") != 12.0 || r.At("attempts_remaining") != left || r.Str("reason") == "" {
			t.Fatalf("%s", r.Raw)
		}
	}
	a.fails(409, "liveness_attempts_exhausted", "/liveness/create", "")
	if st := a.Must(200, "GET", a.path(""), nil); st.Str("steps_data.1.status") != "failed" || st.At("current_step_index") != 2.0 {
		t.Errorf("%s", st.Raw)
	}
	a.ok("/step/personal_info/complete", jsonText(t, map[string]any{"form_data": personal("Max Spoof")}))
	if got := c.await(a.session, "manual_review"); got.Str("processing_result.liveness.status") != "failed" || got.At("processing_result.liveness.attempts") != 4.0 {
		t.Errorf("%s", got.Raw)
	}
}

func TestAWrongTokenTellsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	nobody := b.client(t, "")
	for _, x := range []struct{ method, path, body string }{{"GET", "", ""}, {"GET", "/workflow", ""}, {"POST", "/upload/init", `{"step_id":"a","size":1,"sha256":"x"}`},
		{"POST", "/upload/confirm", `{"upload_id":"01976d6e-2f5c-7a31-9c1e-3b0f6f0a4c11"}`}, {"POST", "/extract", `{"doc_id":"x"}`}, {"POST", "/step/a/complete", "{}"},
		{"POST", "/step/a/skip", "{}"}, {"POST", "/liveness/create", "{}"}, {"POST", "/liveness/verify", `{"liveness_session_id":"x"}`}, {"POST", "/subsessions", "{}"},
		{"GET", "/subsessions", ""}, {"POST", "/subsessions/x/regenerate-link", ""}, {"DELETE", "/subsessions/x", ""}, {"GET", "/corrections", ""},
		{"POST", "/consent", `{"text":"x"}`}, {"GET", "/events", ""}} {
		var body any
		if x.body != "" {
			body = x.body
		}
		r := nobody.refused(http.StatusNotFound, "session_not_found", x.method, "/public/sessions/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"+x.path, body)
		if r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept", x.path)
		}
	}
}
