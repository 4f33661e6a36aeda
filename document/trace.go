package document

import (
	"bytes"
	"context"
	"image"
	"math"
	"strings"
	"time"

	"github.com/bep/imagemeta"

	"bonafide/imagefile"
	"bonafide/kyc"
	"bonafide/tamper"
)

// Trace is a hint of a file or its pixels: weak on its own, and one-sided. That
// there is none means nothing.
type Trace struct {
	// Code is no_camera_data, screenshot_size, local_recompression or
	// screen_pattern, a row of tamper.Weights.
	Code string
	// Value is how far it applies, 0-1.
	Value    float64
	Message  string
	Evidence map[string]any
	// Region is where it is, on the page as its EXIF orientation shows it (see
	// [Page.Upright]); nil when it is of the whole file.
	Region *kyc.Region
}

// Traces looks at the pictures among the files for what they had before they
// were sent: camera data, sizes of screens, parts that were saved in another
// quality than the rest (tamper.Ghost). PDF files carry none of that; what made
// them stands in [Page.Software]. A JPEG is decoded once more for it, about
// 0.1 s. The limits and errors about files are those of [Reader.Read].
func (r *Reader) Traces(ctx context.Context, files []File) ([]Trace, *kyc.Error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Deadline)
	defer cancel()
	var out []Trace
	for _, f := range files {
		t, err := imagefile.Sniff(f.Bytes)
		if err != nil {
			return nil, err
		}
		if t.ContentType == "application/pdf" {
			continue
		}
		origin := readOrigin(f.Bytes, t.ContentType)
		out = append(out, origin.traces(f, t)...)
		if t.ContentType != "image/jpeg" {
			continue
		}
		g, err := imagefile.Reduced(ctx, r.opener, f.Bytes, t, func(img image.Image) tamper.GhostArea {
			found, _ := tamper.Ghost(storedLuma(img), tamper.JPEGQuality(f.Bytes))
			return found
		})
		if err != nil {
			return nil, err
		}
		if value := g.Value(); value > 0 {
			region := orientRegion(kyc.Region{Upload: f.Upload, X: g.X, Y: g.Y, W: g.W, H: g.H}, imagefile.ReadMetadata(f.Bytes, t.ContentType).Orientation)
			out = append(out, Trace{Code: "local_recompression", Value: value, Region: &region,
				Message:  "A part of the picture was saved before in another quality than the rest. Compression alone can look like that; compare the part with the rest.",
				Evidence: map[string]any{"earlier_quality": g.Quality, "deviations": round2(g.Score)}})
		}
	}
	return out, nil
}

// Screens looks for the pattern of a screen in the JPEG files among these
// (tamper.ScreenLattice): a picture that was taken of a screen may be of anything.
// looked is false where none of them is a JPEG, or all are too small. Limits and
// errors are those of Traces.
func (r *Reader) Screens(ctx context.Context, files []File) (out []Trace, looked bool, _ *kyc.Error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Deadline)
	defer cancel()
	for _, f := range files {
		t, err := imagefile.Sniff(f.Bytes)
		if err != nil {
			return nil, false, err
		}
		if t.ContentType != "image/jpeg" {
			continue
		}
		large := false
		l, err := imagefile.Reduced(ctx, r.opener, f.Bytes, t, func(img image.Image) (l tamper.Lattice) {
			l, large = tamper.ScreenLattice(storedLuma(img))
			return l
		})
		if err != nil {
			return nil, false, err
		}
		looked = looked || large
		if value := l.Value(); value > 0 {
			out = append(out, Trace{Code: "screen_pattern", Value: value, Region: &kyc.Region{Upload: f.Upload, W: 1, H: 1},
				Message:  "All over the picture lies a fine lattice, as in photographs of a screen. Rasters of print can look like that; look whether it is one.",
				Evidence: map[string]any{"period_pixels": round2(l.Period), "score": round2(l.Score)}})
		}
	}
	return out, looked, nil
}

