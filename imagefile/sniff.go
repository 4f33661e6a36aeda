package imagefile

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"regexp"
	"strconv"

	// The decoders register themselves; only those named in types are used.
	_ "image/jpeg"
	_ "image/png"

	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"bonafide/kyc"
)

// Limits of intake. They hold before anything is decoded.
const (
	MaxFileBytes = 20 << 20
	MaxPixels    = 50_000_000
	MaxPages     = 10
	// maxDecodedBytes bounds what one decoder may hold in memory, because 16-bit
	// and progressive pictures need several times more than their pixel count
	// says. The picture that is made of it comes on top.
	maxDecodedBytes = 200 << 20
	// MaxSide keeps sums of coordinates small and refuses absurd strips.
	MaxSide = 30_000
)

// Type is what the bytes are, whatever their name claims.
type Type struct {
	ContentType string `json:"content_type"` // image/jpeg, image/png, image/webp, image/tiff, image/heic, application/pdf
	Ext         string `json:"ext"`          // with the dot: .jpg
	// Width and Height in pixels as stored, before any orientation; 0 for PDF.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
	// Pages is 1 for pictures. For a PDF it is what the file declares in plain
	// text, 0 when that is not to be seen without opening it.
	Pages int `json:"pages,omitempty"`

	memory int64 // estimate of the decoded size in bytes
}

// Sniff tells what a file is by its first bytes and refuses what cannot or
// must not be decoded, without decoding it. Codes: empty_file,
// file_too_large, unsupported_type, heic_unsupported, image_truncated,
// image_malformed, image_too_many_pixels, pdf_encrypted, pdf_malformed,
// pdf_too_many_pages, file_polyglot. It is cheap enough to run at upload time:
// it reads headers, never pixels.
func Sniff(b []byte) (Type, *kyc.Error) {
	t, err := sniff(b)
	if err == nil {
		if err = polyglot(b, t.ContentType); err != nil {
			t = Type{}
		}
	}
	return t, err
}

func sniff(b []byte) (Type, *kyc.Error) {
	switch {
	case len(b) == 0:
		return Type{}, kyc.Errorf(kyc.Invalid, "empty_file", "the file is empty (0 bytes); please send it again")
	case len(b) > MaxFileBytes:
		return Type{}, kyc.Errorf(kyc.TooLarge, "file_too_large", "the file has %d bytes; the limit is %d (20 MiB)", len(b), MaxFileBytes)
	}
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return sniffImage(b, "image/jpeg", ".jpg", jpegComplete)
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return sniffImage(b, "image/png", ".png", pngComplete)
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return sniffImage(b, "image/webp", ".webp", webpComplete)
	case bytes.HasPrefix(b, []byte("II*\x00")), bytes.HasPrefix(b, []byte("MM\x00*")):
		return sniffImage(b, "image/tiff", ".tif", func([]byte) bool { return true })
	case bytes.HasPrefix(b, []byte("%PDF-")):
		return sniffPDF(b)
	case isHEIF(b):
		return sniffHEIC(b)
	}
	return Type{}, kyc.Errorf(kyc.UnsupportedMedia, "unsupported_type", "this is no JPEG, PNG, WebP, TIFF, HEIC or PDF file; please send one of these")
}

func sniffImage(b []byte, contentType, ext string, complete func([]byte) bool) (Type, *kyc.Error) {
	cfg, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		if !complete(b) {
			return Type{}, truncated()
		}
		return Type{}, kyc.Errorf(kyc.Invalid, "image_malformed", "the picture's header cannot be read; please take or export it again")
	}
	if "image/"+format != contentType {
		return Type{}, kyc.Errorf(kyc.UnsupportedMedia, "unsupported_type", "the file's first bytes and its header disagree about what it is")
	}
	t := Type{ContentType: contentType, Ext: ext, Width: cfg.Width, Height: cfg.Height, Pages: 1}
	if cfg.Width <= 0 || cfg.Height <= 0 {
		return Type{}, kyc.Errorf(kyc.Invalid, "image_malformed", "the picture has no pixels")
	}
	pixels := int64(cfg.Width) * int64(cfg.Height)
	t.memory = decodedBytes(b, cfg, contentType)
	if pixels > MaxPixels || cfg.Width > MaxSide || cfg.Height > MaxSide || t.memory > maxDecodedBytes && !decodedInAChild(contentType) {
		return Type{}, tooManyPixels(cfg.Width, cfg.Height)
	}
	if !complete(b) {
		return Type{}, truncated()
	}
	if contentType == "image/jpeg" {
		switch f := jpegFrameOf(b); {
		case f.frames > 1:
			return Type{}, kyc.Errorf(kyc.Invalid, "image_malformed", "the picture has two heads that say how large it is; please take or export it again")
		case f.costly():
			return Type{}, kyc.Errorf(kyc.Invalid, "image_too_costly", "opening the picture takes more time than is allowed here; please take it again or export it as an ordinary JPEG")
		}
	}
	return t, nil
}

