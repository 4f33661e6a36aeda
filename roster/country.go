package roster

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// otherCountries are spellings the lists use beside the CLDR English names.
var otherCountries = map[string]string{
	"russia": "RU", "russian federation": "RU", "ussr": "RU", "soviet union": "RU", "iran": "IR", "iran islamic republic of": "IR",
	"islamic republic of iran": "IR", "syria": "SY", "syrian arab republic": "SY", "dprk": "KP", "north korea": "KP",
	"democratic peoples republic of korea": "KP", "korea north": "KP", "south korea": "KR", "republic of korea": "KR", "korea south": "KR",
	"burma": "MM", "myanmar": "MM", "united states": "US", "united states of america": "US", "usa": "US", "uk": "GB", "great britain": "GB", "united kingdom": "GB",
	"united kingdom of great britain and northern ireland": "GB", "england": "GB", "congo democratic republic of the": "CD",
	"democratic republic of the congo": "CD", "drc": "CD", "congo republic of the": "CG", "republic of the congo": "CG", "ivory coast": "CI", "cote divoire": "CI",
	"libyan arab jamahiriya": "LY", "tanzania united republic of": "TZ", "united republic of tanzania": "TZ", "state of palestine": "PS", "palestine": "PS", "palestinian": "PS",
	"west bank": "PS", "region gaza": "PS", "region west bank": "PS", "gaza": "PS", "czech republic": "CZ", "macedonia": "MK", "the former yugoslav republic of macedonia": "MK",
	"hong kong": "HK", "macau": "MO", "moldova republic of": "MD", "republic of moldova": "MD", "venezuela bolivarian republic of": "VE", "bolivarian republic of venezuela": "VE",
	"bolivia plurinational state of": "BO", "viet nam": "VN", "lao pdr": "LA", "lao peoples democratic republic": "LA", "brunei darussalam": "BN", "cabo verde": "CV", "swaziland": "SZ",
	"turkiye": "TR", "turkey": "TR", "the gambia": "GM", "gambia the": "GM", "bahamas the": "BS", "bosnia": "BA", "serbia and montenegro": "RS", "yugoslavia": "RS",
	// Codes of machine-readable zones (ICAO Doc 9303 part 3, section 5), of the EU and
	// of states that go by another one today.
	"d": "DE", "gbd": "GB", "gbn": "GB", "gbo": "GB", "gbp": "GB", "gbs": "GB", "el": "GR", "rks": "XK", "dd": "DE", "ddr": "DE", "zr": "CD", "zar": "CD", "bu": "MM", "bur": "MM", "tp": "TL", "tmp": "TL", "rom": "RO",
	"uae": "AE", "trinidad": "TT", "taiwan": "TW", "occupied palestinian territory": "PS", "republic of south sudan": "SS", "micronesia": "FM",
	// Nationality words of the UK list and of UN comments.
	"afghan": "AF", "albanian": "AL", "algerian": "DZ", "american": "US", "armenian": "AM", "azerbaijani": "AZ", "bahraini": "BH", "bangladeshi": "BD", "belarusian": "BY", "belarussian": "BY", "belgian": "BE",
	"bosnian": "BA", "british": "GB", "burmese": "MM", "canadian": "CA", "chinese": "CN", "congolese": "CD", "croatian": "HR", "cuban": "CU", "dutch": "NL", "egyptian": "EG", "eritrean": "ER", "ethiopian": "ET",
	"filipino": "PH", "french": "FR", "georgian": "GE", "german": "DE", "indian": "IN", "indonesian": "ID", "iranian": "IR", "iraqi": "IQ", "irish": "IE", "israeli": "IL", "italian": "IT", "jordanian": "JO",
	"kenyan": "KE", "kuwaiti": "KW", "lebanese": "LB", "liberian": "LR", "libyan": "LY", "malaysian": "MY", "malian": "ML", "mauritanian": "MR", "moroccan": "MA", "nigerian": "NG", "north korean": "KP",
	"norwegian": "NO", "omani": "OM", "pakistani": "PK", "philippine": "PH", "qatari": "QA", "russian": "RU", "rwandan": "RW", "saudi": "SA", "saudi arabian": "SA", "senegalese": "SN", "serbian": "RS", "somali": "SO",
	"south african": "ZA", "spanish": "ES", "sudanese": "SD", "swedish": "SE", "swiss": "CH", "syrian": "SY", "tajik": "TJ", "tunisian": "TN", "turkish": "TR", "ugandan": "UG", "ukrainian": "UA",
	"uzbek": "UZ", "venezuelan": "VE", "yemeni": "YE", "zimbabwean": "ZW", "trinidadian": "TT", "nicaraguan": "NI", "turkmen": "TM", "kyrgyz": "KG", "kazakh": "KZ",
}

