package check

// nfcChipAuth verifies the data of a chip.
func nfcChipAuth(_ Deps) Check {
	s := spec("nfc_chip_auth", "Chip",
		"Verifies the files of a passport's chip by passive authentication (ICAO Doc 9303 parts 10 to 12): the state signed them and nobody changed them. Compares them with the printed document and the form. It proves the data, not that the chip is no copy.", 0)
	s.Identity = true
	s.Needs = []string{"nfc"}
	s.Provides = []string{"details.authentic", "details.chip_authenticity", "details.data_groups", "details.mismatches", "details.trust",
		"extracted.first_name", "extracted.last_name", "extracted.date_of_birth", "extracted.sex", "extracted.nationality",
		"extracted.issuing_country", "extracted.document_type", "extracted.document_number", "extracted.expiry_date"}
	s.ConfigSchema = schema(`
"on_expired":{"type":"string","enum":["note","review","fail"],"default":"note","description":"What an expired document means here. note leaves the decision to document_expiration."},
"trust_max_age_days":{"type":"integer","minimum":1,"maximum":3650,"default":180,"description":"How old the newest trust list may be; with an older one the check answers stale."}`, "")
	return Check{Spec: s}
}
