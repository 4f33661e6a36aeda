package screen

import (
	"math/rand/v2"
	"strings"
	"testing"

	"bonafide/roster"
	"bonafide/spelling"
)

// randomFacts are the facts of a made-up alignment.
func randomFacts(r *rand.Rand) *facts {
	f := &facts{openQuery: r.IntN(3), openListed: r.IntN(3), family: family(r.IntN(3)), weak: r.IntN(8) == 0}
	weight := func() int32 { return int32(100 + r.IntN(900)) }
	for range 1 + r.IntN(5) {
		p := agreed{query: weight(), listed: weight(), sim: int32(620 + r.IntN(381)), kind: pairKind(r.IntN(int(pairJoined) + 1)), words2: 2, solid: true}
		f.queryTotal += int(p.query)
		f.listedTotal += int(p.listed)
		f.pairs = append(f.pairs, p)
	}
	for range f.openQuery {
		f.queryTotal += int(weight())
	}
	for range f.openListed {
		f.listedTotal += int(weight())
	}
	return f
}

// A score is counted in ten-thousandths, several of which are rounded on the
// way: what must not fall may fall by two of them.
const rounding = 2

func TestAgreementOfWordsIsMonotonic(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(17, 4))
	rose, fell := 0, 0
	for range 100_000 {
		f := randomFacts(r)
		before := f.points(&fitted, nil)
		// A word that agrees better.
		p := &f.pairs[r.IntN(len(f.pairs))]
		was := p.sim
		p.sim += int32(r.IntN(int(1001 - p.sim)))
		after := f.points(&fitted, nil)
		if after < before-rounding {
			t.Fatalf("a pair of kind %d that rises from %d to %d lowers %d to %d: %+v", p.kind, was, p.sim, before, after, f)
		}
		if after > before {
			rose++
		}
		// A word of the query that the listed name has not got.
		before = after
		f.openQuery++
		f.queryTotal += 100 + r.IntN(900)
		if after = f.points(&fitted, nil); after > before+rounding {
			t.Fatalf("one more word that differs raises %d to %d: %+v", before, after, f)
		}
		if after < before {
			fell++
		}
		// A marked family name that is not there.
		f.family = familyAgrees
		before = f.points(&fitted, nil)
		f.family = familyMissing
		if after = f.points(&fitted, nil); after > before {
			t.Fatalf("a missing family name raises %d to %d: %+v", before, after, f)
		}
		// An open word of the listed name finds its partner.
		if f.openListed > 0 {
			before = after
			f.openListed--
			f.pairs = append(f.pairs, agreed{query: 1, listed: 1, sim: 1000, words2: 2, solid: true})
			f.queryTotal++
			if after = f.points(&fitted, nil); after < before-rounding {
				t.Fatalf("a word that finds its partner lowers %d to %d: %+v", before, after, f)
			}
		}
	}
	if rose < 50_000 || fell < 50_000 {
		t.Errorf("%d rose and %d fell: the test is too easy", rose, fell)
	}
}

func TestPointsStayWithinBoundsAndBelowTheirBound(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 100_000 {
		f := randomFacts(r)
		sum := 0
		got := f.points(&fitted, func(_, _ string, _, points int) { sum += points })
		if got != sum || got < 0 || got > pointScale {
			t.Fatalf("%d points, the steps add up to %d: %+v", got, sum, f)
		}
		var q, l float64
		for i := range f.pairs {
			sim := fitted.mostSimilar(float64(f.pairs[i].sim) / 1000)
			switch f.pairs[i].kind { // the bound knows the similarity, not the kind
			case pairNickname:
				sim = max(sim, float64(fitted.nickname)/1000)
			case pairInitial:
				sim = max(sim, float64(fitted.initial)/1000)
			}
			q += sim * float64(f.pairs[i].query) / float64(f.queryTotal)
			l += sim * float64(f.pairs[i].listed) / float64(f.listedTotal)
		}
		if most := max(0, fitted.most(min(1, q), min(1, l))); float64(got)/pointScale > most+0.001 {
			t.Fatalf("%d points are more than the bound %.4f: %+v", got, most, f)
		}
	}
}

// A word that identifies nobody is never a certain match, even where somebody
// is listed under it.
func TestACommonWordAloneIsNeverCertain(t *testing.T) {
	t.Parallel()
	var entities []roster.Entity
	words := append(spelling.PlainWords(), "ООО", "株式会社", "有限公司", "주식회사", "общество с ограниченной ответственностью", "Sociedad Anónima", "GmbH & Co. KG", "Int'l", "The", "ال")
	for _, w := range words {
		entities = append(entities, roster.Entity{ID: w, Type: roster.TypeEntity, Names: []roster.Name{{Text: w}, {Text: w + " Ltd"}}})
	}
	d := buildDictionary(map[string]*index{"common": buildIndex("common", "v", false, entities)})
	asked := 0
	for _, w := range words {
		p, err := prepare(Query{Name: w, Identifiers: nil})
		if err != nil {
			continue // nothing in it can be screened
		}
		asked++
		for _, h := range d.match(p, []*member{d.members["common"]}) {
			if h.Score >= 1 {
				t.Errorf("%q is a certain match with %q:\n%s", w, h.MatchedName, Explain(h))
			}
		}
	}
	if asked < 50 {
		t.Errorf("only %d words could be asked", asked)
	}
}

