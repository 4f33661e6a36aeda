package storetest

import (
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// closing is the end of a reservation, with an answer.
func closing(r kyc.Idempotency, body string) *kyc.Idempotency {
	r.Done, r.Status, r.Header, r.Body = true, 201, map[string]string{"ETag": `"1"`}, []byte(body)
	return &r
}

// reserved reserves a key that must be free and gives the way to look at it.
func (b *bench) reserved(t *testing.T, key string) (r kyc.Idempotency, look func() kyc.Idempotency) {
	t.Helper()
	r = b.reservation(key)
	if got, err := b.ReserveIdempotency(b.ctx, r, time.Minute); got != nil || err != nil {
		t.Fatalf("a new key is taken: %+v %v", got, err)
	}
	return r, func() kyc.Idempotency {
		t.Helper()
		got, err := b.ReserveIdempotency(b.ctx, r, time.Minute)
		if err != nil || got == nil || !got.Done {
			t.Fatalf("the key %s is %+v (%v), not answered", key, got, err)
		}
		return *got
	}
}

// eraseSubject destroys a subject's key with its sessions, and answers with key
// where there is one. What else is put comes with it.
func (b *bench) eraseSubject(t *testing.T, subject kyc.ID, answer *kyc.Idempotency, put ...kyc.Object) {
	t.Helper()
	c, err := b.erasure(subject)
	if err != nil {
		t.Fatal(err)
	}
	c.Put, c.Idempotency = append(c.Put, put...), answer
	b.commit(t, c)
}

// erasure prepares what eraseSubject commits.
func (b *bench) erasure(subject kyc.ID) (kyc.Change, error) {
	c := kyc.Change{Erase: []kyc.ID{subject}, Events: []kyc.Event{b.event("subject.redact")}}
	sessions, _, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{SubjectID: subject, Left: true}, kyc.Page{})
	for i := range sessions {
		sessions[i].RedactedAt = b.clock.Now()
		sessions[i].Touch(b.clock.Now())
		c.Put = append(c.Put, &sessions[i])
	}
	return c, err
}

// eraseAnswers says that the stored answer of a request is readable no longer
// than the data of everybody the request read or wrote.
func eraseAnswers(t *testing.T, b *bench) {
	ada, bob := b.subject(t), b.subject(t)
	session, other := b.session(ada.ID), b.session(bob.ID)
	bare := b.session(ada.ID)
	bare.Private = kyc.SessionData{} // nothing sealed, but it has a reference
	bare.ExternalRef = "ada@example.com"
	b.put(t, session, other, bare)
	const body = `{"name":"Ada"}`

	type looks map[string]func() kyc.Idempotency
	dies, lives := looks{}, looks{}

	// Written with the answer.
	r, look := b.reserved(t, "written")
	session.Touch(b.clock.Now())
	b.commit(t, kyc.Change{Put: []kyc.Object{session}, Idempotency: closing(r, body)})
	dies["written with the answer"] = look

	// A subject that is stored for the first time with its answer.
	fresh := &kyc.Subject{Meta: b.meta(), Kind: "individual"}
	r, look = b.reserved(t, "new")
	b.commit(t, kyc.Change{Put: []kyc.Object{fresh, b.session(fresh.ID)}, Idempotency: closing(r, body)})
	news := look

	// Only read, within the unit; written before, outside of it.
	for key, touch := range map[string]func(bench){
		"read": func(b bench) { must[kyc.Session](t)(b.Session(b.ctx, b.tenant, session.ID)) },
		"read without a personal part": func(b bench) {
			must[kyc.Session](t)(b.Session(b.ctx, b.tenant, bare.ID))
		},
		"listed": func(b bench) {
			if _, _, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{}, kyc.Page{}); err != nil {
				t.Fatal(err)
			}
		},
		"written outside the unit": func(b bench) {
			bare.Touch(b.clock.Now())
			b.ctx = kyc.WithoutUnit(b.ctx)
			b.put(t, bare)
		},
		"file": func(b bench) {
			if err := b.PutBlob(b.ctx, b.tenant, ada.ID, "f", []byte("x")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		r, look := b.reserved(t, key)
		within := *b
		within.ctx, _ = kyc.WithConcerned(b.ctx)
		within.ctx, _ = kyc.WithUnit(within.ctx)
		touch(within)
		within.ctx = kyc.WithoutUnit(within.ctx)
		within.commit(t, kyc.Change{Idempotency: closing(r, body)})
		dies[key] = look
	}
	// Said without a body.
	r, look = b.reserved(t, "silent")
	session.Touch(b.clock.Now())
	b.commit(t, kyc.Change{Put: []kyc.Object{session}, Idempotency: closing(r, "")})
	dies["without a body"] = look

	r, look = b.reserved(t, "somebody else")
	other.Touch(b.clock.Now())
	b.commit(t, kyc.Change{Put: []kyc.Object{other}, Idempotency: closing(r, body)})
	lives["about somebody else"] = look
	r, look = b.reserved(t, "nobody")
	b.commit(t, kyc.Change{Idempotency: closing(r, body)})
	lives["about nobody"] = look

	for what, look := range dies {
		if got := look(); got.Erased || got.Status != 201 || got.Header["ETag"] == "" || string(got.Body) != body && what != "without a body" {
			t.Errorf("%s: before the erasure the answer is %+v", what, got)
		}
	}

	// A request that reads before and ends after the erasure.
	late, lateLook := b.reserved(t, "late")
	lateCtx, _ := kyc.WithConcerned(b.ctx)
	must[kyc.Session](t)(b.Session(lateCtx, b.tenant, session.ID))

	erasing, look := b.reserved(t, "erasure")
	b.eraseSubject(t, ada.ID, closing(erasing, `{"deleted":true}`))
	lives["of the erasure itself"] = look
	late.Done, late.Status, late.Body = true, 200, []byte(body)
	if err := b.Commit(lateCtx, &kyc.Change{Idempotency: &late}); err != nil {
		t.Fatal(err)
	}
	dies["of a request that ended after the erasure"] = lateLook

	for what, look := range dies {
		if got := look(); !got.Erased || len(got.Body) > 0 || len(got.Header) > 0 || got.BodyHash != "sha256:a" {
			t.Errorf("%s: after the erasure the answer is %+v", what, got)
		}
	}
	for what, look := range lives {
		if got := look(); got.Erased || len(got.Body) == 0 || got.Header["ETag"] == "" {
			t.Errorf("%s: after the erasure of somebody else the answer is %+v", what, got)
		}
	}
	if got := news(); got.Erased || string(got.Body) != body {
		t.Errorf("the answer about a new subject is %+v", got)
	}
	b.eraseSubject(t, fresh.ID, nil)
	if got := news(); !got.Erased || len(got.Body) > 0 {
		t.Errorf("the answer about a new subject outlives it: %+v", got)
	}

	// What is done with a tombstone later is answered and repeated as ever.
	tombstone := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, session.ID))
	r, look = b.reserved(t, "tombstone")
	tombstone.Touch(b.clock.Now())
	b.commit(t, kyc.Change{Put: []kyc.Object{&tombstone}, Idempotency: closing(r, `{"id":1}`)})
	if got := look(); got.Erased || string(got.Body) != `{"id":1}` {
		t.Errorf("an answer about a tombstone is %+v", got)
	}

	// The key stays taken until its time is over, as any other.
	b.clock.Advance(24*time.Hour + time.Second)
	if got, err := b.ReserveIdempotency(b.ctx, b.reservation("written"), time.Minute); got != nil || err != nil {
		t.Errorf("after 24 h the key is %+v (%v)", got, err)
	}
}

