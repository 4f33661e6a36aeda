package provider

import (
	"context"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/face"
	"bonafide/kyc"
)

// engine is this machine's own.
type engine struct {
	err   *kyc.Error
	asked int
}

func (e *engine) Compare(context.Context, image.Image, image.Image) (face.Comparison, *kyc.Error) {
	e.asked++
	return face.Comparison{Made: face.Made{Provider: "local"}, Score: 0.9}, e.err
}

func (e *engine) EstimateAge(context.Context, image.Image) (face.Age, *kyc.Error) {
	e.asked++
	return face.Age{Made: face.Made{Provider: "local"}, Years: 40}, e.err
}

// street is a router before two stand-ins.
type street struct {
	*Router
	local     *engine
	aws, http *stand
	request   kyc.CheckRequest
}

func newStreet(t *testing.T, amazon, own step) *street {
	t.Helper()
	s := &street{local: &engine{}}
	a, cloud, _ := newAWSStand(t, []step{amazon}, awsAnswers())
	o, servers, _ := newHTTPStand(t, []step{own}, httpAnswers())
	s.aws, s.http = a, o
	s.Router = &Router{Local: Local{Comparer: s.local, AgeEstimator: s.local}, AWS: cloud, HTTP: servers}
	s.request = kyc.CheckRequest{Tenant: theirs(), CallKey: "call-1", Now: noon()}
	s.request.Settings.Providers.HTTP = kyc.HTTPProviderSettings{URL: o.url, Secret: "webhook_1"}
	return s
}

func (s *street) wants(kind string, names ...string) *kyc.CheckRequest {
	p := &s.request.Settings.Providers
	switch kind {
	case kyc.AskFaceMatch:
		p.FaceMatch = names
	case kyc.AskAgeEstimation:
		p.AgeEstimation = names
	case kyc.AskLiveness:
		p.Liveness = names
	case kyc.AskDocumentOCR:
		p.DocumentOCR = names
	}
	return &s.request
}

func codes(tried []kyc.Tried) string {
	var out []string
	for _, t := range tried {
		out = append(out, t.Provider+":"+t.Code)
	}
	return strings.Join(out, " ")
}

// TestOrder asks providers in the order of the organisation.
func TestOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		order       []string
		amazon, own step
		local       *kyc.Error
		by, tried   string
		code        string
		kind        kyc.Kind
	}{
		"local by default":                   {nil, good, good, nil, "local", "", "", 0},
		"the first that answers":             {[]string{"aws_rekognition", "http", "local"}, good, good, nil, "aws_rekognition", "", "", 0},
		"the second after a failure":         {[]string{"aws_rekognition", "http", "local"}, fail, good, nil, "http", "aws_rekognition:provider_unavailable", "", 0},
		"the third after garbage and denial": {[]string{"aws_rekognition", "http", "local"}, garbage, deny, nil, "local", "aws_rekognition:provider_answer_invalid http:provider_denied", "", 0},
		"local first":                        {[]string{"local", "aws_rekognition"}, good, good, nil, "local", "", "", 0},
		"local without a model":              {[]string{"local", "aws_rekognition"}, good, good, kyc.Errorf(kyc.Unavailable, "face_not_configured", "x"), "aws_rekognition", "local:face_not_configured", "", 0},
		"a no is an answer":                  {[]string{"local", "aws_rekognition"}, good, good, aboutPicture("face_not_found", "/selfie"), "", "", "face_not_found", kyc.Invalid},
		"nobody, for a while":                {[]string{"aws_rekognition", "http"}, throttle, deny, nil, "", "aws_rekognition:provider_throttled http:provider_denied", "providers_unavailable", kyc.Unavailable},
		"nobody, for good":                   {[]string{"aws_rekognition", "http"}, garbage, deny, nil, "", "aws_rekognition:provider_answer_invalid http:provider_denied", "providers_failed", kyc.Internal},
		"nobody is set up":                   {[]string{"local", "azure"}, good, good, kyc.Errorf(kyc.Unavailable, "face_not_configured", "x"), "", "local:face_not_configured azure:azure_not_configured", "providers_not_configured", kyc.Unavailable},
		"one alone keeps its reason":         {[]string{"http"}, good, throttle, nil, "", "http:provider_throttled", "provider_throttled", kyc.Unavailable},
		"one that answers other questions":   {[]string{"aws_textract", "local"}, good, good, nil, "local", "aws_textract:aws_textract_not_configured", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, c.amazon, c.own)
			s.local.err = c.local
			check := func(made face.Made, err *kyc.Error) {
				t.Helper()
				if c.code != "" {
					if err == nil || err.Code != c.code || err.Kind != c.kind || codes(made.Tried) != c.tried {
						t.Errorf("%v, tried %s", err, codes(made.Tried))
					}
					return
				}
				if err != nil || made.Provider != c.by || codes(made.Tried) != c.tried {
					t.Errorf("by %s, tried %s, %v", made.Provider, codes(made.Tried), err)
				}
			}
			m, err := s.Comparer(s.wants(kyc.AskFaceMatch, c.order...)).Compare(t.Context(), picture(200, 200), picture(300, 200))
			check(m.Made, err)
			a, err := s.AgeEstimator(s.wants(kyc.AskAgeEstimation, c.order...)).EstimateAge(t.Context(), picture(300, 200))
			check(a.Made, err)
			s.aws.requests()
			s.http.requests()
		})
	}
}

