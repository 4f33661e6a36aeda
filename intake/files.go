package intake

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"mime"
	"path"
	"slices"
	"strings"
	"time"

	"bonafide/checklist"
	"bonafide/kyc"
)

// Limits of what may be sent (api.md 1.4).
const (
	MaxFile      = 20 << 20 // bytes
	maxTransfers = 120      // announced files of one session
	maxFileName  = 1000     // bytes
	// transferTime is how long an announced file may take to come, keepTime how
	// long one that came waits for the submission that names it.
	transferTime = time.Hour
	keepTime     = 24 * time.Hour
	anyBytes     = "application/octet-stream"
)

// Upload announces a file (B14). Errors: Invalid invalid_upload; 409
// session_closed, too_many_files; 410 session_expired.
func (m *Machine) Upload(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n NewUpload) (Announced, error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return Announced{}, err
	}
	if err := v.takes(); err != nil {
		return Announced{}, err
	}
	if p := n.problems(); len(p) > 0 {
		return Announced{}, kyc.InvalidInput("invalid_upload", "the file cannot be taken", p)
	}
	have, err := m.d.Store.Transfers(ctx, t, id)
	if err != nil {
		return Announced{}, err
	}
	if len(have) >= maxTransfers {
		return Announced{}, kyc.Errorf(kyc.Conflict, "too_many_files", "a session takes at most %d files", maxTransfers)
	}
	a, err := m.announce(v, n)
	if err != nil {
		return Announced{}, err
	}
	// The session does not change: a file that lies there changes nothing until
	// a submission names it.
	a.Transfer.Touch(v.now)
	e := v.note(ctx, by, "session.upload_init")
	return a, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&a.Transfer}, Events: []kyc.Event{e}})
}

func (n NewUpload) problems() []kyc.Problem {
	var p []kyc.Problem
	add := func(path, code, format string, args ...any) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case strings.TrimSpace(n.Name) == "":
		add("/name", "required", "the file's name is needed")
	case len(n.Name) > maxFileName:
		add("/name", "too_long", "at most %d bytes", maxFileName)
	}
	if kind, _, err := mime.ParseMediaType(n.ContentType); err != nil || !strings.Contains(kind, "/") || len(n.ContentType) > 200 {
		add("/content_type", "content_type_invalid", "a media type such as image/jpeg")
	}
	return p
}

