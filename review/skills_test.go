package review

import (
	"testing"

	"bonafide/kyc"
)

// skilled makes a queue ask for skills that anna has and ben lacks.
func (b *bench) skilled(change func(q *kyc.ReviewQueue)) (anna, ben kyc.Actor) {
	q := kyc.ReviewQueue{Name: "mena", Skills: []string{"arabic", "edd"}}
	if change != nil {
		change(&q)
	}
	s := kyc.DefaultSettings()
	s.Queues = []kyc.ReviewQueue{q}
	b.store.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: s}
	for i := range b.store.users {
		if u := &b.store.users[i]; u.ID == b.anna.ID {
			u.Skills = []string{"arabic", "edd", "fr"}
		} else {
			u.Skills = []string{"edd"}
		}
	}
	return kyc.Actor{Kind: kyc.ActorUser, ID: string(b.anna.ID)}, kyc.Actor{Kind: kyc.ActorUser, ID: string(b.ben.ID)}
}

// Whoever lacks a skill that a queue asks for gets at its cases by no way: not as
// themselves, not by a key in their name, in no name at all or in one that is no
// user's, and not because somebody gives them the case.
func TestSkillsAreAskedOnEveryWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	anna, ben := b.skilled(nil)
	c := b.waiting(t, kyc.Filing{Queue: "mena"})
	before := len(b.store.events)
	ctx := t.Context()
	named := func(name string) kyc.Actor { return kyc.Actor{Kind: kyc.ActorKey, ID: "key", OnBehalfOf: name} }
	for what, try := range map[string]func() error{
		"claim":                   func() error { _, err := b.desk.Claim(ctx, b.t, ben, c.ID, 0, ""); return err },
		"claim by a key":          func() error { _, err := b.desk.Claim(ctx, b.t, b.key, c.ID, 0, "ben@acme.example"); return err },
		"claim by who is no user": func() error { _, err := b.desk.Claim(ctx, b.t, b.key, c.ID, 0, "agent 7"); return err },
		"next of the queue":       func() error { _, _, err := b.desk.Next(ctx, b.t, ben, "", "mena"); return err },
		"next by a nameless key":  func() error { _, _, err := b.desk.Next(ctx, b.t, b.key, "", "mena"); return err },
		"assign":                  func() error { _, err := b.desk.Assign(ctx, b.t, anna, c.ID, 0, "ben@acme.example"); return err },
		"escalate": func() error {
			_, err := b.desk.Escalate(ctx, b.t, anna, c.ID, 0, Escalation{To: "ben@acme.example", Reason: "please"})
			return err
		},
		"approve": func() error { _, err := b.desk.Decide(ctx, b.t, ben, c.ID, 0, Word{Outcome: kyc.Approved}); return err },
		"reject by a key": func() error {
			_, err := b.desk.Decide(ctx, b.t, b.key, c.ID, 0, Word{ReviewerID: "agent 7", Outcome: kyc.Rejected})
			return err
		},
		"judge a hit": func() error {
			_, err := b.desk.JudgeHit(ctx, b.t, ben, c.ID, 0, Judgement{List: "l", EntryID: "1", Word: kyc.HitFalse, Reason: "x"})
			return err
		},
		"judge by a key": func() error {
			_, err := b.desk.JudgeHit(ctx, b.t, b.key, c.ID, 0, Judgement{List: "l", EntryID: "1", Word: kyc.HitFalse, Reason: "x"})
			return err
		},
		"override": func() error {
			_, err := b.desk.Override(ctx, b.t, ben, c.ID, 0, "document_fraud", "passed", "x")
			return err
		},
		"override by name": func() error {
			_, err := b.desk.Override(ctx, b.t, named("ben@acme.example"), c.ID, 0, "document_fraud", "passed", "x")
			return err
		},
		"correct": func() error {
			_, err := b.desk.Correct(ctx, b.t, ben, c.ID, map[string]string{"last_name": "X"})
			return err
		},
		"take out": func() error {
			easy := "easy"
			_, err := b.desk.Patch(ctx, b.t, b.key, c.ID, 0, Patch{Queue: &easy})
			return err
		},
		"open for": func() error {
			p := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.t}, Status: kyc.SubjectPending}
			p.Touch(b.now)
			if err := b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{p}}); err != nil {
				return err
			}
			_, err := b.desk.Create(ctx, b.t, b.key, Manual{SubjectID: p.ID, AssignedTo: "ben@acme.example", Filing: kyc.Filing{Queue: "mena"}})
			return err
		},
	} {
		err := try()
		if kyc.KindOf(err) != kyc.Forbidden || !kyc.IsCode(err, "skills_missing") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := b.store.cases[c.ID]; got.Rev != c.Rev || len(b.store.events) != before || len(b.store.cases) != 1 {
		t.Errorf("what was refused left something: %+v, %d events", got, len(b.store.events)-before)
	}
	// Giving back and writing a note are nobody's privilege.
	if _, err := b.desk.Assign(ctx, b.t, ben, c.ID, 0, "anna@acme.example"); err != nil {
		t.Fatalf("giving it to who can: %v", err)
	}
	if _, err := b.desk.AddNote(ctx, b.t, ben, c.ID, "", "look at the visa"); err != nil {
		t.Error(err)
	}
	if _, err := b.desk.Release(ctx, b.t, ben, c.ID, 0, ""); !kyc.IsCode(err, "not_claimable") && err != nil {
		t.Error(err)
	}
	if _, err := b.desk.Override(ctx, b.t, named("anna@acme.example"), c.ID, 0, "document_fraud", "passed", "x"); err != nil {
		t.Errorf("a key in the name of who can: %v", err)
	}
	if got, err := b.desk.Decide(ctx, b.t, anna, c.ID, 0, Word{Outcome: kyc.Approved}); err != nil || got.Status != kyc.CaseApproved {
		t.Errorf("who can: %s %v", got.Status, err)
	}
}

