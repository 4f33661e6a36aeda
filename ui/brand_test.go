package ui

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bonafide/kyc"
)

func TestABrandSheetHoldsColoursAndNothingElse(t *testing.T) {
	t.Parallel()
	if got := BrandSheet(kyc.Branding{Name: "</style>"}); len(got) != 0 {
		t.Errorf("an empty sheet is %q", got)
	}
	light := string(BrandSheet(kyc.Branding{Accent: "#7a1fa2", AccentDark: "red; } body { display: none"}))
	if strings.Contains(light, "display") || !strings.Contains(light, "--accent: #7a1fa2; --on-accent: #ffffff;") || !strings.HasPrefix(light, "@media not all and (prefers-color-scheme: dark)") {
		t.Errorf("light alone: %s", light)
	}
	both := string(BrandSheet(kyc.Branding{Accent: "#7a1fa2", AccentDark: "#ffd54f"}))
	if !strings.Contains(both, "--accent: #ffd54f; --on-accent: #000000;") || strings.Count(both, "{") != strings.Count(both, "}") {
		t.Errorf("both: %s", both)
	}
}

func TestPagesAreInAnOfferedLanguage(t *testing.T) {
	t.Parallel()
	k, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(k.Languages()) < 2 {
		t.Skip("there is one language only")
	}
	r := httptest.NewRequest(http.MethodGet, "/capture/x", http.NoBody)
	r.Header.Set("Accept-Language", "en")
	var offer []string
	k.Offered = func(*http.Request) []string { return offer }
	other := k.Languages()[1]
	for _, c := range []struct {
		offer []string
		want  string
	}{{nil, "en"}, {[]string{"xx"}, "en"}, {[]string{other.Code()}, other.Code()}, {[]string{other.Code(), "en"}, "en"}} {
		offer = c.offer
		if got := k.Language(r, "").Code(); got != c.want {
			t.Errorf("%v: %s, not %s", c.offer, got, c.want)
		}
		if n := len((View{kit: k, offered: k.offered(r)}).All()); c.want == other.Code() && n != 1 {
			t.Errorf("%v: the menu has %d languages", c.offer, n)
		}
	}
}
