package aamva

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// card builds a payload: a header with the directory, and the elements.
func card(head string, elements ...string) string {
	return "@\n\x1e\r" + head + strings.Join(elements, "\n") + "\r"
}

const head10 = "ANSI 636026100002DL00410200ZA02410020DL"

func modern(more ...string) string {
	return card(head10, append([]string{"DAQD12345678", "DCSQUILLFEATHER", "DDEN", "DACZOLTAN", "DDFN", "DADXERXES", "DDGN", "DBB02291996", "DBD03012020",
		"DBA02292028", "DBC1", "DAU070 IN", "DAYHAZ", "DAZSDY", "DAW180", "DAG1 TEST AVE", "DAHUNIT 2", "DAIPHOENIX", "DAJAZ", "DAK850010000  ", "DCGUSA",
		"DCFABC123", "DCUJR", "DDAF", "DDK1", "DDL1"}, more...)...)
}

func TestModernCard(t *testing.T) {
	t.Parallel()
	l, err := Parse(modern("\rZAZAAHello", "ZAB"))
	if err != nil {
		t.Fatal(err)
	}
	if l.Kind != "driving_licence" || l.IIN != "636026" || l.Version != 10 || l.FullName() != "ZOLTAN XERXES QUILLFEATHER JR" ||
		l.DateOfBirth != "1996-02-29" || l.IssueDate != "2020-03-01" || l.ExpiryDate != "2028-02-29" || l.Sex != "M" || l.Eyes != "hazel" || l.Hair != "sandy" ||
		l.HeightCM != 178 || l.WeightKG != 82 || l.Address() != "1 TEST AVE, UNIT 2, PHOENIX, AZ 85001" || l.Country != "US" || l.Issuer.Region != "AZ" ||
		l.Number != "D12345678" || l.Discriminator != "ABC123" || l.RealID != "full" || !l.OrganDonor || !l.Veteran || l.LimitedDuration || len(l.Doubts) != 0 ||
		l.Elements["ZAA"] != "Hello" || l.FamilyTruncated {
		t.Errorf("%+v", l)
	}
}

// Editions after the newest one that is known here count further and keep the
// elements: nothing of such a card is lost, and it says which edition it is of.
func TestCardsOfLaterEditions(t *testing.T) {
	t.Parallel()
	want, err := Parse(modern())
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []int{11, 12, 99} {
		got, err := Parse(strings.Replace(modern(), "ANSI 63602610", fmt.Sprintf("ANSI 636026%02d", version), 1))
		if err != nil || got.Version != version {
			t.Fatalf("%d: %v %+v", version, err, got)
		}
		got.Version = want.Version
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d: %+v", version, got)
		}
	}
}

// The ways in which real codes differ from the standard change nothing.
func TestSameCardWrittenOtherwise(t *testing.T) {
	t.Parallel()
	want, err := Parse(modern())
	if err != nil {
		t.Fatal(err)
	}
	text := modern()
	for name, other := range map[string]string{
		"byte order mark":   "\ufeff" + text,
		"leading blanks":    "   \r\n\t" + text,
		"bars":              strings.NewReplacer("\n", "|", "\x1e", "", "\r", "").Replace(text),
		"carriage returns":  strings.ReplaceAll(text, "\n", "\r\n"),
		"record separators": strings.ReplaceAll(text, "\n", "\x1e"),
		"no preamble":       strings.TrimPrefix(text, "@\n\x1e\r"),
		"keys for signs":    strings.Replace(text, "@\n\x1e\r", "@\n6M", 1),
		"type on its own":   strings.Replace(text, "DLDAQ", "DL\nDAQ", 1),
		"no type":           strings.Replace(text, "0020DLDAQ", "0020DAQ", 1),
		"no directory":      strings.Replace(text, "DL00410200ZA02410020", "DLabac", 1),
		"padding":           strings.ReplaceAll(text, "DACZOLTAN", "DACZOLTAN                    "),
		"none for nothing":  strings.Replace(text, "DAG1 TEST", "DCINONE\nDBNunavl\nDAG1 TEST", 1),
		"dates turned":      strings.NewReplacer("02291996", "19960229", "03012020", "20200301", "02292028", "20280229").Replace(text),
		"given in one":      strings.NewReplacer("DACZOLTAN\n", "DCTZOLTAN,XERXES\n", "DADXERXES\n", "").Replace(text),
		"repeated outside":  strings.TrimSuffix(text, "\r") + "\n\rZAZAAX\nDAQ999\nDBB01011950\r",
		"a lost terminator": strings.Replace(text, "DBA02292028\n", "", 1) + "DBA02292028MZAZAAX",
	} {
		got, err := Parse(other)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want.Elements, got.Elements = nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", name, got, want)
		}
	}
}