// announce makes the row of a file and the secret of its address in memory.
func (m *Machine) announce(v *view, n NewUpload) (Announced, error) {
	secret, hash, err := kyc.NewToken(m.d.Random)
	if err != nil {
		return Announced{}, err
	}
	name := path.Base(strings.ReplaceAll(plainText(n.Name), `\`, "/"))
	t := kyc.Transfer{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: v.session.Tenant}, SessionID: v.session.ID, SubjectID: v.session.SubjectID,
		ContentType: n.ContentType, ExpiresAt: v.now.Add(transferTime), FileName: name, TokenHash: hash}
	t.BlobKey = strings.Join([]string{string(t.Tenant.Org), string(t.Tenant.Env), string(t.SessionID), string(t.ID)}, "/")
	return Announced{Transfer: t, Token: address(t.Tenant, t.ID) + secret}, nil
}

// address is the part of a file's token that finds it: organisation,
// environment and file. The secret behind it is what nobody can guess.
func address(t kyc.Tenant, id kyc.ID) string {
	bare := func(id kyc.ID) string { return strings.ReplaceAll(string(id), "-", "") }
	return bare(t.Org) + string(t.Env[:1]) + bare(id)
}

// addressed takes a token apart.
func addressed(token string) (t kyc.Tenant, id kyc.ID, secret string, ok bool) {
	const n = 32 // hex digits of an ID
	if len(token) <= 2*n+1 {
		return t, "", "", false
	}
	dashed := func(s string) string { return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:] }
	org, okOrg := kyc.ParseID(dashed(token[:n]))
	id, okID := kyc.ParseID(dashed(token[n+1 : 2*n+1]))
	env, okEnv := map[byte]kyc.Env{kyc.Live[0]: kyc.Live, kyc.Sandbox[0]: kyc.Sandbox}[token[n]]
	return kyc.Tenant{Org: org, Env: env}, id, token[2*n+1:], okOrg && okID && okEnv
}

// Receive takes the bytes of an announced file; the token is all the authority
// there is. Sent again, the same bytes are fine. Errors: 404 upload_not_found;
// 400 file_empty; 413 file_too_large; 410 upload_expired, session_expired; 409
// upload_received for other bytes, session_closed; 415 and others of Sniff. It
// is stored at once, so that of two senders each learns what became of theirs.
func (m *Machine) Receive(ctx context.Context, token string, b []byte) (kyc.Transfer, error) {
	ctx = kyc.WithoutUnit(ctx)
	t, v, err := m.expected(ctx, token)
	if err != nil {
		return t, err
	}
	if err := v.takes(); err != nil {
		return t, err
	}
	digest := sha256.Sum256(b)
	sum := hex.EncodeToString(digest[:])
	switch {
	case len(b) == 0:
		return t, kyc.Errorf(kyc.Malformed, "file_empty", "a file has at least one byte")
	case len(b) > MaxFile:
		return t, kyc.Errorf(kyc.TooLarge, "file_too_large", "a file has at most 20 MiB")
	case !t.ReceivedAt.IsZero():
		return t, again(&t, sum)
	case !v.now.Before(t.ExpiresAt):
		return t, kyc.Errorf(kyc.Gone, "upload_expired", "the upload was announced too long ago; announce it again")
	}
	if t.ContentType, err = m.typeOf(b, t.ContentType); err != nil {
		return t, err
	}
	// The place is named for the content: of two senders at once each writes its
	// own, and the one that is refused takes its own away.
	t.BlobKey += "/" + sum[:16]
	t.Size, t.SHA256, t.ReceivedAt, t.ExpiresAt = int64(len(b)), sum, v.now, v.keeps(&t)
	if err := m.d.Store.PutBlob(ctx, t.Tenant, t.SubjectID, t.BlobKey, b); err != nil {
		return t, err
	}
	t.Touch(v.now)
	e := event(ctx, t.Tenant, Applicant(&v.session), v.now, "session.upload_receive", "session", t.SessionID, t.SubjectID)
	if err := m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&t}, Events: []kyc.Event{e}}); err != nil {
		return m.lost(ctx, t, sum, err)
	}
	return t, nil
}

// keeps says until when a received file waits to be used. A frame of a liveness
// try is of no use once the time of the try is over.
func (v *view) keeps(t *kyc.Transfer) time.Time {
	for i := range v.journey.Liveness {
		if try := &v.journey.Liveness[i]; string(try.ID) == t.FieldID && !try.ExpiresAt.IsZero() {
			return try.ExpiresAt
		}
	}
	return v.now.Add(keepTime)
}

// expected finds the file of a token and its session.
func (m *Machine) expected(ctx context.Context, token string) (kyc.Transfer, *view, error) {
	unknown := kyc.Errorf(kyc.NotFound, "upload_not_found", "there is no such upload")
	tenant, id, secret, ok := addressed(token)
	if !ok {
		return kyc.Transfer{}, nil, unknown
	}
	t, err := m.d.Store.Transfer(ctx, tenant, id)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			err = unknown
		}
		return t, nil, err
	}
	if t.TokenHash == "" || subtle.ConstantTimeCompare([]byte(t.TokenHash), []byte(kyc.TextHash(secret))) != 1 {
		return kyc.Transfer{}, nil, unknown
	}
	v, err := m.load(ctx, tenant, t.SessionID)
	return t, v, err
}

// again judges bytes for a file that has come already.
func again(t *kyc.Transfer, sum string) error {
	if t.SHA256 == sum {
		return nil
	}
	return kyc.Errorf(kyc.Conflict, "upload_received", "other bytes came for this file already; announce a new one")
}

// lost cleans up after a file that could not be recorded. Where somebody else
// sent the same bytes first, all is well.
func (m *Machine) lost(ctx context.Context, t kyc.Transfer, sum string, cause error) (kyc.Transfer, error) {
	if kyc.KindOf(cause) == kyc.Conflict {
		stored, err := m.d.Store.Transfer(ctx, t.Tenant, t.ID)
		if err == nil && stored.SHA256 == sum && !stored.ReceivedAt.IsZero() {
			return stored, nil
		}
		if err == nil && !stored.ReceivedAt.IsZero() {
			cause = again(&stored, sum)
		}
	}
	if err := m.d.Store.DeleteBlob(context.WithoutCancel(ctx), t.Tenant, t.BlobKey); err != nil && kyc.KindOf(err) != kyc.NotFound {
		m.d.Log.Warn("a refused file was not removed", "session", t.SessionID, "code", kyc.AsError(err).Code)
	}
	return t, cause
}

// typeOf is the type of a file by its content. Video clips of liveness tries
// are told by their signature, and files of a chip, which have none, are taken
// as plain bytes when they were announced so.
func (m *Machine) typeOf(b []byte, announced string) (string, error) {
	found, bad := m.d.Sniff(b)
	if bad == nil {
		return found, nil
	}
	if clip := clipType(b); clip != "" {
		return clip, nil
	}
	if kind, _, err := mime.ParseMediaType(announced); err == nil && kind == anyBytes {
		return anyBytes, nil
	}
	return "", bad
}

// clipType tells WebM (an EBML header) and MP4 or QuickTime (a ftyp box).
func clipType(b []byte) string {
	switch {
	case len(b) >= 4 && string(b[:4]) == "\x1a\x45\xdf\xa3":
		return "video/webm"
	case len(b) >= 12 && string(b[4:8]) == "ftyp" && string(b[8:12]) == "qt  ":
		return "video/quicktime"
	case len(b) >= 12 && string(b[4:8]) == "ftyp":
		return "video/mp4"
	}
	return ""
}

// wish is one file that a submission names.
type wish struct {
	slot checklist.Slot
	id   kyc.ID
	at   string // JSON Pointer
}

// wishes reads the files that an object of a submission names, by the names of
// slots. Missing required ones and unknown names are problems.
func wishes(b *body, slots []checklist.Slot) []wish {
	var out []wish
	for _, s := range slots {
		if id, ok := fileID(b, s.Name, s.Required); ok {
			out = append(out, wish{slot: s, id: id, at: pointer(b.at, s.Name)})
		}
	}
	b.close()
	return out
}

func fileID(b *body, name string, required bool) (kyc.ID, bool) {
	text := b.text(name, 200, required)
	if text == "" {
		return "", false
	}
	id, ok := kyc.ParseID(text)
	if !ok {
		b.fail(name, "upload_not_found", "there is no such upload in this session")
	}
	return id, ok
}

// gather turns the named files into documents of a step. Every file must belong
// to the session and have come; no two places may show the same file, because
// one paper cannot be two. The sandbox looks at no file, so one picture may
// stand for all there. Problems go into b; an error is a file that is known
// but not there.
func (m *Machine) gather(ctx context.Context, v *view, step string, b *body, list []wish, w *work) error {
	var missing, over []kyc.Problem
	seen := map[string]string{}
	for _, want := range list {
		t, err := m.d.Store.Transfer(ctx, v.session.Tenant, want.id)
		switch {
		case err != nil && kyc.KindOf(err) != kyc.NotFound:
			return err
		case err != nil || t.SessionID != v.session.ID:
			b.failAt(want.at, "upload_not_found", "there is no such upload in this session")
			continue
		case t.ReceivedAt.IsZero():
			missing = append(missing, kyc.Problem{Path: want.at, Code: "upload_missing", Message: "the bytes of this file have not come"})
			continue
		case t.UploadID == "" && !v.now.Before(t.ExpiresAt):
			over = append(over, kyc.Problem{Path: want.at, Code: "upload_expired", Message: "the file was kept too long; send it again"})
			continue
		}
		if first, twice := seen[t.SHA256]; twice && v.session.Tenant.Env == kyc.Live {
			b.failAt(want.at, "upload_repeated", "this is the file of %s; each place needs its own", first)
			continue
		}
		seen[t.SHA256] = want.at
		if !suits(want.slot.Kind, t.ContentType) {
			b.failAt(want.at, "type_not_accepted", "a file of type %s does not serve here", t.ContentType)
			continue
		}
		w.take(v, step, want.slot, t)
	}
	if err := b.err(); err != nil {
		return err
	}
	if len(missing) > 0 {
		err := kyc.Errorf(kyc.Conflict, "upload_missing", "not every file has come; send its bytes to its upload address first")
		err.Problems = missing
		return err
	}
	if len(over) > 0 {
		err := kyc.Errorf(kyc.Gone, "upload_expired", "a file was kept too long; send it again")
		err.Problems = over
		return err
	}
	return nil
}

// suits says which types of files serve for what.
func suits(kind, contentType string) bool {
	switch kind {
	case kindChip:
		return true
	case "selfie", kindFrame:
		return strings.HasPrefix(contentType, "image/")
	case kindClip:
		return strings.HasPrefix(contentType, "video/")
	}
	return strings.HasPrefix(contentType, "image/") || contentType == "application/pdf"
}

// take notes a document for the commit. The same file may serve in several
// attempts and steps; each use is a row of its own, so that what an earlier
// attempt showed stays known.
func (w *work) take(v *view, step string, s checklist.Slot, t kyc.Transfer) {
	u := kyc.Upload{Meta: kyc.Meta{ID: kyc.NewID(w.at), Tenant: t.Tenant}, SessionID: t.SessionID, SubjectID: t.SubjectID, Kind: s.Kind,
		ContentType: t.ContentType, Size: t.Size, SHA256: t.SHA256, BlobKey: t.BlobKey, StepID: step, Asked: s.Asked, Side: s.Side}
	w.uploads = append(w.uploads, u)
	if !slices.ContainsFunc(w.transfers, func(x kyc.Transfer) bool { return x.ID == t.ID }) {
		t.UploadID = u.ID
		w.transfers = append(w.transfers, t)
	}
}
