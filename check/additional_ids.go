package check

import (
	"context"
	"slices"

	"bonafide/kyc"
)

type additionalIDsConfig struct {
	Secondary      bool `json:"secondary"`
	Tertiary       bool `json:"tertiary"`
	GraceYears     int  `json:"grace_years"`
	AcceptSpecimen bool `json:"accept_specimen"`
}

// additionalIDs looks at the second and third identity document.
func additionalIDs(d Deps) Check {
	s := spec("additional_ids", "Further identity documents",
		"Reads the second and third identity document and looks whether each is readable and valid, belongs to the person of the first one (name and date of birth) and is another document.",
		fraudTimeout)
	s.Needs = []string{"document_front"}
	s.Provides = []string{"details.documents", "details.missing"}
	s.ConfigSchema = schema(`
"secondary":{"type":"boolean","default":false,"description":"A second identity document must be there."},
"tertiary":{"type":"boolean","default":false,"description":"A third identity document must be there."},
"grace_years":{"type":"integer","minimum":0,"maximum":100,"default":0,"description":"An expired document is tolerated for this many calendar years."},
"accept_specimen":{"type":"boolean","default":false,"description":"Let a specimen or a document of a fictional issuer pass. For demonstrations; each result says so."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		var c additionalIDsConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if len(c.wanted()) == 0 {
			return judged(kyc.Skip, reason(info, "no_further_ids", "no further identity document is asked for"))
		}
		papers, bad := readIDs(ctx, d, r, append([]string{idPrimary}, c.wanted()...)...)
		if bad != nil {
			return *bad
		}
		return judgeFurther(papers, r, c)
	}}
}

// wanted are the documents that the config asks for.
func (c additionalIDsConfig) wanted() []string {
	var out []string
	if c.Secondary {
		out = append(out, idSecondary)
	}
	if c.Tertiary {
		out = append(out, idTertiary)
	}
	return out
}

func missingID(which string) kyc.Reason {
	return reason(critical, which+"_id_missing", "the "+which+" identity document is missing")
}

// furtherVisit collects what is wrong with the further documents.
type furtherVisit struct {
	a   kyc.Answer
	row map[string]any
}

func (v *furtherVisit) say(verdict kyc.Verdict, which, code, message string) {
	severity := map[kyc.Verdict]string{kyc.Fail: critical, kyc.VerdictReview: warning}[verdict]
	v.a.Verdict = worse(v.a.Verdict, verdict)
	v.a.Reasons = append(v.a.Reasons, reason(first(severity, info), which+"_id_"+code, "the "+which+" identity document "+message))
}

// judgeFurther judges each further document on its own and against those
// before it.
func judgeFurther(papers []idPaper, r kyc.CheckRequest, c additionalIDsConfig) kyc.Answer {
	v := furtherVisit{a: judged(kyc.Pass)}
	documents, missing := []any{}, []any{}
	for _, which := range c.wanted() {
		at := slices.IndexFunc(papers, func(p idPaper) bool { return p.which == which })
		if at < 0 {
			missing = append(missing, which)
			v.a.Verdict = worse(v.a.Verdict, kyc.Fail)
			v.a.Reasons = append(v.a.Reasons, missingID(which))
			continue
		}
		p := papers[at]
		v.row = map[string]any{"document": which, "readable": !p.unreadable(), "same_person": false, "distinct": true,
			"document_type": first(p.value("document_type"), "unknown"), "issuing_country": p.value("issuing_country")}
		v.condition(p, r, c)
		v.samePerson(p, papers)
		v.distinct(p, papers[:at])
		documents = append(documents, v.row)
	}
	v.a.Details = map[string]any{"documents": documents, "missing": missing}
	if v.a.Verdict == kyc.Pass {
		v.a.Reasons = append(v.a.Reasons, reason(info, "further_ids_valid", "the further identity documents are valid and belong to the same person"))
	}
	return v.a
}

// condition judges a document on its own.
func (v *furtherVisit) condition(p idPaper, r kyc.CheckRequest, c additionalIDsConfig) {
	switch {
	case p.refused != nil:
		v.say(kyc.Fail, p.which, "unreadable", "cannot be read: "+p.refused.Message)
		return
	case !p.reading.Verified():
		v.say(kyc.VerdictReview, p.which, "zone_not_found", "is not verified: "+p.problem())
	case p.reading.MRZ != nil && !p.reading.MRZ.Valid:
		v.say(kyc.Fail, p.which, "check_digit_failed", "has a check digit that does not verify")
	}
	for _, f := range p.reading.Findings {
		specimen := f.Code == "specimen_document" || f.Code == "fictional_issuer"
		verdict := kyc.Pass
		switch {
		case specimen && c.AcceptSpecimen:
		case f.Severity == critical:
			verdict = kyc.Fail
		case f.Severity == warning:
			verdict = kyc.VerdictReview
		}
		v.say(verdict, p.which, f.Code, "shows a finding: "+f.Message)
	}
	if a := judgeExpiry(p.value("expiry_date"), expirationConfig{GraceYears: c.GraceYears}, r.Now); a.Verdict != kyc.Pass {
		v.say(a.Verdict, p.which, a.Reasons[0].Code, "is not valid: "+a.Reasons[0].Message)
	}
}

// samePerson holds a document's holder against that of the first document.
func (v *furtherVisit) samePerson(p idPaper, papers []idPaper) {
	at := slices.IndexFunc(papers, func(o idPaper) bool { return o.which == idPrimary })
	if at < 0 {
		v.say(kyc.VerdictReview, p.which, "holder_unknown", "cannot be compared, because the first one is missing")
		return
	}
	own, other := papers[at].holder(), p.holder()
	if own.name() == "" || own.born == "" || other.name() == "" || other.born == "" {
		v.say(kyc.VerdictReview, p.which, "holder_unknown", "cannot be compared, because a name or date of birth was not read")
		return
	}
	_, names := compareNames(own, other, chipNameMin)
	switch {
	case own.born != other.born, names == differs:
		v.say(kyc.Fail, p.which, "other_person", "belongs to somebody else than the first one")
	case names == near:
		v.say(kyc.VerdictReview, p.which, "name_close", "names the holder almost, but not quite, as the first one does")
	default:
		v.row["same_person"] = true
	}
}

// distinct looks whether a document is another one than those before it.
func (v *furtherVisit) distinct(p idPaper, before []idPaper) {
	number := letters(p.value("document_number"))
	if number == "" && p.refused == nil {
		v.say(kyc.VerdictReview, p.which, "number_not_read", "has no number that can be read")
	}
	for _, o := range before {
		picture := slices.ContainsFunc(p.uploads, func(u kyc.Upload) bool {
			return u.SHA256 != "" && slices.ContainsFunc(o.uploads, func(w kyc.Upload) bool { return w.SHA256 == u.SHA256 })
		})
		if picture || number != "" && number == letters(o.value("document_number")) {
			v.row["distinct"] = false
			v.say(kyc.Fail, p.which, "repeated", "is the "+o.which+" one again")
		}
	}
}
