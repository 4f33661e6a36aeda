package wallet

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"slices"
	"strings"
)

// Networks are the networks whose addresses are understood, in the order in
// which network "any" tries them. Mainnet addresses only.
//
//   - BTC: P2PKH and P2SH (Base58Check), SegWit of every version (Bech32, Bech32m)
//   - ETH: 20 bytes in hexadecimal; mixed case must match EIP-55
//   - TRX: Base58Check with 0x41
//   - LTC: L, M and the old 3 addresses, ltc1; MWEB addresses are refused
//   - DOGE: D, and 9 or A for scripts
//   - XRP: classic addresses; an X-address, which hides a destination tag in
//     itself, is refused
//   - ADA: Byron (CRC-32) and Shelley addr1 and stake1 (Bech32)
//   - XMR: standard, integrated and sub-addresses
//   - SOL: 32 bytes in Base58. Solana addresses carry no checksum, so a typing
//     error that stays Base58 is not noticed
//   - BCH: CashAddr with and without its prefix; the old 1 and 3 addresses when
//     BCH is named
//   - DASH: X, and 7 for scripts
//   - ZEC: transparent t1 and t3, Sapling zs1; unified addresses are refused
//   - BTG: G, and A for scripts (which DOGE has too), btg1
//   - XVG: D and E; BSV: 1 and 3; ETC, BSC, ARB, POL: as ETH. These share
//     their forms with a network above and are found only when they are named
func Networks() []string {
	return []string{"BTC", "ETH", "TRX", "LTC", "DOGE", "XRP", "ADA", "XMR", "SOL", "BCH", "DASH", "ZEC", "BTG", "XVG", "BSV", "ETC", "BSC", "ARB", "POL"}
}

// namedOnly are the networks that network "any" does not try, because all
// their addresses are those of another network too.
func namedOnly(network string) bool {
	return slices.Contains([]string{"XVG", "BSV", "ETC", "BSC", "ARB", "POL"}, network)
}

// OnNetwork checks an address against one network and gives its normal form.
// named tells whether somebody said that it is of this network.
func OnNetwork(network, text string, named bool) (string, bool) {
	if len(text) > maxAddress || !named && namedOnly(network) {
		return "", false
	}
	switch network {
	case "BTC":
		return bitcoinLike(text, "bc", 0x00, 0x05)
	case "LTC":
		return bitcoinLike(text, "ltc", 0x30, 0x32, 0x05)
	case "DOGE":
		return bitcoinLike(text, "", 0x1e, 0x16)
	case "TRX":
		return bitcoinLike(text, "", 0x41)
	case "DASH":
		return bitcoinLike(text, "", 0x4c, 0x10)
	case "BTG":
		return bitcoinLike(text, "btg", 0x26, 0x17)
	case "XVG":
		return bitcoinLike(text, "", 0x1e, 0x21)
	case "BSV":
		return bitcoinLike(text, "", 0x00, 0x05)
	case "BCH":
		if normal, _, _, ok := cashAddress(text); ok || !named {
			return normal, ok
		}
		return bitcoinLike(text, "", 0x00, 0x05)
	case "ZEC":
		return zcash(text)
	case "XRP":
		version, ok := base58Check(text, rippleAlphabet)
		return text, ok && version == 0
	case "ETH", "ETC", "BSC", "ARB", "POL":
		return ethereum(text)
	case "SOL":
		raw, ok := base58(text, bitcoinAlphabet)
		return text, ok && len(raw) == 32
	case "ADA":
		return cardano(text)
	case "XMR":
		return text, monero(text)
	}
	return "", false
}

// bitcoinLike checks Base58Check with one of the versions, or SegWit where the
// network has it. SegWit is stored in lower case.
func bitcoinLike(text, hrp string, versions ...byte) (string, bool) {
	if hrp != "" && segwit(text, hrp) {
		return strings.ToLower(text), true
	}
	version, ok := base58Check(text, bitcoinAlphabet)
	return text, ok && slices.Contains(versions, version)
}