// TestTheSandboxAsksNobodyOutside whatever its settings say.
func TestTheSandboxAsksNobodyOutside(t *testing.T) {
	t.Parallel()
	s := newStreet(t, good, good)
	r := s.wants(kyc.AskFaceMatch, "aws_rekognition", "http")
	r.Tenant.Env = kyc.Sandbox
	if m, err := s.Comparer(r).Compare(t.Context(), picture(200, 200), picture(300, 200)); err != nil || m.Provider != "local" {
		t.Errorf("%+v %v", m, err)
	}
	a := kyc.Asking{Tenant: r.Tenant, Providers: kyc.ProviderSettings{Liveness: []string{"aws_rekognition"}}}
	if l, err := s.OpenLiveness(t.Context(), a, face.LivenessRequest{}); err != nil || l.Provider != "local" || l.ID != "" {
		t.Errorf("%+v %v", l, err)
	}
	if _, err := s.LivenessResult(t.Context(), a, "aws_rekognition", sessionID); err == nil || err.Kind != kyc.NotFound {
		t.Error(err)
	}
	if s.aws.requests()+s.http.requests() != 0 {
		t.Error("somebody was asked")
	}
}

// TestLivenessGoesToOneService opens with whoever is there, and asks that one
// for the result.
func TestLivenessGoesToOneService(t *testing.T) {
	t.Parallel()
	s := newStreet(t, fail, good)
	a := kyc.Asking{Tenant: theirs(), Providers: s.wants(kyc.AskLiveness, "aws_rekognition", "http", "local").Settings.Providers}
	l, err := s.OpenLiveness(t.Context(), a, face.LivenessRequest{Audit: 1, Token: "try-1"})
	if err != nil || l.Provider != "http" || l.ID != sessionID || l.Region != "eu-west-1" || codes(l.Tried) != "aws_rekognition:provider_unavailable" {
		t.Fatalf("%+v %v", l, err)
	}
	asked := s.aws.requests()
	r, err := s.LivenessResult(t.Context(), a, l.Provider, l.ID)
	if err != nil || r.Status != "succeeded" || r.Provider != "http" || s.aws.requests() != asked {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := s.LivenessResult(t.Context(), a, "aws_rekognition", l.ID); err == nil || err.Code != codeUnavailable {
		t.Errorf("another service answered for a session it does not hold: %v", err)
	}
	own, err := s.OpenLiveness(t.Context(), kyc.Asking{Tenant: theirs()}, face.LivenessRequest{})
	if err != nil || own.Provider != "local" || own.ID != "" || own.Region != "" {
		t.Errorf("%+v %v", own, err)
	}
}

// TestDocumentsGoByOrder gives this machine's own reading its place.
func TestDocumentsGoByOrder(t *testing.T) {
	t.Parallel()
	noOCR := kyc.Errorf(kyc.Unavailable, "ocr_not_configured", "x")
	for name, c := range map[string]struct {
		order     []string
		amazon    step
		local     *kyc.Error
		by, tried string
	}{
		"the service":            {[]string{"aws_textract", "local"}, good, nil, "aws_textract", ""},
		"local after it":         {[]string{"aws_textract", "local"}, fail, nil, "local", "aws_textract:provider_unavailable"},
		"the service after":      {[]string{"local", "aws_textract"}, good, noOCR, "aws_textract", "local:ocr_not_configured"},
		"nobody":                 {[]string{"local", "aws_textract"}, fail, noOCR, "", "local:ocr_not_configured aws_textract:provider_unavailable"},
		"http":                   {[]string{"http"}, good, noOCR, "http", ""},
		"one that reads no page": {[]string{"aws_rekognition", "local"}, good, nil, "local", "aws_rekognition:aws_rekognition_not_configured"},
	} {
		s := newStreet(t, c.amazon, good)
		g, err := s.ReadID(t.Context(), s.wants(kyc.AskDocumentOCR, c.order...), []image.Image{picture(300, 200)}, c.local)
		if codes(g.Tried) != c.tried || c.by == "" && err == nil || c.by != "" && (err != nil || g.Provider != c.by) {
			t.Errorf("%s: by %s, tried %s, %v", name, g.Provider, codes(g.Tried), err)
		}
		s.aws.requests()
		s.http.requests()
	}
}

// TestOneProviderCannotUseUpTheTimeOfAll lets the first of two never answer.
func TestOneProviderCannotUseUpTheTimeOfAll(t *testing.T) {
	t.Parallel()
	s := newStreet(t, hang, good)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second) // half of it is the first one's
	defer cancel()
	m, err := s.Comparer(s.wants(kyc.AskFaceMatch, "aws_rekognition", "http")).Compare(ctx, picture(200, 200), picture(300, 200))
	if err != nil || m.Provider != "http" || codes(m.Tried) != "aws_rekognition:provider_timeout" {
		t.Errorf("%+v %v", m.Made, err)
	}
}

