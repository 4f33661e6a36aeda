package check

// ipRisk rates the network address.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func ipRisk() Check {
	return riskOf("ip_risk", "IP risk", "Rates the network address: country, hosting, anonymisers. The score is a risk from 0 to 100.")
}
