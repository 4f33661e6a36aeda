package kyc

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Bounds of skills.
const (
	maxSkills       = 50 // of a person
	maxSkillsNeeded = 20 // of a queue
)

// skillWord is a skill: a short word of the organisation's own, such as arabic,
// edd or companies.
var skillWord = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// SkillProblems are what keeps words from being a person's skills.
func SkillProblems(list []string, at string) []Problem { return skillProblems(list, at, maxSkills) }

func skillProblems(list []string, at string, most int) []Problem {
	var out []Problem
	if len(list) > most {
		return []Problem{{Path: at, Code: "too_many", Message: fmt.Sprintf("at most %d skills", most)}}
	}
	for i, word := range list {
		here := at + "/" + strconv.Itoa(i)
		switch {
		case !skillWord.MatchString(word):
			out = append(out, Problem{Path: here, Code: "skill_invalid", Message: "a skill has 1 to 40 small letters, digits, - and _, and begins with a letter or a digit"})
		case slices.Contains(list[:i], word):
			out = append(out, Problem{Path: here, Code: "duplicate", Message: "the skill " + word + " stands there already"})
		}
	}
	return out
}

// MissingSkills are those that the queue asks for and that somebody lacks.
func (q ReviewQueue) MissingSkills(has []string) []string {
	var out []string
	for _, word := range q.Skills {
		if !slices.Contains(has, word) {
			out = append(out, word)
		}
	}
	return out
}

// Refuse is the error (403 skills_missing) for whoever lacks skills that the queue
// asks for; nil for who has them.
func (q ReviewQueue) Refuse(has []string) error {
	missing := q.MissingSkills(has)
	if len(missing) == 0 {
		return nil
	}
	return Errorf(Forbidden, "skills_missing", "the queue %s asks for skills that the reviewer lacks: %s", q.Name, strings.Join(missing, ", "))
}

// Takers are those of an organisation's people whose role may decide cases and who
// have all skills that the queue asks for.
func (q ReviewQueue) Takers(users []User, may func(role string) bool) []User {
	var out []User
	for _, u := range users {
		if u.DisabledAt.IsZero() && may(u.Role) && len(q.MissingSkills(u.Skills)) == 0 {
			out = append(out, u)
		}
	}
	return out
}

// QueuesBeyond are the queues whose cases somebody may not take, for lack of
// skills.
func (s Settings) QueuesBeyond(has []string) []string {
	var out []string
	for _, q := range s.Queues {
		if len(q.MissingSkills(has)) > 0 {
			out = append(out, q.Name)
		}
	}
	return out
}

// FindUser is the user whom a reviewer's name means: by id, dressed or not, or by
// e-mail address.
func FindUser(users []User, name string) (User, bool) {
	name = strings.TrimSpace(name)
	id, isID := Undress("user", strings.ToLower(name))
	for _, u := range users {
		if isID && u.ID == id || strings.EqualFold(u.Email, name) {
			return u, true
		}
	}
	return User{}, false
}

// UserReader reads the people of an organisation.
type UserReader interface {
	Users(ctx context.Context, org ID) ([]User, error)
}

// SkillsOf are the skills of whom a reviewer's name means. A name that is no user
// of the organisation has none, whatever the API key says that gives it: nobody
// vouches for skills but who administers the team. Neither has somebody who is
// locked out, nor a key that names nobody.
func SkillsOf(ctx context.Context, r UserReader, org ID, who string) ([]string, error) {
	users, err := r.Users(ctx, org)
	if err != nil {
		return nil, err
	}
	if u, known := FindUser(users, who); known && u.DisabledAt.IsZero() {
		return u.Skills, nil
	}
	return nil, nil
}

// Skilled refuses (403 skills_missing) work on a review by who lacks skills that
// its queue asks for by the settings in force.
func (c *Case) Skilled(ctx context.Context, r UserReader, who string, s Settings) error {
	q := s.Queue(c.Queue)
	if len(q.Skills) == 0 {
		return nil
	}
	has, err := SkillsOf(ctx, r, c.Tenant.Org, who)
	if err != nil {
		return err
	}
	return q.Refuse(has)
}

// SkillStore reads what the skills for a session's review stand on.
type SkillStore interface {
	CaseReader
	UserReader
}

// SkilledFor refuses (403 skills_missing) a decision about a session by who lacks
// skills that the queue of its last review asks for, decided or not: a decision in
// the words of another surface is no way around the review desk.
func SkilledFor(ctx context.Context, r SkillStore, session *Session, who string, s Settings) error {
	if session.CaseID == "" || len(s.QueuesBeyond(nil)) == 0 {
		return nil // no queue asks for any
	}
	c, err := r.Case(ctx, session.Tenant, session.CaseID)
	if err != nil {
		return err
	}
	return c.Skilled(ctx, r, who, s)
}
