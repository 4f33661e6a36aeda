package journey

import (
	"context"
	"slices"

	"bonafide/field"
	"bonafide/kyc"
)

// enrol leaves the parties of an approved session to monitoring, where the
// workflow screens at all. It is called after the session's move.
func (m *Machine) enrol(ctx context.Context, v *view, by kyc.Actor, c *kyc.Change) {
	if v.session.Status != kyc.SessionApproved || !v.def.ValidationConfig.RunLists {
		return
	}
	c.Events = append(c.Events, v.note(ctx, by, "monitoring.enrol"))
	if m.d.Enrol != nil {
		c.Jobs = append(c.Jobs, m.d.Enrol(v.session.Tenant, v.session.ID))
	}
}

// Watched is somebody an approved session names, with the role they have in
// it (seed 004: what is extracted from a document inherits its entity_role).
type Watched struct {
	Name string
	Role string // one of onboarding.EntityRoles
	// Document is the number of the document the name was read from; empty for
	// a name of the form.
	Document string
	// BirthDate and Nationality as that document has them.
	BirthDate   string
	Nationality string
}

// WatchedParties names the parties of an approved session: the names of its
// form that are screened (all of them where no field says so), and those read
// from its documents. A session that is not approved any more has none.
func (m *Machine) WatchedParties(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]Watched, error) {
	v, err := m.load(ctx, t, session)
	if err != nil {
		return nil, err
	}
	if v.session.Status != kyc.SessionApproved || alive(&v.session) != nil {
		return nil, nil //nolint:nilerr // whoever was erased is watched no more
	}
	var out []Watched
	add := func(w Watched) {
		w.Role = firstOf(w.Role, "individual")
		if w.Name == "" {
			return
		}
		if i := slices.IndexFunc(out, func(x Watched) bool { return x.Name == w.Name && x.Role == w.Role }); i >= 0 {
			out[i].Document = firstOf(out[i].Document, w.Document)
			out[i].BirthDate, out[i].Nationality = firstOf(out[i].BirthDate, w.BirthDate), firstOf(out[i].Nationality, w.Nationality)
			return
		}
		out = append(out, w)
	}
	parties := field.Read(v.def.Fields(), v.session.Private.Fields).Parties
	named := slices.ContainsFunc(parties, func(p field.Party) bool { return p.Lists })
	for _, p := range parties {
		if p.Lists || !named {
			add(Watched{Name: p.Name, Role: p.Role})
		}
	}
	if v.session.RunID == "" {
		return out, nil
	}
	trace, err := m.d.Trace(ctx, t, v.session.RunID)
	if err != nil {
		return nil, err
	}
	for _, e := range entities(trace.Checks[policyDocuments].Details) {
		add(Watched{Name: e.Name, Role: e.EntityRole, Document: e.DocumentNumber, BirthDate: e.DateOfBirth, Nationality: e.Nationality})
	}
	return out, nil
}
