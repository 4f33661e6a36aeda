package entities

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
)

// Element is embedded by the inputs that name an element of an individual.
type Element struct {
	EntityPath
	api.IfMatch
}

// The elements by the name of their id in the path.
type (
	namePath struct {
		Element
		ID string `path:"nameId" doc:"The name's id." maxLength:"64"`
	}
	datePath struct {
		Element
		ID string `path:"dateOfBirthId" doc:"The date's id." maxLength:"64"`
	}
	addressPath struct {
		Element
		ID string `path:"addressId" doc:"The address's id." maxLength:"64"`
	}
	emailPath struct {
		Element
		ID string `path:"emailAddressId" doc:"The mail address's id." maxLength:"64"`
	}
	phonePath struct {
		Element
		ID string `path:"phoneNumberId" doc:"The number's id." maxLength:"64"`
	}
	referencePath struct {
		Element
		ID string `path:"referenceId" doc:"The reference's id." maxLength:"64"`
	}
	consentPath struct {
		Element
		ID string `path:"consentType" doc:"What was consented to." enum:"GENERAL,DOCS,CREDITHEADER,UNDER18,PAYROLL,INSURANCE,SUPERANNUATION"`
	}
)

type elementRow[I any] struct {
	id, path, summary, description string
	kind                           string // of the element; empty: its id is no id
	name                           func(*I) (Element, string)
	remove                         func(context.Context, kyc.Tenant, kyc.Actor, kyc.ID, int64, kyc.ID) (kyc.Individual, error)
}

// removal adds the route that takes one element away.
func removal[I any](s *surface, row elementRow[I]) {
	o := fails(said(op(row.id, http.MethodDelete, individualPath+row.path, tagIndividuals, row.summary, writeSessions), row.description), http.StatusConflict, http.StatusPreconditionFailed)
	api.Handle(s.Porch, o, func(ctx context.Context, who api.Principal, in *I) (*tagged[individualBody], error) {
		e, text := row.name(in)
		subject, err := e.entity()
		if err != nil {
			return nil, err
		}
		element, err := id(row.kind, text)
		if err != nil {
			return nil, err
		}
		i, err := row.remove(ctx, who.Tenant, who.Actor, subject, e.Rev(), element)
		if err != nil {
			return nil, err
		}
		return s.whole(ctx, who, i, Level{})
	})
}

// elementRoutes remove parts of an individual (C16).
func (s *surface) elementRoutes() {
	m := s.Entities
	removal(s, elementRow[namePath]{"delete-name", "/names/{nameId}", "Remove another name", "The main name stays: 409 `main_name`.", "name",
		func(in *namePath) (Element, string) { return in.Element, in.ID }, m.DeleteName})
	removal(s, elementRow[datePath]{"delete-date-of-birth", "/datesOfBirth/{dateOfBirthId}", "Remove a date of birth", "The main one or another one.", "date of birth",
		func(in *datePath) (Element, string) { return in.Element, in.ID }, m.DeleteBirthDate})
	removal(s, elementRow[addressPath]{"delete-address", "/addresses/{addressId}", "Remove an address", "", "address",
		func(in *addressPath) (Element, string) { return in.Element, in.ID }, m.DeleteAddress})
	removal(s, elementRow[emailPath]{"delete-email-address", "/emailaddresses/{emailAddressId}", "Remove a mail address", "", "mail address",
		func(in *emailPath) (Element, string) { return in.Element, in.ID }, m.DeleteEmail})
	removal(s, elementRow[phonePath]{"delete-phone-number", "/phonenumbers/{phoneNumberId}", "Remove a telephone number", "", "telephone number",
		func(in *phonePath) (Element, string) { return in.Element, in.ID }, m.DeletePhone})
	removal(s, elementRow[referencePath]{"delete-external-reference", "/externalreferences/{referenceId}", "Remove an external reference", "", "reference",
		func(in *referencePath) (Element, string) { return in.Element, in.ID }, m.DeleteReference})
	api.Handle(s.Porch, fails(said(op("withdraw-consent", http.MethodDelete, individualPath+"/consents/{consentType}", tagIndividuals, "Withdraw a consent", writeSessions),
		"It stays on record with both times."), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *consentPath) (*tagged[individualBody], error) {
			subject, err := in.entity()
			if err != nil {
				return nil, err
			}
			i, err := s.Entities.WithdrawConsent(ctx, who.Tenant, who.Actor, subject, in.Rev(), in.ID)
			if err != nil {
				return nil, err
			}
			return s.whole(ctx, who, i, Level{})
		})
	api.Handle(s.Porch, op("list-external-references", http.MethodGet, individualPath+"/externalreferences", tagIndividuals, "List external references", readSessions),
		func(ctx context.Context, who api.Principal, in *EntityPath) (*answer[referenceList], error) {
			subject, err := in.entity()
			if err != nil {
				return nil, err
			}
			i, err := s.Entities.Individual(ctx, who.Tenant, who.Actor, subject)
			if err != nil {
				return nil, err
			}
			return reply(referenceList{asked(ctx), shown(i.Private.References, showReference)}), nil
		})
}

type referenceList struct {
	Asked
	References []externalReference `json:"externalReferences" doc:"What your systems call the individual." nullable:"false"`
}
