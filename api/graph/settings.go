package graph

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/kyc"
)

type settings struct {
	MandatoryPolicies []string `json:"mandatory_policies" doc:"Checks that run on every path to an approval, whether the author of a graph drew them or not." maxItems:"20" nullable:"false"`
	DualReview        bool     `json:"dual_review" doc:"Whether a second, different reviewer must decide each case."`
	PublishFourEyes   bool     `json:"publish_four_eyes" doc:"Whether a second person must approve each publication."`
	ClaimLapseMinutes int      `json:"claim_lapse_minutes" doc:"Idle time after which a claimed case is free again." minimum:"1" maximum:"1440"`
	CaptureTTLMinutes int      `json:"capture_ttl_minutes" doc:"How long an unused capture link lives." minimum:"1" maximum:"43200"`
	RequiredLists     []string `json:"required_lists" doc:"Watchlists a screening must have asked; empty is every list that was loaded at least once." maxItems:"50" nullable:"false"`
	ListMaxAgeHours   int      `json:"list_max_age_hours" doc:"Age from which a watchlist counts as stale." minimum:"1" maximum:"8760"`
}

// editSettings changes what is present.
type editSettings struct {
	MandatoryPolicies *[]string `json:"mandatory_policies,omitempty" doc:"Checks that run on every path to an approval." maxItems:"20" nullable:"false"`
	DualReview        *bool     `json:"dual_review,omitempty" doc:"Whether a second, different reviewer must decide each case."`
	PublishFourEyes   *bool     `json:"publish_four_eyes,omitempty" doc:"Whether a second person must approve each publication."`
	ClaimLapseMinutes *int      `json:"claim_lapse_minutes,omitempty" doc:"Idle time after which a claimed case is free again." minimum:"1" maximum:"1440"`
	CaptureTTLMinutes *int      `json:"capture_ttl_minutes,omitempty" doc:"How long an unused capture link lives." minimum:"1" maximum:"43200"`
	RequiredLists     *[]string `json:"required_lists,omitempty" doc:"Watchlists a screening must have asked." maxItems:"50" nullable:"false"`
	ListMaxAgeHours   *int      `json:"list_max_age_hours,omitempty" doc:"Age from which a watchlist counts as stale." minimum:"1" maximum:"8760"`
}

func showSettings(v kyc.Settings) settings {
	d := kyc.DefaultSettings()
	or := func(x, y time.Duration) time.Duration {
		if x > 0 {
			return x
		}
		return y
	}
	return settings{MandatoryPolicies: words(v.MandatoryPolicies), DualReview: v.DualReview, PublishFourEyes: v.PublishFourEyes,
		ClaimLapseMinutes: int(or(v.ClaimLapse, d.ClaimLapse) / time.Minute), CaptureTTLMinutes: int(or(v.CaptureTTL, d.CaptureTTL) / time.Minute),
		RequiredLists: words(v.RequiredLists), ListMaxAgeHours: int(or(v.ListMaxAge, d.ListMaxAge) / time.Hour)}
}

func (e editSettings) onto(v kyc.Settings) kyc.Settings {
	set(&v.MandatoryPolicies, e.MandatoryPolicies)
	set(&v.DualReview, e.DualReview)
	set(&v.PublishFourEyes, e.PublishFourEyes)
	set(&v.RequiredLists, e.RequiredLists)
	span(&v.ClaimLapse, e.ClaimLapseMinutes, time.Minute)
	span(&v.CaptureTTL, e.CaptureTTLMinutes, time.Minute)
	span(&v.ListMaxAge, e.ListMaxAgeHours, time.Hour)
	return v
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func span(to *time.Duration, from *int, unit time.Duration) {
	if from != nil {
		*to = time.Duration(*from) * unit
	}
}

func (s *surface) settingsRoutes() {
	p := s.Porch
	api.Handle(p, op("get-settings", http.MethodGet, "/settings", "Settings", "Read the settings of this environment", "settings:read"),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[settings], error) {
			org, err := s.Store.Org(ctx, who.Tenant.Org)
			if err != nil {
				return nil, err
			}
			return &answer[settings]{Body: showSettings(org.EnvSettings(who.Tenant.Env))}, nil
		})
	api.Handle(p, said(op("update-settings", http.MethodPut, "/settings", "Settings", "Change the settings of this environment", "settings:write"),
		"What is left out stays as it is. Mandatory checks apply to runs that begin from now on."), s.putSettings)
	clock := said(op("advance-sandbox-clock", http.MethodPost, "/sandbox/clock", "Settings", "Put the sandbox clock forward", writeSessions),
		"Time-outs of gates and links and idle claims of the sandbox follow this clock. It never runs backwards.")
	clock.SandboxOnly = true
	api.Handle(p, clock, func(ctx context.Context, who api.Principal, in *struct {
		Body struct {
			AdvanceSeconds int64 `json:"advance_seconds" doc:"Seconds to add." minimum:"1"`
		}
	}) (*answer[sandboxClock], error) {
		now, err := s.Office.AdvanceSandbox(ctx, s.Clocks, who.Tenant, in.Body.AdvanceSeconds, who.Actor)
		if err != nil {
			return nil, err
		}
		return &answer[sandboxClock]{Body: sandboxClock{Now: at(now), AdvancedSeconds: in.Body.AdvanceSeconds}}, nil
	})
}

type sandboxClock struct {
	Now             stamp `json:"now" doc:"The sandbox's time."`
	AdvancedSeconds int64 `json:"advanced_seconds" doc:"What was added now."`
}

func (s *surface) putSettings(ctx context.Context, who api.Principal, in *struct {
	Body editSettings
}) (*answer[settings], error) {
	org, err := s.Store.Org(ctx, who.Tenant.Org)
	if err != nil {
		return nil, err
	}
	next := in.Body.onto(org.EnvSettings(who.Tenant.Env))
	var problems []kyc.Problem
	for i, name := range next.MandatoryPolicies {
		if _, known := s.Catalog[name]; !known {
			problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/mandatory_policies/%d", i), Code: "unknown_policy", Message: "there is no check of that name"})
		}
	}
	if len(problems) > 0 {
		return nil, kyc.InvalidInput("invalid_settings", "the settings cannot be taken", problems)
	}
	if _, err := s.Office.SetSettings(ctx, who.Tenant, next, who.Actor); err != nil {
		return nil, err
	}
	return &answer[settings]{Body: showSettings(next)}, nil
}
