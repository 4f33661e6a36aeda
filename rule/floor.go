package rule

import "slices"

// excused is what rules with flag or no_action have seen: the reasons for a
// failed check that the author declared harmless by naming them.
type excused struct {
	hits     []bool // by index in Facts.Hits
	faces    []bool // by index in Facts.Dedup.Matches
	face     bool
	liveness bool
	risk     bool
	findings []finding
	crypto   []string // conditions
	related  []string // conditions

	anyMedia   bool
	mediaKinds []string
}

// finding is a document with a condition, or a missing document type with an
// empty document.
type finding struct{ document, what string }

func (x *excused) finding(document, what string) {
	x.findings = append(x.findings, finding{document, what})
}

func (x *excused) has(document, what string) bool {
	return slices.Contains(x.findings, finding{document, what})
}

func (x *excused) media(categories []string, all bool) {
	x.anyMedia = x.anyMedia || all
	x.mediaKinds = append(x.mediaKinds, categories...)
}

// floor is step 7: an approval is lowered to manual_review while a required
// check has not passed. A rule with flag or no_action that names the check and
// applies excuses a failure, as far as it goes: every hit, finding or value
// that made the check fail must be one that such a rule has seen. A check that
// errored or did not run is never excused, because no rule can have seen what
// it would have found.
//
// A rule that denies or sends to review and whose facts are unknown counts like
// a required check: had it been judged, there might be no approval. hashless
// says that the facts cannot be hashed, so that the decision could not be
// proved later.
func (e *evaluation) floor(hashless bool) {
	if !e.d.Outcome.Approves() {
		return
	}
	var checks []string
	for _, c := range e.f.Checks {
		if !c.Required || c.Status == Passed || c.Status == Failed && e.excuse(c.Name) {
			continue
		}
		checks = append(checks, c.Name)
	}
	for _, u := range e.d.Unjudged {
		if u.Holds {
			checks = append(checks, u.Check)
		}
	}
	if hashless {
		checks = append(checks, CheckFacts)
	}
	if len(checks) == 0 {
		return
	}
	slices.Sort(checks)
	e.d.Floor = &Floor{From: e.d.Outcome, Checks: slices.Compact(checks)}
	e.d.Outcome = ManualReview
}

// excuse reports whether everything that made the check fail was seen by rules
// that declare it harmless.
func (e *evaluation) excuse(check string) bool {
	x := &e.excused
	switch check {
	case CheckLists:
		return e.hitsSeen() && slices.Contains(x.hits, true)
	case CheckFaceMatch:
		return x.face
	case CheckLiveness:
		return x.liveness
	case CheckFaceDedup:
		return len(x.faces) > 0 && !slices.Contains(x.faces, false)
	case CheckDocuments:
		return e.excuseDocuments()
	case checkReading:
		// It reads the applicant's own paper, which document_set has judged too.
		return e.states.documents == Failed && e.excuseDocuments()
	case CheckCrossValidation:
		return e.excuseMismatches()
	case CheckAdverseMedia:
		return x.anyMedia || e.f.AdverseMedia != nil && len(e.f.AdverseMedia.Categories) > 0 &&
			!slices.ContainsFunc(e.f.AdverseMedia.Categories, func(c string) bool { return !slices.Contains(x.mediaKinds, c) })
	case CheckWallets:
		c := e.f.Crypto
		return c != nil && len(x.crypto) > 0 &&
			(c.Hits == 0 || slices.Contains(x.crypto, "sanctioned")) && (c.Invalid == 0 || slices.Contains(x.crypto, "invalid_address"))
	case CheckRelated:
		s := e.f.Subsessions
		return s != nil && len(x.related) > 0 && !s.Unseen && e.hitsSeen() &&
			(s.Rejected == 0 || slices.Contains(x.related, "any_rejected")) && (s.Expired == 0 || slices.Contains(x.related, "any_expired"))
	case CheckRisk:
		return x.risk
	}
	return false
}

// hitsSeen reports whether no hit is left that counts and that no harmless rule
// has seen; those of related parties are among them.
func (e *evaluation) hitsSeen() bool {
	for i := range e.f.Hits {
		if e.f.Hits[i].live() && !e.excused.hits[i] {
			return false
		}
	}
	return true
}

func (e *evaluation) excuseDocuments() bool {
	seen := false
	for i := range e.f.Documents {
		d := &e.f.Documents[i]
		if d.Status == "valid" {
			continue
		}
		wrong := slices.Clone(d.Findings)
		if d.ExpiresInDays != nil && *d.ExpiresInDays < 0 {
			wrong = append(wrong, "expired")
		}
		if d.Status == "unreadable" {
			wrong = append(wrong, "extraction_failed")
		}
		if len(wrong) == 0 || len(d.Unknown) > 0 || d.Unnamed {
			return false
		}
		for _, what := range wrong {
			if !e.excused.has(d.ID, what) && (what != "expired" || !e.excused.has(d.ID, "expires_within_days")) {
				return false
			}
		}
		seen = true
	}
	for _, m := range e.f.Missing {
		if !m.Required {
			continue
		}
		if !e.excused.has("", m.Type) {
			return false
		}
		seen = true
	}
	return seen
}

func (e *evaluation) excuseMismatches() bool {
	v := e.f.CrossValidation
	if v == nil || v.Unnamed || len(v.Mismatches) == 0 {
		return false
	}
	for _, m := range v.Mismatches {
		at := m.Documents
		if len(at) == 0 {
			for i := range e.f.Documents {
				at = append(at, e.f.Documents[i].ID)
			}
		}
		if len(at) == 0 || slices.ContainsFunc(at, func(id string) bool { return !e.excused.has(id, m.Condition) }) {
			return false
		}
	}
	return true
}
