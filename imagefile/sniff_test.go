package imagefile

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"bonafide/grey"
	"bonafide/imagefile/made"
	"bonafide/kyc"
)

// heicHead is the box of a HEIC file that tells its size.
func heicHead(w, h uint32) []byte {
	wrap := func(kind, body string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
	}
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 4), w), h)
	return []byte(wrap("meta", "\x00\x00\x00\x00"+wrap("iprp", wrap("ipco", wrap("ispe", string(size))))))
}

func TestSniff(t *testing.T) {
	t.Parallel()
	good := made.JPEG(t, 640, 480)
	whole := made.PNG(t, 640, 480)
	encrypted := made.PDF(1, "", "/Encrypt << /Filter /Standard /V 1 /R 2 /O (12345678901234567890123456789012) /U (12345678901234567890123456789012) /P -4 >> /ID [(a)(b)]")
	heic := append([]byte{0, 0, 0, 24}, []byte("ftypheic\x00\x00\x00\x00mif1heic")...)
	for _, c := range []struct {
		name    string
		bytes   []byte
		content string
		code    string
		kind    kyc.Kind
	}{
		{"jpeg", good, "image/jpeg", "", 0},
		{"png", whole, "image/png", "", 0},
		{"pdf", made.PDF(2, "", ""), "application/pdf", "", 0},
		{"nothing", nil, "", "empty_file", kyc.Invalid},
		{"too large", append(append([]byte{}, good...), make([]byte, MaxFileBytes)...), "", "file_too_large", kyc.TooLarge},
		{"text", []byte("hello, this is a text"), "", "unsupported_type", kyc.UnsupportedMedia},
		{"gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "", "unsupported_type", kyc.UnsupportedMedia},
		{"svg", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "", "unsupported_type", kyc.UnsupportedMedia},
		{"program", []byte("\x7fELF\x02\x01\x01"), "", "unsupported_type", kyc.UnsupportedMedia},
		{"zip with a PDF inside it", append([]byte("PK\x03\x04"), made.PDF(1, "", "")...), "", "unsupported_type", kyc.UnsupportedMedia},
		{"page that hides a picture", append([]byte("<html>"), good...), "", "unsupported_type", kyc.UnsupportedMedia},
		{"avif", bytes.Replace(heic, []byte("heic"), []byte("avif"), 2), "", "heic_unsupported", kyc.UnsupportedMedia},
		{"heic of its first bytes", heic, "", "image_malformed", kyc.Invalid},
		{"heic cut off", append(bytes.Clone(heic), "\x00\x00\x10\x00meta"...), "", "image_truncated", kyc.Invalid},
		{"heic of 100 megapixels", append(bytes.Clone(heic), heicHead(10000, 10000)...), "", "image_too_many_pixels", kyc.TooLarge},
		{"heic", append(bytes.Clone(heic), heicHead(1000, 600)...), "image/heic", "", 0},
		{"jpeg cut in half", good[:len(good)/2], "", "image_truncated", kyc.Invalid},
		{"jpeg of its first bytes", good[:20], "", "image_truncated", kyc.Invalid},
		{"png cut in half", whole[:len(whole)/2], "", "image_truncated", kyc.Invalid},
		{"100 megapixels", made.Bomb(10000, 10000, 8, 0), "", "image_too_many_pixels", kyc.TooLarge},
		{"40 megapixels of 16-bit colour", made.Bomb(8000, 5000, 16, 6), "", "image_too_many_pixels", kyc.TooLarge},
		{"a line of 2 billion pixels", made.Bomb(1<<31-1, 1, 8, 0), "", "image_too_many_pixels", kyc.TooLarge},
		{"encrypted pdf", encrypted, "", "pdf_encrypted", kyc.Invalid},
		{"pdf cut in half", made.PDF(3, "", "")[:300], "", "pdf_malformed", kyc.Invalid},
		{"500 pages", made.PDF(500, "", ""), "", "pdf_too_many_pages", kyc.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Sniff(c.bytes)
			if c.code == "" {
				if err != nil || got.ContentType != c.content {
					t.Fatalf("got %+v, %v", got, err)
				}
				return
			}
			if err == nil || err.Code != c.code || err.Kind != c.kind {
				t.Fatalf("got %+v, %v; want %s", got, err, c.code)
			}
			if strings.Contains(err.Message, "\n") || len(err.Message) < 20 {
				t.Errorf("the message is no clear line: %q", err.Message)
			}
		})
	}
}

func TestSniffLeavesThumbnailsAndTrailersAlone(t *testing.T) {
	t.Parallel()
	good := made.JPEG(t, 64, 64)
	// Phones append a film behind the picture.
	if _, err := Sniff(append(append([]byte{}, good...), "ftypmp42 some film"...)); err != nil {
		t.Errorf("a picture with a trailer: %v", err)
	}
	// A thumbnail in the metadata ends like a picture: it must not make a cut
	// one look whole.
	thumbnail := made.JPEG(t, 8, 8)
	segment := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(thumbnail)+2))...)
	cut := append(append([]byte{0xff, 0xd8}, append(segment, thumbnail...)...), good[2:len(good)-20]...)
	if _, err := Sniff(cut); err == nil || err.Code != "image_truncated" {
		t.Errorf("a cut picture with a thumbnail: %v, want image_truncated", err)
	}
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte("%PDF-1.4\n%%EOF"))
	f.Add(made.Bomb(10, 10, 8, 0))
	f.Add(made.JPEG(f, 16, 16))
	f.Add([]byte("RIFF\x10\x00\x00\x00WEBPVP8 "))
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, err := Sniff(b)
		if err != nil || kind.ContentType == "application/pdf" || kind.Width*kind.Height > 1<<20 {
			return
		}
		if kind.ContentType == "image/heic" {
			return // never decoded in this process
		}
		// What passes the door is decoded without a panic and within bounds.
		meta := ReadMetadata(b, kind.ContentType)
		img, _, decodeErr := decode(b, kind.ContentType, grey.Of)
		if decodeErr == nil {
			if upright := grey.Orient(img, meta.Orientation); upright.Rect.Empty() {
				t.Error("a picture without pixels was accepted")
			}
		}
	})
}
