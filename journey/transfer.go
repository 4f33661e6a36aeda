package journey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// Limits of what an applicant may send (api.md 1.4).
const (
	MaxFile      = 20 << 20 // bytes
	MaxFiles     = 40       // of one session, replaced ones included
	maxTransfers = 3 * MaxFiles
	// transferTime is how long an announced file may take to come.
	transferTime = time.Hour
)

// Announcement says which file will come (P3).
type Announcement struct {
	StepID       string
	DocumentType string // of the step's requirement, or a paper that serves it
	FieldID      string // of a file field, in place of a document type
	FileName     string
	ContentType  string
	Size         int64  // bytes
	SHA256       string // hex
	Side         string // front (default) or back
}

// Announce opens a transfer (P3). The bytes follow with Receive, and Confirm
// makes a document of them. Errors: Invalid invalid_upload with all problems
// (document_type_not_asked, field_not_asked, file_empty, sha256_invalid …);
// 413 file_too_large; 409 too_many_files, step_already_completed,
// step_read_only.
func (m *Machine) Announce(ctx context.Context, token string, a Announcement) (kyc.Transfer, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return kyc.Transfer{}, err
	}
	def, state, err := v.working(a.StepID)
	if err != nil {
		return kyc.Transfer{}, err
	}
	if a.Size > MaxFile {
		return kyc.Transfer{}, kyc.Errorf(kyc.TooLarge, "file_too_large", "a file has at most 20 MiB")
	}
	asked, problems := a.check(def)
	if len(problems) > 0 {
		return kyc.Transfer{}, kyc.InvalidInput("invalid_upload", "the file cannot be taken", problems)
	}
	if !v.listed(a.StepID, asked, a.FieldID) {
		return kyc.Transfer{}, kyc.Errorf(kyc.Conflict, "step_read_only", "the correction does not ask for this document")
	}
	if err := m.roomFor(ctx, v, maxTransfers); err != nil {
		return kyc.Transfer{}, err
	}
	t := kyc.Transfer{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: v.session.Tenant}, SessionID: v.session.ID, SubjectID: v.session.SubjectID,
		StepID: a.StepID, DocumentType: onboarding.NormalType(a.DocumentType), FieldID: a.FieldID, Side: firstOf(a.Side, "front"), ContentType: a.ContentType,
		Size: a.Size, SHA256: strings.ToLower(a.SHA256), ExpiresAt: v.now.Add(transferTime), FileName: plainName(a.FileName)}
	t.BlobKey = strings.Join([]string{string(t.Tenant.Org), string(t.Tenant.Env), string(t.SessionID), string(t.ID)}, "/")
	t.Touch(v.now)
	if err := v.begin(state); err != nil {
		return kyc.Transfer{}, err
	}
	c := kyc.Change{Put: []kyc.Object{&t}, Events: []kyc.Event{v.note(ctx, by, "session.upload_init")}}
	return t, m.save(ctx, v, by, c)
}

// confirmable refuses what may not become a document now. A file that was
// announced before is held to what a correction asks for like a new one, and
// one whose time is over may be swept away at any moment.
func (v *view) confirmable(t *kyc.Transfer) (*onboarding.Step, *kyc.StepState, error) {
	def, state, err := v.working(t.StepID)
	if err != nil {
		return nil, nil, err
	}
	asked := ""
	if r, ok := def.Requirement(t.DocumentType); ok {
		asked = r.DocumentType
	}
	switch {
	case !v.listed(t.StepID, asked, t.FieldID):
		return nil, nil, kyc.Errorf(kyc.Conflict, "step_read_only", "the correction does not ask for this document")
	case !v.now.Before(t.ExpiresAt):
		return nil, nil, kyc.Errorf(kyc.Gone, "upload_expired", "the upload was announced too long ago; announce it again")
	case t.ReceivedAt.IsZero():
		return nil, nil, kyc.Errorf(kyc.Conflict, "upload_incomplete", "the bytes of the file have not come; send them to the upload_url first")
	}
	return def, state, nil
}

