package check

// Uses are the capabilities of the machine (bonafide doctor, /readyz) that a
// check of a live applicant works with, by their names.
type Uses struct {
	// Needs are those without which it answers not_configured or asks a person.
	Needs []string
	// Helps are those without which it sees less, such as barcodes.
	Helps []string
}

// UsesOf says what a check works with; most work with nothing of the kind.
func UsesOf(policy string) Uses {
	papers := Uses{Needs: []string{"ocr"}, Helps: []string{"ocr_model_mrz", "ocr_model_eng", "barcodes", "pdf", "heic"}}
	switch policy {
	case "document_ocr", "document_fraud", "additional_ids":
		return papers
	case "proof_of_address_check":
		return Uses{Needs: []string{"pdf"}, Helps: []string{"ocr", "ocr_model_eng"}}
	case "face_match", "face_dedup":
		return Uses{Needs: []string{"onnxruntime", "face_detection", "face_template"}}
	case "liveness":
		return Uses{Needs: []string{"onnxruntime", "face_detection", "face_template", "antispoof_a", "antispoof_b"}}
	case "age_estimation":
		return Uses{Needs: []string{"onnxruntime", "face_detection", "age"}}
	case "nfc_chip_auth":
		return Uses{Needs: []string{"trust_lists"}, Helps: []string{"onnxruntime", "face_detection", "face_template"}}
	case "watchlist_screening", "aml_pep", "wallet_screening":
		return Uses{Needs: []string{"watchlists"}}
	}
	return Uses{}
}

// Answers reports whether this build can answer a check for live applicants at
// all.
func (m *Menu) Answers(policy string) bool { return m.dishes[policy].check.Run != nil }
