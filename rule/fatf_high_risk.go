package rule

// fatfHighRisk: the FATF calls on its members to apply counter-measures
// against the DPRK and Iran, and enhanced due diligence proportionate to the
// risk of Myanmar. The list is the same since October 2022; the plenary of
// 17 to 19 June 2026 left it unchanged.
func fatfHighRisk() CountryList {
	return CountryList{
		Name:      "fatf_high_risk",
		Title:     "FATF: High-Risk Jurisdictions subject to a Call for Action",
		Source:    "Financial Action Task Force, High-Risk Jurisdictions subject to a Call for Action, 19 June 2026",
		Published: "2026-06-19",
		Countries: []string{"IR", "KP", "MM"},
	}
}
