package chip

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// masterList makes a list of states' certificates that the publisher's list
// signer signed.
func masterList(t testing.TB, publisher *state, purposes []asn1.ObjectIdentifier, at time.Time, states ...*state) []byte {
	t.Helper()
	signing := &state{country: publisher.country, csca: publisher.csca, cscaKey: publisher.cscaKey, signerKey: elliptic256(t)}
	signing.newSigner(t, func(c *x509.Certificate) { c.UnknownExtKeyUsage = purposes })
	var all [][]byte
	for _, s := range states {
		all = append(all, s.csca.Raw)
	}
	content := element([]byte{0x30}, der(t, 0), element([]byte{0x31}, all...))
	return signing.signed(t, asn1.ObjectIdentifier{2, 23, 136, 1, 1, 2}, content, at, signing.signer, signing.signerKey)
}

func listPurpose() []asn1.ObjectIdentifier {
	return []asn1.ObjectIdentifier{{2, 23, 136, 1, 1, 3}}
}

func TestTrustFolder(t *testing.T) {
	t.Parallel()
	de, at, fr, rogue := newState(t, "DE", elliptic256, nil), newState(t, "AT", rsa2048, nil), newState(t, "FR", elliptic256, nil), newState(t, "DE", elliptic256, nil)
	signed := today().AddDate(0, -1, 0)
	list := masterList(t, de, listPurpose(), signed, at, fr, de)
	problemOf := func(s TrustState) string {
		var out []string
		for _, p := range s.Problems {
			out = append(out, p.File+":"+p.Code)
			if p.Message == "" {
				t.Errorf("%+v has no message", p)
			}
		}
		return strings.Join(out, " ")
	}
	flipped := bytes.Clone(list)
	flipped[len(flipped)-5] ^= 1
	for name, c := range map[string]struct {
		files    map[string][]byte
		count    int
		problems string
	}{
		"list beside its publisher": {map[string][]byte{"l.ml": list, "de.cer": de.csca.Raw}, 3, ""},
		"list alone":                {map[string][]byte{"l.ml": list}, 0, "l.ml:list_not_trusted"},
		"list beside a stranger":    {map[string][]byte{"l.ml": list, "x.cer": rogue.csca.Raw}, 1, "l.ml:list_not_trusted"},
		"list with a flipped bit":   {map[string][]byte{"l.ml": flipped, "de.cer": de.csca.Raw}, 1, "l.ml:list_not_trusted"},
		"list of a document signer": {map[string][]byte{"l.ml": masterList(t, de, nil, signed, at), "de.cer": de.csca.Raw}, 1, "l.ml:list_not_trusted"},
		"list of nothing":           {map[string][]byte{"l.ml": masterList(t, de, listPurpose(), signed), "de.cer": de.csca.Raw}, 1, "l.ml:list_malformed"},
		"PEM with two":              {map[string][]byte{"a.pem": append(pemOf(de), pemOf(at)...)}, 2, ""},
		"the same twice":            {map[string][]byte{"a.pem": pemOf(de), "b.crt": de.csca.Raw}, 1, ""},
		"a document signer":         {map[string][]byte{"a.cer": authorityless(t, de)}, 0, "a.cer:not_an_authority"},
		"no certificate":            {map[string][]byte{"a.cer": []byte("hello"), "b.ml": []byte("hello"), "notes.txt": []byte("x")}, 0, "a.cer:not_a_certificate b.ml:list_malformed"},
		"too large":                 {map[string][]byte{"a.cer": make([]byte, maxTrustFile+1)}, 0, "a.cer:too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for n, raw := range c.files {
				putTrust(t, dir, n, raw)
			}
			got := NewTrust(dir).State()
			if got.Certificates != c.count || problemOf(got) != c.problems {
				t.Errorf("%d certificates, problems %q; want %d, %q", got.Certificates, problemOf(got), c.count, c.problems)
			}
			if _, has := c.files["l.ml"]; has && c.problems == "" && !got.AsOf.Equal(signed) {
				t.Errorf("as of %v, want the day of signing %v", got.AsOf, signed)
			}
			// What was loaded is what counts.
			for _, s := range []*state{de, at, fr} {
				ok := verify(t, s.passport(t, passportOf{}), NewTrust(dir)).Authentic
				if want := slices.Contains(got.Countries, s.country) && name != "list beside a stranger"; ok != want {
					t.Errorf("a passport of %s: %v, want %v", s.country, ok, want)
				}
			}
		})
	}
}

func pemOf(s *state) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.csca.Raw})
}

// authorityless is a certificate that says it certifies nobody.
func authorityless(t testing.TB, s *state) []byte {
	t.Helper()
	one := &state{country: s.country, csca: s.csca, cscaKey: s.cscaKey, signerKey: s.signerKey}
	one.newSigner(t, func(c *x509.Certificate) { c.BasicConstraintsValid = true })
	return one.signer.Raw
}

