package roster

import "testing"

func TestCodesOfDocuments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"D": "DE", "DEU": "DE", "GBD": "GB", "GBR": "GB", "UK": "GB", "EL": "GR", "RKS": "XK", "ZAR": "CD", "DDR": "DE", "BUR": "MM", "TMP": "TL", "ROM": "RO", "ROU": "RO",
		"": "", "X": "", "XXA": "", "UTO": "", "ZZ": "", "gbd": "GB", "d": "DE",
	} {
		if got := CountryCode(text); got != want {
			t.Errorf("%q: %q and not %q", text, got, want)
		}
	}
}

func TestCountriesInOtherLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, name, code string }{
		{"de", "Russlands", "RU"}, {"de", "Vereinigten Staaten", "US"}, {"de", "Österreich", "AT"}, {"fr", "Arabie saoudite", "SA"}, {"fr", "États-Unis", "US"}, {"es", "España", "ES"},
		{"it", "Paesi Bassi", "NL"}, {"nl", "Duitsland", "DE"}, {"pt", "Alemanha", "DE"}, {"en", "Germany", "DE"}, {"de", "Germany", ""}, {"fr", "Nulle Part", ""}, {"xx", "Germany", ""}, {"de", "s", ""},
	} {
		if got := CountryNamed(c.lang, c.name); got != c.code {
			t.Errorf("%s %s: %q and not %q", c.lang, c.name, got, c.code)
		}
	}
}
