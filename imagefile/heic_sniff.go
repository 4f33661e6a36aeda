package imagefile

import (
	"encoding/binary"
	"slices"

	"bonafide/child"
	"bonafide/kyc"
)

// isHEIF recognises the ISO base media brands of HEIC, HEIF and AVIF.
func isHEIF(b []byte) bool {
	if len(b) < 12 || string(b[4:8]) != "ftyp" {
		return false
	}
	switch string(b[8:12]) {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis":
		return true
	}
	return false
}

// sniffHEIC reads the boxes of a HEIC file (ISO/IEC 14496-12, 23008-12) as far
// as its size. The size is the largest that any picture of the file claims;
// the decoding child looks again at what comes out.
func sniffHEIC(b []byte) (Type, *kyc.Error) {
	head, rest, ok := nextBox(b)
	if !ok || !HasHEIC || head.kind != "ftyp" || !slices.ContainsFunc(brands(head.body), func(brand string) bool {
		return brand == "heic" || brand == "heix" || brand == "heim" || brand == "heis"
	}) {
		return Type{}, noHEIC()
	}
	damaged := kyc.Errorf(kyc.Invalid, "image_malformed", "the picture's header cannot be read; please take or export it again")
	t := Type{ContentType: "image/heic", Ext: ".heic", Pages: 1, memory: child.Memory}
	pixels := int64(0)
	for len(rest) > 0 {
		var one box
		if one, rest, ok = nextBox(rest); !ok {
			return Type{}, truncated()
		}
		if one.kind != "meta" || len(one.body) < 4 {
			continue
		}
		for _, ispe := range boxesAt(one.body[4:], []string{"iprp", "ipco", "ispe"}) {
			if len(ispe) < 12 {
				return Type{}, damaged
			}
			w, h := int64(binary.BigEndian.Uint32(ispe[4:])), int64(binary.BigEndian.Uint32(ispe[8:]))
			if w > MaxSide || h > MaxSide || w*h > MaxPixels {
				return Type{}, tooManyPixels(int(w), int(h))
			}
			if w*h > pixels {
				pixels, t.Width, t.Height = w*h, int(w), int(h)
			}
		}
	}
	if pixels == 0 {
		return Type{}, damaged
	}
	return t, nil
}

// box is one box of an ISO base media file.
type box struct {
	kind string
	body []byte
}

// nextBox splits the first box off. A size of 0 means up to the end.
func nextBox(b []byte) (one box, rest []byte, ok bool) {
	if len(b) < 8 {
		return box{}, nil, false
	}
	size, head := uint64(binary.BigEndian.Uint32(b)), uint64(8)
	switch {
	case size == 0:
		size = uint64(len(b))
	case size == 1 && len(b) >= 16:
		size, head = binary.BigEndian.Uint64(b[8:]), 16
	}
	if size < head || size > uint64(len(b)) {
		return box{}, nil, false
	}
	return box{string(b[4:8]), b[head:size]}, b[size:], true
}

// boxesAt gives the bodies of all boxes under a path of kinds.
func boxesAt(b []byte, path []string) [][]byte {
	if len(path) == 0 {
		return [][]byte{b}
	}
	var out [][]byte
	for len(b) > 0 {
		one, rest, ok := nextBox(b)
		if !ok {
			break
		}
		if one.kind == path[0] {
			out = append(out, boxesAt(one.body, path[1:])...)
		}
		b = rest
	}
	return out
}

// brands lists the major brand of an ftyp box and the compatible ones.
func brands(body []byte) []string {
	var out []string
	for i := 0; i+4 <= len(body); i += 4 {
		if i != 4 { // the minor version
			out = append(out, string(body[i:i+4]))
		}
	}
	return out
}