// One common word is no alarm beside a firm that has another one as well.
func TestACommonWordIsNotTheWholeFirm(t *testing.T) {
	t.Parallel()
	entities := []roster.Entity{
		{ID: "more", Type: roster.TypeEntity, Names: []roster.Name{{Text: "Chemical Group"}}},
		{ID: "same", Type: roster.TypeEntity, Names: []roster.Name{{Text: "Group Ltd"}}},
	}
	d := buildDictionary(map[string]*index{"firms": buildIndex("firms", "v", false, entities)})
	p, err := prepare(Query{Name: "Group"})
	if err != nil {
		t.Fatal(err)
	}
	scores := map[string]float64{}
	for _, h := range d.match(p, []*member{d.members["firms"]}) {
		scores[h.EntryID] = h.Score
	}
	if scores["more"] == 0 || scores["more"] >= DefaultThreshold {
		t.Errorf("a firm with one word more scores %.4f, want less than %.2f", scores["more"], DefaultThreshold)
	}
	if scores["same"] < DefaultThreshold {
		t.Errorf("the firm of that name scores %.4f, want %.2f", scores["same"], DefaultThreshold)
	}
}

func TestReadings(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Grace Hopper":   "grace hopper",
		"YusufHARUNOV":   "yusufharunov|yusuf harunov",
		"McDONALD":       "mcdonald",
		"Yusuf\x00Idris": "yusufidris|yusuf idris",
		"박정희":            "park jonghui|bak jeonghui",
		"남궁민수":           "namgung minsu",
		"王泽东":            "wang zedong|wang tsetung|wong zedong",
		"欧阳明":            "ouyang ming|auyeung ming",
		"约翰·史密斯":         "john smis|john smith",
		"瓦茨拉夫·克劳斯":       "vatsraf klos",
		"ג'ורג' בוש":     "jurj bush|george bush",
		"عبد الرحمن":     "abd al rhmn|abdarhmn",
		"ジョージ・ウォーカー":     "joji woka|joji wokar|jorji workar|george workar|george woka",
	} {
		var got []string
		for _, r := range spelling.Readings(name) {
			var words []string
			for _, tok := range r {
				words = append(words, tok.Text)
			}
			got = append(got, strings.Join(words, " "))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s is read %q, want %q", name, strings.Join(got, "|"), want)
		}
		if len(got) > spelling.MaxReadings {
			t.Errorf("%s is read in %d ways", name, len(got))
		}
	}
}

func TestLegalFormsWrittenOutAreTheShortOnes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Kometa Limited Liability Company": "kometa llc", "ООО Комета": "llc kometa", "Общество с ограниченной ответственностью Комета": "llc kometa", "ЗАО Комета": "jsc kometa",
		"Kometa GmbH & Co. KG": "kometa ag", "Kometa, Sociedad Anónima de C.V.": "kometa sa de bv", "Kometa S.A. de C.V.": "kometa sa de bv", "Kometa Free Zone Establishment": "kometa fze",
		"株式会社コメタ": "kk kometa", "彗星有限公司": "hui xing ltd", "Int'l Kometa Centre": "international kometa center", "Sociedad Anonima": "sa",
	} {
		var got []string
		for _, tok := range spelling.Tokenize(name) {
			got = append(got, tok.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s becomes %q, want %q", name, strings.Join(got, " "), want)
		}
	}
}

func TestOtherScriptsFindLatinNames(t *testing.T) {
	t.Parallel()
	list := []string{"John Walker Bright", "George Harmon", "Wang Zedong", "Park Chung-hee", "Abderrahmane Sample", "Ivana Petrovskaya", "Michael Stone", "Kometa Open Joint Stock Company"}
	var entities []roster.Entity
	for _, n := range list {
		entities = append(entities, roster.Entity{ID: n, Names: []roster.Name{{Text: n}}})
	}
	d := buildDictionary(map[string]*index{"x": buildIndex("x", "v", false, entities)})
	for name, want := range map[string]string{
		"約翰·沃克·布萊特": list[0], "ジョージ・ハーモン": list[1], "ג'ורג' הרמון": list[1], "王澤東": list[2], "박정희": list[3],
		"عبد الرحمن سامبل": list[4], "Ивана Петровская": list[5], "Майкл Стоун": list[6], "MichaelSTONE": list[6], "Mike Stone": list[6], "ОАО Комета": list[7],
	} {
		p, err := prepare(Query{Name: name, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		top := ""
		best := 0.0
		for _, h := range d.match(p, []*member{d.members["x"]}) {
			if h.Score > best {
				top, best = h.EntryID, h.Score
			}
		}
		if top != want {
			t.Errorf("%s finds %q at %.3f, want %q", name, top, best, want)
		}
	}
}
