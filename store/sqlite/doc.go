// Package sqlite keeps the store in one SQLite file that one process owns.
//
// There is one connection for writing. A writer goroutine takes all waiting
// commits (up to 256), runs them in one BEGIN IMMEDIATE … COMMIT and answers
// all of them, so that the disk is asked to sync once for many; if one of
// them fails, the group is run again with a savepoint around each. Reads have
// connections of their own and never wait for a write.
package sqlite
