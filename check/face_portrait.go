package check

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"slices"
	"strings"

	"bonafide/chip"
	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
)

// portrait is a picture on which the document's holder is expected.
type portrait struct {
	upload kyc.Upload
	source string // chip or document
}

// portraitsOf are the pictures to compare with, preferred first: the chip's
// once it was verified, then the fronts of the first identity document.
func portraitsOf(r *kyc.CheckRequest) []portrait {
	var out []portrait
	chip := r.Checks["nfc_chip_auth"]
	if authentic, _ := chip.Details["authentic"].(bool); authentic && chip.Status == "passed" {
		if u, ok := chipPortrait(r.Uploads); ok {
			out = append(out, portrait{u, "chip"})
		}
	}
	for _, u := range idUploads(r.Uploads, idPrimary) {
		if u.Kind == "document_front" {
			out = append(out, portrait{u, "document"})
		}
	}
	return out
}

// chipPortrait finds data group 2 among the files of the chip.
func chipPortrait(all []kyc.Upload) (kyc.Upload, bool) {
	files := current(all, "nfc")
	i := slices.IndexFunc(files, func(u kyc.Upload) bool { return strings.TrimPrefix(letters(u.Side), "EF") == "DG2" })
	if i < 0 {
		return kyc.Upload{}, false
	}
	return files[i], true
}

// holder is one picture to look for the holder's face on.
type holder struct {
	img image.Image
	// leaf is the side of the document that the picture shows; nil for a chip's.
	leaf *document.Leaf
	// sum is the SHA-256 (hex) of the picture's file, which for a chip is that of
	// the picture inside data group 2.
	sum string
}

// pictures decodes it: a photographed page straightened, and then as it was
// photographed, in case that the edges which were found are not the page's.
func (p portrait) pictures(ctx context.Context, d Deps, r *kyc.CheckRequest) ([]holder, *kyc.Answer) {
	files, bad := bytesOf(ctx, d, *r, []kyc.Upload{p.upload})
	if bad != nil {
		return nil, bad
	}
	if p.source == "chip" {
		img, sum, bad := openChipPortrait(ctx, d, files[0])
		if bad != nil {
			return nil, bad
		}
		return []holder{{img: img, sum: sum}}, nil
	}
	leaf, err := d.Pictures.Leaf(ctx, files[0])
	if err != nil {
		return nil, noPicture(err, "portrait")
	}
	raw := document.Leaf{Picture: leaf.Picture}
	out := []holder{{raw.Picture, &raw, p.upload.SHA256}}
	if leaf.Straight != nil {
		out = []holder{{leaf.Straight, &leaf, p.upload.SHA256}, out[0]}
	}
	return out, nil
}

// region is where a face stands on the upload, for the reviewer: the smallest
// region of the picture that holds it. Of a straightened page the corners of
// the face are given besides, from the upper left one clockwise, in shares of
// the picture.
func (h holder) region(f face.Face, upload kyc.ID) (region *kyc.Region, corners *[4][2]float64) {
	if h.leaf == nil || h.leaf.Straight == nil {
		return regionOf(f, h.img, upload), nil
	}
	if !placed(f) {
		return nil, nil
	}
	at := h.leaf.Corners(f.X, f.Y, f.W, f.H)
	x0, y0, x1, y1 := 1.0, 1.0, 0.0, 0.0
	for _, c := range at {
		x0, y0, x1, y1 = min(x0, c[0]), min(y0, c[1]), max(x1, c[0]), max(y1, c[1])
	}
	return &kyc.Region{Upload: upload, X: x0, Y: y0, W: round4(x1 - x0), H: round4(y1 - y0)}, &at
}