// Next gives nobody a case that they could not work on, and passes over such cases
// to those that they can, however urgent the others are.
func TestNextPassesOverWhatNeedsOtherSkills(t *testing.T) {
	t.Parallel()
	b := setup(t)
	anna, ben := b.skilled(nil)
	for range nextLimit + 5 {
		b.waiting(t, kyc.Filing{Queue: "mena", Priority: 90})
	}
	easy := b.waiting(t, kyc.Filing{Queue: "easy", Priority: 1})
	got, ok, err := b.desk.Next(t.Context(), b.t, ben, "", "")
	if err != nil || !ok || got.ID != easy.ID {
		t.Fatalf("next for who lacks a skill: %+v %v %v", got, ok, err)
	}
	if got, ok, err := b.desk.Next(t.Context(), b.t, ben, "", ""); err != nil || ok {
		t.Errorf("nothing else is for them: %+v %v", got, err)
	}
	if got, ok, err := b.desk.Next(t.Context(), b.t, b.key, "agent 7", ""); err != nil || ok {
		t.Errorf("nor for a name that is no user: %+v %v", got, err)
	}
	got, ok, err = b.desk.Next(t.Context(), b.t, anna, "", "")
	if err != nil || !ok || got.Queue != "mena" {
		t.Errorf("next for who has them: %+v %v %v", got, ok, err)
	}
}

// Of two who decide, both have the skills; a claim whose holder lost them is no way
// to decide, and whoever has them takes it over once it lapses or is given back.
func TestBothOfTwoHaveTheSkills(t *testing.T) {
	t.Parallel()
	b := setup(t)
	anna, ben := b.skilled(func(q *kyc.ReviewQueue) { q.FourEyes = true })
	c := b.waiting(t, kyc.Filing{Queue: "mena"})
	if _, err := b.desk.Decide(t.Context(), b.t, anna, c.ID, 0, Word{Outcome: kyc.Approved}); err != nil {
		t.Fatal(err)
	}
	_, err := b.desk.Decide(t.Context(), b.t, ben, c.ID, 0, Word{Outcome: kyc.Approved})
	wants(t, err, kyc.Forbidden, "skills_missing")
	b.store.users[1].Skills = []string{"edd", "arabic"}
	if got, err := b.desk.Claim(t.Context(), b.t, ben, c.ID, 0, ""); err != nil || got.AssignedTo != string(b.ben.ID) {
		t.Fatalf("with the skill: %+v %v", got, err)
	}
	b.store.users[1].Skills = nil
	_, err = b.desk.Decide(t.Context(), b.t, ben, c.ID, 0, Word{Outcome: kyc.Approved})
	wants(t, err, kyc.Forbidden, "skills_missing")
	if _, err := b.desk.Release(t.Context(), b.t, ben, c.ID, 0, ""); err != nil {
		t.Fatalf("giving it back: %v", err)
	}
	b.store.users[1].Skills = []string{"arabic", "edd"}
	if got, err := b.desk.Decide(t.Context(), b.t, ben, c.ID, 0, Word{Outcome: kyc.Approved}); err != nil || got.Status != kyc.CaseApproved {
		t.Errorf("the second of two: %s %v", got.Status, err)
	}
}
