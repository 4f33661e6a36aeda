package graph

import (
	"encoding/json"
	"net/http"
	"strings"

	"bonafide/flow"
	"bonafide/kyc"
)

// Browsers are handed to the applicant's pages (Deps.Pages), which use a link up
// only when somebody presses Start. Programs that ask for application/json use
// it up at once, mark the session as capturing and are told what is asked for.

func (s *surface) mountCapture() {
	s.Porch.Mount("GET /capture/{token}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		wantsJSON := strings.Contains(r.Header.Get("Accept"), "application/json")
		surface, err := s.Sessions.SurfaceOf(r.Context(), r.PathValue("token"))
		page := s.Pages[surface]
		if err != nil && !wantsJSON {
			page = s.Pages[kyc.SurfaceGraph] // says what became of the link
		}
		if page != nil && (surface != kyc.SurfaceGraph || !wantsJSON) {
			page.ServeHTTP(w, r)
			return
		}
		var got kyc.Session
		if err == nil {
			got, err = s.Sessions.OpenLink(r.Context(), r.PathValue("token"))
		}
		var plan []flow.Requirement
		if err == nil {
			plan, err = s.Sessions.Plan(r.Context(), &got)
		}
		if err == nil {
			out := make([]requirement, 0, len(plan))
			for _, q := range plan {
				out = append(out, showRequirement(q))
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"session_id": kyc.Dress("session", got.ID), "status": sessionStatus(got.Status), "requirements": out})
			return
		}
		status := http.StatusNotFound
		if kyc.KindOf(err) != kyc.NotFound {
			status = http.StatusServiceUnavailable
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		code := kyc.AsError(err).Code
		_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": "Link not valid", "status": status, "code": code, "error": code})
	}))
}
