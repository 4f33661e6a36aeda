package casework

import (
	"strings"

	"bonafide/console"
	"bonafide/kyc"
)

// outOfReach are the queues whose cases the signed-in person cannot take, because
// they lack skills that these ask for.
func outOfReach(v *console.Visit) []string {
	return v.Org.EnvSettings(v.Tenant().Env).QueuesBeyond(v.User.Skills)
}

// beyondOf says of a queue why the signed-in person cannot take its cases: empty
// where they can, and for who decides no cases at all.
func beyondOf(v *console.Visit, users []kyc.User) func(queue string) string {
	settings, may := v.Org.EnvSettings(v.Tenant().Env), v.May(writeCases)
	return func(queue string) string {
		q := settings.Queue(queue)
		missing := q.MissingSkills(v.User.Skills)
		switch {
		case !may || len(missing) == 0:
			return ""
		case len(q.Takers(users, mayReview)) == 0:
			return "nobody here has " + strings.Join(q.Skills, ", ")
		}
		return "you lack " + strings.Join(missing, ", ")
	}
}

// forMe is how many cases wait for anybody, this person among them, or were
// escalated to them; a count that cannot be read is left out.
func (r *room) forMe(v *console.Visit) int {
	free, err := r.Store.WaitingCount(v.Ctx(), v.Tenant(), kyc.WaitingFilter{Unassigned: true, Beyond: outOfReach(v), CountTo: 1000})
	if err != nil {
		return 0
	}
	mine, err := r.Store.WaitingCount(v.Ctx(), v.Tenant(), kyc.WaitingFilter{AssignedTo: string(v.User.ID), Status: []kyc.CaseStatus{kyc.CaseEscalated}, CountTo: 1000})
	if err != nil {
		return free
	}
	return free + mine
}

// next takes the most urgent case and opens it.
func (r *room) next(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	w := readWish(v.R.PostForm)
	var c kyc.Case
	var ok bool
	var err error
	if w.View == "second" {
		c, ok, err = r.nextSecond(v, w)
	} else {
		c, ok, err = r.Reviews.Next(v.Ctx(), v.Tenant(), v.Who.Actor, "", w.Queue)
	}
	if err != nil {
		return err
	}
	if !ok {
		return v.On("/console/queue"+w.query(), "No case waits for you here.")
	}
	return v.On("/console/cases/"+kyc.Dress("case", c.ID), "The case is yours.")
}

// nextSecond takes a case that waits for its second word, whose first was somebody
// else's and that this person may decide.
func (r *room) nextSecond(v *console.Visit, w wish) (kyc.Case, bool, error) {
	f := w.filter(v)
	f.Unassigned, f.Beyond = true, outOfReach(v)
	cases, _, err := r.Store.WaitingCases(v.Ctx(), v.Tenant(), f, kyc.Page{Limit: 100})
	if err != nil {
		return kyc.Case{}, false, err
	}
	for _, c := range cases {
		if c.First != nil && c.First.ReviewerID == string(v.User.ID) {
			continue
		}
		switch err := r.Reviews.Impartial(v.Ctx(), &c, string(v.User.ID)); {
		case err == nil:
		case kyc.KindOf(err) == kyc.Forbidden: // whom they invited a colleague decides
			continue
		default:
			return kyc.Case{}, false, err
		}
		got, err := r.Reviews.Claim(v.Ctx(), v.Tenant(), v.Who.Actor, c.ID, 0, "")
		if err == nil {
			return got, true, nil
		}
		if kyc.KindOf(err) != kyc.Conflict && !kyc.IsCode(err, "skills_missing") {
			return got, false, err
		}
	}
	return kyc.Case{}, false, nil
}
