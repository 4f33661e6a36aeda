package check

import "bonafide/kyc"

// A photograph of a document may show more faces than its portrait: that of
// whoever holds it up, or another photograph on the table. The straightened page
// has none of them; on the picture as it was taken the largest face may be one.

// sameShare is the share of all that two places cover together which both cover,
// from which the faces there are taken for one: a detector draws its box
// somewhat otherwise on a page that was bent, and turns it with a tilted page.
const sameShare = 0.3

// sameSpot reports whether two faces of one photograph stand at one place; a
// place that nobody named is none.
func sameSpot(a, b *kyc.Region) bool {
	if a == nil || b == nil {
		return false
	}
	w := min(a.X+a.W, b.X+b.W) - max(a.X, b.X)
	h := min(a.Y+a.H, b.Y+b.H) - max(a.Y, b.Y)
	if w <= 0 || h <= 0 {
		return false
	}
	return w*h >= sameShare*(a.W*a.H+b.W*b.H-w*h)
}

// holds reports whether the middle of a place of the photograph lies on the page
// that was straightened.
func (h holder) holds(at *kyc.Region) bool {
	if at == nil || h.leaf == nil || h.leaf.Straight == nil {
		return false
	}
	b := h.leaf.Straight.Bounds()
	x, y := at.X+at.W/2, at.Y+at.H/2
	corners := h.leaf.Corners(0, 0, float64(b.Dx()), float64(b.Dy()))
	for i, from := range corners { // clockwise: the inside is on the right of every edge
		to := corners[(i+1)%4]
		if (to[0]-from[0])*(y-from[1])-(to[1]-from[1])*(x-from[0]) < 0 {
			return false
		}
	}
	return true
}

// offPage leaves to a person what was compared with a face that stands beside the
// page: either its edges were found wrongly, or the face is not its holder's.
func offPage(a *kyc.Answer) {
	if a.Verdict == kyc.VerdictReview {
		return
	}
	a.Verdict = kyc.VerdictReview
	r := reason(warning, "portrait_off_page", "the only face on the photograph of the document stands beside the page that was found")
	if len(a.Reasons) > 0 {
		r.Region = a.Reasons[0].Region
	}
	a.Reasons = []kyc.Reason{r}
}
