package check

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

// A page that was straightened along wrong edges does not shut its holder out:
// where its portrait does not match, the picture as it was taken counts.
func TestABentPortraitIsLookedAtAsItWasTaken(t *testing.T) {
	t.Parallel()
	tooSmall := about("/portrait", "face_too_small")
	for name, c := range map[string]struct {
		straight, taken float64
		strangers       map[string]*kyc.Error
		verdict         kyc.Verdict
		score           float64
		asked           []string
	}{
		"the straight one matches":             {0.95, 0.1, nil, kyc.Pass, 0.95, []string{"page':face"}},
		"only the other one does":              {0.5, 0.95, nil, kyc.Pass, 0.95, []string{"page':face", "page:face"}},
		"bent so that it looks like two":       {0.1, 0.95, nil, kyc.Pass, 0.95, []string{"page':face", "page:face"}},
		"neither is sure":                      {0.5, 0.3, nil, kyc.VerdictReview, 0.5, []string{"page':face", "page:face"}},
		"neither matches":                      {0.1, 0.05, nil, kyc.Fail, 0.1, []string{"page':face", "page:face"}},
		"the other one is too small":           {0.1, 0, map[string]*kyc.Error{"page": tooSmall}, kyc.Fail, 0.1, []string{"page':face", "page:face"}},
		"no face on the straight one":          {0, 0.95, map[string]*kyc.Error{"page'": about("/portrait", "face_not_found")}, kyc.Pass, 0.95, []string{"page':face", "page:face"}},
		"the straight one is too small":        {0, 0.95, map[string]*kyc.Error{"page'": tooSmall}, kyc.VerdictReview, -1, []string{"page':face"}},
		"the service is away at the other one": {0.5, 0, map[string]*kyc.Error{"page": unavailableError("provider_unavailable")}, "", -1, []string{"page':face", "page:face"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := goodGallery()
			g.straightened, g.strangers = map[string]bool{"page": true}, c.strangers
			g.alike = map[string]float64{"page':face": c.straight, "page:face": c.taken}
			d := Deps{Clock: clock(), Faces: g, Pictures: g, Blobs: files{"page": []byte("page"), "face": []byte("face")}}
			r := request("face_match")
			r.Config, r.Checks, r.Established = nil, map[string]kyc.CheckFact{}, nil
			r.Uploads = []kyc.Upload{upload("document_front", "", "front", "page"), upload("selfie", "", "", "face")}
			a := faceMatch(d).Run(t.Context(), r)
			if a.Verdict != c.verdict || !slices.Equal(g.asked, c.asked) || (c.score >= 0) != (a.Score != nil) || a.Score != nil && *a.Score != c.score {
				t.Errorf("asked %v: %+v", g.asked, a)
			}
		})
	}
}

// Only the document's own portrait counts. Who lays a stolen document beside a
// photograph of themselves is not its holder, though theirs is the largest face
// on the picture as it was taken.
func TestAFaceBesideTheDocumentIsNotItsPortrait(t *testing.T) {
	t.Parallel()
	noFace := map[string]*kyc.Error{"page'": about("/portrait", "face_not_found")}
	on := func(file string) map[string]bool { return map[string]bool{file: true} }
	for name, c := range map[string]struct {
		straight, taken  float64
		strangers        map[string]*kyc.Error
		beside, unplaced map[string]bool
		verdict          kyc.Verdict
		code             string
	}{
		"the holder is somebody else":                {0.1, 0.99, nil, on("page"), nil, kyc.Fail, "faces_differ"},
		"the holder may be somebody else":            {0.5, 0.99, nil, on("page"), nil, kyc.VerdictReview, "faces_unsure"},
		"nobody says where the other face stands":    {0.1, 0.99, nil, nil, on("page"), kyc.Fail, "faces_differ"},
		"nobody says where the portrait stands":      {0.1, 0.99, nil, nil, on("page'"), kyc.Fail, "faces_differ"},
		"the portrait is covered":                    {0, 0.99, noFace, on("page"), nil, kyc.VerdictReview, "portrait_off_page"},
		"covered, and nobody says where the face is": {0, 0.99, noFace, nil, on("page"), kyc.VerdictReview, "portrait_off_page"},
		"covered, and the face is another":           {0, 0.1, noFace, on("page"), nil, kyc.VerdictReview, "portrait_off_page"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := goodGallery()
			g.straightened, g.strangers, g.beside, g.unplaced = on("page"), c.strangers, c.beside, c.unplaced
			g.alike = map[string]float64{"page':face": c.straight, "page:face": c.taken}
			d := Deps{Clock: clock(), Faces: g, Pictures: g, Blobs: files{"page": []byte("page"), "face": []byte("face")}}
			r := request("face_match")
			r.Config, r.Checks, r.Established = nil, map[string]kyc.CheckFact{}, nil
			r.Uploads = []kyc.Upload{upload("document_front", "", "front", "page"), upload("selfie", "", "", "face")}
			a := faceMatch(d).Run(t.Context(), r)
			if a.Status != kyc.StatusOK || a.Verdict != c.verdict || a.Reasons[0].Code != c.code {
				t.Errorf("asked %v: %+v", g.asked, a)
			}
		})
	}
}
