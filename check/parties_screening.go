package check

import (
	"context"
	"fmt"
	"slices"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// screenParties asks the lists for every party on its own. The lists are
// judged once over all answers: one list that was not there for one party is
// no pass for anybody. A party without a usable name is an error.
func screenParties(ctx context.Context, d Deps, r kyc.CheckRequest, c screeningConfig, q screen.Query) kyc.Answer {
	parties, unanswered, bad := gatherParties(r, c.Parties, c.Documents)
	if bad != nil {
		return *bad
	}
	if len(parties) == 0 {
		return broken("name_missing", "there is no name to screen")
	}
	var all screen.Result
	shown, nameless, lacking, w := []any{}, 0, "", wordsOf(d, r)
	q.Limit = w.room(c.Limit)
	for _, p := range parties {
		one := map[string]any{"name": first(p.names...), "role": p.role, "company": p.company, "sources": texted(p.sources)}
		shown = append(shown, one)
		if len(p.names) == 0 {
			nameless++
			one["status"] = string(kyc.StatusError)
			continue
		}
		q = aboutParty(q, p)
		res, without := c.match(d.Screener, q)
		lacking = first(lacking, without)
		for i := range res.Hits {
			res.Hits[i].Party, res.Hits[i].Role = p.names[0], p.role
		}
		res.Hits = w.sift(ctx, question(q), res.Hits, c.Limit)
		top := 0.0
		for _, h := range res.Hits {
			top = max(top, h.Score)
		}
		one["hit_count"], one["top_score"], one["status"] = len(res.Hits), round4(top), string(res.Worst())
		joinResults(&all, res)
	}
	a := judgeScreening(all, q, c.Lists, d.AllowFictional)
	lacks(&a, lacking)
	a.Details["parties"], a.Details["unanswered"] = shown, texted(unanswered)
	w.tell(&a)
	if nameless > 0 {
		a.Status, a.Verdict, a.Transient = kyc.StatusError, "", false
		a.Reasons = append(a.Reasons, reason(critical, "party_name_missing", fmt.Sprintf("%d of %d parties have no name that can be screened", nameless, len(parties))))
	}
	return a
}

// aboutParty makes the query one about a party that has a name.
func aboutParty(q screen.Query, p party) screen.Query {
	q.Name, q.Aliases, q.Type = p.names[0], p.names[1:], roster.TypePerson
	q.DateOfBirth, q.Country = p.who.born, p.who.nationality
	q.BirthDates = slices.DeleteFunc(distinct(p.born...), func(s string) bool { return s == p.who.born })
	q.Gender = roster.Gender(p.who.sex)
	q.Identifiers = distinct(p.who.number, p.who.personal)
	if p.company {
		q.Type, q.DateOfBirth, q.BirthDates, q.Gender = roster.TypeEntity, "", nil, ""
	}
	return q
}

// joinResults adds one party's answer to those before it. Of two states of one
// list the worse counts.
func joinResults(all *screen.Result, res screen.Result) {
	all.Hits = append(all.Hits, res.Hits...)
	for _, n := range res.Notes {
		if !slices.Contains(all.Notes, n) {
			all.Notes = append(all.Notes, n)
		}
	}
	all.Unfit = distinct(append(all.Unfit, res.Unfit...)...)
	if all.Err == nil {
		all.Err = res.Err
	}
	for _, l := range res.Lists {
		at := slices.IndexFunc(all.Lists, func(have kyc.ListVersion) bool { return have.List == l.List })
		switch {
		case at < 0:
			all.Lists = append(all.Lists, l)
		case all.Lists[at].Status == kyc.StatusOK && l.Status != kyc.StatusOK:
			all.Lists[at] = l
		}
	}
}

// texted is a list of texts as details hold it.
func texted(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
