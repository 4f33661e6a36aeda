package check

import (
	"context"
	"slices"

	"bonafide/kyc"
	"bonafide/tamper"
)

// Scores of document_fraud from which a person looks and from which it fails.
const (
	fraudReviewFrom = 60.0
	fraudFailFrom   = 85.0
)

type fraudConfig struct {
	ReviewFrom           float64  `json:"review_from"`
	FailFrom             float64  `json:"fail_from"`
	Threshold            *float64 `json:"threshold"`
	MinimumAge           *int     `json:"minimum_age"`
	MaximumAge           *int     `json:"maximum_age"`
	MaximumValidityYears int      `json:"maximum_validity_years"`
	GraceYears           int      `json:"grace_years"`
	AcceptSpecimen       bool     `json:"accept_specimen"`
	ComparePortraits     *bool    `json:"compare_portraits"`
	LookForScreens       bool     `json:"look_for_screens"`
}

// documentFraud scores the risk that an identity document is forged.
func documentFraud(d Deps) Check {
	s := spec("document_fraud", "Document fraud analysis",
		"Adds named, weighted points for every sign of forgery on the identity documents that were handed in, cut to 0-100: check digits, impossible dates and codes, specimens, printed text and barcode against the zone, documents against each other, the form and the chip, a second face that is not the portrait's, pictures and faces that were met under another identity, traces in the files. One contradiction reaches 60 alone; hints of pictures and files give at most 24 together. A document that cannot be read asks for a person and never gets a low score.",
		fraudTimeout)
	s.Needs = []string{"document_front"}
	s.Provides = []string{"score", "details.risk_score", "details.threshold_reached", "details.signals", "details.documents", "details.not_checked"}
	s.ConfigSchema = schema(`
"review_from":{"type":"number","minimum":0,"maximum":100,"default":60,"description":"Risk score from which a person must look, 0-100."},
"fail_from":{"type":"number","minimum":0,"maximum":101,"default":85,"description":"Risk score from which the check fails; 101: never."},
"threshold":{"type":"number","minimum":0,"maximum":100,"description":"Risk score from which details.threshold_reached is true and a workflow may ask for more evidence, such as the chip; absent: review_from."},
"minimum_age":{"type":"integer","minimum":0,"maximum":150,"description":"A holder younger than this, in full years, is a signal; absent: any age."},
"maximum_age":{"type":"integer","minimum":0,"maximum":150,"description":"A holder older than this is a signal; absent: any age."},
"maximum_validity_years":{"type":"integer","minimum":1,"maximum":50,"description":"A document that expires further ahead than this is a signal; absent: any, but a passport at most 12."},
"grace_years":{"type":"integer","minimum":0,"maximum":100,"default":0,"description":"An expired document is no signal for this many calendar years."},
"accept_specimen":{"type":"boolean","default":false,"description":"Give no points for a specimen or a document of a fictional issuer. For demonstrations; each result says so."},
"compare_portraits":{"type":"boolean","description":"Compare the second face that a document prints with its portrait. Nothing of it is kept. Absent: where the session has a picture of the applicant's face, to which the applicant agreed; false: no face is looked at."},
"look_for_screens":{"type":"boolean","default":false,"description":"Look for the pattern of a screen in JPEG pictures. It was measured on computed photographs only, and rasters of print can look the same."}`, "")
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
		v := fraudVisit{d: d, r: r, c: c}
		return v.judge(ctx, papers)
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

// judge scores the documents. The points of the reasons add up to the score,
// except where it is cut at 100.
func (v *fraudVisit) judge(ctx context.Context, papers []idPaper) kyc.Answer {
	documents, unseen := []any{}, false
	for _, p := range papers {
		before := v.tally.Sum()
		if p.unreadable() {
			unseen = true
			v.add(p.which, "document_unreadable", 1, p.problem(), nil, nil)
		}
		unseen = unseen || p.reading.Has("front_missing")
		for _, part := range p.reading.NotLookedFor {
			if !slices.Contains(v.notChecked, part) {
				v.notChecked = append(v.notChecked, part)
			}
		}
		v.findings(p, v.sources(p))
		v.dates(p)
		v.form(p)
		if bad := v.traces(ctx, p); bad != nil {
			return *bad
		}
		if bad := v.portraits(ctx, p); bad != nil {
			return *bad
		}
		documents = append(documents, p.row(round4(v.tally.Sum()-before)))
	}
	v.repeats(papers)
	if bad := v.duplicates(ctx, papers); bad != nil {
		return *bad
	}
	v.contradictions(papers)
	v.verified()
	score := v.tally.Score()
	threshold := v.c.ReviewFrom
	if v.c.Threshold != nil {
		threshold = *v.c.Threshold
	}
	a := judged(fraudVerdict(score, v.c))
	for _, s := range v.tally.Signals {
		a.Reasons = append(a.Reasons, reasonOf(s))
	}
	if unseen { // nothing was looked at, or only a barcode; a limit above the points must not hide that
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
	}
	if papers[0].which != idPrimary {
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		a.Reasons = append(a.Reasons, reason(warning, "document_missing", "the first identity document is missing"))
	}
	if v.specimen {
		a.Reasons = append(a.Reasons, reason(warning, "specimen_accepted", "a specimen was let pass, because the workflow says so"))
	}
	a.Score, a.Threshold, a.Pictures = number(score), number(threshold), v.pictures
	if !v.screens {
		v.notChecked = append(v.notChecked, "moire")
	}
	a.Details = map[string]any{"risk_score": score, "threshold_reached": score >= threshold, "signals": listOf(v.tally.Signals), "documents": documents,
		"not_checked": anyOf(v.notChecked)}
	if len(a.Reasons) == 0 {
		a.Reasons = []kyc.Reason{reason(info, "no_fraud_signals", "nothing on the documents speaks of forgery")}
	}
	return a
}

// reasonOf says a signal to the reviewer.
func reasonOf(s tamper.Signal) kyc.Reason {
	severity := info
	switch {
	case s.Points >= 60:
		severity = critical
	case s.Points >= 15:
		severity = warning
	}
	return kyc.Reason{Code: s.Code, Message: "the " + s.Document + " document: " + s.Message, Severity: severity, Points: number(s.Points), Region: s.Region}
}

// listOf turns signals into details; there is always a list.
func listOf(signals []tamper.Signal) []any {
	out, _ := plainly(signals).([]any)
	if out == nil {
		out = []any{}
	}
	return out
}

func anyOf(texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}
