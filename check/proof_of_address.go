package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/document"
	"bonafide/kyc"
)

// Printer reads the text of letters (document.Reader). Where Deps.Documents is
// none, only papers that carry their text are read.
type Printer interface {
	Print(ctx context.Context, files []document.File) (document.Print, *kyc.Error)
}

var _ Printer = (*document.Reader)(nil)

type addressConfig struct {
	MaxAgeDays      int      `json:"max_age_days"`
	MatchAddress    bool     `json:"match_address"`
	AcceptedIssuers []string `json:"accepted_issuers"`
}

func proofOfAddress(d Deps) Check {
	s := spec("proof_of_address_check", "Proof of address",
		"Reads an uploaded bill or statement, from the text that a PDF carries or by OCR of a picture, and looks for the applicant's name and address, for its date and for who wrote it. What OCR does not find is for a person to look at; what does not stand in a PDF's own text fails.", time.Minute)
	s.Needs = []string{"proof_of_address"}
	s.Provides = []string{"details.name_found", "details.address_found", "details.issued_on", "details.issuer_kind", "details.source"}
	s.ConfigSchema = schema(`
"max_age_days":{"type":"integer","minimum":1,"maximum":3650,"default":90,"description":"How old the paper may be."},
"match_address":{"type":"boolean","default":true,"description":"Look for the address of the form in the text: its street and its postal code, where both are given."},
"accepted_issuers":{"type":"array","maxItems":5,"uniqueItems":true,"items":{"type":"string","enum":["`+strings.Join(issuerKinds(), `","`)+`"]},"description":"Only papers of these kinds of issuers; absent or empty: of any."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		c := addressConfig{MaxAgeDays: 90, MatchAddress: true}
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if d.Documents == nil || d.Blobs == nil {
			return notConfigured("reader_not_configured", "no document reader is set up here")
		}
		files, bad := load(ctx, d, r, "proof_of_address")
		if bad != nil {
			return *bad
		}
		if len(files) == 0 {
			return review("proof_missing", "there is no proof of address to read")
		}
		text, bad := printOf(ctx, d, files, r.Now)
		if bad != nil {
			return *bad
		}
		if len(letters(text.Text)) < minText && text.Source != "pdf" {
			return review("text_not_readable", "hardly any text can be read on the paper")
		}
		return judgeAddress(text, r, c)
	}}
}

// printOf reads the text of a paper; a non-nil answer says that it cannot be
// read, or not now.
func printOf(ctx context.Context, d Deps, files []document.File, now time.Time) (document.Print, *kyc.Answer) {
	refused := func(err *kyc.Error) (document.Print, *kyc.Answer) {
		a := unread(err)
		return document.Print{}, &a
	}
	if p, ok := d.Documents.(Printer); ok {
		text, err := p.Print(ctx, files)
		if err != nil {
			return refused(err)
		}
		return text, nil
	}
	reading, err := d.Documents.Read(ctx, files, now)
	if err != nil {
		return refused(err)
	}
	text := pageText(reading)
	if text == "" {
		a := notConfigured("page_text_not_configured", "the file carries no text, and reading whole pages is not set up here")
		return document.Print{}, &a
	}
	return document.Print{Text: text, Source: "pdf"}, nil
}

// judgeAddress looks for name, address, date and issuer. Text that a file
// carries is what its maker wrote, so what is not in it speaks against the
// paper; OCR misreads, so the same there asks for a person.
func judgeAddress(p document.Print, r kyc.CheckRequest, c addressConfig) kyc.Answer {
	form, paper := onForm(r), onPaper(r)
	t := readText(p.Text)
	a := judged(kyc.Pass)
	say := func(v kyc.Verdict, severity, code, message string, at *kyc.Region) {
		a.Verdict = worse(a.Verdict, v)
		said := reason(severity, code, message)
		said.Region = at
		a.Reasons = append(a.Reasons, said)
	}
	absent, grave := kyc.Fail, critical
	if p.Source != "pdf" {
		absent, grave = kyc.VerdictReview, warning
	}
	last, given := first(paper.last, form.last), first(paper.first, form.first)
	name := t.contains(last) && (given == "" || anyWord(given, t.contains))
	switch {
	case last == "":
		say(kyc.VerdictReview, warning, "name_missing", "there is no name to look for", nil)
	case !name && t.nearly(last):
		say(kyc.VerdictReview, warning, "name_close", "a name on the paper is almost, but not quite, the applicant's", nil)
	case !name:
		say(absent, grave, "name_not_found", "the applicant's name does not stand on the paper", nil)
	}
	found := false
	if c.MatchAddress {
		code, street := letters(form.postcode), form.street
		hasCode := len(code) >= 3 && strings.Contains(t.squeezed, code)
		hasStreet := t.street(street)
		found = (hasCode || len(code) < 3) && (hasStreet || street == "") && (hasCode || hasStreet)
		switch {
		case len(code) < 3 && street == "":
			say(kyc.VerdictReview, warning, "address_missing", "the form has no address to look for", nil)
		case !found && (hasCode || hasStreet):
			say(kyc.VerdictReview, warning, "address_close", "only a part of the form's address stands on the paper", lineWith(p, form.street))
		case !found:
			say(absent, grave, "address_not_found", "the address of the form does not stand on the paper", nil)
		}
	}
	issued, ok := issueDate(p, today(r.Now))
	switch {
	case !ok:
		say(kyc.VerdictReview, warning, "date_not_found", "no date can be read on the paper", nil)
	case today(r.Now).Sub(issued) > time.Duration(c.MaxAgeDays)*24*time.Hour:
		say(kyc.Fail, critical, "proof_too_old", fmt.Sprintf("the paper is more than %d days old", c.MaxAgeDays), nil)
	}
	issuer, signs := issuerOf(p.Text)
	switch {
	case issuer == "" && len(c.AcceptedIssuers) > 0:
		say(kyc.VerdictReview, warning, "issuer_unknown", "it is not clear what kind of issuer wrote the paper", nil)
	case issuer == "":
		say(kyc.Pass, info, "issuer_unknown", "it is not clear what kind of issuer wrote the paper", nil)
	case len(c.AcceptedIssuers) > 0 && !slices.Contains(c.AcceptedIssuers, issuer):
		say(kyc.Fail, critical, "issuer_not_accepted", "papers of this kind of issuer are not accepted", nil)
	}
	regions := map[string]any{}
	for what, text := range map[string]string{"name": last, "address": form.street} {
		if at := lineWith(p, text); at != nil {
			regions[what] = plainly(at)
		}
	}
	a.Details = map[string]any{"name_found": name, "address_found": found, "source": p.Source, "issuer_kind": first(issuer, "unknown"), "issuer_signs": plainly(append([]string{}, signs...)), "regions": regions}
	if ok {
		a.Details["issued_on"] = issued.Format(time.DateOnly)
	}
	if a.Verdict == kyc.Pass {
		a.Reasons = append(a.Reasons, reason(info, "address_proved", "name, address and a recent date stand on the paper"))
	}
	return a
}

// lineWith gives where the first line stands that holds all words of a text.
func lineWith(p document.Print, text string) *kyc.Region {
	if text == "" {
		return nil
	}
	for _, l := range p.Lines {
		if l.Region != nil && readText(l.Text).street(text) {
			return l.Region
		}
	}
	return nil
}

// nearly reports whether every word of s stands in the text with at most one
// letter changed; short words must stand as they are.
func (t paperText) nearly(s string) bool {
	all := words(s)
	for _, forms := range all {
		found := false
		for _, f := range forms {
			for w := range t.has {
				found = found || w == f || len(f) >= 5 && len(w) >= 4 && distance(w, f) == 1
			}
		}
		if !found {
			return false
		}
	}
	return len(all) > 0
}

func anyWord(s string, contains func(string) bool) bool {
	for _, w := range strings.Fields(s) {
		if contains(w) {
			return true
		}
	}
	return false
}
