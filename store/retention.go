package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// The statements that overwrite what is sealed of one session, with their
// arguments in the order organisation, environment, session. They find their
// rows by the index that begins with the session, so that the cost is that of
// the session's own rows.
var (
	sqlWipeOwn = []*SQL{
		NewSQLPair(`UPDATE journey SET secret = x'00' WHERE org_id || '' = ? AND env || '' = ? AND id = ? AND secret IS NOT NULL`,
			`UPDATE journey SET secret = '\x00'::bytea WHERE org_id || '' = ? AND env || '' = ? AND id = ? AND secret IS NOT NULL`),
		wiping("exam", "session_id"), wiping("ruling", "session_id"), wiping("review_case", "session_id"),
		wiping("note", "case_id IN (SELECT id FROM review_case WHERE org_id = ? AND env = ? AND session_id"),
		wiping("execution", "id"), wiping("process_result", "execution_id"),
		wiping("run_input", "run_id IN (SELECT id FROM run WHERE org_id = ? AND env = ? AND session_id"),
		wiping("delivery", "event_id IN (SELECT id FROM event WHERE org_id = ? AND env = ? AND object_id"),
		wiping("delivery", "event_id IN (SELECT e.id FROM review_case c JOIN event e ON e.org_id = c.org_id AND e.env = c.env AND e.object_id = c.id"+
			" WHERE c.org_id = ? AND c.env = ? AND c.session_id"),
		NewSQL(`DELETE FROM face_template WHERE org_id = ? AND env = ? AND session_id = ?`),
	}
	// These are found by the person; the arguments are organisation,
	// environment, person, session.
	sqlWipePerson = []*SQL{
		NewSQL(`DELETE FROM trait WHERE org_id = ? AND env = ? AND subject_id = ? AND session_id = ?`),
		NewSQL(`DELETE FROM picture WHERE org_id = ? AND env = ? AND subject_id = ? AND session_id = ?`),
		NewSQL(`DELETE FROM hit_review WHERE org_id = ? AND env = ? AND about_id = ? AND case_id IN (SELECT id FROM review_case WHERE session_id = ?)`),
	}

	sqlDue      = readSession.query(dueSessions + ` AND ended_at <= ? AND (ended_at, id) > (?, ?) ORDER BY ended_at, id LIMIT ?`)
	sqlDueCount = NewSQL(`SELECT COUNT(*) FROM session ` + dueSessions + ` AND ended_at <= ?`)
	sqlPeople   = readSubject.query(`WHERE org_id = ? AND env = ? AND look_at > 0 AND look_at <= ? ORDER BY look_at, id LIMIT ?`)
	sqlLookAt   = NewSQL(`UPDATE subject SET look_at = ? WHERE id = ? AND org_id || '' = ? AND env || '' = ? AND look_at > 0`)

	sqlAnswersOf  = NewSQL(`SELECT method, path, name, subjects FROM idempotency WHERE org_id = ? AND env = ? AND done = 1 AND subjects <> '' AND subjects <> '` + answerErased + `'`)
	sqlAnswerGone = NewSQL(`UPDATE idempotency SET header = '', secret = NULL, subjects = '` + answerErased + `' WHERE org_id = ? AND env = ? AND method = ? AND path = ? AND name = ? AND done = 1`)

	sqlKeptSession = NewSQL(`SELECT kept FROM session WHERE id = ? AND org_id || '' = ? AND env || '' = ?`)
)

// kindRetentionState has one row for each tenant, found by its ID.
var (
	kindRetentionState = newKind("state of retention", "retention_state", "", false)
	readRetentionState = newReader(kindRetentionState, nil, nil, metaOnly(func(v *kyc.RetentionState) *kyc.Meta { return &v.Meta }))
	sqlRetentionState  = readRetentionState.query(byID)
)

type retentionStateDoc struct {
	bare
	*kyc.RetentionState
}

// RetentionState is what the sweeps of a tenant remember; Missing before the
// first.
func (db *DB) RetentionState(ctx context.Context, t kyc.Tenant) (kyc.RetentionState, error) {
	id := string(kyc.RetentionStateID(t))
	return readRetentionState.one(ctx, db, sqlRetentionState, id, string(t.Org), string(t.Env), id)
}

// dueSessions repeats the condition of the index session_ended word for word.
const dueSessions = `WHERE org_id = ? AND env = ? AND kept = ? AND held = ? AND status = ? AND ended_at > 0 AND kept < 2`

// wiping overwrites the sealed column of a table. by is a column that holds the
// session, or the beginning of a condition that ends with one.
func wiping(table, by string) *SQL {
	where := " WHERE " + by + " = ?"
	if strings.Contains(by, "(") {
		where += ")"
	} else {
		where = " WHERE org_id = ? AND env = ? AND " + by + " = ?"
	}
	where += " AND secret IS NOT NULL"
	return NewSQLPair("UPDATE "+table+" SET secret = x'00'"+where, "UPDATE "+table+` SET secret = '\x00'::bytea`+where)
}

