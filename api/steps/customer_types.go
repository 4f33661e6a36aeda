package steps

import (
	"bonafide/kyc"
	"bonafide/monitor"
)

type CustomerPath struct {
	ID string `path:"customer_id" doc:"The customer's id." maxLength:"64" example:"0199a0b0-1111-7222-8333-444455556666"`
}

type newCustomer struct {
	ClientID string         `json:"client_id,omitempty" doc:"Your own id of the person or company; kept in the clear." maxLength:"200" example:"customer-42"`
	Kind     string         `json:"entity_type,omitempty" doc:"What it is." enum:"individual,company" default:"individual"`
	Name     string         `json:"name,omitempty" doc:"Name; stored encrypted." maxLength:"500"`
	Email    string         `json:"email,omitempty" doc:"E-mail address; stored encrypted." maxLength:"254"`
	Phone    string         `json:"phone,omitempty" doc:"Telephone number; stored encrypted." maxLength:"30"`
	Metadata map[string]any `json:"metadata,omitempty" doc:"Anything of yours; stored encrypted."`
}

type changedCustomer struct {
	Name     *string        `json:"name,omitempty" doc:"New name; an empty one removes it." maxLength:"500"`
	Email    *string        `json:"email,omitempty" doc:"New e-mail address; an empty one removes it." maxLength:"254"`
	Phone    *string        `json:"phone,omitempty" doc:"New telephone number; an empty one removes it." maxLength:"30"`
	Metadata map[string]any `json:"metadata,omitempty" doc:"Merged key by key; null removes one."`
	Active   *bool          `json:"active,omitempty" doc:"Deactivate, or take back in."`
}

type customer struct {
	ID            string         `json:"customer_id" doc:"The customer's id."`
	ClientID      *string        `json:"client_id" doc:"Your own id; null without one." nullable:"true"`
	Kind          string         `json:"entity_type" doc:"What it is." enum:"individual,company"`
	Name          *string        `json:"name" doc:"Name; null when unknown or erased." nullable:"true"`
	Email         *string        `json:"email" doc:"E-mail address; null when unknown or erased." nullable:"true"`
	Phone         *string        `json:"phone" doc:"Telephone number; null when unknown or erased." nullable:"true"`
	Metadata      map[string]any `json:"metadata" doc:"Yours."`
	Status        string         `json:"status" doc:"What the newest decision made of it." enum:"pending,approved,failed,rejected,redacted"`
	Active        bool           `json:"active" doc:"Whether it may be onboarded."`
	DeactivatedAt stamp          `json:"deactivated_at" doc:"When it was deactivated; null while active."`
	RedactedAt    stamp          `json:"redacted_at" doc:"When its personal data was erased; null before."`
	IsSandbox     bool           `json:"is_sandbox" doc:"Whether it lives in the sandbox."`
	CreatedAt     stamp          `json:"created_at" doc:"When it was made."`
	UpdatedAt     stamp          `json:"updated_at" doc:"When it last changed."`
}

func showCustomer(s kyc.Subject) customer {
	out := customer{ID: string(s.ID), ClientID: text(s.ExternalRef), Kind: s.Kind, Name: text(s.Private.Name), Email: text(s.Private.Email), Phone: text(s.Private.Phone),
		Metadata: s.Private.Attributes, Status: string(s.Status), Active: s.DeactivatedAt.IsZero() && s.Status != kyc.SubjectRedacted, DeactivatedAt: at(s.DeactivatedAt),
		RedactedAt: at(s.RedactedAt), IsSandbox: s.Tenant.Env == kyc.Sandbox, CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt)}
	if out.Metadata == nil {
		out.Metadata = map[string]any{}
	}
	return out
}

type customerOrganization struct {
	CustomerID     string          `json:"customer_id" doc:"The customer."`
	OrganizationID string          `json:"organization_id" doc:"The organisation that keeps this customer: yours."`
	Name           string          `json:"name" doc:"Its name."`
	Environment    string          `json:"environment" doc:"Where the customer lives." enum:"live,sandbox"`
	RelatedParties []customerParty `json:"related_parties" doc:"Owners, directors and others whom the customer's newest sessions asked to identify themselves." nullable:"false"`
}

type customerParty struct {
	CustomerID    string  `json:"customer_id" doc:"The party, a customer of its own."`
	SessionID     string  `json:"session_id" doc:"Its session."`
	ParentID      string  `json:"parent_session_id" doc:"The session that asked for it."`
	EntityRole    *string `json:"entity_role" doc:"Its role; null when nothing was said." nullable:"true"`
	Status        string  `json:"status" doc:"Where its session stands." enum:"active,completed,processing,approved,rejected,manual_review,needs_correction,expired,cancelled"`
	FinalDecision *string `json:"final_decision" doc:"The decision in force; null before one." nullable:"true"`
}

type riskPart struct {
	Source  string  `json:"source" doc:"Where it comes from." enum:"decision,flag,screening,monitoring"`
	Code    string  `json:"code" doc:"What it is, in snake_case."`
	Message string  `json:"message" doc:"What it is, in a sentence."`
	Points  int     `json:"points" doc:"How grave it is." minimum:"0" maximum:"100"`
	Object  *string `json:"object_id" doc:"The session or the watched subject it comes from." nullable:"true"`
}

type riskProfile struct {
	CustomerID string     `json:"customer_id" doc:"The customer."`
	Level      string     `json:"risk_level" doc:"high from 70, medium from 30; unknown when there is neither a decision nor a complete screening." enum:"unknown,low,medium,high"`
	Score      int        `json:"risk_score" doc:"The highest points of the parts; they do not add up." minimum:"0" maximum:"100"`
	Parts      []riskPart `json:"components" doc:"What the score is made of, the gravest first: the newest decision, its flags, its hits and screenings, and the matches of monitoring." nullable:"false"`
	SessionID  *string    `json:"session_id" doc:"The session that was looked at; null without one." nullable:"true"`
	DecidedAt  stamp      `json:"decided_at" doc:"When it was decided; null before."`
	Monitored  int        `json:"watchlist_entries" doc:"How many entries on watchlists were looked at." minimum:"0"`
	At         stamp      `json:"assessed_at" doc:"When this was put together."`
}

func showRisk(s kyc.Subject, e monitor.Evidence, p monitor.Profile) riskProfile {
	return riskProfile{CustomerID: string(s.ID), Level: p.Level, Score: p.Score, SessionID: reference(e.SessionID), DecidedAt: at(e.DecidedAt), Monitored: len(e.Watched),
		Parts: shown(p.Parts, func(x monitor.RiskPart) riskPart {
			return riskPart{Source: x.Source, Code: x.Code, Message: x.Message, Points: x.Points, Object: reference(x.Object)}
		})}
}

type enrolment struct {
	CustomerID string       `json:"customer_id" doc:"The customer."`
	Watchlist  string       `json:"watchlist_id" doc:"The watchlist."`
	Name       string       `json:"watchlist_name" doc:"Its name."`
	Added      bool         `json:"added" doc:"Whether the customer is new there."`
	Subject    watchSubject `json:"subject" doc:"The customer's entry."`
}
