package storetest

import (
	"bytes"
	"testing"

	"bonafide/kyc"
)

func erase(t *testing.T, b *bench) {
	subject, other := b.subject(t), b.subject(t)
	session, kept := b.session(subject.ID), b.session(other.ID)
	run := b.run(session)
	note := &kyc.Note{Meta: b.meta(), CaseID: b.id(), SubjectID: subject.ID, Text: "personal"}
	review, silent, heard := b.spoken(subject.ID), b.spoken(subject.ID), b.spoken(other.ID)
	silent.Private = kyc.CaseData{}
	b.put(t, session, kept, run, note, review, silent, heard)
	b.commit(t, kyc.Change{Inputs: []kyc.Input{b.input(run, 0)}, Traits: []kyc.Trait{{Kind: "email", Hash: "h", SubjectID: subject.ID}}, TraitTenant: b.tenant})

	session.RedactedAt = b.clock.Now()
	session.Touch(b.clock.Now())
	b.commit(t, kyc.Change{Put: []kyc.Object{session}, Erase: []kyc.ID{subject.ID}, Events: []kyc.Event{b.event("subject.redact")}})

	got := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, session.ID))
	if !got.Private.Unreadable || got.Private.Fields != nil || got.RedactedAt.IsZero() || got.Rev != 2 {
		t.Errorf("the erased session is %+v", got)
	}
	_, err := b.Inputs(b.ctx, b.tenant, run.ID)
	want(t, err, "erased")
	notes := must[[]kyc.Note](t)(b.Notes(b.ctx, b.tenant, note.CaseID))
	if len(notes) != 1 || notes[0].Text != "" {
		t.Errorf("notes %+v", notes)
	}
	c := must[kyc.Case](t)(b.Case(b.ctx, b.tenant, review.ID))
	if !c.Private.Unreadable || !c.Private.Empty() || c.Decision == nil || len(c.Overrides) != 1 {
		t.Errorf("the words of the case are %+v of %+v", c.Private, c)
	}
	if c := must[kyc.Case](t)(b.Case(b.ctx, b.tenant, silent.ID)); c.Private.Unreadable {
		t.Error("a case without words has lost some")
	}
	if c := must[kyc.Case](t)(b.Case(b.ctx, b.tenant, heard.ID)); c.Private.Decision != heard.Private.Decision {
		t.Error("the words about another subject are gone")
	}
	c.Private.Decision = "Ada again"
	c.Touch(b.clock.Now())
	b.put(t, &c)
	if c = must[kyc.Case](t)(b.Case(b.ctx, b.tenant, review.ID)); !c.Private.Unreadable || !c.Private.Empty() {
		t.Errorf("words about an erased subject came back: %+v", c.Private)
	}
	if tr := must[[]kyc.Trait](t)(b.Traits(b.ctx, b.tenant, "email", []string{"h"})); len(tr) != 0 {
		t.Error("traits outlive their subject")
	}
	want(t, b.Commit(b.ctx, &kyc.Change{Inputs: []kyc.Input{b.input(run, 1)}}), "erased")

	// The tombstone lives on, and nothing personal comes back with a write.
	got.Tags = []string{"archived"}
	got.Touch(b.clock.Now())
	b.put(t, &got)
	got.Private = kyc.SessionData{Fields: map[string]any{"first_name": "Ada"}}
	got.Touch(b.clock.Now())
	b.put(t, &got)
	again := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, session.ID))
	if !again.Private.Unreadable || again.Private.Fields != nil || again.Rev != 4 {
		t.Errorf("after a later write %+v", again)
	}
	b.commit(t, kyc.Change{Erase: []kyc.ID{subject.ID}, Events: []kyc.Event{b.event("subject.redact")}}) // again is no error
	if s := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, kept.ID)); s.Private.Fields["first_name"] != "Ada" {
		t.Error("another subject was erased too")
	}
}

// spoken is a case about a subject on which everything was said that can be,
// not stored yet.
func (b *bench) spoken(subject kyc.ID) *kyc.Case {
	now, by := b.clock.Now(), kyc.SystemActor("test")
	c := &kyc.Case{Meta: b.meta(), SubjectID: subject, Status: kyc.CaseRejected, Queue: "q", EnteredReviewAt: now, CreatedBy: by,
		First:      &kyc.CaseDecision{Outcome: kyc.Approved, ReviewerID: "r1", At: now, By: by},
		Decision:   &kyc.CaseDecision{Outcome: kyc.Rejected, ReviewerID: "r2", At: now, By: by},
		Escalation: &kyc.Escalation{To: "r2", At: now},
		Private:    kyc.CaseData{First: "Ada is known", Decision: "not Ada's face", Escalation: "who is Ada?", Metadata: map[string]any{"name": "Ada"}}}
	c.Override(kyc.CheckOverride{Policy: "p", Result: "passed", By: by, At: now}, "another Ada")
	return c
}