// roomFor refuses a file too many; announced is how many announcements there
// may be already, and no more.
func (m *Machine) roomFor(ctx context.Context, v *view, announced int) error {
	have, err := m.d.Store.Uploads(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return err
	}
	open, err := m.d.Store.Transfers(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return err
	}
	if len(have) >= MaxFiles || len(open) >= announced {
		return kyc.Errorf(kyc.Conflict, "too_many_files", "a session holds at most %d files", MaxFiles)
	}
	return nil
}

// check judges an announcement against its step; asked is the type of the
// requirement it serves.
func (a Announcement) check(def *onboarding.Step) (asked string, problems []kyc.Problem) {
	add := func(path, code, format string, args ...any) {
		problems = append(problems, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case a.FieldID != "" && a.DocumentType != "":
		add("/field_id", "document_and_field", "send document_type or field_id, not both")
	case a.FieldID != "":
		if f, ok := fileField(def, a.FieldID); !ok {
			add("/field_id", "field_not_asked", "the step has no file field of this id")
		} else if len(f.Accept) > 0 && a.ContentType != "" && !accepts(f.Accept, a.ContentType) {
			add("/content_type", "type_not_accepted", "the field takes %s", strings.Join(f.Accept, ", "))
		}
	case def.Type == onboarding.Selfie && (a.DocumentType == "" || a.DocumentType == "selfie"):
		asked = "selfie"
	default:
		r, ok := def.Requirement(a.DocumentType)
		if !ok {
			add("/document_type", "document_type_not_asked", "the step does not ask for this document")
		} else {
			asked = r.DocumentType
		}
	}
	if a.Size <= 0 {
		add("/size", "file_empty", "a file has at least one byte")
	}
	if sum, err := hex.DecodeString(a.SHA256); err != nil || len(sum) != sha256.Size {
		add("/sha256", "sha256_invalid", "the SHA-256 of the file in 64 hex digits")
	}
	if a.Side != "" && a.Side != "front" && a.Side != "back" {
		add("/side", "side_invalid", "use front or back")
	}
	if _, _, err := mime.ParseMediaType(a.ContentType); a.ContentType != "" && (err != nil || len(a.ContentType) > 200) {
		add("/content_type", "content_type_invalid", "a media type such as image/jpeg")
	}
	if len(a.FileName) > 1000 {
		add("/file_name", "too_long", "at most 1000 bytes")
	}
	return asked, problems
}

// accepts matches a MIME type with patterns such as image/*.
func accepts(patterns []string, contentType string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		family, wild := strings.CutSuffix(p, "/*")
		return strings.EqualFold(p, contentType) || wild && strings.HasPrefix(contentType, family+"/")
	})
}

func fileField(def *onboarding.Step, id string) (field.Field, bool) {
	for _, f := range def.CustomFields {
		if f.FieldID == id && f.Type == "file" {
			return f, true
		}
	}
	return field.Field{}, false
}

// transfer finds an announced file of the session.
func (m *Machine) transfer(ctx context.Context, v *view, id kyc.ID) (kyc.Transfer, error) {
	t, err := m.d.Store.Transfer(ctx, v.session.Tenant, id)
	if (err == nil && t.SessionID != v.session.ID) || (err != nil && kyc.KindOf(err) == kyc.NotFound) {
		return t, kyc.Errorf(kyc.NotFound, "upload_not_found", "there is no such upload in this session")
	}
	return t, err
}

