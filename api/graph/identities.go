package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/identity"
	"bonafide/kyc"
)

const (
	readIdentities  = "sessions:read"
	writeIdentities = "sessions:write"
)

type IdentityPath struct {
	ID string `path:"id" doc:"The identity's id." example:"identity_0199a0b0-1111-7222-8333-444455556666"`
}

type identityView struct {
	ID          string   `json:"id" doc:"The identity's id." example:"identity_0199a0b0-1111-7222-8333-444455556666"`
	ExternalRef string   `json:"external_ref" doc:"Your own id of the person."`
	EntityType  string   `json:"entity_type" doc:"individual or company."`
	Status      string   `json:"status" doc:"Where the person stands." enum:"pending,approved,failed,rejected,redacted"`
	Name        string   `json:"name,omitempty" doc:"Only where one identity is read."`
	Email       string   `json:"email,omitempty" doc:"Only where one identity is read."`
	Phone       string   `json:"phone,omitempty" doc:"Only where one identity is read."`
	Tags        []string `json:"tags" doc:"Labels." nullable:"false"`
	IsArchived  bool     `json:"is_archived" doc:"Whether it is out of the lists."`
	MergedInto  string   `json:"merged_into,omitempty" doc:"The identity that stands for this one and itself."`
	RedactedAt  stamp    `json:"redacted_at,omitzero" doc:"When the personal data was erased."`
	CreatedAt   stamp    `json:"created_at" doc:"When it was made."`
	UpdatedAt   stamp    `json:"updated_at" doc:"When it last changed."`
}

func showIdentity(s kyc.Subject) identityView {
	return identityView{ID: kyc.Dress("identity", s.ID), ExternalRef: s.ExternalRef, EntityType: s.Kind, Status: string(s.Status), Name: s.Private.Name, Email: s.Private.Email, Phone: s.Private.Phone,
		Tags: words(s.Tags), IsArchived: !s.DeactivatedAt.IsZero(), MergedInto: kyc.Dress("identity", s.MergedInto), RedactedAt: at(s.RedactedAt), CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt)}
}

func showTaggedIdentity(s kyc.Subject, err error) (*tagged[identityView], error) {
	if err != nil {
		return nil, err
	}
	return tag(s.Meta, showIdentity(s)), nil
}

type mergeView struct {
	Into     identityView `json:"into" doc:"The identity that stands for both."`
	From     identityView `json:"from" doc:"The identity that is merged into it."`
	Sessions int          `json:"sessions" doc:"How many sessions of the second count for the first from then on."`
	Checks   int          `json:"checks" doc:"How many checks."`
	Warnings []string     `json:"warnings" doc:"What to look at before: different_kinds, different_references, different_names, merged_one_was_rejected." nullable:"false"`
	Done     bool         `json:"done" doc:"Whether it was done; false for a preview."`
}

