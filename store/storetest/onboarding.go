package storetest

import (
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// journey is the way of a new session of surface A, not stored yet.
func (b *bench) journey(s *kyc.Session) *kyc.Journey {
	now := b.clock.Now()
	correction := kyc.Correction{ID: b.id(), Round: 1, StepID: "documents", Code: "blurred", Status: kyc.CorrectionOpen, CreatedAt: now, By: kyc.SystemActor("test")}
	j := &kyc.Journey{Meta: kyc.Meta{ID: s.ID, Tenant: s.Tenant}, SubjectID: s.SubjectID, Language: "de",
		Steps:       []kyc.StepState{{StepID: "documents", Status: kyc.StepCompleted, StartedAt: now, CompletedAt: now}, {StepID: "form", Status: kyc.StepPending, Hidden: true}},
		Liveness:    []kyc.LivenessTry{{ID: b.id(), StepID: "live", Challenge: "turn", CreatedAt: now, Confidence: 93.5, Passed: true}},
		Corrections: []kyc.Correction{correction},
		Consents:    []kyc.Consented{{ID: b.id(), Kind: "biometrics", TextHash: "00", At: now, Given: true}},
		Private: kyc.JourneyData{Name: "Ada", Email: "ada@example.org", Messages: map[kyc.ID]string{correction.ID: "the picture of Ada is blurred"},
			Superseded: []kyc.OldValues{{StepID: "form", Values: map[string]any{"full_name": "Eve"}, At: now}},
			Warnings:   map[string][]kyc.Problem{"form": {{Path: "/email", Code: "disposable", Message: "m"}}}}}
	j.Touch(now)
	return j
}

// steps is a session of surface A with its journey, both stored.
func (b *bench) steps(t *testing.T, subject kyc.ID, change func(*kyc.Session, *kyc.Journey)) (*kyc.Session, *kyc.Journey) {
	t.Helper()
	s := b.session(subject)
	s.Surface = kyc.SurfaceSteps
	j := b.journey(s)
	if change != nil {
		change(s, j)
	}
	b.put(t, s, j)
	return s, j
}

func (b *bench) transfer(s *kyc.Session, expires time.Time) *kyc.Transfer {
	return &kyc.Transfer{Meta: b.meta(), SessionID: s.ID, SubjectID: s.SubjectID, StepID: "documents", DocumentType: "id", Side: "front", ContentType: "image/png",
		Size: 3, SHA256: "00", BlobKey: "k", ExpiresAt: expires, FileName: "ada-lovelace.png"}
}

func (b *bench) exam(s *kyc.Session, policy, hash string) *kyc.Exam {
	score := 0.93
	return &kyc.Exam{Meta: b.meta(), SessionID: s.ID, SubjectID: s.SubjectID, StepID: "documents", Policy: policy, InputHash: hash,
		Answer: kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: &score, Fields: []kyc.Field{{Name: "last_name", Value: "Lovelace", Source: "mrz"}}, Provider: "test"}}
}

func (b *bench) ruling(s *kyc.Session, final string) *kyc.Ruling {
	return &kyc.Ruling{Meta: b.meta(), SessionID: s.ID, SubjectID: s.SubjectID, From: kyc.SessionReview, To: kyc.SessionApproved, Final: final, Source: "reviewer",
		By: kyc.SystemActor("test"), Words: kyc.RulingWords{Reason: "the face is Ada's", Notes: "called her"}}
}