// openChipPortrait decodes the picture in data group 2 and gives the SHA-256
// (hex) of its bytes. One that cannot be shown here is for the reviewer to look
// at.
func openChipPortrait(ctx context.Context, d Deps, dg2 document.File) (image.Image, string, *kyc.Answer) {
	b, err := chip.Portrait(dg2.Bytes)
	if err == nil {
		var img image.Image
		if img, err = d.Pictures.Picture(ctx, document.File{Name: "DG2", Upload: dg2.Upload, Bytes: b}); err == nil {
			sum := sha256.Sum256(b)
			return img, hex.EncodeToString(sum[:]), nil
		}
	}
	if err.Kind == kyc.Unavailable && !strings.HasSuffix(err.Code, "_not_configured") {
		a := unavailable(err.Code, err.Message)
		return nil, "", &a
	}
	a := review("chip_portrait_unreadable", "the picture on the chip cannot be decoded here: "+err.Message)
	return nil, "", &a
}

// compareChipPortrait holds the picture on an authentic chip against the
// applicant's. Where nobody compares faces, or there is nothing to compare with
// yet, the answer says so and stays what it is.
func compareChipPortrait(ctx context.Context, d Deps, r *kyc.CheckRequest, files chip.Files, report chip.Report) (reasons []kyc.Reason, details map[string]any) {
	dg2, has := files.DataGroups[2]
	selfie, source, shown := applicant(r)
	if !report.Authentic || !has || !shown {
		return nil, nil
	}
	left := func(code, message string) ([]kyc.Reason, map[string]any) {
		return []kyc.Reason{reason(info, "chip_portrait_not_compared", "the picture on the chip was not compared with the applicant's: "+message)}, map[string]any{"status": "not_compared", "reason": code}
	}
	var comparer face.Comparer
	if d.Faces != nil && d.Pictures != nil {
		comparer = d.Faces.Comparer(r)
	}
	if comparer == nil {
		return left("not_configured", "no face comparison is set up here")
	}
	u, _ := chipPortrait(r.Uploads)
	first, sum, bad := openChipPortrait(ctx, d, document.File{Upload: u.ID, Bytes: dg2})
	var second image.Image
	if bad == nil {
		second, bad = picture(ctx, d, r, selfie, "selfie")
	}
	if bad != nil {
		return left(bad.Reasons[0].Code, bad.Reasons[0].Message)
	}
	found, err := comparer.Compare(ctx, first, second)
	if err != nil {
		a := asCheck(r, err)
		return left(a.Reasons[0].Code, a.Reasons[0].Message)
	}
	threshold := operatingPoint
	a := judgeLikeness(found, faceConfig{Threshold: &threshold})
	if a.Status != kyc.StatusOK {
		return left(a.Reasons[0].Code, a.Reasons[0].Message)
	}
	tooAlike(&a, found, first, second, selfie.SHA256 != "" && selfie.SHA256 == sum)
	details = a.Details
	delete(details, "level")
	details["status"], details["source"] = "compared", source
	switch a.Verdict {
	case kyc.Pass:
		return []kyc.Reason{reason(info, "chip_portrait_matches", "the picture on the chip is of the applicant")}, details
	case kyc.Fail:
		return []kyc.Reason{reason(critical, "chip_portrait_differs", "the picture on the chip is of somebody else than the applicant")}, details
	}
	if a.Reasons[0].Code == selfieIsPortrait {
		return a.Reasons[:1], details
	}
	return []kyc.Reason{reason(warning, "chip_portrait_unsure", "the picture on the chip is too little like the applicant to decide by")}, details
}

// withPortrait adds to the answer about a chip what the comparison of its
// picture said.
func withPortrait(a kyc.Answer, reasons []kyc.Reason, details map[string]any) kyc.Answer {
	if a.Status != kyc.StatusOK || details == nil {
		return a
	}
	a.Reasons = append(a.Reasons, reasons...)
	a.Details["portrait_match"] = details
	for _, r := range reasons {
		switch {
		case r.Code == selfieIsPortrait:
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		case r.Severity == critical:
			a.Verdict, a.Fields = kyc.Fail, nil
			mismatches, _ := a.Details["mismatches"].([]any)
			a.Details["mismatches"] = append(mismatches, "portrait")
		case r.Severity == warning:
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		}
	}
	return a
}
