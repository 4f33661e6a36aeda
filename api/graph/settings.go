package graph

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"bonafide/api"
	"bonafide/kyc"
)

type settings struct {
	MandatoryPolicies []string         `json:"mandatory_policies" doc:"Checks that run on every path to an approval, whether the author of a graph drew them or not." maxItems:"20" nullable:"false"`
	DualReview        bool             `json:"dual_review" doc:"Whether a second, different reviewer must decide each case."`
	SecondUnaware     bool             `json:"second_unaware" doc:"Whether the console keeps the first of two opinions from whoever may give the second, until it is given."`
	Queues            []queueRules     `json:"queues" doc:"How single queues of cases are worked." maxItems:"50" nullable:"false"`
	Routing           []routingRule    `json:"routing" doc:"Rules that send a new case whose workflow names no queue to one, the first that takes it; default where none does." maxItems:"100" nullable:"false"`
	Quality           qualityShares    `json:"quality" doc:"How many of the cases that people decide are looked at again by somebody else; a queue can have shares of its own."`
	PublishFourEyes   bool             `json:"publish_four_eyes" doc:"Whether a second person must approve each publication of a graph, each going back and each larger share of a rollout, whoever asks for it."`
	ClaimLapseMinutes int              `json:"claim_lapse_minutes" doc:"Idle time after which a claimed case is free again." minimum:"1" maximum:"1440"`
	CaptureTTLMinutes int              `json:"capture_ttl_minutes" doc:"How long an unused capture link lives." minimum:"1" maximum:"43200"`
	RequiredLists     []string         `json:"required_lists" doc:"Watchlists a screening must have asked; empty is every list that was loaded at least once." maxItems:"50" nullable:"false"`
	ListMaxAgeHours   int              `json:"list_max_age_hours" doc:"Age from which a watchlist counts as stale." minimum:"1" maximum:"8760"`
	News              newsSettings     `json:"news" doc:"Provider of adverse media for workflows of all surfaces that name none of their own; empty searches the feeds of this installation."`
	Providers         providerSettings `json:"providers" doc:"Whom the identity checks of all surfaces ask, in order; a later one where an earlier one did not answer. An empty order is local alone, this installation."`
	// Rules of the two surfaces that have no settings of their own.
	Checks   checkSettings  `json:"checks" doc:"Rules of sessions of /v1."`
	Entities entitySettings `json:"entities" doc:"Rules of /v2."`
	Faces    faceSettings   `json:"faces" doc:"Rules for biometric templates."`
	// How long applicants' data is kept.
	Retention retentionSettings `json:"retention" doc:"How long applicants' data is kept after the end of their session, on every surface."`
	// What people see.
	Branding  brandSettings `json:"branding" doc:"How applicants see the organisation."`
	Reasons   []reasonCode  `json:"reasons" doc:"What reviewers choose from; empty shows the shipped ones." maxItems:"100" nullable:"false"`
	Languages []string      `json:"languages" doc:"Languages applicants may choose (BCP 47), the first one by default; empty is all that the pages have." maxItems:"50" nullable:"false"`
}

type brandSettings struct {
	Name       string `json:"name,omitempty" doc:"Name on top of applicants' pages; empty is the organisation's name." maxLength:"400"`
	Contact    string `json:"contact,omitempty" doc:"Where applicants turn to with questions: an e-mail address, a phone number or a web address (https), at most 200 characters. It stands at the foot of their pages." maxLength:"800"`
	Accent     string `json:"accent,omitempty" doc:"Colour of buttons and links on light ground, #rrggbb. It needs a contrast of 4.5 (WCAG 2.2)." maxLength:"20"`
	AccentDark string `json:"accent_dark,omitempty" doc:"The same on dark ground." maxLength:"20"`
}

type reasonCode struct {
	Code string `json:"code" doc:"Its name in answers and messages, snake_case." maxLength:"64"`
	Text string `json:"text" doc:"A sentence for people." maxLength:"800"`
	For  string `json:"for" doc:"The decision it belongs to." enum:"approve,reject"`
}

func showReasonCodes(list []kyc.ReasonCode) []reasonCode {
	out := []reasonCode{}
	for _, r := range list {
		out = append(out, reasonCode(r))
	}
	return out
}

type faceSettings struct {
	TemplateDays int `json:"template_days" doc:"How many days the template of a face is kept that face_dedup compared; those that are kept already end when they were to end." minimum:"1" maximum:"3650"`
}

