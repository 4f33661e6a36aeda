package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bonafide/document"
	"bonafide/kyc"
	"bonafide/tamper"
)

// sure is the confidence from which both readings of a value count when they
// contradict each other; below it the difference is more likely OCR's own.
const sure = 0.8

// unclearDigit is what a check digit that failed in one reading of two is worth,
// of one that failed for certain.
const unclearDigit = 0.38

// passportYears is how far ahead a passport's expiry can lie: states give them
// ten years, and some add the months that were left of the former one.
const passportYears = 12

// fraudVisit looks at the documents of one request.
type fraudVisit struct {
	d     Deps
	r     kyc.CheckRequest
	c     fraudConfig
	tally tamper.Tally
	// pictures are how the documents look, to be kept with the answer.
	pictures []kyc.Picture
	// specimen is set when a specimen was let pass, screens when a picture was
	// looked at for the pattern of a screen.
	specimen, screens bool
	// notChecked says what was not looked at, because its tool or its check is
	// not there.
	notChecked []string
}

// add weighs one signal about a document.
func (v *fraudVisit) add(which, code string, value float64, message string, evidence map[string]any, region *kyc.Region) {
	v.tally.Add(tamper.Signal{Code: code, Value: value, Document: which, Message: message, Evidence: evidence, Region: region})
}

// contradictionOf names what two parts of a document disagree on, whichever
// comparison saw it: the reader's own, of the zone or the barcode with the
// print, or that of two fields. Findings of another sort are their own name.
func contradictionOf(code string) string {
	switch code {
	case "name_unconfirmed", "front_name_differs":
		return "visual name"
	case "number_unconfirmed", "front_number_differs":
		return "visual number"
	case "birth_date_unconfirmed", "front_birth_date_differs":
		return "visual date_of_birth"
	case "expiry_unconfirmed", "front_expiry_differs":
		return "visual expiry_date"
	case "barcode_name_differs":
		return "barcode name"
	case "barcode_birth_date_differs":
		return "barcode date_of_birth"
	case "barcode_expiry_differs":
		return "barcode expiry_date"
	case "barcode_code_differs":
		return "barcode code"
	}
	return code
}

// findings weighs what the reader found on one document. One contradiction
// counts once: counted are those that sources has weighed, and a printed name
// that is neither the zone's nor the barcode's is one changed name.
func (v *fraudVisit) findings(p idPaper, counted map[string]bool) {
	weights := tamper.Weights()
	m := p.reading.MRZ
	if m != nil && !m.Valid && !p.reading.Has("mrz_check_digit_failed") {
		v.add(p.which, "mrz_check_digit_failed", 1, "at least one check digit of the machine-readable zone does not verify", digitsOf(m), nil)
	}
	for _, f := range p.reading.Findings {
		_, known := weights[f.Code]
		value, weight := 1.0, 0.0
		var evidence map[string]any
		switch {
		case v.c.AcceptSpecimen && (f.Code == "specimen_document" || f.Code == "fictional_issuer"):
			v.specimen = true
			continue
		case f.Code == "mrz_check_digit_failed":
			evidence = digitsOf(m)
			if f.Severity != critical {
				value = unclearDigit
			}
		case f.Code == "unknown_issuer" || f.Code == "unknown_nationality":
			// No check digit covers the codes. Where one that there is fails, the
			// page was not read well enough to hold a code against it.
			if evidence = digitsOf(m); m == nil || !m.Valid {
				value = 0.5
			}
		case f.Code == "editing_software":
			evidence = map[string]any{"software": softwareOf(p.reading)}
		case !known && f.Severity == info:
			continue
		case !known && f.Severity == critical:
			weight = fraudReviewFrom
		}
		said := contradictionOf(f.Code)
		if counted[said] { // three wrong digits are one zone that does not verify
			continue
		}
		counted[said] = true
		v.tally.Add(tamper.Signal{Code: f.Code, Weight: weight, Value: value, Document: p.which, Message: f.Message, Evidence: evidence, Region: f.Region})
	}
}

// digitsOf says which check digits verify.
func digitsOf(m *document.MRZ) map[string]any {
	if m == nil {
		return nil
	}
	wrong, right := []any{}, []any{}
	names := make([]string, 0, len(m.Checks))
	for name := range m.Checks {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if m.Checks[name] {
			right = append(right, name)
		} else {
			wrong = append(wrong, name)
		}
	}
	return map[string]any{"format": string(m.Format), "failed": wrong, "verified": right}
}

// softwareOf are the programs that the files of a document name.
func softwareOf(g document.Reading) []any {
	out := []any{}
	for _, p := range g.Pages {
		for _, s := range p.Software {
			if s = strings.TrimSpace(s); s != "" && len(out) < 10 && !slices.Contains(out, any(s)) {
				out = append(out, s[:min(len(s), 100)])
			}
		}
	}
	return out
}

