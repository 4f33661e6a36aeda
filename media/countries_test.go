package media_test

import (
	"fmt"
	"testing"

	"bonafide/media"
)

// TestCountriesAreReadInTheLanguageOfTheArticle: one that is named beside the
// party counts for it or against it, in all languages that are read.
func TestCountriesAreReadInTheLanguageOfTheArticle(t *testing.T) {
	t.Parallel()
	l := library(t, t.TempDir(), at(2026, 7, 1))
	said := map[string]string{
		"en": "Peter Brandt of Switzerland was convicted of fraud.", "de": "Peter Brandt aus der Schweiz wurde wegen Betrugs verurteilt.",
		"fr": "Peter Brandt, de Suisse, a été condamné pour escroquerie.", "es": "Peter Brandt, de Suiza, fue condenado por fraude.",
		"it": "Peter Brandt, della Svizzera, è stato condannato per truffa.", "nl": "Peter Brandt uit Zwitserland is veroordeeld voor fraude.",
		"pt": "Peter Brandt, da Suíça, foi condenado por fraude.",
	}
	for lang, text := range said {
		mustImport(t, l, "f_"+lang, file(t, "news.csv", fmt.Sprintf("id,title,published,language,text\n1,News,2026-03-01,%s,%q\n", lang, text)))
		rule := func(country string) string {
			r := l.Search(t.Context(), media.Query{Name: "Peter Brandt", Country: country, Feeds: []string{"f_" + lang}})
			if len(r.Findings) != 1 || r.Findings[0].Role != media.Convicted {
				t.Fatalf("%s: %+v", lang, r.Findings)
			}
			for _, f := range r.Findings[0].Features {
				if f.Name == "country" {
					return f.Rule
				}
			}
			return ""
		}
		if rule("CH") != "named_beside" || rule("DE") != "other_named_beside" || rule("") != "" {
			t.Errorf("%s: %q %q %q", lang, rule("CH"), rule("DE"), rule(""))
		}
	}
}
