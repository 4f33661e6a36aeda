package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"bonafide/face"
	"bonafide/kyc"
)

// box is a face in Rekognition's words: left, top, width and height as shares.
func box(left, width string) string {
	return `"BoundingBox":{"Left":` + left + `,"Top":0.1,"Width":` + width + `,"Height":0.5},"Confidence":99`
}

// TestCompareFaces looks at what CompareFaces may answer.
func TestCompareFaces(t *testing.T) {
	t.Parallel()
	source := `{"SourceImageFace":{` + box("0.2", "0.5") + `},`
	match := func(similarity, left, width string) string {
		return `{"Similarity":` + similarity + `,"Face":{` + box(left, width) + `}}`
	}
	for name, c := range map[string]struct {
		answer, detect string
		raw            float64
		code, at       string
	}{
		"a weak likeness keeps its number":       {source + `"FaceMatches":[` + match("3.5", "0.1", "0.5") + `],"UnmatchedFaces":[]}`, "", 3.5, "", ""},
		"the largest face, not the most alike":   {source + `"FaceMatches":[` + match("99.9", "0.8", "0.1") + `,` + match("12", "0.1", "0.6") + `]}`, "", 12, "", ""},
		"a face that is not alike counts as 0":   {source + `"FaceMatches":[` + match("99.9", "0.8", "0.1") + `],"UnmatchedFaces":[{` + box("0.1", "0.6") + `}]}`, "", 0, "", ""},
		"two people":                             {source + `"FaceMatches":[` + match("99.9", "0.6", "0.3") + `,` + match("12", "0.1", "0.4") + `]}`, "", 0, "several_faces", "/selfie"},
		"nobody on the selfie":                   {source + `"FaceMatches":[],"UnmatchedFaces":[]}`, "", 0, "face_not_found", "/selfie"},
		"a portrait too small":                   {`{"SourceImageFace":{` + box("0.2", "0.1") + `},"FaceMatches":[` + match("99", "0.1", "0.5") + `]}`, "", 0, "face_too_small", "/portrait"},
		"a selfie too small":                     {source + `"FaceMatches":[` + match("99", "0.1", "0.1") + `]}`, "", 0, "face_too_small", "/selfie"},
		"more than all":                          {source + `"FaceMatches":[` + match("100.5", "0.1", "0.5") + `]}`, "", 0, codeInvalid, ""},
		"less than nothing":                      {source + `"FaceMatches":[` + match("-1", "0.1", "0.5") + `]}`, "", 0, codeInvalid, ""},
		"a match without a number":               {source + `"FaceMatches":[{"Face":{` + box("0.1", "0.5") + `}}]}`, "", 0, codeInvalid, ""},
		"a face without a place":                 {source + `"FaceMatches":[{"Similarity":99,"Face":{}}]}`, "", 0, codeInvalid, ""},
		"a face as wide as the sky":              {source + `"FaceMatches":[` + match("99", "0.1", "400") + `]}`, "", 0, codeInvalid, ""},
		"no face found, on the selfie":           {`{"__type":"InvalidParameterException","message":"` + chatter + `"}`, `{"FaceDetails":[]}`, 0, "face_not_found", "/selfie"},
		"refused although both have a face":      {`{"__type":"InvalidParameterException","message":"` + chatter + `"}`, `{"FaceDetails":[{` + box("0.1", "0.5") + `}]}`, 0, codeRefused, ""},
		"refused, and nobody knows why":          {`{"__type":"InvalidParameterException","message":"` + chatter + `"}`, `{}`, 0, codeInvalid, ""},
		"a picture that is refused is our fault": {`{"__type":"InvalidImageFormatException","message":"` + chatter + `"}`, ``, 0, codeRefused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, a, _ := newAWSStand(t, []step{good}, map[string]string{"CompareFaces": c.answer, "DetectFaces": c.detect})
			got, err := a.Compare(t.Context(), picture(200, 200), picture(300, 200))
			first := map[string]any{}
			_ = json.Unmarshal(s.said[0], &first)
			if s.requests() == 0 || first["SimilarityThreshold"] != 0.0 || first["QualityFilter"] != "NONE" {
				t.Errorf("asked with %v, %v", first["SimilarityThreshold"], first["QualityFilter"])
			}
			switch {
			case c.code != "":
				if discreet(t, err, s); err.Code != c.code || c.at != "" && (len(err.Problems) != 1 || err.Problems[0].Path != c.at) || answered(err) != (c.at != "") {
					t.Errorf("%v", err)
				}
			case err != nil || float32(got.Raw) != float32(c.raw) || got.Provider != "aws_rekognition" || got.Calibration != similarityCalibration || !strings.HasPrefix(got.Model, "CompareFaces "):
				t.Errorf("%+v %v", got, err)
			}
		})
	}
}

