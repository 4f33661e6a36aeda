package provider

import (
	"cmp"
	"context"
	"errors"
	"image"
	"math"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"bonafide/face"
	"bonafide/kyc"
)

// compared is a face of CompareFaces' target and its similarity to the largest of
// the source, 0-100.
type compared struct {
	face.Face
	similarity float64
}

// alike asks CompareFaces how alike each face of the target is to the largest of the
// source, which is first; all are the target's, the largest first. Without a
// threshold a weak likeness comes back with its number. none says that one of the
// two pictures shows no face.
func (a *AWS) alike(ctx context.Context, source, target []byte, of, on image.Image) (first face.Face, all []compared, none bool, err *kyc.Error) {
	var out *rekognition.CompareFacesOutput
	err = a.call(ctx, serviceFaces, func(ctx context.Context) error {
		var e error
		out, e = a.faces.CompareFaces(ctx, &rekognition.CompareFacesInput{SourceImage: &types.Image{Bytes: source}, TargetImage: &types.Image{Bytes: target},
			SimilarityThreshold: aws.Float32(0), QualityFilter: types.QualityFilterNone})
		var parameter *types.InvalidParameterException
		if none = errors.As(e, &parameter); none {
			return nil
		}
		return e
	})
	if err != nil || none {
		return face.Face{}, nil, none, err
	}
	if out.SourceImageFace == nil || out.FaceMatches == nil && out.UnmatchedFaces == nil {
		return face.Face{}, nil, false, fails(codeInvalid, "the answer of CompareFaces has another shape")
	}
	first, ok := placed(out.SourceImageFace.BoundingBox, out.SourceImageFace.Confidence, of)
	if !ok {
		return face.Face{}, nil, false, fails(codeInvalid, "the answer of CompareFaces has no place for the face of the source")
	}
	for _, m := range out.FaceMatches {
		if m.Face == nil || !within(m.Similarity, 0, 100) {
			return first, nil, false, fails(codeInvalid, "the answer of CompareFaces has a match without a similarity of 0-100")
		}
		f, ok := placed(m.Face.BoundingBox, m.Face.Confidence, on)
		if !ok {
			return first, nil, false, fails(codeInvalid, "the answer of CompareFaces has a face without a place")
		}
		all = append(all, compared{f, float64(*m.Similarity)})
	}
	for _, u := range out.UnmatchedFaces {
		f, ok := placed(u.BoundingBox, u.Confidence, on)
		if !ok {
			return first, nil, false, fails(codeInvalid, "the answer of CompareFaces has a face without a place")
		}
		all = append(all, compared{f, 0})
	}
	slices.SortStableFunc(all, func(x, y compared) int { return cmp.Compare(y.W*y.H, x.W*x.H) })
	return first, all, false, nil
}

