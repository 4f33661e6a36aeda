package rule

// euHighRisk is the annex of Delegated Regulation (EU) 2016/1675 (points I, II
// and III together) as amended by Delegated Regulation (EU) 2025/1184, in
// force since 5 August 2025. Amendments after it are not in this list.
func euHighRisk() CountryList {
	return CountryList{
		Name:      "eu_high_risk",
		Title:     "European Union: high-risk third countries",
		Source:    "Annex of Commission Delegated Regulation (EU) 2016/1675 as amended by (EU) 2025/1184, in force since 5 August 2025",
		Published: "2025-07-16",
		Countries: []string{
			"AF", // Afghanistan
			"AO", // Angola
			"BF", // Burkina Faso
			"CD", // Democratic Republic of the Congo
			"CI", // Côte d'Ivoire
			"CM", // Cameroon
			"DZ", // Algeria
			"HT", // Haiti
			"IR", // Iran (point II)
			"KE", // Kenya
			"KP", // Democratic People's Republic of Korea (point III)
			"LA", // Laos
			"LB", // Lebanon
			"MC", // Monaco
			"ML", // Mali
			"MM", // Myanmar
			"MZ", // Mozambique
			"NA", // Namibia
			"NG", // Nigeria
			"NP", // Nepal
			"SS", // South Sudan
			"SY", // Syria
			"TT", // Trinidad and Tobago
			"TZ", // Tanzania
			"VE", // Venezuela
			"VN", // Vietnam
			"VU", // Vanuatu
			"YE", // Yemen
			"ZA", // South Africa
		},
	}
}
