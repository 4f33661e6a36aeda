package spelling

import (
	"strings"
	"unicode"
)

// splitWords parts a name into its words and romanises them.
func splitWords(name string, number int) []Token {
	var words []writtenWord
	start := -1
	runes := []rune(name)
	way := reading{number: number}
	way.words, way.dotted = scriptsOf(runes)
	var cur []rune
	flush := func(end int) {
		if len(cur) > 0 && len(words) < MaxTokens {
			words = append(words, writtenWord{runes: cur, orig: string(runes[start:end])})
			cur = nil
		}
		cur, start = cur[:0], -1
	}
	for i, r := range runes {
		switch {
		case isApostrophe(r):
			// Apostrophes belong to their word: Sa'ad, O'Neill, 'Abd. In
			// Hebrew they make another letter.
			if n := len(cur); n > 0 && scriptOf(cur[n-1]) == scriptHebrew {
				cur = append(cur, geresh)
			}
		case r == '"' && i > 0 && i+1 < len(runes) && scriptOf(runes[i-1]) == scriptHebrew && scriptOf(runes[i+1]) == scriptHebrew:
			// An abbreviation is one word.
		case unicode.In(r, unicode.Cf, unicode.Cc) && r != '\t' && r != '\n' && r != '\r':
			// What cannot be seen divides nothing; see Readings.
		case r == '&' || r == '+':
			flush(i)
			if len(words) < MaxTokens {
				words = append(words, writtenWord{runes: []rune{'&'}})
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r) || (unicode.IsMark(r) && len(cur) > 0) || r == 'ー':
			if start < 0 {
				start = i
			}
			cur = append(cur, r)
		default:
			flush(i)
		}
	}
	flush(len(runes))
	return romaniseWords(words, way)
}

// splitASCII is splitWords for the names whose characters are all ASCII, which most
// are.
func splitASCII(name string) []Token {
	words := make([]Token, 0, min(1+strings.Count(name, " "), MaxTokens))
	var buf [MaxWordBytes]byte
	cur, start := buf[:0], -1
	flush := func(end int) {
		if len(cur) > 0 && len(words) < MaxTokens {
			words = append(words, Token{Text: string(cur), Orig: name[start:end]})
		}
		cur, start = cur[:0], -1
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			if start < 0 {
				start = i
			}
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			cur = append(cur, c)
		case c == '\'' || c == '`', (c < ' ' || c == 0x7f) && c != '\t' && c != '\n' && c != '\r':
			// They divide nothing, see splitWords.
		case c == '&' || c == '+':
			flush(i)
			if len(words) < MaxTokens {
				words = append(words, Token{Text: "and", Orig: "&"})
			}
		default:
			flush(i)
		}
	}
	flush(len(name))
	return words
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', '’', '‘', 'ʼ', 'ʻ', '´', 'ʿ', 'ʾ', '′', '״', geresh:
		return true
	}
	return false
}

// scriptsOf counts the words of a name and sees whether a dot or hyphen stands
// between Chinese characters, as it does in foreign names.
func scriptsOf(name []rune) (words int, dotted bool) {
	inside := false
	for i, r := range name {
		letter := unicode.IsLetter(r) || unicode.IsMark(r)
		if letter && !inside {
			words++
		}
		inside = letter
		switch r {
		case '·', '・', '‧', '•', '∙', '⋅', '.', '-', '–', '=':
			dotted = dotted || i > 0 && i+1 < len(name) && scriptOf(name[i-1]) == scriptHan && scriptOf(name[i+1]) == scriptHan
		}
	}
	return words, dotted
}
