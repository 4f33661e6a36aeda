package check

// nfcChipAuth verifies the data of a chip.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func nfcChipAuth() Check {
	s := spec("nfc_chip_auth", "Chip", "Verifies the signed data of a passport's chip and compares it with the printed document.", 0)
	s.Identity = true
	s.Needs = []string{"nfc"}
	s.Provides = []string{"details.authentic"}
	return Check{Spec: s}
}
