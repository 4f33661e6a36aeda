package rule

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// Hash is "sha256:" and the hex SHA-256 of the facts as canonical JSON
// (RFC 8785). Facts that are not JSON (a score that is no number, a form
// answer of a foreign type) give an Internal error with code facts_invalid.
func (f Facts) Hash() (string, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return "", kyc.Errorf(kyc.Internal, "facts_invalid", "the facts cannot be written as JSON: %w", err)
	}
	v := jsontext.Value(raw)
	if err := v.Canonicalize(); err != nil {
		return "", kyc.Errorf(kyc.Internal, "facts_invalid", "the facts cannot be made canonical: %w", err)
	}
	sum := sha256.Sum256(v)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
