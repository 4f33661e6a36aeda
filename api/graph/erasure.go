package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

type redaction struct {
	Status           string `json:"status" doc:"What happened." enum:"deleted,already_redacted,refused"`
	SessionID        string `json:"session_id" doc:"The session."`
	DocumentsRemoved int    `json:"documents_removed" doc:"How many files of this session were erased now."`
	Message          string `json:"message" doc:"The same for a person."`
	Error            string `json:"error,omitempty" doc:"Why it was refused: not_found, legal_hold, session_active."`
}

func showRedaction(r session.Redaction) redaction {
	out := redaction{Status: r.Status, SessionID: kyc.Dress("session", r.SessionID), DocumentsRemoved: r.DocumentsRemoved,
		Message: "The personal data of this session's person was erased."}
	switch {
	case r.Err != nil:
		e := kyc.AsError(r.Err)
		out.Status, out.Error, out.Message = "refused", e.Code, e.Message
	case r.Status == "already_redacted":
		out.Message = "It had been erased before; nothing changed."
	}
	return out
}

type forgotten struct {
	SessionID        string `json:"session_id" doc:"The session."`
	TemplatesRemoved int    `json:"templates_removed" doc:"Templates that were deleted now."`
	FramesRemoved    int    `json:"frames_removed" doc:"Frames of liveness checks that were deleted now."`
}

func (s *surface) erasureRoutes() {
	p := s.Porch
	api.Handle(p, fails(said(op("redact-session", http.MethodDelete, "/sessions/{id}/data", "Erasure", "Erase personal data", redactData),
		"Destroys the data key of the session's person: this session, its files and every other session of the same person become unreadable for ever, backups included. Ids, states, times and hashes stay. 409 `legal_hold` or `session_active`."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *SessionPath) (*answer[redaction], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			r, err := s.Sessions.Redact(ctx, who.Tenant, who.Actor, sid)
			if err != nil {
				return nil, err
			}
			return &answer[redaction]{Body: showRedaction(r)}, nil
		})
	api.Handle(p, fails(said(op("delete-biometrics", http.MethodDelete, "/sessions/{id}/biometrics", "Erasure", "Delete biometric data", redactData),
		"Deletes the templates of the session's faces and the frames of its liveness checks, and nothing else; what the checks said stays. Of sessions of every surface. 409 `legal_hold` or `session_active`."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *SessionPath) (*answer[forgotten], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			r, err := s.Sessions.ForgetFaces(ctx, who.Tenant, who.Actor, sid)
			if err != nil {
				return nil, err
			}
			return &answer[forgotten]{Body: forgotten{SessionID: kyc.Dress("session", r.SessionID), TemplatesRemoved: r.Templates, FramesRemoved: r.Frames}}, nil
		})
	o := op("bulk-redact", http.MethodPost, "/sessions/bulk-redact", "Erasure", "Erase the data of several sessions", redactData)
	o.Status = http.StatusOK
	api.Handle(p, o, func(ctx context.Context, who api.Principal, in *struct {
		Body struct {
			SessionIDs []string `json:"session_ids,omitempty" doc:"The sessions." minItems:"1" maxItems:"100" nullable:"false"`
			IDs        []string `json:"ids,omitempty" doc:"The same, under a shorter name." minItems:"1" maxItems:"100" nullable:"false"`
		}
	}) (*answer[bulkRedaction], error) {
		asked := append(in.Body.SessionIDs, in.Body.IDs...)
		if len(asked) == 0 || len(asked) > session.MaxBulkRedact {
			return nil, kyc.InvalidInput("invalid_ids", "name 1 to 100 sessions", []kyc.Problem{{Path: "/session_ids", Code: "invalid_ids", Message: "name 1 to 100 sessions"}})
		}
		// An id that is none gets its own refusal, like an unknown one.
		var ids []kyc.ID
		place := make([]int, len(asked))
		for i, text := range asked {
			place[i] = -1
			if sid, err := id("session", text); err == nil {
				place[i] = len(ids)
				ids = append(ids, sid)
			}
		}
		var done []session.Redaction
		if len(ids) > 0 {
			var err error
			if done, err = s.Sessions.RedactAll(ctx, who.Tenant, who.Actor, ids); err != nil {
				return nil, err
			}
		}
		out := bulkRedaction{Total: len(place), Results: []redaction{}}
		for i, n := range place {
			if n < 0 {
				out.Results = append(out.Results, redaction{Status: "refused", SessionID: clip(asked[i]), Error: "not_found", Message: "there is no such session here"})
				continue
			}
			out.Results = append(out.Results, showRedaction(done[n]))
		}
		return &answer[bulkRedaction]{Body: out}, nil
	})
}

type bulkRedaction struct {
	Total   int         `json:"total" doc:"How many were asked for."`
	Results []redaction `json:"results" doc:"The result of each, in the order of the request." nullable:"false"`
}
