package kyc

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Branding is how an organisation looks to its applicants.
type Branding struct {
	// Name is shown on top of each page; empty: the organisation's name.
	Name string `json:"name,omitempty"`
	// Accent is the colour of buttons and links on light ground, AccentDark that
	// on dark ground: #rrggbb. Empty: the shipped colour.
	Accent     string `json:"accent,omitempty"`
	AccentDark string `json:"accent_dark,omitempty"`
}

// ReasonCode is one of the reasons that reviewers choose from.
type ReasonCode struct {
	Code string `json:"code"` // snake_case
	Text string `json:"text"` // a sentence for people
	// For is the decision it belongs to: approve, reject or correct.
	For string `json:"for"`
}

// DefaultReasons are the reasons of an organisation that has none of its own.
func DefaultReasons() []ReasonCode {
	return []ReasonCode{
		{"documents_in_order", "The documents are in order", "approve"},
		{"hit_is_somebody_else", "The hit on the list is somebody else", "approve"},
		{"document_not_genuine", "The document is not genuine", "reject"},
		{"person_does_not_match", "The person is not the one on the document", "reject"},
		{"listed_party", "The person or company is on a list", "reject"},
		{"outside_our_rules", "We do not accept this by our rules", "reject"},
		{"picture_unreadable", "The picture cannot be read", "correct"},
		{"document_expired", "The document has expired", "correct"},
		{"details_differ", "The details differ from the document", "correct"},
	}
}

// ReasonsFor are the reasons for one decision; those of the organisation, or
// the shipped ones where it has none.
func (s Settings) ReasonsFor(decision string) []ReasonCode {
	all := s.Reasons
	if len(all) == 0 {
		all = DefaultReasons()
	}
	var out []ReasonCode
	for _, r := range all {
		if r.For == decision {
			out = append(out, r)
		}
	}
	return out
}

// Grounds that text stands on: the darker of the light ones and the lighter of
// the dark ones (ui/app.css, --raised).
const (
	lightGround = "#f5f6f8"
	darkGround  = "#1f242b"
)

// leastContrast is what text needs (WCAG 2.2, 1.4.3).
const leastContrast = 4.5

var (
	hexColour  = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	reasonCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	language   = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// Problems are what keeps a branding from being used, with paths from at on.
// Colours that cannot be read are among them.
func (b Branding) Problems(at string) []Problem {
	var out []Problem
	if utf8.RuneCountInString(b.Name) > 100 || strings.ContainsFunc(b.Name, unicode.IsControl) {
		out = append(out, Problem{Path: at + "/name", Code: "text_invalid", Message: "at most 100 characters, no control characters"})
	}
	for _, c := range []struct{ path, colour, ground, word string }{{"/accent", b.Accent, lightGround, "light"}, {"/accent_dark", b.AccentDark, darkGround, "dark"}} {
		switch {
		case c.colour == "":
		case !hexColour.MatchString(c.colour):
			out = append(out, Problem{Path: at + c.path, Code: "format_invalid", Message: "a colour is written #rrggbb"})
		default:
			if ratio := Contrast(c.colour, c.ground); ratio < leastContrast {
				out = append(out, Problem{Path: at + c.path, Code: "contrast_too_low",
					Message: fmt.Sprintf("on %s ground it has a contrast of %.2f; text needs %.1f (WCAG 2.2)", c.word, math.Floor(ratio*100)/100, leastContrast)})
			}
		}
	}
	return out
}

// ReasonProblems are what keeps reasons from being used.
func ReasonProblems(list []ReasonCode, at string) []Problem {
	var out []Problem
	if len(list) > 100 {
		return []Problem{{Path: at, Code: "too_many", Message: "at most 100 reasons"}}
	}
	seen := map[string]bool{}
	for i, r := range list {
		here := at + "/" + strconv.Itoa(i)
		if !reasonCode.MatchString(r.Code) {
			out = append(out, Problem{Path: here + "/code", Code: "format_invalid", Message: "a code is snake_case, at most 64 characters"})
		} else if seen[r.Code] {
			out = append(out, Problem{Path: here + "/code", Code: "duplicate", Message: "this code is there already"})
		}
		seen[r.Code] = true
		if n := utf8.RuneCountInString(strings.TrimSpace(r.Text)); n == 0 || n > 200 || strings.ContainsFunc(r.Text, unicode.IsControl) {
			out = append(out, Problem{Path: here + "/text", Code: "text_invalid", Message: "a sentence of 1 to 200 characters"})
		}
		if r.For != "approve" && r.For != "reject" && r.For != "correct" {
			out = append(out, Problem{Path: here + "/for", Code: "not_allowed_value", Message: "allowed: approve, reject, correct"})
		}
	}
	return out
}

// LanguageProblems are what keeps a choice of languages from being used.
func LanguageProblems(list []string, at string) []Problem {
	var out []Problem
	for i, tag := range list {
		if !language.MatchString(tag) {
			out = append(out, Problem{Path: at + "/" + strconv.Itoa(i), Code: "format_invalid", Message: "a language is written as in BCP 47: en, pt, zh-Hant"})
		}
	}
	if len(list) > 50 {
		out = append(out, Problem{Path: at, Code: "too_many", Message: "at most 50 languages"})
	}
	return out
}

// Contrast is the ratio of the luminances of two colours #rrggbb, 1 to 21
// (WCAG 2.2, definition of contrast ratio). What is no colour has none.
func Contrast(a, b string) float64 {
	x, okX := luminance(a)
	y, okY := luminance(b)
	if !okX || !okY {
		return 0
	}
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) (float64, bool) {
	if !hexColour.MatchString(colour) {
		return 0, false
	}
	n, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil {
		return 0, false
	}
	part := func(shift uint) float64 {
		v := float64(n>>shift&255) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0), true
}
