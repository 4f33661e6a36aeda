package storetest

import (
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// ended is a session that ended at a time, not stored yet.
func (b *bench) ended(subject kyc.ID, status kyc.SessionStatus, at time.Time) *kyc.Session {
	s := b.session(subject)
	s.Status, s.CompletedAt = status, at
	return s
}

// sessionsDue says that sessions are found by the way and the time they ended,
// of one tenant and environment, in pages, and that those under a legal hold are
// apart.
func sessionsDue(t *testing.T, b *bench) {
	subject := b.subject(t)
	start := b.clock.Now()
	var all []kyc.ID
	for i := range 5 {
		s := b.ended(subject.ID, kyc.SessionApproved, start.Add(time.Duration(i/2)*time.Hour)) // some at the same time
		b.put(t, s)
		all = append(all, s.ID)
	}
	rejected, withheld, held := b.ended(subject.ID, kyc.SessionRejected, start), b.ended(subject.ID, kyc.SessionApproved, start), b.ended(subject.ID, kyc.SessionApproved, start)
	withheld.WithheldAt, held.LegalHold = start, true
	gone, open := b.ended(subject.ID, kyc.SessionApproved, start), b.session(subject.ID)
	gone.RedactedAt = start
	b.put(t, rejected, withheld, held, gone, open)

	find := func(tenant kyc.Tenant, f kyc.RetentionFilter, limit int) (ids []kyc.ID) {
		t.Helper()
		for _, s := range must[[]kyc.Session](t)(b.SessionsDue(b.ctx, tenant, f, limit)) {
			ids = append(ids, s.ID)
		}
		return ids
	}
	count := func(f kyc.RetentionFilter) int { return must[int](t)(b.CountSessionsDue(b.ctx, b.tenant, f)) }
	approved := kyc.RetentionFilter{Status: kyc.SessionApproved, Until: start.Add(time.Hour)}
	first := slices.Sorted(slices.Values(all[:2]))
	second := slices.Sorted(slices.Values(all[2:4]))
	same(t, "due by then", find(b.tenant, approved, 10), append(slices.Clone(first), second...))
	if n := count(approved); n != 4 {
		t.Errorf("%d are due, want 4", n)
	}
	same(t, "the first page", find(b.tenant, approved, 1), first[:1])
	approved.AfterEnd, approved.AfterID = start, first[0]
	same(t, "behind one", find(b.tenant, approved, 10), append(slices.Clone(first[1:]), second...))
	approved.AfterEnd, approved.AfterID = time.Time{}, ""
	same(t, "before", find(b.tenant, kyc.RetentionFilter{Status: kyc.SessionApproved, Until: start.Add(-time.Microsecond)}, 10), nil)
	for what, c := range map[string]struct {
		f  kyc.RetentionFilter
		id kyc.ID
	}{
		"rejected": {kyc.RetentionFilter{Status: kyc.SessionRejected, Until: start}, rejected.ID},
		"withheld": {kyc.RetentionFilter{Status: kyc.SessionApproved, Withheld: true, Until: start}, withheld.ID},
		"held":     {kyc.RetentionFilter{Status: kyc.SessionApproved, Held: true, Until: start}, held.ID},
	} {
		same(t, what, find(b.tenant, c.f, 10), []kyc.ID{c.id})
		if n := count(c.f); n != 1 {
			t.Errorf("%s: %d", what, n)
		}
	}
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if got := find(elsewhere, approved, 10); len(got) != 0 {
			t.Errorf("%d sessions are due for %v", len(got), elsewhere)
		}
	}
	// A session that is taken up again is not over.
	rejected.Status, rejected.CompletedAt = kyc.SessionRunning, time.Time{}
	rejected.Touch(start)
	b.put(t, rejected)
	same(t, "taken up again", find(b.tenant, kyc.RetentionFilter{Status: kyc.SessionRejected, Until: start.Add(time.Hour)}, 10), nil)
}

