package ui

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bonafide/field"
	"bonafide/kyc"
)

// Widget is one question of a form, ready to be drawn by the template "widget".
type Widget struct {
	// Look chooses the template's branch: input, area, select, choices, check,
	// group, list or files.
	Look string
	// Name is the name of the form value, and ID that of the element.
	Name, ID string
	Label    string
	// Notes stand above the input, Help below.
	Notes, Help, Placeholder string
	Required                 bool
	// Type, InputMode, Autocomplete, Min, Max, Step and Pattern are attributes of
	// an input; empty ones are left out.
	Type, InputMode, Autocomplete, Min, Max, Step string
	MaxLength                                     int
	Unit                                          string
	Value                                         string
	Checked                                       bool
	Multiple                                      bool
	Options                                       []Choice
	Problems                                      []string
	// Filled says that a document gave the value, Given that the organisation did.
	Filled, Given bool
	// Parts are the widgets of a group, Items those of a list, one group each.
	Parts []Widget
	Items []Widget
	// More says that the list takes another item, Fewer that one may go.
	More, Fewer bool
	// Logic is the field's conditional_logic as JSON, for the script that hides it
	// meanwhile; the server decides.
	Logic string
}

// Choice is one option.
type Choice struct {
	Value, Label string
	Chosen       bool
}

// prefix keeps the values of a form's fields apart from everything else in it.
const prefix = "f"

// Form is what widgets are made of.
type Form struct {
	Fields  []field.Field
	Answers map[string]any // as stored or as just sent
	// Problems have paths below /form_data.
	Problems []kyc.Problem
	// FromDocument marks the fields a document answered.
	FromDocument map[string]bool
	// Given marks those that the organisation answered.
	Given map[string]bool
	// Countries are the names by alpha-2 code, in the language of the page.
	Countries []Choice
	Language  *Language
	// Rows are how many items a list shows at least, by the name of its widget.
	Rows map[string]int
}

// Widgets draws a form.
func (f Form) Widgets() ([]Widget, error) {
	return f.list(f.Fields, f.Answers, prefix, "/form_data", true)
}

func (f Form) list(fields []field.Field, answers map[string]any, name, path string, top bool) ([]Widget, error) {
	out := make([]Widget, 0, len(fields))
	for i := range fields {
		d := &fields[i]
		w, err := f.widget(d, answer(answers, d), name+"."+d.FieldID, path+"/"+pointerToken(d.FieldID))
		if err != nil {
			return nil, err
		}
		w.Filled = top && f.FromDocument[d.FieldID]
		w.Given = top && !w.Filled && f.Given[d.FieldID]
		out = append(out, w)
	}
	return out, nil
}

// answer finds what was answered to a field, or its default.
func answer(answers map[string]any, d *field.Field) any {
	if v, ok := answers[d.FieldID]; ok {
		return v
	}
	if v, ok := answers[d.FieldKey]; ok && d.FieldKey != "" {
		return v
	}
	if answers == nil && len(d.DefaultValue) > 0 {
		var v any
		if json.Unmarshal(d.DefaultValue, &v) == nil {
			return v
		}
	}
	return nil
}

func pointerToken(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}

// at gives the messages of the problems at a path, and with under those below
// it that no widget of its own shows.
func (f Form) at(path string, under bool) []string {
	var out []string
	for _, p := range f.Problems {
		if p.Path == path || under && strings.HasPrefix(p.Path, path+"/") {
			out = append(out, p.Message)
		}
	}
	return out
}

