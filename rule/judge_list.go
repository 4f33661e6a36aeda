package rule

import (
	"slices"
	"strings"
)

// MatchTypes are the kinds of hits a list match rule can name.
func MatchTypes() []string { return []string{"sanction", "pep", "watchlist", "internal"} }

// EntityRoles are the parties a list match rule can name.
func EntityRoles() []string {
	return []string{"individual", "ubo", "director", "shareholder", "representative"}
}

// live reports whether the hit still counts.
func (h *Hit) live() bool { return h.MatchStatus != "false_positive" }

func (h *Hit) kind() string {
	if h.Kind == "" {
		return "sanction"
	}
	return h.Kind
}

func (h *Hit) role() string {
	if h.Role == "" {
		return "individual"
	}
	return h.Role
}

// exposed reports whether the rule speaks of politically exposed persons: by the
// kind of the match or by a list that says so in its name.
func (l *ListMatchRule) exposed() bool {
	name := strings.ToLower(l.List)
	return l.MatchType == "pep" || name == "pep" || strings.HasPrefix(name, "pep_") || strings.HasSuffix(name, "_pep")
}

// concerns reports whether the rule is about this hit. A list's name stands
// for its parts too: "ofac" for ofac_sdn. "pep" is every hit of that kind. Case
// does not matter.
func (l *ListMatchRule) concerns(h *Hit) bool {
	// A score that is no number compares with nothing; a rule that restricts
	// takes it for the highest.
	score, measured := known(&h.Score)
	inside := measured && score >= l.MinScore && score <= l.MaxScore
	if !measured {
		inside = l.Action.restricts()
	}
	return h.live() && inside &&
		(l.List == "" || l.List == "*" || strings.EqualFold(h.List, l.List) || strings.EqualFold(l.List, "pep") && h.kind() == "pep" ||
			len(h.List) > len(l.List) && h.List[len(l.List)] == '_' && strings.EqualFold(h.List[:len(l.List)], l.List)) &&
		(l.MatchType == "" || l.MatchType == h.kind()) &&
		(len(l.EntityRoles) == 0 || slices.Contains(l.EntityRoles, h.role()))
}

func (e *evaluation) listMatch(r ref, l *ListMatchRule) {
	var hits []map[string]any
	for i := range e.f.Hits {
		h := &e.f.Hits[i]
		if !l.concerns(h) {
			continue
		}
		if l.Action.excuses() {
			e.excused.hits[i] = true
		}
		one := map[string]any{
			"list": h.List, "entity_id": h.EntityID, "name": h.Name, "entity_role": h.role(), "match_type": h.kind(),
		}
		if score, ok := known(&h.Score); ok {
			one["score"] = score
		}
		hits = append(hits, one)
	}
	if len(hits) > 0 {
		e.trigger(r, l.Action, l.Reason, map[string]any{"hits": hits})
		return
	}
	if !concluded(e.states.lists) {
		e.unjudged(r, l.Action, CheckLists, why(e.states.lists), true)
	}
}
