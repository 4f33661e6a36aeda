package entity

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"bonafide/kyc"
)

func TestADocumentIsStoredWithItsFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	commits := b.store.Commits
	doc := must[kyc.EntityDocument](b)(b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, NewDocument{Type: "PASSPORT", Country: "NL", PrimaryIdentifier: " SPECI2014 ",
		IssueDate: "2020-02-29", ExpiryDate: "2030-02-28", Supplementary: map[string]any{"colour": "red"},
		Attachments: []NewAttachment{{Data: []byte("PNG front"), Name: "front.png", Side: "FRONT", Page: 1}, {Data: []byte("PDF all")}}}))
	if b.store.Commits != commits+1 || len(b.asked) != 1 {
		t.Errorf("%d commits, told %d times", b.store.Commits-commits, len(b.asked))
	}
	if doc.Class != "IDENTITY" || doc.Private.PrimaryIdentifier != "SPECI2014" || doc.SubjectID != ind.ID {
		t.Errorf("the document is %+v", doc)
	}
	front, all := doc.Attachments[0], doc.Attachments[1]
	sum := sha256.Sum256([]byte("PNG front"))
	if front.Type != "PHOTO" || front.ContentType != "image/png" || front.Size != 9 || front.SHA256 != hex.EncodeToString(sum[:]) ||
		front.Side != "FRONT" || front.Page != 1 || front.Status != "NORMAL" || all.Type != "PDF" || doc.Private.Files[front.ID] != "front.png" {
		t.Errorf("the files are %+v, %+v, %v", front, all, doc.Private.Files)
	}
	since := len(b.store.Log)
	for _, within := range []kyc.ID{doc.ID, ""} {
		a, data, err := b.m.AttachmentBytes(b.ctx, b.t, b.by, ind.ID, within, front.ID)
		if err != nil || !bytes.Equal(data, []byte("PNG front")) || a.ID != front.ID {
			t.Errorf("the bytes are %q, %v", data, err)
		}
	}
	b.wants("events", b.actions(since), "attachment.read", "attachment.read")
	b.store.Files[front.BlobKey] = []byte("PNG other")
	_, _, err := b.m.AttachmentBytes(b.ctx, b.t, b.by, ind.ID, doc.ID, front.ID)
	b.refused(err, kyc.Internal, "file_damaged")
	list := must[[]kyc.EntityDocument](b)(b.m.Documents(b.ctx, b.t, b.by, ind.ID))
	if len(list) != 1 || len(list[0].Attachments) != 2 {
		t.Errorf("the list is %+v", list)
	}
}

func TestBytesAreNotHandedOutWithoutARecord(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind, doc := b.withEverything()
	b.store.Refuse = errors.New("the disk is full")
	_, data, err := b.m.AttachmentBytes(b.ctx, b.t, b.by, ind.ID, doc.ID, doc.Attachments[0].ID)
	if err == nil || data != nil {
		t.Errorf("%d bytes were handed out, %v", len(data), err)
	}
}

func TestEveryProblemOfADocumentIsListedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	_, err := b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, NewDocument{Type: "LIBRARY_CARD", Country: "NLD", IssueDate: "2027-01-01", ExpiryDate: "2025-02-29",
		ValidFrom: "2025-05-02", ValidTo: "2025-05-01", SecondaryIdentifier: "a\x01",
		Attachments: []NewAttachment{{}, {Data: []byte("GIF"), Side: "LEFT", Page: -1}, {Data: make([]byte, MaxFile+1)}, {Data: []byte("PNG"), Name: string(bytes.Repeat([]byte("n"), 256))}}})
	b.refused(err, kyc.Invalid, "invalid_document")
	b.wants("problems", codes(err), "/type enum_invalid", "/country country_invalid", "/issue_date date_in_future", "/expiry_date date_invalid",
		"/valid_to date_order", "/secondary_identifier text_invalid", "/attachments/0/data empty_file", "/attachments/1/data unsupported_type",
		"/attachments/1/side enum_invalid", "/attachments/1/page out_of_range", "/attachments/2/data file_too_large", "/attachments/3/name too_long")
	if len(b.store.Files) != 0 {
		t.Error("a refused document left a file behind")
	}
	_, err = b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, NewDocument{IssueDate: "2020-01-02", ExpiryDate: "2020-01-01"})
	b.wants("problems", codes(err), "/type required", "/country required", "/expiry_date date_order")
}

