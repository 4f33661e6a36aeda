package main

import (
	"bytes"
	"context"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var pictureAt = regexp.MustCompile(`src="[^"]*(/steps/[A-Z_]+/pictures/[0-9a-f-]{36})"`)

// attach sends a file to a place of a step.
func (v *visitor) attach(ctx context.Context, t *testing.T, path string, file []byte) shown {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "card.jpg")
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return v.do(t, v.request(ctx, t, http.MethodPost, path, form.FormDataContentType(), &b))
}

// Before the last step of a checklist is handed in, the applicant sees the
// pictures of all of them once more: those that wait and those that were handed
// in. Nobody else does, and nobody once everything is over.
func TestAChecklistShowsItsPicturesOnceMore(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		box, _ := srv.newTenants(t)
		w := box.checklist(t, `{"id":"DOCUMENT_UPLOAD","config":{"document_types":["proof_of_address"]}},{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}}`)
		enter := func() *visitor {
			t.Helper()
			body := applicant("Approve")
			body["workflow_id"] = w
			v := visits(t, box.must(t, 201, "POST", "/v1/sessions", body).at("session_url"))
			v.agrees(t)
			return v
		}
		v, other := enter(), enter()
		bill, passport, face := picture(t, "bill"), picture(t, "passport"), picture(t, "face")
		send := func(slot string, file []byte) {
			t.Helper()
			if got := v.attach(t.Context(), t, slot, file); got.status != http.StatusSeeOther {
				t.Fatalf("%s: %d %s", slot, got.status, got.text)
			}
		}
		send("/steps/DOCUMENT_UPLOAD/files/proof_of_address", bill)
		if page := v.get(t, "/steps/DOCUMENT_UPLOAD"); len(pictureAt.FindAllString(page.text, -1)) != 1 {
			t.Errorf("the page of the step shows no picture: %s", page.text)
		}
		if got := v.post(t, "/steps/DOCUMENT_UPLOAD", url.Values{}); got.status != http.StatusSeeOther {
			t.Fatalf("handing it in: %d %s", got.status, got.text)
		}
		v.post(t, "/steps/ID_VERIFICATION/files/id_front/kind", url.Values{"kind": {"passport"}})
		send("/steps/ID_VERIFICATION/files/id_front", passport)
		send("/steps/ID_VERIFICATION/files/selfie_front", face)
		page := v.get(t, "/review")
		found := pictureAt.FindAllStringSubmatch(page.text, -1)
		if page.status != http.StatusOK || len(found) != 3 {
			t.Fatalf("three pictures were sent, shown are %v: %d %s", found, page.status, page.text)
		}
		for i, want := range [][]byte{bill, passport, face} {
			got := v.get(t, found[i][1])
			if got.status != http.StatusOK || got.header.Get("Content-Type") != "image/jpeg" || got.header.Get("Cache-Control") != "no-store" || got.text != html.UnescapeString(string(want)) {
				t.Errorf("picture %d: %d %v", i, got.status, got.header)
			}
			if got := other.get(t, found[i][1]); got.status != http.StatusNotFound {
				t.Errorf("picture %d by another applicant's link: %d", i, got.status)
			}
			elsewhere := strings.NewReplacer("DOCUMENT_UPLOAD", "ID_VERIFICATION", "ID_VERIFICATION", "DOCUMENT_UPLOAD").Replace(found[i][1])
			if got := v.get(t, elsewhere); got.status != http.StatusNotFound {
				t.Errorf("picture %d under another step: %d", i, got.status)
			}
		}
		if got := v.post(t, "/steps/ID_VERIFICATION", url.Values{}); got.status != http.StatusSeeOther || !strings.HasSuffix(got.to, "/status") {
			t.Fatalf("handing everything in: %d to %s %s", got.status, got.to, got.text)
		}
		for i := range found {
			if got := v.get(t, found[i][1]); got.status != http.StatusConflict && got.status != http.StatusNotFound {
				t.Errorf("picture %d when everything is over: %d", i, got.status)
			}
		}
	})
}
