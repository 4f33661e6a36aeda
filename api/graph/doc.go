// Package graph is surface D, the graph workflow engine's dialect
// (/api/v1/…): workflows as graphs of nodes, sessions that run them, cases,
// customers' lists, webhook endpoints, settings and the audit chain. It
// translates requests into the words of the machines (session, review,
// webhook, engine) and their answers back, and decides nothing itself.
//
// To add an endpoint: its types with doc tags in the types file of its noun,
// one api.Handle in the routes file of its noun, a test over HTTP. A new noun
// gets a line in Mount.
package graph
