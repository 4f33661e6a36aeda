package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bonafide/kyc"
)

// crossNameMin is the likeness from which two names agree (api.md 3.10).
const crossNameMin = 0.85

type crossConfig struct {
	NameMin float64      `json:"name_min"`
	Fields  *crossFields `json:"fields"`
}

// crossFields are the form's own answers of the applicant, as paths.
type crossFields struct {
	Name        []string `json:"name"`
	DateOfBirth []string `json:"date_of_birth"`
	Nationality []string `json:"nationality"`
	Number      []string `json:"document_number"`
	Address     []string `json:"address"`
}

// crossPaths is the schema of crossFields' members.
const (
	answerPaths = `{"type":"array","maxItems":20,"items":{"type":"string","minLength":1,"maxLength":500}}`
	crossPaths  = `{"name":` + answerPaths + `,"date_of_birth":` + answerPaths + `,"nationality":` + answerPaths + `,"document_number":` + answerPaths + `,"address":` + answerPaths + `}`
)

func crossValidation() Check {
	s := spec("cross_validation", "Agreement of documents",
		"Compares the applicant's documents with each other and with the form: names by their words, birth dates, document numbers and nationalities exactly, and the address with the proof of address.", 0)
	s.Identity = true
	s.Provides = []string{"score", "details.mismatches", "details.compared", "details.fields"}
	s.ConfigSchema = schema(`
"name_min":{"type":"number","minimum":0.5,"maximum":1,"default":0.85,"description":"Likeness of names, 0-1, from which they agree."},
"fields":{"type":"object","additionalProperties":false,"properties":`+crossPaths+`,
"description":"The form's answers of the applicant to compare; absent: none after document_set, and the usual names of fields without it."}`, "")
	return Check{Spec: s, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer { return compareWithConfig(r) }}
}

func compareWithConfig(r kyc.CheckRequest) kyc.Answer {
	c := crossConfig{NameMin: crossNameMin}
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	return compareAll(r, c)
}

// witness is one source of what is said about the applicant.
type witness struct {
	id    string
	paper bool // a document; otherwise an answer of the form
	person
	kind string // of the document, where known
	// regions say where the values stand on the document, by the names of
	// fields; cut that the document itself shows a shortened name.
	regions map[string]any
	cut     bool
}

// region gives where a field of the witness stands, nil where that is unknown.
func (w witness) region(field string) *kyc.Region {
	var r kyc.Region
	if w.regions == nil || !detail(w.regions, field, &r) {
		return nil
	}
	return &r
}

// mismatch is one disagreement, in the words of the document rules.
type mismatch struct {
	Condition string   `json:"condition"`
	Documents []string `json:"documents"`
	Fields    []string `json:"fields"`
	// Regions are where the values stand on the documents, in their order.
	Regions []kyc.Region `json:"regions,omitempty"`
}

// comparison collects what the pairs say.
type comparison struct {
	a          kyc.Answer
	compared   int
	mismatches []mismatch
	fields     map[string]any
	lowest     float64
}

func (c *comparison) say(v kyc.Verdict, severity, code, message string) {
	c.a.Verdict = worse(c.a.Verdict, v)
	if !slices.ContainsFunc(c.a.Reasons, func(r kyc.Reason) bool { return r.Code == code }) {
		c.a.Reasons = append(c.a.Reasons, reason(severity, code, message))
	}
}

// pair records how two sources agree on something.
func (c *comparison) pair(what, condition string, x, y witness, agree bool) {
	c.compared++
	if agree {
		if _, said := c.fields[what]; !said {
			c.fields[what] = same
		}
		return
	}
	c.fields[what] = differs
	m := mismatch{Condition: condition, Documents: []string{}, Fields: []string{}}
	for _, w := range []witness{x, y} {
		if w.paper {
			m.Documents = append(m.Documents, w.id)
			if at := w.region(regionField(what)); at != nil {
				m.Regions = append(m.Regions, *at)
			}
		} else {
			m.Fields = append(m.Fields, w.id)
		}
	}
	c.mismatches = append(c.mismatches, m)
	c.say(kyc.Fail, critical, condition, "two of the applicant's papers and answers disagree on "+strings.ReplaceAll(what, "_", " "))
	if at := slices.IndexFunc(c.a.Reasons, func(r kyc.Reason) bool { return r.Code == condition }); at >= 0 && c.a.Reasons[at].Region == nil && len(m.Regions) > 0 {
		c.a.Reasons[at].Region = &m.Regions[0]
	}
}

