package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

func TestAFileIsTakenAtItsOwnAddressAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	id := b.opened("CONSENT")
	a, err := b.Upload(ctx, b.box, b.key, id, NewUpload{Name: `C:\tmp\front.png`, ContentType: "image/png"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.Upload(ctx, b.box, b.key, id, NewUpload{Name: "x", ContentType: "image/png"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Transfer.FileName != "front.png" || strings.Contains(a.Token, a.Transfer.TokenHash) {
		t.Errorf("announced %+v", a.Transfer)
	}
	secret := len(address(b.box, a.Transfer.ID))
	for _, token := range []string{"", "x", a.Token[:len(a.Token)-1], a.Token + "A", a.Token[:secret] + other.Token[secret:], strings.Replace(a.Token, "s", "l", 1),
		strings.Repeat("0", 80), strings.Repeat("z", 80)} {
		_, err := b.Receive(ctx, token, []byte("PNG"))
		wantCode(t, err, kyc.NotFound, "upload_not_found")
	}
	got, err := b.Receive(ctx, a.Token, []byte("PNG one"))
	if err != nil || got.ContentType != "image/png" || got.Size != 7 || len(got.SHA256) != 64 {
		t.Fatalf("received %+v: %v", got, err)
	}
	if _, err := b.Receive(ctx, a.Token, []byte("PNG one")); err != nil {
		t.Errorf("the same bytes again: %v", err)
	}
	_, err = b.Receive(ctx, a.Token, []byte("PNG two"))
	wantCode(t, err, kyc.Conflict, "upload_received")
	data, err := b.store.Blob(ctx, b.box, got.SubjectID, got.BlobKey)
	if err != nil || string(data) != "PNG one" {
		t.Errorf("kept %q: %v", data, err)
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	id := b.opened("CONSENT")
	_, err := b.Upload(ctx, b.box, b.key, id, NewUpload{Name: " ", ContentType: "image"})
	wantProblems(t, err, "/name required", "/content_type content_type_invalid")
	send := func(content, kind string) error {
		a, err := b.Upload(ctx, b.box, b.key, id, NewUpload{Name: "x", ContentType: kind})
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Receive(ctx, a.Token, []byte(content))
		return err
	}
	wantCode(t, send("", "image/png"), kyc.Malformed, "file_empty")
	wantCode(t, send(strings.Repeat("x", MaxFile+1), "image/png"), kyc.TooLarge, "file_too_large")
	wantCode(t, send("MZ", "image/png"), kyc.UnsupportedMedia, "unsupported_type")
	for content, want := range map[string]string{"\x1a\x45\xdf\xa3....": "video/webm", "....ftypqt  ": "video/quicktime", "....ftypisom": "video/mp4"} {
		if got, err := b.typeOf([]byte(content), "video/webm"); err != nil || got != want {
			t.Errorf("%q is %s, want %s: %v", content, got, want, err)
		}
	}
	a, err := b.Upload(ctx, b.box, b.key, id, NewUpload{Name: "x", ContentType: "image/png"})
	if err != nil {
		t.Fatal(err)
	}
	b.later(transferTime)
	_, err = b.Receive(ctx, a.Token, []byte("PNG"))
	wantCode(t, err, kyc.Gone, "upload_expired")
}

func TestASubmissionNamesOnlyItsOwnFilesThatCame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	id, stranger := b.opened(idStep("")), b.opened(idStep(""))
	front := func(front, selfie string) error {
		_, err := b.submit(id, "ID_VERIFICATION", map[string]any{"document_type": "passport", "uploads": map[string]any{"id_front": front, "selfie_front": selfie}})
		return err
	}
	mine, theirs := b.file(id), b.file(stranger)
	a, err := b.Upload(ctx, b.box, b.key, id, NewUpload{Name: "x", ContentType: "image/png"})
	if err != nil {
		t.Fatal(err)
	}
	never := string(a.Transfer.ID)

	wantProblems(t, front(theirs, mine), "/uploads/id_front upload_not_found")
	wantProblems(t, front("nonsense", string(kyc.NewID(b.clock))), "/uploads/id_front upload_not_found", "/uploads/selfie_front upload_not_found")
	wantProblems(t, front(b.send(id, "....ftypisom", "video/mp4"), mine), "/uploads/id_front type_not_accepted")
	err = front(never, mine)
	wantCode(t, err, kyc.Conflict, "upload_missing")
	wantProblems(t, err, "/uploads/id_front upload_missing")
	if s := b.step(id, 0); s.Attempts != 0 || len(b.exams) != 0 {
		t.Errorf("refused files are attempt %d and asked %v", s.Attempts, b.asked())
	}
	b.later(keepTime)
	err = front(mine, b.file(id))
	wantCode(t, err, kyc.Gone, "upload_expired")
}

func TestAFileServesInSeveralAttemptsAndSteps(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(""), "AGE_ESTIMATION", "CONSENT")
	b.answers["face_match"] = says(kyc.Fail, "faces_differ")
	body := b.front(id)
	b.must(id, "ID_VERIFICATION", body, "IN_PROGRESS")
	b.answers["face_match"] = pass()
	b.later(keepTime) // a file that was used is kept
	uploads, _ := body["uploads"].(map[string]any)
	uploads["selfie_front"] = b.file(id)
	b.must(id, "ID_VERIFICATION", body, "COMPLETED")
	b.must(id, "AGE_ESTIMATION", map[string]any{"uploads": map[string]any{"selfie_front": uploads["selfie_front"]}}, "COMPLETED")
	all, _ := b.store.Uploads(t.Context(), b.box, id)
	var force []string
	for _, u := range all {
		if !u.Superseded {
			force = append(force, u.StepID+" "+u.Kind)
		}
	}
	slices.Sort(force)
	if want := []string{"AGE_ESTIMATION selfie", "ID_VERIFICATION document_front", "ID_VERIFICATION selfie"}; len(all) != 5 || !slices.Equal(force, want) {
		t.Errorf("%d uploads, in force %v", len(all), force)
	}
}

func TestASessionTakesSoManyFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("CONSENT")
	for range maxTransfers {
		if _, err := b.Upload(t.Context(), b.box, b.key, id, NewUpload{Name: "x", ContentType: "image/png"}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.Upload(t.Context(), b.box, b.key, id, NewUpload{Name: "x", ContentType: "image/png"})
	wantCode(t, err, kyc.Conflict, "too_many_files")
}

func TestTwoSendersOfOneFileDoNotMixTheirBytes(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"PNG one", "PNG two"} {
		b := newBench(t)
		ctx := t.Context()
		id := b.opened("CONSENT")
		a, err := b.Upload(ctx, b.box, b.key, id, NewUpload{Name: "x", ContentType: "image/png"})
		if err != nil {
			t.Fatal(err)
		}
		b.store.Between = func() {
			if _, err := b.Receive(ctx, a.Token, []byte("PNG one")); err != nil {
				t.Error(err)
			}
		}
		_, err = b.Receive(ctx, a.Token, []byte(second))
		if second == "PNG two" {
			wantCode(t, err, kyc.Conflict, "upload_received")
		} else if err != nil {
			t.Error(err)
		}
		stored, _ := b.store.Transfer(ctx, b.box, a.Transfer.ID)
		data, err := b.store.Blob(ctx, b.box, stored.SubjectID, stored.BlobKey)
		if err != nil || string(data) != "PNG one" || len(b.store.Files) != 1 {
			t.Errorf("kept %q of %d files: %v", data, len(b.store.Files), err)
		}
	}
}

func TestWhatComesTooLateIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	id := b.opened("CONSENT")
	a, err := b.Upload(ctx, b.box, b.key, id, NewUpload{Name: "x", ContentType: "image/png"})
	if err != nil {
		t.Fatal(err)
	}
	b.later(defaultLife)
	tries := map[string]func() error{
		"submit": func() error { _, err := b.submit(id, "CONSENT", map[string]any{"accepted": false}); return err },
		"start":  func() error { _, err := b.Start(ctx, b.box, b.key, id, 0); return err },
		"upload": func() error {
			_, err := b.Upload(ctx, b.box, b.key, id, NewUpload{Name: "x", ContentType: "image/png"})
			return err
		},
		"receive": func() error { _, err := b.Receive(ctx, a.Token, []byte("PNG")); return err },
	}
	for name, try := range tries {
		if err := try(); kyc.KindOf(err) != kyc.Gone || !kyc.IsCode(err, "session_expired") {
			t.Errorf("%s: %v", name, err)
		}
	}
	st, err := b.State(ctx, b.box, id)
	if err != nil || st.Status != "VOIDED" {
		t.Errorf("an expired session is %s: %v", st.Status, err)
	}
}

func FuzzSubmission(f *testing.F) {
	for _, seed := range []string{`{}`, `null`, `[]`, `{"uploads":{}}`, `{"escalation":{"type":"nfc-passport","sod":"","data_groups":{"DG1":null}}}`,
		`{"action":"start"}`, `{"action":"upload-url","frame_count":3,"clip_mime_type":"video/webm"}`, `{"accepted":true,"legal_name":"A"}`,
		`{"document_type":"passport","uploads":{"id_front":"x","selfie_front":1}}`, `{"first_name":"A","last_name":"B","date_of_birth":"1990-01-01"}`} {
		for i := range 7 {
			f.Add(seed, i)
		}
	}
	f.Fuzz(func(t *testing.T, raw string, at int) {
		steps := []string{idStep(`,"escalation_type":"nfc-passport"`), "FACE_LIVENESS", "AGE_ESTIMATION", "PEP_SANCTIONS", "ADVERSE_MEDIA", "CONSENT", "DOCUMENT_UPLOAD"}
		step := steps[((at%7)+7)%7]
		b := newBench(t)
		list := []string{step}
		if step != "CONSENT" {
			list = append(list, "CONSENT")
		}
		id := b.opened(list...)
		st, err := b.State(t.Context(), b.box, id)
		if err != nil {
			t.Fatal(err)
		}
		before := b.store.Commits
		_, err = b.Submit(t.Context(), b.box, b.key, id, st.Steps[0].ID, Submission{Body: []byte(raw)})
		if err != nil && kyc.KindOf(err) == kyc.Internal {
			t.Errorf("%s: %v", fmt.Sprintf("%.100q", raw), err)
		}
		if err != nil && b.store.Commits != before {
			t.Error("a refused submission wrote something")
		}
		for _, p := range problems(err) {
			if !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, " ") {
				t.Errorf("no JSON Pointer: %s", p)
			}
		}
	})
}

func TestOnlyTheSandboxTakesOneFileForAll(t *testing.T) {
	t.Parallel()
	for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
		b := newBench(t)
		if env == kyc.Live {
			b.box = b.live
		}
		id := b.opened(idStep(""))
		mine := b.file(id)
		twin := b.send(id, "PNG 1", "image/png") // the content of mine
		for _, selfie := range []string{mine, twin} {
			out, err := b.submit(id, "ID_VERIFICATION", map[string]any{"document_type": "passport", "uploads": map[string]any{"id_front": mine, "selfie_front": selfie}})
			if env == kyc.Live {
				wantProblems(t, err, "/uploads/selfie_front upload_repeated")
				continue
			}
			if err != nil || out.Step.Status != "COMPLETED" {
				t.Errorf("%s: %v", out.Step.Status, err)
			}
			break // the step is done
		}
	}
}
