// Package steps is surface A: onboarding workflows made of ordered steps, the
// sessions that walk them, and the applicant's side of those sessions under
// /public/sessions/{access_token} (api.md section 3, seeds 000 and 004). It
// translates and does nothing else: every rule lives in the journey machine
// and in the onboarding room.
//
// Answers are plain objects without an envelope, lists are
// {items,count,cursor,has_more,next_cursor}, errors are the porch's problem
// documents, where 422 becomes 400 (edition decisions E2 and E3).
//
// To add a route: an Operation and a handler in the file of its noun, a doc
// tag on each field, and a call in the surface's list in steps.go. What an
// applicant may read is built from journey.State and onboarding.Public alone;
// leak_test.go walks every public answer.
package steps
