package check

import (
	"context"
	"fmt"

	"bonafide/kyc"
)

// listFaceMin is the likeness, 0-1, from which a face of a list is the
// applicant's where the config does not say. It is that of face_dedup, so that
// both checks say the same of one face.
const listFaceMin = dedupMinimum

// listFaces is the applicant's face, to be held against lists of faces.
type listFaces struct {
	search  *faceSearch // nil where there is no face to compare
	source  string
	minimum float64
	// unfit is why a picture that there is shows no face that can be compared.
	unfit *kyc.Reason
}

// facesOf finds the applicant's face where one of the lists holds faces. The
// answer is set where nobody could look at it: without an engine block lists are
// not configured, and other lists stay unasked.
func facesOf(ctx context.Context, d Deps, r *kyc.CheckRequest, lists []kyc.List, minimum float64) (listFaces, *kyc.Answer) {
	f := listFaces{minimum: minimum}
	wanted, blocking := false, false
	for _, l := range lists {
		if l.Type == kyc.ListFace && l.Items > 0 {
			wanted, blocking = true, blocking || l.Mode == kyc.ModeBlock
		}
	}
	if !wanted {
		return f, nil
	}
	if d.Faces == nil || d.Blobs == nil || d.Pictures == nil || d.Faces.Encoder(r) == nil {
		return f.away(blocking)
	}
	shown, source, ok := applicant(r)
	if !ok {
		return f, nil
	}
	img, bad := picture(ctx, d, r, shown, "selfie")
	if bad == nil {
		encoder := d.Faces.Encoder(r)
		own, err := encoder.Template(ctx, img)
		if err == nil {
			f.search, f.source = &faceSearch{d: d, r: r, encoder: encoder, own: own}, source
			return f, nil
		}
		a := asCheck(r, err)
		bad = &a
	}
	switch bad.Status {
	case kyc.StatusOK:
		f.unfit = &bad.Reasons[0]
		return f, nil
	case kyc.StatusNotConfigured:
		return f.away(blocking)
	}
	return f, bad
}

func (f listFaces) away(blocking bool) (listFaces, *kyc.Answer) {
	if !blocking {
		return f, nil
	}
	a := notConfigured("face_lists_not_configured", "nobody is set up here who compares faces with block lists")
	return f, &a
}

// ask compares with every face of a list; strange are those that another model
// made, which cannot be compared.
func (f listFaces) ask(ctx context.Context, d Deps, t kyc.Tenant, l kyc.List) (best found, strange int, asked bool, bad *kyc.Answer) {
	if f.search == nil {
		return best, 0, false, nil
	}
	items, err := d.Lists.AllListItems(ctx, t, l.ID)
	if err != nil {
		a := unavailable("lists_unavailable", "a list cannot be read now")
		return best, 0, true, &a
	}
	for _, item := range items {
		if item.FalsePositive {
			continue
		}
		other, comparable := f.search.listed(item.Value)
		if !comparable {
			strange++
			continue
		}
		like, bad := f.search.likeness(other)
		if bad != nil {
			return best, strange, true, bad
		}
		if like >= min(operatingPoint, f.minimum) && like > best.likeness {
			best = found{sure: like >= f.minimum, perhaps: like < f.minimum, item: item.ID, likeness: like}
		}
	}
	return best, strange, true, nil
}

// doubts are what a person has to look at in a list of faces of which nobody was
// found for sure.
func (f listFaces) doubts(l kyc.List, strange int) (out []kyc.Reason) {
	if f.unfit != nil {
		out = append(out, *f.unfit)
	}
	if strange > 0 {
		out = append(out, reason(warning, "faces_not_comparable", fmt.Sprintf("%d faces of list %s were made by another model and cannot be compared", strange, l.ID)))
	}
	return out
}
