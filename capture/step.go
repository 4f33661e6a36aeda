package capture

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/ui"
)

// stepPage is what the page of one step shows.
type stepPage struct {
	frame
	Step   Step
	Number int // of the step, from 1, background steps left out
	Total  int
	Marks  []string // done, here or todo
	// Of is how many files the step asks for, Done how many of them came, and
	// Share the same in tenths; a step that asks for one or none has no parts.
	Done, Of, Share int
	// Last says that nothing waits after this step: before it is ended,
	// everything is shown once more.
	Last    bool
	Widgets []ui.Widget
	Hidden  string // the elements that conditions hide, by their ids
	Files   bool   // the form carries files
	Items   []CorrectionItem
	Party   NewParty
	New     *Party // just made, with its link
	// Missing says what is still needed before the step can be ended.
	Missing []string
	Mark    string // of the pulse, for a page that waits for others
	// Parts are the papers of a step of documents.
	Parts []part
}

// part is one slot as the overview of a step shows it.
type part struct {
	Slot
	Path, Title string
	Sights      []sight
}

// find gives the page of the step in the address.
func (v *visit) find() (stepPage, error) {
	list := shown(v.story)
	i := slices.IndexFunc(list, func(s Step) bool { return s.ID == v.r.PathValue("step") })
	if i < 0 {
		return stepPage{}, kyc.Errorf(kyc.NotFound, "step_not_found", "there is no such step")
	}
	page := stepPage{frame: v.frame(), Step: list[i], Number: i + 1, Total: len(list)}
	waiting := 0
	for j, s := range list {
		mark := "todo"
		switch {
		case j == i:
			mark = "here"
		case !s.waits():
			mark = "done"
		}
		if s.waits() {
			waiting++
		}
		page.Marks = append(page.Marks, mark)
	}
	if err := page.count(v); err != nil {
		return page, err
	}
	page.Last = waiting == 1 && v.story.Status == Open && page.Step.waits()
	for _, c := range v.story.Corrections {
		if c.StepID == list[i].ID {
			page.Items = append(page.Items, c)
		}
	}
	return page, nil
}

// count says how much of the step is done.
func (page *stepPage) count(v *visit) error {
	if page.Step.Kind != Documents && page.Step.Kind != Selfie {
		return nil
	}
	list, _, err := v.parts(page.Step)
	if err != nil {
		return err
	}
	for _, x := range list {
		if len(x.Files) > 0 {
			page.Done++
		}
	}
	if len(list) > 0 {
		page.Share = 10 * page.Done / len(list)
	}
	if len(list) > 1 {
		page.Of = len(list)
	}
	return nil
}

// waiting refuses the pages of steps that are not the applicant's to do now: the
// browser is sent to where they are.
func (p *pages) waiting(v *visit) (page stepPage, ok bool, err error) {
	if page, err = v.find(); err != nil {
		return page, false, err
	}
	switch {
	case v.story.Status == Open && v.unagreed():
		return page, false, v.on()
	case v.story.Status != Open && v.story.Status != Correction, !page.Step.waits() && !page.Step.Changeable:
		return page, false, v.next()
	}
	return page, true, nil
}

func (p *pages) step(v *visit) error {
	page, ok, err := p.waiting(v)
	if !ok {
		return err
	}
	return p.draw(v, http.StatusOK, page, page.Step.Answers, nil, nil)
}

