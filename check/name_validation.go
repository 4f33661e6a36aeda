package check

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"bonafide/kyc"
	"bonafide/procedure"
)

func nameValidation() Check {
	s := spec("name_validation", "Plausible name",
		"Looks whether the name can be somebody's name: digits, signs, web addresses, runs of the keyboard, one letter again and again, placeholders, letters of several scripts in one word. It does not know whether the name is true.", 0)
	s.Provides = []string{"details.findings", "details.parts"}
	return Check{Spec: s, Own: true, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer { return validateName(r) }}
}

// maxNamePart is the length from which a part of a name is doubtful, and twice
// that impossible.
const maxNamePart = 60

// Placeholders that people type instead of a name. The words of the first list
// are names of nobody; those of the second are somebody's, and a person must
// look.
var (
	nobody       = []string{"na", "none", "null", "nil", "undefined", "unknown", "noname", "asdf", "qwerty", "test", "testing", "tester", "dummy", "sample", "example", "foo", "bar", "xxx", "yyy", "zzz", "abc", "abcd", "nn", "name", "firstname", "lastname", "surname"}
	placeholders = []string{"john doe", "jane doe", "joe bloggs", "max mustermann", "erika mustermann", "mickey mouse", "donald duck", "ivan ivanovich ivanov", "jan jansen test"}
)

// keyboard are rows of usual keyboards and the alphabet.
var keyboard = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "abcdefghijklmnopqrstuvwxyz"}

type namePartOf struct{ what, text string }

func validateName(r kyc.CheckRequest) kyc.Answer {
	parts := nameParts(r)
	if len(parts) == 0 {
		return broken("name_missing", "there is no name to look at")
	}
	a := judged(kyc.Pass)
	findings := []any{}
	say := func(v kyc.Verdict, code, what, message string) {
		severity := warning
		if v == kyc.Fail {
			severity = critical
		}
		a.Verdict = worse(a.Verdict, v)
		a.Reasons = append(a.Reasons, reason(severity, code, "the "+what+" "+message))
		findings = append(findings, map[string]any{"part": what, "code": code})
	}
	empty, nameless := 0, 0
	for _, p := range parts {
		lookAtPart(p, say)
		low := letterWords(p.text)
		if len(low) == 1 && slices.Contains(nobody, low[0]) {
			nameless++
			say(kyc.VerdictReview, "placeholder", p.what, "is a word that people type instead of a name")
		}
		if letterCount(p.text) < 2 {
			empty++
		}
	}
	whole := strings.Join(letterWords(joined(parts)), " ")
	switch {
	case nameless == len(parts) && nameless > 0:
		say(kyc.Fail, "no_name", "name", "consists of placeholders")
	case slices.Contains(placeholders, whole):
		say(kyc.VerdictReview, "placeholder", "name", "is one that stands for nobody in particular")
	}
	if empty == len(parts) {
		say(kyc.VerdictReview, "single_letters", "name", "consists of single letters")
	}
	if len(parts) > 1 && strings.EqualFold(parts[0].text, parts[len(parts)-1].text) && nameless == 0 {
		say(kyc.VerdictReview, "repeated_part", "name", "says the same twice")
	}
	if len(a.Reasons) == 0 {
		a.Reasons = []kyc.Reason{reason(info, "plausible", "the name can be a name")}
	}
	a.Details = map[string]any{"findings": findings, "parts": len(parts)}
	return a
}

// nameParts are the given and the family name, or the whole name where only
// that is known. A magic name of the sandbox is nobody's, and fine there.
func nameParts(r kyc.CheckRequest) []namePartOf {
	var given, family, full string
	if p, ok := procedure.EstablishedPerson(r.Established); ok && len(p.Names) > 0 {
		given, family, full = p.Names[0].Given, p.Names[0].Family, procedure.FullName(p.Names[0])
	} else {
		f := factsOf(r.Fields)
		given, family, full = f.text("first"), f.text("last"), f.text("full")
	}
	magic := func(s string) bool {
		return r.Tenant.Env == kyc.Sandbox && slices.ContainsFunc(MagicTable(), func(m Magic) bool { return strings.EqualFold(m.Name, strings.TrimSpace(s)) })
	}
	var out []namePartOf
	add := func(what, text string) {
		if text = strings.TrimSpace(text); text != "" && !magic(text) {
			out = append(out, namePartOf{what, text})
		}
	}
	add("given name", given)
	add("family name", family)
	if len(out) == 0 {
		fields := strings.Fields(full)
		if len(fields) > 0 && magic(fields[len(fields)-1]) {
			full = strings.Join(fields[:len(fields)-1], " ")
		}
		add("name", full)
	}
	if len(out) == 0 && (magic(family) || magic(full)) {
		out = append(out, namePartOf{"name", "Sandbox"})
	}
	return out
}

func joined(parts []namePartOf) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text + " ")
	}
	return b.String()
}

