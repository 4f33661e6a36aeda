package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 as authenticator apps speak it; HMAC-SHA-1 is not broken
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// One-time codes by time (RFC 6238 over RFC 4226): HMAC-SHA-1, six digits, a
// step of 30 seconds; the step before and the one after are taken, too, for
// clocks that differ.
const (
	totpStep   = 30
	totpDigits = 6
	totpSecret = 20 // bytes, the length RFC 4226 recommends
	totpDrift  = 1
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

func newSecret() []byte {
	b := make([]byte, totpSecret)
	_, _ = rand.Read(b) // crypto/rand never fails since Go 1.24
	return b
}

// totpAt is the code of a step.
func totpAt(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step)) //nolint:gosec // steps since 1970 are positive
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// totpMatch finds the step of a code: one near now and later than the last that
// was taken, so that no code counts twice. False when there is none.
func totpMatch(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	at := now.Unix() / totpStep
	for s := at - totpDrift; s <= at+totpDrift; s++ {
		// Every step is compared, so that the time taken tells nothing.
		if subtle.ConstantTimeCompare([]byte(totpAt(secret, s)), []byte(code)) == 1 && s > last && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

// totpURI is what the QR code of an authenticator app holds (the key URI format
// that all apps read).
func totpURI(secret []byte, issuer, account string) string {
	q := url.Values{"secret": {base32Plain.EncodeToString(secret)}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// recoveryCodes draws ten codes of 80 bits for the day the phone is lost, and
// their hashes for the store.
func recoveryCodes() (codes, hashes []string) {
	for range 10 {
		b := make([]byte, 10)
		_, _ = rand.Read(b) // crypto/rand never fails since Go 1.24
		text := strings.ToLower(base32Plain.EncodeToString(b))
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		hashes = append(hashes, hashOf(text))
	}
	return codes, hashes
}

// recoveryHash brings a code as somebody typed it into the form of the store.
func recoveryHash(code string) string {
	return hashOf(strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(code))))
}
