package spelling

import (
	"strings"
	"unicode"
)

// Letters of one script that look like those of another get into names by slips of
// the keyboard, by recognition of scanned text and by people who do not want to be
// found. Pairs are those of the confusables table of Unicode Technical Standard 39
// that a reader cannot tell apart in print.
var (
	cyrillicLookalikes = lookalikes("аaАAеeЕEёeЁEоoОOрpРPсcСCуyУYхxХXіiІIїiЇIјjЈJѕsЅSкkКKВBМMНHТTһhҺHԁdԛqԜWԝwӀIгrпn")
	greekLookalikes    = lookalikes("αaΑAοoΟOνvΝNρpΡPυuΥYιiΙIκkΚKχxΧXτtΤTΒBΕEΖZΗHΜMόoΌOάaΆAίiΊIέeΈE")
	// The other way the letters that look alike in one case only count in both:
	// nobody sees which of them was typed.
	latinAsCyrillic = lookalikes("aаAАeеEЕoоOОpрPРcсCСyуYУxхXХkкKКBВMМHНTТ")
)

func lookalikes(pairs string) map[rune]rune {
	t := map[rune]rune{}
	runes := []rune(pairs)
	for i := 0; i+1 < len(runes); i += 2 {
		t[runes[i]] = runes[i+1]
	}
	return t
}

// oneScript writes a text that mixes Latin with Cyrillic or Greek letters in one of
// them, where all letters of the other look like some of it; ok is false for any
// other text.
func oneScript(text []rune) (out []rune, ok bool) {
	latin, cyrillic, greek := false, false, false
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		switch scriptOf(r) {
		case scriptLatin:
			latin = true
		case scriptCyrillic:
			cyrillic = true
		case scriptGreek:
			greek = true
		default:
			return nil, false
		}
	}
	switch {
	case !latin || cyrillic == greek:
		return nil, false
	case greek:
		return written(text, scriptGreek, greekLookalikes)
	}
	if out, ok = written(text, scriptCyrillic, cyrillicLookalikes); ok {
		return out, true
	}
	return written(text, scriptLatin, latinAsCyrillic)
}

// written replaces all letters of a script; ok is false where one has no lookalike.
func written(text []rune, of script, table map[rune]rune) (out []rune, ok bool) {
	out = make([]rune, len(text))
	for i, r := range text {
		out[i] = r
		if !unicode.IsLetter(r) || scriptOf(r) != of {
			continue
		}
		if out[i], ok = table[r]; !ok {
			return nil, false
		}
	}
	return out, true
}

// digitLetters are digits that stand for letters where text was recognised, or was
// written so as not to be found.
const digitLetters = "oizeasgtbg" // 0 to 9

// misread writes letters in place of the digits in words that have more letters
// than digits (B1N LAD1N), or as many in several places (0TT0); ok is false where
// there are none. A number and a number with a letter or two behind it (27TH, H7)
// stay what they are.
func misread(name string) (out string, ok bool) {
	if !strings.ContainsAny(name, "0123456789") {
		return "", false
	}
	runes := []rune(name)
	for i := 0; i < len(runes); {
		letters, digits, places, end := 0, 0, 0, i
		for ; end < len(runes) && (unicode.IsLetter(runes[end]) || unicode.IsMark(runes[end]) || runes[end] >= '0' && runes[end] <= '9'); end++ {
			if runes[end] <= '9' {
				digits++
				if end == i || runes[end-1] > '9' {
					places++
				}
			} else {
				letters++
			}
		}
		if digits > 0 && (letters > digits || letters == digits && places > 1) {
			for k := i; k < end; k++ {
				if runes[k] <= '9' {
					runes[k], ok = rune(digitLetters[runes[k]-'0']), true
				}
			}
		}
		i = end + 1
	}
	return string(runes), ok
}

// spacedOut joins the letters of a name that is written letter by letter, as forms
// with a box for each give it; ok is false for other names. Two spaces, or what is
// no space, divide the words; where nothing does, they are one.
func spacedOut(name string, tokens []Token) (out string, ok bool) {
	const fewest = 6 // shorter ones may be initials
	single, letters := 0, map[string]bool{}
	for i := range tokens {
		if len(tokens[i].Text) == 1 {
			single++
			letters[tokens[i].Text] = true
		}
	}
	if single < fewest || single*10 < len(tokens)*8 || len(letters) < 3 {
		return "", false
	}
	runes := []rune(name)
	var b strings.Builder
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if r != ' ' {
			b.WriteRune(r)
			continue
		}
		if i+1 < len(runes) && runes[i+1] == ' ' {
			b.WriteByte(' ')
			for i+1 < len(runes) && runes[i+1] == ' ' {
				i++
			}
		}
	}
	return b.String(), true
}
