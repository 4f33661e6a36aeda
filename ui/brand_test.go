package ui

import (
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
