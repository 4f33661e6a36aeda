package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/screen"
)

type matchBody struct {
	Name        string   `json:"name" doc:"Name as it stands in the document, in any script and order." minLength:"1" maxLength:"500"`
	Type        string   `json:"type,omitempty" doc:"What the party is." enum:"person,entity,unknown" default:"unknown"`
	DateOfBirth string   `json:"dob,omitempty" doc:"YYYY-MM-DD, YYYY-MM or YYYY." maxLength:"10"`
	Country     string   `json:"country,omitempty" doc:"ISO 3166-1 alpha-2 or alpha-3." maxLength:"60"`
	Identifiers []string `json:"identifiers,omitempty" doc:"Document, tax or registration numbers." maxItems:"20" nullable:"false"`
	Lists       []string `json:"lists,omitempty" doc:"Lists to ask; empty: all that are loaded." maxItems:"100" nullable:"false"`
	Limit       int      `json:"limit,omitempty" doc:"How many matches at most." minimum:"1" maximum:"100" default:"10"`
	Threshold   float64  `json:"threshold,omitempty" doc:"Lowest score to show." minimum:"0" maximum:"1" default:"0"`
}

type feature struct {
	Name   string  `json:"name" doc:"What was compared." example:"word"`
	Query  string  `json:"query,omitempty" doc:"The side that was asked."`
	Listed string  `json:"listed,omitempty" doc:"The listed side."`
	Rule   string  `json:"rule" doc:"Why they count as alike or not." example:"exact"`
	Value  float64 `json:"value" doc:"How alike they are, 0-1." minimum:"0" maximum:"1"`
	Points float64 `json:"points" doc:"What it adds to the score; the points of all features add up to it."`
}

type match struct {
	ID          string    `json:"id" doc:"The source's own id of the entry."`
	List        string    `json:"list" doc:"The list it stands on."`
	Version     string    `json:"version" doc:"Version of that list."`
	Type        string    `json:"type" doc:"What the entry is." example:"person"`
	Name        string    `json:"name" doc:"Its primary name."`
	MatchedName string    `json:"matched_name" doc:"The name or alias that matched."`
	Score       float64   `json:"score" doc:"0-1." minimum:"0" maximum:"1"`
	Features    []feature `json:"features" doc:"Every point of the score." nullable:"false"`
	Programs    []string  `json:"programs,omitempty" doc:"Sanctions programmes." nullable:"false"`
	Fictional   bool      `json:"fictional,omitempty" doc:"An invented entry of the demonstration list."`
}

func showMatch(h kyc.Hit) match {
	m := match{ID: h.EntryID, List: h.List, Version: h.Version, Type: h.Type, Name: h.Name, MatchedName: h.MatchedName, Score: h.Score,
		Features: []feature{}, Programs: h.Programs, Fictional: h.Fictional}
	for _, f := range h.Features {
		m.Features = append(m.Features, feature(f))
	}
	return m
}

type listState struct {
	List       string `json:"list" doc:"Name of the list."`
	Version    string `json:"version" doc:"Version that was asked."`
	Entries    int    `json:"entries" doc:"How many entries it has." minimum:"0"`
	AsOf       stamp  `json:"as_of" doc:"When it was taken from its source."`
	AgeSeconds int64  `json:"age_seconds" doc:"How old it is."`
	Status     string `json:"status" doc:"Only ok can contribute to a pass." enum:"ok,not_configured,unavailable,stale,error"`
	Fictional  bool   `json:"fictional,omitempty" doc:"A list of invented entries, for demonstration."`
}

func showListState(l kyc.ListVersion) listState {
	return listState{List: l.List, Version: l.Version, Entries: l.Entries, AsOf: at(l.AsOf), AgeSeconds: l.AgeSecs, Status: string(l.Status), Fictional: l.Fictional}
}

type matches struct {
	Matches []match     `json:"matches" doc:"Best first." nullable:"false"`
	Lists   []listState `json:"lists" doc:"Every list that was asked." nullable:"false"`
	Status  string      `json:"status" doc:"The worst status of the lists; anything but ok means that no match is no clearance." enum:"ok,not_configured,unavailable,stale,error"`
	Notes   []string    `json:"notes,omitempty" doc:"What a reviewer should know about the query." nullable:"false"`
}

// screeningRoutes ask the watchlists directly.
func (s *surface) screeningRoutes() {
	p := s.Porch
	api.Handle(p, said(op("match-screening", http.MethodPost, "/screening/match", "Screening", "Ask the watchlists", "watchlist:run"),
		"One query with every point of each score. Nothing is stored but the audit entry."),
		func(ctx context.Context, who api.Principal, in *struct{ Body matchBody }) (*answer[matches], error) {
			b := in.Body
			org, err := s.Store.Org(ctx, who.Tenant.Org)
			if err != nil {
				return nil, err
			}
			now := s.Clock.Now()
			r := s.Screen.Match(screen.Query{Name: b.Name, Type: screen.EntityType(b.Type), DateOfBirth: b.DateOfBirth, Country: b.Country,
				Identifiers: b.Identifiers, Lists: b.Lists, Limit: b.Limit, Threshold: b.Threshold, MaxAge: org.EnvSettings(who.Tenant.Env).ListMaxAge, At: now})
			if r.Err != nil {
				return nil, r.Err
			}
			err = s.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{{ID: kyc.NewID(now), Tenant: who.Tenant, At: now, Actor: who.Actor,
				Action: "screening.match", Object: "screening", RequestID: kyc.RequestFrom(ctx).ID}}})
			if err != nil {
				return nil, err
			}
			out := matches{Matches: []match{}, Lists: []listState{}, Status: string(r.Worst()), Notes: r.Notes}
			for _, h := range r.Hits {
				out.Matches = append(out.Matches, showMatch(h))
			}
			for _, l := range r.Lists {
				out.Lists = append(out.Lists, showListState(l))
			}
			return &answer[matches]{Body: out}, nil
		})
	api.Handle(p, op("list-watchlists", http.MethodGet, "/screening/lists", "Screening", "State of the watchlists", "watchlist:list"),
		func(context.Context, api.Principal, *struct{}) (*answer[whole[watchlist]], error) {
			return all(s.Screen.Status(), showWatchlist), nil
		})
}

type watchlist struct {
	listState
	Source      string `json:"source" doc:"Format it was read with."`
	LastAttempt stamp  `json:"last_attempt" doc:"When somebody last tried to import or update it."`
	LastError   string `json:"last_error,omitempty" doc:"Why the last attempt failed."`
	Running     bool   `json:"running" doc:"Whether an update is under way."`
	Official    bool   `json:"official" doc:"Whether an official address is known for it."`
}

func showWatchlist(l screen.ListStatus) watchlist {
	return watchlist{listState: showListState(l.ListVersion), Source: l.Source, LastAttempt: at(l.LastAttempt), LastError: l.LastError, Running: l.Running, Official: l.Official}
}
