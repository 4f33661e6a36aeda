package entity

import (
	"context"
	"slices"

	"bonafide/kyc"
)

// Audit gives what happened to an individual, its documents, service profiles
// and executions, newest first, with how many entries there are (C24). It works
// for deleted and erased ones, too, and records the look.
func (m *Machine) Audit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, p kyc.Page) ([]kyc.Event, int, error) {
	if _, err := m.d.Store.Individual(ctx, t, id); err != nil {
		return nil, 0, err
	}
	all, total, err := m.d.Store.Events(ctx, t, kyc.EventFilter{SubjectID: id}, p)
	if err != nil {
		return nil, 0, err
	}
	// Nobody is ever shown what happened to somebody else, whatever the store
	// answers.
	all = slices.DeleteFunc(all, func(e kyc.Event) bool { return e.SubjectID != id })
	return all, total, m.look(ctx, t, by, "individual.audit", objectPerson, id, id)
}
