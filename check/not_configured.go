package check

// The checks below describe themselves, so that a workflow may name them and
// the sandbox answers them. For live applicants nothing here can answer them
// yet: without Run the menu says not_configured, and that never passes.

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

func liveness() Check {
	s := spec("liveness", "Liveness", "Looks whether a living person stood before the camera. The score is a confidence from 0 to 100.", 0)
	s.Needs = []string{"liveness|selfie"}
	s.Provides = []string{"score", "details.confidence"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","minimum":0,"maximum":100,"default":60,"description":"Confidence from which the check passes, 0-100."}`, "")
	return Check{Spec: s}
}

func nfcChipAuth() Check {
	s := spec("nfc_chip_auth", "Chip", "Verifies the signed data of a passport's chip and compares it with the printed document.", 0)
	s.Identity = true
	s.Needs = []string{"nfc"}
	s.Provides = []string{"details.authentic"}
	return Check{Spec: s}
}

func amlPEP() Check {
	s := spec("aml_pep", "Politically exposed persons", "Screens the name against lists of politically exposed persons.", 0)
	s.Provides = []string{"score", "hits", "details.hit_count"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","exclusiveMinimum":0,"maximum":1,"description":"Score from which an entry is a hit, 0-1."}`, "")
	return Check{Spec: s}
}

func adverseMedia() Check {
	s := spec("adverse_media", "Adverse media", "Searches the news for serious accusations against the person.", 0)
	s.Provides = []string{"score", "hits", "details.hit_count"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","exclusiveMinimum":0,"maximum":1,"description":"Score from which an article is a hit, 0-1."}`, "")
	return Check{Spec: s}
}

// riskOf makes the spec of a contact check.
func riskOf(name, title, description string) Check {
	s := spec(name, title, description, 0)
	s.Provides = []string{"score"}
	s.ConfigSchema = schema(`
"fail_from":{"type":"number","minimum":0,"maximum":100,"default":81,"description":"Risk from which the check fails, 0-100."}`, "")
	return Check{Spec: s}
}

func emailRisk() Check {
	return riskOf("email_risk", "E-mail risk", "Rates the e-mail address: whether it can receive mail, how old it is, whether it is a throw-away. The score is a risk from 0 to 100.")
}

func phoneRisk() Check {
	return riskOf("phone_risk", "Phone risk", "Rates the phone number: line type, country, known abuse. The score is a risk from 0 to 100.")
}

func ipRisk() Check {
	return riskOf("ip_risk", "IP risk", "Rates the network address: country, hosting, anonymisers. The score is a risk from 0 to 100.")
}

// riskDefault and similar figures are shared with the simulator.
const (
	riskFailFrom      = 81.0
	livenessThreshold = 60.0
)

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
