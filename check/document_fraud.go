package check

import (
	"context"
	"fmt"
	"slices"

	"bonafide/kyc"
)

// Scores of document_fraud from which a person looks and from which it fails.
const (
	fraudReviewFrom = 60.0
	fraudFailFrom   = 85.0
)

type fraudConfig struct {
	ReviewFrom     float64  `json:"review_from"`
	FailFrom       float64  `json:"fail_from"`
	Threshold      *float64 `json:"threshold"`
	AcceptSpecimen bool     `json:"accept_specimen"`
}

// fraudPoints are the points of the reader's findings. One that contradicts
// the document reaches the default of review_from alone; hints of the picture
// stay below it together (forensicMost).
func fraudPoints() map[string]float64 {
	return map[string]float64{
		"mrz_check_digit_failed": 65, "impossible_date_of_birth": 65, "impossible_expiry": 65, "specimen_document": 70, "fictional_issuer": 90,
		"unknown_issuer": 40, "unknown_nationality": 25, "name_unconfirmed": 30, "number_unconfirmed": 30, "mrz_implausible": 25, "name_unreadable": 15,
		"mrz_repaired": 5, "editing_software": forensicMost,
	}
}

// Points of what document_fraud finds itself.
const (
	unclearDigitPoints = 25.0 // a check digit that failed in one reading of two
	unknownFinding     = 20.0 // a warning of the reader without a line of its own
	unreadablePoints   = 60.0
	repeatedPoints     = 65.0 // one picture as two
	sameNumberPoints   = 40.0 // one document as two
	otherPersonPoints  = 65.0 // two documents of two people
	forensicMost       = 25.0
)

