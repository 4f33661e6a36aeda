package provider

import (
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
)

func sha(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] }

// ports is everything a provider may fill.
type ports interface {
	face.Comparer
	face.Onlookers
	face.AgeEstimator
	face.LivenessProvider
	document.IDReader
}

var (
	_ ports = (*AWS)(nil)
	_ ports = (*Server)(nil)
)

const sessionID = "3f2c1d0e-aaaa-4bbb-8ccc-1234567890ab"

// zone is the worked example of ICAO Doc 9303 part 4.
const zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"

// awsAnswers and httpAnswers say the same in the two languages.
func awsAnswers() map[string]string {
	box := `"BoundingBox":{"Left":0.25,"Top":0.2,"Width":0.5,"Height":0.6},"Confidence":99.5`
	return map[string]string{
		"CompareFaces":                  `{"SourceImageFace":{` + box + `},"FaceMatches":[{"Similarity":99,"Face":{` + box + `}}],"UnmatchedFaces":[]}`,
		"DetectFaces":                   `{"FaceDetails":[{` + box + `,"AgeRange":{"Low":24,"High":32},"Quality":{"Brightness":81.5,"Sharpness":93}}]}`,
		"CreateFaceLivenessSession":     `{"SessionId":"` + sessionID + `"}`,
		"GetFaceLivenessSessionResults": `{"SessionId":"` + sessionID + `","Status":"SUCCEEDED","Confidence":97.25,"Challenge":{"Type":"FaceMovementChallenge","Version":"1.0.0"},"ReferenceImage":{"Bytes":"` + frame() + `"},"AuditImages":[{"Bytes":"` + frame() + `"}]}`,
		"AnalyzeID": `{"AnalyzeIDModelVersion":"1.0","DocumentMetadata":{"Pages":1},"IdentityDocuments":[{"DocumentIndex":1,"IdentityDocumentFields":[
{"Type":{"Text":"FIRST_NAME"},"ValueDetection":{"Text":"ANNA MARIA","Confidence":98}},{"Type":{"Text":"LAST_NAME"},"ValueDetection":{"Text":"ERIKSSON","Confidence":97}},
{"Type":{"Text":"DATE_OF_BIRTH"},"ValueDetection":{"Text":"12 AUG 1974","Confidence":96,"NormalizedValue":{"Value":"1974-08-12T00:00:00","ValueType":"DATE"}}},
{"Type":{"Text":"DOCUMENT_NUMBER"},"ValueDetection":{"Text":"L898902C3","Confidence":95}},{"Type":{"Text":"SUFFIX"},"ValueDetection":{"Text":"","Confidence":99}},
{"Type":{"Text":"ID_TYPE"},"ValueDetection":{"Text":"PASSPORT","Confidence":99}},{"Type":{"Text":"MRZ_CODE"},"ValueDetection":{"Text":"` + zone + `","Confidence":90}}]}]}`,
	}
}

func httpAnswers() map[string]string {
	return map[string]string{
		"face_match":      `{"status":"ok","model":"acme-face 3","calibration":"acme-1","raw":0.71,"score":0.8,"portrait":{"x":50,"y":40,"width":100,"height":120},"selfie":{"x":80,"y":48,"width":160,"height":144}}`,
		"other_faces":     `{"status":"ok","model":"acme-face 3","faces":[{"face":{"x":80,"y":48,"width":160,"height":144},"portrait":1,"selfie":0.8}]}`,
		"age_estimation":  `{"status":"ok","model":"acme-age 1","years":28,"low":24,"high":32}`,
		"liveness_create": `{"status":"ok","model":"acme-live 2","session_id":"` + sessionID + `","region":"eu-west-1","expires_at":"2026-11-21T12:03:00Z"}`,
		"liveness_result": `{"status":"ok","model":"acme-live 2","session_id":"` + sessionID + `","session_status":"succeeded","confidence":97.25,"reference_image":"` + frame() + `","audit_images":["` + frame() + `"]}`,
		"document_ocr": `{"status":"ok","model":"acme-ocr 5","mrz":"` + zone + `","fields":[{"name":"first_name","value":"ANNA MARIA","confidence":0.98},{"name":"last_name","value":"ERIKSSON","confidence":0.97},
{"name":"full_name","value":"ANNA MARIA ERIKSSON","confidence":0.97},{"name":"document_type","value":"passport","confidence":0.99},{"name":"document_number","value":"L898902C3","confidence":0.95},{"name":"date_of_birth","value":"1974-08-12","confidence":0.96}]}`,
	}
}

// rig opens a provider before a stand-in that follows a script.
type rig struct {
	name string
	open func(t *testing.T, script ...step) (*stand, ports, *hour)
}

