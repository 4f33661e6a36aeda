package journey

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// paperRow is the row of document_set's details that speaks of one document.
type paperRow struct {
	DocID    string `json:"doc_id"`
	Status   string `json:"status"`
	Findings []struct {
		Code     string `json:"code"`
		Severity string `json:"severity"`
		Message  string `json:"message"`
	} `json:"findings"`
}

// inspect looks at a document that was just sent, when its requirement has
// post-upload validations or wants its data: the exam goes into c. Validations
// that were to be rejected give a 400 with one problem each; everything else
// that was found is a warning for the document. Both sides of a paper can only
// be asked for when the step is completed.
func (m *Machine) inspect(ctx context.Context, v *view, def *onboarding.Step, u kyc.Upload, c *kyc.Change) ([]kyc.Problem, error) {
	r, ok := def.Requirement(u.Asked)
	if !ok || u.FieldID != "" || def.Type != onboarding.DocumentUpload {
		return nil, nil
	}
	validations := slices.DeleteFunc(slices.Clone(r.PostUploadValidations), func(x onboarding.Validation) bool { return x.Type == "both_sides" })
	if len(validations) == 0 && !r.AutoExtract {
		return nil, nil
	}
	exam, err := m.askPaper(ctx, v, *r, validations, u, c)
	if err != nil {
		return nil, err
	}
	if exam.Answer.Status != kyc.StatusOK {
		// The reader is not there now: the run asks again, so the applicant need
		// not wait. What had to be refused cannot be judged, so nothing is.
		return []kyc.Problem{{Code: "not_checked", Message: "the document could not be looked at now; it will be looked at later"}}, nil
	}
	var rows []paperRow
	if err := redo(exam.Answer.Details["documents"], &rows); err != nil || len(rows) == 0 {
		return nil, err
	}
	var refused, warnings []kyc.Problem
	for _, f := range rows[0].Findings {
		kind, validation := strings.CutPrefix(f.Code, "validation_")
		p := kyc.Problem{Path: "/upload_id", Code: f.Code, Message: f.Message}
		if validation {
			p.Message = words(validations, kind, f.Message)
		}
		switch {
		case validation && f.Severity == "critical":
			refused = append(refused, p)
		case validation, helpful(f.Code):
			warnings = append(warnings, kyc.Problem{Code: p.Code, Message: p.Message})
		}
	}
	if len(refused) > 0 {
		return nil, kyc.InvalidInput("post_upload_validation_failed", "the document was not accepted; send another one", refused)
	}
	return warnings, nil
}

// helpful reports whether a finding is one the applicant can do something
// about. What speaks of forgery is for the reviewer: whoever tries a forged
// paper must not learn what gave it away.
func helpful(code string) bool {
	switch code {
	case "low_quality", "document_expired", "expiry_not_read", "extraction_failed", "zone_not_found", "type_mismatch", "not_checked",
		"picture_blurred", "picture_glare", "picture_dark", "document_cut_off", "picture_too_small":
		return true
	}
	return false
}

// words are what the author of the workflow wants to be said.
func words(list []onboarding.Validation, kind, otherwise string) string {
	for _, x := range list {
		if x.Type == kind && x.Message != "" {
			return x.Message
		}
	}
	return otherwise
}

// askPaper asks document_set about one document alone.
func (m *Machine) askPaper(ctx context.Context, v *view, r onboarding.DocumentRequirement, validations []onboarding.Validation, u kyc.Upload, c *kyc.Change) (kyc.Exam, error) {
	requirement := map[string]any{"step_id": u.StepID, "document_type": r.DocumentType, "required": true, "allow_multiple": true,
		"auto_extract": true, "own": v.def.Own(r), "validations": validations}
	if len(validations) == 0 {
		delete(requirement, "validations")
	}
	if r.EntityRole != "" {
		requirement["role"] = r.EntityRole
	}
	config, err := json.Marshal(map[string]any{"requirements": []any{requirement}})
	if err != nil {
		return kyc.Exam{}, kyc.Errorf(kyc.Internal, "bad_definition", "writing a question: %w", err)
	}
	q := m.request(v, []kyc.Upload{u})
	q.Policy, q.Node, q.Config = "document_set", "document_set", config
	return m.ask(ctx, v, u.StepID, u.ID, q, c)
}

