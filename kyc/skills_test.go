package kyc

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWhatASkillIs(t *testing.T) {
	t.Parallel()
	if p := SkillProblems([]string{"arabic", "edd", "level-2", "fr", "4_eyes", strings.Repeat("a", 40)}, "/skills"); len(p) > 0 {
		t.Errorf("good skills: %+v", p)
	}
	got := SkillProblems([]string{"Arabic", "", "e d d", "fr", "-fr", "fr", strings.Repeat("a", 41), "ü"}, "/skills")
	want := []string{"/skills/0 skill_invalid", "/skills/1 skill_invalid", "/skills/2 skill_invalid", "/skills/4 skill_invalid", "/skills/5 duplicate", "/skills/6 skill_invalid", "/skills/7 skill_invalid"}
	var said []string
	for _, p := range got {
		said = append(said, p.Path+" "+p.Code)
	}
	if !slices.Equal(said, want) {
		t.Errorf("problems %v", said)
	}
	if p := SkillProblems(make([]string, maxSkills+1), "/skills"); len(p) != 1 || p[0].Code != "too_many" {
		t.Errorf("too many: %+v", p)
	}
	problems := QueueProblems([]ReviewQueue{{Name: "a", Skills: []string{"edd"}}, {Name: "b", Skills: []string{"edd", "E", "edd"}}, {Name: "c", Skills: make([]string, maxSkillsNeeded+1)}}, "/queues")
	if len(problems) != 3 || problems[0].Path != "/queues/1/skills/1" || problems[1].Path != "/queues/1/skills/2" || problems[2].Path != "/queues/2/skills" {
		t.Errorf("of queues: %+v", problems)
	}
}

// staff is an organisation's people and its one review.
type staff struct {
	users []User
	of    Case
}

func (s staff) Users(context.Context, ID) ([]User, error)      { return s.users, nil }
func (s staff) Case(context.Context, Tenant, ID) (Case, error) { return s.of, nil }

// A reviewer has the skills of the user whom their name means, and none when it
// means nobody: no credential vouches for skills.
func TestWhoseSkillsCount(t *testing.T) {
	t.Parallel()
	user := func(email string, skills ...string) User {
		return User{Meta: Meta{ID: NewID(time.Now())}, Email: email, Skills: skills}
	}
	sara, tom, gone := user("sara@acme.example", "arabic", "edd", "fr"), user("tom@acme.example", "edd"), user("gone@acme.example", "arabic", "edd")
	gone.DisabledAt = time.Now()
	s := staff{users: []User{sara, tom, gone}, of: Case{Queue: "mena"}}
	rules := Settings{Queues: []ReviewQueue{{Name: "mena", Skills: []string{"arabic", "edd"}}, {Name: "plain"}}}
	for who, missing := range map[string]string{
		string(sara.ID): "", "user_" + string(sara.ID): "", " SARA@acme.example ": "", "tom@acme.example": "arabic", string(tom.ID): "arabic",
		"gone@acme.example": "arabic, edd", "somebody of theirs": "arabic, edd", "key_0199a0b0": "arabic, edd", "": "arabic, edd",
	} {
		err := s.of.Skilled(t.Context(), s, who, rules)
		again := SkilledFor(t.Context(), s, &Session{CaseID: "x"}, who, rules)
		if missing == "" {
			if err != nil || again != nil {
				t.Errorf("%q is refused: %v, %v", who, err, again)
			}
			continue
		}
		for _, err := range []error{err, again} {
			if KindOf(err) != Forbidden || !IsCode(err, "skills_missing") || !strings.HasSuffix(err.Error(), "the queue mena asks for skills that the reviewer lacks: "+missing) {
				t.Errorf("%q: %v", who, err)
			}
		}
	}
	// What is in no such queue, or in none, asks for nothing.
	if err := SkilledFor(t.Context(), s, &Session{}, "nobody", rules); err != nil {
		t.Errorf("a session without a review: %v", err)
	}
	for _, queue := range []string{"plain", "other"} {
		c := Case{Queue: queue}
		if err := c.Skilled(t.Context(), s, "nobody", rules); err != nil {
			t.Errorf("the queue %s: %v", queue, err)
		}
	}
	if got := rules.QueuesBeyond(tom.Skills); !slices.Equal(got, []string{"mena"}) {
		t.Errorf("out of Tom's reach: %v", got)
	}
	if got := rules.QueuesBeyond(sara.Skills); len(got) > 0 {
		t.Errorf("out of Sara's reach: %v", got)
	}
	for role, want := range map[string]int{"": 1, "auditor": 0} {
		if got := rules.Queues[0].Takers(s.users, func(r string) bool { return role == r }); len(got) != want {
			t.Errorf("who may take its cases as %q: %+v", role, got)
		}
	}
}
