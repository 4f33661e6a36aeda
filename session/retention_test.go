package session

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/memory"
)

func (m *memoryStore) SessionsDue(_ context.Context, t kyc.Tenant, f kyc.RetentionFilter, limit int) ([]kyc.Session, error) {
	out, _ := memory.All(m.Store, t, kyc.Page{}, func(s kyc.Session) bool {
		end := s.EndedAt()
		later := end.After(f.AfterEnd) || end.Equal(f.AfterEnd) && s.ID > f.AfterID
		return s.Status == f.Status && s.Keeping() != kyc.KeptNot && (s.Keeping() == kyc.KeptWithheld) == f.Withheld && s.LegalHold == f.Held && !end.After(f.Until) && later
	})
	slices.SortFunc(out, func(a, b kyc.Session) int { return cmp.Or(a.EndedAt().Compare(b.EndedAt()), cmp.Compare(a.ID, b.ID)) })
	for i := range out {
		if slices.Contains(m.damaged, out[i].ID) {
			out[i].Damage()
		}
	}
	return out[:min(limit, len(out))], nil
}

// Subject is one that can be opened, or an error as the store's.
func (m *memoryStore) Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error) {
	if slices.Contains(m.damaged, id) {
		return kyc.Subject{}, kyc.Errorf(kyc.Internal, "sealed_broken", "what is stored here cannot be opened")
	}
	return m.Store.Subject(ctx, t, id)
}

func (m *memoryStore) CountSessionsDue(ctx context.Context, t kyc.Tenant, f kyc.RetentionFilter) (int, error) {
	list, err := m.SessionsDue(ctx, t, f, 1<<20)
	return len(list), err
}

func (m *memoryStore) RetentionState(_ context.Context, t kyc.Tenant) (kyc.RetentionState, error) {
	return memory.Get[kyc.RetentionState](m.Store, t, kyc.RetentionStateID(t))
}

func (m *memoryStore) PeopleToLookAt(_ context.Context, t kyc.Tenant, now time.Time, limit int) ([]kyc.Subject, error) {
	out, _ := memory.All(m.Store, t, kyc.Page{}, func(s kyc.Subject) bool { return !s.LookAt.IsZero() && !s.LookAt.After(now) })
	for i := range out {
		out[i].Damaged = slices.Contains(m.damaged, out[i].ID)
	}
	return out[:min(limit, len(out))], nil
}

func (m *memoryStore) LookAgain(_ context.Context, _ kyc.Tenant, subject kyc.ID, at time.Time) error {
	memory.Edit(m.Store, subject, func(s *kyc.Subject) { s.LookAt = at })
	return nil
}

func (m *memoryStore) ForgetAnswers(context.Context, kyc.Tenant, []kyc.ID) error { return nil }

const day = 24 * time.Hour

// rules puts rules into force.
func (b *bench) rules(t *testing.T, r kyc.Retention) {
	t.Helper()
	org, err := b.store.Org(t.Context(), b.live.Org)
	if err != nil {
		t.Fatal(err)
	}
	s := kyc.DefaultSettings()
	s.Retention = r
	org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: s}
	org.Touch(*b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		t.Fatal(err)
	}
}

