package studio

import (
	"encoding/json"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/session"
)

type newData struct {
	Name, Template string
	Templates      []template
	Sandbox        bool
	Problems       []kyc.Problem
}

func (s *studio) newPage(v *console.Visit) error {
	return v.Show("new", "New workflow", newData{Template: "document-face-lists", Templates: templates(), Sandbox: v.Tenant().Env == kyc.Sandbox})
}

// create makes a workflow from a template and opens it.
func (s *studio) create(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	d := newData{Name: strings.TrimSpace(v.R.PostFormValue("name")), Template: v.R.PostFormValue("template"), Templates: templates(), Sandbox: v.Tenant().Env == kyc.Sandbox}
	if d.Name == "" {
		d.Problems = append(d.Problems, kyc.Problem{Path: "name", Code: "required", Message: "A workflow needs a name."})
	}
	t, ok := templateOf(d.Template)
	if !ok {
		d.Problems = append(d.Problems, kyc.Problem{Path: "template", Code: "unknown_template", Message: "Choose what it begins as."})
	}
	if len(d.Problems) > 0 {
		return v.Refuse("new", "New workflow", d)
	}
	if t.Surface == kyc.SurfaceSteps {
		if err := v.Who.Authorize("kyc:create"); err != nil {
			return err
		}
	}
	id, err := s.make(v, t, d.Name)
	if e := kyc.AsError(err); err != nil && (e.Kind == kyc.Invalid || e.Kind == kyc.Malformed || e.Kind == kyc.Conflict || e.Code == "sandbox_readonly" || e.Kind == kyc.Forbidden) {
		d.Problems = e.Problems
		if len(d.Problems) == 0 {
			d.Problems = []kyc.Problem{{Code: e.Code, Message: e.Message}}
		}
		return v.Refuse("new", "New workflow", d)
	}
	if err != nil {
		return err
	}
	return v.On(home+"/"+string(id), "")
}

func (s *studio) make(v *console.Visit, t template, name string) (kyc.ID, error) {
	raw, err := t.definition(name)
	if err != nil {
		return "", err
	}
	if t.Surface != kyc.SurfaceGraph {
		return s.Create(v.Ctx(), v.Tenant(), v.Who.Actor, t.Surface, raw)
	}
	var doc session.Document
	if err := json.Unmarshal(raw, &doc); err != nil {
		return "", kyc.Errorf(kyc.Internal, "bad_template", "reading a template: %w", err)
	}
	st, err := s.Workflows.Create(v.Ctx(), v.Tenant(), v.Who.Actor, session.Draft{Surface: kyc.SurfaceGraph, Name: name, Document: doc})
	return st.Workflow.ID, err
}