// Extracted is what a document says (P7).
type Extracted struct {
	Values     map[string]any
	Confidence map[string]float64 // 0-1
	Warnings   []kyc.Problem
}

// Extract reads one document of the session (P7). Identity papers give their
// fields; of other papers the party they name. Errors: 404 document_not_found;
// 503 when documents cannot be read now.
func (m *Machine) Extract(ctx context.Context, token string, doc kyc.ID) (Extracted, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return Extracted{}, err
	}
	u, err := m.d.Store.Upload(ctx, v.session.Tenant, doc)
	if (err == nil && (u.SessionID != v.session.ID || u.Superseded)) || (err != nil && kyc.KindOf(err) == kyc.NotFound) {
		return Extracted{}, kyc.Errorf(kyc.NotFound, "document_not_found", "there is no such document in this session")
	}
	if err != nil {
		return Extracted{}, err
	}
	var c kyc.Change
	out, err := m.extract(ctx, v, u, &c)
	if err != nil {
		return out, err
	}
	c.Events = append(c.Events, v.note(ctx, by, "session.extract"))
	return out, m.d.Store.Commit(ctx, &c)
}

func (m *Machine) extract(ctx context.Context, v *view, u kyc.Upload, c *kyc.Change) (Extracted, error) {
	out := Extracted{Values: map[string]any{}, Confidence: map[string]float64{}, Warnings: []kyc.Problem{}}
	unreadable := func(a kyc.Answer) error {
		if a.Status == kyc.StatusOK {
			return nil
		}
		code := "extraction_unavailable"
		if len(a.Reasons) > 0 {
			code = a.Reasons[0].Code
		}
		return kyc.Errorf(kyc.Unavailable, code, "the document cannot be read now; its data will be read later")
	}
	if u.Asked == "id" || u.Asked == "passport" {
		front := u
		front.Kind = "document_front" // whoever it belongs to, it is read as one
		q := m.request(v, []kyc.Upload{front})
		q.Policy, q.Node, q.Config = "document_ocr", "document_ocr", json.RawMessage("{}")
		exam, err := m.ask(ctx, v, u.StepID, u.ID, q, c)
		if err != nil {
			return out, err
		}
		for _, f := range exam.Answer.Fields {
			if have, twice := out.Confidence[f.Name]; f.Value != "" && (!twice || f.Confidence > have) {
				out.Values[f.Name], out.Confidence[f.Name] = f.Value, f.Confidence
			}
		}
		for _, r := range exam.Answer.Reasons {
			if helpful(r.Code) {
				out.Warnings = append(out.Warnings, kyc.Problem{Code: r.Code, Message: r.Message})
			}
		}
		return out, unreadable(exam.Answer)
	}
	exam, err := m.askPaper(ctx, v, onboarding.DocumentRequirement{DocumentType: u.Asked, EntityRole: u.EntityRole}, nil, u, c)
	if err != nil {
		return out, err
	}
	var parties []map[string]any
	if err := redo(exam.Answer.Details["entities"], &parties); err != nil {
		return out, err
	}
	for _, p := range parties {
		for name, value := range p {
			switch name {
			case "doc_id", "own", "entity_role", "document_type":
				continue // ours, not the paper's
			}
			if s, ok := value.(string); ok && s != "" {
				out.Values[name] = s
			}
		}
	}
	out.Warnings = append(out.Warnings, v.journey.Private.Warnings[paperKey(u.ID)]...)
	return out, unreadable(exam.Answer)
}

// redo turns the plain values of an answer's details into a type.
func redo(from, to any) error {
	b, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(b, to)
	}
	if err != nil {
		return kyc.Errorf(kyc.Internal, "bad_details", "reading the details of a check: %w", err)
	}
	return nil
}
