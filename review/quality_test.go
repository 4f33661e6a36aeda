package review

import (
	"context"
	"errors"
	"slices"
	"testing"

	"bonafide/kyc"
)

// sampled sets the share of cases that are looked at again.
func (b *bench) sampled(q kyc.QualityShares, queues ...kyc.ReviewQueue) {
	s := kyc.DefaultSettings()
	s.Quality, s.Queues = q, queues
	b.store.org.Settings = map[kyc.Env]kyc.Settings{b.t.Env: s}
}

func user(u kyc.User) kyc.Actor { return kyc.Actor{Kind: kyc.ActorUser, ID: string(u.ID)} }

// decided is a case that ben rejected.
func (b *bench) decided(t *testing.T) kyc.Case {
	t.Helper()
	c := b.waiting(t, kyc.Filing{})
	got, err := b.desk.Decide(t.Context(), b.t, user(b.ben), c.ID, 0, Word{Outcome: kyc.Rejected, Reason: "document_forged: the photo"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestDecidedCasesAreDrawnByTheShareInForce(t *testing.T) {
	t.Parallel()
	all, none := 100.0, 0.0
	for name, c := range map[string]struct {
		shares kyc.QualityShares
		queue  kyc.ReviewQueue
		mark   string // of the case; the first of all where empty
		state  kyc.QualityState
		share  float64
	}{
		"no share":                 {},
		"all":                      {shares: kyc.QualityShares{Share: 100}, state: kyc.QualityWaiting, share: 100, mark: "ffffffffffffffff"},
		"not among a half":         {shares: kyc.QualityShares{Share: 50}, share: 50, mark: "8000000000000000"},
		"the last of a half":       {shares: kyc.QualityShares{Share: 50}, state: kyc.QualityWaiting, share: 50, mark: "7fffffffffffffff"},
		"rejections alone":         {shares: kyc.QualityShares{Rejections: &all}, state: kyc.QualityWaiting, share: 100},
		"approvals alone":          {shares: kyc.QualityShares{Approvals: &all}},
		"the queue's own":          {shares: kyc.QualityShares{Share: 1}, queue: kyc.ReviewQueue{Name: "default", Quality: &kyc.QualityShares{Share: 20}}, state: kyc.QualityWaiting, share: 20, mark: "2000000000000000"},
		"the queue's own, nothing": {shares: kyc.QualityShares{Share: 100}, queue: kyc.ReviewQueue{Name: "default", Quality: &kyc.QualityShares{Rejections: &none}}},
	} {
		b := setup(t)
		b.sampled(c.shares, c.queue)
		w := b.waiting(t, kyc.Filing{})
		b.store.marks = map[string]string{}
		if c.mark != "" {
			b.store.marks[string(w.ID)] = c.mark
		}
		before := len(b.heard())
		got, err := b.desk.Decide(t.Context(), b.t, user(b.ben), w.ID, 0, Word{Outcome: kyc.Rejected, Reason: "document_forged: the photo"})
		if err != nil {
			t.Fatal(err)
		}
		q := got.Quality
		switch {
		case c.share == 0:
			if q != nil {
				t.Errorf("%s: drawn: %+v", name, q)
			}
			continue
		case q == nil || q.State != c.state || q.Share != c.share || !q.At.Equal(got.Decision.At) || q.ReasonCode != "document_forged":
			t.Errorf("%s: %+v", name, q)
			continue
		}
		draws := slices.DeleteFunc(slices.Clone(b.store.events), func(e kyc.Event) bool { return e.Action != "case.quality_draw" })
		if (len(draws) == 1) != (c.state != "") || len(draws) == 1 && draws[0].Webhook != "" {
			t.Errorf("%s: audit %+v", name, draws)
		}
		if heard := b.heard()[before:]; !slices.Equal(heard, []string{"case.rejected", "session.declined"}) {
			t.Errorf("%s: customers hear %v", name, heard)
		}
	}
}

// A draw that cannot be made refuses the decision, so that no case goes by unseen.
func TestADrawThatFailsKeepsTheDecisionFromBeingMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sampled(kyc.QualityShares{Share: 1})
	c := b.waiting(t, kyc.Filing{})
	b.store.deaf = errors.New("no key")
	if _, err := b.desk.Decide(t.Context(), b.t, user(b.ben), c.ID, 0, Word{Outcome: kyc.Approved}); !errors.Is(err, b.store.deaf) {
		t.Errorf("got %v", err)
	}
	if b.store.cases[c.ID].Status.Decided() || b.store.sessions[c.SessionID].Status != kyc.SessionReview {
		t.Error("the case is decided")
	}
	one := b.store.cases[c.ID]
	if _, err := b.desk.Close(t.Context(), &one, b.now, kyc.Closing{Outcome: kyc.Approved, By: b.key, Reviewed: true}); !errors.Is(err, b.store.deaf) {
		t.Errorf("closing elsewhere: %v", err)
	}
}

// The first of two words draws nothing; the second does, and so does a person's
// decision on another surface. What a run decides is nobody's work.
func TestOnlyWhatPeopleDecideInTheEndIsDrawn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sampled(kyc.QualityShares{Share: 100}, kyc.ReviewQueue{Name: "two", FourEyes: true})
	c := b.waiting(t, kyc.Filing{Queue: "two"})
	got, err := b.desk.Decide(t.Context(), b.t, user(b.anna), c.ID, 0, Word{Outcome: kyc.Approved})
	if err != nil || got.Status != kyc.CaseSecond || got.Quality != nil {
		t.Fatalf("the first word: %+v %v", got.Quality, err)
	}
	if got, err = b.desk.Decide(t.Context(), b.t, user(b.ben), c.ID, 0, Word{Outcome: kyc.Approved}); err != nil || !got.Checkable() {
		t.Errorf("the second word: %+v %v", got.Quality, err)
	}
	for name, c := range map[string]struct {
		end   kyc.Closing
		drawn bool
	}{
		"a person elsewhere": {kyc.Closing{Outcome: kyc.Approved, By: b.key, Code: "reviewer_approved", Reviewed: true}, true},
		"a run":              {kyc.Closing{Outcome: kyc.Approved, By: kyc.SystemActor("engine")}, false},
		"called off":         {kyc.Closing{Outcome: kyc.Rejected, By: user(b.anna)}, false},
		"the program":        {kyc.Closing{Outcome: kyc.Rejected, By: kyc.SystemActor("entities"), Reviewed: true}, false},
	} {
		one := b.waiting(t, kyc.Filing{})
		events, err := b.desk.Close(t.Context(), &one, b.now, c.end)
		if err != nil || one.Checkable() != c.drawn || (len(events) == 2) != c.drawn {
			t.Errorf("%s: %+v, %d events, %v", name, one.Quality, len(events), err)
		}
	}
}

func TestAVerdictIsKeptAndChangesNothing(t *testing.T) {
	t.Parallel()
	for outcome, action := range map[kyc.Outcome]string{kyc.Rejected: "case.quality_agree", kyc.Approved: "case.quality_disagree"} {
		b := setup(t)
		b.sampled(kyc.QualityShares{Share: 100})
		c := b.decided(t)
		heard := len(b.heard())
		taken, err := b.desk.QualityTake(t.Context(), b.t, user(b.anna), c.ID)
		if err != nil || taken.Quality.TakenBy != string(b.anna.ID) {
			t.Fatalf("%+v %v", taken.Quality, err)
		}
		w := QualityWord{Outcome: outcome, Codes: []string{"other"}, Note: " Looked at it anew. ", Blind: true}
		got, err := b.desk.QualityJudge(t.Context(), b.t, user(b.anna), c.ID, taken.Rev, w)
		if err != nil {
			t.Fatal(err)
		}
		v := got.Quality.Verdict
		if got.Quality.State != kyc.QualityDone || v == nil || v.Agrees != (outcome == kyc.Rejected) || v.Outcome != outcome || v.ReviewerID != string(b.anna.ID) || !v.Blind || got.Private.Quality != "Looked at it anew." {
			t.Errorf("%s: %+v", outcome, got.Quality)
		}
		if got.Status != kyc.CaseRejected || got.Decision.Outcome != kyc.Rejected || got.Decision.ReviewerID != string(b.ben.ID) || b.store.sessions[c.SessionID].Status != kyc.SessionRejected || got.Sequence != c.Sequence {
			t.Errorf("%s: the decision changed: %+v", outcome, got)
		}
		last := b.store.events[len(b.store.events)-1]
		if last.Action != action || last.Reason != "other" || last.Webhook != "" || len(b.heard()) != heard {
			t.Errorf("%s: audit %+v", outcome, last)
		}
		_, err = b.desk.QualityJudge(t.Context(), b.t, user(b.anna), c.ID, 0, w)
		wants(t, err, kyc.Conflict, "quality_not_waiting")
		_, err = b.desk.QualityTake(t.Context(), b.t, user(b.anna), c.ID)
		wants(t, err, kyc.Conflict, "quality_not_waiting")
	}
}

func TestAVerdictNeedsItsReasons(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sampled(kyc.QualityShares{Share: 100})
	c := b.decided(t)
	_, err := b.desk.QualityJudge(t.Context(), b.t, user(b.anna), c.ID, 0, QualityWord{Outcome: kyc.NeedsReview})
	wants(t, err, kyc.Invalid, "invalid_case_action")
	if p := kyc.AsError(err).Problems; len(p) != 3 {
		t.Errorf("problems %+v", p)
	}
	_, err = b.desk.QualityJudge(t.Context(), b.t, user(b.anna), c.ID, 0, QualityWord{Outcome: kyc.Approved, Codes: []string{"document_forged", "other", "other"}, Note: "x"})
	wants(t, err, kyc.Invalid, "invalid_case_action")
	if p := kyc.AsError(err).Problems; len(p) != 2 || p[0].Path != "/reason_codes/0" || p[0].Code != "unknown_reason" || p[1].Code != "duplicate" {
		t.Errorf("problems %+v", p)
	}
	_, err = b.desk.QualityJudge(t.Context(), b.t, b.key, c.ID, 0, QualityWord{Outcome: kyc.Approved, Codes: []string{"other"}, Note: "x"})
	wants(t, err, kyc.Invalid, "invalid_case_action") // a machine says who checks
	_, err = b.desk.QualityJudge(t.Context(), b.t, user(b.anna), c.ID, c.Rev+1, QualityWord{Outcome: kyc.Approved, Codes: []string{"other"}, Note: "x"})
	wants(t, err, kyc.PreconditionFailed, "etag_mismatch")
}

// Whoever had a hand in the case does not check it, in whatever name they come.
func TestWhoTookPartDoesNotCheck(t *testing.T) {
	t.Parallel()
	word := QualityWord{Outcome: kyc.Approved, Codes: []string{"other"}, Note: "x"}
	for name, c := range map[string]struct {
		prepare func(b *bench, c *kyc.Case) // before ben decides
		by      func(b *bench) kyc.Actor
		who     string
		code    string
	}{
		"the decider":             {by: func(b *bench) kyc.Actor { return user(b.ben) }, code: "took_part"},
		"the decider by a key":    {by: func(b *bench) kyc.Actor { return b.key }, who: "ben@acme.example", code: "took_part"},
		"somebody else by a key":  {by: func(b *bench) kyc.Actor { return b.key }, who: "carla"},
		"somebody else":           {by: func(b *bench) kyc.Actor { return user(b.anna) }},
		"who made the session":    {prepare: func(b *bench, c *kyc.Case) { b.made("session", "session.create", c.SessionID) }, by: func(b *bench) kyc.Actor { return user(b.anna) }, code: "conflict_of_interest"},
		"who wrote a note":        {prepare: func(b *bench, c *kyc.Case) { b.writes(c) }, by: func(b *bench) kyc.Actor { return user(b.anna) }, code: "took_part"},
		"by a key of the decider": {prepare: func(b *bench, _ *kyc.Case) { b.keyOf(b.ben) }, by: func(b *bench) kyc.Actor { return b.key }, who: "carla", code: "took_part"},
	} {
		b := setup(t)
		b.sampled(kyc.QualityShares{Share: 100})
		one := b.waiting(t, kyc.Filing{})
		if c.prepare != nil {
			c.prepare(b, &one)
		}
		if _, err := b.desk.Decide(t.Context(), b.t, user(b.ben), one.ID, 0, Word{Outcome: kyc.Approved}); err != nil {
			t.Fatal(err)
		}
		w := word
		w.ReviewerID = c.who
		_, err := b.desk.QualityJudge(t.Context(), b.t, c.by(b), one.ID, 0, w)
		if c.code == "" && err != nil || c.code != "" && !kyc.IsCode(err, c.code) {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

// What a queue asks of those who decide its cases it asks of those who check them.
func TestACheckerNeedsTheSkillsOfTheQueue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range b.store.users {
		if b.store.users[i].ID == b.ben.ID {
			b.store.users[i].Skills = []string{"arabic"}
		}
	}
	b.sampled(kyc.QualityShares{Share: 100}, kyc.ReviewQueue{Name: "default", Skills: []string{"arabic"}})
	c := b.decided(t)
	_, err := b.desk.QualityTake(t.Context(), b.t, user(b.anna), c.ID)
	wants(t, err, kyc.Forbidden, "skills_missing")
	if _, ok, err := b.desk.QualityNext(t.Context(), b.t, user(b.anna), ""); ok || err != nil {
		t.Errorf("the next one: %v %v", ok, err)
	}
	_, err = b.desk.QualityJudge(t.Context(), b.t, user(b.anna), c.ID, 0, QualityWord{Outcome: kyc.Approved, Codes: []string{"other"}, Note: "x"})
	wants(t, err, kyc.Forbidden, "skills_missing")
}

func (b *bench) made(object, action string, id kyc.ID) {
	_ = b.store.Commit(context.Background(), &kyc.Change{Events: []kyc.Event{{Action: action, Object: object, ObjectID: id, Actor: user(b.anna)}}})
}

func (b *bench) writes(c *kyc.Case) {
	_, _ = b.desk.AddNote(context.Background(), b.t, user(b.anna), c.ID, "", "the photo is blurred")
}

func (b *bench) keyOf(u kyc.User) {
	_ = b.store.Commit(context.Background(), &kyc.Change{Events: []kyc.Event{{Action: "key.create", Object: "api_key", ObjectID: kyc.ID(b.key.ID), Actor: user(u)}}})
}

// Who looked at the decision since it was made is no blind checker. What they saw
// before tells nothing of it.
func TestWhoSawTheDecisionDoesNotCheckBlindly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		look  kyc.Event
		after bool
		code  string
	}{
		"the case, before it was decided": {look: kyc.Event{Action: "case.read", Object: "case"}},
		"the case":                        {look: kyc.Event{Action: "case.read", Object: "case"}, after: true, code: "decision_seen"},
		"its notes":                       {look: kyc.Event{Action: "case.notes.read", Object: "case"}, after: true, code: "decision_seen"},
		"the session":                     {look: kyc.Event{Action: "session.read", Object: "session"}, after: true, code: "decision_seen"},
		"the person":                      {look: kyc.Event{Action: "identity.read", Object: "identity"}, after: true, code: "decision_seen"},
		"the session's result":            {look: kyc.Event{Action: "session.result.read", Object: "session"}, after: true, code: "decision_seen"},
		"all that is kept of the session": {look: kyc.Event{Action: "session.export", Object: "session"}, after: true, code: "decision_seen"},
		"the person's results":            {look: kyc.Event{Action: "results.read", Object: "individual"}, after: true, code: "decision_seen"},
		"an execution about the person":   {look: kyc.Event{Action: "execution.read", Object: "execution"}, after: true, code: "decision_seen"},
		"the person of surface C":         {look: kyc.Event{Action: "individual.read", Object: "individual"}, after: true, code: "decision_seen"},
		"their service profile":           {look: kyc.Event{Action: "profile.read", Object: "profile"}, after: true, code: "decision_seen"},
		"the session's risk":              {look: kyc.Event{Action: "session.risk.read", Object: "session"}, after: true},
		"a file":                          {look: kyc.Event{Action: "upload.read", Object: "upload"}, after: true},
		"the second look itself":          {look: kyc.Event{Action: "case.quality.read", Object: "case"}, after: true},
	} {
		b := setup(t)
		b.sampled(kyc.QualityShares{Share: 100})
		one := b.waiting(t, kyc.Filing{})
		c.look.Actor, c.look.SubjectID = user(b.anna), one.SubjectID
		switch c.look.Object {
		case "case":
			c.look.ObjectID = one.ID
		case "session":
			c.look.ObjectID = one.SessionID
		}
		look := func() {
			if err := b.store.Commit(t.Context(), &kyc.Change{Events: []kyc.Event{c.look}}); err != nil {
				t.Fatal(err)
			}
		}
		if !c.after {
			look()
		}
		if _, err := b.desk.Decide(t.Context(), b.t, user(b.ben), one.ID, 0, Word{Outcome: kyc.Approved}); err != nil {
			t.Fatal(err)
		}
		if c.after {
			look()
		}
		_, err := b.desk.QualityTake(t.Context(), b.t, user(b.anna), one.ID)
		if c.code == "" && err != nil || c.code != "" && !kyc.IsCode(err, c.code) {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
		w := QualityWord{Outcome: kyc.Approved, Codes: []string{"other"}, Note: "x"}
		if _, err := b.desk.QualityJudge(t.Context(), b.t, user(b.anna), one.ID, 0, w); err != nil {
			t.Errorf("%s: over the API, where nothing is hidden: %v", name, err)
		}
	}
}

func TestTheNextSecondLookIsTheOldestThatIsAllowed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sampled(kyc.QualityShares{Share: 100})
	carla := kyc.User{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: kyc.Tenant{Org: b.t.Org}}, Email: "carla@acme.example"}
	b.store.users = append(b.store.users, carla)
	first, second, erased := b.decided(t), b.decided(t), b.decided(t)
	lost := b.store.cases[erased.ID]
	lost.Private = kyc.CaseData{Unreadable: true}
	b.store.cases[erased.ID] = lost
	gone := b.store.sessions[erased.SessionID]
	gone.RedactedAt = b.now
	b.store.sessions[erased.SessionID] = gone

	if _, ok, err := b.desk.QualityNext(t.Context(), b.t, user(b.ben), ""); ok || err != nil {
		t.Errorf("who decided them all gets one: %v", err)
	}
	next := func(u kyc.User) kyc.ID {
		t.Helper()
		c, ok, err := b.desk.QualityNext(t.Context(), b.t, user(u), "default")
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return ""
		}
		return c.ID
	}
	if got := next(b.anna); got != first.ID {
		t.Errorf("anna gets %s, want the oldest", got)
	}
	if got := next(carla); got != second.ID {
		t.Errorf("carla gets %s, want the one that is free", got)
	}
	if got := next(b.anna); got != first.ID {
		t.Errorf("anna gets %s, want what she has begun", got)
	}
	w := QualityWord{Outcome: kyc.Approved, Codes: []string{"other"}, Note: "x", Blind: true}
	_, err := b.desk.QualityJudge(t.Context(), b.t, user(b.anna), second.ID, 0, w)
	wants(t, err, kyc.Conflict, "not_claimable")
	if _, err := b.desk.QualityJudge(t.Context(), b.t, user(b.anna), first.ID, 0, w); err != nil {
		t.Fatal(err)
	}
	if got := next(b.anna); got != "" {
		t.Errorf("anna gets %s: what was erased, or carla's", got)
	}
	if q := b.store.cases[erased.ID].Quality; q.State != kyc.QualityVoid {
		t.Errorf("what nobody can look at any more waits: %+v", q)
	}
	// A look that was left is free again.
	b.now = b.now.Add(kyc.DefaultSettings().ClaimLapse)
	if got := next(b.anna); got != second.ID {
		t.Errorf("anna gets %s, want what carla left", got)
	}
	list, n, err := b.desk.QualityList(t.Context(), b.t, kyc.QualityFilter{State: kyc.QualityWaiting}, kyc.Page{})
	if err != nil || n != 1 || list[0].ID != second.ID {
		t.Errorf("%d wait: %v", n, err)
	}
	_, _, err = b.desk.QualityList(t.Context(), b.t, kyc.QualityFilter{State: "all"}, kyc.Page{})
	wants(t, err, kyc.Invalid, "not_allowed_value")
}
