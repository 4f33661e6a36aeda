package check

// faceDedup looks for the same face in other sessions.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func faceDedup(_ Deps) Check {
	s := spec("face_dedup", "Known faces", "Looks whether the applicant's face was met in other sessions, under the limits of the rules that ask. The score is the highest likeness, 0-1.", 0)
	s.Needs = []string{"liveness|selfie"}
	s.Provides = []string{"score", "details.matches", "details.match_count"}
	s.ConfigSchema = schema(`
"rules":{"type":"array","maxItems":100,"items":{"type":"object","additionalProperties":false,"properties":{
"min_similarity":{"type":"number","minimum":0,"maximum":1,"description":"Likeness from which two faces are one, 0-1."},
"scope":{"type":"string","enum":["tenant","workflow"],"description":"Where to look."},
"lookback_days":{"type":"integer","minimum":1,"maximum":3650,"description":"How far back to look."},
"against":{"type":"array","uniqueItems":true,"items":{"type":"string","enum":["approved","rejected","blocklist"]},"description":"Whose faces to compare with."},
"exclude_same_customer":{"type":"boolean","description":"Leave out sessions of the same customer."}}},
"description":"What the face_dedup_rules of the workflow look for; the smallest min_similarity is what a match needs."}`, "")
	return Check{Spec: s}
}

// dedupMinimum is the likeness from which two faces are one where no rule says
// otherwise (api.md 3.6.5).
const dedupMinimum = 0.92
