package intake

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// try opens a liveness try and sends its frames.
func (b *bench) try(id kyc.ID, frames int) Submitted {
	b.t.Helper()
	b.must(id, "FACE_LIVENESS", map[string]any{"action": "start"}, "IN_PROGRESS")
	out := b.must(id, "FACE_LIVENESS", map[string]any{"action": "upload-url", "frame_count": frames}, "IN_PROGRESS")
	for i, a := range out.Liveness.Frames {
		if _, err := b.Receive(b.t.Context(), a.Token, []byte("PNG frame "+string(rune('0'+i)))); err != nil {
			b.t.Fatal(err)
		}
	}
	return out
}

func live(f float64, v kyc.Verdict) kyc.Answer {
	a := says(v, "spoof")
	a.Score = score(f)
	return a
}

func TestLivenessIsOpenedFilmedAndJudged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(`{"id":"FACE_LIVENESS","config":{"confidence_threshold":80}}`, "CONSENT")
	complete := map[string]any{"action": "complete"}
	_, err := b.submit(id, "FACE_LIVENESS", complete)
	wantCode(t, err, kyc.Conflict, "liveness_not_started")
	for body, want := range map[*map[string]any]string{
		{"action": "dance"}:                                                     "/action action_invalid",
		{"action": "upload-url"}:                                                "/frame_count required",
		{"action": "upload-url", "frame_count": 0}:                              "/frame_count out_of_range",
		{"action": "upload-url", "frame_count": 9}:                              "/frame_count out_of_range",
		{"action": "upload-url", "frame_count": 1.5}:                            "/frame_count wrong_type",
		{"action": "upload-url", "frame_count": 1, "clip_mime_type": "video/x"}: "/clip_mime_type clip_mime_type_invalid",
		{"action": "start", "frame_count": 1}:                                   "/frame_count unknown_field",
	} {
		_, err := b.submit(id, "FACE_LIVENESS", *body)
		wantProblems(t, err, want)
	}
	first := b.must(id, "FACE_LIVENESS", map[string]any{"action": "start"}, "IN_PROGRESS")
	again := b.must(id, "FACE_LIVENESS", map[string]any{"action": "start"}, "IN_PROGRESS")
	if first.Liveness.Try.ID != again.Liveness.Try.ID || first.Liveness.Threshold != 80 || first.Liveness.Try.Challenge != challenge {
		t.Errorf("opened %+v, then %+v", first.Liveness, again.Liveness)
	}
	_, err = b.submit(id, "FACE_LIVENESS", complete)
	wantCode(t, err, kyc.Conflict, "upload_missing")
	old := b.must(id, "FACE_LIVENESS", map[string]any{"action": "upload-url", "frame_count": 2}, "IN_PROGRESS")
	film := b.must(id, "FACE_LIVENESS", map[string]any{"action": "upload-url", "frame_count": 2, "clip_mime_type": "video/webm"}, "IN_PROGRESS")
	if len(film.Liveness.Frames) != 2 || film.Liveness.Clip == nil || film.Liveness.Frames[0].Transfer.ID == old.Liveness.Frames[0].Transfer.ID {
		t.Fatalf("announced %+v", film.Liveness)
	}
	for _, a := range film.Liveness.Frames {
		if _, err := b.Receive(t.Context(), a.Token, []byte("PNG")); err != nil { // a still face gives the same frame twice
			t.Fatal(err)
		}
	}
	_, err = b.submit(id, "FACE_LIVENESS", complete)
	wantCode(t, err, kyc.Conflict, "upload_missing")
	if _, err := b.Receive(t.Context(), film.Liveness.Clip.Token, []byte("\x1a\x45\xdf\xa3")); err != nil {
		t.Fatal(err)
	}
	if s := b.step(id, 0); s.Attempts != 0 || len(b.exams) != 0 {
		t.Errorf("preparing is attempt %d and asked %v", s.Attempts, b.asked())
	}
	b.answers["liveness"] = live(93, kyc.Pass)
	out := b.must(id, "FACE_LIVENESS", complete, "COMPLETED")
	if !out.Liveness.Try.Passed || out.Liveness.Try.Confidence != 93 || out.Step.Attempts != 1 {
		t.Errorf("judged %+v", out.Liveness.Try)
	}
	var kinds []string
	for _, u := range b.exams[0].Uploads {
		kinds = append(kinds, u.Kind)
	}
	if slices.Sort(kinds); !slices.Equal(kinds, []string{"custom:liveness_clip", "liveness", "liveness"}) || b.exams[0].Established != nil {
		t.Errorf("the check saw %v and %v", kinds, b.exams[0].Established)
	}
	fact, _ := b.session(id).Private.Established["liveness"].(map[string]any)
	if fact["status"] != "passed" || fact["confidence"] != 93.0 || fact["threshold"] != 80.0 || fact["attempts"] != 1.0 || fact["exam_id"] == "" {
		t.Errorf("the run is told %v", fact)
	}
}

