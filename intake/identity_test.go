package intake

import (
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// frontOnly is an ID_VERIFICATION step that takes few files.
const frontOnly = `{"id":"ID_VERIFICATION","config":{"face_front_photo_only":true%}}`

func idStep(more string) string { return strings.Replace(frontOnly, "%", more, 1) }

func TestWhatAnIdentityDocumentNeeds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, config, kind string
		uploads            []string
		want               []string
	}{
		{"a passport has no back", `{"face_front_photo_only":true}`, "passport", []string{"id_front", "selfie_front"}, nil},
		{"a card has one", `{"face_front_photo_only":true}`, "id_card", []string{"id_front", "selfie_front"}, []string{"/uploads/id_back required"}},
		{"so has a licence", `{"face_front_photo_only":true}`, "drivers_license", []string{"id_front", "selfie_front"}, []string{"/uploads/id_back required"}},
		{"so has a permit", `{"face_front_photo_only":true}`, "residence_permit", []string{"id_front", "selfie_front"}, []string{"/uploads/id_back required"}},
		{"unless only fronts count", `{"face_front_photo_only":true,"require_front_only":true}`, "id_card", []string{"id_front", "selfie_front"}, nil},
		{"one selfie is enough over the API", `{}`, "passport", []string{"id_front", "selfie_front"}, nil},
		{"three are taken", `{}`, "passport", []string{"id_front", "selfie_front", "selfie_left", "selfie_right"}, nil},
		{"a second document", `{"face_front_photo_only":true,"require_secondary_id":true}`, "passport", []string{"id_front", "selfie_front"},
			[]string{"/uploads/secondary_id_back required", "/uploads/secondary_id_front required"}},
		{"a second document without its kind", `{"face_front_photo_only":true,"require_secondary_id":true}`, "passport",
			[]string{"id_front", "selfie_front", "secondary_id_front", "secondary_id_back"}, []string{"/secondary_document_type required"}},
		{"a third implies a second", `{"face_front_photo_only":true,"require_tertiary_id":true,"require_front_only":true}`, "passport", []string{"id_front", "selfie_front"},
			[]string{"/uploads/secondary_id_front required", "/uploads/tertiary_id_front required"}},
		{"an unasked back alone", `{"face_front_photo_only":true}`, "passport", []string{"id_front", "selfie_front", "secondary_id_back"},
			[]string{"/secondary_document_type required", "/uploads/secondary_id_front required"}},
		{"an unknown kind and an unknown file", `{"face_front_photo_only":true}`, "library_card", []string{"id_front", "id_back", "selfie_front", "extra"},
			[]string{"/document_type document_type_invalid", "/uploads/extra unknown_field"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := b.opened(`{"id":"ID_VERIFICATION","config":` + tt.config + `}`)
			uploads := map[string]any{}
			for _, name := range tt.uploads {
				uploads[name] = b.file(id)
			}
			out, err := b.submit(id, "ID_VERIFICATION", map[string]any{"document_type": tt.kind, "uploads": uploads})
			if tt.want != nil {
				wantCode(t, err, kyc.Invalid, "invalid_submission")
				wantProblems(t, err, tt.want...)
				if s := b.step(id, 0); s.Attempts != 0 || len(b.exams) != 0 {
					t.Errorf("a refused submission is attempt %d and asked %v", s.Attempts, b.asked())
				}
				return
			}
			if err != nil || out.Step.Status != "COMPLETED" {
				t.Fatalf("the step is %s: %v", out.Step.Status, err)
			}
		})
	}
}

func TestDocumentsBecomeUploadsOfTheirKinds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(`,"require_secondary_id":true`), "CONSENT")
	b.must(id, "ID_VERIFICATION", map[string]any{"document_type": "Drivers_License", "secondary_document_type": "passport", "uploads": map[string]any{
		"id_front": b.file(id), "id_back": b.file(id), "secondary_id_front": b.file(id), "selfie_front": b.file(id)}}, "COMPLETED")
	all, err := b.store.Uploads(t.Context(), b.box, id)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range all {
		got = append(got, strings.Join([]string{u.Kind, u.DocumentType, u.Asked, u.Side, u.StepID}, " "))
	}
	slices.Sort(got)
	want := []string{"document_back driving_licence primary back ID_VERIFICATION", "document_front driving_licence primary front ID_VERIFICATION",
		"document_front passport secondary front ID_VERIFICATION", "selfie   front ID_VERIFICATION"}
	if !slices.Equal(got, want) {
		t.Errorf("the uploads are %q, want %q", got, want)
	}
	if want := []string{"document_ocr", "document_expiration", "age_check", "additional_ids", "face_match"}; !slices.Equal(b.asked(), want) {
		t.Errorf("asked %v, want %v", b.asked(), want)
	}
	if len(b.store.Jobs) != 1 || b.store.Jobs[0].Kind != JobAnalyse || b.store.Jobs[0].Object != id {
		t.Errorf("the analysis in the background is %+v", b.store.Jobs)
	}
}

func TestThreeAttemptsAndTheFlowGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(""), "CONSENT")
	b.answers["face_match"] = says(kyc.Fail, "faces_differ")
	for i, want := range []struct {
		status string
		left   int
	}{{"IN_PROGRESS", 2}, {"IN_PROGRESS", 1}, {"FAILED", 0}} {
		out := b.must(id, "ID_VERIFICATION", b.front(id), want.status)
		if out.Step.FailureReason != "faces_differ" || out.Step.Attempts != i+1 || out.Step.AttemptsRemaining != want.left {
			t.Errorf("attempt %d: %+v", i+1, out.Step)
		}
	}
	if _, err := b.submit(id, "ID_VERIFICATION", b.front(id)); !kyc.IsCode(err, "not_current_step") {
		t.Errorf("a fourth attempt: %v", err)
	}
	out := b.must(id, "CONSENT", map[string]any{"accepted": true, "legal_name": "Ada Example"}, "COMPLETED")
	if out.State.Status != "SUBMITTED" || len(b.begun) != 1 {
		t.Fatalf("the session is %s with %d runs", out.State.Status, len(b.begun))
	}
	all, _ := b.store.Uploads(t.Context(), b.box, id)
	inForce := 0
	for _, u := range all {
		if !u.Superseded {
			inForce++
		}
	}
	if len(all) != 6 || inForce != 2 || len(b.given[0]) != 2 {
		t.Errorf("%d uploads, %d in force, %d given to the run", len(all), inForce, len(b.given[0]))
	}
	seen, _ := b.session(id).Private.Established["checklist"].(map[string]any)
	steps, _ := seen["steps"].(map[string]any)
	first, _ := steps["ID_VERIFICATION"].(map[string]any)
	second, _ := steps["CONSENT"].(map[string]any)
	if first["status"] != "FAILED" || first["reason"] != "faces_differ" || second["status"] != "COMPLETED" {
		t.Errorf("the run is told %v", steps)
	}
}

// front is a passport for a step that takes one selfie.
func (b *bench) front(id kyc.ID) map[string]any {
	return map[string]any{"document_type": "passport", "uploads": map[string]any{"id_front": b.file(id), "selfie_front": b.file(id)}}
}

func TestTheOrganisationSetsTheAttempts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.settings(func(s *kyc.Settings) { s.Checks.Attempts = 1 })
	id := b.opened(idStep(""), "CONSENT")
	b.answers["document_ocr"] = says(kyc.VerdictReview, "zone_not_found")
	b.must(id, "ID_VERIFICATION", b.front(id), "FAILED")
}

func TestWhatNoRepetitionCanHelpFailsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(""), "CONSENT")
	b.answers["face_match"] = kyc.Failed(kyc.StatusNotConfigured, "face_not_configured", "nobody set this up")
	b.answers["document_ocr"] = says(kyc.Fail, "unreadable")
	out := b.must(id, "ID_VERIFICATION", b.front(id), "FAILED")
	if out.Step.FailureReason != "face_not_configured" || out.Step.Attempts != 1 {
		t.Errorf("the step is %+v", out.Step)
	}
}

func TestAnAbsentProviderIsAskedFiveTimesAndCostsAnAttempt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(""), "CONSENT")
	b.answers["document_expiration"] = silent()
	out := b.must(id, "ID_VERIFICATION", b.front(id), "IN_PROGRESS")
	if out.Step.FailureReason != "provider_unavailable" || out.Step.Attempts != 1 {
		t.Errorf("the step is %+v", out.Step)
	}
	if want := []string{"document_ocr", "document_expiration", "document_expiration", "document_expiration", "document_expiration", "document_expiration"}; !slices.Equal(b.asked(), want) {
		t.Errorf("asked %v", b.asked())
	}
	if b.pauses != 0 {
		t.Error("the sandbox waits")
	}
	for i, r := range b.exams[1:] {
		if r.Attempt != i+1 || r.CallKey != b.exams[1].CallKey {
			t.Errorf("question %d is attempt %d with key %s", i, r.Attempt, r.CallKey)
		}
	}
}

func TestALaterAttemptForgetsWhatAnEarlierOneRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened(idStep(""), "CONSENT")
	read := says(kyc.Fail, "expired")
	read.Fields = []kyc.Field{{Name: "expiry_date", Value: "2020-01-01", Confidence: 1}, {Name: "first_name", Value: "Eve"}, {Name: "last_name", Value: "Other"}}
	b.answers["document_ocr"] = read
	b.must(id, "ID_VERIFICATION", b.front(id), "IN_PROGRESS")
	b.answers["document_ocr"] = pass()
	b.exams = nil
	b.must(id, "ID_VERIFICATION", b.front(id), "COMPLETED")
	for _, r := range b.exams {
		if r.Extracted["expiry_date"] != nil {
			t.Errorf("%s sees the expiry date of a document that was replaced", r.Policy)
		}
		if r.Policy == "document_ocr" && len(r.Checks) != 0 {
			t.Errorf("the first check sees %v", r.Checks)
		}
	}
	names, _ := b.session(id).Private.Fields["names"].([]any)
	if len(names) != 2 {
		t.Errorf("the name of the replaced document is forgotten: %v", names)
	}
}

func TestOnlyTheCurrentStepIsTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.opened("CONSENT", "PEP_SANCTIONS")
	_, err := b.submit(id, "PEP_SANCTIONS", pepBody)
	wantCode(t, err, kyc.Conflict, "not_current_step")
	_, err = b.submit(id, "AGE_ESTIMATION", pepBody)
	wantCode(t, err, kyc.NotFound, "step_not_found")
	b.must(id, "consent", map[string]any{"accepted": true, "legal_name": "Ada Example"}, "COMPLETED")
	_, err = b.submit(id, "CONSENT", map[string]any{"accepted": true, "legal_name": "Ada Example"})
	wantCode(t, err, kyc.Conflict, "not_current_step")
	b.must(id, "pep-sanctions", pepBody, "COMPLETED")
	_, err = b.submit(id, "PEP_SANCTIONS", pepBody)
	wantCode(t, err, kyc.Conflict, "session_closed")
	if got, want := b.heard(id), []string{"created", "step_completed", "step_completed", "submitted"}; !slices.Equal(got, want) {
		t.Errorf("heard %v, want %v", got, want)
	}
}
