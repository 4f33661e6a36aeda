package checks

import (
	"context"
	"mime"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/intake"
	"bonafide/kyc"
)

// purposeFile is what signed links to files are made for.
const purposeFile = "check-file"

// announced is a file that may be sent now.
type announced struct {
	UploadID  string `json:"upload_id" doc:"Names the file in submissions."`
	URL       string `json:"url" doc:"Send the bytes here; no credential is needed. It is shown only here."`
	Method    string `json:"method" doc:"Always PUT." enum:"PUT"`
	ExpiresAt stamp  `json:"expires_at" doc:"Until when the bytes must have come."`
}

func (s *surface) announced(b Base, a intake.Announced) announced {
	return announced{UploadID: string(a.Transfer.ID), URL: s.link(b, prefix+"/uploads/"+a.Token), Method: http.MethodPut, ExpiresAt: at(a.Transfer.ExpiresAt)}
}

// received is the answer to the bytes.
type received struct {
	UploadID string `json:"upload_id" doc:"The file."`
	Status   string `json:"status" doc:"Always received; name it in a submission next." enum:"received"`
	Size     int64  `json:"size" doc:"Bytes."`
	SHA256   string `json:"sha256" doc:"Of the bytes, hex."`
}

func (s *surface) uploadRoutes() {
	p := s.Porch
	api.Handle(p, fails(said(created(op("announce-check-upload", http.MethodPost, "/sessions/{id}/uploads", groupSessions, "Announce a file", writeSessions)),
		"Send its bytes to `url` and name its `upload_id` in a submission."), http.StatusGone),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			Base
			Body struct {
				Name        string `json:"name" doc:"Its name." minLength:"1" maxLength:"1000" example:"passport.jpg"`
				ContentType string `json:"content_type" doc:"What you take it for; what counts is in the bytes." minLength:"1" maxLength:"200" example:"image/jpeg"`
			}
		}) (*answer[announced], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			got, err := s.Machine.Upload(ctx, who.Tenant, who.Actor, sid, intake.NewUpload{Name: in.Body.Name, ContentType: in.Body.ContentType})
			if err != nil {
				return nil, err
			}
			return &answer[announced]{Body: s.announced(in.Base, got)}, nil
		})
	bytes := fails(said(op("send-check-upload", http.MethodPut, "/uploads/{token}", groupSessions, "Send the bytes of a file"),
		"The unguessable address is the permission. The same bytes may be sent again."), http.StatusGone, http.StatusRequestEntityTooLarge)
	bytes.Public, bytes.File = true, true
	api.Handle(p, bytes, func(ctx context.Context, _ api.Principal, in *struct {
		Token   string `path:"token" doc:"The token of the address." maxLength:"256"`
		RawBody []byte
	}) (*answer[received], error) {
		t, err := s.Machine.Receive(ctx, in.Token, in.RawBody)
		if err != nil {
			return nil, err
		}
		return &answer[received]{Body: received{UploadID: string(t.ID), Status: "received", Size: t.Size, SHA256: t.SHA256}}, nil
	})
	if s.Files == nil {
		return
	}
	file := said(op("get-check-file", http.MethodGet, "/files/{token}", groupSessions, "The bytes of a file"),
		"The addresses of `resource_links`; each works for five minutes, and each look is recorded.")
	file.Public, file.Binary = true, "application/octet-stream"
	api.Handle(p, fails(file, http.StatusForbidden, http.StatusNotFound), s.file)
}

type fileAnswer struct {
	ContentType  string `header:"Content-Type" doc:"As detected from the bytes."`
	Disposition  string `header:"Content-Disposition" doc:"attachment, with a name made of the file's id."`
	CacheControl string `header:"Cache-Control" doc:"Never to be kept."`
	NoSniff      string `header:"X-Content-Type-Options" doc:"The type is as said."`
	Policy       string `header:"Content-Security-Policy" doc:"What an applicant sent runs nothing, even when it is shown."`
	Body         []byte
}

func (s *surface) file(ctx context.Context, _ api.Principal, in *struct {
	Token string `path:"token" doc:"The signed token." maxLength:"2048"`
}) (*fileAnswer, error) {
	grant, err := s.Porch.Signer.OpenLink(purposeFile, in.Token)
	if err != nil {
		return nil, err
	}
	now, err := s.now(ctx, grant.Tenant)
	if err != nil {
		return nil, err
	}
	if err := grant.Expired(now); err != nil {
		return nil, err
	}
	u, raw, err := s.Files.File(ctx, grant.Tenant, grant.Actor, grant.Object)
	if err != nil {
		return nil, err
	}
	return &fileAnswer{ContentType: u.ContentType, CacheControl: "no-store", NoSniff: "nosniff", Policy: "default-src 'none'; sandbox", Body: raw,
		Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": string(u.ID)})}, nil
}

// fileLink is the address of a file for the next five minutes.
func (s *surface) fileLink(b Base, who api.Principal, u kyc.Upload, now time.Time) string {
	return s.link(b, prefix+"/files/"+s.Porch.Signer.LinkFrom(purposeFile, api.Grant{Tenant: who.Tenant, Object: u.ID, Parent: u.SessionID, Actor: who.Actor}, now, api.LinkLife))
}
