package ui

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pluralForms end the keys of sentences with a number (CLDR).
var pluralForms = []string{".zero", ".one", ".two", ".few", ".many", ".other"}

func stem(key string) (string, bool) {
	for _, form := range pluralForms {
		if s, ok := strings.CutSuffix(key, form); ok {
			return s, true
		}
	}
	return key, false
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// Every language says everything that English says, with the same gaps to fill.
// Which forms of a number a language has is its own affair, but it has "other".
func TestLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	ls, err := readLanguages()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ar", "de", "en", "es", "fr", "ja", "pt"}
	if have := slices.Sorted(maps.Keys(ls.byCode)); !slices.Equal(have, want) {
		t.Errorf("there are the languages %v, want %v", have, want)
	}
	english := ls.byCode["en"].text
	plural := map[string]bool{}
	for key := range english {
		if s, is := stem(key); is && english[s+".other"] != "" {
			plural[s] = true
		}
	}
	for code, l := range ls.byCode {
		for key, text := range english {
			s, _ := stem(key)
			if plural[s] {
				key = s + ".other"
				text = english[key]
			}
			said, ok := l.text[key]
			switch {
			case !ok || strings.TrimSpace(said) == "":
				t.Errorf("%s does not say %s", code, key)
			case !slices.Equal(placeholders(said), placeholders(text)):
				t.Errorf("%s fills %v in %s, English %v", code, placeholders(said), key, placeholders(text))
			case strings.ContainsAny(said, "<>&"):
				t.Errorf("%s has markup in %s: %s", code, key, said)
			}
		}
		for key, said := range l.text {
			if s, is := stem(key); is && plural[s] {
				for _, gap := range placeholders(said) {
					if !slices.Contains(placeholders(english[s+".other"]), gap) {
						t.Errorf("%s fills %s in %s", code, gap, key)
					}
				}
				continue
			}
			if english[key] == "" {
				t.Errorf("%s says %s, which nobody asks for", code, key)
			}
		}
	}
}

// Nobody reads "one" where there is none: French and Portuguese count nought as
// one.
func TestNoughtIsNotOne(t *testing.T) {
	t.Parallel()
	ls, err := readLanguages()
	if err != nil {
		t.Fatal(err)
	}
	for code, l := range ls.byCode {
		for key := range l.text {
			s, ok := strings.CutSuffix(key, ".one")
			if !ok {
				continue
			}
			nought, err := l.N(s, 0)
			if err != nil {
				t.Errorf("%s: %s: %v", code, s, err)
			} else if !strings.Contains(nought, "0") {
				t.Errorf("%s says %q for none (%s)", code, nought, s)
			}
		}
	}
}

// What fills a gap keeps its own direction where the sentence has another.
func TestTextsInASentenceFromTheRightAreSetApart(t *testing.T) {
	t.Parallel()
	ls, err := readLanguages()
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{"ar": "\u2068Who?\u2069", "de": "Who?"} {
		got, err := ls.byCode[code].T("parties.waits", "name", "Who?")
		if err != nil || !strings.Contains(got, want) || strings.Contains(got, "\u2068") != (code == "ar") {
			t.Errorf("%s: %q, %v", code, got, err)
		}
	}
	if got, err := ls.byCode["ar"].N("parties.count", 3, "max", 5); err != nil || strings.Contains(got, "\u2068") {
		t.Errorf("numbers are set apart: %q, %v", got, err)
	}
}
