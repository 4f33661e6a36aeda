package spelling

import (
	"slices"
	"strings"
	"testing"
)

// TestNativeLegalForms has invented firms with the forms of their countries: each
// form is one token, that of its family, and takes nothing of the name.
func TestNativeLegalForms(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"شركة كويروفانا":                        "co *",
		"شركة كويروفانا ذات المسؤولية المحدودة": "co * llc",
		"كويروفانا ش.م.م":                       "* llc",
		"كويروفانا ش.م.ل.":                      "* sa",
		"شركة مساهمة عامة كويروفانا":            "jsc *",
		"كويروفانا المحدودة":                    "* ltd",
		"شرکت کویروفانا سهامی خاص":              "co * jsc",
		"شركت كويروفانا":                        "co *", // with Arabic letters in a Persian word
		"شرکت کویروفانا (با مسئولیت محدود)":     "co * llc",
		"קוירובנה בע\"מ":                        "* ltd",
		"קוירובנה בע״מ":                         "* ltd",
		"חברת קוירובנה":                         "co *",
		"Κουιροβανα Α.Ε.":                       "* sa",
		"Κουιροβανα ΑΕ":                         "* sa",
		"ΚΟΥΙΡΟΒΑΝΑ ΕΠΕ":                        "* ltd",
		"Κουιροβανα Ε.Π.Ε.":                     "* ltd",
		"Κουιροβανα Ανώνυμη Εταιρεία":           "* sa",
		"ΚΟΥΙΡΟΒΑΝΑ ΑΝΩΝΥΜΟΣ ΕΤΑΙΡΙΑ":           "* sa",
		"Κουιροβανα Ι.Κ.Ε.":                     "* llc",
		"Կույրովանա ՍՊԸ":                        "* llc",
		"«Կույրովանա» ՓԲԸ":                      "* jsc",
		"შპს კუიროვანა":                         "llc *",
		"სს კუიროვანა":                          "jsc *",
		"บริษัท กุยโรวานา จำกัด":                "co * ltd",
		"บริษัทกุยโรวานาจำกัด":                  "co * ltd",
		"บริษัท กุยโรวานา จำกัด (มหาชน)":        "co * plc",
		"ห้างหุ้นส่วนจำกัด กุยโรวานา":           "lp *",
		"Ε. Α. Κουιροβανας":                     "e a *", // initials
		"Αε Κουιροβανα":                         "sa *",
		"شمم كويروفانا":                         "* *", // no letters for themselves, so no form
		"ООО Куйрована":                         "llc *",
	} {
		var got []string
		for _, tok := range Tokenize(name) {
			switch tok.Kind {
			case KindLegal:
				if tok.Loose || tok.Orig == "" {
					t.Errorf("%s: %+v", name, tok)
				}
				got = append(got, tok.Text)
			case KindInitial:
				got = append(got, tok.Text)
			default:
				got = append(got, "*")
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	for name := range strings.SplitSeq("شركة|ΑΕ|בע״מ|შპს|ՍՊԸ|จำกัด", "|") {
		if slices.ContainsFunc(Tokenize(name), Token.Significant) {
			t.Errorf("%q alone identifies somebody", name)
		}
	}
}

// TestWordsOfFirmsAreTranslated has what the English names on lists say of a firm in
// another script. The name as it is written is always read first.
func TestWordsOfFirmsAreTranslated(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"شركة كويروفانا للتجارة الدولية":  "trading international",
		"گروه صنایع کویروفانا":            "group industry",
		"مصرف کویروفانا":                  "bank",
		"بنك كويروفانا والصناعة":          "bank industry",
		"Τράπεζα Κουιροβανα":              "bank",
		"Όμιλος Κουιροβανα Ναυτιλιακή ΑΕ": "group shipping",
		"בנק קוירובנה":                    "bank",
		"ბანკი კუიროვანა":                 "bank",
	} {
		var readings []string
		for _, tokens := range Readings(name)[1:] {
			var words []string
			for _, tok := range tokens {
				if tok.Kind == KindGeneric {
					words = append(words, tok.Text)
				}
			}
			readings = append(readings, strings.Join(words, " "))
		}
		if !slices.Contains(readings, want) {
			t.Errorf("%q is read as %q, want one with %q", name, readings, want)
		}
	}
	for key, english := range nativeGenerics {
		if kind := KindOf(english); kind != KindGeneric {
			t.Errorf("%s stands for %s, which is of kind %d", key, english, kind)
		}
		if _, ok := sameMeaning[english]; ok {
			t.Errorf("%s stands for %s, which lists have as another word", key, english)
		}
	}
	for _, name := range []string{"محمد إدريس", "Νικος Παπαδοπουλος", "בנק", "Bank Quirovana"} {
		for _, tokens := range Readings(name)[1:] {
			if slices.ContainsFunc(tokens, func(t Token) bool { return t.Kind == KindGeneric }) {
				t.Errorf("%q is translated", name)
			}
		}
	}
}
