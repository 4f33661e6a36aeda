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
// of the service the pages film themselves. app is where the organisation has
// people filmed, when it says so.
func (a *app) filmedElsewhere(ctx context.Context, t kyc.Tenant, token string) (elsewhere bool, app string, err error) {
	if t.Env == kyc.Sandbox {
		return false, "", nil
	}
	o, err := a.db.Org(ctx, t.Org)
	if err != nil {
		return false, "", err
	}
	settings := o.EnvSettings(t.Env).Providers
	order := settings.Order(kyc.AskLiveness)
	if slices.Contains(order[:1], kyc.ProviderLocal) {
		return false, "", nil
	}
	if settings.LivenessPage != "" {
		app = settings.LivenessPage + "#token=" + token // no server is sent a fragment
	}
	return true, app, nil
}