// TestNoFaceOnThePortrait needs two looks to tell which picture it is.
func TestNoFaceOnThePortrait(t *testing.T) {
	t.Parallel()
	answers := map[string]string{"CompareFaces": `{"__type":"InvalidParameterException"}`}
	s, a, _ := newAWSStand(t, []step{good}, answers)
	portrait, bad := encoded(picture(200, 200))
	if bad != nil {
		t.Fatal(bad)
	}
	inner := s.wire
	s.wire = func(w http.ResponseWriter, r *http.Request, body []byte, do step) {
		var in struct{ Image struct{ Bytes []byte } }
		_ = json.Unmarshal(body, &in)
		answers["DetectFaces"] = `{"FaceDetails":[{` + box("0.1", "0.5") + `}]}`
		if bytes.Equal(in.Image.Bytes, portrait) {
			answers["DetectFaces"] = `{"FaceDetails":[]}`
		}
		inner(w, r, body, do)
	}
	_, err := a.Compare(t.Context(), picture(200, 200), picture(300, 200))
	if err == nil || err.Code != "face_not_found" || err.Problems[0].Path != "/portrait" || s.requests() != 3 {
		t.Errorf("%v after %d requests", err, s.requests())
	}
}

// TestSimilarityScore pins the calibration: it rises, and its anchors stay.
func TestSimilarityScore(t *testing.T) {
	t.Parallel()
	last := -1.0
	for s := 0.0; s <= 100; s += 0.25 {
		v := similarityScore(s)
		if v < last || v < 0 || v > 1 {
			t.Fatalf("%.2f scores %f after %f", s, v, last)
		}
		last = v
	}
	for similarity, want := range map[float64]float64{-5: 0, 0: 0, 80: 0.5, 99: 0.8, 100: 1, 120: 1} {
		if got := similarityScore(similarity); got != want {
			t.Errorf("%v scores %v, not %v", similarity, got, want)
		}
	}
	if similarityScore(98.9) >= 0.8 {
		t.Error("98.9 counts as a match")
	}
}

