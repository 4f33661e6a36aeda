package graph

import (
	"context"
	"net/http"
	"strings"

	"bonafide/api"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/session"
)

// linkPurpose keeps a token for a file from opening anything else.
const linkPurpose = "document"

func (s *surface) captureRoutes() {
	p := s.Porch
	api.Handle(p, op("get-requirements", http.MethodGet, "/sessions/{id}/requirements", "Capture", "What capture must collect", readSessions),
		func(ctx context.Context, who api.Principal, in *SessionPath) (*answer[whole[requirement]], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			got, err := s.Store.Session(ctx, who.Tenant, sid)
			if err != nil {
				return nil, err
			}
			plan, err := s.Sessions.Plan(ctx, &got)
			if err != nil {
				return nil, err
			}
			return all(plan, func(r flow.Requirement) requirement { return showRequirement(r) }), nil
		})
	send := said(created(op("upload-document", http.MethodPost, "/sessions/{id}/documents", "Capture", "Send a file", writeSessions)),
		"API-only capture: one file for one requirement, at most 20 MiB, at most 40 of a session. The type is detected from the bytes. A file for a requirement that has one already replaces it; the replaced one is kept and marked `superseded`. `warnings` say what the applicant can do better.")
	send.Upload = &api.Upload{
		Files: []api.UploadField{{Name: "file", Doc: "The file: JPEG, PNG, WebP, TIFF or PDF.", Required: true}},
		Values: []api.UploadField{
			{Name: "type", Doc: "The requirement it serves: " + strings.Join(session.FileKinds(), ", ") + " or custom:<name>.", Required: true},
			{Name: "document_type", Doc: "What it is: " + strings.Join(session.DocumentTypes(), ", ") + "."},
		},
	}
	api.Handle(p, fails(send, http.StatusConflict), func(ctx context.Context, who api.Principal, in *SessionPath) (*answer[sentUpload], error) {
		sid, err := id("session", in.ID)
		if err != nil {
			return nil, err
		}
		form := api.FormFrom(ctx)
		file, _ := form.File("file")
		u, err := s.Sessions.Upload(ctx, who.Tenant, who.Actor, sid, session.NewUpload{Kind: form.Values["type"], DocumentType: form.Values["document_type"], Bytes: file.Bytes})
		if err != nil {
			return nil, err
		}
		out := sentUpload{Upload: showUpload(u), Warnings: []api.Finding{}}
		if s.Look != nil && who.Tenant.Env == kyc.Live { // the sandbox looks at no picture
			for _, w := range s.Look(ctx, u.Kind, file.Bytes) {
				out.Warnings = append(out.Warnings, api.Finding{Path: "/file", Code: w.Code, Message: w.Message})
			}
		}
		return &answer[sentUpload]{Body: out}, nil
	})
	api.Handle(p, fails(said(op("add-fields", http.MethodPost, "/sessions/{id}/fields", "Capture", "Send form data", writeSessions),
		"API-only capture: what the applicant typed, merged key by key; null removes a key."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			Body struct {
				Fields map[string]any `json:"fields" doc:"Values by name, such as first_name, last_name, date_of_birth (YYYY-MM-DD), email, phone."`
			}
		}) (*tagged[SessionView], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			if in.Body.Fields == nil {
				in.Body.Fields = map[string]any{}
			}
			return showTagged(s.Sessions.Patch(ctx, who.Tenant, who.Actor, sid, 0, session.Patch{Fields: in.Body.Fields}))
		})
	api.Handle(p, fails(said(accepted(op("submit-session", http.MethodPost, "/sessions/{id}/submit", "Capture", "Submit for verification", writeSessions)),
		"Hands the session to the engine and pins the workflow version. Live sessions must have everything their workflow requires; otherwise 422 `capture_incomplete` lists what is missing. Sandbox sessions never need documents."),
		http.StatusConflict, http.StatusPreconditionFailed), s.submit)
	api.Handle(p, said(op("list-documents", http.MethodGet, "/sessions/{id}/documents", "Capture", "Files of a session", readSessions),
		"Each file has a signed link to its bytes that ends after 5 minutes."), s.listDocuments)
	file := said(op("get-file", http.MethodGet, "/files/{token}", "Capture", "Bytes behind a signed link"), "Needs no key: the link is the permission. It ends after 5 minutes.")
	file.Public, file.Binary = true, "application/octet-stream"
	api.Handle(p, fails(file, http.StatusForbidden, http.StatusNotFound), s.file)
}

func (s *surface) submit(ctx context.Context, who api.Principal, in *struct {
	SessionPath
	api.IfMatch
	Body *struct {
		Fields map[string]any `json:"fields,omitempty" doc:"Form data, merged before the session is submitted."`
	}
}) (*tagged[SessionView], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if in.Body != nil {
		fields = in.Body.Fields
	}
	got, _, err := s.Sessions.Submit(ctx, who.Tenant, who.Actor, sid, rev(in.IfMatch), fields)
	return showTagged(got, err)
}

func (s *surface) listDocuments(ctx context.Context, who api.Principal, in *struct {
	SessionPath
	Base
}) (*answer[whole[signedUpload]], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	_, uploads, err := s.Sessions.Documents(ctx, who.Tenant, who.Actor, sid)
	if err != nil {
		return nil, err
	}
	now, err := s.now(ctx, who.Tenant)
	if err != nil {
		return nil, err
	}
	return all(uploads, func(u kyc.Upload) signedUpload {
		out := signedUpload{Upload: showUpload(u)}
		if u.Readable() {
			token := s.Porch.Signer.LinkFrom(linkPurpose, api.Grant{Tenant: who.Tenant, Object: u.ID, Parent: sid, Actor: who.Actor}, now, api.LinkLife)
			out.URL, out.ExpiresAt = s.link(in.Base, prefix+"/files/"+token), at(now.Add(api.LinkLife))
		}
		return out
	}), nil
}

type fileAnswer struct {
	ContentType  string `header:"Content-Type" doc:"As detected from the bytes."`
	Disposition  string `header:"Content-Disposition" doc:"Always attachment: what an applicant sent is never shown as a page of ours."`
	CacheControl string `header:"Cache-Control" doc:"Never to be kept."`
	Body         []byte
}

func (s *surface) file(ctx context.Context, _ api.Principal, in *struct {
	Token string `path:"token" doc:"The signed token." maxLength:"2048"`
}) (*fileAnswer, error) {
	grant, err := s.Porch.Signer.OpenLink(linkPurpose, in.Token)
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
	u, raw, err := s.Sessions.File(ctx, grant.Tenant, grant.Actor, grant.Object)
	if err != nil {
		return nil, err
	}
	return &fileAnswer{ContentType: u.ContentType, Disposition: "attachment", CacheControl: "no-store", Body: raw}, nil
}
