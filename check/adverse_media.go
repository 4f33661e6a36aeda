package check

// adverseMedia searches the news.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func adverseMedia() Check {
	s := spec("adverse_media", "Adverse media", "Searches the news for serious accusations against the person.", 0)
	s.Provides = []string{"score", "hits", "details.hit_count", "details.risk_score", "details.categories"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","exclusiveMinimum":0,"maximum":1,"description":"Score from which an article is a hit, 0-1."},`+partiesSchema, "")
	return Check{Spec: s}
}
