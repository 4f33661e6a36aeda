package check

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bonafide/kyc"
)

type addressConfig struct {
	MaxAgeDays   int  `json:"max_age_days"`
	MatchAddress bool `json:"match_address"`
}

func proofOfAddress(d Deps) Check {
	s := spec("proof_of_address_check", "Proof of address",
		"Reads the text of an uploaded bill or statement and looks for the applicant's name and address and for its date. Works for PDFs that carry their text; photographs and scans need a text recogniser for whole pages, which is not set up.", time.Minute)
	s.Needs = []string{"proof_of_address"}
	s.Provides = []string{"details.name_found", "details.address_found", "details.issued_on"}
	s.ConfigSchema = schema(`
"max_age_days":{"type":"integer","minimum":1,"maximum":3650,"default":90,"description":"How old the paper may be."},
"match_address":{"type":"boolean","default":true,"description":"Look for the postal code or the street of the form in the text."}`, "")
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
		reading, err := d.Documents.Read(ctx, files, r.Now)
		if err != nil {
			return unread(err)
		}
		text := pageText(reading)
		if text == "" {
			return notConfigured("page_text_not_configured", "the file carries no text, and reading whole pages is not set up here")
		}
		return judgeAddress(text, r, c)
	}}
}

func judgeAddress(text string, r kyc.CheckRequest, c addressConfig) kyc.Answer {
	form, paper := onForm(r), onPaper(r)
	t := readText(text)
	a := judged(kyc.Pass)
	say := func(v kyc.Verdict, severity, code, message string) {
		a.Verdict = worse(a.Verdict, v)
		a.Reasons = append(a.Reasons, reason(severity, code, message))
	}
	last, given := first(paper.last, form.last), first(paper.first, form.first)
	name := t.contains(last) && (given == "" || anyWord(given, t.contains))
	switch {
	case last == "":
		say(kyc.VerdictReview, warning, "name_missing", "there is no name to look for")
	case !name:
		say(kyc.Fail, critical, "name_not_found", "the applicant's name does not stand on the paper")
	}
	found := false
	if c.MatchAddress {
		found = t.address(form.postcode, form.street)
		switch {
		case form.postcode == "" && form.street == "":
			say(kyc.VerdictReview, warning, "address_missing", "the form has no address to look for")
		case !found:
			say(kyc.Fail, critical, "address_not_found", "the address of the form does not stand on the paper")
		}
	}
	issued, ok := newestDate(text, today(r.Now))
	switch {
	case !ok:
		say(kyc.VerdictReview, warning, "date_not_found", "no date can be read on the paper")
	case today(r.Now).Sub(issued) > time.Duration(c.MaxAgeDays)*24*time.Hour:
		say(kyc.Fail, critical, "proof_too_old", fmt.Sprintf("the newest date on the paper is more than %d days old", c.MaxAgeDays))
	}
	a.Details = map[string]any{"name_found": name, "address_found": found}
	if ok {
		a.Details["issued_on"] = issued.Format(time.DateOnly)
	}
	if a.Verdict == kyc.Pass {
		a.Reasons = append(a.Reasons, reason(info, "address_proved", "name, address and a recent date stand on the paper"))
	}
	return a
}

func anyWord(s string, contains func(string) bool) bool {
	for _, w := range strings.Fields(s) {
		if contains(w) {
			return true
		}
	}
	return false
}

// newestDate finds the latest date of a text that does not lie in the future.
// Numbers alone are read day first; where only the month-first reading exists
// (05/23/2026) it is that one.
func newestDate(text string, now time.Time) (time.Time, bool) {
	layouts := []string{"2006-01-02", "2006/01/02", "02.01.2006", "2.1.2006", "02/01/2006", "2/1/2006", "01/02/2006", "1/2/2006", "02-01-2006",
		"2 January 2006", "2 Jan 2006", "January 2 2006", "Jan 2 2006", "2. January 2006"}
	tokens := strings.Fields(strings.NewReplacer(",", " ", ";", " ", "(", " ", ")", " ", ":", " ").Replace(text))
	var newest time.Time
	found := false
	for i := range tokens {
		for n := 1; n <= 3 && i+n <= len(tokens); n += 2 {
			candidate := strings.TrimRight(strings.Join(tokens[i:i+n], " "), ".")
			if len(candidate) < 8 || len(candidate) > 20 {
				continue
			}
			for _, l := range layouts {
				if d, err := time.Parse(l, candidate); err == nil {
					if !d.After(now) && (!found || d.After(newest)) {
						newest, found = d, true
					}
					break
				}
			}
		}
	}
	return newest, found
}