// Others asks CompareFaces with the selfie as source and the document's picture as
// target, which tells every face of the document and how alike it is to the
// applicant. Only where one of them is not the applicant's is a second question
// needed: how alike each is to the largest. wide asks about the picture in all four
// quarter turns: nothing is published of faces that lie on their side.
func (a *AWS) Others(ctx context.Context, portrait, selfie image.Image, wide bool) ([]face.Other, *kyc.Error) {
	paper, person, err := bothEncoded(portrait, selfie)
	if err != nil {
		return nil, err
	}
	_, all, none, err := a.alike(ctx, person, paper, selfie, portrait)
	switch {
	case err != nil:
		return nil, err
	case none:
		return nil, a.faceless(ctx, paper, person)
	case len(all) == 0:
		return nil, aboutPicture("face_not_found", "/portrait")
	}
	largest := all[0].Face
	seen, err := a.besides(ctx, paper, view{portrait, portrait, paper, 0}, all, nil)
	if err != nil || !wide {
		return seen, err
	}
	for turns := 1; turns < 4; turns++ {
		v := view{portrait, turned(portrait, turns), nil, turns}
		if v.sent, err = encoded(v.shown); err != nil {
			return nil, at(err, "/portrait")
		}
		_, all, none, err := a.alike(ctx, person, v.sent, selfie, v.shown)
		if err != nil {
			return nil, err
		}
		if none { // no face in this turn; the selfie has one
			continue
		}
		if seen, err = a.besides(ctx, paper, v, all, seen); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(seen, func(x, y face.Other) int {
		if first := cmp.Compare(rank(x.Face, largest), rank(y.Face, largest)); first != 0 {
			return first
		}
		return cmp.Compare(y.W*y.H, x.W*x.H)
	})
	return seen, nil
}

// rank keeps the largest face of the upright picture, which is the one compared,
// before all others.
func rank(f, largest face.Face) int {
	if f == largest {
		return 0
	}
	return 1
}

// view is a document's picture in one of its quarter turns, as it is sent.
type view struct {
	portrait, shown image.Image
	sent            []byte // shown as JPEG
	turns           int
}

// besides adds the faces of one view to those that were seen before, in places of
// the picture as it is.
func (a *AWS) besides(ctx context.Context, paper []byte, v view, all []compared, seen []face.Other) ([]face.Other, *kyc.Error) {
	known := func(f face.Face) bool {
		return slices.ContainsFunc(seen, func(o face.Other) bool { return onePlace(o.Face, f) })
	}
	upright := func(f face.Face) face.Face { return unturned(f, v.shown, v.turns) }
	keep := all[:0:0]
	for i, c := range all {
		if v.turns == 0 && i == 0 || c.W >= minFace && !known(upright(c.Face)) {
			keep = append(keep, c)
		}
	}
	strange := slices.ContainsFunc(keep, func(c compared) bool { return similarityScore(c.similarity) < samePerson })
	var own []compared
	if strange && (v.turns > 0 || len(keep) > 1) {
		var none bool
		var err *kyc.Error
		if _, own, none, err = a.alike(ctx, paper, v.sent, v.portrait, v.shown); err != nil {
			return nil, err
		}
		if none {
			return nil, fails(codeRefused, "AWS finds no face on a picture on which it found several")
		}
	}
	for i, c := range keep {
		o := face.Other{Face: upright(c.Face), Selfie: similarityScore(c.similarity)}
		n := slices.IndexFunc(own, func(o compared) bool { return onePlace(o.Face, c.Face) })
		switch {
		case v.turns == 0 && i == 0:
			o.Portrait = 1
		case n >= 0:
			o.Portrait = similarityScore(own[n].similarity)
		case strange: // it was asked, and not found again
			o.Portrait = math.NaN()
		}
		seen = append(seen, o)
	}
	return seen, nil
}

// samePerson is the score from which two faces count as one person's (api.md 6.9).
const samePerson = 0.80

// onePlace reports whether two answers about one picture speak of the same face:
// the middle of each lies in the other.
func onePlace(x, y face.Face) bool {
	in := func(a, b face.Face) bool {
		mx, my := a.X+a.W/2, a.Y+a.H/2
		return mx >= b.X && mx <= b.X+b.W && my >= b.Y && my <= b.Y+b.H
	}
	return in(x, y) && in(y, x)
}

// turned is a picture after quarter turns clockwise (1-3).
func turned(img image.Image, turns int) image.Image {
	b := img.Bounds()
	w, h := float64(b.Dx()), float64(b.Dy())
	x, y := float64(b.Min.X), float64(b.Min.Y)
	size := image.Rect(0, 0, b.Dx(), b.Dy())
	if turns%2 == 1 {
		size = image.Rect(0, 0, b.Dy(), b.Dx())
	}
	out := image.NewRGBA(size)
	m := map[int]f64.Aff3{
		1: {0, -1, h + y, 1, 0, -x},
		2: {-1, 0, w + x, 0, -1, h + y},
		3: {0, 1, -y, -1, 0, w + x},
	}[turns]
	draw.NearestNeighbor.Transform(out, m, img, b, draw.Src, nil)
	return out
}

// unturned gives a face of a picture after quarter turns clockwise as it lies on the
// picture before them. Its box stays level.
func unturned(f face.Face, shown image.Image, turns int) face.Face {
	w, h := float64(shown.Bounds().Dx()), float64(shown.Bounds().Dy())
	switch turns {
	case 1:
		f.X, f.Y, f.W, f.H = f.Y, w-f.X-f.W, f.H, f.W
	case 2:
		f.X, f.Y = w-f.X-f.W, h-f.Y-f.H
	case 3:
		f.X, f.Y, f.W, f.H = h-f.Y-f.H, f.X, f.H, f.W
	}
	return f
}
