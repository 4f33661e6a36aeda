package check

import (
	"maps"
	"slices"
	"strings"

	"bonafide/document"
)

// pageText is the text that the pages carry themselves.
func pageText(g document.Reading) string {
	var b strings.Builder
	for _, p := range g.Pages {
		b.WriteString(p.Text + "\n")
	}
	return strings.TrimSpace(b.String())
}

// paperText is a text in which names and addresses are looked for. Words are
// compared in their ICAO spellings.
type paperText struct {
	raw      string
	has      map[string]bool
	squeezed string
}

func textOn(g document.Reading) paperText { return readText(pageText(g)) }

func readText(raw string) paperText {
	t := paperText{raw: raw, has: map[string]bool{}, squeezed: letters(strings.ToUpper(raw))}
	for _, w := range words(raw) {
		for _, f := range w {
			t.has[f] = true
		}
	}
	return t
}

func (t paperText) empty() bool { return strings.TrimSpace(t.raw) == "" }

// count is how many words of s there are and how many of them stand in the
// text.
func (t paperText) count(s string) (found, all int) {
	for _, w := range words(s) {
		all++
		if slices.ContainsFunc(w, func(f string) bool { return t.has[f] }) {
			found++
		}
	}
	return found, all
}

// contains reports whether every word of s stands in the text.
func (t paperText) contains(s string) bool {
	found, all := t.count(s)
	return all > 0 && found == all
}

// names reports whether a name stands in the text: all of one or two words,
// two thirds of longer ones, because papers leave middle names out.
func (t paperText) names(name string) bool {
	found, all := t.count(name)
	switch {
	case all == 0:
		return false
	case all <= 2:
		return found == all
	}
	return found >= 2 && found*3 >= all*2
}

// address reports whether the postal code or the street stands in the text.
func (t paperText) address(postcode, street string) bool {
	code := letters(postcode)
	return len(code) >= 3 && strings.Contains(t.squeezed, code) || street != "" && t.contains(street)
}

// answersOf gives the fields of the form whose answer stands in the text, in
// order: texts of at least three letters, names and addresses.
func (t paperText) answersOf(fields map[string]any) []string {
	out := []string{}
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		found := false
		switch v := fields[id].(type) {
		case string:
			found = len(letters(v)) >= 3 && t.names(v)
		case map[string]any:
			if postcode, street := addressParts(v); postcode != "" || street != "" {
				found = t.address(postcode, street)
			} else {
				found = t.names(namePerson(v).full)
			}
		}
		if found {
			out = append(out, id)
		}
	}
	return out
}

// addressParts reads the parts of an address by which papers show it.
func addressParts(v map[string]any) (postcode, street string) {
	f := factsOf(v)
	return f.text("postcode"), f.text("street")
}