// dates weighs the document's dates against the day of the check and the limits
// of the config.
func (v *fraudVisit) dates(p idPaper) {
	day := today(v.r.Now)
	if ends, ok := parseDate(p.value("expiry_date")); ok {
		left := int(ends.Sub(day).Hours() / 24)
		e := map[string]any{"days_left": left}
		at := placeOf(p.reading, "expiry_date")
		switch {
		case left < 0 && !day.After(ends.AddDate(v.c.GraceYears, 0, 0)): // tolerated, as document_expiration does
		case left < 0:
			v.add(p.which, "document_expired", 1, "it expired before the day of the check", e, at)
		case p.reading.Kind == document.Passport && ends.After(day.AddDate(passportYears, 0, 0)):
			v.add(p.which, "expires_in_no_document", 1, fmt.Sprintf("it expires more than %d years ahead, and no state gives a passport so long", passportYears), e, at)
		case v.c.MaximumValidityYears > 0 && ends.After(day.AddDate(v.c.MaximumValidityYears, 0, 0)):
			v.add(p.which, "expires_too_far_ahead", 1, fmt.Sprintf("it expires more than %d years ahead", v.c.MaximumValidityYears), e, at)
		}
	}
	if born, ok := parseDate(p.value("date_of_birth")); ok && !born.After(v.r.Now) {
		age, at := ageOn(born, day), placeOf(p.reading, "date_of_birth")
		if v.c.MinimumAge != nil && age < *v.c.MinimumAge {
			v.add(p.which, "under_age", 1, "its holder is younger than the workflow allows", map[string]any{"age": age, "minimum_age": *v.c.MinimumAge}, at)
		}
		if v.c.MaximumAge != nil && age > *v.c.MaximumAge {
			v.add(p.which, "over_age", 1, "its holder is older than the workflow allows", map[string]any{"age": age, "maximum_age": *v.c.MaximumAge}, at)
		}
	}
}

func placeOf(g document.Reading, field string) *kyc.Region {
	f, _ := g.Field(field)
	return f.Region
}

// sources holds what one document says in several places against each other: the
// printed text and the barcode against the zone, and against each other where
// there is none. A value counts only where both were read surely. It gives the
// contradictions that it found, as contradictionOf calls them.
func (v *fraudVisit) sources(p idPaper) map[string]bool {
	said, found := map[string]bool{}, map[string]bool{}
	for i, a := range p.reading.Fields {
		for _, b := range p.reading.Fields[i+1:] {
			if a.Name != b.Name || a.Source == b.Source || a.Confidence < sure || b.Confidence < sure || a.Value == "" || b.Value == "" {
				continue
			}
			kind, differs := contradict(a, b)
			source := cmp.Or(map[bool]string{true: "barcode"}[a.Source == "barcode" || b.Source == "barcode"], "visual")
			code := source + "_" + kind + "_differs"
			if !differs || said[code] || a.Source == "chip" || b.Source == "chip" {
				continue
			}
			said[code] = true
			found[source+" "+map[bool]string{true: a.Name, false: kind}[kind == "date"]] = true
			e := map[string]any{"field": a.Name, "sources": []any{a.Source, b.Source}, "confidence": []any{a.Confidence, b.Confidence}}
			region := b.Region
			if region == nil {
				region = a.Region
			}
			value := 1.0
			if m := p.reading.MRZ; kind == "code" && (m == nil || !m.Valid) && (a.Source == "mrz" || b.Source == "mrz") {
				// No check digit covers the codes; where one that there is fails, the
				// zone was not read well enough to hold its letters against others.
				value = 0.5
			}
			v.add(p.which, code, value, fmt.Sprintf("%s is another one in the %s than in the %s", strings.ReplaceAll(a.Name, "_", " "), sourceName(b.Source), sourceName(a.Source)), e, region)
		}
	}
	return found
}

func sourceName(s string) string {
	return cmp.Or(map[string]string{"mrz": "machine-readable zone", "visual": "printed text", "barcode": "barcode", "pdf": "text of the file"}[s], s)
}

// contradict compares two readings of one field; kind is number, name, date or
// code.
func contradict(a, b kyc.Field) (kind string, different bool) {
	switch a.Name {
	case "document_number", "personal_number":
		x, y := letters(a.Value), letters(b.Value)
		// A barcode or a printed number may carry a suffix that the zone has no
		// room for.
		return "number", !strings.HasPrefix(x, y) && !strings.HasPrefix(y, x)
	case "date_of_birth", "expiry_date", "issue_date":
		x, okX := parseDate(a.Value)
		y, okY := parseDate(b.Value)
		return "date", okX && okY && !x.Equal(y)
	case "first_name", "last_name", "full_name":
		_, verdict := compareNames(person{full: a.Value}, person{full: b.Value}, chipNameMin)
		return "name", verdict == differs
	case "sex":
		// An X may stand for what was left open, so only the two others contradict.
		pair := strings.ToUpper(a.Value + b.Value)
		return "code", pair == "MF" || pair == "FM"
	case "nationality", "issuing_country":
		// Codes of two letters; what else a source writes is no code.
		return "code", len(a.Value) == 2 && len(b.Value) == 2 && !strings.EqualFold(a.Value, b.Value)
	}
	return "", false
}

