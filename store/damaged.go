package store

import (
	"context"
	"fmt"

	"bonafide/kyc"
)

// sqlSessionOf reads what the indexed columns say of a session whose document
// cannot be read.
var sqlSessionOf = NewSQL(`SELECT surface, subject_id, workflow_id, ended_at FROM session ` + byID)

// markDamaged makes of a row that cannot be opened what a list shows in its
// place: that it is there and cannot be read, and nothing it claims to have been
// decided. The log says which one it is, so that an operator can take it from a
// backup. Kinds that no list shows so answer cause.
func (db *DB) markDamaged(ctx context.Context, k *kind, x *raw, dest any, cause error) error {
	switch v := dest.(type) {
	case *kyc.Session:
		v.Meta = x.meta
		if v.SubjectID == "" || v.WorkflowID == "" || v.EndedAt().IsZero() {
			var surface, subject, workflow string
			var ended int64
			err := db.driver.Query(ctx, sqlSessionOf, []any{string(x.meta.Tenant.Org), string(x.meta.Tenant.Env), string(x.meta.ID)},
				func(row Row) error { return row.Scan(&surface, &subject, &workflow, &ended) })
			if err != nil {
				return fmt.Errorf("reading the columns of a damaged session: %w", err)
			}
			v.Surface, v.SubjectID, v.WorkflowID, v.CompletedAt = kyc.Surface(surface), kyc.ID(subject), kyc.ID(workflow), moment(ended)
		}
		v.Damage()
	case *kyc.Subject:
		v.Meta, v.Damaged, v.Private = x.meta, true, kyc.SubjectData{Unreadable: true}
	case *kyc.Journey:
		v.Meta, v.Damaged, v.Private = x.meta, true, kyc.JourneyData{Unreadable: true}
	case *kyc.Execution:
		v.Meta = x.meta
		v.Damage()
	case *kyc.Case:
		v.Meta, v.Damaged, v.Decision, v.ReasonCode, v.Private = x.meta, true, nil, kyc.ReasonDamaged, kyc.CaseData{Unreadable: true}
		if v.Status.Decided() || v.Status == "" {
			v.Status = kyc.CaseOpen
		}
	default:
		return cause
	}
	db.log.Error("a stored row cannot be opened; lists show it as damaged", "table", k.table, "id", x.meta.ID, "org", x.meta.Tenant.Org, "env", x.meta.Tenant.Env)
	return nil
}

// damaged reports whether an object came from a row that could not be opened.
func damaged(o kyc.Object) bool {
	switch v := o.(type) {
	case *kyc.Session:
		return v.Damaged
	case *kyc.Subject:
		return v.Damaged
	case *kyc.Journey:
		return v.Damaged
	case *kyc.Execution:
		return v.Damaged
	case *kyc.Case:
		return v.Damaged
	}
	return false
}
