package entity

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

func TestTheAuditTellsOfOnePerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind, doc := b.withEverything()
	b.person(anna())
	must[kyc.EntityDocument](b)(b.m.Document(b.ctx, b.t, b.by, ind.ID, doc.ID))
	got, total, err := b.m.Audit(b.ctx, b.t, b.by, ind.ID, kyc.Page{Limit: 100})
	if err != nil || total != len(got) {
		t.Fatalf("%d of %d, %v", len(got), total, err)
	}
	var actions []string
	for _, e := range got {
		if e.SubjectID != ind.ID {
			t.Errorf("%s is about somebody else", e.Action)
		}
		actions = append(actions, e.Action)
	}
	if want := []string{"document.read", "profile.update", "document.create", "individual.create"}; !slices.Equal(actions, want) {
		t.Errorf("the audit tells %q", actions)
	}
	page, total, err := b.m.Audit(b.ctx, b.t, b.by, ind.ID, kyc.Page{Limit: 2, Offset: 1})
	if err != nil || total != 5 || page[0].Action != "document.read" { // the look above came on top
		t.Errorf("the page is %+v of %d, %v", page, total, err)
	}
	_, _, err = b.m.Audit(b.ctx, b.t, b.by, kyc.NewID(b.now), kyc.Page{Limit: 1})
	b.refused(err, kyc.NotFound, "not_found")
}
