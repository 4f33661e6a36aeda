package wallet

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
)

// cashPrefix begins a CashAddr; it may be left out and still counts for the
// checksum.
const cashPrefix = "bitcoincash"

// cashAddress checks a CashAddr of Bitcoin Cash (specification of 2018, forty
// bits of checksum) for 20 bytes and gives its normal form, in lower case and
// with the prefix. script tells a script from a key.
func cashAddress(text string) (normal string, hash []byte, script, ok bool) {
	lower := strings.ToLower(text)
	if lower != text && strings.ToUpper(text) != text {
		return "", nil, false, false
	}
	body, _ := strings.CutPrefix(lower, cashPrefix+":")
	if len(body) != 42 {
		return "", nil, false, false
	}
	sum := uint64(1)
	for i := range len(cashPrefix) {
		sum = cashPolymod(sum, cashPrefix[i]&31)
	}
	sum = cashPolymod(sum, 0)
	var data []byte
	for i := range len(body) {
		v := strings.IndexByte(bech32Alphabet, body[i])
		if v < 0 {
			return "", nil, false, false
		}
		sum = cashPolymod(sum, byte(v))
		data = append(data, byte(v))
	}
	raw, fits := octets(data[:len(data)-8])
	if sum != 1 || !fits || len(raw) != 21 || raw[0] != 0 && raw[0] != 8 {
		return "", nil, false, false
	}
	return cashPrefix + ":" + body, raw[1:], raw[0] == 8, true
}

func cashPolymod(sum uint64, v byte) uint64 {
	generator := [5]uint64{0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8, 0x1e4f43e470}
	top := sum >> 35
	sum = sum&0x07ffffffff<<5 ^ uint64(v)
	for i, g := range generator {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}

// cashText writes a CashAddr.
func cashText(hash []byte, script bool) string {
	kind := byte(0)
	if script {
		kind = 8
	}
	var data []byte
	acc, bits := uint32(0), 0
	for _, b := range append([]byte{kind}, hash...) {
		acc, bits = acc<<8|uint32(b), bits+8
		for bits >= 5 {
			bits -= 5
			data = append(data, byte(acc>>bits&31))
		}
	}
	if bits > 0 {
		data = append(data, byte(acc<<(5-bits)&31))
	}
	sum := uint64(1)
	for i := range len(cashPrefix) {
		sum = cashPolymod(sum, cashPrefix[i]&31)
	}
	for _, v := range append(append([]byte{0}, data...), make([]byte, 8)...) {
		sum = cashPolymod(sum, v)
	}
	sum ^= 1
	for i := range 8 {
		data = append(data, byte(sum>>(5*(7-i))&31))
	}
	out := []byte(cashPrefix + ":")
	for _, v := range data {
		out = append(out, bech32Alphabet[v])
	}
	return string(out)
}

// zcash checks transparent addresses (two version bytes, Base58Check) and
// Sapling addresses (Bech32 of 43 bytes).
func zcash(text string) (string, bool) {
	if hrp, data, constant, ok := bech32(text); ok {
		raw, fits := octets(data)
		return strings.ToLower(text), hrp == "zs" && constant == bech32Const && fits && len(raw) == 43
	}
	raw, ok := base58(text, bitcoinAlphabet)
	if !ok || len(raw) != 26 || raw[0] != 0x1c || raw[1] != 0xb8 && raw[1] != 0xbd {
		return "", false
	}
	return text, bytes.Equal(doubleSum(raw[:22]), raw[22:])
}

// doubleSum is the first four bytes of the double SHA-256.
func doubleSum(b []byte) []byte {
	first := sha256.Sum256(b)
	second := sha256.Sum256(first[:])
	return second[:4]
}

// base58Text encodes bytes with Bitcoin's alphabet.
func base58Text(raw []byte) string {
	var digits []byte
	for _, b := range raw {
		carry := int(b)
		for i := range digits {
			carry += int(digits[i]) << 8
			digits[i] = byte(carry % 58)
			carry /= 58
		}
		for ; carry > 0; carry /= 58 {
			digits = append(digits, byte(carry%58))
		}
	}
	var out []byte
	for i := 0; i < len(raw) && raw[i] == 0; i++ {
		out = append(out, bitcoinAlphabet[0])
	}
	for _, d := range slices.Backward(digits) {
		out = append(out, bitcoinAlphabet[d])
	}
	return string(out)
}

// SameOwner gives the spellings under which a list may hold the same key or
// script as an address: the old and the new form of Bitcoin Cash with and
// without prefix, and the two script forms of Litecoin. The address itself is
// the first.
func SameOwner(address string) []string {
	out := []string{address}
	add := func(s string) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if normal, hash, script, ok := cashAddress(address); ok {
		add(normal)
		add(strings.TrimPrefix(normal, cashPrefix+":"))
		version := byte(0x00)
		if script {
			version = 0x05
		}
		add(checked(version, hash))
		return out
	}
	raw, ok := base58(address, bitcoinAlphabet)
	if !ok || len(raw) != 25 || !bytes.Equal(doubleSum(raw[:21]), raw[21:]) {
		return out
	}
	switch raw[0] {
	case 0x00, 0x05:
		cash := cashText(raw[1:21], raw[0] == 0x05)
		add(cash)
		add(strings.TrimPrefix(cash, cashPrefix+":"))
		if raw[0] == 0x05 {
			add(checked(0x32, raw[1:21]))
		}
	case 0x32:
		add(checked(0x05, raw[1:21]))
	}
	return out
}

func checked(version byte, hash []byte) string {
	raw := append([]byte{version}, hash...)
	return base58Text(append(raw, doubleSum(raw)...))
}

// SameAddress reports whether two texts are one address. Case counts, except
// where a form has none: hexadecimal, Bech32 and CashAddr.
func SameAddress(a, b string) bool {
	return caseless(a) == caseless(b)
}

func caseless(s string) string {
	s = strings.TrimSpace(s)
	lower := strings.ToLower(s)
	if strings.HasPrefix(lower, "0x") {
		return lower
	}
	if _, _, _, ok := bech32(s); ok {
		return lower
	}
	if normal, _, _, ok := cashAddress(s); ok {
		return normal
	}
	return s
}
