package check

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/document"
	"bonafide/kyc"
)

// fraudTimeout is for checks that may read three documents of two sides.
const fraudTimeout = 3 * time.Minute

// The identity documents that one applicant may hand in, by what
// kyc.Upload.Asked says; an upload that says none of them is the first one.
const (
	idPrimary   = "primary"
	idSecondary = "secondary"
	idTertiary  = "tertiary"
)

// idOf names which of the applicant's identity documents an upload shows.
func idOf(u kyc.Upload) string {
	if u.Asked == idSecondary || u.Asked == idTertiary {
		return u.Asked
	}
	return idPrimary
}

// idUploads gives the uploads in force of one of the applicant's identity
// documents, fronts first.
func idUploads(all []kyc.Upload, which string) []kyc.Upload {
	return slices.DeleteFunc(current(all, documentKinds...), func(u kyc.Upload) bool { return idOf(u) != which })
}

// idPaper is one identity document as it was read.
type idPaper struct {
	which   string
	uploads []kyc.Upload
	reading document.Reading
	// refused is why the files are no document; nil when they were opened.
	refused *kyc.Error
}

// readIDs reads the identity documents that were handed in; those that were
// not are left out. A non-nil answer says that documents cannot be read now.
func readIDs(ctx context.Context, d Deps, r kyc.CheckRequest, which ...string) ([]idPaper, *kyc.Answer) {
	if d.Documents == nil || d.Blobs == nil {
		a := notConfigured("reader_not_configured", "no document reader is set up here")
		return nil, &a
	}
	var out []idPaper
	for _, w := range which {
		p := idPaper{which: w, uploads: idUploads(r.Uploads, w)}
		if len(p.uploads) == 0 {
			continue
		}
		files, bad := bytesOf(ctx, d, r, p.uploads)
		if bad != nil {
			return nil, bad
		}
		if p.reading, p.refused = d.Documents.Read(ctx, files, r.Now); p.refused != nil {
			if a := unread(p.refused); a.Status != kyc.StatusOK {
				return nil, &a
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// unreadable reports whether nothing on the document could be verified: its
// files are broken, or there is neither a machine-readable zone nor the
// barcode of a licence.
func (p idPaper) unreadable() bool { return p.refused != nil || !p.reading.Verified() }

// problem says why, in words, and what the holder can do about the picture.
func (p idPaper) problem() string {
	if p.refused != nil {
		return "it cannot be read: " + p.refused.Message
	}
	said := "no machine-readable zone and no barcode of a licence can be read, so nothing on it is verified"
	if p.reading.Unsought(document.NoBarcodes) {
		said = "no machine-readable zone can be read, and nothing that reads barcodes is installed here, so nothing on it is verified"
	}
	for _, v := range p.reading.Verdicts {
		said += ". " + strings.TrimSuffix(v.Message, ".")
	}
	return said
}

func (p idPaper) value(name string) string {
	f, _ := p.reading.Field(name)
	return f.Value
}

// holder is the person whom the document names.
func (p idPaper) holder() person {
	return person{first: p.value("first_name"), last: p.value("last_name"), full: p.value("full_name"), born: p.value("date_of_birth"),
		number: p.value("document_number"), issuer: strings.ToUpper(p.value("issuing_country"))}
}

// row is the document in details.documents; points are those that it alone
// brought.
func (p idPaper) row(points float64) map[string]any {
	codes, files := []any{}, []any{}
	for _, f := range p.reading.Findings {
		codes = append(codes, f.Code)
	}
	for _, u := range p.uploads {
		files = append(files, string(u.ID))
	}
	return map[string]any{"document": p.which, "readable": !p.unreadable(), "points": points, "findings": codes, "files": files,
		"document_type": first(p.value("document_type"), string(p.reading.Kind), "unknown"), "issuing_country": p.value("issuing_country")}
}
