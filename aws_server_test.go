package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	awsTestKey    = "AKIDEXAMPLE"
	awsTestSecret = "an example secret of no account"
	// amazonSession is what the stand-in calls its liveness sessions, with a
	// number behind it.
	amazonSession = "11111111-2222-4333-8444-5555555555"
)

// amazon stands in for Rekognition and Textract: it checks each signature and
// follows what a test says.
type amazon struct {
	*httptest.Server
	mu       sync.Mutex
	asked    []string // operations
	bodies   map[string]map[string]any
	wrong    []string
	sessions int
	throttle map[string]int    // operations, and how often: -1 is for ever
	status   map[string]string // of liveness sessions, by id
}

func newAmazon(t *testing.T) *amazon {
	t.Helper()
	a := &amazon{bodies: map[string]map[string]any{}, throttle: map[string]int{}, status: map[string]string{}}
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.Close)
	return a
}

// server is one that finds this Amazon by the ordinary credential chain.
func (a *amazon) server(t *testing.T) *server {
	t.Helper()
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": a.URL, "AWS_ACCESS_KEY_ID": awsTestKey, "AWS_SECRET_ACCESS_KEY": awsTestSecret,
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull} {
		t.Setenv(name, value)
	}
	return startWith(t, &Globals{Data: t.TempDir(), Sync: "normal", AWSRegion: "eu-west-1"}, unhurried)
}

// signed says what is wrong with the Signature Version 4 of a request.
func signed(r *http.Request, body []byte) string {
	service := map[string]string{"RekognitionService": "rekognition", "Textract": "textract"}[strings.SplitN(r.Header.Get("X-Amz-Target"), ".", 2)[0]]
	got := r.Header.Get("Authorization")
	when, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || !strings.Contains(got, "Credential="+awsTestKey+"/"+when.Format("20060102")+"/eu-west-1/"+service+"/aws4_request") {
		return "it is signed as " + got
	}
	again, _ := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), nil)
	_, names, _ := strings.Cut(got, "SignedHeaders=")
	names, _, _ = strings.Cut(names, ",")
	for _, h := range strings.Split(names, ";") {
		switch h {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(h)] = r.Header.Values(h)
		}
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: awsTestKey, SecretAccessKey: awsTestSecret}, again, hex.EncodeToString(sum[:]), service, "eu-west-1", when); err != nil {
		return err.Error()
	}
	if again.Header.Get("Authorization") != got {
		return "the signature of " + r.Header.Get("X-Amz-Target") + " differs"
	}
	return ""
}

func (a *amazon) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	a.mu.Lock()
	defer a.mu.Unlock()
	if why := signed(r, body); why != "" {
		a.wrong = append(a.wrong, why)
	}
	var in map[string]any
	_ = json.Unmarshal(body, &in)
	a.asked, a.bodies[operation] = append(a.asked, operation), in
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if n := a.throttle[operation]; n != 0 {
		a.throttle[operation] = max(n-1, -1)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"ThrottlingException","message":"slow down"}`)
		return
	}
	box := `"BoundingBox":{"Left":0.2,"Top":0.1,"Width":0.5,"Height":0.6},"Confidence":99`
	switch operation {
	case "CreateFaceLivenessSession":
		a.sessions++
		id := fmt.Sprintf("%s%02d", amazonSession, a.sessions)
		a.status[id] = "CREATED"
		fmt.Fprintf(w, `{"SessionId":%q}`, id)
	case "GetFaceLivenessSessionResults":
		id, _ := in["SessionId"].(string)
		if a.status[id] != "SUCCEEDED" {
			fmt.Fprintf(w, `{"SessionId":%q,"Status":%q}`, id, a.status[id])
			return
		}
		fmt.Fprintf(w, `{"SessionId":%q,"Status":"SUCCEEDED","Confidence":97.25,"ReferenceImage":{"Bytes":%q},"AuditImages":[{"Bytes":%q}],"Challenge":{"Type":"FaceMovementAndLightChallenge","Version":"2.0.0"}}`,
			id, portraitOf(7), portraitOf(8))
	case "CompareFaces":
		_, _ = io.WriteString(w, `{"SourceImageFace":{`+box+`},"FaceMatches":[{"Similarity":99.5,"Face":{`+box+`}}],"UnmatchedFaces":[]}`)
	case "DetectFaces":
		_, _ = io.WriteString(w, `{"FaceDetails":[{`+box+`,"AgeRange":{"Low":30,"High":38}}]}`)
	case "AnalyzeID":
		_, _ = io.WriteString(w, `{"AnalyzeIDModelVersion":"1.0","DocumentMetadata":{"Pages":1},"IdentityDocuments":[{"DocumentIndex":1,"IdentityDocumentFields":[
{"Type":{"Text":"FIRST_NAME"},"ValueDetection":{"Text":"ADA","Confidence":99}},{"Type":{"Text":"LAST_NAME"},"ValueDetection":{"Text":"LOVELACE","Confidence":98}},
{"Type":{"Text":"DOCUMENT_NUMBER"},"ValueDetection":{"Text":"X1234567","Confidence":97}}]}]}`)
	default:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"UnknownOperationException"}`)
	}
}

