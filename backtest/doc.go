// Package backtest tries a version of a workflow on what past sessions
// recorded (api.md 6.8, D13): which decisions would change, how that compares
// with what reviewers said in the end, and for which sessions the record does
// not tell. No provider is asked, nothing of the sessions changes, and nobody
// outside is told.
//
// One session is told again by engine.Retell, which is pure; this room chooses
// the sessions, counts, and keeps what was found. A backtest is an object in
// the store that grows by a page of sessions with each commit. Whoever began it
// goes on for as long as a caller can wait; then, and when that process dies, a
// job of any node does, from where it stands. What is counted of each session
// does not depend on who does it, so the same backtest gives the same answer.
package backtest
