package casework

import (
	"slices"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/review"
)

// takeNext takes the longest waiting case that this person may check.
func (r *room) takeNext(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	queue := strings.TrimSpace(v.R.PostFormValue("queue"))
	c, ok, err := r.Reviews.QualityNext(v.Ctx(), v.Tenant(), v.Who.Actor, queue)
	if err != nil {
		return err
	}
	if !ok {
		return v.On("/console/quality"+wish{View: "all", Queue: queue}.query(), "No case waits here that you may check.")
	}
	return v.On(lookURL(c.ID), "The second look is yours.")
}

func (r *room) takeLook(v *console.Visit) error {
	id, _, err := action(v)
	if err != nil {
		return err
	}
	if _, err := r.Reviews.QualityTake(v.Ctx(), v.Tenant(), v.Who.Actor, id); err != nil {
		return err
	}
	return v.On(lookURL(id), "The second look is yours.")
}

// verdict keeps what the checker would have decided; only then is the decision
// shown.
func (r *room) verdict(v *console.Visit) error {
	id, rev, err := action(v)
	if err != nil {
		return err
	}
	v.Back = lookURL(id)
	f := v.R.PostForm
	w := review.QualityWord{Outcome: kyc.Outcome(f.Get("outcome")), Codes: f["code"], Note: f.Get("text"), Blind: true}
	c, err := r.Reviews.QualityJudge(v.Ctx(), v.Tenant(), v.Who.Actor, id, rev, w)
	if kyc.IsCode(err, "invalid_case_action") {
		return r.showLook(v, w, inWords(kyc.AsError(err).Problems))
	}
	if err != nil {
		return err
	}
	if c.Quality.Verdict.Agrees {
		return v.On(lookURL(id), "Your verdict is kept. It agrees with the decision.")
	}
	return v.On(lookURL(id), "Your verdict is kept. It is not what was decided.")
}

// inWords says problems of a verdict to whoever sees its form.
func inWords(problems []kyc.Problem) []kyc.Problem {
	out := slices.Clone(problems)
	for i := range out {
		label := "Verdict"
		switch {
		case strings.HasPrefix(out[i].Path, "/reason_codes"):
			label = "Reasons"
		case out[i].Path == "/note":
			label = "In a sentence"
		}
		out[i].Path, out[i].Message = "", label+": "+out[i].Message
	}
	return out
}
