package media

import (
	"strings"

	"bonafide/screen"
)

// maxTerms bounds the words of one article that are indexed.
const maxTerms = 2000

// nameTerms are the words of an article that may belong to names: those with
// capital letters, or all where it has hardly any, as in scripts without them.
func nameTerms(a *Article) map[string]screen.Spelling {
	sentences := append(cutSentences(a.Title, true), cutSentences(a.Text, false)...)
	high, all := 0, 0
	for _, s := range sentences {
		for i := range s.words {
			if !s.words[i].mark {
				all++
				if s.words[i].cap {
					high++
				}
			}
		}
	}
	every := high*50 < all
	out := map[string]screen.Spelling{}
	for _, s := range sentences {
		for i := range s.words {
			w := &s.words[i]
			if w.mark || !w.cap && !every {
				continue
			}
			for _, sp := range w.spelling() {
				if sp.Identifies() && len(out) < maxTerms && len(sp.Text()) <= 40 {
					out[termOf(sp)] = sp
				}
			}
		}
	}
	return out
}

func termTexts(terms map[string]screen.Spelling) []string {
	out := make([]string, 0, len(terms))
	for t := range terms {
		out = append(out, t)
	}
	return out
}

// termOf is a spelling as the index has it; 0 marks one whose script leaves it
// open.
func termOf(s screen.Spelling) string {
	if s.Loose() {
		return "0" + s.Text()
	}
	return s.Text()
}

// spellingOf turns a term of the index back.
func spellingOf(term string) screen.Spelling {
	text, loose := strings.CutPrefix(term, "0")
	return screen.Respell(text, loose)
}

// head and tail are how a word begins and ends. Two words that differ by one
// letter have one of them or their sound in common.
func head(s screen.Spelling) string { return s.Fold()[:min(3, len(s.Fold()))] }

func tail(s screen.Spelling) string { return s.Fold()[max(0, len(s.Fold())-3):] }
