package imagefile

import (
	"bytes"
	"encoding/binary"
)

// maxScans is how many passes over the picture a progressive JPEG may make.
// Encoders make ten; a few bytes more a pass keep a decoder busy for hours.
const maxScans = 64

// jpegFrame is what the segments of a JPEG say about the work of decoding it
// (ITU-T T.81, annex B).
type jpegFrame struct {
	progressive bool
	adobe       bool    // colours other than YCbCr, which are converted
	samples     float64 // of all components, per pixel
	components  int
	frames      int // heads of frames; the standard allows one
	scans       int
	start       int // of the first scan's data; 0: there is none
	// again is a component that comes in a second scan of a frame that is not
	// progressive. Its whole picture is decoded anew each time.
	again bool
	seen  [256]bool // components of the scans so far
}

// costly reports whether decoding takes more time than the pixels are worth:
// 49 million pixels in 32 scans of a sequential picture, 18 MB, took 83 s.
func (f *jpegFrame) costly() bool { return f.scans > maxScans || f.again && !f.progressive }

// memory is what the decoder holds for that many pixels: the samples, in
// progressive files their coefficients of four bytes each, and a second
// picture where the colours are converted.
func (f *jpegFrame) memory(pixels int64) int64 {
	per := f.samples
	if f.progressive {
		per *= 5
	}
	if f.components == 4 || f.adobe {
		per += 4
	}
	return int64(per * float64(pixels))
}

// jpegFrameOf walks the segments.
func jpegFrameOf(b []byte) *jpegFrame {
	f := &jpegFrame{samples: 3, components: 3}
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xff {
			// The data of a scan: a marker ends it, a stuffed or restarting one
			// does not.
			next := bytes.IndexByte(b[i:], 0xff)
			if next < 0 {
				return f
			}
			i += next
			continue
		}
		marker := b[i+1]
		switch {
		case marker == 0xff:
			i++
			continue
		case marker == 0, marker == 0x01, marker >= 0xd0 && marker <= 0xd7:
			i += 2
			continue
		case marker == 0xd9:
			return f
		}
		size := int(binary.BigEndian.Uint16(b[i+2:]))
		body := b[i+4 : max(min(i+2+size, len(b)), i+4)]
		switch {
		case marker >= 0xc0 && marker <= 0xc2:
			// Memory is taken for the first frame; a second one must not hide it.
			if f.frames++; f.frames == 1 {
				f.progressive = marker == 0xc2
				f.frame(body)
			}
		case marker == 0xee:
			f.adobe = f.adobe || bytes.HasPrefix(body, []byte("Adobe"))
		case marker == 0xda:
			f.scans++
			f.scan(body)
			if f.start == 0 {
				f.start = min(i+2+size, len(b))
			}
		}
		i += 2 + max(size, 2)
	}
	return f
}

// frame reads the sampling factors of a frame's components.
func (f *jpegFrame) frame(body []byte) {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) || body[5] == 0 {
		return
	}
	f.components = int(body[5])
	widest, highest, sum := 1, 1, 0
	for c := range f.components {
		h, v := int(body[7+3*c]>>4), int(body[7+3*c]&15)
		widest, highest, sum = max(widest, h), max(highest, v), sum+h*v
	}
	f.samples = float64(sum) / float64(widest*highest)
}

// scan notes which components a scan holds (T.81, B.2.3).
func (f *jpegFrame) scan(body []byte) {
	for i := 1; len(body) > 0 && i <= 2*int(body[0]) && i < len(body); i += 2 {
		f.again = f.again || f.seen[body[i]]
		f.seen[body[i]] = true
	}
}

// jpegComplete looks for the end marker after the first scan: a thumbnail in
// the metadata has an end marker of its own.
func jpegComplete(b []byte) bool {
	start := jpegFrameOf(b).start
	return start > 0 && bytes.Contains(b[start:], []byte{0xff, 0xd9})
}
