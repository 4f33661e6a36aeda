package capture

import (
	"net/http"
	"slices"
	"strings"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/ui"
)

// widgets draws the questions of a form step.
func (p *pages) widgets(v *visit, page *stepPage, answers map[string]any, problems []kyc.Problem, rows map[string]int) error {
	list, err := ui.Form{Fields: page.Step.Fields, Answers: answers, Problems: problems, FromDocument: v.still(page.Step, page.Step.FromDocument, answers), Given: v.still(page.Step, page.Step.Given, answers),
		Countries: p.Countries(v.lang), Language: v.lang, Rows: rows}.Widgets()
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Look != "files" {
			continue
		}
		page.Files = true
		for _, s := range page.Step.Slots {
			if "f."+strings.TrimPrefix(s.Name, "field.") != list[i].Name {
				continue
			}
			for _, f := range s.Files {
				list[i].Options = append(list[i].Options, ui.Choice{Value: f.ID, Label: f.Name, Chosen: true})
			}
		}
	}
	page.Widgets = list
	page.Hidden = strings.Join(p.hidden(v, page.Step.Fields, answers), " ")
	return nil
}

// nameProblems names in the summary which question each problem is about.
func (v *visit) nameProblems(page *stepPage) error {
	labels := map[string]string{}
	var walk func(list []ui.Widget, above string)
	walk = func(list []ui.Widget, above string) {
		for i := range list {
			w := &list[i]
			label := w.Label
			if above != "" && label != "" {
				label = above + ", " + label
			}
			labels[w.ID] = label
			walk(w.Parts, label)
			walk(w.Items, label)
		}
	}
	walk(page.Widgets, "")
	for i := range page.Problems {
		x := &page.Problems[i]
		label := labels[x.Anchor]
		if label == "" {
			continue
		}
		var err error
		if x.Text, err = v.lang.T("form.problem_of", "label", label, "text", x.Text); err != nil {
			return err
		}
	}
	return nil
}

// still are those fields whose answers are what a document or the organisation
// told: an answer that the applicant changed is their own.
func (v *visit) still(step Step, told map[string]bool, answers map[string]any) map[string]bool {
	out := map[string]bool{}
	for id := range told {
		for i := range v.story.Steps {
			if s := &v.story.Steps[i]; s.ID == step.ID && same(s.Answers[id], answers[id]) {
				out[id] = true
			}
		}
	}
	return out
}

// hidden are the elements of the fields that conditions hide with these
// answers: the same code decides that judges the answers in the end.
func (p *pages) hidden(v *visit, fields []field.Field, answers map[string]any) []string {
	out := []string{}
	for _, path := range field.Validate(v.ctx, fields, answers, field.Env{Now: p.Clock.Now()}).Hidden {
		out = append(out, "f-"+strings.ReplaceAll(path, "/", "-"))
	}
	return out
}

// shown tells the form's script which questions conditions hide meanwhile.
func (p *pages) shown(v *visit) error {
	page, err := v.find()
	if err != nil {
		return err
	}
	if err := v.form(); err != nil {
		return err
	}
	v.answer(http.StatusOK, map[string]any{"hidden": p.hidden(v, page.Step.Fields, ui.Answers(page.Step.Fields, v.r.PostForm))})
	return nil
}

// fill takes the answers of a form. Before the last step is ended, everything
// is shown once more; then they come back with "send" or "back".
func (p *pages) fill(v *visit, page stepPage) error {
	done, err := v.formWithFiles()
	defer done()
	if err != nil {
		return p.again(v, page, err)
	}
	taken, err := p.takeFiles(v, &page)
	if err != nil {
		page.Step.Answers = ui.Answers(page.Step.Fields, v.r.PostForm)
		return p.again(v, page, err)
	}
	answers := ui.Answers(page.Step.Fields, v.r.PostForm)
	page.Step.Answers = answers
	_, _, remove := ui.Removed(v.r.PostForm)
	switch {
	case remove || v.r.PostForm.Has("add"):
		return p.draw(v, http.StatusOK, page, answers, nil, ui.Rows(page.Step.Fields, v.r.PostForm))
	case v.r.PostForm.Has("back") || taken && v.r.PostForm.Has("upload"):
		return p.draw(v, http.StatusOK, page, answers, nil, nil)
	}
	if checker, ok := v.desk.(Checker); ok && page.Last && !v.r.PostForm.Has("send") {
		if err := checker.Check(v.ctx, v.token, page.Step.ID, answers); err != nil {
			return p.again(v, page, err)
		}
		return p.showReview(v, page, v.r.PostForm)
	}
	if err := v.desk.Fill(v.ctx, v.token, page.Step.ID, answers); err != nil {
		return p.again(v, page, err)
	}
	return v.refreshed()
}

// formWithFiles reads a form of either kind.
func (v *visit) formWithFiles() (done func(), err error) {
	if strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/form-data") {
		return v.upload()
	}
	return func() {}, v.form()
}

// takeFiles hands in the files of a form's file fields and puts the ids of
// those that count among the answers.
func (p *pages) takeFiles(v *visit, page *stepPage) (took bool, err error) {
	if v.r.MultipartForm == nil {
		return false, nil
	}
	var fresh []string
	for _, f := range page.Step.Fields {
		if f.Type != "file" {
			continue
		}
		files, err := v.sent("f."+f.FieldID+".new", "")
		if err != nil {
			return took, err
		}
		for _, file := range files {
			if err := v.desk.Take(v.ctx, v.token, page.Step.ID, "field."+f.FieldID, file); err != nil {
				return took, about("/form_data/"+f.FieldID, err)
			}
			took = true
			fresh = append(fresh, f.FieldID)
		}
	}
	if !took {
		return false, nil
	}
	before := page.Step.Slots
	if err := v.refresh(); err != nil {
		return took, err
	}
	now, err := v.find()
	if err != nil {
		return took, err
	}
	for i, s := range now.Step.Slots {
		id := strings.TrimPrefix(s.Name, "field.")
		if !slices.Contains(fresh, id) || i >= len(before) {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(v.r.PostForm["f."+id]), func(x string) bool {
			return !slices.ContainsFunc(s.Files, func(t Taken) bool { return t.ID == x })
		})
		for _, t := range s.Files {
			if !slices.ContainsFunc(before[i].Files, func(x Taken) bool { return x.ID == t.ID }) {
				kept = append(kept, t.ID)
			}
		}
		v.r.PostForm["f."+id] = kept
	}
	page.Step.Slots = now.Step.Slots
	return took, nil
}

// about puts an error of a file at its question.
func about(path string, err error) error {
	e := kyc.AsError(err)
	switch e.Kind {
	case kyc.Invalid, kyc.Malformed, kyc.TooLarge, kyc.UnsupportedMedia:
	default:
		return err
	}
	code, message := e.Code, e.Message
	if len(e.Problems) > 0 {
		code, message = e.Problems[0].Code, e.Problems[0].Message
	}
	return kyc.InvalidInput(e.Code, e.Message, []kyc.Problem{{Path: path, Code: code, Message: message}})
}