// draw shows a step. answers and problems are what was just sent.
func (p *pages) draw(v *visit, status int, page stepPage, answers map[string]any, problems []kyc.Problem, rows map[string]int) error {
	for _, x := range problems {
		page.Problems = append(page.Problems, problem{anchor(x.Path), x.Message})
	}
	var err error
	switch page.Step.Kind {
	case Form:
		if err = p.widgets(v, &page, answers, problems, rows); err == nil {
			err = v.nameProblems(&page)
		}
	case Documents, Selfie:
		if page.Step.Kind == Selfie && len(page.Step.Slots) == 1 {
			return p.drawSlot(v, status, slotPage{stepPage: page, Slot: page.Step.Slots[0]})
		}
		page.Parts, page.Missing, err = v.parts(page.Step)
	case Liveness:
		var now pulse
		now, err = v.pulse()
		page.Mark = now.Mark
	case Parties:
		var now pulse
		if now, err = v.pulse(); err == nil {
			page.Mark = now.Mark
			page.Missing, err = v.partiesMissing(page.Step)
		}
	}
	if err != nil {
		return err
	}
	name := "step_" + string(page.Step.Kind)
	if page.Step.Kind == Selfie { // pictures from several sides
		name = "step_documents"
	}
	p.show(v, status, name, "step.title."+string(page.Step.Kind), page)
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

// mendable are the problems of an error that the applicant can do something
// about; ok is false for the others, which have a page of their own.
func (p *pages) mendable(v *visit, err error) (problems []kyc.Problem, ok bool) {
	var e *kyc.Error
	if !errors.As(err, &e) {
		return nil, false
	}
	switch e.Kind {
	case kyc.Invalid, kyc.Malformed, kyc.Conflict, kyc.TooLarge, kyc.UnsupportedMedia, kyc.Unavailable, kyc.RateLimited:
	default:
		return nil, false
	}
	if e.Code == "session_closed" || e.Code == "step_already_completed" {
		return nil, false
	}
	if len(e.Problems) > 0 {
		problems := slices.Clone(e.Problems)
		for i := range problems {
			problems[i].Message = told(v.lang, e.Kind, problems[i])
		}
		return problems, true
	}
	return []kyc.Problem{{Message: p.sentence(v, err)}}, true
}

// sentence says an error in the language of the page where the catalogue has
// it.
func (p *pages) sentence(v *visit, err error) string {
	e := kyc.AsError(err)
	if e.Kind == kyc.Internal {
		text, _ := v.lang.T("ended.text.broken") // the catalogue has it: page_test
		return text
	}
	return told(v.lang, e.Kind, kyc.Problem{Code: e.Code, Message: e.Message})
}

// again shows a step with what was wrong; errors that are nobody's to mend go
// to the page of errors.
func (p *pages) again(v *visit, page stepPage, err error) error {
	problems, ok := p.mendable(v, err)
	if !ok {
		return err
	}
	return p.draw(v, http.StatusUnprocessableEntity, page, page.Step.Answers, problems, nil)
}

// finish ends a step: the answers of a form, or the word that it is done.
func (p *pages) finish(v *visit) error {
	page, ok, err := p.waiting(v)
	if !ok {
		return err
	}
	if page.Step.Kind == Form {
		return p.fill(v, page)
	}
	if err := v.form(); err != nil {
		return err
	}
	if err := v.desk.Done(v.ctx, v.token, page.Step.ID); err != nil {
		return p.again(v, page, err)
	}
	return v.refreshed()
}

func (p *pages) skip(v *visit) error {
	page, ok, err := p.waiting(v)
	if !ok {
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

// parts are the papers of a step with what is still missing.
func (v *visit) parts(s Step) (out []part, missing []string, err error) {
	for _, slot := range s.Slots {
		if slot.Side == "back" && len(slot.Files) == 0 && !v.hasBack(s, slot) {
			continue
		}
		title, err := v.slotTitle(s, slot)
		if err != nil {
			return nil, nil, err
		}
		if slot.Required && len(slot.Files) == 0 {
			text, err := v.lang.T("documents.missing", "title", title)
			if err != nil {
				return nil, nil, err
			}
			missing = append(missing, text)
		}
		out = append(out, part{Slot: slot, Title: title, Sights: v.sights(s, slot), Path: v.path("steps", s.ID, "files", slot.Name)})
	}
	return out, missing, nil
}

// hasBack reports whether the paper has a back to show: the front came, and it
// is no passport.
func (v *visit) hasBack(s Step, back Slot) bool {
	for _, x := range s.Slots {
		if x.Side == "front" && sheet(x.Name) == sheet(back.Name) {
			if len(x.Files) == 0 {
				return len(back.Old) > 0
			}
			kind := x.Files[len(x.Files)-1].Type
			return kind == "" || slices.Contains(back.Types, kind)
		}
	}
	return true
}

// slotTitle names what a slot shows: once the applicant has chosen a document,
// that one and no longer all that would do.
func (v *visit) slotTitle(step Step, s Slot) (string, error) {
	title, kind := s.Title, ""
	if !s.Multiple {
		kind = v.paper(step, s)
	}
	if kind != "" {
		paper, err := v.lang.T("paper." + kind)
		if err != nil {
			return "", err
		}
		switch {
		case s.Side == "" || step.sheets() > 1: // the author's words tell the papers apart
			title += " (" + paper + ")"
		default:
			title = paper
		}
	}
	switch {
	case s.Side == "":
		return title, nil
	case s.Side == "front" && kind == "passport":
		return v.lang.T("documents.page", "title", title)
	}
	return v.lang.T("documents."+s.Side, "title", title)
}

// paper is the kind of paper that a slot shows, where the applicant chooses one:
// that of the file that came, else the one they chose; "" before.
func (v *visit) paper(step Step, s Slot) string {
	if s.Side == "" && len(s.Types) < 2 {
		return ""
	}
	if n := len(s.Files); n > 0 && slices.Contains(s.Types, s.Files[n-1].Type) {
		return s.Files[n-1].Type
	}
	kind, _ := v.chosen(step, s)
	return kind
}

// sheets are how many papers of the step the applicant chooses the kind of.
func (s Step) sheets() int {
	var names []string
	for _, x := range s.Slots {
		if name := sheet(x.Name); len(x.Types) > 1 && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return len(names)
}
