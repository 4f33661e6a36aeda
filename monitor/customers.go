package monitor

import (
	"context"
	"encoding/json"
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Limits of what is kept about a customer.
const (
	maxClientID   = 200
	maxEmail      = 254 // RFC 5321
	maxAttributes = 100
	maxAttrBytes  = 16 << 10
)

var phoneNumber = regexp.MustCompile(`^\+?[0-9][0-9 ().-]{3,28}[0-9]$`)

// NewCustomer is a request for a customer. ClientID is the caller's own name
// of the person or company; it may be empty.
type NewCustomer struct {
	ClientID   string
	Kind       string // individual, company; empty: individual
	Name       string
	Email      string
	Phone      string
	Attributes map[string]any
}

// CustomerChange changes what is not nil. Attributes are merged key by key,
// nil removes one. Active false deactivates, true takes back in.
type CustomerChange struct {
	Name       *string
	Email      *string
	Phone      *string
	Attributes map[string]any
	Active     *bool
}

// CreateCustomer makes a person or company known. Errors: Invalid
// invalid_customer with all problems; Conflict client_id_taken.
func (m *Machine) CreateCustomer(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewCustomer) (kyc.Subject, error) {
	s := kyc.Subject{ExternalRef: strings.TrimSpace(n.ClientID), Kind: n.Kind, Status: kyc.SubjectPending,
		Private: kyc.SubjectData{Name: strings.TrimSpace(n.Name), Email: strings.TrimSpace(n.Email), Phone: strings.TrimSpace(n.Phone), Attributes: n.Attributes}}
	if s.Kind == "" {
		s.Kind = "individual"
	}
	if err := checkCustomer(&s); err != nil {
		return s, err
	}
	if s.ExternalRef != "" {
		_, err := m.d.Store.SubjectByRef(ctx, t, s.ExternalRef)
		if err == nil {
			return s, kyc.Errorf(kyc.Conflict, "client_id_taken", "there is a customer with this client_id already")
		}
		if kyc.KindOf(err) != kyc.NotFound {
			return s, err
		}
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return s, err
	}
	s.Meta = kyc.Meta{ID: kyc.NewID(now), Tenant: t}
	s.Touch(now)
	e := event(ctx, t, by, now, "identity.create", objectPerson, s.ID)
	e.SubjectID, e.After = s.ID, digest(&s)
	return s, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{m.d.News.Tell(e, &s, nil, "created")}})
}

// checkCustomer lists what is wrong with a customer.
func checkCustomer(s *kyc.Subject) error {
	var p problems
	p.text("/client_id", s.ExternalRef, maxClientID)
	if !slices.Contains([]string{"individual", "company"}, s.Kind) {
		p.add("/entity_type", "entity_type_invalid", "use individual or company")
	}
	p.text("/name", s.Private.Name, maxName)
	if e := s.Private.Email; e != "" {
		if a, err := mail.ParseAddress(e); err != nil || a.Address != e || len(e) > maxEmail {
			p.add("/email", "email_invalid", "this is no e-mail address")
		}
	}
	if s.Private.Phone != "" && !phoneNumber.MatchString(s.Private.Phone) {
		p.add("/phone", "phone_invalid", "this is no telephone number")
	}
	if len(s.Private.Attributes) > maxAttributes {
		p.add("/metadata", "too_many", "at most %d entries", maxAttributes)
	} else if raw, err := json.Marshal(s.Private.Attributes); err != nil || len(raw) > maxAttrBytes {
		p.add("/metadata", "too_long", "at most %d bytes in all", maxAttrBytes)
	}
	return p.err("invalid_customer", "the customer has problems")
}

// Customer reads a customer and records the look.
func (m *Machine) Customer(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Subject, error) {
	s, err := m.d.Store.Subject(ctx, t, id)
	if err != nil {
		return s, err
	}
	e := event(ctx, t, by, m.d.Clock.Now(), "identity.read", objectPerson, id)
	e.SubjectID = id
	return s, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}

