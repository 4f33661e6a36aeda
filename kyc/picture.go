package kyc

// Look is how a picture of a document looks: two perceptual hashes (package
// tamper) that stay nearly the same when it is saved or scaled anew. They are
// personal: whoever has the picture can tell whose they are.
type Look struct {
	Perceptual uint64 `json:"perceptual"`
	Gradient   uint64 `json:"gradient"`
}

// Picture is the look of one upload, by which document_fraud and
// duplicate_detection find the same picture in other sessions of the tenant. It
// is kept sealed under its subject's key and goes with it.
type Picture struct {
	Upload ID   `json:"upload"`
	Look   Look `json:"look"`
	// Bands are blind indexes of pieces of the look. One row is kept for each,
	// so that near looks are found without reading all.
	Bands []string `json:"bands,omitempty"`
	// Number is the blind index of the document's number; empty where none was
	// read surely. Two documents of one layout look alike, and their numbers
	// tell them apart.
	Number    string `json:"number,omitempty"`
	SessionID ID     `json:"session_id,omitempty"`
	SubjectID ID     `json:"subject_id,omitempty"`
}
