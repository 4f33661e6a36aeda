package chip

import (
	"bytes"
	"crypto"
	_ "crypto/sha1"   //nolint:gosec // old documents are hashed with it; the report says so
	_ "crypto/sha256" // registers the hashes that Doc 9303 allows
	_ "crypto/sha512"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"

	"github.com/gmrtd/gmrtd/cms"
	"github.com/gmrtd/gmrtd/tlv"
)

// Object identifiers of Doc 9303 parts 10 and 12, RFC 5652 and RFC 5280.
const (
	oidLDS         = "2.23.136.1.1.1"
	oidMasterList  = "2.23.136.1.1.2"
	oidListSigner  = "2.23.136.1.1.3"
	oidData        = "1.2.840.113549.1.7.1"
	oidSigningTime = "1.2.840.113549.1.9.5"
)

// hashOf gives a hash by its object identifier.
func hashOf(id asn1.ObjectIdentifier) (h crypto.Hash, weak, ok bool) {
	switch id.String() {
	case "1.3.14.3.2.26":
		return crypto.SHA1, true, true
	case "2.16.840.1.101.3.4.2.4":
		return crypto.SHA224, false, true
	case "2.16.840.1.101.3.4.2.1":
		return crypto.SHA256, false, true
	case "2.16.840.1.101.3.4.2.2":
		return crypto.SHA384, false, true
	case "2.16.840.1.101.3.4.2.3":
		return crypto.SHA512, false, true
	}
	return 0, false, false
}

// sod is an opened EF.SOD.
type sod struct {
	signed *cms.SignedData
	hash   asn1.ObjectIdentifier
	hashes map[int][]byte
}

func (s *sod) covered() []int {
	out := make([]int, 0, len(s.hashes))
	for n := range s.hashes {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Limits inside a signed object.
const (
	maxSigners      = 4
	maxCertificates = 8
	maxKey          = 2200 // bytes of one public key: RSA of 16384 bits
)

// ldsObject is the LDS Security Object (Doc 9303 part 10, 4.6.2.3).
type ldsObject struct {
	Version   int
	Algorithm struct {
		Algorithm  asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
	Hashes []struct {
		Number int
		Value  []byte
	}
	Info asn1.RawValue `asn1:"optional"`
}

// openSOD reads EF.SOD; problem is a code when it is none.
func openSOD(raw []byte) (s *sod, problem string) {
	const malformed = "sod_malformed"
	switch {
	case len(raw) == 0:
		return nil, "sod_missing"
	case len(raw) > maxSOD:
		return nil, "sod_too_large"
	}
	content, ok := unwrap(raw, 0x77)
	if !ok {
		return nil, malformed
	}
	signed, err := openSigned(content)
	if err != nil {
		return nil, malformed
	}
	// China's passports name the type plain data.
	if t := signed.Content.EContentType.String(); t != oidLDS && t != oidData {
		return nil, malformed
	}
	var lds ldsObject
	if rest, err := asn1.Unmarshal(signed.Content.EContent, &lds); err != nil || len(rest) > 0 {
		return nil, malformed
	}
	s = &sod{signed: signed, hash: lds.Algorithm.Algorithm, hashes: map[int][]byte{}}
	for _, h := range lds.Hashes {
		if _, twice := s.hashes[h.Number]; twice || h.Number < 1 || h.Number > maxGroups {
			return nil, malformed
		}
		s.hashes[h.Number] = h.Value
	}
	if len(s.hashes) == 0 {
		return nil, malformed
	}
	return s, ""
}

// openSigned reads a CMS SignedData within the limits. Some states write it in
// BER with open lengths, which is put into DER first.
func openSigned(raw []byte) (*cms.SignedData, error) {
	open, ok := surveyBER(raw)
	if !ok {
		return nil, fmt.Errorf("not well formed")
	}
	if open {
		var err error
		if raw, err = tlv.DecodeEncode(raw); err != nil {
			return nil, fmt.Errorf("putting BER into DER: %w", err)
		}
	}
	signed, err := cms.ParseSignedData(raw)
	if err != nil {
		return nil, fmt.Errorf("reading signed data: %w", err)
	}
	if n := len(signed.SignerInfos); n < 1 || n > maxSigners {
		return nil, fmt.Errorf("%d signers", n)
	}
	return signed, nil
}

// hashes compares each given data group with the hash that the state signed.
func (v *visit) hashes(s *sod, groups []int) {
	h, weak, ok := hashOf(s.hash)
	if !ok {
		v.fail("hash_algorithm_unsupported", "the data groups are hashed in a way that is not known here")
		return
	}
	if weak {
		v.doubt("hash_algorithm_weak", "the data groups are hashed with SHA-1, which Doc 9303 no longer allows")
	}
	for _, n := range groups {
		want, covered := s.hashes[n]
		sum := h.New()
		sum.Write(v.files.DataGroups[n])
		switch {
		case !covered:
			v.fail("data_group_not_covered", groupName(n)+" was added: the state's signature does not cover it")
		case !bytes.Equal(sum.Sum(nil), want):
			v.fail("data_group_altered", groupName(n)+" is not what the state signed")
		}
	}
}

// signatures verifies who signed the object and what is known of them.
func (v *visit) signatures(s *sod) {
	for i := range s.signed.SignerInfos {
		info := &s.signed.SignerInfos[i]
		signer, ok := signerOf(s.signed, info)
		if !ok {
			v.fail("signer_missing", "the certificate of the document signer is not in the signed object")
			continue
		}
		anchor := v.anchors.vouches(signer, v.o.Now)
		switch {
		case anchor == nil:
			v.fail("signer_not_trusted", "no trusted state certified the document signer")
		case !signedBy(s.signed, info, signer, anchor):
			v.fail("signature_invalid", "the signature over the hashes does not verify")
		case v.anchors.hasRevoked(signer, anchor):
			v.fail("signer_revoked", "the state took back the document signer's certificate")
		}
		v.judgeSigner(signer, anchor, info)
	}
}

func groupName(n int) string { return fmt.Sprintf("data group %d", n) }

// signedBy verifies one signature of signed data with the signer's key, and
// the signer's certificate with the anchor's. The library takes the only
// certificate there is, whatever the signer's identifier looks like.
func signedBy(signed *cms.SignedData, info *cms.SignerInfo, signer, anchor *certificate) bool {
	alone := *signed
	alone.Certificates.Bytes = signer.raw.Raw
	verified := false
	whole := guardedly(func() {
		_, err := info.Verify(&alone, onlyPool{anchor.raw})
		verified = err == nil
	})
	return whole && verified
}

// onlyPool is a pool of one certificate that answers every question, because
// it was chosen before.
type onlyPool struct{ cert cms.Certificate }

func (p onlyPool) BySKI([]byte) []cms.Certificate           { return []cms.Certificate{p.cert} }
func (p onlyPool) ByIssuerCountry(string) []cms.Certificate { return []cms.Certificate{p.cert} }
func (p onlyPool) All() []cms.Certificate                   { return []cms.Certificate{p.cert} }

// signingTime is when a signer says that it signed; zero when it does not.
func signingTime(info *cms.SignerInfo) time.Time {
	for _, a := range info.AuthenticatedAttributes {
		if a.Type.String() == oidSigningTime {
			return timeOf(a.Values.Bytes)
		}
	}
	return time.Time{}
}
