package wallet

import "strings"

const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// The constants that tell Bech32 (BIP-173) from Bech32m (BIP-350).
const (
	bech32Const  = 1
	bech32mConst = 0x2bc830a3
)

// bech32 splits a Bech32 or Bech32m text into its human-readable part and its
// five-bit values, without the checksum, and says which constant it was made
// with. The limit of 90 characters is the caller's: Cardano does without it.
func bech32(text string) (hrp string, data []byte, constant uint32, ok bool) {
	lower := strings.ToLower(text)
	if len(text) > maxAddress || lower != text && strings.ToUpper(text) != text {
		return "", nil, 0, false
	}
	cut := strings.LastIndexByte(lower, '1')
	if cut < 1 || len(lower)-cut-1 < 6 {
		return "", nil, 0, false
	}
	hrp = lower[:cut]
	sum := uint32(1)
	for i := range len(hrp) {
		if hrp[i] < 33 || hrp[i] > 126 {
			return "", nil, 0, false
		}
		sum = polymod(sum, hrp[i]>>5)
	}
	sum = polymod(sum, 0)
	for i := range len(hrp) {
		sum = polymod(sum, hrp[i]&31)
	}
	for i := cut + 1; i < len(lower); i++ {
		v := strings.IndexByte(bech32Alphabet, lower[i])
		if v < 0 {
			return "", nil, 0, false
		}
		sum = polymod(sum, byte(v))
		data = append(data, byte(v))
	}
	if sum != bech32Const && sum != bech32mConst {
		return "", nil, 0, false
	}
	return hrp, data[:len(data)-6], sum, true
}

func polymod(sum uint32, v byte) uint32 {
	generator := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ uint32(v)
	for i, g := range generator {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}

// octets regroups five-bit values into bytes. Padding is at most four bits and
// zero.
func octets(data []byte) ([]byte, bool) {
	out := make([]byte, 0, len(data)*5/8)
	var acc uint32
	bits := 0
	for _, v := range data {
		acc = acc<<5 | uint32(v)
		if bits += 5; bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	return out, bits < 5 && acc&(1<<bits-1) == 0
}

// segwit checks a native SegWit address: version 0 in Bech32 with 20 or 32
// bytes, versions 1 to 16 in Bech32m with 2 to 40 bytes.
func segwit(text, want string) bool {
	hrp, data, constant, ok := bech32(text)
	if !ok || hrp != want || len(text) > 90 || len(data) == 0 {
		return false
	}
	version := data[0]
	program, ok := octets(data[1:])
	if !ok || version > 16 || len(program) < 2 || len(program) > 40 {
		return false
	}
	if version == 0 {
		return constant == bech32Const && (len(program) == 20 || len(program) == 32)
	}
	return constant == bech32mConst
}
