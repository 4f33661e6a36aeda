package storetest

import (
	"testing"

	"bonafide/kyc"
)

// strangeTexts looks for and stores what PostgreSQL has no text for. Nobody
// finds anything by it, and a write is kept or refused as malformed, but never
// breaks.
func strangeTexts(t *testing.T, b *bench) {
	for _, text := range []string{"a\x00b", "a\xffb"} {
		if _, err := b.SubjectByRef(b.ctx, b.tenant, text); kyc.KindOf(err) != kyc.NotFound {
			t.Errorf("%q: a person %v", text, err)
		}
		if _, err := b.WorkflowBySlug(b.ctx, b.tenant, kyc.SurfaceSteps, text); kyc.KindOf(err) != kyc.NotFound {
			t.Errorf("%q: a workflow %v", text, err)
		}
		if list, n, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{ExternalRef: text}, kyc.Page{Limit: 5}); err != nil || n != 0 || len(list) != 0 {
			t.Errorf("%q: %d sessions %v", text, n, err)
		}
		s := &kyc.Subject{Meta: b.meta(), ExternalRef: text, Kind: "individual", Status: kyc.SubjectPending}
		if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{s}}); err != nil && kyc.KindOf(err) != kyc.Malformed {
			t.Errorf("%q: storing it %v", text, err)
		}
	}
	b.subject(t) // and the next one goes through
}
