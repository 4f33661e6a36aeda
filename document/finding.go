package document

import (
	"sort"
	"strings"

	"bonafide/kyc"
)

// Severities of findings: critical contradicts the document, warning asks for
// a person, info is for the record.
const (
	critical = "critical"
	warning  = "warning"
	info     = "info"
)

// zoneFindings says what the zone itself speaks against: check digits that do
// not verify, codes and dates that do not exist, repairs.
func zoneFindings(z *zone, p *sheetPage, numberSeen bool) []kyc.Reason {
	m := z.mrz
	l, _ := layoutOf(m.Lines)
	var out []kyc.Reason
	add := func(code, severity, message string, at span) {
		out = append(out, kyc.Reason{Code: code, Severity: severity, Message: message, Region: z.region(p, at)})
	}
	called := map[string]string{"number": "the document number", "dob": "the date of birth", "expiry": "the expiry date", "optional": "the optional data", "composite": "the whole zone"}
	for _, c := range l.checks {
		if !m.Checks[c.name] {
			at := c.over[0]
			if c.name == "composite" {
				at = c.at
			}
			// A digit that fails in one reading only may be OCR's fault; that is
			// for a person to see, not a reason to refuse somebody.
			severity, message := critical, "The check digit over "+called[c.name]+" does not verify."
			if !z.agreed {
				severity, message = warning, "The check digit over "+called[c.name]+" does not verify, but the zone could not be read the same way twice; the picture may be unclear."
			}
			add("mrz_check_digit_failed", severity, message, at)
		}
	}
	for _, d := range m.Doubts {
		switch d {
		case "unknown_issuer":
			add("unknown_issuer", warning, "The issuing state's code is none of ICAO Doc 9303.", l.issuer)
		case "unknown_nationality":
			add("unknown_nationality", warning, "The nationality's code is none of ICAO Doc 9303.", l.nationality)
		case "impossible_date_of_birth":
			add("impossible_date_of_birth", critical, "The date of birth does not exist or lies in the future.", l.dob)
		case "impossible_expiry":
			add("impossible_expiry", critical, "The expiry date does not exist or lies before the birth.", l.expiry)
		case "digit_in_name", "no_name":
			add("name_unreadable", warning, "The name in the zone could not be read as a name.", l.names)
		case "document_class", "bad_sex":
			add("mrz_implausible", warning, "The zone holds a character that Doc 9303 does not allow there.", l.class)
		}
	}
	switch {
	case m.guessed() && !numberSeen:
		add("mrz_repaired", warning, "One character of the zone was chosen by its check digit and is not confirmed by the printed text; compare the two.", span{0, 0, l.width})
	case m.Repaired:
		add("mrz_repaired", info, "Look-alike characters of the zone were put right after OCR.", span{0, 0, l.width})
	}
	if m.NameTruncated {
		add("name_truncated", info, "The name fills its field in the zone and may be longer.", l.names)
	}
	return out
}

// visualFindings says where the printed text contradicts the zone. Printed
// text that was not found says nothing.
func visualFindings(z *zone, p *sheetPage, names nameCheck, nearNumber string) []kyc.Reason {
	l, _ := layoutOf(z.mrz.Lines)
	var out []kyc.Reason
	if names.near != "" {
		out = append(out, kyc.Reason{Code: "name_unconfirmed", Severity: warning, Region: z.region(p, l.names),
			Message: "A printed name is almost, but not quite, the name in the machine-readable zone; compare the two."})
	}
	if nearNumber != "" {
		out = append(out, kyc.Reason{Code: "number_unconfirmed", Severity: warning, Region: z.region(p, l.number),
			Message: "A printed number is almost, but not quite, the document number in the machine-readable zone; compare the two."})
	}
	return out
}

// specimenFindings recognises documents that are published examples. Numbers
// and names are those of specimen documents that states and ICAO show in
// public.
func specimenFindings(z *zone, p *sheetPage) []kyc.Reason {
	l, _ := layoutOf(z.mrz.Lines)
	f := z.mrz.Fields
	var out []kyc.Reason
	if Fictional(f.Issuer) || Fictional(f.Nationality) {
		out = append(out, kyc.Reason{Code: "fictional_issuer", Severity: critical, Region: z.region(p, l.issuer),
			Message: "The issuing state does not exist (UTO is ICAO's example); this is no identity document."})
	}
	number := strings.ReplaceAll(f.Number, "<", "")
	name := f.Surname + " " + f.GivenNames
	switch {
	case contains(specimenNumbers(), number), strings.Trim(strings.TrimLeft(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "0") == "" && len(number) >= 7:
		out = append(out, kyc.Reason{Code: "specimen_document", Severity: critical, Region: z.region(p, l.number),
			Message: "The document number is that of a published specimen."})
	default:
		for _, s := range specimenNames() {
			if strings.Contains(" "+name+" ", " "+s+" ") {
				out = append(out, kyc.Reason{Code: "specimen_document", Severity: critical, Region: z.region(p, l.names),
					Message: "The name is that of a published specimen."})
				break
			}
		}
	}
	return out
}

func specimenNumbers() []string {
	return []string{"L898902C3", "L898902C", "D23145890", "D231458907", "D23145890734", "L8988901C", "C01X00T47", "C01XYCCG9", "T22000129", "L01X00T47", "LZ6311T47", "007007007", "99003853", "123456789", "AAA100001"}
}

func specimenNames() []string {
	return []string{"SPECIMEN", "MUSTERMANN", "ERIKSSON ANNA MARIA", "KOWALSKA KWIATKOWSKA", "MUSTER", "VZOR", "VZOREC", "MINTA", "CITIZEN JANE", "SAMPLE"}
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// editingFindings reports that a file passed through a program made for
// changing pictures. That a file carries no such trace means nothing.
func editingFindings(p *sheetPage) []kyc.Reason {
	e := p.meta.Editor()
	if e == "" || p.number > 0 {
		return nil
	}
	return []kyc.Reason{{Code: "editing_software", Severity: warning, Region: &kyc.Region{Upload: p.upload, W: 1, H: 1},
		Message: "The file's metadata names a program for editing pictures (" + e + ")."}}
}

// sortFindings puts the most serious first and leaves the rest in order.
func sortFindings(list []kyc.Reason) {
	rank := map[string]int{critical: 0, warning: 1, info: 2}
	sort.SliceStable(list, func(i, j int) bool { return rank[list[i].Severity] < rank[list[j].Severity] })
}
