package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bonafide/kyc"
)

var (
	sqlRun  = readRun.query(byID)
	sqlRuns = readRun.query("WHERE org_id = ? AND env = ? AND session_id = ? ORDER BY id DESC")
	// What is kept of the session is read with the inputs: another question
	// between the run and its inputs would let it move on meanwhile.
	sqlInputs = NewSQL(`SELECT seq, subject_id, kind, node, attempt, at, state_hash, secret,` +
		` COALESCE((SELECT s.kept FROM run r JOIN session s ON s.id = r.session_id WHERE r.id = ?), 0)` +
		` FROM run_input WHERE run_id = ? AND org_id = ? AND env = ? ORDER BY seq`)

	sqlClaimRuns = NewSQLPair(
		`UPDATE run SET due_at = ?, lease_owner = ? WHERE id IN (SELECT id FROM run WHERE due_at > 0 AND due_at <= ? AND status IN ('pending', 'running', 'paused') ORDER BY due_at LIMIT ?) RETURNING id, org_id, env`,
		`UPDATE run SET due_at = ?, lease_owner = ? WHERE id IN (SELECT id FROM run WHERE due_at > 0 AND due_at <= ? AND status IN ('pending', 'running', 'paused') ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING id, org_id, env`)
	sqlExtendLease  = NewSQL(`UPDATE run SET due_at = ? WHERE id = ? AND org_id || '' = ? AND env || '' = ? AND lease_owner = ? AND due_at > 0`)
	sqlReleaseLease = NewSQL(`UPDATE run SET due_at = ?, lease_owner = '' WHERE id = ? AND org_id || '' = ? AND env || '' = ? AND lease_owner = ? AND due_at > 0`)
)

// Run finds a run, with its lease as it stands.
func (db *DB) Run(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error) {
	return readRun.one(ctx, db, sqlRun, string(id), string(t.Org), string(t.Env), string(id))
}

// Runs lists the runs of a session, newest first.
func (db *DB) Runs(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Run, error) {
	return readRun.all(ctx, db, sqlRuns, string(t.Org), string(t.Env), string(session))
}

// Inputs gives what a run acted on, in order. After the subject was erased, or
// its session withheld, the answer is the error `erased`; what was damaged on
// disk is `sealed_broken`.
func (db *DB) Inputs(ctx context.Context, t kyc.Tenant, run kyc.ID) ([]kyc.Input, error) {
	var all []kyc.Input
	var kept kyc.Keeping
	err := db.driver.Query(ctx, sqlInputs, []any{string(run), string(run), string(t.Org), string(t.Env)}, func(row Row) error {
		in := kyc.Input{Tenant: t, RunID: run}
		var at, attempt int64
		var secret []byte
		if err := row.Scan(&in.Seq, (*string)(&in.SubjectID), &in.Kind, &in.Node, &attempt, &at, &in.StateHash, &secret, (*int64)(&kept)); err != nil {
			return err
		}
		in.Attempt, in.At, in.Data = int(attempt), moment(at), json.RawMessage(secret)
		all = append(all, in)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the inputs of a run: %w", err)
	}
	if err := refused(kept); err != nil {
		return nil, err
	}
	for i := range all {
		in := &all[i]
		if len(in.Data) == 1 && in.Data[0] == markErased {
			return nil, errErased()
		}
		k, err := db.keys.get(ctx, ownerKey(t, in.SubjectID))
		if err != nil {
			return nil, err
		}
		plain, err := k.decrypt(in.Data, inputPlace(run, in.Seq))
		if err != nil {
			return nil, errSealed(fmt.Errorf("opening input %d of a run: %w", in.Seq, err))
		}
		in.Data = nil
		if len(plain) > 0 {
			in.Data = plain
		}
	}
	return all, nil
}

// ClaimRuns takes up to limit runs of all tenants that are due, the longest
// overdue first, notes the owner and pushes each one lease ahead. Two nodes
// never get the same run for the same time. The revision stays as it is.
func (db *DB) ClaimRuns(ctx context.Context, owner string, now time.Time, lease time.Duration, limit int) ([]kyc.Lease, error) {
	until := now.Add(lease)
	var claimed []kyc.Lease
	err := db.driver.Change(ctx, sqlClaimRuns, []any{micros(until), owner, micros(now), int64(limit)}, func(row Row) error {
		l := kyc.Lease{Owner: owner, Until: moment(micros(until))}
		if err := row.Scan((*string)(&l.RunID), (*string)(&l.Tenant.Org), (*string)(&l.Tenant.Env)); err != nil {
			return err
		}
		claimed = append(claimed, l)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claiming runs: %w", err)
	}
	return claimed, nil
}

// ExtendLeases moves each lease to its Until, as long as its owner holds it.
func (db *DB) ExtendLeases(ctx context.Context, leases []kyc.Lease) error {
	return db.leases(ctx, leases, func(b *Batch, l kyc.Lease) {
		b.add(sqlExtendLease, nil, nil, micros(l.Until), string(l.RunID), string(l.Tenant.Org), string(l.Tenant.Env), l.Owner)
	})
}

// ReleaseLeases gives runs back: they are due at once for anybody.
func (db *DB) ReleaseLeases(ctx context.Context, leases []kyc.Lease) error {
	now := micros(db.clock.Now())
	return db.leases(ctx, leases, func(b *Batch, l kyc.Lease) {
		b.add(sqlReleaseLease, nil, nil, now, string(l.RunID), string(l.Tenant.Org), string(l.Tenant.Env), l.Owner)
	})
}

func (db *DB) leases(ctx context.Context, leases []kyc.Lease, add func(*Batch, kyc.Lease)) error {
	if len(leases) == 0 {
		return nil
	}
	var b Batch
	for _, l := range leases {
		add(&b, l)
	}
	if err := db.driver.Apply(ctx, &b); err != nil {
		return fmt.Errorf("changing leases: %w", err)
	}
	return nil
}
