package kyc

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
)

// NewToken makes what opens a link: 256 random bits in base64 without padding,
// safe in an address (43 letters), and how it is stored. Errors: Internal
// no_randomness.
func NewToken(random io.Reader) (token, hash string, err error) {
	var b [32]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", "", Errorf(Internal, "no_randomness", "making the token of a link: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, TextHash(token), nil
}

// TextHash is how a token is stored, and how a text that was agreed to is told
// from others: SHA-256 in hex.
func TextHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