type newsSettings struct {
	URL    string `json:"url,omitempty" doc:"Where to ask. Private addresses are refused; redirects are not followed." maxLength:"2000"`
	Secret string `json:"secret,omitempty" doc:"Whose secret signs the request: the id of a webhook endpoint of this environment." maxLength:"200"`
}

type checkSettings struct {
	AutoDecision string `json:"auto_decision" doc:"Who decides a session of /v1 whose steps are done. approve: with every step completed it is verified, otherwise a person decides. approve_and_reject: a failed step also refuses it. manual: a person decides always." enum:"approve,approve_and_reject,manual"`
	MaximumAge   int    `json:"maximum_age,omitempty" doc:"Default of maximum_age for new workflows in place of 51; absent or 0: 51." minimum:"0" maximum:"150"`
	ExpiryPolicy string `json:"expiry_policy" doc:"How expiry_date_years counts. grace: years after its expiry in which a document is tolerated. strict: an expired document is refused. max_remaining: strict, and no document may be valid for longer than these years." enum:"grace,strict,max_remaining"`
	Attempts     int    `json:"attempts" doc:"Attempts an applicant has at each step." minimum:"1" maximum:"10"`
}

type entitySettings struct {
	AutoRecalculate bool     `json:"auto_recalculate" doc:"Whether the status of an execution follows when a person judges its results. Its result never changes."`
	Photographic    []string `json:"photographic,omitempty" doc:"Further document types that manual KYC takes as a primary photographic one." maxItems:"50" nullable:"false"`
	NonPhotographic []string `json:"non_photographic,omitempty" doc:"Further primary non-photographic types." maxItems:"50" nullable:"false"`
	Secondary       []string `json:"secondary,omitempty" doc:"Further secondary types." maxItems:"50" nullable:"false"`
}

// editSettings changes what is present.
type editSettings struct {
	MandatoryPolicies *[]string          `json:"mandatory_policies,omitempty" doc:"Checks that run on every path to an approval." maxItems:"20" nullable:"false"`
	DualReview        *bool              `json:"dual_review,omitempty" doc:"Whether a second, different reviewer must decide each case."`
	SecondUnaware     *bool              `json:"second_unaware,omitempty" doc:"Whether the console keeps the first of two opinions from whoever may give the second, until it is given."`
	Queues            *[]queueRules      `json:"queues,omitempty" doc:"How single queues of cases are worked; replaced as a whole. When a case is due was fixed when it came into its queue." maxItems:"50" nullable:"false"`
	Routing           *[]routingRule     `json:"routing,omitempty" doc:"Rules that send a new case whose workflow names no queue to one; replaced as a whole. The first rule that takes a case wins; all that it asks for must hold, of several values of one kind one; what is not known of a case is not what a rule asks for. Cases that are open stay where they are." maxItems:"100" nullable:"false"`
	Quality           *qualityShares     `json:"quality,omitempty" doc:"How many of the cases that people decide are looked at again by somebody else; replaced as a whole. It holds for decisions from then on."`
	PublishFourEyes   *bool              `json:"publish_four_eyes,omitempty" doc:"Whether a second person must approve each publication of a graph, each going back and each larger share of a rollout, whoever asks for it."`
	ClaimLapseMinutes *int               `json:"claim_lapse_minutes,omitempty" doc:"Idle time after which a claimed case is free again." minimum:"1" maximum:"1440"`
	CaptureTTLMinutes *int               `json:"capture_ttl_minutes,omitempty" doc:"How long an unused capture link lives." minimum:"1" maximum:"43200"`
	RequiredLists     *[]string          `json:"required_lists,omitempty" doc:"Watchlists a screening must have asked." maxItems:"50" nullable:"false"`
	ListMaxAgeHours   *int               `json:"list_max_age_hours,omitempty" doc:"Age from which a watchlist counts as stale." minimum:"1" maximum:"8760"`
	News              *newsSettings      `json:"news,omitempty" doc:"Provider of adverse media; replaced as a whole, and {} takes it away."`
	Providers         *providerSettings  `json:"providers,omitempty" doc:"Whom the identity checks ask; replaced as a whole, and {} asks this installation alone."`
	Checks            *checkSettings     `json:"checks,omitempty" doc:"Rules of sessions of /v1; replaced as a whole."`
	Entities          *entitySettings    `json:"entities,omitempty" doc:"Rules of /v2; replaced as a whole."`
	Faces             *faceSettings      `json:"faces,omitempty" doc:"Rules for biometric templates; replaced as a whole."`
	Retention         *retentionSettings `json:"retention,omitempty" doc:"How long applicants' data is kept; replaced as a whole, and {} keeps everything until somebody erases it. Whatever the new rules reach is withheld or destroyed within a minute: POST /retention/preview counts it before."`
	Branding          *brandSettings     `json:"branding,omitempty" doc:"How applicants see the organisation; replaced as a whole, and {} takes it away."`
	Reasons           *[]reasonCode      `json:"reasons,omitempty" doc:"What reviewers choose from; replaced as a whole." maxItems:"100" nullable:"false"`
	Languages         *[]string          `json:"languages,omitempty" doc:"Languages applicants may choose; replaced as a whole." maxItems:"50" nullable:"false"`
}