// over is a session of a person that ended some days ago.
func (b *bench) over(t *testing.T, w kyc.Workflow, ref string, status kyc.SessionStatus, days int) kyc.Session {
	t.Helper()
	link, err := b.sessions.Create(t.Context(), b.live, b.key, NewSession{WorkflowID: w.ID, ExternalRef: ref, Fields: map[string]any{"last_name": "Secret"}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.store.Session(t.Context(), b.live, link.Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.Status = status
	if status.Ended() {
		s.CompletedAt = b.now.Add(-time.Duration(days) * day)
	}
	s.Touch(*b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bench) sweep(t *testing.T, want Swept) {
	t.Helper()
	if got, err := b.sessions.SweepRetention(t.Context()); err != nil || got != want {
		t.Errorf("the sweep did %+v (%v), want %+v", got, err, want)
	}
}

func (b *bench) kept(t *testing.T, what string, s kyc.Session, want kyc.Keeping) kyc.Session {
	t.Helper()
	got, err := b.store.Session(t.Context(), b.live, s.ID)
	if err != nil || got.Keeping() != want {
		t.Errorf("%s: it is kept as %d, want %d (%v)", what, got.Keeping(), want, err)
	}
	return got
}

// nobody needs anybody.
func nobody(context.Context, *kyc.Subject) (string, error) { return "", nil }

func TestNothingGoesWithoutRules(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed = nobody
	w := b.published(t, b.live, "KYC")
	s := b.over(t, w, "u", kyc.SessionApproved, 30000)
	b.sweep(t, Swept{})
	b.rules(t, kyc.Retention{Auto: true}) // days are what counts
	b.sweep(t, Swept{})
	b.kept(t, "without rules", s, kyc.KeptReadable)
}

func TestTwoPassesByOutcome(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed = nobody
	w := b.published(t, b.live, "KYC")
	approved, rejected, expired := b.over(t, w, "a", kyc.SessionApproved, 40), b.over(t, w, "r", kyc.SessionRejected, 40), b.over(t, w, "e", kyc.SessionExpired, 40)
	young := b.over(t, w, "y", kyc.SessionApproved, 29)
	under := map[kyc.SessionStatus]kyc.Session{}
	for _, status := range []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCaptured, kyc.SessionRunning, kyc.SessionPaused, kyc.SessionReview, kyc.SessionCorrection} {
		under[status] = b.over(t, w, string(status), status, 400)
	}
	held := b.over(t, w, "h", kyc.SessionApproved, 400)
	hold := true
	if _, err := b.sessions.Patch(t.Context(), b.live, b.key, held.ID, 0, Patch{LegalHold: &hold}); err != nil {
		t.Fatal(err)
	}
	rules := kyc.Retention{Days: 90, SensitiveDays: 30, Auto: true, Rejected: &kyc.RetentionRule{Days: 900}, Abandoned: &kyc.RetentionRule{Days: 35, SensitiveDays: 10}}
	due, err := b.sessions.RetentionDue(t.Context(), b.live, rules)
	if want := (Kept{Withhold: 1, Destroy: 1, Held: 1}); err != nil || due != want {
		t.Errorf("%+v would be due (%v), want %+v", due, err, want)
	}
	b.rules(t, rules)
	b.sweep(t, Swept{Withheld: 1, Destroyed: 1, People: 1})
	first := b.kept(t, "approved", approved, kyc.KeptWithheld)
	if first.TokenHash != "" || first.CompletedAt != approved.CompletedAt || first.Private.Fields["last_name"] != "Secret" {
		t.Errorf("the first pass destroyed or left too much: %+v", first)
	}
	if gone := b.kept(t, "abandoned", expired, kyc.KeptNot); gone.Private.Fields != nil || gone.ExternalRef != "" {
		t.Errorf("the second pass left %+v", gone)
	}
	b.kept(t, "rejected, with days of its own", rejected, kyc.KeptReadable)
	b.kept(t, "not yet", young, kyc.KeptReadable)
	b.kept(t, "held", held, kyc.KeptReadable)
	for status, s := range under {
		b.kept(t, string(status), s, kyc.KeptReadable)
	}
	if got := b.heard(approved.ID); slices.Contains(got, "session.retention-expired") {
		t.Errorf("the first pass is told as %v", got)
	}
	if got := b.heard(expired.ID); got[len(got)-1] != "session.retention-expired" {
		t.Errorf("the second pass is told as %v", got)
	}
	b.sweep(t, Swept{}) // nothing twice

	*b.now = b.now.Add(50 * day)
	b.sweep(t, Swept{Withheld: 1, Destroyed: 1, People: 1}) // young, approved
	b.kept(t, "approved", approved, kyc.KeptNot)
	if !slices.Contains(b.store.Erased, approved.SubjectID) || len(b.store.Wiped) != 2 {
		t.Errorf("erased %v, wiped %v", b.store.Erased, b.store.Wiped)
	}
	if e := b.lastOf(approved.ID); e.Action != "session.retention_expire" || e.Before == "" || e.After == "" || e.Before == e.After || e.Actor != kyc.SystemActor("retention") {
		t.Errorf("the audit chain says %+v", e)
	}
	// A withheld session can be held, and is not destroyed then.
	if _, err := b.sessions.Patch(t.Context(), b.live, b.key, young.ID, 0, Patch{LegalHold: &hold}); err != nil {
		t.Error(err)
	}
	*b.now = b.now.Add(500 * day)
	b.sweep(t, Swept{})
	b.kept(t, "withheld and held", young, kyc.KeptWithheld)
	waits, err := b.sessions.RetentionWaits(t.Context(), b.live, 10)
	if err != nil || len(waits) != 2 || waits[0].ID != held.ID || waits[1].ID != young.ID {
		t.Errorf("%d wait (%v)", len(waits), err)
	}
}

func (b *bench) lastOf(id kyc.ID) kyc.Event {
	for _, e := range slices.Backward(b.store.Log) {
		if e.ObjectID == id {
			return e
		}
	}
	return kyc.Event{}
}

// What cannot be opened is left as it is and told of; the others go.
func TestSweepLeavesWhatIsDamaged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed = nobody
	w := b.published(t, b.live, "KYC")
	var all []kyc.Session
	for i := range 4 {
		all = append(all, b.over(t, w, string(rune('a'+i)), kyc.SessionApproved, 40+i))
	}
	b.store.damaged = []kyc.ID{all[1].ID, all[2].SubjectID}
	b.rules(t, kyc.Retention{Days: 30, Auto: true})
	// all[2] can be opened, and the person it belongs to cannot.
	b.sweep(t, Swept{Destroyed: 2, People: 2, Damaged: 2})
	b.kept(t, "before a damaged one", all[0], kyc.KeptNot)
	b.kept(t, "behind a damaged one", all[3], kyc.KeptNot)
	for _, s := range all[1:3] {
		if got := b.kept(t, "damaged", s, kyc.KeptReadable); got.Private.Fields["last_name"] != "Secret" {
			t.Errorf("it was written over: %+v", got)
		}
	}
	how, err := b.sessions.RetentionSweep(t.Context(), b.live)
	if err != nil || len(how.Damaged) != 2 || how.Damaged[0].Kind != "session" || b.now.Sub(how.Damaged[0].Since) > time.Second {
		t.Fatalf("%+v, %v", how, err)
	}
	first := how.Damaged[1].Since
	*b.now = b.now.Add(time.Hour)
	b.sweep(t, Swept{Damaged: 2})
	if how, err = b.sessions.RetentionSweep(t.Context(), b.live); err != nil || len(how.Damaged) != 2 || !how.Damaged[1].Since.Equal(first) {
		t.Errorf("an hour later: %+v, %v", how, err)
	}
	// What was restored from a backup goes like any other.
	b.store.damaged = nil
	b.sweep(t, Swept{Destroyed: 2, People: 2})
	if how, err = b.sessions.RetentionSweep(t.Context(), b.live); err != nil || len(how.Damaged) != 0 {
		t.Errorf("after it was restored: %+v, %v", how, err)
	}
}

func TestWithoutAutoNothingIsDestroyed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed = nobody
	w := b.published(t, b.live, "KYC")
	s := b.over(t, w, "u", kyc.SessionApproved, 100)
	b.rules(t, kyc.Retention{Days: 90, SensitiveDays: 95})
	r := kyc.Retention{Days: 90, SensitiveDays: 30}
	b.rules(t, r)
	if due, err := b.sessions.RetentionDue(t.Context(), b.live, r); err != nil || due != (Kept{Withhold: 1, Waiting: 1}) {
		t.Errorf("%+v (%v)", due, err)
	}
	b.sweep(t, Swept{Withheld: 1})
	b.kept(t, "waiting", s, kyc.KeptWithheld)
	if waits, err := b.sessions.RetentionWaits(t.Context(), b.live, 10); err != nil || len(waits) != 1 || waits[0].ID != s.ID {
		t.Errorf("%d wait (%v)", len(waits), err)
	}
	r.Auto = true
	b.rules(t, r)
	if waits, err := b.sessions.RetentionWaits(t.Context(), b.live, 10); err != nil || len(waits) != 0 {
		t.Errorf("%d wait for what the sweep takes (%v)", len(waits), err)
	}
	b.sweep(t, Swept{Destroyed: 1, People: 1})
}

func TestWhatChangesMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed = nobody
	w := b.published(t, b.live, "KYC")
	s := b.over(t, w, "u", kyc.SessionApproved, 100)
	other := b.over(t, w, "o", kyc.SessionApproved, 99)
	b.rules(t, kyc.Retention{Days: 90, Auto: true})
	b.store.Between = func() { // it is processed again while the sweep prepares
		moved, err := b.store.Session(t.Context(), b.live, s.ID)
		if err == nil {
			err = moved.Move(kyc.SessionRunning, *b.now)
		}
		moved.Touch(*b.now)
		if err = errors.Join(err, b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&moved}})); err != nil {
			t.Error(err)
		}
	}
	b.sweep(t, Swept{Destroyed: 1, People: 1})
	b.kept(t, "taken up again", s, kyc.KeptReadable)
	b.kept(t, "the next one", other, kyc.KeptNot)
}

