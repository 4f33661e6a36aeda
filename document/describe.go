package document

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// describe turns a zone into fields and findings.
func (r *Reader) describe(ctx context.Context, reading *Reading, z *zone, p *sheetPage, sheets []*sheetPage, now time.Time) *kyc.Error {
	m := z.mrz
	reading.MRZ = &m
	reading.Kind = m.Kind()
	for i := range reading.Pages {
		page := &reading.Pages[i]
		if page.File == p.file && page.Page == p.number {
			page.Turned, page.Skew = z.turned, z.skew
			if z.flat != nil || page.Straight != nil {
				page.Straight = p.flat.shown(p, z.turned)
			}
			if z.turned%180 != 0 {
				page.Width, page.Height = page.Height, page.Width
			}
		}
	}
	if p.file == 0 && p.number == 0 && z.turned%180 != 0 {
		reading.Quality.Width, reading.Quality.Height = reading.Quality.Height, reading.Quality.Width
	}
	v, err := r.visual(ctx, z.view, z)
	if err != nil {
		return err
	}
	v = v.on(p)
	if p.text != "" {
		v.addText(p.text)
	}
	reading.VisualText = v.text()
	front, err := r.otherSide(ctx, reading, z, p, sheets)
	if err != nil {
		return err
	}
	if front != nil {
		v = *front
		reading.VisualText += v.text()
	}
	names := v.checkName(m.Fields)
	if !names.confirmed && z.model.name != "mrz" {
		// The general model reads fillers as letters; the mrz model does not.
		if better, ok := v.unstick(z.mrz, now); ok {
			z.mrz = better
			m = better
			names = v.checkName(m.Fields)
		}
	}
	seen, nearNumber := v.checkNumber(strings.ReplaceAll(m.Fields.Number, "<", ""))
	reading.Fields = zoneFields(z, p, names, seen, nearNumber)
	reading.Findings = append(reading.Findings, zoneFindings(z, p, seen)...)
	reading.Findings = append(reading.Findings, visualFindings(z, p, names, nearNumber)...)
	compareVisual(reading, v, z, p, names, seen, nearNumber)
	compareSides(reading, z, p, front != nil)
	reading.Findings = append(reading.Findings, specimenFindings(z, p)...)
	sortFindings(reading.Findings)
	return nil
}

// otherSide reads the print of a card's front. Cards of the size of a bank card
// (TD1) carry the zone on their back (Doc 9303 part 5), where it has little to
// agree with; their front is the first other page. It is nil for other
// documents, and where there is none.
func (r *Reader) otherSide(ctx context.Context, reading *Reading, z *zone, p *sheetPage, sheets []*sheetPage) (*visual, *kyc.Error) {
	at := slices.IndexFunc(sheets, func(s *sheetPage) bool { return s != p })
	if z.mrz.Format != TD1 || at < 0 {
		return nil, nil
	}
	v, err := r.printed(ctx, sheets[at])
	if err != nil {
		return nil, err
	}
	if v.view.flat != nil {
		reading.straightened(sheets[at])
	}
	if sheets[at].text != "" {
		v.addText(sheets[at].text)
	}
	return &v, nil
}

// compareSides says of a card with its zone on the back what its front makes of
// it: a back alone lacks the portrait and what the zone must agree with, and a
// front on which nothing of the zone is found may be any picture. Where the name
// of the zone stands in print on the same page, both sides are on it.
func compareSides(reading *Reading, z *zone, p *sheetPage, front bool) {
	if z.mrz.Format != TD1 {
		return
	}
	agreed, made := false, false
	for _, c := range reading.Comparisons {
		made = made || c.Verdict != NotMade
		agreed = agreed || c.What == "name" && c.Verdict == Agrees
	}
	l, _ := layoutOf(z.mrz.Lines)
	at := z.region(p, l.names)
	switch {
	case !front && !agreed:
		reading.Findings = append(reading.Findings, kyc.Reason{Code: "front_missing", Severity: warning, Region: at,
			Message: "Only the side with the machine-readable zone was handed in; the front with the portrait is needed."})
		reading.compared("front", NotMade, Side{Source: "mrz", Region: at}, Side{Source: "visual"})
	case front && !made:
		reading.Findings = append(reading.Findings, kyc.Reason{Code: "front_not_compared", Severity: warning, Region: at,
			Message: "Nothing of the machine-readable zone could be found in the print of the front; compare the two."})
		reading.compared("front", NotMade, Side{Source: "mrz", Region: at}, Side{Source: "visual"})
	}
}

// compareVisual records how zone and print agree, and holds the dates of the
// two against each other.
func compareVisual(reading *Reading, v visual, z *zone, p *sheetPage, names nameCheck, numberSeen bool, nearNumber string) {
	l, _ := layoutOf(z.mrz.Lines)
	verdict := func(confirmed, near bool) string {
		switch {
		case confirmed:
			return Agrees
		case near:
			return Close
		}
		return NotMade
	}
	_, _, at := v.findNumber(strings.ReplaceAll(z.mrz.Fields.Number, "<", ""))
	reading.compared("name", verdict(names.confirmed, names.near != ""), Side{"mrz", z.region(p, l.names)}, Side{"visual", names.region})
	reading.compared("document_number", verdict(numberSeen, nearNumber != ""), Side{"mrz", z.region(p, l.number)}, Side{"visual", at})
	f := z.mrz.Fields
	var asked []printedDate
	if z.mrz.Checks["dob"] {
		asked = append(asked, printedDate{"date_of_birth", f.DateOfBirth, "birth_date_unconfirmed", z.region(p, l.dob)})
	}
	if z.mrz.Checks["expiry"] {
		asked = append(asked, printedDate{"expiry_date", f.ExpiryDate, "expiry_unconfirmed", z.region(p, l.expiry)})
	}
	v.compareDates(reading, "mrz", asked, []string{f.DateOfBirth, f.ExpiryDate})
}