func TestDoubts(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]string{
		"DBB02291996|DBB02301996":       "impossible_date_of_birth",
		"DBA02292028|DBA13452028":       "impossible_expiry_date",
		"DBD03012020|DBD00000000":       "",
		"DBD03012020|DBD99999999":       "impossible_issue_date",
		"DBD03012020|DBD03012029":       "dates_out_of_order",
		"DBB02291996|DBB02282030":       "dates_out_of_order",
		"DDK1|DDJ02282017":              "",
		"DDK1|DDJ03012017":              "",
		"DDK1|DDJ02282019":              "age_dates_differ",
		"DDK1|DDH06012014":              "age_dates_differ",
		"636026|636099":                 "unknown_issuer",
		"DAJAZ|DAJCA":                   "issuer_differs",
		"DCGUSA|DCGCAN":                 "issuer_differs",
		"DDK1|DAQX99":                   "element_repeated",
		"DDK1|DAQD12345678":             "",
		"DCSQUILLFEATHER|DCS":           "",
		"DDAF|DDAZ":                     "",
		"DAJAZ|DAJ":                     "",
		"DAK850010000  |DAKnot a code!": "",
	} {
		from, to, _ := strings.Cut(change, "|")
		l, err := Parse(strings.Replace(modern(), from, to, 1))
		if err != nil || strings.Join(l.Doubts, " ") != want {
			t.Errorf("%s: %v, %v, want %q", change, l.Doubts, err, want)
		}
	}
}

