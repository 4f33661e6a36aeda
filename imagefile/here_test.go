package imagefile

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"os"
	"testing"
	"time"

	"bonafide/child"
	"bonafide/child/cost"
	"bonafide/grey"
	"bonafide/imagefile/made"
)

// decodeHere decodes standard input as the server does and gives a child's exit code.
func decodeHere(contentType, pixels string) int {
	b, err := io.ReadAll(os.Stdin)
	if err == nil && pixels == "grey" {
		_, _, err = decode(b, contentType, grey.Of)
	} else if err == nil {
		_, _, err = decode(b, contentType, ColourOf)
	}
	cost.Tell()
	return childError(err)
}

// JPEG and PNG are decoded in the server itself, where nothing can stop a decoder:
// what is let in at the door takes no more there than the child of the others may.
func TestPicturesOfTheServerAreBounded(t *testing.T) {
	t.Parallel()
	encoded := func(img image.Image) []byte {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	large := made.JPEGBomb(7000, 7000, 1, true)
	for name, c := range map[string]struct {
		file []byte
		code string // at the door; "" is let in
	}{
		"JPEG of 49 million pixels in full colour":         {made.JPEGBomb(7000, 7000, 1, false), ""},
		"the same 32 times in one file":                    {made.JPEGBomb(7000, 7000, 32, false), "image_too_costly"},
		"progressive JPEG of 40 million in 64 scans":       {made.JPEGBomb(6400, 6250, maxScans, true), ""},
		"progressive JPEG of 49 million":                   {large, "image_too_many_pixels"},
		"progressive JPEG with the head of a small one":    {append(large[:len(large)-2:len(large)-2], made.JPEGBomb(8, 8, 1, false)[2:]...), "image_too_many_pixels"},
		"PNG of 49 million pixels, transparent":            {encoded(image.NewNRGBA(image.Rect(0, 0, 7000, 7000))), ""},
		"PNG of 25 million pixels of 16 bits, transparent": {encoded(image.NewNRGBA64(image.Rect(0, 0, 5000, 5000))), ""},
		"PNG of 49 million pixels of 16 bits":              {made.Bomb(7000, 7000, 16, 6), "image_too_many_pixels"},
	} {
		kind, err := Sniff(c.file)
		if err != nil || c.code != "" {
			if err == nil || err.Code != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
			continue
		}
		for _, pixels := range []string{"colour", "grey"} {
			took := cost.Of(t, c.file, os.Args[0], hereWord, kind.ContentType, pixels)
			t.Logf("%-50s in %s: %d MB held, %d booked, %v", name, pixels, took.Held>>20, kind.memory>>20, took.Time)
			// The program itself takes some 15 MB of what it holds.
			if took.Exit != 0 || took.Held > child.Memory+16<<20 || took.Time > 10*time.Second {
				t.Errorf("%s in %s: %+v", name, pixels, took)
			}
		}
	}
}
