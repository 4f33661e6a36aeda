package check

import (
	"context"
	"image"
	"slices"
	"strings"

	"bonafide/face"
	"bonafide/kyc"
)

// severalFaces is the code of a document's picture that shows other people, too.
const severalFaces = "portrait_several_faces"

// smallPicture is the part of the portrait's width below which another face on a
// straightened page is a picture that the document itself prints. Two documents on
// one sheet have portraits of like size.
const smallPicture = 0.5

// besides looks whose portrait was compared where the picture of the document shows
// more than one face. The largest is compared; whoever holds a document up, or lays
// one beside another, may have the larger one. A face that is alike to the portrait
// or to the applicant at the operating point is the same person once more: the small
// second portrait that documents print, or the holder with the own document
// (docs/accuracy.md); where the portrait failed, only likeness to it counts. Any other makes the answer one for a person, unless the page
// that was found tells which is the document's: what stands beside it is not, and
// nor is what is much smaller on it.
//
// Where nobody can look for other faces, because only a service compares that does
// not tell, whoever passes is left to a person.
func besides(ctx context.Context, comparer face.Comparer, a kyc.Answer, c face.Comparison, shows []holder, at int, selfie image.Image, paper kyc.ID) kyc.Answer {
	page := shows[0]
	if page.leaf == nil { // of a chip, which holds one picture
		return a
	}
	looks, ok := comparer.(face.Onlookers)
	if !ok {
		return unlooked(a)
	}
	found := page.leaf.Straight != nil
	others, err := looks.Others(ctx, shows[at].img, selfie, !found)
	switch {
	case err != nil && err.Kind == kyc.Unavailable && !strings.HasSuffix(err.Code, "_not_configured"):
		return unavailable(err.Code, err.Message)
	case err != nil: // nobody is set up for it, or sees a face where another found the portrait
		return unlooked(a)
	}
	a.Details["other_faces_looked_for"] = true
	var strange []any
	var where *kyc.Region
	compared, _ := shows[at].region(c.Portrait, paper)
	for i, o := range others {
		spot, _ := shows[at].region(o.Face, paper)
		switch {
		case i == 0 && (compared == nil || sameSpot(compared, spot)):
			continue // the one that was compared
		case i == 0 && o.Selfie < operatingPoint: // a service compared another face than the largest
		case !finite(o.Portrait, o.Selfie): // is nobody's
		case o.Portrait >= operatingPoint || o.Selfie >= operatingPoint && a.Verdict != kyc.Fail:
			continue
		case found && at > 0 && !page.holds(spot):
			continue
		case found && o.W < smallPicture*c.Portrait.W:
			continue
		}
		if where == nil {
			where = spot
		}
		strange = append(strange, plainly(spot))
	}
	if len(strange) == 0 {
		return a
	}
	r := reason(warning, severalFaces, "the picture of the document shows the faces of several people, and the largest need not be the document's; a person has to say whose portrait it is")
	r.Region = where
	a.Details["other_faces"] = strange
	switch a.Verdict {
	case kyc.Pass:
		a.Reasons = []kyc.Reason{r}
	case kyc.Fail: // of whom the portrait is remains to be said
		for i := range a.Reasons {
			if a.Reasons[i].Severity == critical {
				a.Reasons[i].Severity = warning
			}
		}
		a.Reasons = append([]kyc.Reason{r}, a.Reasons...)
	default:
		a.Reasons = append(a.Reasons, r)
	}
	a.Verdict = kyc.VerdictReview
	return a
}

// notAlone is the code of a portrait of which nobody knows whether it was alone on
// the picture.
const notAlone = "portrait_not_known_alone"

// unlooked answers where nobody looked for other faces on the document's picture: a
// stranger's document beside a larger face may have passed.
func unlooked(a kyc.Answer) kyc.Answer {
	a.Details["other_faces_looked_for"] = false
	if a.Verdict == kyc.Pass {
		a.Verdict = kyc.VerdictReview
		a.Reasons = []kyc.Reason{reason(warning, notAlone, "the faces match, but nobody here could look whether the picture of the document shows other people, too; install the models (bonafide models pull) or let the provider tell (other_faces)")}
	}
	return a
}

// settled reports that no other view of the picture can change an answer: it passed,
// or what it shows is for a person whatever else is seen.
func settled(a kyc.Answer) bool {
	return a.Verdict == kyc.Pass || slices.ContainsFunc(a.Reasons, func(r kyc.Reason) bool {
		return r.Code == selfieIsPortrait || r.Code == severalFaces || r.Code == notAlone
	})
}
