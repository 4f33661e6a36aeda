package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// chipState is a synthetic state that signs chips: a country signing key, a
// document signer, nothing of it real (ICAO Doc 9303 parts 11 and 12).
type chipState struct {
	csca      *x509.Certificate
	signer    *x509.Certificate
	signerKey *ecdsa.PrivateKey
}

func newChipState(t *testing.T, country string) *chipState {
	t.Helper()
	now := time.Now()
	certify := func(c, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) *x509.Certificate {
		raw, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), parentKey)
		if err != nil {
			t.Fatal(err)
		}
		out, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	newKey := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	name := func(common string) pkix.Name {
		return pkix.Name{Country: []string{country}, Organization: []string{"TEST ONLY"}, CommonName: common}
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: name("Synthetic CSCA"), NotBefore: now.AddDate(-3, 0, 0), NotAfter: now.AddDate(12, 0, 0), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(77), Subject: name("Synthetic DS"), NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(9, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	rootKey, leafKey := newKey(), newKey()
	s := &chipState{signerKey: leafKey}
	s.csca = certify(root, root, rootKey, rootKey)
	s.signer = certify(leaf, s.csca, leafKey, rootKey)
	return s
}

// trusted puts the state's certificate where a server looks for them.
func (s *chipState) trusted(t *testing.T, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(data, "trust"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "trust"), "synthetic.cer", s.csca.Raw)
}

// element writes one DER element.
func element(tag []byte, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	n := len(body)
	switch {
	case n < 0x80:
		tag = append(slices.Clone(tag), byte(n))
	case n < 0x100:
		tag = append(slices.Clone(tag), 0x81, byte(n))
	default:
		tag = append(slices.Clone(tag), 0x82, byte(n>>8), byte(n))
	}
	return append(tag, body...)
}

// chip gives the files of a passport chip with that zone, signed by the state,
// in the words of a submission.
func (s *chipState) chip(t *testing.T, zone string) map[string][]byte {
	t.Helper()
	encode := func(v any) []byte {
		b, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	oid := func(numbers ...int) asn1.ObjectIdentifier { return numbers }
	files := map[string][]byte{"DG1": element([]byte{0x61}, element([]byte{0x5f, 0x1f}, []byte(zone))), "DG2": element([]byte{0x75}, []byte("a portrait that nobody decodes here"))}
	type hash struct {
		Number int
		Value  []byte
	}
	type algorithm struct{ Algorithm asn1.ObjectIdentifier }
	one, two := sha256.Sum256(files["DG1"]), sha256.Sum256(files["DG2"])
	sha, object := oid(2, 16, 840, 1, 101, 3, 4, 2, 1), oid(2, 23, 136, 1, 1, 1)
	content := encode(struct {
		Version   int
		Algorithm algorithm
		Hashes    []hash
	}{Algorithm: algorithm{sha}, Hashes: []hash{{1, one[:]}, {2, two[:]}}})

	seq, set := []byte{0x30}, []byte{0x31}
	named := func(id asn1.ObjectIdentifier) []byte { return element(seq, encode(id)) }
	attribute := func(id asn1.ObjectIdentifier, value []byte) []byte {
		return element(seq, encode(id), element(set, value))
	}
	sum := sha256.Sum256(content)
	attributes := append(attribute(oid(1, 2, 840, 113549, 1, 9, 3), encode(object)), attribute(oid(1, 2, 840, 113549, 1, 9, 4), encode(sum[:]))...)
	digest := sha256.Sum256(element(set, attributes))
	signature, err := s.signerKey.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	info := element(seq, encode(1), element(seq, s.signer.RawIssuer, encode(s.signer.SerialNumber)), named(sha), element([]byte{0xa0}, attributes),
		named(oid(1, 2, 840, 10045, 4, 3, 2)), encode(signature))
	data := element(seq, encode(3), element(set, named(sha)), element(seq, encode(object), element([]byte{0xa0}, encode(content))), element([]byte{0xa0}, s.signer.Raw), element(set, info))
	files["SOD"] = element([]byte{0x77}, element(seq, encode(oid(1, 2, 840, 113549, 1, 7, 2)), element([]byte{0xa0}, data)))
	return files
}

// chipBody is the submission of a chip's files.
func chipBody(files map[string][]byte) map[string]any {
	groups := map[string]any{}
	for name, raw := range files {
		if name != "SOD" {
			groups[name] = base64.StdEncoding.EncodeToString(raw)
		}
	}
	return map[string]any{"escalation": map[string]any{"type": "nfc-passport", "sod": base64.StdEncoding.EncodeToString(files["SOD"]), "data_groups": groups}}
}
