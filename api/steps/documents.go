package steps

import (
	"context"
	"mime"
	"net/http"

	"bonafide/api"
)

// What a signed address may open: the purpose is part of the signature, so
// that the way a file is shown cannot be changed in the address.
const (
	purposeInline = "onboarding-document-inline"
	purposeSaved  = "onboarding-document"
)

type documentURL struct {
	URL         string `json:"url" doc:"Gives the bytes without a key."`
	ExpiresAt   stamp  `json:"expires_at" doc:"When it ends: 5 minutes from now."`
	ContentType string `json:"content_type" doc:"As detected from the bytes." example:"image/jpeg"`
	Disposition string `json:"disposition" doc:"How it is served." enum:"inline,attachment"`
}

func (s *surface) documentRoutes() {
	p, group := s.Porch, "Onboarding sessions"
	api.Handle(p, said(op("get-onboarding-document-url", http.MethodGet, "/sessions/{session_id}/documents/{doc_id}/url", group, "Address of a document", read),
		"A signed address of the file that ends after 5 minutes. Asking for it and using it are recorded in the audit chain."), s.documentURL)
	file := said(op("get-onboarding-file", http.MethodGet, "/files/{token}", group, "Bytes behind a signed address"), "Needs no key: the address is the permission. It ends after 5 minutes.")
	file.Public, file.Binary = true, "application/octet-stream"
	api.Handle(p, fails(file, http.StatusForbidden, http.StatusNotFound), s.file)
}

func (s *surface) documentURL(ctx context.Context, who api.Principal, in *struct {
	SessionPath
	Base
	DocID       string `path:"doc_id" doc:"The document's id." maxLength:"64"`
	Disposition string `query:"disposition" doc:"Show it in the browser, or save it." enum:"inline,attachment" default:"inline"`
}) (*answer[documentURL], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	did, err := id("document", in.DocID)
	if err != nil {
		return nil, err
	}
	claim, err := s.Machine.DocumentURL(ctx, who.Tenant, who.Actor, sid, did, in.Disposition)
	if err != nil {
		return nil, err
	}
	now, err := s.now(ctx, who.Tenant)
	if err != nil {
		return nil, err
	}
	purpose := purposeSaved
	if claim.Disposition == "inline" {
		purpose = purposeInline
	}
	token := s.Porch.Signer.LinkFrom(purpose, api.Grant{Tenant: who.Tenant, Object: did, Parent: sid, Actor: who.Actor}, now, claim.ExpiresAt.Sub(now))
	return &answer[documentURL]{Body: documentURL{URL: s.link(in.Base, "/kyc/files/"+token), ExpiresAt: at(claim.ExpiresAt),
		ContentType: claim.Upload.ContentType, Disposition: claim.Disposition}}, nil
}

type fileAnswer struct {
	ContentType  string `header:"Content-Type" doc:"As detected from the bytes."`
	Disposition  string `header:"Content-Disposition" doc:"inline or attachment, with a name made of the document's id."`
	CacheControl string `header:"Cache-Control" doc:"Never to be kept."`
	NoSniff      string `header:"X-Content-Type-Options" doc:"The type is as said."`
	Policy       string `header:"Content-Security-Policy" doc:"What an applicant sent runs nothing, even when it is shown."`
	Body         []byte
}

func (s *surface) file(ctx context.Context, _ api.Principal, in *struct {
	Token string `path:"token" doc:"The signed token." maxLength:"2048"`
}) (*fileAnswer, error) {
	disposition := "attachment"
	grant, err := s.Porch.Signer.OpenLink(purposeSaved, in.Token)
	if err != nil {
		disposition = "inline"
		if grant, err = s.Porch.Signer.OpenLink(purposeInline, in.Token); err != nil {
			return nil, err
		}
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
	// Only pictures and PDF are ever shown in place; the applicant's own name
	// of the file stays out of headers, which proxies log.
	if !showable(u.ContentType) {
		disposition = "attachment"
	}
	return &fileAnswer{ContentType: u.ContentType, CacheControl: "no-store", NoSniff: "nosniff", Policy: "default-src 'none'; sandbox", Body: raw,
		Disposition: mime.FormatMediaType(disposition, map[string]string{"filename": string(u.ID) + ending(u.ContentType)})}, nil
}

func showable(contentType string) bool { return ending(contentType) != "" }

// ending is the usual ending of a file's name.
func ending(contentType string) string {
	switch contentType {
	case "image/jpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "image/webp":
		return ".webp"
	case "image/tiff":
		return ".tiff"
	case "image/heic":
		return ".heic"
	case "application/pdf":
		return ".pdf"
	}
	return ""
}
