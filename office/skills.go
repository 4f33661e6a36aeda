package office

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bonafide/access"
	"bonafide/console"
	"bonafide/kyc"
)

// readSkills takes skills as people write them: in a line, with commas or spaces
// between, in capitals or not.
func readSkills(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(", ;\t\r\n", r) })
}

// decides reports whether a role decides cases.
func decides(role string) bool { return access.Grants(access.RoleScopes(role), "cases:write") }

// fewSkilled says at each queue that asks for skills when nobody has them, or one
// person alone where two decide: its cases would wait for ever.
func (o *office) fewSkilled(v *console.Visit, page *settingsPage, s kyc.Settings) error {
	users, err := o.Office.Users(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	var all []string
	for _, u := range users {
		if u.DisabledAt.IsZero() && decides(u.Role) {
			all = append(all, u.Skills...)
		}
	}
	slices.Sort(all)
	page.TeamSkills = strings.Join(slices.Compact(all), ", ")
	for i := range page.Queues {
		q := s.Queue(page.Queues[i].Old)
		if len(q.Skills) == 0 {
			continue
		}
		can, two := q.Takers(users, decides), s.DualReview || q.FourEyes
		switch what := strings.Join(q.Skills, ", "); {
		case len(can) == 0:
			page.Queues[i].Few = fmt.Sprintf("Nobody who decides cases has %s: the cases of the queue %s wait for ever. Give somebody these skills on the Team page, or ask for fewer.", what, q.Name)
		case two && len(can) == 1:
			page.Queues[i].Few = fmt.Sprintf("Two people decide the cases of the queue %s, and only %s has %s: they are never decided. Give somebody else these skills on the Team page, or ask for fewer.", q.Name, can[0].Email, what)
		}
	}
	return nil
}

// setSkills gives a person skills, as they stand in the form.
func (o *office) setSkills(v *console.Visit) error {
	id, err := v.ID("id", "user")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	text := v.R.PostFormValue("skills")
	u, err := o.Office.SetSkills(v.Ctx(), v.Tenant().Org, id, readSkills(text), v.Who.Actor)
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showTeam(v, teamPage{Problems: skillsNamed(problems, text), Wrote: map[kyc.ID]string{id: text}})
	}
	if len(u.Skills) == 0 {
		return v.On("/console/team", u.Email+" has no skills now.")
	}
	return v.On("/console/team", u.Email+" has these skills now: "+strings.Join(u.Skills, ", ")+".")
}

// skillsNamed says of problems that they are about skills, and about which of those
// that were written.
func skillsNamed(problems []kyc.Problem, text string) []kyc.Problem {
	out, wrote := slices.Clone(problems), readSkills(text)
	for i := range out {
		p := &out[i]
		at, ours := strings.CutPrefix(p.Path, "/skills")
		if !ours {
			continue
		}
		label := "Skills"
		if n, err := strconv.Atoi(strings.TrimPrefix(at, "/")); err == nil && n < len(wrote) {
			label += ", " + strconv.Quote(wrote[n])
		}
		p.Path, p.Message = "", label+": "+p.Message
	}
	return out
}
