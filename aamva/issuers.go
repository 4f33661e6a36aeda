package aamva

// Issuer is who issued a licence.
type Issuer struct {
	// Region is the postal abbreviation of the state, province or territory,
	// empty for the US Department of State.
	Region string
	// Country is ISO 3166-1 alpha-2: US, CA or MX.
	Country string
}

// issuers are the issuer identification numbers that AAMVA assigns to
// licensing authorities (ISO/IEC 7812), as in its published list. 990876 is no
// number of ISO's; Alberta's older cards carry it.
func issuers() map[string]Issuer {
	return map[string]Issuer{
		"604426": {"PE", "CA"}, "604427": {"AS", "US"}, "604428": {"QC", "CA"}, "604429": {"YT", "CA"}, "604430": {"MP", "US"},
		"604431": {"PR", "US"}, "604432": {"AB", "CA"}, "604433": {"NU", "CA"}, "604434": {"NT", "CA"},
		"636000": {"VA", "US"}, "636001": {"NY", "US"}, "636002": {"MA", "US"}, "636003": {"MD", "US"}, "636004": {"NC", "US"},
		"636005": {"SC", "US"}, "636006": {"CT", "US"}, "636007": {"LA", "US"}, "636008": {"MT", "US"}, "636009": {"NM", "US"},
		"636010": {"FL", "US"}, "636011": {"DE", "US"}, "636012": {"ON", "CA"}, "636013": {"NS", "CA"}, "636014": {"CA", "US"},
		"636015": {"TX", "US"}, "636016": {"NL", "CA"}, "636017": {"NB", "CA"}, "636018": {"IA", "US"}, "636019": {"GU", "US"},
		"636020": {"CO", "US"}, "636021": {"AR", "US"}, "636022": {"KS", "US"}, "636023": {"OH", "US"}, "636024": {"VT", "US"},
		"636025": {"PA", "US"}, "636026": {"AZ", "US"}, "636027": {"", "US"}, "636028": {"BC", "CA"}, "636029": {"OR", "US"},
		"636030": {"MO", "US"}, "636031": {"WI", "US"}, "636032": {"MI", "US"}, "636033": {"AL", "US"}, "636034": {"ND", "US"},
		"636035": {"IL", "US"}, "636036": {"NJ", "US"}, "636037": {"IN", "US"}, "636038": {"MN", "US"}, "636039": {"NH", "US"},
		"636040": {"UT", "US"}, "636041": {"ME", "US"}, "636042": {"SD", "US"}, "636043": {"DC", "US"}, "636044": {"SK", "CA"},
		"636045": {"WA", "US"}, "636046": {"KY", "US"}, "636047": {"HI", "US"}, "636048": {"MB", "CA"}, "636049": {"NV", "US"},
		"636050": {"ID", "US"}, "636051": {"MS", "US"}, "636052": {"RI", "US"}, "636053": {"TN", "US"}, "636054": {"NE", "US"},
		"636055": {"GA", "US"}, "636056": {"COA", "MX"}, "636057": {"HID", "MX"}, "636058": {"OK", "US"}, "636059": {"AK", "US"},
		"636060": {"WY", "US"}, "636061": {"WV", "US"}, "636062": {"VI", "US"}, "990876": {"AB", "CA"},
	}
}

// provinces are the regions that stand for Canada where a code names neither
// its country nor a known issuer.
func provinces() []string {
	return []string{"AB", "BC", "MB", "NB", "NL", "NF", "NS", "NT", "NU", "ON", "PE", "QC", "PQ", "SK", "YT"}
}
