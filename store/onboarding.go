package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

var (
	sqlJourney      = readJourney.query(byID)
	sqlJourneys     = readJourney.query("WHERE org_id = ? AND env = ? AND parent_id = ? AND parent_id <> '' ORDER BY id")
	sqlTransfer     = readTransfer.query(byID)
	sqlTransfers    = readTransfer.query("WHERE org_id = ? AND env = ? AND session_id = ? ORDER BY id")
	sqlTransfersDue = readTransfer.query("WHERE expires_at > 0 AND expires_at <= ? ORDER BY expires_at, id LIMIT ?")
	sqlExam         = readExam.query(byID)
	sqlExams        = readExam.query("WHERE org_id = ? AND env = ? AND session_id = ? ORDER BY id")
	sqlExamByInput  = readExam.query("WHERE org_id = ? AND env = ? AND session_id = ? AND policy = ? AND input_hash = ? ORDER BY id DESC LIMIT 1")
	sqlRulings      = readRuling.query("WHERE org_id = ? AND env = ? AND session_id = ? ORDER BY id")
)

// Journey finds the way of a session of surface A or B. After its subject was
// erased, Private.Unreadable is true and everything else of Private empty.
func (db *DB) Journey(ctx context.Context, t kyc.Tenant, session kyc.ID) (kyc.Journey, error) {
	return readJourney.one(ctx, db, sqlJourney, string(session), string(t.Org), string(t.Env), string(session))
}

// Journeys lists the journeys of a session's subsessions, oldest first,
// archived or not.
func (db *DB) Journeys(ctx context.Context, t kyc.Tenant, parent kyc.ID) ([]kyc.Journey, error) {
	return readJourney.all(ctx, db, sqlJourneys, string(t.Org), string(t.Env), string(parent))
}

// JourneysOf reads the journeys of these sessions, oldest first. A session
// that has none is left out.
func (db *DB) JourneysOf(ctx context.Context, t kyc.Tenant, sessions []kyc.ID) ([]kyc.Journey, error) {
	var out []kyc.Journey
	for len(sessions) > 0 {
		part := sessions[:min(len(sessions), hashesAtOnce)]
		sessions = sessions[len(part):]
		q := filter{conds: []string{"org_id || '' = ?", "env || '' = ?"}, args: []any{string(t.Org), string(t.Env)}}
		q.in("id", texts(part))
		found, err := readJourney.gather(ctx, db, onceSQL("SELECT "+readJourney.columns+" FROM journey "+q.where()), q.args, db.driver.Query, true)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, func(a, b kyc.Journey) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out, nil
}

// Transfer finds a file on its way.
func (db *DB) Transfer(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Transfer, error) {
	return readTransfer.one(ctx, db, sqlTransfer, string(id), string(t.Org), string(t.Env), string(id))
}

// Transfers lists the files on their way to a session, those that arrived
// included, oldest first.
func (db *DB) Transfers(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Transfer, error) {
	return readTransfer.all(ctx, db, sqlTransfers, string(t.Org), string(t.Env), string(session))
}

// TransfersDue are up to limit files of all tenants that were announced, did
// not become a document and expired at that time or before, the longest
// overdue first. Their bytes, if any came, are nobody's.
func (db *DB) TransfersDue(ctx context.Context, before time.Time, limit int) ([]kyc.Transfer, error) {
	return readTransfer.all(ctx, db, sqlTransfersDue, micros(before), int64(limit))
}

// Exam finds a check that was asked outside of a run.
func (db *DB) Exam(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Exam, error) {
	return readExam.one(ctx, db, sqlExam, string(id), string(t.Org), string(t.Env), string(id))
}

// Exams lists the checks a session was asked outside of runs, oldest first.
func (db *DB) Exams(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Exam, error) {
	return readExam.all(ctx, db, sqlExams, string(t.Org), string(t.Env), string(session))
}

// ExamByInput finds the newest exam of a session whose answer depends on the
// same material. One that was erased is missing: its answer cannot be taken.
func (db *DB) ExamByInput(ctx context.Context, t kyc.Tenant, session kyc.ID, policy, hash string) (kyc.Exam, error) {
	e, err := readExam.one(ctx, db, sqlExamByInput, policy+" of session "+string(session), string(t.Org), string(t.Env), string(session), policy, hash)
	if err == nil && e.Unreadable {
		return kyc.Exam{}, kyc.Missing(kindExam.what, policy+" of session "+string(session))
	}
	return e, err
}

// Rulings is the history of a session's decisions, oldest first.
func (db *DB) Rulings(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Ruling, error) {
	return readRuling.all(ctx, db, sqlRulings, string(t.Org), string(t.Env), string(session))
}
