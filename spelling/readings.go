package spelling

import (
	"slices"
	"strings"
	"unicode"
)

// MaxReadings is how many ways one name is asked in. Latin names have one, and
// more where words seem to have run together, where a name holds several (apart)
// or where other letters or digits stand in place of its own.
const MaxReadings = 8

// scriptReadings is how many of them the scripts alone may make.
const scriptReadings = 5

// Readings are the ways in which a name may be read, the usual one first.
// Where a script leaves a choice, each choice is asked for by itself, so that a
// score is always that of one way to read the whole name.
func Readings(name string) [][]Token {
	out := [][]Token{Tokenize(name)}
	limit := scriptReadings
	add := func(tokens []Token) {
		if len(out) < limit && len(tokens) > 0 && !slices.ContainsFunc(out, func(other []Token) bool { return sameTokens(other, tokens) }) {
			out = append(out, tokens)
		}
	}
	if cut, ok := runTogether(name); ok {
		add(Tokenize(cut))
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		// A control character may have taken the place of a space.
		add(Tokenize(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, name)))
	}
	if slices.ContainsFunc(out[0], func(t Token) bool { return t.Loose }) {
		inScripts(name, out[0], &out, add)
	}
	limit = MaxReadings
	otherwise(name, out[0], add)
	return out
}

// inScripts adds the readings that a name has by the scripts it is written in.
func inScripts(name string, usual []Token, out *[][]Token, add func([]Token)) {
	joined := joinArabic(name)
	for number := 1; number < 3; number++ {
		add(tokenizeAs(joined, number))
	}
	// A name in one word is seldom a foreign one.
	if words, _ := scriptsOf([]rune(name)); words > 1 {
		if heard, ok := heardNames((*out)[len(*out)-1]); ok {
			add(heard)
		}
		if heard, ok := heardNames(usual); ok {
			add(heard)
		}
	}
}

// otherwise adds the readings of a name that is not written as names are.
func otherwise(name string, tokens []Token, add func([]Token)) {
	if len(tokens) > 1 && !slices.ContainsFunc(tokens, func(t Token) bool { return t.Loose || t.Text != tokens[0].Text }) {
		// Who has one name alone writes it into both fields.
		once := slices.Clone(tokens)
		for i := range once[1:] {
			once[1+i].Kind = KindTitle
		}
		add(once)
	}
	if left, ok := untitled(tokens); ok {
		add(left)
	}
	if plain, whole, ok := compounds(tokens); ok {
		for _, other := range [][]Token{plain, whole} {
			for i := range other {
				if other[i].Fold == "" {
					other[i].Sound()
				}
			}
			add(other)
		}
	}
	if english, ok := translated(tokens); ok {
		add(english)
	}
	for _, part := range apart(name, tokens) {
		add(Tokenize(part))
	}
	if letters, ok := misread(name); ok {
		add(Tokenize(letters))
	}
	if joined, ok := spacedOut(name, tokens); ok {
		add(Tokenize(joined))
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }) {
		if text, ok := oneScript([]rune(name)); ok {
			add(Tokenize(string(text)))
		}
	}
}

func sameTokens(a, b []Token) bool {
	return slices.EqualFunc(a, b, func(s, t Token) bool { return s.Text == t.Text && s.Loose == t.Loose && s.Kind == t.Kind })
}

// runTogether cuts words that lost the space between them, where the writing
// shows it: a capital word behind small letters (IvanPETROV).
func runTogether(name string) (string, bool) {
	runes := []rune(name)
	var b strings.Builder
	cut := false
	for i, r := range runes {
		// Two small letters before, so that McDONALD stays whole.
		if i >= 3 && i+1 < len(runes) && unicode.IsUpper(r) && unicode.IsLower(runes[i-1]) && unicode.IsLower(runes[i-2]) {
			b.WriteByte(' ')
			cut = true
		}
		b.WriteRune(r)
	}
	return b.String(), cut
}

