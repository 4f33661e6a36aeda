package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bonafide/kyc"
)

var (
	sqlTallyAdd = NewSQL(`INSERT INTO tally (org_id, env, day, measure, name, label, upto, n, ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (org_id, env, day, measure, name, label, upto) DO UPDATE SET n = tally.n + excluded.n, ms = tally.ms + excluded.ms`)
	sqlTallies = NewSQL(`SELECT day, measure, name, label, upto, n, ms FROM tally WHERE org_id = ? AND env = ? AND day >= ? AND day < ? AND measure NOT IN ('run', 'node', 'move') ORDER BY day, measure, name, label, upto`)

	sqlTalliesNamed = NewSQL(`SELECT day, measure, name, label, upto, n, ms FROM tally WHERE org_id = ? AND env = ? AND day >= ? AND day < ? AND measure IN ('run', 'node', 'move') AND substr(name, 1, ?) = ? ORDER BY day, measure, name, label, upto`)

	sqlSessionFacts = NewSQL(`SELECT id, surface, workflow_id, status, created_at, doc FROM session WHERE org_id = ? AND env = ? AND created_at >= ? AND created_at < ? ORDER BY created_at`)
	sqlJourneyFacts = NewSQL(`SELECT journey.id, journey.doc FROM journey JOIN session ON session.id = journey.id
		WHERE session.org_id = ? AND session.env = ? AND session.created_at >= ? AND session.created_at < ? AND journey.org_id || '' = session.org_id AND journey.env || '' = session.env ORDER BY session.created_at`)
	sqlCaseFacts = NewSQL(`SELECT status, queue, assigned_to, entered_at, doc FROM review_case WHERE org_id = ? AND env = ? AND entered_at >= ? AND entered_at < ? ORDER BY entered_at`)
)

// AddTallies adds to what was counted; a row that is not there begins at zero.
func (db *DB) AddTallies(ctx context.Context, t kyc.Tenant, list []kyc.Tally) error {
	if len(list) == 0 {
		return nil
	}
	var b Batch
	for _, x := range list {
		b.add(sqlTallyAdd, nil, nil, string(t.Org), string(t.Env), micros(x.Day), x.Measure, x.Name, x.Label, x.Upto, x.N, x.MS)
	}
	b.Ordered = true // two of one row must not stand in one statement
	if err := db.driver.Apply(ctx, &b); err != nil {
		return fmt.Errorf("adding to tallies: %w", err)
	}
	return nil
}

// Tallies are the counts of the days from one time to another (exclusive), in
// the order of their days, without those of the ways of runs (WalkTallies).
func (db *DB) Tallies(ctx context.Context, t kyc.Tenant, from, to time.Time) ([]kyc.Tally, error) {
	return db.tallies(ctx, sqlTallies, string(t.Org), string(t.Env), micros(from), micros(to))
}

// WalkTallies are the counts of runs, nodes and moves of one workflow, whose
// name begins with its id and a slash.
func (db *DB) WalkTallies(ctx context.Context, t kyc.Tenant, workflow kyc.ID, from, to time.Time) ([]kyc.Tally, error) {
	return db.tallies(ctx, sqlTalliesNamed, string(t.Org), string(t.Env), micros(from), micros(to), int64(len(workflow)+1), string(workflow)+"/")
}

