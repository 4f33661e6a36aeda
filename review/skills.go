package review

import (
	"context"
	"slices"

	"bonafide/kyc"
)

// skilled refuses (403 skills_missing) work on a case by who lacks skills that its
// queue asks for. Every way to work on one passes here; the surfaces' own words for
// a decision pass kyc.SkilledFor.
func (d *Desk) skilled(ctx context.Context, c *kyc.Case, who string, s kyc.Settings) error {
	return c.Skilled(ctx, d.store, who, s)
}

// beyond are the queues whose cases somebody may not take. Naming one of them is
// refused (403 skills_missing), so that nobody takes it for empty.
func (d *Desk) beyond(ctx context.Context, t kyc.Tenant, who, queue string) ([]string, error) {
	_, settings, err := d.now(ctx, t)
	if err != nil || len(settings.QueuesBeyond(nil)) == 0 { // no queue asks for any
		return nil, err
	}
	has, err := kyc.SkillsOf(ctx, d.store, t.Org, who)
	if err != nil {
		return nil, err
	}
	beyond := settings.QueuesBeyond(has)
	if slices.Contains(beyond, queue) {
		return nil, settings.Queue(queue).Refuse(has)
	}
	return beyond, nil
}
