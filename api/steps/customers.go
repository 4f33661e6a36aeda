package steps

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/monitor"
)

func (n *neighbours) customerRoutes() {
	p, group := n.Porch, "Customers"
	api.Handle(p, fails(said(created(beside("create-customer", http.MethodPost, "/customers", group, "Create a customer", create)),
		"409 `client_id_taken` when there is a customer with this client_id."), http.StatusConflict), n.createCustomer)
	api.Handle(p, said(beside("list-customers", http.MethodGet, "/customers", group, "List customers", read), "Shows personal data, so the look is recorded in the audit chain."), n.listCustomers)
	api.Handle(p, said(beside("get-customer", http.MethodGet, "/customers/{customer_id}", group, "Read a customer", read), "The look is recorded in the audit chain."),
		func(ctx context.Context, who api.Principal, in *CustomerPath) (*tagged[customer], error) {
			s, err := n.customer(ctx, who, in.ID)
			return tagCustomer(s, err)
		})
	api.Handle(p, fails(beside("update-customer", http.MethodPatch, "/customers/{customer_id}", group, "Change a customer", create), http.StatusConflict, http.StatusPreconditionFailed), n.updateCustomer)
	gone := said(beside("deactivate-customer", http.MethodDelete, "/customers/{customer_id}", group, "Deactivate a customer", create),
		"It takes no new sessions and disappears from the list; what was recorded stays. `DELETE /kyc/sessions/{id}?mode=redact` destroys personal data.")
	gone.Status = http.StatusOK
	api.Handle(p, fails(gone, http.StatusConflict, http.StatusPreconditionFailed), func(ctx context.Context, who api.Principal, in *struct {
		CustomerPath
		api.IfMatch
	}) (*tagged[customer], error) {
		cid, err := id("customer", in.ID)
		if err != nil {
			return nil, err
		}
		no := false
		return tagCustomer(n.Monitor.UpdateCustomer(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), monitor.CustomerChange{Active: &no}))
	})
	api.Handle(p, beside("list-customer-sessions", http.MethodGet, "/customers/{customer_id}/sessions", group, "List the sessions of a customer", read), n.customerSessions)
	api.Handle(p, said(beside("get-customer-organization", http.MethodGet, "/customers/{customer_id}/organization", group, "Who keeps a customer, and who belongs to it", read),
		"The organisation that keeps the customer, and the owners, directors and others that its newest sessions asked for."), n.organization)
	api.Handle(p, said(beside("get-customer-risk-profile", http.MethodGet, "/customers/{customer_id}/risk-profile", group, "Risk of a customer", read),
		"Derived anew from the newest decision, its flags, hits and screenings, and from monitoring; `components` names every part. What is not known never makes a customer look safe."), n.riskProfile)
	watch := said(beside("monitor-customer", http.MethodPost, "/customers/{customer_id}/monitor", group, "Watch a customer", create),
		"Puts the customer on a watchlist, where it is looked for at once and again and again. One that is there already is answered with 200.")
	watch.Also = map[int]string{http.StatusCreated: "The customer is new on the watchlist."}
	api.Handle(p, fails(watch, http.StatusConflict), n.monitorCustomer)
}

func tagCustomer(s kyc.Subject, err error) (*tagged[customer], error) {
	if err != nil {
		return nil, err
	}
	return tag(s.Meta, showCustomer(s)), nil
}

func (n *neighbours) customer(ctx context.Context, who api.Principal, path string) (kyc.Subject, error) {
	cid, err := id("customer", path)
	if err != nil {
		return kyc.Subject{}, err
	}
	return n.Monitor.Customer(ctx, who.Tenant, who.Actor, cid)
}

func (n *neighbours) createCustomer(ctx context.Context, who api.Principal, in *struct{ Body newCustomer }) (*tagged[customer], error) {
	b := in.Body
	return tagCustomer(n.Monitor.CreateCustomer(ctx, who.Tenant, who.Actor, monitor.NewCustomer{ClientID: b.ClientID, Kind: b.Kind, Name: b.Name, Email: b.Email,
		Phone: b.Phone, Attributes: b.Metadata}))
}

func (n *neighbours) listCustomers(ctx context.Context, who api.Principal, in *struct {
	Paging
	ClientID string    `query:"client_id" doc:"Only the customer whom you call this." maxLength:"200"`
	Kind     string    `query:"entity_type" doc:"Only people, or only companies." enum:"individual,company"`
	Status   string    `query:"status" doc:"Only customers in this status." enum:"pending,approved,failed,rejected,redacted"`
	Named    bool      `query:"named" doc:"Only customers with a client_id."`
	Inactive bool      `query:"include_inactive" doc:"Deactivated ones, too."`
	From     time.Time `query:"created_from" doc:"Made at this time or later."`
	To       time.Time `query:"created_to" doc:"Made before this time."`
}) (*answer[listing[customer]], error) {
	f := kyc.SubjectFilter{Status: kyc.SubjectStatus(in.Status), Kind: in.Kind, ExternalRef: in.ClientID, Named: in.Named, Deactivated: in.Inactive, From: in.From, To: in.To}
	pg, err := in.page(n.paging, who, "customers", f)
	if err != nil {
		return nil, err
	}
	list, more, err := n.Monitor.Customers(ctx, who.Tenant, who.Actor, f, pg)
	if err != nil {
		return nil, err
	}
	return part(n.paging, who, "customers", f, list, more, func(s kyc.Subject) kyc.ID { return s.ID }, showCustomer), nil
}

func (n *neighbours) updateCustomer(ctx context.Context, who api.Principal, in *struct {
	CustomerPath
	api.IfMatch
	Body changedCustomer
}) (*tagged[customer], error) {
	cid, err := id("customer", in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	return tagCustomer(n.Monitor.UpdateCustomer(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), monitor.CustomerChange{Name: b.Name, Email: b.Email, Phone: b.Phone,
		Attributes: b.Metadata, Active: b.Active}))
}

