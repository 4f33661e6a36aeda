package provider

import (
	"cmp"
	"context"
	"image"
	"slices"
	"time"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
)

// sentPicture is a picture as the protocol writes it.
type sentPicture struct {
	ContentType string `json:"content_type"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Base64      []byte `json:"base64"`
}

func sending(img image.Image, jpeg []byte) sentPicture {
	return sentPicture{ContentType: "image/jpeg", Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), Base64: jpeg}
}

// place is a face as the protocol writes it.
type place struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

func (p place) face() face.Face { return face.Face{X: p.X, Y: p.Y, W: p.Width, H: p.Height} }

// judged is what answers about faces have in common.
type judged struct {
	Status  string `json:"status"`
	Model   string `json:"model"`
	Code    string `json:"code"`
	Picture string `json:"picture"`
}

// none is the answer that a picture allows no judgement; nil for another.
func (j judged) none() *kyc.Error {
	if j.Status != "no_judgement" {
		return nil
	}
	return aboutPicture(j.Code, "/"+j.Picture)
}

// Compare asks face_match.
func (s *Server) Compare(ctx context.Context, portrait, selfie image.Image) (face.Comparison, *kyc.Error) {
	source, target, err := bothEncoded(portrait, selfie)
	if err != nil {
		return face.Comparison{}, err
	}
	var said struct {
		judged      `json:",inline"`
		Calibration string  `json:"calibration"`
		Raw         float64 `json:"raw"`
		Score       float64 `json:"score"`
		Portrait    place   `json:"portrait"`
		Selfie      place   `json:"selfie"`
	}
	if err := s.ask(ctx, "face_match", s.callOf("face_match"), map[string]any{"portrait": sending(portrait, source), "selfie": sending(selfie, target)}, &said); err != nil {
		return face.Comparison{}, err
	}
	c := face.Comparison{Made: face.Made{Provider: kyc.ProviderHTTP, Model: said.Model, Calibration: said.Calibration}, Raw: said.Raw, Score: said.Score,
		Portrait: said.Portrait.face(), Selfie: said.Selfie.face()}
	return c, said.none()
}

// Others asks other_faces. A server that knows no such question answers
// not_configured, or refuses it. wide is asked of every server: it sees the whole
// picture.
func (s *Server) Others(ctx context.Context, portrait, selfie image.Image, _ bool) ([]face.Other, *kyc.Error) {
	source, target, err := bothEncoded(portrait, selfie)
	if err != nil {
		return nil, err
	}
	var said struct {
		judged `json:",inline"`
		Faces  []struct {
			Face     place   `json:"face"`
			Portrait float64 `json:"portrait"`
			Selfie   float64 `json:"selfie"`
		} `json:"faces"`
	}
	if err := s.ask(ctx, "other_faces", s.callOf("other_faces"), map[string]any{"portrait": sending(portrait, source), "selfie": sending(selfie, target)}, &said); err != nil {
		return nil, err
	}
	var out []face.Other
	for _, f := range said.Faces {
		out = append(out, face.Other{Face: f.Face.face(), Portrait: f.Portrait, Selfie: f.Selfie})
	}
	slices.SortStableFunc(out, func(x, y face.Other) int { return cmp.Compare(y.W*y.H, x.W*x.H) })
	return out, said.none()
}

// EstimateAge asks age_estimation.
func (s *Server) EstimateAge(ctx context.Context, selfie image.Image) (face.Age, *kyc.Error) {
	picture, err := encoded(selfie)
	if err != nil {
		return face.Age{}, at(err, "/selfie")
	}
	var said struct {
		judged `json:",inline"`
		Years  float64  `json:"years"`
		Low    *float64 `json:"low"`
		High   *float64 `json:"high"`
	}
	if err := s.ask(ctx, "age_estimation", s.callOf("age_estimation"), map[string]any{"selfie": sending(selfie, picture)}, &said); err != nil {
		return face.Age{}, err
	}
	a := face.Age{Made: face.Made{Provider: kyc.ProviderHTTP, Model: said.Model}, Years: said.Years}
	if said.Low != nil && said.High != nil {
		if a.Low, a.High = *said.Low, *said.High; a.Low > a.Years || a.Years > a.High {
			return face.Age{}, fails(codeInvalid, "the server's estimate lies outside of its own range")
		}
	}
	return a, said.none()
}

// Create asks liveness_create. A repeated request with the same token is the
// same question.
func (s *Server) Create(ctx context.Context, r face.LivenessRequest) (face.LivenessSession, *kyc.Error) {
	challenge, err := challengeOf(r)
	if err != nil {
		return face.LivenessSession{}, err
	}
	call := ""
	if token := word(r.Token); token != "" {
		call = token + "-liveness_create"
	}
	var said struct {
		Status  string    `json:"status"`
		Model   string    `json:"model"`
		ID      string    `json:"session_id"`
		Region  string    `json:"region"`
		Expires time.Time `json:"expires_at"`
	}
	if err := s.ask(ctx, "liveness_create", call, map[string]any{"challenge": string(challenge), "audit_images": r.Audit}, &said); err != nil {
		return face.LivenessSession{}, err
	}
	if !said.Expires.After(s.h.o.Clock.Now()) {
		return face.LivenessSession{}, fails(codeInvalid, "the server's liveness session has ended before it began")
	}
	return face.LivenessSession{Made: face.Made{Provider: kyc.ProviderHTTP, Model: said.Model}, ID: said.ID, Region: said.Region, Expires: said.Expires.UTC()}, nil
}

// Result asks liveness_result. Only an id that Create gave may be passed.
func (s *Server) Result(ctx context.Context, id string) (face.LivenessResult, *kyc.Error) {
	if id == "" || word(id) != id {
		return face.LivenessResult{}, kyc.Errorf(kyc.NotFound, "liveness_session_not_found", "this is no id of a liveness session")
	}
	var said struct {
		Status     string   `json:"status"`
		Model      string   `json:"model"`
		ID         string   `json:"session_id"`
		Session    string   `json:"session_status"`
		Confidence float64  `json:"confidence"`
		Reference  []byte   `json:"reference_image"`
		Audit      [][]byte `json:"audit_images"`
	}
	// The state of a session changes, so each look at it is a new question.
	if err := s.ask(ctx, "liveness_result", "", map[string]any{"session_id": id}, &said); err != nil {
		return face.LivenessResult{}, err
	}
	if said.ID != id {
		return face.LivenessResult{}, fails(codeInvalid, "the server's answer is about another liveness session")
	}
	r := face.LivenessResult{Made: face.Made{Provider: kyc.ProviderHTTP, Model: said.Model}, Status: said.Session, Confidence: said.Confidence, Audit: said.Audit}
	if len(said.Reference) > 0 {
		r.Reference = said.Reference
	}
	if wrong := badFrames(r); wrong != nil {
		return face.LivenessResult{}, wrong
	}
	return r, nil
}

// ReadID asks document_ocr.
func (s *Server) ReadID(ctx context.Context, pages []image.Image, now time.Time) (document.IDReading, *kyc.Error) {
	sent, err := encodedPages(pages)
	if err != nil {
		return document.IDReading{}, err
	}
	list := make([]sentPicture, len(sent))
	for i := range sent {
		list[i] = sending(pages[i], sent[i])
	}
	var said struct {
		Status string `json:"status"`
		Model  string `json:"model"`
		MRZ    string `json:"mrz"`
		Fields []struct {
			Name       string  `json:"name"`
			Value      string  `json:"value"`
			Confidence float64 `json:"confidence"`
		} `json:"fields"`
	}
	if err := s.ask(ctx, "document_ocr", s.callOf("document_ocr"), map[string]any{"pages": list}, &said); err != nil {
		return document.IDReading{}, err
	}
	r := document.IDReading{Provider: kyc.ProviderHTTP, Model: said.Model, Fields: []kyc.Field{}}
	seen := map[string]bool{}
	for _, f := range said.Fields {
		if seen[f.Name] {
			return document.IDReading{}, fails(codeInvalid, "the server's answer has a field twice")
		}
		seen[f.Name] = true
		r.Fields = append(r.Fields, kyc.Field{Name: f.Name, Value: f.Value, Source: kyc.ProviderHTTP, Confidence: f.Confidence})
	}
	if said.MRZ != "" {
		if m, err := document.ZoneOf(said.MRZ, now); err == nil {
			r.Zone = &m
		}
	}
	return r, nil
}
