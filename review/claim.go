package review

import (
	"context"
	"time"

	"bonafide/kyc"
)

// nextLimit is how many candidates one look at the queue takes. Under a rush
// each candidate may be gone by the time it is claimed, so the look repeats.
const (
	nextLimit = 20
	nextLooks = 5
)

// undecided refuses work on a closed case.
func undecided(c *kyc.Case) error {
	if c.Status.Decided() {
		return kyc.Errorf(kyc.Conflict, "already_decided", "the case is %s already", c.Status)
	}
	return nil
}

// claimable refuses a claim on a case that is closed or somebody else's. A case
// that an API key claimed in its own name is open to whomever the key then
// speaks for.
func claimable(c *kyc.Case, by kyc.Actor, who string, now time.Time, s kyc.Settings) error {
	if err := undecided(c); err != nil {
		return err
	}
	if c.Held(now, s) && !same(c.AssignedTo, who) && (by.Kind != kyc.ActorKey || c.AssignedTo != by.ID) {
		return kyc.Errorf(kyc.Conflict, "not_claimable", "the case is %s and claimed by somebody else", c.Status)
	}
	if c.First != nil && same(c.First.ReviewerID, who) {
		return kyc.SameReviewer()
	}
	return nil
}

func claim(c *kyc.Case, who string, now time.Time) step {
	c.AssignedTo, c.ClaimedAt = who, now
	if c.Status != kyc.CaseSecond {
		c.Status = kyc.CaseInReview
		if c.First != nil { // an escalated second review stays one
			c.Status = kyc.CaseSecond
		}
	}
	return step{action: "case.claim"}
}

// Next claims the most urgent unassigned case of a queue ("" is every queue):
// highest priority first, then the longest waiting. ok is false when there is
// none. Two callers never get the same case, and none of them is refused while
// there are cases left; for that the claim is committed at once, not with the
// request's unit. Without a reviewer the credential itself claims. A person is
// given no case that they may not decide because they made it themselves, and
// nobody one whose queue asks for skills that they lack: 403 skills_missing when
// that very queue was named.
func (d *Desk) Next(ctx context.Context, t kyc.Tenant, by kyc.Actor, reviewer, queue string) (c kyc.Case, ok bool, err error) {
	who := by.ID
	if reviewer != "" || by.OnBehalfOf != "" {
		if who, err = d.acting(ctx, t, by, reviewer); err != nil {
			return kyc.Case{}, false, err
		}
	}
	if _, err := d.ReleaseLapsed(kyc.WithoutUnit(ctx)); err != nil {
		return kyc.Case{}, false, err
	}
	beyond, err := d.beyond(ctx, t, who, queue)
	if err != nil {
		return kyc.Case{}, false, err
	}
	own := map[kyc.ID]bool{} // what this person may not decide
	for range nextLooks {
		candidates, err := d.store.NextCases(ctx, t, queue, beyond, nextLimit+len(own))
		if err != nil || len(candidates) <= len(own) {
			return kyc.Case{}, false, err
		}
		for _, c := range candidates {
			if own[c.ID] {
				continue
			}
			if by.Kind == kyc.ActorUser {
				switch err := d.Impartial(ctx, &c, who); {
				case err == nil:
				case kyc.KindOf(err) == kyc.Forbidden:
					own[c.ID] = true
					continue
				default:
					return kyc.Case{}, false, err
				}
			}
			got, err := d.apply(kyc.WithoutUnit(ctx), c, by, func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error) {
				if err := claimable(c, by, who, now, s); err != nil {
					return step{}, err
				}
				return claim(c, who, now), d.skilled(ctx, c, who, s)
			})
			if err == nil {
				return got, true, nil
			}
			if kyc.KindOf(err) != kyc.Conflict && !kyc.IsCode(err, "skills_missing") {
				return kyc.Case{}, false, err
			}
		}
	}
	return kyc.Case{}, false, nil
}

