package storetest

import (
	"testing"
	"time"

	"bonafide/kyc"
)

// hitReview is a word on a hit, not stored yet.
func (b *bench) hitReview(subject, session kyc.ID, word kyc.HitWord) *kyc.HitReview {
	return &kyc.HitReview{Meta: b.meta(), SubjectID: subject, SessionID: session, CaseID: b.id(), Waits: word == kyc.HitFalse,
		Private: kyc.HitReviewData{Reason: "Ada was born in London", Hit: kyc.ReviewedHit{List: "ofac_sdn", EntryID: "7771", Entry: "aa", Asked: "bb", Word: word,
			By: kyc.SystemActor("test"), Person: "anna@example.org", At: b.clock.Now(), ReasonCode: "other_birth_date"}}}
}

// hitReviews says that words on hits are kept by subject or session, of one
// tenant and environment, are written once, and end with the subject's data.
func hitReviews(t *testing.T, b *bench) {
	ada, eve := b.subject(t), b.subject(t)
	session := b.session(ada.ID)
	first := b.hitReview(ada.ID, session.ID, kyc.HitFalse)
	b.clock.Advance(time.Second)
	later, foreign, lone := b.hitReview(ada.ID, b.id(), kyc.HitTrue), b.hitReview(eve.ID, b.id(), kyc.HitFalse), b.hitReview("", b.id(), kyc.HitFalse)
	b.put(t, session, first, later, foreign, lone)

	got := must[[]kyc.HitReview](t)(b.HitReviews(b.ctx, b.tenant, ada.ID))
	same(t, "words", got, []*kyc.HitReview{first, later})
	same(t, "their personal part", got[0].Private, first.Private)
	if alone := must[[]kyc.HitReview](t)(b.HitReviews(b.ctx, b.tenant, lone.SessionID)); len(alone) != 1 || alone[0].Private.Hit.EntryID != "7771" {
		t.Errorf("the words of a session without a subject: %+v", alone)
	}
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if found := must[[]kyc.HitReview](t)(b.HitReviews(b.ctx, elsewhere, ada.ID)); len(found) != 0 {
			t.Errorf("%d words reach %v", len(found), elsewhere)
		}
	}

	changed := *first
	changed.Private.Hit.Word = kyc.HitTrue
	changed.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&changed}}), "written_once")
	want(t, b.Commit(b.ctx, &kyc.Change{Remove: []kyc.Object{first}}), "written_once")

	b.eraseSubject(t, ada.ID, nil)
	if left := must[[]kyc.HitReview](t)(b.HitReviews(b.ctx, b.tenant, ada.ID)); len(left) != 0 {
		t.Errorf("%d words outlive their subject", len(left))
	}
	if left := must[[]kyc.HitReview](t)(b.HitReviews(b.ctx, b.tenant, eve.ID)); len(left) != 1 || left[0].Private.Unreadable {
		t.Errorf("the words on another subject are %+v", left)
	}
	// What was under way while the subject was erased leaves nothing to read.
	b.put(t, b.hitReview(ada.ID, session.ID, kyc.HitFalse))
	for _, w := range must[[]kyc.HitReview](t)(b.HitReviews(b.ctx, b.tenant, ada.ID)) {
		if !w.Private.Unreadable || w.Private.Hit.EntryID != "" || w.Private.Reason != "" {
			t.Errorf("a word about an erased subject can be read: %+v", w)
		}
	}
}

func other(e kyc.Env) kyc.Env {
	if e == kyc.Live {
		return kyc.Sandbox
	}
	return kyc.Live
}
