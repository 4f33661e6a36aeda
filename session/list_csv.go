package session

import (
	"strconv"
	"strings"

	"bonafide/kyc"
)

// RowOf reads a row of a list's CSV by the names of its columns (lower case):
// value, date_of_birth, note, latitude, longitude and radius_km have a meaning,
// others are kept as they are. The apostrophe that Inert put in front of a cell
// is taken off again, so that a list that was exported means the same when it
// comes back. bad names a column that must be a number and is none. A row may be
// shorter than its header.
func RowOf(header, row []string) (v kyc.ListValue, bad string) {
	for i, name := range header[:min(len(header), len(row))] {
		cell := active(strings.TrimSpace(row[i]))
		if cell == "" {
			continue
		}
		var number *float64
		switch name {
		case "value":
			v.Value = cell
		case "date_of_birth":
			v.DateOfBirth = cell
		case "note":
			v.Note = cell
		case "latitude":
			number = &v.Latitude
		case "longitude":
			number = &v.Longitude
		case "radius_km":
			number = &v.RadiusKM
		default:
			if v.Extra == nil {
				v.Extra = map[string]string{}
			}
			v.Extra[name] = cell
		}
		if number == nil {
			continue
		}
		n, err := strconv.ParseFloat(cell, 64)
		if err != nil || n != n || n > 1e6 || n < -1e6 {
			return v, name
		}
		*number = n
	}
	return v, ""
}

// Inert puts an apostrophe in front of a cell that a spreadsheet would take for a
// formula (OWASP, CSV Injection).
func Inert(s string) string {
	if s != "" && strings.ContainsRune(formulaStarts, rune(s[0])) {
		return "'" + s
	}
	return s
}

// active takes the apostrophe off again that Inert has put in front.
func active(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune(formulaStarts, rune(s[1])) {
		return s[1:]
	}
	return s
}

// formulaStarts are the characters that make a spreadsheet take a cell for a
// formula and that a value of ours may begin with. A plus is left out: phone
// numbers begin with it.
const formulaStarts = "=@\t\r"
