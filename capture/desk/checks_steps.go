package desk

import (
	"slices"
	"strings"

	"bonafide/capture"
	"bonafide/checklist"
	"bonafide/field"
	"bonafide/intake"
	"bonafide/kyc"
)

// checksFiles are the files of a session: that wait for their step to be handed
// in, and the documents in force. ended is the step whose documents are shown,
// "" for one that is not over: what a try left that did not pass is sent anew.
type checksFiles struct {
	waiting []kyc.Transfer
	taken   []kyc.Upload
	ended   string
}

// of is the file of a place, under a title.
func (f checksFiles) of(s checklist.Slot, title string) []capture.Taken {
	drawn := func(contentType string) bool {
		return slices.Contains([]string{"image/jpeg", "image/png", "image/webp"}, contentType)
	}
	if t := newest(f.waiting, s.Name); t != nil {
		return []capture.Taken{{ID: string(t.ID), Name: title, At: t.ReceivedAt, Image: drawn(t.ContentType)}}
	}
	var last *kyc.Upload
	for i := range f.taken {
		u := &f.taken[i]
		if f.ended != "" && u.StepID == f.ended && u.Kind == s.Kind && u.Asked == s.Asked && u.Side == s.Side && (last == nil || last.CreatedAt.Before(u.CreatedAt)) {
			last = u
		}
	}
	if last == nil {
		return nil
	}
	return []capture.Taken{{ID: string(last.ID), Name: title, At: last.CreatedAt, Image: drawn(last.ContentType)}}
}

// checksSteps are the pages of the i-th step of a session.
func checksSteps(st *intake.State, i int, files checksFiles) []capture.Step {
	now := &st.Steps[i]
	def := st.Def.Step(now.ID)
	if def == nil {
		return nil
	}
	page := capture.Step{ID: now.ID, Title: "key:checks.step." + now.ID, Required: true, Progress: checksProgress(now.Status), AttemptsLeft: now.AttemptsRemaining}
	if page.Progress == capture.Over {
		files.ended = now.ID
	}
	switch c := def.Config.(type) {
	case checklist.IDConfig:
		page.Kind, page.Slots = capture.Documents, idSlots(def, c, files)
		if _, further := now.Requirements["escalation"]; further {
			page.Slots, page.Text = nil, "key:checks.escalation"
		}
	case checklist.LivenessConfig:
		page.Kind, page.Challenge = capture.Liveness, "FaceMovementChallenge"
	case checklist.AgeConfig:
		page.Kind = capture.Selfie
		for _, s := range def.Slots(checklist.IDTypes{}) {
			page.Slots = append(page.Slots, checksSlot(s, "selfie", files))
		}
	case checklist.DocumentUploadConfig:
		page.Kind = capture.Documents
		for _, s := range def.Slots(checklist.IDTypes{}) {
			slot := checksSlot(s, "document", files)
			slot.Title = "key:graph.slot.proof_of_address"
			if s.Name != checklist.DefaultDocumentType {
				slot.Title = strings.ReplaceAll(s.Name, "_", " ")
			}
			page.Slots = append(page.Slots, slot)
		}
	case checklist.ConsentConfig:
		page.Kind, page.Text, page.Fields = capture.Form, c.Text, checksFields(now.ID)
		page.Answers = answersOf(&st.Session, page.Fields)
		if c.RequireSignature {
			sign := page
			sign.ID, sign.Kind, sign.Title, sign.Text, sign.Fields = signatureStep, capture.Documents, "key:checks.slot.signature", "", nil
			sign.Slots = []capture.Slot{checksSlot(checklist.Slot{Name: "signature", Required: true}, "document", files)}
			if sign.Progress != capture.Over && len(sign.Slots[0].Files) > 0 {
				sign.Progress = capture.Over
			}
			return []capture.Step{sign, page}
		}
	default: // PEP_SANCTIONS and ADVERSE_MEDIA
		page.Kind, page.Fields = capture.Form, checksFields(now.ID)
		page.Answers = answersOf(&st.Session, page.Fields)
		if page.Progress == capture.Todo {
			page.Given = map[string]bool{}
			for id := range page.Answers {
				page.Given[id] = true
			}
		}
	}
	return []capture.Step{page}
}

func checksProgress(status string) capture.Progress {
	switch status {
	case "COMPLETED":
		return capture.Over
	case "FAILED":
		return capture.Failed
	case "SKIPPED":
		return capture.Skipped
	case "IN_PROGRESS":
		return capture.Begun
	}
	return capture.Todo
}

// idSlots are the places for documents and selfies. Until the applicant has
// said what a document is, its back is asked for as if it had one; a passport
// takes that back. The pages take selfies from three sides unless the checklist
// wants the frontal one alone.
func idSlots(def *checklist.Step, c checklist.IDConfig, files checksFiles) []capture.Slot {
	kind := func(slot string) string {
		t := newest(files.waiting, slot)
		if t == nil {
			return ""
		}
		_, k := kindOf(t)
		return k
	}
	var out []capture.Slot
	for _, s := range def.Slots(checklist.IDTypes{Primary: kind("id_front"), Secondary: kind("secondary_id_front"), Tertiary: kind("tertiary_id_front")}) {
		front := s.Kind == "document_front"
		switch {
		case s.Kind == "selfie":
			if s.Side != "front" && c.FaceFrontPhotoOnly {
				continue
			}
			s.Required = true
		case front && !s.Required, s.Kind == "document_back" && !s.Required:
			continue
		}
		camera := "document"
		if s.Kind == "selfie" {
			camera = "selfie"
		}
		slot := checksSlot(s, camera, files)
		if front {
			slot.Types = []string{"passport", "driving_licence", "id_card", "residence_permit"}
		}
		out = append(out, slot)
	}
	return out
}

func checksSlot(s checklist.Slot, camera string, files checksFiles) capture.Slot {
	title := "key:checks.slot." + s.Name
	return capture.Slot{Name: s.Name, Title: title, Required: s.Required, Camera: camera, Upload: true, Files: files.of(s, title)}
}

// answersOf are what the customer said of the applicant already.
func answersOf(s *kyc.Session, fields []field.Field) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		if v, ok := s.Private.Fields[f.FieldID].(string); ok && v != "" {
			out[f.FieldID] = v
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// checksFields are the fields of a step's form (api.md 4.5).
func checksFields(step string) []field.Field {
	text := func(id string, most int) field.Field {
		return field.Field{FieldID: id, FieldKey: id, Name: "key:graph.field." + id, Type: "text", Required: true, MaxLength: &most}
	}
	if step == checklist.Consent {
		legal := text("legal_name", 200)
		legal.Name, legal.Required = "key:checks.legal_name", false // of who agrees
		return []field.Field{{FieldID: "accepted", FieldKey: "accepted", Name: "key:welcome.agree", Type: "boolean"}, legal}
	}
	out := []field.Field{text("first_name", 100), text("last_name", 100),
		{FieldID: "date_of_birth", FieldKey: "date_of_birth", Name: "key:graph.field.date_of_birth", Type: "date", Required: true, MaxDate: "today"},
		{FieldID: "email", FieldKey: "email", Name: "key:graph.field.email", Type: "email"}}
	if step == checklist.AdverseMedia {
		out = append(out, field.Field{FieldID: "country", FieldKey: "country", Name: "key:form.address.country", Type: "country"})
	}
	return slices.Clip(out)
}
