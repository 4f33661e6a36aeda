package capture

import (
	"net/http"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/ui"
)

// slotPage is one file of a step: choosing which paper it is, taking the
// picture, and looking at it.
type slotPage struct {
	stepPage
	Slot  Slot
	Title string
	Path  string // of this page's address
	// Choose asks for the paper and the country first.
	Choose    bool
	Countries []ui.Choice
	Kind      string
	Country   string
	// Sent is the file that was just sent, to be looked at.
	Sent *Taken
	// Alone says that the slot is its step: what follows it ends the step.
	Alone bool
	Show  bool // pictures can be shown
	// Accepted names the papers that may fill the slot, where there is a choice.
	Accepted string
}

// paperCookie remembers which paper an applicant chose, for the step's pages
// alone.
const paperCookie = "bf_paper_"

func (p *pages) findSlot(v *visit) (slotPage, bool, error) {
	page, ok, err := p.waiting(v)
	if !ok {
		return slotPage{}, false, err
	}
	i := slices.IndexFunc(page.Step.Slots, func(s Slot) bool { return s.Name == v.r.PathValue("slot") })
	if i < 0 {
		return slotPage{}, false, kyc.Errorf(kyc.NotFound, "file_not_asked", "the step asks for no such file")
	}
	return slotPage{stepPage: page, Slot: page.Step.Slots[i]}, true, nil
}

func (p *pages) slot(v *visit) error {
	page, ok, err := p.findSlot(v)
	if !ok {
		return err
	}
	page.Choose = v.r.URL.Query().Has("choose")
	if id := v.r.URL.Query().Get("sent"); id != "" {
		if i := slices.IndexFunc(page.Slot.Files, func(t Taken) bool { return t.ID == id }); i >= 0 {
			page.Sent = &page.Slot.Files[i]
		}
	}
	return p.drawSlot(v, http.StatusOK, page)
}

// drawSlot shows a slot in the state it is in.
func (p *pages) drawSlot(v *visit, status int, page slotPage) error {
	var err error
	s := page.Slot
	page.Alone = page.Step.Kind == Selfie && len(page.Step.Slots) == 1
	page.Path = v.path("steps", page.Step.ID, "files", s.Name)
	if page.Title, err = v.slotTitle(page.Step, s); err != nil {
		return err
	}
	if page.Accepted, err = v.anyOf(s.Types); err != nil {
		return err
	}
	_, page.Show = v.desk.(Pictures)
	if page.Alone && len(s.Files) > 0 && page.Sent == nil && len(page.Problems) == 0 && !v.r.URL.Query().Has("again") {
		page.Sent = &s.Files[len(s.Files)-1]
	}
	page.Kind, page.Country = v.chosen(page.Step, s)
	limited := s.Countries != nil || s.Refused != nil
	if (page.Kind == "" && len(s.Types) > 1 || page.Country == "" && limited && s.Side != "back") && page.Sent == nil {
		page.Choose = true
	}
	if page.Choose && limited {
		for _, c := range p.Countries(v.lang) {
			if (s.Countries == nil || slices.Contains(s.Countries, c.Value)) && !slices.Contains(s.Refused, c.Value) {
				c.Chosen = c.Value == page.Country
				page.Countries = append(page.Countries, c)
			}
		}
	}
	name := "slot"
	switch {
	case page.Sent != nil:
		name = "sent"
	case page.Choose:
		name = "choose"
	}
	p.show(v, status, name, "slot.title."+name, page)
	return nil
}

// chosen is the paper and the country that were chosen for a slot: both sides
// of a paper share them. What is not offered any more counts as not chosen.
func (v *visit) chosen(step Step, s Slot) (kind, country string) {
	if c, err := v.r.Cookie(cookieOf(s)); err == nil {
		kind, country, _ = strings.Cut(c.Value, ".")
	}
	if kind == "" && s.Side == "back" {
		for _, x := range step.Slots {
			if x.Side == "front" && cookieOf(x) == cookieOf(s) && len(x.Files) > 0 {
				kind = x.Files[len(x.Files)-1].Type
			}
		}
	}
	if len(s.Types) == 1 {
		kind = s.Types[0]
	}
	if !slices.Contains(s.Types, kind) {
		kind = ""
	}
	if s.Countries != nil && !slices.Contains(s.Countries, country) || slices.Contains(s.Refused, country) {
		country = ""
	}
	return kind, country
}

// anyOf names kinds of paper as a choice; "" for fewer than two.
func (v *visit) anyOf(kinds []string) (string, error) {
	if len(kinds) < 2 {
		return "", nil
	}
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		var err error
		if names[i], err = v.lang.T("paper." + kind); err != nil {
			return "", err
		}
	}
	comma, err := v.lang.T("list.comma")
	if err != nil {
		return "", err
	}
	return v.lang.T("list.or", "list", strings.Join(names[:len(names)-1], comma), "last", names[len(names)-1])
}

func cookieOf(s Slot) string {
	return paperCookie + sheet(s.Name)
}

// sheet is the paper that a slot shows a side of: id of id.front, document of
// document_back.
func sheet(slot string) string {
	for _, side := range []string{".front", ".back", "_front", "_back"} {
		if paper, ok := strings.CutSuffix(slot, side); ok {
			return paper
		}
	}
	return slot
}