// Receive takes the bytes of an announced file (P4). Sent again, they replace
// what came before, so a cut-off upload is simply repeated. Errors: 400
// size_mismatch, hash_mismatch; 413 file_too_large; 410 upload_expired; 409
// upload_confirmed.
func (m *Machine) Receive(ctx context.Context, token string, id kyc.ID, b []byte) (kyc.Transfer, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return kyc.Transfer{}, err
	}
	t, err := m.transfer(ctx, v, id)
	if err != nil {
		return t, err
	}
	sum := sha256.Sum256(b)
	switch {
	case t.UploadID != "":
		return t, kyc.Errorf(kyc.Conflict, "upload_confirmed", "the file was confirmed already")
	case !v.now.Before(t.ExpiresAt):
		return t, kyc.Errorf(kyc.Gone, "upload_expired", "the upload was announced too long ago; announce it again")
	case len(b) > MaxFile:
		return t, kyc.Errorf(kyc.TooLarge, "file_too_large", "a file has at most 20 MiB")
	case int64(len(b)) != t.Size:
		return t, kyc.Errorf(kyc.Malformed, "size_mismatch", "%d bytes came, %d were announced; send the file again", len(b), t.Size)
	case hex.EncodeToString(sum[:]) != t.SHA256:
		return t, kyc.Errorf(kyc.Malformed, "hash_mismatch", "the bytes do not have the announced SHA-256; send the file again")
	}
	if !t.ReceivedAt.IsZero() {
		return t, nil // the same bytes came before
	}
	// The bytes go first: a row never points to a file that is not there.
	if err := m.d.Store.PutBlob(ctx, v.session.Tenant, v.session.SubjectID, t.BlobKey, b); err != nil {
		return t, err
	}
	t.ReceivedAt = v.now
	t.Touch(v.now)
	return t, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&t}, Events: []kyc.Event{v.note(ctx, by, "session.upload_receive")}})
}

// Confirm makes a document of a received file (P5): its type is detected from
// its bytes, and the requirement's post-upload validations are made. Asked
// again, it answers the same document. Errors: 409 upload_incomplete,
// step_already_completed, step_read_only, too_many_files; 410 upload_expired;
// 415, 400 and others of Sniff; 400 post_upload_validation_failed, which leaves
// the step open and no document.
func (m *Machine) Confirm(ctx context.Context, token string, id kyc.ID) (Paper, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return Paper{}, err
	}
	t, err := m.transfer(ctx, v, id)
	if err != nil {
		return Paper{}, err
	}
	if t.UploadID != "" {
		u, err := m.d.Store.Upload(ctx, v.session.Tenant, t.UploadID)
		return Paper{Upload: u, FileName: v.journey.Private.Files[u.ID], Warnings: v.journey.Private.Warnings[paperKey(u.ID)]}, err
	}
	def, state, err := v.confirmable(&t)
	if err != nil {
		return Paper{}, err
	}
	if err := m.roomFor(ctx, v, maxTransfers+1); err != nil {
		return Paper{}, err
	}
	b, err := m.d.Store.Blob(ctx, v.session.Tenant, v.session.SubjectID, t.BlobKey)
	if err != nil {
		return Paper{}, err
	}
	contentType, bad := m.d.Sniff(b)
	if bad != nil {
		return Paper{}, bad
	}
	u := v.paper(def, &t, contentType)
	var c kyc.Change
	if err := m.supersede(ctx, v, def, &u, &c); err != nil {
		return Paper{}, err
	}
	c.Put = append(c.Put, &u)
	warnings, err := m.inspect(ctx, v, def, u, &c)
	if err == nil && def.Type == onboarding.Selfie {
		warnings, err = m.lookAtSelfie(ctx, v, def, b)
	}
	if err != nil {
		return Paper{}, err
	}
	v.warn(paperKey(u.ID), warnings)
	if v.journey.Private.Files == nil {
		v.journey.Private.Files = map[kyc.ID]string{}
	}
	v.journey.Private.Files[u.ID] = t.FileName
	t.UploadID = u.ID
	t.Touch(v.now)
	if err := v.begin(state); err != nil {
		return Paper{}, err
	}
	e := event(ctx, v.session.Tenant, by, v.now, "session.upload", "upload", u.ID, v.session.SubjectID)
	e.After = digest(&u)
	c.Put = append(c.Put, &t)
	c.Events = append(c.Events, e)
	return Paper{Upload: u, FileName: t.FileName, Warnings: warnings}, m.save(ctx, v, by, c)
}

