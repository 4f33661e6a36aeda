package entities

import (
	"context"
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"bonafide/api"
	"bonafide/entity"
	"bonafide/kyc"
)

// Values of level (api.md 5.1).
const (
	levelID     = "id"
	levelMeta   = "meta"
	levelBase64 = "base64"
)

// Level is embedded by inputs whose answers show documents.
type Level struct {
	Level string `query:"level" doc:"How much is shown of documents: id (only their ids), meta (everything but the bytes of files), base64 (the bytes too)." enum:"id,meta,base64"`
}

// or gives the level, or another one where nothing was said.
func (l Level) or(level string) Level {
	if l.Level == "" {
		return Level{level}
	}
	return l
}

// maxInline is how many bytes of files one answer holds; more are left behind
// their addresses.
const maxInline = 10 << 20

type DocumentPath struct {
	EntityPath
	DocumentID string `path:"documentId" doc:"The document's id." maxLength:"64"`
}

func (p DocumentPath) ids() (subject, document kyc.ID, err error) {
	if subject, err = p.entity(); err != nil {
		return "", "", err
	}
	document, err = id("document", p.DocumentID)
	return subject, document, err
}

type documentBody struct {
	Asked
	Document document `json:"document" doc:"The document."`
}

type documentList struct {
	Asked
	Documents documentLists `json:"documents" doc:"Every document, by class, oldest first."`
}

func (s *surface) documentRoutes() {
	p := s.Porch
	api.Handle(p, said(op("list-entity-documents", http.MethodGet, individualPath+"/documents", tagDocuments, "List documents", readSessions),
		"Every document of the individual by class. `level=base64` shows the bytes of files, of at most 10 MiB in one answer; the rest stays behind `data.uri`."), s.listDocuments)
	api.Handle(p, said(created(op("add-entity-document", http.MethodPost, individualPath+"/documents", tagDocuments, "Add a document", writeSessions)),
		"Files come as base64 in the body, which may have 1 MiB; larger ones (up to 20 MiB) are uploaded afterwards."), s.addDocument)
	api.Handle(p, op("get-entity-document", http.MethodGet, documentPath, tagDocuments, "Read a document", readSessions), s.document)
	api.Handle(p, fails(said(op("update-entity-document", http.MethodPatch, documentPath, tagDocuments, "Change a document", writeSessions),
		"What is sent replaces, `null` removes, `attachments` are added."), http.StatusPreconditionFailed), s.updateDocument)
	api.Handle(p, fails(said(op("delete-entity-document", http.MethodDelete, documentPath, tagDocuments, "Delete a document", writeSessions),
		"It is not shown any more. Its files stay, encrypted, until the individual is erased: what was decided on them must stay provable."), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			DocumentPath
			api.IfMatch
		}) (*answer[done], error) {
			subject, did, err := in.ids()
			if err != nil {
				return nil, err
			}
			return reply(done{asked(ctx)}), s.Entities.DeleteDocument(ctx, who.Tenant, who.Actor, subject, did, in.Rev())
		})
	upload := said(created(op("upload-attachment", http.MethodPost, documentPath+"/attachments", tagDocuments, "Upload a file", writeSessions)), "Adds one file of up to 20 MiB to a document. Its type is detected from its bytes.")
	upload.Upload = &api.Upload{Files: []api.UploadField{{Name: "file", Doc: "The file: a photo (JPEG, PNG, WebP, TIFF) or a PDF.", Required: true}},
		Values: []api.UploadField{{Name: "side", Doc: "Which side of the paper it is.", Enum: []string{"FRONT", "BACK"}}, {Name: "pageNumber", Doc: "From 1."}, {Name: "filename", Doc: "Its name; without it the one that the part carries."}}}
	api.Handle(p, upload, s.uploadAttachment)
	file := said(op("get-attachment", http.MethodGet, documentPath+"/attachments/{attachmentId}", tagDocuments, "Read a file", readSessions), "Its bytes. Every look is recorded in the audit chain.")
	file.Binary = "application/octet-stream"
	api.Handle(p, file, s.attachment)
	api.Handle(p, fails(op("delete-attachment", http.MethodDelete, documentPath+"/attachments/{attachmentId}", tagDocuments, "Delete a file", writeSessions), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			AttachmentPath
			api.IfMatch
		}) (*tagged[documentBody], error) {
			subject, did, aid, err := in.all()
			if err != nil {
				return nil, err
			}
			return showOne(ctx)(s.Entities.DeleteAttachment(ctx, who.Tenant, who.Actor, subject, did, aid, in.Rev()))
		})
	api.Handle(p, fails(said(op("delete-any-attachment", http.MethodDelete, individualPath+"/attachments/{attachmentId}", tagDocuments, "Delete a file of any document", writeSessions),
		"The same without naming the document."), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			EntityPath
			AttachmentID string `path:"attachmentId" doc:"The file's id." maxLength:"64"`
			api.IfMatch
		}) (*tagged[documentBody], error) {
			subject, err := in.entity()
			if err != nil {
				return nil, err
			}
			aid, err := id("attachment", in.AttachmentID)
			if err != nil {
				return nil, err
			}
			return showOne(ctx)(s.Entities.DeleteAttachment(ctx, who.Tenant, who.Actor, subject, "", aid, in.Rev()))
		})
}

