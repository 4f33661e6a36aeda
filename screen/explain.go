package screen

import (
	"fmt"
	"strings"

	"bonafide/kyc"
)

// Explain renders a hit for a terminal: one line for the entry, one for
// each row of the score and of the risk, and what would miss it.
func Explain(h kyc.Hit) string {
	var b strings.Builder
	mark := ""
	if h.Fictional {
		mark = "  [FICTIONAL demonstration entry]"
	}
	fmt.Fprintf(&b, "%.4f  %s  %s %s  %s%s\n", h.Score, h.List, h.Type, h.EntryID, h.Name, mark)
	if h.MatchedName != "" && h.MatchedName != h.Name {
		fmt.Fprintf(&b, "        matched as %s\n", h.MatchedName)
	}
	if len(h.Programs) > 0 {
		fmt.Fprintf(&b, "        programs %s\n", strings.Join(h.Programs, ", "))
	}
	for _, f := range h.Features {
		fmt.Fprintf(&b, "  %+8.4f  %-13s %s\n", f.Points, f.Name, featureText(f))
	}
	fmt.Fprintf(&b, "  %8.4f  total\n", h.Score)
	if len(h.RiskFeatures) > 0 {
		fmt.Fprintf(&b, "        risk %.2f, whatever the score is:\n", h.Risk)
		for _, f := range h.RiskFeatures {
			fmt.Fprintf(&b, "  %+8.4f  %-13s %s\n", f.Points, f.Name, featureText(f))
		}
	}
	if h.ToMiss != "" {
		fmt.Fprintf(&b, "        %s\n", h.ToMiss)
	}
	return b.String()
}

func featureText(f kyc.HitFeature) string {
	rule := strings.ReplaceAll(f.Rule, "_", " ")
	switch {
	case f.Query != "" && f.Listed != "":
		return fmt.Sprintf("%s ~ %s (%s, %.2f)", f.Query, f.Listed, rule, f.Value)
	case f.Query != "":
		return fmt.Sprintf("%s (%s)", f.Query, rule)
	case f.Listed != "":
		return fmt.Sprintf("%s (%s)", f.Listed, rule)
	}
	return fmt.Sprintf("%s (%.2f)", rule, f.Value)
}
