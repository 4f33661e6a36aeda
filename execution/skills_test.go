package execution

import (
	"testing"

	"bonafide/kyc"
	"bonafide/review"
)

// Where the queue of an execution's review asks for skills, nobody overrides the
// execution without them: an operator counts as the user whom they name, and a key
// that names nobody has no skills. Asking for a person needs none.
func TestAnOverrideNeedsTheSkillsOfItsQueue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	user := func(name string, skills ...string) kyc.User {
		u := kyc.User{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: kyc.Tenant{Org: b.sandbox.Org}}, Email: name + "@example.org", Role: "reviewer", Skills: skills}
		b.put(t, &u)
		return u
	}
	sara, tom := user("sara", "edd"), user("tom", "fr")
	e, s := b.filed(t, func(s *kyc.Settings) {
		s.Queues = []kyc.ReviewQueue{{Name: review.DefaultQueue, Skills: []string{"edd"}}}
	})
	say := func(by kyc.Actor, status, operator string) error {
		_, err := b.Override(b.ctx, b.sandbox, by, Ref{ID: e.ID}, 0, Overruling{Status: status, Hand: Hand{Operator: operator, Comment: "why"}})
		return err
	}
	as := func(u kyc.User) kyc.Actor { return kyc.Actor{Kind: kyc.ActorUser, ID: string(u.ID)} }
	for _, status := range []string{"PASS", "REJECTED"} {
		has(t, say(b.by, status, ""), kyc.Forbidden, "skills_missing")
		has(t, say(b.by, status, tom.Email), kyc.Forbidden, "skills_missing")
		has(t, say(b.by, status, "somebody of theirs"), kyc.Forbidden, "skills_missing")
		has(t, say(as(tom), status, sara.Email), kyc.Forbidden, "skills_missing")
	}
	if now, err := b.db.Session(b.ctx, b.sandbox, e.ID); err != nil || now.Rev != s.Rev {
		t.Fatalf("a refused override changed the session %v", err)
	}
	if err := say(b.by, "MONITOR", tom.Email); err != nil {
		t.Fatalf("a status that asks for a person: %v", err)
	}
	if err := say(b.by, "PASS", sara.Email); err != nil {
		t.Fatalf("who has the skill: %v", err)
	}
	// Taking it back is the same kind of work.
	has(t, say(b.by, "REJECTED", tom.Email), kyc.Forbidden, "skills_missing")
	if err := say(as(sara), "REJECTED", ""); err != nil {
		t.Errorf("who has the skill takes it back: %v", err)
	}
}
