package kyc

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"
)

// ID names one object: a UUID version 7 (RFC 9562) in its canonical lower-case
// form of 36 characters. It begins with the time, so rows made together lie
// together. Surfaces dress it in their own way (surface D writes
// "session_" in front); inside the house it is always bare.
type ID string

// NewID makes an ID for an object created at the given time. Lists are paged by
// ID, so the twelve bits after the milliseconds hold the part of the millisecond
// that has passed, in steps of 1/4096 (RFC 9562, 6.2, method 3): objects made a
// microsecond apart, by any process, are listed in the order of their creation.
// Those of one and the same time are in no order. 62 bits are random.
func NewID(at time.Time) ID {
	var b [16]byte
	ms := uint64(at.UnixMilli())
	b[0], b[1], b[2] = byte(ms>>40), byte(ms>>32), byte(ms>>24)
	b[3], b[4], b[5] = byte(ms>>16), byte(ms>>8), byte(ms)
	part := uint64(at.Nanosecond()) % 1e6 * 4096 / 1e6
	b[6], b[7] = 0x70|byte(part>>8), byte(part)
	_, _ = rand.Read(b[8:]) // crypto/rand never fails since Go 1.24
	b[8] = b[8]&0x3f | 0x80

	return idOf(b)
}

func idOf(b [16]byte) ID {
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	out[8] = '-'
	hex.Encode(out[9:13], b[4:6])
	out[13] = '-'
	hex.Encode(out[14:18], b[6:8])
	out[18] = '-'
	hex.Encode(out[19:23], b[8:10])
	out[23] = '-'
	hex.Encode(out[24:36], b[10:16])
	return ID(out[:])
}

// ParseID reads a UUID in canonical form, upper or lower case. It reports
// false for anything else, so that a malformed identifier never reaches a
// query.
func ParseID(s string) (ID, bool) {
	if len(s) != 36 {
		return "", false
	}
	s = strings.ToLower(s)
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return "", false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return "", false
			}
		}
	}
	return ID(s), true
}

// crockford is the alphabet of ULIDs.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ULID writes an id in the 26 characters of a ULID: the same 128 bits in
// Crockford's base 32. Both begin with the milliseconds of the creation, so the
// order is the same. What is no id gives "".
func ULID(id ID) string {
	b, ok := id.bytes()
	if !ok {
		return ""
	}
	var out [26]byte
	// 130 bits in 26 characters of five: the first two bits are zero.
	var acc uint32
	bits, at := 2, 0
	for _, c := range b {
		acc, bits = acc<<8|uint32(c), bits+8
		for bits >= 5 {
			bits -= 5
			out[at] = crockford[acc>>bits&31]
			at++
		}
	}
	return string(out[:])
}

// ParseULID reads a ULID in any case; a UUID in canonical form is accepted
// too. It reports false for anything else.
func ParseULID(s string) (ID, bool) {
	if len(s) != 26 {
		return ParseID(s)
	}
	if s[0] > '7' {
		return "", false // more than 128 bits
	}
	var b [16]byte
	var acc uint32
	bits, at := -2, 0 // the first two of 130 bits are dropped
	for i := range len(s) {
		v := strings.IndexByte(crockford, upper(s[i]))
		if v < 0 {
			return "", false
		}
		acc, bits = acc<<5|uint32(v), bits+5
		if bits >= 8 {
			bits -= 8
			b[at] = byte(acc >> bits)
			at++
		}
	}
	return idOf(b), true
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func (id ID) bytes() (b [16]byte, ok bool) {
	if len(id) != 36 {
		return b, false
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(string(id), "-", ""))
	if err != nil || len(raw) != 16 {
		return b, false
	}
	copy(b[:], raw)
	return b, true
}
