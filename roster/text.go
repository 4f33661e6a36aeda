package roster

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// StripMarks decomposes and drops combining marks.
func StripMarks(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			var b strings.Builder
			for _, r := range norm.NFKD.String(s) {
				if !unicode.Is(unicode.Mn, r) {
					b.WriteRune(r)
				}
			}
			return b.String()
		}
	}
	return s
}

// mostlyLatin reports whether at least half of the letters are Latin.
func mostlyLatin(s string) bool {
	latin, other := 0, 0
	for _, r := range s {
		switch {
		case r < 0x250 || (r >= 0x1e00 && r < 0x1f00):
			if unicode.IsLetter(r) {
				latin++
			}
		case unicode.IsLetter(r) && !unicode.Is(unicode.Lm, r):
			other++
		}
	}
	return latin >= other
}
