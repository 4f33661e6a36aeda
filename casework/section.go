package casework

import (
	"context"
	"embed"

	"bonafide/console"
	"bonafide/kyc"
)

//go:embed *.html
var templates embed.FS

const (
	readCases  = "cases:read"
	writeCases = "cases:write"
)

// Store is what the pages read themselves.
type Store interface {
	WaitingCases(ctx context.Context, t kyc.Tenant, f kyc.WaitingFilter, p kyc.Page) ([]kyc.Case, int, error)
	WaitingCount(ctx context.Context, t kyc.Tenant, f kyc.WaitingFilter) (int, error)
	Users(ctx context.Context, org kyc.ID) ([]kyc.User, error)
}

// Deps are what the pages need.
type Deps struct {
	Store Store
}

type room struct {
	Deps
}

// Section is the reviewers' part of the console.
func Section(d Deps) console.Section {
	r := &room{d}
	return console.Section{Name: "casework", Files: templates,
		Routes: []console.Route{
			{Pattern: "GET /console/queue", Scope: readCases, Do: r.queue},
		},
		Links: []console.Link{{Href: "/console/queue", Text: "Queue", Scope: readCases, Count: r.unassigned}},
	}
}
