// Package intake is the machine of surface B: checklists of named
// verifications, the sessions that walk them, and what is handed in for each
// step (api.md 4.4 to 4.6, seed 001 on fraud analysis). A session of this
// surface is a kyc.Session and a kyc.Journey with the same ID; both change in
// one commit.
//
// Workflows belong to the live environment of an organisation alone, and
// sandbox sessions run them all the same (kyc.Session.PolicyTenant); sessions,
// files and exams belong to the environment of the credential.
//
// A submission is judged in three movements. First the session is read and the
// body checked, then the step's checks are asked, which may take as long as a
// network takes, and last one commit writes the files, the exams, the step and
// what follows from it. Nothing is open in between: whoever submitted the same
// step first wins, and the other one gets 409 without a used attempt.
//
// After its last step the session is handed to the engine in the same commit.
// The engine asks the same checks again from their exams and decides; what
// this room saw happen in the steps (attempts, a failed escalation, a refused
// consent) reaches it as SessionData.Established, and a step that failed here
// can never lead to an approval there.
//
// How to extend it: a new step has its body in body.go, a file with its work,
// and a case in perform. Events are kept for ever and in the clear: nothing a
// person wrote and nothing read from a document goes into one.
package intake
