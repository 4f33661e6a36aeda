package storetest

import (
	"math"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// faceTemplate is a face of a session, not stored yet.
func (b *bench) faceTemplate(subject, session kyc.ID, first float32) *kyc.FaceTemplate {
	v := &kyc.FaceTemplate{Meta: b.meta(), SessionID: session, SubjectID: subject, UploadID: b.id(), Model: "net-1", Source: "selfie",
		ExpiresAt: b.clock.Now().Add(time.Hour).Truncate(time.Microsecond), Vector: kyc.FaceVector{first, -0.5, float32(math.Pi)}}
	return v
}

// faceTemplates says that templates are kept by session, model and tenant, come
// back with every bit, end with their time or their subject, and can be removed.
func faceTemplates(t *testing.T, b *bench) {
	ada, eve := b.subject(t), b.subject(t)
	session := b.session(ada.ID)
	first := b.faceTemplate(ada.ID, session.ID, 0.25)
	b.clock.Advance(time.Second)
	second := b.faceTemplate(ada.ID, b.id(), 0.75)
	b.clock.Advance(time.Second)
	third := b.faceTemplate(eve.ID, b.id(), 1)
	b.clock.Advance(time.Second)
	old := b.faceTemplate(eve.ID, third.SessionID, 1)
	old.Model = "net-0"
	b.put(t, session, first, second, third, old)

	list := func(f kyc.FaceFilter, after kyc.ID, limit int) []kyc.FaceTemplate {
		t.Helper()
		return must[[]kyc.FaceTemplate](t)(b.FaceTemplates(b.ctx, b.tenant, f, after, limit))
	}
	all := list(kyc.FaceFilter{Model: "net-1"}, "", 10)
	same(t, "templates", all, []*kyc.FaceTemplate{first, second, third})
	if !slices.Equal(all[0].Vector, first.Vector) || !all[0].ExpiresAt.Equal(first.ExpiresAt) || all[0].UploadID != first.UploadID {
		t.Errorf("it came back as %+v", all[0])
	}
	same(t, "the next page", list(kyc.FaceFilter{Model: "net-1"}, first.ID, 1), []*kyc.FaceTemplate{second})
	same(t, "of a session", list(kyc.FaceFilter{SessionID: third.SessionID}, "", 10), []*kyc.FaceTemplate{third, old})
	same(t, "of a person", list(kyc.FaceFilter{SubjectID: ada.ID}, "", 10), []*kyc.FaceTemplate{first, second})
	same(t, "of other models", list(kyc.FaceFilter{Except: "net-1"}, "", 10), []*kyc.FaceTemplate{old})
	same(t, "since", list(kyc.FaceFilter{Model: "net-1", Since: second.CreatedAt}, "", 10), []*kyc.FaceTemplate{second, third})
	if got := list(kyc.FaceFilter{Model: "net-1", Now: first.ExpiresAt}, "", 10); len(got) != 2 {
		t.Errorf("%d templates are left when the first one's time is over", len(got))
	}
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if found := must[[]kyc.FaceTemplate](t)(b.FaceTemplates(b.ctx, elsewhere, kyc.FaceFilter{}, "", 10)); len(found) != 0 {
			t.Errorf("%d templates reach %v", len(found), elsewhere)
		}
	}
	due := slices.DeleteFunc(must[[]kyc.FaceTemplate](t)(b.FaceTemplatesDue(b.ctx, first.ExpiresAt, 100)), func(v kyc.FaceTemplate) bool { return v.Tenant != b.tenant })
	same(t, "those that are due", due, []*kyc.FaceTemplate{first})

	b.commit(t, kyc.Change{Remove: []kyc.Object{third}, Events: []kyc.Event{b.event("session.biometrics_delete")}})
	if left := list(kyc.FaceFilter{SessionID: third.SessionID}, "", 10); len(left) != 1 {
		t.Errorf("%d templates of the session are left", len(left))
	}
	b.eraseSubject(t, ada.ID, nil)
	if left := list(kyc.FaceFilter{SubjectID: ada.ID}, "", 10); len(left) != 0 {
		t.Errorf("%d templates outlive their subject", len(left))
	}
	if left := list(kyc.FaceFilter{SubjectID: eve.ID}, "", 10); len(left) != 1 || left[0].Unreadable {
		t.Errorf("the templates of another subject are %+v", left)
	}
	// What was under way while the subject was erased leaves nothing to compare.
	b.put(t, b.faceTemplate(ada.ID, session.ID, 0.25))
	for _, v := range list(kyc.FaceFilter{SubjectID: ada.ID}, "", 10) {
		if !v.Unreadable || len(v.Vector) != 0 {
			t.Errorf("a template of an erased subject can be read: %+v", v)
		}
	}
}