func TestEachFailedLivenessTryIsAnAttempt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("FACE_LIVENESS", "CONSENT")
	b.answers["liveness"] = live(12, kyc.Fail)
	for i, status := range []string{"IN_PROGRESS", "IN_PROGRESS", "FAILED"} {
		b.try(id, 1)
		out := b.must(id, "FACE_LIVENESS", map[string]any{"action": "complete"}, status)
		if out.Step.Attempts != i+1 || out.Step.FailureReason != "spoof" || out.Liveness.Try.Passed {
			t.Errorf("try %d: %+v", i+1, out.Step)
		}
	}
	fact, _ := b.session(id).Private.Established["liveness"].(map[string]any)
	if fact["status"] != "failed" || fact["attempts"] != 3.0 || fact["confidence"] != 12.0 {
		t.Errorf("the run is told %v", fact)
	}
}

// Whoever lost the answer to a submission finds what the checks said of it with the
// session's state: that of the last attempt, until the data is erased.
func TestWhatTheChecksSaidIsFoundAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("FACE_LIVENESS", "CONSENT")
	told := func() (out []string) {
		t.Helper()
		st, err := b.State(t.Context(), b.box, id)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := b.Session(t.Context(), b.box, id)
		if err != nil || !reflect.DeepEqual(whole.Steps, st.Steps) {
			t.Fatalf("the state says %+v, the session %+v, %v", st.Steps, whole.Steps, err)
		}
		for i, s := range st.Steps {
			for _, c := range s.Checks {
				out = append(out, fmt.Sprint(i, " ", c.Policy, " ", c.Reasons[0].Code))
			}
		}
		return out
	}
	if got := told(); len(got) > 0 {
		t.Errorf("before any attempt: %v", got)
	}
	for _, code := range []string{"face_too_far", "several_faces"} {
		a := live(12, kyc.Fail)
		a.Reasons = []kyc.Reason{{Code: code, Message: "words", Severity: "critical"}}
		b.answers["liveness"] = a
		b.try(id, 1)
		out := b.must(id, "FACE_LIVENESS", map[string]any{"action": "complete"}, "IN_PROGRESS")
		if got, want := told(), []string{"0 liveness " + code}; !slices.Equal(got, want) || len(out.Checks) != 1 || out.Checks[0].Reasons[0].Code != code {
			t.Errorf("%v, want %v; the answer was %+v", got, want, out.Checks)
		}
	}
	if st, err := b.Start(t.Context(), b.box, b.key, id, 0); err != nil || len(st.Steps[0].Checks) != 1 {
		t.Errorf("resumed: %+v, %v", st.Steps, err)
	}
	erased := b.session(id)
	erased.RedactedAt = b.clock
	erased.Touch(b.clock)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&erased}}); err != nil {
		t.Fatal(err)
	}
	if got := told(); len(got) > 0 {
		t.Errorf("after the erasure: %v", got)
	}
}

func TestWithoutALivenessProviderTheStepFailsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("FACE_LIVENESS", "CONSENT")
	b.answers["liveness"] = kyc.Failed(kyc.StatusNotConfigured, "liveness_not_configured", "nobody set this up")
	b.try(id, 1)
	out := b.must(id, "FACE_LIVENESS", map[string]any{"action": "complete"}, "FAILED")
	fact, _ := b.session(id).Private.Established["liveness"].(map[string]any)
	if out.Step.FailureReason != "liveness_not_configured" || fact["reason"] != "liveness_not_configured" || fact["status"] != "failed" {
		t.Errorf("%+v, the run is told %v", out.Step, fact)
	}
}

func TestAScreeningHitFailsTheStepAtOnce(t *testing.T) {
	t.Parallel()
	for _, a := range []kyc.Answer{says(kyc.Fail, "possible_match"), says(kyc.VerdictReview, "possible_match"), kyc.Failed(kyc.StatusStale, "list_stale", "old"),
		kyc.Failed(kyc.StatusError, "name_missing", "none")} {
		b := newBench(t)
		id := b.opened("PEP_SANCTIONS", "ADVERSE_MEDIA", "CONSENT")
		b.answers["watchlist_screening"], b.answers["adverse_media"] = a, a
		out := b.must(id, "PEP_SANCTIONS", pepBody, "FAILED")
		if out.Step.FailureReason != a.Reasons[len(a.Reasons)-1].Code || !slices.Equal(b.asked(), []string{"watchlist_screening", "aml_pep"}) {
			t.Errorf("%+v after %v", out.Step, b.asked())
		}
		_, err := b.submit(id, "ADVERSE_MEDIA", map[string]any{"action": "complete"})
		wantCode(t, err, kyc.Conflict, "media_not_started")
		body := map[string]any{"action": "start", "country": "NL"}
		for k, v := range pepBody {
			body[k] = v
		}
		b.must(id, "ADVERSE_MEDIA", body, "IN_PROGRESS")
		b.must(id, "ADVERSE_MEDIA", map[string]any{"action": "complete"}, "FAILED")
	}
}

func TestAnAbsentListMayBeAskedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("PEP_SANCTIONS", "CONSENT")
	b.answers["watchlist_screening"] = silent()
	out := b.must(id, "PEP_SANCTIONS", pepBody, "IN_PROGRESS")
	if out.Step.FailureReason != "provider_unavailable" || out.Step.AttemptsRemaining != 2 {
		t.Errorf("%+v", out.Step)
	}
	b.answers["watchlist_screening"] = pass()
	b.must(id, "PEP_SANCTIONS", pepBody, "COMPLETED")
}

func TestATypedNameHidesNoOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(""), "PEP_SANCTIONS")
	read := pass()
	read.Fields = []kyc.Field{{Name: "first_name", Value: "Viktor", Confidence: 1}, {Name: "last_name", Value: "Sanction", Confidence: 1},
		{Name: "date_of_birth", Value: "1960-02-03", Confidence: 1}, {Name: "document_number", Value: "X1", Confidence: 1}, {Name: "nationality", Value: "RU", Confidence: 1}}
	b.answers["document_ocr"] = read
	b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
	b.exams = nil
	b.must(id, "PEP_SANCTIONS", map[string]any{"first_name": "Jane", "last_name": "Harmless", "date_of_birth": "1990-01-15", "email": "jane@example.org"}, "COMPLETED")
	r := b.exams[0]
	list, _ := r.Fields["names"].([]any)
	var said []string
	for _, one := range list {
		m, _ := one.(map[string]any)
		text := func(k string) string { s, _ := m[k].(string); return s }
		said = append(said, strings.TrimSpace(strings.Join([]string{text("source"), text("given"), text("family"), text("date_of_birth"), text("nationality"), text("document_number")}, " ")))
	}
	if want := []string{"customer Ada Example", "document Viktor Sanction 1960-02-03 RU X1", "applicant Jane Harmless 1990-01-15"}; !slices.Equal(said, want) {
		t.Errorf("screened %q, want %q", said, want)
	}
	if !strings.Contains(string(r.Config), `"path":"names/*"`) {
		t.Errorf("the screening is asked for %s", r.Config)
	}
	if r.Extracted["last_name"] != "Sanction" || r.Fields["last_name"] != "Example" || r.Fields["date_of_birth"] != "1990-01-15" || r.Fields["email"] != "jane@example.org" {
		t.Errorf("the screening sees %v and %v", r.Extracted, r.Fields)
	}
}

func TestOneNameToldTwiceStandsOnce(t *testing.T) {
	t.Parallel()
	f := map[string]any{}
	called(f, name{Given: "Ada", Family: "Example", Source: "customer"})
	before, _ := f["names"].([]any)
	called(f, name{Full: "  ADA   example ", Born: "1990-01-15", Source: "applicant"})
	called(f, name{Given: "Ada", Family: "Example", Number: "X1", Source: "document"})
	if list, _ := f["names"].([]any); len(list) != 1 {
		t.Fatalf("the names are %v", list)
	}
	if one, _ := before[0].(map[string]any); one["date_of_birth"] != nil {
		t.Error("an earlier copy was changed")
	}
	called(f, name{Given: "Ada", Family: "Example", Born: "1955-05-05"})
	called(f, name{})
	if list, _ := f["names"].([]any); len(list) != 2 {
		t.Errorf("a namesake of another age is taken for the same: %v", list)
	}
}

func TestEveryProblemOfAnIdentityIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("PEP_SANCTIONS", "ADVERSE_MEDIA")
	_, err := b.submit(id, "PEP_SANCTIONS", map[string]any{"first_name": 1, "last_name": "a\u0007", "date_of_birth": "2999-01-01", "email": "x", "country": "NL"})
	wantProblems(t, err, "/country unknown_field", "/date_of_birth date_invalid", "/email email_invalid", "/first_name wrong_type", "/last_name text_invalid")
	_, err = b.Submit(t.Context(), b.box, b.key, id, "PEP_SANCTIONS", Submission{Body: []byte(`[1]`)})
	wantProblems(t, err, " wrong_type")
}

func TestARefusedConsentFailsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("CONSENT", "PEP_SANCTIONS")
	_, err := b.submit(id, "CONSENT", map[string]any{"accepted": true})
	wantProblems(t, err, "/legal_name required")
	_, err = b.submit(id, "CONSENT", map[string]any{"accepted": "yes"})
	wantProblems(t, err, "/accepted wrong_type")
	out := b.must(id, "CONSENT", map[string]any{"accepted": false}, "FAILED")
	j, _ := b.store.Journey(t.Context(), b.box, id)
	if out.Step.FailureReason != "consent_refused" || len(b.exams) != 0 || len(j.Consents) != 1 || j.Consents[0].Given {
		t.Errorf("%+v, %+v", out.Step, j.Consents)
	}
}

func TestAConsentIsKeptWithWhatWasShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(`{"id":"CONSENT","config":{"text":"We look at you.","version":"7","require_signature":true}}`)
	_, err := b.submit(id, "CONSENT", map[string]any{"accepted": true, "legal_name": "Ada Example"})
	wantProblems(t, err, "/signature_upload required")
	body := `{"accepted":true,"legal_name":"Ada Example","signature_upload":"` + b.file(id) + `"}`
	out, err := b.Submit(t.Context(), b.box, b.key, id, "CONSENT", Submission{Body: []byte(body), Address: "192.0.2.7"})
	if err != nil || out.Step.Status != "COMPLETED" {
		t.Fatalf("%+v: %v", out.Step, err)
	}
	j, _ := b.store.Journey(t.Context(), b.box, id)
	c := j.Consents[0]
	if !c.Given || c.Version != "7" || c.TextHash != kyc.TextHash("We look at you.") || j.Private.Addresses[c.ID] != "192.0.2.7" || j.Private.Addresses[id] != "192.0.2.7" {
		t.Errorf("kept %+v from %v", c, j.Private.Addresses)
	}
	given, _ := b.exams[0].Fields["consents"].(map[string]any)
	if one, _ := given["consent"].(map[string]any); one["given"] != true {
		t.Errorf("the check sees %v", given)
	}
	if len(b.given[0]) != 1 || b.given[0][0].Kind != "custom:signature" {
		t.Errorf("the run is given %+v", b.given[0])
	}
}

func TestDocumentsAreHandedInByTheirTypes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(`{"id":"DOCUMENT_UPLOAD","config":{"document_types":["proof_of_address","payslip"]}}`, "CONSENT")
	_, err := b.submit(id, "DOCUMENT_UPLOAD", map[string]any{"uploads": map[string]any{"payslip": b.file(id), "id_front": "x"}})
	wantProblems(t, err, "/uploads/id_front unknown_field", "/uploads/proof_of_address required")
	b.answers["document_set"] = says(kyc.Fail, "document_unreadable")
	body := map[string]any{"uploads": map[string]any{"payslip": b.file(id), "proof_of_address": b.file(id)}}
	b.must(id, "DOCUMENT_UPLOAD", body, "IN_PROGRESS")
	b.answers["document_set"] = pass()
	b.must(id, "DOCUMENT_UPLOAD", body, "IN_PROGRESS") // the same papers have the same answer
	body = map[string]any{"uploads": map[string]any{"payslip": b.file(id), "proof_of_address": b.file(id)}}
	b.must(id, "DOCUMENT_UPLOAD", body, "COMPLETED")
}

// A start is no attempt; the names that starts gather are all screened, so they
// are bounded.
func TestStartsGatherNamesUpToABound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("ADVERSE_MEDIA")
	var err error
	for n := 0; n < 60 && err == nil; n++ {
		_, err = b.submit(id, "ADVERSE_MEDIA", map[string]any{"action": "start", "first_name": "Ada", "last_name": strings.Repeat("x", n+1), "date_of_birth": "1990-01-15"})
	}
	wantCode(t, err, kyc.Conflict, "too_many_tries")
	b.must(id, "ADVERSE_MEDIA", map[string]any{"action": "complete"}, "COMPLETED")
}

func TestMembersNobodyAskedForAreListedUpToABound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("CONSENT")
	body := map[string]any{"accepted": true, "legal_name": "Ada Example", strings.Repeat("z", 60_000): 1}
	for i := range 5000 {
		body[fmt.Sprintf("k%04d", i)] = 1
	}
	_, err := b.submit(id, "CONSENT", body)
	list := problems(err)
	if len(list) != 101 || list[0] != " unknown_field" || list[1] != "/k0000 unknown_field" {
		t.Errorf("%d problems", len(list))
	}
}
