package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/screen"
)

type screening struct {
	Status string        `json:"status" doc:"ok only when every list answered from fresh data; anything else is no clearance." enum:"ok,not_configured,unavailable,stale,error"`
	Hits   []hit         `json:"hits" doc:"Possible matches, best first, every point explained." nullable:"false"`
	Lists  []listVersion `json:"lists" doc:"Which lists were asked, in which version." nullable:"false"`
	Notes  []string      `json:"notes" doc:"What a reviewer should know, such as an unreadable date." nullable:"false"`
}

func (s *surface) screeningRoutes() {
	api.Handle(s.Porch, said(op("match-name", http.MethodPost, "/screening/match", "Screening", "Look for a party in the watchlists", "watchlist:run"),
		"Asks the official watchlists that are loaded here, without saving anything about the party."),
		func(ctx context.Context, who api.Principal, in *struct {
			Body struct {
				Name        string   `json:"name,omitempty" doc:"Name in any script and order." maxLength:"500"`
				FirstName   string   `json:"first_name,omitempty" doc:"Instead of name." maxLength:"250"`
				LastName    string   `json:"last_name,omitempty" doc:"Instead of name." maxLength:"250"`
				Aliases     []string `json:"aliases,omitempty" doc:"Further names of the party; the best match counts." maxItems:"50" nullable:"false"`
				Type        string   `json:"type,omitempty" doc:"What it is." enum:"person,entity,vessel,aircraft,unknown"`
				DateOfBirth string   `json:"date_of_birth,omitempty" doc:"YYYY-MM-DD, YYYY-MM or YYYY." maxLength:"10"`
				Country     string   `json:"country,omitempty" doc:"ISO 3166-1 code or English name." maxLength:"100"`
				Identifiers []string `json:"identifiers,omitempty" doc:"Document, tax or registration numbers." maxItems:"50" nullable:"false"`
				Lists       []string `json:"lists,omitempty" doc:"Lists to ask; default all that were loaded." maxItems:"50" nullable:"false"`
				Limit       int      `json:"limit,omitempty" doc:"Hits at most." minimum:"1" maximum:"1000" default:"10"`
				Threshold   *float64 `json:"threshold,omitempty" doc:"Lowest score to show, 0-1." minimum:"0" maximum:"1"`
			}
		}) (*answer[screening], error) {
			b := in.Body
			org, err := s.Store.Org(ctx, who.Tenant.Org)
			if err != nil {
				return nil, err
			}
			q := screen.Query{Name: b.Name, FirstName: b.FirstName, LastName: b.LastName, Aliases: b.Aliases, Type: screen.EntityType(b.Type), DateOfBirth: b.DateOfBirth,
				Country: b.Country, Identifiers: b.Identifiers, Lists: b.Lists, Limit: b.Limit, Threshold: screen.DefaultThreshold, MaxAge: org.EnvSettings(who.Tenant.Env).ListMaxAge}
			if b.Threshold != nil {
				q.Threshold = *b.Threshold
			}
			got := s.Screen.Match(q)
			if got.Err != nil {
				return nil, got.Err
			}
			e := kyc.Event{ID: kyc.NewID(s.Clock.Now()), Tenant: who.Tenant, At: s.Clock.Now(), Actor: who.Actor, Action: "screening.match", Object: "screening", RequestID: api.RequestID(ctx)}
			if err := s.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}}); err != nil {
				return nil, err
			}
			out := screening{Status: string(got.Worst()), Hits: showHits(got.Hits), Lists: showLists(got.Lists), Notes: words(got.Notes)}
			return &answer[screening]{Body: out}, nil
		})
}