// damagedDue says that rows which cannot be opened do not hide the others from a
// sweep, come in their place and marked, and cannot be written over.
func damagedDue(t *testing.T, b *bench) {
	start := b.clock.Now()
	var all []*kyc.Session
	for i := range 4 {
		s := b.ended(b.subject(t).ID, kyc.SessionApproved, start.Add(time.Duration(i)*time.Hour))
		b.put(t, s)
		all = append(all, s)
	}
	b.exec("UPDATE session SET doc = '{' WHERE id = '" + string(all[1].ID) + "'")
	b.exec("UPDATE session SET secret = (SELECT secret FROM session WHERE id = '" + string(all[0].ID) + "') WHERE id = '" + string(all[2].ID) + "'")
	f := kyc.RetentionFilter{Status: kyc.SessionApproved, Until: start.Add(10 * time.Hour)}
	var got []kyc.Session
	for { // one at a time: the place of a damaged one is known
		page := must[[]kyc.Session](t)(b.SessionsDue(b.ctx, b.tenant, f, 1))
		if len(page) == 0 || len(got) > 4 {
			break
		}
		got = append(got, page[0])
		f.AfterEnd, f.AfterID = page[0].EndedAt(), page[0].ID
	}
	if len(got) != 4 {
		t.Fatalf("%d are due", len(got))
	}
	for i, s := range got {
		broken := i == 1 || i == 2
		if s.ID != all[i].ID || s.Damaged != broken || s.SubjectID != all[i].SubjectID || !s.EndedAt().Equal(all[i].EndedAt()) || broken && s.Private.Fields != nil {
			t.Errorf("%d: %+v", i, s)
		}
		if broken {
			s.RedactedAt = start
			s.Touch(start)
			want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&s}}), "sealed_broken")
		}
	}
	people := []*kyc.Subject{b.subject(t), b.subject(t), b.subject(t)}
	for i, p := range people {
		p.LookAt = start.Add(time.Duration(i) * time.Minute)
		p.Touch(start)
		b.put(t, p)
	}
	b.exec("UPDATE subject SET doc = '{' WHERE id = '" + string(people[1].ID) + "'")
	look := must[[]kyc.Subject](t)(b.PeopleToLookAt(b.ctx, b.tenant, start.Add(time.Hour), 10))
	if len(look) != 3 || look[0].Damaged || !look[1].Damaged || look[2].Damaged || look[1].ID != people[1].ID {
		t.Fatalf("%+v", look)
	}
	look[1].Touch(start)
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&look[1]}}), "sealed_broken")
	if err := b.LookAgain(b.ctx, b.tenant, people[1].ID, start.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left := must[[]kyc.Subject](t)(b.PeopleToLookAt(b.ctx, b.tenant, start.Add(time.Hour), 10)); len(left) != 2 {
		t.Errorf("a damaged person is not put off: %+v", left)
	}
}

// retentionState says that a tenant has one state, which one of two processes
// changes.
func retentionState(t *testing.T, b *bench) {
	now := b.clock.Now()
	if _, err := b.RetentionState(b.ctx, b.tenant); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("before the first sweep: %v", err)
	}
	of := func(tenant kyc.Tenant) *kyc.RetentionState {
		s := &kyc.RetentionState{Meta: kyc.Meta{ID: kyc.RetentionStateID(tenant), Tenant: tenant}, TrustedAt: now, SeenAt: now.Add(time.Hour), HeldAt: now.Add(time.Minute), Observed: time.Hour,
			Damaged: []kyc.DamagedRow{{Kind: "session", ID: b.id(), Since: now}}}
		s.Touch(now)
		return s
	}
	x, y := of(b.tenant), of(kyc.Tenant{Org: b.tenant.Org, Env: other(b.tenant.Env)})
	y.Damaged = nil
	b.put(t, x, y)
	same(t, "state", must[kyc.RetentionState](t)(b.RetentionState(b.ctx, b.tenant)), x)
	same(t, "state of the other environment", must[kyc.RetentionState](t)(b.RetentionState(b.ctx, y.Tenant)), y)
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{of(b.tenant)}}), "concurrent_change")
	late := *x
	x.Touch(now)
	b.put(t, x)
	late.Touch(now)
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&late}}), "concurrent_change")
	b.commit(t, kyc.Change{Remove: []kyc.Object{x}})
	if _, err := b.RetentionState(b.ctx, b.tenant); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("after it was removed: %v", err)
	}
}

// full is a session with one of everything that can belong to it.
type full struct {
	session  *kyc.Session
	journey  *kyc.Journey
	run      *kyc.Run
	review   *kyc.Case
	note     *kyc.Note
	upload   *kyc.Upload
	transfer *kyc.Transfer
	word     *kyc.HitReview
	delivery *kyc.Delivery // of an event of the session
	asked    *kyc.Delivery // of an event of its case
	blob     string
}