func rigs() []rig {
	return []rig{
		{"aws", func(t *testing.T, script ...step) (*stand, ports, *hour) {
			t.Helper()
			s, a, clock := newAWSStand(t, script, awsAnswers())
			return s, a, clock
		}},
		{"http", func(t *testing.T, script ...step) (*stand, ports, *hour) {
			t.Helper()
			s, h, clock := newHTTPStand(t, script, httpAnswers())
			return s, h.For(kyc.Asking{Tenant: theirs(), Call: "call-1", Providers: kyc.ProviderSettings{HTTP: kyc.HTTPProviderSettings{URL: s.url, Secret: "webhook_1"}}}), clock
		}},
	}
}

// question asks one port and gives the error and a line of what was answered.
type question struct {
	name string
	ask  func(ctx context.Context, p ports) (string, *kyc.Error)
	want string
}

func portQuestions() []question {
	return []question{
		{"face_match", func(ctx context.Context, p ports) (string, *kyc.Error) {
			c, err := p.Compare(ctx, picture(200, 200), picture(320, 240))
			return fmt.Sprintf("%.2f at %.0f,%.0f %.0fx%.0f", c.Score, c.Selfie.X, c.Selfie.Y, c.Selfie.W, c.Selfie.H), err
		}, "0.80 at 80,48 160x144"},
		{"age_estimation", func(ctx context.Context, p ports) (string, *kyc.Error) {
			a, err := p.EstimateAge(ctx, picture(320, 240))
			return fmt.Sprintf("%.0f (%.0f-%.0f)", a.Years, a.Low, a.High), err
		}, "28 (24-32)"},
		{"liveness_create", func(ctx context.Context, p ports) (string, *kyc.Error) {
			l, err := p.Create(ctx, face.LivenessRequest{Challenge: "FaceMovementAndLightChallenge", Audit: 4, Token: "try-1"})
			return l.ID + " " + l.Region + " " + l.Expires.Format(time.TimeOnly), err
		}, sessionID + " eu-west-1 12:03:00"},
		{"liveness_result", func(ctx context.Context, p ports) (string, *kyc.Error) {
			l, err := p.Result(ctx, sessionID)
			return fmt.Sprintf("%s %.2f %t %d", l.Status, l.Confidence, len(l.Reference) > 0, len(l.Audit)), err
		}, "succeeded 97.25 true 1"},
		{"document_ocr", func(ctx context.Context, p ports) (string, *kyc.Error) {
			d, err := p.ReadID(ctx, []image.Image{picture(320, 200)}, noon())
			line := ""
			for _, f := range d.Fields {
				line += fmt.Sprintf("%s=%s %.2f; ", f.Name, f.Value, f.Confidence)
			}
			if d.Zone != nil {
				line += fmt.Sprintf("%s %t", d.Zone.Format, d.Zone.Valid)
			}
			return line, err
		}, "first_name=ANNA MARIA 0.98; last_name=ERIKSSON 0.97; full_name=ANNA MARIA ERIKSSON 0.97; document_type=passport 0.99; document_number=L898902C3 0.95; date_of_birth=1974-08-12 0.96; TD3 true"},
		{"other_faces", func(ctx context.Context, p ports) (string, *kyc.Error) {
			others, err := p.Others(ctx, picture(320, 240), picture(200, 200), false)
			line := ""
			for _, o := range others {
				line += fmt.Sprintf("%.0f,%.0f %.0fx%.0f %.2f %.2f; ", o.X, o.Y, o.W, o.H, o.Portrait, o.Selfie)
			}
			return line, err
		}, "80,48 160x144 1.00 0.80; "},
	}
}

// TestContract holds every provider to the same promises on every port.
func TestContract(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		script []step
		code   string // "" is an answer
		asked  int    // 0: not looked at
	}{
		{"answers", []step{good}, "", 1},
		{"throttled, then an answer", []step{throttle, good}, "", 2},
		{"a failure, then an answer", []step{fail, good}, "", 2},
		{"a lost connection, then an answer", []step{hangUp, good}, "", 2},
		{"throttled for ever", []step{throttle}, codeThrottled, 3},
		{"failing for ever", []step{fail}, codeUnavailable, 3},
		{"lost connections for ever", []step{hangUp}, codeUnavailable, 0},
		{"garbage", []step{garbage}, codeInvalid, 1},
		{"another shape", []step{shape}, codeInvalid, 1},
		{"cut off", []step{cut}, codeCut, 0},
		{"denied", []step{deny}, codeDenied, 1},
	} {
		for _, r := range rigs() {
			for _, q := range portQuestions() {
				t.Run(c.name+"/"+r.name+"/"+q.name, func(t *testing.T) {
					t.Parallel()
					s, p, _ := r.open(t, c.script...)
					got, err := q.ask(t.Context(), p)
					if n := s.requests(); c.asked != 0 && n != c.asked {
						t.Errorf("asked %d times, not %d", n, c.asked)
					}
					if c.code == "" {
						if err != nil || got != q.want {
							t.Fatalf("%s\nwant %s\n%v", got, q.want, err)
						}
						return
					}
					discreet(t, err, s)
					if err.Code != c.code || answered(err) {
						t.Errorf("%v, want %s", err, c.code)
					}
				})
			}
		}
	}
}