func journeys(t *testing.T, b *bench) {
	subject := b.subject(t)
	session, journey := b.steps(t, subject.ID, nil)
	got := must[kyc.Journey](t)(b.Journey(b.ctx, b.tenant, session.ID))
	same(t, "journey", got, journey)
	same(t, "private", got.Private, journey.Private)

	// The session and its journey change together, or neither does.
	stale := *journey
	session.Status = kyc.SessionCapturing
	session.Touch(b.clock.Now())
	journey.Step("form").Status = kyc.StepInProgress
	journey.Private = kyc.JourneyData{}
	journey.Touch(b.clock.Now())
	b.put(t, session, journey)
	if got = must[kyc.Journey](t)(b.Journey(b.ctx, b.tenant, session.ID)); got.Rev != 2 || got.Private.Name != "" || got.Private.Unreadable {
		t.Errorf("after a change %+v", got)
	}
	stale.Touch(b.clock.Now())
	session.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{session, &stale}}), "concurrent_change")
	if s := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, session.ID)); s.Rev != 2 {
		t.Errorf("the session is at revision %d", s.Rev)
	}
	moved := *journey
	moved.ParentID = b.id()
	moved.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&moved}}), "concurrent_change") // its parent is fixed

	var children []kyc.ID
	for range 3 {
		b.clock.Advance(time.Second)
		s, _ := b.steps(t, b.subject(t).ID, func(_ *kyc.Session, j *kyc.Journey) { j.ParentID, j.ParentStep, j.Depth = session.ID, "ubos", 1 })
		children = append(children, s.ID)
	}
	var ids []kyc.ID
	for _, j := range must[[]kyc.Journey](t)(b.Journeys(b.ctx, b.tenant, session.ID)) {
		ids = append(ids, j.ID)
		if j.ParentStep != "ubos" || j.Private.Email != "ada@example.org" {
			t.Errorf("subsession %+v", j)
		}
	}
	if !slices.Equal(ids, children) {
		t.Errorf("subsessions %v, want %v", ids, children)
	}
	if none := must[[]kyc.Journey](t)(b.Journeys(b.ctx, b.tenant, "")); len(none) != 0 {
		t.Errorf("%d journeys have an empty parent", len(none))
	}
	ids = nil
	for _, j := range must[[]kyc.Journey](t)(b.JourneysOf(b.ctx, b.tenant, []kyc.ID{children[1], b.id(), session.ID})) {
		ids = append(ids, j.ID)
	}
	if !slices.Equal(ids, []kyc.ID{session.ID, children[1]}) {
		t.Errorf("journeys of sessions: %v", ids)
	}
	if none := must[[]kyc.Journey](t)(b.JourneysOf(b.ctx, b.tenant, nil)); len(none) != 0 {
		t.Error("no session has a journey")
	}
}

func transfers(t *testing.T, b *bench) {
	now := b.clock.Now()
	session, _ := b.steps(t, b.subject(t).ID, nil)
	late, later, arrived, early := b.transfer(session, now.Add(time.Minute)), b.transfer(session, now.Add(2*time.Minute)), b.transfer(session, now), b.transfer(session, now)
	arrived.ReceivedAt, arrived.UploadID = now, b.id()
	foreign := b.transfer(session, now)
	foreign.Tenant, foreign.SubjectID = kyc.Tenant{Org: b.id(), Env: kyc.Sandbox}, ""
	b.put(t, late, later, arrived, early, foreign)
	got := must[kyc.Transfer](t)(b.Transfer(b.ctx, b.tenant, arrived.ID))
	same(t, "transfer", got, arrived)
	if got.FileName != arrived.FileName {
		t.Errorf("file name %q", got.FileName)
	}
	if all := must[[]kyc.Transfer](t)(b.Transfers(b.ctx, b.tenant, session.ID)); len(all) != 4 {
		t.Errorf("%d transfers", len(all))
	}
	due := func(at time.Time, limit int, want ...*kyc.Transfer) {
		t.Helper()
		var got, wanted []kyc.ID
		for _, x := range must[[]kyc.Transfer](t)(b.TransfersDue(b.ctx, at, limit)) {
			got = append(got, x.ID)
		}
		for _, x := range want {
			wanted = append(wanted, x.ID)
		}
		slices.Sort(got)
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			t.Errorf("%d transfers are due, want %d", len(got), len(want))
		}
	}
	due(now.Add(-time.Second), 10)
	due(now, 10, early, foreign) // of all tenants, without those that arrived
	due(now.Add(time.Minute), 10, early, foreign, late)
	b.commit(t, kyc.Change{Remove: []kyc.Object{early, foreign}})
	due(now.Add(time.Hour), 1, late)
	later.ReceivedAt, later.UploadID = now, b.id()
	later.Touch(now)
	b.put(t, later)
	due(now.Add(time.Hour), 10, late)
}

