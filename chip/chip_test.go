package chip

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func verify(t testing.TB, files Files, trust *Trust, printed ...kyc.Field) Report {
	t.Helper()
	return Verify(t.Context(), files, Options{Trust: trust, Now: today(), Printed: printed})
}

// codesOf lists the reasons that speak against a chip.
func codesOf(r Report) string {
	var out []string
	for _, one := range r.Reasons {
		if one.Severity != info {
			out = append(out, one.Code)
		}
	}
	return strings.Join(out, " ")
}

// chipWith is a copy of files with one data group replaced; nil takes it out.
func chipWith(files Files, n int, content []byte) Files {
	out := Files{SOD: bytes.Clone(files.SOD), DataGroups: maps.Clone(files.DataGroups)}
	if content == nil {
		delete(out.DataGroups, n)
	} else {
		out.DataGroups[n] = content
	}
	return out
}

func TestPassiveAuthentication(t *testing.T) {
	t.Parallel()
	de, at := newState(t, "DE", elliptic256, nil), newState(t, "AT", rsa2048, nil)
	rogue := newState(t, "DE", elliptic256, nil)
	trust := trusting(t, de, at)
	good := de.passport(t, passportOf{})
	other := de.passport(t, passportOf{number: "Y1T4W7Z13", birth: "880101"})
	flipped := chipWith(good, 99, nil)
	flipped.SOD[len(flipped.SOD)-5] ^= 1
	expired := newState(t, "DE", elliptic256, nil)
	expired.csca, expired.cscaKey = de.csca, de.cscaKey
	expired.newSigner(t, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = today().AddDate(-11, 0, 0), today().AddDate(-1, 0, 0)
	})
	made := func(change func(*x509.Certificate), p passportOf) Files {
		s := newState(t, "DE", elliptic256, nil)
		s.csca, s.cscaKey = de.csca, de.cscaKey
		s.newSigner(t, change)
		return s.passport(t, p)
	}
	for name, c := range map[string]struct {
		files Files
		codes string
	}{
		"good, P-256":                                 {good, ""},
		"good, RSA":                                   {at.passport(t, passportOf{}), ""},
		"good, with date of issue":                    {de.passport(t, passportOf{issued: "20260101", sign: today().AddDate(0, -2, 0)}), ""},
		"good, content type of plain data":            {de.passport(t, passportOf{content: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}}), ""},
		"expired document":                            {de.passport(t, passportOf{expiry: "240101"}), ""},
		"DG1 altered, its check digits right":         {chipWith(good, 1, other.DataGroups[1]), "data_group_altered"},
		"portrait altered":                            {chipWith(good, 2, element([]byte{0x75}, []byte("another portrait"))), "data_group_altered"},
		"DG12 injected":                               {chipWith(good, 12, []byte{0x6c, 0}), "data_group_not_covered"},
		"DG3, which the library leaves out, injected": {chipWith(good, 3, []byte{0x63, 0}), "data_group_not_covered"},
		"signature flipped":                           {flipped, "signature_invalid"},
		"state not trusted":                           {rogue.passport(t, passportOf{}), "signer_not_trusted"},
		"signer expired":                              {expired.passport(t, passportOf{}), "signer_expired"},
		"signer not valid yet":                        {made(func(c *x509.Certificate) { c.NotBefore = today().AddDate(0, 1, 0) }, passportOf{}), "signer_not_yet_valid"},
		"issued before its signer was":                {de.passport(t, passportOf{issued: "20200101"}), "signer_not_valid_at_issue"},
		"signed before its signer was":                {de.passport(t, passportOf{sign: today().AddDate(-5, 0, 0)}), "signer_not_valid_at_issue"},
		"signer of master lists":                      {made(func(c *x509.Certificate) { c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{2, 23, 136, 1, 1, 3}} }, passportOf{}), "signer_not_for_documents"},
		"signer that may not sign":                    {made(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, passportOf{}), "signer_not_for_documents"},
		"signer that is an authority":                 {made(func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }, passportOf{}), "signer_not_for_documents"},
		"another state's zone":                        {de.passport(t, passportOf{issuer: "FRA"}), "issuer_differs"},
		"a zone of nobody's":                          {de.passport(t, passportOf{issuer: "XXX"}), "issuer_unconfirmed"},
		"the invented state":                          {de.passport(t, passportOf{issuer: "UTO"}), "fictional_issuer"},
		"hashed with SHA-1":                           {de.passport(t, passportOf{hash: oidSHA1}), "hash_algorithm_weak"},
		"hashed with MD5":                             {de.passport(t, passportOf{hash: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}}), "hash_algorithm_unsupported"},
		"only DG1":                                    {chipWith(good, 2, nil), "dg2_missing"},
		"only DG2":                                    {chipWith(good, 1, nil), "dg1_missing"},
		"no data group":                               {Files{SOD: good.SOD}, "dg1_missing dg2_missing"},
		"no signed object":                            {Files{DataGroups: good.DataGroups}, "sod_missing"},
		"nothing":                                     {Files{}, "dg1_missing dg2_missing sod_missing"},
		"signed object of another chip":               {Files{SOD: other.SOD, DataGroups: good.DataGroups}, "data_group_altered"},
		"data group 17":                               {chipWith(good, 17, []byte{1}), "data_group_unknown"},
		"empty DG2":                                   {chipWith(good, 2, []byte{}), "data_group_empty"},
		"huge DG2":                                    {chipWith(good, 2, make([]byte, maxDG+1)), "data_group_too_large"},
		"huge signed object":                          {Files{SOD: make([]byte, maxSOD+1), DataGroups: good.DataGroups}, "sod_too_large"},
		"signed object cut short":                     {Files{SOD: good.SOD[:len(good.SOD)-1], DataGroups: good.DataGroups}, "sod_malformed"},
		"signed object with a tail":                   {Files{SOD: append(bytes.Clone(good.SOD), 0), DataGroups: good.DataGroups}, "sod_malformed"},
		"signed object of another type":               {de.passport(t, passportOf{content: asn1.ObjectIdentifier{2, 23, 136, 1, 1, 2}}), "sod_malformed"},
		"DG1 without a zone":                          {resigned(t, de, good, []byte{0x61, 0}), "dg1_malformed"},
		"DG1 with a wrong check digit":                {resigned(t, de, good, bytes.Replace(good.DataGroups[1], []byte("X0T4W7Z12"), []byte("X0T4W7Z13"), 1)), "dg1_check_digit_failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := verify(t, c.files, trust)
			if !sameWords(codesOf(got), c.codes) {
				t.Errorf("reasons %q, want %q", codesOf(got), c.codes)
			}
			if got.Status != kyc.StatusOK || got.Authentic != (c.codes == "") || got.ChipAuthenticity != NotProven {
				t.Errorf("%+v", got)
			}
			if got.Authentic != (len(got.Fields) > 0) || got.Authentic != got.Has("passive_authentication_passed") {
				t.Errorf("authentic %v with fields %v and reasons %v", got.Authentic, got.Fields, got.Reasons)
			}
			if _, err := json.Marshal(got); err != nil {
				t.Error(err)
			}
		})
	}
}

