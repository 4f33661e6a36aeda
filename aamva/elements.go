package aamva

import "strings"

// ElementNames says what the elements of a DL or ID subfile are, under names
// of ours. The identifiers are those of the AAMVA DL/ID Card Design Standard,
// edition 2020, annex D.12.5, and for version 01 of the edition of 2000.
// Identifiers that begin with Z belong to the jurisdiction and mean what it
// says.
func ElementNames() map[string]string {
	return map[string]string{
		// Who it is.
		"DAA": "full name", "DAB": "family name (version 01)", "DAC": "first name", "DAD": "middle names", "DAE": "name suffix (version 01)",
		"DAF": "name prefix (version 01)", "DCS": "family name", "DCT": "given names (versions 02 and 03)", "DCU": "name suffix",
		"DDE": "family name truncated", "DDF": "first name truncated", "DDG": "middle names truncated",
		"DBB": "date of birth", "DBC": "sex", "DCI": "place of birth", "DCL": "race or ethnicity",
		"DAU": "height", "DAV": "height in centimetres (version 01)", "DAW": "weight in pounds", "DAX": "weight in kilograms", "DCE": "weight range",
		"DAY": "eye colour", "DAZ": "hair colour", "DBK": "social security number (version 01)",
		"DBN": "alias family name (version 01: alias name)", "DBG": "alias first name (version 01: medical codes)", "DBS": "alias suffix", "DBO": "alias family name (version 01)",
		"DBP": "alias first name (version 01)", "DBQ": "alias middle name (version 01)", "DBR": "alias suffix (version 01)", "DBL": "alias date of birth (version 01)",
		// Where they live.
		"DAG": "street", "DAH": "street, second line", "DAI": "city", "DAJ": "state or province", "DAK": "postal code",
		"DAL": "residence street (version 01)", "DAM": "residence street, second line (version 01)", "DAN": "residence city (version 01)",
		"DAO": "residence state (version 01)", "DAP": "residence postal code (version 01)",
		// What it is.
		"DAQ": "document number", "DBA": "expiry date", "DBD": "issue date", "DBE": "issue time (version 01)", "DCF": "document discriminator",
		"DCG": "country", "DCJ": "audit information", "DCK": "inventory control number", "DBF": "number of duplicates (version 01)",
		"DBJ": "customer number (version 01)", "DBM": "alias social security number (version 01)",
		"DDA": "compliance with REAL ID", "DDB": "card revision date", "DDD": "limited duration", "DDC": "dangerous goods endorsement expiry",
		// What they may do.
		"DAR": "vehicle class (version 01)", "DAS": "restrictions (version 01)", "DAT": "endorsements (version 01)",
		"DCA": "vehicle class", "DCB": "restrictions", "DCD": "endorsements", "DCH": "federal commercial vehicle codes",
		"DCM": "standard vehicle class", "DCN": "standard endorsements", "DCO": "standard restrictions", "DCP": "vehicle class in words",
		"DCQ": "endorsements in words", "DCR": "restrictions in words",
		"DDH": "under 18 until", "DDI": "under 19 until", "DDJ": "under 21 until", "DDK": "organ donor", "DDL": "veteran",
		"DBH": "organ donor (version 01)", "DBI": "non-resident (version 01)",
	}
}

// isElement reports whether a text begins with an element of the standard or
// of a jurisdiction.
func isElement(s string) bool {
	if len(s) < 3 || !upper(s[1]) {
		return false
	}
	switch s[0] {
	case 'Z':
		return upper(s[2]) || s[2] >= '0' && s[2] <= '9'
	case 'D':
		return s[1] <= 'D' && upper(s[2])
	}
	return false
}

func upper(c byte) bool { return c >= 'A' && c <= 'Z' }

// blank reports whether a value says that there is none.
func blank(v string) bool {
	switch strings.ToUpper(v) {
	case "", "NONE", "UNAVL", "UNAVAIL", "UNK", "N/A", "NA":
		return true
	}
	return false
}

// eyes and hair are the colours of ANSI D-20, and the spellings that codes
// carry beside them.
func eyes() map[string]string {
	return map[string]string{"BLK": "black", "BLU": "blue", "BLUE": "blue", "BRO": "brown", "BRN": "brown", "BR": "brown", "BROWN": "brown",
		"GRY": "grey", "GRAY": "grey", "GREY": "grey", "GRN": "green", "GREEN": "green", "HAZ": "hazel", "HAZEL": "hazel",
		"MAR": "maroon", "PNK": "pink", "DIC": "dichromatic", "BLACK": "black"}
}

func hair() map[string]string {
	return map[string]string{"BAL": "bald", "BLK": "black", "BLACK": "black", "BLN": "blond", "BLOND": "blond", "BLONDE": "blond",
		"BRO": "brown", "BRN": "brown", "BR": "brown", "BROWN": "brown", "GRY": "grey", "GRAY": "grey", "GREY": "grey",
		"RED": "red", "SDY": "sandy", "WHI": "white", "WHITE": "white"}
}
