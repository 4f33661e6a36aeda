package check

import (
	"context"
	"image"
	"math"
	"slices"
	"testing"

	"bonafide/face"
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

// crowd is a gallery in which more faces are on the documents' pictures.
type crowd struct {
	*gallery
	others map[string][]face.Other
	err    *kyc.Error
	looked []string // the picture, and ! where it may show more than the document
}

func (c *crowd) Comparer(*kyc.CheckRequest) face.Comparer { return c }

func (c *crowd) Others(_ context.Context, portrait, _ image.Image, wide bool) ([]face.Other, *kyc.Error) {
	file := portrait.(drawn).file //nolint:forcetypeassert // it made them
	c.looked = append(c.looked, file+map[bool]string{true: "!"}[wide])
	return c.others[file], c.err
}

// Where the picture of a document shows several people, the largest face need not be
// the document's; the holder once more is nobody else.
func TestSeveralPeopleOnTheDocumentsPicture(t *testing.T) {
	t.Parallel()
	first := face.Other{Face: face.Face{X: 100, Y: 60, W: 80, H: 90}, Portrait: 1, Selfie: 0.95}
	straight := first
	straight.X, straight.Y = 80, 50 // where the gallery compares on a straightened page
	beside := func(x, w, portrait, selfie float64) face.Other {
		return face.Other{Face: face.Face{X: x, Y: 60, W: w, H: w}, Portrait: portrait, Selfie: selfie}
	}
	elsewhere := beside(200, 120, 1, 0.1)
	for name, c := range map[string]struct {
		page    bool // whether edges were found
		like    float64
		taken   float64 // on the picture as it was taken
		others  map[string][]face.Other
		err     *kyc.Error
		verdict kyc.Verdict
		code    string
		looked  []string
		faces   int
	}{
		"the portrait alone":                    {false, 0.95, 0, map[string][]face.Other{"page": {first}}, nil, kyc.Pass, "faces_match", []string{"page!"}, 0},
		"its copy":                              {false, 0.95, 0, map[string][]face.Other{"page": {first, beside(220, 45, 0.99, 0.4)}}, nil, kyc.Pass, "faces_match", []string{"page!"}, 0},
		"the holder holds it":                   {false, 0.95, 0, map[string][]face.Other{"page": {first, beside(220, 45, 0.5, 0.9)}}, nil, kyc.Pass, "faces_match", []string{"page!"}, 0},
		"somebody else holds it":                {false, 0.95, 0, map[string][]face.Other{"page": {first, beside(220, 45, 0.1, 0.1)}}, nil, kyc.VerdictReview, severalFaces, []string{"page!"}, 1},
		"perhaps somebody else":                 {false, 0.95, 0, map[string][]face.Other{"page": {first, beside(220, 45, 0.79, 0.79)}}, nil, kyc.VerdictReview, severalFaces, []string{"page!"}, 1},
		"two of them":                           {false, 0.95, 0, map[string][]face.Other{"page": {first, beside(220, 45, 0.1, 0.1), beside(300, 45, 0.1, 0.1)}}, nil, kyc.VerdictReview, severalFaces, []string{"page!"}, 2},
		"no match, but of whom":                 {false, 0.1, 0, map[string][]face.Other{"page": {first, beside(220, 45, 0.1, 0.99)}}, nil, kyc.VerdictReview, severalFaces, []string{"page!"}, 1},
		"no match, and its copy":                {false, 0.1, 0, map[string][]face.Other{"page": {first, beside(220, 45, 0.99, 0.1)}}, nil, kyc.Fail, "faces_differ", []string{"page!"}, 0},
		"no match, and a third person":          {false, 0.1, 0, map[string][]face.Other{"page": {first, beside(220, 45, 0.1, 0.1)}}, nil, kyc.VerdictReview, severalFaces, []string{"page!"}, 1},
		"numbers that are none":                 {false, 0.95, 0, map[string][]face.Other{"page": {first, beside(220, 45, math.NaN(), 0.99)}}, nil, kyc.VerdictReview, severalFaces, []string{"page!"}, 1},
		"a service compared another face":       {false, 0.95, 0, map[string][]face.Other{"page": {elsewhere, beside(100, 80, 0.1, 0.95)}}, nil, kyc.VerdictReview, severalFaces, []string{"page!"}, 1},
		"nobody is set up to look":              {false, 0.95, 0, nil, unavailableError("face_not_configured"), kyc.VerdictReview, notAlone, []string{"page!"}, -1},
		"nobody of several is set up to look":   {true, 0.95, 0.99, nil, unavailableError("providers_not_configured"), kyc.VerdictReview, notAlone, []string{"page'"}, -1},
		"nobody looks, and no match":            {false, 0.1, 0, nil, unavailableError("http_not_configured"), kyc.Fail, "faces_differ", []string{"page!"}, -1},
		"a service knows no such question":      {false, 0.95, 0, nil, kyc.Errorf(kyc.Internal, "provider_refused", "404"), kyc.VerdictReview, notAlone, []string{"page!"}, -1},
		"the network breaks":                    {false, 0.95, 0, nil, unavailableError("face_failed"), "", "face_failed", []string{"page!"}, -1},
		"a small picture on the page":           {true, 0.95, 0.95, map[string][]face.Other{"page'": {straight, beside(200, 39, 0.1, 0.1)}}, nil, kyc.Pass, "faces_match", []string{"page'"}, 0},
		"two documents on one page":             {true, 0.95, 0.99, map[string][]face.Other{"page'": {straight, beside(200, 70, 0.1, 0.1)}, "page": {first}}, nil, kyc.VerdictReview, severalFaces, []string{"page'"}, 1},
		"unsure, and two documents on one page": {true, 0.5, 0.99, map[string][]face.Other{"page'": {straight, beside(200, 70, 0.1, 0.1)}, "page": {first}}, nil, kyc.VerdictReview, "faces_unsure", []string{"page'"}, 1},
		"somebody beside the page":              {true, 0.5, 0.95, map[string][]face.Other{"page'": {straight}, "page": {first, beside(330, 60, 0.1, 0.1)}}, nil, kyc.Pass, "faces_match", []string{"page'", "page"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &crowd{gallery: goodGallery(), others: c.others, err: c.err}
			g.straightened = map[string]bool{"page": c.page}
			g.alike = map[string]float64{"page':face": c.like, "page:face": c.like}
			if c.page {
				g.alike["page:face"] = c.taken
			}
			d := Deps{Clock: clock(), Faces: g, Pictures: g, Blobs: files{"page": []byte("page"), "face": []byte("face")}}
			r := request("face_match")
			r.Config, r.Checks, r.Established = nil, map[string]kyc.CheckFact{}, nil
			r.Uploads = []kyc.Upload{upload("document_front", "", "front", "page"), upload("selfie", "", "", "face")}
			a := faceMatch(d).Run(t.Context(), r)
			if a.Verdict != c.verdict || a.Reasons[0].Code != c.code || !slices.Equal(g.looked, c.looked) {
				t.Fatalf("looked at %v: %+v", g.looked, a)
			}
			others, _ := a.Details["other_faces"].([]any)
			if a.Status == kyc.StatusOK && (a.Details["other_faces_looked_for"] != (c.faces >= 0) || len(others) != max(0, c.faces)) {
				t.Errorf("%+v", a.Details)
			}
			if i := slices.IndexFunc(a.Reasons, func(r kyc.Reason) bool { return r.Code == severalFaces }); (i >= 0) != (c.faces > 0) || i >= 0 && a.Reasons[i].Region == nil {
				t.Errorf("%+v", a.Reasons)
			}
		})
	}
}
