package check

// faceMatch compares the selfie with the portrait.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func faceMatch() Check {
	s := spec("face_match", "Face comparison", "Compares the selfie with the portrait on the document. Levels: standard 0.35, strict 0.50, very_strict 0.60.", 0)
	s.Identity = true
	s.Needs = []string{"document_front", "selfie"}
	s.Provides = []string{"score", "details.similarity", "details.level"}
	s.ConfigSchema = schema(`
"security_level":{"type":"string","enum":["standard","strict","very_strict"],"default":"standard","description":"How alike the faces must be: 0.35, 0.50 or 0.60."},
"threshold":{"type":"number","minimum":0,"maximum":1,"description":"Likeness from which the faces match, 0-1; replaces the level's."}`, "")
	return Check{Spec: s}
}

// faceThreshold is the likeness a level asks for (api.md 6.9).
func faceThreshold(level string) float64 {
	switch level {
	case "strict":
		return 0.50
	case "very_strict":
		return 0.60
	}
	return 0.35
}
