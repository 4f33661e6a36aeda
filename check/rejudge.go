package check

import (
	"maps"
	"math"
	"reflect"
	"slices"

	"bonafide/kyc"
	"bonafide/screen"
)

// Rejudge says what a recorded answer would have been under another threshold,
// for a backtest: of face_match by the likeness that was measured, of
// watchlist_screening by the hits that were found. was is the request that it
// answered, asked the same question with another config; the caller has seen that
// the same was known to both (Question). Nobody is called. ok is false where the
// record does not hold what the new threshold asks for:
//
//   - another option than the threshold (or the level) differs;
//   - a list's threshold is lower than it was: hits below it were never kept;
//   - faces that were not alike enough would be now: whether the selfie is a copy of
//     the portrait, or of somebody else than was filmed, is looked at only then;
//   - the likeness lies on the threshold, as far as it was recorded;
//   - the answer came about otherwise: several faces, a copy, a reviewer's word,
//     many parties, a list that was stale.
//
// The comparison that was recorded decides: another picture of the same portrait,
// at which a run looks when the first is not alike enough, is not there to be
// looked at.
func (m *Menu) Rejudge(was kyc.CheckRequest, a kyc.Answer, asked kyc.CheckRequest) (kyc.Answer, bool) {
	d, known := m.dishes[asked.Policy]
	if !known || was.Policy != asked.Policy || was.Tenant != asked.Tenant || d.wrong(asked.Config) != "" {
		return kyc.Answer{}, false
	}
	var out kyc.Answer
	var ok bool
	switch away := a.Status == kyc.StatusUnavailable && a.Threshold == nil && len(a.Hits) == 0; {
	case away && (asked.Policy == "face_match" && m.sameBut(was, asked, "threshold", "security_level") || asked.Policy == "watchlist_screening" && m.sameBut(was, asked, "threshold")):
		out, ok = a, true // whoever did not answer would not have answered
	case a.Status != kyc.StatusOK:
	case asked.Policy == "face_match":
		if m.sameBut(was, asked, "threshold", "security_level") {
			out, ok = rejudgeFaces(was, a, asked)
		}
	case asked.Policy == "watchlist_screening":
		if m.sameBut(was, asked, "threshold") && len(asked.Reviewed) == 0 && len(settledHits(asked.Established)) == 0 {
			out, ok = rejudgeHits(was, a, asked)
		}
	}
	if !ok {
		return kyc.Answer{}, false
	}
	if asked.Tenant.Env != kyc.Sandbox {
		return out, true
	}
	// The sandbox has thresholds of its own making: where they say the same, it is
	// said in its words, otherwise not at all.
	if m.simulator == nil {
		return kyc.Answer{}, false
	}
	says := m.simulator.Answer(asked)
	says.StartedAt, says.FinishedAt = a.StartedAt, a.FinishedAt
	return settle(says, kyc.Sandbox), says.Status == out.Status && says.Verdict == out.Verdict && len(says.Hits) == len(out.Hits)
}

// sameBut reports whether two configs are one but for some options.
func (m *Menu) sameBut(was, asked kyc.CheckRequest, options ...string) bool {
	rest := func(r kyc.CheckRequest) (map[string]any, bool) {
		c, ok := m.resolved(r.Policy, r.Config).(map[string]any)
		if !ok && len(r.Config) > 0 {
			return nil, false
		}
		c = maps.Clone(c)
		maps.DeleteFunc(c, func(name string, _ any) bool { return slices.Contains(options, name) })
		return c, true
	}
	a, okA := rest(was)
	b, okB := rest(asked)
	return okA && okB && (len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b))
}

// halfStep is how far a likeness may lie from the four digits recorded of it.
const halfStep = 0.00005

