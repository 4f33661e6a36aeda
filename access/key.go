package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"

	"bonafide/kyc"
)

// An API key reads bf_<environment>_<public id>_<secret>_<checksum>:
//
//	bf_live_3kf9q2ab_W1u…(43 characters of base62, 256 bits)…_0x1Y2z
//
// The part before the secret is looked up and may be shown. The checksum
// (CRC-32 of everything before it, base62, 6 characters) lets a mistyped key
// be refused, and a leaked one be recognised by scanners, without a look-up.
const (
	publicLength = 8
	secretLength = 43 // 43 · log2(62) = 256 bits
	crcLength    = 6
	base62       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base36       = "0123456789abcdefghijklmnopqrstuvwxyz"
)

// newSecret makes a key: its whole text, shown once, and the prefix that
// stays.
func newSecret(env kyc.Env) (text, prefix string) {
	prefix = "bf_" + string(env) + "_" + randomText(base36, publicLength)
	body := prefix + "_" + randomText(base62, secretLength)
	return body + "_" + checksum(body), prefix
}

// parsedKey is the text of a key taken apart.
type parsedKey struct {
	prefix string
	env    kyc.Env
	secret string
}

// parseKey reads the text of a key; false when it cannot be one.
func parseKey(text string) (parsedKey, bool) {
	parts := strings.Split(text, "_")
	if len(parts) != 5 || parts[0] != "bf" || len(parts[2]) != publicLength || len(parts[3]) < 32 || len(parts[3]) > 128 {
		return parsedKey{}, false
	}
	env := kyc.Env(parts[1])
	if env != kyc.Live && env != kyc.Sandbox {
		return parsedKey{}, false
	}
	if !only(parts[2], base36) || !only(parts[3], base62) {
		return parsedKey{}, false
	}
	body := text[:len(text)-len(parts[4])-1]
	if checksum(body) != parts[4] {
		return parsedKey{}, false
	}
	return parsedKey{prefix: "bf_" + parts[1] + "_" + parts[2], env: env, secret: parts[3]}, true
}

// hashSecret is SHA-256 over salt and secret, in hex. A fast hash is right
// here: the secret has 256 random bits, so there is nothing to guess.
func hashSecret(salt, secret string) string {
	sum := sha256.Sum256([]byte(salt + secret))
	return hex.EncodeToString(sum[:])
}

// sameSecret compares without telling by its duration where they differ.
func sameSecret(k *kyc.APIKey, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(k.Hash), []byte(hashSecret(k.Salt, secret))) == 1
}

func checksum(s string) string {
	n := uint64(crc32.ChecksumIEEE([]byte(s)))
	var out [crcLength]byte
	for i := crcLength - 1; i >= 0; i-- {
		out[i] = base62[n%62]
		n /= 62
	}
	return string(out[:])
}

// randomText draws n characters of an alphabet, each equally likely.
func randomText(alphabet string, n int) string {
	out := make([]byte, 0, n)
	limit := byte(256 / len(alphabet) * len(alphabet) % 256) // 0 means every byte is fair
	var buf [64]byte
	for len(out) < n {
		_, _ = rand.Read(buf[:]) // crypto/rand never fails since Go 1.24
		for _, b := range buf {
			if len(out) < n && (limit == 0 || b < limit) {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func only(s, alphabet string) bool {
	for i := range len(s) {
		if strings.IndexByte(alphabet, s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

// String never shows a secret.
func (k parsedKey) String() string { return fmt.Sprintf("%s_…", k.prefix) }
