package entity

import (
	"context"
	"slices"

	"bonafide/kyc"
)

// NewIndividual is a request for an individual. The IDs of Data are ignored:
// every element gets a new one. Duplicates and Unreadable are not the caller's.
type NewIndividual struct {
	Data      kyc.IndividualData
	Documents []NewDocument
}

// Fresh is an individual that is about to be stored: Change holds it with its
// subject, documents, traits and events. Whoever commits Change otherwise than
// by Create calls Discard when the commit failed, which removes the files that
// were stored for it.
type Fresh struct {
	Individual kyc.Individual
	Documents  []kyc.EntityDocument
	Change     kyc.Change
	Discard    func(ctx context.Context)
}

// Prepare makes an individual without storing it (C3: the commit begins an
// execution, too). Its files are stored already. Errors: Invalid
// invalid_individual with every problem.
func (m *Machine) Prepare(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewIndividual) (Fresh, error) {
	now, err := m.now(ctx, t)
	if err != nil {
		return Fresh{}, err
	}
	ind := kyc.Individual{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, State: kyc.EntityActive}
	found := apply(&ind.Private, Patch{Set: anonymous(n.Data)}, now)
	papers, files := m.newDocuments(&found, t, ind.ID, n.Documents, now)
	if err := found.err("invalid_individual", "the individual has problems"); err != nil {
		return Fresh{}, err
	}
	ind.Touch(now)
	subject := &kyc.Subject{Meta: ind.Meta, Kind: "individual", Status: kyc.SubjectPending}

	f := Fresh{Individual: ind, Documents: papers}
	f.Change.Put = []kyc.Object{subject, &f.Individual}
	e := event(ctx, t, by, now, "individual.create", objectPerson, ind.ID, ind.ID)
	e.After = digest(&ind)
	f.Change.Events = []kyc.Event{m.d.News.Tell(e, &ind, nil, "created")}
	for i := range papers {
		f.Change.Put = append(f.Change.Put, &papers[i])
		e := event(ctx, t, by, now, "document.create", objectPaper, papers[i].ID, ind.ID)
		e.After = digest(&papers[i])
		f.Change.Events = append(f.Change.Events, e)
	}
	known := personValues(&ind.Private)
	for i := range papers {
		known = append(known, paperValues(&papers[i])...)
	}
	if err := m.remember(ctx, t, ind.ID, nil, known, &f.Change); err != nil {
		return Fresh{}, err
	}
	if f.Discard, err = m.keep(ctx, subject, files); err != nil {
		return Fresh{}, err
	}
	return f, nil
}

// Create stores a new individual with its documents (C15). Errors: Invalid
// invalid_individual with every problem.
func (m *Machine) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewIndividual) (kyc.Individual, []kyc.EntityDocument, error) {
	f, err := m.Prepare(ctx, t, by, n)
	if err != nil {
		return kyc.Individual{}, nil, err
	}
	if err := m.d.Store.Commit(ctx, &f.Change); err != nil {
		f.Discard(ctx)
		return kyc.Individual{}, nil, err
	}
	return f.Individual, f.Documents, nil
}

// anonymous takes the IDs off the elements of a body.
func anonymous(d kyc.IndividualData) kyc.IndividualData {
	d = copied(d)
	d.Name.ID, d.BirthDate.ID = "", ""
	for i := range d.AlternateNames {
		d.AlternateNames[i].ID = ""
	}
	for i := range d.AlternateDates {
		d.AlternateDates[i].ID = ""
	}
	for i := range d.Addresses {
		d.Addresses[i].ID = ""
	}
	for i := range d.Phones {
		d.Phones[i].ID = ""
	}
	for i := range d.Emails {
		d.Emails[i].ID = ""
	}
	for i := range d.References {
		d.References[i].ID = ""
	}
	return d
}

// load reads an individual that is neither deleted nor erased.
func (m *Machine) load(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Individual, error) {
	ind, err := m.d.Store.Individual(ctx, t, id)
	if err == nil && (ind.State == kyc.EntityDeleted || ind.Private.Unreadable) {
		err = kyc.Missing("individual", string(id))
	}
	if err != nil {
		return kyc.Individual{}, err
	}
	return ind, nil
}

// Individual reads an individual and records the look.
func (m *Machine) Individual(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Individual, error) {
	ind, err := m.load(ctx, t, id)
	if err != nil {
		return ind, err
	}
	return ind, m.look(ctx, t, by, "individual.read", objectPerson, id, id)
}

// Individuals gives a page of individuals, newest first unless the filter says
// otherwise, with how many there are in all, and records the look. Deleted
// ones are never shown.
func (m *Machine) Individuals(ctx context.Context, t kyc.Tenant, by kyc.Actor, f kyc.IndividualFilter, p kyc.Page) ([]kyc.Individual, int, error) {
	f.Deleted = false
	list, total, err := m.d.Store.Individuals(ctx, t, f, p)
	if err != nil {
		return nil, 0, err
	}
	// Whoever was erased through another surface is left out here, too.
	list = slices.DeleteFunc(list, func(i kyc.Individual) bool { return i.Private.Unreadable })
	if len(list) == 0 {
		return nil, total, nil
	}
	return list, total, m.look(ctx, t, by, "individual.list", objectPerson, "", "")
}

// Patch changes an individual (C15). Set holds what the body has: a text or
// number that is not empty replaces; Name, BirthDate and BirthPlace are merged
// member by member. Of the lists (AlternateNames, AlternateDates, Addresses,
// Phones, Emails, References) an element whose ID is known is replaced as a
// whole, one without an ID is appended unless the same is there already, and an
// unknown ID is a problem; Consents are told apart by their type. Attributes
// are merged by key, and nil removes one. Clear are JSON Pointers in the words
// of kyc of the members that the body set to null: /gender, /nationality,
// /birth_date, /birth_date/day, /birth_place, /birth_place/country,
// /name/middle, /attributes, /attributes/key, /addresses (all of them), and so
// on.
type Patch struct {
	Set   kyc.IndividualData
	Clear []string
}

// Patch applies a patch. Errors: 404; 412; Invalid invalid_individual with
// every problem.
func (m *Machine) Patch(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, p Patch) (kyc.Individual, error) {
	return m.change(ctx, t, by, id, rev, "individual.update", func(w *work) error {
		found := apply(&w.ind.Private, p, w.now)
		return found.err("invalid_individual", "the individual cannot be changed like this")
	})
}
