package chip

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // RFC 5280 names keys by it; nothing is trusted for it
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"time"

	"github.com/gmrtd/gmrtd/cms"
)

// certificate is a certificate and what is asked of it. The standard library
// refuses many passport certificates, because they write their curves out.
type certificate struct {
	raw       cms.Certificate
	country   string // ISO alpha-2 of the issuer, upper case
	ski, aki  []byte // aki is nil where there is none
	notBefore time.Time
	notAfter  time.Time
	// authority is what the basic constraints say; false where they are
	// missing.
	authority bool
	usage     *asn1.BitString // nil where the key is not limited
	purposes  []string        // extended key usage
}

var errCertificate = errors.New("no certificate of a document's signer or state")

// readCertificate reads one certificate.
func readCertificate(c cms.Certificate) (*certificate, error) {
	t := c.TbsCertificate
	out := &certificate{raw: c, notBefore: timeOf(t.Validity.NotBefore.FullBytes), notAfter: timeOf(t.Validity.NotAfter.FullBytes), country: countryIn(t.Issuer.FullBytes)}
	if len(t.SubjectPublicKeyInfo.FullBytes) > maxKey || len(c.SignatureValue.Bytes) > maxKey || t.SerialNumber == nil ||
		out.notBefore.IsZero() || out.notAfter.IsZero() {
		return nil, errCertificate
	}
	for _, e := range t.Extensions {
		if err := out.extension(e.ObjectId.String(), e.ExtnValue.Bytes); err != nil {
			return nil, err
		}
	}
	if out.ski == nil {
		var key struct {
			Algorithm asn1.RawValue
			Bits      asn1.BitString
		}
		if _, err := asn1.Unmarshal(t.SubjectPublicKeyInfo.FullBytes, &key); err != nil {
			return nil, errCertificate
		}
		sum := sha1.Sum(key.Bits.Bytes) //nolint:gosec // RFC 5280, 4.2.1.2, method 1
		out.ski = sum[:]
	}
	return out, nil
}

// extension reads the extensions that matter (RFC 5280, 4.2.1).
func (c *certificate) extension(id string, value []byte) error {
	switch id {
	case "2.5.29.14":
		if _, err := asn1.Unmarshal(value, &c.ski); err != nil {
			return errCertificate
		}
	case "2.5.29.35":
		// The library stops the program's flow at one that it cannot read.
		var a cms.AuthorityKeyIdentifier
		if rest, err := asn1.Unmarshal(value, &a); err != nil || len(rest) > 0 {
			return errCertificate
		}
		c.aki = a.KeyIdentifier
	case "2.5.29.15":
		var bits asn1.BitString
		if _, err := asn1.Unmarshal(value, &bits); err != nil {
			return errCertificate
		}
		c.usage = &bits
	case "2.5.29.19":
		basic, ok := unwrap(value, 0x30)
		if !ok {
			return errCertificate
		}
		// Ukraine writes true as 1, which strict parsers refuse.
		ca, said := child(basic, 0x01)
		c.authority = said && len(ca) == 1 && ca[0] != 0
	case "2.5.29.37":
		var list []asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(value, &list); err != nil {
			return errCertificate
		}
		for _, id := range list {
			c.purposes = append(c.purposes, id.String())
		}
	}
	return nil
}

// signsDocuments reports whether the certificate may be a document signer's:
// it must be allowed to sign, must be no authority and must not be made for
// something else, such as master lists or visa stamps (Doc 9303 part 12,
// table 5).
func (c *certificate) signsDocuments() bool {
	return len(c.purposes) == 0 && c.may(usageSign, true) && !c.authority && !c.may(usageCertify, false)
}

// certifies reports whether a certificate may be one of a state. Several
// states publish certificates whose basic constraints say that they are no
// authority, while their key is for certifying.
func (c *certificate) certifies() bool { return c.may(usageCertify, c.authority || c.usage == nil) }

// Bits of the key usage (RFC 5280, 4.2.1.3).
const (
	usageSign    = 0
	usageCertify = 5
)

// may reports whether the key may be used in a way; otherwise is the answer of
// certificates that do not limit it.
func (c *certificate) may(use int, otherwise bool) bool {
	if c.usage == nil {
		return otherwise
	}
	return c.usage.At(use) == 1
}

func (c *certificate) validOn(t time.Time) bool {
	return !t.Before(c.notBefore) && !t.After(c.notAfter)
}

