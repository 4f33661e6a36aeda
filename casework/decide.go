package casework

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bonafide/access"
	"bonafide/console"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/ui"
)

// reasons are what a decision begins with, so that decisions can be counted by
// their reason: the organisation's own, or the shipped ones (settings).
func reasons(v *console.Visit, decision string) []ui.Choice {
	var out []ui.Choice
	for _, r := range v.Org.EnvSettings(v.Tenant().Env).ReasonsFor(decision) {
		out = append(out, ui.Choice{Value: r.Code, Label: r.Text})
	}
	return out
}

func mayReview(role string) bool { return access.Grants(access.RoleScopes(role), writeCases) }

// action is a request about one case: who is meant by {id}, and which revision
// the person saw.
func action(v *console.Visit) (kyc.ID, int64, error) {
	id, err := v.ID("id", "case")
	if err != nil {
		return "", 0, err
	}
	v.Back = caseURL(id)
	if err := v.Form(); err != nil {
		return "", 0, err
	}
	text := v.R.PostFormValue("rev")
	if text == "" {
		return id, 0, nil
	}
	rev, err := strconv.ParseInt(text, 10, 64)
	if err != nil || rev < 1 {
		return "", 0, kyc.Errorf(kyc.Malformed, "revision_invalid", "the form is damaged; open the case again")
	}
	return id, rev, nil
}

// decidedMeanwhile is the error of work on a case that is decided. It does not say
// how: whoever may be asked for a second look is not to know.
func decidedMeanwhile() error {
	return kyc.Errorf(kyc.Conflict, "already_decided", "the case is decided already; open it to see more")
}

// undecided is for what is done to cases that wait; see decidedMeanwhile.
func undecided(do func(*console.Visit) error) func(*console.Visit) error {
	return func(v *console.Visit) error {
		err := do(v)
		if kyc.IsCode(err, "already_decided") {
			return decidedMeanwhile()
		}
		return err
	}
}

func (r *room) claim(v *console.Visit) error {
	id, rev, err := action(v)
	if err != nil {
		return err
	}
	if _, err := r.Reviews.Claim(v.Ctx(), v.Tenant(), v.Who.Actor, id, rev, ""); err != nil {
		return err
	}
	return v.On(caseURL(id), "The case is yours.")
}

func (r *room) release(v *console.Visit) error {
	id, rev, err := action(v)
	if err != nil {
		return err
	}
	if _, err := r.Reviews.Release(v.Ctx(), v.Tenant(), v.Who.Actor, id, rev, kyc.Dress("user", v.User.ID)); err != nil {
		return err
	}
	return v.On("/console/queue", "The case is back in the queue.")
}

// because puts a reason code and a sentence together, as the API takes them.
func because(v *console.Visit, known []ui.Choice) (string, error) {
	code, text := v.R.PostFormValue("code"), strings.TrimSpace(v.R.PostFormValue("text"))
	var problems []kyc.Problem
	if !slices.ContainsFunc(known, func(c ui.Choice) bool { return c.Value == code }) {
		problems = append(problems, kyc.Problem{Path: "/code", Code: "required", Message: "choose a reason"})
	}
	if text == "" {
		problems = append(problems, kyc.Problem{Path: "/text", Code: "required", Message: "say why in a sentence"})
	}
	if len(problems) > 0 {
		return "", kyc.InvalidInput("reason_missing", "a decision needs its reason", problems)
	}
	return code + ": " + text, nil
}

// decide approves or rejects. Under dual review the first word is a
// recommendation; the desk sees to it that the second is another person's.
func (r *room) decide(v *console.Visit) error {
	id, rev, err := action(v)
	if err != nil {
		return err
	}
	word := review.Word{Checklist: v.R.PostForm["checklist"]}
	known := reasons(v, "approve")
	switch v.R.PostFormValue("outcome") {
	case "approved":
		word.Outcome = kyc.Approved
	case "rejected":
		word.Outcome, known = kyc.Rejected, reasons(v, "reject")
	default:
		return kyc.InvalidInput("outcome_missing", "approve or reject", []kyc.Problem{{Path: "/outcome", Code: "required", Message: "approved or rejected"}})
	}
	if word.Reason, err = because(v, known); err != nil {
		return err
	}
	if word.Outcome == kyc.Approved && v.R.PostFormValue("unjudged") != "on" {
		if err := r.allJudged(v, id); err != nil {
			return err
		}
	}
	c, err := r.Reviews.Decide(v.Ctx(), v.Tenant(), v.Who.Actor, id, rev, word)
	if err != nil {
		return err
	}
	if c.Status == kyc.CaseSecond {
		return v.On("/console/queue", "Your opinion is recorded. Another person has to agree.")
	}
	return v.On("/console/queue", "The case "+short(c.ID)+" is "+string(c.Status)+". It stands under Decided.")
}

