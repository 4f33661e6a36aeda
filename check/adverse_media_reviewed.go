package check

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"bonafide/kyc"
	"bonafide/media"
	"bonafide/procedure"
	"bonafide/screen"
)

// sift leaves out the articles that reviewers cleared of one party and keeps at
// most limit of the others, the gravest first. A word on an article holds while
// it says the same on the same day, and the same is asked of the party.
func (n *newsDesk) sift(ctx context.Context, p *party, res *media.Result, limit int) {
	slices.SortStableFunc(res.Findings, func(a, b media.Finding) int {
		if a.Adverse() != b.Adverse() {
			return map[bool]int{true: -1, false: 1}[a.Adverse()]
		}
		return cmp.Or(-cmp.Compare(a.Risk, b.Risk), -cmp.Compare(a.Score, b.Score))
	})
	var hits []kyc.Hit
	says := map[string]string{} // by hit
	for _, f := range res.Findings {
		if !f.Adverse() {
			continue
		}
		h := mediaHit(f, p)
		hits = append(hits, h)
		key := procedure.HitKey(h.List, h.EntryID)
		if before, twice := says[key]; twice { // a provider gave one id to two articles
			says[key] = digestOf([]string{before, f.Digest})
		} else {
			says[key] = f.Digest
		}
	}
	n.words.entry = func(h kyc.Hit) string { return says[procedure.HitKey(h.List, h.EntryID)] }
	cleared, marked := 0, len(n.words.marks)
	open := n.words.sift(ctx, question(aboutNews(*p)), hits, limit)
	for _, m := range n.words.marks[marked:] {
		if m.Cleared {
			cleared++
		}
	}
	before := len(res.Findings)
	kept := make([]media.Finding, 0, min(before, limit))
	for _, f := range res.Findings {
		switch {
		case f.Adverse() && len(open) > 0 && open[0].List == "media:"+f.Feed && open[0].EntryID == f.ID:
			open = open[1:]
			kept = append(kept, f)
		case !f.Adverse() && len(kept) < limit:
			kept = append(kept, f)
		}
	}
	if more := before - len(kept) - cleared; more > 0 {
		res.Notes = append(res.Notes, fmt.Sprintf("of the articles that name the party the %d gravest are kept", len(kept)))
	}
	res.Findings = kept
}

// aboutNews is what is asked of the news about a party. Numbers are no part of
// it, because articles do not have them.
func aboutNews(p party) screen.Query {
	q := aboutParty(screen.Query{}, p)
	q.Identifiers = nil
	return q
}