// storedLuma is the brightness of a decoded JPEG without a copy, in the order of
// its file; nil for the few that have none of their own.
func storedLuma(img image.Image) *image.Gray {
	switch m := img.(type) {
	case *image.Gray:
		return m
	case *image.YCbCr:
		return &image.Gray{Pix: m.Y, Stride: m.YStride, Rect: image.Rect(0, 0, m.Rect.Dx(), m.Rect.Dy())}
	}
	return nil
}

// origin is what a picture says of the camera that took it.
type origin struct {
	camera bool // make, model or exposure of a camera
	taken  bool // when
}

func readOrigin(b []byte, contentType string) (o origin) {
	defer func() {
		// The metadata of a hostile file must not take the program with it.
		if recover() != nil {
			o = origin{}
		}
	}()
	format, known := map[string]imagemeta.ImageFormat{"image/jpeg": imagemeta.JPEG, "image/png": imagemeta.PNG, "image/webp": imagemeta.WebP, "image/tiff": imagemeta.TIFF, "image/heic": imagemeta.HEIF}[contentType]
	if !known {
		return origin{camera: true} // what cannot be asked says nothing
	}
	tags := map[string]bool{"Make": true, "Model": true, "ExposureTime": true, "FNumber": true, "DateTimeOriginal": true}
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(b), ImageFormat: format, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return tags[t.Tag] },
		HandleTag: func(t imagemeta.TagInfo) error {
			if text, isText := t.Value.(string); isText && strings.Trim(text, " \x00") == "" {
				return nil
			}
			if t.Tag == "DateTimeOriginal" {
				o.taken = true
			} else {
				o.camera = true
			}
			return nil
		},
		Warnf:   func(string, ...any) {},
		Timeout: 2 * time.Second, LimitNumTags: 2000, LimitTagSize: 4096,
	})
	return o
}

func (o origin) traces(f File, t imagefile.Type) []Trace {
	if o.camera {
		return nil
	}
	evidence := func() map[string]any { return map[string]any{"content_type": t.ContentType} }
	out := []Trace{{Code: "no_camera_data", Value: 1, Evidence: evidence(), Message: "The file does not say which camera took it. Most programs that send pictures on leave that out."}}
	if o.taken {
		out[0].Value = 0.5
	}
	if tamper.Screenshot(t.Width, t.Height) {
		e := evidence()
		e["width"], e["height"] = t.Width, t.Height
		out = append(out, Trace{Code: "screenshot_size", Value: 1, Evidence: e, Region: &kyc.Region{Upload: f.Upload, W: 1, H: 1},
			Message: "The picture has exactly the size of a common screen and no camera data; it may be a picture of a screen's content."})
	}
	return out
}

// orientRegion moves a region from the stored picture to how its EXIF
// orientation (1-8) shows it.
func orientRegion(g kyc.Region, orientation int) kyc.Region {
	x, y, w, h := g.X, g.Y, g.W, g.H
	right, below := 1-x-w, 1-y-h
	switch orientation {
	case 2:
		g.X = right
	case 3:
		g.X, g.Y = right, below
	case 4:
		g.Y = below
	case 5:
		g.X, g.Y, g.W, g.H = y, x, h, w
	case 6:
		g.X, g.Y, g.W, g.H = below, x, h, w
	case 7:
		g.X, g.Y, g.W, g.H = below, right, h, w
	case 8:
		g.X, g.Y, g.W, g.H = y, right, h, w
	}
	for _, v := range []*float64{&g.X, &g.Y, &g.W, &g.H} {
		*v = math.Round(*v*10000) / 10000
	}
	return g
}

// Upright moves a region of this page from how its file shows it to how the
// page was turned to be read.
func (p Page) Upright(g kyc.Region) kyc.Region {
	return orientRegion(g, map[int]int{90: 6, 180: 3, 270: 8}[p.Turned])
}

// look notes how the upright page looks.
func (p *Page) look(img *image.Gray) {
	if l, ok := tamper.LookOf(img); ok {
		p.Look = &l
	}
}
