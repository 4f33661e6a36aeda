package rule

// fatfIncreasedMonitoring is the list as the plenary of 17 to 19 June 2026
// left it: Bosnia and Herzegovina and Iraq came on it, Algeria and Namibia
// went off.
func fatfIncreasedMonitoring() CountryList {
	return CountryList{
		Name:      "fatf_increased_monitoring",
		Title:     "FATF: Jurisdictions under Increased Monitoring",
		Source:    "Financial Action Task Force, Jurisdictions under Increased Monitoring, 19 June 2026",
		Published: "2026-06-19",
		Countries: []string{
			"AO", // Angola
			"BA", // Bosnia and Herzegovina
			"BG", // Bulgaria
			"BO", // Bolivia
			"CD", // Democratic Republic of the Congo
			"CI", // Côte d'Ivoire
			"CM", // Cameroon
			"HT", // Haiti
			"IQ", // Iraq
			"KE", // Kenya
			"KW", // Kuwait
			"LA", // Lao PDR
			"LB", // Lebanon
			"MC", // Monaco
			"NP", // Nepal
			"PG", // Papua New Guinea
			"SS", // South Sudan
			"SY", // Syria
			"VE", // Venezuela
			"VG", // Virgin Islands (UK)
			"VN", // Vietnam
			"YE", // Yemen
		},
	}
}
