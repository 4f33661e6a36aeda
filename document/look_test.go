package document

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/draw"
)

// Look says of a file alone what Read says of it, but for what needs a zone.
func TestALookSaysWhatHelps(t *testing.T) {
	t.Parallel()
	page, err := DrawSpecimen(example())
	if err != nil {
		t.Fatal(err)
	}
	sharp, err := png.Decode(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	b := sharp.Bounds()
	dark := image.NewRGBA(b)
	draw.Draw(dark, b, image.Black, image.Point{}, draw.Src)
	draw.DrawMask(dark, b, sharp, b.Min, image.NewUniform(color.Alpha{30}), image.Point{}, draw.Over)
	scaled := func(w int) image.Image {
		out := image.NewRGBA(image.Rect(0, 0, w, w*b.Dy()/b.Dx()))
		draw.CatmullRom.Scale(out, out.Bounds(), sharp, b, draw.Src, nil)
		return out
	}
	soft := image.NewRGBA(b)
	draw.CatmullRom.Scale(soft, b, scaled(b.Dx()/14), image.Rect(0, 0, b.Dx()/14, b.Dx()/14*b.Dy()/b.Dx()), draw.Src, nil)
	for name, r := range readers(t) {
		for what, c := range map[string]struct {
			img  image.Image
			want string
		}{"sharp": {sharp, ""}, "dark": {dark, "picture_dark"}, "blurred": {soft, "picture_blurred"}, "small": {scaled(200), "picture_too_small"}} {
			var file bytes.Buffer
			if err := jpeg.Encode(&file, c.img, nil); err != nil {
				t.Fatal(err)
			}
			got, bad := r.Look(t.Context(), File{Bytes: file.Bytes()})
			if bad != nil || (c.want == "") != (len(got) == 0) {
				t.Fatalf("%s, %s: %+v %v", name, what, got, bad)
			}
			if c.want != "" && (got[0].Code != c.want || got[0].Message == "") {
				t.Errorf("%s, %s: %+v", name, what, got)
			}
		}
		if _, bad := r.Look(t.Context(), File{Bytes: page[:len(page)/2]}); bad == nil {
			t.Errorf("%s: half a file is looked at", name)
		}
		if _, bad := r.Look(t.Context(), File{Bytes: []byte("no picture")}); bad == nil {
			t.Errorf("%s: a text is looked at", name)
		}
	}
}
