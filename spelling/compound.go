package spelling

import (
	"slices"
	"strings"
)

// Arabic names of two words are written in one or in three: Shams al-Din is
// Shamsuddin and Chamseddine, Abd al-Rahman is Abdurrahman and Abderrahmane. Each
// way is asked for beside the one that stands there.

// faith are the endings that stand for al-Din, the longest first.
var faith = []string{"uddine", "eddine", "addine", "uddin", "eddin", "addin", "iddin", "oddin", "udeen", "udden", "adeen", "edine", "udin", "edin"}

// faithWords stand for Din by itself.
var faithWords = wordSet("din deen dine ddin ddine")

// servants are the words that stand for Abd with the article.
var servants = wordSet("abdul abdur abdus abdun abdut abduz abdud abdel abder abdes abden abdet abdez abdal abdar abdoul abdour abdous abdoun")

// compounds are the other ways to write the compounds of a name, each in one word:
// with the article as it is written, which is what the parts of one are when they
// are joined, and with the sound that it takes.
func compounds(tokens []Token) (plain, whole []Token, ok bool) {
	if !slices.ContainsFunc(tokens, func(t Token) bool {
		return strings.HasPrefix(t.Text, "abd") || strings.Contains(t.Text, "din") || strings.Contains(t.Text, "de")
	}) {
		return nil, nil, false // most names
	}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t.Loose {
			return nil, nil, false
		}
		next := func(k int) string {
			if i+k < len(tokens) {
				return tokens[i+k].Text
			}
			return ""
		}
		// As it is written: as and ad are legal forms, too.
		article := i+1 < len(tokens) && isArticle(strings.ToLower(tokens[i+1].Orig))
		word := func(text string) Token { return Token{Text: text, Orig: t.Orig} }
		switch stem, ends := cutFaith(t.Text); {
		case ends && stem != "":
			plain, whole, ok = append(plain, word(stem+"aldin")), append(whole, t), true
		case ends && i > 0 && len(whole) > 0: // Jamal Uddin
			plain[len(plain)-1], whole[len(whole)-1], ok = word(plain[len(plain)-1].Text+"aldin"), word(whole[len(whole)-1].Text+"uddin"), true
		case len(t.Text) > 2 && article && faithWords[next(2)]:
			plain, whole, ok = append(plain, word(t.Text+"aldin")), append(whole, word(t.Text+"uddin")), true
			i += 2
		case t.Text == "abd" && article && len(next(2)) > 2:
			plain, whole, ok = append(plain, word("abdal"+next(2))), append(whole, word("abdu"+assimilated(next(2)))), true
			i += 2
		case servants[t.Text] && len(next(1)) > 2:
			plain, whole, ok = append(plain, word("abdal"+next(1))), append(whole, word("abdu"+assimilated(next(1)))), true
			i++
		default:
			if name, is := servantOf(t.Text); is {
				plain, whole, ok = append(plain, word("abdal"+name)), append(whole, t), true
				continue
			}
			plain, whole = append(plain, t), append(whole, t)
		}
	}
	return plain, whole, ok
}

func isArticle(s string) bool {
	return len(s) == 2 && (s[0] == 'a' || s[0] == 'e' || s[0] == 'u') && strings.IndexByte("ldrstzn", s[1]) >= 0
}

// cutFaith cuts the ending that stands for al-Din off a word; stem is empty where
// the word is nothing else.
func cutFaith(word string) (stem string, ok bool) {
	for _, end := range faith {
		if stem, ok = strings.CutSuffix(word, end); ok && (stem == "" || len(stem) > 2) {
			return stem, true
		}
	}
	return "", false
}

// servantOf is the name behind Abd in one word whose article took the sound of a
// sun letter: Abderrahmane, Abdussalam.
func servantOf(word string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(word, "abd")
	if !ok || len(rest) < 5 || !isVowel(rest[0]) {
		return "", false
	}
	rest = strings.TrimPrefix(rest[1:], "u") // abdou
	if len(rest) > 4 && rest[0] == rest[1] && strings.IndexByte("rsndtz", rest[0]) >= 0 {
		return rest[1:], true
	}
	return "", false
}

// assimilated is a word behind the article as the article sounds before it.
func assimilated(word string) string {
	if strings.IndexByte("rsndtz", word[0]) >= 0 {
		return word[:1] + word
	}
	return "l" + word
}

// untitled is a name without its titles, where there are several and enough of it is
// left to identify somebody: lists leave most titles out, and so many would weigh as
// much as a word.
func untitled(tokens []Token) ([]Token, bool) {
	titles := 0
	for i := range tokens {
		if tokens[i].Kind == KindTitle {
			titles++
		}
	}
	if titles < 2 {
		return nil, false
	}
	left := slices.DeleteFunc(slices.Clone(tokens), func(t Token) bool { return t.Kind == KindTitle })
	n := 0
	for i := range left {
		if left[i].Significant() {
			n++
		}
	}
	return left, n > 1
}
