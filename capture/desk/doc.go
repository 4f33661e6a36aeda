// Package desk is the applicant's side of the surfaces whose sessions are not
// steps of an onboarding: each type fills capture.Desk by calling what the
// public API of its surface calls, so that the pages can do nothing that the API
// refuses. A new surface is a new file here and one line in wire_capture.go.
package desk