// form holds the first document against what was typed or prefilled.
func (v *fraudVisit) form(p idPaper) {
	if p.which != idPrimary || p.unreadable() {
		return
	}
	form, paper := onForm(v.r), p.holder()
	read := func(field string) (bool, *kyc.Region) {
		f, ok := p.reading.Field(field)
		return ok && f.Confidence >= sure, f.Region
	}
	e := func(field string) map[string]any {
		return map[string]any{"field": field, "sources": []any{"form", "document"}}
	}
	if ok, at := read("date_of_birth"); ok && form.born != "" && paper.born != "" && form.born != paper.born {
		v.add(p.which, "form_birth_date_differs", 1, "its date of birth is not that of the form", e("date_of_birth"), at)
	}
	if ok, at := read("document_number"); ok && form.number != "" && letters(form.number) != letters(paper.number) {
		v.add(p.which, "form_number_differs", 1, "its number is not that of the form", e("document_number"), at)
	}
	if ok, at := read("last_name"); ok && form.name() != "" && paper.name() != "" {
		likeness, verdict := compareNames(form, paper, chipNameMin)
		evidence := e("name")
		evidence["likeness"] = round4(likeness)
		switch verdict {
		case differs:
			v.add(p.which, "form_name_differs", 1, "its name is not that of the form", evidence, at)
		case near:
			v.add(p.which, "form_name_close", 1, "its name is like that of the form, but not the same", evidence, at)
		}
	}
}

// contradictions holds the further documents against those before them.
func (v *fraudVisit) contradictions(papers []idPaper) {
	for i, p := range papers {
		for _, before := range papers[:i] {
			a, b := before.holder(), p.holder()
			e := map[string]any{"documents": []any{before.which, p.which}}
			if a.number != "" && letters(a.number) == letters(b.number) && a.issuer == b.issuer {
				v.add(p.which, "repeated_document", 1, "it has the number of the "+before.which+" one", e, placeOf(p.reading, "document_number"))
			}
			if a.born != "" && b.born != "" && a.born != b.born {
				v.add(p.which, "documents_disagree", 1, "it gives another date of birth than the "+before.which+" one", e, placeOf(p.reading, "date_of_birth"))
			}
		}
	}
}

// verified weighs what the chip's check and the search for known faces said in
// this run, where they were asked before.
func (v *fraudVisit) verified() {
	if fact, asked := v.r.Checks["nfc_chip_auth"]; asked {
		authentic, _ := fact.Details["authentic"].(bool)
		mismatches, _ := fact.Details["mismatches"].([]any)
		e := map[string]any{"check": "nfc_chip_auth", "status": fact.Status, "mismatches": mismatches}
		_, judgedIt := fact.Details["authentic"]
		switch {
		case !judgedIt: // it could not be asked, or there were no files
		case len(mismatches) > 0:
			v.add(idPrimary, "chip_differs", 1, "the chip says something else than the printed document or the form", e, nil)
		case !authentic && fact.Status == "failed":
			v.add(idPrimary, "chip_not_authentic", 1, "the chip's data is not what a state signed", e, nil)
		case !authentic || fact.Status != "passed":
			v.add(idPrimary, "chip_in_doubt", 1, "the chip's data could not be confirmed", e, nil)
		default:
			v.add(idPrimary, "chip_authentic", 1, "a state signed the chip's data, and it agrees with the document", e, nil)
		}
	} else {
		v.notChecked = append(v.notChecked, "chip")
	}
	v.faces()
}

// sureFace is the likeness that stands for a cosine of 0.5, from which a face
// under another identity is strong evidence (design/documents.md, section 5):
// 1/(1+exp(-27.7*(0.5-0.3))).
const sureFace = 0.996

// faces weighs the faces of other people that face_dedup found.
func (v *fraudVisit) faces() {
	fact, asked := v.r.Checks["face_dedup"]
	if !asked {
		v.notChecked = append(v.notChecked, "duplicate_face")
		return
	}
	var matches []metFace
	if !detail(fact.Details, "matches", &matches) {
		return
	}
	best, references := 0.0, []any{}
	for _, m := range matches {
		if m.SameCustomer {
			continue
		}
		best = max(best, m.Similarity)
		if len(references) < maxNamed {
			references = append(references, map[string]any{"reference": m.Reference, "similarity": m.Similarity, "of": m.Of})
		}
	}
	if len(references) == 0 {
		return
	}
	value := 1.0
	if best < sureFace {
		value = 0.4
	}
	v.add(idPrimary, "duplicate_face", value, "the applicant's face was met under another identity", map[string]any{"similarity": best, "matches": references}, nil)
}

// maxNamed bounds how many other sessions one signal names.
const maxNamed = 10
