package office

import (
	"slices"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/ui"
)

// fileRow is a file of a session. Href is empty when it cannot be read any
// more; Drawn says that browsers draw it.
type fileRow struct {
	Kind, Type, Size, At, Note, Href string
	Drawn                            bool
}

func (o *office) filesOf(v *console.Visit, s *kyc.Session, page *sessionPage) error {
	list, err := o.Store.Uploads(v.Ctx(), v.Tenant(), s.ID)
	for i := range list {
		page.Files = append(page.Files, fileOf(s, &list[i]))
	}
	return err
}

func fileOf(s *kyc.Session, u *kyc.Upload) fileRow {
	row := fileRow{Kind: title(u.Kind), Type: title(u.DocumentType), Size: bytesText(u.Size), At: clock(u.CreatedAt)}
	switch {
	case !u.RedactedAt.IsZero():
		row.Note = "erased"
	case u.Withheld:
		row.Note = "cannot be read any more"
	case u.Superseded:
		row.Note = "replaced by a later one"
	}
	if s.Readable() && u.Readable() {
		row.Drawn = ui.Drawn(u.ContentType)
		row.Href = "/console/sessions/" + kyc.Dress("session", s.ID) + "/files/" + kyc.Dress("document", u.ID)
	}
	return row
}

// sessionFile serves a file of a session: a picture as a picture, everything
// else as a download. The look is an entry of the audit chain (upload.read).
func (o *office) sessionFile(v *console.Visit) error {
	id, err := v.ID("id", "session")
	if err != nil {
		return err
	}
	file, err := v.ID("file", "document")
	if err != nil {
		return err
	}
	s, err := o.Store.Session(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	uploads, err := o.Store.Uploads(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	if !s.Readable() || !slices.ContainsFunc(uploads, func(u kyc.Upload) bool { return u.ID == file }) {
		return kyc.Missing("document", "of this session")
	}
	u, raw, err := o.Sessions.File(v.Ctx(), v.Tenant(), v.Who.Actor, file)
	if err != nil {
		return err
	}
	ui.ServeFile(v.W, u.ContentType, raw)
	return nil
}

func bytesText(n int64) string {
	switch {
	case n < 1000:
		return lead(float64(n)) + " B"
	case n < 1_000_000:
		return lead(float64(n)/1000) + " kB"
	}
	return lead(float64(n)/1_000_000) + " MB"
}
