package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"bonafide/kyc"
)

// Passwords are hashed with Argon2id (RFC 9106). The parameters are the first
// choice of OWASP's Password Storage Cheat Sheet: 19 MiB of memory, 2 passes,
// 1 lane, a salt of 16 and a hash of 32 bytes; about 25 ms on one core of a
// small server. They are written into each hash, so a later, stronger choice
// keeps old hashes readable and rehashes them at the next sign-in.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonLanes   = 1
	argonSalt    = 16
	argonHash    = 32
	passwordMin  = 12
	passwordMax  = 1024 // bytes; hashing megabytes would be a gift to an attacker
	argonCeiling = 256 * 1024
)

// HashPassword gives the hash to store, in the PHC string format
// ($argon2id$v=19$m=…,t=…,p=…$salt$hash). Errors: Invalid
// password_too_short (under 12 characters) or password_too_long.
func HashPassword(password string) (string, error) {
	switch {
	case len([]rune(password)) < passwordMin:
		return "", kyc.InvalidInput("password_too_short", "the password needs at least 12 characters",
			[]kyc.Problem{{Path: "/password", Code: "password_too_short", Message: "at least 12 characters"}})
	case len(password) > passwordMax:
		return "", kyc.InvalidInput("password_too_long", "the password is too long",
			[]kyc.Problem{{Path: "/password", Code: "password_too_long", Message: "at most 1024 bytes"}})
	}
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt)
	sum := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, argonHash)
	return encodeHash(argonMemory, argonPasses, argonLanes, salt, sum), nil
}

// CheckPassword reports whether the password fits the hash, and whether the
// hash should be made anew because its parameters are not today's.
func CheckPassword(hash, password string) (ok, rehash bool) {
	m, t, p, salt, sum, err := decodeHash(hash)
	if err != nil || len(password) > passwordMax {
		return false, false
	}
	got := argon2.IDKey([]byte(password), salt, t, m, p, uint32(len(sum)))
	ok = subtle.ConstantTimeCompare(got, sum) == 1
	return ok, ok && (m != argonMemory || t != argonPasses || p != argonLanes || len(salt) != argonSalt || len(sum) != argonHash)
}

func encodeHash(m, t uint32, p uint8, salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, m, t, p, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

// decodeHash refuses parameters that would make a forged row a way to exhaust
// memory or time.
func decodeHash(hash string) (m, t uint32, p uint8, salt, sum []byte, err error) {
	parts := strings.Split(hash, "$")
	bad := fmt.Errorf("reading password hash: not argon2id in PHC format")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return 0, 0, 0, nil, nil, bad
	}
	if n, scanErr := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); n != 3 || scanErr != nil {
		return 0, 0, 0, nil, nil, bad
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(sum) < 16 || len(sum) > 128 ||
		m < 8*uint32(p) || m > argonCeiling || t < 1 || t > 20 || p < 1 || p > 16 {
		return 0, 0, 0, nil, nil, bad
	}
	return m, t, p, salt, sum, nil
}
