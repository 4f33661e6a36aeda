package checks

import "bonafide/kyc"

// reason is one thing a check found.
type reason struct {
	Code     string   `json:"code" doc:"What was found, in snake_case." example:"document_expired"`
	Message  string   `json:"message" doc:"The same as a sentence for the reviewer."`
	Severity string   `json:"severity,omitempty" doc:"How much it matters: info, warning or critical."`
	Points   *float64 `json:"points,omitempty" doc:"What it added to or took from the score."`
}

func showReasons(list []kyc.Reason) []reason {
	return shown(list, func(r kyc.Reason) reason {
		return reason{Code: r.Code, Message: r.Message, Severity: r.Severity, Points: r.Points}
	})
}

// Finding is what every part of an analysis begins with.
type Finding struct {
	Status    string   `json:"status" doc:"What the check said; error: it could not be asked." enum:"passed,failed,review,error,skipped"`
	Score     *float64 `json:"score" doc:"Its score, on the scale of the check; null without one."`
	Threshold *float64 `json:"threshold" doc:"What the score was compared with; null without one."`
	Reasons   []reason `json:"reasons" doc:"What it found." nullable:"false"`
	CheckedAt stamp    `json:"checked_at" doc:"When."`
	Provider  string   `json:"provider" doc:"Who answered: bonafide, sandbox (simulated) or a provider." example:"bonafide"`
}

// analysis is what the checks of a session said (api.md 4.4). What was not
// asked is null.
type analysis struct {
	IDMatchesSelfie     *bool          `json:"id_matches_selfie" doc:"Whether the face on the ID is the applicant's; null when nobody could say."`
	FaceLivenessScore   *float64       `json:"faceliveness_score" doc:"How sure it is that a living person stood before the camera, 0-100."`
	IDAnalysis          *idAnalysis    `json:"id_analysis_data" doc:"The first ID."`
	SecondaryIDAnalysis *furtherID     `json:"secondary_id_analysis_data" doc:"The second ID."`
	TertiaryIDAnalysis  *furtherID     `json:"tertiary_id_analysis_data" doc:"The third ID."`
	CompareFaces        *faces         `json:"compare_faces_data" doc:"The comparison of the faces."`
	FaceLiveness        *Finding       `json:"face_liveness_data" doc:"The liveness check."`
	AgeEstimation       *ageEstimation `json:"age_estimation_data" doc:"The estimate of the age from the face."`
	PEPSanctions        *pepSanctions  `json:"pep_sanctions_data" doc:"The screening against sanctions and of politically exposed persons."`
	AdverseMedia        *screening     `json:"adverse_media_data" doc:"The search in the news."`
	DocumentRisk        *documentRisk  `json:"document_risk_data" doc:"The fraud analysis of the IDs, in line or in the background."`
	Chip                *chip          `json:"nfc_chip_data" doc:"The chip of a passport, where an escalation asked for it."`
	DocumentUploads     *papers        `json:"document_upload_data" doc:"Further papers."`
	Consent             *Finding       `json:"consent_data" doc:"The consent."`
	CustomForm          map[string]any `json:"custom_form_data" doc:"What forms asked for; empty, because no step here has one."`
}

// idAnalysis is what is known of the first ID.
type idAnalysis struct {
	Finding
	DocumentType   *string         `json:"document_type" doc:"What it is; null when unknown." example:"passport"`
	IssuingCountry *string         `json:"issuing_country" doc:"Who issued it, ISO 3166-1 alpha-2; null when unknown."`
	Faces          []face          `json:"detect_face_data" doc:"Faces that were found." nullable:"false"`
	ExtractedText  []extractedText `json:"id_extracted_text" doc:"What it says." nullable:"false"`
	ExpiryCheck    *expiryCheck    `json:"expiry_check" doc:"Whether it is still accepted."`
	AgeCheck       *ageCheck       `json:"age_check" doc:"Whether the age is within the limits."`
}

// face is one face that was found. What nobody measured is null.
type face struct {
	Confidence *float64  `json:"confidence" doc:"How sure it is that this is a face, 0-100."`
	AgeRange   *ageRange `json:"age_range" doc:"Estimated age."`
	Gender     *string   `json:"gender" doc:"Estimated gender; nothing here estimates it."`
}

type ageRange struct {
	Low  float64 `json:"low" doc:"Years."`
	High float64 `json:"high" doc:"Years."`
}

