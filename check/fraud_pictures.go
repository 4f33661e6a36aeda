package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/tamper"
)

// repeats finds one picture that was handed in as two: the same file, or one
// that was saved or scaled anew.
func (v *fraudVisit) repeats(papers []idPaper) {
	var own []kyc.ID
	type shown struct {
		kyc.Picture
		document, number string
	}
	var before []shown
	for _, p := range papers {
		for _, u := range p.uploads {
			own = append(own, u.ID)
		}
	}
	hash := func(id kyc.ID) string {
		i := slices.IndexFunc(v.r.Uploads, func(u kyc.Upload) bool { return u.ID == id })
		if i < 0 {
			return ""
		}
		return v.r.Uploads[i].SHA256
	}
	for _, p := range papers {
		for _, u := range p.uploads {
			if u.SHA256 == "" {
				continue
			}
			twin := slices.IndexFunc(v.r.Uploads, func(o kyc.Upload) bool {
				// Of two sides of the documents, only the later one is said.
				return o.SHA256 == u.SHA256 && o.ID != u.ID && !o.Superseded && o.RedactedAt.IsZero() &&
					(!slices.Contains(own, o.ID) || slices.Index(own, o.ID) < slices.Index(own, u.ID))
			})
			if twin >= 0 {
				v.add(p.which, "repeated_image", 1, fmt.Sprintf("its picture was also handed in as %s", v.r.Uploads[twin].Kind),
					map[string]any{"uploads": []any{string(v.r.Uploads[twin].ID), string(u.ID)}}, &kyc.Region{Upload: u.ID, W: 1, H: 1})
			}
		}
		for _, x := range looksOf(p.reading) {
			for _, b := range before {
				if b.Upload == x.Upload || !tamper.Near(x.Look, b.Look) || hash(x.Upload) == hash(b.Upload) {
					continue // the same file was said already
				}
				value, message := 1.0, "its picture is one that was handed in before in this session, saved or scaled anew"
				if b.document != p.which && b.number != "" && p.sureNumber() != "" && b.number != p.sureNumber() {
					value, message = 0.5, "its picture looks like that of the "+b.document+" one, which has another number: two documents of one layout, or one that was altered"
				}
				perceptual, gradient := tamper.Distance(x.Look, b.Look)
				v.add(p.which, "similar_image", value, message,
					map[string]any{"uploads": []any{string(b.Upload), string(x.Upload)}, "perceptual_distance": perceptual, "gradient_distance": gradient},
					&kyc.Region{Upload: x.Upload, W: 1, H: 1})
			}
			before = append(before, shown{x, p.which, p.sureNumber()})
		}
	}
}

// duplicates finds pictures that other people handed in. A non-nil answer says
// that they cannot be looked for now.
func (v *fraudVisit) duplicates(ctx context.Context, papers []idPaper) *kyc.Answer {
	if v.d.Looks == nil || v.d.Blinder == nil {
		v.notChecked = append(v.notChecked, "duplicate_image")
		return nil
	}
	for _, p := range papers {
		own, seen, err := lookUp(ctx, v.d, v.r, p)
		if err != nil {
			a := unavailable("duplicates_unavailable", "the documents of earlier sessions cannot be compared now")
			return &a
		}
		v.pictures = append(v.pictures, own...)
		if len(seen) == 0 {
			continue
		}
		value, message := 0.5, "its picture looks like one of another applicant's session, whose document has another number: two documents of one layout, or one that was altered"
		others := []any{}
		// The nearest first, and those of the same number before all.
		slices.SortStableFunc(seen, func(a, b sighting) int {
			if a.otherNumber != b.otherNumber {
				return map[bool]int{false: -1, true: 1}[a.otherNumber]
			}
			return a.perceptual + a.gradient - b.perceptual - b.gradient
		})
		for _, s := range seen {
			if !s.otherNumber {
				value, message = 1, "its picture was handed in by another applicant, too"
			}
			if len(others) < maxNamed {
				others = append(others, map[string]any{"session": kyc.Dress("session", s.other.SessionID), "perceptual_distance": s.perceptual,
					"gradient_distance": s.gradient, "other_number": s.otherNumber})
			}
		}
		v.add(p.which, "duplicate_image", value, message, map[string]any{"sessions": others, "count": len(seen)}, &kyc.Region{Upload: seen[0].upload, W: 1, H: 1})
	}
	return nil
}

// traces weighs the hints of the files of one document. A non-nil answer says
// that they cannot be looked at now.
func (v *fraudVisit) traces(ctx context.Context, p idPaper) *kyc.Answer {
	if maker := documentMaker(softwareOf(p.reading)); maker != "" && !p.reading.Has("editing_software") {
		v.add(p.which, "document_software", 1, "a program that writes or joins documents made the file, not a camera or a scanner", map[string]any{"software": maker}, nil)
	}
	if p.refused != nil {
		return nil // nothing of it can be opened; that was said
	}
	if v.d.Traces == nil {
		if !slices.Contains(v.notChecked, "file_traces") {
			v.notChecked = append(v.notChecked, "file_traces")
		}
		return nil
	}
	files, bad := bytesOf(ctx, v.d, v.r, p.uploads)
	if bad != nil {
		return bad
	}
	found, err := v.d.Traces.Traces(ctx, files)
	if err != nil {
		if a := unread(err); a.Status != kyc.StatusOK {
			return &a
		}
		return nil // files of which the reader made something and this does not
	}
	if v.c.LookForScreens {
		screens, looked, err := v.d.Traces.Screens(ctx, files)
		if err != nil {
			a := unread(err)
			return &a // it was opened before: a machine that has no time
		}
		found, v.screens = append(found, screens...), v.screens || looked
	}
	for _, t := range found {
		region := t.Region
		if region != nil {
			for _, page := range p.reading.Pages {
				if page.Upload == region.Upload && page.Page == region.Page {
					upright := page.Upright(*region)
					region = &upright
					break
				}
			}
		}
		v.add(p.which, t.Code, t.Value, t.Message, t.Evidence, region)
	}
	return nil
}

// documentMaker names the first program of a list that writes, prints or joins
// documents; "" when there is none. Programs of scanners and cameras are not
// among them.
func documentMaker(software []any) string {
	for _, s := range software {
		name, _ := s.(string)
		for _, maker := range []string{"microsoft", "word", "libreoffice", "openoffice", "google docs", "pages", "skia/pdf", "chromium", "wkhtmltopdf", "reportlab",
			"itext", "fpdf", "tcpdf", "pdfsam", "ilovepdf", "smallpdf", "sejda", "pdfescape", "foxit", "nitro", "pdf-xchange", "ghostscript", "quartz pdfcontext", "latex", "prince"} {
			if strings.Contains(strings.ToLower(name), maker) {
				return name
			}
		}
	}
	return ""
}
