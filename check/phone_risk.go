package check

// phoneRisk rates the phone number.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func phoneRisk() Check {
	return riskOf("phone_risk", "Phone risk", "Rates the phone number: line type, country, known abuse. The score is a risk from 0 to 100.")
}
