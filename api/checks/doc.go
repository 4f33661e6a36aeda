// Package checks is surface B: ordered checks under /v1 (api.md section 4,
// seed 001). It translates between HTTP and the checklist and intake rooms and
// decides nothing.
//
// Ids are bare UUIDs. Errors are RFC 9457 problems (edition decision E3), with
// 400 for whatever is wrong with a body. Keys of session bodies may be in
// camelCase or snake_case. What a workflow or a submission gets wrong is told
// by the rooms below, all at once and in their own codes; the schemas here
// describe those bodies and take anything.
//
// To add an operation: a route in the file of its resource, a doc tag on each
// field, a line in docs_test.go, and a call in flow_test.go.
package checks
