package execution

import (
	"cmp"
	"slices"
	"time"

	"bonafide/kyc"
)

// Kinds of uploads as checks ask for them.
const (
	kindFront  = "document_front"
	kindBack   = "document_back"
	kindSelfie = "selfie"
)

// asked are the places that identity documents take: a check reads the first.
var asked = []string{"primary", "secondary", "tertiary"}

// paperTypes are the types of identity documents in the words of the reader.
var paperTypes = map[string]string{
	"PASSPORT": "passport", "NATIONAL_ID": "id_card", "DRIVERS_LICENSE": "driving_licence", "VISA": "visa", "IMMIGRATION": "residence_permit",
}

func paperType(kind string) string {
	if known, ok := paperTypes[kind]; ok {
		return known
	}
	if kyc.EntityDocumentClass(kind) == kyc.DocIdentity {
		return "other"
	}
	return ""
}

// unexpired reports whether a paper is valid on a day. It is valid through its
// date of expiry; a date that cannot be read makes it invalid.
func unexpired(d *kyc.EntityDocument, day time.Time) bool {
	if d.ExpiryDate == "" {
		return true
	}
	end, err := time.Parse(time.DateOnly, d.ExpiryDate)
	return err == nil && !end.Before(day.UTC().Truncate(24*time.Hour))
}

// usable are the files of a paper that can be shown to a check.
func usable(d *kyc.EntityDocument) []kyc.EntityAttachment {
	return slices.DeleteFunc(slices.Clone(d.Attachments), func(a kyc.EntityAttachment) bool {
		return !a.DeletedAt.IsZero() || a.Status == "FAILED" || a.Status == "EXCLUDED" || a.BlobKey == "" || (a.Type != "PHOTO" && a.Type != "PDF")
	})
}

// rank orders identity documents by what they prove alone.
func rank(kind string) int {
	order := []string{"PASSPORT", "NATIONAL_ID", "DRIVERS_LICENSE", "IMMIGRATION", "VISA"}
	if at := slices.Index(order, kind); at >= 0 {
		return at
	}
	return len(order)
}

// evidence is what of an individual's papers goes into an execution.
type evidence struct {
	// lead is the identity document that stands for the person: a valid one
	// with files before one without, passports first, the newest of equals.
	lead    *kyc.EntityDocument
	uploads []kyc.Upload
	// front and selfie say whether there is something to read and to compare.
	front, selfie bool
}

// gather turns the papers of an individual into the uploads of a session. The
// bytes are shared: an upload names the blob of its attachment, so what the
// checks saw stays what it was as long as the attachment lives.
func gather(docs []kyc.EntityDocument, session kyc.ID, now time.Time) evidence {
	var e evidence
	valid := slices.DeleteFunc(slices.Clone(docs), func(d kyc.EntityDocument) bool {
		return !d.DeletedAt.IsZero() || d.Private.Unreadable || !unexpired(&d, now)
	})
	slices.SortStableFunc(valid, func(a, b kyc.EntityDocument) int {
		return cmp.Or(cmp.Compare(rank(a.Type), rank(b.Type)), b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	place := 0
	for i := range valid {
		d := &valid[i]
		if d.Class != kyc.DocIdentity || d.Type == "SELF_IMAGE" || place >= len(asked) {
			continue
		}
		files := usable(d)
		if len(files) == 0 {
			continue
		}
		if e.lead == nil {
			e.lead = d
		}
		e.uploads = append(e.uploads, sides(d, files, session, asked[place], now)...)
		e.front, place = true, place+1
	}
	if e.lead == nil {
		if at := slices.IndexFunc(valid, func(d kyc.EntityDocument) bool {
			return d.Class == kyc.DocIdentity && d.Type != "SELF_IMAGE" && d.Private.PrimaryIdentifier != ""
		}); at >= 0 {
			e.lead = &valid[at]
		}
	}
	for i := range valid {
		if d := &valid[i]; d.Type == "SELF_IMAGE" {
			if files := usable(d); len(files) > 0 {
				e.uploads = append(e.uploads, upload(d, files[0], session, kindSelfie, "", now))
				e.selfie = true
				break // the newest: one face is compared
			}
		}
	}
	return e
}

// sides are the files of one paper: the one that says so is the back, and the
// first of the others the front. A second one without a side is the back.
func sides(d *kyc.EntityDocument, files []kyc.EntityAttachment, session kyc.ID, place string, now time.Time) []kyc.Upload {
	slices.SortStableFunc(files, func(a, b kyc.EntityAttachment) int {
		return cmp.Or(cmp.Compare(a.Page, b.Page), a.CreatedAt.Compare(b.CreatedAt))
	})
	take := func(fits func(a kyc.EntityAttachment) bool) *kyc.EntityAttachment {
		at := slices.IndexFunc(files, fits)
		if at < 0 {
			return nil
		}
		a := files[at]
		files = slices.Delete(slices.Clone(files), at, at+1)
		return &a
	}
	front := take(func(a kyc.EntityAttachment) bool { return a.Side == "FRONT" })
	back := take(func(a kyc.EntityAttachment) bool { return a.Side == "BACK" })
	unsaid := func(a kyc.EntityAttachment) bool { return a.Side == "" }
	if front == nil {
		front = take(unsaid)
	}
	if back == nil {
		back = take(unsaid)
	}
	if front == nil { // only a back was sent; the reader looks at whatever there is
		front, back = back, nil
	}
	var out []kyc.Upload
	if front != nil {
		out = append(out, upload(d, *front, session, kindFront, place, now))
	}
	if back != nil {
		out = append(out, upload(d, *back, session, kindBack, place, now))
	}
	return out
}

func upload(d *kyc.EntityDocument, a kyc.EntityAttachment, session kyc.ID, kind, place string, now time.Time) kyc.Upload {
	u := kyc.Upload{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: d.Tenant}, SessionID: session, SubjectID: d.SubjectID, Kind: kind, Asked: place,
		DocumentType: paperType(d.Type), ContentType: a.ContentType, Size: a.Size, SHA256: a.SHA256, BlobKey: a.BlobKey}
	switch kind {
	case kindFront:
		u.Side = "front"
	case kindBack:
		u.Side = "back"
	}
	u.Touch(now)
	return u
}
