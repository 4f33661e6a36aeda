package document

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseEveryFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		lines  []string
		want   MRZFields
		format Format
		kind   Kind
	}{
		// The worked examples of ICAO Doc 9303, parts 4 to 7.
		{"TD3", []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
			MRZFields{Type: "P", Issuer: "UTO", Number: "L898902C3", Nationality: "UTO", DOB: "740812", Expiry: "120415", Sex: "F", Surname: "ERIKSSON", GivenNames: "ANNA MARIA", Optional1: "ZE184226B", DateOfBirth: "1974-08-12", ExpiryDate: "2012-04-15", IssuingCountry: "UTO", NationalityCountry: "UTO"}, TD3, Passport},
		{"TD1", []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
			MRZFields{Type: "I", Issuer: "UTO", Number: "D23145890", Nationality: "UTO", DOB: "740812", Expiry: "120415", Sex: "F", Surname: "ERIKSSON", GivenNames: "ANNA MARIA", DateOfBirth: "1974-08-12", ExpiryDate: "2012-04-15", IssuingCountry: "UTO", NationalityCountry: "UTO"}, TD1, IDCard},
		{"TD1 with a long number", []string{"I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"},
			MRZFields{Type: "I", Issuer: "UTO", Number: "D23145890734", Nationality: "UTO", DOB: "340712", Expiry: "950712", Sex: "M", Surname: "STEVENSON", GivenNames: "PETER JOHN", DateOfBirth: "1934-07-12", ExpiryDate: "1995-07-12", IssuingCountry: "UTO", NationalityCountry: "UTO"}, TD1, IDCard},
		{"TD2", []string{"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"},
			MRZFields{Type: "I", Issuer: "UTO", Number: "D23145890", Nationality: "UTO", DOB: "740812", Expiry: "120415", Sex: "F", Surname: "ERIKSSON", GivenNames: "ANNA MARIA", DateOfBirth: "1974-08-12", ExpiryDate: "2012-04-15", IssuingCountry: "UTO", NationalityCountry: "UTO"}, TD2, IDCard},
		{"MRV-A", []string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"},
			MRZFields{Type: "V", Issuer: "UTO", Number: "L8988901C", Nationality: "XXX", DOB: "400907", Expiry: "961210", Sex: "F", Surname: "ERIKSSON", GivenNames: "ANNA MARIA", Optional1: "6ZE184226B", DateOfBirth: "1940-09-07", ExpiryDate: "1996-12-10", IssuingCountry: "UTO", NationalityCountry: "XXX"}, MRVA, Visa},
		{"MRV-B", []string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"},
			MRZFields{Type: "V", Issuer: "UTO", Number: "L8988901C", Nationality: "XXX", DOB: "400907", Expiry: "961210", Sex: "F", Surname: "ERIKSSON", GivenNames: "ANNA MARIA", DateOfBirth: "1940-09-07", ExpiryDate: "1996-12-10", IssuingCountry: "UTO", NationalityCountry: "XXX"}, MRVB, Visa},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := Parse(c.lines, today())
			if err != nil {
				t.Fatal(err)
			}
			if m.Format != c.format || m.Kind() != c.kind || m.Fields != c.want {
				t.Errorf("got %s %s %+v\nwant %+v", m.Format, m.Kind(), m.Fields, c.want)
			}
			if !m.Valid || m.Repaired || len(m.Doubts) > 0 || m.NameTruncated {
				t.Errorf("checks %v, repairs %v, doubts %v", m.Checks, m.Repairs, m.Doubts)
			}
			// Every character under a check digit matters.
			for line := range c.lines {
				for pos := range c.lines[line] {
					l, _ := layoutOf(c.lines)
					if !covered(l, line, pos) {
						continue
					}
					changed := slices.Clone(c.lines)
					old := changed[line][pos]
					other := '0' + (old-'0'+1)%10
					if old < '0' || old > '9' {
						other = '7'
					}
					changed[line] = changed[line][:pos] + string(other) + changed[line][pos+1:]
					if CheckDigit(string(old)) != CheckDigit(string(other)) && parse(l, changed, today()).Valid {
						t.Errorf("line %d position %d changed and everything verifies", line, pos)
					}
				}
			}
		})
	}
}

func covered(l layout, line, pos int) bool {
	for _, c := range l.checks {
		for _, s := range append(c.over, c.at) {
			if s.line == line && pos >= s.from && pos < s.to {
				return true
			}
		}
	}
	return false
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{
		nil, {""}, {"P<UTO"}, {strings.Repeat("<", 44)}, {strings.Repeat("a", 44), strings.Repeat("<", 44)},
		{strings.Repeat("<", 44), strings.Repeat("<", 36)}, {strings.Repeat("É", 15), strings.Repeat("<", 30), strings.Repeat("<", 30)},
		{"V<" + strings.Repeat("<", 34), strings.Repeat("<", 44)},
	} {
		if _, err := Parse(lines, today()); err == nil || err.Code != "mrz_malformed" {
			t.Errorf("%q: %v", lines, err)
		}
	}
}

