package chip

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"path/filepath"

	"github.com/gmrtd/gmrtd/cms"
)

// maxRevoked bounds the entries of one revocation list. States revoke signers
// by the handful.
const maxRevoked = 100_000

// readRevocations reads a list of revoked signers (Doc 9303 part 12, 7.1.4) and
// gives the serial numbers with the state's certificate that signed it. problem
// is a code of TrustProblem.
func (a *anchors) readRevocations(path string) (s TrustSource, by *certificate, serials []string, problem string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return s, nil, nil, "unreadable"
	}
	if b, _ := pem.Decode(raw); b != nil {
		raw = b.Bytes
	}
	list, err := x509.ParseRevocationList(raw)
	if err != nil || len(list.RevokedCertificateEntries) > maxRevoked {
		return s, nil, nil, "revocations_malformed"
	}
	for _, anchor := range a.byKey[string(list.AuthorityKeyId)] {
		if signedRevocations(raw, anchor) {
			by = anchor
			break
		}
	}
	if by == nil {
		return s, nil, nil, "revocations_not_trusted"
	}
	for _, e := range list.RevokedCertificateEntries {
		serials = append(serials, e.SerialNumber.Text(16))
	}
	return TrustSource{File: filepath.Base(path), Kind: "revocation_list", Revoked: len(serials), Country: by.country, AsOf: list.ThisUpdate.UTC()}, by, serials, ""
}

// signedRevocations verifies the signature of a revocation list. The standard
// library does not know all curves that states use.
func signedRevocations(raw []byte, anchor *certificate) bool {
	var list struct {
		Content   asn1.RawValue
		Algorithm cms.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if rest, err := asn1.Unmarshal(raw, &list); err != nil || len(rest) > 0 {
		return false
	}
	verified := false
	whole := guardedly(func() {
		id, err := list.Algorithm.DetermineDigestAlgFromSigAlg()
		if err != nil {
			return
		}
		h, _, ok := hashOf(*id)
		if !ok {
			return
		}
		sum := h.New()
		sum.Write(list.Content.FullBytes)
		verified = cms.VerifySignature(anchor.raw.TbsCertificate.SubjectPublicKeyInfo.FullBytes, *id, sum.Sum(nil), list.Algorithm.Algorithm, list.Signature.Bytes) == nil
	})
	return whole && verified
}

// revoke takes signers of a state out of trust.
func (a *anchors) revoke(by *certificate, serials []string) {
	for _, serial := range serials {
		a.revoked[string(by.ski)+"\x00"+serial] = true
	}
}

// hasRevoked reports whether a state took back a signer's certificate.
func (a *anchors) hasRevoked(signer, anchor *certificate) bool {
	return a.revoked[string(anchor.ski)+"\x00"+signer.raw.TbsCertificate.SerialNumber.Text(16)]
}