// wipe plans the destruction of what is sealed of a session.
func (p *plan) wipe(w kyc.Wipe) {
	org, env := string(w.Tenant.Org), string(w.Tenant.Env)
	for _, q := range sqlWipeOwn {
		p.batch.add(q, nil, nil, org, env, string(w.SessionID))
	}
	for _, q := range sqlWipePerson {
		p.batch.add(q, nil, nil, org, env, string(w.SubjectID), string(w.SessionID))
	}
	// The objects of this change come first: what they write is overwritten.
	p.batch.Ordered = true
}

// errWithheld is the answer for data that retention keeps from being read. To
// whoever asks it is as good as erased.
func errWithheld() error {
	return kyc.Errorf(kyc.NotFound, "erased", "the time to keep this data is over; it cannot be read any more")
}

// refused is the error `erased` for what belongs to a session of which so much
// is kept; nil while it can be read.
func refused(kept kyc.Keeping) error {
	switch kept {
	case kyc.KeptReadable:
		return nil
	case kyc.KeptWithheld:
		return errWithheld()
	}
	return errErased()
}

// readable answers an error `erased` when a session cannot be read any more.
func (db *DB) readable(ctx context.Context, t kyc.Tenant, session kyc.ID) error {
	var kept kyc.Keeping
	err := db.driver.Query(ctx, sqlKeptSession, []any{string(session), string(t.Org), string(t.Env)}, func(row Row) error { return row.Scan((*int64)(&kept)) })
	if err != nil {
		return fmt.Errorf("reading what is kept of a session: %w", err)
	}
	return refused(kept)
}

// sessionOfBlob is the session a file was sent to, by the place that sessions
// give their files: organisation, environment, session, file. Other files, those
// of individuals among them, belong to none.
func sessionOfBlob(t kyc.Tenant, key string) (kyc.ID, bool) {
	parts := strings.Split(key, "/")
	if len(parts) < 4 || parts[0] != string(t.Org) || parts[1] != string(t.Env) {
		return "", false
	}
	return kyc.ID(parts[2]), true
}

// SessionsDue are up to limit sessions of a tenant that ended in one status by
// some time and of which not everything was destroyed, the earliest end first.
// One that cannot be opened is among them, marked (Session.Damaged).
func (db *DB) SessionsDue(ctx context.Context, t kyc.Tenant, f kyc.RetentionFilter, limit int) ([]kyc.Session, error) {
	args := append(dueArgs(t, f), micros(f.AfterEnd), string(f.AfterID), int64(limit))
	return readSession.gather(ctx, db, sqlDue, args, db.driver.Query, true)
}

// CountSessionsDue counts all of them.
func (db *DB) CountSessionsDue(ctx context.Context, t kyc.Tenant, f kyc.RetentionFilter) (int, error) {
	var n int64
	if err := db.driver.Query(ctx, sqlDueCount, dueArgs(t, f), func(row Row) error { return row.Scan(&n) }); err != nil {
		return 0, fmt.Errorf("counting the sessions whose time is over: %w", err)
	}
	return int(n), nil
}

func dueArgs(t kyc.Tenant, f kyc.RetentionFilter) []any {
	return []any{string(t.Org), string(t.Env), flag(f.Withheld), flag(f.Held), string(f.Status), micros(f.Until)}
}

// PeopleToLookAt are up to limit people of a tenant whose last session was
// destroyed and of whom it is time to ask whether they may go, the longest
// waiting first. One who cannot be opened is among them, marked
// (Subject.Damaged).
func (db *DB) PeopleToLookAt(ctx context.Context, t kyc.Tenant, now time.Time, limit int) ([]kyc.Subject, error) {
	return readSubject.gather(ctx, db, sqlPeople, []any{string(t.Org), string(t.Env), micros(now), int64(limit)}, db.driver.Query, true)
}

// LookAgain notes when a person is looked at next, zero for never, without a new
// revision: nothing that anybody can see changes.
func (db *DB) LookAgain(ctx context.Context, t kyc.Tenant, subject kyc.ID, at time.Time) error {
	var b Batch
	b.add(sqlLookAt, nil, nil, micros(at), string(subject), string(t.Org), string(t.Env))
	if err := db.driver.Apply(ctx, &b); err != nil {
		return fmt.Errorf("noting when to look at a person again: %w", err)
	}
	return nil
}

// ForgetAnswers takes the bodies of the answers that are stored for an
// Idempotency-Key and speak of one of these people. They live for a day, so a
// tenant has few; they are all looked at once.
func (db *DB) ForgetAnswers(ctx context.Context, t kyc.Tenant, subjects []kyc.ID) error {
	var b Batch
	org, env := string(t.Org), string(t.Env)
	err := db.driver.Query(ctx, sqlAnswersOf, []any{org, env}, func(row Row) error {
		var method, path, name, about string
		if err := row.Scan(&method, &path, &name, &about); err != nil {
			return err
		}
		for _, id := range strings.Fields(about) {
			if slices.Contains(subjects, kyc.ID(id)) {
				b.add(sqlAnswerGone, nil, nil, org, env, method, path, name)
				break
			}
		}
		return nil
	})
	if err == nil && len(b.Statements) > 0 {
		err = db.driver.Apply(ctx, &b)
	}
	if err != nil {
		return fmt.Errorf("forgetting stored answers: %w", err)
	}
	return nil
}