func (b *bench) full(t *testing.T, subject kyc.ID) *full {
	t.Helper()
	now := b.clock.Now()
	x := &full{session: b.ended(subject, kyc.SessionApproved, now)}
	x.session.Surface = kyc.SurfaceSteps
	x.journey, x.run, x.review = b.journey(x.session), b.run(x.session), b.spoken(subject)
	x.review.SessionID = x.session.ID
	x.session.CaseID = x.review.ID
	x.note = &kyc.Note{Meta: b.meta(), CaseID: x.review.ID, SubjectID: subject, Text: "Ada called"}
	x.transfer, x.word = b.transfer(x.session, now.Add(time.Hour)), b.hitReview(subject, x.session.ID, kyc.HitFalse)
	x.word.CaseID = x.review.ID
	x.upload = &kyc.Upload{Meta: b.meta(), SessionID: x.session.ID, SubjectID: subject, Kind: "document_front", ContentType: "image/png", Size: 3, SHA256: "00"}
	x.blob = string(b.tenant.Org) + "/" + string(b.tenant.Env) + "/" + string(x.session.ID) + "/" + string(x.upload.ID)
	x.upload.BlobKey = x.blob
	e := b.event("session.approve")
	e.Object, e.ObjectID, e.SubjectID = "session", x.session.ID, subject
	x.delivery = &kyc.Delivery{Meta: b.meta(), EventID: e.ID, EndpointID: b.id(), EventName: "session.approved", State: kyc.DeliveryDelivered, SubjectID: subject,
		Attempts: []kyc.DeliveryTry{{At: now, Status: 200, Answer: "thanks, Ada"}}}
	opened := b.event("case.create")
	opened.Object, opened.ObjectID, opened.SubjectID = "case", x.review.ID, subject
	x.asked = &kyc.Delivery{Meta: b.meta(), EventID: opened.ID, EndpointID: b.id(), EventName: "case.created", State: kyc.DeliveryDelivered, SubjectID: subject,
		Attempts: []kyc.DeliveryTry{{At: now, Status: 200, Answer: "Ada again"}}}
	execution := b.execution(subject, func(e *kyc.Execution) { e.ID = x.session.ID })
	result := b.result(subject, func(r *kyc.ProcessResult) { r.ExecutionID = x.session.ID })
	b.commit(t, kyc.Change{Put: []kyc.Object{x.session, x.journey, x.run, x.review, x.note, x.upload, x.transfer, x.word, b.exam(x.session, "ocr", "h"), b.ruling(x.session, "approved"),
		b.faceTemplate(subject, x.session.ID, 1), execution, result}, Events: []kyc.Event{e, opened}, Inputs: []kyc.Input{b.input(x.run, 0)},
		Traits:   []kyc.Trait{{Kind: "email", Hash: "h-" + string(x.session.ID), SessionID: x.session.ID, SubjectID: subject}},
		Pictures: []kyc.Picture{{Upload: x.upload.ID, Bands: []string{"b-" + string(x.session.ID)}, SessionID: x.session.ID, SubjectID: subject}}, TraitTenant: b.tenant})
	b.put(t, x.delivery, x.asked)
	if err := b.PutBlob(b.ctx, b.tenant, subject, x.blob, []byte("png")); err != nil {
		t.Fatal(err)
	}
	return x
}

