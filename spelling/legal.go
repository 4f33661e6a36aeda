package spelling

import (
	"slices"
	"strings"
)

// legalForms maps a legal form to one spelling of its family, so that Ltd and
// Limited are equal and LLC and Ltd are not.
var legalForms = familyTable(map[string]string{
	"ltd":  "ltd limited limitada ltda limitee",
	"llc":  "llc ooo tov llp too sia",
	"inc":  "inc incorporated corp corporation incorporation",
	"co":   "co company cia compagnie compania companhia compagnia",
	"gmbh": "gmbh mbh ggmbh gesmbh",
	"sa":   "sa sas sarl srl sal spa scs snc eirl sae sl sapa",
	"ag":   "ag kg kgaa ug ohg ev aktiengesellschaft kommanditgesellschaft",
	"plc":  "plc",
	"jsc":  "jsc ojsc cjsc pjsc pao oao zao ao jscb oaod prjsc pat prat uab",
	"bv":   "bv nv cv",
	"ab":   "ab as asa oy oyj aps aktiebolag aktieselskab osakeyhtio aktsiaselts hf ehf",
	"pte":  "pte pty pvt bhd sdn tbk berhad",
	"fze":  "fze fzco fzc fz dmcc wll fzllc",
	"doo":  "doo dd ad eood ood kft zrt sro nyrt ooad",
	"lp":   "lp",
	"rl":   "rl",
	"kk":   "kk",
})

// frontForms are legal forms that stand before a name as well and are no names
// themselves.
var frontForms = wordSet("llc ooo tov too gmbh ltd fze jsc ojsc cjsc pjsc pao oao zao ao uab plc inc kk ood eood prjsc")

// nativeForms are legal forms as they read when they are romanised.
var nativeForms = wordSet("ooo oao zao pao ao tov too pat prat ood eood ad doo kk ltd llc co")

// IsLegalForm reports whether a word is one.
func IsLegalForm(text string) bool {
	_, ok := legalForms[text]
	return ok
}

func wordSet(words string) map[string]bool {
	t := map[string]bool{}
	for _, w := range strings.Fields(words) {
		t[w] = true
	}
	return t
}

func familyTable(families map[string]string) map[string]string {
	t := map[string]string{}
	for canon, words := range families {
		for _, w := range strings.Fields(words) {
			t[w] = canon
		}
	}
	return t
}

// legalPhrase is a legal form written out.
type legalPhrase struct {
	words []string // after the first
	form  string
}

// legalPhrases by their first word, the longest first. They stand as they read
// without marks and, where the language has another script, romanised.
var legalPhrases = phraseTable(
	"llc limited liability company|llc limited liability partnership|llc society with limited liability|llc obshchestvo s ogranichennoi otvetstvennostiu|llc obshchestvo s ogranichennoy otvetstvennostyu|llc obschestvo s ogranichennoi otvetstvennostyu|llc tovarystvo z obmezhenoiu vidpovidalnistiu|" +
		"sa sociedad anonima|sa sociedade anonima|sa societe anonyme|sa societe par actions simplifiee|sa societe par actions|sa societa per azioni|sa societe a responsabilite limitee|sa societa a responsabilita limitata|sa sociedad de responsabilidad limitada|sa sociedad limitada|sa sociedade limitada|sa spolka akcyjna|sa societate pe actiuni|sa societate cu raspundere limitata|" +
		"jsc public joint stock company|jsc open joint stock company|jsc closed joint stock company|jsc private joint stock company|jsc joint stock company|jsc publichnoe aktsionernoe obshchestvo|jsc otkrytoe aktsionernoe obshchestvo|jsc zakrytoe aktsionernoe obshchestvo|jsc aktsionernoe obshchestvo|jsc publichnoye aktsionernoye obshchestvo|jsc otkrytoye aktsionernoye obshchestvo|jsc zakrytoye aktsionernoye obshchestvo|jsc aktsionernoye obshchestvo|jsc aktsionerno druzhestvo|jsc akcine bendrove|jsc akciova spolecnost|jsc dionicko drustvo|" +
		"gmbh gesellschaft mit beschrankter haftung|gmbh gesellschaft m b h|ag gmbh co kg|ag gmbh and co kg|ag offene handelsgesellschaft|" +
		"plc public limited company|pte private limited|pte pte ltd|pte pvt ltd|pte sendirian berhad|pte sdn bhd|" +
		"fze free zone establishment|fze free zone company|fze with limited liability|" +
		"bv besloten vennootschap|bv naamloze vennootschap|cv capital variable|cv commanditaire vennootschap|" +
		"doo drustvo s ogranicenom odgovornoscu|doo drustvo sa ogranicenom odgovornoscu|doo druzba z omejeno odgovornostjo|doo spolecnost s rucenim omezenym|doo spolocnost s rucenim obmedzenym|doo spolka z ograniczona odpowiedzialnoscia|doo sp z o o|doo korlatolt felelossegu tarsasag|doo shoqeri me pergjegjesi te kufizuar|" +
		"ab anonim sirketi|ab limited sirketi|ab anonim sirket|kk kabushiki kaisha|kk kabushiki gaisha|kk yugen kaisha|kk godo kaisha|lp limited partnership")

