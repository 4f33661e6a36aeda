package rule

import "slices"

// face judges a bound on the face comparison or on liveness. A value counts
// when its check concluded; a rule that denies or sends to review takes a bad
// value for what it is even when the check did not.
func (e *evaluation) face(r ref, c *FaceRule) {
	m, state, check, word := e.f.Face, e.states.face, CheckFaceMatch, "similarity"
	if c.Type == "liveness" {
		m, state, check, word = e.f.Liveness, e.states.liveness, CheckLiveness, "confidence"
	}
	var v float64
	ok := false
	if m != nil {
		v, ok = known(m.Value)
	}
	sure := ok && concluded(state)
	if !sure && !(ok && v < c.Below && c.Action.restricts()) {
		e.unjudged(r, c.Action, check, why(state), true)
		return
	}
	if v >= c.Below {
		return
	}
	if c.Action.excuses() {
		if c.Type == "liveness" {
			e.excused.liveness = true
		} else {
			e.excused.face = true
		}
	}
	e.trigger(r, c.Action, c.Reason, map[string]any{word: v, "below": c.Below})
}

// concerns reports whether the rule is about a face met before.
func (c *FaceDedupRule) concerns(m *DedupFace) bool {
	like, measured := known(&m.Similarity)
	if !measured {
		like = 1
		if !c.Action.restricts() {
			return false
		}
	}
	against := slices.Contains(c.Against, m.Of) || m.Of == "" && c.Action.restricts()
	return like >= c.MinSimilarity && m.AgeDays <= c.LookbackDays && against &&
		(c.Scope != "workflow" || m.SameWorkflow) && (!c.ExcludeSameCustomer || !m.SameCustomer)
}

func (e *evaluation) faceDedup(r ref, c *FaceDedupRule) {
	var met []map[string]any
	if e.f.Dedup != nil {
		for i := range e.f.Dedup.Matches {
			m := &e.f.Dedup.Matches[i]
			if !c.concerns(m) {
				continue
			}
			if c.Action.excuses() {
				e.excused.faces[i] = true
			}
			one := map[string]any{"of": m.Of, "age_days": m.AgeDays, "reference": m.Reference}
			if like, ok := known(&m.Similarity); ok {
				one["similarity"] = like
			}
			met = append(met, one)
		}
	}
	if len(met) > 0 {
		e.trigger(r, c.Action, c.Reason, map[string]any{"matches": met})
		return
	}
	if !concluded(e.states.dedup) {
		e.unjudged(r, c.Action, CheckFaceDedup, why(e.states.dedup), true)
	}
}
