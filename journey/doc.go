// Package journey is the machine of surface A: onboarding workflows made of
// ordered steps, the sessions that walk them, and what applicants do in them
// (api.md section 3). A session of this surface is a kyc.Session and a
// kyc.Journey with the same ID; both change in one commit.
//
// The room has two halves. The back office (workflows, sessions, links,
// status, corrections, processing, results, history) takes a tenant and an
// actor, as the session room does. The applicant's side takes an access token.
// Both read a session with load and write it with save, and finish.go alone
// decides what follows once the last visible step is done.
//
// Versions are pinned when a session is created (edition decision X4). The
// engine, the review desk, the checks and the mailer are siblings; they come in
// through Deps, in the words of kyc.
//
// How to extend it: a new thing somebody can do is a method of Machine in a
// file of its noun. It loads, checks the state with Session.Move, changes what
// it found, adds its events with tell, and calls save once. It never reads
// after save, because the commit may be a kyc.Unit that is written later.
// Events are kept for ever and in the clear: nothing a person wrote and
// nothing read from a document goes into one; Enrich adds the form's data when
// a message is sent (docs/decisions/0009).
package journey