// lookAtPart says what is odd about one part of a name.
func lookAtPart(p namePartOf, say func(v kyc.Verdict, code, what, message string)) {
	digits, signs, hidden, letters := 0, 0, 0, 0
	for _, c := range p.text {
		switch {
		case unicode.IsDigit(c):
			digits++
		case unicode.IsLetter(c), unicode.IsMark(c):
			letters++
		case c == ' ', c == '-', c == '\'', c == '’', c == 'ʼ', c == '.', c == ',', c == '·', c == '‐', c == '\u200c', c == '\u200d':
			// hyphens, apostrophes, initials, joiners of Persian and Indic names
		case unicode.IsControl(c), unicode.Is(unicode.Cf, c), c == unicode.ReplacementChar:
			hidden++
		default:
			signs++
		}
	}
	low := strings.ToLower(p.text)
	switch {
	case hidden > 0:
		say(kyc.Fail, "invisible_characters", p.what, "holds characters that nobody can see")
	case letters == 0:
		say(kyc.Fail, "no_letters", p.what, "has no letters")
	case strings.Contains(low, "@") || strings.Contains(low, "://") || strings.Contains(low, "www."):
		say(kyc.Fail, "address_as_name", p.what, "is an address of the net")
	case digits > 0 && digits*2 >= letters || signs > 0 && signs*2 >= letters:
		say(kyc.Fail, "not_a_name", p.what, "consists to a large part of digits or signs")
	case digits > 0:
		say(kyc.VerdictReview, "digits", p.what, "holds digits")
	case signs > 0:
		say(kyc.VerdictReview, "signs", p.what, "holds signs that names do not have")
	}
	if n := letterCount(p.text); n > 2*maxNamePart {
		say(kyc.Fail, "too_long", p.what, "is longer than names are")
	} else if n > maxNamePart {
		say(kyc.VerdictReview, "too_long", p.what, "is longer than names usually are")
	}
	for _, w := range strings.FieldsFunc(p.text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) }) {
		lookAtWord(p.what, w, say)
	}
}

func lookAtWord(what, w string, say func(v kyc.Verdict, code, what, message string)) {
	low := []rune(strings.ToLower(w))
	if scripts := scriptsOf(low); len(scripts) > 1 {
		say(kyc.Fail, "mixed_scripts", what, "mixes letters of "+strings.Join(scripts, " and ")+" in one word")
	}
	same, run := 1, 1
	longest := 1
	for i := 1; i < len(low); i++ {
		if low[i] == low[i-1] {
			same++
			longest = max(longest, same)
		} else {
			same, run = 1, run+1
		}
	}
	switch {
	case romanNumeral(string(low)):
	case longest == len(low) && len(low) >= 3:
		say(kyc.Fail, "one_letter", what, "is one letter again and again")
	case longest >= 3 && latin(low):
		say(kyc.VerdictReview, "repeated_letter", what, "repeats a letter three times or more")
	}
	text := string(low)
	for _, row := range keyboard {
		if len(text) < 4 || !strings.Contains(row, text) {
			continue
		}
		verdict := kyc.VerdictReview // Wert is a run, and somebody's name
		if len(text) > 4 || strings.HasPrefix(row, text) {
			verdict = kyc.Fail
		}
		say(verdict, "keyboard_run", what, "is a run of the keyboard")
		return
	}
	if latin(low) && len(low) >= 6 && !strings.ContainsAny(plainLetters(text), "aeiouy") {
		say(kyc.VerdictReview, "no_vowels", what, "has no vowel")
	}
}

// plainLetters takes the marks off Latin letters.
func plainLetters(s string) string {
	forms := spellings(s)
	return strings.ToLower(forms[len(forms)-1])
}

func latin(word []rune) bool {
	return !slices.ContainsFunc(word, func(c rune) bool { return !unicode.Is(unicode.Latin, c) && !unicode.IsMark(c) })
}

func romanNumeral(s string) bool { return strings.Trim(s, "ivx") == "" && len(s) <= 5 }

// scriptsOf are the scripts of a word that do not go together. The scripts of
// Japanese do, and so do Chinese signs with Korean ones.
func scriptsOf(word []rune) []string {
	var out []string
	for _, s := range []struct {
		name  string
		table []*unicode.RangeTable
	}{
		{"Latin", []*unicode.RangeTable{unicode.Latin}}, {"Cyrillic", []*unicode.RangeTable{unicode.Cyrillic}}, {"Greek", []*unicode.RangeTable{unicode.Greek}},
		{"Armenian", []*unicode.RangeTable{unicode.Armenian}}, {"Hebrew", []*unicode.RangeTable{unicode.Hebrew}}, {"Arabic", []*unicode.RangeTable{unicode.Arabic}},
		{"Devanagari", []*unicode.RangeTable{unicode.Devanagari}}, {"Thai", []*unicode.RangeTable{unicode.Thai}}, {"Georgian", []*unicode.RangeTable{unicode.Georgian}},
		{"East Asian", []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul}},
	} {
		if slices.ContainsFunc(word, func(c rune) bool { return unicode.In(c, s.table...) }) {
			out = append(out, s.name)
		}
	}
	return out
}

// letterWords are the words of a name in small letters without marks and
// punctuation.
func letterWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return !unicode.IsLetter(c) })
}

func letterCount(s string) int {
	n := 0
	for _, c := range s {
		if unicode.IsLetter(c) {
			n++
		}
	}
	return n
}