func showSettings(v kyc.Settings) settings {
	d := kyc.DefaultSettings()
	or := func(x, y time.Duration) time.Duration {
		if x > 0 {
			return x
		}
		return y
	}
	return settings{MandatoryPolicies: words(v.MandatoryPolicies), DualReview: v.DualReview, SecondUnaware: v.SecondUnaware, Queues: showQueues(v.Queues), Routing: showRouting(v.Routing), Quality: qualityShares(v.Quality), PublishFourEyes: v.PublishFourEyes,
		ClaimLapseMinutes: int(or(v.ClaimLapse, d.ClaimLapse) / time.Minute), CaptureTTLMinutes: int(or(v.CaptureTTL, d.CaptureTTL) / time.Minute),
		RequiredLists: words(v.RequiredLists), ListMaxAgeHours: int(or(v.ListMaxAge, d.ListMaxAge) / time.Hour),
		News: newsSettings(v.News), Providers: showProviders(v.Providers),
		Checks: checkSettings{AutoDecision: cmp.Or(v.Checks.AutoDecision, "approve"), MaximumAge: v.Checks.MaximumAge,
			ExpiryPolicy: cmp.Or(v.Checks.ExpiryPolicy, "grace"), Attempts: cmp.Or(v.Checks.Attempts, 3)},
		Faces:     faceSettings{TemplateDays: cmp.Or(v.Faces.TemplateDays, kyc.DefaultTemplateDays)},
		Retention: showRetention(v.Retention),
		Entities:  entitySettings(v.Entities), Branding: brandSettings(v.Branding), Reasons: showReasonCodes(v.Reasons), Languages: words(v.Languages)}
}

