package casework

import (
	"strings"
	"testing"
	"unicode/utf8"

	"bonafide/kyc"
)

// shown writes marked letters in brackets.
func (s spelled) shown() string {
	var b strings.Builder
	for _, p := range s.Pieces {
		if p.Same {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestLettersThatAgreeAreMarked(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ listed, asked, marks, said string }{
		{"ADAH LOVELASS", "Ada Lovelace", "[ADA]H [LOVELA]SS", "9 of 12 letters agree"},
		{"Lovelace, Ada", "Ada Lovelace", "[Lovelace], [Ada]", "every letter agrees"},
		{"Hafiz Saeed", "Hafez Said", "[Haf]i[z] [Sa]ee[d]", "7 of 10 letters agree"},
		{"José Muñoz", "JOSE MUNOZ", "[José] [Muñoz]", "every letter agrees"},
		{"Jose\u0301", "jose", "[Jose\u0301]", "every letter agrees"},
		{"O'Neill", "ONeil", "[O'Neil]l", "5 of 6 letters agree"},
		{"Groß", "Gross", "[Groß]", "every letter agrees"},
		{"J. Smith", "John Smith", "[J]. [Smith]", "every letter agrees"},
		{"Иванов", "Иванова", "[Иванов]", "every letter agrees"},
		{"Иванов", "Ivanov", "Иванов", "written in another script"},
		{"محمد حسن", "محمد حسين", "[محمد] [حسن]", "every letter agrees"},
		{"Maria Keller", "Jan Okafor", "Maria Keller", "no word agrees letter by letter"},
		{"Al-Rashid", "al rashid", "[Al]-[Rashid]", "every letter agrees"},
		{"...", "Ada", "", ""},
		{"Ada", "", "", ""},
		{"", "Ada", "", ""},
		{strings.Repeat("a", maxLetters+1), strings.Repeat("a", maxLetters+1), "", ""},
	} {
		got := agreeing(x.listed, x.asked)
		if got.shown() != x.marks || got.Said != x.said || got.Text != x.listed {
			t.Errorf("%q for %q: %q, %q (text %q)", x.listed, x.asked, got.shown(), got.Said, got.Text)
		}
	}
}

// The name asked for is the party's, else the applicant's as far as it holds what
// was compared, the words without a partner included; rows that compare no names
// say nothing of it.
func TestTheNameThatAHitWasAskedFor(t *testing.T) {
	t.Parallel()
	rows := []kyc.HitFeature{{Name: "word", Query: "Ada", Listed: "Adah"}, {Name: "missing_word", Query: "King"}, {Name: "missing_word", Listed: "Noel"},
		{Name: "name_part", Query: "Ada"}, {Name: "country", Query: "GB", Listed: "GB"}}
	for name, x := range map[string]struct {
		hit             kyc.Hit
		applicant, want string
	}{
		"of a party":                     {kyc.Hit{Features: rows, Party: "Ada Lovelace"}, "Ada King", "Ada Lovelace"},
		"the applicant's":                {kyc.Hit{Features: rows}, "ÁDA Byron-King", "ÁDA Byron-King"},
		"somebody else's":                {kyc.Hit{Features: rows}, "Ada Lovelace", "Ada King"},
		"of nobody who has a name":       {kyc.Hit{Features: rows}, "", "Ada King"},
		"where no letters were compared": {kyc.Hit{Features: rows[4:]}, "Ada King", ""},
	} {
		if got := askedName(&x.hit, x.applicant); got != x.want {
			t.Errorf("%s: asked for %q", name, got)
		}
	}
	if c := comparedOf(kyc.HitFeature{Name: "country", Query: "GB", Listed: "GB", Value: 1}); c.Letters.Said != "" {
		t.Errorf("letters of a country are marked: %+v", c.Letters)
	}
}

// Whatever a list holds, the marked name is the name: nothing is lost, added or
// put in another order, and what was counted is true.
func FuzzAgreeing(f *testing.F) {
	f.Add("ADAH LOVELASS", "Ada Lovelace")
	f.Add("İstanbul ıßﬁ", "istanbul")
	f.Add("a\u0301\u0301'’ -", "a")
	f.Add("<mark>", "mark")
	f.Fuzz(func(t *testing.T, listed, asked string) {
		if !utf8.ValidString(listed) || !utf8.ValidString(asked) || len(listed) > 500 || len(asked) > 500 {
			return
		}
		got := agreeing(listed, asked)
		var b strings.Builder
		marks := 0
		for i, p := range got.Pieces {
			b.WriteString(p.Text)
			if p.Same {
				marks++
			}
			if p.Text == "" || i > 0 && p.Same == got.Pieces[i-1].Same {
				t.Errorf("the pieces are %+v", got.Pieces)
			}
		}
		if len(got.Pieces) > 0 && b.String() != listed || got.Text != listed {
			t.Errorf("%q became %q", listed, b.String())
		}
		if said := got.Said == "every letter agrees" || strings.HasSuffix(got.Said, "letters agree"); said != (marks > 0) {
			t.Errorf("%q for %q: %q with %d marks", listed, asked, got.Said, marks)
		}
	})
}