func (f Form) widget(d *field.Field, v any, name, path string) (Widget, error) {
	w := Widget{Look: "input", Type: "text", Name: name, ID: strings.ReplaceAll(name, ".", "-"), Label: d.Name, Notes: d.Instructions,
		Help: strings.TrimSpace(d.HelpText + " " + d.Tooltip), Placeholder: d.Placeholder, Required: d.Required, Value: text(v), Problems: f.at(path, false)}
	if d.ConditionalLogic != nil {
		raw, err := json.Marshal(d.ConditionalLogic)
		if err != nil {
			return w, err
		}
		w.Logic = string(raw)
	}
	switch d.Type {
	case "text":
		if yes(d.Multiline) {
			w.Look = "area"
		}
		if d.MaxLength != nil {
			w.MaxLength = *d.MaxLength
		}
	case "number":
		w.InputMode, w.Unit = "decimal", d.Unit
		if yes(d.Integer) {
			w.InputMode = "numeric"
		}
	case "date":
		w.Type, w.Min, w.Max = "date", isoDate(d.MinDate), isoDate(d.MaxDate)
		if strings.Contains(d.FieldID+d.FieldKey, "birth") {
			w.Autocomplete = "bday"
		}
	case "boolean":
		w.Look, w.Checked = "check", v == true
		if d.MustBeTrue == nil || !*d.MustBeTrue {
			w.Look = "choices"
			yesLabel, noLabel, err := f.yesNo(d)
			if err != nil {
				return w, err
			}
			w.Options = []Choice{{"true", yesLabel, v == true}, {"false", noLabel, v == false}}
		}
	case "select":
		return f.selection(w, d, v)
	case "file":
		w.Look, w.Value = "files", ""
		w.Multiple = d.MaxFiles != nil && *d.MaxFiles > 1
		w.Placeholder = strings.Join(d.Accept, ",")
	case "email":
		w.Type, w.Autocomplete = "email", "email"
	case "phone":
		w.Type, w.Autocomplete = "tel", "tel"
		if w.Notes == "" {
			hint, err := f.Language.T("form.phone_hint")
			if err != nil {
				return w, err
			}
			w.Notes = hint
		}
	case "url":
		w.Type, w.Autocomplete = "url", "url"
	case "domain":
		w.InputMode = "url"
	case "country":
		w.Look, w.Options = "select", f.countries(d, w.Value)
		if d.CountryType == "residence" {
			w.Autocomplete = "country"
		}
	case "name":
		return f.name(w, d, v, path)
	case "wallet":
		return f.wallet(w, d, v, path)
	case "volume":
		return f.volume(w, d, v, path)
	case "address":
		return f.address(w, d, v, path)
	case "object":
		m, _ := v.(map[string]any)
		return f.group(w, d.Fields, m, path)
	case "entity_array", "sub_merchants":
		return f.items(w, d, v, path)
	}
	return w, nil
}

func (f Form) yesNo(d *field.Field) (yesLabel, noLabel string, err error) {
	yesLabel, noLabel = d.TrueLabel, d.FalseLabel
	if yesLabel == "" {
		if yesLabel, err = f.Language.T("form.yes"); err != nil {
			return "", "", err
		}
	}
	if noLabel == "" {
		noLabel, err = f.Language.T("form.no")
	}
	return yesLabel, noLabel, err
}

func (f Form) selection(w Widget, d *field.Field, v any) (Widget, error) {
	chosen := texts(v)
	for _, o := range d.Options {
		w.Options = append(w.Options, Choice{o.Value, first(o.Label, o.Value), slices.Contains(chosen, o.Value)})
	}
	w.Value, w.Multiple = "", yes(d.Multiple)
	w.Look = "select"
	if w.Multiple || len(d.Options) <= 6 {
		w.Look = "choices"
	}
	if !yes(d.AllowOther) {
		return w, nil
	}
	other, err := f.Language.T("form.other")
	if err != nil {
		return w, err
	}
	part := Widget{Look: "input", Type: "text", Name: w.Name + ".other", ID: w.ID + "-other", Label: other, MaxLength: 255}
	for _, c := range chosen {
		if !slices.ContainsFunc(d.Options, func(o field.Option) bool { return o.Value == c }) {
			part.Value = c
		}
	}
	w.Parts = []Widget{part}
	return w, nil
}

func (f Form) countries(d *field.Field, chosen string) []Choice {
	var out []Choice
	for _, c := range f.Countries {
		if d.Allowed != nil && !slices.Contains(d.Allowed, c.Value) || slices.Contains(d.Denied, c.Value) || d.AllowedCountries != nil && !slices.Contains(d.AllowedCountries, c.Value) {
			continue
		}
		out = append(out, Choice{c.Value, c.Label, strings.EqualFold(c.Value, chosen)})
	}
	return out
}

func yes(b *bool) bool { return b != nil && *b }

func first(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}

// isoDate gives what the attribute min or max of a date input takes; "today"
// is for the server, whose clock counts.
func isoDate(s string) string {
	if s == "today" {
		return ""
	}
	return s
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any, []any:
		return ""
	}
	return fmt.Sprint(v)
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, text(x))
		}
		return out
	case []string:
		return v
	}
	return nil
}