// allJudged refuses an approval past hits that nobody has judged, unless the form
// says that the reviewer knows of them: what screening found is never waved
// through unseen.
func (r *room) allJudged(v *console.Visit, id kyc.ID) error {
	c, err := r.Store.Case(v.Ctx(), v.Tenant(), id)
	if err != nil || c.RunID == "" {
		return err
	}
	view, err := r.Run(v.Ctx(), c.Tenant, c.RunID)
	if err != nil {
		if kyc.IsCode(err, "erased") || kyc.KindOf(err) == kyc.NotFound {
			return nil // nothing is left to judge
		}
		return err
	}
	var e evidence
	e.read(&view, &c, map[kyc.ID][]box{})
	if n := e.unjudged(); n > 0 {
		return kyc.InvalidInput("hits_unjudged", "nobody has judged what screening found", []kyc.Problem{{Path: "/unjudged", Code: "required",
			Message: "judge the hits of the case (" + strconv.Itoa(n) + " without a verdict), or confirm that you approve without"}})
	}
	return nil
}

func (r *room) escalate(v *console.Visit) error {
	id, rev, err := action(v)
	if err != nil {
		return err
	}
	if _, err := r.Store.Case(v.Ctx(), v.Tenant(), id); err != nil {
		return err
	}
	users, err := r.Store.Users(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	// The API takes any name of the customer's own; who sits at the desk hands over
	// to a colleague who can decide.
	to := v.R.PostFormValue("to")
	if u, known := kyc.FindUser(users, to); !known || !u.DisabledAt.IsZero() || !mayReview(u.Role) {
		return kyc.InvalidInput("colleague_missing", "nobody takes this case over", []kyc.Problem{{Path: "/to", Code: "required", Message: "choose a colleague who decides cases"}})
	}
	_, err = r.Reviews.Escalate(v.Ctx(), v.Tenant(), v.Who.Actor, id, rev, review.Escalation{To: to, Reason: v.R.PostFormValue("text")})
	if err != nil {
		return err
	}
	return v.On("/console/queue", "The case is escalated.")
}

// shown is the case that a form is about, if it still is as the page showed it.
// Errors: PreconditionFailed etag_mismatch.
func (r *room) shown(v *console.Visit) (kyc.Case, error) {
	id, rev, err := action(v)
	if err != nil {
		return kyc.Case{}, err
	}
	c, err := r.Store.Case(v.Ctx(), v.Tenant(), id)
	if err == nil && rev != 0 && c.Rev != rev {
		err = kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "somebody else changed the case; look at it again")
	}
	return c, err
}

// correct asks the applicant to do steps again.
func (r *room) correct(v *console.Visit) error {
	c, err := r.shown(v)
	if err != nil {
		return err
	}
	if c.Status.Decided() { // its session may have another case, with rules of its own
		return decidedMeanwhile()
	}
	if me := string(v.User.ID); c.AssignedTo != "" && c.AssignedTo != me {
		return kyc.Errorf(kyc.Conflict, "not_claimable", "somebody else has this case")
	}
	if err := v.Org.EnvSettings(v.Tenant().Env).Queue(c.Queue).Refuse(v.User.Skills); err != nil {
		return err
	}
	if c.SessionID == "" {
		return kyc.Errorf(kyc.Conflict, "no_session", "the case is about no session")
	}
	items, err := wanted(v.R.PostForm)
	if err != nil {
		return err
	}
	if err := r.Corrections.Ask(v.Ctx(), v.Tenant(), v.Who.Actor, c.SessionID, items); err != nil {
		return err
	}
	return v.On("/console/queue", "The applicant is asked for a correction.")
}

// wanted reads the steps that were ticked, each with the parts that were ticked
// in it, none for the whole step, and with its own reason and message where it has
// them and those for all where it has not. Errors: Invalid correction_incomplete
// with all problems.
func wanted(f url.Values) ([]Again, error) {
	own := func(part, step string) string {
		if text := strings.TrimSpace(f.Get(part + ":" + step)); text != "" {
			return text
		}
		return strings.TrimSpace(f.Get(part))
	}
	var items []Again
	var problems []kyc.Problem
	for _, step := range f["step"] {
		it := Again{Step: step, Code: own("code", step), Message: own("text", step), Documents: f["document:"+step], Questions: f["question:"+step]}
		if it.Code == "" {
			problems = append(problems, kyc.Problem{Path: "/code:" + step, Code: "required", Message: "choose a reason for each step, or one for all"})
		}
		if it.Message == "" {
			problems = append(problems, kyc.Problem{Path: "/text:" + step, Code: "required", Message: "tell the applicant what to put right in each step, or in all"})
		}
		items = append(items, it)
	}
	if len(items) == 0 {
		problems = append(problems, kyc.Problem{Path: "/step", Code: "required", Message: "choose what the applicant shall do again"})
	}
	if len(problems) > 0 {
		return nil, kyc.InvalidInput("correction_incomplete", "the correction cannot be asked for", problems)
	}
	return items, nil
}

func (r *room) note(v *console.Visit) error {
	id, _, err := action(v)
	if err != nil {
		return err
	}
	if _, err := r.Reviews.AddNote(v.Ctx(), v.Tenant(), v.Who.Actor, id, "", v.R.PostFormValue("text")); err != nil {
		return err
	}
	return v.On(caseURL(id)+"#notes", "The note is written.")
}