// formerAnswers says that an answer of which nobody knows whom it speaks of,
// as an earlier version stored them, goes with the first erasure of its tenant.
func formerAnswers(t *testing.T, b *bench) {
	ada := b.subject(t)
	r, look := b.reserved(t, "former")
	b.commit(t, kyc.Change{Idempotency: closing(r, `{"name":"Ada"}`)})
	b.exec("UPDATE idempotency SET subjects = NULL")
	if got := look(); got.Erased || !strings.Contains(string(got.Body), "Ada") {
		t.Errorf("before an erasure the answer is %+v", got)
	}
	elsewhere := b.tenant
	elsewhere.Env = kyc.Sandbox
	eve := &kyc.Subject{Meta: b.meta(), Kind: "individual"}
	eve.Tenant = elsewhere
	b.put(t, eve)
	b.commit(t, kyc.Change{Erase: []kyc.ID{eve.ID}, Events: []kyc.Event{{ID: b.id(), Tenant: elsewhere, At: b.clock.Now(), Actor: kyc.SystemActor("test"), Action: "subject.redact", Object: "subject"}}})
	if got := look(); got.Erased {
		t.Errorf("an erasure in another environment took the answer: %+v", got)
	}
	b.eraseSubject(t, ada.ID, nil)
	if got := look(); !got.Erased || len(got.Body) > 0 || len(got.Header) > 0 {
		t.Errorf("after an erasure the answer is %+v", got)
	}
}

// holdKeys says that a key which a commit holds stays reserved when its lease
// ends, can still be answered, and undoes a commit that holds it too late.
func holdKeys(t *testing.T, b *bench) {
	held := func(r kyc.Idempotency) *kyc.Idempotency {
		r.Held = true
		return &r
	}
	r := b.reservation("held")
	if got, err := b.ReserveIdempotency(b.ctx, r, -time.Minute); got != nil || err != nil { // its lease is over at once
		t.Fatalf("%+v %v", got, err)
	}
	l := &kyc.List{Meta: b.meta(), Name: "begun", Type: kyc.ListEmail, Mode: kyc.ModeBlock}
	b.commit(t, kyc.Change{Put: []kyc.Object{l}, Idempotency: held(r)})
	if got, err := b.ReserveIdempotency(b.ctx, r, time.Minute); got == nil || got.Done || err != nil {
		t.Fatalf("a held key is %+v (%v), want running", got, err)
	}
	b.commit(t, kyc.Change{Idempotency: closing(r, `{}`)})
	if got, err := b.ReserveIdempotency(b.ctx, r, time.Minute); got == nil || !got.Done || err != nil {
		t.Errorf("an answered key is %+v (%v)", got, err)
	}

	late := b.reservation("late")
	m := &kyc.List{Meta: b.meta(), Name: "late", Type: kyc.ListEmail, Mode: kyc.ModeBlock}
	if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{m}, Idempotency: held(late)}); err == nil {
		t.Error("a commit holds a key that nobody reserved")
	}
	if _, err := b.List(b.ctx, b.tenant, m.ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("its change is stored: %v", err)
	}
}
