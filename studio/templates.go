package studio

import (
	"embed"
	"encoding/json"
	"slices"

	"bonafide/kyc"
	"bonafide/onboarding"
)

//go:embed templates/*.json
var templateFiles embed.FS

// template is what a new workflow begins as.
type template struct {
	Name, Title, Text string
	Surface           kyc.Surface
	file              string // of our own templates
}

// templates are offered in this order.
func templates() []template {
	out := []template{
		{Name: "blank", Title: "Empty graph", Text: "A start and nothing else.", Surface: kyc.SurfaceGraph, file: "blank"},
		{Name: "document-face-lists", Title: "Document, face and lists", Text: "Reads a document, compares the face with it and asks the watchlists. Approves what is clean, rejects an expired document, sends the rest to a person.", Surface: kyc.SurfaceGraph, file: "document-face-lists"},
		{Name: "age-gate", Title: "Age", Text: "Reads a document and asks the watchlists. Approves adults, rejects anybody under 18, sends the rest to a person.", Surface: kyc.SurfaceGraph, file: "age-gate"},
		{Name: "steps", Title: "Steps with one form", Text: "One form that asks for the name; the shortest list of steps to begin from.", Surface: kyc.SurfaceSteps, file: "steps"},
	}
	for _, name := range onboarding.Templates() {
		var own struct {
			Name        string `json:"name"`
			Description string `json:"description"`
		}
		raw, _, _ := onboarding.Template(name)
		_ = json.Unmarshal(raw, &own) // the template's own tests read it
		out = append(out, template{Name: name, Title: "Steps: " + own.Name, Text: own.Description, Surface: kyc.SurfaceSteps})
	}
	return append(out,
		template{Name: "checklist", Title: "Checklist", Text: "An identity document of an adult, a living face, then sanctions and PEP lists (live environment only).", Surface: kyc.SurfaceChecks, file: "checklist"},
		template{Name: "procedure", Title: "Procedure", Text: "Duplicates, identity documents, then sanctions and PEP lists, for individuals that your system keeps.", Surface: kyc.SurfaceEntities, file: "procedure"})
}

// definition is the template's own, with a name of the author's.
func (t template) definition(name string) (json.RawMessage, error) {
	var raw json.RawMessage
	if t.file != "" {
		b, err := templateFiles.ReadFile("templates/" + t.file + ".json")
		if err != nil {
			return nil, kyc.Errorf(kyc.Internal, "no_template", "reading a template: %w", err)
		}
		raw = b
	} else {
		raw, _, _ = onboarding.Template(t.Name)
	}
	var d map[string]json.RawMessage
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_template", "reading a template: %w", err)
	}
	called, err := json.Marshal(name)
	if err != nil {
		return nil, kyc.Errorf(kyc.Internal, "encode", "encoding a name: %w", err)
	}
	d["name"] = called
	if t.Surface == kyc.SurfaceEntities {
		delete(d, "name")
		d["workflowName"] = called
	}
	delete(d, "slug") // a slug belongs to one workflow
	return json.Marshal(d)
}

func templateOf(name string) (template, bool) {
	all := templates()
	i := slices.IndexFunc(all, func(t template) bool { return t.Name == name })
	if i < 0 {
		return template{}, false
	}
	return all[i], true
}
