package rule

import "slices"

// states are how the checks that rules look at ended, read once per decision.
type states struct {
	lists, documents, cross, face, liveness, dedup string
	duplicates, media, crypto, related, risk       string
}

// prepare reads the states. Where a fact has a status of its own and the check
// is listed too, the worse of both counts: two records of one thing that
// disagree are no conclusion in the better sense.
func (e *evaluation) prepare() {
	f := e.f
	s := &e.states
	s.lists = f.listed(CheckLists)
	s.documents = f.listed(CheckDocuments)
	s.face = f.state(CheckFaceMatch, f.Face.status())
	s.liveness = f.state(CheckLiveness, f.Liveness.status())
	own := func(has bool, status func() string) string {
		if !has {
			return NotRun
		}
		return status()
	}
	s.cross = f.state(CheckCrossValidation, own(f.CrossValidation != nil, func() string { return f.CrossValidation.Status }))
	s.dedup = f.state(CheckFaceDedup, own(f.Dedup != nil, func() string { return f.Dedup.Status }))
	s.duplicates = f.state(CheckDuplicates, own(f.Duplicates != nil, func() string { return f.Duplicates.Status }))
	s.media = f.state(CheckAdverseMedia, own(f.AdverseMedia != nil, func() string { return f.AdverseMedia.Status }))
	s.crypto = f.state(CheckWallets, own(f.Crypto != nil, func() string { return f.Crypto.Status }))
	s.related = f.state(CheckRelated, own(f.Subsessions != nil, func() string { return f.Subsessions.Status }))
	s.risk = f.state(CheckRisk, own(f.Risk != nil, func() string { return f.Risk.Status }))
	e.excused.hits = make([]bool, len(f.Hits))
	if f.Dedup != nil {
		e.excused.faces = make([]bool, len(f.Dedup.Matches))
	}
}

func (m *Measure) status() string {
	if m == nil {
		return NotRun
	}
	return m.Status
}

// listed gives the worst state of a check in Checks, not_run when it is not
// there.
func (f *Facts) listed(name string) string {
	state, found := Passed, false
	for _, c := range f.Checks {
		if c.Name == name {
			state, found = worse(state, c.Status), true
		}
	}
	if !found {
		return NotRun
	}
	return state
}

// lists reports whether the check is part of the session at all.
func (f *Facts) lists(name string) bool {
	return slices.ContainsFunc(f.Checks, func(c CheckState) bool { return c.Name == name })
}

// state joins a fact's own status with the check's, where that is listed.
func (f *Facts) state(name, own string) string {
	own = worse(Passed, own)
	for _, c := range f.Checks {
		if c.Name == name {
			own = worse(own, c.Status)
		}
	}
	return own
}

// worse gives the state that says less for the applicant: no conclusion before
// failed before passed. An empty or unknown word is not_run.
func worse(a, b string) string {
	weight := func(s string) int {
		switch s {
		case Passed:
			return 0
		case Failed:
			return 1
		case Skipped:
			return 2
		case Errored:
			return 4
		}
		return 3
	}
	if weight(b) > weight(a) {
		a = b
	}
	switch a {
	case Passed, Failed, Skipped, Errored:
		return a
	}
	return NotRun
}

// concluded reports whether a check came to an answer.
func concluded(state string) bool { return state == Passed || state == Failed }

// why is the sentence for a rule that waits for a check.
func why(state string) string {
	switch state {
	case Passed, Failed:
		return "the check gave no value"
	case Errored:
		return "the check could not do its work"
	case Skipped:
		return "the check was skipped"
	}
	return "the check did not run"
}

// leftOut reports whether a check was skipped and needed no answer: its step
// was not shown to this applicant, or was optional and not taken. A fact that
// is missing altogether is not left out but unknown.
func (e *evaluation) leftOut(check string) bool {
	s := &e.states
	state := map[string]string{
		CheckLists: s.lists, CheckDocuments: s.documents, CheckCrossValidation: s.cross, CheckFaceMatch: s.face, CheckLiveness: s.liveness,
		CheckFaceDedup: s.dedup, CheckAdverseMedia: s.media, CheckWallets: s.crypto, CheckRelated: s.related, CheckRisk: s.risk,
	}[check]
	return state == Skipped && !slices.ContainsFunc(e.f.Checks, func(c CheckState) bool { return c.Name == check && c.Required })
}