// Rules that are taken back while a sweep follows them stop it at the next page.
func TestASweepEndsWithItsRules(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed = nobody
	w := b.published(t, b.live, "KYC")
	for range 2*retentionPage + 1 {
		b.over(t, w, "", kyc.SessionApproved, 100)
	}
	b.over(t, w, "", kyc.SessionRejected, 100)
	b.rules(t, kyc.Retention{Days: 90, Auto: true})
	b.store.Between = func() { // the note of the clock
		b.store.Between = func() { b.rules(t, kyc.Retention{Days: 900, Auto: true}) }
	}
	b.sweep(t, Swept{Destroyed: retentionPage, People: retentionPage})
}

func TestASweepGoesThroughAllPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed = nobody
	w := b.published(t, b.live, "KYC")
	first := b.over(t, w, "first", kyc.SessionApproved, 120)
	for range retentionPage + 3 {
		b.over(t, w, "", kyc.SessionApproved, 100)
	}
	// One that cannot be destroyed now does not stand in the way of the others.
	if err := b.store.Commit(t.Context(), &kyc.Change{Remove: []kyc.Object{&kyc.Subject{Meta: kyc.Meta{ID: first.SubjectID}}}}); err != nil {
		t.Fatal(err)
	}
	b.rules(t, kyc.Retention{Days: 90, Auto: true})
	b.sweep(t, Swept{Destroyed: retentionPage + 3, People: retentionPage + 3})
}

