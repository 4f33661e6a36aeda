package intake

import (
	"context"
	"slices"

	"bonafide/checklist"
	"bonafide/kyc"
)

// show judges the files of AGE_ESTIMATION and DOCUMENT_UPLOAD.
func (m *Machine) show(ctx context.Context, v *view, def *checklist.Step, b *body, w *work) error {
	var wanted []wish
	if uploads := b.object("uploads", true); uploads != nil {
		wanted = wishes(uploads, def.Slots(checklist.IDTypes{}))
	}
	b.close()
	w.replaces = func(*kyc.Upload) bool { return true }
	if err := m.gather(ctx, v, def.ID, b, wanted, w); err != nil {
		return err
	}
	r, err := m.request(ctx, v, w)
	if err != nil {
		return err
	}
	g, why, err := m.ask(ctx, v, v.asks(def.ID), false, &r, w)
	if err != nil {
		return err
	}
	w.judge(g, why)
	return nil
}

// agree takes the answer to CONSENT. A refusal ends the step at once; what was
// shown is kept with the answer by its version and its hash.
func (m *Machine) agree(ctx context.Context, v *view, def *checklist.Step, b *body, w *work) error {
	c, _ := def.Config.(checklist.ConsentConfig)
	accepted, _ := b.flag("accepted", true)
	legal := b.text("legal_name", 4*maxName, accepted)
	var wanted []wish
	for _, s := range def.Slots(checklist.IDTypes{}) {
		if id, ok := fileID(b, "signature_upload", s.Required && accepted); ok {
			wanted = append(wanted, wish{slot: s, id: id, at: "/signature_upload"})
		}
	}
	b.close()
	w.replaces = func(*kyc.Upload) bool { return true }
	if err := m.gather(ctx, v, def.ID, b, wanted, w); err != nil {
		return err
	}
	given := kyc.Consented{ID: kyc.NewID(w.at), Kind: "consent", Given: accepted, At: w.at, Version: c.Version, TextHash: kyc.TextHash(c.Text)}
	w.apply = append(w.apply, func(v *view, _ *kyc.StepState) {
		v.journey.Consents = append(slices.Clone(v.journey.Consents), given)
		v.from(given.ID, w.address)
	})
	w.fields = append(w.fields, func(f map[string]any) {
		f["consents"] = map[string]any{"consent": map[string]any{"given": accepted, "version": c.Version, "legal_name": legal}}
		called(f, name{Full: legal, Source: "applicant"})
	})
	if !accepted {
		w.used, w.end, w.reason = true, kyc.StepFailed, reasonConsent
		return nil
	}
	r, err := m.request(ctx, v, w)
	if err != nil {
		return err
	}
	g, why, err := m.ask(ctx, v, v.asks(def.ID), false, &r, w)
	if err != nil {
		return err
	}
	w.judge(g, why)
	return nil
}