// TestDetectFaces looks at what DetectFaces may answer.
func TestDetectFaces(t *testing.T) {
	t.Parallel()
	aged := func(left, width, low, high string) string {
		return `{` + box(left, width) + `,"AgeRange":{"Low":` + low + `,"High":` + high + `},"Quality":{"Brightness":80,"Sharpness":20}}`
	}
	for name, c := range map[string]struct {
		answer string
		years  float64
		code   string
	}{
		"the largest face":      {`{"FaceDetails":[` + aged("0.8", "0.1", "60", "70") + `,` + aged("0.1", "0.5", "18", "25") + `]}`, 21.5, ""},
		"two people":            {`{"FaceDetails":[` + aged("0.6", "0.3", "60", "70") + `,` + aged("0.1", "0.5", "18", "25") + `]}`, 0, "several_faces"},
		"nobody":                {`{"FaceDetails":[]}`, 0, "face_not_found"},
		"too small":             {`{"FaceDetails":[` + aged("0.1", "0.1", "18", "25") + `]}`, 0, "face_too_small"},
		"a range turned around": {`{"FaceDetails":[` + aged("0.1", "0.5", "25", "18") + `]}`, 0, codeInvalid},
		"no range":              {`{"FaceDetails":[{` + box("0.1", "0.5") + `}]}`, 0, codeInvalid},
		"older than anybody":    {`{"FaceDetails":[` + aged("0.1", "0.5", "25", "1800") + `]}`, 0, codeInvalid},
		"a number as a word":    {`{"FaceDetails":[` + aged("0.1", "0.5", `"x"`, "18") + `]}`, 0, codeInvalid},
	} {
		s, a, _ := newAWSStand(t, []step{good}, map[string]string{"DetectFaces": c.answer})
		got, err := a.EstimateAge(t.Context(), picture(300, 200))
		attributes, _ := s.last()["Attributes"].([]any)
		if len(attributes) != 2 || attributes[1] != "AGE_RANGE" {
			t.Errorf("%s: asked for %v", name, attributes)
		}
		if c.code == "" && (err != nil || got.Years != c.years || got.Look == nil || got.Look.Sharpness != 20) || c.code != "" && (err == nil || err.Code != c.code) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// TestLivenessSessions opens and asks for sessions in every state.
func TestLivenessSessions(t *testing.T) {
	t.Parallel()
	s, a, clock := newAWSStand(t, []step{good}, awsAnswers())
	opened, err := a.Create(t.Context(), face.LivenessRequest{Challenge: "FaceMovementAndLightChallenge", Audit: 3, Token: "try.one/1"})
	if err != nil || opened.ID != sessionID || opened.Region != "eu-west-1" || !opened.Expires.Equal(clock.Now().Add(3*time.Minute)) || opened.Provider != "aws_rekognition" {
		t.Fatalf("%+v %v", opened, err)
	}
	asked := s.last()
	settings, _ := asked["Settings"].(map[string]any)
	challenges, _ := settings["ChallengePreferences"].([]any)
	if asked["ClientRequestToken"] != "try-one1" || settings["AuditImagesLimit"] != 3.0 || settings["OutputConfig"] != nil || len(challenges) != 1 ||
		challenges[0].(map[string]any)["Type"] != "FaceMovementAndLightChallenge" {
		t.Errorf("asked with %v", asked)
	}
	for _, wrong := range []face.LivenessRequest{{Challenge: "Blink"}, {Audit: 5}, {Audit: -1}, {Challenge: "x", Audit: 9}} {
		if _, err := a.Create(t.Context(), wrong); err == nil || err.Kind != kyc.Invalid {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	before := s.requests()
	for _, id := range []string{"", "../other", "a b", "é"} {
		if _, err := a.Result(t.Context(), id); err == nil || err.Kind != kyc.NotFound || s.requests() != before {
			t.Errorf("%q: %v", id, err)
		}
	}
	gif := base64.StdEncoding.EncodeToString([]byte("GIF89a..."))
	for name, c := range map[string]struct {
		answer, status, code string
	}{
		"not begun":                {`{"SessionId":"` + sessionID + `","Status":"CREATED"}`, "created", ""},
		"under way":                {`{"SessionId":"` + sessionID + `","Status":"IN_PROGRESS"}`, "in_progress", ""},
		"failed":                   {`{"SessionId":"` + sessionID + `","Status":"FAILED","Confidence":99}`, "failed", ""},
		"expired":                  {`{"SessionId":"` + sessionID + `","Status":"EXPIRED"}`, "expired", ""},
		"forgotten":                {`{"__type":"SessionNotFoundException","message":"` + chatter + `"}`, "", "liveness_session_not_found"},
		"another status":           {`{"SessionId":"` + sessionID + `","Status":"PASSED","Confidence":99}`, "", codeInvalid},
		"another session":          {`{"SessionId":"11111111-aaaa-4bbb-8ccc-1234567890ab","Status":"SUCCEEDED","Confidence":99}`, "", codeInvalid},
		"passed without a number":  {`{"SessionId":"` + sessionID + `","Status":"SUCCEEDED"}`, "", codeInvalid},
		"passed by more than all":  {`{"SessionId":"` + sessionID + `","Status":"SUCCEEDED","Confidence":101}`, "", codeInvalid},
		"a frame that is no frame": {`{"SessionId":"` + sessionID + `","Status":"SUCCEEDED","Confidence":99,"ReferenceImage":{"Bytes":"` + gif + `"}}`, "", codeInvalid},
		"an audit frame that is none": {`{"SessionId":"` + sessionID + `","Status":"SUCCEEDED","Confidence":99,"ReferenceImage":{"Bytes":"` + frame() + `"},"AuditImages":[{"Bytes":"` +
			gif + `"}]}`, "", codeInvalid},
	} {
		_, a, _ := newAWSStand(t, []step{good}, map[string]string{"GetFaceLivenessSessionResults": c.answer})
		got, err := a.Result(t.Context(), sessionID)
		if c.code != "" && (err == nil || err.Code != c.code) || c.code == "" && (err != nil || got.Status != c.status || got.Confidence != 0) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// TestAnalyzeID takes what is sure and guesses nothing.
func TestAnalyzeID(t *testing.T) {
	t.Parallel()
	field := func(name, value, more string) string {
		return `{"Type":{"Text":"` + name + `"},"ValueDetection":{"Text":"` + value + `","Confidence":90` + more + `}}`
	}
	answer := func(fields ...string) string {
		return `{"AnalyzeIDModelVersion":"1.0","IdentityDocuments":[{"IdentityDocumentFields":[` + strings.Join(fields, ",") + `]}]}`
	}
	for name, c := range map[string]struct{ answer, want, code string }{
		"a licence": {answer(field("FIRST_NAME", "ADA", ""), field("MIDDLE_NAME", "KING", ""), field("LAST_NAME", "LOVELACE", ""), field("SUFFIX", "JR", ""), field("ADDRESS", "1 Main St", ""),
			field("CITY_IN_ADDRESS", "Springfield", ""), field("STATE_IN_ADDRESS", "IL", ""), field("ZIP_CODE_IN_ADDRESS", "62701", ""), field("ID_TYPE", "DRIVER LICENSE FRONT", ""),
			field("EXPIRATION_DATE", "03/09/2028", `,"NormalizedValue":{"Value":"2028-03-09T00:00:00","ValueType":"DATE"}`)),
			"first_name=ADA KING last_name=LOVELACE JR full_name=ADA KING LOVELACE JR address=1 Main St Springfield IL 62701 document_type=driving_licence expiry_date=2028-03-09 ", ""},
		"a date that is not normalised":   {answer(field("DATE_OF_BIRTH", "03/09/1980", "")), "", ""},
		"a date that does not exist":      {answer(field("DATE_OF_BIRTH", "x", `,"NormalizedValue":{"Value":"1980-02-31T00:00:00","ValueType":"DATE"}`)), "", ""},
		"a zone of another length":        {answer(field("MRZ_CODE", "P<UTOERIKSSON", "")), "", ""},
		"unknown fields and empty values": {answer(field("VETERAN", "YES", ""), field("LAST_NAME", "", ""), field("ID_TYPE", "LIBRARY CARD", "")), "", ""},
		"no documents":                    {`{"AnalyzeIDModelVersion":"1.0","IdentityDocuments":[]}`, "", ""},
		"more documents than pages":       {`{"AnalyzeIDModelVersion":"1.0","IdentityDocuments":[{},{}]}`, "", codeInvalid},
		"a value without a confidence":    {`{"AnalyzeIDModelVersion":"1.0","IdentityDocuments":[{"IdentityDocumentFields":[{"Type":{"Text":"LAST_NAME"},"ValueDetection":{"Text":"X"}}]}]}`, "", codeInvalid},
	} {
		s, a, _ := newAWSStand(t, []step{good}, map[string]string{"AnalyzeID": c.answer})
		got, err := a.ReadID(t.Context(), []image.Image{picture(300, 200)}, noon())
		line := ""
		for _, f := range got.Fields {
			line += f.Name + "=" + f.Value + " "
			if f.Source != "aws_textract" || float32(f.Confidence) != 0.9 {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if c.code != "" && (err == nil || err.Code != c.code) || c.code == "" && (err != nil || line != c.want || got.Zone != nil) || s.requests() != 1 {
			t.Errorf("%s: %s %v", name, line, err)
		}
	}
	_, a, _ := newAWSStand(t, []step{good}, awsAnswers())
	for _, pages := range [][]image.Image{nil, {picture(9, 9), picture(9, 9), picture(9, 9)}, {image.NewGray(image.Rect(0, 0, 0, 0))}} {
		if _, err := a.ReadID(t.Context(), pages, noon()); err == nil || err.Kind != kyc.Invalid {
			t.Errorf("%d pages: %v", len(pages), err)
		}
	}
}

// TestNoCredentials tells a node without credentials from a service that is away.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	a := NewAWS(aws.Config{Region: "eu-west-1"}, AWSOptions{Clock: &hour{at: noon()}})
	if _, err := a.EstimateAge(t.Context(), picture(300, 200)); err == nil || err.Code != codeDenied || err.Kind != kyc.Internal {
		t.Error(err)
	}
}

// TestPicturesAreMadeToFit sends large and noisy pictures within the limit, and
// without what the applicant's file carried.
func TestPicturesAreMadeToFit(t *testing.T) {
	t.Parallel()
	noise := image.NewRGBA(image.Rect(0, 0, 5000, 3000))
	seed := uint32(1)
	for i := range noise.Pix {
		seed = seed*1664525 + 1013904223
		noise.Pix[i] = byte(seed >> 24)
	}
	b, err := encoded(noise)
	if err != nil || len(b) > maxPicture || !jpegOf(b) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	c, _, e := image.DecodeConfig(strings.NewReader(string(b)))
	if e != nil || c.Width > maxSide || c.Width < 1000 {
		t.Errorf("%d pixels wide, %v", c.Width, e)
	}
	if _, err := encoded(nil); err == nil || err.Kind != kyc.Invalid {
		t.Error(err)
	}
}
