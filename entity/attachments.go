package entity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"bonafide/kyc"
)

// Limits of files.
const (
	// MaxAttachments is how many files one individual has at most.
	MaxAttachments = 40
	// MaxFile is how many bytes one file has at most.
	MaxFile     = 20 << 20
	maxFileName = 255
	maxPages    = 10_000
)

// NewAttachment is one file, or what changes about one that is there: with an
// ID it replaces the name, the side and the page that are not empty, and has no
// Data, because the bytes of a file never change. A new file's type is detected from its bytes (JPEG, PNG,
// WebP, TIFF: PHOTO; PDF: PDF; what is not recognised is refused).
type NewAttachment struct {
	ID   kyc.ID
	Data []byte // at most 20 MiB
	Name string // of the file, at most 255 bytes
	Side string // FRONT, BACK or empty
	Page int    // 1-based; 0: not said
}

// file is one file that is to be stored.
type file struct {
	key  string
	data []byte
}

// attach adds files to a document.
func (m *Machine) attach(p *problems, path string, d *kyc.EntityDocument, all []NewAttachment, now time.Time) []file {
	if len(all) > MaxAttachments {
		p.add(path, "too_many_files", "an individual has at most %d attachments", MaxAttachments)
		return nil
	}
	var files []file
	for i, n := range all {
		at := fmt.Sprintf("%s/%d", path, i)
		p.oneOf(at+"/side", n.Side, []string{"FRONT", "BACK"})
		name := norm.NFC.String(strings.TrimSpace(n.Name))
		p.text(at+"/name", name, maxFileName)
		if n.Page < 0 || n.Page > maxPages {
			p.add(at+"/page", "out_of_range", "a page is 1 to %d", maxPages)
		}
		if n.ID != "" {
			p.amend(at, d, n, name)
			continue
		}
		contentType, kind := m.sniff(p, at+"/data", n.Data)
		sum := sha256.Sum256(n.Data)
		a := kyc.EntityAttachment{ID: kyc.NewID(now), Side: n.Side, Type: kind, ContentType: contentType, Size: int64(len(n.Data)),
			SHA256: hex.EncodeToString(sum[:]), Page: n.Page, Status: "NORMAL", CreatedAt: now}
		a.BlobKey = string(d.SubjectID) + "/" + string(a.ID)
		d.Attachments = append(d.Attachments, a)
		call(d, a.ID, name)
		files = append(files, file{a.BlobKey, n.Data})
	}
	return files
}

// amend changes what is said of a file that is there.
func (p *problems) amend(path string, d *kyc.EntityDocument, n NewAttachment, name string) {
	at := slices.IndexFunc(d.Attachments, func(a kyc.EntityAttachment) bool { return a.ID == n.ID && a.DeletedAt.IsZero() })
	switch {
	case at < 0:
		p.add(path+"/id", "unknown_id", "there is no such attachment; leave the id out to add one")
		return
	case len(n.Data) > 0:
		p.add(path+"/data", "not_replaceable", "the bytes of a file never change; add a new one and delete this one")
		return
	}
	if n.Side != "" {
		d.Attachments[at].Side = n.Side
	}
	if n.Page != 0 {
		d.Attachments[at].Page = n.Page
	}
	call(d, n.ID, name)
}

// call notes the name of a file.
func call(d *kyc.EntityDocument, attachment kyc.ID, name string) {
	if name == "" {
		return
	}
	if d.Private.Files == nil {
		d.Private.Files = map[kyc.ID]string{}
	}
	d.Private.Files[attachment] = name
}

// sniff detects what a file is.
func (m *Machine) sniff(p *problems, path string, data []byte) (contentType, kind string) {
	switch {
	case len(data) == 0:
		p.add(path, "empty_file", "the file is empty")
		return "", ""
	case len(data) > MaxFile:
		p.add(path, "file_too_large", "a file has at most 20 MiB")
		return "", ""
	}
	contentType, bad := m.d.Sniff(data)
	if bad != nil {
		p.add(path, bad.Code, "%s", bad.Message)
		return "", ""
	}
	if kind = attachmentType(contentType); kind == "" {
		p.add(path, "unsupported_type", "a file of type %s cannot be attached", contentType)
	}
	return contentType, kind
}

// attachmentType is what surface C calls a detected type; "" is none.
func attachmentType(contentType string) string {
	family, _, _ := strings.Cut(contentType, "/")
	switch {
	case contentType == "application/pdf":
		return "PDF"
	case contentType == "application/zip":
		return "ZIP"
	case family == "image":
		return "PHOTO"
	case family == "video":
		return "VIDEO"
	case family == "audio":
		return "AUDIO"
	}
	return ""
}

