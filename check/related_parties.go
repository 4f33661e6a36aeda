package check

import (
	"context"
	"fmt"
	"slices"

	"bonafide/field"
	"bonafide/kyc"
)

type relatedConfig struct {
	Steps []relatedStep `json:"steps"`
}

// relatedStep is one step that collects related parties (onboarding's config).
type relatedStep struct {
	StepID   string       `json:"step_id"`
	Required bool         `json:"required"`
	Complete bool         `json:"require_completion_before_proceed"`
	Impact   bool         `json:"impact_parent_status"`
	Minimum  int          `json:"min_subsessions"`
	Maximum  int          `json:"max_subsessions"`
	ShowIf   *field.Logic `json:"show_if"`
}

func relatedParties(d Deps) Check {
	s := spec("related_parties", "Related parties",
		"Adds up the subsessions of the session: how many there are, how they ended and whom the lists hit. A rejected party, a hit or an unfinished party asks for a person where the step says that it matters; it never rejects by itself.", 0)
	s.Provides = []string{"details.total", "details.approved", "details.rejected", "details.flagged", "details.pending", "details.expired", "details.hits"}
	s.ConfigSchema = schema(`
"steps":{"type":"array","maxItems":50,"items":{"type":"object","additionalProperties":false,"required":["step_id"],"properties":{
"step_id":{"type":"string","maxLength":64,"description":"The step that collects the parties."},
"required":{"type":"boolean","description":"The step may not be skipped."},
"require_completion_before_proceed":{"type":"boolean","description":"Every party must have finished."},
"impact_parent_status":{"type":"boolean","description":"The parties' results count for the session."},
"min_subsessions":{"type":"integer","minimum":0,"maximum":100,"description":"How many parties there must be."},
"max_subsessions":{"type":"integer","minimum":0,"maximum":100,"description":"How many parties there may be."},
"show_if":`+logicSchema+`}},
"description":"The steps that collect related parties; absent: every party counts as with impact_parent_status."}`, "")
	return Check{Spec: s, Own: true, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		var c relatedConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if d.Related == nil {
			return notConfigured("related_not_configured", "this installation keeps no related parties")
		}
		parties, err := d.Related.Related(ctx, r.Tenant, r.SessionID)
		if err != nil {
			return unavailable("related_unavailable", "the related parties cannot be read now")
		}
		return judgeRelated(parties, c, r)
	}}
}

// relatedCounts are the parties by how they ended. Cancelled and failed ones
// are open questions, so they count as pending.
type relatedCounts struct {
	Total    int `json:"total"`
	Approved int `json:"approved"`
	Rejected int `json:"rejected"`
	Flagged  int `json:"flagged"`
	Pending  int `json:"pending"`
	Expired  int `json:"expired"`
}

func (n *relatedCounts) add(p RelatedParty) {
	n.Total++
	switch {
	case p.Status == kyc.SessionRejected:
		n.Rejected++
	case p.Status == kyc.SessionApproved && p.Final == "flagged":
		n.Approved++ // flagged parties are approved ones with a remark
		n.Flagged++
	case p.Status == kyc.SessionApproved:
		n.Approved++
	case p.Status == kyc.SessionExpired:
		n.Expired++
	default:
		n.Pending++
	}
}

// finished reports whether a party has done its part: it is complete, or
// decided and not rejected (api.md 3.4.6).
func (p RelatedParty) finished() bool {
	switch p.Status {
	case kyc.SessionCaptured, kyc.SessionRunning, kyc.SessionPaused, kyc.SessionReview, kyc.SessionApproved:
		return true
	}
	return false
}

func judgeRelated(parties []RelatedParty, c relatedConfig, r kyc.CheckRequest) kyc.Answer {
	a := judged(kyc.Pass)
	say := func(code, format string, args ...any) {
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		a.Reasons = append(a.Reasons, reason(warning, code, fmt.Sprintf(format, args...)))
	}
	var all, counting relatedCounts
	rows, hits, media := []any{}, []any{}, 0
	for _, p := range parties {
		step, known := c.step(p.StepID)
		impact := !known || step.Impact // a party of no known step is not overlooked
		all.add(p)
		role := first(p.Role, roleIndividual)
		rows = append(rows, map[string]any{"session_id": string(p.SessionID), "step_id": p.StepID, "entity_role": role, "status": string(p.Status),
			"final_decision": p.Final, "hit_count": len(p.Hits) + len(p.MediaHits), "counts": impact})
		if !impact {
			continue
		}
		counting.add(p)
		for _, h := range p.Hits {
			h.Role = first(h.Role, role)
			if h.Role == roleIndividual {
				h.Role = role
			}
			a.Hits = append(a.Hits, h)
		}
		for _, h := range slices.Concat(p.Hits, p.MediaHits) {
			hits = append(hits, map[string]any{"session_id": string(p.SessionID), "list": h.List, "entity_id": h.EntryID, "name": h.Name, "score": round4(h.Score), "entity_role": role})
		}
		media += len(p.MediaHits)
	}
	for _, s := range c.Steps {
		if visible(s.ShowIf, r) {
			s.judge(parties, say)
		}
	}
	impact := len(c.Steps) == 0 || slices.ContainsFunc(c.Steps, func(s relatedStep) bool { return s.Impact })
	if counting.Rejected > 0 {
		say("related_rejected", "%d of %d related parties were rejected", counting.Rejected, counting.Total)
	}
	if len(hits) > 0 {
		say("related_hits", "%d hits belong to related parties", len(hits))
	}
	if counting.Flagged > 0 {
		a.Reasons = append(a.Reasons, reason(warning, "related_flagged", fmt.Sprintf("%d related parties were approved with a flag", counting.Flagged)))
	}
	if a.Verdict == kyc.Pass {
		a.Reasons = append(a.Reasons, reason(info, "related_clear", fmt.Sprintf("nothing about %d related parties asks for a person", all.Total)))
	}
	a.Details = map[string]any{"total": all.Total, "approved": all.Approved, "rejected": all.Rejected, "flagged": all.Flagged, "pending": all.Pending, "expired": all.Expired,
		"impact": impact, "counting": plainly(counting), "hits": hits, "media_hit_count": media, "parties": rows}
	return a
}

func (c relatedConfig) step(id string) (relatedStep, bool) {
	at := slices.IndexFunc(c.Steps, func(s relatedStep) bool { return s.StepID == id })
	if at < 0 {
		return relatedStep{}, false
	}
	return c.Steps[at], true
}

// judge looks whether a step has the parties it must have.
func (s relatedStep) judge(parties []RelatedParty, say func(code, format string, args ...any)) {
	total, open := 0, 0
	for _, p := range parties {
		if p.StepID == s.StepID {
			total++
			if !p.finished() {
				open++
			}
		}
	}
	if s.Required && total < s.Minimum {
		say("related_missing", "step %s has %d related parties and needs %d", s.StepID, total, s.Minimum)
	}
	if s.Maximum > 0 && total > s.Maximum {
		say("related_too_many", "step %s has %d related parties and may have %d", s.StepID, total, s.Maximum)
	}
	if s.Complete && open > 0 {
		say("related_unfinished", "%d related parties of step %s have not finished", open, s.StepID)
	}
}