// Customers gives a page of customers, newest first, and records the look;
// more says that another page follows.
func (m *Machine) Customers(ctx context.Context, t kyc.Tenant, by kyc.Actor, f kyc.SubjectFilter, p kyc.Page) (list []kyc.Subject, more bool, err error) {
	limit := p.Limit
	p.Limit++
	if list, _, err = m.d.Store.Subjects(ctx, t, f, p); err != nil || len(list) == 0 {
		return nil, false, err
	}
	if len(list) > limit {
		list, more = list[:limit], true
	}
	return list, more, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{event(ctx, t, by, m.d.Clock.Now(), "identity.list", objectPerson, "")}})
}

// UpdateCustomer changes a customer. rev is the revision of If-Match, 0 for
// none. Errors: 404, 412; Conflict redacted; Invalid invalid_customer with all
// problems.
func (m *Machine) UpdateCustomer(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, n CustomerChange) (kyc.Subject, error) {
	s, err := m.d.Store.Subject(ctx, t, id)
	if err == nil {
		err = match(&s.Meta, rev)
	}
	if err == nil && (s.Status == kyc.SubjectRedacted || s.Private.Unreadable) {
		err = kyc.Errorf(kyc.Conflict, "redacted", "the data of this customer was erased")
	}
	if err != nil {
		return s, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return s, err
	}
	before := digest(&s)
	for _, one := range []struct {
		to   *string
		from *string
	}{{&s.Private.Name, n.Name}, {&s.Private.Email, n.Email}, {&s.Private.Phone, n.Phone}} {
		if one.from != nil {
			*one.to = strings.TrimSpace(*one.from)
		}
	}
	if n.Attributes != nil {
		merged := maps.Clone(s.Private.Attributes)
		if merged == nil {
			merged = map[string]any{}
		}
		maps.Copy(merged, n.Attributes)
		maps.DeleteFunc(merged, func(_ string, v any) bool { return v == nil })
		s.Private.Attributes = merged
	}
	action := "identity.update"
	switch {
	case n.Active == nil:
	case *n.Active:
		s.DeactivatedAt = time.Time{}
	case s.DeactivatedAt.IsZero():
		s.DeactivatedAt, action = now, "identity.deactivate"
	}
	if err := checkCustomer(&s); err != nil {
		return s, err
	}
	s.Touch(now)
	e := event(ctx, t, by, now, action, objectPerson, id)
	e.SubjectID, e.Before, e.After = id, before, digest(&s)
	return s, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{m.d.News.Tell(e, &s, nil, "updated")}})
}

// MonitorCustomer puts a customer on a watchlist (empty: the default one). A
// customer that is there already is answered as it stands. Errors: 404;
// Conflict redacted, customer_inactive, watchlist_full; Invalid
// invalid_subject when the customer has no name.
func (m *Machine) MonitorCustomer(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, watch kyc.ID) (list kyc.Watch, party kyc.Watched, fresh bool, err error) {
	s, err := m.d.Store.Subject(ctx, t, id)
	switch {
	case err != nil:
		return list, party, false, err
	case s.Status == kyc.SubjectRedacted || s.Private.Unreadable:
		return list, party, false, kyc.Errorf(kyc.Conflict, "redacted", "the data of this customer was erased")
	case !s.DeactivatedAt.IsZero():
		return list, party, false, kyc.Errorf(kyc.Conflict, "customer_inactive", "this customer was deactivated")
	case s.Private.Name == "":
		return list, party, false, kyc.InvalidInput("invalid_subject", "the customer cannot be screened",
			[]kyc.Problem{{Path: "/name", Code: "customer_name_missing", Message: "give the customer a name first (PATCH /customers/{id})"}})
	}
	if watch == "" {
		list, err = m.Default(ctx, t, by)
	} else {
		list, err = m.watch(ctx, t, watch)
	}
	if err != nil {
		return list, party, false, err
	}
	have, err := m.everybody(ctx, t, kyc.WatchedFilter{WatchID: list.ID, SubjectID: id})
	if err != nil {
		return list, party, false, err
	}
	for _, w := range have {
		if w.SessionID == "" && !w.Private.Unreadable { // the customer itself, not a party of one of its sessions
			return list, w, false, nil
		}
	}
	added, err := m.AddParties(ctx, t, by, list.ID, "", []NewParty{{FullName: s.Private.Name, SubjectID: id}}, nil)
	if err != nil {
		return list, party, false, err
	}
	return list, added[0], true, nil
}