// keep stores files under the subject's key, all or none. discard removes them
// again, for when the commit fails. A subject that is not stored yet is shown
// to the store in a unit of its own: its key is made now and used by the commit.
func (m *Machine) keep(ctx context.Context, subject *kyc.Subject, files []file) (discard func(context.Context), err error) {
	var kept []string
	discard = func(ctx context.Context) {
		ctx = context.WithoutCancel(ctx)
		for _, key := range kept {
			if err := m.d.Store.DeleteBlob(ctx, subject.Tenant, key); err != nil {
				// Without its row a file is noise that nobody can read.
				m.d.Log.WarnContext(ctx, "removing a file that nobody refers to", "error", err)
			}
		}
	}
	within, unit := kyc.WithUnit(ctx)
	unit.Change.Put = []kyc.Object{subject}
	for _, f := range files {
		if err := m.d.Store.PutBlob(within, subject.Tenant, subject.ID, f.key, f.data); err != nil {
			discard(ctx)
			return nil, err
		}
		kept = append(kept, f.key)
	}
	return discard, nil
}

// holding finds the document that has an attachment. An empty document finds
// it among all of the individual's.
func (m *Machine) holding(ctx context.Context, t kyc.Tenant, id, document, attachment kyc.ID) (d kyc.EntityDocument, at int, err error) {
	var all []kyc.EntityDocument
	if document != "" {
		if d, err = m.document(ctx, t, id, document); err != nil {
			return d, 0, err
		}
		all = []kyc.EntityDocument{d}
	} else {
		if _, err = m.load(ctx, t, id); err != nil {
			return d, 0, err
		}
		if all, err = m.d.Store.EntityDocuments(ctx, t, id, false); err != nil {
			return d, 0, err
		}
	}
	for _, d := range all {
		at := slices.IndexFunc(d.Attachments, func(a kyc.EntityAttachment) bool { return a.ID == attachment && a.DeletedAt.IsZero() })
		if at >= 0 {
			return d, at, nil
		}
	}
	return kyc.EntityDocument{}, 0, kyc.Missing("attachment", string(attachment))
}

// AttachmentBytes reads the plain bytes of an attachment and records the look.
// An empty document finds it among all of the individual's.
func (m *Machine) AttachmentBytes(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document, attachment kyc.ID) (kyc.EntityAttachment, []byte, error) {
	d, at, err := m.holding(ctx, t, id, document, attachment)
	if err != nil {
		return kyc.EntityAttachment{}, nil, err
	}
	a := d.Attachments[at]
	data, err := m.d.Store.Blob(ctx, t, id, a.BlobKey)
	if err != nil {
		return kyc.EntityAttachment{}, nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != a.SHA256 {
		return kyc.EntityAttachment{}, nil, kyc.Errorf(kyc.Internal, "file_damaged", "the bytes of attachment %s are not those that were stored", a.ID)
	}
	// The bytes are handed out only when the look is on record.
	if err := m.look(ctx, t, by, "attachment.read", objectPaper, d.ID, id); err != nil {
		return kyc.EntityAttachment{}, nil, err
	}
	return a, data, nil
}

// DeleteDocument hides a document with its attachments. The bytes stay until
// the person is erased: what was decided on them must stay provable.
func (m *Machine) DeleteDocument(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document kyc.ID, rev int64) error {
	d, err := m.document(ctx, t, id, document)
	if err != nil {
		return err
	}
	_, err = m.hide(ctx, by, d, rev, "document.delete", func(d *kyc.EntityDocument, now time.Time) { d.DeletedAt = now })
	return err
}

// DeleteAttachment hides one attachment; its bytes stay as those of a deleted
// document do. rev is the document's. An empty document finds it among all of
// the individual's.
func (m *Machine) DeleteAttachment(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document, attachment kyc.ID, rev int64) (kyc.EntityDocument, error) {
	d, at, err := m.holding(ctx, t, id, document, attachment)
	if err != nil {
		return kyc.EntityDocument{}, err
	}
	return m.hide(ctx, by, d, rev, "attachment.delete", func(d *kyc.EntityDocument, now time.Time) {
		d.Attachments[at].DeletedAt = now
		d.Private.Files = maps.Clone(d.Private.Files)
		delete(d.Private.Files, attachment)
	})
}

// hide stores a document of which something was deleted.
func (m *Machine) hide(ctx context.Context, by kyc.Actor, d kyc.EntityDocument, rev int64, action string, edit func(d *kyc.EntityDocument, now time.Time)) (kyc.EntityDocument, error) {
	if err := match(&d.Meta, rev); err != nil {
		return kyc.EntityDocument{}, err
	}
	now, err := m.now(ctx, d.Tenant)
	if err != nil {
		return kyc.EntityDocument{}, err
	}
	was := digest(&d)
	d.Attachments = slices.Clone(d.Attachments)
	edit(&d, now)
	d.Touch(now)
	e := event(ctx, d.Tenant, by, now, action, objectPaper, d.ID, d.SubjectID)
	e.Before, e.After = was, digest(&d)
	c := kyc.Change{Put: []kyc.Object{&d}, Events: []kyc.Event{e}}
	if err := m.dependents(ctx, d.Tenant, d.SubjectID, &c); err != nil {
		return kyc.EntityDocument{}, err
	}
	return shown(d), m.d.Store.Commit(ctx, &c)
}
