package main

import (
	"context"
	"slices"

	"bonafide/kyc"
)

// filmedElsewhere reports whether an organisation has liveness judged by a
// service that films in a page or an app of its own, so that the applicant's
// pages, which load nothing from elsewhere, cannot show it. In the sandbox
// nobody is filmed at all. Where the house stands among the providers in front
// of the service the pages film themselves.
func (a *app) filmedElsewhere(ctx context.Context, t kyc.Tenant) (bool, error) {
	if t.Env == kyc.Sandbox {
		return false, nil
	}
	o, err := a.db.Org(ctx, t.Org)
	if err != nil {
		return false, err
	}
	order := o.EnvSettings(t.Env).Providers.Order(kyc.AskLiveness)
	return !slices.Contains(order[:1], kyc.ProviderLocal), nil
}
