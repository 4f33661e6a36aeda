// Package session is the applicant's side of the story: sessions with their
// capture links, uploads, submission, redaction and export; the workflows they
// run (versions, publication, rollout, defaults); and the customer's own
// lists. It decides with pure functions (flow) and hands one kyc.Change with
// the events it causes to the store; the engine walks the graph.
//
// How to extend it: a new thing an applicant can do is a method of Sessions in
// a file of its noun. It reads, checks the state with Session.Move, touches
// what it changes and commits once. It answers with the objects in memory and
// never reads after a commit, because the commit may be a kyc.Unit that is
// written later, together with the answer.
package session