// AttachmentPath names a file.
type AttachmentPath struct {
	DocumentPath
	AttachmentID string `path:"attachmentId" doc:"The file's id." maxLength:"64"`
}

func (p AttachmentPath) all() (subject, document, attachment kyc.ID, err error) {
	if subject, document, err = p.ids(); err != nil {
		return "", "", "", err
	}
	attachment, err = id("attachment", p.AttachmentID)
	return subject, document, attachment, err
}

// showOne answers with one document.
func showOne(ctx context.Context) func(kyc.EntityDocument, error) (*tagged[documentBody], error) {
	return func(d kyc.EntityDocument, err error) (*tagged[documentBody], error) {
		if err != nil {
			return nil, err
		}
		return tag(d.Meta, documentBody{asked(ctx), showDocument(d)}), nil
	}
}

// documents shows documents as much as level asks.
func (s *surface) documents(ctx context.Context, who api.Principal, subject kyc.ID, list []kyc.EntityDocument, level Level) ([]document, error) {
	out := make([]document, 0, len(list))
	left := int64(maxInline)
	for _, d := range list {
		if level.Level == levelID {
			out = append(out, document{ID: string(d.ID), Type: d.Type, Class: d.Class, Supplementary: map[string]any{}, Attachments: []attachment{},
				CreatedAt: at(d.CreatedAt), UpdatedAt: at(d.UpdatedAt)})
			continue
		}
		one := showDocument(d)
		for i := range one.Attachments {
			a := &one.Attachments[i]
			if level.Level != levelBase64 || a.Size > left {
				continue
			}
			_, raw, err := s.Entities.AttachmentBytes(ctx, who.Tenant, who.Actor, subject, d.ID, kyc.ID(a.ID))
			if err != nil {
				return nil, err
			}
			left -= a.Size
			a.Data.Base64, a.Retrieval = base64.StdEncoding.EncodeToString(raw), "NORMAL"
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *surface) documentLists(ctx context.Context, who api.Principal, subject kyc.ID, list []kyc.EntityDocument, level Level) (*documentLists, error) {
	showing, err := s.documents(ctx, who, subject, list, level)
	if err != nil {
		return nil, err
	}
	return sortDocuments(showing), nil
}

func (s *surface) listDocuments(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Level
}) (*answer[documentList], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	list, err := s.Entities.Documents(ctx, who.Tenant, who.Actor, subject)
	if err != nil {
		return nil, err
	}
	lists, err := s.documentLists(ctx, who, subject, list, in.Level)
	if err != nil {
		return nil, err
	}
	return reply(documentList{asked(ctx), *lists}), nil
}

func (s *surface) addDocument(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Body documentInput
}) (*tagged[documentBody], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	r := &reading{}
	n := in.Body.read(r, "")
	if err := r.err(); err != nil {
		return nil, err
	}
	d, err := s.Entities.AddDocument(ctx, who.Tenant, who.Actor, subject, n)
	return showOne(ctx)(d, (&tongue{}).explain(err))
}