// regionField is the field of a document that a comparison is about.
func regionField(what string) string {
	if what == "name" {
		return "full_name"
	}
	return what
}

func compareAll(r kyc.CheckRequest, config crossConfig) kyc.Answer {
	fact, set := r.Checks["document_set"]
	if set && fact.Status == "error" {
		return review("documents_not_read", "the documents could not be read, so there is nothing to compare")
	}
	var papers []paper
	var entities []entity
	if set && (!detail(fact.Details, "documents", &papers) || !detail(fact.Details, "entities", &entities)) {
		return broken("documents_not_read", "the answer of document_set cannot be read")
	}
	docs := witnesses(r, entities)
	proofs := slices.DeleteFunc(slices.Clone(papers), func(p paper) bool { return p.DocumentType != "proof_of_address" || p.EntityRole != roleIndividual })
	if len(docs) == 0 && len(proofs) == 0 {
		a := judged(kyc.Skip, reason(info, "no_documents", "the applicant has no document to compare"))
		a.Details = map[string]any{"mismatches": []any{}, "compared": 0, "fields": map[string]any{}, "documents": []any{}}
		return a
	}
	byAlias := config.Fields == nil && !set
	form := answersOf(r, config, byAlias)
	c := &comparison{a: judged(kyc.Pass), fields: map[string]any{}, lowest: 1, mismatches: []mismatch{}}
	c.people(docs, form, config.NameMin)
	c.proofs(proofs, form)
	ids := []any{}
	for _, d := range docs {
		ids = append(ids, d.id)
	}
	c.a.Details = map[string]any{"mismatches": plainly(c.mismatches), "compared": c.compared, "fields": c.fields, "documents": ids}
	if _, named := c.fields["name"]; named {
		c.a.Score, c.a.Threshold = number(round4(c.lowest)), number(config.NameMin)
	}
	switch {
	case c.compared == 0 && (byAlias || len(docs) > 1 || len(form) > 0):
		c.say(kyc.VerdictReview, warning, "nothing_compared", "nothing is known from two sides")
	case c.compared == 0 && c.a.Verdict == kyc.Pass:
		c.say(kyc.Pass, info, "nothing_to_compare", "there is one document and no answer of the form to compare it with")
	case c.a.Verdict == kyc.Pass:
		c.say(kyc.Pass, info, "documents_agree", fmt.Sprintf("%d comparisons agree", c.compared))
	}
	return c.a
}

// witnesses are the applicant's own documents: those document_set found, and
// the one document_ocr read where that is another.
func witnesses(r kyc.CheckRequest, entities []entity) []witness {
	var docs []witness
	for _, e := range entities {
		if e.Own {
			docs = append(docs, witness{id: e.DocID, paper: true, person: e.person(), kind: e.DocumentType, regions: e.Regions, cut: e.NameCut})
		}
	}
	read := onPaper(r)
	known := slices.ContainsFunc(docs, func(w witness) bool {
		return letters(w.number) == letters(read.number) && nameLikeness(w.name(), read.name()) >= crossNameMin
	})
	if (read.name() != "" || read.number != "" || read.born != "") && !known {
		regions, cut := onDocument(r)
		docs = append(docs, witness{id: "document_ocr", paper: true, person: read, regions: regions, cut: cut})
	}
	return docs
}

// onDocument gives where document_ocr read its fields, and whether the name
// was cut.
func onDocument(r kyc.CheckRequest) (regions map[string]any, cut bool) {
	fact := r.Checks["document_ocr"]
	var findings []string
	detail(fact.Details, "regions", &regions)
	detail(fact.Details, "findings", &findings)
	return regions, slices.Contains(findings, "name_truncated")
}

