package field

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

type textKind struct{}

func (textKind) spec() TypeSpec {
	return TypeSpec{
		Name: "text", Category: "basic",
		Summary: "Free text in one or several lines.",
		Stored:  "string in NFC, trimmed, lines ended by \\n",
		Options: []OptionSpec{
			opt("max_length", "integer", 10000, "characters (Unicode code points) at most, up to 16384"),
			opt("multiline", "boolean", false, "line breaks and tabs are allowed"),
			opt("min_length", "integer", 0, "characters at least, once there is an answer"),
			opt("pattern", "string", nil, "RE2 pattern that the whole text must match"),
		},
		Rules: textRules(),
	}
}

func (textKind) define(d *definer, f *Field, at string) {
	d.span(at, "min_length", f.MinLength, "max_length", f.MaxLength, 0, maxText/4)
	d.pattern(at+"/pattern", f.Pattern, "")
}

func (textKind) read(c *call, f *Field, at string, v any) (any, bool) {
	text, ok := c.text(at, v)
	if !ok {
		return nil, false
	}
	multiline := on(f.Multiline)
	text = clean(text)
	before := len(c.problems)
	for _, r := range text {
		if (r == '\n' || r == '\t') && multiline {
			continue
		}
		if unicode.IsControl(r) || isBidi(r) {
			if r == '\n' || r == '\t' {
				c.add(at, "line_break", "the answer must be one line")
			} else {
				c.add(at, "control_character", "control characters are not allowed")
			}
			break
		}
	}
	n := utf8.RuneCountInString(text)
	if f.MinLength != nil && n < *f.MinLength {
		c.add(at, "too_short", "at least %d characters are needed", *f.MinLength)
	}
	if f.MaxLength != nil && n > *f.MaxLength {
		c.add(at, "too_long", "at most %d characters are allowed", *f.MaxLength)
	}
	if p := f.compiled().pattern; p != nil && !p.MatchString(text) {
		c.add(at, "pattern_mismatch", "the text does not have the form asked for")
	}
	return text, len(c.problems) == before
}

// text takes a string and nothing else.
func (c *call) text(at string, v any) (string, bool) {
	text, ok := v.(string)
	if !ok {
		c.add(at, "wrong_type", "the answer must be a text")
	}
	return text, ok
}

// clean is the normal form of every text: NFC, \n for line ends, no white
// space at either end.
func clean(s string) string {
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if !norm.NFC.IsNormalString(s) {
		s = norm.NFC.String(s)
	}
	return strings.TrimSpace(s)
}

// isBidi reports the invisible characters that turn the direction of text and
// can make a reviewer read something else than what is stored.
func isBidi(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0xFEFF
}
