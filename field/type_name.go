package field

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type nameKind struct{}

// EntityRoles are the roles a party can have.
func EntityRoles() []string {
	return []string{"individual", "ubo", "director", "shareholder", "representative"}
}

// NameParts are the members of a name in the order they are spoken of.
func NameParts() []string { return []string{"given", "middle", "family", "full"} }

// maxPerson bounds a name in code points; the longest real ones stay below.
const maxPerson = 255

func (nameKind) spec() TypeSpec {
	return TypeSpec{
		Name: "name", Category: "semantic",
		Summary: "The name of a person or company, which checks and lists are asked about.",
		Stored:  "string, or {given,middle,family,full} when the answer came in parts; inner white space single",
		Options: []OptionSpec{
			opt("name_type", "string", "individual", "individual or company"),
			opt("validate_lists", "boolean", false, "the name is screened on watchlists"),
			opt("validate_adverse_media", "boolean", false, "the name is searched in adverse media"),
			opt("entity_role", "string", nil, strings.Join(EntityRoles(), ", ")+"; absent: the role of the entity array around it, or individual"),
			opt("parts", "boolean", false, "given and family name are asked separately; one of them is enough, for people with a single name"),
		},
		Rules: textRules(),
	}
}

func (nameKind) define(d *definer, f *Field, at string) {
	if f.NameType != "individual" && f.NameType != "company" {
		d.add(at+"/name_type", "name_type_invalid", "name_type is individual or company")
	}
	if f.NameType == "company" && on(f.Parts) {
		d.add(at+"/parts", "option_conflict", "the name of a company has no given and family part")
	}
	d.role(f, at)
}

func (d *definer) role(f *Field, at string) {
	if f.EntityRole != "" && !slices.Contains(EntityRoles(), f.EntityRole) {
		d.add(at+"/entity_role", "entity_role_invalid", "entity_role is one of %s", strings.Join(EntityRoles(), ", "))
	}
}

func (nameKind) read(c *call, f *Field, at string, v any) (any, bool) {
	company := f.NameType == "company"
	if text, is := v.(string); is {
		if on(f.Parts) {
			c.add(at, "wrong_type", "the answer must be an object with given and family")
			return nil, false
		}
		return properName(c, at, text, company)
	}
	m, ok := v.(map[string]any)
	if !ok || company {
		c.add(at, "wrong_type", "a name is a text%s", map[bool]string{false: " or an object with given, middle and family"}[company])
		return nil, false
	}
	out := map[string]any{}
	for _, part := range slices.Sorted(maps.Keys(m)) {
		here := pointer(at, token(part))
		if !slices.Contains(NameParts(), part) {
			c.add(here, "unknown_field", "a name has given, middle, family and full")
			ok = false
			continue
		}
		if blank(m[part]) {
			continue
		}
		text, is := c.text(here, m[part])
		if is {
			text, is = properName(c, here, text, false)
		}
		ok = ok && is
		out[part] = text
	}
	if !ok {
		return nil, false
	}
	if out["given"] == nil && out["family"] == nil && (on(f.Parts) || out["full"] == nil) {
		c.add(at, "name_part_required", "a given or a family name is needed")
		return nil, false
	}
	if out["full"] == nil {
		var words []string
		for _, part := range []string{"given", "middle", "family"} {
			if text, is := out[part].(string); is {
				words = append(words, text)
			}
		}
		out["full"] = strings.Join(words, " ")
	}
	return out, true
}

// properName normalises a name and refuses what cannot be one. It stays
// generous: one letter is a name somewhere, and every script is welcome.
func properName(c *call, at, text string, company bool) (string, bool) {
	text = strings.Join(strings.Fields(clean(strings.ReplaceAll(text, "\u00ad", ""))), " ")
	before := len(c.problems)
	letters, odd, control := 0, false, false
	for _, r := range text {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsControl(r), isBidi(r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			control = true
		case unicode.IsMark(r), unicode.IsDigit(r), r == ' ', r == '\u200c', r == '\u200d': // joiners belong to Persian and Indic names
		case unicode.Is(unicode.Cf, r): // invisible
			control = true
		case company:
		case unicode.Is(unicode.Pd, r), unicode.Is(unicode.Nl, r), strings.ContainsRune(".,'’‘ʼ`´·•‧・,/()\"“”״׳", r):
		default:
			odd = true
		}
	}
	digits := strings.IndexFunc(text, unicode.IsDigit) >= 0
	switch {
	case control:
		c.add(at, "control_character", "control characters are not allowed")
	case letters == 0 && !(company && digits && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) && r != ' ' }) >= 0):
		c.add(at, "name_without_letters", "a name needs at least one letter")
	case odd:
		c.add(at, "name_characters", "a name has letters, spaces, hyphens, apostrophes and dots")
	}
	if utf8.RuneCountInString(text) > maxPerson {
		c.add(at, "too_long", "a name may have at most %d characters", maxPerson)
	}
	return text, len(c.problems) == before
}
