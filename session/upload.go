package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Limits of what an applicant may send (api.md 1.4).
const (
	MaxFile  = 20 << 20 // bytes
	MaxFiles = 40       // of one session, replaced ones included
)

// FileKinds are the data requirements a file can serve, besides custom:<name>
// of the workflow's own documents.
func FileKinds() []string {
	return []string{"document_front", "document_back", "selfie", "liveness", "nfc", "proof_of_address"}
}

// DocumentTypes are the types of identity documents an upload may claim.
func DocumentTypes() []string {
	return []string{"passport", "id_card", "driving_licence", "residence_permit", "visa", "other"}
}

// NewUpload is one file for one requirement.
type NewUpload struct {
	Kind         string
	DocumentType string // may be empty
	Bytes        []byte
}

// Upload stores a file, encrypted under the person's key. A file for a
// requirement that already has one replaces it; the replaced one is kept and
// marked. Errors: 409 not_capturing, too_many_files; 413 file_too_large; 415
// for a type no reader opens; 422 unknown_kind, unknown_document_type,
// empty_file and whatever the sniffing function refuses.
func (m *Sessions) Upload(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n NewUpload) (kyc.Upload, error) {
	s, err := m.writable(ctx, t, id)
	if err != nil {
		return kyc.Upload{}, err
	}
	if err := alive(&s); err != nil {
		return kyc.Upload{}, err
	}
	if !s.Status.Open() {
		return kyc.Upload{}, kyc.Errorf(kyc.Conflict, "not_capturing", "the session is %s and takes no more files", s.Status)
	}
	contentType, err := m.accept(ctx, &s, n)
	if err != nil {
		return kyc.Upload{}, err
	}
	earlier, err := m.d.Store.Uploads(ctx, t, id)
	if err != nil {
		return kyc.Upload{}, err
	}
	if len(earlier) >= MaxFiles {
		return kyc.Upload{}, kyc.Errorf(kyc.Conflict, "too_many_files", "a session holds at most %d files", MaxFiles)
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return kyc.Upload{}, err
	}
	if err := m.started(ctx, &s, by, now); err != nil {
		return kyc.Upload{}, err
	}
	sum := sha256.Sum256(n.Bytes)
	u := kyc.Upload{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, SessionID: s.ID, SubjectID: s.SubjectID,
		Kind: n.Kind, DocumentType: n.DocumentType, ContentType: contentType, Size: int64(len(n.Bytes)), SHA256: hex.EncodeToString(sum[:])}
	u.BlobKey = strings.Join([]string{string(t.Org), string(t.Env), string(s.ID), string(u.ID)}, "/")
	u.Touch(now)
	change := &kyc.Change{Put: []kyc.Object{&u}}
	for i := range earlier {
		if old := &earlier[i]; old.Kind == n.Kind && !old.Superseded {
			old.Superseded = true
			old.Touch(now)
			change.Put = append(change.Put, old)
		}
	}
	e := event(ctx, t, by, now, "session.upload", "upload", u.ID, s.SubjectID)
	e.After = digest(&u)
	change.Events = append(change.Events, e)
	// The bytes go first: a row never points to a file that is not there. When
	// the change is refused, what stays behind is an unreadable orphan.
	if err := m.d.Store.PutBlob(ctx, t, s.SubjectID, u.BlobKey, n.Bytes); err != nil {
		return kyc.Upload{}, err
	}
	return u, m.d.Store.Commit(ctx, change)
}

// started moves a session to capturing when its first file comes. The move is
// a change of its own, stored at once, so that files sent at the same time do
// not refuse each other: whoever comes second finds it done.
func (m *Sessions) started(ctx context.Context, s *kyc.Session, by kyc.Actor, now time.Time) error {
	if s.Status != kyc.SessionCreated {
		return nil
	}
	moved := *s
	before := digest(s)
	if err := moved.Move(kyc.SessionCapturing, now); err != nil {
		return err
	}
	moved.Sequence++
	moved.Touch(now)
	e := m.sessionEvent(ctx, &moved, by, now, "session.start", "started", nil)
	e.Before = before
	err := m.d.Store.Commit(kyc.WithoutUnit(ctx), &kyc.Change{Put: []kyc.Object{&moved}, Events: []kyc.Event{e}})
	if kyc.IsCode(err, "concurrent_change") {
		return nil //nolint:nilerr // see above
	}
	return err
}

// accept checks a file against the limits and the workflow's requirements and
// gives its detected type.
func (m *Sessions) accept(ctx context.Context, s *kyc.Session, n NewUpload) (string, error) {
	if len(n.Bytes) > MaxFile {
		return "", kyc.Errorf(kyc.TooLarge, "file_too_large", "a file has at most 20 MiB")
	}
	var problems []kyc.Problem
	if err := m.knownKind(ctx, s, n.Kind); err != nil {
		if kyc.KindOf(err) != kyc.Invalid {
			return "", err
		}
		problems = append(problems, kyc.Problem{Path: "/type", Code: "unknown_kind",
			Message: "use one of " + strings.Join(FileKinds(), ", ") + " or custom:<name> of a document this workflow asks for"})
	}
	if n.Kind == kindChip {
		problems = append(problems, kyc.Problem{Path: "/type", Code: "chip_has_files", Message: "a chip has several files; send them together to /sessions/{id}/chip/files"})
	}
	if n.DocumentType != "" && !slices.Contains(DocumentTypes(), n.DocumentType) {
		problems = append(problems, kyc.Problem{Path: "/document_type", Code: "unknown_document_type",
			Message: "use one of " + strings.Join(DocumentTypes(), ", ")})
	}
	if len(n.Bytes) == 0 {
		problems = append(problems, kyc.Problem{Path: "/file", Code: "empty_file", Message: "the file has no bytes"})
	}
	if len(problems) > 0 {
		return "", kyc.InvalidInput("invalid_upload", "the file cannot be taken", problems)
	}
	contentType, bad := m.d.Sniff(n.Bytes)
	if bad != nil {
		return "", bad
	}
	return contentType, nil
}

func (m *Sessions) knownKind(ctx context.Context, s *kyc.Session, kind string) error {
	if slices.Contains(FileKinds(), kind) {
		return nil
	}
	unknown := &kyc.Error{Kind: kyc.Invalid, Code: "unknown_kind", Message: "no such requirement"}
	if !strings.HasPrefix(kind, "custom:") || len(kind) > 100 {
		return unknown
	}
	plan, err := m.Plan(ctx, s)
	if err != nil {
		return err
	}
	for _, r := range plan {
		if r.Name == kind {
			return nil
		}
	}
	return unknown
}

// Documents gives the files of a session, oldest first, and records the look.
func (m *Sessions) Documents(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Session, []kyc.Upload, error) {
	s, err := m.d.Store.Session(ctx, t, id)
	if err != nil {
		return s, nil, err
	}
	uploads, err := m.d.Store.Uploads(ctx, t, id)
	if err != nil {
		return s, nil, err
	}
	return s, uploads, m.Seen(ctx, &s, by, "session.documents.read")
}
