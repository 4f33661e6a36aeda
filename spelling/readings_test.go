package spelling

import (
	"slices"
	"strings"
	"testing"
)

// textsOf are the readings of a name, each as its words in one text.
func textsOf(name string) (out []string) {
	for _, tokens := range Readings(name) {
		var words []string
		for _, t := range tokens {
			words = append(words, t.Text)
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// TestANameThatHoldsSeveralIsReadAsEach has what forms, papers and lists put beside
// a name. The name as it stands is always read first.
func TestANameThatHoldsSeveralIsReadAsEach(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Liudmila Hartmann née Petrovskaya":       "liudmila petrovskaya",
		"Liudmila Anna Hartmann, geb. Petrovska":  "liudmila anna petrovska",
		"Liudmila Hartmann (Petrovskaya)":         "liudmila petrovskaya",
		"Ivan Orlovets (Jan Orlowiec)":            "jan orlowiec",
		"Gulbadin Zaroor Khan S/O Mirwais Khan":   "gulbadin zaroor khan",
		"Gulbadin Zaroor D/o. Mirwais":            "gulbadin zaroor",
		"Gulbadin Mehtarzai son of Hakim Jan":     "gulbadin mehtarzai",
		"Rahman Osmanli @ Abu Talha":              "abu talha",
		"Rahman Osmanli a.k.a. Talha Osmanov":     "talha osmanov",
		"Rahman Osmanli alias Talha Osmanov":      "talha osmanov",
		"Rahman Osmanli, formerly Talha Osmanov":  "talha osmanov",
		"Bright Harbor Ltd t/a Meerstern Lines":   "meerstern lines",
		"Meerstern Lines d/b/a Bright Harbor":     "bright harbor",
		"Ivan Orlovets / Jan Orlowiec":            "jan orlowiec",
		"0TT0 W1LHELM 5TELLENBERG":                "otto wilhelm stellenberg",
		"Yahya Barakat Shamsuddin":                "yahya barakat shamsaldin",
		"Yahya Shams al-Din":                      "yahya shamsuddin",
		"Jamal Uddin Khan":                        "jamaluddin khan",
		"Abderrahmane Benali":                     "abdalrahmane benali",
		"Abdur Rahman Benali":                     "abdurrahman benali",
		"Abd as-Salam Benali":                     "abdussalam benali",
		"Prof. Dr. Otto Stellenberg":              "otto stellenberg",
		"Meersternal, IMO No. 9111222":            "meersternal",
		"O t t o  S t e l l e n":                  "otto stellen",
		"Оttо Stеllеnbеrg":                        "otto stellenberg", // with Cyrillic letters
		"Οttο Stellenberg":                        "otto stellenberg", // with Greek ones
		"Иван Пeтpoв":                             "ivan petrov",      // with Latin ones
		"SТЕLLЕN ОТТО":                            "stellen otto",
		"Barnabas Quillfeather [Barney Quilford]": "barney quilford",
	} {
		if got := textsOf(name); !slices.Contains(got, want) || len(got) > MaxReadings {
			t.Errorf("%q is read as %q, not as %q", name, got, want)
		}
	}
}

// TestOrdinaryNamesHaveOneReading holds that none of it touches names that are
// written as names are: each further reading is a further chance of a false alarm.
func TestOrdinaryNamesHaveOneReading(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Otto Wilhelm Stellenberg", "STELLENBERG, Otto", "Jean-Luc O'Neill", "Bright Harbor Shipping Co., Ltd.", "27th Quirovana Brigade", "H7", "Boeing 747", "MH370 Tours", "A. B. C. Smith", "J. R. R. T. M. K.",
		"S.A. de C.V.", "Known Trading Company", "Born Free Foundation", "Walter Born", "Marc Bornstein", "Son Heung", "Kuznetsov Иван", "Jean Aliasson",
		"Philip Morris International Inc. (PMI)", "3M Company", "Bright Harbor (Dalian) Trading", "Saladin Ayub", "Aladdin Hotel", "Abdullah Omar", "Mr Otto Stellenberg", "Dina Abdo", "Behover Trading/Information Technologies",
	} {
		got := textsOf(name)
		if len(got) != 1 && !strings.Contains(name, "Иван") {
			t.Errorf("%q is read as %q", name, got)
		}
	}
}

// TestNamesOfTitlesAndParticlesIdentify has whole names of words that prove nothing
// in others.
func TestNamesOfTitlesAndParticlesIdentify(t *testing.T) {
	t.Parallel()
	for name, identifies := range map[string]bool{
		"Syed Amir": true, "Do Van An": true, "Haji Mulla Sardar": true, "Ben Abu": true, "Imam Prince": true, "Dr. Syed Amir": true,
		"Mr Dr": false, "The": false, "Al": false, "Bin": false, "Amir": false, "of the": false, "Ltd": false, "Mr. Prof. Dr.": false, "van der": false,
	} {
		tokens := Tokenize(name)
		if got := slices.ContainsFunc(tokens, Token.Significant); got != identifies {
			t.Errorf("%q identifies somebody: %v", name, got)
		}
	}
	for _, name := range []string{"Syed Amir Khan", "Otto van der Meersch", "Al Bin Trading"} {
		for _, tok := range Tokenize(name) {
			if alsoNames[tok.Text] && tok.Significant() {
				t.Errorf("%s counts as a name in %q, beside others", tok.Text, name)
			}
		}
	}
}

// TestASingleNameInBothFieldsIsOneName has what people with one name alone write into
// forms that ask for two.
func TestASingleNameInBothFieldsIsOneName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Sutarmonegoro Sutarmonegoro", "FNU Sutarmonegoro", "Sutarmonegoro, LNU"} {
		if !slices.ContainsFunc(Readings(name), func(tokens []Token) bool {
			n := 0
			for _, t := range tokens {
				if t.Significant() {
					n++
				}
			}
			return n == 1
		}) {
			t.Errorf("%q is nowhere read as one name", name)
		}
	}
}

func FuzzReadings(f *testing.F) {
	for _, name := range []string{"Liudmila née P", "A @ B", "(())[", "s/o", "0O1I", "Оttо", "a b c d e f g", "/ / /", "x a.k.a. ", "née"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		all := Readings(name)
		if len(all) == 0 || len(all) > MaxReadings {
			t.Fatalf("%q has %d readings", name, len(all))
		}
		for _, tokens := range all {
			if len(tokens) > MaxTokens {
				t.Fatalf("%q has %d words", name, len(tokens))
			}
		}
	})
}
