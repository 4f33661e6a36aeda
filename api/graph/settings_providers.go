package graph

import (
	"context"
	"net/url"
	"strings"

	"bonafide/kyc"
)

// Providers knows what this node can ask (provider.Router).
type Providers interface {
	// Problems are what keeps settings from being used, with paths from
	// /providers on.
	Problems(s kyc.ProviderSettings) []kyc.Problem
}

type providerSettings struct {
	FaceMatch     []string    `json:"face_match,omitempty" doc:"Who compares faces: local, aws_rekognition, http." maxItems:"10" nullable:"false"`
	Liveness      []string    `json:"liveness,omitempty" doc:"Who films the applicant: local, aws_rekognition, http." maxItems:"10" nullable:"false"`
	AgeEstimation []string    `json:"age_estimation,omitempty" doc:"Who estimates ages: local, aws_rekognition, http." maxItems:"10" nullable:"false"`
	DocumentOCR   []string    `json:"document_ocr,omitempty" doc:"Who reads identity documents: local, aws_textract, http. The zone is read and checked here in any case." maxItems:"10" nullable:"false"`
	LivenessPage  string      `json:"liveness_page,omitempty" doc:"Your own page, or the universal link of your app, in which a liveness service films that films nowhere else (aws_rekognition): an https address without a fragment. The applicant's page leads there with #token= and the token of the session behind it." maxLength:"2000" example:"https://app.example.com/face"`
	HTTP          *httpServer `json:"http,omitempty" doc:"The organisation's own server, which http asks (bonafide providers schema)."`
}

type httpServer struct {
	URL    string `json:"url,omitempty" doc:"Where to ask. Private addresses are refused; redirects are not followed." maxLength:"2000"`
	Secret string `json:"secret,omitempty" doc:"Whose secret signs the request: the id of a webhook endpoint of this environment." maxLength:"200"`
}

func showProviders(v kyc.ProviderSettings) providerSettings {
	out := providerSettings{FaceMatch: v.FaceMatch, Liveness: v.Liveness, AgeEstimation: v.AgeEstimation, DocumentOCR: v.DocumentOCR, LivenessPage: v.LivenessPage}
	if v.HTTP != (kyc.HTTPProviderSettings{}) {
		out.HTTP = &httpServer{URL: v.HTTP.URL, Secret: v.HTTP.Secret}
	}
	return out
}

func (p providerSettings) settings() kyc.ProviderSettings {
	out := kyc.ProviderSettings{FaceMatch: p.FaceMatch, Liveness: p.Liveness, AgeEstimation: p.AgeEstimation, DocumentOCR: p.DocumentOCR, LivenessPage: p.LivenessPage}
	if p.HTTP != nil {
		out.HTTP = kyc.HTTPProviderSettings(*p.HTTP)
	}
	return out
}

// providerProblems are what keeps an order of providers from being used here.
func (s *surface) providerProblems(ctx context.Context, t kyc.Tenant, v kyc.ProviderSettings) ([]kyc.Problem, error) {
	out := s.Providers.Problems(v)
	if u, err := url.Parse(v.LivenessPage); v.LivenessPage != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Contains(v.LivenessPage, "#")) {
		out = append(out, kyc.Problem{Path: "/providers/liveness_page", Code: "format_invalid", Message: "an absolute https address without a fragment"})
	}
	if v.HTTP == (kyc.HTTPProviderSettings{}) {
		return out, nil
	}
	wrong, err := s.serverProblems(ctx, t, v.HTTP.URL, v.HTTP.Secret, "/providers/http")
	return append(out, wrong...), err
}