func TestEveryDocumentTypeCanBeAdded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	for _, kind := range kyc.EntityDocumentTypes() {
		doc := must[kyc.EntityDocument](b)(b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, NewDocument{Type: kind, Country: "NL"}))
		if doc.Class != kyc.EntityDocumentClass(kind) {
			t.Errorf("%s is of class %s", kind, doc.Class)
		}
	}
}

func TestFilesOfAFailedCommitAreRemoved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	paper := NewDocument{Type: "VISA", Country: "NL", Attachments: []NewAttachment{{Data: []byte("PNG1")}, {Data: []byte("PNG2")}}}
	b.store.Refuse = kyc.Stale("document")
	_, err := b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, paper)
	b.refused(err, kyc.Conflict, "concurrent_change")
	b.store.Refuse = kyc.Stale("individual")
	_, _, err = b.m.Create(b.ctx, b.t, b.by, NewIndividual{Data: anna(), Documents: []NewDocument{paper}})
	b.refused(err, kyc.Conflict, "concurrent_change")
	b.store.Deaf = 2
	_, err = b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, paper)
	b.refused(err, kyc.Unavailable, "file_storage")
	if len(b.store.Files) != 0 {
		t.Errorf("%d files nobody refers to", len(b.store.Files))
	}
}

func TestAnIndividualHasFortyFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	many := slices.Repeat([]NewAttachment{{Data: []byte("PNG")}}, MaxAttachments)
	_, _, err := b.m.Create(b.ctx, b.t, b.by, NewIndividual{Data: anna(), Documents: []NewDocument{
		{Type: "VISA", Country: "NL", Attachments: many[:30]}, {Type: "VISA", Country: "NL", Attachments: many[:11]}}})
	b.wants("problems", codes(err), "/documents too_many_files")
	ind, papers, err := b.m.Create(b.ctx, b.t, b.by, NewIndividual{Data: anna(), Documents: []NewDocument{{Type: "VISA", Country: "NL", Attachments: many}}})
	if err != nil {
		t.Fatal(err)
	}
	one := NewDocument{Type: "VISA", Country: "NL", Attachments: many[:1]}
	_, err = b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, one)
	b.wants("problems", codes(err), "/attachments too_many_files")
	must[kyc.EntityDocument](b)(b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, NewDocument{Type: "VISA", Country: "NL"}))
	must[kyc.EntityDocument](b)(b.m.DeleteAttachment(b.ctx, b.t, b.by, ind.ID, "", papers[0].Attachments[3].ID, 0))
	must[kyc.EntityDocument](b)(b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, one))
}

