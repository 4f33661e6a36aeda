package main

import (
	"context"
	"sync"

	"bonafide/inquiry"
	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// newInquiries makes the machine of questions outside of sessions.
func (a *app) newInquiries(w wiring) *inquiry.Machine {
	c := &changes{lists: a.lists}
	return inquiry.New(inquiry.Deps{Store: a.db, Clock: a.clock, News: tellAll, Examine: a.examine, Lists: listVersions(a.lists), Log: w.log, MayMean: c.mayMean,
		Words: func(ctx context.Context, t kyc.Tenant, subject kyc.ID) ([]kyc.ReviewedHit, error) {
			return a.reviews.Words(ctx, &kyc.Session{Meta: kyc.Meta{Tenant: t}, SubjectID: subject})
		}})
}

// changes remembers the last comparison of two versions of a list, because
// everybody who is monitored asks for the same.
type changes struct {
	lists *screen.Screener

	mu    sync.Mutex
	known map[string]comparison // by list
}

type comparison struct {
	from, to string
	entries  []string
}

// mayMean reports whether an entry that changed in a list since a version may
// be this party; true where nobody knows what changed.
func (c *changes) mayMean(_ context.Context, p inquiry.Party, list, since string) bool {
	entries, ok := c.since(list, since)
	if !ok {
		return true
	}
	if len(entries) == 0 {
		return false
	}
	q := screen.Query{Name: p.Name, Type: roster.TypePerson, DateOfBirth: p.BirthDate, Country: p.Country, Threshold: screen.DefaultThreshold}
	if p.Document != "" {
		q.Identifiers = []string{p.Document}
	}
	if p.Company {
		q.Type = roster.TypeEntity
	}
	found, err := c.lists.Probe(q, list, entries)
	return err != nil || len(found) > 0
}

func (c *changes) since(list, version string) ([]string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now, ok := c.lists.Version(list); ok {
		if k, have := c.known[list]; have && k.from == version && k.to == now {
			return k.entries, true
		}
	}
	d, ok := c.lists.Delta(list, version)
	if !ok {
		return nil, false
	}
	if c.known == nil {
		c.known = map[string]comparison{}
	}
	c.known[list] = comparison{from: d.From, to: d.To, entries: d.Changed}
	return d.Changed, true
}
