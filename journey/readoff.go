package journey

import (
	"context"
	"slices"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// ReadOff is what the applicant's own identity document told when it came, for
// the answers of forms that are still to be given; the answers are the
// applicant's all the same, and what was read stays as it was read. A document
// whose requirement says auto_extract is read when it comes; of others nothing
// is known yet. Looking has no cost and leaves no record.
func (m *Machine) ReadOff(ctx context.Context, st *State) (field.Holder, error) {
	var h field.Holder
	files := map[kyc.ID]bool{}
	for i := range st.Steps {
		if st.Steps[i].Def.Type == onboarding.DocumentUpload {
			for _, p := range st.Steps[i].Papers {
				files[p.Upload.ID] = true
			}
		}
	}
	if len(files) == 0 {
		return h, nil
	}
	exams, err := m.d.Store.Exams(ctx, st.Session.Tenant, st.Session.ID)
	if err != nil {
		return h, err
	}
	for _, e := range slices.Backward(exams) {
		if e.Policy != policyDocuments || !files[e.UploadID] || e.Answer.Status != kyc.StatusOK || e.Unreadable {
			continue
		}
		var rows []struct {
			Name           string `json:"name"`
			Given          string `json:"given"`
			Family         string `json:"family"`
			DateOfBirth    string `json:"date_of_birth"`
			Nationality    string `json:"nationality"`
			IssuingCountry string `json:"issuing_country"`
			DocumentNumber string `json:"document_number"`
			Own            bool   `json:"own"`
		}
		if err := redo(e.Answer.Details["entities"], &rows); err != nil {
			return h, err
		}
		for _, r := range rows {
			if r.Own {
				return field.Holder{Given: r.Given, Family: r.Family, Full: r.Name, BirthDate: r.DateOfBirth, Nationality: r.Nationality,
					DocumentNumber: r.DocumentNumber, DocumentCountry: r.IssuingCountry}, nil
			}
		}
	}
	return h, nil
}
