// Package capture is the applicant's pages: one way through for the sessions of
// every surface that has applicants.
//
// A page never decides what is asked for or allowed. It shows a [Story], which a
// [Desk] tells about the session behind the link, and hands what the applicant
// does back to the Desk, which is the same code that answers the public API. So
// nothing can be done here that the API would refuse (api.md 3.8).
//
// Every page is an ordinary form and works without scripts; the camera and the
// liveness challenge need them, and each camera page has a file field beside it
// where the workflow permits one. Addresses carry the token and the step, never
// anything about the person.
package capture
