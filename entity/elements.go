package entity

import (
	"context"
	"reflect"
	"slices"
	"time"

	"bonafide/kyc"
)

// work is one individual that is about to change.
type work struct {
	ind kyc.Individual
	now time.Time
}

// change reads an individual, lets edit change it in memory, and stores it with
// its event, its traits, and whatever depends on the facts. An edit that
// changes nothing writes nothing.
func (m *Machine) change(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, action string, edit func(w *work) error) (kyc.Individual, error) {
	ind, err := m.load(ctx, t, id)
	if err != nil {
		return ind, err
	}
	if err := match(&ind.Meta, rev); err != nil {
		return kyc.Individual{}, err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return kyc.Individual{}, err
	}
	before, old := digest(&ind), copied(ind.Private)
	w := &work{ind: ind, now: now}
	w.ind.Private = copied(ind.Private)
	if err := edit(w); err != nil {
		return kyc.Individual{}, err
	}
	if reflect.DeepEqual(old, w.ind.Private) {
		return ind, nil
	}
	w.ind.Touch(now)
	e := event(ctx, t, by, now, action, objectPerson, id, id)
	e.Before, e.After = before, digest(&w.ind)
	c := kyc.Change{Put: []kyc.Object{&w.ind}, Events: []kyc.Event{m.d.News.Tell(e, &w.ind, nil, "updated")}}
	if err := m.remember(ctx, t, id, personValues(&old), personValues(&w.ind.Private), &c); err != nil {
		return kyc.Individual{}, err
	}
	if err := m.dependents(ctx, t, id, &c); err != nil {
		return kyc.Individual{}, err
	}
	return w.ind, m.d.Store.Commit(ctx, &c)
}

// dependents adds what must be written because facts about a person changed.
func (m *Machine) dependents(ctx context.Context, t kyc.Tenant, subject kyc.ID, c *kyc.Change) error {
	if m.d.Changed == nil {
		return nil
	}
	more, err := m.d.Changed(ctx, t, subject)
	if err != nil {
		return err
	}
	c.Add(more)
	return nil
}

// without takes the element of an ID off a list, or answers Missing.
func without[T any](list *[]T, what string, want kyc.ID, id func(*T) kyc.ID) error {
	at := slices.IndexFunc(*list, func(x T) bool { return want != "" && id(&x) == want })
	if at < 0 {
		return kyc.Missing(what, string(want))
	}
	*list = slices.Delete(slices.Clone(*list), at, at+1)
	return nil
}

// DeleteName removes an alternate name (C16). The main name stays: 409
// main_name.
func (m *Machine) DeleteName(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, name kyc.ID) (kyc.Individual, error) {
	return m.change(ctx, t, by, id, rev, "individual.delete_name", func(w *work) error {
		if name != "" && w.ind.Private.Name.ID == name {
			return kyc.Errorf(kyc.Conflict, "main_name", "a person needs a name; change this one instead of deleting it")
		}
		return without(&w.ind.Private.AlternateNames, "name", name, func(x *kyc.PersonName) kyc.ID { return x.ID })
	})
}

// DeleteBirthDate removes a date of birth, the main one or an alternate.
func (m *Machine) DeleteBirthDate(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, date kyc.ID) (kyc.Individual, error) {
	return m.change(ctx, t, by, id, rev, "individual.delete_birth_date", func(w *work) error {
		if date != "" && w.ind.Private.BirthDate.ID == date {
			w.ind.Private.BirthDate = kyc.BirthDate{}
			return nil
		}
		return without(&w.ind.Private.AlternateDates, "date of birth", date, func(x *kyc.BirthDate) kyc.ID { return x.ID })
	})
}

// DeleteAddress removes an address.
func (m *Machine) DeleteAddress(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, address kyc.ID) (kyc.Individual, error) {
	return m.change(ctx, t, by, id, rev, "individual.delete_address", func(w *work) error {
		return without(&w.ind.Private.Addresses, "address", address, func(x *kyc.PostalAddress) kyc.ID { return x.ID })
	})
}

// DeleteEmail removes a mail address.
func (m *Machine) DeleteEmail(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, email kyc.ID) (kyc.Individual, error) {
	return m.change(ctx, t, by, id, rev, "individual.delete_email", func(w *work) error {
		return without(&w.ind.Private.Emails, "email address", email, func(x *kyc.EmailAddress) kyc.ID { return x.ID })
	})
}

// DeletePhone removes a telephone number.
func (m *Machine) DeletePhone(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, phone kyc.ID) (kyc.Individual, error) {
	return m.change(ctx, t, by, id, rev, "individual.delete_phone", func(w *work) error {
		return without(&w.ind.Private.Phones, "phone number", phone, func(x *kyc.PhoneNumber) kyc.ID { return x.ID })
	})
}

// DeleteReference removes an external reference.
func (m *Machine) DeleteReference(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, reference kyc.ID) (kyc.Individual, error) {
	return m.change(ctx, t, by, id, rev, "individual.delete_reference", func(w *work) error {
		return without(&w.ind.Private.References, "external reference", reference, func(x *kyc.EntityReference) kyc.ID { return x.ID })
	})
}

// WithdrawConsent ends a consent; it stays on record with both times. One that
// was withdrawn already is answered as it stands. Errors: 404 when it was never
// given.
func (m *Machine) WithdrawConsent(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, consent string) (kyc.Individual, error) {
	return m.change(ctx, t, by, id, rev, "individual.withdraw_consent", func(w *work) error {
		at := slices.IndexFunc(w.ind.Private.Consents, func(c kyc.EntityConsent) bool { return c.Type == consent })
		if at < 0 {
			return kyc.Missing("consent", consent)
		}
		if w.ind.Private.Consents[at].WithdrawnAt.IsZero() {
			w.ind.Private.Consents[at].WithdrawnAt = w.now
		}
		return nil
	})
}