// Claim takes a case. Claiming one's own case keeps it. Errors: 409
// already_decided, not_claimable, same_reviewer; 403 skills_missing.
func (d *Desk) Claim(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, reviewer string) (kyc.Case, error) {
	who, err := d.acting(ctx, t, by, reviewer)
	if err != nil {
		return kyc.Case{}, err
	}
	return d.change(ctx, t, by, id, rev, func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error) {
		if err := claimable(c, by, who, now, s); err != nil {
			return step{}, err
		}
		return claim(c, who, now), d.skilled(ctx, c, who, s)
	})
}

// Release gives a claimed case back to the queue. reviewer may be empty;
// otherwise it must be who holds the case.
func (d *Desk) Release(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, reviewer string) (kyc.Case, error) {
	var who string
	if reviewer != "" {
		var err error
		if who, err = d.acting(ctx, t, by, reviewer); err != nil {
			return kyc.Case{}, err
		}
	}
	return d.change(ctx, t, by, id, rev, func(c *kyc.Case, _ time.Time, _ kyc.Settings) (step, error) {
		if err := undecided(c); err != nil {
			return step{}, err
		}
		if c.AssignedTo == "" || c.Status == kyc.CaseEscalated {
			return step{}, kyc.Errorf(kyc.Conflict, "not_claimed", "the case is %s and not claimed", c.Status)
		}
		if who != "" && !same(who, c.AssignedTo) {
			return step{}, kyc.Errorf(kyc.Conflict, "not_claimable", "the case is claimed by somebody else")
		}
		free(c)
		return step{action: "case.release"}, nil
	})
}

// free puts a case back to where anybody may take it.
func free(c *kyc.Case) {
	c.AssignedTo, c.ClaimedAt = "", time.Time{}
	if c.Status == kyc.CaseInReview {
		c.Status = kyc.CaseOpen
	}
}

// Assign gives a case to somebody who has the skills that its queue asks for (403
// skills_missing), whoever holds it now.
func (d *Desk) Assign(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, reviewer string) (kyc.Case, error) {
	who, err := d.reviewer(ctx, t, reviewer, "/reviewer_id")
	if err != nil {
		return kyc.Case{}, err
	}
	return d.change(ctx, t, by, id, rev, func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error) {
		if err := undecided(c); err != nil {
			return step{}, err
		}
		if c.First != nil && same(c.First.ReviewerID, who) {
			return step{}, kyc.SameReviewer()
		}
		if err := d.skilled(ctx, c, who, s); err != nil {
			return step{}, err
		}
		st := claim(c, who, now)
		st.action = "case.assign"
		return st, nil
	})
}

// ReleaseLapsed frees every case whose reviewer has been idle for longer than
// the organisation allows (30 minutes by default), in all organisations, each
// environment by its own clock. It returns how many. A case that was touched
// at the same moment is left alone.
func (d *Desk) ReleaseLapsed(ctx context.Context) (int, error) {
	orgs, err := d.store.Orgs(ctx)
	if err != nil {
		return 0, err
	}
	byID := map[kyc.ID]kyc.Org{}
	latest := d.clock.Now()
	for _, o := range orgs {
		byID[o.ID] = o
		if now := o.Now(d.clock, kyc.Sandbox); now.After(latest) {
			latest = now
		}
	}
	// Asked for the clock that is furthest ahead; each case is judged by its own.
	cases, err := d.store.LapsedCases(ctx, latest)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, c := range cases {
		o, known := byID[c.Tenant.Org]
		if !known || c.Status != kyc.CaseInReview || o.Now(d.clock, c.Tenant.Env).Sub(c.LastActivityAt) < o.EnvSettings(c.Tenant.Env).Lapse() {
			continue
		}
		_, err := d.apply(ctx, c, kyc.SystemActor("review"), func(c *kyc.Case, _ time.Time, _ kyc.Settings) (step, error) {
			free(c)
			return step{action: "case.lapse"}, nil
		})
		switch {
		case err == nil:
			n++
		case kyc.KindOf(err) != kyc.Conflict:
			return n, err
		}
	}
	return n, nil
}