func TestOptionalCheckDigitMayBeFillerOrZero(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		digit, optional string
		valid           bool
	}{{"0", "", true}, {"<", "", true}, {"<", "A1", false}, {"1", "", false}} {
		lines := td3Lines("P<", "DEU", "MUSTER", "EVA", "C01X00T47", "DEU", "640812", "F", "310228", c.optional)
		body := lines[1][:42] + c.digit
		lines[1] = body + string(CheckDigit(body[:10]+body[13:20]+body[21:43]))
		if m, err := Parse(lines, today()); err != nil || m.Checks["optional"] != c.valid {
			t.Errorf("digit %q over %q: %v %v", c.digit, c.optional, m.Checks, err)
		}
	}
}

func TestLongNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number, tail string
		ok                 bool
	}{
		{"filler left out of the sum", "D23145890", "734", true},
		{"nothing behind the filler", "D23145890", "", false},
		{"only a check digit", "D23145890", "9<", false},
	} {
		tail := c.tail
		if c.ok {
			tail += string(CheckDigit(c.number + c.tail))
		}
		first := pad("I<UTO"+c.number+"<"+tail, 30)
		second := "3407127M9507122UTO<<<<<<<<<<<"
		second += string(CheckDigit(first[5:30] + second[0:7] + second[8:15] + second[18:29]))
		m, err := Parse([]string{first, second, pad("STEVENSON<<PETER", 30)}, today())
		if err != nil || m.Checks["number"] != c.ok || c.ok && m.Fields.Number != c.number+c.tail {
			t.Errorf("%s: %+v %v", c.name, m, err)
		}
	}
}

func TestDatesOfTwoDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		yymmdd, birth, expiry string
		born, ends            bool
	}{
		{"740812", "1974-08-12", "2074-08-12", true, true},
		{"261120", "2026-11-20", "2026-11-20", true, true},
		{"261122", "1926-11-22", "2026-11-22", true, true}, // nobody is born tomorrow
		{"980104", "1998-01-04", "1998-01-04", true, true},
		{"350101", "1935-01-01", "2035-01-01", true, true},
		{"000229", "2000-02-29", "2000-02-29", true, true},
		{"010229", "", "", false, false},
		{"991301", "", "", false, false},
		{"8507<<", "", "", true, true},
		{"<<<<<<", "", "", true, true},
		{"85<7<<", "", "", false, false},
		{"ABCDEF", "", "", false, false},
	} {
		if got, ok := birthDate(c.yymmdd, today()); got != c.birth || ok != c.born {
			t.Errorf("birth %s: %q %v", c.yymmdd, got, ok)
		}
		if got, ok := expiryDate(c.yymmdd, today()); got != c.expiry || ok != c.ends {
			t.Errorf("expiry %s: %q %v", c.yymmdd, got, ok)
		}
	}
}