// extractedText is one value read from an ID.
type extractedText struct {
	Type       string  `json:"type" doc:"What it is: first_name, last_name, date_of_birth, document_number, expiry_date, …" example:"last_name"`
	Value      string  `json:"value" doc:"As it was read. Dates are YYYY-MM-DD, countries ISO 3166-1 alpha-2."`
	Confidence float64 `json:"confidence" doc:"How sure it is, 0-1; 1 where a check digit proves it." minimum:"0" maximum:"1"`
	Source     string  `json:"source" doc:"Where it stood: mrz, visual, barcode, chip, pdf or form."`
}

type expiryCheck struct {
	Finding
	ExpiryDate *string  `json:"expiry_date" doc:"YYYY-MM-DD; null when it was not read."`
	Expired    *bool    `json:"expired" doc:"Whether that day is over; an expired ID may still be within its years of grace."`
	DaysLeft   *float64 `json:"days_left" doc:"Days until then; below 0 once it is over."`
}

type ageCheck struct {
	Finding
	Age *float64 `json:"age" doc:"Full years on the day of the check; null when no date of birth was read."`
}

// furtherID is what is known of the second or third ID.
type furtherID struct {
	Finding
	Given   bool           `json:"given" doc:"Whether it was handed in."`
	Details map[string]any `json:"details" doc:"What the check saw: readable, same_person, distinct, …"`
}

type faces struct {
	Finding
	Similarity *float64 `json:"similarity" doc:"Likeness, 0-1; null when it was not measured."`
	Source     *string  `json:"source" doc:"What the ID's portrait was compared with; null when it was not compared."`
}

type ageEstimation struct {
	Finding
	EstimatedAge *float64 `json:"estimated_age" doc:"Years; null when nobody estimated it."`
	MinimumAge   *float64 `json:"minimum_age" doc:"The limit, in years."`
}

// hit is a listed party that is like the applicant.
type hit struct {
	List        string   `json:"list" doc:"The list." example:"ofac_sdn"`
	Version     string   `json:"version" doc:"The version of the list that was asked."`
	ID          string   `json:"id" doc:"The source's own id of the entry."`
	Type        string   `json:"type" doc:"person, entity, vessel, aircraft, article or unknown."`
	Name        string   `json:"name" doc:"Primary name of the entry."`
	MatchedName string   `json:"matched_name" doc:"The name or alias that matched."`
	Score       float64  `json:"score" doc:"0-1." minimum:"0" maximum:"1"`
	Risk        float64  `json:"risk,omitempty" doc:"How serious it would be if it were true, 0-1, from what the entry is listed for." minimum:"0" maximum:"1"`
	Programs    []string `json:"programs" doc:"Sanctions programmes." nullable:"false"`
	Fictional   bool     `json:"fictional" doc:"Whether the entry is invented (the demonstration list)."`
}

// listVersion is one list that was asked.
type listVersion struct {
	List    string `json:"list" doc:"The list." example:"ofac_sdn"`
	Version string `json:"version" doc:"SHA-256 of its content, or the source's own date."`
	AsOf    stamp  `json:"as_of" doc:"When this content was taken from its source."`
	Status  string `json:"status" doc:"Only ok can contribute to a pass." enum:"ok,not_configured,unavailable,stale,error"`
}

type screening struct {
	Finding
	Hits  []hit         `json:"hits" doc:"Parties that are like the applicant, best first." nullable:"false"`
	Lists []listVersion `json:"lists" doc:"The lists that were asked." nullable:"false"`
}

type pepSanctions struct {
	Sanctions *screening `json:"sanctions" doc:"The screening against sanctions lists."`
	PEP       *screening `json:"pep" doc:"The screening of politically exposed persons."`
}

// documentRisk is a fraud analysis.
type documentRisk struct {
	Finding
	RiskScore float64 `json:"risk_score" doc:"Risk that an ID is forged, 0-100." minimum:"0" maximum:"100"`
	Signals   []any   `json:"signals" doc:"What adds up to the risk: code, points and the document." nullable:"false"`
	Documents []any   `json:"documents" doc:"The IDs that were looked at." nullable:"false"`
	Escalated bool    `json:"escalated" doc:"Whether a further proof was asked for because of it."`
}

type chip struct {
	Finding
	Authentic  *bool `json:"authentic" doc:"Whether a state signed the data and nobody changed it; null when nobody could say."`
	DataGroups []any `json:"data_groups" doc:"The data groups that were read." nullable:"false"`
	Mismatches []any `json:"mismatches" doc:"Where the chip and the printed ID disagree." nullable:"false"`
}

type papers struct {
	Finding
	Documents []any `json:"documents" doc:"One entry for each paper: its type, status and findings." nullable:"false"`
	Missing   []any `json:"missing" doc:"Types that were not handed in." nullable:"false"`
}
