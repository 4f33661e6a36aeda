package ui

import (
	"slices"
	"strconv"

	"bonafide/field"
	"bonafide/wallet"
)

// part is one input of a group whose parts the type itself names.
func (f Form) part(w *Widget, path, name, key, autocomplete string, required bool, v any) error {
	label, err := f.Language.T(key)
	if err != nil {
		return err
	}
	w.Parts = append(w.Parts, Widget{Look: "input", Type: "text", Name: w.Name + "." + name, ID: w.ID + "-" + name, Label: label,
		Autocomplete: autocomplete, Required: required, Value: text(v), Problems: f.at(path+"/"+name, true)})
	return nil
}

func (f Form) name(w Widget, d *field.Field, v any, path string) (Widget, error) {
	if d.NameType == "company" {
		w.Autocomplete = "organization"
		return w, nil
	}
	if !yes(d.Parts) {
		w.Autocomplete = "name"
		if m, ok := v.(map[string]any); ok {
			w.Value = text(m["full"])
		}
		return w, nil
	}
	w.Look, w.Value = "group", ""
	m, _ := v.(map[string]any)
	for _, p := range []struct{ name, complete string }{{"given", "given-name"}, {"middle", "additional-name"}, {"family", "family-name"}} {
		if err := f.part(&w, path, p.name, "form.name."+p.name, p.complete, false, m[p.name]); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (f Form) wallet(w Widget, d *field.Field, v any, path string) (Widget, error) {
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		m = map[string]any{"address": v}
	}
	w.Look, w.Value = "group", ""
	if err := f.part(&w, path, "address", "form.wallet.address", "off", d.Required, m["address"]); err != nil {
		return w, err
	}
	if d.Network != "" && d.Network != "any" {
		return w, nil
	}
	if err := f.part(&w, path, "network", "form.wallet.network", "off", false, m["network"]); err != nil {
		return w, err
	}
	allowed := d.NetworksAllowed
	if allowed == nil {
		allowed = wallet.Networks()
	}
	p := &w.Parts[1]
	p.Look = "select"
	for _, n := range allowed {
		p.Options = append(p.Options, Choice{n, n, n == p.Value})
	}
	return w, nil
}

func (f Form) volume(w Widget, d *field.Field, v any, path string) (Widget, error) {
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		m = map[string]any{"amount": v}
	}
	w.Look, w.Value = "group", ""
	if len(d.Brackets) > 0 {
		if err := f.part(&w, path, "bracket", "form.volume.bracket", "off", d.Required, m["bracket"]); err != nil {
			return w, err
		}
		p := &w.Parts[0]
		p.Look = "select"
		for _, b := range d.Brackets {
			p.Options = append(p.Options, Choice{b.Label, b.Label, b.Label == p.Value})
		}
	}
	if err := f.part(&w, path, "amount", "form.volume.amount", "off", d.Required && len(d.Brackets) == 0, m["amount"]); err != nil {
		return w, err
	}
	w.Parts[len(w.Parts)-1].InputMode, w.Parts[len(w.Parts)-1].Unit = "decimal", d.Currency
	if d.Currency == "" {
		if err := f.part(&w, path, "currency", "form.volume.currency", "off", d.Required, m["currency"]); err != nil {
			return w, err
		}
		w.Parts[len(w.Parts)-1].MaxLength = 3
	}
	if d.Period == "" {
		if err := f.part(&w, path, "period", "form.volume.period", "off", d.Required, m["period"]); err != nil {
			return w, err
		}
		p := &w.Parts[len(w.Parts)-1]
		p.Look = "select"
		for _, period := range []string{"monthly", "annual"} {
			label, err := f.Language.T("form.volume." + period)
			if err != nil {
				return w, err
			}
			p.Options = append(p.Options, Choice{period, label, period == p.Value})
		}
	}
	return w, nil
}

func (f Form) address(w Widget, d *field.Field, v any, path string) (Widget, error) {
	complete := map[string]string{"line1": "address-line1", "line2": "address-line2", "city": "address-level2", "region": "address-level1", "postal_code": "postal-code", "country": "country"}
	m, _ := v.(map[string]any)
	w.Look, w.Value = "group", ""
	for _, name := range field.AddressParts() {
		if err := f.part(&w, path, name, "form.address."+name, complete[name], d.Required && slices.Contains(d.RequireFields, name), m[name]); err != nil {
			return w, err
		}
	}
	p := &w.Parts[len(w.Parts)-1]
	p.Look, p.Options = "select", f.countries(d, p.Value)
	return w, nil
}

func (f Form) group(w Widget, fields []field.Field, answers map[string]any, path string) (Widget, error) {
	parts, err := f.list(fields, answers, w.Name, path, false)
	w.Look, w.Value, w.Parts = "group", "", parts
	return w, err
}

func (f Form) items(w Widget, d *field.Field, v any, path string) (Widget, error) {
	w.Look, w.Value = "list", ""
	list, _ := v.([]any)
	most := 20
	if d.MaxItems != nil {
		most = *d.MaxItems
	}
	least := 0
	if d.MinItems != nil {
		least = *d.MinItems
	}
	if d.Required {
		least = max(least, 1)
	}
	rows := min(max(len(list), least, f.Rows[w.Name]), most)
	for i := range rows {
		var m map[string]any
		if i < len(list) {
			m, _ = list[i].(map[string]any)
		}
		label, err := f.Language.T("form.item", "label", d.Name, "n", i+1)
		if err != nil {
			return w, err
		}
		at := strconv.Itoa(i)
		item, err := f.group(Widget{Name: w.Name + "." + at, ID: w.ID + "-" + at, Label: label, Problems: f.at(path+"/"+at, false)}, d.ItemFields, m, path+"/"+at)
		if err != nil {
			return w, err
		}
		w.Items = append(w.Items, item)
	}
	w.More, w.Fewer = rows < most, rows > least
	return w, nil
}