// paper makes the document's row. Kind is what checks look for: the
// applicant's own identity paper, a proof of address, a selfie; everything
// else is a document of the workflow's own.
func (v *view) paper(def *onboarding.Step, t *kyc.Transfer, contentType string) kyc.Upload {
	u := kyc.Upload{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: v.session.Tenant}, SessionID: v.session.ID, SubjectID: v.session.SubjectID,
		ContentType: contentType, Size: t.Size, SHA256: t.SHA256, BlobKey: t.BlobKey, StepID: t.StepID, FieldID: t.FieldID, Side: t.Side}
	u.Touch(v.now)
	if t.FieldID != "" {
		u.Kind, u.Side = "custom:"+t.StepID+":"+t.FieldID, ""
		return u
	}
	if def.Type == onboarding.Selfie {
		u.Kind, u.Asked, u.Side = "selfie", "selfie", ""
		return u
	}
	r, ok := def.Requirement(t.DocumentType)
	if !ok { // the definition is pinned, so it asked when the file was announced
		u.Kind = "custom:" + t.StepID + ":" + t.DocumentType
		return u
	}
	u.Asked, u.EntityRole = r.DocumentType, r.EntityRole
	u.DocumentType = declared(t.DocumentType)
	switch {
	case v.def.Own(*r) && t.Side == "back":
		u.Kind = "document_back"
	case v.def.Own(*r):
		u.Kind = "document_front"
	case r.DocumentType == "proof_of_address" && (r.EntityRole == "" || r.EntityRole == "individual"):
		u.Kind = "proof_of_address"
	case r.DocumentType == "selfie":
		u.Kind = "selfie"
	default:
		u.Kind = "custom:" + t.StepID + ":" + r.DocumentType
	}
	return u
}

// declared is what the applicant says a paper is, in the words of document
// reading; empty when they said only what was asked for.
func declared(documentType string) string {
	switch documentType {
	case "passport", "id_card", "driving_licence", "residence_permit":
		return documentType
	case "national_id", "national_card":
		return "id_card"
	case "driving_license", "drivers_license":
		return "driving_licence"
	}
	return ""
}

// supersede marks the documents that a new one replaces. Where only one is
// allowed, that is the one before it; where several are, a correction replaces
// those that were there when it was asked for. What is replaced stays as
// evidence.
func (m *Machine) supersede(ctx context.Context, v *view, def *onboarding.Step, u *kyc.Upload, c *kyc.Change) error {
	multiple := false
	if r, ok := def.Requirement(u.Asked); ok && u.FieldID == "" {
		multiple = r.AllowMultiple
	}
	if f, ok := fileField(def, u.FieldID); ok {
		multiple = f.MaxFiles == nil || *f.MaxFiles > 1
	}
	since := v.correctedSince(u)
	if multiple && since.IsZero() {
		return nil
	}
	earlier, err := m.d.Store.Uploads(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return err
	}
	for i := range earlier {
		old := &earlier[i]
		same := old.StepID == u.StepID && old.Asked == u.Asked && old.FieldID == u.FieldID && old.Side == u.Side
		if old.Superseded || !same || (multiple && !old.CreatedAt.Before(since)) {
			continue
		}
		old.Superseded = true
		old.Touch(v.now)
		c.Put = append(c.Put, old)
	}
	return nil
}

// correctedSince is when the open correction of a document was asked for; zero
// when there is none.
func (v *view) correctedSince(u *kyc.Upload) time.Time {
	var since time.Time
	for _, item := range v.journey.Corrections {
		if item.StepID == u.StepID && item.Status == kyc.CorrectionOpen && item.CreatedAt.After(since) {
			since = item.CreatedAt
		}
	}
	return since
}

// firstOf gives the first non-empty text.
func firstOf(values ...string) string {
	for _, s := range values {
		if s != "" {
			return s
		}
	}
	return ""
}