// film is what the detector in the browser does with a session: it streams to
// Amazon, which then knows an end.
func (a *amazon) film(id, status string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status[id] = status
}

// slow throttles an operation so often, or for ever.
func (a *amazon) slow(operation string, times int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.throttle[operation] = times
}

// said gives what was asked, and fails the test for each request that was
// signed wrong.
func (a *amazon) said(t *testing.T) []string {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, w := range a.wrong {
		t.Error(w)
	}
	return slices.Clone(a.asked)
}

// portraitOf is a picture as Base64, of one colour.
func portraitOf(shade uint8) string {
	img := image.NewRGBA(image.Rect(0, 0, 240, 320))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.Set(3, 3, color.White)
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil)
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// browse is a request of seed 004's front end: fetch without headers sends a
// text as text/plain, and no key.
func (s *server) browse(t *testing.T, path string, body any) answer {
	t.Helper()
	c := &client{url: s.url}
	if body == nil {
		return c.send(t, "POST", path, "", nil, nil)
	}
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return c.send(t, "POST", path, "text/plain;charset=UTF-8", bytes.NewReader(b), nil)
}

// TestAmazonThroughTheServer lets the real server ask Amazon's services, found
// by the ordinary credential chain, for a live organisation that wants it so;
// the front end is that of seed 004, call by call.
func TestAmazonThroughTheServer(t *testing.T) {
	a := newAmazon(t)
	srv := a.server(t)
	_, live := srv.newTenants(t)
	order := func(liveness []string) {
		live.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"providers": map[string]any{
			"liveness": liveness, "face_match": []string{"aws_rekognition", "local"}, "document_ocr": []string{"aws_textract", "local"}}})
	}
	order([]string{"aws_rekognition"})
	definition, err := os.ReadFile("onboarding/testdata/fixtures/f7_secure_liveness.json")
	if err != nil {
		t.Fatal(err)
	}
	automatic := bytes.Replace(definition, []byte(`"face_match_threshold": 0.85`), []byte(`"face_match_threshold": 0.85, "automation_rules": {"enabled": true, "auto_process": true, "default_action": "manual_review"}`), 1)
	w := live.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(automatic))
	shades := uint8(40)
	open := func() *onboardingRun {
		r := &onboardingRun{srv: srv, c: live, vars: map[string]string{"workflow": w.str("workflow_id")}}
		r.open(t, nil)
		shades++
		card, err := base64.StdEncoding.DecodeString(portraitOf(shades))
		if err != nil {
			t.Fatal(err)
		}
		if up := (&client{url: srv.url}).uploadStep(t, r.vars["token"], announcement("id_upload", "id", "", "front", card), card); up.status/100 != 2 {
			t.Fatalf("%d %s", up.status, up.raw)
		}
		r.move(t, move{Do: "complete", Step: "id_upload"})
		return r
	}
	results := func(r *onboardingRun) map[string]json.RawMessage {
		t.Helper()
		end := live.awaitOnboarding(t, r.vars["session"], "manual_review")
		var result map[string]json.RawMessage
		end.get(t, "processing_result", &result)
		return result
	}

	// Seed 004, "Frontend Integration".
	r := open()
	public := "/public/sessions/" + r.vars["token"]
	created := srv.browse(t, public+"/liveness/create", nil)
	id, region := created.str("session_id"), created.str("region")
	if created.status/100 != 2 || id != amazonSession+"01" || region != "eu-west-1" || created.str("provider") != "aws_rekognition" {
		t.Fatalf("the detector would get %d %s", created.status, created.raw)
	}
	asked := a.bodies["CreateFaceLivenessSession"]
	if s, _ := json.Marshal(asked["Settings"]); !strings.Contains(string(s), `"ChallengePreferences":[{"Type":"FaceMovementAndLightChallenge"}]`) {
		t.Errorf("it was opened with %s", s)
	}
	verify := func(id string) answer {
		t.Helper()
		return srv.browse(t, public+"/liveness/verify", map[string]any{"liveness_session_id": id})
	}
	if early := verify(id); early.status != 409 || early.str("code") != "liveness_unfinished" {
		t.Errorf("before the film: %d %s", early.status, early.raw)
	}
	if foreign := verify(amazonSession + "99"); foreign.status != 404 {
		t.Errorf("an id that was not created here: %d %s", foreign.status, foreign.raw)
	}
	a.film(id, "SUCCEEDED")
	verified := verify(id)
	var got struct {
		Passed     bool    `json:"passed"`
		Confidence float64 `json:"confidence"`
	}
	if err := json.Unmarshal(verified.raw, &got); err != nil || verified.status != 200 || !got.Passed || got.Confidence != 97.25 {
		t.Fatalf("%d %s", verified.status, verified.raw)
	}
	r.move(t, move{Do: "complete", Step: "liveness"})
	result := results(r)
	within(t, "what Amazon said", json.RawMessage(`{"liveness":{"status":"passed","confidence":97.25,"attempts":1},"face_match":{"status":"passed","source":"liveness_reference"}}`), mustJSONText(t, result))
	said := a.said(t)
	for _, operation := range []string{"CreateFaceLivenessSession", "GetFaceLivenessSessionResults", "CompareFaces", "AnalyzeID"} {
		if !slices.Contains(said, operation) {
			t.Errorf("nobody asked %s: %v", operation, said)
		}
	}
	if source, _ := a.bodies["CompareFaces"]["TargetImage"].(map[string]any); source["Bytes"] == nil {
		t.Errorf("the faces were sent as %v", a.bodies["CompareFaces"]["TargetImage"])
	}

	// A session that failed at Amazon is an attempt; the next one passes.
	r = open()
	public = "/public/sessions/" + r.vars["token"]
	id = srv.browse(t, public+"/liveness/create", nil).str("session_id")
	a.film(id, "FAILED")
	if failed := verify(id); failed.status != 200 || !bytes.Contains(failed.raw, []byte(`"passed":false`)) {
		t.Errorf("%d %s", failed.status, failed.raw)
	}
	id = srv.browse(t, public+"/liveness/create", nil).str("session_id")
	a.film(id, "SUCCEEDED")
	verify(id)

	r.move(t, move{Do: "complete", Step: "liveness"})
	within(t, "the second attempt", json.RawMessage(`{"liveness":{"status":"passed","attempts":2},"face_match":{"status":"passed"}}`), mustJSONText(t, results(r)))

	// Where no session can be opened, nobody is let through; with this program
	// behind Amazon in the order, the applicant is filmed here.
	a.slow("CreateFaceLivenessSession", -1)
	r = open()
	if refused := srv.browse(t, "/public/sessions/"+r.vars["token"]+"/liveness/create", nil); refused.status != 503 || refused.str("code") != "provider_throttled" {
		t.Errorf("throttled, %d %s", refused.status, refused.raw)
	}
	order([]string{"aws_rekognition", "local"})
	if here := srv.browse(t, "/public/sessions/"+r.vars["token"]+"/liveness/create", nil); here.status/100 != 2 || here.str("provider") != "bonafide" || here.str("region") != "local" || here.str("nonce") == "" {
		t.Errorf("behind Amazon: %d %s", here.status, here.raw)
	}
	a.said(t)
	for _, secret := range []string{awsTestSecret, awsTestKey} {
		if strings.Contains(srv.out.String(), secret) {
			t.Error("the log holds credentials")
		}
	}
}

func mustJSONText(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
