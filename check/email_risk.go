package check

// emailRisk rates the e-mail address.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func emailRisk() Check {
	return riskOf("email_risk", "E-mail risk", "Rates the e-mail address: whether it can receive mail, how old it is, whether it is a throw-away. The score is a risk from 0 to 100.")
}

// riskOf makes the spec of a contact check.
func riskOf(name, title, description string) Check {
	s := spec(name, title, description, 0)
	s.Provides = []string{"score"}
	s.ConfigSchema = schema(`
"fail_from":{"type":"number","minimum":0,"maximum":100,"default":81,"description":"Risk from which the check fails, 0-100."}`, "")
	return Check{Spec: s}
}

// riskFailFrom is the default risk from which a contact check fails, 0-100.
const riskFailFrom = 81.0
