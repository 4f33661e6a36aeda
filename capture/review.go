package capture

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/ui"
)

// reviewPage shows everything once more before the last step is ended.
type reviewPage struct {
	stepPage
	Parts []reviewed
	// Sent are the answers of the last form: they are kept only when the
	// applicant says so.
	Sent []pair
	Skip bool // the last step is left out
	// Closed says that a part cannot be changed any more.
	Closed bool
}

type pair struct{ Name, Value string }

// reviewed is one step on the page.
type reviewed struct {
	Step Step
	Rows []row
	// Change is the address of the step while it can be changed; on most surfaces
	// a step that was ended stays as it is (api.md 3.8, P8).
	Change string
}

// row is one answer.
type row struct {
	Label, Value string
	Rows         []row
	Files        []sight
}

// sight is a file as the page shows it: small where a browser can, by its name
// where not.
type sight struct {
	Name     string
	Src      string // "" for what cannot be shown
	Warnings []kyc.Problem
}

func (p *pages) review(v *visit) error {
	for _, s := range shown(v.story) {
		if s.waits() {
			v.r.SetPathValue("step", s.ID)
			break
		}
	}
	page, ok, err := p.waiting(v)
	if kyc.KindOf(err) == kyc.NotFound && err != nil {
		return v.on("status")
	}
	if !ok {
		return err
	}
	if !page.Last || page.Step.Kind == Form && !v.r.URL.Query().Has("skip") {
		return v.next()
	}
	return p.showReview(v, page, nil)
}

// showReview shows everything; sent is the form of the last step that was just
// filled in.
func (p *pages) showReview(v *visit, page stepPage, sent url.Values) error {
	out := reviewPage{stepPage: page, Skip: v.r.URL.Query().Has("skip") && !page.Step.Required}
	names := map[string]string{}
	countries := p.Countries(v.lang)
	for _, s := range shown(v.story) {
		here := s.ID == page.Step.ID
		if here && out.Skip {
			continue
		}
		if here && sent != nil {
			s.Answers = page.Step.Answers
			s.Slots = page.Step.Slots
		}
		part := reviewed{Step: s}
		if here || s.Changeable {
			part.Change = v.path("steps", s.ID)
		}
		out.Closed = out.Closed || part.Change == ""
		for _, slot := range s.Slots {
			for _, f := range slot.Files {
				names[f.ID] = f.Name
			}
			if s.Kind == Form || len(slot.Files) == 0 {
				continue
			}
			title, err := v.slotTitle(s, slot)
			if err != nil {
				return err
			}
			part.Rows = append(part.Rows, row{Label: title, Files: v.sights(s, slot)})
		}
		for _, x := range s.Parties {
			part.Rows = append(part.Rows, row{Label: first(x.Name, x.Email), Value: x.Email})
		}
		t := teller{lang: v.lang, countries: countries, files: names}
		part.Rows = append(part.Rows, t.rows(s.Fields, s.Answers)...)
		if t.err != nil {
			return t.err
		}
		out.Parts = append(out.Parts, part)
	}
	for _, name := range slices.Sorted(keys(sent)) {
		if strings.HasPrefix(name, "f.") {
			for _, value := range sent[name] {
				out.Sent = append(out.Sent, pair{name, value})
			}
		}
	}
	p.show(v, http.StatusOK, "review", "review.title", out)
	return nil
}

func keys(m url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// sights are the files of a slot.
func (v *visit) sights(step Step, slot Slot) []sight {
	_, album := v.desk.(Pictures)
	out := make([]sight, len(slot.Files))
	for i, f := range slot.Files {
		out[i].Name, out[i].Warnings = f.Name, f.Warnings
		if album && f.Image {
			out[i].Src = v.path("steps", step.ID, "pictures", f.ID)
		}
	}
	return out
}

// teller writes answers as people read them.
type teller struct {
	lang      *ui.Language
	countries []ui.Choice
	files     map[string]string
	err       error
}

func (t *teller) word(key string) string {
	s, err := t.lang.T(key)
	if err != nil {
		t.err = err
	}
	return s
}

func (t *teller) rows(fields []field.Field, answers map[string]any) []row {
	var out []row
	for i := range fields {
		f := &fields[i]
		if v, ok := answers[f.FieldID]; ok && v != nil {
			out = append(out, t.row(f, v))
		}
	}
	return out
}

func (t *teller) row(f *field.Field, v any) row {
	r := row{Label: f.Name}
	switch f.Type {
	case "object":
		m, _ := v.(map[string]any)
		r.Rows = t.rows(f.Fields, m)
	case "entity_array", "sub_merchants":
		list, _ := v.([]any)
		for i, x := range list {
			m, _ := x.(map[string]any)
			r.Rows = append(r.Rows, row{Label: fmt.Sprint(i + 1), Rows: t.rows(f.ItemFields, m)})
		}
	default:
		r.Value = t.value(f, v)
	}
	return r
}

func (t *teller) value(f *field.Field, v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return first(f.TrueLabel, t.word("form.yes"))
		}
		return first(f.FalseLabel, t.word("form.no"))
	case []any:
		out := make([]string, len(v))
		for i := range v {
			out[i] = t.value(f, v[i])
		}
		return strings.Join(out, ", ")
	case map[string]any:
		return t.parts(f, v)
	}
	s := fmt.Sprint(v)
	switch f.Type {
	case "country":
		return t.country(s)
	case "file":
		return first(t.files[s], s)
	case "select":
		for _, o := range f.Options {
			if o.Value == s {
				return first(o.Label, s)
			}
		}
	}
	if f.Unit != "" {
		s += " " + f.Unit
	}
	return s
}

// parts writes the values whose parts their type names.
func (t *teller) parts(f *field.Field, m map[string]any) string {
	order := []string{"full"}
	if f.Type == "name" && m["full"] == nil {
		order = []string{"given", "middle", "family"}
	}
	joint := " "
	switch f.Type {
	case "address":
		order, joint = field.AddressParts(), ", "
	case "wallet":
		order = []string{"address", "network"}
	case "volume":
		order = []string{"bracket", "amount", "currency", "period"}
	}
	var out []string
	for _, name := range order {
		v, ok := m[name]
		if !ok || v == "" {
			continue
		}
		s := fmt.Sprint(v)
		switch {
		case f.Type == "address" && name == "country":
			s = t.country(s)
		case f.Type == "volume" && name == "period":
			s = t.word("form.volume." + s)
		}
		out = append(out, s)
	}
	return strings.Join(out, joint)
}

func (t *teller) country(code string) string {
	for _, c := range t.countries {
		if strings.EqualFold(c.Value, code) {
			return c.Label
		}
	}
	return code
}
