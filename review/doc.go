// Package review is the reviewer's side of the story: cases, the queue and its
// claims, escalation, notes, corrections, and the decision with its reason,
// under dual review by two different people.
//
// A decision moves the session, the person's status and the case in one
// kyc.Change, together with the events of all three; so no reader ever sees a
// decided case with an undecided session.
//
// How to extend it: a new thing a reviewer can do is a method of Desk in a
// file of its noun. It goes through Desk.change, which checks the revision and
// keeps the claim alive, and names its audit event.
package review