func tooManyPixels(w, h int) *kyc.Error {
	return kyc.Errorf(kyc.TooLarge, "image_too_many_pixels", "the picture has %d x %d pixels, more than can be opened here (limit %d million); please send a smaller one", w, h, MaxPixels/1_000_000)
}

func truncated() *kyc.Error {
	return kyc.Errorf(kyc.Invalid, "image_truncated", "the picture is cut off: its end is missing; please send the whole file")
}

// decodedBytes is what the decoder holds at its peak.
func decodedBytes(b []byte, cfg image.Config, contentType string) int64 {
	pixels := int64(cfg.Width) * int64(cfg.Height)
	switch contentType {
	case "image/jpeg":
		return jpegFrameOf(b).memory(pixels)
	case "image/png":
		per := int64(4) // grey may turn out to be transparent, which takes four
		switch cfg.ColorModel {
		case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
			per = 8
		}
		if _, paletted := cfg.ColorModel.(color.Palette); paletted {
			per = 1
		}
		if len(b) > 28 && b[28] != 0 {
			per += (per + 1) / 2 // the largest pass of an interlaced one
		}
		return pixels * per
	case "image/webp":
		// Lossless: the pixels and a copy for a transform. Otherwise three
		// planes and the transparency, which is lossless again.
		return pixels * 8
	}
	per := int64(4)
	switch cfg.ColorModel {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		per = 8
	}
	return pixels * per
}

func pngComplete(b []byte) bool {
	for i := 8; i+12 <= len(b); {
		size := int64(binary.BigEndian.Uint32(b[i:]))
		if string(b[i+4:i+8]) == "IEND" {
			return true
		}
		next := int64(i) + 12 + size
		if next > int64(len(b)) {
			return false
		}
		i = int(next)
	}
	return false
}

func webpComplete(b []byte) bool {
	return int64(binary.LittleEndian.Uint32(b[4:]))+8 <= int64(len(b))+1
}

var (
	pdfEncrypt = regexp.MustCompile(`/Encrypt\s*(\d+\s+\d+\s+R|<<)`)
	pdfCount   = regexp.MustCompile(`/Count\s+(\d{1,9})`)
)

// sniffPDF looks at what a PDF shows in plain text. Both a trailer and a
// cross-reference stream keep /Encrypt readable, even when everything else is
// compressed.
func sniffPDF(b []byte) (Type, *kyc.Error) {
	t := Type{ContentType: "application/pdf", Ext: ".pdf"}
	if pdfEncrypt.Match(b) {
		return Type{}, kyc.Errorf(kyc.Invalid, "pdf_encrypted", "the PDF is encrypted; please send it without a password or print it to a new file")
	}
	// A PDF that was cut in half has no cross-reference at its end; some
	// writers add a few bytes after the marker.
	if !bytes.Contains(b[max(0, len(b)-4096):], []byte("%%EOF")) {
		return Type{}, kyc.Errorf(kyc.Invalid, "pdf_malformed", "the PDF is cut off: its end is missing; please send the whole file")
	}
	for _, m := range pdfCount.FindAllSubmatch(b, 1000) {
		if n, err := strconv.Atoi(string(m[1])); err == nil && bytes.Contains(b, []byte("/Pages")) {
			t.Pages = max(t.Pages, n)
		}
	}
	// /Count is also used by outlines, so a high number alone is no proof;
	// the real count is checked when the file is opened.
	if t.Pages > MaxPages && bytes.Contains(b, []byte("/Outlines")) {
		t.Pages = 0
	}
	if t.Pages > MaxPages {
		return Type{}, TooManyPages(t.Pages)
	}
	return t, nil
}

// TooManyPages is the answer to a PDF of more pages than are opened.
func TooManyPages(n int) *kyc.Error {
	return kyc.Errorf(kyc.TooLarge, "pdf_too_many_pages", "the PDF has %d pages; the limit is %d; please send only the pages that matter", n, MaxPages)
}