func phraseTable(text string) map[string][]legalPhrase {
	t := map[string][]legalPhrase{}
	for row := range strings.SplitSeq(text, "|") {
		w := strings.Fields(row)
		t[w[1]] = append(t[w[1]], legalPhrase{words: w[2:], form: w[0]})
	}
	for _, rows := range t {
		slices.SortStableFunc(rows, func(a, b legalPhrase) int { return len(b.words) - len(a.words) })
	}
	return t
}

// writtenOut puts one token in the place of a legal form that is written out.
func writtenOut(in []Token) []Token {
	out := in[:0]
next:
	for i := 0; i < len(in); i++ {
		for _, p := range legalPhrases[in[i].Text] {
			if i+len(p.words) >= len(in) || !slices.EqualFunc(in[i+1:i+1+len(p.words)], p.words, func(t Token, w string) bool { return t.Text == w }) {
				continue
			}
			t := Token{Text: p.form, Kind: KindLegal, Orig: in[i].Orig}
			for k := range p.words {
				t.Orig += " " + in[i+1+k].Orig
			}
			i += len(p.words)
			out = append(out, t)
			continue next
		}
		out = append(out, in[i])
	}
	return out
}

// hanForms are legal forms in Chinese characters, which stand without a space
// before or behind the name, the longest first.
var hanForms = []struct{ written, form string }{
	{"股份有限公司", "ltd"}, {"有限责任公司", "llc"}, {"有限責任公司", "llc"}, {"有限公司", "ltd"},
	{"株式会社", "kk"}, {"株式會社", "kk"}, {"有限会社", "kk"}, {"合同会社", "kk"}, {"合資会社", "kk"}, {"公司", "co"},
}

// hanForm cuts the legal form off a run.
func hanForm(run []rune) (rest []rune, before, behind string) {
	s := string(run)
	for _, f := range hanForms {
		if s == f.written {
			return nil, f.form, ""
		}
		if cut, ok := strings.CutSuffix(s, f.written); ok {
			return []rune(cut), "", f.form
		}
		if cut, ok := strings.CutPrefix(s, f.written); ok {
			return []rune(cut), f.form, ""
		}
	}
	return run, "", ""
}

// sameMeaning are words of firms that are written short, or in two ways.
var sameMeaning = map[string]string{
	"number": "no", "nr": "no",
	"intl": "international", "int": "international", "natl": "national", "mfg": "manufacturing", "bros": "brothers", "assn": "association", "assoc": "association", "govt": "government", "univ": "university", "grp": "group", "mgmt": "management", "dept": "department", "tech": "technology", "technologies": "technology", "industries": "industry", "svcs": "services", "svc": "services", "engrg": "engineering", "constr": "construction", "estab": "establishment", "est": "establishment", "holdings": "holding", "airlines": "airline", "airways": "airline", "centre": "center", "organisation": "organization", "enterprises": "enterprise", "investments": "investment", "exports": "export", "imports": "import", "systems": "system", "products": "product", "transports": "transport",
}
