package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/media"
	"bonafide/review"
	"bonafide/screen"
)

// entryOf is what a watchlist says of an entry now, or the digest of what an
// article of a feed says.
func entryOf(lists *screen.Screener, news *media.Library) func(list, id string) (any, bool) {
	return func(list, id string) (any, bool) {
		if feed, ok := strings.CutPrefix(list, "media:"); ok {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			return news.Says(ctx, feed, id)
		}
		return lists.Entry(list, id)
	}
}

// reviewed are the words of reviewers on hits that count for a session. Surface C
// carries its words itself (execution: clearedHits) and shows a settled hit as one.
func (a *app) reviewed(ctx context.Context, s *kyc.Session) ([]kyc.ReviewedHit, error) {
	if s.Surface == kyc.SurfaceEntities {
		return nil, nil
	}
	return a.reviews.Words(ctx, s)
}

// foundHits tells the review desk which hits the checks of a run found.
func (a *app) foundHits(ctx context.Context, t kyc.Tenant, run kyc.ID) ([]review.FoundHit, error) {
	v, err := a.engine.RunView(ctx, t, run)
	if err != nil {
		if kyc.IsCode(err, "erased") { // the record went with its person
			return nil, nil
		}
		return nil, err
	}
	type said struct {
		policy string
		answer *kyc.Answer
	}
	last := map[string]said{} // by node
	if v.Begin != nil {
		for i := range v.Begin.Carried {
			c := &v.Begin.Carried[i]
			last[c.Node] = said{c.Policy, &c.Answer}
		}
	}
	for i := range v.Attempts {
		if r := &v.Attempts[i]; r.Answer != nil {
			last[r.Node] = said{r.Policy, r.Answer}
		}
	}
	var out []review.FoundHit
	for _, node := range slices.Sorted(maps.Keys(last)) {
		for _, m := range last[node].answer.Marks {
			if v.Begin != nil && v.Begin.Session.Surface == kyc.SurfaceEntities {
				m.Asked = "" // its words are kept with its process results
			}
			hit := review.FoundHit{Policy: last[node].policy, Mark: m}
			if !slices.Contains(out, hit) { // two nodes may ask the same
				out = append(out, hit)
			}
		}
	}
	return out, nil
}
