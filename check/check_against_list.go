package check

import (
	"context"
	"fmt"

	"bonafide/kyc"
)

type listConfig struct {
	ListIDs       []string `json:"list_ids"`
	OnMissing     string   `json:"on_missing"`
	NameThreshold float64  `json:"name_threshold"`
	FaceThreshold float64  `json:"face_threshold"`
}

func checkAgainstList(d Deps) Check {
	s := spec("check_against_list", "Own lists",
		"Looks the applicant up in the organisation's own lists. A match on a block list fails, on a flag list is recorded, on an allow list is recorded as trusted; block outweighs allow. Lists of faces are compared with the picture of the applicant that face_dedup takes; nothing of it is kept.", faceTimeout)
	s.Provides = []string{"details.blocked", "details.flagged", "details.allowed", "details.matches", "details.not_compared"}
	s.ConfigSchema = schema(`
"list_ids":{"type":"array","uniqueItems":true,"maxItems":200,"items":{"type":"string","minLength":36,"maxLength":41},"description":"Ids of the lists to ask; absent: every active list."},
"on_missing":{"type":"string","enum":["review","ignore"],"default":"review","description":"What it means when a block list cannot be asked because the session has no such value."},
"name_threshold":{"type":"number","minimum":0.5,"maximum":1,"default":0.85,"description":"Likeness of names, 0-1, from which a name list matches (with the same date of birth where the list has one)."},
"face_threshold":{"type":"number","minimum":0.5,"maximum":1,"default":0.92,"description":"Likeness of faces, 0-1, from which a face of a list is the applicant's. From 0.80 on a person has to look where the list blocks."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer { return askLists(ctx, d, r) }}
}

// maxLists bounds how many lists one check asks; more is an error, never a
// silent cut.
const maxLists = 1000

func askLists(ctx context.Context, d Deps, r kyc.CheckRequest) kyc.Answer {
	c := listConfig{OnMissing: "review", NameThreshold: 0.85, FaceThreshold: listFaceMin}
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	if d.Lists == nil || d.Blinder == nil {
		return notConfigured("lists_not_configured", "no store of lists is set up here")
	}
	lists, bad := chosenLists(ctx, d, r.Tenant, c.ListIDs)
	if bad != nil {
		return *bad
	}
	if len(lists) == 0 {
		return notConfigured("no_lists", "the organisation has no active list to ask")
	}
	v := valuesOf(r)
	faces, bad := facesOf(ctx, d, &r, lists, c.FaceThreshold)
	if bad != nil {
		return *bad
	}
	a := judged(kyc.Pass)
	matches, silent := []any{}, []any{}
	hit := map[kyc.ListMode]int{}
	for _, l := range lists {
		var found found
		var asked bool
		var doubts []kyc.Reason
		if l.Type == kyc.ListFace {
			var strange int
			if found, strange, asked, bad = faces.ask(ctx, d, r.Tenant, l); bad != nil {
				return *bad
			}
			if l.Items > 0 && !found.sure {
				doubts = faces.doubts(l, strange)
			}
		} else {
			var err error
			if found, asked, err = v.ask(ctx, d, r.Tenant, l, c.NameThreshold); err != nil {
				return unavailable("lists_unavailable", "a list cannot be read now")
			}
		}
		a.Reasons = append(a.Reasons, doubts...)
		if len(doubts) > 0 && l.Mode == kyc.ModeBlock {
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		}
		version := kyc.ListVersion{List: string(l.ID), Version: fmt.Sprint(l.Version), Entries: l.Items, AsOf: l.UpdatedAt, Status: kyc.StatusOK}
		if !asked && l.Items > 0 {
			version.Status = kyc.StatusNotConfigured
		}
		a.Lists = append(a.Lists, version)
		switch {
		case found.sure:
			hit[l.Mode]++
			matches = append(matches, map[string]any{"list_id": string(l.ID), "type": string(l.Type), "mode": string(l.Mode), "item_id": string(found.item), "likeness": round4(found.likeness)})
			a.Verdict = worse(a.Verdict, verdictOf(l.Mode))
			a.Reasons = append(a.Reasons, matchReason(l))
		case found.perhaps:
			// The name is on the list, but the birth date that would tell two
			// people apart is not known; or a face is alike, but not enough.
			matches = append(matches, map[string]any{"list_id": string(l.ID), "type": string(l.Type), "mode": string(l.Mode), "item_id": string(found.item), "likeness": round4(found.likeness), "unsure": true})
			if l.Mode == kyc.ModeBlock {
				a.Verdict = worse(a.Verdict, kyc.VerdictReview)
			}
			a.Reasons = append(a.Reasons, unsure(l))
		case !asked && l.Items > 0:
			silent = append(silent, string(l.ID))
			if l.Mode == kyc.ModeBlock && c.OnMissing != "ignore" {
				a.Verdict = worse(a.Verdict, kyc.VerdictReview)
				a.Reasons = append(a.Reasons, reason(warning, "list_not_compared", fmt.Sprintf("the session has no %s to look up in list %s", l.Type, l.ID)))
			}
		}
	}
	a.Details = map[string]any{"blocked": hit[kyc.ModeBlock] > 0, "flagged": hit[kyc.ModeFlag] > 0, "allowed": hit[kyc.ModeAllow] > 0,
		"matches": matches, "not_compared": silent}
	if faces.search != nil {
		a.Details["source"], a.Details["model"] = faces.source, faces.search.own.Model
	}
	if len(silent) == len(lists) {
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		a.Reasons = append(a.Reasons, reason(warning, "nothing_compared", "the session has no value that any of the lists holds"))
	}
	if len(a.Reasons) == 0 {
		a.Reasons = []kyc.Reason{reason(info, "no_list_match", fmt.Sprintf("the applicant is on none of %d lists", len(lists)))}
	}
	return a
}

func unsure(l kyc.List) kyc.Reason {
	if l.Type == kyc.ListFace {
		return reason(warning, "list_match_unsure", fmt.Sprintf("a face of list %s is alike, but too little to be taken for the applicant's", l.ID))
	}
	return reason(warning, "list_match_unsure", fmt.Sprintf("a name of list %s is alike, but the date of birth is not known", l.ID))
}

func verdictOf(m kyc.ListMode) kyc.Verdict {
	if m == kyc.ModeBlock {
		return kyc.Fail
	}
	return kyc.Pass
}

func matchReason(l kyc.List) kyc.Reason {
	switch l.Mode {
	case kyc.ModeBlock:
		return reason(critical, "list_blocked", fmt.Sprintf("the applicant is on block list %s", l.ID))
	case kyc.ModeAllow:
		return reason(info, "list_allowed", fmt.Sprintf("the applicant is on allow list %s", l.ID))
	}
	return reason(warning, "list_flagged", fmt.Sprintf("the applicant is on flag list %s", l.ID))
}

// chosenLists gives the lists to ask. A list that the config names and that
// is gone or archived is an error: somebody relies on it.
func chosenLists(ctx context.Context, d Deps, t kyc.Tenant, named []string) ([]kyc.List, *kyc.Answer) {
	all, total, err := d.Lists.Lists(ctx, t, kyc.ListFilter{}, kyc.Page{Limit: maxLists})
	if err != nil {
		a := unavailable("lists_unavailable", "the lists cannot be read now")
		return nil, &a
	}
	if total > len(all) {
		a := broken("too_many_lists", "there are more lists than one check can ask")
		return nil, &a
	}
	active := map[kyc.ID]kyc.List{}
	var out []kyc.List
	for _, l := range all {
		if l.ArchivedAt.IsZero() {
			active[l.ID] = l
			out = append(out, l)
		}
	}
	if len(named) == 0 {
		return out, nil
	}
	out = nil
	for _, n := range named {
		id, ok := kyc.Undress("list", n)
		l, found := active[id]
		if !ok || !found {
			a := broken("list_missing", "a list that the config names does not exist or is archived")
			return nil, &a
		}
		out = append(out, l)
	}
	return out, nil
}
