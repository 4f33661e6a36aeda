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
	MandatoryPolicies []string `json:"mandatory_policies" doc:"Checks that run on every path to an approval, drawn or not; they are shown in a compiled graph as locked nodes." example:"[\"watchlist_screening\"]" maxItems:"20" nullable:"false"`
	DualReview        bool     `json:"dual_review" doc:"Whether a second, different reviewer must decide each case."`
	PublishFourEyes   bool     `json:"publish_four_eyes" doc:"Whether a second person must approve a publication."`
	ClaimLapseMinutes int      `json:"claim_lapse_minutes" doc:"Idle minutes after which a claimed case is free again." minimum:"1" maximum:"10080" example:"30"`
	CaptureTTLSeconds int      `json:"capture_ttl_seconds" doc:"How long an unused capture link lives." minimum:"60" maximum:"31536000" example:"1200"`
	RequiredLists     []string `json:"required_lists" doc:"Watchlists that a screening must have asked; empty: every list that was loaded at least once." maxItems:"100" nullable:"false"`
	ListMaxAgeHours   int      `json:"list_max_age_hours" doc:"When a watchlist counts as stale; a stale list never leads to a pass." minimum:"1" maximum:"8760" example:"168"`
	DataRetentionDays int      `json:"data_retention_days" doc:"Days until personal data is erased; 0 keeps it." minimum:"0" maximum:"36500"`
}

func showSettings(s kyc.Settings) settings {
	d := kyc.DefaultSettings()
	for _, v := range []struct{ into, standard *time.Duration }{{&s.ClaimLapse, &d.ClaimLapse}, {&s.CaptureTTL, &d.CaptureTTL}, {&s.ListMaxAge, &d.ListMaxAge}} {
		if *v.into <= 0 {
			*v.into = *v.standard
		}
	}
	out := settings{MandatoryPolicies: s.MandatoryPolicies, DualReview: s.DualReview, PublishFourEyes: s.PublishFourEyes,
		ClaimLapseMinutes: int(s.ClaimLapse / time.Minute), CaptureTTLSeconds: int(s.CaptureTTL / time.Second), RequiredLists: s.RequiredLists,
		ListMaxAgeHours: int(s.ListMaxAge / time.Hour), DataRetentionDays: s.RetentionDays}
	if out.MandatoryPolicies == nil {
		out.MandatoryPolicies = []string{}
	}
	if out.RequiredLists == nil {
		out.RequiredLists = []string{}
	}
	return out
}

type advanceBody struct {
	AdvanceSeconds int64 `json:"advance_seconds" doc:"How far to move forward." minimum:"1" maximum:"3153600000" example:"3600"`
}

type sandboxClock struct {
	Now           stamp `json:"now" doc:"The sandbox's time of this organisation."`
	OffsetSeconds int64 `json:"offset_seconds" doc:"How far it runs ahead." minimum:"0"`
}

// settingsRoutes are the organisation's policies and its sandbox clock.
func (s *surface) settingsRoutes() {
	p := s.Porch
	api.Handle(p, op("get-settings", http.MethodGet, "/settings", "Settings", "Read the settings", "settings:read"),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*tagged[settings], error) {
			org, err := s.Store.Org(ctx, who.Tenant.Org)
			if err != nil {
				return nil, err
			}
			return tag(org.Meta, showSettings(org.EnvSettings(who.Tenant.Env))), nil
		})
	api.Handle(p, fails(said(op("put-settings", http.MethodPut, "/settings", "Settings", "Replace the settings", "settings:write"),
		"For the environment of the key. Runs that have begun keep the settings they began with."), http.StatusPreconditionFailed), s.putSettings)
	advance := said(op("advance-sandbox-clock", http.MethodPost, "/sandbox/clock", "Sandbox", "Move the sandbox clock forward", "sessions:write"),
		"Time-outs, expiries and retries of this organisation's sandbox that are due by the new time happen now. The clock never runs backwards.")
	advance.SandboxOnly = true
	api.Handle(p, fails(advance, http.StatusConflict), func(ctx context.Context, who api.Principal, in *struct{ Body advanceBody }) (*answer[sandboxClock], error) {
		now, err := s.Office.AdvanceSandbox(ctx, s.Clocks, who.Tenant, in.Body.AdvanceSeconds, who.Actor)
		if err != nil {
			return nil, err
		}
		return &answer[sandboxClock]{Body: sandboxClock{Now: at(now), OffsetSeconds: int64(now.Sub(s.Clock.Now()).Round(time.Second) / time.Second)}}, nil
	})
}

func (s *surface) putSettings(ctx context.Context, who api.Principal, in *struct {
	api.IfMatch
	Body settings
}) (*tagged[settings], error) {
	b := in.Body
	var problems []kyc.Problem
	for i, name := range b.MandatoryPolicies {
		if _, known := s.Catalog[name]; !known {
			problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/mandatory_policies/%d", i), Code: "unknown_policy", Message: "there is no check of this name"})
		}
	}
	if len(problems) > 0 {
		return nil, kyc.InvalidInput("invalid_settings", "the settings have problems", problems)
	}
	org, err := s.Store.Org(ctx, who.Tenant.Org)
	if err != nil {
		return nil, err
	}
	if want := rev(in.IfMatch); want != 0 && want != org.Rev {
		return nil, kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "the settings were changed since they were read; read them again")
	}
	org, err = s.Office.SetSettings(ctx, who.Tenant, kyc.Settings{
		MandatoryPolicies: b.MandatoryPolicies, DualReview: b.DualReview, PublishFourEyes: b.PublishFourEyes,
		ClaimLapse: time.Duration(b.ClaimLapseMinutes) * time.Minute, CaptureTTL: time.Duration(b.CaptureTTLSeconds) * time.Second,
		RequiredLists: b.RequiredLists, ListMaxAge: time.Duration(b.ListMaxAgeHours) * time.Hour, RetentionDays: b.DataRetentionDays}, who.Actor)
	if err != nil {
		return nil, err
	}
	return tag(org.Meta, showSettings(org.EnvSettings(who.Tenant.Env))), nil
}
