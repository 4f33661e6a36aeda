package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bonafide/kyc"
)

var (
	kindConsoleSession = newKind("console session", "console_session", "", false, "=user_id", "=token_hash", "ends_at", "seen_at")
	kindSecondFactor   = newKind("second factor", "second_factor", "second_factor_exists", true, "=user_id")
)

type (
	consoleSessionDoc struct {
		bare
		*kyc.ConsoleSession
	}
	secondFactorDoc struct {
		bare
		*kyc.SecondFactor
	}
)

var (
	readConsoleSession = newReader(kindConsoleSession, nil, []string{"seen_at"}, func(_ context.Context, _ *DB, x *raw, v *kyc.ConsoleSession) error {
		v.Meta, v.SeenAt = x.meta, moment(x.ints[0])
		return nil
	})
	readSecondFactor = newReader(kindSecondFactor, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.SecondFactor) error {
		v.Meta = x.meta
		_, err := opened(ctx, db, kindSecondFactor, x, "", &v.Secret)
		return err
	})
)

var (
	sqlConsoleSession  = readConsoleSession.query("WHERE token_hash = ?")
	sqlConsoleSessions = readConsoleSession.query("WHERE org_id = ? AND user_id = ? ORDER BY id")
	sqlConsoleSeen     = NewSQL(`UPDATE console_session SET seen_at = ? WHERE id = ? AND seen_at < ?`)
	sqlConsoleSweep    = NewSQL(`DELETE FROM console_session WHERE ends_at <= ?`)
	sqlSecondFactor    = readSecondFactor.query("WHERE org_id = ? AND user_id = ?")
	sqlTries           = NewSQL(`SELECT failed, at FROM sign_in_tries WHERE name = ?`)
	sqlTriesNew        = NewSQL(`INSERT INTO sign_in_tries (name, failed, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`)
	sqlTriesCount      = NewSQL(`UPDATE sign_in_tries SET failed = ?, at = ? WHERE name = ? AND failed = ? AND at = ?`)
	sqlTriesSweep      = NewSQL(`DELETE FROM sign_in_tries WHERE at <= ?`)
)

// encodeConsole takes an object of the console apart.
func encodeConsole(o kyc.Object) (record, error) {
	switch v := o.(type) {
	case *kyc.ConsoleSession:
		return record{kind: kindConsoleSession, doc: consoleSessionDoc{ConsoleSession: v},
			cols: []any{string(v.UserID), v.TokenHash, micros(v.EndsAt), micros(v.SeenAt)}}, nil
	case *kyc.SecondFactor:
		return record{kind: kindSecondFactor, doc: secondFactorDoc{SecondFactor: v}, secret: &v.Secret, cols: []any{string(v.UserID)}}, nil
	}
	return record{}, fmt.Errorf("the store has no table for %T", o)
}

// ConsoleSession finds who is signed in by the hash of their token; it names
// the organisation, so it is asked without one.
func (db *DB) ConsoleSession(ctx context.Context, tokenHash string) (kyc.ConsoleSession, error) {
	return readConsoleSession.one(ctx, db, sqlConsoleSession, "of this token", tokenHash)
}

// ConsoleSessionsOf lists where a person is signed in, oldest first.
func (db *DB) ConsoleSessionsOf(ctx context.Context, org, user kyc.ID) ([]kyc.ConsoleSession, error) {
	return readConsoleSession.all(ctx, db, sqlConsoleSessions, string(org), string(user))
}

// SetConsoleSeen notes when a console session was last used, without a new
// revision.
func (db *DB) SetConsoleSeen(ctx context.Context, id kyc.ID, at time.Time) error {
	var b Batch
	b.add(sqlConsoleSeen, nil, nil, micros(at), string(id), micros(at))
	if err := db.driver.Apply(ctx, &b); err != nil {
		return fmt.Errorf("noting the use of a console session: %w", err)
	}
	return nil
}

// SecondFactorOf finds a person's second factor, confirmed or not.
func (db *DB) SecondFactorOf(ctx context.Context, org, user kyc.ID) (kyc.SecondFactor, error) {
	return readSecondFactor.one(ctx, db, sqlSecondFactor, "of this user", string(org), string(user))
}

