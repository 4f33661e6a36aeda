package provider

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/santhosh-tekuri/jsonschema/v6"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bonafide/kyc"
)

// step is what a stand-in does with one request.
type step string

const (
	good     step = "good"
	throttle step = "throttle"
	fail     step = "fail" // 500
	hang     step = "hang" // never answers
	garbage  step = "garbage"
	shape    step = "shape" // JSON of another shape
	cut      step = "cut"   // breaks off in the body
	deny     step = "deny"
	hangUp   step = "hang up" // closes the connection
)

// What a stand-in writes into its errors and must never come out here.
const (
	awsKey     = "AKIDEXAMPLE"
	awsSecret  = "an example secret of no account"
	webhookKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	chatter    = "User: arn:aws:iam::123456789012:user/ada is not authorized; Ada Lovelace, 1815-12-10"
)

// stand is a server that follows a script; its last step repeats. wire renders
// each step, and check finds what is wrong with a request.
type stand struct {
	t      *testing.T
	script []step
	check  func(r *http.Request, body []byte) string
	wire   func(w http.ResponseWriter, r *http.Request, body []byte, s step)
	url    string

	mu    sync.Mutex
	asked []*http.Request
	said  [][]byte // bodies
	wrong []string
}

func newStand(t *testing.T, script []step) *stand {
	t.Helper()
	s := &stand{t: t, script: script}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *stand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	do := s.script[min(len(s.asked), len(s.script)-1)]
	s.asked, s.said = append(s.asked, r), append(s.said, body)
	if why := s.check(r, body); why != "" {
		s.wrong = append(s.wrong, why)
	}
	s.mu.Unlock()
	switch do {
	case hang:
		<-r.Context().Done()
	case hangUp:
		panic(http.ErrAbortHandler)
	case cut:
		w.Header().Set("Content-Length", "5000")
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, `{"status":"ok","model":"acme 1","FaceMatches":[{"Simil`)
	default:
		s.wire(w, r, body, do)
	}
}

// requests gives how many came, and fails the test for each that was wrong.
func (s *stand) requests() int {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.wrong {
		s.t.Errorf("a request was wrong: %s", w)
	}
	return len(s.asked)
}

// last is the body of the newest request.
func (s *stand) last() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]any{}
	_ = json.Unmarshal(s.said[len(s.said)-1], &out)
	return out
}

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// hour is a clock that tests move.
type hour struct {
	mu sync.Mutex
	at time.Time
}

func (h *hour) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.at }

func (h *hour) pass(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.at = h.at.Add(d) }

// newAWSStand is Rekognition and Textract. answers gives the good body of an
// operation.
func newAWSStand(t *testing.T, script []step, answers map[string]string) (*stand, *AWS, *hour) {
	t.Helper()
	s := newStand(t, script)
	s.check = checkAWS
	s.wire = func(w http.ResponseWriter, r *http.Request, _ []byte, do step) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("X-Amzn-RequestId", "7d8a-example")
		status, body := http.StatusOK, answers[operation]
		switch do {
		case throttle:
			status, body = 400, `{"__type":"ThrottlingException","message":"`+chatter+`"}`
		case fail:
			status, body = 500, `{"__type":"InternalServerError","message":"`+chatter+`"}`
		case deny:
			status, body = 400, `{"__type":"AccessDeniedException","Message":"`+chatter+`"}`
		case garbage:
			body = "<html>" + chatter
		case shape:
			body = `{"Note":"` + chatter + `"}`
		}
		if strings.HasPrefix(body, `{"__type"`) && status == 200 {
			status = 400
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	clock := &hour{at: noon()}
	return s, NewAWS(aws.Config{Region: "eu-west-1", BaseEndpoint: aws.String(s.url), Credentials: credentials.NewStaticCredentialsProvider(awsKey, awsSecret, "")},
		AWSOptions{Clock: clock, AttemptTimeout: 5 * time.Second, Backoff: func(int) time.Duration { return 0 }}), clock
}

// checkAWS finds what is wrong with a request by the rules of the JSON 1.1
// protocol and of Signature Version 4.
func checkAWS(r *http.Request, body []byte) string {
	service, _, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	name := map[string]string{"RekognitionService": "rekognition", "Textract": "textract"}[service]
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/":
		return "it is no POST to /"
	case name == "":
		return "its target is " + service
	case r.Header.Get("Content-Type") != "application/x-amz-json-1.1":
		return "its type is " + r.Header.Get("Content-Type")
	case !json.Valid(body):
		return "its body is no JSON"
	}
	got := r.Header.Get("Authorization")
	_, rest, ok := strings.Cut(got, "Credential="+awsKey+"/")
	if !ok {
		return "it is not signed with the key"
	}
	scope := strings.Split(rest[:strings.Index(rest, ",")], "/")
	_, names, _ := strings.Cut(got, "SignedHeaders=")
	names, _, _ = strings.Cut(names, ",")
	when, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || len(scope) != 4 || scope[1] != "eu-west-1" || scope[2] != name {
		return fmt.Sprintf("it is signed for %v", scope)
	}
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), nil)
	if err != nil {
		return err.Error()
	}
	for _, h := range strings.Split(names, ";") {
		switch h {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(h)] = r.Header.Values(h)
		}
	}
	for _, must := range []string{"host", "x-amz-date", "x-amz-target"} {
		if !strings.Contains(";"+names+";", ";"+must+";") {
			return must + " is not signed"
		}
	}
	sum := fmt.Sprintf("%x", sha(body))
	if err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: awsKey, SecretAccessKey: awsSecret}, again, sum, scope[2], scope[1], when); err != nil {
		return err.Error()
	}
	if again.Header.Get("Authorization") != got {
		return "the signature differs"
	}
	return ""
}

