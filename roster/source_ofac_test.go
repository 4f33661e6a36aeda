package roster

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// Numbers as OFAC writes them in the remarks of its files of July 2021 and in
// the consolidated list of April 2022.
func TestNumbersOfOFAC(t *testing.T) {
	t.Parallel()
	for remarks, want := range map[string]Identifier{
		"Passport K475336 (Jordan) issued 31 Aug 2009 expires 30 Aug 2014":                      {"passport", "K475336", "JO"},
		"alt. Diplomatic Passport 927820119 (Korea, North)":                                     {"passport", "927820119", "KP"},
		"Stateless Person Passport 0005734":                                                     {"passport", "0005734", ""},
		"National Foreign ID Number 210602197107012X (China)":                                   {"national_id", "210602197107012X", "CN"},
		"Electoral Registry No. RDCRAL69060725H400 (Mexico)":                                    {"national_id", "RDCRAL69060725H400", "MX"},
		"C.U.I.P. BAGB580617H26311471 (Mexico)":                                                 {"national_id", "BAGB580617H26311471", "MX"},
		"C.U.I.T. 30-69720544-5 (Argentina)":                                                    {"tax_id", "30-69720544-5", "AR"},
		"C.U.I. 1587 91406 1201 (Guatemala)":                                                    {"tax_id", "1587 91406 1201", "GT"},
		"RIF # J-00095036-9 (Venezuela)":                                                        {"tax_id", "J-00095036-9", "VE"},
		"Italian Fiscal Code CHRTRK68D11Z352K":                                                  {"tax_id", "CHRTRK68D11Z352K", ""},
		"C.R. No. 12345678 (Lebanon)":                                                           {"registration", "12345678", "LB"},
		"D-U-N-S Number 36-090-0187":                                                            {"registration", "36-090-0187", ""},
		"Business Registration Document # 03405830826 (Italy)":                                  {"registration", "03405830826", "IT"},
		"Aircraft Construction Number (also called L/N or S/N or F/N) 550":                      {"msn", "550", ""},
		"Vessel Registration Identification IMO 9187629":                                        {"imo", "9187629", ""},
		"Identification Number IMO 5342883":                                                     {"imo", "5342883", ""},
		"Company Number IMO 5055293":                                                            {"imo", "5055293", ""},
		"Registration Number 1027700067328 (Russia)":                                            {"registration", "1027700067328", "RU"},
		"alt. Digital Currency Address - XBT 12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h":                {"crypto_xbt", "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", ""},
		"Unified Social Credit Code (USCC) 91210231MA0UGKC44A (China)":                          {"registration", "91210231MA0UGKC44A", "CN"},
		"United Social Credit Code Certificate (USCCC) 91310000132260250X (China) issued 1998":  {"registration", "91310000132260250X", "CN"},
		"Numero Unico de Identificacao Tributaria (NUIT) 300000436 (Mozambique)":                {"tax_id", "300000436", "MZ"},
		"Email Address 'info@example.org'":                                                      {"email", "'info@example.org'", ""},
		"Executive Order 13662 Directive Determination - Subject to Directive 2":                {},
		"Aircraft Model B.747-2J9F":                                                             {},
		"Secondary sanctions risk: section 1(b) of Executive Order 13224, as amended by EO 138": {},
		"Chinese Commercial Code 5012/2507/6772":                                                {},
	} {
		var e Entity
		ofacRemarks(&e, remarks+".")
		if want == (Identifier{}) && len(e.Identifiers) > 0 || want != (Identifier{}) && !slices.Equal(e.Identifiers, []Identifier{want}) {
			t.Errorf("%s: %+v, want %+v", remarks, e.Identifiers, want)
		}
	}
}

func TestListsInsideTheConsolidatedScreeningList(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][2]string{
		"Specially Designated Nationals (SDN) - Treasury Department":                              {"SDN", TopicSanction},
		"Non-SDN Menu-Based Sanctions List (NS-MBS List) - Treasury Department":                   {"NS-MBS", TopicSanction},
		"Non-SDN Chinese Military-Industrial Complex Companies List (CMIC) - Treasury Department": {"CMIC", TopicSanction},
		"Capta List (CAP) - Treasury Department":                                                  {"CAP", TopicSanction},
		"Palestinian Legislative Council List (PLC) - Treasury Department":                        {"PLC", TopicSanction},
		"Nonproliferation Sanctions (ISN) - State Department":                                     {"ISN", TopicSanction},
		"Foreign Sanctions Evaders (FSE) - Treasury Department":                                   {"FSE", TopicSanction},
		"Sectoral Sanctions Identifications List (SSI) - Treasury Department":                     {"SSI", TopicSanction},
		"Denied Persons List (DPL) - Bureau of Industry and Security":                             {"DPL", TopicExport},
		"Entity List (EL) - Bureau of Industry and Security":                                      {"EL", TopicExport},
		"Military End User (MEU) List - Bureau of Industry and Security":                          {"MEU", TopicExport},
		"Unverified List (UVL) - Bureau of Industry and Security":                                 {"UVL", TopicExport},
		"ITAR Debarred (DTC) - State Department":                                                  {"DTC", TopicExport},
	} {
		of := cslList(source)
		if got := [2]string{of, cslTopic(of)}; got != want {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
}

// Aliases that were cut at the end of a line look whole; they end before the names.
func TestOFACAliasesThatEndTooSoonAreRefused(t *testing.T) {
	t.Parallel()
	const entries = 300
	files := func(aliases int) [][]byte {
		var sdn, alt, add strings.Builder
		for i := 1; i <= entries; i++ {
			fmt.Fprintf(&sdn, "%d,\"QUENNELL%d, Orsolya\",\"individual\",\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n", i, i)
			fmt.Fprintf(&add, "%d,%d,-0- ,-0- ,\"Cyprus\",-0- \r\n", i, i)
			if i <= aliases {
				fmt.Fprintf(&alt, "%d,%d,\"aka\",\"VERROCCHIO%d, Ignatz\",-0- \r\n", i, i, i)
			}
		}
		return [][]byte{[]byte(sdn.String()), []byte(alt.String()), []byte(add.String())}
	}
	for aliases, whole := range map[int]bool{300: true, 293: true, 285: false, 200: false} {
		_, err := readBytes(t, "ofac_sdn", []string{"sdn.csv", "alt.csv", "add.csv"}, files(aliases)...)
		if whole && err != nil || !whole && !kyc.IsCode(err, "list_truncated") {
			t.Errorf("%d aliases of %d entries: %v", aliases, entries, err)
		}
	}
}
