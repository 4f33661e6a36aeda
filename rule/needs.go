package rule

import "slices"

// Needs are the checks whose answers the rules and approval conditions look
// at, so that a compiled workflow asks them. Country and form rules need none.
type Needs struct {
	Documents       bool
	CrossValidation bool
	Liveness        bool
	FaceMatch       bool
	FaceDedup       bool
	Duplicates      bool
	Lists           bool
	Exposed         bool // the lists are asked for politically exposed persons, too
	Crypto          bool
	AdverseMedia    bool
	Subsessions     bool
	Risk            bool
}

// Needs tells which checks the rules ask for. Disabled rules ask for none.
func (r Rules) Needs() Needs {
	if !r.Enabled {
		return Needs{}
	}
	n := Needs{
		FaceDedup:    len(r.FaceDedupRules) > 0,
		Lists:        len(r.ListMatchRules) > 0,
		Documents:    len(r.DocumentRules) > 0,
		AdverseMedia: len(r.AdverseMediaRules) > 0,
		Crypto:       len(r.CryptoRules) > 0,
		Subsessions:  len(r.SubsessionRules) > 0,
		Risk:         len(r.RiskRules) > 0,
	}
	n.Exposed = slices.ContainsFunc(r.ListMatchRules, func(l ListMatchRule) bool { return l.exposed() })
	for i := range r.FaceRules {
		n.Liveness = n.Liveness || r.FaceRules[i].Type == "liveness"
		n.FaceMatch = n.FaceMatch || r.FaceRules[i].Type == "face_match"
	}
	for i := range r.DocumentRules {
		n.CrossValidation = n.CrossValidation || mismatch(r.DocumentRules[i].Condition)
	}
	if c := r.AutoApprove; c != nil {
		n.Lists = n.Lists || c.NoListMatches
		n.FaceMatch = n.FaceMatch || c.FaceMatchPassed
		n.Liveness = n.Liveness || c.LivenessPassed
		n.Documents = n.Documents || c.DocumentsValid
		n.CrossValidation = n.CrossValidation || c.CrossValidationPassed
		n.AdverseMedia = n.AdverseMedia || c.NoAdverseMedia
		n.Crypto = n.Crypto || c.NoCryptoHits
		n.Duplicates = n.Duplicates || c.NoDuplicates
	}
	return n
}

// Checks are the needs by the name of the check, sorted.
func (n Needs) Checks() []string {
	var out []string
	for _, one := range []struct {
		needed bool
		check  string
	}{
		{n.AdverseMedia, CheckAdverseMedia}, {n.CrossValidation, CheckCrossValidation}, {n.Documents, CheckDocuments},
		{n.Duplicates, CheckDuplicates}, {n.FaceDedup, CheckFaceDedup}, {n.FaceMatch, CheckFaceMatch}, {n.Liveness, CheckLiveness},
		{n.Subsessions, CheckRelated}, {n.Risk, CheckRisk}, {n.Crypto, CheckWallets}, {n.Lists, CheckLists},
	} {
		if one.needed {
			out = append(out, one.check)
		}
	}
	slices.Sort(out)
	return out
}

// NamedChecks are the checks that rules name with flag or no_action, sorted,
// each once. They are those whose failure the safety floor may let pass, when
// such a rule applies to all that made the check fail.
func (r Rules) NamedChecks() []string {
	if !r.Enabled {
		return nil
	}
	var out []string
	name := func(a Action, checks ...string) {
		if a.excuses() {
			out = append(out, checks...)
		}
	}
	for i := range r.ListMatchRules {
		name(r.ListMatchRules[i].Action, CheckLists)
	}
	for i := range r.FaceRules {
		if r.FaceRules[i].Type == "liveness" {
			name(r.FaceRules[i].Action, CheckLiveness)
		} else {
			name(r.FaceRules[i].Action, CheckFaceMatch)
		}
	}
	for i := range r.FaceDedupRules {
		name(r.FaceDedupRules[i].Action, CheckFaceDedup)
	}
	for i := range r.DocumentRules {
		name(r.DocumentRules[i].Action, CheckDocuments, checkReading)
		if mismatch(r.DocumentRules[i].Condition) {
			name(r.DocumentRules[i].Action, CheckCrossValidation)
		}
	}
	for i := range r.AdverseMediaRules {
		name(r.AdverseMediaRules[i].Action, CheckAdverseMedia)
	}
	for i := range r.CryptoRules {
		name(r.CryptoRules[i].Action, CheckWallets)
	}
	for i := range r.SubsessionRules {
		name(r.SubsessionRules[i].Action, CheckRelated)
	}
	for i := range r.RiskRules {
		name(r.RiskRules[i].Action, CheckRisk)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