// zoneFields gives the zone's values under the well-known names of kyc.Field.
// Confidence is 1 where a check digit verifies an unrepaired value, 0.9 where
// the value was repaired or belongs to a table of codes, 0.85 for names, which
// no check digit covers; the printed text raises or lowers it.
func zoneFields(z *zone, p *sheetPage, names nameCheck, numberSeen bool, nearNumber string) []kyc.Field {
	m, f := z.mrz, z.mrz.Fields
	l, _ := layoutOf(m.Lines)
	var out []kyc.Field
	add := func(name, value string, at span, confidence float64) {
		if value == "" {
			return
		}
		out = append(out, kyc.Field{Name: name, Value: value, Source: "mrz", Region: z.region(p, at), Confidence: confidence})
	}
	checked := func(check string, at span) float64 {
		switch {
		case !m.Checks[check]:
			return 0.3
		case m.repairedIn(at):
			return 0.9
		}
		return 1
	}
	coded := func(code string) float64 {
		if _, known := Country(code); known {
			return 0.9
		}
		return 0.4
	}
	nameConfidence := 0.85
	switch {
	case names.near != "":
		nameConfidence = 0.4
	case m.repairedIn(l.names) && !names.confirmed:
		nameConfidence = 0.6
	case names.confirmed:
		nameConfidence = 0.97
	}
	kind := map[Kind]string{Passport: "passport", IDCard: "id_card", Visa: "visa"}[m.Kind()]
	add("document_type", kind, l.class, 0.9)
	surname, given := nameSpans(l, m.Lines)
	add("first_name", f.GivenNames, given, nameConfidence)
	add("last_name", f.Surname, surname, nameConfidence)
	add("full_name", strings.TrimSpace(f.GivenNames+" "+f.Surname), span{l.names.line, surname.from, max(surname.to, given.to)}, nameConfidence)
	add("date_of_birth", f.DateOfBirth, l.dob, checked("dob", l.dob))
	add("sex", m.Sex(), l.sex, 0.9)
	add("nationality", f.NationalityCountry, l.nationality, coded(f.Nationality))
	add("issuing_country", f.IssuingCountry, l.issuer, coded(f.Issuer))
	number := checked("number", l.number)
	if m.guessed() && !numberSeen {
		number = min(number, 0.6)
	}
	if nearNumber != "" && !numberSeen {
		number = 0.5
	}
	add("document_number", strings.ReplaceAll(f.Number, "<", ""), l.number, number)
	add("expiry_date", f.ExpiryDate, l.expiry, checked("expiry", l.expiry))
	if m.Format == TD3 {
		add("personal_number", strings.Trim(strings.ReplaceAll(f.Optional1, "<", " "), " "), l.optional1, checked("optional", l.optional1))
	}
	return out
}

// guessed reports whether a check digit chose a character. Over the number
// this is weak evidence: number and composite weigh it alike, so that a second
// misread character lets a wrong one through in about one case in ten.
func (m MRZ) guessed() bool {
	for _, r := range m.Repairs {
		if r.Why == "check_digit" {
			return true
		}
	}
	return false
}

// repairedIn reports whether a character in the span was changed.
func (m MRZ) repairedIn(at span) bool {
	for _, r := range m.Repairs {
		if r.Line == at.line && r.Pos >= at.from && r.Pos < at.to {
			return true
		}
	}
	return false
}

// nameSpans gives where surname and given names stand in the name field.
func nameSpans(l layout, lines []string) (surname, given span) {
	field := strings.TrimRight(l.names.of(lines), "<")
	end := l.names.from + len(field)
	cut := strings.Index(field, "<<")
	if cut < 0 {
		return span{l.names.line, l.names.from, end}, span{l.names.line, end, end}
	}
	return span{l.names.line, l.names.from, l.names.from + cut}, span{l.names.line, l.names.from + cut + 2, end}
}

// words splits a line at its blanks, keeping boxes.
func (l textLine) words() []textLine {
	var out []textLine
	var word []rune
	start := 0
	i := 0
	flush := func() {
		if len(word) > 0 {
			out = append(out, textLine{text: string(word), left: l.left[start:i], right: l.right[start:i], top: l.top, foot: l.foot, confidence: l.confidenceAt(start)})
			word = nil
		}
	}
	for _, r := range l.text {
		if r == ' ' {
			flush()
			start = i + 1
		} else {
			if len(word) == 0 {
				start = i
			}
			word = append(word, r)
		}
		i++
	}
	flush()
	return out
}

// confidenceAt is how sure OCR was of the word a character belongs to.
func (l textLine) confidenceAt(i int) float64 {
	if i < len(l.sure) {
		return l.sure[i]
	}
	return math.Max(l.confidence, 0)
}
