package check

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"bonafide/face"
	"bonafide/kyc"
)

// chipPicture is what stands for the JPEG on a chip.
const chipPicture = "\xff\xd8\xff the holder \xff\xd9"

// dataGroup2 wraps a short picture as ISO/IEC 19794-5 does, behind headers of 46
// bytes that name no feature points.
func dataGroup2(picture string) string {
	wrap := func(tag, value string) string { return tag + string(rune(len(value))) + value }
	return wrap("\x75", wrap("\x7f\x61", wrap("\x7f\x60", wrap("\x5f\x2e", "FAC\x00"+strings.Repeat("\x00", 42)+picture))))
}

// withChip gives the session a chip whose portrait can be shown.
func withChip(r *kyc.CheckRequest) {
	i := slices.IndexFunc(r.Uploads, func(u kyc.Upload) bool { return u.Side == "DG2" })
	r.Uploads[i].BlobKey = dataGroup2(chipPicture)
}

func asSelfie(r *kyc.CheckRequest, sum string) {
	i := slices.IndexFunc(r.Uploads, func(u kyc.Upload) bool { return u.Kind == "selfie" })
	r.Uploads[i].SHA256 = sum
}

// Whoever holds the passport can read the picture off its chip, and send it as
// a selfie.
func TestTheChipsPictureProvesNobodysPresence(t *testing.T) {
	t.Parallel()
	of := func(b string) string {
		sum := sha256.Sum256([]byte(b))
		return hex.EncodeToString(sum[:])
	}
	service := face.Comparison{Made: face.Made{Provider: "aws_rekognition", Model: "7"}, Raw: 99.9, Score: 0.97}
	for name, c := range map[string]struct {
		change func(*house, *kyc.CheckRequest)
		want   kyc.Verdict
		code   string
	}{
		"the holder":          {nil, kyc.Pass, "chip_portrait_matches"},
		"a copy of it":        {func(h *house, _ *kyc.CheckRequest) { h.faces.likeness.Raw, h.faces.likeness.Score = 0.95, 0.9999 }, kyc.VerdictReview, selfieIsPortrait},
		"just no copy of it":  {func(h *house, _ *kyc.CheckRequest) { h.faces.likeness.Raw, h.faces.likeness.Score = 0.9499, 0.9999 }, kyc.Pass, "chip_portrait_matches"},
		"the file itself":     {func(_ *house, r *kyc.CheckRequest) { asSelfie(r, of(chipPicture)) }, kyc.VerdictReview, selfieIsPortrait},
		"a service compared":  {func(h *house, _ *kyc.CheckRequest) { h.faces.likeness = service }, kyc.Pass, "chip_portrait_matches"},
		"the file, a service": {func(h *house, r *kyc.CheckRequest) { h.faces.likeness = service; asSelfie(r, of(chipPicture)) }, kyc.VerdictReview, selfieIsPortrait},
		"somebody else":       {func(h *house, _ *kyc.CheckRequest) { h.faces.likeness.Score = 0.1 }, kyc.Fail, "chip_portrait_differs"},
		"hardly":              {func(h *house, _ *kyc.CheckRequest) { h.faces.likeness.Score = 0.5 }, kyc.VerdictReview, "chip_portrait_unsure"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := askedIn(t, "nfc_chip_auth", "", func(h *house, r *kyc.CheckRequest) {
				withChip(r)
				if c.change != nil {
					c.change(h, r)
				}
			})
			if a.Status != kyc.StatusOK || a.Verdict != c.want || !codes(a)[c.code] {
				t.Errorf("%+v", a)
			}
			if match, _ := a.Details["portrait_match"].(map[string]any); match["status"] != "compared" {
				t.Errorf("%v", a.Details)
			}
			if c.code == selfieIsPortrait && (codes(a)["chip_portrait_matches"] || len(a.Fields) == 0) {
				t.Errorf("the chip itself was verified, the applicant's presence was not: %+v", a)
			}
		})
	}
}

// The comparison of faces takes the chip's picture where there is one, and looks
// at the picture in the file, not at the file of the data group.
func TestFaceMatchKnowsTheChipsPicture(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(chipPicture))
	for selfie, want := range map[string]kyc.Verdict{hex.EncodeToString(sum[:]): kyc.VerdictReview, "another": kyc.Pass} {
		a, _ := askedIn(t, "face_match", "", func(_ *house, r *kyc.CheckRequest) {
			withChip(r)
			asSelfie(r, selfie)
			r.Checks["nfc_chip_auth"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"authentic": true}}
		})
		if a.Verdict != want || a.Details["portrait_source"] != "chip" || codes(a)[selfieIsPortrait] != (want != kyc.Pass) {
			t.Errorf("%s: %+v", selfie, a)
		}
	}
}
