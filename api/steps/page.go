package steps

import (
	"html/template"
	"net/http"

	"bonafide/journey"
	"bonafide/kyc"
)

// The page behind an applicant's link until the applicant's own pages exist:
// it names the steps and how far they are. It changes nothing.
const linkPage = `<!doctype html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Workflow}}</title></head>
<body><main><h1>{{.Workflow}}</h1>
{{if .Open}}<p>Your link works. {{.Done}} of {{.Total}} steps are done.</p>{{else}}<p>Your link works. Nothing more is needed from you now.</p>{{end}}
<ol>{{range .Steps}}<li>{{.Name}}{{if .Done}} – done{{else if .Again}} – please look at this again{{else if not .Required}} (optional){{end}}</li>{{end}}</ol>
</main></body></html>
`

const linkGone = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Link not valid</title></head>
<body><main><h1>This link does not work any more</h1>
<p>It is unknown, was replaced, or its time is over. Please ask for a new one.</p></main></body></html>
`

type linkStep struct {
	Name                  string
	Done, Again, Required bool
}

// LinkPage shows the session of an access token in the path value {token}.
func LinkPage(m *journey.Machine) http.Handler {
	page := template.Must(template.New("link").Parse(linkPage))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		st, err := m.Look(r.Context(), r.PathValue("token"))
		if err != nil {
			status := http.StatusServiceUnavailable
			switch kyc.KindOf(err) {
			case kyc.NotFound:
				status = http.StatusNotFound
			case kyc.Gone:
				status = http.StatusGone
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(linkGone)) // a caller who has gone away cannot be told
			return
		}
		language := st.Language
		if language == "" {
			language = "en"
		}
		view := struct {
			Workflow, Language string
			Open               bool
			Done, Total        int
			Steps              []linkStep
		}{Workflow: st.Workflow, Language: language, Open: st.Session.Status.Open() && st.Current < len(st.Steps), Done: st.Done, Total: len(st.Steps)}
		for _, s := range st.Steps {
			view.Steps = append(view.Steps, linkStep{Name: s.Def.Wording(language).Name, Done: s.Status.Done(),
				Again: s.Status == kyc.StepNeedsCorrection, Required: s.Required})
		}
		_ = page.Execute(w, view) // as above
	})
}