// documentFraud scores the risk that an identity document is forged.
func documentFraud(d Deps) Check {
	s := spec("document_fraud", "Document fraud analysis",
		"Adds named points for every sign of forgery on the identity documents that were handed in, cut to 0-100: check digits, printed text against the zone, specimens, editing software, impossible dates and codes, repeated pictures, contradictions between the documents. A document that cannot be read asks for a person and never gets a low score.",
		fraudTimeout)
	s.Needs = []string{"document_front"}
	s.Provides = []string{"score", "details.risk_score", "details.threshold_reached", "details.signals", "details.documents"}
	s.ConfigSchema = schema(`
"review_from":{"type":"number","minimum":0,"maximum":100,"default":60,"description":"Risk score from which a person must look, 0-100."},
"fail_from":{"type":"number","minimum":0,"maximum":101,"default":85,"description":"Risk score from which the check fails; 101: never."},
"threshold":{"type":"number","minimum":0,"maximum":100,"description":"Risk score from which details.threshold_reached is true and a workflow may ask for more evidence, such as the chip; absent: review_from."},
"accept_specimen":{"type":"boolean","default":false,"description":"Give no points for a specimen or a document of a fictional issuer. For demonstrations; each result says so."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		c := fraudConfig{ReviewFrom: fraudReviewFrom, FailFrom: fraudFailFrom}
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if c.FailFrom < c.ReviewFrom {
			return broken("config_invalid", "fail_from is below review_from")
		}
		papers, bad := readIDs(ctx, d, r, idPrimary, idSecondary, idTertiary)
		if bad != nil {
			return *bad
		}
		if len(papers) == 0 {
			return review("document_missing", "there is no identity document to look at")
		}
		return judgeFraud(papers, r, c)
	}}
}

// fraudVerdict decides by a risk score of 0-100.
func fraudVerdict(score float64, c fraudConfig) kyc.Verdict {
	switch {
	case score >= c.FailFrom:
		return kyc.Fail
	case score >= c.ReviewFrom:
		return kyc.VerdictReview
	}
	return kyc.Pass
}

// fraudTally adds signals up.
type fraudTally struct {
	reasons []kyc.Reason
	signals []any
	total   float64
}

// add records one signal about a document; region shows where it is.
func (t *fraudTally) add(which, code, message string, points float64, region *kyc.Region) {
	severity := info
	switch {
	case points >= 60:
		severity = critical
	case points >= 15:
		severity = warning
	}
	t.total += points
	t.reasons = append(t.reasons, kyc.Reason{Code: code, Message: "the " + which + " document: " + message, Severity: severity, Points: number(points), Region: region})
	t.signals = append(t.signals, map[string]any{"code": code, "points": points, "document": which})
}

// judgeFraud scores the documents. The points of the reasons add up to the
// score, except where it is cut at 100.
func judgeFraud(papers []idPaper, r kyc.CheckRequest, c fraudConfig) kyc.Answer {
	t := fraudTally{signals: []any{}}
	documents, unreadable, specimens := []any{}, false, false
	for _, p := range papers {
		before := t.total
		if p.unreadable() {
			unreadable = true
			t.add(p.which, "document_unreadable", p.problem(), unreadablePoints, nil)
		}
		specimens = t.findings(p, c) || specimens
		documents = append(documents, p.row(t.total-before))
	}
	t.repeats(papers, r)
	t.contradictions(papers)
	score := round4(min(100, t.total))
	threshold := c.ReviewFrom
	if c.Threshold != nil {
		threshold = *c.Threshold
	}
	a := judged(fraudVerdict(score, c), t.reasons...)
	if unreadable { // nothing was looked at; a limit above the points must not hide that
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
	}
	if papers[0].which != idPrimary {
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		a.Reasons = append(a.Reasons, reason(warning, "document_missing", "the first identity document is missing"))
	}
	if specimens {
		a.Reasons = append(a.Reasons, reason(warning, "specimen_accepted", "a specimen was let pass, because the workflow says so"))
	}
	a.Score, a.Threshold = number(score), number(threshold)
	a.Details = map[string]any{"risk_score": score, "threshold_reached": score >= threshold, "signals": t.signals, "documents": documents}
	if len(a.Reasons) == 0 {
		a.Reasons = []kyc.Reason{reason(info, "no_fraud_signals", "nothing on the documents speaks of forgery")}
	}
	return a
}

// findings scores what the reader found on one document. It reports whether a
// specimen was let pass.
func (t *fraudTally) findings(p idPaper, c fraudConfig) (specimen bool) {
	table, forensic := fraudPoints(), 0.0
	counted := map[string]bool{}
	if m := p.reading.MRZ; m != nil && !m.Valid && !p.reading.Has("mrz_check_digit_failed") {
		t.add(p.which, "mrz_check_digit_failed", "at least one check digit of the machine-readable zone does not verify", table["mrz_check_digit_failed"], nil)
	}
	for _, f := range p.reading.Findings {
		points, known := table[f.Code]
		switch {
		case c.AcceptSpecimen && (f.Code == "specimen_document" || f.Code == "fictional_issuer"):
			specimen = true
			continue
		case f.Code == "mrz_check_digit_failed" && f.Severity != critical:
			points = unclearDigitPoints
		case !known && f.Severity == info:
			continue
		case !known && f.Severity == critical:
			points = fraudReviewFrom
		case !known:
			points = unknownFinding
		case f.Code == "editing_software":
			points = min(points, forensicMost-forensic)
			forensic += points
		}
		if counted[f.Code] || points == 0 { // three wrong digits are one zone that does not verify
			continue
		}
		counted[f.Code] = true
		t.add(p.which, f.Code, f.Message, points, f.Region)
	}
	return specimen
}

// repeats finds one picture that was handed in as two.
func (t *fraudTally) repeats(papers []idPaper, r kyc.CheckRequest) {
	var own []kyc.ID
	for _, p := range papers {
		for _, u := range p.uploads {
			own = append(own, u.ID)
		}
	}
	for _, p := range papers {
		for _, u := range p.uploads {
			if u.SHA256 == "" {
				continue
			}
			twin := slices.IndexFunc(r.Uploads, func(o kyc.Upload) bool {
				// Of two sides of the documents, only the later one is said.
				return o.SHA256 == u.SHA256 && o.ID != u.ID && !o.Superseded && o.RedactedAt.IsZero() &&
					(!slices.Contains(own, o.ID) || slices.Index(own, o.ID) < slices.Index(own, u.ID))
			})
			if twin >= 0 {
				t.add(p.which, "repeated_image", fmt.Sprintf("its picture was also handed in as %s", r.Uploads[twin].Kind), repeatedPoints, &kyc.Region{Upload: u.ID, W: 1, H: 1})
			}
		}
	}
}

// contradictions holds the further documents against those before them.
func (t *fraudTally) contradictions(papers []idPaper) {
	for i, p := range papers {
		for _, before := range papers[:i] {
			a, b := before.holder(), p.holder()
			if a.number != "" && letters(a.number) == letters(b.number) && a.issuer == b.issuer {
				t.add(p.which, "repeated_document", "it has the number of the "+before.which+" one", sameNumberPoints, nil)
			}
			if a.born != "" && b.born != "" && a.born != b.born {
				t.add(p.which, "documents_disagree", "it gives another date of birth than the "+before.which+" one", otherPersonPoints, nil)
			}
		}
	}
}
