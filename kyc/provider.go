package kyc

import "slices"

// The kinds of questions that an organisation may give to other people's
// services. Each is the name of the check that asks it.
const (
	AskFaceMatch     = "face_match"
	AskLiveness      = "liveness"
	AskAgeEstimation = "age_estimation"
	AskDocumentOCR   = "document_ocr"
)

// The providers that can stand in an order. ProviderLocal is this program with
// its own models; the others send pictures of applicants elsewhere.
const (
	ProviderLocal       = "local"
	ProviderRekognition = "aws_rekognition"
	ProviderTextract    = "aws_textract"
	ProviderHTTP        = "http"
)

// ProviderSettings say whom an organisation asks what, most wanted first. An
// empty order is ProviderLocal alone. A later one is asked only where an
// earlier one did not answer; a "no" is an answer.
type ProviderSettings struct {
	FaceMatch     []string `json:"face_match,omitempty"`
	Liveness      []string `json:"liveness,omitempty"`
	AgeEstimation []string `json:"age_estimation,omitempty"`
	DocumentOCR   []string `json:"document_ocr,omitempty"`
	// LivenessPage is the organisation's own page, or the universal link of its
	// app, in which a service films that films nowhere else: an absolute https
	// address without a fragment. Empty: applicants are told in words.
	LivenessPage string `json:"liveness_page,omitempty"`
	// HTTP is the organisation's own server, which ProviderHTTP asks.
	HTTP HTTPProviderSettings `json:"http,omitzero"`
}

// HTTPProviderSettings name a server that speaks the published protocol of
// room provider. Both members are set, or neither.
type HTTPProviderSettings struct {
	URL string `json:"url,omitempty"` // absolute, https or within the own network
	// Secret is the id of the webhook endpoint (webhook_…) whose secret signs.
	Secret string `json:"secret,omitempty"`
}

// Order of a kind of question; never empty. An unknown kind has ProviderLocal.
func (s ProviderSettings) Order(kind string) []string {
	order := map[string][]string{AskFaceMatch: s.FaceMatch, AskLiveness: s.Liveness, AskAgeEstimation: s.AgeEstimation, AskDocumentOCR: s.DocumentOCR}[kind]
	if len(order) == 0 {
		return []string{ProviderLocal}
	}
	return slices.Clone(order)
}

// Asking says on whose behalf a provider is asked.
type Asking struct {
	Tenant    Tenant
	Providers ProviderSettings
	// Call names the question for ever: asked again it is the same. It goes to
	// the provider, so that it can answer a repeated question once; it must not
	// be personal data. Empty: every question is a new one.
	Call string
}

// Tried is a provider that was asked and did not answer, and why. Message holds
// no personal data and no secrets.
type Tried struct {
	Provider string `json:"provider"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}
