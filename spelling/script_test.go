package spelling

import (
	"strings"
	"testing"
)

func TestRomanisation(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Виктор Ющенко": "viktor iushchenko", "Γεώργιος Παπανδρέου": "georgios papandreu", "محمد": "mhmd", "الرحمن": "al rhmn", "김정은": "kim jongun", "ジェシー・ヘルムズ": "jeshi herumuzu",
		"შოთა ხაბარელი": "shota khabareli", "Նիկոլ Փաշինյան": "nikol pashinian", "王君正": "wang junzheng", "Ørsted Łukasz": "orsted lukasz", "Müller": "muller", "O'Neill": "oneill", "Jean-Luc": "jean luc", "S.A. de C.V.": "sa de bv",
	} {
		var got []string
		for _, tok := range Tokenize(in) {
			got = append(got, tok.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s becomes %q, want %q", in, strings.Join(got, " "), want)
		}
	}
}