func (db *DB) tallies(ctx context.Context, q *SQL, args ...any) ([]kyc.Tally, error) {
	var out []kyc.Tally
	err := db.driver.Query(ctx, q, args, func(row Row) error {
		var x kyc.Tally
		var day int64
		if err := row.Scan(&day, &x.Measure, &x.Name, &x.Label, &x.Upto, &x.N, &x.MS); err != nil {
			return err
		}
		x.Day = moment(day)
		out = append(out, x)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading tallies: %w", err)
	}
	return out, nil
}

// EachSessionFact goes through the sessions that were made from one time to
// another (exclusive), in that order, and reads nothing personal. each must
// not ask the store.
func (db *DB) EachSessionFact(ctx context.Context, t kyc.Tenant, from, to time.Time, each func(kyc.SessionFact) error) error {
	err := db.driver.Query(ctx, sqlSessionFacts, []any{string(t.Org), string(t.Env), micros(from), micros(to)}, func(row Row) error {
		var f kyc.SessionFact
		var created int64
		var doc []byte
		if err := row.Scan((*string)(&f.ID), (*string)(&f.Surface), (*string)(&f.WorkflowID), (*string)(&f.Status), &created, &doc); err != nil {
			return err
		}
		var d struct {
			Result      kyc.Outcome `json:"result"`
			ReasonCode  string      `json:"reason_code"`
			TokenUsedAt time.Time   `json:"token_used_at"`
			SubmittedAt time.Time   `json:"submitted_at"`
			CompletedAt time.Time   `json:"completed_at"`
		}
		if err := json.Unmarshal(doc, &d); err != nil {
			return fmt.Errorf("session %s: %w", f.ID, err)
		}
		f.CreatedAt, f.Result, f.ReasonCode = moment(created), d.Result, d.ReasonCode
		f.OpenedAt, f.SubmittedAt, f.CompletedAt = d.TokenUsedAt, d.SubmittedAt, d.CompletedAt
		return each(f)
	})
	if err != nil {
		return fmt.Errorf("going through sessions: %w", err)
	}
	return nil
}

// EachJourneyFact goes through the steps of the sessions that were made from
// one time to another (exclusive).
func (db *DB) EachJourneyFact(ctx context.Context, t kyc.Tenant, from, to time.Time, each func(kyc.JourneyFact) error) error {
	err := db.driver.Query(ctx, sqlJourneyFacts, []any{string(t.Org), string(t.Env), micros(from), micros(to)}, func(row Row) error {
		var f kyc.JourneyFact
		var doc []byte
		if err := row.Scan((*string)(&f.SessionID), &doc); err != nil {
			return err
		}
		var d struct {
			Steps []kyc.StepState `json:"steps"`
		}
		if err := json.Unmarshal(doc, &d); err != nil {
			return fmt.Errorf("journey %s: %w", f.SessionID, err)
		}
		f.Steps = d.Steps
		return each(f)
	})
	if err != nil {
		return fmt.Errorf("going through journeys: %w", err)
	}
	return nil
}

// EachCaseFact goes through the reviews that began from one time to another
// (exclusive), without what people wrote.
func (db *DB) EachCaseFact(ctx context.Context, t kyc.Tenant, from, to time.Time, each func(kyc.CaseFact) error) error {
	err := db.driver.Query(ctx, sqlCaseFacts, []any{string(t.Org), string(t.Env), micros(from), micros(to)}, func(row Row) error {
		var f kyc.CaseFact
		var entered int64
		var doc []byte
		if err := row.Scan((*string)(&f.Status), &f.Queue, &f.AssignedTo, &entered, &doc); err != nil {
			return err
		}
		var d struct {
			First    *kyc.CaseDecision `json:"first"`
			Decision *kyc.CaseDecision `json:"decision"`
		}
		if err := json.Unmarshal(doc, &d); err != nil {
			return err
		}
		f.EnteredAt, f.First, f.Last = moment(entered), d.First, d.Decision
		return each(f)
	})
	if err != nil {
		return fmt.Errorf("going through cases: %w", err)
	}
	return nil
}

// sqlAlike finds people who share a blind index with a person. Both sides name
// the tenant, so that each look stays within one index.
var sqlAlike = NewSQL(`SELECT DISTINCT other.kind, other.subject_id FROM trait mine JOIN trait other
	ON other.org_id = mine.org_id AND other.env = mine.env AND other.kind = mine.kind AND other.hash = mine.hash
	WHERE mine.org_id = ? AND mine.env = ? AND mine.subject_id = ? AND other.org_id = ? AND other.env = ? AND other.subject_id <> ? AND other.subject_id <> '' ORDER BY other.subject_id, other.kind LIMIT ?`)

// alikeLimit is how many shared marks of a person are read: enough to show that
// something is shared with very many.
const alikeLimit = 100

// Alike are the people who share a blind index with a person: of each, the
// kinds that are shared. The hashes are left out; erased people have none.
func (db *DB) Alike(ctx context.Context, t kyc.Tenant, subject kyc.ID) ([]kyc.Trait, error) {
	var out []kyc.Trait
	org, env := string(t.Org), string(t.Env)
	err := db.driver.Query(ctx, sqlAlike, []any{org, env, string(subject), org, env, string(subject), int64(alikeLimit)}, func(row Row) error {
		var x kyc.Trait
		err := row.Scan(&x.Kind, (*string)(&x.SubjectID))
		out = append(out, x)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for similar people: %w", err)
	}
	return out, nil
}
