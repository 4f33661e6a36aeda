package studio

import (
	"encoding/json"

	"bonafide/console"
	"bonafide/kyc"
)

// tabs are the pages of one workflow.
type tabs struct {
	ID, Name, Kind, Here string
	Graph                bool // it has drafts and is published
}

func tabsOf(w kyc.Workflow, here string) tabs {
	return tabs{ID: string(w.ID), Name: w.Name, Kind: surfaceName(w.Surface), Here: here, Graph: w.Surface == kyc.SurfaceGraph}
}

type editorData struct {
	Tabs    tabs
	Surface string
	Frozen  bool
	People  string // JSON
	Home    string
	Notice  string
}

// editor shows the editor; it reads the workflow itself, through the public API.
func (s *studio) editor(v *console.Visit) error {
	w, err := s.find(v)
	if err != nil {
		return err
	}
	people, err := json.Marshal(s.People)
	if err != nil {
		return kyc.Errorf(kyc.Internal, "encode", "encoding names: %w", err)
	}
	d := editorData{Tabs: tabsOf(w, "edit"), Surface: string(w.Surface), Frozen: frozen(v, w), People: string(people), Home: home}
	if w.Surface == kyc.SurfaceChecks && v.Tenant().Env != kyc.Live {
		d.Notice = "Checklists belong to the live environment. Switch to live to change this one."
	}
	return v.Show("editor", w.Name, d)
}