// ethereum checks EIP-55. Addresses in one case carry no checksum and are
// accepted; the stored form always carries it.
func ethereum(text string) (string, bool) {
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok || len(digits) != 40 {
		return "", false
	}
	lower := strings.ToLower(digits)
	if _, err := hex.DecodeString(lower); err != nil {
		return "", false
	}
	sum := hex.EncodeToString(keccak([]byte(lower)))
	out := []byte(lower)
	for i := range out {
		if sum[i] >= '8' && out[i] >= 'a' {
			out[i] -= 'a' - 'A'
		}
	}
	return "0x" + string(out), digits == lower || digits == strings.ToUpper(digits) || digits == string(out)
}

// monero checks network byte, length and the four bytes of Keccak-256.
func monero(text string) bool {
	raw, ok := moneroBytes(text)
	if !ok || len(raw) != 69 && len(raw) != 77 {
		return false
	}
	body, sum := raw[:len(raw)-4], raw[len(raw)-4:]
	if !bytes.Equal(keccak(body)[:4], sum) {
		return false
	}
	if len(raw) == 77 {
		return raw[0] == 19
	}
	return raw[0] == 18 || raw[0] == 42
}

// cardano checks Shelley addresses after CIP-19, and Byron addresses.
func cardano(text string) (string, bool) {
	hrp, data, constant, ok := bech32(text)
	if !ok {
		return text, byron(text)
	}
	raw, ok := octets(data)
	if !ok || constant != bech32Const || len(raw) == 0 || raw[0]&15 != 1 {
		return "", false // another network, or no Shelley address
	}
	lower := strings.ToLower(text)
	switch kind := raw[0] >> 4; {
	case hrp == "stake" && (kind == 14 || kind == 15), hrp == "addr" && (kind == 6 || kind == 7):
		return lower, len(raw) == 29
	case hrp == "addr" && kind <= 3:
		return lower, len(raw) == 57
	case hrp == "addr" && (kind == 4 || kind == 5):
		return lower, len(raw) > 29 && len(raw) <= 59 && pointerAddress(raw[29:])
	}
	return "", false
}

// pointerAddress checks the three variable-length numbers of a pointer.
func pointerAddress(rest []byte) bool {
	numbers := 0
	for _, b := range rest {
		if b&0x80 == 0 {
			numbers++
		}
	}
	return numbers == 3 && rest[len(rest)-1]&0x80 == 0
}

// byron checks the CBOR [#6.24(bytes payload), crc32 of the payload], and in
// the payload [28 bytes, attributes, type] that no network magic stands:
// addresses of test networks carry one.
func byron(text string) bool {
	raw, ok := base58(text, bitcoinAlphabet)
	if !ok {
		return false
	}
	r := cbor{rest: raw}
	if r.head(4) != 2 || r.head(6) != 24 {
		return false
	}
	payload := r.bytes()
	sum := r.head(0)
	if r.bad || len(r.rest) != 0 || sum != uint64(crc32.ChecksumIEEE(payload)) {
		return false
	}
	p := cbor{rest: payload}
	if p.head(4) != 3 || len(p.bytes()) != 28 {
		return false
	}
	for range min(p.head(5), 8) {
		if p.head(0) != 1 { // 1 is the derivation path, 2 the network magic
			return false
		}
		p.bytes()
	}
	return p.head(0) <= 2 && !p.bad && len(p.rest) == 0
}

// cbor reads the few items of RFC 8949 that a Byron address is made of. After
// a mistake bad stays set.
type cbor struct {
	rest []byte
	bad  bool
}

// head reads an item's head of one major type and gives its number.
func (r *cbor) head(major byte) uint64 {
	if r.bad || len(r.rest) == 0 || r.rest[0]>>5 != major {
		r.bad = true
		return 0
	}
	info := r.rest[0] & 31
	r.rest = r.rest[1:]
	if info < 24 {
		return uint64(info)
	}
	n := 1 << (info - 24)
	if info > 27 || len(r.rest) < n {
		r.bad = true
		return 0
	}
	var whole [8]byte
	copy(whole[8-n:], r.rest[:n])
	r.rest = r.rest[n:]
	return binary.BigEndian.Uint64(whole[:])
}

func (r *cbor) bytes() []byte {
	n := r.head(2)
	if r.bad || n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}
