package chip

import (
	"bytes"
	"encoding/binary"
	"image"
	"os"
	"path/filepath"
	"testing"

	"bonafide/document"
	"bonafide/kyc"
)

// tlvOf writes one BER-TLV node.
func tlvOf(tag []byte, value []byte) []byte {
	out := append([]byte{}, tag...)
	out = append(out, 0x82, byte(len(value)>>8), byte(len(value)))
	return append(out, value...)
}

// dg2Of wraps a picture as ISO/IEC 19794-5 does, with n feature points.
func dg2Of(picture []byte, n int) []byte {
	block := append([]byte("FAC\x00010\x00"), make([]byte, 6)...)
	info := make([]byte, 20)
	binary.BigEndian.PutUint16(info[4:], uint16(n))
	block = append(append(append(block, info...), make([]byte, 8*n)...), make([]byte, 12)...)
	block = append(block, picture...)
	header := tlvOf([]byte{0xa1}, []byte{0x87, 2, 1, 1})
	template := tlvOf([]byte{0x7f, 0x60}, append(header, tlvOf([]byte{0x5f, 0x2e}, block)...))
	return tlvOf([]byte{0x75}, tlvOf([]byte{0x7f, 0x61}, append([]byte{2, 1, 1}, template...)))
}

// grayJ2K is a JPEG 2000 codestream (ISO/IEC 15444-1 annex A) of one tile
// whose packets are all empty, which every decoder shows as plain grey.
func grayJ2K(w, h uint32) []byte {
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&b, binary.BigEndian, v)
		}
	}
	put([]byte("\xff\x4f\xff\x51"), uint16(41), uint16(0), w, h, uint32(0), uint32(0), w, h, uint32(0), uint32(0), uint16(1), []byte{7, 1, 1})
	put([]byte("\xff\x52"), uint16(12), []byte{0, 0, 0, 1, 0, 0, 4, 4, 0, 1}) // one layer, no decomposition, reversible
	put([]byte("\xff\x5c"), uint16(4), []byte{0x40, 0x40})
	put([]byte("\xff\x90"), uint16(10), uint16(0), uint32(12+2+1), []byte{0, 1}, []byte("\xff\x93"), byte(0))
	put([]byte("\xff\xd9"))
	return b.Bytes()
}

func TestPortrait(t *testing.T) {
	t.Parallel()
	jpeg := []byte("\xff\xd8\xff\xe0 picture \xff\xd9")
	for _, points := range []int{0, 3} {
		if b, err := Portrait(dg2Of(jpeg, points)); err != nil || !bytes.Equal(b, jpeg) {
			t.Errorf("%d points: %q %v", points, b, err)
		}
	}
	for name, c := range map[string]struct {
		dg2  []byte
		code string
	}{
		"nothing":           {nil, "portrait_missing"},
		"no group":          {[]byte("no TLV at all"), "portrait_missing"},
		"no picture":        {dg2Of([]byte("words"), 0), "portrait_missing"},
		"points beyond it":  {dg2Of(jpeg, 0)[:40], "portrait_missing"},
		"JPEG 2000 cut off": {dg2Of([]byte("\xff\x4f\xff\x51\x00\xff\xd9"), 0), "portrait_unsupported"},
		"JPEG 2000 bomb":    {dg2Of(grayJ2K(100_000, 100_000), 0), "portrait_unsupported"},
		"too large":         {make([]byte, maxDG+1), "dg2_malformed"},
	} {
		if _, err := Portrait(c.dg2); err == nil || err.Code != c.code || err.Kind != kyc.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPortraitInJPEG2000IsDrawn(t *testing.T) {
	t.Parallel()
	page, bad := Portrait(dg2Of(grayJ2K(240, 320), 2))
	if bad != nil {
		t.Fatal(bad)
	}
	r := document.New(document.Config{Decoder: []string{os.Args[0], decodeWord}, CacheDir: pdfCache(t)})
	t.Cleanup(func() { _ = r.Close() })
	img, bad := r.Picture(t.Context(), document.File{Bytes: page})
	if bad != nil {
		t.Fatal(bad)
	}
	b := img.Bounds()
	if got := image.Pt(b.Dx(), b.Dy()); got.X*4 != got.Y*3 {
		t.Fatalf("drawn as %v", got)
	}
	if v, _, _, _ := img.At(b.Dx()/2, b.Dy()/2).RGBA(); v>>8 < 120 || v>>8 > 136 {
		t.Errorf("the middle is %d, not grey: the picture was not decoded", v>>8)
	}
}

// The portraits of the synthetic passports come out whole.
func TestPortraitsOfSyntheticChips(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob(filepath.Join("..", "..", "shared", "data", "documents", "dev", "emrtd", "*", "EF_DG2.bin"))
	if len(files) == 0 {
		t.Skip("the synthetic passports are not there")
	}
	r := document.New(document.Config{})
	t.Cleanup(func() { _ = r.Close() })
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		picture, bad := Portrait(b)
		if bad == nil {
			_, bad = r.Picture(t.Context(), document.File{Bytes: picture})
		}
		if bad != nil {
			t.Errorf("%s: %v", f, bad)
		}
	}
}

func FuzzPortrait(f *testing.F) {
	f.Add(dg2Of([]byte("\xff\xd8\xff\xe0 picture \xff\xd9"), 1))
	f.Add(dg2Of(grayJ2K(240, 320), 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		picture, err := Portrait(b)
		if err == nil && (len(picture) == 0 || len(picture) > len(b)+1000) {
			t.Errorf("%d bytes out of %d", len(picture), len(b))
		}
	})
}