// resigned puts another data group 1 onto a chip and signs it.
func resigned(t *testing.T, s *state, files Files, dg1 []byte) Files {
	t.Helper()
	out := chipWith(files, 1, dg1)
	out.SOD = s.sign(t, out.DataGroups, passportOf{})
	return out
}

func sameWords(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func TestFields(t *testing.T) {
	t.Parallel()
	de := newState(t, "DE", elliptic256, nil)
	got := verify(t, de.passport(t, passportOf{issued: "20260101"}), trusting(t, de))
	values := map[string]string{}
	for _, f := range got.Fields {
		values[f.Name] = f.Value
		if f.Source != "chip" || f.Confidence != 1 {
			t.Errorf("%+v", f)
		}
	}
	want := map[string]string{"document_type": "passport", "first_name": "ALBA SYNTHETIC", "last_name": "TESTPERSON", "full_name": "ALBA SYNTHETIC TESTPERSON",
		"date_of_birth": "1990-05-17", "sex": "F", "nationality": "DE", "issuing_country": "DE", "document_number": "X0T4W7Z12", "expiry_date": "2031-01-19"}
	if !maps.Equal(values, want) {
		t.Errorf("fields %v\nwant %v", values, want)
	}
	if !slices.Equal(got.Given, []int{1, 2, 12}) || !slices.Equal(got.Covered, []int{1, 2, 12}) || got.IssuedOn.Format(time.DateOnly) != "2026-01-01" {
		t.Errorf("%+v", got)
	}
	if got.Signer == nil || got.Signer.Country != "DE" || got.Signer.Serial != big.NewInt(77).Text(16) || got.State == nil || got.State.Country != "DE" {
		t.Errorf("signer %+v, state %+v", got.Signer, got.State)
	}
	if old := verify(t, de.passport(t, passportOf{expiry: "240101"}), trusting(t, de)); !old.Expired || !old.Has("document_expired") || !old.Authentic {
		t.Errorf("an expired document: %+v", old)
	}
}

func TestChipAgainstThePrintedDocument(t *testing.T) {
	t.Parallel()
	de := newState(t, "DE", elliptic256, nil)
	trust, files := trusting(t, de), de.passport(t, passportOf{})
	printed := []kyc.Field{{Name: "document_number", Value: "x0t4w7z12"}, {Name: "date_of_birth", Value: "1990-05-17"}, {Name: "expiry_date", Value: "2031-01-19"},
		{Name: "issuing_country", Value: "DE"}, {Name: "nationality", Value: "de"}, {Name: "sex", Value: "F"}}
	got := verify(t, files, trust, printed...)
	if !got.Authentic || !got.Matches || len(got.Compared) != 6 {
		t.Errorf("%+v", got)
	}
	if got := verify(t, files, trust); !got.Matches || len(got.Compared) != 0 {
		t.Errorf("nothing to compare: %+v", got)
	}
	for field, c := range map[string][2]string{"document_number": {"X0T4W7Z13", "chip_number_differs"}, "date_of_birth": {"1990-05-18", "chip_birth_date_differs"},
		"expiry_date": {"2032-01-19", "chip_expiry_differs"}, "issuing_country": {"AT", "chip_issuer_differs"},
		"nationality": {"AT", "chip_nationality_differs"}, "sex": {"M", "chip_sex_differs"}} {
		changed := slices.Clone(printed)
		changed[slices.IndexFunc(changed, func(f kyc.Field) bool { return f.Name == field })].Value = c[0]
		got := verify(t, files, trust, changed...)
		if got.Matches || !got.Authentic || codesOf(got) != c[1] {
			t.Errorf("%s: %v %v %s", field, got.Matches, got.Authentic, codesOf(got))
		}
	}
}

func TestChipWithoutTrust(t *testing.T) {
	t.Parallel()
	de := newState(t, "DE", elliptic256, nil)
	files := de.passport(t, passportOf{})
	for name, trust := range map[string]*Trust{"nil": nil, "empty folder": NewTrust(t.TempDir()), "no folder": NewTrust(filepath.Join(t.TempDir(), "none"), "")} {
		if got := verify(t, files, trust); got.Status != kyc.StatusNotConfigured || got.Authentic || len(got.Fields) > 0 || !got.Has("trust_not_configured") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := Verify(t.Context(), files, Options{Trust: trusting(t, de), Now: today().Add(2 * DefaultTrustAge)}); got.Status != kyc.StatusOK || !got.Authentic {
		t.Errorf("a certificate without a list: %+v", got)
	}
	dir := t.TempDir()
	putTrust(t, dir, "de.cer", de.csca.Raw)
	putTrust(t, dir, "l.ml", masterList(t, de, listPurpose(), today(), de))
	trust := NewTrust(dir)
	late := Verify(t.Context(), files, Options{Trust: trust, Now: today().Add(DefaultTrustAge + time.Hour)})
	if late.Status != kyc.StatusStale || late.Authentic || len(late.Fields) > 0 || !late.Has("trust_stale") {
		t.Errorf("old trust: %+v", late)
	}
	if got := Verify(t.Context(), files, Options{Trust: trust, Now: today().AddDate(0, 0, 300), MaxAge: 301 * 24 * time.Hour}); got.Status != kyc.StatusOK || !got.Authentic {
		t.Errorf("trust within a longer limit: %+v", got)
	}
}

func TestDataGroupOf(t *testing.T) {
	t.Parallel()
	for first, want := range map[byte]int{0x61: 1, 0x75: 2, 0x6b: 11, 0x70: 16, 0x77: 0, 0x60: 0} {
		if got := DataGroupOf([]byte{first, 0}); got != want {
			t.Errorf("%x: %d, want %d", first, got, want)
		}
	}
	if DataGroupOf(nil) != 0 {
		t.Error("nothing is a data group")
	}
}

// The examples of the shared data: ten files of synthetic documents with the
// verdict that is expected of each.
func TestSharedChips(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "shared", "data", "documents", "dev", "emrtd")
	raw, err := os.ReadFile(filepath.Join(dir, "expect.json"))
	if err != nil {
		t.Skip("the shared chips are not here")
	}
	var expect map[string]struct {
		PassiveAuth string `json:"passive_auth"`
	}
	if err := json.Unmarshal(raw, &expect); err != nil || len(expect) < 7 {
		t.Fatalf("%d cases, %v", len(expect), err)
	}
	for name, want := range expect {
		files := Files{DataGroups: map[int][]byte{}}
		files.SOD, _ = os.ReadFile(filepath.Join(dir, name, "EF_SOD.bin"))
		for n, file := range map[int]string{1: "EF_DG1.bin", 2: "EF_DG2.bin"} {
			if raw, err := os.ReadFile(filepath.Join(dir, name, file)); err == nil {
				files.DataGroups[n] = raw
			}
		}
		trust := NewTrust(filepath.Join(dir, "csca-trusted.der"))
		now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		got := Verify(t.Context(), files, Options{Trust: trust, Now: now})
		verdict := "pass"
		for _, r := range got.Reasons {
			switch {
			case r.Severity == critical:
				verdict = "fail"
			case r.Severity == warning && verdict == "pass":
				verdict = "warn"
			}
		}
		if verdict != want.PassiveAuth || got.Authentic != (verdict == "pass") {
			t.Errorf("%s: %s (authentic %v), want %s: %s", name, verdict, got.Authentic, want.PassiveAuth, codesOf(got))
		}
	}
}

// A chip against the lists of all states: one look at the folder and three
// signatures.
func BenchmarkVerifyChip(b *testing.B) {
	lists := filepath.Join("..", "..", "shared", "data", "csca")
	de := newState(b, "DE", elliptic256, nil)
	dir := b.TempDir()
	putTrust(b, dir, "de.cer", de.csca.Raw)
	trust := NewTrust(dir, lists)
	files := de.passport(b, passportOf{issued: "20260101"})
	if got := verify(b, files, trust); !got.Authentic {
		b.Fatalf("%+v", got)
	}
	b.ReportAllocs()
	for b.Loop() {
		verify(b, files, trust)
	}
}
