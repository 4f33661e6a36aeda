package office

import (
	"cmp"
	"slices"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
)

// who is somebody in a row: what people call them, and their id in small print.
type who struct{ Name, ID string }

// roll knows the people and keys of the organisation by id.
type roll struct {
	users map[string]string
	keys  map[string]string
}

// rollOf reads who can act in the environment looked at. Keys of the other one
// act there alone.
func (o *office) rollOf(v *console.Visit) (roll, error) {
	r := roll{map[string]string{}, map[string]string{}}
	users, err := o.Office.Users(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return r, err
	}
	for i := range users {
		r.users[string(users[i].ID)] = cmp.Or(users[i].Name, users[i].Email)
	}
	keys, err := o.Office.ListKeys(v.Ctx(), v.Tenant())
	for i := range keys {
		r.keys[string(keys[i].ID)] = keys[i].Name
	}
	return r, err
}

// of says who did something.
func (r roll) of(a kyc.Actor) who {
	switch a.Kind {
	case kyc.ActorUser:
		return who{cmp.Or(r.users[a.ID], "a person of the past"), kyc.Dress("user", kyc.ID(a.ID))}
	case kyc.ActorKey:
		name := "API key " + cmp.Or(r.keys[a.ID], "of the past")
		if a.OnBehalfOf != "" {
			name += " for " + a.OnBehalfOf
		}
		return who{name, kyc.Dress("key", kyc.ID(a.ID))}
	case kyc.ActorApplicant:
		return who{Name: "applicant"}
	case kyc.ActorSystem:
		return who{Name: "Bonafide (" + words(a.ID) + ")"}
	}
	return who{Name: a.ID}
}

// menu is everybody who may be chosen; an id that is none of them, such as an
// applicant's, is kept as it is.
func (r roll) menu(chosen string) []choice {
	out := []choice{{Label: "Anybody", On: chosen == ""}}
	for _, group := range []struct {
		kind, before string
		names        map[string]string
	}{{"user", "", r.users}, {"key", "API key ", r.keys}} {
		var part []choice
		for id, name := range group.names {
			part = append(part, choice{kyc.Dress(group.kind, kyc.ID(id)), group.before + name, id == chosen})
		}
		slices.SortFunc(part, func(a, b choice) int {
			return cmp.Or(strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), strings.Compare(a.Value, b.Value))
		})
		out = append(out, part...)
	}
	if !slices.ContainsFunc(out, func(c choice) bool { return c.On }) {
		out = append(out, choice{chosen, chosen, true})
	}
	return out
}

// eventRow is an entry of the audit chain.
type eventRow struct {
	At                                 string
	Who                                who
	What, Action, Object, Href, Reason string
	Seq                                int64
	ID                                 kyc.ID
}

func (r roll) event(e kyc.Event) eventRow {
	row := eventRow{At: second(e.At), Who: r.of(e.Actor), What: console.Said(e.Action), Action: e.Action, Object: words(e.Object), Reason: words(e.Reason), Seq: e.Seq, ID: e.ID}
	dressed := map[string][2]string{"session": {"/console/sessions/", "session"}, "identity": {"/console/subjects/", "identity"}, "case": {"/console/cases/", "case"},
		"list": {"/console/lists/", "list"}, "webhook_endpoint": {"/console/webhooks/", "webhook"}, "watchlist": {"/console/monitoring/", "watchlist"}}
	if at, known := dressed[e.Object]; known && e.ObjectID != "" {
		row.Href = at[0] + kyc.Dress(at[1], e.ObjectID)
	}
	return row
}
