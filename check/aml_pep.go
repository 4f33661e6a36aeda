package check

// amlPEP screens politically exposed persons.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func amlPEP() Check {
	s := spec("aml_pep", "Politically exposed persons", "Screens the name against lists of politically exposed persons.", 0)
	s.Provides = []string{"score", "hits", "details.hit_count"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","exclusiveMinimum":0,"maximum":1,"description":"Score from which an entry is a hit, 0-1."}`, "")
	return Check{Spec: s}
}
