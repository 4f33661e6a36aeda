package entities

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"bonafide/api"
	"bonafide/entity"
	"bonafide/kyc"
)

// searchBody is a partial entity (C21).
type searchBody struct {
	Individual searchIndividual `json:"individual" doc:"What is known of the individual; at least one member."`
	Service    string           `json:"serviceName,omitempty" doc:"Only individuals with a profile of this service." maxLength:"255"`
	States     []string         `json:"states,omitempty" doc:"Only profiles in these states." enum:"INIT,AUTO,ACTIVE,ARCHIVED,BLOCKLISTED,INACTIVE,DELETED,DUPLICATE" maxItems:"8" nullable:"false"`
	Confidence int              `json:"minimumConfidence,omitempty" doc:"Leave out who is less likely." minimum:"1" maximum:"100" default:"1"`
	Reference  string           `json:"customerReference,omitempty" doc:"Your name for a service profile." maxLength:"255"`
}

type searchIndividual struct {
	EntityID   string            `json:"entityId,omitempty" doc:"The individual's id." maxLength:"64"`
	Name       *searchName       `json:"name,omitempty" doc:"A name, or a part of it."`
	BirthDate  *datePlain        `json:"dateOfBirth,omitempty" doc:"The parts that are known."`
	Emails     []emailInput      `json:"emailAddresses,omitempty" doc:"Mail addresses." maxItems:"10" nullable:"false"`
	Phones     []phoneInput      `json:"phoneNumbers,omitempty" doc:"Telephone numbers." maxItems:"10" nullable:"false"`
	Documents  []searchDocument  `json:"documents,omitempty" doc:"Numbers of documents." maxItems:"10" nullable:"false"`
	References []searchReference `json:"externalReferences,omitempty" doc:"What your systems call the individual." maxItems:"10" nullable:"false"`
}

type searchName struct {
	Given  string `json:"givenName,omitempty" doc:"Given, middle and other names, in any order." maxLength:"1000"`
	Family string `json:"familyName,omitempty" doc:"Last name." maxLength:"1000"`
}

type searchDocument struct {
	Type    string `json:"type,omitempty" doc:"Which paper; any without it." maxLength:"64"`
	Country string `json:"country,omitempty" doc:"Who issued it, ISO 3166-1 alpha-3; any without it." maxLength:"8"`
	Number  string `json:"primaryIdentifier" doc:"Its number." maxLength:"1000"`
}

type searchReference struct {
	Name  string `json:"name,omitempty" doc:"Whose name for the individual it is; any without it." maxLength:"1000"`
	Value string `json:"value" doc:"The name." maxLength:"1000"`
}

type searchAnswer struct {
	Listed
	Matches   []searchMatch `json:"matches" doc:"Who may be meant, the most likely first." nullable:"false"`
	Truncated bool          `json:"truncated" doc:"Whether more individuals agree than were looked at: ask for more."`
}

type searchMatch struct {
	Confidence int              `json:"confidence" doc:"0 to 100: the weight of what agrees among what was asked." minimum:"0" maximum:"100"`
	Fields     []string         `json:"matchedFields" doc:"What agrees." nullable:"false"`
	Individual individual       `json:"individual" doc:"The individual, without documents."`
	Profiles   []serviceProfile `json:"serviceProfiles" doc:"The profiles that were asked for, newest first." nullable:"false"`
}

func (s *surface) searchRoutes() {
	api.Handle(s.Porch, said(op("search-individuals", http.MethodPost, "/search/serviceprofiles", tagProfiles, "Search for individuals", readSessions),
		"By a partial entity; names are compared in any case and order, telephone numbers and document numbers without their spelling. Whoever agrees in more of what was asked comes first."), s.search)
}

func (s *surface) search(ctx context.Context, who api.Principal, in *struct {
	Pages
	Body searchBody
}) (*answer[searchAnswer], error) {
	r, b := &reading{}, in.Body
	q := entity.Query{ServiceName: b.Service, States: b.States, MinConfidence: b.Confidence, CustomerReference: b.Reference}
	if text := b.Individual.EntityID; text != "" {
		if q.EntityID, _ = kyc.ParseID(text); q.EntityID == "" {
			r.add("/individual/entityId", "invalid_id", "this is no id")
		}
	}
	if n := b.Individual.Name; n != nil {
		q.Given, q.Family = n.Given, n.Family
	}
	if d := b.Individual.BirthDate; d != nil {
		q.BirthDate = d.read(r, "/individual/dateOfBirth")
	}
	for _, e := range b.Individual.Emails {
		q.Emails = append(q.Emails, e.Address)
	}
	for _, p := range b.Individual.Phones {
		q.Phones = append(q.Phones, p.Number)
	}
	for i, d := range b.Individual.Documents {
		q.Documents = append(q.Documents, entity.DocumentQuery{Type: d.Type, Number: d.Number, Country: r.country("/individual/documents/"+strconv.Itoa(i)+"/country", d.Country)})
	}
	for _, x := range b.Individual.References {
		q.References = append(q.References, entity.ReferenceQuery{Name: x.Name, Value: x.Value})
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	paging := in.Pages
	found, err := s.Entities.Search(ctx, who.Tenant, who.Actor, q, paging.page())
	if err != nil {
		return nil, searched(err)
	}
	return reply(searchAnswer{Listed: paging.listed(ctx, found.Total), Truncated: found.Truncated, Matches: shown(found.Matches, func(m entity.Match) searchMatch {
		return searchMatch{Confidence: m.Confidence, Fields: words(m.Fields), Individual: showIndividual(m.Individual), Profiles: shown(m.Profiles, showProfile)}
	})}), nil
}

// searched puts the problems of a search into the places of its body.
func searched(err error) error {
	e := kyc.AsError(err)
	if len(e.Problems) == 0 {
		return err
	}
	heads := map[string]string{"given": "/individual/name/givenName", "family": "/individual/name/familyName", "entity_id": "/individual/entityId",
		"birth_date": "/individual/dateOfBirth", "emails": "/individual/emailAddresses", "phones": "/individual/phoneNumbers", "documents": "/individual/documents",
		"references": "/individual/externalReferences", "customer_reference": "/customerReference", "service_name": "/serviceName", "states": "/states",
		"min_confidence": "/minimumConfidence", "": "/individual"}
	out := *e
	out.Problems = nil
	for _, p := range e.Problems {
		head, rest, _ := strings.Cut(strings.TrimPrefix(p.Path, "/"), "/")
		if place, ok := heads[head]; ok {
			switch {
			case rest == "":
			case head == "documents":
				place += "/" + strings.Replace(rest, "number", "primaryIdentifier", 1)
			case head == "emails" && !strings.Contains(rest, "/"):
				place += "/" + rest + "/email"
			case head == "phones" && !strings.Contains(rest, "/"):
				place += "/" + rest + "/number"
			default:
				place += "/" + rest
			}
			p.Path = place
		}
		out.Problems = append(out.Problems, p)
	}
	return &out
}
