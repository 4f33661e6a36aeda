package rule

// conditions asks the approval conditions that are demanded (3.6.9, step 5)
// and records each. A check that did not conclude meets none, and an object
// that demands nothing is not met: nobody wrote down what to approve.
func (e *evaluation) conditions(c *Conditions) bool {
	all := true
	ask := func(demanded bool, name string, judge func() (bool, string)) {
		if !demanded {
			return
		}
		holds, why := judge()
		e.d.Conditions = append(e.d.Conditions, ConditionState{Name: name, Holds: holds, Why: why})
		all = all && holds
	}
	ask(c.NoListMatches, "no_list_matches", e.noListMatches)
	ask(c.FaceMatchPassed, "face_match_passed", func() (bool, string) { return measured(e.f.Face, e.states.face) })
	ask(c.LivenessPassed, "liveness_passed", func() (bool, string) { return measured(e.f.Liveness, e.states.liveness) })
	ask(c.DocumentsValid, "documents_valid", e.documentsValid)
	ask(c.CrossValidationPassed, "cross_validation_passed", func() (bool, string) {
		if ok, why := passed(e.states.cross); !ok {
			return false, why
		}
		if len(e.f.CrossValidation.Mismatches) > 0 {
			return false, "documents disagree"
		}
		return true, "documents agree"
	})
	ask(c.NoAdverseMedia, "no_adverse_media", func() (bool, string) { return passed(e.states.media) })
	ask(c.NoCryptoHits, "no_crypto_hits", func() (bool, string) {
		if ok, why := passed(e.states.crypto); !ok {
			return false, why
		}
		if e.f.Crypto.Hits > 0 {
			return false, "a wallet is on a list"
		}
		return true, "no wallet is on a list"
	})
	ask(c.NoDuplicates, "no_duplicates", e.noDuplicates)
	if len(e.d.Conditions) == 0 {
		e.d.Conditions = append(e.d.Conditions, ConditionState{Name: "any", Why: "no condition is demanded, so none is met"})
		return false
	}
	return all
}

func passed(state string) (bool, string) {
	switch state {
	case Passed:
		return true, "the check passed"
	case Failed:
		return false, "the check failed"
	}
	return false, why(state)
}

// measured holds when the check passed and a number that stands beside its
// threshold does not say otherwise.
func measured(m *Measure, state string) (bool, string) {
	if ok, why := passed(state); !ok {
		return false, why
	}
	if m.Value != nil && m.Threshold != nil {
		v, okV := known(m.Value)
		t, okT := known(m.Threshold)
		if !okV || !okT || v < t {
			return false, "the value is below its threshold"
		}
	}
	return true, "the check passed"
}

// noListMatches holds when the lists answered and nothing is left to judge:
// the check passed, or every hit it failed for is a confirmed false positive.
func (e *evaluation) noListMatches() (bool, string) {
	for i := range e.f.Hits {
		if e.f.Hits[i].live() {
			return false, "there is a hit that is not a false positive"
		}
	}
	switch {
	case e.states.lists == Failed && len(e.f.Hits) == 0:
		return false, "the check failed without saying for which hit"
	case !concluded(e.states.lists):
		return false, why(e.states.lists)
	}
	return true, "the lists were asked and no hit stands"
}

func (e *evaluation) documentsValid() (bool, string) {
	if ok, why := passed(e.states.documents); !ok {
		return false, why
	}
	if len(e.f.Documents) == 0 {
		return false, "there is no document"
	}
	for i := range e.f.Documents {
		if e.f.Documents[i].Status != "valid" {
			return false, "document " + e.f.Documents[i].ID + " is not valid"
		}
	}
	for _, m := range e.f.Missing {
		if m.Required {
			return false, "a required document is missing"
		}
	}
	return true, "every document is valid"
}

func (e *evaluation) noDuplicates() (bool, string) {
	if ok, why := passed(e.states.duplicates); !ok {
		return false, why
	}
	if e.f.Duplicates.Matches > 0 {
		return false, "another session has the same data"
	}
	// The same face is a duplicate too, where the workflow compares faces.
	if e.f.Dedup == nil && !e.f.lists(CheckFaceDedup) {
		return true, "no other session has the same data"
	}
	if ok, why := passed(e.states.dedup); !ok {
		return false, why
	}
	if len(e.f.Dedup.Matches) > 0 {
		return false, "the face was met before"
	}
	return true, "no other session has the same data"
}