// evidence says that exams and rulings are written once.
func evidence(t *testing.T, b *bench) {
	session, _ := b.steps(t, b.subject(t).ID, nil)
	first := b.exam(session, "document_set", "aa")
	ruling := b.ruling(session, "approved")
	b.put(t, first, ruling)
	b.clock.Advance(time.Second)
	second, other, another := b.exam(session, "document_set", "aa"), b.exam(session, "document_set", "bb"), b.exam(session, "liveness", "aa")
	reversal := b.ruling(session, "rejected")
	reversal.Supersedes, reversal.Override = ruling.ID, true
	b.put(t, second, other, another, reversal)

	got := must[kyc.Exam](t)(b.Exam(b.ctx, b.tenant, first.ID))
	same(t, "exam", got, first)
	same(t, "answer", got.Answer, first.Answer)
	exams := must[[]kyc.Exam](t)(b.Exams(b.ctx, b.tenant, session.ID))
	if len(exams) != 4 || exams[0].ID != first.ID {
		t.Errorf("%d exams, the first is %s", len(exams), exams[0].ID)
	}
	found := must[kyc.Exam](t)(b.ExamByInput(b.ctx, b.tenant, session.ID, "document_set", "aa"))
	same(t, "exam by input", found, second)
	same(t, "its answer", found.Answer, second.Answer)
	for name, ask := range map[string][3]string{"session": {string(b.id()), "document_set", "aa"}, "policy": {string(session.ID), "ocr", "aa"}, "hash": {string(session.ID), "document_set", "cc"}} {
		if _, err := b.ExamByInput(b.ctx, b.tenant, kyc.ID(ask[0]), ask[1], ask[2]); kyc.KindOf(err) != kyc.NotFound {
			t.Errorf("an exam of another %s was found (%v)", name, err)
		}
	}
	rulings := must[[]kyc.Ruling](t)(b.Rulings(b.ctx, b.tenant, session.ID))
	same(t, "rulings", rulings, []*kyc.Ruling{ruling, reversal})
	same(t, "words", rulings[0].Words, ruling.Words)

	for name, o := range map[string]kyc.Object{"exam": first, "ruling": ruling} {
		again, twice := o.Head(), *o.Head()
		want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{o}}), "concurrent_change")
		again.Touch(b.clock.Now())
		if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{o}}); !kyc.IsCode(err, "written_once") || kyc.KindOf(err) != kyc.Conflict {
			t.Errorf("a second revision of an %s: %v", name, err)
		}
		*again = twice
		want(t, b.Commit(b.ctx, &kyc.Change{Remove: []kyc.Object{o}}), "written_once")
	}
	fresh := b.exam(session, "ocr", "dd")
	fresh.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{fresh}}), "written_once") // not even inserted at revision 2
	same(t, "exam", must[kyc.Exam](t)(b.Exam(b.ctx, b.tenant, first.ID)), first)
}

func eraseJourney(t *testing.T, b *bench) {
	subject, other := b.subject(t), b.subject(t)
	session, journey := b.steps(t, subject.ID, nil)
	kept, _ := b.steps(t, other.ID, nil)
	transfer, exam, ruling := b.transfer(session, b.clock.Now()), b.exam(session, "ocr", "aa"), b.ruling(session, "approved")
	b.put(t, transfer, exam, ruling, b.exam(kept, "ocr", "aa"))
	journey.Touch(b.clock.Now())
	b.eraseSubject(t, subject.ID, nil, journey)

	check := func() {
		t.Helper()
		j := must[kyc.Journey](t)(b.Journey(b.ctx, b.tenant, session.ID))
		same(t, "journey", j.Private, kyc.JourneyData{Unreadable: true})
		if len(j.Steps) != 2 || len(j.Consents) != 1 {
			t.Errorf("the tombstone is %+v", j)
		}
		x := must[kyc.Transfer](t)(b.Transfer(b.ctx, b.tenant, transfer.ID))
		if !x.Unreadable || x.FileName != "" || x.SHA256 != "00" {
			t.Errorf("transfer %+v", x)
		}
		e := must[[]kyc.Exam](t)(b.Exams(b.ctx, b.tenant, session.ID))[0]
		if !e.Unreadable || e.Answer.Status != "" || e.Answer.Fields != nil || e.InputHash != "aa" {
			t.Errorf("exam %+v", e)
		}
		r := must[[]kyc.Ruling](t)(b.Rulings(b.ctx, b.tenant, session.ID))[0]
		same(t, "words", r.Words, kyc.RulingWords{Unreadable: true})
		if r.Final != "approved" {
			t.Errorf("ruling %+v", r)
		}
	}
	check()
	_, err := b.ExamByInput(b.ctx, b.tenant, session.ID, "ocr", "aa")
	want(t, err, "not_found")

	// Nothing personal comes back with a later write.
	b.clock.Advance(time.Second)
	journey.Private = kyc.JourneyData{Name: "Ada"}
	journey.Touch(b.clock.Now())
	tomb := must[kyc.Transfer](t)(b.Transfer(b.ctx, b.tenant, transfer.ID))
	tomb.Touch(b.clock.Now())
	b.put(t, journey, &tomb, b.exam(session, "later", "bb"))
	check()
	if e := must[kyc.Exam](t)(b.ExamByInput(b.ctx, b.tenant, kept.ID, "ocr", "aa")); e.Answer.Verdict != kyc.Pass {
		t.Error("another subject was erased too")
	}
}

