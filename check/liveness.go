package check

// liveness looks whether a living person stood before the camera.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func liveness() Check {
	s := spec("liveness", "Liveness", "Looks whether a living person stood before the camera. The score is a confidence from 0 to 100.", 0)
	s.Needs = []string{"liveness|selfie"}
	s.Provides = []string{"score", "details.confidence"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","minimum":0,"maximum":100,"default":60,"description":"Confidence from which the check passes, 0-100."}`, "")
	return Check{Spec: s}
}

// livenessThreshold is the default confidence, 0-100.
const livenessThreshold = 60.0
