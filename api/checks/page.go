package checks

import (
	"html/template"
	"net/http"

	"bonafide/checklist"
	"bonafide/intake"
	"bonafide/kyc"
)

// linkPage is what stands behind an applicant's link. It shows the way through
// the checklist and nothing about the person.
const linkPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Workflow}}</title></head>
<body><main><h1>{{.Workflow}}</h1>
{{if .Open}}<p>{{.Done}} of {{.Total}} steps are done.</p>{{else}}<p>There is nothing more to do here. Thank you.</p>{{end}}
<ol>{{range .Steps}}<li{{if .Current}} aria-current="step"{{end}}>{{.Name}}: {{.State}}</li>{{end}}</ol>
</main></body></html>
`

const linkGone = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Link not valid</title></head>
<body><main><h1>This link does not work any more</h1>
<p>It is unknown, or its time is over. Please ask for a new one.</p></main></body></html>
`

type linkStep struct {
	Name, State string
	Current     bool
}

// stepName is what an applicant reads of a step.
func stepName(id string) string {
	switch id {
	case checklist.IDVerification:
		return "Your identity document"
	case checklist.FaceLiveness:
		return "A look into the camera"
	case checklist.AgeEstimation:
		return "A picture for the age check"
	case checklist.PEPSanctions:
		return "Your name and date of birth"
	case checklist.AdverseMedia:
		return "Your name for a search in the news"
	case checklist.Consent:
		return "Your consent"
	case checklist.DocumentUpload:
		return "Your papers"
	}
	return "A step"
}

// stepState is how a step stands, to its applicant: whether it passed is not
// for the page to tell.
func stepState(status string) string {
	switch status {
	case "IN_PROGRESS":
		return "begun"
	case "COMPLETED", "FAILED", "SKIPPED":
		return "done"
	}
	return "to do"
}

// LinkPage shows the session of an applicant's token in the path value
// {token}.
func LinkPage(m *intake.Machine) http.Handler {
	page := template.Must(template.New("link").Parse(linkPage))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		st, err := m.Link(r.Context(), r.PathValue("token"))
		status := http.StatusOK
		switch {
		case err != nil && kyc.KindOf(err) == kyc.NotFound:
			status = http.StatusNotFound
		case err != nil:
			status = http.StatusServiceUnavailable
		case st.Status == "VOIDED":
			status = http.StatusGone
		}
		if status != http.StatusOK {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(linkGone)) // a caller who has gone away cannot be told
			return
		}
		view := struct {
			Workflow    string
			Open        bool
			Done, Total int
			Steps       []linkStep
		}{Workflow: st.Def.Name, Open: st.Current >= 0, Total: len(st.Steps)}
		for i, step := range st.Steps {
			row := linkStep{Name: stepName(step.ID), State: stepState(step.Status), Current: i == st.Current}
			if row.State == "done" {
				view.Done++
			}
			view.Steps = append(view.Steps, row)
		}
		_ = page.Execute(w, view) // as above
	})
}