// joinArabic writes the compounds of Arabic names in one word, as Latin
// spellings often have them: Abdurrahman, Shamsuddin, Rahmatullah.
func joinArabic(name string) string {
	if !strings.Contains(name, "ال") {
		return name
	}
	words := strings.Fields(name)
	var out []string
	for i, w := range words {
		last := len(out) - 1
		compound := i > 0 && len(w) > 4 && strings.HasPrefix(w, "ال") && (words[i-1] == "عبد" || w == "الدين" || w == "الدین" || w == "الله")
		if compound {
			out[last] += w
		} else {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

// heardName is a name as other languages write it by the sound.
type heardName struct {
	fold string // of the sound
	name string
}

// heardLimit is how far a word may be from a sound, in hundredths of a letter
// for each letter.
const heardLimit = 11

// heardNames puts, in a name from another script, the names that are not
// pronounced as they are written in place of the words that sound like them.
func heardNames(tokens []Token) ([]Token, bool) {
	out, found := slices.Clone(tokens), false
	for i := range out {
		t := &out[i]
		if !t.Loose || t.Firm || t.Kind != KindWord || len(t.Fold) > MaxWordBytes {
			continue
		}
		best, near := "", 100
		for _, h := range soundTable[Skeleton(t.Fold, true)] {
			n := max(len(h.fold), len(t.Fold))
			if Class(h.fold[0]) != Class(t.Fold[0]) {
				continue
			}
			if d := LooseCosts.Distance(t.Fold, h.fold, heardLimit*n); d <= heardLimit*n && d < near {
				best, near = h.name, d
			}
		}
		if best != "" && best != t.Text {
			t.Text, found = best, true
			t.Kind, t.Fold = KindOf(best), Fold(best)
			t.Mask = ClassMask(t.Fold)
		}
	}
	return out, found
}

// soundTable holds soundRows by the coarse key of each sound.
var soundTable = func() map[string][]heardName {
	t := map[string][]heardName{}
	for _, row := range strings.Split(soundRows, "|") {
		words := strings.Fields(row)
		for _, sound := range words[1:] {
			f := Fold(sound)
			key := Skeleton(f, true)
			t[key] = append(t[key], heardName{f, words[0]})
		}
	}
	return t
}()

// soundRows are names of English, French, German and other use with the way
// they sound, in the letters that romanisation gives.
const soundRows = "john jon dzhon|jean zhan|jeanne zhan|george dzhordzh jorj jorji joji|georges zhorzh|michael maikl maikel maikeru|michel mishel misheru|michele mikele|michelle mishel|charles charlz charuzu charls|charles sharl|james dzheims jeims jeimzu|jack dzhek jak|jacques zhak|jeff jef|jeffrey dzhefri jefri|joe jo dzho|joseph dzhozef jozef|joshua joshua dzhoshua|jason jeison|jane jein|jay jei|jake jeik|jim jim dzhim|jimmy jimi|jeremy jeremi dzheremi|gerald jerald|geoffrey jefri dzhefri|gordon gordon|graham greiam|stephen stiven|steven stiven|steve stiv|sean shon|shane shein|david deivid|dave deiv|daniel daniel|wayne wein uein|blake bleik|bruce brus|brian braian|ryan raian|diane daian|clive klaiv|mike maik|miles mailz|nigel naijel|nicholas nikolas|isaac aizek|ian ian|hugh hyu hiu|hugo yugo|matthew metyu metiu|andrew endryu andrju endru|anthony antoni entoni|timothy timoti|thomas tomas|keith kit kis|ruth rut rus|theresa tereza teresa|ralph ralf|philip filip|philippe filip|louis lui|luis luis|yves iv|guy gi gai|pierre pier|francois fransua|benoit benua|antoine antuan|etienne etien|thierry tieri|herve erve|henri anri|henry henri|laurent loran|vincent vensan|bernard bernar|gerard zherar|robert rober|albert alber|roger rozhe rojer|serge serzh|eugene yujin ezhen iujin|guillaume giiom|gilles zhil|claude klod|paul pol|paule pol|maurice moris|alain alen|rene rene|dominique dominik|christophe kristof|christopher kristofer|christian kristian|christine kristin|christina kristina|christoph kristof|chris kris|craig kreig|caroline keroline karolain|catherine katrin ketrin|katherine ketrin|kate keit|kathleen ketlin|rachel reichel|rachelle rashel|leslie lesli|lesley lesli|lawrence lorens|laura lora|lauren loren|leigh li|lee li|lloyd loid|lucille lusil|lucy lusi|alice elis|janice janis|joan joun|joanne joan|joyce jois|judith judit|julia julia dzhulia|julie juli|julian julian|justin jastin dzhastin|susan suzan|suzanne suzan|russell rasel|dustin dastin|duncan dankan|douglas daglas|buddy badi|chuck chak|hunter hanter|luther luter|arthur artur|theodore teodor|elizabeth elizabet|edith edit|martha marta|beth bet|heather hezer heder|jonathan jonatan|nathan neitan|ethan itan|gareth garet|kenneth kenet|seth set|smith smit smis|wright rait|knight nait|taylor teilor|moore mur|white uait vait wait|young yang iang|brown braun|baker beiker|walker woker uoker|turner terner|cooper kuper|wood vud uud|woods vuds|wilson uilson vilson|williams uiliams viliams|william uiliam viliam|will uil|walter uolter volter|warren uoren|washington vashington|weber veber|wagner vagner|wolfgang volfgang|werner verner|wilhelm vilgelm vilhelm|hans gans|heinrich genrih hainrih|helmut gelmut|hermann german|herbert gerbert|horst gorst|heinz gainz haints|henrik genrik|harry garri|harold garold|howard hauard|jan yan|joachim yoahim ioahim|johann yohan iogan|johannes yohanes iohanes|josef yozef iozef|jorg yerg erg|jurgen yurgen iurgen|juan huan|jose hose|jorge horhe|javier havier|jesus hesus|joaquin hoakin|joao zhoan zhuan|jorge zhorzhi|joaquim zhoakim|giovanni jovani dzhovani|giuseppe juzepe dzhuzepe|giorgio jorjo dzhordzho|gianni jani dzhani|giulio julio dzhulio|cesare chezare|luigi luiji|angelo anjelo|eric erik|erich erih|edgar edgar|enrique enrike|miguel migel|guillermo gilermo|xavier zavier ksavier|ximenez himenes|gonzalez gonsales|hernandez ernandes|rodriguez rodriges|jimenez himenes"