// kind remembers the choice of a paper.
func (p *pages) kind(v *visit) error {
	page, ok, err := p.findSlot(v)
	if !ok {
		return err
	}
	if err := v.form(); err != nil {
		return err
	}
	kind, country := v.r.PostFormValue("kind"), v.r.PostFormValue("country")
	s := page.Slot
	limited := s.Countries != nil || s.Refused != nil
	if len(s.Types) > 1 && !slices.Contains(s.Types, kind) || limited && (country == "" || s.Countries != nil && !slices.Contains(s.Countries, country) || slices.Contains(s.Refused, country)) {
		text, err := v.lang.T("choose.needed")
		if err != nil {
			return err
		}
		page.Problems = append(page.Problems, problem{"kind", text})
		page.Choose = true
		return p.drawSlot(v, http.StatusUnprocessableEntity, page)
	}
	http.SetCookie(v.w, &http.Cookie{Name: cookieOf(s), Value: kind + "." + country, Path: "/capture/" + v.token + "/steps/" + page.Step.ID + "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil})
	return v.on("steps", page.Step.ID, "files", s.Name)
}

// file takes one picture or paper.
func (p *pages) file(v *visit) error {
	page, ok, err := p.findSlot(v)
	if !ok {
		return err
	}
	before := page.Slot.Files
	err = p.take(v, page)
	if err != nil {
		problems, mendable := p.mendable(v, err)
		if !mendable {
			return err
		}
		if v.wantsJSON() {
			texts := make([]string, len(problems))
			for i := range problems {
				texts[i] = problems[i].Message
			}
			v.answer(http.StatusUnprocessableEntity, map[string]any{"problems": texts})
			return nil
		}
		for _, x := range problems {
			page.Problems = append(page.Problems, problem{"file", x.Message})
		}
		return p.drawSlot(v, http.StatusUnprocessableEntity, page)
	}
	if err := v.refresh(); err != nil {
		return err
	}
	next, err := p.afterFile(v, before)
	if err != nil {
		return err
	}
	if v.wantsJSON() {
		v.answer(http.StatusOK, map[string]any{"next": next})
		return nil
	}
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
	return nil
}

func (p *pages) take(v *visit, page slotPage) error {
	done, err := v.upload()
	defer done()
	if err != nil {
		return err
	}
	kind, country := v.chosen(page.Step, page.Slot)
	if sent := v.r.PostFormValue("type"); slices.Contains(page.Slot.Types, sent) {
		kind = sent
	}
	files, err := v.sent("file", kind)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return kyc.Errorf(kyc.Invalid, "file_missing", "no file was chosen")
	}
	for _, f := range files {
		f.Country = country
		if err := v.desk.Take(v.ctx, v.token, page.Step.ID, page.Slot.Name, f); err != nil {
			return err
		}
	}
	return nil
}

// afterFile is the page that follows a file that came. Who has looked at the
// picture already (the camera's script shows it before it is sent) sees it
// again only with warnings; a selfie then ends its step.
func (p *pages) afterFile(v *visit, before []Taken) (string, error) {
	page, err := v.find()
	if err != nil {
		return "", err
	}
	step := page.Step
	i := slices.IndexFunc(step.Slots, func(s Slot) bool { return s.Name == v.r.PathValue("slot") })
	if i < 0 || len(step.Slots[i].Files) == 0 {
		return v.nextPath(), nil
	}
	s := step.Slots[i]
	sent := s.Files[len(s.Files)-1]
	for _, f := range s.Files {
		if !slices.ContainsFunc(before, func(x Taken) bool { return x.ID == f.ID }) {
			sent = f
		}
	}
	switch {
	case len(sent.Warnings) > 0 || !v.wantsJSON():
		return v.path("steps", step.ID, "files", s.Name) + "?sent=" + sent.ID, nil
	case step.Kind == Selfie && len(step.Slots) > 1:
		return v.path("steps", step.ID), nil
	case step.Kind == Selfie && page.Last:
		return v.path("review"), nil
	case step.Kind == Selfie:
		if err := v.desk.Done(v.ctx, v.token, step.ID); err != nil {
			return "", err
		}
		err := v.refresh()
		return v.nextPath(), err
	}
	if back := i + 1; s.Side == "front" && back < len(step.Slots) && step.Slots[back].Side == "back" && len(step.Slots[back].Files) == 0 && v.hasBack(step, step.Slots[back]) {
		return v.path("steps", step.ID, "files", step.Slots[back].Name), nil
	}
	return v.path("steps", step.ID), nil
}

// picture shows applicants what they sent for a step they still work on. Only
// pictures are shown, never as anything else.
func (p *pages) picture(v *visit) error {
	album, ok := v.desk.(Pictures)
	if !ok {
		return kyc.Errorf(kyc.NotFound, "document_not_found", "there is no such picture")
	}
	got, err := album.Picture(v.ctx, v.token, v.r.PathValue("step"), v.r.PathValue("file"))
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"image/jpeg", "image/png", "image/webp"}, got.ContentType) {
		return kyc.Errorf(kyc.NotFound, "document_not_found", "there is no such picture")
	}
	h := v.w.Header()
	ui.Safe(h)
	h.Set("Content-Type", got.ContentType)
	h.Set("Content-Disposition", "inline; filename=picture")
	_, _ = v.w.Write(got.Bytes) // a reader who has gone away cannot be told
	return nil
}
