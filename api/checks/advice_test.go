package checks

import (
	"testing"

	"bonafide/intake"
	"bonafide/kyc"
)

func TestAdviceIsForTheApplicant(t *testing.T) {
	t.Parallel()
	reasons := func(codes ...string) []kyc.Reason {
		var out []kyc.Reason
		for _, c := range codes {
			out = append(out, kyc.Reason{Code: c, Message: "words of " + c, Severity: "critical"})
		}
		return out
	}
	got := adviceOf([]intake.Checked{
		{Policy: "document_ocr", Reasons: reasons("picture_dark", "check_digit_wrong", "known_specimen", "zone_not_found")},
		{Policy: "document_fraud", Reasons: reasons("edited_with_software", "duplicate_image", "picture_dark")},
		{Policy: "face_match", Reasons: reasons("faces_differ", "selfie_is_portrait", "selfie_face_not_found", "portrait_several_faces")},
		{Policy: "liveness", Reasons: reasons("presentation_suspected", "liveness_face_not_found", "person_changed", "times_wrong", "actions_missing")},
	})
	want := [][2]string{{"document_ocr", "picture_dark"}, {"document_ocr", "zone_not_found"}, {"face_match", "selfie_face_not_found"}, {"face_match", "portrait_several_faces"}, {"liveness", "actions_missing"}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, w := range want {
		if got[i].Check != w[0] || got[i].Code != w[1] || got[i].Message == "" {
			t.Errorf("%+v, want %v", got[i], w)
		}
	}
	if got[0].Message != "words of picture_dark" || got[2].Message == "words of selfie_face_not_found" {
		t.Errorf("the words are %+v", got)
	}
	if none := adviceOf(nil); none == nil || len(none) != 0 {
		t.Errorf("%v", none)
	}
}