func (s *surface) identityRoutes() {
	p := s.Porch
	api.Handle(p, said(op("list-identities", http.MethodGet, "/identities", "Identities", "List identities", readIdentities), "Without personal data; read one to see it."), s.listIdentities)
	one := func(o api.Operation, do func(context.Context, api.Principal, kyc.ID) (kyc.Subject, error)) {
		api.Handle(p, o, func(ctx context.Context, who api.Principal, in *IdentityPath) (*tagged[identityView], error) {
			iid, err := id("identity", in.ID)
			if err != nil {
				return nil, err
			}
			return showTaggedIdentity(do(ctx, who, iid))
		})
	}
	one(said(op("get-identity", http.MethodGet, "/identities/{id}", "Identities", "Read an identity", readIdentities), "The look at personal data is recorded in the audit chain."),
		func(ctx context.Context, who api.Principal, iid kyc.ID) (kyc.Subject, error) {
			return s.Identities.Read(ctx, who.Tenant, who.Actor, iid)
		})
	api.Handle(p, fails(op("update-identity", http.MethodPatch, "/identities/{id}", "Identities", "Change an identity", writeIdentities), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			IdentityPath
			api.IfMatch
			Body struct {
				Tags  *[]string `json:"tags,omitempty" doc:"New labels." maxItems:"50" nullable:"false"`
				Name  *string   `json:"name,omitempty" doc:"Name." maxLength:"500"`
				Email *string   `json:"email,omitempty" doc:"E-mail address." maxLength:"500"`
				Phone *string   `json:"phone,omitempty" doc:"Telephone number." maxLength:"500"`
			}
		}) (*tagged[identityView], error) {
			iid, err := id("identity", in.ID)
			if err != nil {
				return nil, err
			}
			b := in.Body
			return showTaggedIdentity(s.Identities.Update(ctx, who.Tenant, who.Actor, iid, rev(in.IfMatch), identity.Edit{Tags: b.Tags, Name: b.Name, Email: b.Email, Phone: b.Phone}))
		})
	archive := func(yes bool) func(context.Context, api.Principal, kyc.ID) (kyc.Subject, error) {
		return func(ctx context.Context, who api.Principal, iid kyc.ID) (kyc.Subject, error) {
			return s.Identities.Update(ctx, who.Tenant, who.Actor, iid, 0, identity.Edit{Archived: &yes})
		}
	}
	done := func(o api.Operation) api.Operation {
		o.Status = http.StatusOK
		return fails(o, http.StatusConflict)
	}
	one(done(op("archive-identity", http.MethodPost, "/identities/{id}/archive", "Identities", "Take an identity out of the lists", writeIdentities)), archive(true))
	one(done(op("restore-identity", http.MethodPost, "/identities/{id}/restore", "Identities", "Bring an archived identity back", writeIdentities)), archive(false))
	one(done(said(op("redact-identity", http.MethodDelete, "/identities/{id}/data", "Identities", "Erase a person", redactData),
		"Destroys the data key of this identity and of those merged into it: all their sessions, files and checks become unreadable for ever. 409 `legal_hold` or `session_active`.")),
		func(ctx context.Context, who api.Principal, iid kyc.ID) (kyc.Subject, error) {
			return s.Identities.Redact(ctx, who.Tenant, who.Actor, iid)
		})
	merge := func(o api.Operation, yes bool) {
		api.Handle(p, done(o), func(ctx context.Context, who api.Principal, in *struct {
			IdentityPath
			Body struct {
				IdentityID string `json:"identity_id" doc:"The identity to merge into this one." maxLength:"100"`
			}
		}) (*answer[mergeView], error) {
			into, err := id("identity", in.ID)
			if err != nil {
				return nil, err
			}
			from, err := reference("identity", "/identity_id", in.Body.IdentityID)
			if err != nil {
				return nil, err
			}
			var m identity.Merge
			if yes {
				m, err = s.Identities.Merge(ctx, who.Tenant, who.Actor, into, from)
			} else {
				m, err = s.Identities.Preview(ctx, who.Tenant, into, from)
			}
			if err != nil {
				return nil, err
			}
			return &answer[mergeView]{Body: mergeView{Into: showIdentity(m.Into), From: showIdentity(m.From), Sessions: m.Sessions, Checks: m.Checks, Warnings: words(m.Warnings), Done: yes}}, nil
		})
	}
	merge(said(op("preview-merge", http.MethodPost, "/identities/{id}/merge/preview", "Identities", "What a merge would do", readIdentities), "Changes nothing."), false)
	merge(said(op("merge-identities", http.MethodPost, "/identities/{id}/merge", "Identities", "Merge another identity into this one", writeIdentities),
		"Nothing is moved: the other identity stays as a record that points here, and its sessions and checks count for this one. What was rejected stays rejected."), true)
	api.Handle(p, op("get-identity-audit", http.MethodGet, "/identities/{id}/audit", "Identities", "What happened to an identity", "audit:read"), s.identityAudit)
	api.Handle(p, said(op("export-identity", http.MethodGet, "/identities/{id}/export", "Identities", "Everything about an identity as a JSON file", readIdentities),
		"The identity, its sessions and its checks, those of merged identities included; no biometrics and no files. The look is recorded in the audit chain."), s.exportIdentity)
}