func TestNamesOfOldCards(t *testing.T) {
	t.Parallel()
	for element, want := range map[string]string{
		"DAAWILLIAMS,SUSAN,T":                   "WILLIAMS|SUSAN|T|",
		"DAACORTEZ,PABLO,,JR":                   "CORTEZ|PABLO||JR",
		"DAAJONES,MARCIA MOTORIST":              "JONES|MARCIA|MOTORIST|",
		"DAATESTER,JOEY, MIDLAND":               "TESTER|JOEY|MIDLAND|",
		"DAADE LA CRUZ$MARIA$JOSE":              "DE LA CRUZ|MARIA|JOSE|",
		"DAAJOHN ROBERT LEE JOHNSON SMITH":      "SMITH|JOHN|ROBERT LEE JOHNSON|",
		"DAAJOHN P SMITH JR":                    "SMITH|JOHN|P|JR",
		"DAAPLATO":                              "PLATO|||",
		"DABWILLIAMS\nDACSUSAN\nDADT\nDAEIII":   "WILLIAMS|SUSAN|T|III",
		"DCSTESTER,   \nDCTMARY,ANN":            "TESTER|MARY|ANN|",
		"DCSTESTER\nDACMARY\nDADNONE\nDCUunavl": "TESTER|MARY||",
		"DCSO NEIL\nDACMOTORIST E\nDAD":         "O NEIL|MOTORIST E||",
		"DCSTESTER\nDACunavl\nDADunavl\nDDFU":   "TESTER|||",
		"DCSNAMETHATDOESNOTFI\nDDET\nDACMARY":   "NAMETHATDOESNOTFI|MARY||",
		"DAA, ,":                                "|||",
	} {
		l, err := Parse(card("ANSI 6360250101DL00290100DL", "DAQ1", element, "DBB19860202"))
		if got := strings.Join([]string{l.FamilyName, l.FirstName, l.MiddleNames, l.Suffix}, "|"); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", element, got, err, want)
		}
		if strings.Contains(element, "DDET") != l.FamilyTruncated || strings.HasPrefix(element, "DAAJOHN") != l.OrderUnknown {
			t.Errorf("%q: truncated %v, order unknown %v", element, l.FamilyTruncated, l.OrderUnknown)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{"064 IN": 163, "72 IN": 183, "155 CM": 155, "505": 165, "5'05\"": 165, "5-11": 180, "600": 183, "512": 0, "999 IN": 0, "": 0, "tall": 0} {
		if got := height(s); got != want {
			t.Errorf("height %q: %d, want %d", s, got, want)
		}
	}
	for _, c := range []struct {
		pounds, kilograms string
		want              int
	}{{"160", "", 73}, {"50 KG", "", 50}, {"", "80", 80}, {"180 LB", "", 82}, {"", "", 0}, {"9999", "", 0}, {"slim", "", 0}} {
		if got := weight(c.pounds, c.kilograms); got != c.want {
			t.Errorf("weight %+v: %d", c, got)
		}
	}
	for _, c := range [][3]string{{"816350000", "US", "81635"}, {"564311234", "US", "56431-1234"}, {"71901 4455", "US", "71901-4455"}, {"33040-0504", "US", "33040-0504"},
		{"96826     0", "US", "96826"}, {"0210800000", "US", "02108"}, {"19130", "US", "19130"}, {"633011", "US", "633011"}, {"T4G 7A7", "CA", "T4G 7A7"},
		{"n1m3j6", "CA", "N1M 3J6"}, {"06109123400", "US", "06109-1234"}, {"", "US", ""}} {
		if got := postalCode(c[0], c[1]); got != c[2] {
			t.Errorf("%q: %q, want %q", c[0], got, c[2])
		}
	}
	for id, want := range map[string]string{"1": "M", "2": "F", "9": "X", "M": "M", "F": "F", "X": "X", "0": "", "7": "", "": ""} {
		l, _ := Parse(card("ANSI 6360250101DL00290100DL", "DAQ1", "DBC"+id))
		if l.Sex != want {
			t.Errorf("sex %q: %q, want %q", id, l.Sex, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		"": "not_aamva", "https://example.org/ANSI": "not_aamva", strings.Repeat(" ", 100) + modern(): "not_aamva",
		"@\n\x1e\rANSI 636026100002DL00410200DL\r": "aamva_empty",
		strings.Repeat("x", 20<<10):                "barcode_too_long", "ANSI 63602A100002DL00410200DLDAQ1": "not_aamva",
	} {
		if _, err := Parse(text); err == nil || err.Code != code {
			t.Errorf("%.30q: %v, want %s", text, err, code)
		}
		if Looks(text) && code == "not_aamva" {
			t.Errorf("%.30q looks like a licence", text)
		}
	}
	if !Looks(modern()) {
		t.Error("a licence does not look like one")
	}
	if l, err := Parse(card("ANSI 636026060001ID00310100ID", "DAQ1")); err != nil || l.Kind != "id_card" {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	for id, name := range ElementNames() {
		if !isElement(id) || name == "" {
			t.Errorf("%s: %q", id, name)
		}
	}
	seen := map[Issuer]string{}
	for iin, i := range issuers() {
		if twin := seen[i]; twin != "" && i.Region != "AB" || len(iin) != 6 || !slices.Contains([]string{"US", "CA", "MX"}, i.Country) {
			t.Errorf("%s: %+v, also %s", iin, i, twin)
		}
		seen[i] = iin
		if (i.Country == "CA") != slices.Contains(provinces(), i.Region) {
			t.Errorf("%s: %+v", iin, i)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(modern())
	f.Add(modern("ZAZAAHello"))
	f.Add("\ufeff" + strings.ReplaceAll(modern(), "\n", "|"))
	f.Add(card("ANSI 990876030001DLabacDL", "DCSX", "DBB19930204"))
	f.Add(card("AAMVA6360060101DL00290179", "DAACTLIC,ADULT,A", "DDB09212009MZIZIC457"))
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse(text)
		again, _ := Parse(text)
		if !reflect.DeepEqual(l, again) {
			t.Fatal("the same text gave two answers")
		}
		if err != nil {
			return
		}
		if !Looks(text) || len(l.Elements) == 0 || len(l.Elements) > maxElements || len(l.IIN) != 6 || l.Kind == "" {
			t.Fatalf("%+v", l)
		}
		for _, d := range []string{l.DateOfBirth, l.IssueDate, l.ExpiryDate, l.RevisionDate, l.Under18Until, l.Under19Until, l.Under21Until} {
			if _, bad := time.Parse(time.DateOnly, d); d != "" && bad != nil {
				t.Fatalf("%q is no date", d)
			}
		}
	})
}

// dataFolder is the folder of shared data; a test that misses it skips.
func dataFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("BONAFIDE_DATA_FOLDER")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, "documents", "dev", "aamva")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the shared data folder is not there")
	}
	return dir
}

// TestRealPayloads compares every development payload with the table of
// elements that came with it, and with what a person reads in the text.
func TestRealPayloads(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	b, err := os.ReadFile(filepath.Join(dir, "elements.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth map[string]struct {
		Version  string            `json:"aamva_version"`
		Elements map[string]string `json:"elements"`
		IIN      string            `json:"iin"`
	}
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	right, asked := 0, 0
	for file, want := range truth {
		raw, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		l, fail := Parse(string(raw))
		if fail != nil {
			t.Errorf("%s: %v", file, fail)
			continue
		}
		if fmt.Sprintf("%02d", l.Version) != want.Version || l.IIN != want.IIN {
			t.Errorf("%s: version %d, issuer %s", file, l.Version, l.IIN)
		}
		for id, value := range want.Elements {
			if asked++; l.Elements[id] == value {
				right++
			} else {
				t.Errorf("%s %s: %q, want %q", file, id, l.Elements[id], value)
			}
		}
		read, known := readings()[strings.TrimSuffix(file, ".txt")]
		got := strings.Join([]string{l.FamilyName, l.FirstName, l.MiddleNames, l.Suffix, l.DateOfBirth, l.IssueDate, l.ExpiryDate, l.Number, l.Sex,
			l.Country + "-" + l.Issuer.Region, l.Address()}, "|")
		if !known || got != read {
			t.Errorf("%s:\n%s\nwant\n%s", file, got, read)
		}
		if file == "TN.txt" != (l.Kind == "id_card") || (file == "MO.txt") != (len(l.Doubts) > 0) {
			t.Errorf("%s: %s, doubts %v", file, l.Kind, l.Doubts)
		}
	}
	t.Logf("%d of %d elements as in elements.json", right, asked)
}
