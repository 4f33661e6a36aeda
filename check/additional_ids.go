package check

import "bonafide/kyc"

type additionalIDsConfig struct {
	Secondary bool `json:"secondary"`
	Tertiary  bool `json:"tertiary"`
}

// additionalIDs looks at the second and third identity document.
func additionalIDs(_ Deps) Check {
	s := spec("additional_ids", "Further identity documents",
		"Reads the second and third identity document and looks whether each is readable and valid, belongs to the person of the first one (name and date of birth) and is another document.",
		fraudTimeout)
	s.Needs = []string{"document_front"}
	s.Provides = []string{"details.documents", "details.missing"}
	s.ConfigSchema = schema(`
"secondary":{"type":"boolean","default":false,"description":"A second identity document must be there."},
"tertiary":{"type":"boolean","default":false,"description":"A third identity document must be there."}`, "")
	return Check{Spec: s}
}

// wanted are the documents that the config asks for.
func (c additionalIDsConfig) wanted() []string {
	var out []string
	if c.Secondary {
		out = append(out, idSecondary)
	}
	if c.Tertiary {
		out = append(out, idTertiary)
	}
	return out
}

func missingID(which string) kyc.Reason {
	return reason(critical, which+"_id_missing", "the "+which+" identity document is missing")
}
