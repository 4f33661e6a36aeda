package steps

import (
	"bonafide/field"
	"bonafide/journey"
)

// details is everything the back office sees of a session.
type details struct {
	sessionBase
	PinnedVersion    int               `json:"pinned_version" doc:"The version it is pinned to; the same as workflow_version."`
	CustomTags       map[string]string `json:"custom_tags" doc:"Of the pinned version."`
	CurrentStepIndex int               `json:"current_step_index" doc:"0-based place of the first step that waits; the number of shown steps when none does."`
	TotalSteps       int               `json:"total_steps" doc:"How many steps are shown to the applicant."`
	StepsData        []stepData        `json:"steps_data" doc:"The steps in their order, hidden ones included." nullable:"false"`
	FormData         map[string]any    `json:"form_data" doc:"The answers by field_key, or field_id where there is none; empty once erased."`
	Documents        []documentEntry   `json:"documents" doc:"The files, replaced ones included, oldest first." nullable:"false"`
	Entities         []entity          `json:"extracted_entities" doc:"The parties that documents name, each with its role." nullable:"false"`
	Result           *processingResult `json:"processing_result" doc:"What the checks said and how the rules decided; null before the first processing."`
	Corrections      []correctionItem  `json:"corrections" doc:"What reviewers asked for." nullable:"false"`
	Subsessions      []subsession      `json:"subsessions" doc:"The related parties." nullable:"false"`
	History          []ruling          `json:"decision_history" doc:"Every decision, oldest first; entries never change." nullable:"false"`
	Consents         []consent         `json:"consents" doc:"What the applicant consented to." nullable:"false"`
	CaseID           *string           `json:"case_id" doc:"Its review; null without one."`
}

func showDetails(d journey.Details) details {
	out := details{
		sessionBase: showBase(d.Session, d.Journey, d.Version.Name), PinnedVersion: d.Session.Version, CustomTags: d.Definition.CustomTags,
		FormData: formData(d.Definition.Fields(), d.Session.Private.Fields), Result: showResult(d.Result),
		Entities: shown(d.Entities, func(e journey.Entity) entity { return entity(e) }),
		History:  shown(d.Rulings, showRuling), Consents: shown(d.Journey.Consents, showConsent), CaseID: reference(d.Session.CaseID),
		Documents: []documentEntry{}, Corrections: []correctionItem{}, Subsessions: []subsession{}, StepsData: []stepData{},
	}
	for _, u := range d.Uploads {
		out.Documents = append(out.Documents, showDocument(u, &d.Journey))
	}
	for _, c := range d.Journey.Corrections {
		out.Corrections = append(out.Corrections, showCorrection(c, &d.Journey))
	}
	for _, r := range d.Subsessions {
		out.Subsessions = append(out.Subsessions, showSubsession(r.Session, r.Journey))
	}
	current := -1
	for _, state := range d.Journey.Steps {
		row := stepData{StepID: state.StepID, Status: string(state.Status), Hidden: state.Hidden, StartedAt: at(state.StartedAt), CompletedAt: at(state.CompletedAt),
			Attempts: state.Attempts, Reason: text(state.Reason), Documents: []documentEntry{}, Warnings: findings(d.Journey.Private.Warnings[state.StepID])}
		if def, ok := d.Definition.Step(state.StepID); ok {
			row.Name, row.Type = def.Name, string(def.Type)
		}
		for _, doc := range out.Documents {
			if doc.StepID == state.StepID {
				row.Documents = append(row.Documents, doc)
			}
		}
		if !state.Hidden {
			if current < 0 && !state.Status.Done() {
				current = out.TotalSteps
			}
			out.TotalSteps++
		}
		out.StepsData = append(out.StepsData, row)
	}
	if out.CurrentStepIndex = current; current < 0 {
		out.CurrentStepIndex = out.TotalSteps
	}
	return out
}

// formData are the answers by portable key.
func formData(fields []field.Field, values map[string]any) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		value, ok := values[f.FieldID]
		if !ok {
			continue
		}
		name := f.FieldKey
		if name == "" {
			name = f.FieldID
		}
		out[name] = value
	}
	return out
}
