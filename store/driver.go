package store

import (
	"context"

	"bonafide/audit"
	"bonafide/job"
	"bonafide/kyc"
)

// Driver is what differs between the databases. Arguments are string, int64,
// []byte or nil; times are microseconds since 1970 in UTC.
type Driver interface {
	// Apply runs a batch in one transaction or not at all.
	Apply(ctx context.Context, b *Batch) error
	// Query reads committed rows. each must not query again.
	Query(ctx context.Context, q *SQL, args []any, each func(Row) error) error
	// Change runs one writing statement that returns rows.
	Change(ctx context.Context, q *SQL, args []any, each func(Row) error) error
	// Seal brings stored events into the chain where Apply does not.
	Seal(ctx context.Context) error
	// SoleOwner is true when no other process can write to this database.
	SoleOwner() bool
	Work(ctx context.Context, handlers map[string]job.Handler, o job.Options) error
	Ping(ctx context.Context) error
	SchemaVersion(ctx context.Context) (int64, error)
	Backup(ctx context.Context, path string) error
	// Raw makes the yardstick of the benchmark.
	Raw(ctx context.Context, t kyc.Tenant, s RawSizes) (RawBench, error)
	Close() error
}

// Row is one row of an answer.
type Row interface {
	Scan(dest ...any) error
}

// Batch is a planned transaction.
type Batch struct {
	Statements []Statement
	// Entries are the statements that insert events, in order.
	Entries []Entry
	Jobs    []kyc.Job
	// Ordered says that a statement looks at the row of one before it, so
	// that they must not be merged.
	Ordered bool
	// Looks says that this records who read something and changes nothing; see
	// kyc.Change.OnlyLooks. Apply may answer once a crash of the program cannot
	// lose it, before the disk has it.
	Looks bool
}

// Statement is one planned write.
type Statement struct {
	SQL  *SQL
	Args []any
	// Zero is the error when no row was affected; nil allows that.
	Zero error
	// Taken is the error when a unique value exists already.
	Taken error
}

// Entry says which statement inserts an event. Where one process writes, its
// last three arguments are sequence, previous hash and hash; Apply fills them.
type Entry struct {
	Statement int
	Org       kyc.ID
	Draft     audit.Draft
}

// add plans one write.
func (b *Batch) add(q *SQL, zero, taken error, args ...any) {
	b.Statements = append(b.Statements, Statement{SQL: q, Args: args, Zero: zero, Taken: taken})
}
