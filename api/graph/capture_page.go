package graph

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"bonafide/flow"
	"bonafide/kyc"
)

// The page behind a capture link until the applicant's own pages exist: it
// uses the link up, marks the session as capturing and says what is asked
// for. Programs ask for application/json.
const capturePage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Identity verification</title></head>
<body><main><h1>Identity verification</h1>
{{if .}}<p>Your link works. You will be asked for:</p>
<ul>{{range .}}<li>{{.Name}}{{if not .Required}} (optional){{end}}</li>{{end}}</ul>
{{else}}<p>Your link works. Nothing more is needed from you.</p>{{end}}
</main></body></html>
`

const captureGone = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Link not valid</title></head>
<body><main><h1>This link does not work any more</h1>
<p>It is unknown, was used already, or its time is over. Please ask for a new one.</p></main></body></html>
`

func (s *surface) mountCapture() {
	page := template.Must(template.New("capture").Parse(capturePage))
	s.Porch.Mount("GET /capture/{token}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		wantsJSON := strings.Contains(r.Header.Get("Accept"), "application/json")
		got, err := s.Sessions.OpenLink(r.Context(), r.PathValue("token"))
		if page := s.Pages[got.Surface]; err == nil && page != nil {
			page.ServeHTTP(w, r)
			return
		}
		var plan []flow.Requirement
		if err == nil {
			plan, err = s.Sessions.Plan(r.Context(), &got)
		}
		if err != nil {
			status := http.StatusNotFound
			if kyc.KindOf(err) != kyc.NotFound {
				status = http.StatusServiceUnavailable
			}
			if wantsJSON {
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(status)
				code := kyc.AsError(err).Code
				_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": "Link not valid", "status": status, "code": code, "error": code})
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(captureGone))
			return
		}
		if wantsJSON {
			out := make([]requirement, 0, len(plan))
			for _, q := range plan {
				out = append(out, showRequirement(q))
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"session_id": kyc.Dress("session", got.ID), "status": sessionStatus(got.Status), "requirements": out})
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, plan)
	}))
}
