package store

import (
	"context"
	"strings"

	"bonafide/kyc"
)

// RawBench is the yardstick of `bonafide bench engine`: the writes of one
// six-node session, by hand, on the same tables and indexes and with rows of
// the same size, folded into four commits: (1) session, run, first input and
// event, (2, 3) input and run, (4) input, run, session, last event and one
// delivery when the tenant has an endpoint. Nothing is encoded, encrypted,
// hashed or looked up; on SQLite concurrent commits share a transaction, on
// PostgreSQL each commit is one statement and one round trip.
type RawBench interface {
	// Execute does the writes of session n; it may be called concurrently.
	Execute(ctx context.Context, n int) error
	Close() error
}

// RawSizes are the bytes of a row's parts; zero takes the usual size of the
// engine's own rows.
type RawSizes struct {
	Session, Private, Run, Input, Event int
}

// filled replaces zeros.
func (s RawSizes) filled() RawSizes {
	for _, f := range []struct {
		size  *int
		usual int
	}{{&s.Session, 306}, {&s.Private, 111}, {&s.Run, 475}, {&s.Input, 468}, {&s.Event, 480}} {
		if *f.size == 0 {
			*f.size = f.usual
		}
	}
	return s
}

// RawRows are rows of those sizes.
type RawRows struct {
	Session, Run, Event string
	Private, Input      []byte
	Hash                string
}

// Rows makes the rows once.
func (s RawSizes) Rows() RawRows {
	s = s.filled()
	doc := func(n int) string { return `{"x":"` + strings.Repeat("x", max(n-8, 0)) + `"}` }
	return RawRows{Session: doc(s.Session), Run: doc(s.Run), Event: doc(s.Event),
		Private: []byte(strings.Repeat("p", s.Private)), Input: []byte(strings.Repeat("i", s.Input)), Hash: strings.Repeat("0", 64)}
}

// Raw makes the loop for a tenant.
func (db *DB) Raw(ctx context.Context, t kyc.Tenant, s RawSizes) (RawBench, error) {
	return db.driver.Raw(ctx, t, s)
}