func (s *surface) listIdentities(ctx context.Context, who api.Principal, in *struct {
	api.Offset
	ExternalRef string    `query:"external_ref" doc:"Only the identity whom you call this." maxLength:"200"`
	Status      string    `query:"status" doc:"Only identities in this status." enum:"pending,approved,failed,rejected,redacted"`
	EntityType  string    `query:"entity_type" doc:"Only people, or only companies." enum:"individual,company"`
	Tag         string    `query:"tag" doc:"Only identities with this label." maxLength:"100"`
	Archived    bool      `query:"archived" doc:"Show archived ones too."`
	From        time.Time `query:"created_from" doc:"Made at this time or later."`
	To          time.Time `query:"created_to" doc:"Made before this time."`
}) (*answer[page[identityView]], error) {
	f := kyc.SubjectFilter{ExternalRef: in.ExternalRef, Status: kyc.SubjectStatus(in.Status), Kind: in.EntityType, Tag: in.Tag, Deactivated: in.Archived, From: in.From, To: in.To}
	pg, err := in.Page(s.Porch, who, "identities", f)
	if err != nil {
		return nil, err
	}
	list, total, err := s.Identities.List(ctx, who.Tenant, f, pg)
	if err != nil {
		return nil, err
	}
	return part(s, who, in.Offset, "identities", f, list, total, func(i kyc.Subject) kyc.ID { return i.ID }, showIdentity), nil
}

func (s *surface) identityAudit(ctx context.Context, who api.Principal, in *struct {
	IdentityPath
	api.Offset
}) (*answer[page[auditEvent]], error) {
	iid, err := id("identity", in.ID)
	if err != nil {
		return nil, err
	}
	if _, err := s.Identities.Find(ctx, who.Tenant, iid); err != nil {
		return nil, err
	}
	f := kyc.EventFilter{SubjectID: iid}
	pg, err := in.Page(s.Porch, who, "identity-audit", f)
	if err != nil {
		return nil, err
	}
	list, total, err := s.Store.Events(ctx, who.Tenant, f, pg)
	if err != nil {
		return nil, err
	}
	return part(s, who, in.Offset, "identity-audit", f, list, total, func(e kyc.Event) kyc.ID { return e.ID }, showEvent), nil
}

func (s *surface) exportIdentity(ctx context.Context, who api.Principal, in *IdentityPath) (*fileAnswer, error) {
	iid, err := id("identity", in.ID)
	if err != nil {
		return nil, err
	}
	person, err := s.Identities.Read(ctx, who.Tenant, who.Actor, iid)
	if err != nil {
		return nil, err
	}
	if person.Status == kyc.SubjectRedacted {
		return nil, kyc.Errorf(kyc.Conflict, "redacted", "the data of this identity was erased")
	}
	sessions, checks, err := s.Identities.Everything(ctx, who.Tenant, iid)
	if err != nil {
		return nil, err
	}
	out := struct {
		Identity identityView   `json:"identity"`
		Sessions []exported     `json:"sessions"`
		Checks   []inquiryView  `json:"checks"`
		Extra    map[string]any `json:"attributes,omitempty"`
	}{Identity: showIdentity(person), Sessions: []exported{}, Checks: []inquiryView{}, Extra: person.Private.Attributes}
	for _, one := range sessions {
		out.Sessions = append(out.Sessions, exported{ID: kyc.Dress("session", one.ID), Surface: string(one.Surface), Status: string(one.Status), Result: string(one.Result), ExternalRef: one.ExternalRef,
			Fields: one.Private.Fields, Metadata: one.Private.Metadata, CreatedAt: at(one.CreatedAt), CompletedAt: at(one.CompletedAt)})
	}
	for _, one := range checks {
		out.Checks = append(out.Checks, showInquiry(one))
	}
	body, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing an export: %w", err)
	}
	return &fileAnswer{ContentType: "application/json", Disposition: `attachment; filename="identity.json"`, CacheControl: "no-store", Body: body}, nil
}

// exported is a session in an export.
type exported struct {
	ID          string         `json:"id"`
	Surface     string         `json:"surface"`
	Status      string         `json:"status"`
	Result      string         `json:"result,omitempty"`
	ExternalRef string         `json:"external_ref,omitempty"`
	Fields      map[string]any `json:"fields,omitempty"`
	Metadata    map[string]any `json:"metadata,omitempty"`
	CreatedAt   stamp          `json:"created_at"`
	CompletedAt stamp          `json:"completed_at,omitzero"`
}