// rejudgeFaces decides by a recorded likeness.
func rejudgeFaces(was kyc.CheckRequest, a kyc.Answer, asked kyc.CheckRequest) (kyc.Answer, bool) {
	var before, now faceConfig
	var like float64
	if decode(was.Config, &before) != nil || decode(asked.Config, &now) != nil || !detail(a.Details, "similarity", &like) || !finite(like) || len(a.Reasons) == 0 {
		return a, false
	}
	_, from := before.level()
	level, to := now.level()
	if was.Tenant.Env == kyc.Sandbox { // which says in words of its own what a likeness says
		var verdict kyc.Verdict
		if verdict, a.Reasons = judgedLike(like, from); verdict != a.Verdict {
			return a, false
		}
	}
	// Only where the likeness alone made the verdict.
	if a.Verdict != map[string]kyc.Verdict{facesMatch: kyc.Pass, facesUnsure: kyc.VerdictReview, facesDiffer: kyc.Fail}[a.Reasons[0].Code] ||
		slices.ContainsFunc(a.Reasons[1:], func(r kyc.Reason) bool { return r.Severity != info }) {
		return a, false
	}
	verdict, reasons := a.Verdict, []kyc.Reason{a.Reasons[0]}
	switch {
	case a.Verdict != kyc.Pass && (to >= from || like+halfStep < to): // it did not reach the one, and does not reach the other
	case a.Verdict == kyc.Pass && (to <= from || like-halfStep >= to):
		reached := max(like, to)
		if slices.ContainsFunc(a.Reasons, func(r kyc.Reason) bool { return r.Code == belowOperating }) {
			reached = min(reached, math.Nextafter(operatingPoint, 0)) // whatever four digits tell
		}
		verdict, reasons = judgedLike(reached, to)
	case a.Verdict == kyc.Pass && like+halfStep < to && like-halfStep >= noMatch:
		verdict, reasons = judgedLike(like, to)
	default:
		return a, false
	}
	reasons[0].Region = a.Reasons[0].Region
	for _, r := range a.Reasons[1:] {
		if r.Code != belowOperating {
			reasons = append(reasons, r)
		}
	}
	a.Verdict, a.Reasons, a.Threshold, a.Details = verdict, reasons, number(round4(to)), maps.Clone(a.Details)
	a.Details["level"], a.Details["threshold"] = level, round4(to)
	return a, true
}

// rejudgeHits leaves the hits that reach a higher threshold.
func rejudgeHits(was kyc.CheckRequest, a kyc.Answer, asked kyc.CheckRequest) (kyc.Answer, bool) {
	before, now := screeningConfig{Threshold: screen.DefaultThreshold}, screeningConfig{Threshold: screen.DefaultThreshold}
	if decode(was.Config, &before) != nil || decode(asked.Config, &now) != nil || now.Parties != nil || now.Documents || now.Threshold < before.Threshold {
		return a, false
	}
	for _, word := range []string{"cleared", "confirmed", "reopened", "parties"} {
		if _, has := a.Details[word]; has {
			return a, false
		}
	}
	if slices.ContainsFunc(a.Reasons, func(r kyc.Reason) bool { return r.Code == "reviews_not_applied" }) || (a.Verdict == kyc.Fail) != (len(a.Hits) > 0) || a.Verdict != kyc.Fail && a.Verdict != kyc.Pass {
		return a, false
	}
	had := a.Hits
	a.Hits = nil
	for _, h := range had {
		if !finite(h.Score) {
			return a, false
		}
		if h.Score >= now.Threshold-1e-9 {
			h.ToMiss = "" // it was worked out for the other threshold
			a.Hits = append(a.Hits, h)
		}
	}
	a.Marks = slices.DeleteFunc(slices.Clone(a.Marks), func(m kyc.HitMark) bool {
		return !slices.ContainsFunc(a.Hits, func(h kyc.Hit) bool { return h.List == m.List && h.EntryID == m.EntryID && h.Party == m.Party })
	})
	rest := slices.DeleteFunc(slices.Clone(a.Reasons), func(r kyc.Reason) bool { return r.Code == possibleMatch || r.Code == noHits })
	a.Reasons = append(reasonsOf(a.Hits), rest...)
	a.Verdict = kyc.Fail
	if len(a.Hits) == 0 {
		a.Verdict = kyc.Pass
		a.Reasons = append(a.Reasons, nothingAlike(len(a.Lists)))
	}
	top := topOf(a.Hits)
	a.Score, a.Threshold, a.Details = number(top), number(now.Threshold), maps.Clone(a.Details)
	if a.Details == nil {
		a.Details = map[string]any{}
	}
	a.Details["hit_count"], a.Details["top_score"] = len(a.Hits), top
	return a, true
}