func (e editSettings) onto(v kyc.Settings) kyc.Settings {
	set(&v.MandatoryPolicies, e.MandatoryPolicies)
	set(&v.DualReview, e.DualReview)
	set(&v.SecondUnaware, e.SecondUnaware)
	if q := e.Queues; q != nil {
		v.Queues = queuesOf(*q)
	}
	if r := e.Routing; r != nil {
		v.Routing = routingOf(*r)
	}
	if q := e.Quality; q != nil {
		v.Quality = kyc.QualityShares(*q)
	}
	set(&v.PublishFourEyes, e.PublishFourEyes)
	set(&v.RequiredLists, e.RequiredLists)
	span(&v.ClaimLapse, e.ClaimLapseMinutes, time.Minute)
	span(&v.CaptureTTL, e.CaptureTTLMinutes, time.Minute)
	span(&v.ListMaxAge, e.ListMaxAgeHours, time.Hour)
	if n := e.News; n != nil {
		v.News = kyc.NewsSettings(*n)
	}
	if p := e.Providers; p != nil {
		v.Providers = p.settings()
	}
	if c := e.Checks; c != nil {
		v.Checks = kyc.CheckSettings{AutoDecision: c.AutoDecision, MaximumAge: c.MaximumAge, ExpiryPolicy: c.ExpiryPolicy, Attempts: c.Attempts}
	}
	if c := e.Entities; c != nil {
		v.Entities = kyc.EntitySettings(*c)
	}
	if c := e.Faces; c != nil {
		v.Faces = kyc.FaceSettings(*c)
	}
	if c := e.Retention; c != nil {
		v.Retention = c.rules()
	}
	if c := e.Branding; c != nil {
		v.Branding = kyc.Branding(*c)
	}
	if c := e.Reasons; c != nil {
		v.Reasons = nil
		for _, r := range *c {
			v.Reasons = append(v.Reasons, kyc.ReasonCode(r))
		}
	}
	set(&v.Languages, e.Languages)
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
	s.retentionRoutes()
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
	api.Handle(p, said(op("update-reasons", http.MethodPut, "/settings/reasons", "Settings", "Change the reasons of decisions", "reasons:write"),
		"The same as PUT /settings with reasons alone, for who may change nothing else."), s.putReasons)
	clock := said(op("advance-sandbox-clock", http.MethodPost, "/sandbox/clock", "Settings", "Put the sandbox clock forward", writeSessions),
		"Time-outs of gates and links, idle claims and the retention of the sandbox follow this clock. It never runs backwards.")
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

type reasonList struct {
	Reasons []reasonCode `json:"reasons" doc:"What reviewers choose from; empty shows the shipped ones." maxItems:"100" nullable:"false"`
}

func (s *surface) putReasons(ctx context.Context, who api.Principal, in *struct {
	Body reasonList
}) (*answer[reasonList], error) {
	all := &struct{ Body editSettings }{editSettings{Reasons: &in.Body.Reasons}}
	done, err := s.putSettings(ctx, who, all)
	if err != nil {
		return nil, err
	}
	return &answer[reasonList]{Body: reasonList{done.Body.Reasons}}, nil
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
	if in.Body.News != nil {
		wrong, err := s.newsProblems(ctx, who.Tenant, next.News)
		if err != nil {
			return nil, err
		}
		problems = append(problems, wrong...)
	}
	if in.Body.Providers != nil {
		wrong, err := s.providerProblems(ctx, who.Tenant, next.Providers)
		if err != nil {
			return nil, err
		}
		problems = append(problems, wrong...)
	}
	if in.Body.Routing != nil {
		wrong, err := s.routingProblems(ctx, who.Tenant, next.Routing, "/routing")
		if err != nil {
			return nil, err
		}
		problems = append(problems, wrong...)
	}
	problems = append(problems, kyc.RoutingProblems(next.Routing, next.Queues, "/routing")...)
	problems = append(problems, next.Retention.Problems("/retention")...)
	problems = append(problems, next.Branding.Problems("/branding")...)
	problems = append(problems, next.Quality.Problems("/quality")...)
	problems = append(problems, kyc.QueueProblems(next.Queues, "/queues")...)
	problems = append(problems, kyc.ReasonProblems(next.Reasons, "/reasons")...)
	problems = append(problems, kyc.LanguageProblems(next.Languages, "/languages")...)
	known := kyc.EntityDocumentTypes()
	for _, list := range []struct {
		name  string
		types []string
	}{{"photographic", next.Entities.Photographic}, {"non_photographic", next.Entities.NonPhotographic}, {"secondary", next.Entities.Secondary}} {
		for i, name := range list.types {
			if !slices.Contains(known, name) {
				problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/entities/%s/%d", list.name, i), Code: "unknown_document_type", Message: "there is no such document type"})
			}
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

// newsProblems are what keeps a provider of news from being asked.
func (s *surface) newsProblems(ctx context.Context, t kyc.Tenant, n kyc.NewsSettings) ([]kyc.Problem, error) {
	if n == (kyc.NewsSettings{}) {
		return nil, nil
	}
	return s.serverProblems(ctx, t, n.URL, n.Secret, "/news")
}

// serverProblems are what keeps a server of the organisation from being asked.
func (s *surface) serverProblems(ctx context.Context, t kyc.Tenant, address, secret, at string) ([]kyc.Problem, error) {
	var out []kyc.Problem
	if address == "" {
		out = append(out, kyc.Problem{Path: at + "/url", Code: "required", Message: "an address and a secret go together"})
	} else if p := s.Webhooks.CheckURL(ctx, address, at+"/url"); p != nil {
		out = append(out, *p)
	}
	if secret == "" {
		return append(out, kyc.Problem{Path: at + "/secret", Code: "required", Message: "an address and a secret go together"}), nil
	}
	id, ok := kyc.Undress("webhook", secret)
	if ok {
		_, err := s.Webhooks.Get(ctx, t, id)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return nil, err
		}
		ok = err == nil
	}
	if !ok {
		out = append(out, kyc.Problem{Path: at + "/secret", Code: "unknown_endpoint", Message: "this environment has no such webhook endpoint"})
	}
	return out, nil
}
