package procedure

import (
	"slices"

	"bonafide/kyc"
)

// tally counts the hits of a step by what people said of them.
type tally struct {
	hits, falsePositives, truePositives, unknown int
	unresolved, accepted, rejected               int
	// by kind: how many are unresolved, accepted, rejected, and all of them
	open, taken, refused, all map[string]int
}

// kindBlock are hits of matchlists with the action BLOCK; those of the others
// are of factorMatchlist.
const kindBlock = "blocklist"

// kindOfHit is what a hit is about, by its first factor. One that does not say
// it counts as the gravest.
func kindOfHit(p *kyc.ProcessResult) string {
	if len(p.Factors) == 0 {
		return factorSanction
	}
	if p.Factors[0].Factor == factorMatchlist && p.Factors[0].Value == "BLOCK" {
		return kindBlock
	}
	return p.Factors[0].Factor
}

// tallyOf adds up the hits among process results. A result that the system marked
// otherwise than valid is not looked at, except that a hit stays one: nothing
// but a person's word clears it.
func tallyOf(results []kyc.ProcessResult) tally {
	t := tally{open: map[string]int{}, taken: map[string]int{}, refused: map[string]int{}, all: map[string]int{}}
	for i := range results {
		p := &results[i]
		if p.Result != "HIT" {
			if Refuses(p.ManualWord()) { // whoever refuses a person over a noted match refuses them
				t.rejected++
			}
			continue
		}
		t.hits++
		kind, word := kindOfHit(p), p.ManualWord()
		t.all[kind]++
		switch word {
		case FalsePositive:
			t.falsePositives++
		case TruePositive, TruePositiveAccept, TruePositiveReject:
			t.truePositives++
		case Unknown, UnknownAccept, UnknownReject:
			t.unknown++
		}
		switch {
		case Refuses(word):
			t.rejected++
			t.refused[kind]++
		case word == FalsePositive:
		case Accepts(word):
			t.accepted++
			t.taken[kind]++
		default:
			t.unresolved++
			t.open[kind]++
		}
	}
	return t
}

// summary is the beginning of a step's summary: what the machine said and what
// does not change when people judge results.
func (w *stepWork) summary(machine string) map[string]any {
	out := map[string]any{}
	switch w.s.Type {
	case TypeKYC:
		out = w.kycSummary(w.j.f.Checks[policyKYC])
	case TypeAML:
		asked := []any{}
		for _, p := range w.r.Providers {
			asked = append(asked, map[string]any{"provider": p.Provider, "result": p.Result})
		}
		out["providerSummaries"] = asked
	case TypeMatchlist, TypeBlocklist:
		out["matchlists"] = w.listSummaries()
	case TypeFraud:
		highest, evaluated := 0.0, 0
		for i := range w.results {
			if p := &w.results[i]; p.State == "COMPLETED" && p.Result != "BAD_DATA" {
				evaluated++
				if p.Provider.RiskScore != nil {
					highest = max(highest, *p.Provider.RiskScore)
				}
			}
		}
		out["maxRiskScore"], out["evaluated"] = highest, evaluated
	case TypeIDV:
		shown := []any{}
		for _, p := range w.results {
			shown = append(shown, map[string]any{"stepType": p.StepType, "result": p.Result})
		}
		out["checks"] = shown
	}
	out["type"], out["machineResult"], out["required"] = summaryType(w.s.Type), machine, w.required
	out["answered"] = w.answered
	return out
}

// summaryType is the word by which summaries are told apart (5.5).
func summaryType(kind string) string {
	if kind == TypeIDV {
		return "ID"
	}
	return kind
}

// listSummaries count the hits of each of the customer's lists.
func (w *stepWork) listSummaries() []any {
	var order []string
	hits, action := map[string]int{}, map[string]string{}
	for _, p := range w.results {
		if p.Hit == "" || len(p.Factors) == 0 {
			continue
		}
		if list := p.Provider.Source; hits[list] == 0 {
			order = append(order, list)
			action[list] = p.Factors[0].Value
		}
		hits[p.Provider.Source]++
	}
	out := []any{}
	for _, list := range order {
		out = append(out, map[string]any{"matchlistId": list, "action": action[list], "hits": hits[list]})
	}
	return out
}

// restate computes from process results what a step came to, and the counters
// of its summary. It is asked by Judge and, after people judged results, by
// Recompute; what the machine said stays in the summary.
func restate(r *kyc.StepResult, results []kyc.ProcessResult) {
	machine, _ := r.Summary["machineResult"].(string)
	if machine == "" {
		return // a step that asks nothing
	}
	r.Result = machine
	if machine == StepSkipped {
		return
	}
	if hitType(r.Type) {
		t := tallyOf(results)
		r.Summary["totalHits"], r.Summary["unresolved"] = t.hits, t.unresolved
		r.Summary["falsePositives"], r.Summary["truePositives"], r.Summary["unknown"] = t.falsePositives, t.truePositives, t.unknown
		r.Summary["accepted"], r.Summary["rejected"] = t.accepted, t.rejected
		switch r.Type {
		case TypeAML:
			r.Summary["unresolvedPEP"], r.Summary["unresolvedSanction"] = t.open[factorPEP], t.open[factorSanction]
			r.Summary["unresolvedWatchlist"], r.Summary["unresolvedAdverseMedia"] = t.open[factorWatchlist], t.open[factorMedia]
		case TypeMatchlist, TypeBlocklist:
			r.Summary["unresolvedBlock"] = t.open[kindBlock]
		}
		switch {
		case machine == StepError:
		case t.unresolved > 0:
			r.Result = StepHit
		case t.rejected > 0:
			r.Result = StepHitRejected
		case machine == StepMissingData:
		case t.accepted > 0:
			r.Result = StepHitAccepted
		case t.falsePositives > 0:
			r.Result = StepCleared
		}
		return
	}
	refused, accepted, waiting := 0, false, false
	for i := range results {
		p := &results[i]
		word, kind := p.ManualWord(), KindOf(p)
		switch {
		case Refuses(word) || kind == KindFraud && word == TruePositive:
			refused++
		case Accepts(word):
			accepted = accepted || !fine(p)
		case !fine(p):
			waiting = true
		}
	}
	r.Summary["judged"], r.Summary["rejected"] = refused > 0 || accepted, refused
	switch {
	case machine == StepError:
	case refused > 0:
		r.Result = StepFail
	case accepted && !waiting:
		r.Result = StepCleared
	}
}

// fine reports whether a process result needs no judgement.
func fine(p *kyc.ProcessResult) bool {
	return p.State == "COMPLETED" && slices.Contains([]string{"MATCH", "CLEAR", "MANUAL", "CLEAR_AUTO", "NOT_APPLICABLE"}, p.Result)
}
