package chip

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// state is a synthetic state with a country signing key and one document
// signer. Nothing of it is real.
type state struct {
	country   string
	csca      *x509.Certificate
	cscaKey   crypto.Signer
	signer    *x509.Certificate
	signerKey crypto.Signer
}

// passportOf says how a synthetic chip is made.
type passportOf struct {
	issuer  string // in the zone; default D
	number  string
	birth   string // YYMMDD
	expiry  string
	sign    time.Time
	issued  string // YYYYMMDD in data group 12; empty: none
	content asn1.ObjectIdentifier
	hash    asn1.ObjectIdentifier
}

func elliptic256(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsa2048(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newState makes a state whose signer is valid for ten years around the day of
// the tests; change may alter the signer's template.
func newState(t testing.TB, country string, key func(testing.TB) crypto.Signer, change func(*x509.Certificate)) *state {
	t.Helper()
	s := &state{country: country, cscaKey: key(t), signerKey: key(t)}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Country: []string{country}, Organization: []string{"TEST ONLY"}, CommonName: "Synthetic CSCA"},
		NotBefore: today().AddDate(-3, 0, 0), NotAfter: today().AddDate(12, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	s.csca = certify(t, root, root, s.cscaKey, s.cscaKey)
	s.newSigner(t, change)
	return s
}

func (s *state) newSigner(t testing.TB, change func(*x509.Certificate)) {
	t.Helper()
	leaf := &x509.Certificate{SerialNumber: big.NewInt(77), Subject: pkix.Name{Country: []string{s.country}, Organization: []string{"TEST ONLY"}, CommonName: "Synthetic DS"},
		NotBefore: today().AddDate(-2, 0, 0), NotAfter: today().AddDate(9, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	if change != nil {
		change(leaf)
	}
	s.signer = certify(t, leaf, s.csca, s.signerKey, s.cscaKey)
}

func certify(t testing.TB, c, parent *x509.Certificate, key, parentKey crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), parentKey)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA1   = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidObject = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 1}
)

// element writes one DER element.
func element(tag []byte, parts ...[]byte) []byte {
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	out := append([]byte(nil), tag...)
	switch n := len(body); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	case n < 0x10000:
		out = append(out, 0x82, byte(n>>8), byte(n))
	default:
		out = append(out, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, body...)
}

func der(t testing.TB, v any) []byte {
	t.Helper()
	b, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// passport makes the files of a chip that the state signed.
func (s *state) passport(t testing.TB, p passportOf) Files {
	t.Helper()
	if p.issuer == "" {
		p.issuer = map[string]string{"DE": "D", "AT": "AUT", "FR": "FRA"}[s.country]
	}
	pick := func(value, otherwise string) string {
		if value == "" {
			return otherwise
		}
		return value
	}
	lines := passport(p.issuer, "TESTPERSON", "ALBA<SYNTHETIC", pick(p.number, "X0T4W7Z12"), pick(p.birth, "900517"), "F", pick(p.expiry, "310119"))
	files := Files{DataGroups: map[int][]byte{
		1: element([]byte{0x61}, element([]byte{0x5f, 0x1f}, []byte(strings.Join(lines, "")))),
		2: element([]byte{0x75}, []byte("a portrait that nobody decodes here")),
	}}
	if p.issued != "" {
		files.DataGroups[12] = element([]byte{0x6c}, element([]byte{0x5c}, []byte{0x5f, 0x26}), element([]byte{0x5f, 0x26}, []byte(p.issued)))
	}
	files.SOD = s.sign(t, files.DataGroups, p)
	return files
}

// sign makes EF.SOD over data groups.
func (s *state) sign(t testing.TB, groups map[int][]byte, p passportOf) []byte {
	t.Helper()
	type algorithm struct{ Algorithm asn1.ObjectIdentifier }
	type hash struct {
		Number int
		Value  []byte
	}
	lds := struct {
		Version   int
		Algorithm algorithm
		Hashes    []hash
	}{Algorithm: algorithm{oidSHA256}}
	h := crypto.SHA256
	if p.hash != nil {
		lds.Algorithm.Algorithm = p.hash
		if p.hash.Equal(oidSHA1) {
			h = crypto.SHA1
		}
	}
	for n := 1; n <= 16; n++ {
		if raw, ok := groups[n]; ok {
			sum := h.New()
			sum.Write(raw)
			lds.Hashes = append(lds.Hashes, hash{n, sum.Sum(nil)})
		}
	}
	content := p.content
	if content == nil {
		content = oidObject
	}
	return element([]byte{0x77}, s.signed(t, content, der(t, lds), p.sign, s.signer, s.signerKey))
}

// signed makes a CMS SignedData over a content.
func (s *state) signed(t testing.TB, kind asn1.ObjectIdentifier, content []byte, at time.Time, signer *x509.Certificate, key crypto.Signer) []byte {
	t.Helper()
	seq, set := []byte{0x30}, []byte{0x31}
	algorithm := func(id asn1.ObjectIdentifier) []byte { return element(seq, der(t, id)) }
	attribute := func(id asn1.ObjectIdentifier, value []byte) []byte {
		return element(seq, der(t, id), element(set, value))
	}
	sum := sha256.Sum256(content)
	attributes := append(attribute(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}, der(t, kind)), attribute(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}, der(t, sum[:]))...)
	if !at.IsZero() {
		attributes = append(attributes, attribute(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}, der(t, at.UTC()))...)
	}
	digest := sha256.Sum256(element(set, attributes))
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	scheme := asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	if _, isRSA := key.(*rsa.PrivateKey); isRSA {
		scheme = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	}
	info := element(seq, der(t, 1), element(seq, signer.RawIssuer, der(t, signer.SerialNumber)), algorithm(oidSHA256),
		element([]byte{0xa0}, attributes), algorithm(scheme), der(t, signature))
	data := element(seq, der(t, 3), element(set, algorithm(oidSHA256)), element(seq, der(t, kind), element([]byte{0xa0}, der(t, content))),
		element([]byte{0xa0}, signer.Raw), element(set, info))
	return element(seq, der(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}), element([]byte{0xa0}, data))
}

// trusting writes the states' certificates into a folder, dated the day of the
// tests.
func trusting(t testing.TB, states ...*state) *Trust {
	t.Helper()
	dir := t.TempDir()
	for i, s := range states {
		putTrust(t, dir, string(rune('a'+i))+".cer", s.csca.Raw)
	}
	return NewTrust(dir)
}

func putTrust(t testing.TB, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, today(), today()); err != nil {
		t.Fatal(err)
	}
	return path
}