// answersOf gives the form's answers, one witness for each field, so that each
// disagreement names its field.
func answersOf(r kyc.CheckRequest, config crossConfig, byAlias bool) []witness {
	if byAlias {
		form := onForm(r)
		if form.name() == "" && form.born == "" && form.number == "" && form.nationality == "" {
			return nil
		}
		return []witness{{id: "form", person: form}}
	}
	if config.Fields == nil {
		return nil
	}
	var out []witness
	each := func(paths []string, read func(w *witness, v any)) {
		for _, path := range paths {
			for _, s := range spots(r.Fields, path) {
				w := witness{id: s.path}
				read(&w, s.value)
				out = append(out, w)
			}
		}
	}
	each(config.Fields.Name, func(w *witness, v any) { w.person = namePerson(v) })
	each(config.Fields.DateOfBirth, func(w *witness, v any) {
		w.born = asText(v)
		if d, ok := parseDate(w.born); ok {
			w.born = d.Format("2006-01-02")
		}
	})
	each(config.Fields.Nationality, func(w *witness, v any) { w.nationality = strings.ToUpper(asText(v)) })
	each(config.Fields.Number, func(w *witness, v any) { w.number = asText(v) })
	each(config.Fields.Address, func(w *witness, v any) {
		if m, ok := v.(map[string]any); ok {
			w.postcode, w.street = addressParts(m)
		} else {
			w.street = asText(v)
		}
	})
	return out
}

// people compares each document with the documents after it and with every
// answer of the form.
func (c *comparison) people(docs, form []witness, nameMin float64) {
	for i, d := range docs {
		others := append(slices.Clone(docs[i+1:]), form...)
		if len(docs)+len(form) < 2 {
			others = nil
		} else if d.name() == "" || d.born == "" {
			c.say(kyc.VerdictReview, warning, "document_incomplete", "name or date of birth of a document is not known")
		}
		for _, o := range others {
			if d.name() != "" && o.name() != "" {
				likeness := crossLikeness(d.person, o.person)
				switch {
				case d.cut:
					likeness = max(likeness, cutLikeness(o.name(), d.name()))
				case o.cut:
					likeness = max(likeness, cutLikeness(d.name(), o.name()))
				}
				c.lowest = min(c.lowest, likeness)
				c.pair("name", "name_mismatch", d, o, likeness >= nameMin)
			}
			if d.born != "" && o.born != "" {
				c.pair("date_of_birth", "dob_mismatch", d, o, d.born == o.born)
			}
			// Who has two nationalities may name both; each paper shows one.
			if d.nationality != "" && o.nationality != "" {
				c.pair("nationality", "country_mismatch", d, o, letters(d.nationality) == letters(o.nationality) ||
					declared(form, d.nationality) && (!o.paper || declared(form, o.nationality)))
			}
			// Two documents of one person have two numbers; a form's number
			// is that of a document.
			if d.number != "" && o.number != "" && !o.paper {
				c.pair("document_number", "document_number_mismatch", d, o, letters(d.number) == letters(o.number))
			}
			if o.id == "form" && (o.name() == "" || o.born == "") {
				c.say(kyc.VerdictReview, warning, "form_incomplete", "name or date of birth is not known from the form")
			}
		}
	}
}

// declared reports whether the form names a nationality.
func declared(form []witness, nationality string) bool {
	return slices.ContainsFunc(form, func(w witness) bool { return w.nationality != "" && letters(w.nationality) == letters(nationality) })
}

// crossLikeness compares the words of two names in any order. Where both sides
// name the family apart, a wrong family name does not hide behind right given
// names.
func crossLikeness(x, y person) float64 {
	whole := nameLikeness(x.name(), y.name())
	if x.last == "" || y.last == "" || x.first == "" || y.first == "" {
		return whole
	}
	family := nameLikeness(x.last, y.last)
	if swapped := min(nameLikeness(x.last, y.first), nameLikeness(x.first, y.last)); family < 0.7 && swapped < crossNameMin {
		return min(whole, family)
	}
	return whole
}

// proofs compares what stands on proofs of address with the form's answers.
func (c *comparison) proofs(papers []paper, form []witness) {
	for _, p := range papers {
		w := witness{id: p.DocID, paper: true}
		for _, f := range form {
			field, _, _ := strings.Cut(f.id, "/")
			var what, condition string
			switch {
			case f.postcode != "" || f.street != "":
				what, condition = "address", "address_mismatch"
			case f.name() != "":
				what, condition = "proof_name", "name_mismatch"
			default:
				continue
			}
			if !p.TextFound {
				c.say(kyc.VerdictReview, warning, "proof_not_compared", "the proof of address carries no text that could be compared")
				continue
			}
			found := slices.Contains(p.FieldsFound, field)
			if p.TextByOCR && !found {
				c.say(kyc.VerdictReview, warning, "proof_not_confirmed", "OCR did not find the form's "+strings.ReplaceAll(strings.TrimPrefix(what, "proof_"), "_", " ")+" on the picture of the proof of address")
				continue
			}
			c.pair(what, condition, w, f, found)
		}
	}
}