func TestNothingIsReadOfWhatIsWithheld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.published(t, b.live, "KYC")
	s := b.over(t, w, "u", kyc.SessionApproved, 100)
	b.rules(t, kyc.Retention{SensitiveDays: 90})
	b.sweep(t, Swept{Withheld: 1})
	_, err := b.sessions.Export(t.Context(), b.live, b.key, s.ID)
	wantCode(t, err, kyc.Conflict, "redacted")
	_, err = b.sessions.Patch(t.Context(), b.live, b.key, s.ID, 0, Patch{Metadata: map[string]any{"a": 1}})
	wantCode(t, err, kyc.Conflict, "redacted")
	_, err = b.sessions.Resume(t.Context(), b.live, b.key, s.ID)
	wantCode(t, err, kyc.Conflict, "redacted")
	if r, err := b.sessions.Redact(t.Context(), b.live, b.key, s.ID); err != nil || r.Status != "deleted" {
		t.Errorf("it cannot be erased by hand: %+v %v", r, err)
	}
}

// What the first pass withholds can be made readable again until the second has
// its turn, for a reason the audit chain keeps, and is held from then on.
func TestWhatIsWithheldIsRestored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sessions.d.Needed = nobody
	w := b.published(t, b.live, "KYC")
	young, old, gone := b.over(t, w, "y", kyc.SessionApproved, 40), b.over(t, w, "o", kyc.SessionApproved, 80), b.over(t, w, "g", kyc.SessionApproved, 100)
	rules := kyc.Retention{Days: 90, SensitiveDays: 30, Auto: true}
	b.rules(t, rules)
	restore := func(s kyc.Session, reason string) error {
		t.Helper()
		_, err := b.sessions.Restore(t.Context(), b.live, b.key, s.ID, 0, reason)
		return err
	}
	refuses := func(err error, code string) {
		t.Helper()
		if !kyc.IsCode(err, code) {
			t.Errorf("%v, want %s", err, code)
		}
	}
	refuses(restore(young, "too early"), "not_withheld")
	b.sweep(t, Swept{Withheld: 2, Destroyed: 1, People: 1})
	refuses(restore(young, " "), "invalid_restoration")
	refuses(restore(gone, "why"), "redacted")
	if err := restore(young, "the days were wrong"); err != nil {
		t.Fatal(err)
	}
	got := b.kept(t, "restored", young, kyc.KeptReadable)
	if !got.LegalHold || got.TokenHash != "" || got.Private.Fields["last_name"] != "Secret" {
		t.Errorf("restored it is %+v", got)
	}
	b.sweep(t, Swept{})
	said := 0
	for _, e := range b.store.Log {
		if e.Action == "session.restore" && e.ObjectID == young.ID && e.Reason == "the days were wrong" && e.Actor == b.key && e.Before != "" && e.Before != e.After {
			said++
		}
	}
	if said != 1 {
		t.Errorf("the audit chain says it %d times", said)
	}
	*b.now = b.now.Add(11 * day) // the second pass is due, though it did not come yet
	refuses(restore(old, "too late"), "retention_over")
	rules.Days = 900
	b.rules(t, rules)
	if err := restore(old, "longer days"); err != nil {
		t.Error(err)
	}
	if _, err := b.sessions.Restore(t.Context(), kyc.Tenant{Org: b.live.Org, Env: kyc.Sandbox}, b.key, old.ID, 0, "elsewhere"); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("in another environment: %v", err)
	}
}
