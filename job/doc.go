// Package job is work that survives a restart: our words around River
// (github.com/riverqueue/river), which stores, schedules, retries and rescues
// jobs on SQLite and on PostgreSQL alike. The room knows nothing of identity.
//
// A machine leaves a kyc.Job in a kyc.Change; the store inserts it in the
// same transaction through Queue.InsertTx. Whoever works the queue gives Run
// a Handler for each kind. A new kind needs nothing here: name it where it is
// left and where it is handled.
package job
