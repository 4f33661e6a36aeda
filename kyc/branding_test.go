package kyc

import (
	"math"
	"testing"
)

func TestContrastIsThatOfWCAG(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#FFFFFF", "#ffffff", 1}, {"#767676", "#ffffff", 4.54}, {"#ff0000", "#ffffff", 3.998}, {"red", "#ffffff", 0}} {
		if got := Contrast(c.a, c.b); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, not %.3f", c.a, c.b, got, c.want)
		}
	}
}

func TestBrandingIsReadable(t *testing.T) {
	t.Parallel()
	codes := func(p []Problem) (out []string) {
		for _, x := range p {
			out = append(out, x.Path+" "+x.Code)
		}
		return out
	}
	for _, c := range []struct {
		b    Branding
		want string
	}{
		{Branding{}, ""}, {Branding{Name: "Acme", Accent: "#0b51b8", AccentDark: "#8ab8ff"}, ""},
		{Branding{Accent: "#ffcc00"}, "/b/accent contrast_too_low"},
		{Branding{AccentDark: "#0b51b8"}, "/b/accent_dark contrast_too_low"},
		{Branding{Accent: "#fff;}body{display:none"}, "/b/accent format_invalid"},
		{Branding{Name: "a\nb"}, "/b/name text_invalid"},
	} {
		got := codes(c.b.Problems("/b"))
		if len(got) > 1 || len(got) == 1 && got[0] != c.want || len(got) == 0 && c.want != "" {
			t.Errorf("%+v: %v, not %q", c.b, got, c.want)
		}
	}
	if p := codes(ReasonProblems([]ReasonCode{{"ok_code", "fine", "approve"}, {"ok_code", "", "approve"}, {"x", "y", "perhaps"}, {"Not ok", "x", "reject"}}, "/r")); len(p) != 4 {
		t.Errorf("reasons: %v", p)
	}
	if p := ReasonProblems(DefaultReasons(), ""); len(p) > 0 {
		t.Errorf("the shipped reasons: %v", p)
	}
	if p := LanguageProblems([]string{"en", "zh-Hant", "English", ""}, "/l"); len(p) != 2 {
		t.Errorf("languages: %v", p)
	}
	if got := (Settings{}).ReasonsFor("approve"); len(got) != 5 {
		t.Errorf("shipped reasons to approve: %v", got)
	}
	if got := (Settings{Reasons: []ReasonCode{{"x", "y", "reject"}}}).ReasonsFor("approve"); len(got) != 0 {
		t.Errorf("own reasons are mixed with the shipped ones: %v", got)
	}
}
