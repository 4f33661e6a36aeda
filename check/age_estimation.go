package check

// ageEstimation estimates the age from the face.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func ageEstimation() Check {
	s := spec("age_estimation", "Age estimate",
		"Estimates the age in years from the selfie and compares it with a limit. An estimate is no proof of age.", 0)
	s.Needs = []string{"selfie"}
	s.Provides = []string{"score", "details.estimated_age", "details.minimum_age", "details.age_check_passed"}
	s.ConfigSchema = schema(`
"minimum_age":{"type":"integer","minimum":1,"maximum":100,"default":18,"description":"Youngest estimated age that passes, in years."}`, "")
	return Check{Spec: s}
}

// estimationMinimum is the default limit of age_estimation in years.
const estimationMinimum = 18.0
