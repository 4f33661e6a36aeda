package wallet

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"golang.org/x/crypto/sha3"
)

// The alphabets of Base58: Bitcoin's, which most networks share, and the one
// of the XRP Ledger.
const (
	bitcoinAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	rippleAlphabet  = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
)

// maxAddress bounds an address in bytes before anything is computed from it.
const maxAddress = 150

// base58 decodes text; leading zero digits are leading zero bytes.
func base58(text, alphabet string) ([]byte, bool) {
	if text == "" || len(text) > maxAddress {
		return nil, false
	}
	zeros := 0
	for zeros < len(text) && text[zeros] == alphabet[0] {
		zeros++
	}
	var little []byte // base 256, least significant first
	for i := zeros; i < len(text); i++ {
		carry := strings.IndexByte(alphabet, text[i])
		if carry < 0 {
			return nil, false
		}
		for j := range little {
			carry += int(little[j]) * 58
			little[j] = byte(carry)
			carry >>= 8
		}
		for ; carry > 0; carry >>= 8 {
			little = append(little, byte(carry))
		}
	}
	out := make([]byte, zeros+len(little))
	for i, b := range little {
		out[len(out)-1-i] = b
	}
	return out, true
}

// base58Check decodes a version byte with 20 bytes, followed by the first four
// bytes of their double SHA-256.
func base58Check(text, alphabet string) (version byte, ok bool) {
	raw, ok := base58(text, alphabet)
	if !ok || len(raw) != 25 {
		return 0, false
	}
	first := sha256.Sum256(raw[:21])
	second := sha256.Sum256(first[:])
	return raw[0], bytes.Equal(second[:4], raw[21:])
}

// moneroBytes decodes Monero's Base58: blocks of 11 characters for 8 bytes,
// and a shorter one at the end.
func moneroBytes(text string) ([]byte, bool) {
	size := map[int]int{2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}
	if text == "" || len(text) > maxAddress {
		return nil, false
	}
	var out []byte
	for text != "" {
		block := text[:min(11, len(text))]
		text = text[len(block):]
		n, ok := size[len(block)]
		if !ok {
			return nil, false
		}
		var v uint64
		for i := range len(block) {
			digit := strings.IndexByte(bitcoinAlphabet, block[i])
			next := v*58 + uint64(max(digit, 0))
			// 58^10 fits into 64 bits, so only the last digit can overflow.
			if digit < 0 || i == 10 && v > (1<<64-1-uint64(digit))/58 {
				return nil, false
			}
			v = next
		}
		if n < 8 && v>>(8*n) != 0 {
			return nil, false
		}
		var whole [8]byte
		binary.BigEndian.PutUint64(whole[:], v)
		out = append(out, whole[8-n:]...)
	}
	return out, true
}

// keccak is Keccak-256 as Ethereum and Monero use it, with the padding from
// before the SHA-3 standard.
func keccak(data []byte) []byte {
	h := sha3.NewLegacyKeccak256()
	_, _ = h.Write(data) // a hash never fails
	return h.Sum(nil)
}
