package steps

import (
	"encoding/json"
	"maps"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/field"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/monitor"
	"bonafide/roster"
)

// NeighbourDeps are the machines behind the resources beside the sessions
// (api.md 3.12). All but Entry are obligatory.
type NeighbourDeps struct {
	Porch   *api.Porch
	Monitor *monitor.Machine
	// Machine reads the sessions of customers.
	Machine *journey.Machine
	Orgs    Orgs
	// Entry gives an entry of a list in full, so that a match shows its
	// nationalities and identifiers. Without it a match shows those that the
	// score speaks of.
	Entry func(list, id string) (roster.Entity, bool)
}

// neighbours holds the routes.
type neighbours struct {
	NeighbourDeps
	paging *surface // signs cursors as the rest of the surface does
}

// MountNeighbours adds screening, watchlists and customers to the porch.
func MountNeighbours(d NeighbourDeps) {
	n := &neighbours{NeighbourDeps: d, paging: &surface{Deps: Deps{Porch: d.Porch}}}
	n.oneshotRoutes()
	n.watchlistRoutes()
	n.subjectRoutes()
	n.customerRoutes()
}

// Scopes of the watchlists (api.md 1.2).
const (
	watchCreate = "watchlist:create"
	watchList   = "watchlist:list"
	watchRead   = "watchlist:read"
	watchUpdate = "watchlist:update"
	watchDelete = "watchlist:delete"
	watchRun    = "watchlist:run"
)

// beside is op for a path that does not begin with /kyc.
func beside(id, method, path, tag, summary string, scopes ...string) api.Operation {
	o := op(id, method, "", tag, summary, scopes...)
	o.Path = path
	return o
}

// WatchEvents are the names of the webhooks of monitoring (api.md 3.11).
func WatchEvents() []string {
	return []string{"kyc.watchlist.new_match", "kyc.watchlist.status_changed"}
}

// WatchNews tells what happened to a party of a watchlist: the event's name
// and its data in numbers and states, without the matches, which
// monitor.Machine.Enrich adds when the message is sent. Other objects give an
// empty name.
func WatchNews(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
	w, ok := o.(*kyc.Watched)
	if !ok || (what != monitor.NewsNewMatch && what != monitor.NewsStatusChanged) {
		return "", nil
	}
	data := map[string]any{"watchlist_id": w.WatchID, "watchlist_subject_id": w.ID, "customer_id": reference(w.SubjectID), "session_id": reference(w.SessionID),
		"is_sandbox": w.Tenant.Env == kyc.Sandbox, "sequence": w.Rev}
	maps.Copy(data, extra)
	for key, value := range data {
		if t, ok := value.(time.Time); ok {
			data[key] = at(t)
		}
	}
	b, err := json.Marshal(data)
	if err != nil { // ids, numbers and words can always be written
		return "kyc." + what, json.RawMessage("{}")
	}
	return "kyc." + what, b
}

// countryProblem says what is wrong with a country of an input.
func countryProblem(path, code string) []kyc.Problem {
	if code == "" {
		return nil
	}
	if _, ok := field.CountryCode(code); ok {
		return nil
	}
	return []kyc.Problem{{Path: path, Code: "country_code_invalid", Message: "a country is two letters of ISO 3166-1, such as DE"}}
}

func unavailable(o api.Operation) api.Operation { return fails(o, http.StatusServiceUnavailable) }