// reads says, for every part of a session, whether what is personal can be read.
func (b *bench) reads(t *testing.T, x *full) map[string]bool {
	t.Helper()
	ctx, tenant := b.ctx, b.tenant
	s := must[kyc.Session](t)(b.Session(ctx, tenant, x.session.ID))
	listed, _, err := b.Sessions(ctx, tenant, kyc.SessionFilter{SubjectID: x.session.SubjectID}, kyc.Page{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(listed, func(l kyc.Session) bool { return l.ID == s.ID })
	j := must[kyc.Journey](t)(b.Journey(ctx, tenant, x.session.ID))
	c := must[kyc.Case](t)(b.Case(ctx, tenant, x.review.ID))
	u := must[kyc.Upload](t)(b.Upload(ctx, tenant, x.upload.ID))
	exam := must[[]kyc.Exam](t)(b.Exams(ctx, tenant, x.session.ID))[0]
	_, again := b.ExamByInput(ctx, tenant, x.session.ID, "ocr", "h")
	words := must[[]kyc.Ruling](t)(b.Rulings(ctx, tenant, x.session.ID))[0].Words
	e := must[kyc.Execution](t)(b.Execution(ctx, tenant, x.session.ID))
	results, _, err := b.ProcessResults(ctx, tenant, kyc.ProcessFilter{ExecutionID: x.session.ID}, kyc.Page{})
	if err != nil || len(results) != 1 {
		t.Fatalf("%d results (%v)", len(results), err)
	}
	d, asked := must[kyc.Delivery](t)(b.Delivery(ctx, tenant, x.delivery.ID)), must[kyc.Delivery](t)(b.Delivery(ctx, tenant, x.asked.ID))
	_, file := b.Blob(ctx, tenant, x.session.SubjectID, x.blob)
	_, inputs := b.Inputs(ctx, tenant, x.run.ID)
	for what, err := range map[string]error{"file": file, "inputs": inputs} {
		if err != nil && !kyc.IsCode(err, "erased") {
			t.Errorf("%s: %v", what, err)
		}
	}
	said := false
	for _, w := range must[[]kyc.HitReview](t)(b.HitReviews(ctx, tenant, x.session.SubjectID)) {
		said = said || w.CaseID == x.review.ID && w.Private.Reason != ""
	}
	return map[string]bool{
		"session": s.Private.Fields != nil, "session in a list": listed[i].Private.Fields != nil, "journey": j.Private.Name != "", "case": c.Private.Decision != "",
		"note": must[[]kyc.Note](t)(b.Notes(ctx, tenant, x.review.ID))[0].Text != "", "upload": u.Readable(), "exam": len(exam.Answer.Fields) > 0, "exam by its input": again == nil,
		"ruling": words.Reason != "", "execution": e.Private.Comment != "", "process result": len(results[0].Private.Supplementary) > 0, "delivery": d.Attempts[0].Answer != "", "delivery of its case": asked.Attempts[0].Answer != "",
		"file": file == nil, "inputs": inputs == nil, "word on a hit": said,
	}
}

func (b *bench) allRead(t *testing.T, when string, x *full, want bool) {
	t.Helper()
	for what, can := range b.reads(t, x) {
		if can != want {
			t.Errorf("%s the %s can be read: %t", when, what, can)
		}
	}
}

// withheldSession says that nothing personal of a withheld session can be read,
// that a later write leaves it as it lies there, and that another session of the
// same person is not touched.
func withheldSession(t *testing.T, b *bench) {
	subject := b.subject(t)
	x, y := b.full(t, subject.ID), b.full(t, subject.ID)
	b.allRead(t, "before,", x, true)
	x.session.WithheldAt = b.clock.Now()
	x.session.Touch(b.clock.Now())
	b.put(t, x.session)
	b.allRead(t, "withheld,", x, false)
	b.allRead(t, "of another session,", y, true)
	if list := must[[]kyc.Transfer](t)(b.Transfers(b.ctx, b.tenant, x.session.ID)); !list[0].Unreadable || list[0].FileName != "" {
		t.Errorf("the name of a file can be read: %+v", list[0])
	}
	// What stays are ids, states and times.
	s := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, x.session.ID))
	if s.Status != kyc.SessionApproved || s.SubjectID != subject.ID || !s.Private.Unreadable || s.Readable() {
		t.Errorf("the session is %+v", s)
	}
	// Writes of what could not be read destroy nothing: only the mark hides it.
	j, c := must[kyc.Journey](t)(b.Journey(b.ctx, b.tenant, x.session.ID)), must[kyc.Case](t)(b.Case(b.ctx, b.tenant, x.review.ID))
	s.LegalHold, j.Language, c.Priority = true, "fr", 9
	for _, o := range []kyc.Object{&s, &j, &c} {
		o.Head().Touch(b.clock.Now())
	}
	b.put(t, &s, &j, &c)
	b.allRead(t, "after a write,", x, false)
	s = must[kyc.Session](t)(b.Session(b.ctx, b.tenant, x.session.ID))
	s.WithheldAt = time.Time{}
	s.Touch(b.clock.Now())
	b.put(t, &s)
	b.allRead(t, "without the mark,", x, true)
}

// wipedSession says that wiping a session destroys what was sealed of it, and
// nothing of another session under the same key.
func wipedSession(t *testing.T, b *bench) {
	subject := b.subject(t)
	x, y := b.full(t, subject.ID), b.full(t, subject.ID)
	x.session.RedactedAt, x.session.Private = b.clock.Now(), kyc.SessionData{}
	x.session.Touch(b.clock.Now())
	b.commit(t, kyc.Change{Put: []kyc.Object{x.session}, Remove: []kyc.Object{x.transfer}, Wipe: []kyc.Wipe{{Tenant: b.tenant, SessionID: x.session.ID, SubjectID: subject.ID}}})
	b.allRead(t, "wiped,", x, false)
	b.exec("UPDATE session SET kept = 0 WHERE id = '" + string(x.session.ID) + "'")
	for what, can := range b.reads(t, x) {
		if can && what != "upload" && what != "file" { // their bytes are deleted by a job
			t.Errorf("only the mark hid the %s", what)
		}
	}
	for _, z := range []*full{x, y} {
		left := 0
		if z == y {
			left = 1
		}
		id := string(z.session.ID)
		if n := len(must[[]kyc.Trait](t)(b.Traits(b.ctx, b.tenant, "email", []string{"h-" + id}))); n != left {
			t.Errorf("%d traits, want %d", n, left)
		}
		if n := len(must[[]kyc.Picture](t)(b.Pictures(b.ctx, b.tenant, []string{"b-" + id}))); n != left {
			t.Errorf("%d pictures, want %d", n, left)
		}
		if n := len(must[[]kyc.FaceTemplate](t)(b.FaceTemplates(b.ctx, b.tenant, kyc.FaceFilter{SessionID: z.session.ID}, "", 9))); n != left {
			t.Errorf("%d templates, want %d", n, left)
		}
	}
	b.allRead(t, "of another session,", y, true)
}
