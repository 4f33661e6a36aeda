package journey

import (
	"context"
	"time"

	"bonafide/kyc"
)

// documentLife is how long a document's address works.
const documentLife = 5 * time.Minute

// DocumentClaim says which file may be fetched until when, and how. The
// surface signs it; whoever holds the signed address may read the file.
type DocumentClaim struct {
	Upload      kyc.Upload
	FileName    string // personal data; empty when none is known
	Disposition string // inline, attachment
	ExpiresAt   time.Time
}

// DocumentURL prepares the address of a session's document (A20) and records
// who asked. Errors: 404 for an unknown document, one of another session, or
// one whose data was erased; Invalid for an unknown disposition.
func (m *Machine) DocumentURL(ctx context.Context, t kyc.Tenant, by kyc.Actor, session, document kyc.ID, disposition string) (DocumentClaim, error) {
	switch disposition {
	case "":
		disposition = "inline"
	case "inline", "attachment":
	default:
		return DocumentClaim{}, kyc.InvalidInput("invalid_query", "the address cannot be made like this",
			[]kyc.Problem{{Path: "/query/disposition", Code: "disposition_invalid", Message: "use inline or attachment"}})
	}
	v, err := m.load(ctx, t, session)
	if err != nil {
		return DocumentClaim{}, err
	}
	u, err := m.d.Store.Upload(ctx, t, document)
	if err != nil {
		return DocumentClaim{}, err
	}
	if u.SessionID != session || !u.Readable() {
		return DocumentClaim{}, kyc.Missing("document", string(document))
	}
	claim := DocumentClaim{Upload: u, FileName: v.journey.Private.Files[u.ID], Disposition: disposition, ExpiresAt: v.now.Add(documentLife)}
	e := event(ctx, t, by, v.now, "upload.url", "upload", u.ID, u.SubjectID)
	e.Reason = disposition
	return claim, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}

// Document gives the bytes of a claimed document and records the look. The
// caller has verified the signature and the end of the claim.
func (m *Machine) Document(ctx context.Context, t kyc.Tenant, by kyc.Actor, document kyc.ID) (kyc.Upload, []byte, error) {
	u, err := m.d.Store.Upload(ctx, t, document)
	if err != nil {
		return u, nil, err
	}
	if !u.Readable() {
		return u, nil, kyc.Missing("document", string(document))
	}
	b, err := m.d.Store.Blob(ctx, t, u.SubjectID, u.BlobKey)
	if err != nil {
		return u, nil, err
	}
	e := event(ctx, t, by, m.d.Clock.Now(), "upload.read", "upload", u.ID, u.SubjectID)
	return u, b, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}