func TestADocumentIsPatched(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind, doc := b.withEverything()
	got := must[kyc.EntityDocument](b)(b.m.PatchDocument(b.ctx, b.t, b.by, ind.ID, doc.ID, doc.Rev, DocumentPatch{
		Set: NewDocument{Type: "UTILITY_BILL", ExpiryDate: "2031-01-01", Supplementary: map[string]any{"a": 1.0, "b": 2.0},
			Attachments: []NewAttachment{{Data: []byte("PNG back"), Side: "BACK"}}},
		Clear: []string{"/primary_identifier"}}))
	if got.Class != "SUPPORTING" || got.ExpiryDate != "2031-01-01" || got.Private.PrimaryIdentifier != "" || len(got.Attachments) != 2 ||
		got.Attachments[0].ID != doc.Attachments[0].ID || got.Country != "NL" || got.Rev != 2 {
		t.Errorf("the document is %+v", got)
	}
	front := got.Attachments[0].ID
	got = must[kyc.EntityDocument](b)(b.m.PatchDocument(b.ctx, b.t, b.by, ind.ID, doc.ID, 0, DocumentPatch{
		Set: NewDocument{Attachments: []NewAttachment{{ID: front, Page: 4, Name: "renamed.png"}}}}))
	if a := got.Attachments[0]; len(got.Attachments) != 2 || a.Page != 4 || a.Side != "FRONT" || got.Private.Files[front] != "renamed.png" {
		t.Errorf("the attachment is %+v", a)
	}
	_, err := b.m.PatchDocument(b.ctx, b.t, b.by, ind.ID, doc.ID, 0, DocumentPatch{
		Set: NewDocument{Attachments: []NewAttachment{{ID: front, Data: []byte("PNG other")}, {ID: kyc.NewID(b.now)}}}})
	b.wants("problems", codes(err), "/attachments/0/data not_replaceable", "/attachments/1/id unknown_id")
	commits := b.store.Commits
	same := must[kyc.EntityDocument](b)(b.m.PatchDocument(b.ctx, b.t, b.by, ind.ID, doc.ID, 0, DocumentPatch{Set: NewDocument{Country: "NL"}}))
	if same.Rev != 3 || b.store.Commits != commits {
		t.Error("a patch that changes nothing was written")
	}
	_, err = b.m.PatchDocument(b.ctx, b.t, b.by, ind.ID, doc.ID, 0, DocumentPatch{Set: NewDocument{IssueDate: "2040-01-01"}, Clear: []string{"/country", "/colour"}})
	b.wants("problems", codes(err), "/colour unknown_field", "/country required", "/expiry_date date_order", "/issue_date date_in_future")
	_, err = b.m.PatchDocument(b.ctx, b.t, b.by, ind.ID, doc.ID, 1, DocumentPatch{})
	b.refused(err, kyc.PreconditionFailed, "etag_mismatch")
	got = must[kyc.EntityDocument](b)(b.m.PatchDocument(b.ctx, b.t, b.by, ind.ID, doc.ID, 0, DocumentPatch{Clear: []string{"/supplementary/a", "/expiry_date"}}))
	if len(got.Private.Supplementary) != 1 || got.ExpiryDate != "" {
		t.Errorf("cleared is %+v", got)
	}
}

func TestDocumentsAndFilesAreHidden(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind, doc := b.withEverything()
	file := doc.Attachments[0].ID
	_, err := b.m.DeleteAttachment(b.ctx, b.t, b.by, ind.ID, doc.ID, kyc.NewID(b.now), 0)
	b.refused(err, kyc.NotFound, "not_found")
	_, err = b.m.DeleteAttachment(b.ctx, b.t, b.by, ind.ID, doc.ID, file, doc.Rev+1)
	b.refused(err, kyc.PreconditionFailed, "etag_mismatch")
	got := must[kyc.EntityDocument](b)(b.m.DeleteAttachment(b.ctx, b.t, b.by, ind.ID, doc.ID, file, doc.Rev))
	if len(got.Attachments) != 0 || len(got.Private.Files) != 0 {
		t.Errorf("still shown: %+v", got.Attachments)
	}
	_, _, err = b.m.AttachmentBytes(b.ctx, b.t, b.by, ind.ID, doc.ID, file)
	b.refused(err, kyc.NotFound, "not_found")
	if err := b.m.DeleteDocument(b.ctx, b.t, b.by, ind.ID, doc.ID, got.Rev); err != nil {
		t.Fatal(err)
	}
	_, err = b.m.Document(b.ctx, b.t, b.by, ind.ID, doc.ID)
	b.refused(err, kyc.NotFound, "not_found")
	if list := must[[]kyc.EntityDocument](b)(b.m.Documents(b.ctx, b.t, b.by, ind.ID)); len(list) != 0 {
		t.Errorf("still listed: %+v", list)
	}
	if len(b.store.Files) != 1 {
		t.Error("the bytes of a hidden file are evidence and stay")
	}
	other := b.person(anna())
	mine := must[kyc.EntityDocument](b)(b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, NewDocument{Type: "VISA", Country: "NL"}))
	_, err = b.m.Document(b.ctx, b.t, b.by, other.ID, mine.ID)
	b.refused(err, kyc.NotFound, "not_found")
}
