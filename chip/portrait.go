package chip

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/gmrtd/gmrtd/tlv"

	"bonafide/imagefile"
	"bonafide/kyc"
)

// Signatures of the two formats a chip's portrait may have (ISO/IEC 19794-5
// and 39794-5): JPEG, and JPEG 2000 as a file (ISO/IEC 15444-1 annex I) or as
// a bare codestream. Both end with the same marker.
var (
	jpegStart = []byte("\xff\xd8\xff")
	jp2Start  = []byte("\x00\x00\x00\x0cjP  \r\n\x87\n")
	j2kStart  = []byte("\xff\x4f\xff\x51")
	imageEnd  = []byte("\xff\xd9")
)

// Portrait takes the holder's picture out of data group 2 of a chip (Doc
// 9303 part 10, 4.7.2) as a file that [Reader.Picture] opens: a JPEG as it is,
// a JPEG 2000 as the only picture of a one-page PDF, because that is where
// this program has a decoder for it. Of several pictures it is the first.
//
// Call it with a data group whose signature was verified. Errors: Invalid
// dg2_malformed, portrait_missing, portrait_unsupported.
func Portrait(dg2 []byte) ([]byte, *kyc.Error) {
	var picture []byte
	if len(dg2) > maxDG || !guardedly(func() { picture = portraitIn(dg2) }) {
		return nil, kyc.Errorf(kyc.Invalid, "dg2_malformed", "data group 2 cannot be read")
	}
	switch {
	case picture == nil:
		return nil, kyc.Errorf(kyc.Invalid, "portrait_missing", "data group 2 holds no picture in JPEG or JPEG 2000")
	case bytes.HasPrefix(picture, jpegStart):
		return picture, nil
	}
	return pageOfJPX(picture)
}

// portraitIn finds the picture in the biometric data block: tag 5F2E holds it
// as ISO/IEC 19794-5 says, 7F2E as 39794-5 does.
func portraitIn(dg2 []byte) []byte {
	nodes, err := tlv.Decode(dg2)
	if err != nil {
		return nil
	}
	template := nodes.NodeByTag(0x75).NodeByTag(0x7f61).NodeByTag(0x7f60)
	block := template.NodeByTag(0x5f2e)
	if !block.IsValidNode() {
		if block = template.NodeByTag(0x7f2e); !block.IsValidNode() {
			return nil
		}
		return cutPicture(block.Value(), 0)
	}
	b := block.Value()
	// Header of 14 bytes, facial information of 20 with the number of feature
	// points in it, 8 bytes for each of those, image information of 12.
	const header, points, feature, rest = 14, 18, 8, 32
	if len(b) < points+2 || !bytes.HasPrefix(b, []byte("FAC\x00")) {
		return nil
	}
	return cutPicture(b, header+feature*int(binary.BigEndian.Uint16(b[points:]))+rest)
}

// cutPicture gives the first picture from a place on, up to the last end
// marker.
func cutPicture(b []byte, from int) []byte {
	if from > len(b) {
		return nil
	}
	b = b[from:]
	start := -1
	for _, signature := range [][]byte{jpegStart, jp2Start, j2kStart} {
		if at := bytes.Index(b, signature); at >= 0 && (start < 0 || at < start) {
			start = at
		}
	}
	end := bytes.LastIndex(b, imageEnd)
	if start < 0 || end < start {
		return nil
	}
	return b[start : end+len(imageEnd)]
}

// pageOfJPX wraps a JPEG 2000 into a PDF whose page is the picture (ISO
// 32000-1, 7.4.9: the JPXDecode filter).
func pageOfJPX(picture []byte) ([]byte, *kyc.Error) {
	// SIZ follows the start of the codestream: marker 2, length 2, capabilities
	// 2, then the size of the reference grid and the offset of the picture in it.
	at := bytes.Index(picture, j2kStart)
	if at < 0 || len(picture) < at+24 {
		return nil, kyc.Errorf(kyc.Invalid, "portrait_unsupported", "the chip's picture is a JPEG 2000 without a size")
	}
	number := func(offset int) int64 { return int64(binary.BigEndian.Uint32(picture[at+offset:])) }
	w, h := number(8)-number(16), number(12)-number(20)
	if w < 1 || h < 1 || w > imagefile.MaxSide || h > imagefile.MaxSide || w*h > imagefile.MaxPixels {
		return nil, kyc.Errorf(kyc.Invalid, "portrait_unsupported", "the chip's picture has a size that no portrait has")
	}
	var out bytes.Buffer
	var places []int
	object := func(format string, args ...any) {
		places = append(places, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(places)}, args...)...)
	}
	out.WriteString("%PDF-1.5\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Kids[3 0 R]/Count 1>>")
	object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<</XObject<</P 5 0 R>>>>>>", w, h)
	draw := fmt.Sprintf("%d 0 0 %d 0 0 cm /P Do", w, h)
	object("<</Length %d>>\nstream\n%s\nendstream", len(draw), draw)
	object("<</Type/XObject/Subtype/Image/Width %d/Height %d/Filter/JPXDecode/Length %d>>\nstream\n%s\nendstream", w, h, len(picture), picture)
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(places)+1)
	for _, place := range places {
		fmt.Fprintf(&out, "%010d 00000 n \n", place)
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(places)+1, table)
	return out.Bytes(), nil
}
