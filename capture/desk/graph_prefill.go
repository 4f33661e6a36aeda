package desk

import (
	"context"
	"slices"

	"bonafide/capture"
	"bonafide/field"
	"bonafide/kyc"
)

// propose has a front that came read for the questions of a form, while the
// applicant goes on. The file is taken, whatever becomes of this: without it the
// applicant types.
func (d Graph) propose(ctx context.Context, s *kyc.Session) {
	plan, err := d.Sessions.Plan(ctx, s)
	if err != nil {
		d.unread(ctx, s, err)
		return
	}
	if len(formFields(plan)) == 0 {
		return
	}
	of := *s
	d.Readings.begin(ctx, s.ID, func(ctx context.Context) {
		if err := d.Sessions.ReadFront(ctx, &of); err != nil {
			d.unread(ctx, &of, err)
		}
	})
}

func (d Graph) unread(ctx context.Context, s *kyc.Session, err error) {
	d.Log.WarnContext(ctx, "a document was not read for a form", "session", s.ID, "code", kyc.AsError(err).Code)
}

// prefill answers the questions of a form that nobody answered yet with what the
// document told.
func (d Graph) prefill(ctx context.Context, s *kyc.Session, files []kyc.Upload, steps []capture.Step) error {
	i := slices.IndexFunc(steps, func(x capture.Step) bool { return x.Kind == capture.Form })
	if i < 0 || steps[i].Progress == capture.Over || steps[i].Progress == capture.Skipped || !s.Status.Open() {
		return nil
	}
	read, err := d.Sessions.Reading(ctx, s, files)
	if err != nil || len(read) == 0 {
		return err
	}
	steps[i].Prefill(ctx, holderOf(read), d.Clock(s.Tenant))
	return nil
}

// holderOf is what the fields of a reading say of the document's holder; of two
// readings of one value the surer one counts.
func holderOf(read []kyc.Field) field.Holder {
	best := map[string]kyc.Field{}
	for _, f := range read {
		if have, twice := best[f.Name]; f.Value != "" && (!twice || f.Confidence > have.Confidence) {
			best[f.Name] = f
		}
	}
	return field.Holder{Given: best["first_name"].Value, Family: best["last_name"].Value, Full: best["full_name"].Value, BirthDate: best["date_of_birth"].Value,
		Nationality: best["nationality"].Value, DocumentNumber: best["document_number"].Value, DocumentCountry: best["issuing_country"].Value,
		ExpiryDate: best["expiry_date"].Value, Sex: best["sex"].Value}
}
