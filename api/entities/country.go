package entities

import (
	"strings"

	"bonafide/kyc"
)

// countryTable are the 249 countries of ISO 3166-1, alpha-2 and alpha-3, and
// Kosovo: its code is user-assigned, but passports carry it, and refusing it
// would shut people out.
const countryTable = "" +
	"AD:AND AE:ARE AF:AFG AG:ATG AI:AIA AL:ALB AM:ARM AO:AGO AQ:ATA AR:ARG AS:ASM AT:AUT " +
	"AU:AUS AW:ABW AX:ALA AZ:AZE BA:BIH BB:BRB BD:BGD BE:BEL BF:BFA BG:BGR BH:BHR BI:BDI " +
	"BJ:BEN BL:BLM BM:BMU BN:BRN BO:BOL BQ:BES BR:BRA BS:BHS BT:BTN BV:BVT BW:BWA BY:BLR " +
	"BZ:BLZ CA:CAN CC:CCK CD:COD CF:CAF CG:COG CH:CHE CI:CIV CK:COK CL:CHL CM:CMR CN:CHN " +
	"CO:COL CR:CRI CU:CUB CV:CPV CW:CUW CX:CXR CY:CYP CZ:CZE DE:DEU DJ:DJI DK:DNK DM:DMA " +
	"DO:DOM DZ:DZA EC:ECU EE:EST EG:EGY EH:ESH ER:ERI ES:ESP ET:ETH FI:FIN FJ:FJI FK:FLK " +
	"FM:FSM FO:FRO FR:FRA GA:GAB GB:GBR GD:GRD GE:GEO GF:GUF GG:GGY GH:GHA GI:GIB GL:GRL " +
	"GM:GMB GN:GIN GP:GLP GQ:GNQ GR:GRC GS:SGS GT:GTM GU:GUM GW:GNB GY:GUY HK:HKG HM:HMD " +
	"HN:HND HR:HRV HT:HTI HU:HUN ID:IDN IE:IRL IL:ISR IM:IMN IN:IND IO:IOT IQ:IRQ IR:IRN " +
	"IS:ISL IT:ITA JE:JEY JM:JAM JO:JOR JP:JPN KE:KEN KG:KGZ KH:KHM KI:KIR KM:COM KN:KNA " +
	"KP:PRK KR:KOR KW:KWT KY:CYM KZ:KAZ LA:LAO LB:LBN LC:LCA LI:LIE LK:LKA LR:LBR LS:LSO " +
	"LT:LTU LU:LUX LV:LVA LY:LBY MA:MAR MC:MCO MD:MDA ME:MNE MF:MAF MG:MDG MH:MHL MK:MKD " +
	"ML:MLI MM:MMR MN:MNG MO:MAC MP:MNP MQ:MTQ MR:MRT MS:MSR MT:MLT MU:MUS MV:MDV MW:MWI " +
	"MX:MEX MY:MYS MZ:MOZ NA:NAM NC:NCL NE:NER NF:NFK NG:NGA NI:NIC NL:NLD NO:NOR NP:NPL " +
	"NR:NRU NU:NIU NZ:NZL OM:OMN PA:PAN PE:PER PF:PYF PG:PNG PH:PHL PK:PAK PL:POL PM:SPM " +
	"PN:PCN PR:PRI PS:PSE PT:PRT PW:PLW PY:PRY QA:QAT RE:REU RO:ROU RS:SRB RU:RUS RW:RWA " +
	"SA:SAU SB:SLB SC:SYC SD:SDN SE:SWE SG:SGP SH:SHN SI:SVN SJ:SJM SK:SVK SL:SLE SM:SMR " +
	"SN:SEN SO:SOM SR:SUR SS:SSD ST:STP SV:SLV SX:SXM SY:SYR SZ:SWZ TC:TCA TD:TCD TF:ATF " +
	"TG:TGO TH:THA TJ:TJK TK:TKL TL:TLS TM:TKM TN:TUN TO:TON TR:TUR TT:TTO TV:TUV TW:TWN " +
	"TZ:TZA UA:UKR UG:UGA UM:UMI US:USA UY:URY UZ:UZB VA:VAT VC:VCT VE:VEN VG:VGB VI:VIR " +
	"VN:VNM VU:VUT WF:WLF WS:WSM XK:XKX YE:YEM YT:MYT ZA:ZAF ZM:ZMB ZW:ZWE "

// countryRow is the length of one row of the table.
const countryRow = len("AD:AND ")

// alpha2 is the code that the house uses for an alpha-3 code in any case.
func alpha2(alpha3 string) (string, bool) {
	alpha3 = strings.ToUpper(strings.TrimSpace(alpha3))
	if len(alpha3) != 3 {
		return "", false
	}
	for i := 0; i < len(countryTable); i += countryRow {
		if countryTable[i+3:i+6] == alpha3 {
			return countryTable[i : i+2], true
		}
	}
	return "", false
}

// alpha3 is the code that this surface shows for an alpha-2 code. What is no
// code of ours (an issuer such as UNO, or nothing) is shown as it is.
func alpha3(alpha2 string) string {
	if len(alpha2) != 2 {
		return alpha2
	}
	for i := 0; i < len(countryTable); i += countryRow {
		if countryTable[i:i+2] == alpha2 {
			return countryTable[i+3 : i+6]
		}
	}
	return alpha2
}

// reading gathers what is wrong with an input while it is translated.
type reading struct{ problems []kyc.Problem }

func (r *reading) add(path, code, message string) {
	r.problems = append(r.problems, kyc.Problem{Path: path, Code: code, Message: message})
}

// country reads an alpha-3 code; empty stays empty.
func (r *reading) country(path, code string) string {
	if strings.TrimSpace(code) == "" {
		return ""
	}
	got, ok := alpha2(code)
	if !ok {
		r.add(path, "country_code_invalid", "a country is three letters of ISO 3166-1, such as AUS")
	}
	return got
}

// err is nil, or all that is wrong.
func (r *reading) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return invalid(r.problems...)
}

// outward shows free data of the house (supplementaryData, a summary) to the
// outside: the countries in it become alpha-3. What is given is not changed.
func outward(v map[string]any) map[string]any {
	if v == nil {
		return nil
	}
	out, _ := turned("", v, alpha3).(map[string]any)
	return out
}

// turned copies a tree and translates the texts that are countries by the name
// of their member.
func turned(name string, v any, country func(string) string) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			if key == "code" && isCountries(name) {
				out[key] = turned("country", inner, country)
				continue
			}
			out[key] = turned(key, inner, country)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = turned(name, inner, country)
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = turned(name, inner, country)
		}
		return out
	case []string:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = turned(name, inner, country)
		}
		return out
	case string:
		if isCountry(name) || isCountries(name) {
			return country(v)
		}
	}
	return v
}

// isCountry reports whether a member of that name holds a country.
func isCountry(name string) bool {
	lower := strings.ToLower(name)
	return lower == "nationality" || lower == "citizenship" || strings.HasSuffix(lower, "country") || strings.HasSuffix(lower, "countrycode") ||
		strings.HasPrefix(lower, "countryof")
}

// isCountries reports whether a member of that name is a list of countries, or
// of objects that have one as their code.
func isCountries(name string) bool {
	lower := strings.ToLower(name)
	return lower == "nationalities" || strings.HasSuffix(lower, "countries")
}