func (s *surface) document(ctx context.Context, who api.Principal, in *struct {
	DocumentPath
	Level
}) (*tagged[documentBody], error) {
	subject, did, err := in.ids()
	if err != nil {
		return nil, err
	}
	d, err := s.Entities.Document(ctx, who.Tenant, who.Actor, subject, did)
	if err != nil {
		return nil, err
	}
	showing, err := s.documents(ctx, who, subject, []kyc.EntityDocument{d}, in.Level)
	if err != nil {
		return nil, err
	}
	return tag(d.Meta, documentBody{asked(ctx), showing[0]}), nil
}

func (s *surface) updateDocument(ctx context.Context, who api.Principal, in *struct {
	DocumentPath
	api.IfMatch
	Body patch[documentChange]
}) (*tagged[documentBody], error) {
	subject, did, err := in.ids()
	if err != nil {
		return nil, err
	}
	r := &reading{}
	p := entity.DocumentPatch{Set: in.Body.Set.read(r, "")}
	if err := r.err(); err != nil {
		return nil, err
	}
	for _, pointer := range in.Body.Null {
		p.Clear = append(p.Clear, inside(pointer))
	}
	d, err := s.Entities.PatchDocument(ctx, who.Tenant, who.Actor, subject, did, in.Rev(), p)
	return showOne(ctx)(d, (&tongue{}).explain(err))
}

func (s *surface) uploadAttachment(ctx context.Context, who api.Principal, in *struct {
	DocumentPath
	api.IfMatch
}) (*tagged[documentBody], error) {
	subject, did, err := in.ids()
	if err != nil {
		return nil, err
	}
	form := api.FormFrom(ctx)
	file, _ := form.File("file")
	n := entity.NewAttachment{Data: file.Bytes, Name: file.Name, Side: form.Values["side"]}
	if name := form.Values["filename"]; name != "" {
		n.Name = name
	}
	if text := form.Values["pageNumber"]; text != "" {
		page, err := strconv.ParseUint(text, 10, 16)
		if err != nil || page == 0 {
			return nil, invalid(kyc.Problem{Path: "/pageNumber", Code: "out_of_range", Message: "a whole number from 1"})
		}
		n.Page = int(page) //nolint:gosec // 16 bits
	}
	d, err := s.Entities.PatchDocument(ctx, who.Tenant, who.Actor, subject, did, in.Rev(), entity.DocumentPatch{Set: entity.NewDocument{Attachments: []entity.NewAttachment{n}}})
	return showOne(ctx)(d, formWords(err))
}

// formWords names the parts of a form where the house speaks of the first
// attachment.
func formWords(err error) error {
	e := kyc.AsError(err)
	if err == nil || len(e.Problems) == 0 {
		return err
	}
	out := *e
	out.Problems = nil
	for _, p := range e.Problems {
		switch part := strings.TrimPrefix(strings.TrimPrefix(p.Path, "/"), "attachments/0"); part {
		case "", "/data":
			p.Path = "/file"
		case "/page":
			p.Path = "/pageNumber"
		case "/name":
			p.Path = "/filename"
		default:
			p.Path = part
		}
		out.Problems = append(out.Problems, p)
	}
	return &out
}

// fileAnswer is a file as it was sent.
type fileAnswer struct {
	ContentType  string `header:"Content-Type" doc:"As detected from the bytes."`
	Disposition  string `header:"Content-Disposition" doc:"attachment, with a name made of the file's id."`
	CacheControl string `header:"Cache-Control" doc:"Never to be kept."`
	NoSniff      string `header:"X-Content-Type-Options" doc:"The type is as said."`
	Policy       string `header:"Content-Security-Policy" doc:"What somebody sent runs nothing, even when it is shown."`
	Body         []byte
}

func (s *surface) attachment(ctx context.Context, who api.Principal, in *AttachmentPath) (*fileAnswer, error) {
	subject, did, aid, err := in.all()
	if err != nil {
		return nil, err
	}
	a, raw, err := s.Entities.AttachmentBytes(ctx, who.Tenant, who.Actor, subject, did, aid)
	if err != nil {
		return nil, err
	}
	return &fileAnswer{ContentType: a.ContentType, CacheControl: "no-store", NoSniff: "nosniff", Policy: "default-src 'none'; sandbox", Body: raw,
		Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": string(a.ID)})}, nil
}
