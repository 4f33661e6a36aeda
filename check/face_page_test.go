package check

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
)

// marker takes what is blue on a document for the face, and remembers how that
// lay there.
type marker struct {
	*gallery
	seen   image.Rectangle
	filled float64 // the share of its rectangle that is blue
}

func (m *marker) Comparer(*kyc.CheckRequest) face.Comparer { return m }

func (m *marker) Compare(_ context.Context, portrait, _ image.Image) (face.Comparison, *kyc.Error) {
	n := 0
	m.seen = image.Rectangle{}
	for y := range portrait.Bounds().Dy() {
		for x := range portrait.Bounds().Dx() {
			if r, g, b, _ := portrait.At(x, y).RGBA(); b > 0xb000 && r < 0x5000 && g < 0x5000 {
				m.seen = m.seen.Union(image.Rect(x, y, x+1, y+1))
				n++
			}
		}
	}
	m.filled = float64(n) / float64(max(1, m.seen.Dx()*m.seen.Dy()))
	out := m.likeness
	out.Portrait = face.Face{X: float64(m.seen.Min.X), Y: float64(m.seen.Min.Y), W: float64(m.seen.Dx()), H: float64(m.seen.Dy()), Score: 0.99}
	return out, nil
}

// The face of a document that lies tilted on a table is compared off the
// straightened page, and shown where it stands on the picture that was sent.
func TestPortraitOfTheStraightenedPage(t *testing.T) {
	t.Parallel()
	const w, h, pageW, pageH, portraitX, portraitY, portraitW, portraitH = 1200, 900, 850.0, 598.4, 60.0, 120.0, 220.0, 280.0
	onPicture := func(u, v, degrees float64) (x, y float64) {
		s, c := math.Sincos(degrees * math.Pi / 180)
		u, v = u-pageW/2, v-pageH/2
		return w/2 + u*c - v*s, h/2 + u*s + v*c
	}
	shot := func(degrees float64) []byte {
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		s, c := math.Sincos(degrees * math.Pi / 180)
		for y := range h {
			for x := range w {
				dx, dy := float64(x)+0.5-w/2, float64(y)+0.5-h/2
				u, v := dx*c+dy*s+pageW/2, -dx*s+dy*c+pageH/2
				switch {
				case u < 0 || v < 0 || u >= pageW || v >= pageH:
					img.SetRGBA(x, y, color.RGBA{96, 74, 52, 255})
				case u >= portraitX && v >= portraitY && u < portraitX+portraitW && v < portraitY+portraitH:
					img.SetRGBA(x, y, color.RGBA{20, 40, 230, 255})
				case u > 320 && math.Mod(v, 60) > 36 && math.Mod(u+v, 22) > 9: // print
					img.SetRGBA(x, y, color.RGBA{30, 30, 40, 255})
				default:
					img.SetRGBA(x, y, color.RGBA{232, 236, 240, 255})
				}
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	reader := document.New(document.Config{Tesseract: "-", ZXingReader: "-"})
	defer reader.Close()
	for name, degrees := range map[string]float64{"tilted": 14, "tilted the other way": -9} {
		m := &marker{gallery: goodGallery()}
		front, selfie := upload("document_front", "", "front", "page"), upload("selfie", "", "", "face")
		d := Deps{Clock: clock(), Faces: m, Pictures: reader, Blobs: files{"page": shot(degrees), "face": shot(0)}}
		r := request("face_match")
		r.Config, r.Uploads, r.Checks, r.Established = nil, []kyc.Upload{front, selfie}, map[string]kyc.CheckFact{}, nil
		a := faceMatch(d).Run(t.Context(), r)
		if a.Verdict != kyc.Pass {
			t.Fatalf("%s: %+v", name, a)
		}
		// On a tilted rectangle's bounding box the blue would be some 70 %.
		if m.filled < 0.96 || math.Abs(float64(m.seen.Dx())/float64(m.seen.Dy())*portraitH/portraitW-1) > 0.03 {
			t.Errorf("%s: the portrait lies as %v, %.2f of it", name, m.seen, m.filled)
		}
		shown, _ := a.Details["portrait"].(map[string]any)
		corners, _ := shown["corners"].([]any)
		if shown["straightened"] != true || len(corners) != 4 {
			t.Fatalf("%s: %+v", name, shown)
		}
		x0, y0, x1, y1 := 1.0, 1.0, 0.0, 0.0
		for _, at := range [4][2]float64{{portraitX, portraitY}, {portraitX + portraitW, portraitY}, {portraitX + portraitW, portraitY + portraitH}, {portraitX, portraitY + portraitH}} {
			x, y := onPicture(at[0], at[1], degrees)
			x0, y0, x1, y1 = min(x0, x/w), min(y0, y/h), max(x1, x/w), max(y1, y/h)
		}
		at := a.Reasons[0].Region
		if at == nil || at.Upload != front.ID || math.Abs(at.X-x0) > 0.006 || math.Abs(at.Y-y0) > 0.006 || math.Abs(at.X+at.W-x1) > 0.006 || math.Abs(at.Y+at.H-y1) > 0.006 {
			t.Errorf("%s: shown at %+v, stands at %.3f, %.3f to %.3f, %.3f", name, at, x0, y0, x1, y1)
		}
	}
}
