package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bonafide/kyc"
)

var (
	sqlCase          = readCase.query(byID)
	sqlCaseBySession = readCase.query("WHERE org_id = ? AND env = ? AND session_id = ? ORDER BY id || '' DESC LIMIT 1")
	sqlClaimedCases  = readCase.query("WHERE status = 'in_review' AND active_at <= ? ORDER BY active_at LIMIT ?")
	sqlCaseCounts    = NewSQL(`SELECT status, COUNT(*) FROM review_case WHERE org_id = ? AND env = ? GROUP BY status`)
	sqlNotes         = readNote.query("WHERE org_id = ? AND env = ? AND case_id = ? ORDER BY id")
)

// Case finds a review.
func (db *DB) Case(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error) {
	return readCase.one(ctx, db, sqlCase, string(id), string(t.Org), string(t.Env), string(id))
}

// CaseBySession finds the newest review of a session.
func (db *DB) CaseBySession(ctx context.Context, t kyc.Tenant, session kyc.ID) (kyc.Case, error) {
	return readCase.one(ctx, db, sqlCaseBySession, "of session "+string(session), string(t.Org), string(t.Env), string(session))
}

// Cases lists reviews, newest first.
func (db *DB) Cases(ctx context.Context, t kyc.Tenant, f kyc.CaseFilter, p kyc.Page) ([]kyc.Case, int, error) {
	return readCase.page(ctx, db, casesOf(t, f), p)
}

func casesOf(t kyc.Tenant, f kyc.CaseFilter) *filter {
	q := of(t)
	status := make([]any, len(f.Status))
	for i, s := range f.Status {
		status[i] = string(s)
	}
	q.in("status", status)
	q.is("assigned_to", f.AssignedTo)
	q.is("queue", f.Queue)
	q.is("session_id", string(f.SessionID))
	q.between("entered_at + 0", micros(f.EnteredFrom), micros(f.EnteredTo))
	return q
}

// NextCases are the open, unassigned reviews of a queue (empty: of all) and of none
// of those in beyond, highest priority first, then the oldest. Whoever wants one
// claims it with a compare-and-set and takes the next when that fails.
func (db *DB) NextCases(ctx context.Context, t kyc.Tenant, queue string, beyond []string, limit int) ([]kyc.Case, error) {
	q, args := waitingListing(t, nextOf(queue, beyond), kyc.Page{Limit: limit})
	return readCase.gather(ctx, db, q, args, db.driver.Query, false)
}

// nextOf are the waiting reviews that somebody may claim; the index of who has
// which finds them in their order.
func nextOf(queue string, beyond []string) kyc.WaitingFilter {
	return kyc.WaitingFilter{Status: []kyc.CaseStatus{kyc.CaseOpen}, Unassigned: true, Queue: queue, Beyond: beyond}
}

// CaseCounts counts a tenant's reviews by status.
func (db *DB) CaseCounts(ctx context.Context, t kyc.Tenant) (map[kyc.CaseStatus]int, error) {
	counts := map[kyc.CaseStatus]int{}
	err := db.driver.Query(ctx, sqlCaseCounts, []any{string(t.Org), string(t.Env)}, func(row Row) error {
		var status string
		var n int64
		if err := row.Scan(&status, &n); err != nil {
			return err
		}
		counts[kyc.CaseStatus(status)] = int(n)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("counting cases: %w", err)
	}
	return counts, nil
}

// OpenCaseCount is how many reviews wait for a decision, in any state.
func (db *DB) OpenCaseCount(ctx context.Context, t kyc.Tenant) (int, error) {
	counts, err := db.CaseCounts(ctx, t)
	n := 0
	for status, c := range counts {
		if !status.Decided() {
			n += c
		}
	}
	return n, err
}

// lapsedPart is how many claimed cases one look at lapsed claims reads.
const lapsedPart = 500

// LapsedCases are the claimed reviews of all tenants that have been idle for
// longer than their organisation's ClaimLapse, the longest idle first.
func (db *DB) LapsedCases(ctx context.Context, now time.Time) ([]kyc.Case, error) {
	claimed, err := readCase.all(ctx, db, sqlClaimedCases, micros(now), int64(lapsedPart))
	if err != nil {
		return nil, err
	}
	lapse := map[kyc.Tenant]time.Duration{}
	var out []kyc.Case
	for _, c := range claimed {
		limit, known := lapse[c.Tenant]
		if !known {
			org, err := db.Org(ctx, c.Tenant.Org)
			if err != nil && kyc.KindOf(err) != kyc.NotFound {
				return nil, err
			}
			limit = org.EnvSettings(c.Tenant.Env).Lapse()
			lapse[c.Tenant] = limit
		}
		if !c.LastActivityAt.Add(limit).After(now) {
			out = append(out, c)
		}
	}
	return out, nil
}

// Notes lists what reviewers wrote on a case, oldest first. Text is empty
// after the subject was erased.
func (db *DB) Notes(ctx context.Context, t kyc.Tenant, caseID kyc.ID) ([]kyc.Note, error) {
	return readNote.all(ctx, db, sqlNotes, string(t.Org), string(t.Env), string(caseID))
}

// formerCase is what the document of a case held before the words had a sealed
// column.
type formerCase struct {
	First      formerWord     `json:"first"`
	Decision   formerWord     `json:"decision"`
	Escalation formerWord     `json:"escalation"`
	Overrides  []formerWord   `json:"overrides"`
	Metadata   map[string]any `json:"metadata"`
}

type formerWord struct {
	Reason string `json:"reason"`
}

// formerWords reads words that still lie in the document of a case. They are
// sealed when the case is next written; of an erased person they are not read,
// and the next write drops them.
func formerWords(ctx context.Context, db *DB, x *raw, v *kyc.Case) error {
	if !bytes.Contains(x.doc, []byte(`"reason":`)) && !bytes.Contains(x.doc, []byte(`"metadata":`)) {
		return nil
	}
	var f formerCase
	if err := json.Unmarshal(x.doc, &f); err != nil {
		return fmt.Errorf("reading the words of the case %s: %w", x.meta.ID, err)
	}
	words := kyc.CaseData{First: f.First.Reason, Decision: f.Decision.Reason, Escalation: f.Escalation.Reason, Metadata: f.Metadata}
	for _, o := range f.Overrides {
		words.Overrides = append(words.Overrides, o.Reason)
	}
	if words.Empty() {
		return nil
	}
	v.Private = words
	if v.SubjectID == "" {
		return nil
	}
	_, err := db.keys.get(ctx, ownerKey(x.meta.Tenant, v.SubjectID))
	switch {
	case kyc.IsCode(err, "erased"):
		v.Private = kyc.CaseData{Unreadable: true}
	case err != nil && kyc.KindOf(err) != kyc.NotFound:
		return err
	}
	return nil
}
