// Package store is the only door to disk. It keeps every object of kyc, the
// inputs of runs, the audit chain, the outbox, the queue and the encrypted
// files, and it commits a kyc.Change in one transaction or not at all.
//
// What the two databases have in common is here: codecs, encryption, filters,
// the audit chain, idempotency. What differs is behind Driver, with one
// implementation in store/sqlite and one in store/postgres; they open a DB.
// storetest is the list of promises that both must keep.
//
// What belongs to a session says so with kind.of, so that retention can keep it
// from being read, and is named among the statements of retention.go, so that it
// is destroyed with the session; a test asks the schema for what was forgotten.
//
// To keep a new object: give it a table in both migrations folders, a kind in
// kinds.go with its indexed columns, and a reading method; personal data goes
// into a json:"-" field, which encode.go seals and readers.go opens. What is
// evidence is a written kind: it takes no second revision.
package store
