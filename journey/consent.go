package journey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"bonafide/kyc"
)

// maxConsents is how many consents one session records.
const maxConsents = 100

// NewConsent is one consent an applicant gave or refused (P16).
type NewConsent struct {
	Kind    string // what it is about: terms, biometrics, privacy, …
	Version string // of the text
	// Text is what was shown; only its hash is kept. TextHash stands in its
	// place where the front end keeps the text.
	Text     string
	TextHash string // SHA-256 in hex
	Given    bool
	// Address is the applicant's address as the connection shows it.
	Address string
}

// Consent records a consent (P16): what was shown, when, and from where. It is
// never changed; a later one of the same kind stands after it. Errors: Invalid
// invalid_consent; 409 too_many_consents.
func (m *Machine) Consent(ctx context.Context, token string, n NewConsent) (kyc.Consented, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return kyc.Consented{}, err
	}
	hash, problems := n.check()
	if len(problems) > 0 {
		return kyc.Consented{}, kyc.InvalidInput("invalid_consent", "the consent cannot be recorded", problems)
	}
	if len(v.journey.Consents) >= maxConsents {
		return kyc.Consented{}, kyc.Errorf(kyc.Conflict, "too_many_consents", "a session records at most %d consents", maxConsents)
	}
	given := kyc.Consented{ID: kyc.NewID(v.now), Kind: n.Kind, Version: n.Version, TextHash: hash, At: v.now, Given: n.Given}
	v.journey.Consents = append(v.journey.Consents, given)
	if n.Address != "" {
		if v.journey.Private.Addresses == nil {
			v.journey.Private.Addresses = map[kyc.ID]string{}
		}
		v.journey.Private.Addresses[given.ID] = n.Address
	}
	return given, m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.consent")}})
}

func (n NewConsent) check() (hash string, problems []kyc.Problem) {
	add := func(path, code, format string, args ...any) {
		problems = append(problems, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if n.Kind == "" || len(n.Kind) > 100 || unprintable(n.Kind) {
		add("/kind", "kind_invalid", "what the consent is about, in 1 to 100 bytes")
	}
	if len(n.Version) > 100 || unprintable(n.Version) {
		add("/version", "version_invalid", "at most 100 bytes, without control characters")
	}
	switch {
	case (n.Text == "") == (n.TextHash == ""):
		add("/text_hash", "text_or_hash", "send the text that was shown, or its SHA-256 in text_hash")
	case n.Text != "":
		sum := sha256.Sum256([]byte(n.Text))
		hash = hex.EncodeToString(sum[:])
	default:
		if b, err := hex.DecodeString(n.TextHash); err != nil || len(b) != sha256.Size {
			add("/text_hash", "sha256_invalid", "a SHA-256 in 64 hex digits")
		}
		hash = n.TextHash
	}
	return hash, problems
}

// unprintable reports control characters.
func unprintable(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }
