package imagefile

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// withPropertyTimes says 255 times more often for each of further entries that
// the grid has the property.
func withPropertyTimes(t testing.TB, b []byte, kind string, value []byte, further int) []byte {
	t.Helper()
	var out []byte
	var start, grown int
	for rest := b; len(rest) > 0; {
		one, left, ok := nextBox(rest)
		if !ok {
			t.Fatal("the boxes of the file are broken")
		}
		rest = left
		body := one.body
		if one.kind == "meta" {
			start = len(out)
			body = append([]byte{}, body[:4]...)
			for inner := one.body[4:]; len(inner) > 0; {
				part, after, ok := nextBox(inner)
				if !ok {
					t.Fatal("the boxes of meta are broken")
				}
				inner = after
				if part.kind == "iprp" {
					ipco, ipma := boxesAt(part.body, []string{"ipco"})[0], boxesAt(part.body, []string{"ipma"})[0]
					ipma = bytes.Clone(ipma)
					// version, flags, entries; then the grid: id 1, one property, 3.
					at := bytes.Index(ipma, []byte{0, 1, 1, 3})
					ipma = append(append(append([]byte{}, ipma[:at+2]...), 2, 3, 0x84), ipma[at+4:]...)
					binary.BigEndian.PutUint32(ipma[4:], binary.BigEndian.Uint32(ipma[4:])+uint32(further))
					for range further {
						ipma = append(append(ipma, 0, 1, 255), bytes.Repeat([]byte{0x84}, 255)...)
					}
					turned := isoBox("iprp", isoBox("ipco", ipco, isoBox(kind, value)), isoBox("ipma", ipma))
					grown = len(turned) - len(part.body) - 8
					body = append(body, turned...)
					continue
				}
				body = append(body, isoBox(part.kind, part.body)...)
			}
		}
		out = append(out, isoBox(one.kind, body)...)
	}
	// All places in iloc lie behind the box that grew.
	iloc := bytes.Index(out[start:], []byte("iloc")) + start
	count := int(out[iloc+10])<<8 | int(out[iloc+11])
	for n := range count {
		at := iloc + 12 + n*14 + 6
		v := uint32(out[at])<<24 | uint32(out[at+1])<<16 | uint32(out[at+2])<<8 | uint32(out[at+3])
		v += uint32(grown)
		out[at], out[at+1], out[at+2], out[at+3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
	}
	return out
}
