package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/procedure"
)

// Matchlists are the customer's lists of surface C (store).
type Matchlists interface {
	Matchlists(ctx context.Context, t kyc.Tenant, p kyc.Page) ([]kyc.Matchlist, int, error)
	AllMatchlistEntries(ctx context.Context, t kyc.Tenant, lists []kyc.ID) ([]kyc.MatchlistEntry, error)
}

type matchlistConfig struct {
	Lists     []string `json:"lists"`
	Threshold float64  `json:"threshold"`
}

// matchlistThreshold is the likeness from which a name is the listed one.
const matchlistThreshold = 0.9

// maxMatchlists bounds one screening; more is an error, never a silent cut.
const maxMatchlists = 1000

func matchlistScreening(d Deps) Check {
	s := spec("matchlist_screening", "Own lists of individuals",
		"Looks the person up in the organisation's block, alert, review and allow lists of individuals. An entry matches when all its attributes do: names by likeness, everything else exactly in its normal form; those of an address, of a document and of a name must be of the same one.", 0)
	s.Provides = []string{"details.hits", "details.hit_count", "details.actions", "details.lists_asked"}
	s.ConfigSchema = schema(`
"lists":{"type":"array","uniqueItems":true,"maxItems":100,"items":{"type":"string","minLength":1,"maxLength":100},"description":"Ids of the lists to ask; absent: all of them."},
"threshold":{"type":"number","minimum":0.5,"maximum":1,"default":0.9,"description":"Likeness from which a name is the listed one, 0.5-1."}`, "")
	return Check{Spec: s, Own: true, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer { return askMatchlists(ctx, d, r) }}
}

func askMatchlists(ctx context.Context, d Deps, r kyc.CheckRequest) kyc.Answer {
	c := matchlistConfig{Threshold: matchlistThreshold}
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	if d.Matchlists == nil {
		return notConfigured("matchlists_not_configured", "no lists of individuals are kept here")
	}
	lists, bad := chosenMatchlists(ctx, d, r, c)
	if bad != nil {
		return *bad
	}
	ids := make([]kyc.ID, len(lists))
	shown := []any{}
	for i, l := range lists {
		ids[i] = l.ID
		shown = append(shown, map[string]any{"id": string(l.ID), "action": l.Action, "version": l.Version, "entries": l.Entries})
	}
	p := personToMatch(r)
	var hits []procedure.ListHit
	weak := 0
	if len(ids) > 0 {
		entries, err := d.Matchlists.AllMatchlistEntries(ctx, r.Tenant, ids)
		if err != nil {
			return unavailable("matchlists_unavailable", "the lists cannot be read now")
		}
		for i := range entries {
			e := &entries[i]
			at := slices.IndexFunc(lists, func(l kyc.Matchlist) bool { return l.ID == e.MatchlistID })
			if at < 0 {
				continue
			}
			confidence, kinds, ok := p.matches(e.Private.Attributes, c.Threshold)
			switch {
			case !ok:
				weak++
			case confidence > 0:
				hits = append(hits, procedure.ListHit{List: string(e.MatchlistID), Name: lists[at].Name, Entry: string(e.ID), Action: lists[at].Action,
					Reasons: e.Reasons, Attributes: kinds, Confidence: round4(confidence)})
			}
		}
	}
	return judgeMatchlists(p, hits, shown, weak)
}

// chosenMatchlists are the lists to ask. One that the config names and that is
// not there is an error: nobody knows what it would have said.
func chosenMatchlists(ctx context.Context, d Deps, r kyc.CheckRequest, c matchlistConfig) ([]kyc.Matchlist, *kyc.Answer) {
	fail := func(a kyc.Answer) ([]kyc.Matchlist, *kyc.Answer) { return nil, &a }
	all, total, err := d.Matchlists.Matchlists(ctx, r.Tenant, kyc.Page{Limit: maxMatchlists})
	if err != nil {
		return fail(unavailable("matchlists_unavailable", "the lists cannot be read now"))
	}
	if total > len(all) {
		return fail(broken("too_many_matchlists", "the organisation has more lists than one check can ask"))
	}
	all = slices.DeleteFunc(all, func(l kyc.Matchlist) bool { return !l.DeletedAt.IsZero() })
	if len(c.Lists) == 0 {
		return all, nil
	}
	var out []kyc.Matchlist
	for _, id := range c.Lists {
		at := slices.IndexFunc(all, func(l kyc.Matchlist) bool { return string(l.ID) == id })
		if at < 0 {
			return fail(broken("list_missing", "a list that the config names does not exist"))
		}
		out = append(out, all[at])
	}
	return out, nil
}

// judgeMatchlists turns hits into an answer: BLOCK fails, ALERT and REVIEW ask
// for a person, ALLOW and NONE are noted.
func judgeMatchlists(p matchable, hits []procedure.ListHit, lists []any, weak int) kyc.Answer {
	slices.SortStableFunc(hits, func(a, b procedure.ListHit) int {
		if a.List != b.List {
			return strings.Compare(a.List, b.List)
		}
		return strings.Compare(a.Entry, b.Entry)
	})
	a := judged(kyc.Pass)
	actions := []string{}
	top := 0.0
	for _, h := range hits {
		actions = append(actions, h.Action)
		top = max(top, h.Confidence)
		message := fmt.Sprintf("an entry of list %s with the action %s matches in %d attributes", h.List, h.Action, len(h.Attributes))
		switch h.Action {
		case "BLOCK":
			a.Verdict = kyc.Fail
			a.Reasons = append(a.Reasons, reason(critical, "matchlist_block", message))
		case "ALLOW", "NONE":
			a.Reasons = append(a.Reasons, reason(info, "matchlist_"+strings.ToLower(h.Action), message))
		default: // ALERT, REVIEW, and an action nobody knows
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
			a.Reasons = append(a.Reasons, reason(warning, "matchlist_"+strings.ToLower(h.Action), message))
		}
	}
	slices.Sort(actions)
	a.Score = number(round4(top))
	shown, ok := plainly(hits).([]any)
	if !ok {
		shown = []any{}
	}
	a.Details = map[string]any{"hits": shown, "hit_count": len(hits), "actions": texted(slices.Compact(actions)), "lists_asked": lists, "not_compared": weak}
	if weak > 0 {
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		a.Reasons = append(a.Reasons, reason(warning, "entries_not_compared", fmt.Sprintf("%d entries cannot be compared with anybody", weak)))
	}
	if p.empty() {
		a = broken("name_missing", "there is nothing to look for on the lists")
		a.Details = map[string]any{"lists_asked": lists}
		return a
	}
	if len(hits) == 0 && weak == 0 {
		a.Reasons = append(a.Reasons, reason(info, "no_hits", fmt.Sprintf("no entry of %d lists matches", len(lists))))
	}
	return a
}
