package ui

import (
	"fmt"
	"strings"

	"bonafide/kyc"
)

// BrandSheet is the style sheet of an organisation's colours, served beside the
// shipped one. Only colours that are written #rrggbb get into it; an empty
// sheet changes nothing.
func BrandSheet(b kyc.Branding) []byte {
	var out strings.Builder
	if kyc.Contrast(b.Accent, "#ffffff") > 0 { // it is a colour
		fmt.Fprintf(&out, ":root { %s }\n", properties(b.Accent))
	}
	if kyc.Contrast(b.AccentDark, "#ffffff") > 0 {
		fmt.Fprintf(&out, "@media (prefers-color-scheme: dark) { :root { %s } }\n", properties(b.AccentDark))
	} else if out.Len() > 0 {
		// The accent for light ground must not reach the dark scheme.
		return []byte("@media not all and (prefers-color-scheme: dark) {\n" + out.String() + "}\n")
	}
	return []byte(out.String())
}

// properties set the accent and what is written on it: black or white,
// whichever differs more. One of them always has a contrast of 4.58 or more.
func properties(accent string) string {
	on := "#ffffff"
	if kyc.Contrast(accent, "#000000") > kyc.Contrast(accent, on) {
		on = "#000000"
	}
	return fmt.Sprintf("--accent: %s; --on-accent: %s; --link: %s; --focus: %s;", accent, on, accent, accent)
}