// countryTable maps simplified English names to ISO 3166-1 alpha-2. It is
// computed from CLDR on first use and never changes afterwards.
var countryTable = sync.OnceValue(func() map[string]string {
	t := make(map[string]string, 700)
	names := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			r, err := language.ParseRegion(code)
			if err != nil || !r.IsCountry() || r.String() != code || r.Canonicalize() != r {
				continue
			}
			t[strings.ToLower(code)] = code
			if three := r.ISO3(); three != "ZZZ" {
				t[strings.ToLower(three)] = code
			}
			if n := simpleCountry(names.Name(r)); n != "" {
				t[n] = code
			}
		}
	}
	for n, code := range otherCountries {
		t[n] = code
	}
	return t
})

// otherLanguages are the tables of countries in further languages, each made
// when it is first asked for.
var otherLanguages = map[string]func() map[string]string{
	"de": countriesIn(display.German, map[string]string{"vereinigten staaten": "US", "vereinigten konigreich": "GB", "grossbritannien": "GB", "niederlanden": "NL"}),
	"fr": countriesIn(display.French, map[string]string{"grande bretagne": "GB"}),
	"es": countriesIn(display.Spanish, map[string]string{"gran bretana": "GB", "ee uu": "US", "estados unidos de america": "US"}),
	"it": countriesIn(display.Italian, map[string]string{"gran bretagna": "GB", "olanda": "NL"}),
	"nl": countriesIn(display.Dutch, map[string]string{"groot brittannie": "GB", "verenigde staten van amerika": "US"}),
	"pt": countriesIn(display.Portuguese, map[string]string{"gra bretanha": "GB", "holanda": "NL"}),
}

func countriesIn(words *display.Dictionary, more map[string]string) func() map[string]string {
	return sync.OnceValue(func() map[string]string {
		t, names := make(map[string]string, 300), words.Regions()
		for _, code := range countryTable() {
			if n := simpleCountry(names.Name(language.MustParseRegion(code))); n != "" {
				t[n] = code
			}
		}
		for n, code := range more {
			t[n] = code
		}
		return t
	})
}

// CountryNamed reads the name of a country in a language (en, de, fr, es, it,
// nl, pt); it answers "" for what it does not know, codes among it.
func CountryNamed(lang, name string) string {
	if len(name) > 80 {
		return ""
	}
	if lang == "en" {
		return CountryCode(name)
	}
	table := otherLanguages[lang]
	if table == nil {
		return ""
	}
	n := simpleCountry(name)
	if code := table()[n]; code != "" || lang != "de" {
		return code
	}
	return table()[strings.TrimSuffix(n, "s")] // Russlands
}

// simpleCountry lowers a country name to letters and single spaces.
func simpleCountry(s string) string {
	var b strings.Builder
	space := false
	for _, r := range StripMarks(strings.ToLower(s)) {
		switch {
		case r >= 'a' && r <= 'z':
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		case r == '\'' || r == '’':
		default:
			space = true
		}
	}
	return b.String()
}

// CountryCode reads a code, an English name or a nationality; it answers ""
// for what it does not know.
func CountryCode(s string) string {
	if s == "" || len(s) > 80 {
		return ""
	}
	if len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' {
		return countryTable()[strings.ToLower(s)]
	}
	if i := strings.IndexByte(s, '('); i > 2 { // Iran (Islamic Republic of), Afghanistan (since 2009)
		if c := countryTable()[simpleCountry(s[:i])]; c != "" {
			return c
		}
	}
	return countryTable()[simpleCountry(s)]
}