func stepsLists(t *testing.T, b *bench) {
	subject := b.subject(t)
	graph := b.session(subject.ID)
	graph.Result, graph.ReasonCode = kyc.Approved, `auto"deny`
	b.put(t, graph)
	parent, _ := b.steps(t, subject.ID, func(s *kyc.Session, _ *kyc.Journey) { s.Result, s.ReasonCode = kyc.Rejected, "auto_deny" })
	for i := range 4 {
		b.clock.Advance(time.Second)
		b.steps(t, b.subject(t).ID, func(s *kyc.Session, j *kyc.Journey) {
			j.ParentID, s.Result = parent.ID, kyc.Approved
			s.Tags, s.ExternalRef = []string{"result", "rejected"}, `"result":"rejected"` // must not look like a result
			if i == 0 {
				j.ArchivedAt = b.clock.Now()
			}
		})
	}
	archived, journey := b.steps(t, subject.ID, func(_ *kyc.Session, j *kyc.Journey) { j.ArchivedAt = b.clock.Now() })
	for name, c := range map[string]struct {
		filter kyc.SessionFilter
		want   int
	}{
		"all":                {kyc.SessionFilter{}, 7},
		"of a person":        {kyc.SessionFilter{SubjectID: subject.ID}, 3}, // an erasure must see the archived one
		"surface":            {kyc.SessionFilter{Surface: kyc.SurfaceSteps}, 4},
		"with archived":      {kyc.SessionFilter{Surface: kyc.SurfaceSteps, Archived: true}, 6},
		"graph":              {kyc.SessionFilter{Surface: kyc.SurfaceGraph}, 1},
		"parent":             {kyc.SessionFilter{ParentID: parent.ID}, 3},
		"parent, archived":   {kyc.SessionFilter{ParentID: parent.ID, Archived: true}, 4},
		"no such parent":     {kyc.SessionFilter{ParentID: archived.ID}, 0},
		"result":             {kyc.SessionFilter{Result: kyc.Approved}, 5},
		"result of steps":    {kyc.SessionFilter{Surface: kyc.SurfaceSteps, Result: kyc.Approved}, 3},
		"rejected":           {kyc.SessionFilter{Result: kyc.Rejected}, 1},
		"case of letters":    {kyc.SessionFilter{Result: "Rejected"}, 0},
		"reason":             {kyc.SessionFilter{ReasonCode: "auto_deny"}, 1},
		"part of a reason":   {kyc.SessionFilter{ReasonCode: "auto"}, 0},
		"literal underscore": {kyc.SessionFilter{ReasonCode: "auto_den_"}, 0},
		"quoted reason":      {kyc.SessionFilter{ReasonCode: `auto"deny`}, 1},
		"reason and parent":  {kyc.SessionFilter{ReasonCode: "auto_deny", ParentID: parent.ID}, 0},
	} {
		found, total, err := b.Sessions(b.ctx, b.tenant, c.filter, kyc.Page{})
		if err != nil || total != c.want || len(found) != c.want {
			t.Errorf("%s: %d of %d, want %d (%v)", name, len(found), total, c.want, err)
		}
	}
	// Surface B has journeys, too.
	b.steps(t, subject.ID, func(s *kyc.Session, _ *kyc.Journey) { s.Surface = kyc.SurfaceChecks })
	b.steps(t, subject.ID, func(s *kyc.Session, j *kyc.Journey) { s.Surface, j.ArchivedAt = kyc.SurfaceChecks, b.clock.Now() })
	for archived, want := range map[bool]int{false: 1, true: 2} {
		if _, n, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{Surface: kyc.SurfaceChecks, Archived: archived}, kyc.Page{}); n != want || err != nil {
			t.Errorf("%d sessions of surface B, want %d (%v)", n, want, err)
		}
	}
	// Restored from the archive it is back in the list.
	journey.ArchivedAt = time.Time{}
	journey.Touch(b.clock.Now())
	b.put(t, journey)
	if _, n, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{Surface: kyc.SurfaceSteps}, kyc.Page{Limit: 1}); n != 5 || err != nil {
		t.Errorf("%d sessions (%v)", n, err)
	}
	// The sweep of lapsed links sees every open state.
	end := b.clock.Now().Add(time.Minute)
	open := []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCorrection}
	for _, status := range append(slices.Clone(open), kyc.SessionApproved) {
		b.steps(t, subject.ID, func(s *kyc.Session, j *kyc.Journey) { s.Status, s.ExpiresAt, j.ArchivedAt = status, end, end })
	}
	if found, _, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{Status: open, ExpiresBefore: end.Add(time.Second)}, kyc.Page{}); len(found) != 3 || err != nil {
		t.Errorf("%d links lapse (%v)", len(found), err)
	}
}
