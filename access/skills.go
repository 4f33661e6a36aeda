package access

import (
	"context"
	"slices"
	"strings"

	"bonafide/kyc"
)

// SetSkills gives a person these skills, which queues of reviews may ask for, in
// place of those they had; the same ones again change nothing. Errors: Invalid with
// every problem.
func (o *Office) SetSkills(ctx context.Context, org, id kyc.ID, skills []string, by By) (kyc.User, error) {
	if problems := kyc.SkillProblems(skills, "/skills"); len(problems) > 0 {
		return kyc.User{}, kyc.InvalidInput("validation_failed", "the person cannot be changed like this", problems)
	}
	u, err := o.store.User(ctx, org, id)
	if err != nil {
		return u, err
	}
	before := u.Skills
	if u.Skills = slices.Sorted(slices.Values(skills)); slices.Equal(before, u.Skills) {
		return u, nil
	}
	u.Touch(o.clock.Now())
	return u, o.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&u}, Events: []kyc.Event{o.skillsEvent(ctx, &u, before, by)}})
}

// skillsEvent is the entry of what somebody's skills became. Its reason says what
// came and what went: skills are words of the organisation and name nobody.
func (o *Office) skillsEvent(ctx context.Context, u *kyc.User, before []string, by By) kyc.Event {
	without := func(list, of []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(of, s) }), ", ")
	}
	var said []string
	if came := without(u.Skills, before); came != "" {
		said = append(said, "added: "+came)
	}
	if went := without(before, u.Skills); went != "" {
		said = append(said, "taken away: "+went)
	}
	e := o.event(ctx, u.Tenant, by, "user.skills", "user", u.ID)
	e.Reason = strings.Join(said, "; ")
	return e
}
