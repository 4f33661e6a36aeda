package document

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"testing"

	"bonafide/grey"
	"bonafide/kyc"
)

// grainy draws a page of shapes and grain, so that its blocks have something to
// say.
func grainy(seed, w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	state := uint32(seed)*2654435761 + 1
	next := func() uint32 { state = state*1664525 + 1013904223; return state >> 8 }
	for y := range h {
		for x := range w {
			v := 150 + 60*math.Sin(float64(x*y%(97+seed))/7) + float64(next()%25)
			if (x/11+seed)%5 == 0 && (y/17)%2 == 0 {
				v = 30 + float64(next()%20)
			}
			img.SetRGBA(x, y, color.RGBA{uint8(v), uint8(v * 0.9), uint8(v * 0.8), 255})
		}
	}
	return img
}

func savedAs(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif puts an APP1 segment with an orientation and, where it is named, the
// maker of a camera into a JPEG.
func exif(file []byte, orientation uint16, maker string) []byte {
	order := binary.BigEndian
	body := []byte("MM\x00*\x00\x00\x00\x08")
	entries := uint16(1)
	if maker != "" {
		entries = 2
	}
	body = order.AppendUint16(body, entries)
	text := append([]byte(maker), 0)
	if maker != "" {
		body = order.AppendUint16(order.AppendUint16(body, 0x010f), 2)
		body = order.AppendUint32(order.AppendUint32(body, uint32(len(text))), 8+2+2*12+4)
	}
	body = order.AppendUint16(order.AppendUint16(body, 0x0112), 3)
	body = order.AppendUint16(order.AppendUint32(body, 1), orientation)
	body = append(body, 0, 0, 0, 0, 0, 0)
	if maker != "" {
		body = append(body, text...)
	}
	body = append([]byte("Exif\x00\x00"), body...)
	segment := order.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	return slices.Concat(file[:2], segment, body, file[2:])
}

func codesOfTraces(t *testing.T, r *Reader, b []byte) (codes []string, all []Trace) {
	t.Helper()
	all, err := r.Traces(t.Context(), []File{{Upload: "u", Bytes: b}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if x.Message == "" || x.Value <= 0 || x.Value > 1 || x.Region != nil && x.Region.Upload != "u" {
			t.Errorf("%+v", x)
		}
		codes = append(codes, x.Code)
	}
	return codes, all
}

func TestTraces(t *testing.T) {
	t.Parallel()
	r := New(Config{Tesseract: "-", ZXingReader: "-"})
	t.Cleanup(func() { _ = r.Close() })
	small := savedAs(t, grainy(1, 400, 300), 90)
	var shot, paper bytes.Buffer
	if err := png.Encode(&shot, image.NewGray(image.Rect(0, 0, 1080, 1920))); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&paper, image.NewGray(image.Rect(0, 0, 1000, 1414))); err != nil {
		t.Fatal(err)
	}
	host := grainy(2, 800, 560)
	pasted, err := jpeg.Decode(bytes.NewReader(savedAs(t, grainy(9, 800, 560), 65)))
	if err != nil {
		t.Fatal(err)
	}
	spot := image.Rect(80, 400, 240, 464) // far to the left, in the lower part
	draw.Draw(host, spot, pasted, spot.Min, draw.Src)
	spliced := savedAs(t, host, 93)
	for name, c := range map[string]struct {
		file []byte
		want []string
	}{
		"of no camera":    {small, []string{"no_camera_data"}},
		"of a camera":     {exif(small, 1, "Fujinon"), nil},
		"without a maker": {exif(small, 1, ""), []string{"no_camera_data"}},
		"of a screen":     {shot.Bytes(), []string{"no_camera_data", "screenshot_size"}},
		"of a scanner":    {paper.Bytes(), []string{"no_camera_data"}},
		"pasted":          {exif(spliced, 1, "Fujinon"), []string{"local_recompression"}},
		"pasted, turned":  {exif(spliced, 6, "Fujinon"), []string{"local_recompression"}},
	} {
		got, all := codesOfTraces(t, r, c.file)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		if len(c.want) == 1 && c.want[0] == "local_recompression" {
			g := all[0].Region
			at := image.Rect(int(g.X*800), int(g.Y*560), int((g.X+g.W)*800), int((g.Y+g.H)*560))
			where := spot
			if name == "pasted, turned" { // a quarter clockwise: the left is above, the foot to the left
				at = image.Rect(int(g.X*560), int(g.Y*800), int((g.X+g.W)*560), int((g.Y+g.H)*800))
				where = image.Rect(560-464, 80, 560-400, 240)
			}
			if at.Intersect(where).Empty() {
				t.Errorf("%s: the part is at %v, not at %v", name, at, where)
			}
		}
	}
	if _, err := r.Traces(t.Context(), []File{{Bytes: []byte("no picture")}}); err == nil || err.Code != "unsupported_type" {
		t.Errorf("%v", err)
	}
}

func TestRegionsTurnAsPicturesDo(t *testing.T) {
	t.Parallel()
	const w, h = 40, 20
	for orientation := 1; orientation <= 8; orientation++ {
		img := image.NewGray(image.Rect(0, 0, w, h))
		for y := 2; y < 5; y++ {
			for x := 4; x < 14; x++ {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
		shown := grey.Orient(img, orientation)
		g := orientRegion(kyc.Region{X: 4.0 / w, Y: 2.0 / h, W: 10.0 / w, H: 3.0 / h}, orientation)
		sw, sh := float64(shown.Rect.Dx()), float64(shown.Rect.Dy())
		for y := range shown.Rect.Dy() {
			for x := range shown.Rect.Dx() {
				fx, fy := float64(x)+0.5, float64(y)+0.5
				inside := fx > g.X*sw && fx < (g.X+g.W)*sw && fy > g.Y*sh && fy < (g.Y+g.H)*sh
				if inside != (shown.GrayAt(x, y).Y == 255) {
					t.Fatalf("orientation %d: %+v", orientation, g)
				}
			}
		}
	}
	if g := (Page{Turned: 180}).Upright(kyc.Region{X: 0.1, Y: 0.2, W: 0.3, H: 0.4}); g.X != 0.6 || g.Y != 0.4 {
		t.Errorf("%+v", g)
	}
}