func (n *neighbours) customerSessions(ctx context.Context, who api.Principal, in *struct {
	CustomerPath
	Paging
	Status []string `query:"status,explode" doc:"Only sessions in one of these statuses; may be repeated." enum:"active,completed,processing,approved,rejected,manual_review,needs_correction,expired,cancelled"`
}) (*answer[listing[sessionBase]], error) {
	s, err := n.customer(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	q := journey.SessionQuery{CustomerID: s.ID, Status: in.Status}
	pg, err := in.page(n.paging, who, "customer-sessions", q)
	if err != nil {
		return nil, err
	}
	rows, more, err := n.Machine.Sessions(ctx, who.Tenant, who.Actor, q, pg)
	if err != nil {
		return nil, err
	}
	return part(n.paging, who, "customer-sessions", q, rows, more, func(r journey.Listed) kyc.ID { return r.Session.ID }, func(r journey.Listed) sessionBase {
		return showBase(r.Session, r.Journey, r.Workflow.Name)
	}), nil
}

// newest is how many of a customer's sessions are looked through, newest
// first.
const newest = 20

func (n *neighbours) organization(ctx context.Context, who api.Principal, in *CustomerPath) (*answer[customerOrganization], error) {
	s, err := n.customer(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	org, err := n.Orgs.Org(ctx, who.Tenant.Org)
	if err != nil {
		return nil, err
	}
	out := customerOrganization{CustomerID: string(s.ID), OrganizationID: string(org.ID), Name: org.Name, Environment: string(who.Tenant.Env), RelatedParties: []customerParty{}}
	rows, _, err := n.Machine.Sessions(ctx, who.Tenant, who.Actor, journey.SessionQuery{CustomerID: s.ID}, kyc.Page{Limit: newest})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		related, _, err := n.Machine.Sessions(ctx, who.Tenant, who.Actor, journey.SessionQuery{ParentID: row.Session.ID}, kyc.Page{Limit: 100})
		if err != nil {
			return nil, err
		}
		for _, r := range related {
			out.RelatedParties = append(out.RelatedParties, customerParty{CustomerID: string(r.Session.SubjectID), SessionID: string(r.Session.ID), ParentID: string(row.Session.ID),
				EntityRole: text(r.Journey.EntityRole), Status: journey.Word(r.Session.Status), FinalDecision: text(journey.Final(&r.Session))})
		}
	}
	return &answer[customerOrganization]{Body: out}, nil
}

func (n *neighbours) riskProfile(ctx context.Context, who api.Principal, in *CustomerPath) (*answer[riskProfile], error) {
	s, err := n.customer(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	e, now, err := n.evidence(ctx, who, s.ID)
	if err != nil {
		return nil, err
	}
	out := showRisk(s, e, monitor.Assess(e))
	out.At = at(now)
	return &answer[riskProfile]{Body: out}, nil
}

// evidence gathers what a risk profile is made of: the newest session that has
// a decision, or waits for one by a person, and the customer's entries on
// watchlists.
func (n *neighbours) evidence(ctx context.Context, who api.Principal, id kyc.ID) (e monitor.Evidence, now time.Time, err error) {
	if e.Watched, now, err = n.Monitor.WatchedOf(ctx, who.Tenant, who.Actor, id); err != nil {
		return e, now, err
	}
	rows, _, err := n.Machine.Sessions(ctx, who.Tenant, who.Actor, journey.SessionQuery{CustomerID: id, Status: []string{"approved", "rejected", "manual_review"}, Archived: true},
		kyc.Page{Limit: 1})
	if err != nil || len(rows) == 0 {
		return e, now, err
	}
	d, err := n.Machine.Read(ctx, who.Tenant, who.Actor, rows[0].Session.ID)
	if err != nil {
		return e, now, err
	}
	e.SessionID, e.DecidedAt, e.Decision = d.Session.ID, d.Session.CompletedAt, journey.Final(&d.Session)
	r := d.Result
	if r == nil {
		return e, now, nil
	}
	e.Lists, e.Media, e.Crypto = r.Lists.Status, r.AdverseMedia.Status, r.Crypto.Status
	for _, f := range r.AutomationFlags {
		e.Flags = append(e.Flags, f.Code)
	}
	for _, h := range r.Lists.Hits {
		e.Hits = append(e.Hits, monitor.Listed{List: h.List, EntryID: h.EntityID, Status: h.MatchStatus})
	}
	return e, now, nil
}

func (n *neighbours) monitorCustomer(ctx context.Context, who api.Principal, in *struct {
	CustomerPath
	Body *struct {
		WatchlistID string `json:"watchlist_id,omitempty" doc:"The watchlist; absent: the one of onboarded parties." maxLength:"64"`
	}
}) (*chosen[enrolment], error) {
	cid, err := id("customer", in.ID)
	if err != nil {
		return nil, err
	}
	var wid kyc.ID
	if in.Body != nil && in.Body.WatchlistID != "" {
		if wid, err = id("watchlist", in.Body.WatchlistID); err != nil {
			return nil, err
		}
	}
	w, party, added, err := n.Monitor.MonitorCustomer(ctx, who.Tenant, who.Actor, cid, wid)
	if err != nil {
		return nil, err
	}
	out := &chosen[enrolment]{Status: http.StatusOK, ETag: api.ETag(party.Rev)}
	if added {
		out.Status = http.StatusCreated
	}
	out.Body = enrolment{CustomerID: string(cid), Watchlist: string(w.ID), Name: w.Name, Added: added, Subject: showWatchSubject(party)}
	return out, nil
}
