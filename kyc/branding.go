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
	// Contact is where applicants turn to with questions: an e-mail address, a
	// phone number or a web address. Empty: pages name the organisation alone.
	Contact string `json:"contact,omitempty"`
	// Accent is the colour of buttons and links on light ground, AccentDark that
	// on dark ground: #rrggbb. Empty: the shipped colour.
	Accent     string `json:"accent,omitempty"`
	AccentDark string `json:"accent_dark,omitempty"`
}

// ReasonCode is one of the reasons that reviewers choose from.
type ReasonCode struct {
	Code string `json:"code"` // snake_case
	Text string `json:"text"` // a sentence for people
	// For is the decision it belongs to: approve or reject.
	For string `json:"for"`
}

// DefaultReasons are the reasons of an organisation that has none of its own.
func DefaultReasons() []ReasonCode {
	return []ReasonCode{
		{"hits_cleared", "The hits are somebody else", "approve"},
		{"document_verified", "The document is in order", "approve"},
		{"data_explained", "The differences are explained", "approve"},
		{"person_known", "The person is known to us", "approve"},
		{"other", "Another reason", "approve"},
		{"document_forged", "The document is forged", "reject"},
		{"document_expired", "The document has expired", "reject"},
		{"identity_mismatch", "The details are of somebody else", "reject"},
		{"face_mismatch", "The face is not that of the document", "reject"},
		{"sanctions_match", "The person or company is on a sanctions list", "reject"},
		{"pep_risk", "A political office is too great a risk", "reject"},
		{"adverse_media", "The news speak against it", "reject"},
		{"fraud_suspected", "Fraud is suspected", "reject"},
		{"under_age", "The person is under age", "reject"},
		{"other", "Another reason", "reject"},
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
	if utf8.RuneCountInString(b.Contact) > 200 || strings.ContainsFunc(b.Contact, unicode.IsControl) {
		out = append(out, Problem{Path: at + "/contact", Code: "text_invalid", Message: "at most 200 characters, no control characters"})
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
		} else if seen[r.For+" "+r.Code] {
			out = append(out, Problem{Path: here + "/code", Code: "duplicate", Message: "this decision has the code already"})
		}
		seen[r.For+" "+r.Code] = true
		if n := utf8.RuneCountInString(strings.TrimSpace(r.Text)); n == 0 || n > 200 || strings.ContainsFunc(r.Text, unicode.IsControl) {
			out = append(out, Problem{Path: here + "/text", Code: "text_invalid", Message: "a sentence of 1 to 200 characters"})
		}
		if r.For != "approve" && r.For != "reject" {
			out = append(out, Problem{Path: here + "/for", Code: "not_allowed_value", Message: "allowed: approve, reject"})
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