// secretStore holds one secret of one tenant.
type secretStore struct{}

func (secretStore) SigningSecrets(_ context.Context, t kyc.Tenant, reference string) ([]string, error) {
	if t == theirs() && reference == "webhook_1" || reference == "webhook_all" { // each has one of that name
		return []string{webhookKey}, nil
	}
	return nil, nil
}

func theirs() kyc.Tenant { return kyc.Tenant{Org: "acme", Env: kyc.Live} }

// newHTTPStand is an organisation's server. answers gives the good body of a
// question.
func newHTTPStand(t *testing.T, script []step, answers map[string]string) (*stand, *HTTP, *hour) {
	t.Helper()
	s := newStand(t, script)
	clock := &hour{at: noon()}
	s.check = checkHTTP
	s.wire = func(w http.ResponseWriter, _ *http.Request, body []byte, do step) {
		var in struct{ Type string }
		_ = json.Unmarshal(body, &in)
		status, out := http.StatusOK, answers[strings.TrimPrefix(in.Type, "provider.")]
		switch do {
		case throttle:
			status, out = 429, chatter
			w.Header().Set("Retry-After", "1")
		case fail:
			status, out = 503, chatter
		case deny:
			status, out = 401, chatter
		case garbage:
			out = "<html>" + chatter
		case shape:
			out = `{"status":"ok","note":"` + chatter + `"}`
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, out)
	}
	h, err := NewHTTP(HTTPOptions{Client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, Secrets: secretStore{}, Clock: clock,
		AttemptTimeout: 5 * time.Second, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }, Jitter: func() float64 { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	return s, h, clock
}

// checkHTTP finds what is wrong with a request by the published protocol.
func checkHTTP(r *http.Request, body []byte) string {
	w, err := standardwebhooks.NewWebhook(webhookKey)
	if err != nil {
		return err.Error()
	}
	if err := w.VerifyIgnoringTimestamp(body, r.Header); err != nil {
		return "the signature: " + err.Error()
	}
	if r.Header.Get("Idempotency-Key") != r.Header.Get(standardwebhooks.HeaderWebhookID) || r.Header.Get("Content-Type") != "application/json" {
		return "its headers"
	}
	var in struct{ Type string }
	if err := json.Unmarshal(body, &in); err != nil {
		return err.Error()
	}
	schema, err := definition(strings.TrimPrefix(in.Type, "provider.") + "_request")
	if err != nil {
		return err.Error()
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	if err := schema.Validate(doc); err != nil {
		return "it does not fit the protocol: " + err.Error()
	}
	return ""
}

// picture is a small picture; sizes differ, so that portrait and selfie do.
func picture(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), 90, 255})
		}
	}
	return img
}

// frame is a JPEG in Base64.
func frame() string {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, picture(16, 16), nil)
	return base64.StdEncoding.EncodeToString(b.Bytes())
}