// A list that is named alone is verified with the certificates beside it, and
// only the list counts.
func TestTrustFile(t *testing.T) {
	t.Parallel()
	de, at := newState(t, "DE", elliptic256, nil), newState(t, "AT", elliptic256, nil)
	dir := t.TempDir()
	path := putTrust(t, dir, "l.ml", masterList(t, de, listPurpose(), today(), at))
	putTrust(t, dir, "de.cer", de.csca.Raw)
	trust := NewTrust(path)
	if got := trust.State(); got.Certificates != 1 || !slices.Equal(got.Countries, []string{"AT"}) || len(got.Problems) > 0 {
		t.Errorf("%+v", got)
	}
	if verify(t, de.passport(t, passportOf{}), trust).Authentic || !verify(t, at.passport(t, passportOf{}), trust).Authentic {
		t.Error("the list's publisher is trusted, or the list is not")
	}
	if got := NewTrust(putTrust(t, dir, "notes.txt", nil)).State(); got.Certificates != 0 || len(got.Problems) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestTrustReloads(t *testing.T) {
	t.Parallel()
	de, at := newState(t, "DE", elliptic256, nil), newState(t, "AT", elliptic256, nil)
	dir := filepath.Join(t.TempDir(), "trust")
	trust := NewTrust(dir)
	files := at.passport(t, passportOf{})
	if got := trust.State(); got.Certificates != 0 || len(got.Problems) != 0 {
		t.Errorf("a folder that is not there: %+v", got)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	putTrust(t, dir, "a.cer", de.csca.Raw)
	if verify(t, files, trust).Authentic || trust.State().Certificates != 1 {
		t.Error("the new file is not seen")
	}
	putTrust(t, dir, "b.cer", at.csca.Raw)
	if !verify(t, files, trust).Authentic {
		t.Error("the second file is not seen")
	}
	if err := os.Remove(filepath.Join(dir, "b.cer")); err != nil {
		t.Fatal(err)
	}
	if verify(t, files, trust).Authentic {
		t.Error("the certificate counts after its file is gone")
	}
}

// The lists that the authorities publish.
func TestPublishedMasterLists(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "shared", "data", "csca")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the published master lists are not here")
	}
	got := NewTrust(dir).State()
	if len(got.Problems) > 0 || got.Certificates < 600 || len(got.Countries) < 90 || len(got.Sources) != 4 {
		t.Errorf("%d certificates of %v, sources %+v, problems %+v", got.Certificates, got.Countries, got.Sources, got.Problems)
	}
	for _, s := range got.Sources {
		if s.Kind == "master_list" && (s.Certificates < 400 || s.Skipped > 0 || s.AsOf.Year() != 2026) {
			t.Errorf("%+v", s)
		}
	}
	t.Logf("%d certificates, as of %s, %v", got.Certificates, got.AsOf, got.Countries)
	// Each of the two roots only certifies its own list.
	for _, pair := range [][2]string{{"DE_ML_2026-05-28-08-28-45.ml", "NL_ROOT_CA.cer"}, {"NL_ML_2026-07-22.ml", "DE_ROOT_CA_CSCA07.cer"}} {
		alone := t.TempDir()
		for _, name := range pair {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			putTrust(t, alone, name, raw)
		}
		if got := NewTrust(alone).State(); got.Certificates != 1 || len(got.Problems) != 1 || got.Problems[0].Code != "list_not_trusted" {
			t.Errorf("%v: %+v", pair, got)
		}
	}
}

// notebook keeps what is logged.
type notebook struct{ b *bytes.Buffer }

func (m notebook) Enabled(context.Context, slog.Level) bool { return true }
func (m notebook) WithAttrs([]slog.Attr) slog.Handler       { return m }
func (m notebook) WithGroup(string) slog.Handler            { return m }
func (m notebook) Handle(_ context.Context, r slog.Record) error {
	m.b.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool { m.b.WriteString(" " + a.String()); return true })
	m.b.WriteByte('\n')
	return nil
}

// The library writes to the program's default log. Whatever the level, nothing
// of the person reaches it. Not parallel: it changes the default log.
func TestChipLeavesNoPersonalDataInTheLog(t *testing.T) {
	var b bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(notebook{&b}))
	t.Cleanup(func() { slog.SetDefault(before) })
	de, rogue := newState(t, "DE", elliptic256, nil), newState(t, "DE", rsa2048, nil)
	good := de.passport(t, passportOf{})
	flipped := chipWith(good, 1, good.DataGroups[1])
	flipped.SOD[len(flipped.SOD)-5] ^= 1
	trust := trusting(t, de)
	for _, files := range []Files{good, flipped, rogue.passport(t, passportOf{}), chipWith(good, 1, bytes.Replace(good.DataGroups[1], []byte("TESTPERSON"), []byte("TESTPARSON"), 1))} {
		verify(t, files, trust)
	}
	logged := strings.ToUpper(b.String())
	portrait := "61206E6F62" // hex of a part of the portrait
	for _, secret := range []string{"TESTPERSON", "TESTPARSON", "ALBA", "X0T4W7Z12", "900517", "54455354504552534F4E", "5830543457375A3132", portrait} {
		if strings.Contains(logged, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
