package check

import (
	"context"
	"image"
	"strings"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
)

// Portraits finds the faces on one side of a document (face.Engine).
type Portraits interface {
	// Portraits gives them the largest first, with how alike each is to that one.
	Portraits(ctx context.Context, page image.Image) ([]face.Other, *kyc.Error)
}

var _ Portraits = (*face.Engine)(nil)

// portraits holds the second portrait that many documents print against the first:
// whoever changes the large one often leaves the small one as it was. Only a face that
// is surely another counts, for how well those of foil and of holes compare was not
// measured. A non-nil answer says that faces cannot be looked at now.
func (v *fraudVisit) portraits(ctx context.Context, p idPaper) *kyc.Answer {
	if p.refused != nil || p.which != idPrimary {
		return nil
	}
	if v.d.Portraits == nil || v.d.Pictures == nil || !v.looksAtFaces() {
		v.notChecked = append(v.notChecked, "ghost_portrait")
		return nil
	}
	seen := false
	for _, u := range p.uploads {
		if u.Kind != "document_front" {
			continue
		}
		files, bad := bytesOf(ctx, v.d, v.r, []kyc.Upload{u})
		if bad != nil {
			return bad
		}
		leaf, err := v.d.Pictures.Leaf(ctx, files[0])
		if err != nil {
			continue // the reader opened what this does not; that it was not compared is said
		}
		h := holder{img: leaf.Picture, leaf: &document.Leaf{Picture: leaf.Picture}}
		if leaf.Straight != nil {
			h = holder{img: leaf.Straight, leaf: &leaf}
		}
		found, err := v.d.Portraits.Portraits(ctx, h.img)
		switch {
		case err == nil:
			seen = true
			v.secondPortraits(found, h, u.ID)
		case err.Kind == kyc.Unavailable && !strings.HasSuffix(err.Code, "_not_configured"):
			a := unavailable(err.Code, err.Message)
			return &a
		}
	}
	if !seen {
		v.notChecked = append(v.notChecked, "ghost_portrait")
	}
	return nil
}

// looksAtFaces reports whether the faces of a document may be compared. Where nobody
// said so, the applicant's own picture does: who sent one agreed to have faces
// compared.
func (v *fraudVisit) looksAtFaces() bool {
	if v.c.ComparePortraits != nil {
		return *v.c.ComparePortraits
	}
	_, _, ok := applicant(&v.r)
	return ok
}

// secondPortraits weighs the faces beside the largest one; only one of them counts.
func (v *fraudVisit) secondPortraits(found []face.Other, h holder, upload kyc.ID) {
	for i, o := range found {
		if i == 0 || !finite(o.Portrait) || o.Portrait >= noMatch {
			continue
		}
		region, _ := h.region(o.Face, upload)
		v.add(idPrimary, "second_portrait_differs", 1, "it shows a second face that is not that of its portrait",
			map[string]any{"likeness": round4(o.Portrait), "width": round4(o.W / found[0].W)}, region)
		return
	}
}