// SignInTries reads a count; a name nobody failed under has none.
func (db *DB) SignInTries(ctx context.Context, name string) (kyc.SignInTries, error) {
	out := kyc.SignInTries{Name: name}
	err := db.driver.Query(ctx, sqlTries, []any{name}, func(row Row) error {
		var failed, at int64
		if err := row.Scan(&failed, &at); err != nil {
			return err
		}
		out.Failed, out.At = int(failed), moment(at)
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("reading the tries of a sign-in: %w", err)
	}
	return out, nil
}

// CountSignIn writes a count if it is still as it was read. Errors: Stale when
// another try came in between.
func (db *DB) CountSignIn(ctx context.Context, was, now kyc.SignInTries) error {
	lost := kyc.Stale("the count of tries")
	var b Batch
	if was.At.IsZero() {
		b.add(sqlTriesNew, lost, nil, was.Name, int64(now.Failed), micros(now.At))
	} else {
		b.add(sqlTriesCount, lost, nil, int64(now.Failed), micros(now.At), was.Name, int64(was.Failed), micros(was.At))
	}
	return db.driver.Apply(ctx, &b)
}

// triesKept is how long a count is remembered.
const triesKept = 24 * time.Hour

// sweepConsole forgets sessions that are over and tries of yesterday.
func (db *DB) sweepConsole(ctx context.Context, now time.Time) error {
	var b Batch
	b.add(sqlConsoleSweep, nil, nil, micros(now))
	b.add(sqlTriesSweep, nil, nil, micros(now.Add(-triesKept)))
	if err := db.driver.Apply(ctx, &b); err != nil {
		return fmt.Errorf("sweeping the console's sessions: %w", err)
	}
	return nil
}

// undecided is the condition of the index review_case_waiting, word for word.
const undecided = "status NOT IN ('approved', 'rejected')"

func waitingOf(t kyc.Tenant, f kyc.WaitingFilter) *filter {
	q := of(t)
	q.and(undecided)
	status := make([]any, len(f.Status))
	for i, s := range f.Status {
		status[i] = string(s)
	}
	q.in("status", status)
	q.is("assigned_to", f.AssignedTo)
	if f.Unassigned {
		q.and("assigned_to = ''")
	}
	q.is("queue", f.Queue)
	q.notIn("queue", f.Beyond)
	q.is("reason_code", f.ReasonCode)
	if !f.DueBefore.IsZero() {
		q.and("due_at <= ?", micros(f.DueBefore))
	}
	return q
}

// WaitingCases are the undecided reviews, highest priority first, then the
// longest waiting, with the total. Page.After does not apply.
func (db *DB) WaitingCases(ctx context.Context, t kyc.Tenant, f kyc.WaitingFilter, p kyc.Page) ([]kyc.Case, int, error) {
	total, err := db.WaitingCount(ctx, t, f)
	if err != nil || total == 0 {
		return nil, total, err
	}
	q, args := waitingListing(t, f, p)
	found, err := readCase.gather(ctx, db, q, args, db.driver.Query, p.Damaged)
	return found, total, err
}

// waitingListing finds the page in the index first and then reads its rows.
func waitingListing(t kyc.Tenant, f kyc.WaitingFilter, p kyc.Page) (*SQL, []any) {
	const order = " ORDER BY priority DESC, entered_at, id"
	q := waitingOf(t, f)
	limit, offset := window(p)
	return onceSQL("SELECT " + readCase.columns + " FROM review_case WHERE id IN (SELECT id FROM review_case " + q.where() + order + " LIMIT ? OFFSET ?)" + order),
		append(q.args, limit, offset)
}

// WaitingCount is how many undecided reviews a filter leaves.
func (db *DB) WaitingCount(ctx context.Context, t kyc.Tenant, f kyc.WaitingFilter) (int, error) {
	var n int64
	q, args := waitingCount(t, f)
	err := db.driver.Query(ctx, q, args, func(row Row) error { return row.Scan(&n) })
	if err != nil {
		return 0, fmt.Errorf("counting waiting cases: %w", err)
	}
	return int(n), nil
}

func waitingCount(t kyc.Tenant, f kyc.WaitingFilter) (*SQL, []any) {
	q := waitingOf(t, f)
	if f.CountTo > 0 {
		return onceSQL("SELECT COUNT(*) FROM (SELECT 1 FROM review_case " + q.where() + " LIMIT ?) AS page"), append(q.args, int64(f.CountTo))
	}
	return onceSQL("SELECT COUNT(*) FROM review_case " + q.where()), q.args
}

// TriesName makes the name of a count from what is tried: a keyed hash, so that
// the table tells nobody whose account or address it was.
func (db *DB) TriesName(ctx context.Context, kind, value string) (string, error) {
	return db.Blind(ctx, kyc.Tenant{}, "sign_in:"+kind, strings.ToLower(value))
}
