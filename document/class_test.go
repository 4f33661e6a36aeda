package document

import (
	"strings"
	"testing"

	"bonafide/kyc"
)

func TestClassOfWords(t *testing.T) {
	t.Parallel()
	bill := `North Valley Energy. Your electricity statement. Account number 4410-22. Bill date 03 Nov 2026.
		Service address: 12 Mill Lane, Harwick, postcode HW1 2AB. Amount due 84.10 EUR`
	for name, c := range map[string]struct {
		text, class, side string
	}{
		"passport":                     {"REPUBLIQUE FRANÇAISE\nPASSEPORT  PASSPORT", ClassPassport, ""},
		"accents":                      {"ŘIDIČSKÝ PRŮKAZ", ClassDrivingLicence, SideFront},
		"licence with its apostrophe":  {"DRIVER'S LICENSE", ClassDrivingLicence, SideFront},
		"licence of a state":           {"CALIFORNIA  DRIVER LICENSE  DL I1234568", ClassDrivingLicence, SideFront},
		"identity card":                {"BUNDESREPUBLIK DEUTSCHLAND PERSONALAUSWEIS", ClassIDCard, SideFront},
		"visa that speaks of passport": {"VISA  Number of passport", ClassVisa, ""},
		"two titles":                   {"Identity card or driving licence accepted", ClassUnknown, ""},
		"bill":                         {bill, ClassProofOfAddress, ""},
		"bill that names a passport":   {bill + " bring your passport", ClassProofOfAddress, ""},
		"invoice of nothing":           {"invoice", ClassUnknown, ""},
		"a letter":                     {strings.Repeat("Dear friend, the weather is fine and the sea is warm. ", 5), ClassUnknown, ""},
		"part of a word":               {"compassports and televisas", ClassUnknown, ""},
		"nothing":                      {"", ClassUnknown, ""},
	} {
		got := classOfWords(c.text)
		if got.Type != c.class || got.Side != c.side || (got.Type == ClassUnknown) != (got.Confidence == 0) || got.Confidence > 0.8 {
			t.Errorf("%s: %+v, want %s %s", name, got, c.class, c.side)
		}
	}
	if a, b := len([]rune(accented)), len(bare); a != b {
		t.Errorf("%d letters with accents, %d without", a, b)
	}
}

func TestClassOfZone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []string
		want  Class
	}{
		"passport":      {[]string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}, Class{ClassPassport, "", 0.99, "zone"}},
		"wrong digit":   {[]string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C37UTO7408122F1204159ZE184226B<<<<<10"}, Class{ClassPassport, "", 0.9, "zone"}},
		"card":          {[]string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}, Class{ClassIDCard, SideBack, 0.99, "zone"}},
		"larger card":   {[]string{"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"}, Class{ClassIDCard, SideFront, 0.99, "zone"}},
		"visa":          {[]string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"}, Class{ClassVisa, "", 0.99, "zone"}},
		"unknown class": {[]string{"X<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}, Class{Type: ClassUnknown}},
	} {
		m, err := Parse(c.lines, today())
		if err != nil {
			t.Fatal(err)
		}
		if got := classOfZone(m); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// A document of two pages keeps the class of each, and of both sides its type.
func TestClassOfADocument(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	lines, _ := example().MRZLines()
	got, err := r.Read(t.Context(), []File{{Bytes: encode(t, drawn(t, example(), lines))}}, today())
	if err != nil || got.Class.Type != ClassPassport || got.Class.Confidence < 0.9 || got.Pages[0].Class != got.Class {
		t.Errorf("%+v, %v", got.Class, err)
	}
	both := Reading{Pages: []Page{{File: 0, Text: "PERSONALAUSWEIS"}, {File: 1}}}
	m, fail := Parse([]string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}, today())
	if fail != nil {
		t.Fatal(fail)
	}
	both.MRZ = &m
	both.Fields = append(both.Fields, kyc.Field{Name: "sex", Source: "mrz", Region: &kyc.Region{Upload: "back"}})
	both.Pages[1].Upload, both.Pages[0].Upload = "back", "front"
	classify(&both, func(page int) string { return both.Pages[page].Text })
	if both.Class.Type != ClassIDCard || both.Class.Side != "" || both.Pages[0].Class.Side != SideFront || both.Pages[1].Class.Side != SideBack {
		t.Errorf("%+v, pages %+v", both.Class, both.Pages)
	}
}