func caseWords(t *testing.T, b *bench) {
	for _, subject := range []kyc.ID{b.subject(t).ID, ""} { // the tenant's key without one
		c := b.spoken(subject)
		b.put(t, c)
		got := must[kyc.Case](t)(b.Case(b.ctx, b.tenant, c.ID))
		same(t, "case", got, c)
		same(t, "words", got.Private, c.Private)
		page, _, err := b.Cases(b.ctx, b.tenant, kyc.CaseFilter{Queue: "q"}, kyc.Page{})
		if err != nil {
			t.Fatal(err)
		}
		for _, listed := range page {
			same(t, "words in a list", listed.Private, c.Private)
		}
		// What is taken back is gone, and a case in which nothing was said is not unreadable.
		got.Private = kyc.CaseData{}
		got.Touch(b.clock.Now())
		b.put(t, &got)
		if got = must[kyc.Case](t)(b.Case(b.ctx, b.tenant, c.ID)); !got.Private.Empty() || got.Private.Unreadable || got.OverrideWhy(0) != "" || len(got.Overrides) != 1 {
			t.Errorf("after a change %+v", got)
		}
		got.Override(kyc.CheckOverride{Policy: "q", Result: "failed"}, "a second")
		got.Touch(b.clock.Now())
		b.put(t, &got)
		if got = must[kyc.Case](t)(b.Case(b.ctx, b.tenant, c.ID)); got.OverrideWhy(0) != "" || got.OverrideWhy(1) != "a second" || got.OverrideWhy(2) != "" {
			t.Errorf("the words of overrides are %q", got.Private.Overrides)
		}
		b.commit(t, kyc.Change{Remove: []kyc.Object{&got}})
	}
}

func blobs(t *testing.T, b *bench) {
	subject := b.subject(t)
	data := bytes.Repeat([]byte("passport"), 1<<17)
	if err := b.PutBlob(b.ctx, b.tenant, subject.ID, "uploads/1", data); err != nil {
		t.Fatal(err)
	}
	if err := b.PutBlob(b.ctx, b.tenant, "", "export", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if got := must[[]byte](t)(b.Blob(b.ctx, b.tenant, subject.ID, "uploads/1")); !bytes.Equal(got, data) {
		t.Error("the file changed")
	}
	if got := must[[]byte](t)(b.Blob(b.ctx, b.tenant, "", "export")); string(got) != "x" {
		t.Error("the tenant's file changed")
	}
	if _, err := b.Blob(b.ctx, b.tenant, b.subject(t).ID, "uploads/1"); err == nil {
		t.Error("another subject's key opens the file")
	}
	want(t, b.PutBlob(b.ctx, b.tenant, b.id(), "uploads/2", data), "not_found")
	_, err := b.Blob(b.ctx, b.tenant, subject.ID, "uploads/none")
	want(t, err, "not_found")
	b.commit(t, kyc.Change{Erase: []kyc.ID{subject.ID}, Events: []kyc.Event{b.event("subject.redact")}})
	_, err = b.Blob(b.ctx, b.tenant, subject.ID, "uploads/1")
	want(t, err, "erased")
	for range 2 {
		if err := b.DeleteBlob(b.ctx, b.tenant, "uploads/1"); err != nil {
			t.Fatal(err)
		}
	}
}

func blobInUnit(t *testing.T, b *bench) {
	subject := &kyc.Subject{Meta: b.meta(), Kind: "individual"}
	ctx, unit := kyc.WithUnit(b.ctx)
	want(t, b.PutBlob(ctx, b.tenant, subject.ID, "a", []byte("x")), "not_found")
	unit.Change.Put = []kyc.Object{subject}
	for _, key := range []string{"a", "b"} {
		if err := b.PutBlob(ctx, b.tenant, subject.ID, key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	b.commit(t, unit.Change)
	for _, key := range []string{"a", "b"} {
		if got := must[[]byte](t)(b.Blob(b.ctx, b.tenant, subject.ID, key)); string(got) != key {
			t.Errorf("file %s is %q", key, got)
		}
	}
}

func rotate(t *testing.T, b *bench) {
	erased, subject := b.subject(t), b.subject(t)
	session := b.session(subject.ID)
	b.put(t, session)
	b.commit(t, kyc.Change{Erase: []kyc.ID{erased.ID}, Events: []kyc.Event{b.event("subject.redact")}})
	before := must[string](t)(b.Blind(b.ctx, b.tenant, "email", "a"))
	for range 2 {
		if n := must[int](t)(b.RotateMasterKey(b.ctx)); n != 2 {
			t.Errorf("%d keys were wrapped, want the subject's and the tenant's", n)
		}
	}
	if s := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, session.ID)); s.Private.Fields["first_name"] != "Ada" {
		t.Error("the session cannot be read after the rotation")
	}
	if before != must[string](t)(b.Blind(b.ctx, b.tenant, "email", "a")) {
		t.Error("a rotation changed the blind indexes")
	}
}
