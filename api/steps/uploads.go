package steps

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

type newUpload struct {
	StepID       string `json:"step_id" doc:"The step that asks for it." maxLength:"64"`
	DocumentType string `json:"document_type,omitempty" doc:"The type of the step's requirement, or a paper that serves it (a passport for an id)." maxLength:"64" example:"passport"`
	FieldID      string `json:"field_id,omitempty" doc:"The file field it answers, in place of a document type." maxLength:"200"`
	FileName     string `json:"file_name,omitempty" doc:"Its name on the applicant's device." maxLength:"1000"`
	ContentType  string `json:"content_type,omitempty" doc:"What it says it is; the bytes decide." maxLength:"200" example:"image/jpeg"`
	Size         int64  `json:"size" doc:"Bytes; at most 20 MiB." minimum:"0"`
	SHA256       string `json:"sha256" doc:"Of the bytes, 64 hex digits." maxLength:"64"`
	Side         string `json:"side,omitempty" doc:"Which side of the paper it is." enum:"front,back" default:"front"`
}

// opened is an announced file.
type opened struct {
	UploadID  string            `json:"upload_id" doc:"Names the file until it is confirmed."`
	UploadURL string            `json:"upload_url" doc:"PUT the bytes here."`
	Method    string            `json:"method" doc:"Always PUT." enum:"PUT"`
	Headers   map[string]string `json:"headers" doc:"Headers to send with them."`
	ExpiresAt stamp             `json:"expires_at" doc:"Until when the bytes must have come."`
}

// received is the answer to the bytes.
type received struct {
	UploadID string `json:"upload_id" doc:"The file."`
	Status   string `json:"status" doc:"Always received; confirm it next." enum:"received"`
	Size     int64  `json:"size" doc:"Bytes."`
	SHA256   string `json:"sha256" doc:"Of the bytes, hex."`
}

// extracted is what a document says.
type extracted struct {
	Extracted  map[string]any     `json:"extracted" doc:"What was read, by name: first_name, last_name, date_of_birth, document_number, …"`
	Confidence map[string]float64 `json:"confidence" doc:"How sure each of them is, 0 to 1."`
	Warnings   []api.Finding      `json:"warnings" doc:"What might be wrong with the document." nullable:"false"`
}

func (s *surface) uploadRoutes() {
	p := s.Porch
	api.Handle(p, fails(said(created(public("init-upload", http.MethodPost, "/upload/init", "Announce a file")),
		"First of three steps: announce a file, send its bytes to `upload_url`, confirm it. A connection that was lost is mended by sending the bytes again."), http.StatusConflict),
		func(ctx context.Context, _ api.Principal, in *struct {
			TokenPath
			Base
			Body newUpload
		}) (*answer[opened], error) {
			b := in.Body
			t, err := s.Machine.Announce(ctx, in.Token, journey.Announcement{StepID: b.StepID, DocumentType: b.DocumentType, FieldID: b.FieldID, FileName: b.FileName,
				ContentType: b.ContentType, Size: b.Size, SHA256: b.SHA256, Side: b.Side})
			if err != nil {
				return nil, err
			}
			out := opened{UploadID: string(t.ID), UploadURL: s.link(in.Base, publicPrefix+"/"+in.Token+"/upload/"+string(t.ID)), Method: http.MethodPut,
				Headers: map[string]string{"Content-Type": "application/octet-stream"}, ExpiresAt: at(t.ExpiresAt)}
			if t.ContentType != "" {
				out.Headers["Content-Type"] = t.ContentType
			}
			return &answer[opened]{Body: out}, nil
		})
	bytes := fails(said(public("send-upload", http.MethodPut, "/upload/{upload_id}", "Send the bytes of a file"),
		"The size and the SHA-256 must be those that were announced. Sent again, they replace what came before."), http.StatusConflict, http.StatusRequestEntityTooLarge)
	bytes.AnyType, bytes.File = false, true
	api.Handle(p, bytes, func(ctx context.Context, _ api.Principal, in *struct {
		TokenPath
		UploadID string `path:"upload_id" doc:"The announced file." maxLength:"64"`
		RawBody  []byte
	}) (*answer[received], error) {
		uid, err := uploadID(in.UploadID)
		if err != nil {
			return nil, err
		}
		t, err := s.Machine.Receive(ctx, in.Token, uid, in.RawBody)
		if err != nil {
			return nil, err
		}
		return &answer[received]{Body: received{UploadID: string(t.ID), Status: "received", Size: t.Size, SHA256: t.SHA256}}, nil
	})
	api.Handle(p, fails(said(public("confirm-upload", http.MethodPost, "/upload/confirm", "Confirm a file"),
		"Makes a document of it: its type is detected from its bytes and the workflow's validations are made. Confirmed again, it is the same document."), http.StatusConflict),
		func(ctx context.Context, _ api.Principal, in *struct {
			TokenPath
			Body struct {
				UploadID string `json:"upload_id" doc:"The announced file." maxLength:"64"`
			}
		}) (*answer[publicDocument], error) {
			uid, err := uploadID(in.Body.UploadID)
			if err != nil {
				return nil, err
			}
			got, err := s.Machine.Confirm(ctx, in.Token, uid)
			if err != nil {
				return nil, err
			}
			return &answer[publicDocument]{Body: showPaper(got)}, nil
		})
	api.Handle(p, fails(said(public("extract-document", http.MethodPost, "/extract", "Read a document"),
		"Answers with what the document says, so that the applicant need not type it."), http.StatusConflict, http.StatusServiceUnavailable),
		func(ctx context.Context, _ api.Principal, in *struct {
			TokenPath
			Body struct {
				DocID string `json:"doc_id" doc:"The document." maxLength:"64"`
			}
		}) (*answer[extracted], error) {
			did, ok := kyc.ParseID(in.Body.DocID)
			if !ok {
				// As for a wrong id: the session's own state is told first.
				did = kyc.ID(clip(in.Body.DocID))
			}
			got, err := s.Machine.Extract(ctx, in.Token, did)
			if err != nil {
				return nil, err
			}
			return &answer[extracted]{Body: extracted{Extracted: got.Values, Confidence: got.Confidence, Warnings: findings(got.Warnings)}}, nil
		})
}

// uploadID reads the id of an announced file.
func uploadID(text string) (kyc.ID, error) {
	if got, ok := kyc.ParseID(text); ok {
		return got, nil
	}
	return "", kyc.Errorf(kyc.NotFound, "upload_not_found", "there is no such upload in this session")
}
