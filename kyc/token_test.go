package kyc

import (
	"bytes"
	"crypto/rand"
	"testing"
)

func TestTokensOfLinks(t *testing.T) {
	t.Parallel()
	token, hash, err := NewToken(rand.Reader)
	other, _, _ := NewToken(rand.Reader)
	if err != nil || len(token) != 43 || token == other || hash != TextHash(token) {
		t.Errorf("%q %q %q (%v)", token, other, hash, err)
	}
	// FIPS 180-4's first example, "abc".
	if got := TextHash("abc"); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(got)
	}
	if _, _, err := NewToken(bytes.NewReader(make([]byte, 31))); AsError(err).Code != "no_randomness" {
		t.Errorf("a link of too few random bits: %v", err)
	}
}
