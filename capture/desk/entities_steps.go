package desk

import (
	"slices"
	"strings"

	"bonafide/capture"
	"bonafide/execution"
	"bonafide/field"
	"bonafide/kyc"
	"bonafide/procedure"
)

// steps divides what is wanted into pages.
func (d Entities) steps(st *execution.HostedState) []capture.Step {
	var out []capture.Step
	for _, page := range []capture.Step{
		{ID: papersStep, Kind: capture.Documents, Title: "key:step.title.documents"},
		{ID: formStep, Kind: capture.Form, Title: "key:step.title.form"},
		{ID: selfieStep, Kind: capture.Selfie, Title: "key:step.title.selfie"},
	} {
		of := slices.DeleteFunc(slices.Clone(st.Wants), func(w procedure.Want) bool { return stepOfWant(w.Name) != page.ID })
		if len(of) == 0 {
			continue
		}
		begun, lacking := false, false
		for _, w := range of {
			given := st.Given(w.Name)
			begun, lacking = begun || given, lacking || w.Required && !given
			page.Required = page.Required || w.Required
		}
		switch page.Kind {
		case capture.Documents:
			page.Slots = d.paperSlots(st, page.Required)
		case capture.Selfie:
			page.Slots = []capture.Slot{pictured(capture.Slot{Name: slotSelfie, Title: "key:graph.slot.selfie", Required: page.Required, Camera: "selfie", Upload: true},
				st.Paper(procedure.WantSelfie), "")}
		default:
			page.Fields = wantFields(of)
		}
		left := slices.Contains(st.Session.Private.LeftOut, page.ID)
		switch {
		case left && !lacking && begun:
			page.Progress = capture.Over
		case left && !lacking:
			page.Progress = capture.Skipped
		case begun:
			page.Progress = capture.Begun
		default:
			page.Progress = capture.Todo
		}
		out = append(out, page)
	}
	return out
}

func stepOfWant(want string) string {
	switch want {
	case procedure.WantDocument:
		return papersStep
	case procedure.WantSelfie:
		return selfieStep
	}
	return formStep
}

// paperSlots are the sides of the identity document. Its kind and country are
// chosen first, because a document of surface C has both.
func (d Entities) paperSlots(st *execution.HostedState, required bool) []capture.Slot {
	front := capture.Slot{Name: slotFront, Title: "key:paper.identity", Side: "front", Required: required, Camera: "document", Upload: true,
		Types: []string{"passport", "id_card", "driving_licence", "residence_permit"}, Countries: d.Countries}
	back := front
	back.Name, back.Side, back.Required, back.Types = slotBack, "back", false, []string{"id_card", "driving_licence", "residence_permit"}
	paper := st.Paper(procedure.WantDocument)
	return []capture.Slot{pictured(front, paper, "FRONT"), pictured(back, paper, "BACK")}
}

// pictured puts the pictures of a side of a document into its slot.
func pictured(slot capture.Slot, d *kyc.EntityDocument, side string) capture.Slot {
	if d == nil {
		return slot
	}
	kind := ""
	for word, of := range execution.OfferedPapers() {
		if of == d.Type {
			kind = word
		}
	}
	for _, a := range d.Attachments {
		if a.DeletedAt.IsZero() && a.Side == side {
			slot.Files = append(slot.Files, capture.Taken{ID: string(a.ID), Name: d.Private.Files[a.ID], Type: kind, At: a.CreatedAt, Image: strings.HasPrefix(a.ContentType, "image/")})
		}
	}
	return slot
}

// wantFields are the questions of the form.
func wantFields(wants []procedure.Want) []field.Field {
	var out []field.Field
	for _, w := range wants {
		f := field.Field{FieldID: w.Name, FieldKey: w.Name, Name: "key:graph.field." + w.Name, Required: w.Required}
		switch w.Name {
		case procedure.WantBirthDate:
			f.Type, f.MaxDate = "date", "today"
		case procedure.WantAddress:
			f.Type, f.RequireFields = "address", []string{"line1", "city", "country"}
		case procedure.WantGender:
			f.Type = "select"
			for _, v := range []string{"FEMALE", "MALE", "NON_BINARY", "OTHER", "UNSPECIFIED"} {
				f.Options = append(f.Options, field.Option{Value: v, Label: "key:gender." + v})
			}
		case procedure.WantEmail:
			f.Type = "email"
		case procedure.WantPhone:
			f.Type = "phone"
		default:
			continue
		}
		out = append(out, f)
	}
	return out
}

// saidOf are the answers as data of the individual; what is known already is
// left alone, because a page asks only for what was missing.
func saidOf(values map[string]any, have *kyc.IndividualData) (set kyc.IndividualData, some bool) {
	for name, v := range values {
		if procedure.Known(have, name) {
			continue
		}
		text, _ := v.(string)
		switch name {
		case procedure.WantBirthDate:
			set.BirthDate.Unstructured = text
		case procedure.WantAddress:
			m, _ := v.(map[string]any)
			set.Addresses = []kyc.PostalAddress{livesAt(m)}
		case procedure.WantGender:
			set.Gender = text
		case procedure.WantEmail:
			set.Emails = []kyc.EmailAddress{{Address: text}}
		case procedure.WantPhone:
			set.Phones = []kyc.PhoneNumber{{Type: "MOBILE", Number: text}}
		default:
			continue
		}
		some = true
	}
	return set, some
}

func livesAt(m map[string]any) kyc.PostalAddress {
	part := func(name string) string {
		s, _ := m[name].(string)
		return s
	}
	return kyc.PostalAddress{Type: "RESIDENTIAL_ADDRESS", Status: "CURRENT", Street: strings.TrimSpace(part("line1") + " " + part("line2")), Locality: part("city"),
		Subdivision: part("region"), PostalCode: part("postal_code"), Country: part("country")}
}

// inWantForm moves the problems of an individual to the questions of the form.
func inWantForm(err error) error {
	e := kyc.AsError(err)
	if len(e.Problems) == 0 {
		return err
	}
	moved := *e
	moved.Problems = slices.Clone(e.Problems)
	for i := range moved.Problems {
		p := &moved.Problems[i]
		for from, to := range map[string]string{"/birth_date": procedure.WantBirthDate, "/addresses": procedure.WantAddress, "/gender": procedure.WantGender,
			"/emails": procedure.WantEmail, "/phones": procedure.WantPhone} {
			if strings.HasPrefix(p.Path, from) {
				p.Path = "/form_data/" + to
				break
			}
		}
	}
	return &moved
}
