package capture

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/ui"
)

// problem is one thing to mend, with the element it is about.
type problem struct{ Anchor, Text string }

// stepPage is what the page of one step shows.
type stepPage struct {
	Story    Story
	Step     Step
	Number   int // of the step, from 1, background steps left out
	Total    int
	Marks    []string // done, here or todo
	Base     string   // address of the session's pages
	Problems []problem
	Widgets  []ui.Widget
	Items    []CorrectionItem
	Party    NewParty
	New      *Party // just made, with its link
}

// home sends an applicant to where they are.
func (p *pages) home(v *visit) error {
	s := v.story
	switch {
	case s.Status != Open && s.Status != Correction:
		return v.on("status")
	case len(s.Consents) > 0 || !begun(s):
		p.show(v, http.StatusOK, "welcome", "welcome.title", stepPage{Story: s, Base: "/capture/" + v.token, Total: len(shown(s))})
		return nil
	}
	return v.next()
}

func begun(s Story) bool {
	return s.Begun || s.Status == Correction || slices.ContainsFunc(s.Steps, func(x Step) bool { return x.Progress != Todo })
}

// shown are the steps an applicant does something in.
func shown(s Story) []Step {
	return slices.DeleteFunc(slices.Clone(s.Steps), func(x Step) bool { return x.Kind == Background })
}

// next is the first step that waits, or the end.
func (v *visit) next() error {
	for _, s := range shown(v.story) {
		if s.Progress == Todo || s.Progress == Begun || s.Progress == Again {
			return v.on("steps", s.ID)
		}
	}
	return v.on("status")
}

// refreshed goes on with the session as it is now.
func (v *visit) refreshed() error {
	story, err := v.desk.Look(v.ctx, v.token, v.story.Language)
	if err != nil {
		return err
	}
	v.story = story
	return v.next()
}

func (p *pages) consent(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	var problems []problem
	for _, c := range v.story.Consents {
		given := v.r.PostFormValue("consent."+c.Kind) == "yes"
		if c.Required && !given {
			text, err := v.lang.T("welcome.consent_needed")
			if err != nil {
				return err
			}
			problems = append(problems, problem{"consent-" + c.Kind, text})
			continue
		}
		if err := v.desk.Consent(v.ctx, v.token, Consent{Kind: c.Kind, Version: c.Version, Text: c.Text, Address: Address(v.ctx), Given: given}); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		p.show(v, http.StatusUnprocessableEntity, "welcome", "welcome.title", stepPage{Story: v.story, Base: "/capture/" + v.token, Total: len(shown(v.story)), Problems: problems})
		return nil
	}
	return v.refreshed()
}

// find gives the page of the step in the address.
func (v *visit) find() (stepPage, error) {
	list := shown(v.story)
	i := slices.IndexFunc(list, func(s Step) bool { return s.ID == v.r.PathValue("step") })
	if i < 0 {
		return stepPage{}, kyc.Errorf(kyc.NotFound, "step_not_found", "there is no such step")
	}
	page := stepPage{Story: v.story, Step: list[i], Number: i + 1, Total: len(list), Base: "/capture/" + v.token}
	for j, s := range list {
		mark := "todo"
		switch {
		case j == i:
			mark = "here"
		case s.Progress == Over || s.Progress == Skipped || s.Progress == Failed:
			mark = "done"
		}
		page.Marks = append(page.Marks, mark)
	}
	for _, c := range v.story.Corrections {
		if c.StepID == list[i].ID {
			page.Items = append(page.Items, c)
		}
	}
	return page, nil
}

func (p *pages) step(v *visit) error {
	page, err := v.find()
	if err != nil {
		return err
	}
	if page.Step.Progress == Over || page.Step.Progress == Skipped || page.Step.Progress == Failed {
		return v.next()
	}
	return p.draw(v, http.StatusOK, page, page.Step.Answers, nil, nil)
}

// draw shows a step. answers and problems are what was just sent.
func (p *pages) draw(v *visit, status int, page stepPage, answers map[string]any, problems []kyc.Problem, rows map[string]int) error {
	if page.Step.Kind == Form {
		widgets, err := ui.Form{Fields: page.Step.Fields, Answers: answers, Problems: problems, FromDocument: page.Step.FromDocument,
			Countries: p.Countries(v.lang), Language: v.lang, Rows: rows}.Widgets()
		if err != nil {
			return err
		}
		page.Widgets = widgets
	}
	for _, x := range problems {
		page.Problems = append(page.Problems, problem{anchor(x.Path), x.Message})
	}
	p.show(v, status, "step_"+string(page.Step.Kind), "step.title."+string(page.Step.Kind), page)
	return nil
}

