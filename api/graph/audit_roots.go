package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/audit"
	"bonafide/kyc"
)

// auditRoot is audit.Day, described.
type auditRoot struct {
	Type     string `json:"type" doc:"What the bytes of GET /audit/roots/{day} are." enum:"bonafide.audit.day/1"`
	Org      string `json:"org" doc:"The organisation; the chain runs over both of its environments."`
	Day      string `json:"day" doc:"The day, UTC." format:"date" example:"2026-11-21"`
	FirstSeq int64  `json:"first_seq" doc:"Place of the first entry of the day in the chain."`
	LastSeq  int64  `json:"last_seq" doc:"Place of the last one."`
	Size     int64  `json:"size" doc:"Entries, which is the size of the tree."`
	Root     string `json:"root" doc:"Root of the Merkle tree (RFC 6962) whose leaves are the hashes of the entries, 32 bytes each."`
	Head     string `json:"head" doc:"Hash of the last entry."`
	Previous string `json:"previous" doc:"SHA-256 over the bytes of the root before; empty for the first."`
	Digest   string `json:"digest" doc:"SHA-256 over the bytes of this one."`
}

func showRoot(d audit.Day) auditRoot {
	return auditRoot{Type: "bonafide.audit.day/1", Org: string(d.Org), Day: d.Day, FirstSeq: d.FirstSeq, LastSeq: d.LastSeq, Size: d.Size, Root: d.Root, Head: d.Head, Previous: d.Previous, Digest: d.Digest()}
}

// maxRoots is how many days one answer holds: more than ten years.
const maxRoots = 4000

// rawAnswer is an answer whose bytes count.
type rawAnswer struct {
	ContentType string `header:"Content-Type" doc:"application/json."`
	Body        []byte
}

func (s *surface) rootRoutes() {
	p := s.Porch
	api.Handle(p, said(op("list-audit-roots", http.MethodGet, "/audit/roots", "Audit", "The Merkle roots of days that are over", "audit:read"),
		"Some minutes after midnight UTC each day of the organisation's chain on which something happened gets a root. It stands for every byte of every entry of the day, and by `previous` for all days before; kept or time-stamped elsewhere it proves later that nothing was changed or taken out, whoever wrote to the database."),
		func(ctx context.Context, who api.Principal, in *struct {
			From string `query:"from" doc:"From this day on." format:"date"`
			To   string `query:"to" doc:"Until this day." format:"date"`
		}) (*answer[whole[auditRoot]], error) {
			days, err := s.Store.AuditDays(ctx, who.Tenant.Org, kyc.DayFilter{From: in.From, To: in.To}, maxRoots)
			if err != nil {
				return nil, err
			}
			return all(days, showRoot), nil
		})
	one := said(op("get-audit-root", http.MethodGet, "/audit/roots/{day}", "Audit", "The bytes of one root", "audit:read"),
		"Canonical JSON (RFC 8785) of the root: the bytes to keep or to have time-stamped.")
	one.Binary = "application/json"
	api.Handle(p, one, func(ctx context.Context, who api.Principal, in *struct {
		Day string `path:"day" doc:"The day, UTC." format:"date" example:"2026-11-21"`
	}) (*rawAnswer, error) {
		if _, err := time.Parse(time.DateOnly, in.Day); err != nil {
			return nil, kyc.Missing("root", clip(in.Day))
		}
		days, err := s.Store.AuditDays(ctx, who.Tenant.Org, kyc.DayFilter{From: in.Day, To: in.Day}, 1)
		if err != nil {
			return nil, err
		}
		if len(days) == 0 {
			return nil, kyc.Missing("root", in.Day)
		}
		return &rawAnswer{ContentType: "application/json", Body: days[0].Bytes()}, nil
	})
	proof := fails(said(op("prove-audit-event", http.MethodGet, "/audit/proof/{event_id}", "Audit", "The proof that an entry is part of its day", "audit:read"),
		"The entry as it was sealed, the root of its day and the path between them (RFC 6962): `bonafide audit check` verifies it against a root that was kept elsewhere, without this server. 409 `day_not_over` until the day has a root."), http.StatusConflict)
	proof.Binary = "application/json"
	api.Handle(p, proof, func(ctx context.Context, who api.Principal, in *struct {
		EventID string `path:"event_id" doc:"The entry's id." example:"0199a0b0-1111-7222-8333-444455556666"`
	}) (*rawAnswer, error) {
		id, ok := kyc.ParseID(in.EventID)
		if !ok {
			return nil, kyc.Missing("event", clip(in.EventID))
		}
		found, err := s.Store.AuditProof(ctx, who.Tenant, id)
		if err != nil {
			return nil, err
		}
		raw, err := json.Marshal(found)
		return &rawAnswer{ContentType: "application/json", Body: raw}, err
	})
}