// TestEachAttemptEnds lets a service never answer a caller who has all the time:
// each attempt ends by itself.
func TestEachAttemptEnds(t *testing.T) {
	t.Parallel()
	s, _, clock := newAWSStand(t, []step{hang}, nil)
	amazon := NewAWS(aws.Config{Region: "eu-west-1", BaseEndpoint: aws.String(s.url), Credentials: credentials.NewStaticCredentialsProvider(awsKey, awsSecret, "")},
		AWSOptions{Clock: clock, AttemptTimeout: 50 * time.Millisecond, Backoff: func(int) time.Duration { return 0 }})
	other, h, _ := newHTTPStand(t, []step{hang}, nil)
	h.o.AttemptTimeout = 50 * time.Millisecond
	for _, c := range []struct {
		stand *stand
		ports ports
	}{{s, amazon}, {other, serverOf(h, other)}} {
		_, err := c.ports.EstimateAge(t.Context(), picture(320, 240))
		if discreet(t, err, c.stand); err.Code != codeTimeout || err.Kind != kyc.Unavailable || c.stand.requests() > 3 {
			t.Errorf("%v after %d requests", err, c.stand.requests())
		}
	}
}

// TestTimeouts lets a service never answer: the caller's own deadline ends all
// attempts.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	for _, q := range portQuestions() {
		t.Run(q.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range rigs() {
				s, p, _ := r.open(t, hang)
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				_, err := q.ask(ctx, p)
				cancel()
				discreet(t, err, s)
				if err.Code != codeTimeout || err.Kind != kyc.Unavailable {
					t.Errorf("%s: %v", r.name, err)
				}
			}
		})
	}
}

// discreet fails the test where there is no error, or one that tells what it
// must not.
func discreet(t *testing.T, err *kyc.Error, s *stand) {
	t.Helper()
	if err == nil {
		t.Fatal("it was taken for an answer")
	}
	for e := error(err); e != nil; {
		for _, secret := range []string{awsKey, awsSecret, webhookKey, "Ada", "arn:", "1234567", strings.TrimPrefix(s.url, "http://"), "Simil"} {
			if strings.Contains(fmt.Sprintf("%+v", e), secret) {
				t.Errorf("the error tells %q: %+v", secret, e)
			}
		}
		inner, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = inner.Unwrap()
	}
}

// TestBreaker leaves a failing service alone, and tries it once after a while.
func TestBreaker(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		for _, q := range portQuestions() {
			t.Run(r.name+"/"+q.name, func(t *testing.T) {
				t.Parallel()
				s, p, clock := r.open(t, append(slicesOf(fail, 3*tripAfter+3), good)...)
				for range tripAfter {
					if _, err := q.ask(t.Context(), p); err == nil || err.Code != codeUnavailable {
						t.Fatal(err)
					}
				}
				before := s.requests()
				if _, err := q.ask(t.Context(), p); err == nil || err.Code != codeOpen || err.Kind != kyc.Unavailable || s.requests() != before {
					t.Fatalf("it does not rest: %v, %d requests more", err, s.requests()-before)
				}
				clock.pass(restFor)
				if _, err := q.ask(t.Context(), p); err == nil || err.Code != codeUnavailable { // it still fails
					t.Fatal(err)
				}
				if _, err := q.ask(t.Context(), p); err == nil || err.Code != codeOpen {
					t.Fatalf("one failed trial does not make it rest again: %v", err)
				}
				clock.pass(restFor)
				for range 2 {
					if _, err := q.ask(t.Context(), p); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

// TestRefusalsTripNothing asks a service that says no many times.
func TestRefusalsTripNothing(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		s, p, _ := r.open(t, append(slicesOf(deny, 2*tripAfter), good)...)
		for range 2 * tripAfter {
			if _, err := p.EstimateAge(t.Context(), picture(320, 240)); err == nil || err.Code != codeDenied {
				t.Fatal(err)
			}
		}
		if _, err := p.EstimateAge(t.Context(), picture(320, 240)); err != nil || s.requests() != 2*tripAfter+1 {
			t.Errorf("%s: %v", r.name, err)
		}
	}
}

func slicesOf(s step, n int) []step {
	out := make([]step, n)
	for i := range out {
		out[i] = s
	}
	return out
}

var _ http.Handler = (*stand)(nil)