// anchor is the element of a problem's path below /form_data.
func anchor(path string) string {
	rest, ok := strings.CutPrefix(path, "/form_data/")
	if !ok {
		return ""
	}
	return "f-" + strings.ReplaceAll(strings.NewReplacer("~1", "/", "~0", "~").Replace(rest), "/", "-")
}

// again shows a step with what was wrong; errors that are nobody's to mend go
// to the page of errors.
func (p *pages) again(v *visit, page stepPage, err error) error {
	var e *kyc.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case kyc.Invalid, kyc.Malformed, kyc.Conflict, kyc.TooLarge, kyc.UnsupportedMedia, kyc.Unavailable:
	default:
		return err
	}
	problems := e.Problems
	if len(problems) == 0 {
		text, terr := v.lang.T("refused." + e.Code)
		if terr != nil {
			text = e.Message
		}
		problems = []kyc.Problem{{Message: text}}
	}
	for i := range problems {
		problems[i].Message = said(v.lang, problems[i].Message)
	}
	return p.draw(v, http.StatusUnprocessableEntity, page, page.Step.Answers, problems, nil)
}

// finish ends a step: the answers of a form, or the word that it is done.
func (p *pages) finish(v *visit) error {
	page, err := v.find()
	if err != nil {
		return err
	}
	if page.Step.Kind != Form {
		if err := v.form(); err != nil {
			return err
		}
		if err := v.desk.Done(v.ctx, v.token, page.Step.ID); err != nil {
			return p.again(v, page, err)
		}
		return v.refreshed()
	}
	if err := v.form(); err != nil {
		return err
	}
	answers := ui.Answers(page.Step.Fields, v.r.PostForm)
	_, _, remove := ui.Removed(v.r.PostForm)
	if remove || v.r.PostForm.Has("add") {
		return p.draw(v, http.StatusOK, page, answers, nil, ui.Rows(page.Step.Fields, v.r.PostForm))
	}
	if err := v.desk.Fill(v.ctx, v.token, page.Step.ID, answers); err != nil {
		page.Step.Answers = answers
		return p.again(v, page, err)
	}
	return v.refreshed()
}

func (p *pages) skip(v *visit) error {
	page, err := v.find()
	if err != nil {
		return err
	}
	if err := v.form(); err != nil {
		return err
	}
	if err := v.desk.Skip(v.ctx, v.token, page.Step.ID); err != nil {
		return p.again(v, page, err)
	}
	return v.refreshed()
}

// file takes one picture or paper.
func (p *pages) file(v *visit) error {
	page, err := v.find()
	if err != nil {
		return err
	}
	f, err := v.upload()
	if err == nil {
		err = v.desk.Take(v.ctx, v.token, page.Step.ID, v.r.FormValue("slot"), f)
	}
	if err != nil {
		return p.again(v, page, err)
	}
	return v.on("steps", page.Step.ID)
}

// people invites, relinks or removes somebody.
func (p *pages) people(v *visit) error {
	page, err := v.find()
	if err != nil {
		return err
	}
	if err := v.form(); err != nil {
		return err
	}
	id := v.r.PostFormValue("party")
	var made Party
	switch v.r.PostFormValue("action") {
	case "relink":
		made, err = v.desk.Relink(v.ctx, v.token, id)
	case "remove":
		if err = v.desk.Remove(v.ctx, v.token, id); err == nil {
			return v.on("steps", page.Step.ID)
		}
	default:
		page.Party = NewParty{Name: v.r.PostFormValue("name"), Email: v.r.PostFormValue("email"), Role: v.r.PostFormValue("role")}
		made, err = v.desk.Invite(v.ctx, v.token, page.Step.ID, page.Party)
	}
	if err != nil {
		return p.again(v, page, err)
	}
	// The link is shown once, on the answer itself: it is stored as a hash.
	if v.story, err = v.desk.Look(v.ctx, v.token, v.story.Language); err != nil {
		return err
	}
	if page, err = v.find(); err != nil {
		return err
	}
	page.New = &made
	return p.draw(v, http.StatusOK, page, nil, nil, nil)
}

func (p *pages) status(v *visit) error {
	p.show(v, http.StatusOK, "status", "status.title."+string(v.story.Status), stepPage{Story: v.story, Base: "/capture/" + v.token})
	return nil
}