func TestCountries(t *testing.T) {
	t.Parallel()
	if len(isoCodes) != 249*6 {
		t.Errorf("the table holds %d bytes, 249 countries need %d", len(isoCodes), 249*6)
	}
	for code, want := range map[string]string{
		"DEU": "DE", "D<<": "DE", "D": "DE", "GBR": "GB", "GBD": "GB", "GBN": "GB", "GBO": "GB", "GBP": "GB", "GBS": "GB", "RKS": "XK", "XKX": "XK",
		"ROU": "RO", "TWN": "TW", "COD": "CD", "UNO": "UNO", "UNA": "UNA", "UNK": "UNK", "XXA": "XXA", "XXB": "XXB", "XXC": "XXC", "XXX": "XXX",
		"XOM": "XOM", "XPO": "XPO", "EUE": "EUE", "UTO": "UTO",
	} {
		if got, known := Country(code); got != want || !known {
			t.Errorf("%s: %q %v, want %q", code, got, known, want)
		}
	}
	for _, code := range []string{"", "MLD", "132", "DDR", "QQQ", "DE", "<<<", "UT0"} {
		if got, known := Country(code); known {
			t.Errorf("%q is known as %q", code, got)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for field, want := range map[string][2]string{
		"ERIKSSON<<ANNA<MARIA<<<<<<<<<<":  {"ERIKSSON", "ANNA MARIA"},
		"VAN<DER<MUELLEN<<JAN<<<<<<<<<<":  {"VAN DER MUELLEN", "JAN"},
		"ARKFREITH<<<<<<<<<<<<<<<<<<<<<":  {"ARKFREITH", ""},
		"ESPANOLA<ESPANOLA<CARMEN<<<<<<":  {"ESPANOLA ESPANOLA CARMEN", ""},
		"NILAVADHANANANDA<<CHAYAPA<DEJTH": {"NILAVADHANANANDA", "CHAYAPA DEJTH"},
	} {
		if surname, given := splitName(field); surname != want[0] || given != want[1] {
			t.Errorf("%s: %q %q", field, surname, given)
		}
	}
	m, _ := Parse(td3Lines("P<", "UTO", "NILAVADHANANANDA", "CHAYAPA<DEJTHAMRONG<KRASUANG", "L898902C3", "UTO", "740812", "F", "320415", ""), today())
	if !m.NameTruncated {
		t.Error("a name that fills its field is not called truncated")
	}
}

// recognise runs lines through the OCR side of the room.
func recognise(lines ...string) (candidate, bool) {
	var text []textLine
	for i, s := range lines {
		l := textLine{text: s, top: float64(40 * i), foot: float64(40*i + 30)}
		for k := range []rune(s) {
			l.left, l.right = append(l.left, float64(20*k)), append(l.right, float64(20*k+18))
		}
		text = append(text, l)
	}
	return findMRZ(text, today())
}

func TestRepairs(t *testing.T) {
	t.Parallel()
	good := []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}
	plain := td3Lines("P<", "DEU", "WEBER", "EVA", "H73351946", "DEU", "640812", "F", "310228", "")
	for _, c := range []struct {
		name  string
		lines []string
		want  []string
		valid bool
	}{
		{"as it is", good, good, true},
		{"letters in dates", []string{good[0], "L898902C36UTO74O8I22F12O4159ZE184226B<<<<<1O"}, good, true},
		{"digits in codes and names", []string{"P<UT0ER1KSS0N<<ANNA<MAR1A<<<<<<<<<<<<<<<<<<<", "L898902C36UT07408122F1204159ZE184226B<<<<<10"}, good, true},
		{"one look-alike in the number", []string{plain[0], strings.Replace(plain[1], "H73351946", "H733S1946", 1)}, plain, true},
		{"several look-alikes verify, so none is taken", []string{good[0], "L89B902C36UTO7408122F1204159ZE184226B<<<<<10"}, nil, false},
		{"two errors stay", []string{plain[0], strings.Replace(plain[1], "H73351946", "H733S19H6", 1)}, nil, false},
		{"no look-alike, no repair", []string{good[0], "L898902H36UTO7408122F1204159ZE184226B<<<<<10"}, nil, false},
		{"fillers read as letters", []string{"PKUTOERIKSSON<<ANNA<MARIAKX<K<<<<<<<<K<<<<<<", good[1]}, good, true},
		{"more letters behind the name", []string{"P<UTOERIKSSON<<ANNA<MARIA<<<GGGSKS<<<KKKK<<<", good[1]}, good, true},
		{"a run of fillers miscounted", []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<10"}, good, true},
		{"blanks and marks around it", []string{"UTOPIA PASSPORT", ". P<UTO ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36 UTO7408122F1204159 ZE184226B<<<<<10 -"}, good, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, found := recognise(c.lines...)
			if !found {
				t.Fatal("nothing was found")
			}
			if got.mrz.Valid != c.valid || c.want != nil && !slices.Equal(got.mrz.Lines, c.want) {
				t.Errorf("valid %v\n got %q\nwant %q\nrepairs %v", got.mrz.Valid, got.mrz.Lines, c.want, got.mrz.Repairs)
			}
			if c.want != nil && !slices.Equal(c.lines, c.want) && !got.mrz.Repaired && c.name != "a run of fillers miscounted" && c.name != "blanks and marks around it" {
				t.Error("a repair was not recorded")
			}
		})
	}
}

// F and P, ten apart, weigh the same: the check digits cannot tell them apart,
// so nobody may try to repair one into the other.
func TestLettersTenApartCollide(t *testing.T) {
	t.Parallel()
	right := td3Lines("P<", "POL", "NOWAK", "EWA", "PL1234567", "POL", "800208", "F", "310505", "")
	wrong := td3Lines("P<", "POL", "NOWAK", "EWA", "FL1234567", "POL", "800208", "F", "310505", "")
	if right[1][9] != wrong[1][9] || right[1][43] != wrong[1][43] {
		t.Fatal("the example is wrong: the check digits differ")
	}
	got, found := recognise(wrong...)
	if !found || !got.mrz.Valid || got.mrz.Repaired || got.mrz.Fields.Number != "FL1234567" {
		t.Fatalf("got %+v", got.mrz)
	}
	// The printed text can: it is why a near number is a finding.
	var v visual
	v.addText("Passport No. PL 1234567")
	if seen, near := v.checkNumber("FL1234567"); seen || near != "PL1234567" {
		t.Errorf("seen %v, near %q", seen, near)
	}
	if seen, near := v.checkNumber("PL1234567"); !seen || near != "" {
		t.Errorf("seen %v, near %q", seen, near)
	}
}

// A garbled first line above a second line that verifies is no reason to stop
// looking.
func TestGarbledFirstLineIsNotGood(t *testing.T) {
	t.Parallel()
	lines := td3Lines("P<", "DEU", "WEBER", "EVA", "C01X00T48", "DEU", "640812", "F", "310228", "")
	lines[0] = "WIGO<<EBE5R<EVA<<K<<<<<<<<<<<<<<<<<<<<<<<<<<"
	got, found := recognise(lines...)
	if !found || !got.mrz.Valid || got.good() {
		t.Errorf("found %v good %v: %+v", found, got.good(), got.mrz)
	}
	lines[0] = "P<MLDWEBER<<EVA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"
	if got, _ := recognise(lines...); got.good() || !slices.Contains(got.mrz.Doubts, "unknown_issuer") {
		t.Errorf("issuer MLD: %+v", got.mrz)
	}
}

func TestInitialsAndNamesInKStay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"NOVAK<<JACK", "LI<<X", "BLACK<<ANNA<K", "KCX<<KIM", "ISAK<<PATRICK<C"} {
		lines := td3Lines("P<", "DEU", name, "", "C01X00T48", "DEU", "640812", "F", "310228", "")
		lines[0] = pad("P<DEU"+name, 44)
		if got, found := recognise(lines...); !found || got.mrz.Lines[0] != lines[0] {
			t.Errorf("%s became %s (%v)", lines[0], got.mrz.Lines[0], got.mrz.Repairs)
		}
	}
}

func TestNearNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		printed         string
		surname, given  string
		confirmed, near bool
	}{
		{"Surname\nUNITED\nGiven names\nJOHN", "UMITED", "JOHN", false, true},
		{"Surname\nUNITED\nGiven names\nJOHN", "UNITED", "JOHN", true, false},
		{"MÜLLER\nJosé", "MUELLER", "JOSE", true, false},
		{"nothing of the kind", "ERIKSSON", "ANNA MARIA", false, false},
		{"ER1KSSON ANNA MARIA", "ERIKSSON", "ANNA MARIA", true, false},
		{"surname eriksson", "ERIKSSOM", "", false, false}, // running text is no name
	} {
		var v visual
		v.addText(c.printed)
		got := v.checkName(MRZFields{Surname: c.surname, GivenNames: c.given})
		if got.confirmed != c.confirmed || (got.near != "") != c.near {
			t.Errorf("%q against %q %q: %+v", c.printed, c.surname, c.given, got)
		}
	}
}

func TestSpecimensAreKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines []string
		code  string
	}{
		{td3Lines("P<", "POL", "NOWAK", "EWA", "AA0000000", "POL", "800208", "F", "310505", ""), "specimen_document"},
		{td3Lines("P<", "DEU", "MUSTERMANN", "ERIKA", "C01X11T47", "DEU", "640812", "F", "310228", ""), "specimen_document"},
		{td3Lines("P<", "UTO", "LIND", "EVA", "X1234567", "UTO", "640812", "F", "310228", ""), "fictional_issuer"},
		{td3Lines("P<", "POL", "NOWAK", "EWA", "AB1234567", "POL", "800208", "F", "310505", ""), ""},
	} {
		m, err := Parse(c.lines, today())
		if err != nil {
			t.Fatal(err)
		}
		z := &zone{candidate: candidate{mrz: m, places: make([]place, 2)}, view: view{img: image.NewGray(image.Rect(0, 0, 1, 1))}}
		got := specimenFindings(z, &sheetPage{})
		if (c.code == "") != (len(got) == 0) || len(got) > 0 && got[0].Code != c.code {
			t.Errorf("%q: %v, want %q", c.lines[1], got, c.code)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10")
	f.Add("I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<")
	f.Add("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		if m, err := Parse(lines, today()); err == nil {
			if again, err := Parse(m.Lines, today()); err != nil || again.Fields != m.Fields {
				t.Error("parsing its own lines gives something else")
			}
		}
		if c, found := recognise(lines...); found {
			again, err := Parse(c.mrz.Lines, today())
			if err != nil || again.Valid != c.mrz.Valid {
				t.Errorf("what was recognised does not parse: %v", err)
			}
			for _, p := range c.places {
				if p.x1 < p.x0 {
					t.Errorf("a line ends before it begins: %+v", p)
				}
			}
		}
	})
}

func BenchmarkParseTD3(b *testing.B) {
	lines := []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		if m, err := Parse(lines, now); err != nil || !m.Valid {
			b.Fatal(err)
		}
	}
}
