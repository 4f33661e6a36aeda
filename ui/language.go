package ui

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

//go:embed lang/*.json
var catalogues embed.FS

// Language is one catalogue: the sentences of the pages in one language.
type Language struct {
	Tag  language.Tag
	text map[string]string
}

// Code is the BCP 47 tag, such as "en" or "pt".
func (l *Language) Code() string { return l.Tag.String() }

// Name is the language's name in itself, such as Deutsch.
func (l *Language) Name() string { return display.Self.Name(l.Tag) }

// Dir is the direction of writing for the dir attribute: ltr or rtl.
func (l *Language) Dir() string {
	switch base, _ := l.Tag.Base(); base.String() {
	case "ar", "fa", "he", "ur":
		return "rtl"
	}
	return "ltr"
}

// Has reports whether the catalogue has a sentence.
func (l *Language) Has(key string) bool {
	_, ok := l.text[key]
	return ok
}

// T is a sentence with its placeholders filled: pairs are name and value, and
// {name} in the sentence becomes the value. A key that is missing and a pair
// without a value are errors.
func (l *Language) T(key string, pairs ...any) (string, error) {
	s, ok := l.text[key]
	if !ok {
		return "", fmt.Errorf("the catalogue %s has no %q", l.Code(), key)
	}
	return l.fill(s, key, pairs)
}

// HTML is T for a sentence that carries markup of its own; the values are
// escaped.
func (l *Language) HTML(key string, pairs ...any) (template.HTML, error) {
	safe := slices.Clone(pairs)
	for i := 1; i < len(safe); i += 2 {
		safe[i] = template.HTMLEscapeString(fmt.Sprint(safe[i]))
	}
	s, err := l.T(key, safe...)
	return template.HTML(s), err //nolint:gosec // the catalogue is ours and the values are escaped
}

// N is the form of a sentence for a number: the catalogue has key.one,
// key.other and the other forms of the language (CLDR), each with {n}.
func (l *Language) N(key string, n int, pairs ...any) (string, error) {
	form := formNames[plural.Cardinal.MatchPlural(l.Tag, n, 0, 0, 0, 0)]
	if _, ok := l.text[key+"."+form]; !ok {
		form = "other"
	}
	return l.T(key+"."+form, append([]any{"n", n}, pairs...)...)
}

var formNames = map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}

// fill puts values into a sentence. In one that runs from right to left a text is
// set apart (U+2068, U+2069), so that a name in Latin letters with a question mark
// or brackets keeps its own order.
func (l *Language) fill(s, key string, pairs []any) (string, error) {
	if len(pairs)%2 != 0 {
		return "", fmt.Errorf("%q is given a name without a value", key)
	}
	for i := 0; i < len(pairs); i += 2 {
		value := fmt.Sprint(pairs[i+1])
		if _, text := pairs[i+1].(string); text && l.Dir() == "rtl" {
			value = "\u2068" + value + "\u2069"
		}
		s = strings.ReplaceAll(s, fmt.Sprintf("{%v}", pairs[i]), value)
	}
	return s, nil
}

// languages are all catalogues; the first is the one that others fall back to.
type languages struct {
	all     []*Language
	byCode  map[string]*Language
	matcher language.Matcher
}

func readLanguages() (*languages, error) {
	files, err := catalogues.ReadDir("lang")
	if err != nil {
		return nil, err
	}
	ls := &languages{byCode: map[string]*Language{}}
	for _, f := range files {
		raw, err := catalogues.ReadFile(path.Join("lang", f.Name()))
		if err != nil {
			return nil, err
		}
		code := strings.TrimSuffix(f.Name(), ".json")
		l := &Language{Tag: language.Make(code)}
		if err := json.Unmarshal(raw, &l.text); err != nil {
			return nil, fmt.Errorf("the catalogue %s: %w", f.Name(), err)
		}
		ls.byCode[code] = l
		ls.all = append(ls.all, l)
	}
	i := slices.IndexFunc(ls.all, func(l *Language) bool { return l.Code() == "en" })
	if i < 0 {
		return nil, fmt.Errorf("there is no English catalogue")
	}
	ls.all[0], ls.all[i] = ls.all[i], ls.all[0]
	tags := make([]language.Tag, len(ls.all))
	for i, l := range ls.all {
		tags[i] = l.Tag
	}
	ls.matcher = language.NewMatcher(tags)
	return ls, nil
}

// choose picks a language: the wished ones first (a session's, a cookie's, the
// tags of Accept-Language), English when none fits.
func (ls *languages) choose(wishes ...string) *Language {
	var tags []language.Tag
	for _, w := range wishes {
		if w == "" {
			continue
		}
		if parsed, _, err := language.ParseAcceptLanguage(w); err == nil {
			tags = append(tags, parsed...)
		}
	}
	_, i, confidence := ls.matcher.Match(tags...)
	if confidence == language.No {
		return ls.all[0]
	}
	return ls.all[i]
}