// TestSettings lists every problem of an order with its place.
func TestSettings(t *testing.T) {
	t.Parallel()
	bare, err := NewHTTP(HTTPOptions{Clock: &hour{at: noon()}})
	if err != nil {
		t.Fatal(err)
	}
	r := &Router{HTTP: bare}
	var got []string
	for _, p := range r.Problems(kyc.ProviderSettings{FaceMatch: []string{"aws_rekognition", "local", "local"}, Liveness: []string{"aws_textract"}, AgeEstimation: []string{"http"}, DocumentOCR: []string{"aws_textract", ""}}) {
		got = append(got, p.Path+" "+p.Code)
	}
	want := []string{"/providers/face_match/0 provider_not_configured", "/providers/face_match/2 duplicate_provider", "/providers/liveness/0 unknown_provider",
		"/providers/age_estimation/0 provider_not_configured", "/providers/document_ocr/0 provider_not_configured", "/providers/document_ocr/1 unknown_provider"}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	s := newStreet(t, good, good)
	if p := s.Problems(kyc.ProviderSettings{FaceMatch: []string{"http", "aws_rekognition", "local"}, DocumentOCR: []string{"aws_textract"}, HTTP: s.request.Settings.Providers.HTTP}); p != nil {
		t.Errorf("%v", p)
	}
}

// TestCapabilities names what is there, and no secret.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	s := newStreet(t, good, good)
	all := s.Capabilities()
	if len(all) != 4 || all[1].Name != "aws_rekognition" || !all[1].Available || all[1].Version != "eu-west-1" || !slices.Equal(all[2].Kinds, []string{"document_ocr"}) {
		t.Errorf("%+v", all)
	}
	for _, c := range (&Router{}).Capabilities() {
		if c.Available != (c.Name == "local") || !c.Available && c.Install == "" || strings.Contains(c.Install+c.Version, awsKey) {
			t.Errorf("%+v", c)
		}
	}
}
