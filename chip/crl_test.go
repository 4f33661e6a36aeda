package chip

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
)

// revocations is a list of signers that a state takes back.
func (s *state) revocations(t testing.TB, serials ...int64) []byte {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: today().AddDate(0, 0, -3), NextUpdate: today().AddDate(0, 1, 0)}
	for _, n := range serials {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(n), RevocationTime: today().AddDate(0, 0, -4)})
	}
	raw, err := x509.CreateRevocationList(rand.Reader, list, s.csca, s.cscaKey)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRevokedSigners(t *testing.T) {
	t.Parallel()
	de, at, rogue := newState(t, "DE", elliptic256, nil), newState(t, "AT", rsa2048, nil), newState(t, "DE", elliptic256, nil)
	flipped := de.revocations(t, 77)
	flipped[len(flipped)-5] ^= 1
	forged := bytes.Clone(rogue.revocations(t, 77))
	for name, c := range map[string]struct {
		list    []byte
		codes   string // of a passport of DE, whose signer is number 77
		problem string
	}{
		"the signer":         {de.revocations(t, 5, 77), "signer_revoked", ""},
		"another signer":     {de.revocations(t, 5, 78), "", ""},
		"nobody":             {de.revocations(t), "", ""},
		"another state's 77": {at.revocations(t, 77), "", ""},
		"a stranger's list":  {forged, "", "revocations_not_trusted"},
		"a flipped bit":      {flipped, "", "revocations_not_trusted"},
		"no list":            {[]byte("hello"), "", "revocations_malformed"},
	} {
		dir := t.TempDir()
		putTrust(t, dir, "de.cer", de.csca.Raw)
		putTrust(t, dir, "at.cer", at.csca.Raw)
		putTrust(t, dir, "x.crl", c.list)
		trust := NewTrust(dir)
		got := verify(t, de.passport(t, passportOf{}), trust)
		if codesOf(got) != c.codes || got.Authentic != (c.codes == "") {
			t.Errorf("%s: %q, want %q", name, codesOf(got), c.codes)
		}
		problem := ""
		for _, p := range trust.State().Problems {
			problem += p.Code
		}
		if problem != c.problem || len(trust.State().Sources) != map[bool]int{true: 3, false: 2}[c.problem == ""] {
			t.Errorf("%s: problems %q, sources %+v", name, problem, trust.State().Sources)
		}
	}
}

// FuzzTrustFiles puts any bytes among the trusted files as a master list, a
// revocation list and a certificate: nothing stops, and what is not signed by the
// state that is trusted adds no other state.
func FuzzTrustFiles(f *testing.F) {
	de, at := newState(f, "DE", elliptic256, nil), newState(f, "AT", elliptic256, nil)
	good := at.passport(f, passportOf{})
	list := masterList(f, de, listPurpose(), today(), de)
	f.Add(list, byte(0))
	f.Add(list[:len(list)/2], byte(0))
	f.Add(masterList(f, at, listPurpose(), today(), at), byte(0))
	f.Add(de.revocations(f, 5, 77), byte(1))
	f.Add(de.csca.Raw, byte(2))
	f.Fuzz(func(t *testing.T, raw []byte, kind byte) {
		dir := t.TempDir()
		putTrust(t, dir, "de.cer", de.csca.Raw)
		putTrust(t, dir, "x"+[]string{".ml", ".crl", ".cer"}[kind%3], raw)
		trust := NewTrust(dir)
		got := verify(t, good, trust)
		if state := trust.State(); state.Certificates < 1 || kind%3 == 1 && state.Certificates != 1 {
			t.Errorf("%+v", state)
		}
		if got.Authentic && kind%3 < 2 {
			t.Error("a passport of a state that nobody trusted is authentic")
		}
	})
}