func (c *certificate) signer() *Signer {
	return &Signer{Country: c.country, Serial: c.raw.TbsCertificate.SerialNumber.Text(16), NotBefore: c.notBefore, NotAfter: c.notAfter}
}

// signerOf finds the certificate of a signer in the signed data: by issuer and
// serial number or by key identifier; a single certificate is the signer's.
func signerOf(signed *cms.SignedData, info *cms.SignerInfo) (*certificate, bool) {
	var all []*certificate
	for rest := signed.Certificates.Bytes; len(rest) > 0; {
		if len(all) >= maxCertificates {
			return nil, false
		}
		var one cms.Certificate
		var err error
		if rest, err = asn1.Unmarshal(rest, &one); err != nil {
			return nil, false
		}
		c, err := readCertificate(one)
		if err != nil {
			return nil, false
		}
		all = append(all, c)
	}
	if len(all) == 1 {
		return all[0], true
	}
	var by struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	_, err := asn1.Unmarshal(info.Sid.FullBytes, &by)
	byKey := info.Sid.Class == asn1.ClassContextSpecific && info.Sid.Tag == 0
	for _, c := range all {
		t := c.raw.TbsCertificate
		switch {
		case byKey && bytes.Equal(c.ski, info.Sid.Bytes):
			return c, true
		case !byKey && err == nil && by.Serial != nil && by.Serial.Cmp(t.SerialNumber) == 0 && bytes.Equal(by.Issuer.FullBytes, t.Issuer.FullBytes):
			return c, true
		}
	}
	return nil, false
}

// judgeSigner looks at what a document signer is and was; anchor is nil when
// nobody trusted certified it.
func (v *visit) judgeSigner(signer, anchor *certificate, info *cms.SignerInfo) {
	v.report.Signer = signer.signer()
	if !signer.signsDocuments() {
		v.fail("signer_not_for_documents", "the signer's certificate is not one for documents")
	}
	issued := v.issueDate()
	if issued.IsZero() {
		issued = signingTime(info)
	}
	v.report.IssuedOn = issued
	// A day of slack: the date of issue has no time of day and no zone.
	const slack = 24 * time.Hour
	if !issued.IsZero() && (issued.Before(signer.notBefore.Add(-slack)) || issued.After(signer.notAfter.Add(slack))) {
		v.doubt("signer_not_valid_at_issue", "the document signer's certificate was not valid on the date of issue")
	}
	switch {
	case v.o.Now.Before(signer.notBefore):
		v.doubt("signer_not_yet_valid", "the document signer's certificate is not valid yet")
	case v.o.Now.After(signer.notAfter):
		v.doubt("signer_expired", "the document signer's certificate expired on "+signer.notAfter.UTC().Format(time.DateOnly))
	}
	if anchor == nil {
		return
	}
	v.report.State = anchor.signer()
	if !anchor.validOn(v.o.Now) {
		v.doubt("country_signer_expired", "the state's signing certificate is not valid on this day")
	}
	if anchor.country != signer.country {
		v.fail("issuer_differs", "the document signer and the certificate of the state name different countries")
	}
}

// issueDate reads the date of issue of data group 12 (Doc 9303 part 10,
// 4.7.12), where it was given; zero when it says none.
func (v *visit) issueDate() time.Time {
	content, ok := unwrap(v.files.DataGroups[12], 0x6c)
	if !ok {
		return time.Time{}
	}
	value, ok := child(content, 0x5f26)
	if !ok {
		return time.Time{}
	}
	if len(value) == 4 { // older chips pack two digits into a byte
		value = []byte(hex.EncodeToString(value))
	}
	day, err := time.Parse("20060102", string(value))
	if err != nil {
		return time.Time{}
	}
	return day
}

// timeOf reads a UTCTime or GeneralizedTime; zero when it is neither.
func timeOf(der []byte) time.Time {
	var t time.Time
	if rest, err := asn1.Unmarshal(der, &t); err != nil || len(rest) > 0 {
		return time.Time{}
	}
	return t.UTC()
}

// countryIn gives the country of a distinguished name; "" when it has none.
func countryIn(name []byte) string {
	var rdn pkix.RDNSequence
	if _, err := asn1.Unmarshal(name, &rdn); err != nil {
		return ""
	}
	for _, set := range rdn {
		for _, a := range set {
			if s, ok := a.Value.(string); ok && a.Type.String() == "2.5.4.6" {
				return strings.ToUpper(strings.TrimSpace(s))
			}
		}
	}
	return ""
}
